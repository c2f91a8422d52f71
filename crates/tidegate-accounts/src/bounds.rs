//! The bounds of everything that is stored or remembered. At each bound there is a refusal or a stated cut, never growth.

/// Most characters in the name of a user, tenant, plan or limit.
pub const NAME_CHARS_MAX: usize = 64;
/// Most characters in the name that a holder gives a token.
pub const TOKEN_NAME_CHARS_MAX: usize = 60;
/// Most characters in a name that an issuer or a proxy gives, its prefix among them.
pub const FOREIGN_NAME_CHARS_MAX: usize = 200;
/// Most characters in a station's name.
pub const STATION_NAME_CHARS_MAX: usize = 100;
/// Most characters in a device's serial number.
pub const SERIAL_CHARS_MAX: usize = 32;
/// Most characters in a time zone's name.
pub const TIMEZONE_CHARS_MAX: usize = 64;
/// Most characters in the reason of an override.
pub const REASON_CHARS_MAX: usize = 500;
/// Most characters in an actor's name, and in an audit row's action and subject.
pub const AUDIT_WORD_CHARS_MAX: usize = 200;
/// Most characters in an audit row's detail that comes from outside this crate.
pub const AUDIT_DETAIL_CHARS_MAX: usize = 4_096;
/// Most users.
pub const USERS_MAX: u32 = 1_000_000;
/// Most live tokens (neither revoked nor expired) of one user; sessions count apart.
pub const TOKENS_PER_USER_MAX: u32 = 1_000;
/// Most dead tokens of one user that are kept; when one more is made, the oldest dead one is forgotten.
/// A forgotten token answers "unknown" instead of "revoked"; the audit trail still tells its story.
pub const DEAD_TOKENS_PER_USER_MAX: u32 = 1_000;
/// Most live sessions of one user; when one more begins, the oldest ends. As many ended sessions are kept, so that they
/// are told from ones that never existed.
pub const SESSIONS_PER_USER_MAX: u32 = 100;
/// Fewest characters of a password (NIST SP 800-63B, 5.1.1.2 of 2017).
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Most bytes of a password.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Most passwords hashed at one time, each on a thread of its own, with 19 MiB of memory.
pub const HASHES_AT_ONCE_MAX: usize = 2;
/// Most passwords that are being hashed or wait for it; a further call is refused with `Busy`.
pub const HASHES_ASKED_MAX: usize = 64;
/// Longest wait of a password for its turn; after it the call is refused with `Busy`.
pub const HASH_WAIT_MS_MAX: u64 = 2_000;
/// Most stations that one token may name.
pub const STATIONS_PER_TOKEN_MAX: u32 = 1_000;
/// Most stations of one user.
pub const STATIONS_PER_USER_MAX: u32 = 1_000;
/// Most users that one station is shared with.
pub const SHARES_PER_STATION_MAX: u32 = 1_000;
/// Most stations shared with one user.
pub const SHARES_PER_USER_MAX: u32 = 10_000;
/// Most resources (stations and devices) in one token's grants. Those above the bound, by station id, are not granted, and a
/// warning is logged: only an app key of a tenant this large meets it, and it is told 403, not let through.
pub const GRANTS_PER_TOKEN_MAX: u32 = 50_000;
/// Most overrides; the host holds them in memory.
pub const OVERRIDES_MAX: u32 = 100_000;
/// The largest quota an override may set: whole numbers stay exact in JSON readers up to here.
pub const QUOTA_MAX: u64 = 1 << 53;
/// Most rows of usage in a month, by tenant, user and route. Past it a new payer is added up under its tenant, and past as many
/// again under nobody.
pub const PAYERS_PER_MONTH_MAX: u32 = 1_000_000;
/// Most days of usage that are kept beside the months: the newest days with any usage.
pub const DAYS_KEPT_MAX: u32 = 62;
/// Most rows of usage in a day, by tenant and user. Past it less is told apart, as in a month.
pub const PAYERS_PER_DAY_MAX: u32 = 100_000;
/// Most ranges of numbers in which the batches of one run were entered: one, and one more for each batch that was lost.
pub const ENTERED_RANGES_MAX: u32 = 10_000;
/// Most rows that one listing answers with, even when more were requested.
pub const ROWS_PER_LIST_MAX: u32 = 10_000;
/// Largest weight of the token cache: one for each entry and one for each resource it grants, some 40 bytes each.
pub const CACHE_WEIGHT_MAX: usize = 1_000_000;
/// Most refusals (unknown, revoked) in the cache. They are held apart from the tokens, so that a flood of made-up tokens
/// cannot push out anybody's real one.
pub const CACHE_REFUSALS_MAX: usize = 16_384;
/// Longest time that a change made by another process, or by a call that was dropped half way, goes unnoticed.
pub const EXTERNAL_CHANGE_MS_MAX: u64 = 1_000;
/// Longest wait of a call for a database connection.
pub const CONNECTION_WAIT_MS_MAX: u64 = 10_000;
/// Longest wait of SQLite for a lock that another process holds.
pub const LOCK_WAIT_MS_MAX: u64 = 5_000;
/// Most connections that read.
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
