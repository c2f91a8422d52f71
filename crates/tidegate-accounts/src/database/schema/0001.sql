-- Version 1. Times are Unix milliseconds. Ids of tokens are text, those of stations and devices small integers,
-- as the platforms' clients expect them.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    name       TEXT    NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    plan       TEXT,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_tenant ON users (tenant);

CREATE TABLE tokens (
    id            TEXT    NOT NULL PRIMARY KEY,
    secret_hash   TEXT    NOT NULL UNIQUE,
    hint          TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    user_name     TEXT    NOT NULL REFERENCES users (name),
    -- 'default': what the kind grants; 'all'; 'listed': the rows of token_stations.
    stations_mode TEXT    NOT NULL,
    created_ms    INTEGER NOT NULL,
    expires_ms    INTEGER,
    revoked_ms    INTEGER
) STRICT;
CREATE INDEX tokens_by_user ON tokens (user_name);

CREATE TABLE stations (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL,
    owner       TEXT    NOT NULL REFERENCES users (name),
    latitude    REAL    NOT NULL,
    longitude   REAL    NOT NULL,
    elevation_m REAL    NOT NULL,
    timezone    TEXT    NOT NULL,
    created_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX stations_by_owner ON stations (owner);

CREATE TABLE devices (
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    station_id    INTEGER NOT NULL REFERENCES stations (id),
    serial_number TEXT    UNIQUE,
    kind          TEXT    NOT NULL
) STRICT;
CREATE INDEX devices_by_station ON devices (station_id);

CREATE TABLE token_stations (
    token_id   TEXT    NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    station_id INTEGER NOT NULL REFERENCES stations (id),
    PRIMARY KEY (token_id, station_id)
) STRICT;

CREATE TABLE shares (
    station_id INTEGER NOT NULL REFERENCES stations (id),
    with_user  TEXT    NOT NULL REFERENCES users (name),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (station_id, with_user)
) STRICT;
CREATE INDEX shares_by_user ON shares (with_user);

CREATE TABLE overrides (
    limit_name TEXT    NOT NULL,
    scope_kind TEXT    NOT NULL,
    scope_name TEXT    NOT NULL,
    quota      INTEGER NOT NULL,
    until_ms   INTEGER,
    reason     TEXT,
    set_by     TEXT    NOT NULL,
    set_at_ms  INTEGER NOT NULL,
    PRIMARY KEY (limit_name, scope_kind, scope_name)
) STRICT;

CREATE TABLE audit (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at_ms   INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL
) STRICT;
