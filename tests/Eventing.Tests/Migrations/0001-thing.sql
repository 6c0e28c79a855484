CREATE TABLE thing(id uuid PRIMARY KEY, version bigint NOT NULL, title text NOT NULL);
CREATE TABLE thing_copy(slug text PRIMARY KEY, source_epoch uuid NOT NULL, version bigint NOT NULL, title text NOT NULL);
-- one row for each time that the handler's transaction was committed
CREATE TABLE handled(seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, slug text NOT NULL, version bigint NOT NULL);
