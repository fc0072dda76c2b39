#include "nodes/launch.hpp"

#include "io/log/redact.hpp"
#include "nodes/live_lines.hpp"
#include "nodes/process.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/stack.hpp"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace tickerflow {

namespace {

namespace fs = std::filesystem;

/// Keeps a second launcher away from the same data, also while the servers of
/// one that was killed are still ending: every child inherits the lock, and it
/// is free when the last holder is gone.
class folder_lock {
public:
  explicit folder_lock(const fs::path& folder)
      : file_(::open((folder / "lock").c_str(), O_CREAT | O_RDWR, 0644)) {
    using namespace std::chrono_literals;
    for (auto waited = 0ms; file_ >= 0 && !locked_; waited += 50ms) {
      locked_ = ::flock(file_, LOCK_EX | LOCK_NB) == 0;
      if (locked_ || waited >= 20s || holder_lives())
        break;
      if (waited == 0ms)
        fmt::print("waiting for the servers of an earlier start to end ...\n");
      std::fflush(stdout);
      std::this_thread::sleep_for(50ms);
    }
    if (locked_)
      remember_holder();
  }

  ~folder_lock() {
    if (file_ >= 0)
      ::close(file_);
  }

  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;

  bool locked() const { return locked_; }

private:
  bool holder_lives() const {
    char text[16] = {};
    auto size = ::pread(file_, text, sizeof text - 1, 0);
    auto holder = size > 0 ? std::atoi(text) : 0;
    return holder > 0 && (::kill(holder, 0) == 0 || errno == EPERM);
  }

  void remember_holder() const {
    auto text = std::to_string(::getpid()) + '\n';
    if (::ftruncate(file_, 0) != 0
        || ::pwrite(file_, text.data(), text.size(), 0) < 0)
      fmt::print(stderr, "tickerflow: the lock file cannot be written: {}\n",
                 std::strerror(errno));
  }

  int file_;
  bool locked_ = false;
};

int complain(const std::string& text) {
  fmt::print(stderr, "tickerflow: {}\n", redact(text));
  return exit_failed;
}

} // namespace

int launch(const settings& x, const launch_options& options) {
  auto folder = fs::path{x.data_dir} / (options.simulate ? "demo" : "run");
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    return complain("the folder " + folder.string() + " cannot be made: "
                    + code.message() + " (give another --data-dir)");
  folder_lock lock{folder};
  if (!lock.locked())
    return complain("another Tickerflow uses " + folder.string()
                    + " (stop it, or give another --data-dir)");
  if (options.fresh)
    for (auto name :
         {"kafka", "postgres", "postgres.password", "simulator.clock"})
      fs::remove_all(folder / name, code);
  stack all{x, options, folder.string()};
  if (auto error = all.start()) {
    all.stop();
    if (all.interrupted()) {
      fmt::print("stopped\n");
      return exit_ok;
    }
    return complain(text_of(error));
  }
  all.print_overview();
  live_lines lines{all.postgres_dsn(), all.tickers()};
  auto result = exit_ok;
  while (!stop_requested(std::chrono::seconds{2})) {
    lines.print();
    if (auto error = all.look_after()) {
      result = complain(text_of(error));
      break;
    }
  }
  fmt::print("\nstopping\n");
  std::fflush(stdout);
  all.stop_nodes();
  lines.print_summary();
  all.stop();
  fmt::print("stopped; the data is in {}\n", folder.string());
  return result;
}

} // namespace tickerflow
