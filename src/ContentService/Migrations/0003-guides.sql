-- Null is a guide that is not public: `published` alone says what the public reads, and is NULL again after a withdrawal. What was last made
-- public keeps its revision in published_revision.
ALTER TABLE guide
  ADD COLUMN withdrawn_at timestamptz,
  ADD COLUMN scheduled_at timestamptz,
  ADD COLUMN scheduled_revision bigint,
  ADD COLUMN published_revision bigint,
  ADD CHECK ((scheduled_at IS NULL) = (scheduled_revision IS NULL));
CREATE INDEX guide_by_schedule ON guide(scheduled_at) WHERE scheduled_at IS NOT NULL;

-- Every working copy that was saved. The author is the token's subject; empty where it is not known.
CREATE TABLE guide_revision(
  guide_id uuid NOT NULL REFERENCES guide(id),
  revision bigint NOT NULL,
  author text NOT NULL,
  saved_at timestamptz NOT NULL,
  body jsonb NOT NULL,
  PRIMARY KEY (guide_id, revision));

-- What the public read from when on: a revision, or nothing after a withdrawal. A guide's times ascend with its versions.
CREATE TABLE guide_publication(
  guide_id uuid NOT NULL REFERENCES guide(id),
  version bigint NOT NULL,
  revision bigint,
  at timestamptz NOT NULL,
  PRIMARY KEY (guide_id, version),
  FOREIGN KEY (guide_id, revision) REFERENCES guide_revision(guide_id, revision));
CREATE INDEX guide_publication_by_revision ON guide_publication(guide_id, revision);

-- Of what came before only the working copy and the public one are left. Where they differ there was a save between them.
UPDATE guide SET published_revision = CASE WHEN published = working THEN revision ELSE revision - 1 END WHERE published IS NOT NULL;
INSERT INTO guide_revision(guide_id, revision, author, saved_at, body) SELECT id, revision, '', saved_at, working FROM guide;
INSERT INTO guide_revision(guide_id, revision, author, saved_at, body)
  SELECT id, published_revision, '', updated_at, published FROM guide WHERE published_revision < revision;
INSERT INTO guide_publication(guide_id, version, revision, at)
  SELECT id, version, published_revision, updated_at FROM guide WHERE published IS NOT NULL;

-- What public guides are found by, rewritten by each publication: one row for 'all', and one for each tag, technology and career. Each has
-- what lists are sorted by, so that any page of any list is one range of one index. The newest come first by counting microseconds down:
-- an index has no range where one column descends and the next ascends.
CREATE TABLE guide_facet(
  guide_id uuid NOT NULL REFERENCES guide(id),
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('all', 'tag', 'technology', 'career')),
  value text COLLATE "C" NOT NULL,
  locale text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  title text COLLATE "und-x-icu" NOT NULL,
  newest_published bigint NOT NULL,
  newest_updated bigint NOT NULL,
  PRIMARY KEY (guide_id, kind, value));
CREATE INDEX guide_facet_by_title ON guide_facet(kind, value, locale, title, slug);
CREATE INDEX guide_facet_by_publication ON guide_facet(kind, value, locale, newest_published, slug);
CREATE INDEX guide_facet_by_update ON guide_facet(kind, value, locale, newest_updated, slug);
INSERT INTO guide_facet(guide_id, kind, value, locale, slug, title, newest_published, newest_updated)
  SELECT g.id, f.kind, f.value, g.locale, g.slug, g.published->>'title',
    -(extract(epoch FROM g.published_at) * 1000000)::bigint, -(extract(epoch FROM g.updated_at) * 1000000)::bigint
  FROM guide g CROSS JOIN LATERAL (
    SELECT 'all' AS kind, '' AS value
    UNION SELECT 'tag', jsonb_array_elements_text(g.published->'tags')
    UNION SELECT kind, slug FROM guide_reference WHERE guide_id = g.id AND kind <> 'guide') f
  WHERE g.published IS NOT NULL;
DROP TABLE guide_reference;
DROP INDEX guide_by_publication;

-- A withdrawn technology stays as a tombstone, whose version goes on when it is revived.
ALTER TABLE technology ADD COLUMN withdrawn_at timestamptz;
CREATE INDEX technology_by_category ON technology(category, slug) WHERE withdrawn_at IS NULL;

-- Which learning paths name a technology.
CREATE INDEX career_copy_by_topic ON career_copy USING gin ((data->'learningPath') jsonb_path_ops);
