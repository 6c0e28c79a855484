-- Whether a group has observations since its last summary that it did not have before: one that observations only left was not observed anew.
ALTER TABLE salary_unsettled ADD COLUMN gained boolean NOT NULL DEFAULT true;

-- When an observation came to the group last; null, in rows of before, where that is the summary's own time.
ALTER TABLE salary_summary ADD COLUMN observed_at timestamptz;
