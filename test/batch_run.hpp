#pragma once

namespace tickerflow {

/// The batch run in SQL, to be put behind a SELECT list: stored windows `w`
/// that differ from `r`, which is made of the bars that they cover. Nothing of
/// our own code is in it: the database judges its own rows.
inline constexpr auto differing_windows = R"(
  FROM market.bar_window w
  LEFT JOIN LATERAL (
    SELECT (array_agg(b.open ORDER BY b.start))[1] AS open,
           max(b.high) AS high, min(b.low) AS low,
           (array_agg(b.close ORDER BY b.start DESC))[1] AS close,
           coalesce(sum(b.volume), 0) AS volume,
           round(sum((b.high + b.low + b.close) / 3 * b.volume)
                 / nullif(sum(b.volume), 0), 6) AS vwap,
           count(*) AS bars
    FROM market.bar b
    WHERE b.symbol = w.symbol AND b.session = w.session
      AND b.start >= w.window_start AND b.start < w.window_end) AS r ON true
  WHERE (r.open, r.high, r.low, r.close, r.volume, r.bars)
        IS DISTINCT FROM (w.open, w.high, w.low, w.close, w.volume, w.bars)
     OR abs(r.vwap - w.vwap) > 0.000001
     OR (r.vwap IS NULL) <> (w.vwap IS NULL))";

} // namespace tickerflow
