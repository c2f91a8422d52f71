//! How much of everything there may be. Each bound is met with a refusal or a stated cut, never with growth.

/// Characters in the name of a user, tenant, plan or limit.
pub const NAME_CHARS_MAX: usize = 64;
/// Most characters of what a holder calls a token.
pub const TOKEN_NAME_CHARS_MAX: usize = 60;
/// Characters in a name that an issuer or a proxy gives, its prefix among them.
pub const FOREIGN_NAME_CHARS_MAX: usize = 200;
/// Characters in a station's name.
pub const STATION_NAME_CHARS_MAX: usize = 100;
/// Characters in a device's serial number.
pub const SERIAL_CHARS_MAX: usize = 32;
/// Characters in a time zone's name.
pub const TIMEZONE_CHARS_MAX: usize = 64;
/// Characters in the reason of an override.
pub const REASON_CHARS_MAX: usize = 500;
/// Characters in an actor's name, and in an audit row's action and subject.
pub const AUDIT_WORD_CHARS_MAX: usize = 200;
/// Characters in an audit row's detail that comes from outside this crate.
pub const AUDIT_DETAIL_CHARS_MAX: usize = 4_096;
/// Users in all.
pub const USERS_MAX: u32 = 1_000_000;
/// Live tokens (neither revoked nor expired) of one user, sessions apart.
pub const TOKENS_PER_USER_MAX: u32 = 1_000;
/// Dead tokens of one user that are kept; when one more is made, the oldest dead one is forgotten.
/// A forgotten token answers "unknown" instead of "revoked"; the audit trail still tells its story.
pub const DEAD_TOKENS_PER_USER_MAX: u32 = 1_000;
/// Live sessions of one user; where one more is begun, the oldest ends. As many that are over are kept, to be told from
/// ones that never were.
pub const SESSIONS_PER_USER_MAX: u32 = 100;
/// Fewest characters of a password (NIST SP 800-63B, 5.1.1.2 of 2017).
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Most bytes of a password.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Passwords hashed at one time, each on a thread of its own, with 19 MiB of memory.
pub const HASHES_AT_ONCE_MAX: usize = 2;
/// Passwords that are hashed or wait for it; a further one is told to come back.
pub const HASHES_ASKED_MAX: usize = 64;
/// How long one waits for its turn; then it is told to come back.
pub const HASH_WAIT_MS_MAX: u64 = 2_000;
/// Stations one token may name.
pub const STATIONS_PER_TOKEN_MAX: u32 = 1_000;
/// Stations of one user.
pub const STATIONS_PER_USER_MAX: u32 = 1_000;
/// Users one station is shared with.
pub const SHARES_PER_STATION_MAX: u32 = 1_000;
/// Stations shared with one user.
pub const SHARES_PER_USER_MAX: u32 = 10_000;
/// Resources (stations and devices) in one token's grants. What lies above, by station id, is not granted, and a
/// warning is logged: only an app key of a tenant this large meets it, and it is told 403, not let through.
pub const GRANTS_PER_TOKEN_MAX: u32 = 50_000;
/// Overrides in all; the host holds them in memory.
pub const OVERRIDES_MAX: u32 = 100_000;
/// The largest quota an override may set: whole numbers stay exact in JSON readers up to here.
pub const QUOTA_MAX: u64 = 1 << 53;
/// Rows of usage in a month, by tenant, user and route. Past it a new payer is added up under its tenant, and past as many
/// again under nobody.
pub const PAYERS_PER_MONTH_MAX: u32 = 1_000_000;
/// Days of usage that are kept beside the months: the newest on which anything was used.
pub const DAYS_KEPT_MAX: u32 = 62;
/// Rows of usage in a day, by tenant and user. Past it less is told apart, as in a month.
pub const PAYERS_PER_DAY_MAX: u32 = 100_000;
/// Ranges of numbers in which the batches of one run were entered: one, and one more for each batch that was lost.
pub const ENTERED_RANGES_MAX: u32 = 10_000;
/// Rows one listing answers with, whatever was asked.
pub const ROWS_PER_LIST_MAX: u32 = 10_000;
/// What the cache of tokens may weigh: one for each entry and one for each resource it grants, some 40 bytes each.
pub const CACHE_WEIGHT_MAX: usize = 1_000_000;
/// Refusals (unknown, revoked) the cache may hold. Apart from the tokens, so that a flood of made-up tokens
/// cannot push out anybody's real one.
pub const CACHE_REFUSALS_MAX: usize = 16_384;
/// How long a change made by another process, or by a call that was dropped half way, may go unnoticed.
pub const EXTERNAL_CHANGE_MS_MAX: u64 = 1_000;
/// How long a call waits for a database connection.
pub const CONNECTION_WAIT_MS_MAX: u64 = 10_000;
/// How long SQLite waits for a lock another process holds.
pub const LOCK_WAIT_MS_MAX: u64 = 5_000;
/// Connections that read.
pub const READERS_MAX: u32 = 4;

/// The bounds that count rows, as one value, so that tests meet them with few rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) users: u32,
    pub(crate) tokens_per_user: u32,
    pub(crate) dead_tokens_per_user: u32,
    pub(crate) sessions_per_user: u32,
    pub(crate) stations_per_token: u32,
    pub(crate) stations_per_user: u32,
    pub(crate) shares_per_station: u32,
    pub(crate) shares_per_user: u32,
    pub(crate) grants_per_token: u32,
    pub(crate) overrides: u32,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            users: USERS_MAX,
            tokens_per_user: TOKENS_PER_USER_MAX,
            dead_tokens_per_user: DEAD_TOKENS_PER_USER_MAX,
            sessions_per_user: SESSIONS_PER_USER_MAX,
            stations_per_token: STATIONS_PER_TOKEN_MAX,
            stations_per_user: STATIONS_PER_USER_MAX,
            shares_per_station: SHARES_PER_STATION_MAX,
            shares_per_user: SHARES_PER_USER_MAX,
            grants_per_token: GRANTS_PER_TOKEN_MAX,
            overrides: OVERRIDES_MAX,
        }
    }
}
