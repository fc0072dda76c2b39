#include "io/doctor/doctor.hpp"
#include "io/postgres/migrations.hpp"
#include "io/settings/show.hpp"
#include "nodes/support/bundle.hpp"

namespace tickerflow {

void collect_settings(bundle& to, const settings& x) {
  to.add("settings.txt", "every setting and where it came from", show_text(x));
  to.add("settings.json", "the same", show_json(x) + '\n');
  auto found = examine(x, program_migrations().back().version);
  to.add("doctor.txt", "what keeps it from working, and how to fix it",
         report_text(found));
}

} // namespace tickerflow
