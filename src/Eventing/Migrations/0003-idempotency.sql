-- What a POST with an Idempotency-Key answered. The row is made before the write and in its transaction, so whoever comes in parallel waits
-- for it; status is null only in there. What was not accepted leaves no row.
CREATE TABLE idempotency_key(
  subject bytea, path text, key text,
  request_hash bytea NOT NULL,           -- SHA-256 of the body's bytes
  status int, headers jsonb, body bytea,
  seq bigint,                            -- the event that the write made: its position is there only after the commit, and is looked up
  created_at timestamptz NOT NULL,       -- counts for 24 hours; no default: it is the service's clock that both ends are read from
  PRIMARY KEY(subject, path, key));
CREATE INDEX idempotency_key_created_at ON idempotency_key(created_at);
