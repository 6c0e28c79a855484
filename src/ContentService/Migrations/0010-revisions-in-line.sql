-- The body of a revision (4 KB of text for a usual guide, 2.7 compressed) stays in its row up to 4 KB, compressed: it is read by its row alone, and
-- in pieces of a table of its own it cost an import two more rows and two more entries of an index. What is there already stays as it is.
-- Neither readers nor writers wait for this, only what cleans the table, which it waits for in its turn; where that takes long it is given up.
DO $$
BEGIN
  PERFORM set_config('lock_timeout', '5s', true);
  ALTER TABLE guide_revision SET (toast_tuple_target = 4080);
EXCEPTION WHEN lock_not_available THEN
  RAISE WARNING 'guide_revision is busy and keeps its bodies as before: ALTER TABLE guide_revision SET (toast_tuple_target = 4080) can be said later';
END $$;
