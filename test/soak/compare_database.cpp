#include "market/exchange_time.hpp"
#include "market/ticker_book.hpp"
#include "test/batch_run.hpp"
#include "test/soak/verdict.hpp"

#include <pqxx/pqxx>

#include <optional>

namespace tickerflow::soak {

namespace {

timestamp instant(std::int64_t unix_s) {
  return timestamp{std::chrono::seconds{unix_s}};
}

std::string number_or(const std::optional<std::int64_t>& x) {
  return x ? std::to_string(*x) : "null";
}

/// A bar's row as one text; the same from ledger and database.
std::string text_of(const ledger_bar& x) {
  auto& b = x.value;
  std::string result;
  for (auto price : {b.open_e4, b.high_e4, b.low_e4, b.close_e4})
    result += std::to_string(price) + ' ';
  result +=
      b.volume_shares == no_volume ? "null" : std::to_string(b.volume_shares);
  result += ' ' + std::string{to_string(x.part)};
  result += " revision " + std::to_string(x.revision);
  result += is_suspect(b) ? " t" : " f";
  return result;
}

std::string text_of(const window& x) {
  std::string result = format_rfc3339(x.end) + ' ';
  for (auto price : {x.open_e4, x.high_e4, x.low_e4, x.close_e4})
    result += std::to_string(price) + ' ';
  result += std::to_string(x.volume_shares) + " vwap " + number_or(x.vwap_e6())
            + " bars " + std::to_string(x.bars) + '/'
            + std::to_string(x.expected_bars) + " revision "
            + std::to_string(x.revision) + (x.final ? " final" : " open");
  return result;
}

std::string joined(const pqxx::row& row, int from) {
  std::string result;
  for (auto i = from; i < static_cast<int>(row.size()); ++i) {
    auto cell = row[static_cast<pqxx::row::size_type>(i)];
    result += (result.empty() ? "" : " ")
              + std::string{cell.is_null() ? "null" : cell.c_str()};
  }
  return result;
}

std::int64_t compare_bars(pqxx::work& tx, const std::string& symbol,
                          const ledger::bars_by_start& wanted,
                          differences& out) {
  auto rows = tx.exec_params(
      "SELECT extract(epoch FROM start)::bigint, (open * 10000)::bigint,"
      " (high * 10000)::bigint, (low * 10000)::bigint,"
      " (close * 10000)::bigint, volume, session,"
      " 'revision ' || revision, suspect"
      " FROM market.bar WHERE symbol = $1 ORDER BY start",
      symbol);
  auto next = wanted.begin();
  auto what = [&](timestamp t) {
    return "bar " + symbol + ' ' + format_rfc3339(t) + ": ";
  };
  for (auto row : rows) {
    auto start = instant(row[0].as<std::int64_t>());
    for (; next != wanted.end() && next->first < start; ++next)
      out.add(what(next->first) + "missing, wanted " + text_of(next->second));
    auto found = joined(row, 1);
    if (next == wanted.end() || next->first != start) {
      out.add(what(start) + "was never produced: " + found);
      continue;
    }
    if (auto text = text_of(next->second); text != found)
      out.add(what(start) + "stored " + found + ", wanted " + text);
    ++next;
  }
  for (; next != wanted.end(); ++next)
    out.add(what(next->first) + "missing, wanted " + text_of(next->second));
  return static_cast<std::int64_t>(rows.size());
}

std::int64_t compare_windows(pqxx::work& tx,
                             const std::map<window_key, window>& windows,
                             differences& out) {
  std::int64_t result = 0;
  auto next = windows.begin();
  while (next != windows.end()) {
    auto symbol = std::get<0>(next->first);
    std::map<std::string, std::string> wanted;
    auto name = [&](std::string_view width, std::string_view part,
                    timestamp start) {
      return symbol + ' ' + std::string{width} + ' ' + std::string{part} + ' '
             + format_rfc3339(start);
    };
    for (; next != windows.end() && std::get<0>(next->first) == symbol; ++next)
      wanted[name(to_string(next->second.width),
                  to_string(next->second.session), next->second.start)] =
          text_of(next->second);
    auto rows = tx.exec_params(
        "SELECT width, session, extract(epoch FROM window_start)::bigint,"
        " to_char(window_end AT TIME ZONE 'UTC',"
        " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), (open * 10000)::bigint,"
        " (high * 10000)::bigint, (low * 10000)::bigint,"
        " (close * 10000)::bigint, volume, 'vwap', (vwap * 1000000)::bigint,"
        " 'bars ' || bars || '/' || expected_bars, 'revision ' || revision,"
        " CASE WHEN final THEN 'final' ELSE 'open' END"
        " FROM market.bar_window WHERE symbol = $1",
        symbol);
    for (auto row : rows) {
      auto key = name(row[0].c_str(), row[1].c_str(),
                      instant(row[2].as<std::int64_t>()));
      auto found = joined(row, 3);
      auto w = wanted.find(key);
      if (w == wanted.end()) {
        out.add("window " + key + ": has no bar: " + found);
        continue;
      }
      if (w->second != found)
        out.add("window " + key + ": stored " + found + ", wanted "
                + w->second);
      wanted.erase(w);
    }
    for (auto& [key, text] : wanted)
      out.add("window " + key + ": missing, wanted " + text);
    result += static_cast<std::int64_t>(rows.size());
  }
  return result;
}

/// Nothing of our own code in it: the database judges its own rows.
void compare_with_batch_run(pqxx::work& tx, differences& out) {
  auto rows = tx.exec(std::string{"SELECT w.symbol, w.width, w.session,"
                                  " w.window_start, w.open, w.high, w.low,"
                                  " w.close, w.volume, w.vwap, w.bars,"
                                  " 'batch run:', r.*"}
                      + differing_windows);
  for (auto row : rows)
    out.add("window differs from the batch run: " + joined(row, 0));
  // And no bar that lacks a window.
  auto bars = tx.exec("SELECT (SELECT count(*) FROM market.bar),"
                      " (SELECT count(*) FROM market.bar"
                      "  WHERE session = 'regular'), width, sum(bars)"
                      " FROM market.bar_window GROUP BY width");
  for (auto row : bars) {
    auto wanted = row[row[2].c_str() == std::string{"1w"} ? 1 : 0].c_str();
    if (row[3].c_str() != std::string{wanted})
      out.add(std::string{"windows of "} + row[2].c_str() + " have "
              + row[3].c_str() + " bars, stored are " + wanted);
  }
}

std::int64_t compare_letters(pqxx::work& tx, const std::string& topic,
                             const ledger& wanted, differences& out) {
  std::int64_t result = 0;
  auto next = wanted.letters().begin();
  auto end = wanted.letters().end();
  auto what = [](std::int32_t shard, std::int64_t offset) {
    return "dead letter " + std::to_string(shard) + '/' + std::to_string(offset)
           + ": ";
  };
  auto missing = [&] {
    out.add(what(next->first.first, next->first.second) + "missing, wanted "
            + next->second.reason);
    ++next;
  };
  for (auto& [shard, partition_end] : wanted.ends()) {
    auto rows = tx.exec_params(
        "SELECT record_offset, reason, record_key, payload"
        " FROM pipeline.dead_letter WHERE topic = $1 AND shard = $2"
        " ORDER BY record_offset",
        topic, shard);
    for (auto row : rows) {
      std::pair<std::int32_t, std::int64_t> place{shard,
                                                  row[0].as<std::int64_t>()};
      while (next != end && next->first < place)
        missing();
      if (next == end || next->first != place) {
        out.add(what(shard, place.second)
                + "no garbage was produced there: " + row[1].c_str());
        continue;
      }
      auto& x = next->second;
      pqxx::binarystring key{row[2]};
      pqxx::binarystring payload{row[3]};
      if (x.reason != row[1].c_str())
        out.add(what(shard, place.second) + "reason " + row[1].c_str()
                + ", wanted " + x.reason + ": " + x.payload.substr(0, 200));
      else if (key.str() != x.key || payload.str() != x.payload)
        out.add(what(shard, place.second) + "other bytes than produced");
      ++next;
    }
    result += static_cast<std::int64_t>(rows.size());
  }
  while (next != end)
    missing();
  return result;
}

} // namespace

std::vector<std::string> compare_database(const result_place& place,
                                          const ledger& wanted,
                                          differences& out) {
  pqxx::connection c{place.postgres};
  pqxx::work tx{c};
  for (auto row : tx.exec("SELECT shard, next_offset FROM pipeline.shard")) {
    auto end = wanted.ends().find(row[0].as<std::int32_t>());
    auto produced = end == wanted.ends().end() ? 0 : end->second;
    if (row[1].as<std::int64_t>() != produced)
      out.add("shard " + std::string{row[0].c_str()} + " is stored up to "
              + row[1].c_str() + ", produced up to "
              + std::to_string(produced));
  }
  std::int64_t bars = 0;
  for (auto& [symbol, of_symbol] : wanted.bars())
    bars += compare_bars(tx, symbol, of_symbol, out);
  auto all = tx.exec1("SELECT count(*) FROM market.bar")[0].as<std::int64_t>();
  if (all != wanted.bar_count())
    out.add(std::to_string(all) + " bars are stored, "
            + std::to_string(wanted.bar_count()) + " were produced");
  auto windows = compare_windows(tx, wanted.windows(), out);
  all =
      tx.exec1("SELECT count(*) FROM market.bar_window")[0].as<std::int64_t>();
  if (all != static_cast<std::int64_t>(wanted.windows().size()))
    out.add(std::to_string(all) + " windows are stored, wanted are "
            + std::to_string(wanted.windows().size()));
  compare_with_batch_run(tx, out);
  auto letters = compare_letters(tx, place.raw_topic, wanted, out);
  return {std::to_string(bars) + " bars, "
              + std::to_string(wanted.corrections()) + " corrections and "
              + std::to_string(wanted.duplicates()) + " doubles of them",
          std::to_string(windows)
              + " windows, against the ledger and a batch run in SQL",
          std::to_string(letters) + " dead letters, byte by byte"};
}

} // namespace tickerflow::soak
