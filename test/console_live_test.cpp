#define CAF_SUITE console_live

// Live data: made once for all who watch, and for nobody else.

#include "nodes/console/live.hpp"

#include <caf/test/unit_test.hpp>

#include <condition_variable>
#include <thread>

using namespace tickerflow;
using namespace tickerflow::console;
using namespace std::chrono_literals;

namespace {

using text_ptr = std::shared_ptr<const std::string>;

/// Notes what a client would get.
struct scripted_socket : web_socket {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<std::string, text_ptr>> sent;
  std::string end;

  void send(const std::string& key, text_ptr text) override {
    std::lock_guard guard{mutex};
    sent.emplace_back(key, std::move(text));
    changed.notify_all();
  }

  void close(const std::string& reason) override {
    std::lock_guard guard{mutex};
    end = reason;
    changed.notify_all();
  }

  template <class F>
  bool wait(F f) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, 60s, f);
  }
};

struct fixture {
  std::mutex mutex;
  std::map<std::string, int> made;
  std::atomic<int> state{1};
  std::atomic<bool> in{true};
  live uut{{[this](const std::string& path, const std::string& query) {
              std::lock_guard guard{mutex};
              ++made[path];
              if (path == "/none")
                throw not_found("no such path");
              if (path == "/csv")
                return web_reply{200, "text/csv", "a,b", {}};
              return web_reply{200,
                               "application/json",
                               "{\"n\":" + std::to_string(state) + ",\"q\":\""
                                   + query + "\"}",
                               {}};
            },
            [this](const caller&) { return in.load(); }}};

  struct client {
    std::shared_ptr<scripted_socket> socket =
        std::make_shared<scripted_socket>();
    std::shared_ptr<web_socket_user> user;
  };

  client join() {
    client result;
    result.user = uut.join({});
    result.user->opened(result.socket);
    return result;
  }

  int count(const std::string& path) {
    std::lock_guard guard{mutex};
    return made[path];
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(console_live_tests, fixture)

CAF_TEST(all who watch a path get the same text made once) {
  auto first = join();
  first.user->received(R"({"watch":["/a?b=c"]})");
  CAF_REQUIRE(
      first.socket->wait([&] { return first.socket->sent.size() == 1; }));
  CAF_CHECK_EQUAL(*first.socket->sent[0].second,
                  R"({"path":"/a?b=c","data":{"n":1,"q":"b=c"}})");
  auto second = join();
  second.user->received(R"({"watch":["/a?b=c"]})");
  CAF_REQUIRE(
      second.socket->wait([&] { return second.socket->sent.size() == 1; }));
  CAF_CHECK(first.socket->sent[0].second == second.socket->sent[0].second);
  state = 2;
  for (auto x : {&first, &second})
    CAF_REQUIRE(x->socket->wait([&] { return x->socket->sent.size() == 2; }));
  CAF_CHECK(first.socket->sent[1].second == second.socket->sent[1].second);
}

CAF_TEST(what did not change is not sent again) {
  auto x = join();
  x.user->received(R"({"watch":["/a"]})");
  CAF_REQUIRE(x.socket->wait([&] { return x.socket->sent.size() == 1; }));
  while (count("/a") < 3)
    std::this_thread::sleep_for(50ms);
  CAF_CHECK_EQUAL(x.socket->sent.size(), 1u);
}

CAF_TEST(what nobody watches is not made) {
  auto x = join();
  x.user->received(R"({"watch":["/a"]})");
  CAF_REQUIRE(x.socket->wait([&] { return x.socket->sent.size() == 1; }));
  x.user->received(R"({"watch":["/b"]})");
  auto before = count("/a");
  while (count("/b") < 3)
    std::this_thread::sleep_for(50ms);
  CAF_CHECK(count("/a") <= before + 1); // one may have been on its way
  x.user->closed("left");
  before = count("/b");
  auto other = join();
  other.user->received(R"({"watch":["/c"]})");
  while (count("/c") < 3)
    std::this_thread::sleep_for(50ms);
  CAF_CHECK(count("/b") <= before + 1);
  CAF_CHECK_EQUAL(uut.clients(), 1u);
}

CAF_TEST(a path without data tells the problem) {
  auto x = join();
  x.user->received(R"({"watch":["/none","/csv"]})");
  CAF_REQUIRE(x.socket->wait([&] { return x.socket->sent.size() == 2; }));
  for (auto& [path, text] : x.socket->sent) {
    auto told = json::parse(*text);
    CAF_CHECK_EQUAL(told["path"], path);
    CAF_CHECK_EQUAL(told["error"]["status"], path == "/none" ? 404 : 400);
  }
}

CAF_TEST(what is no list of paths is refused) {
  auto x = join();
  std::string many = "\"/x\"";
  for (int i = 0; i < 64; ++i)
    many += ",\"/" + std::to_string(i) + '"';
  for (auto text :
       {std::string{"nonsense"}, std::string{"[]"},
        std::string{R"({"watch":"/a"})"}, std::string{R"({"watch":[1]})"},
        std::string{R"({"watch":[],"other":1})"},
        R"({"watch":[")" + std::string(1001, 'x') + "\"]}",
        "{\"watch\":[" + many + "]}"})
    x.user->received(text);
  CAF_REQUIRE(x.socket->wait([&] { return x.socket->sent.size() == 7; }));
  for (auto& [key, text] : x.socket->sent)
    CAF_CHECK(json::parse(*text).contains("error"));
  CAF_CHECK(made.empty());
}

CAF_TEST(who has logged out is sent away) {
  auto x = join();
  in = false;
  CAF_REQUIRE(x.socket->wait([&] { return !x.socket->end.empty(); }));
}

CAF_TEST_FIXTURE_SCOPE_END()
