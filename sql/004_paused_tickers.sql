-- What an operator has paused.

ALTER TABLE pipeline.ticker ADD COLUMN paused boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN pipeline.ticker.paused IS
  'By an operator: the ticker is not fetched until it is resumed; what others publish is stored all the same.';
