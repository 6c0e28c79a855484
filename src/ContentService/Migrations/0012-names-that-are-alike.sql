-- Technologies and careers are compared with what was typed whatever is found besides, and are few among the titles of many guides.
CREATE INDEX search_entry_thing_title ON search_entry USING gin(title gin_trgm_ops) WHERE locale = '';
