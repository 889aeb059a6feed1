CREATE TABLE variants (
    photo_id uuid NOT NULL REFERENCES photos ON DELETE CASCADE,
    name text NOT NULL,
    key text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    bytes integer NOT NULL,
    PRIMARY KEY (photo_id, name)
);
