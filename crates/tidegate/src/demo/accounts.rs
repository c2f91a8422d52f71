//! The accounts, tokens and stations of the demo.

use anyhow::Context;
use tidegate_accounts::{Accounts, AccountsError, Actor, NewStation, NewToken, NewUser};
use tidegate_core::identity::TokenKind;

/// A simulated caller with a token, and the station and device they watch.
#[derive(Clone, Debug)]
pub struct Player {
    pub token: Token,
    pub station_id: i64,
    pub device_id: i64,
}

/// A token of the demo. It never prints.
#[derive(Clone)]
pub struct Token(pub String);

/// The accounts of all simulated callers.
#[derive(Debug)]
pub struct DemoAccounts {
    /// The serial numbers of the hubs' devices.
    pub serials: Vec<String>,
    /// Dashboards of different temper.
    pub viewers: Vec<Player>,
    /// Opens sockets and closes none.
    pub collector: Player,
    /// Reconnects in a loop.
    pub kiosk: Player,
    /// Reads history.
    pub historian: Player,
    /// Shares an address with somebody who hammers.
    pub neighbour: Player,
    /// An organisation's key for feeds.
    pub orchard: Token,
}

const TENANTS: [(&str, &str); 7] = [
    ("ada", "harbour"),
    ("ben", "harbour"),
    ("wallboard", "harbour"),
    ("collector", "university"),
    ("kiosk", "museum"),
    ("historian", "university"),
    ("neighbour", "harbour"),
];

impl DemoAccounts {
    /// Finds or makes the accounts; tokens are made anew at each start, for two days.
    ///
    /// # Errors
    /// Fails when the accounts refuse or fail.
    pub async fn assemble(accounts: &Accounts, now_ms: i64) -> anyhow::Result<DemoAccounts> {
        let made = AccountMaker { accounts, now_ms };
        let mut players = Vec::new();
        let mut serials = Vec::new();
        for (index, (name, tenant)) in TENANTS.iter().enumerate() {
            let serial = format!("ST-{:08}", 9_000 + index);
            players.push(made.player(name, tenant, &serial).await?);
            serials.push(serial);
        }
        made.user("orchard", "orchard").await?;
        let orchard = made.token("orchard").await?;
        let mut players = players.into_iter();
        let mut next = || players.next().context("a player is missing");
        Ok(DemoAccounts {
            serials,
            viewers: vec![next()?, next()?, next()?],
            collector: next()?,
            kiosk: next()?,
            historian: next()?,
            neighbour: next()?,
            orchard,
        })
    }
}

struct AccountMaker<'a> {
    accounts: &'a Accounts,
    now_ms: i64,
}

/// The label of the demo's tokens.
const TOKEN_NAME: &str = "demo, made at its start";

/// The lifetime of a token of the demo, in milliseconds.
const GOOD_FOR_MS: i64 = 2 * 86_400_000;

impl AccountMaker<'_> {
    async fn player(&self, name: &str, tenant: &str, serial: &str) -> anyhow::Result<Player> {
        self.user(name, tenant).await?;
        let (station_id, device_id) = self.station(name, serial).await?;
        Ok(Player {
            token: self.token(name).await?,
            station_id,
            device_id,
        })
    }

    async fn user(&self, name: &str, tenant: &str) -> anyhow::Result<()> {
        let new = NewUser {
            name: name.to_owned(),
            tenant: Some(tenant.to_owned()),
            plan: None,
        };
        match self.accounts.user_add(&actor(), new, self.now_ms).await {
            Ok(_) | Err(AccountsError::NameTaken { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The demo's tokens of an earlier start are taken back, so that they do not pile up; nobody else's are touched.
    async fn token(&self, user: &str) -> anyhow::Result<Token> {
        for earlier in self.accounts.tokens(user).await? {
            if earlier.revoked_ms.is_none() && earlier.name == TOKEN_NAME {
                self.accounts.token_revoke(&actor(), &earlier.id, self.now_ms).await?;
            }
        }
        let new = NewToken {
            user: user.to_owned(),
            kind: TokenKind::Personal,
            expires_ms: Some(self.now_ms + GOOD_FOR_MS),
            stations: None,
            name: TOKEN_NAME.to_owned(),
        };
        let created = self.accounts.token_create(&actor(), new, self.now_ms).await?;
        Ok(Token(created.secret.reveal().to_owned()))
    }

    async fn station(&self, user: &str, serial: &str) -> anyhow::Result<(i64, i64)> {
        if let Some(device) = self.accounts.device_by_serial(serial).await? {
            return Ok((device.station_id, device.id));
        }
        let new = NewStation {
            user: user.to_owned(),
            name: format!("{user}'s roof"),
            serial: Some(serial.to_owned()),
            ..NewStation::default()
        };
        Ok(self.accounts.station_add(&actor(), new, self.now_ms).await?)
    }
}

fn actor() -> Actor {
    Actor("demo".to_owned())
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(redacted)")
    }
}

#[cfg(test)]
mod tests;
