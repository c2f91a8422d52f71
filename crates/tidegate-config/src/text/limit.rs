//! `[limit.NAME]`: one line of the limits page.

use http::HeaderName;
use tidegate_core::limit::{CountsAt, OnStoreLoss, Part, Who};

use super::{
    amount::{QuotaText, RateText},
    macros::keyed_table,
};
use crate::{
    finding::Fault,
    parts::Parts,
    reader::{Choice, OneOrMany, Syntax, Whole, Written},
    suggest::instead_of,
};

/// What a quota, a burst and a cap may be.
pub type Amount = Whole<1, 4_294_967_295>;

keyed_table! {
    /// One limit. It binds to the routes of its own page.
    pub struct LimitText {
        /// The routes it counts on. Without it, all of the page.
        on: OneOrMany<String>,
        /// The routes of the page it does not count on.
        except: OneOrMany<String>,
        /// Whose calls count: those of `known` callers, of `anonymous` ones (without a valid credential), or of `everyone`.
        who: Choice<Who> = "everyone",
        /// What divides the count: `ip`, `user`, `token`, `tenant`, `app`, `header:NAME`, or several. Without it, one count for everybody.
        per: OneOrMany<Written<Part>>,
        /// So many in a window that follows the caller: `100 per minute`. A bucket that holds `burst` and refills at this rate.
        rate: Written<RateText>,
        /// Never more than so many in any window, at most 64: `12 per 2 minutes`. From rest all of them may come at once.
        sliding: Written<RateText>,
        /// So many in a calendar window of UTC: `1000 per day`.
        quota: Written<QuotaText>,
        /// So many sockets open at once. It counts on handshakes of routes with a `socket`.
        slots: Amount,
        /// So many points asked for by one read: its range over the cycles of its streams. On routes with a `range`.
        points: Amount,
        /// With `points`: so many of streams of strings, which then count apart. It scales with the quota.
        string_points: Amount,
        /// So many bytes of one body, as it came and as it is decoded.
        body_bytes: Amount,
        /// So many samples in one request. On routes with a `body`, as the three below.
        samples: Amount,
        /// So many streams in one request.
        streams: Amount,
        /// So many characters (Unicode scalar values) in a sample that is a string.
        string_chars: Amount,
        /// So many samples a second on average, of one stream of a request: of all in it, over the seconds from its first to its last.
        subsecond: Amount,
        /// How many calls a caller at rest may send at once, with `rate`. Without it, the quota.
        burst: Amount,
        /// Where a call counts: at the `edge`, or only when the cache does not answer it (`miss`).
        counts_at: Choice<CountsAt>,
        /// What happens when a shared store is gone: `allow`, `deny` or `local share`.
        on_store_loss: Choice<OnStoreLoss>,
        /// Decide and count, but never refuse.
        shadow: bool,
        /// How to avoid the refusal, said in the refusal.
        hint: String,
        /// A cap on partitions that a caller can choose.
        within: WithinText,
    }
}

keyed_table! {
    /// A cap on partitions that a caller can choose: so many live within one parent, further ones share one count. The
    /// parent may have a limit of its own.
    pub struct WithinText {
        /// What makes the parent.
        per: OneOrMany<Written<Part>>,
        /// How many live within one parent.
        subkeys_max: Amount,
        /// The parent's own limit, over all its counts together, as a bucket: `1200 per 2 minutes`.
        rate: Written<RateText>,
        /// The same, never more than so many in any window, at most 64.
        sliding: Written<RateText>,
        /// The name of the parent's own limit. Without it, the limit's with `-parent` behind.
        name: String,
    }
}

/// The words of a part, a header's apart.
const PARTS: &[(&str, Part)] = &[
    ("ip", Part::Ip),
    ("user", Part::User),
    ("token", Part::Token),
    ("tenant", Part::Tenant),
    ("app", Part::App),
];

impl Syntax for Part {
    const EXAMPLES: &'static [&'static str] = &["ip", "user", "token", "tenant", "app", "header:x-device"];

    fn parse(text: &str, _: &Parts) -> Result<Part, Fault> {
        if let Some(name) = text.strip_prefix("header:") {
            let name = name.to_lowercase().parse::<HeaderName>();
            return name
                .map(Part::Header)
                .map_err(|_| Fault::new(format!("`{text}` names no header"), "write it as `header:x-device`"));
        }
        if let Some((_, part)) = PARTS.iter().find(|(word, _)| *word == text) {
            return Ok(part.clone());
        }
        let words: Vec<&str> = PARTS.iter().map(|(word, _)| *word).chain(["header:NAME"]).collect();
        Err(Fault::new(
            format!("`{text}` divides no count"),
            instead_of(text, &words),
        ))
    }
}
