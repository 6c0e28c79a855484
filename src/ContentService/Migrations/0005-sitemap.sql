-- All public guides by their addresses, with nothing of their bodies: a page of them, and where each page begins, is read from here alone.
CREATE INDEX guide_by_address ON guide(slug, locale) INCLUDE (updated_at) WHERE published IS NOT NULL;
