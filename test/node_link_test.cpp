#define CAF_SUITE node_link

// Nodes as actor systems of this process, linked by real TCP on 127.0.0.1.

#include "nodes/node_link.hpp"

#include "io/certificates/certificate_folder.hpp"
#include "io/local_servers/ports.hpp"
#include "messages/errc.hpp"
#include "messages/setup.hpp"
#include "nodes/process.hpp"

#include "caf/test/unit_test.hpp"

#include <caf/all.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/io/basp/header.hpp>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

using namespace tickerflow;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_contains(const std::string& text, const std::string& part) {
  if (!contains(text, part))
    CAF_MESSAGE("\"" << part << "\" is not in: " << text);
  CAF_CHECK(contains(text, part));
}

std::string read(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// What a master publishes, without a cluster behind it.
coordinator_actor::behavior_type
lonely_coordinator(coordinator_actor::pointer) {
  return {
      [](register_atom, const node_spec&, const node_report&,
         node_actor) -> caf::result<std::int64_t, quota_actor> {
        return caf::make_error(errc::bad_request);
      },
      [](beat_atom, const node_report&) {
        return beat_answer{1, true};
      },
      [](revoked_atom, const shard_loss&) {},
      [](lost_atom, const shard_loss&) {},
      [](leave_atom, const std::string&) { return true; },
      [](drain_atom, const std::string&, bool) { return std::int32_t{0}; },
      [](rebalance_atom, const move_question&) {
        return std::vector<planned_move>{};
      },
      [](nodes_atom) { return std::vector<registered_node>{}; },
      [](moves_atom) { return move_log{}; },
      [](pause_atom, const std::string&, bool) { return false; },
      [](masters_atom, const std::vector<master_status>&) {},
      [](tick_atom) {},
      [](status_atom) {
        cluster_status result;
        result.version = "test";
        return result;
      },
  };
}

/// One process' worth: system and link.
struct node {
  /// @param protocol of its messages
  explicit node(const settings& x, int protocol = node_protocol)
      : config{x}, system{of_protocol(config, protocol)}, link{system},
        self{system} {}

  static node_config& of_protocol(node_config& x, int protocol) {
    x.set("middleman.app-identifiers",
          std::vector<std::string>{protocol_name + std::to_string(protocol)});
    return x;
  }

  /// Listens as a master.
  std::uint16_t serve(std::uint16_t port = 0) {
    leader = system.spawn(lonely_coordinator);
    auto result = link.publish(leader, {"127.0.0.1", port});
    CAF_REQUIRE(result);
    return *result;
  }

  /// @returns why there is no connection; empty if there is one
  std::string connect(std::uint16_t port) {
    std::string result;
    self->request(link.connector(), 20s, caf::connect_atom_v,
                  std::string{"127.0.0.1"}, port)
        .receive(
            [&](const caf::node_id&, const caf::strong_actor_ptr& found,
                const std::set<std::string>&) {
              peer = caf::actor_cast<coordinator_actor>(found);
            },
            [&](const caf::error& reason) {
              CAF_CHECK(reason == errc::unavailable);
              result = text_of(reason);
            });
    return result;
  }

  /// The same as a worker does it, again and again: on a busy machine a
  /// greeting can come too late.
  std::string join(std::uint16_t port) {
    auto result = connect(port);
    for (int i = 0; i < 20 && !result.empty(); ++i)
      result = connect(port);
    return result;
  }

  /// Asks the connected master.
  bool answers() {
    bool result = false;
    self->request(peer, 10s, status_atom_v)
        .receive([&](const cluster_status& x) { result = x.version == "test"; },
                 [&](const caf::error& reason) {
                   CAF_MESSAGE("no answer: " << system.render(reason));
                 });
    return result;
  }

  ~node() { caf::anon_send_exit(leader, caf::exit_reason::kill); }

  node_config config;
  caf::actor_system system;
  node_link link;
  caf::scoped_actor self;
  coordinator_actor leader;
  coordinator_actor peer;
};

/// A client that is no node.
class stranger {
public:
  explicit stranger(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    connected_ =
        ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }

  stranger(stranger&& x) noexcept
      : socket_(std::exchange(x.socket_, -1)), connected_(x.connected_) {}

  ~stranger() {
    if (socket_ >= 0)
      ::close(socket_);
  }

  bool connected() const { return connected_; }

  void say(const std::string& bytes) {
    // It may be sent away in the midst of it.
    static_cast<void>(
        ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }

  /// @returns whether it is closed by the other side, within ten seconds
  bool sent_away() {
    char buffer[4096];
    for (;;) {
      auto n = ::recv(socket_, buffer, sizeof buffer, 0);
      if (n <= 0)
        return n == 0 || errno == ECONNRESET;
    }
  }

  /// @returns the same, without waiting
  bool sent_away_already() {
    char byte = 0;
    auto n = ::recv(socket_, &byte, 1, MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno == ECONNRESET);
  }

private:
  int socket_;
  bool connected_ = false;
};

/// A port where the kernel takes connections and nobody greets.
class silent_port {
public:
  explicit silent_port(int backlog)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(socket_, backlog);
    socklen_t size = sizeof at;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }

  ~silent_port() { ::close(socket_); }

  std::uint16_t port() const { return port_; }

private:
  int socket_;
  std::uint16_t port_ = 0;
};

/// @returns the most address space that this process ever had
long most_memory_kb() {
  std::ifstream file{"/proc/self/status"};
  for (std::string word; file >> word;)
    if (word == "VmPeak:") {
      long result = 0;
      file >> result;
      return result;
    }
  return 0;
}

/// A header that announces 4 GiB, as a node's greeting begins.
std::string huge_greeting() {
  caf::io::basp::header header{
      caf::io::basp::message_type::client_handshake, 0, 0xFFFFFFFF, 0, 0, 0};
  std::vector<char> bytes;
  caf::binary_serializer to{nullptr, bytes};
  CAF_REQUIRE(!to(header));
  return {bytes.data(), bytes.size()};
}

std::vector<std::string> rubbish() {
  std::mt19937 random{20201102};
  std::vector<std::string> result{
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      std::string{"\x16\x03\x01", 3},                 // the start of TLS
      std::string{"\x16\x03\x01\x00\x05hello", 10},   // and nonsense in it
      std::string{"\x03\x00\x00\x13\x0e\xe0\0\0", 8}, // remote desktop
      std::string(5000, '\0'),
      huge_greeting(),
  };
  for (int i = 0; i < 100; ++i) {
    std::string bytes(1 + random() % 2000, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    bytes[0] = static_cast<char>(random() % 8); // looks like a header
    result.push_back(bytes);
  }
  return result;
}

struct fixture {
  fixture() {
    char name[] = "/tmp/tickerflow_node_link_XXXXXX";
    folder = ::mkdtemp(name);
  }

  ~fixture() { std::filesystem::remove_all(folder); }

  settings plain() const {
    settings x;
    x.cluster.beat_interval = 2s;
    x.cluster.dead_after = 5s;
    x.cluster.listen = {"127.0.0.1", 4711};
    return x;
  }

  /// A node with a certificate of the authority of this name.
  settings encrypted(const std::string& authority) {
    auto from = certificate_folder::open((folder / authority).string());
    CAF_REQUIRE(from);
    auto files =
        from->issue({"node-" + std::to_string(++count), {}, 90}, false);
    CAF_REQUIRE(files);
    auto x = plain();
    x.cluster.tls_cert = files->certificate;
    x.cluster.tls_key = files->key;
    x.cluster.tls_ca = files->authority;
    CAF_REQUIRE(!link_fault(x));
    CAF_CHECK(x.notes.empty());
    return x;
  }

  /// Trusts a second authority as well.
  void trust(settings& x, const settings& other) {
    auto both = (folder / ("both-" + std::to_string(++count))).string();
    std::ofstream{both} << read(x.cluster.tls_ca) << read(other.cluster.tls_ca);
    x.cluster.tls_ca = both;
    CAF_REQUIRE(!link_fault(x));
  }

  /// A worker that is linked stays linked whatever strangers send.
  void withstand_strangers(const settings& x) {
    node master{x};
    auto port = master.serve();
    node worker{x};
    CAF_REQUIRE_EQUAL(worker.join(port), "");
    worker.self->monitor(worker.peer);
    for (auto& bytes : rubbish()) {
      stranger y{port};
      CAF_REQUIRE(y.connected());
      y.say(bytes);
      // Some go at once, others are shown the door. (What looks like the start
      // of a TLS record is waited for.)
      if (bytes.size() >= 24 && bytes.size() % 2 == 0
          && x.cluster.tls_cert.empty())
        CAF_CHECK(y.sent_away());
      CAF_REQUIRE(worker.answers());
    }
    // A node that goes without a word, as a killed one does.
    for (int i = 0; i < 5; ++i) {
      {
        node brief{x};
        CAF_CHECK_EQUAL(brief.join(port), "");
      }
      CAF_REQUIRE(worker.answers());
    }
    auto down = false;
    worker.self->receive([&](const caf::down_msg&) { down = true; },
                         caf::after(0s) >> [] {});
    CAF_CHECK(!down);
    node late{x};
    CAF_CHECK_EQUAL(late.join(port), "");
    CAF_CHECK(late.answers());
  }

  std::filesystem::path folder;
  int count = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(node_link_tests, fixture)

CAF_TEST(nodes without certificates are linked) {
  node master{plain()};
  auto port = master.serve();
  node worker{plain()};
  CAF_CHECK_EQUAL(worker.join(port), "");
  CAF_CHECK(worker.answers());
}

CAF_TEST(nodes with certificates of one authority are linked) {
  node master{encrypted("a")};
  auto port = master.serve();
  node worker{encrypted("a")};
  CAF_CHECK_EQUAL(worker.join(port), "");
  CAF_CHECK(worker.answers());
  CAF_CHECK_EQUAL(master.join(port), ""); // a master that is its own worker
}

CAF_TEST(a worker does not trust a master of another authority) {
  node master{encrypted("a")};
  auto port = master.serve();
  node worker{encrypted("b")};
  auto reason = worker.connect(port);
  check_contains(reason, "the certificate of 127.0.0.1:");
  check_contains(reason, "is refused");
  check_contains(reason, "is it made by the authority in tls_ca");
}

CAF_TEST(a master refuses a worker of another authority) {
  auto ours = encrypted("a");
  node master{ours};
  auto port = master.serve();
  auto x = encrypted("b");
  trust(x, ours); // the worker would, but the master would not
  node worker{x};
  auto reason = worker.connect(port);
  check_contains(reason, "refuses this node's certificate");
  check_contains(reason, "unknown ca");
  node good{encrypted("a")};
  CAF_CHECK_EQUAL(good.join(port), "");
}

CAF_TEST(a worker without certificate is refused by a master with one) {
  node master{encrypted("a")};
  auto port = master.serve();
  node worker{plain()};
  auto reason = worker.connect(port);
  check_contains(reason, "are encrypted and this node has no certificate");
  check_contains(reason, "set tls_cert, tls_key and tls_ca");
}

CAF_TEST(a worker with certificate refuses a master without one) {
  node master{plain()};
  auto port = master.serve();
  node worker{encrypted("a")};
  check_contains(worker.connect(port), "are not encrypted");
}

CAF_TEST(a node of another version is told which of the two is the older) {
  for (auto& x : {plain(), encrypted("a")}) {
    node newer{x, node_protocol + 1};
    node older{x, node_protocol - 1};
    auto to_newer = newer.serve();
    auto to_older = older.serve();
    node worker{x};
    auto reason = worker.connect(to_newer);
    for (int i = 0; i < 20 && contains(reason, "greet"); ++i)
      reason = worker.connect(to_newer); // too late, on a busy machine
    check_contains(reason, "runs a newer version of Tickerflow");
    check_contains(reason, "upgrade this node");
    reason = worker.connect(to_older);
    for (int i = 0; i < 20 && contains(reason, "greet"); ++i)
      reason = worker.connect(to_older);
    check_contains(reason, "runs an older version of Tickerflow");
    check_contains(reason, "upgrade that node");
  }
}

CAF_TEST(strangers do not disturb a linked node without certificates) {
  withstand_strangers(plain());
}

CAF_TEST(strangers do not disturb a linked node with certificates) {
  withstand_strangers(encrypted("a"));
}

CAF_TEST(silent strangers take neither the processor nor all connections) {
  for (auto& x : {plain(), encrypted("a")}) {
    node master{x};
    auto port = master.serve();
    std::vector<stranger> strangers;
    for (int i = 0; i < 100; ++i)
      strangers.emplace_back(port);
    strangers.back().say(std::string{"\x16\x03\x01", 3});
    // No more than 64 are let wait; those that came first have to go.
    for (int i = 0; i < 36; ++i)
      CAF_CHECK(strangers[static_cast<size_t>(i)].sent_away());
    CAF_CHECK(!strangers.back().sent_away_already());
    auto before = std::clock();
    std::this_thread::sleep_for(1s);
    auto used_s = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    CAF_CHECK(used_s < 0.5); // a handshake that spins takes a whole core
    node worker{x};
    CAF_CHECK_EQUAL(worker.join(port), "");
    CAF_CHECK(worker.answers());
  }
}

CAF_TEST(a greeting of 4 GiB is not waited for) {
  node master{plain()};
  auto port = master.serve();
  auto before_kb = most_memory_kb();
  stranger x{port};
  x.say(huge_greeting());
  CAF_CHECK(x.sent_away());
  CAF_CHECK_LESS(most_memory_kb() - before_kb, 1024 * 1024);
}

CAF_TEST(a master that says nothing is told apart from one that is not there) {
  silent_port hung{16};
  node worker{encrypted("a")};
  check_contains(worker.connect(hung.port()), "says nothing");
  node other{plain()};
  check_contains(other.connect(hung.port()), "did not greet in time");
  check_contains(other.connect(free_port()), "nothing listens on 127.0.0.1");
}

CAF_TEST(a host that does not answer is given up) {
  // A full queue drops what comes, as a host that is gone does: the kernel
  // itself would try for two minutes.
  silent_port gone{0};
  std::vector<stranger> queue;
  std::vector<std::thread> waiting;
  for (int i = 0; i < 4; ++i)
    waiting.emplace_back([&] { stranger x{gone.port()}; });
  std::this_thread::sleep_for(200ms);
  node worker{plain()};
  check_contains(worker.connect(gone.port()), "no answer from 127.0.0.1");
  node master{plain()};
  CAF_CHECK_EQUAL(worker.join(master.serve()), "");
  for (auto& x : waiting)
    x.detach();
}

CAF_TEST(a port is free again after it was unpublished) {
  for (auto& x : {plain(), encrypted("a")}) {
    node master{x};
    auto port = master.serve();
    master.link.unpublish(master.leader, port);
    for (int i = 0; i < 500 && !port_is_free(port); ++i)
      std::this_thread::sleep_for(10ms); // closed by another thread
    CAF_CHECK(port_is_free(port));
    node successor{x};
    CAF_CHECK_EQUAL(successor.serve(port), port);
  }
}

CAF_TEST(certificate files can be replaced while nodes run) {
  auto x = encrypted("a");
  node master{x};
  auto port = master.serve();
  auto key = x.cluster.tls_key;
  std::filesystem::rename(key, key + ".away");
  {
    node worker{encrypted("a")};
    CAF_CHECK_NOT_EQUAL(worker.connect(port), "");
  }
  auto fresh = encrypted("a");
  std::filesystem::rename(fresh.cluster.tls_key, key);
  std::filesystem::rename(fresh.cluster.tls_cert, x.cluster.tls_cert);
  node worker{encrypted("a")};
  CAF_CHECK_EQUAL(worker.join(port), "");
  CAF_CHECK(worker.answers());
}

CAF_TEST(a certificate that ends within a month is noted) {
  auto from = certificate_folder::open((folder / "a").string());
  CAF_REQUIRE(from);
  auto files = from->issue({"w1", {}, 20}, false);
  CAF_REQUIRE(files);
  auto x = plain();
  x.cluster.tls_cert = files->certificate;
  x.cluster.tls_key = files->key;
  x.cluster.tls_ca = files->authority;
  CAF_CHECK(!link_fault(x));
  CAF_REQUIRE_EQUAL(x.notes.size(), 1u);
  check_contains(x.notes[0], "certs --force w1");
  x.cluster.tls_key = (folder / "none").string();
  auto fault = link_fault(x);
  CAF_REQUIRE(fault);
  check_contains(*fault, "tls_key");
}

CAF_TEST(a master without certificates listens to this machine only) {
  auto x = plain();
  for (auto host : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
    x.cluster.listen.host = host;
    CAF_CHECK(!listen_fault(x));
  }
  for (auto host : {"0.0.0.0", "::", "10.0.0.1", "fd00::1", "master.lan",
                    "127.0.0.1.example.com"}) {
    x.cluster.listen.host = host;
    auto fault = listen_fault(x);
    CAF_REQUIRE(fault);
    check_contains(*fault, host);
    check_contains(*fault, "insecure_links");
    x.cluster.insecure_links = true;
    CAF_CHECK(!listen_fault(x));
    x.cluster.insecure_links = false;
  }
  auto secure = encrypted("a");
  secure.cluster.listen.host = "0.0.0.0";
  CAF_CHECK(!listen_fault(secure));
}

CAF_TEST_FIXTURE_SCOPE_END()
