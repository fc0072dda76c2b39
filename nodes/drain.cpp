#include "io/settings/flags.hpp"
#include "nodes/ask_master.hpp"
#include "nodes/read_settings.hpp"
#include "nodes/verbs.hpp"

#include <CLI/CLI.hpp>
#include <caf/all.hpp>
#include <spdlog/fmt/fmt.h>

#include <memory>
#include <thread>

namespace tickerflow {

namespace {

struct drain_command {
  flag_values flags;
  std::string node;
  bool undo = false;
  bool no_wait = false;

  int run() const {
    auto x = read_settings(flags);
    if (!x)
      return exit_usage;
    return ask_master(*x, [this](caf::scoped_actor& self,
                                 const coordinator_actor& master) {
      return drain(self, master);
    });
  }

  caf::error drain(caf::scoped_actor& self,
                   const coordinator_actor& master) const {
    std::int32_t told = -1;
    for (;;) {
      std::int32_t left = 0;
      caf::error error;
      self->request(master, master_answer_timeout, drain_atom_v, node, !undo)
          .receive([&](std::int32_t x) { left = x; },
                   [&](caf::error& x) { error = std::move(x); });
      if (error)
        return error;
      if (undo) {
        fmt::print("{} gets shards again\n", node);
        return caf::none;
      }
      if (left == 0) {
        fmt::print("{} serves no shard: it can be stopped\n", node);
        return caf::none;
      }
      if (left != told)
        fmt::print("{} still serves {} shard{}\n", node, left,
                   left == 1 ? "" : "s");
      std::fflush(stdout);
      told = left;
      if (no_wait)
        return caf::none;
      std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }
  }
};

} // namespace

void add_drain(CLI::App& program, int& exit_code) {
  auto verb = program.add_subcommand(
      "drain", "Empty a worker for maintenance: its shards move to others");
  verb->group("Operate");
  auto command = std::make_shared<drain_command>();
  verb->add_option("NODE", command->node, "name, as in \"tickerflow status\"")
      ->required();
  verb->add_flag("--undo", command->undo, "let it serve shards again");
  verb->add_flag("--no-wait", command->no_wait,
                 "do not wait until it serves none");
  add_setting_flags(*verb, command->flags, verb_kind::status);
  verb->callback([command, &exit_code] { exit_code = command->run(); });
}

} // namespace tickerflow
