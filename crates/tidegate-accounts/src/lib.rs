//! Accounts in SQL: users, tenants, tokens, passwords, stations, shares, overrides, audit.
//!
//! One handle, [`Accounts`], over one SQLite file. It answers "who is this credential, and what may it reach" for
//! the gateway and carries out the operator's account commands. It does no HTTP, counts nothing and never reads a
//! clock: every method that needs the time takes `now_ms`, Unix milliseconds.
//!
//! - A secret is shown once, when it is made. The file holds a keyed hash of it, whose key is not in the file.
//! - A password is kept as a hash that costs much, made on threads of their own, a few at one time.
//! - Every change writes its audit row in its own transaction; there is no way to commit without one.
//! - Every change empties the cache of look-ups, so that it acts at the next request.
//! - Usage is in a file of its own, [`Ledger`], into which each batch of what was used is entered once.
//! - Errors separate refusals, which the user can mend, from faults ([`AccountsError::is_refusal`]).

mod accounts;
mod actor;
mod audit;
mod audited_change;
mod base62;
pub mod bounds;
mod database;
mod error;
mod external_changes;
mod grants;
mod kinds;
mod ledger;
mod lookup;
mod lookup_cache;
mod overrides;
mod password;
mod password_change;
mod redaction;
mod secret_hash;
mod sessions;
mod shares;
mod stations;
mod token_format;
mod token_secret;
mod tokens;
mod users;
mod validation;

pub use accounts::Accounts;
pub use actor::Actor;
pub use audit::AuditRow;
pub use error::AccountsError;
pub use kinds::{DEVICE, KINDS, STATION};
pub use ledger::{Book, DaysOf, Entered, Entries, Ledger, UsageBy, UsageQuery, UsageRow};
pub use overrides::{Override, OverrideRow, OverrideScope};
pub use password::Password;
pub use sessions::{Login, Session};
pub use stations::{Device, NewStation, Scope, Station};
/// Public for the fuzz target.
#[doc(hidden)]
pub use token_format::is_well_formed;
pub use token_secret::Secret;
pub use tokens::{Created, NewToken, StationList, TokenRow};
pub use users::{NewUser, User};

#[cfg(test)]
mod testing;
