-- Bars, the windows made of them, and the place in Kafka up to which they are
-- complete. Applied once by the program, under an advisory lock.

CREATE SCHEMA market;
COMMENT ON SCHEMA market IS 'Cleaned bars and the windows made of them.';

CREATE TYPE market.session AS ENUM ('pre', 'regular', 'post');
COMMENT ON TYPE market.session IS
  'Part of the trading day, New York time: pre 04:00 to the open, regular to the close, post to 20:00 (17:00 on half days).';

CREATE TYPE market.window_width AS ENUM ('15m', '30m', '1h', '1d', '1w');
COMMENT ON TYPE market.window_width IS
  'Tumbling windows anchored at 09:30 New York; the last of a session is cut at its end.';

CREATE TABLE market.bar (
  symbol     text COLLATE "C" NOT NULL,
  start      timestamptz      NOT NULL,
  interval_s integer          NOT NULL,
  session    market.session   NOT NULL,
  open       numeric(14, 4)   NOT NULL,
  high       numeric(14, 4)   NOT NULL,
  low        numeric(14, 4)   NOT NULL,
  close      numeric(14, 4)   NOT NULL,
  volume     bigint,
  revision   integer          NOT NULL,
  suspect    boolean          NOT NULL,
  stored_at  timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, start)
);
COMMENT ON TABLE market.bar IS
  'One row per symbol and instant: each bar that the source served, once, with its latest values.';
COMMENT ON COLUMN market.bar.symbol IS 'Ticker as traded, e.g. TSLA.';
COMMENT ON COLUMN market.bar.start IS 'First instant of the bar; it covers [start, start + interval_s).';
COMMENT ON COLUMN market.bar.interval_s IS 'Length in seconds; one length for each symbol.';
COMMENT ON COLUMN market.bar.session IS 'Session that holds the bar, by the exchange''s calendar.';
COMMENT ON COLUMN market.bar.open IS 'First price, in the quote currency.';
COMMENT ON COLUMN market.bar.high IS 'Highest price.';
COMMENT ON COLUMN market.bar.low IS 'Lowest price.';
COMMENT ON COLUMN market.bar.close IS 'Last price.';
COMMENT ON COLUMN market.bar.volume IS 'Shares traded; null: the source gave none.';
COMMENT ON COLUMN market.bar.revision IS 'How often the source corrected the bar after it was stored.';
COMMENT ON COLUMN market.bar.suspect IS 'The range is so wide that it is rather a bad tick; kept, not dropped.';
COMMENT ON COLUMN market.bar.stored_at IS 'When the row was last written.';

CREATE TABLE market.bar_window (
  symbol        text COLLATE "C"    NOT NULL,
  width         market.window_width NOT NULL,
  session       market.session      NOT NULL,
  window_start  timestamptz         NOT NULL,
  window_end    timestamptz         NOT NULL,
  open          numeric(14, 4)      NOT NULL,
  high          numeric(14, 4)      NOT NULL,
  low           numeric(14, 4)      NOT NULL,
  close         numeric(14, 4)      NOT NULL,
  volume        bigint              NOT NULL,
  vwap          numeric(18, 6),
  bars          integer             NOT NULL,
  expected_bars integer             NOT NULL,
  revision      integer             NOT NULL,
  final         boolean             NOT NULL,
  updated_at    timestamptz         NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, window_start, width, session)
);
COMMENT ON TABLE market.bar_window IS
  'Aggregates over tumbling windows; in each commit equal to a recomputation over the stored bars.';
COMMENT ON COLUMN market.bar_window.symbol IS 'Ticker as traded.';
COMMENT ON COLUMN market.bar_window.width IS 'Length of a whole window.';
COMMENT ON COLUMN market.bar_window.session IS 'Session whose bars are in it; they do not mix.';
COMMENT ON COLUMN market.bar_window.window_start IS 'First instant.';
COMMENT ON COLUMN market.bar_window.window_end IS 'First instant behind it.';
COMMENT ON COLUMN market.bar_window.open IS 'Open of the first bar.';
COMMENT ON COLUMN market.bar_window.high IS 'Highest high.';
COMMENT ON COLUMN market.bar_window.low IS 'Lowest low.';
COMMENT ON COLUMN market.bar_window.close IS 'Close of the last bar.';
COMMENT ON COLUMN market.bar_window.volume IS 'Shares, of the bars that have a volume.';
COMMENT ON COLUMN market.bar_window.vwap IS
  'sum((high + low + close) / 3 * volume) / sum(volume); null without volume.';
