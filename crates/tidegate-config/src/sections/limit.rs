//! `[limit.NAME]`: one line of the limits page.

use http::HeaderName;
use tidegate_core::limit::{CountsAt, OnStoreLoss, Part, Who};

use super::{
    keyed_table::keyed_table,
    rate_quota::{QuotaText, RateText},
};
use crate::{
    diagnostics::Fault,
    extensions::ConfigExtensions,
    reader::{Choice, OneOrMany, Syntax, Whole, Written},
    suggest::instead_of,
};

/// The values of a quota, a burst and a cap.
pub type Amount = Whole<1, 4_294_967_295>;

keyed_table! {
    /// A limit. It applies to the routes of its own page.
    pub struct LimitText {
        /// The routes it counts on. Without it, all of the page.
        on: OneOrMany<String>,
        /// The routes of the page it does not count on.
        except: OneOrMany<String>,
        /// The callers whose calls count: `known` callers, `anonymous` ones (without a valid credential), or `everyone`.
        who: Choice<Who> = "everyone",
        /// The key that divides the count: `ip`, `user`, `token`, `tenant`, `app`, `header:NAME`, or several. Without it, everybody shares one count.
        per: OneOrMany<Written<Part>>,
        /// A number of calls per window that follows the caller: `100 per minute`. A bucket that holds `burst` and refills at this rate.
        rate: Written<RateText>,
        /// Never more than so many in any window, at most 64: `12 per 2 minutes`. From rest all of them may come at once.
        sliding: Written<RateText>,
        /// A number of calls per calendar window of UTC: `1000 per day`.
        quota: Written<QuotaText>,
        /// The number of sockets that may be open at once. It counts on handshakes of routes with a `socket`.
        slots: Amount,
        /// The number of points that one read may ask for: its range over the cycles of its streams. It applies to routes with a `range`.
        points: Amount,
        /// With `points`: the number of points of string streams, which then count separately. It scales with the quota.
        string_points: Amount,
        /// The number of bytes of one body, both as received and as decoded.
        body_bytes: Amount,
        /// The number of samples in one request. It applies to routes with a `body`, as do the three keys below.
        samples: Amount,
        /// The number of streams in one request.
        streams: Amount,
        /// The number of characters (Unicode scalar values) in a sample that is a string.
        string_chars: Amount,
        /// The average number of samples per second of one stream of a request: all of them, over the seconds from the first to the last.
        subsecond: Amount,
        /// With `rate`: the number of calls that a caller may send at once after a pause. By default, the quota.
        burst: Amount,
        /// The point at which a call counts: at the `edge`, or only when the cache does not answer it (`miss`).
        counts_at: Choice<CountsAt>,
        /// The behaviour while a shared store is unreachable: `allow`, `deny` or `local share`.
        on_store_loss: Choice<OnStoreLoss>,
        /// Decide and count, but never refuse.
        shadow: bool,
        /// Advice on avoiding the refusal, which every refusal repeats.
        hint: String,
        /// A cap on partitions that a caller can choose.
        within: WithinText,
    }
}

keyed_table! {
    /// A cap on partitions that a caller can choose: so many live within one parent, further ones share one count. The
    /// parent may have a limit of its own.
    pub struct WithinText {
        /// The key of the parent.
        per: OneOrMany<Written<Part>>,
        /// The number of counts that live within one parent.
        subkeys_max: Amount,
        /// The parent's own limit, over all its counts together, as a bucket: `1200 per 2 minutes`.
        rate: Written<RateText>,
        /// The parent's own limit as a sliding window, at most 64: never more than this number in any window.
        sliding: Written<RateText>,
        /// The name of the parent's own limit. Without it, the limit's with `-parent` behind.
        name: String,
    }
}

/// The words of a part, a header's apart.
const EXTENSIONS: &[(&str, Part)] = &[
    ("ip", Part::Ip),
    ("user", Part::User),
    ("token", Part::Token),
    ("tenant", Part::Tenant),
    ("app", Part::App),
];

impl Syntax for Part {
    const EXAMPLES: &'static [&'static str] = &["ip", "user", "token", "tenant", "app", "header:x-device"];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<Part, Fault> {
        if let Some(name) = text.strip_prefix("header:") {
            let name = name.to_lowercase().parse::<HeaderName>();
            return name
                .map(Part::Header)
                .map_err(|_| Fault::new(format!("`{text}` is not a header"), "write it as `header:x-device`"));
        }
        if let Some((_, part)) = EXTENSIONS.iter().find(|(word, _)| *word == text) {
            return Ok(part.clone());
        }
        let words: Vec<&str> = EXTENSIONS
            .iter()
            .map(|(word, _)| *word)
            .chain(["header:NAME"])
            .collect();
        Err(Fault::new(
            format!("`{text}` is not something to count by"),
            instead_of(text, &words),
        ))
    }
}
