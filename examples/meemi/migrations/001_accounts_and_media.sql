CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9_]{1,30}$'),
    password text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE media (
    id uuid PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    content_type text NOT NULL,
    key text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX media_by_user ON media (user_id, created_at DESC);
