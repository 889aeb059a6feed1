ALTER TABLE media ADD COLUMN thumbnail_key text UNIQUE;
