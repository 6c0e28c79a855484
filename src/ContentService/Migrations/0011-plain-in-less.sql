-- As before, in less time: most texts have no link, no fence or no emphasis, and to look for what begins one takes a tenth of what the expression takes.
CREATE OR REPLACE FUNCTION search_plain(markdown text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1 AS $$
DECLARE
  plain text := replace(replace(replace(replace(replace(replace(markdown, E'\r', ''), E'\x01', ''), E'\x02', ''), E'\x03', ''), E'\x04', ''), E'\x05', '');
BEGIN
  IF strpos(plain, '```') > 0 OR strpos(plain, '~~~') > 0 THEN
    plain := regexp_replace(plain, '^[ \t]*(```|~~~).*$', '', 'gn');
  END IF;
  plain := regexp_replace(plain, '^[ \t]*(#{1,6}|>|[-*+]|\d+[.)])[ \t]+', '', 'gn');
  IF strpos(plain, '[') > 0 THEN
    plain := regexp_replace(plain, '!?\[([^]\n]*)\]\([^)\n]*\)|(\[[^]\n]*(?:\](?:\([^)\n]*)?)?)', '\1\2', 'g');
  END IF;
  IF strpos(plain, '*') > 0 OR strpos(plain, '_') > 0 OR strpos(plain, '`') > 0 THEN
    plain := regexp_replace(plain, '\*\*|__|``?|(?<!\w)[*_]|[*_](?!\w)', '', 'g');
  END IF;
  RETURN plain;
END $$;
