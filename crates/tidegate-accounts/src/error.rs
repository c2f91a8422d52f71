//! Errors: refusals, which the one who asks can mend, and faults, which they cannot.

use crate::{bounds, redaction::echo};

/// The reason why an account command or a look-up did not happen. No variant ever carries a secret: text that came from
/// outside is shortened, and replaced where it holds a token.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// A text does not follow its rule; `rule` says what would be right.
    #[error("{what} {given:?} is not accepted: it takes {rule}")]
    BadName {
        /// The text's name, such as `a user's name` or `a serial number`.
        what: &'static str,
        /// The text given, shortened.
        given: String,
        /// The rule, in words.
        rule: &'static str,
    },
    /// A text holds a whole token. It would be kept in the clear, so it is refused.
    #[error("{what} holds a token; a token must not be written down here")]
    HoldsSecret {
        /// The text's name.
        what: &'static str,
    },
    /// A password that is not accepted. It is not shown.
    #[error(
        "the password {wrong}: it takes at least {} characters and at most {} bytes, without control characters; several words make a good one",
        bounds::PASSWORD_CHARS_MIN,
        bounds::PASSWORD_BYTES_MAX
    )]
    BadPassword {
        /// The fault of the password.
        wrong: String,
    },
    /// A number lies outside what it may be.
    #[error("{what} {given} is not accepted: it takes {rule}")]
    OutOfRange {
        /// The number's name.
        what: &'static str,
        /// The number given.
        given: String,
        /// The rule, in words.
        rule: &'static str,
    },
    /// No user has that name.
    #[error("there is no user {name:?}")]
    NoSuchUser {
        /// The name asked for.
        name: String,
    },
    /// No user belongs to that tenant.
    #[error("there is no tenant {name:?}")]
    NoSuchTenant {
        /// The tenant asked for.
        name: String,
    },
    /// A user of that name exists already.
    #[error("the name {name:?} is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A user added without a tenant would join an existing tenant of the same name.
    #[error(
        "there is a tenant {name:?} already, and a user of that name would join it; give `--tenant {name}` to join it, or name another tenant"
    )]
    TenantThere {
        /// The name of both.
        name: String,
    },
    /// No station has that id.
    #[error("there is no station {id}")]
    NoSuchStation {
        /// The id asked for.
        id: i64,
    },
    /// No token has that id, or it is somebody else's (the two are not told apart).
    #[error("there is no token {id:?}")]
    NoSuchToken {
        /// The public id asked for.
        id: String,
    },
    /// A device with that serial number exists already.
    #[error("a device with the serial number {serial:?} exists already")]
    SerialTaken {
        /// The serial number.
        serial: String,
    },
    /// Only a station's owner may do this.
    #[error("station {station_id} does not belong to {user:?}")]
    NotOwner {
        /// The station.
        station_id: i64,
        /// The user who asked.
        user: String,
    },
    /// A token can name only stations that its user reaches.
    #[error("station {station_id} is out of reach for {user:?}: a {kind} token takes {reach}")]
    OutOfReach {
        /// The station.
        station_id: i64,
        /// The token's user.
        user: String,
        /// The token's kind.
        kind: &'static str,
        /// The stations it can name, in words.
        reach: &'static str,
    },
    /// A station's owner has it already.
    #[error("station {station_id} belongs to {user:?}, it cannot be shared with its owner")]
    ShareWithOwner {
        /// The station.
        station_id: i64,
        /// The owner.
        user: String,
    },
    /// The time given for an end has passed already.
    #[error("{what} ends at {at_ms} ms, which is not after now ({now_ms} ms); give a time in the future")]
    ExpiresInPast {
        /// The thing that ends, in words.
        what: &'static str,
        /// The end given, Unix milliseconds.
        at_ms: i64,
        /// The present, Unix milliseconds.
        now_ms: i64,
    },
    /// A development token is shared in public, so it must have an end.
    #[error("a development token needs an end date: give `--expires`, such as `--expires 90d`")]
    ExpiryRequired,
    /// An enterprise token names its stations.
    #[error("an enterprise token needs its stations: give `--stations 1,2` or `--stations all`")]
    StationsRequired,
    /// Tokens of that kind are not made here.
    #[error("tokens of the kind {kind:?} are not made here; give personal, app, development or enterprise")]
    KindNotIssued {
        /// The kind's word.
        kind: &'static str,
    },
    /// One more would exceed the bound.
    #[error("there are {max} {what} already, which is the maximum")]
    TooMany {
        /// The counted things, in words.
        what: &'static str,
        /// The bound.
        max: u32,
    },
    /// Too many passwords are being checked, so this one was not.
    #[error("too many passwords are being checked; try again in a moment")]
    Busy,
    /// The database failed, or did not answer in time.
    #[error("the accounts database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The file was written by a newer Tidegate.
    #[error("the accounts database has schema {found}, this program knows {known}; run a newer Tidegate")]
    NewerSchema {
        /// The schema's version in the file.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The file was made with another key: no token would be known.
    #[error("the accounts database was made with another key; restore the key file that belongs to it")]
    WrongKey,
    /// The database file could not be created.
    #[error("the accounts database file could not be created: {0}")]
    File(#[from] std::io::Error),
    /// A row holds a value that this crate never writes.
    #[error("the accounts database holds a {what} that this program never writes")]
    Corrupt {
        /// The value, in words.
        what: &'static str,
    },
    /// A password could not be hashed, for example for lack of memory.
    #[error("a password could not be hashed: {reason}")]
    Hash {
        /// The library's word for it.
        reason: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {reason}")]
    Random {
        /// The system's word for it.
        reason: String,
    },
}

impl AccountsError {
    /// Returns true when the one who asked can mend it (a 4xx, exit code 1), and false for a fault of ours (503).
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            AccountsError::Busy
                | AccountsError::Database(_)
                | AccountsError::NewerSchema { .. }
                | AccountsError::WrongKey
                | AccountsError::File(_)
                | AccountsError::Corrupt { .. }
                | AccountsError::Hash { .. }
                | AccountsError::Random { .. }
        )
    }

    /// Returns `NoSuchUser` with the name shown safely.
    pub(crate) fn no_such_user(name: &str) -> AccountsError {
        AccountsError::NoSuchUser { name: echo(name) }
    }

    /// Returns `NoSuchToken` with the id shown safely, as people paste the secret where the id belongs.
    pub(crate) fn no_such_token(id: &str) -> AccountsError {
        AccountsError::NoSuchToken { id: echo(id) }
    }
}
