CREATE TABLE thing(id uuid PRIMARY KEY, version bigint NOT NULL, title text NOT NULL, deleted bool NOT NULL DEFAULT false);
CREATE TABLE thing_copy(slug text PRIMARY KEY, source_epoch uuid NOT NULL, source_pos bigint NOT NULL, version bigint NOT NULL, deleted bool NOT NULL, title text NOT NULL);
-- one row for each time that the handler's transaction was committed
CREATE TABLE handled(seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, slug text NOT NULL, version bigint NOT NULL);
-- one row for each time that the copy really changed
CREATE TABLE effect(seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, slug text NOT NULL, version bigint NOT NULL);
CREATE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO effect(slug, version) VALUES (NEW.slug, NEW.version);
  RETURN NULL;
END $$;
CREATE TRIGGER thing_copy_effect AFTER INSERT OR UPDATE ON thing_copy FOR EACH ROW EXECUTE FUNCTION note_effect();