COMMENT ON COLUMN market.bar_window.bars IS 'Bars in the window.';
COMMENT ON COLUMN market.bar_window.expected_bars IS 'Bars if none were missing.';
COMMENT ON COLUMN market.bar_window.revision IS 'Changes since it was first final.';
COMMENT ON COLUMN market.bar_window.final IS 'The symbol''s watermark has passed its end.';
COMMENT ON COLUMN market.bar_window.updated_at IS 'When the row was last written.';

-- The tables take many small changes to their newest rows: leave room in the
-- page, so that an update needs no new index entry.
ALTER TABLE market.bar_window SET (fillfactor = 80);

CREATE SCHEMA pipeline;
COMMENT ON SCHEMA pipeline IS 'What the program needs to go on where it stopped.';

CREATE TABLE pipeline.shard (
  shard       integer     PRIMARY KEY,
  epoch       bigint      NOT NULL DEFAULT 0,
  owner       text        NOT NULL DEFAULT '',
  next_offset bigint      NOT NULL DEFAULT 0,
  updated_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE pipeline.shard IS
  'One row per partition of the raw topic. A write that does not match epoch and next_offset changes nothing.';
COMMENT ON COLUMN pipeline.shard.shard IS 'Partition of the raw topic.';
COMMENT ON COLUMN pipeline.shard.epoch IS 'Raised by each new owner; a writer with a lower one is fenced.';
COMMENT ON COLUMN pipeline.shard.owner IS 'Node that owns it.';
COMMENT ON COLUMN pipeline.shard.next_offset IS 'All records before it are stored, dead-lettered or known.';

CREATE TABLE pipeline.ticker (
  symbol     text COLLATE "C" PRIMARY KEY,
  interval_s integer          NOT NULL,
  active     boolean          NOT NULL DEFAULT true,
  added_at   timestamptz      NOT NULL DEFAULT now()
);
COMMENT ON TABLE pipeline.ticker IS
  'Tickers that are or were served, each with the one interval of its bars.';

CREATE TABLE pipeline.source (
  topic      text PRIMARY KEY,
  cluster_id text        NOT NULL,
  shards     integer     NOT NULL,
  since      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pipeline.source IS
  'The Kafka cluster that the offsets belong to: those of another would be wrong.';

CREATE TABLE pipeline.dead_letter (
  topic         text        NOT NULL,
  shard         integer     NOT NULL,
  record_offset bigint      NOT NULL,
  reason        text        NOT NULL,
  detail        text        NOT NULL,
  record_key    bytea       NOT NULL,
  payload       bytea       NOT NULL,
  stored_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (topic, shard, record_offset)
);
COMMENT ON TABLE pipeline.dead_letter IS
  'Records that could not be used: why, from where, and the bytes as they were.';

CREATE TABLE pipeline.api_budget (
  key_fingerprint text PRIMARY KEY,
  day             date        NOT NULL,
  used            integer     NOT NULL,
  next_slot_at    timestamptz NOT NULL
);
COMMENT ON TABLE pipeline.api_budget IS
  'Calls counted before they are made, by API key (a hash of it) and New York day.';

CREATE VIEW public.stocks AS
  SELECT start AS date, symbol, open, high, low, close, volume
  FROM market.bar;
COMMENT ON VIEW public.stocks IS
  'The earlier pipeline''s table: date is the bar''s start, as an instant.';

CREATE SEQUENCE pipeline.term;
COMMENT ON SEQUENCE pipeline.term IS
  'Number of each start of a master; workers ignore orders of an older term.';
