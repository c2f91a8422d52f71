//! The limits file read again while the gate runs: the whole of it is put in force, or nothing of it.
//!
//! A file is compiled before anything else happens, and what is in force is swapped once. Counts are found by the names of
//! limits and callers, so a swap touches none; sockets hold what they were opened under.

mod seen;
pub mod watch;

use std::{path::PathBuf, sync::Arc};

use parking_lot::Mutex;
use tidegate_config::{Config, Server, Source};
use tidegate_engine::engine::Engine;
use tidegate_staff::program::{ReloadCause, Reloaded};

use crate::config_extensions::CONFIG_EXTENSIONS;
use seen::Seen;

/// Reads the limits file of one program again.
pub struct Reload {
    source: Source,
    upstream: Option<String>,
    /// The bounds the program was started with, which are in force until it ends.
    server: Server,
    engine: Arc<Engine>,
    /// The fingerprints of the files. The lock is held for a whole reload, so that of two at once the one that reads
    /// later stays.
    seen: Mutex<Seen>,
    last: Mutex<Option<Reloaded>>,
}

impl Reload {
    /// Makes it for a policy that came from this source, with the command line's `--upstream`, and is in force in this
    /// engine.
    pub fn new(source: Source, upstream: Option<String>, config: &Config, engine: Arc<Engine>) -> Reload {
        Reload {
            source,
            upstream,
            server: config.server.clone(),
            engine,
            seen: Mutex::new(Seen::new(config.paths.clone())),
            last: Mutex::new(None),
        }
    }

    /// Reads the file again and puts it in force; `None` where there is nothing to read again: the policy is a preset, or
    /// the cause is the watch and the files hold what they held.
    pub fn reload(&self, cause: ReloadCause) -> Option<Reloaded> {
        if self.source.path().is_none() {
            tracing::info!(
                policy = self.source.name(),
                "there is no limits file to read again: the policy is built in"
            );
            return None;
        }
        let mut seen = self.seen.lock();
        if !seen.look() && cause == ReloadCause::Watch {
            return None;
        }
        let outcome = match tidegate_config::load(&self.source, self.upstream.as_deref(), &CONFIG_EXTENSIONS) {
            Ok(config) => {
                seen.follow(&config.paths);
                Ok(self.put_in_force(config))
            }
            Err(errors) => {
                tracing::error!(
                    file = self.source.name(),
                    "the limits file has errors: the policy in force stays"
                );
                errors.0.iter().for_each(|finding| tracing::error!("{finding}"));
                Err(errors)
            }
        };
        let mut last = self.last.lock();
        let (reloads, failures) = last.as_ref().map_or((0, 0), |last| (last.reloads, last.failures));
        let reloaded = Reloaded {
            at_ms: self.engine.clock.now().wall_ms,
            cause,
            reloads: reloads + 1,
            failures: failures + u64::from(outcome.is_err()),
            outcome,
        };
        *last = Some(reloaded.clone());
        Some(reloaded)
    }

    /// Returns the outcome of the last reload, if there was one.
    pub fn last(&self) -> Option<Reloaded> {
        self.last.lock().clone()
    }

    /// The limits file's name.
    pub fn name(&self) -> String {
        self.source.name()
    }

    /// The files that are read, as far as they are on disk.
    fn paths(&self) -> Vec<PathBuf> {
        self.seen.lock().paths().to_vec()
    }

    fn put_in_force(&self, config: Config) -> Vec<&'static str> {
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        let needs_restart = self.server.needs_restart(&config.server);
        if !needs_restart.is_empty() {
            let keys: Vec<String> = needs_restart.iter().map(|key| format!("server.{key}")).collect();
            tracing::warn!(
                "changes of {} take effect after a restart; everything else is in force",
                keys.join(", ")
            );
        }
        let (routes, limits) = (config.policy.routes.len(), config.policy.limits.len());
        self.engine.current.set_policy(config.policy);
        tracing::info!(
            file = self.source.name(),
            routes,
            limits,
            "the limits file was read again and is in force"
        );
        needs_restart
    }
}
