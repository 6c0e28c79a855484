-- What a search finds: one entry for each guide and locale that the public sees, and one for each technology and career, whose locale is
-- empty: they are there for every locale. Triggers keep the entries in the writer's own transaction; whoever writes need not know of them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE search_entry(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('guide', 'technology', 'career')),
  slug text COLLATE "C" NOT NULL,
  locale text COLLATE "C" NOT NULL,
  title text NOT NULL,
  summary text NOT NULL,
  tags text[] NOT NULL,
  body text NOT NULL,
  changed_at timestamptz NOT NULL,
  head tsvector NOT NULL,  -- title (A) and tags (B): short, so that it is read without its row's long parts
  words tsvector NOT NULL, -- all of it, with summary and headings (C) and body (D)
  UNIQUE (kind, slug, locale));
-- Read for each of a thousand candidates: what is not compressed need not be unpacked.
ALTER TABLE search_entry ALTER COLUMN words SET STORAGE EXTERNAL;

-- Of what was written and not merged yet a search reads all, so that is little. Guides have indexes of their own: few things among many guides
-- are found without reading the guides' postings.
CREATE INDEX search_entry_guide_words ON search_entry USING gin(words) WITH (gin_pending_list_limit = 256) WHERE locale <> '';
CREATE INDEX search_entry_guide_head ON search_entry USING gin(head) WITH (gin_pending_list_limit = 256) WHERE locale <> '';
CREATE INDEX search_entry_thing_words ON search_entry USING gin(words) WITH (gin_pending_list_limit = 256) WHERE locale = '';
CREATE INDEX search_entry_by_change ON search_entry(locale, changed_at DESC, id DESC);
CREATE INDEX search_entry_title ON search_entry USING gin(title gin_trgm_ops) WITH (gin_pending_list_limit = 256);

-- Guides whose entries are to be written later: a row for each change, so that no writer waits for another.
CREATE TABLE search_pending(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug text COLLATE "C" NOT NULL,
  locale text NOT NULL);

CREATE FUNCTION search_config(locale text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE lower(split_part(locale, '-', 1))
    WHEN '' THEN 'english' WHEN 'en' THEN 'english' WHEN 'ar' THEN 'arabic' WHEN 'ca' THEN 'catalan' WHEN 'da' THEN 'danish'
    WHEN 'de' THEN 'german' WHEN 'el' THEN 'greek' WHEN 'es' THEN 'spanish' WHEN 'eu' THEN 'basque' WHEN 'fi' THEN 'finnish'
    WHEN 'fr' THEN 'french' WHEN 'ga' THEN 'irish' WHEN 'hi' THEN 'hindi' WHEN 'hu' THEN 'hungarian' WHEN 'hy' THEN 'armenian'
    WHEN 'id' THEN 'indonesian' WHEN 'it' THEN 'italian' WHEN 'lt' THEN 'lithuanian' WHEN 'nb' THEN 'norwegian' WHEN 'ne' THEN 'nepali'
    WHEN 'nl' THEN 'dutch' WHEN 'nn' THEN 'norwegian' WHEN 'no' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian'
    WHEN 'ru' THEN 'russian' WHEN 'sr' THEN 'serbian' WHEN 'sv' THEN 'swedish' WHEN 'ta' THEN 'tamil' WHEN 'tr' THEN 'turkish'
    WHEN 'yi' THEN 'yiddish' ELSE 'simple' END::regconfig
$$;

-- Markdown as a reader sees it, roughly: no fences, no marks of headings, lists and quotes, of a link or a picture its text, no emphasis. Without
-- control characters, which stand for what a snippet needs to tell from the text.
CREATE FUNCTION search_plain(markdown text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(translate(markdown, E'\r\x01\x02\x03\x04\x05', ''),
    '^[ \t]*(```|~~~).*$', '', 'gn'),
    '^[ \t]*(#{1,6}|>|[-*+]|\d+[.)])[ \t]+', '', 'gn'),
    '!?\[([^]\n]*)\]\([^)\n]*\)', '\1', 'g'),
    '\*\*|__|``?|(?<!\w)[*_]|[*_](?!\w)', '', 'g')
