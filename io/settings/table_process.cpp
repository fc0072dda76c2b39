#include "io/settings/table_process.hpp"

#include "io/settings/into.hpp"
#include "io/settings/machine_defaults.hpp"
#include "io/settings/parse.hpp"

namespace tickerflow {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

} // namespace

std::vector<setting> process_entries() {
  using k = value_kind;
  using s = settings;
  return {
      {"batch_max_bars",
       k::integer,
       "10000",
       "Batches",
       nodes,
       {},
       "bars in a transaction at most",
       into(&s::batch, &batch_settings::max_bars, whole_number(1, 1'000'000))},
      {"batch_linger",
       k::duration,
       "20ms",
       "Batches",
       nodes,
       {},
       "wait for more bars before writing",
       into(&s::batch, &batch_settings::linger,
            time_span(milliseconds{0}, seconds{60}))},

      {"log_level",
       k::choice,
       "info",
       "Process",
       everything,
       {},
       "trace, debug, info, warn, error, off",
       into(&s::log, &log_settings::level,
            one_of({"trace", "debug", "info", "warn", "error", "off"})),
       nullptr,
       {"trace", "debug", "info", "warn", "error", "off"}},
      {"log_format",
       k::choice,
       "text",
       "Process",
       everything,
       {},
       "text or json, one line an event on stderr",
       into(&s::log, &log_settings::format, one_of({"text", "json"})),
       nullptr,
       {"text", "json"}},
      {"metrics_listen",
       k::address,
       "",
       "Process",
       verb_kind::master | verb_kind::worker,
       {},
       "serve /metrics, /healthz and /readyz there, host:port or off",
       into(&s::metrics_listen, address_or_none())},
      {"data_dir",
       k::text,
       "",
       "Process",
       nodes | verb_kind::migrate | verb_kind::console,
       {},
       "folder for what a process keeps",
       into(&s::data_dir, some_text("a folder")),
       default_data_dir},
  };
}

} // namespace tickerflow
