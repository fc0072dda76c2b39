#include "test/soak/nodes.hpp"

#include "io/local_servers/ports.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

std::string joined(const std::vector<std::string>& parts) {
  std::string result;
  for (auto& x : parts)
    result += (result.empty() ? "" : ",") + x;
  return result;
}

} // namespace

void clear_settings() {
  std::vector<std::string> names;
  for (auto x = environ; *x; ++x) {
    std::string text{*x};
    auto name = text.substr(0, text.find('='));
    if (name.rfind("TICKERFLOW_", 0) == 0 && name != "TICKERFLOW_CACHE")
      names.push_back(name);
    for (auto other :
         {"API_KEY", "ALPHA_VANTAGE_API_KEY", "POSTGRES_", "KAFKA_"})
      if (name.rfind(other, 0) == 0)
        names.push_back(name);
  }
  for (auto& name : names)
    ::unsetenv(name.c_str());
}

bool takes_several_masters(const std::string& program,
                           const std::string& folder) {
  nodes_options x;
  x.program = program;
  x.folder = folder;
  x.masters = 2;
  x.tickers = {"IBM"};
  x.kafka = "127.0.0.1:9";
  x.postgres = "postgresql://nobody@127.0.0.1:9/nothing";
  x.topic = "t";
  return nodes{x}.run({"config", "show"}, 10s).first == 0;
}

std::string worker_name(int i) { return "worker-" + std::to_string(i); }

std::string master_name(int i) { return "master-" + std::to_string(i); }

bool is_worker(const std::string& name) { return name.rfind("worker", 0) == 0; }

nodes::nodes(nodes_options x) : options_(std::move(x)) {
  for (int i = 0; i < options_.masters; ++i)
    addresses_.push_back("127.0.0.1:" + std::to_string(lasting_port()));
}

std::map<std::string, std::string>
nodes::environment_of(const std::string& name) const {
  std::map<std::string, std::string> result{
      {"TICKERFLOW_KAFKA", options_.kafka},
      {"TICKERFLOW_POSTGRES", options_.postgres},
      {"TICKERFLOW_KAFKA_TOPIC_RAW", options_.topic},
      {"TICKERFLOW_KAFKA_TOPIC_PROCESSED", processed_topic()},
      {"TICKERFLOW_KAFKA_TOPIC_DEAD_LETTERS", dead_topic()},
      {"TICKERFLOW_KAFKA_TOPIC_ALERTS", options_.topic + "_alerts"},
      {"TICKERFLOW_SHARDS", std::to_string(options_.shards)},
      {"TICKERFLOW_TICKERS", joined(options_.tickers)},
      {"TICKERFLOW_INTERVAL", "1min"},
      {"TICKERFLOW_MASTER", joined(addresses_)},
      // Nobody answers there: the bars come from us.
      {"TICKERFLOW_API_URL", "http://127.0.0.1:9"},
      {"API_KEY", "SOAKSOAKSOAKSOAK"},
      {"TICKERFLOW_NODE", name},
  };
  for (size_t i = 0; i < addresses_.size(); ++i)
    if (name == master_name(static_cast<int>(i) + 1))
      result["TICKERFLOW_LISTEN"] = addresses_[i];
  return result;
}

std::string nodes::program() const {
  std::lock_guard<std::mutex> guard{program_lock_};
  return options_.program;
}

void nodes::change_program(const std::string& program) {
  std::lock_guard<std::mutex> guard{program_lock_};
  options_.program = program;
}

void nodes::start(const std::string& name) {
  child_options child;
  child.name = name;
  child.command = {program(), is_worker(name) ? "worker" : "master"};
  child.environment = environment_of(name);
  child.log_file = log_of(name);
  child.directory = options_.folder; // no .env of ours in the way
  auto process = child_process::start(child);
  if (!process)
    throw std::runtime_error(text_of(process.error()));
  auto& x = nodes_[name];
  x.process = std::move(*process);
  x.state = node_state::running;
  x.told_to_end = false;
}

