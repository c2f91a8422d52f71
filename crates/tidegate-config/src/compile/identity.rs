//! The identification of a page's callers, compiled.

use std::{fs::File, io::Read, sync::Arc};

use tidegate_core::{
    credential,
    identity::{Algorithm, ClaimNames, HeaderRules, IdentityRules, JwtRules, JwtType, KeysAt, Naming, Source},
    policy::Page,
    trust::{AddressSource, Trust},
};

use super::upstream::beside;
use crate::{
    diagnostics::{Fault, Report},
    extensions::ConfigExtensions,
    location::{Located, Location},
    parsed_file::ParsedFile,
    reader::{Choice, Written},
    sections::{
        identity::IdentityText,
        jwt::{
            FieldText, GRANTS_CLAIM, HEADER_PREFIX, HeaderText, JWT_PREFIX, JwtText, KeysText, LEEWAY_S, PLAN_CLAIM,
            PrefixText, TENANT_CLAIM, USER_CLAIM, USER_FIELD,
        },
        keywords::{SourceWord, Users},
    },
};

/// Returns the rules for browsers that keep a token for the callers' pages: the sources of the pages' own rules, by the
/// cookie.
pub fn of_browsers(pages: &[Page], cookie: &str) -> Vec<IdentityRules> {
    let mut all: Vec<IdentityRules> = Vec::new();
    for page in pages {
        let rules = IdentityRules {
            read: vec![credential::Place::Cookie(cookie.to_owned())],
            cookie_yields: false,
            app_acts_alone: page.identity.app_acts_alone,
            sources: page.identity.credential_sources().cloned().collect(),
        };
        if !rules.sources.is_empty() && !all.contains(&rules) {
            all.push(rules);
        }
    }
    all
}

/// The rules of a page that says this; `stands` is where it says it, if it does.
pub fn compile(
    text: &IdentityText,
    stands: Option<&Location>,
    extensions: &ConfigExtensions,
    report: &mut Report,
) -> IdentityRules {
    let words: Vec<&Located<Choice<SourceWord>>> = text.sources.iter().flat_map(|at| &at.value.0).collect();
    check_words(text, &words, report);
    let mut sources = Vec::new();
    for word in &words {
        sources.extend(match word.value.0 {
            SourceWord::Own => Some(Source::Own),
            SourceWord::Opaque => Some(Source::Opaque),
            SourceWord::Jwt => jwt(text, &word.location, extensions, report).map(|rules| Source::Jwt(Arc::new(rules))),
            SourceWord::Header => header(text.header.as_ref(), report).map(|rules| Source::Header(Arc::new(rules))),
        });
    }
    if sources.is_empty() {
        sources.push(Source::Own);
    }
    let asks = |word: SourceWord| words.iter().any(|at| at.value.0 == word);
    let tables = [
        (SourceWord::Jwt, "jwt", text.jwt.as_ref().map(|at| &at.location)),
        (
            SourceWord::Header,
            "header",
            text.header.as_ref().map(|at| &at.location),
        ),
    ];
    for (word, name, location) in tables {
        if let Some(location) = location.filter(|_| !asks(word)) {
            let right = format!("add it to `sources`, for example `sources = [\"own\", \"{name}\"]`");
            report.error(location, Fault::new("no identity source uses this table", right));
        }
    }
    IdentityRules {
        read: read(text, asks(SourceWord::Header), stands, report),
        cookie_yields: text.cookie_yields.as_ref().is_some_and(|at| at.value),
        app_acts_alone: text.app_acts_alone.as_ref().is_some_and(|at| at.value),
        sources,
    }
}

fn check_words(text: &IdentityText, words: &[&Located<Choice<SourceWord>>], report: &mut Report) {
    if let Some(at) = text.sources.as_ref().filter(|at| at.value.0.is_empty()) {
        let right = "name at least one of `own`, `jwt`, `header` and `opaque`";
        report.error(&at.location, Fault::new("no identity source is named", right));
    }
    for (index, word) in words.iter().enumerate() {
        if words[..index].iter().any(|earlier| earlier.value == word.value) {
            report.error(
                &word.location,
                Fault::new("the source is listed twice", "remove one of the two"),
            );
        }
        if word.value.0 == SourceWord::Opaque && index + 1 < words.len() {
            let wrong = "`opaque` accepts every credential, so the sources after it are never used";
            report.error(&word.location, Fault::new(wrong, "list it last"));
        }
    }
}

fn read(
    text: &IdentityText,
    is_vouched: bool,
    stands: Option<&Location>,
    report: &mut Report,
) -> Vec<credential::Place> {
    let mut read: Vec<credential::Place> = Vec::new();
    for at in text.read.iter().flat_map(|at| &at.value.0) {
        if read.contains(&at.value.0) {
            let fault = Fault::new("the place is listed twice", "remove one of the two");
            report.error(&at.location, fault);
        }
        read.push(at.value.0.clone());
    }
    if text.read.is_none() {
        read.push(credential::Place::Bearer);
    }
    let required = text.required.as_ref().is_none_or(|at| at.value);
    if read.is_empty()
        && required
        && !is_vouched
        && let Some(location) = text.read.as_ref().map(|at| &at.location).or(stands)
    {
        let right = "name a place to read credentials from, or write `required = false`";
        report.error(location, Fault::new("no caller could ever be identified", right));
    }
    read
}

