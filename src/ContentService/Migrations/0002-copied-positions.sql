-- Where in the source's feed a copied row comes from: what an event wrote after a state was taken is not undone by that state.
ALTER TABLE career_copy ADD COLUMN source_pos bigint NOT NULL DEFAULT 0;