void nodes::kill(const std::string& name) {
  auto& x = nodes_[name];
  if (!x.process)
    return;
  x.process->signal(SIGKILL);
  x.process->wait();
  x.process.reset();
  x.state = node_state::down;
}

void nodes::halt(const std::string& name) {
  auto& x = nodes_[name];
  if (x.state != node_state::running)
    return;
  x.process->signal(SIGSTOP);
  x.state = node_state::halted;
}

void nodes::resume(const std::string& name) {
  auto& x = nodes_[name];
  if (x.state != node_state::halted)
    return;
  x.process->signal(SIGCONT);
  x.state = node_state::running;
}

void nodes::terminate(const std::string& name) {
  auto& x = nodes_[name];
  if (!x.process)
    return;
  x.told_to_end = true;
  x.process->signal(SIGTERM);
}

bool nodes::ended(const std::string& name) {
  auto& x = nodes_[name];
  if (x.process && x.process->running())
    return false;
  x.state = node_state::down;
  return true;
}

int nodes::stop(const std::string& name, std::chrono::milliseconds limit) {
  auto& x = nodes_[name];
  if (!x.process)
    return 0;
  terminate(name);
  for (auto waited = 0ms; waited < limit && !ended(name); waited += 10ms)
    std::this_thread::sleep_for(10ms);
  if (!ended(name))
    x.process->signal(SIGKILL);
  auto result = x.process->wait();
  x.process.reset();
  x.state = node_state::down;
  return result;
}

node_state nodes::state(const std::string& name) const {
  auto x = nodes_.find(name);
  return x == nodes_.end() ? node_state::down : x->second.state;
}

std::string nodes::log_of(const std::string& name) const {
  return options_.folder + '/' + name + ".log";
}

std::vector<std::string> nodes::take_unexpected_ends() {
  std::vector<std::string> result;
  for (auto& [name, x] : nodes_) {
    if (x.state != node_state::running || x.told_to_end || !x.process
        || x.process->running())
      continue;
    result.push_back(name + " ended by itself: " + x.process->exit_text());
    x.process.reset();
    x.state = node_state::down;
  }
  return result;
}

double nodes::megabytes(const std::string& name) const {
  auto x = nodes_.find(name);
  if (x == nodes_.end() || !x->second.process)
    return 0;
  std::ifstream file{"/proc/" + std::to_string(x->second.process->pid())
                     + "/status"};
  for (std::string line; std::getline(file, line);)
    if (line.rfind("VmRSS:", 0) == 0)
      return std::atof(line.c_str() + 6) / 1024;
  return 0;
}

std::pair<int, std::string>
nodes::run(const std::vector<std::string>& arguments,
           std::chrono::milliseconds limit) const {
  child_options child;
  child.name = arguments.front();
  child.command = {program()};
  child.command.insert(child.command.end(), arguments.begin(), arguments.end());
  child.environment = environment_of("cli");
  child.log_file = options_.folder + "/cli-" + std::to_string(++runs_) + ".out";
  child.directory = options_.folder;
  auto process = child_process::start(child);
  if (!process)
    return {127, text_of(process.error())};
  auto waited = 0ms;
  while ((*process)->running() && waited < limit) {
    std::this_thread::sleep_for(5ms);
    waited += 5ms;
  }
  auto in_time = !(*process)->running();
  if (!in_time)
    (*process)->signal(SIGKILL);
  auto status = (*process)->wait();
  std::ifstream file{child.log_file};
  std::string output{std::istreambuf_iterator<char>{file}, {}};
  std::remove(child.log_file.c_str());
  return {in_time ? status : 124, output};
}

std::vector<std::string> nodes::names() const {
  std::vector<std::string> result;
  for (auto& [name, x] : nodes_)
    result.push_back(name);
  return result;
}

} // namespace tickerflow::soak
