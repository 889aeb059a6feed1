CREATE TABLE followers (
    user_id bigint NOT NULL REFERENCES users,
    inbox text NOT NULL,
    PRIMARY KEY (user_id, inbox)
);

CREATE TABLE deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id bigint NOT NULL REFERENCES posts,
    inbox text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    last_error text,
    UNIQUE (post_id, inbox)
);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE delivered_at IS NULL;

CREATE TABLE inbox (
    activity_id text NOT NULL,
    user_id bigint NOT NULL REFERENCES users,
    activity jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, activity_id)
);
