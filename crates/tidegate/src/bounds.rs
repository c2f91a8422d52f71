//! The program's own bounds that an operator sets in `[server]`.

use std::time::Duration;

tidegate_core::bounds! {
    /// Bounds of what the program puts around gateway and engine.
    pub struct Bounds {
        /// Milliseconds between two times that counts of windows over a minute are written to the data directory. A crash loses at most what came since.
        counts_flush: Duration = 5_000 in 100..=5_000 as counts_flush_ms,
        /// Bytes that the streams API inside keeps in its file; past it what is new is answered 507 until something is deleted.
        /// The default is 64 GiB.
        samples_bytes_max: u64 = 68_719_476_736 in 1_000_000..=100_000_000_000_000,
        /// Seconds that a session lasts which a login by password began.
        /// The default is twelve hours.
        session_lifetime: Duration = 43_200 in 60..=31_536_000 as session_lifetime_s,
    }
}
