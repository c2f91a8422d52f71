//! `[identity]`: how the page tells who asks.

use tidegate_core::credential::Place;

use super::{
    jwt::{HeaderText, JwtText},
    macros::keyed_table,
    words::SourceWord,
};
use crate::{
    finding::Fault,
    parts::Parts,
    reader::{Choice, OneOrMany, Syntax, Written},
    suggest::nearest,
};

keyed_table! {
    /// How the page tells who asks.
    pub struct IdentityText {
        /// Who answers for a credential, in order: `own` accounts, an issuer (`jwt`), a listed proxy (`header`), or nobody (`opaque`): any credential is counted by its keyed hash and passed on untouched.
        sources: OneOrMany<Choice<SourceWord>> = "own",
        /// Where a credential may stand, in order of preference: `bearer`, `query:NAME`, `cookie:NAME`.
        read: OneOrMany<Written<Place>> = "bearer",
        /// A cookie is not looked at where another credential is shown.
        cookie_yields: bool = false,
        /// An app key alone is a known caller and acts for its tenant, instead of a missing user credential.
        app_acts_alone: bool = false,
        /// Routes need a known caller, unless they say `needs = "nothing"`.
        required: bool = true,
        /// The issuer of the source `jwt`.
        jwt: JwtText,
        /// The fields of the source `header`.
        header: HeaderText,
    }
}

impl Syntax for Place {
    const EXAMPLES: &'static [&'static str] = &["bearer", "query:api_key", "cookie:api_key"];

    fn parse(text: &str, _: &Parts) -> Result<Place, Fault> {
        if let Some(place) = Place::parse(text) {
            return Ok(place);
        }
        let kind = text.split_once(':').map_or(text, |(kind, _)| kind);
        if kind == "header" {
            return Err(Fault::new(
                "a credential in another header is not in this version",
                "it may be `bearer`, `query:NAME` or `cookie:NAME`",
            ));
        }
        let right = match nearest(kind, &["bearer", "query", "cookie"]) {
            Some("bearer") => "did you mean `bearer`?".to_owned(),
            Some(kind) => format!("did you mean `{kind}:NAME`, such as `{kind}:api_key`?"),
            None => "it may be `bearer`, `query:NAME` or `cookie:NAME`".to_owned(),
        };
        Err(Fault::new(format!("`{text}` is no place of a credential"), right))
    }
}
