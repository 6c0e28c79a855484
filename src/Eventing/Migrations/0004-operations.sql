-- A redrive is asked for here and done by the instance that leads the relay.
ALTER TABLE outbox_parked ADD COLUMN redrive bool NOT NULL DEFAULT false;

-- A copy that is to be made anew from its source's present state: asked for by an operator, by another epoch, or by a feed whose kept
-- history begins after this consumer's position. It is set until that is done, so a crash in between only begins it again.
ALTER TABLE source_progress ADD COLUMN resync bool NOT NULL DEFAULT false;

-- As before, and what an operator wants to know of each commit is left in the session: how long the position was waited for, in
-- microseconds, and which one it is. Nothing is read from there inside a transaction; whoever committed may ask afterwards.
CREATE OR REPLACE FUNCTION assign_feed_pos() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  asked timestamptz := clock_timestamp();
  given bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(724501);                    -- taken during COMMIT only, re-entrant per tx
  PERFORM set_config('backendguide.feed_lock_wait', (extract(epoch FROM clock_timestamp() - asked) * 1000000)::bigint::text, false);
  INSERT INTO feed(pos, seq)                                -- new statement => new snapshot (READ COMMITTED)
    SELECT greatest(coalesce((SELECT max(pos) FROM feed),0), (SELECT floor_pos FROM feed_meta)) + 1, NEW.seq
    RETURNING pos INTO given;
  PERFORM set_config('backendguide.feed_position', given::text, false);
  RETURN NULL;
END $$;                                                     -- feed_pkey is the fence: a wrong max fails loudly, never silently
