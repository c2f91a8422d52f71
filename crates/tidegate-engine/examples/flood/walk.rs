//! A walk through IPv6 beside callers at work: what both the measurement and its test do.

use std::{net::Ipv6Addr, time::Duration};

use http::HeaderMap;
use tidegate_core::{
    identity::Identity,
    limit::{Limit, Part, Period, Quantity, Who},
    limit_check::Caller,
    overrides::Overrides,
    testing,
};
use tidegate_engine::{
    clock::Clock,
    engine::{Admission, Bounds, Engine},
    snapshot::Current,
};

/// Callers with a token, who were there before the walk begins.
const CALLERS: u64 = 1_000;
/// Requests of each of them before the walk, and how many a day they have.
const USED_BEFORE: u64 = 30;
const QUOTA: u32 = 1_000;
/// Requests an hour for an address without a token, as the limits pages state it.
const UNKNOWN_QUOTA: u32 = 150;
/// The whole walk takes this long, however many addresses it has.
const WALK_MS: u64 = 60_000;
/// The callers ask again this often during the walk.
const ROUNDS: u64 = 10;

/// An engine with callers at work, through which somebody walks.
pub struct Walk {
    pub engine: Engine,
    callers: Vec<Identity>,
    headers: HeaderMap,
}

/// What came of a walk.
pub struct Outcome {
    /// Requests of the walk that were admitted.
    pub admitted: u64,
    /// Callers whose count is exactly what they used.
    pub intact: u64,
}

impl Walk {
    /// Callers who have all used a part of their quota.
    pub fn new(cells_max: usize) -> Walk {
        let day = Quantity::Quota {
            quota: QUOTA,
            period: Period::Day,
        };
        let hour = Quantity::Rate {
            quota: UNKNOWN_QUOTA,
            burst: UNKNOWN_QUOTA,
            window: Duration::from_secs(3_600),
        };
        let limits = vec![
            limit("per-user", Who::Known, Part::User, day),
            limit("per-address", Who::Anonymous, Part::Ip, hour),
        ];
        let policy = testing::policy().limits(limits).build();
        let bounds = Bounds {
            cells_max,
            leases_max: 1,
            sockets_max: 1,
        };
        // 14 November 2023, 22:13 UTC: the day does not end during a walk.
        let clock = Clock::manual(1_700_000_000_000);
        let walk = Walk {
            engine: Engine::new(clock, Current::new(policy, Overrides::default()), [5; 16], bounds),
            callers: (0..CALLERS).map(caller).collect(),
            headers: HeaderMap::new(),
        };
        (0..USED_BEFORE).for_each(|_| walk.callers_ask());
        walk
    }

    /// Walks through that many addresses of different /64 networks within a minute, while the callers go on asking.
    pub fn through(&self, addresses: u64) -> Outcome {
        let round = addresses.div_ceil(ROUNDS);
        let mut admitted = 0;
        for number in 0..addresses {
            if number % round == 0 {
                self.callers_ask();
                self.engine.clock.advance(Duration::from_millis(WALK_MS / ROUNDS));
            }
            admitted += u64::from(self.admits(&Identity::Anonymous, stranger(number)));
        }
        let used = USED_BEFORE + ROUNDS;
        let intact = self.callers.iter().filter(|caller| self.used(caller) == used).count();
        Outcome {
            admitted,
            intact: intact as u64,
        }
    }

    /// How many callers there are.
    pub fn callers(&self) -> u64 {
        CALLERS
    }

    fn callers_ask(&self) {
        for caller in &self.callers {
            assert!(
                self.admits(caller, Ipv6Addr::LOCALHOST),
                "a caller within the quota is admitted"
            );
        }
    }

    fn admits(&self, identity: &Identity, client: Ipv6Addr) -> bool {
        let snapshot = self.engine.current.load();
        let caller = self.caller(identity, client);
        let admission = self.engine.admit(
            snapshot.policy.limits.iter(),
            &snapshot,
            &caller,
            self.engine.clock.now(),
            None,
        );
        matches!(admission, Admission::Admitted(_))
    }

    fn used(&self, caller: &Identity) -> u64 {
        let snapshot = self.engine.current.load();
        let caller = self.caller(caller, Ipv6Addr::LOCALHOST);
        let standings = self
            .engine
            .standings(&snapshot.policy.limits, &snapshot, &caller, self.engine.clock.now());
        standings.iter().map(|(_, outcome)| outcome.standing.used).sum()
    }

    fn caller<'w>(&'w self, identity: &'w Identity, client: Ipv6Addr) -> Caller<'w> {
        Caller {
            identity,
            client: client.into(),
            headers: &self.headers,
            instance: None,
            counts_whoever: false,
        }
    }
}

/// The walk of somebody who holds a /32: every address is in another /64, and they come round to the same /48 as late
/// as can be, so that no wider block refuses them.
fn stranger(number: u64) -> Ipv6Addr {
    const PREFIX: u128 = 0x2001_0db8;
    let (site, network) = (number % 65_536, number / 65_536);
    // Another /56 first, then the next /64 within each.
    let (wide, narrow) = (network % 256, network / 256);
    Ipv6Addr::from(PREFIX << 96 | u128::from(site) << 80 | u128::from(wide) << 72 | u128::from(narrow) << 64 | 1)
}

fn caller(number: u64) -> Identity {
    let name = format!("caller-{number}");
    testing::token(&name).tenant(&name).known()
}

fn limit(name: &str, who: Who, part: Part, quantity: Quantity) -> Limit {
    testing::limit(name).who(who).per(&[part]).quantity(quantity).build()
}
