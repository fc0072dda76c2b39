#include "nodes/console/live.hpp"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <map>
#include <set>
#include <thread>

namespace tickerflow::console {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using text_ptr = std::shared_ptr<const std::string>;

constexpr std::size_t most_paths = 64;
constexpr std::size_t longest_path = 1000;
constexpr auto interval = 1s;
constexpr int renderers = 2;
/// Of the time of a thread, what one path may take: a tenth.
constexpr int rest_factor = 10;

struct client {
  caller who;
  std::weak_ptr<web_socket> socket;
  std::map<std::string, text_ptr> sent; // by path watched; null: nothing yet
};

struct watched_path {
  text_ptr text;
  steady::time_point due{};
  bool rendering = false;
};

/// @throws problem
std::set<std::string> paths_in(const std::string& message) {
  auto x = json::parse(message, nullptr, false);
  if (!x.is_object() || x.size() != 1 || !x.contains("watch")
      || !x["watch"].is_array())
    throw bad_request("a message has to be {\"watch\": [\"/api/v1/...\"]}");
  std::set<std::string> result;
  for (auto& path : x["watch"]) {
    if (!path.is_string())
      throw bad_request("watch has to be a list of paths");
    result.insert(path.get<std::string>());
    if (result.rbegin()->size() > longest_path
        || path.get_ref<const std::string&>().size() > longest_path)
      throw bad_request("a path has at most 1000 letters");
  }
  if (result.size() > most_paths)
    throw too_many("at most 64 paths can be watched at a time");
  return result;
}

} // namespace

struct live::implementation
    : std::enable_shared_from_this<live::implementation> {
  explicit implementation(live_options x) : options(std::move(x)) {}

  live_options options;
  std::mutex mutex; // of all below
  std::condition_variable changed;
  bool stopping = false;
  std::map<int, client> clients;
  std::map<std::string, watched_path> paths;
  steady::time_point checked{};
  int next_number = 0;
  std::vector<std::thread> threads;

  /// The text for those who watch a path, made without the lock.
  text_ptr render(const std::string& path) const {
    auto head =
        "{\"path\":"
        + json(path).dump(-1, ' ', false, json::error_handler_t::replace);
    auto question = path.find('?');
    try {
      auto reply = options.render(
          path.substr(0, question),
          question == path.npos ? "" : path.substr(question + 1));
      if (reply.content_type != "application/json")
        throw bad_request("only what answers JSON can be watched");
      return std::make_shared<const std::string>(
          head + ",\"data\":" + reply.body + '}');
    } catch (const problem& p) {
      return std::make_shared<const std::string>(
          head + ",\"error\":" + dumped(to_json(p)) + '}');
    } catch (const std::exception& e) {
      problem p{500, "about:blank", e.what()};
      return std::make_shared<const std::string>(
          head + ",\"error\":" + dumped(to_json(p)) + '}');
    }
  }

  /// Sends what a client has not got yet.
  static void send(client& to, const std::string& path, const text_ptr& text) {
    auto watched = to.sent.find(path);
    if (watched == to.sent.end() || watched->second == text)
      return;
    watched->second = text;
    if (auto socket = to.socket.lock())
      socket->send(path, text);
  }

  void run() {
    std::unique_lock lock{mutex};
    while (!stopping) {
      look_for_the_gone();
      auto now = steady::now();
      auto next = now + interval;
      auto path = paths.end();
      for (auto i = paths.begin(); i != paths.end(); ++i) {
        if (i->second.rendering)
          continue;
        next = std::min(next, i->second.due);
        if (i->second.due <= now
            && (path == paths.end() || i->second.due < path->second.due))
          path = i;
      }
      if (path == paths.end()) {
        if (clients.empty())
          changed.wait(lock);
        else
          changed.wait_until(lock, next);
        continue;
      }
      path->second.rendering = true;
      auto name = path->first;
      lock.unlock();
      auto text = render(name);
      auto took = steady::now() - now;
      lock.lock();
      finish(name, std::move(text), now, took);
    }
  }

  void finish(const std::string& name, text_ptr text, steady::time_point began,
              steady::duration took) {
    auto path = paths.find(name);
    if (path == paths.end())
      return; // nobody watches it any more
    auto& x = path->second;
    x.rendering = false;
    x.due = began + std::max<steady::duration>(interval, took * rest_factor);
    if (!x.text || *x.text != *text)
      x.text = std::move(text);
    for (auto& [number, to] : clients)
      send(to, name, x.text);
  }

  /// Once in a while: sessions end.
  void look_for_the_gone() {
    if (steady::now() - checked < interval)
      return;
    checked = steady::now();
    for (auto& [number, x] : clients)
      if (!options.still_in(x.who))
        if (auto socket = x.socket.lock())
          socket->close("the session has ended: log in again");
  }

  void watch(int number, std::set<std::string> wanted) {
    std::lock_guard guard{mutex};
    auto found = clients.find(number);
    if (found == clients.end())
      return;
    auto& x = found->second;
    x.sent.clear();
    for (auto& path : wanted) {
      x.sent[path];
      auto [place, is_new] = paths.try_emplace(path);
      if (!is_new && place->second.text)
        send(x, path, place->second.text);
    }
    forget_unwatched();
    changed.notify_all();
  }

  void forget_unwatched() {
    for (auto i = paths.begin(); i != paths.end();) {
      auto watched = false;
      for (auto& [number, x] : clients)
        watched = watched || x.sent.count(i->first) > 0;
      i = watched ? std::next(i) : paths.erase(i);
    }
  }

  int enter(const caller& who, const std::shared_ptr<web_socket>& socket) {
    std::lock_guard guard{mutex};
    auto& x = clients[++next_number];
    x.who = who;
    x.socket = socket;
    changed.notify_all();
    return next_number;
  }

  void leave(int number) {
    std::lock_guard guard{mutex};
    clients.erase(number);
    forget_unwatched();
  }
};

