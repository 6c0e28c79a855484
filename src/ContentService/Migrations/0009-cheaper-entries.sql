-- As before, in PL/pgSQL: PostgreSQL parses and plans a function in SQL that it cannot put in its caller's place (as this one, for its cast depends on
-- settings) anew for each statement that calls it, and what it can put there it prepares anew with each. That took longer than all else that the entry of a
-- technology took. COST keeps PostgreSQL from compiling a plan for them (JIT): what they read are the few blocks of one guide, and not the thousands
-- that it expects of any array.
CREATE OR REPLACE FUNCTION search_config(locale text) RETURNS regconfig LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN CASE lower(split_part(locale, '-', 1))
    WHEN '' THEN 'english' WHEN 'en' THEN 'english' WHEN 'ar' THEN 'arabic' WHEN 'ca' THEN 'catalan' WHEN 'da' THEN 'danish'
    WHEN 'de' THEN 'german' WHEN 'el' THEN 'greek' WHEN 'es' THEN 'spanish' WHEN 'eu' THEN 'basque' WHEN 'fi' THEN 'finnish'
    WHEN 'fr' THEN 'french' WHEN 'ga' THEN 'irish' WHEN 'hi' THEN 'hindi' WHEN 'hu' THEN 'hungarian' WHEN 'hy' THEN 'armenian'
    WHEN 'id' THEN 'indonesian' WHEN 'it' THEN 'italian' WHEN 'lt' THEN 'lithuanian' WHEN 'nb' THEN 'norwegian' WHEN 'ne' THEN 'nepali'
    WHEN 'nl' THEN 'dutch' WHEN 'nn' THEN 'norwegian' WHEN 'no' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian'
    WHEN 'ru' THEN 'russian' WHEN 'sr' THEN 'serbian' WHEN 'sv' THEN 'swedish' WHEN 'ta' THEN 'tamil' WHEN 'tr' THEN 'turkish'
    WHEN 'yi' THEN 'yiddish' ELSE 'simple' END::regconfig;
END $$;

CREATE OR REPLACE FUNCTION search_plain(markdown text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    replace(replace(replace(replace(replace(replace(markdown, E'\r', ''), E'\x01', ''), E'\x02', ''), E'\x03', ''), E'\x04', ''), E'\x05', ''),
    '^[ \t]*(```|~~~).*$', '', 'gn'),
    '^[ \t]*(#{1,6}|>|[-*+]|\d+[.)])[ \t]+', '', 'gn'),
    '!?\[([^]\n]*)\]\([^)\n]*\)|(\[[^]\n]*(?:\](?:\([^)\n]*)?)?)', '\1\2', 'g'),
    '\*\*|__|``?|(?<!\w)[*_]|[*_](?!\w)', '', 'g');
END $$;

-- And whether a technology is withdrawn is asked of its column, where it had been asked of the whole row as jsonb, three times.
CREATE OR REPLACE FUNCTION search_follow_technology() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.slug <> NEW.slug) THEN
    PERFORM search_drop('technology', OLD.slug, '');
  END IF;
  IF TG_OP = 'DELETE' THEN
    NULL;
  ELSIF NEW.withdrawn_at IS NOT NULL THEN
    PERFORM search_drop('technology', NEW.slug, '');
  ELSE
    PERFORM search_put('technology', NEW.slug, '', NEW.name, search_plain(NEW.summary), ARRAY[NEW.category], '', '', NEW.updated_at);
  END IF;
  RETURN NULL;
END $$;
