-- The body of a revision (4 KB of text for a usual guide, 2.7 compressed) stays in its row up to 4 KB, compressed: it is read by its row alone, and
-- in pieces of a table of its own it cost an import two more rows and two more entries of an index. What is there already stays as it is.
-- Nobody waits for it for long, as with what was said of these tables before.
DO $$
BEGIN
  PERFORM set_config('lock_timeout', '1s', true);
  ALTER TABLE guide_revision SET (toast_tuple_target = 4080);
EXCEPTION WHEN lock_not_available THEN
  NULL;
END $$;
