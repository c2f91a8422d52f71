-- What is kept of a user's password: its hash as a PHC string. Who has no row cannot log in by one.
CREATE TABLE passwords (
    user_name TEXT    NOT NULL PRIMARY KEY REFERENCES users (name),
    hash      TEXT    NOT NULL,
    set_ms    INTEGER NOT NULL
) STRICT;
-- 1 where a login made the token.
ALTER TABLE tokens ADD COLUMN is_session INTEGER NOT NULL DEFAULT 0;