$$;

-- The parser takes <script> for a tag, which it leaves out, and a/b for a path, which is one word.
CREATE FUNCTION search_vector(config regconfig, document text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN to_tsvector(config, translate(document, '<>/', '   '));
EXCEPTION WHEN program_limit_exceeded THEN
  RETURN to_tsvector(config, translate(left(document, 50000), '<>/', '   ')); -- a write does not fail for its words
END $$;

CREATE FUNCTION search_put(new_kind text, new_slug text, new_locale text, new_title text, new_summary text, new_tags text[], headings text,
  new_body text, new_changed_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  config regconfig := search_config(new_locale);
  new_head tsvector := setweight(search_vector(config, new_title), 'A') || setweight(search_vector(config, array_to_string(new_tags, ' ')), 'B');
BEGIN
  INSERT INTO search_entry AS e(kind, slug, locale, title, summary, tags, body, changed_at, head, words)
  VALUES (new_kind, new_slug, new_locale, new_title, new_summary, new_tags, new_body, coalesce(new_changed_at, now()), new_head,
    new_head || setweight(search_vector(config, concat_ws(E'\n', new_summary, headings)), 'C') || setweight(search_vector(config, new_body), 'D'))
  ON CONFLICT (kind, slug, locale) DO UPDATE SET title = excluded.title, summary = excluded.summary, tags = excluded.tags,
    body = excluded.body, changed_at = excluded.changed_at, head = excluded.head, words = excluded.words;
END $$;

CREATE FUNCTION search_put_guide(slug text, locale text, guide jsonb, changed_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  headings text;
  body text;
BEGIN
  SELECT string_agg(search_plain(section->>'heading'), E'\n' ORDER BY place) INTO headings
  FROM jsonb_array_elements(guide->'sections') WITH ORDINALITY AS s(section, place);
  SELECT string_agg(search_plain(said), E'\n' ORDER BY section_place, block_place, item_place) INTO body
  FROM jsonb_array_elements(guide->'sections') WITH ORDINALITY AS s(section, section_place),
    jsonb_array_elements(section->'blocks') WITH ORDINALITY AS b(block, block_place),
    LATERAL (
      SELECT 0 AS item_place, block->>'text' AS said WHERE block->>'kind' = 'markdown'
      UNION ALL SELECT 0, block->>'title' WHERE block->>'kind' = 'code'
      UNION ALL SELECT place, concat_ws(': ', item->>'term', item->>'text')
        FROM jsonb_array_elements(CASE WHEN block->>'kind' = 'definitions' THEN block->'items' END) WITH ORDINALITY AS i(item, place)) t;
  PERFORM search_put('guide', slug, locale, guide->>'title', search_plain(coalesce(guide->>'summary', '')),
    ARRAY(SELECT jsonb_array_elements_text(guide->'tags')), headings, coalesce(body, ''), changed_at);
END $$;

CREATE FUNCTION search_put_career(slug text, career jsonb) RETURNS void LANGUAGE sql AS $$
  SELECT search_put('career', slug, '', career->>'title', search_plain(coalesce(career->>'summary', '')),
    ARRAY(SELECT level->>'title' FROM jsonb_array_elements(career->'levels') level), '',
    search_plain(concat_ws(E'\n', career->>'outlook',
      (SELECT string_agg(concat_ws(': ', step->>'title', nullif(step->>'detail', '')), E'\n' ORDER BY place)
       FROM jsonb_array_elements(career->'learningPath') WITH ORDINALITY AS p(step, place)))),
    (career->>'updatedAt')::timestamptz)
$$;

CREATE FUNCTION search_drop(old_kind text, old_slug text, old_locale text) RETURNS void LANGUAGE sql AS $$
  DELETE FROM search_entry WHERE kind = old_kind AND slug = old_slug AND locale = old_locale
$$;

-- What is withdrawn is gone at once, whatever may wait.
CREATE FUNCTION search_follow_guide() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR (OLD.slug, OLD.locale) <> (NEW.slug, NEW.locale)) THEN
    PERFORM search_drop('guide', OLD.slug, OLD.locale);
    DELETE FROM search_pending p WHERE p.slug = OLD.slug AND p.locale = OLD.locale;
  END IF;
  IF TG_OP = 'DELETE' THEN
    NULL;
  ELSIF NEW.published IS NULL THEN
    PERFORM search_drop('guide', NEW.slug, NEW.locale);
  ELSIF current_setting('backendguide.search_later', true) = 'on' THEN
    INSERT INTO search_pending(slug, locale) VALUES (NEW.slug, NEW.locale);
  ELSE
    PERFORM search_put_guide(NEW.slug, NEW.locale, NEW.published, NEW.updated_at);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER search_guide_written AFTER INSERT OR DELETE ON guide FOR EACH ROW EXECUTE FUNCTION search_follow_guide();
CREATE TRIGGER search_guide_changed AFTER UPDATE ON guide FOR EACH ROW
  WHEN ((OLD.slug, OLD.locale, OLD.updated_at, OLD.published) IS DISTINCT FROM (NEW.slug, NEW.locale, NEW.updated_at, NEW.published))
  EXECUTE FUNCTION search_follow_guide();

-- A row that says of itself that it is deleted or withdrawn is not there, whichever column it says so by.
CREATE FUNCTION search_follow_technology() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.slug <> NEW.slug) THEN
    PERFORM search_drop('technology', OLD.slug, '');
  END IF;
  IF TG_OP = 'DELETE' THEN
    NULL;
  ELSIF coalesce(to_jsonb(NEW)->>'deleted', 'false') <> 'false' OR coalesce(to_jsonb(NEW)->>'withdrawn', 'false') <> 'false'
    OR to_jsonb(NEW)->>'withdrawn_at' IS NOT NULL THEN
    PERFORM search_drop('technology', NEW.slug, '');
  ELSE
    PERFORM search_put('technology', NEW.slug, '', NEW.name, search_plain(NEW.summary), ARRAY[NEW.category], '', '', NEW.updated_at);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER search_technology_written AFTER INSERT OR DELETE ON technology FOR EACH ROW EXECUTE FUNCTION search_follow_technology();
CREATE TRIGGER search_technology_changed AFTER UPDATE ON technology FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW)
  EXECUTE FUNCTION search_follow_technology();

CREATE FUNCTION search_follow_career() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR OLD.slug <> NEW.slug) THEN
    PERFORM search_drop('career', OLD.slug, '');
  END IF;
  IF TG_OP = 'DELETE' THEN
    NULL;
  ELSIF NEW.deleted THEN
    PERFORM search_drop('career', NEW.slug, '');
  ELSE
    PERFORM search_put_career(NEW.slug, NEW.data);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER search_career_written AFTER INSERT OR DELETE ON career_copy FOR EACH ROW EXECUTE FUNCTION search_follow_career();
CREATE TRIGGER search_career_changed AFTER UPDATE ON career_copy FOR EACH ROW
  WHEN ((OLD.slug, OLD.deleted, OLD.data) IS DISTINCT FROM (NEW.slug, NEW.deleted, NEW.data))
  EXECUTE FUNCTION search_follow_career();

-- What was there before: guides later, for they may be many.
SELECT search_put('technology', slug, '', name, search_plain(summary), ARRAY[category], '', '', updated_at) FROM technology;
SELECT search_put_career(slug, data) FROM career_copy WHERE NOT deleted;
INSERT INTO search_pending(slug, locale) SELECT slug, locale FROM guide WHERE published IS NOT NULL ORDER BY updated_at;
