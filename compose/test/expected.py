"""What has to be stored, in SQL."""

# Of one symbol: rows stored and expected, wrong ones, missing ones, and how many
# seconds the newest one is behind the newest that is final, a minute after its
# end. The answer is the simulator's.
TRUTH = """
create temp table answer(x text);
copy answer from stdin;
create temp table truth as
  select (b->>'start')::timestamptz as start, (b->>'open_e4')::numeric / 10000
    as open, (b->>'high_e4')::numeric / 10000 as high, (b->>'low_e4')::numeric
    / 10000 as low, (b->>'close_e4')::numeric / 10000 as close,
    (b->>'volume_shares')::bigint as volume
  from answer, jsonb_array_elements(x::jsonb->'bars') b;
with stored as (
  select start, open, high, low, close, volume from market.bar
  where symbol = '{symbol}'),
expected as (
  select * from truth where start >= (select min(start) from stored)
    and start <= (select max(start) from stored))
select (select count(*) from stored), (select count(*) from expected),
  (select count(*) from (table stored except table expected) x),
  (select count(*) from (table expected except table stored) x),
  (select extract(epoch from max(truth.start) - (select max(start) from stored))
   from truth where start <= (select (x::jsonb->>'now')::timestamptz from answer)
     - interval '2 minutes')
"""

# Windows that differ from what the stored bars give.
WRONG_WINDOWS = """
select count(*) from market.bar_window w
cross join lateral (
  select count(*) as bars, min(low) as low, max(high) as high,
    coalesce(sum(volume), 0) as volume,
    (array_agg(open order by start))[1] as open,
    (array_agg(close order by start desc))[1] as close
  from market.bar b where b.symbol = w.symbol and b.session = w.session
    and b.start >= w.window_start and b.start < w.window_end) b
where (w.bars, w.low, w.high, w.volume, w.open, w.close)
  is distinct from (b.bars, b.low, b.high, b.volume, b.open, b.close)
"""
