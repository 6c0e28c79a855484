-- As before, but that what begins like a link and is none is matched, too, and put back (\2): up to its bracket's end, to its line's end where that does
-- not come, and to its line's end where what the parenthesis begins does not end. No link begins within it. Before, PostgreSQL tried each of many
-- brackets anew as far as the next one's end, so that a guide full of them took minutes.
CREATE OR REPLACE FUNCTION search_plain(markdown text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(translate(markdown, E'\r\x01\x02\x03\x04\x05', ''),
    '^[ \t]*(```|~~~).*$', '', 'gn'),
    '^[ \t]*(#{1,6}|>|[-*+]|\d+[.)])[ \t]+', '', 'gn'),
    '!?\[([^]\n]*)\]\([^)\n]*\)|(\[[^]\n]*(?:\](?:\([^)\n]*)?)?)', '\1\2', 'g'),
    '\*\*|__|``?|(?<!\w)[*_]|[*_](?!\w)', '', 'g')
$$;

-- An entry that could not be written waits, longer each time, and nobody waits for it: the others go on.
ALTER TABLE search_pending
  ADD COLUMN failures integer NOT NULL DEFAULT 0,
  ADD COLUMN not_before timestamptz;
