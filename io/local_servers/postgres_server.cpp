#include "io/local_servers/postgres_server.hpp"

#include "io/local_servers/ports.hpp"

#include <pqxx/pqxx>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <pwd.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace tickerflow {

namespace {

namespace fs = std::filesystem;

constexpr auto unprivileged = "postgres"; // Debian's package makes this user

/// @returns the folder of the newest server's programs, empty if there is none
std::string find_programs() {
  std::vector<std::pair<int, std::string>> found;
  std::error_code code;
  for (auto& entry : fs::directory_iterator{"/usr/lib/postgresql", code}) {
    auto folder = entry.path() / "bin";
    if (fs::exists(folder / "initdb"))
      found.emplace_back(std::atoi(entry.path().filename().c_str()),
                         folder.string());
  }
  return found.empty() ? ""
                       : std::max_element(found.begin(), found.end())->second;
}

/// The server refuses to run as root, and its user has to reach the folder.
caf::error give_to_server(const fs::path& folder) {
  auto user = ::getpwnam(unprivileged);
  if (!user)
    return failure(errc::bad_setting,
                   "PostgreSQL does not run as root, and there is no user "
                   "postgres (apt-get install postgresql-15, or run as another "
                   "user)");
  if (::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0)
    return failure(errc::bad_setting,
                   folder.string() + " cannot be given to user postgres");
  for (auto parent = folder.parent_path(); parent != parent.root_path();
       parent = parent.parent_path()) {
    struct stat facts {};
    if (::stat(parent.c_str(), &facts) == 0 && (facts.st_mode & S_IXOTH) == 0
        && facts.st_uid != user->pw_uid)
      return failure(errc::bad_setting,
                     "the user postgres cannot enter " + parent.string()
                         + " (give another --data-dir, or chmod o+x)");
  }
  return caf::none;
}

caf::error make_cluster(const std::string& programs, const fs::path& folder,
                        const postgres_server_options& options,
                        const std::string& user) {
  auto cluster = folder / "cluster";
  std::error_code code;
  fs::remove_all(cluster, code); // of an initdb that did not finish
  auto password_file = folder / "initial.password";
  auto before = ::umask(077);
  std::ofstream{password_file} << options.password << '\n';
  ::umask(before);
  if (!user.empty()) {
    auto owner = ::getpwnam(user.c_str());
    if (::chown(password_file.c_str(), owner->pw_uid, owner->pw_gid) != 0)
      return failure(errc::bad_setting, "chown of " + password_file.string());
  }
  child_options child;
  child.name = "initdb";
  child.command = {
      programs + "/initdb",   "-D", cluster.string(), "-U",
      options.user,           "-A", "scram-sha-256",  "--pwfile",
      password_file.string(), "-E", "UTF8",           "--locale=C.UTF-8",
      "--no-instructions"};
  child.log_file = (folder / "initdb.log").string();
  child.directory = folder.string();
  child.user = user;
  auto process = child_process::start(child);
  if (!process)
    return process.error();
  auto status = (*process)->wait();
  fs::remove(password_file, code);
  if (status != 0)
    return failure(errc::bad_setting,
                   "initdb failed:\n" + tail_of(child.log_file, 8));
  std::ofstream{folder / "cluster.made"} << "initdb has finished\n";
  return caf::none;
}

/// @returns whether a process works in the folder, as all of a cluster's do
bool in_use(const fs::path& cluster) {
  std::error_code code;
  for (auto& process : fs::directory_iterator{"/proc", code}) {
    auto directory = fs::read_symlink(process.path() / "cwd", code);
    if (!code && directory == cluster)
      return true;
  }
  return false;
}

/// @returns the process's state as /proc has it, 'Z' for one that has ended and
///          whose parent has not looked; 0: there is no such process
char state_of(const std::string& pid) {
  std::ifstream file{"/proc/" + pid + "/stat"};
  std::string text;
  std::getline(file, text);
  auto name_end = text.rfind(')');
  return name_end + 2 < text.size() ? text[name_end + 2] : '\0';
}

/// A killed server leaves its lock file. PostgreSQL takes it over unless the
/// process still exists, and a zombie exists: in a container without an init
/// for ever. A server that lives on is left to PostgreSQL's own complaint.
void clear_lock_of_dead(const fs::path& cluster) {
  std::string pid;
  std::ifstream{cluster / "postmaster.pid"} >> pid;
  if (pid.empty())
    return;
  // It may be about to end; its children end by themselves, and until then the
  // shared memory is in use.
  std::error_code code;
  auto folder = fs::canonical(cluster, code);
  auto gone = [&] {
    auto state = state_of(pid);
    return (state == '\0' || state == 'Z') && !in_use(folder);
  };
  for (int i = 0; i < 50 && !gone(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  if (gone())
    fs::remove(cluster / "postmaster.pid", code);
}

} // namespace

caf::expected<std::unique_ptr<postgres_server>>
postgres_server::start(postgres_server_options options) {
  auto programs = find_programs();
  if (programs.empty())
    return failure(errc::bad_setting,
                   "no PostgreSQL server here (apt-get install postgresql-15, "
                   "or give --postgres)");
  fs::path folder{options.data_dir};
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    return failure(errc::bad_setting,
                   folder.string() + " cannot be made: " + code.message());
  std::string user;
  if (::geteuid() == 0) {
    user = unprivileged;
    if (auto error = give_to_server(folder))
      return error;
  }
  if (!fs::exists(folder / "cluster.made"))
    if (auto error = make_cluster(programs, folder, options, user))
      return error;
  clear_lock_of_dead(folder / "cluster");
  child_options child;
  child.name = "postgres";
  child.command = {programs + "/postgres", "-D", (folder / "cluster").string()};
  for (auto& setting :
       {"port=" + std::to_string(options.port),
        std::string{"listen_addresses=127.0.0.1"},
        std::string{"unix_socket_directories="}, // TCP is enough
        std::string{"timezone=UTC"}, std::string{"log_timezone=UTC"},
        std::string{"shared_buffers=256MB"}, std::string{"max_wal_size=2GB"},
        std::string{"logging_collector=off"}}) {
    child.command.push_back("-c");
    child.command.push_back(setting);
  }
  child.log_file = (folder / "postgres.log").string();
  child.directory = folder.string();
  child.user = user;
  child.survive = options.survive;
  auto process = child_process::start(child);
  if (!process)
    return process.error();
  std::unique_ptr<postgres_server> result{new postgres_server};
  result->options_ = std::move(options);
  result->process_ = std::move(*process);
  return result;
}

std::string postgres_server::dsn_of(const std::string& database) const {
  return "postgresql://" + options_.user + ':' + options_.password
         + "@127.0.0.1:" + std::to_string(options_.port) + '/' + database;
}

bool postgres_server::ready() {
  if (!port_answers(options_.port))
    return false;
  try {
    pqxx::connection server{dsn_of("postgres")};
    pqxx::nontransaction tx{server};
    auto there = tx.exec_params("SELECT 1 FROM pg_database WHERE datname = $1",
                                options_.database);
    if (there.empty())
      tx.exec("CREATE DATABASE " + tx.quote_name(options_.database));
    return true;
  } catch (const std::exception&) {
    return false; // starts up, or replays its log after a crash
  }
}

void postgres_server::stop() {
  // SIGINT: "fast", rolls back what runs and ends.
  if (process_ && !options_.survive)
    process_->stop(std::chrono::seconds{20}, SIGINT);
}

} // namespace tickerflow
