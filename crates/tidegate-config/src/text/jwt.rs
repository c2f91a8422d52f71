//! `[identity.jwt]` and `[identity.header]`: whose word counts beside our own accounts.

use http::{HeaderName, Uri, uri::Scheme};
use tidegate_core::identity::{Algorithm, JwtType, OWN_PREFIX};

use super::{macros::keyed_table, words::Users};
use crate::{
    finding::Fault,
    parts::Parts,
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
        /// What `iss` has to say, to the letter.
        issuer: String,
        /// What `aud` has to name, one of these.
        audience: OneOrMany<String>,
        /// The signatures that count. Without it all with a public key; those with a shared secret (`HS256`, `HS384`, `HS512`) have to be written, and their keys stand in a file.
        algorithms: OneOrMany<Choice<Algorithm>>,
        /// What `typ` may say. Without it any of them.
        typ: OneOrMany<Choice<JwtType>>,
        /// What `scope` (or `scp`) has to name, all of these. Without it none is asked.
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
        /// Whose names those are: the issuer's, `apart` from ours, or those of our `own` accounts.
        users: Choice<Users> = "apart",
        /// What stands before the issuer's names here.
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
        /// Whose names those are: the proxy's, `apart` from ours, or those of our `own` accounts.
        users: Choice<Users> = "apart",
        /// What stands before the proxy's names here.
        prefix: Written<PrefixText> = HEADER_PREFIX,
    }
}

/// Where keys are.
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

/// One scope (RFC 6749 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeText(pub String);

/// What names of others begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixText(pub String);

impl Syntax for KeysText {
    const EXAMPLES: &'static [&'static str] = &["https://issuer.example/.well-known/jwks.json", "jwks.json"];

    fn parse(text: &str, _: &Parts) -> Result<KeysText, Fault> {
        if !text.contains("://") {
            return Ok(KeysText::File(text.to_owned()));
        }
        let right = "write it as `https://HOST/PATH`, or name a file";
        let no_address = || Fault::new(format!("`{text}` is no address"), right);
        let uri: Uri = text.parse().map_err(|_| no_address())?;
        let authority = uri.authority().ok_or_else(no_address)?;
        if authority.as_str().contains('@') {
            return Err(Fault::new(
                "a name and password in an address are not sent",
                "leave them out",
            ));
        }
        let is_plain = uri.scheme() == Some(&Scheme::HTTP);
        if is_plain && !is_this_machine(authority.host()) {
            let wrong = "keys that come over plain `http` may be anybody's";
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

    fn parse(text: &str, _: &Parts) -> Result<FieldText, Fault> {
        let right = "write it as `x-user`";
        let name = HeaderName::from_bytes(text.as_bytes())
            .map_err(|_| Fault::new(format!("`{text}` is no name of a field"), right))?;
        if TAKEN.contains(&name.as_str()) {
            return Err(Fault::new(format!("`{text}` has another meaning"), right));
        }
        Ok(FieldText(name))
    }
}

impl Syntax for ScopeText {
    const EXAMPLES: &'static [&'static str] = &["read:data", "https://api.example/read"];

    fn parse(text: &str, _: &Parts) -> Result<ScopeText, Fault> {
        let is_scope = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if text.is_empty() || !text.bytes().all(is_scope) {
            let right = "write one scope a text: `required_scope = [\"read:data\", \"write:data\"]`";
            return Err(Fault::new(format!("`{text}` is not one scope"), right));
        }
        Ok(ScopeText(text.to_owned()))
    }
}

impl Syntax for PrefixText {
    const EXAMPLES: &'static [&'static str] = &["jwt:", "acme:"];

    fn parse(text: &str, _: &Parts) -> Result<PrefixText, Fault> {
        let word = text.strip_suffix(':').unwrap_or_default();
        let fits = !word.is_empty()
            && word.len() <= 32
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits || word == "key" || text == OWN_PREFIX {
            let wrong = format!("`{text}` does not keep names apart");
            let right = "write up to 32 lower-case letters, digits and hyphens and a colon, as `acme:`; `key:` and `user:` are taken";
            return Err(Fault::new(wrong, right));
        }
        Ok(PrefixText(text.to_owned()))
    }
}
