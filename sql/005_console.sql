-- What the console needs: where the others' consoles are, and dead letters by
-- their age.

ALTER TABLE pipeline.master ADD COLUMN console text NOT NULL DEFAULT '';
COMMENT ON COLUMN pipeline.master.console IS
  'Where the console of this master is, as a URL; empty: it has none.';

CREATE INDEX dead_letter_by_age
  ON pipeline.dead_letter (stored_at, topic, shard, record_offset);
COMMENT ON INDEX pipeline.dead_letter_by_age IS
  'For pages of dead letters, newest first.';
