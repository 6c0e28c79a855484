CREATE TABLE technology(
  id uuid PRIMARY KEY,
  slug text COLLATE "C" NOT NULL UNIQUE,
  name text NOT NULL,
  category text NOT NULL,
  summary text NOT NULL,
  website text,
  version bigint NOT NULL,
  updated_at timestamptz NOT NULL);

-- One row per slug and locale. The working copy is the editor's; the published one is what the public reads.
CREATE TABLE guide(
  id uuid PRIMARY KEY,
  slug text COLLATE "C" NOT NULL,
  locale text NOT NULL DEFAULT 'en',
  working jsonb NOT NULL,
  revision bigint NOT NULL,
  saved_at timestamptz NOT NULL,
  published jsonb,
  version bigint NOT NULL DEFAULT 0,
  published_at timestamptz,
  updated_at timestamptz,
  UNIQUE (slug, locale));
CREATE INDEX guide_by_publication ON guide(published_at DESC, slug) WHERE published IS NOT NULL;

-- What the blocks of each published guide refer to: rewritten by each publication.
CREATE TABLE guide_reference(
  guide_id uuid NOT NULL REFERENCES guide(id),
  kind text NOT NULL CHECK (kind IN ('technology', 'guide', 'career')),
  slug text COLLATE "C" NOT NULL,
  PRIMARY KEY (guide_id, kind, slug));
CREATE INDEX guide_reference_by_target ON guide_reference(kind, slug);

-- This service's own copy of what the career service publishes, kept by events. Deleted careers stay as tombstones, so that an older
-- event cannot bring them back.
CREATE TABLE career_copy(
  slug text COLLATE "C" PRIMARY KEY,
  source_epoch uuid NOT NULL,
  version bigint NOT NULL,
  deleted bool NOT NULL,
  data jsonb NOT NULL);
