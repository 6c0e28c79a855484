-- Every version of a career, as the public read it from when on. Null is a withdrawal. A career's times ascend with its versions.
CREATE TABLE career_revision(
  career_id uuid NOT NULL REFERENCES career(id),
  version bigint NOT NULL,
  author text NOT NULL,
  saved_at timestamptz NOT NULL,
  state jsonb,
  PRIMARY KEY (career_id, version));
INSERT INTO career_revision(career_id, version, author, saved_at, state) SELECT id, version, '', updated_at, state FROM career;
ALTER TABLE career ADD COLUMN withdrawn_at timestamptz;

-- Whatever number of versions a career has, the one of a time is one look into this index.
CREATE UNIQUE INDEX career_revision_by_time ON career_revision(career_id, saved_at DESC);

-- What is listed: a page costs the same however many careers were withdrawn before it.
CREATE INDEX career_by_slug ON career(slug) WHERE withdrawn_at IS NULL;

-- Every step that a career's path ever had, with what it replaces, or replaced as it last stood: ids are permanent, and what was removed can
-- still be replaced.
CREATE TABLE career_step(
  career_id uuid NOT NULL REFERENCES career(id),
  id text COLLATE "C" NOT NULL,
  replaces text[] NOT NULL,
  PRIMARY KEY (career_id, id));
INSERT INTO career_step(career_id, id, replaces)
  SELECT c.id, step->>'id', ARRAY(SELECT jsonb_array_elements_text(step->'replaces'))
  FROM career c CROSS JOIN LATERAL jsonb_array_elements(c.state->'learningPath') AS step;
-- Of the steps that were removed before there was a history only those are known that another replaces.
INSERT INTO career_step(career_id, id, replaces)
  SELECT DISTINCT career_id, replaced, '{}'::text[] FROM career_step CROSS JOIN LATERAL unnest(replaces) AS replaced ON CONFLICT DO NOTHING;
