//! The kinds of refusals, as metrics name them.

use tidegate_core::refusal::Refusal;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $word:literal,)*) => {
        /// Why the gate itself answered, without what differs from request to request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: [Kind; [$($word),*].len()] = [$(Kind::$kind),*];

            /// The word for it: the label `kind`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Kind::$kind => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// A limit is used up: 429.
    OverLimit "over_limit",
    /// What no wait makes fit a limit: 413 or 422.
    NeverFits "never_fits",
    /// The request has two readings: 400.
    Ambiguous "ambiguous",
    /// 414 or 431.
    HeadTooLarge "head_too_large",
    /// 400.
    TwoCredentials "two_credentials",
    /// 400 or 426.
    BadHandshake "bad_handshake",
    /// 401.
    MissingCredential "missing_credential",
    /// 401.
    BadCredential "bad_credential",
    /// 403.
    NotYours "not_yours",
    /// 403.
    NotOfInstance "not_of_instance",
    /// 403.
    InsufficientScope "insufficient_scope",
    /// 404: a station or device.
    NoSuch "no_such",
    /// 404: an operation.
    NoRoute "no_route",
    /// 408.
    BodyStalled "body_stalled",
    /// 413.
    BodyTooLarge "body_too_large",
    /// 415.
    UnknownCoding "unknown_coding",
    /// 400: a body that limits read.
    Unreadable "unreadable",
    /// 500.
    Internal "internal",
    /// 502.
    UpstreamFailed "upstream_failed",
    /// 503.
    NoCapacity "no_capacity",
    /// 504.
    UpstreamSilent "upstream_silent",
}

impl From<&Refusal> for Kind {
    fn from(refusal: &Refusal) -> Kind {
        match refusal {
            Refusal::Ambiguous(_) => Kind::Ambiguous,
            Refusal::HeadTooLarge(_) => Kind::HeadTooLarge,
            Refusal::OverLimit(over) if over.worst.wait.is_never() => Kind::NeverFits,
            Refusal::OverLimit(_) => Kind::OverLimit,
            Refusal::TooMuch(_) => Kind::NeverFits,
            Refusal::InsufficientScope => Kind::InsufficientScope,
            Refusal::UnknownCoding(_) => Kind::UnknownCoding,
            Refusal::Unreadable(_) => Kind::Unreadable,
            Refusal::TwoCredentials(_) => Kind::TwoCredentials,
            Refusal::BadHandshake { .. } => Kind::BadHandshake,
            Refusal::MissingCredential => Kind::MissingCredential,
            Refusal::BadCredential(_) => Kind::BadCredential,
            Refusal::NotYours(_) => Kind::NotYours,
            Refusal::NotOfInstance => Kind::NotOfInstance,
            Refusal::NoSuch(_) => Kind::NoSuch,
            Refusal::NoRoute => Kind::NoRoute,
            Refusal::BodyTooLarge { .. } => Kind::BodyTooLarge,
            Refusal::NoCapacity { .. } => Kind::NoCapacity,
            Refusal::UpstreamFailed(_) => Kind::UpstreamFailed,
            Refusal::UpstreamSilent { .. } => Kind::UpstreamSilent,
            Refusal::Internal(_) => Kind::Internal,
            Refusal::BodyStalled => Kind::BodyStalled,
        }
    }
}
