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
