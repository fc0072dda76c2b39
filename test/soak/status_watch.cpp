#include "test/soak/status_watch.hpp"

#include <nlohmann/json.hpp>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

status_sample read(const std::string& output) {
  status_sample result;
  // Log lines may come before it.
  auto begin = output.find("{\n");
  if (begin == std::string::npos)
    return result;
  auto json = nlohmann::json::parse(output.substr(begin), nullptr, false);
  if (!json.is_object() || !json.contains("term"))
    return result;
  result.answered = true;
  result.term = json["term"].get<std::int64_t>();
  if (json.contains("masters"))
    for (auto& master : json["masters"])
      if (master.value("leading", false))
        result.leader = master.value("name", "");
  if (json.contains("nodes"))
    for (auto& node : json["nodes"])
      if (node.value("alive", false) && !node.value("suspect", false))
        result.alive.insert(node.value("name", ""));
  return result;
}

} // namespace

status_watch::status_watch(const nodes& x)
    : nodes_(x), thread_([this] { run(); }) {
  // nop
}

status_watch::~status_watch() {
  stopping_ = true;
  thread_.join();
}

void status_watch::run() {
  while (!stopping_) {
    auto at = steady::now();
    auto [status, output] = nodes_.run({"status", "--json"}, 6s);
    auto found = status == 0 ? read(output) : status_sample{};
    found.at = at;
    {
      std::lock_guard<std::mutex> guard{lock_};
      last_ = found;
      highest_term_ = std::max(highest_term_, found.term);
    }
    for (auto i = 0; i < 100 && !eager_ && !stopping_; ++i)
      std::this_thread::sleep_for(50ms);
    std::this_thread::sleep_for(30ms);
  }
}

status_sample status_watch::last() const {
  std::lock_guard<std::mutex> guard{lock_};
  return last_;
}

std::int64_t status_watch::highest_term() const {
  std::lock_guard<std::mutex> guard{lock_};
  return highest_term_;
}

} // namespace tickerflow::soak
