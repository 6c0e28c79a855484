-- The observed salaries of each career: with versions of their own, apart from the career's. Whoever writes any of what follows has this row
-- locked first, so two uploads of one career take turns and cannot wait for each other.
CREATE TABLE career_salaries(
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  career_id uuid NOT NULL UNIQUE REFERENCES career(id),
  version bigint NOT NULL DEFAULT 0,      -- of what the public reads: one for each event
  settled_at timestamptz,                 -- the time of the last event
  event_seq bigint,                       -- and its place in the event log
  changed_at timestamptz,                 -- the time of the last commit, which the next one's is later than
  unsettled_since timestamptz);           -- of what is committed and not yet in a summary, the oldest
CREATE INDEX career_salaries_unsettled ON career_salaries(unsettled_since) WHERE unsettled_since IS NOT NULL;

-- What is never mixed. The empty region is that of observations without one.
CREATE TABLE salary_group(
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  salaries_id int NOT NULL REFERENCES career_salaries(id),
  level text COLLATE "C" NOT NULL,
  region text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  year int NOT NULL,
  UNIQUE (salaries_id, level, region, currency, year));

-- Who said it, where and under which terms. They are told apart by a hash, for together they may be longer than an entry of an index.
CREATE TABLE salary_source(
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  salaries_id int NOT NULL REFERENCES career_salaries(id),
  hash bytea NOT NULL,
  name text NOT NULL,
  url text,
  licence text,
  UNIQUE (salaries_id, hash));

-- What was observed, as it counts now. Millions of rows come at once, all under the lock of their career's row: checking each against the group
-- and the source that were found a statement before would only cost.
CREATE TABLE salary_observation(
  salaries_id int NOT NULL,
  id text COLLATE "C" NOT NULL,
  group_id int NOT NULL,
  amount bigint NOT NULL,
  source_id int NOT NULL,
  as_of date,
  committed_at timestamptz NOT NULL,
  PRIMARY KEY (salaries_id, id));

-- What counted until it was corrected.
CREATE TABLE salary_observation_past(
  turn bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  salaries_id int NOT NULL,
  id text COLLATE "C" NOT NULL,
  group_id int NOT NULL,
  amount bigint NOT NULL,
  source_id int NOT NULL,
  as_of date,
  committed_at timestamptz NOT NULL,
  superseded_at timestamptz NOT NULL);
CREATE INDEX salary_observation_past_id ON salary_observation_past(salaries_id, id);

-- The amounts of a group in their order, each with how many observations have it: percentiles come from here (docs/decisions/0019). A count may
-- come to be 0. A CHECK would be asked of the difference that is added, which may be negative, before it is added.
CREATE TABLE salary_amount(
  group_id int NOT NULL,
  amount bigint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (group_id, amount)) WITH (fillfactor = 80);

-- The same by ranges of amounts, each named by the least amount that may be in it: to find a rank a group's ranges are counted, and then the
-- amounts of one of them.
CREATE TABLE salary_range(
  group_id int NOT NULL,
  low bigint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (group_id, low)) WITH (fillfactor = 60);

-- The range of an amount: its seven leading bits. So a range is at most 1.6 % wide, and there are 64 of them to a doubling of the amount.
CREATE FUNCTION salary_range_of(amount bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (amount >> greatest(length(ltrim(amount::bit(64)::text, '0')) - 7, 0)) << greatest(length(ltrim(amount::bit(64)::text, '0')) - 7, 0)
$$;

CREATE TABLE salary_group_source(
  group_id int NOT NULL,
  source_id int NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (group_id, source_id)) WITH (fillfactor = 60);

-- Groups with observations that no summary has yet: an upload leaves them, and takes them away with an event. What one that was cut left,
-- the service settles by itself.
CREATE TABLE salary_unsettled(
  salaries_id int NOT NULL,
  group_id int NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (salaries_id, group_id));

-- What the public reads of a group, from when on: rows are only added, so what was said before stays. The percentiles are null under five
-- observations. Between median_low and median_high the true median is with a probability that depends on the size alone.
CREATE TABLE salary_summary(
  group_id int NOT NULL REFERENCES salary_group(id),
  at timestamptz NOT NULL,
  version bigint NOT NULL,
  sample_size bigint NOT NULL,
  p10 bigint,
  p25 bigint,
  median bigint,
  p75 bigint,
  p90 bigint,
  median_low bigint,
  median_high bigint,
  source_ids int[] NOT NULL,
  source_counts bigint[] NOT NULL,
  PRIMARY KEY (group_id, at));
