-- Which process owns a shard, not only under what name.

ALTER TABLE pipeline.shard ADD COLUMN claimed_by text NOT NULL DEFAULT '';
COMMENT ON COLUMN pipeline.shard.claimed_by IS
  'Token of the process that claimed the epoch: only it may claim the same epoch again. Names are not enough, for two processes can have one.';
