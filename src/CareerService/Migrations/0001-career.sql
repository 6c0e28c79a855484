-- Slugs sort by their bytes, so that a list has the same order under every collation that a database may be made with.
CREATE TABLE career(
  id uuid PRIMARY KEY,
  slug text COLLATE "C" NOT NULL UNIQUE,
  state jsonb NOT NULL,
  version bigint NOT NULL,
  published_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL);

-- The topics that the steps of each career name: rewritten by each write.
CREATE TABLE career_topic(
  career_id uuid NOT NULL REFERENCES career(id),
  slug text COLLATE "C" NOT NULL,
  PRIMARY KEY (career_id, slug));

-- This service's own copy of what the content service publishes, kept by events: technologies, and guides in English. What was
-- withdrawn stays as a tombstone, so that an older event cannot bring it back.
CREATE TABLE topic_copy(
  slug text COLLATE "C" NOT NULL,
  kind text NOT NULL CHECK (kind IN ('technology', 'guide')),
  source_epoch uuid NOT NULL,
  version bigint NOT NULL,
  deleted bool NOT NULL,
  title text NOT NULL,
  PRIMARY KEY (slug, kind));
