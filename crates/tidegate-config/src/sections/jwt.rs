//! `[identity.jwt]` and `[identity.header]`: whose word counts beside our own accounts.

use http::{HeaderName, Uri, uri::Scheme};
use tidegate_core::identity::{Algorithm, JwtType, OWN_PREFIX};

use super::{keyed_table::keyed_table, keywords::Users};
use crate::{
    diagnostics::Fault,
    extensions::ConfigExtensions,
    reader::{Choice, OneOrMany, Syntax, Whole, Written},
};

/// Default of `leeway_s`.
pub const LEEWAY_S: u64 = 30;
/// Default of `[identity.jwt] user`.
pub const USER_CLAIM: &str = "sub";
/// Default of `[identity.jwt] tenant`.
pub const TENANT_CLAIM: &str = "org";
/// Default of `[identity.jwt] plan`.
pub const PLAN_CLAIM: &str = "plan";
/// Default of `[identity.jwt] grants`.
pub const GRANTS_CLAIM: &str = "stations";
/// Default of `[identity.jwt] prefix`.
pub const JWT_PREFIX: &str = "jwt:";
/// Default of `[identity.header] user`.
pub const USER_FIELD: &str = "x-user";
/// Default of `[identity.header] prefix`.
pub const HEADER_PREFIX: &str = "header:";

keyed_table! {
    /// An issuer whose tokens count, by their signature.
    pub struct JwtText {
        /// The issuer's keys, a JWK set: an `https` address, `http` on this machine, or a file relative to this one.
        jwks: Written<KeysText>,
        /// The exact value of the claim `iss`.
        issuer: String,
        /// The values of the claim `aud`, one of which the token must name.
        audience: OneOrMany<String>,
        /// The signatures that count. Without it all with a public key; those with a shared secret (`HS256`, `HS384`, `HS512`) have to be written, and their keys stand in a file.
        algorithms: OneOrMany<Choice<Algorithm>>,
        /// The accepted values of the header `typ`. By default, any of them.
        typ: OneOrMany<Choice<JwtType>>,
        /// The scopes that `scope` (or `scp`) must name, all of them. By default, none is required.
        required_scope: OneOrMany<Written<ScopeText>>,
        /// Seconds by which clocks may differ at `exp` and `nbf`.
        leeway_s: Whole<0, 300> = LEEWAY_S,
        /// The claim that names the user; dots lead into a claim.
        user: String = USER_CLAIM,
        /// The claim that names the organisation.
        tenant: String = TENANT_CLAIM,
        /// The claim that names the plan.
        plan: String = PLAN_CLAIM,
        /// The claim that names the stations: a list of ids, or `all`.
        grants: String = GRANTS_CLAIM,
        /// The owner of those names: the issuer, `apart` from ours, or our `own` accounts.
        users: Choice<Users> = "apart",
        /// The prefix of the issuer's names here.
        prefix: Written<PrefixText> = JWT_PREFIX,
        /// A PEM file, relative to this one, of certificates that vouch for the server of the keys. Without it, those that the machine trusts.
        ca: String,
    }
}

keyed_table! {
    /// Fields in which the proxies of `[server] trusted_proxies` name the caller.
    pub struct HeaderText {
        /// The field that names the user.
        user: Written<FieldText> = USER_FIELD,
        /// The field that names the organisation. Without it none is read.
        tenant: Written<FieldText>,
        /// The field that names the plan. Without it none is read.
        plan: Written<FieldText>,
        /// The owner of those names: the proxy, `apart` from ours, or our `own` accounts.
        users: Choice<Users> = "apart",
        /// The prefix of the proxy's names here.
        prefix: Written<PrefixText> = HEADER_PREFIX,
    }
}

/// The location of a key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysText {
    /// At an address.
    Url(Uri),
    /// In a file.
    File(String),
}

/// A field's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldText(pub HeaderName);

/// A single scope (RFC 6749 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeText(pub String);

/// The prefix of names that others give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixText(pub String);

impl Syntax for KeysText {
    const EXAMPLES: &'static [&'static str] = &["https://issuer.example/.well-known/jwks.json", "jwks.json"];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<KeysText, Fault> {
        if !text.contains("://") {
            return Ok(KeysText::File(text.to_owned()));
        }
        let right = "write it as `https://HOST/PATH`, or name a file";
        let no_address = || Fault::new(format!("`{text}` is not an address"), right);
        let uri: Uri = text.parse().map_err(|_| no_address())?;
        let authority = uri.authority().ok_or_else(no_address)?;
        if authority.as_str().contains('@') {
            return Err(Fault::new(
                "an address cannot contain a name and password",
                "remove them",
            ));
        }
        let is_plain = uri.scheme() == Some(&Scheme::HTTP);
        if is_plain && !is_this_machine(authority.host()) {
            let wrong = "keys fetched over plain `http` could be forged on the way";
            return Err(Fault::new(wrong, "write `https://`, or name a file"));
        }
        if is_plain || uri.scheme() == Some(&Scheme::HTTPS) {
            Ok(KeysText::Url(uri))
        } else {
            Err(no_address())
        }
    }
}

/// An address, since a name may be anybody's, and the one name that is not (RFC 6761 6.3).
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Fields that say something to everybody on the way; none of them names a caller.
const TAKEN: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-for",
];

impl Syntax for FieldText {
    const EXAMPLES: &'static [&'static str] = &["x-user", "x-auth-request-user"];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<FieldText, Fault> {
        let right = "write it as `x-user`";
        let name = HeaderName::from_bytes(text.as_bytes())
            .map_err(|_| Fault::new(format!("`{text}` is not a field name"), right))?;
        if TAKEN.contains(&name.as_str()) {
            return Err(Fault::new(format!("`{text}` is reserved for another purpose"), right));
        }
        Ok(FieldText(name))
    }
}

impl Syntax for ScopeText {
    const EXAMPLES: &'static [&'static str] = &["read:data", "https://api.example/read"];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<ScopeText, Fault> {
        let is_scope = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if text.is_empty() || !text.bytes().all(is_scope) {
            let right = "write each scope as a string of its own: `required_scope = [\"read:data\", \"write:data\"]`";
            return Err(Fault::new(format!("`{text}` is not a single scope"), right));
        }
        Ok(ScopeText(text.to_owned()))
    }
}

impl Syntax for PrefixText {
    const EXAMPLES: &'static [&'static str] = &["jwt:", "acme:"];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<PrefixText, Fault> {
        let word = text.strip_suffix(':').unwrap_or_default();
        let fits = !word.is_empty()
            && word.len() <= 32
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits || word == "key" || text == OWN_PREFIX {
            let wrong = format!("`{text}` is not a valid prefix");
            let right = "write up to 32 lower-case letters, digits and hyphens, then a colon, such as `acme:`; `key:` and `user:` are reserved";
            return Err(Fault::new(wrong, right));
        }
        Ok(PrefixText(text.to_owned()))
    }
}
