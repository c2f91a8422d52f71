-- Version 1. Months are numbered from January of the year 0. What is not known of a payer is an empty text.

-- Book 1 is what was shipped from the log, book 2 what was read again of segments before they were deleted.
CREATE TABLE usage (
    book             INTEGER NOT NULL,
    month            INTEGER NOT NULL,
    tenant           TEXT    NOT NULL,
    user_name        TEXT    NOT NULL,
    route            TEXT    NOT NULL,
    transactions     INTEGER NOT NULL,
    cached           INTEGER NOT NULL,
    refused          INTEGER NOT NULL,
    unbilled         INTEGER NOT NULL,
    bytes_in         INTEGER NOT NULL,
    bytes_out        INTEGER NOT NULL,
    samples          INTEGER NOT NULL,
    cached_bytes_out INTEGER NOT NULL,
    cached_samples   INTEGER NOT NULL,
    PRIMARY KEY (book, month, tenant, user_name, route)
) STRICT, WITHOUT ROWID;

-- How many rows of `usage` a month has, so that its bound is met without counting.
CREATE TABLE months (
    book   INTEGER NOT NULL,
    month  INTEGER NOT NULL,
    payers INTEGER NOT NULL,
    PRIMARY KEY (book, month)
) STRICT, WITHOUT ROWID;

-- Which batches of a run were entered, as ranges: 1-40,42-42.
CREATE TABLE entered (
    book  INTEGER NOT NULL,
    node  INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seqs  TEXT    NOT NULL,
    PRIMARY KEY (book, node, epoch)
) STRICT, WITHOUT ROWID;
