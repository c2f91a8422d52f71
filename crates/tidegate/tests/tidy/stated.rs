//! Numbers that documents state of constants in the code.

use crate::{rooms, tree};

/// A page, the words up to a number and the number, and the constant that it is. `MiB` behind the number counts.
const STATED: [(&str, &str, &str); 25] = [
    ("docs/operate/console.md", "At most 256 last at once", "SESSIONS_MAX"),
    (
        "docs/operate/identity.md",
        "A user has at most 100 at one time",
        "SESSIONS_PER_USER_MAX",
    ),
    (
        "docs/operate/identity.md",
        "A password has at least 8 characters",
        "PASSWORD_CHARS_MIN",
    ),
    (
        "docs/operate/identity.md",
        "and at most 256 bytes",
        "PASSWORD_BYTES_MAX",
    ),
    (
        "docs/operate/identity.md",
        "looked at or wait for it | 64, 2 at work",
        "HASHES_ASKED_MAX",
    ),
    (
        "docs/operate/identity.md",
        "up to 10,000 tokens of an issuer",
        "VERIFIED_MAX",
    ),
    (
        "docs/operate/identity.md",
        "A reading ends after 4 seconds",
        "FETCH_TIMEOUT",
    ),
    (
        "docs/operate/metrics.md",
        "At most ten lines a second",
        "REFUSAL_LINES_PER_S_MAX",
    ),
    ("docs/operate/metrics.md", "At most 512 names", "NAMES_MAX"),
    ("docs/operate/payload.md", "At most 32 coded", "DECODERS_MAX"),
    ("docs/operate/payload.md", "More than 200 decoded bytes", "RATIO_MAX"),
    (
        "docs/operate/payload.md",
        "At most 10,000 streams are followed",
        "STREAMS_TRACKED_MAX",
    ),
    (
        "docs/operate/sockets.md",
        "bytes or 131,072 fragments",
        "MESSAGE_FRAMES_MAX",
    ),
    (
        "docs/operate/sockets.md",
        "a message of more than 64 MiB",
        "UPSTREAM_MESSAGE_BYTES_MAX",
    ),
    (
        "docs/operate/sockets.md",
        "At most 64 at once; past that it is 429",
        "REFUSALS_BY_FRAME_MAX",
    ),
    (
        "docs/operate/sockets.md",
        "A device has at most 4,096 listeners",
        "LISTENERS_PER_DEVICE_MAX",
    ),
    (
        "docs/operate/streams.md",
        "as sent and inflated | 16 MiB",
        "FEED_BODY_BYTES_MAX",
    ),
    (
        "docs/operate/streams.md",
        "samples and streams of a PUT | 500,000",
        "SAMPLES_PER_PUT_MAX",
    ),
    (
        "docs/operate/streams.md",
        "points and bytes of an answer | 1,100,000",
        "SAMPLES_PER_GET_MAX",
    ),
    (
        "docs/operate/streams.md",
        "components of a tenant | 100,000",
        "COMPONENTS_PER_TENANT_MAX",
    ),
    (
        "docs/operate/streams.md",
        "streams of a component | 10,000",
        "STREAMS_PER_COMPONENT_MAX",
    ),
    (
        "docs/operate/streams.md",
        "cycles of a tenant | 1,000",
        "CYCLES_PER_TENANT_MAX",
    ),
    (
        "docs/operate/tls.md",
        "20 streams reset before they were looked at",
        "UNSEEN_RESETS_MAX",
    ),
    (
        "docs/operate/tls.md",
        "100 streams reset for faults of the client",
        "FAULTY_STREAMS_MAX",
    ),
    ("docs/operate/usage.md", "the last 62 days", "DAYS_KEPT_MAX"),
];

#[test]
fn numbers_in_documents_are_those_of_the_code() {
    let sources: Vec<String> = tree::rust()
        .into_iter()
        .filter(|(path, _)| path.starts_with("crates/") && !rooms::is_test(path))
        .map(|(_, text)| text)
        .collect();
    let mut found = Vec::new();
    for (page, words, name) in STATED {
        let text = tree::read(page).split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.contains(words) {
            found.push(format!(
                "{page} does not say `{words}` any more: write here what it says of {name}"
            ));
            continue;
        }
        let values: Vec<u64> = sources.iter().flat_map(|text| values(text, name)).collect();
        if !number(words).is_some_and(|stated| values.contains(&stated)) {
            found.push(format!("{page} says `{words}`, and {name} is {values:?}"));
        }
    }
    tree::nothing_of(found, "a number in a document is the one in the code:");
}

/// The first number of a text, `1,100,000` or `64 MiB`; `ten` is one too.
fn number(text: &str) -> Option<u64> {
    if text.contains(" ten ") {
        return Some(10);
    }
    let from = &text[text.find(|c: char| c.is_ascii_digit())?..];
    let end = from
        .find(|c: char| !(c.is_ascii_digit() || c == ','))
        .unwrap_or(from.len());
    let number: u64 = from[..end].trim_end_matches(',').replace(',', "").parse().ok()?;
    Some(if from[end..].starts_with(" MiB") {
        number << 20
    } else {
        number
    })
}

/// The values of all constants of this name in a text, of spans their seconds or milliseconds.
fn values<'t>(text: &'t str, name: &str) -> impl Iterator<Item = u64> + use<'t> {
    let declares = format!("const {name}:");
    let lines = text.lines().filter(move |line| line.contains(&declares));
    lines.filter_map(|line| {
        let value = line.split_once(" = ")?.1.trim_end_matches(';');
        let value = value
            .rsplit_once('(')
            .map_or(value, |(before, inside)| match before.ends_with("unwrap") {
                true => before.rsplit_once('(').map_or(before, |(_, inside)| inside),
                false => inside,
            });
        let value = value.split(')').next()?;
        value.split(" * ").map(factor).product()
    })
}

/// `1_000` or `64 << 20`.
fn factor(text: &str) -> Option<u64> {
    let whole = |text: &str| text.trim().replace('_', "").parse::<u64>().ok();
    match text.split_once("<<") {
        Some((number, by)) => whole(number)?.checked_shl(u32::try_from(whole(by)?).ok()?),
        None => whole(text),
    }
}

#[test]
fn constants_are_read_in_each_of_their_forms() {
    let text = "pub const A_MAX: usize = 64 * 1_024;\nconst A_MAX: u64 = 1 << 20;\n\
        const A_MAX: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();\nconst A_MAX: Duration = Duration::from_secs(4);";
    assert_eq!(values(text, "A_MAX").collect::<Vec<_>>(), [65_536, 1 << 20, 10_000, 4]);
    assert_eq!(number("bytes of an answer | 1,100,000 and"), Some(1_100_000));
    assert_eq!(number("more than 64 MiB"), Some(64 << 20));
}
