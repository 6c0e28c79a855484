-- Which positions a consumer has taken, holes and all: events of different resources come side by side, so the next one need not come next.
-- As a multirange it is one range but for the few events in flight.
ALTER TABLE source_progress ADD COLUMN seen int8multirange NOT NULL DEFAULT '{}';
