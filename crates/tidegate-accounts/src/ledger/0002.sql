-- Version 2: days, beside the months, for pictures. They are of book 1 alone and kept for a while. Days are numbered from
-- the first one of the year 0.

-- A day as a whole, and how many rows of `day_usage` it has.
CREATE TABLE days (
    day              INTEGER NOT NULL PRIMARY KEY,
    payers           INTEGER NOT NULL,
    transactions     INTEGER NOT NULL,
    cached           INTEGER NOT NULL,
    refused          INTEGER NOT NULL,
    unbilled         INTEGER NOT NULL,
    bytes_in         INTEGER NOT NULL,
    bytes_out        INTEGER NOT NULL,
    samples          INTEGER NOT NULL,
    cached_bytes_out INTEGER NOT NULL,
    cached_samples   INTEGER NOT NULL
) STRICT;

-- What is not known of a payer is an empty text.
CREATE TABLE day_usage (
    day              INTEGER NOT NULL,
    tenant           TEXT    NOT NULL,
    user_name        TEXT    NOT NULL,
    transactions     INTEGER NOT NULL,
    cached           INTEGER NOT NULL,
    refused          INTEGER NOT NULL,
    unbilled         INTEGER NOT NULL,
    bytes_in         INTEGER NOT NULL,
    bytes_out        INTEGER NOT NULL,
    samples          INTEGER NOT NULL,
    cached_bytes_out INTEGER NOT NULL,
    cached_samples   INTEGER NOT NULL,
    PRIMARY KEY (day, tenant, user_name)
) STRICT, WITHOUT ROWID;