fn jwt(page: &IdentityText, word: &Location, extensions: &ConfigExtensions, report: &mut Report) -> Option<JwtRules> {
    let Some(at) = &page.jwt else {
        if !page.written.iter().any(|key| key == "jwt") {
            let right = "write `[identity.jwt]` with `jwks`, `issuer` and `audience`";
            report.error(word, Fault::new("no issuer is configured", right));
        }
        return None;
    };
    let text = &at.value;
    let needed = [
        ("jwks", "jwks = \"https://issuer.example/.well-known/jwks.json\""),
        ("issuer", "issuer = \"https://issuer.example\""),
        ("audience", "audience = \"https://api.example\""),
    ];
    for (key, right) in needed {
        if !text.written.iter().any(|written| written == key) {
            let fault = Fault::new(
                "is missing, and without it any token would be accepted",
                format!("write `{right}`"),
            );
            report.error(&at.location.below(key), fault);
        }
    }
    let audience: Vec<Arc<str>> = text
        .audience
        .iter()
        .flat_map(|at| &at.value.0)
        .map(|at| at.value.as_str().into())
        .collect();
    if let Some(at) = text.audience.as_ref().filter(|_| audience.is_empty()) {
        report.error(
            &at.location,
            Fault::new("no audience is named", "name the value that `aud` must have"),
        );
    }
    let keys = text.jwks.as_ref()?;
    let rules = JwtRules {
        keys: match &keys.value.0 {
            KeysText::Url(url) => KeysAt::Url(url.clone()),
            KeysText::File(path) => KeysAt::Path(beside(&keys.location, path)),
        },
        roots: text
            .ca
            .as_ref()
            .map(|at| roots(at, extensions, report))
            .unwrap_or_default(),
        issuer: text.issuer.as_ref()?.value.as_str().into(),
        audience,
        algorithms: algorithms(text, report),
        types: match &text.typ {
            Some(at) => at.value.0.iter().map(|at| at.value.0).collect(),
            None => vec![JwtType::Jwt, JwtType::AccessToken, JwtType::Absent],
        },
        scopes: scopes(text, report),
        leeway_ms: 1_000 * i64::try_from(text.leeway_s.as_ref().map_or(LEEWAY_S, |at| at.value.0)).unwrap_or_default(),
        names: ClaimNames {
            user: claim(&text.user, USER_CLAIM),
            tenant: claim(&text.tenant, TENANT_CLAIM),
            plan: claim(&text.plan, PLAN_CLAIM),
            grants: claim(&text.grants, GRANTS_CLAIM),
        },
        naming: naming(&text.users, &text.prefix, JWT_PREFIX, report),
    };
    check_keys(&rules, keys, extensions, report);
    Some(rules)
}

/// A file is read once here, so that a mistake in it is told now; a server is asked when somebody comes.
fn check_keys(rules: &JwtRules, at: &Located<Written<KeysText>>, extensions: &ConfigExtensions, report: &mut Report) {
    let KeysAt::Path(path) = &rules.keys else { return };
    let read = std::fs::read(path).map_err(|error| error.to_string());
    let wrong = match read.and_then(|bytes| (extensions.usable_keys)(&bytes)) {
        Ok(keys) if keys > 0 => return,
        Ok(_) => "it contains no usable key".to_owned(),
        Err(why) => why,
    };
    let wrong = format!("`{}`: {wrong}", path.display());
    report.error(
        &at.location,
        Fault::new(wrong, "name a file with a JWK set, relative to this file"),
    );
}

fn algorithms(text: &JwtText, report: &mut Report) -> Vec<Algorithm> {
    let Some(at) = &text.algorithms else {
        return Algorithm::ALL.into_iter().filter(|one| !one.is_symmetric()).collect();
    };
    let is_url = text
        .jwks
        .as_ref()
        .is_some_and(|at| matches!(at.value.0, KeysText::Url(_)));
    for one in at.value.0.iter().filter(|one| is_url && one.value.0.is_symmetric()) {
        let wrong = format!(
            "`{}` uses a shared secret, which must not be published at an address",
            one.value.0.as_str()
        );
        report.error(
            &one.location,
            Fault::new(wrong, "keep the key in a file: `jwks = \"jwks.json\"`"),
        );
    }
    if at.value.0.is_empty() {
        report.error(
            &at.location,
            Fault::new("no signature algorithm is named", "name one, such as `RS256`"),
        );
    }
    at.value.0.iter().map(|at| at.value.0).collect()
}

