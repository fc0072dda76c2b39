-- Who leads the cluster, and records at which aggregators failed.

CREATE TABLE pipeline.leader (
  one        boolean     PRIMARY KEY DEFAULT true CHECK (one),
  term       bigint      NOT NULL,
  node       text        NOT NULL,
  address    text        NOT NULL,
  backend    integer     NOT NULL,
  renewed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pipeline.leader IS
  'The master that leads, or led last. A claim of a shard under an older term changes nothing.';
COMMENT ON COLUMN pipeline.leader.term IS 'Taken from pipeline.term at each change of the leader.';
COMMENT ON COLUMN pipeline.leader.backend IS
  'Server process of the session that holds the advisory lock: ended by a standby when the leader hangs.';
COMMENT ON COLUMN pipeline.leader.renewed_at IS 'By the server''s clock, so that masters'' clocks do not matter.';

CREATE TABLE pipeline.master (
  node    text        PRIMARY KEY,
  address text        NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pipeline.master IS
  'Master processes, leading and waiting; a row that is not renewed is of a process that has ended.';

CREATE TABLE pipeline.record_failure (
  shard         integer     NOT NULL,
  record_offset bigint      NOT NULL,
  failures      integer     NOT NULL,
  reason        text        NOT NULL,
  failed_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (shard, record_offset)
);
COMMENT ON TABLE pipeline.record_failure IS
  'Records at which an aggregator failed and how often, on whatever node; gone once the record is passed.';
