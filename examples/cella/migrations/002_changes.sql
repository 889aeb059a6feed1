-- What the CDC worker reads, and what the API made of it. A change is known by its transaction's place in the log and its number in it,
-- so that one that is pushed again is there once.
CREATE PUBLICATION cella FOR TABLE posts;

CREATE TABLE changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lsn pg_lsn NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    row_data jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (lsn, number)
);
