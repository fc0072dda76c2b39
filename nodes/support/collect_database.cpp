#include "io/postgres/activity.hpp"
#include "nodes/commands/fields.hpp"
#include "nodes/support/bundle.hpp"

namespace tickerflow {

namespace {

struct meaning {
  const char* name;
  const char* what;
};

constexpr meaning meanings[] = {
    {"server", "PostgreSQL's version and settings"},
    {"activity", "sessions, what they do and wait for"},
    {"statements", "the 50 statements that took longest"},
    {"tables", "sizes of tables"},
};

std::string as_json(const statistics_table& x) {
  auto rows = ordered_json::array();
  for (auto& row : x.rows) {
    ordered_json line;
    for (std::size_t i = 0; i < x.headings.size(); ++i)
      line[x.headings[i]] = row[i];
    rows.push_back(std::move(line));
  }
  return rows.dump(2, ' ', false, ordered_json::error_handler_t::replace)
         + '\n';
}

} // namespace

void collect_database(bundle& to, const settings& x) {
  auto found = activity_view{x.postgres.dsn}.look();
  for (std::size_t i = 0; i < std::size(meanings); ++i) {
    auto name = std::string{"postgres/"} + meanings[i].name + ".json";
    if (!found)
      to.add_missing(name, meanings[i].what, text_of(found.error()));
    else if (auto& table = (*found)[i]; !table.fault.empty())
      to.add_missing(name, meanings[i].what, table.fault);
    else
      to.add(name, meanings[i].what, as_json(table));
  }
}

} // namespace tickerflow
