-- Each publication of a guide writes its body three times: the working copy, the published one and the revision. To compress these as PostgreSQL does by
-- itself was half of what an import of many guides cost it; LZ4 takes a fifth of that. What is there already stays as it is until it is written again.
DO $$
BEGIN
  ALTER TABLE guide ALTER COLUMN working SET COMPRESSION lz4, ALTER COLUMN published SET COMPRESSION lz4;
  ALTER TABLE guide_revision ALTER COLUMN body SET COMPRESSION lz4;
  ALTER TABLE search_entry ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  NULL; -- a server that was built without it compresses them as before
END $$;
