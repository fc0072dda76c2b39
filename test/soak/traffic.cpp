#include "test/soak/traffic.hpp"

#include "io/event/event.hpp"
#include "market/exchange_time.hpp"
#include "market/price.hpp"
#include "market/shard.hpp"

#include <algorithm>

namespace tickerflow::soak {

namespace {

using namespace std::chrono_literals;

constexpr size_t recent_size = 4096;
constexpr size_t old_size = 16384;

/// Names of which each shard has as many as every other.
std::vector<std::string> balanced_symbols(const traffic_options& x) {
  std::vector<std::string> result;
  std::vector<std::int32_t> taken(static_cast<size_t>(x.shards));
  auto most = (x.tickers + x.shards - 1) / x.shards;
  for (int i = 0; static_cast<std::int32_t>(result.size()) < x.tickers; ++i) {
    auto name = "S" + std::to_string(1000 + i);
    auto& count = taken[static_cast<size_t>(shard_of(name, x.shards))];
    if (count >= most)
      continue;
    ++count;
    result.push_back(name);
  }
  return result;
}

std::string replaced(std::string text, const std::string& old_text,
                     const std::string& new_text) {
  auto at = text.find(old_text);
  if (at != std::string::npos)
    text.replace(at, old_text.size(), new_text);
  return text;
}

/// The earlier pipeline's form: strings, New York time, no volume.
std::string legacy_event(const bar& x) {
  auto field = [](const char* name, const std::string& value) {
    return '"' + std::string{name} + "\":\"" + value + '"';
  };
  return '{' + field("date", format_wall_time(x.start, "America/New_York"))
         + ',' + field("symbol", x.symbol) + ','
         + field("open", format_e4(x.open_e4)) + ','
         + field("low", format_e4(x.low_e4)) + ','
         + field("high", format_e4(x.high_e4)) + ','
         + field("close", format_e4(x.close_e4)) + '}';
}

} // namespace

traffic::traffic(const traffic_options& x)
    : options_(x), random_(x.seed), symbols_(balanced_symbols(x)) {
  for (size_t i = 0; i < symbols_.size(); ++i)
    prices_e4_.push_back((20 + static_cast<std::int64_t>(i)) * price_scale);
  // Weeks with both changes of the clocks, holidays and half days ahead.
  day_ = nyse().next_on_or_after(date::sys_days{date::year{2020} / 10 / 26});
  minute_ = day_->pre_open;
}

bar traffic::walk(size_t ticker, timestamp start) {
  auto step = [this] { return static_cast<std::int64_t>(draw(2001)) - 1000; };
  auto& price = prices_e4_[ticker];
  bar x;
  x.symbol = symbols_[ticker];
  x.start = start;
  x.open_e4 = price;
  x.close_e4 = std::max(price_scale, price + step());
  price = x.close_e4;
  x.high_e4 = std::max(x.open_e4, x.close_e4) + std::abs(step());
  x.low_e4 = std::max<std::int64_t>(1, std::min(x.open_e4, x.close_e4)
                                           - std::abs(step()));
  if (chance(10))
    x.low_e4 = std::max<std::int64_t>(1, x.low_e4 / 2); // a bad tick
  x.volume_shares = chance(50) ? 0 : static_cast<std::int64_t>(draw(50'000));
  return x;
}

/// The next minute's bar of the next ticker that has one to give now.
bar traffic::live_bar() {
  for (;;) {
    if (ticker_ == symbols_.size()) {
      ticker_ = 0;
      minute_ += 1min;
      if (minute_ >= day_->post_close) {
        // Days that were held back come out some days later.
        for (auto held = held_bars_.begin(); held != held_bars_.end();)
          if (chance(4000)) {
            released_.insert(released_.end(), held->second.begin(),
                             held->second.end());
            held = held_bars_.erase(held);
          } else {
            ++held;
          }
        day_ = nyse().next_on_or_after(day_->date + date::days{1});
        minute_ = day_->pre_open;
        for (size_t i = 0; i < symbols_.size(); ++i)
          if (chance(150))
            held_days_.insert({i, day_->date});
      }
    }
    auto ticker = ticker_++;
    if (chance(100))
      continue; // a minute without a trade
    auto x = walk(ticker, minute_);
    if (held_days_.count({ticker, day_->date}) > 0) {
      held_bars_[{ticker, day_->date}].push_back(x);
      continue;
    }
    if (chance(200)) {
      late_.push_back({x, made_ + 1 + draw(20'000)});
      continue;
    }
    return x;
  }
}

bar traffic::known_bar() {
  if (!old_.empty() && chance(1000))
    return old_[draw(old_.size())];
  return recent_[draw(recent_.size())];
}

bar traffic::corrected(bar x) {
  switch (draw(4)) {
    case 0: x.high_e4 += static_cast<std::int64_t>(draw(5000)) + 1; break;
    case 1:
      // The range narrows: a high that falls, a low that rises.
      x.high_e4 = std::max(x.open_e4, x.close_e4);
      x.low_e4 = std::min(x.open_e4, x.close_e4);
      break;
    case 2: x.volume_shares = static_cast<std::int64_t>(draw(90'000)); break;
    default: std::swap(x.open_e4, x.close_e4);
  }
  return x;
}

void traffic::remember(const bar& x) {
  auto put = [&](std::vector<bar>& ring, size_t& at, size_t size) {
    if (ring.size() < size)
      ring.push_back(x);
    else
      ring[at++ % size] = x;
  };
  put(recent_, recent_at_, recent_size);
  if (chance(100))
    put(old_, old_at_, old_size);
}

std::string traffic::ours(const bar& x) const {
  return encode_event(x, *nyse().day_at(x.start)->session_at(x.start), "soak",
                      x.end(), 0);
}

raw_event traffic::event_of(const bar& x) {
  raw_event result;
  result.key = x.symbol;
  result.content = x;
  if (chance(300)) {
    result.value = legacy_event(x);
    result.content.volume_shares = no_volume;
  } else {
    result.value = ours(x);
  }
  return result;
}

raw_event traffic::garbage() {
  auto x = recent_[draw(recent_.size())];
  auto good = ours(x);
  raw_event result;
  result.key = x.symbol;
  auto is = [&](const char* reason, std::string value) {
    result.reason = reason;
    result.value = std::move(value);
  };
  auto open = "\"open\":" + format_e4(x.open_e4);
  switch (draw(20)) {
    case 0: is("not_json", "no json"); break;
    case 1: is("not_json", good.substr(0, good.size() / 2)); break;
    case 2: is("not_json", ""); break;
    case 3: is("not_utf8", "{\"symbol\":\"S\xff\xfe\"}"); break;
    case 4: is("not_an_object", "[1,2,3]"); break;
    case 5: is("missing_field", replaced(good, "\"low\"", "\"wol\"")); break;
    case 6: is("wrong_type", replaced(good, open, "\"open\":{}")); break;
    case 7: is("bad_number", replaced(good, open, "\"open\":\"ten\"")); break;
    case 8: is("bad_time", replaced(good, "T", " at ")); break;
    case 9: is("bad_interval", replaced(good, "1min", "2min")); break;
    case 10: is("invalid_bar", replaced(good, open, "\"open\":-1")); break;
    case 11: {
      auto wrong = x;
      wrong.high_e4 = std::max<std::int64_t>(1, x.low_e4 - 1);
      wrong.low_e4 = wrong.high_e4 + 10'000;
      is("invalid_bar", ours(wrong));
      break;
    }
    case 12:
      is("rejected", encode_rejected(x.symbol, "soak", "no row of ours"));
      break;
    case 13:
      is("unknown_ticker", replaced(good, x.symbol, "NOPE"));
      result.has_key = false;
      break;
    case 14: {
      // The right bar under a wrong key: another partition's aggregator has it.
      auto own = shard_of(x.symbol, options_.shards);
      do
        result.key = symbols_[draw(symbols_.size())];
      while (options_.shards > 1
             && shard_of(result.key, options_.shards) == own);
      is("unknown_ticker", std::move(good));
      break;
    }
    case 15: {
      auto wrong = x;
      auto sunday = week_of(nyse().day_at(x.start)->date) - date::days{1};
      wrong.start = timestamp{sunday} + 15h;
      is("outside_session",
         encode_event(wrong, session::regular, "soak", wrong.end(), 0));
      break;
    }
    case 16: {
      auto wrong = x;
      wrong.start += 30s;
      is("misaligned", ours(wrong));
      break;
    }
    case 17: {
      auto wrong = x;
      wrong.interval = 5min;
      is("other_interval", ours(wrong));
      break;
    }
    case 18:
      // Rarely: 70 KB each.
      if (chance(500))
        is("too_large", std::string(70'000, '#'));
      else
        is("not_json", std::string(300, '{'));
      break;
    default: {
      std::string noise = "\x01";
      for (int i = 0; i < 40; ++i)
        noise += static_cast<char>(draw(128));
      result.key = std::string{"\x00\xff key", 6};
      is("not_json", std::move(noise));
    }
  }
  return result;
}

raw_event traffic::next() {
  ++made_;
  if (recent_.size() < 200) {
    auto x = live_bar();
    remember(x);
    return event_of(x);
  }
  auto kind = draw(10'000);
  if (kind < 80)
    return garbage();
  bar x;
  if (kind < 280)
    x = corrected(known_bar());
  else if (kind < 380)
    x = known_bar();
  else if (!late_.empty() && late_.front().due <= made_) {
    x = late_.front().value;
    late_.pop_front();
  } else if (!released_.empty() && kind < 3000) {
    x = released_.front();
    released_.pop_front();
  } else
    x = live_bar();
  remember(x);
  return event_of(x);
}

} // namespace tickerflow::soak