namespace {

/// One WebSocket.
template <class Live>
class live_user : public web_socket_user {
public:
  live_user(std::shared_ptr<Live> hub, caller who)
      : hub_(std::move(hub)), who_(std::move(who)) {}

  void opened(std::shared_ptr<web_socket> x) override {
    socket_ = x;
    number_ = hub_->enter(who_, x);
  }

  void received(const std::string& text) override {
    try {
      hub_->watch(number_, paths_in(text));
    } catch (const problem& p) {
      if (auto socket = socket_.lock())
        socket->send("", std::make_shared<const std::string>(
                             "{\"error\":" + dumped(to_json(p)) + '}'));
    }
  }

  void closed(const std::string& reason) override {
    if (reason != "left")
      spdlog::warn("event=console_client_dropped who={} reason=\"{}\"",
                   who_.address, reason);
    hub_->leave(number_);
  }

private:
  std::shared_ptr<Live> hub_;
  caller who_;
  std::weak_ptr<web_socket> socket_;
  int number_ = 0;
};

} // namespace

live::live(live_options options)
    : implementation_(std::make_shared<implementation>(std::move(options))) {
  for (int i = 0; i < renderers; ++i)
    implementation_->threads.emplace_back(
        [x = implementation_.get()] { x->run(); });
}

live::~live() {
  {
    std::lock_guard guard{implementation_->mutex};
    implementation_->stopping = true;
  }
  implementation_->changed.notify_all();
  for (auto& x : implementation_->threads)
    x.join();
}

std::shared_ptr<web_socket_user> live::join(const caller& who) {
  return std::make_shared<live_user<implementation>>(implementation_, who);
}

std::size_t live::clients() const {
  std::lock_guard guard{implementation_->mutex};
  return implementation_->clients.size();
}

} // namespace tickerflow::console
