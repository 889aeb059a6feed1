CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9_]{1,30}$'),
    password text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A session is its current refresh token: one that was used before ends it.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    refresh_id uuid NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE photos (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id bigint NOT NULL REFERENCES users,
    content_type text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'ready', 'failed')),
    error text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX photos_by_user ON photos (user_id, created_at DESC, id DESC);