fn scopes(text: &JwtText, report: &mut Report) -> Vec<Arc<str>> {
    let Some(at) = &text.required_scope else {
        return Vec::new();
    };
    if at.value.0.is_empty() {
        let fault = Fault::new("no scope is named", "name one, or remove the key");
        report.error(&at.location, fault);
    }
    at.value.0.iter().map(|at| at.value.0.0.as_str().into()).collect()
}

fn roots(at: &Located<String>, extensions: &ConfigExtensions, report: &mut Report) -> Vec<Arc<[u8]>> {
    /// Bytes of a file of certificates.
    const CA_BYTES_MAX: u64 = 1 << 20;
    let path = beside(&at.location, &at.value);
    let mut pem = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(CA_BYTES_MAX).read_to_end(&mut pem));
    let read = read.map_err(|error| format!("cannot be read: {error}"));
    let roots = read.and_then(|_| (extensions.roots)(&pem));
    roots.unwrap_or_else(|why| {
        let fault = Fault::new(
            format!("`{}`: {why}", path.display()),
            "name a PEM file of certificates, relative to this file",
        );
        report.error(&at.location, fault);
        Vec::new()
    })
}

fn claim(written: &Option<Located<String>>, default: &str) -> Arc<str> {
    written.as_ref().map_or(default, |at| &at.value).into()
}

fn header(at: Option<&Located<HeaderText>>, report: &mut Report) -> Option<HeaderRules> {
    let default = HeaderText::default();
    let text = at.map_or(&default, |at| &at.value);
    let field = |written: &Option<Located<Written<FieldText>>>| written.as_ref().map(|at| at.value.0.0.clone());
    Some(HeaderRules {
        user: field(&text.user).unwrap_or(http::HeaderName::from_static(USER_FIELD)),
        tenant: field(&text.tenant),
        plan: field(&text.plan),
        naming: naming(&text.users, &text.prefix, HEADER_PREFIX, report),
    })
}

fn naming(
    users: &Option<Located<Choice<Users>>>,
    prefix: &Option<Located<Written<PrefixText>>>,
    default: &str,
    report: &mut Report,
) -> Naming {
    let is_own = users.as_ref().is_some_and(|at| at.value.0 == Users::Own);
    match prefix {
        Some(at) if is_own => {
            let wrong = "`users = \"own\"` uses the names of Tidegate's accounts, which have no prefix";
            report.error(
                &at.location,
                Fault::new(wrong, "remove the prefix, or write `users = \"apart\"`"),
            );
            Naming::Own
        }
        _ if is_own => Naming::Own,
        Some(at) => Naming::Apart(at.value.0.0.as_str().into()),
        None => Naming::Apart(default.into()),
    }
}

/// Names that are kept apart from ours are kept apart from each other's too: one prefix, one issuer.
pub fn check_prefixes(page: &Page, earlier: &[Page], location: Option<&Location>, report: &mut Report) {
    let mut taken: Vec<(&str, String)> = earlier.iter().flat_map(prefixes).collect();
    for (prefix, whose) in prefixes(page) {
        let other = taken.iter().find(|(of, other)| *of == prefix && *other != whose);
        if let (Some((_, other)), Some(location)) = (other, location) {
            let wrong = format!("`{prefix}` is already the prefix for {other}");
            report.error(
                location,
                Fault::new(wrong, "set another `prefix` in one of the two tables"),
            );
        }
        taken.push((prefix, whose));
    }
}

fn prefixes(page: &Page) -> Vec<(&str, String)> {
    page.identity
        .sources
        .iter()
        .filter_map(|source| {
            let (naming, whose) = match source {
                Source::Jwt(rules) => (&rules.naming, format!("the issuer `{}`", rules.issuer)),
                Source::Header(rules) => (&rules.naming, "a proxy".to_owned()),
                Source::Own | Source::Opaque => return None,
            };
            match naming {
                Naming::Apart(prefix) => Some((&**prefix, whose)),
                Naming::Own => None,
            }
        })
        .collect()
}

/// Fields name callers only where somebody is listed who may set them.
pub fn check_trust(files: &[ParsedFile], trust: Option<&Trust>, report: &mut Report) {
    let words = files.iter().filter_map(|file| file.text.identity.as_ref());
    let words = words.flat_map(|at| at.value.sources.iter()).flat_map(|at| &at.value.0);
    for word in words.filter(|at| at.value.0 == SourceWord::Header) {
        let (wrong, right) = match trust {
            None => (
                "no proxies are listed that may name callers",
                "list the proxies in `[server] trusted_proxies`, with `client_address_from`",
            ),
            Some(trust) if trust.source == AddressSource::ProxyProtocol => (
                "with the PROXY protocol, header fields come from the client itself and cannot name callers",
                "write `client_address_from = \"x-forwarded-for\"` for a proxy that sets fields",
            ),
            Some(_) => continue,
        };
        report.error(&word.location, Fault::new(wrong, right));
    }
}
