-- A publication of what is public already makes no version; but its revision, which says the same, was made public all the same.
ALTER TABLE guide_publication ADD COLUMN same_revisions bigint[] NOT NULL DEFAULT '{}';
