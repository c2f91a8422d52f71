//! Accounts for unit tests: a temporary file with a few users, and the time as a plain number.

use std::{path::PathBuf, sync::Arc};

use tidegate_core::identity::{Lookup, Token, TokenKind};

use crate::{Accounts, Actor, Created, NewStation, NewToken, NewUser, StationList, bounds::Bounds};

/// The installation's key in tests.
pub(crate) const KEY: [u8; 32] = [7; 32];
/// The time at which tests begin.
pub(crate) const NOW_MS: i64 = 1_790_000_000_000;

/// Accounts in a temporary folder, which goes when the value goes.
pub(crate) struct House {
    pub(crate) accounts: Accounts,
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

pub(crate) fn admin() -> Actor {
    Actor("admin".to_owned())
}

impl House {
    pub(crate) async fn new() -> House {
        House::bounded(Bounds::default()).await
    }

    pub(crate) async fn bounded(bounds: Bounds) -> House {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.sqlite");
        let accounts = Accounts::open_bounded(&path, KEY, bounds).await.unwrap();
        House {
            accounts,
            path,
            _folder: folder,
        }
    }

    /// A house with these users, each a tenant of their own.
    pub(crate) async fn with_users(names: &[&str]) -> House {
        let house = House::new().await;
        for name in names {
            house.user(name, None).await;
        }
        house
    }

    pub(crate) async fn user(&self, name: &str, tenant: Option<&str>) {
        let new = NewUser {
            name: name.to_owned(),
            tenant: tenant.map(str::to_owned),
            plan: None,
        };
        self.accounts.user_add(&admin(), new, NOW_MS).await.unwrap();
    }

    /// A station of the user's: its id and its device's.
    pub(crate) async fn station(&self, user: &str) -> (i64, i64) {
        let new = NewStation {
            user: user.to_owned(),
            name: "roof".to_owned(),
            ..NewStation::default()
        };
        self.accounts.station_add(&admin(), new, NOW_MS).await.unwrap()
    }

    pub(crate) async fn token(&self, user: &str, kind: TokenKind, stations: Option<StationList>) -> Created {
        self.accounts
            .token_create(&admin(), new_token(user, kind, stations), NOW_MS)
            .await
            .unwrap()
    }

    pub(crate) async fn personal(&self, user: &str) -> Created {
        self.token(user, TokenKind::Personal, None).await
    }

    pub(crate) async fn lookup(&self, created: &Created) -> Lookup {
        self.accounts.lookup(created.secret.reveal(), NOW_MS).await.unwrap()
    }

    pub(crate) async fn known(&self, created: &Created) -> Arc<Token> {
        self.lookup(created).await.unwrap()
    }

    /// The file's bytes, and those of the write-ahead log beside it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = std::fs::read(&self.path).unwrap();
        bytes.extend(std::fs::read(self.path.with_extension("sqlite-wal")).unwrap_or_default());
        bytes
    }
}

/// A development token gets an end, as it must have one.
pub(crate) fn new_token(user: &str, kind: TokenKind, stations: Option<StationList>) -> NewToken {
    let expires_ms = (kind == TokenKind::Development).then_some(NOW_MS + 1_000_000);
    NewToken {
        user: user.to_owned(),
        kind,
        expires_ms,
        stations,
        name: String::new(),
    }
}
