//! What can go wrong: refusals, which the one who asks can mend, and faults, which they cannot.

use crate::{bounds, validation::echo};

/// Why an account command or a look-up did not happen. No variant ever carries a secret: text that came from
/// outside is shortened, and replaced where it holds a token.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// A text does not follow its rule; `rule` says what would be right.
    #[error("{what} {given:?} is not accepted: it takes {rule}")]
    BadName {
        /// Which text: `a user's name`, `a serial number`.
        what: &'static str,
        /// What was given, shortened.
        given: String,
        /// What would be right.
        rule: &'static str,
    },
    /// A text holds a whole token. It would be kept in the clear, so it is refused.
    #[error("{what} holds a token; a token must not be written down here")]
    HoldsSecret {
        /// Which text.
        what: &'static str,
    },
    /// A password that is not accepted. It is not shown.
    #[error(
        "the password {wrong}: it takes at least {} characters and at most {} bytes, without control characters; several words make a good one",
        bounds::PASSWORD_CHARS_MIN,
        bounds::PASSWORD_BYTES_MAX
    )]
    BadPassword {
        /// What is wrong with it.
        wrong: String,
    },
    /// A number lies outside what it may be.
    #[error("{what} {given} is not accepted: it takes {rule}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// What was given.
        given: String,
        /// What would be right.
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
    /// A user of that name is there already.
    #[error("the name {name:?} is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A user without a tenant said would join one that is there, by being named like it.
    #[error(
        "there is a tenant {name:?} already, and a user of that name would join it; say so with `--tenant {name}`, or name another tenant"
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
    /// A device with that serial number is there already.
    #[error("a device with the serial number {serial:?} is there already")]
    SerialTaken {
        /// The serial number.
        serial: String,
    },
    /// Only a station's owner may do this.
    #[error("station {station_id} does not belong to {user:?}")]
    NotOwner {
        /// The station.
        station_id: i64,
        /// Who asked.
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
        /// Which stations it can name.
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
    /// The time given for an end is over already.
    #[error("{what} ends at {at_ms} ms, which is not after now ({now_ms} ms); give a time to come")]
    ExpiresInPast {
        /// What ends.
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
    #[error("tokens of the kind {kind:?} are not made here: it takes personal, app, development or enterprise")]
    KindNotIssued {
        /// The kind's word.
        kind: &'static str,
    },
    /// One more would be more than there may be.
    #[error("there are {max} {what} already, which is the most there may be")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        max: u32,
    },
    /// So many passwords are being looked at that this one was not.
    #[error("too many passwords are being looked at; come back in a moment")]
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
    #[error("the accounts database was made with another key; put the key file that belongs to it back")]
    WrongKey,
    /// The database file could not be made.
    #[error("the accounts database file could not be made: {0}")]
    File(#[from] std::io::Error),
    /// A row holds what this crate never writes.
    #[error("the accounts database holds a {what} that was never written by this program")]
    Corrupt {
        /// What is wrong.
        what: &'static str,
    },
    /// A password could not be hashed, as for want of memory.
    #[error("a password could not be hashed: {reason}")]
    Hash {
        /// The library's word for it.
        reason: String,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes: {reason}")]
    Random {
        /// The system's word for it.
        reason: String,
    },
}

impl AccountsError {
    /// Whether the one who asked can mend it (a 4xx, exit code 1), as opposed to a fault of ours (503).
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

    /// There is no such user; the name is shown safely.
    pub(crate) fn no_such_user(name: &str) -> AccountsError {
        AccountsError::NoSuchUser { name: echo(name) }
    }

    /// There is no such token; the id is shown safely, as people paste the secret where the id belongs.
    pub(crate) fn no_such_token(id: &str) -> AccountsError {
        AccountsError::NoSuchToken { id: echo(id) }
    }
}
