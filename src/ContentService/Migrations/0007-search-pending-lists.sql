-- What is written and not merged into the index yet a search reads all of. How much that may be is for who writes to say: little for one guide, and more
-- for thousands of them, which are merged at a fraction of the price then, with all that have a word at once.
ALTER INDEX search_entry_guide_words RESET (gin_pending_list_limit);
ALTER INDEX search_entry_guide_head RESET (gin_pending_list_limit);
ALTER INDEX search_entry_title RESET (gin_pending_list_limit);

-- So it is little for whoever says nothing.
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I SET gin_pending_list_limit = 256', current_database());
EXCEPTION WHEN insufficient_privilege THEN
  NULL; -- the sessions of the service say it themselves
END $$;
