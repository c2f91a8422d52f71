//! The kinds of refusals, as metrics name them.

use tidegate_core::refusal::Refusal;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $word:literal,)*) => {
        /// The kind of a refusal, without the details of the request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum RefusalKind {
            $($(#[$doc])* $kind,)*
        }

        impl RefusalKind {
            /// All kinds.
            pub const ALL: [RefusalKind; [$($word),*].len()] = [$(RefusalKind::$kind),*];

            /// Returns the kind's word: the label `kind`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(RefusalKind::$kind => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// A limit is used up: 429.
    OverLimit "over_limit",
    /// The cost exceeds the limit itself, so no wait helps: 413 or 422.
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

impl From<&Refusal> for RefusalKind {
    fn from(refusal: &Refusal) -> RefusalKind {
        match refusal {
            Refusal::Ambiguous(_) => RefusalKind::Ambiguous,
            Refusal::HeadTooLarge(_) => RefusalKind::HeadTooLarge,
            Refusal::OverLimit(over) if over.worst.wait.is_never() => RefusalKind::NeverFits,
            Refusal::OverLimit(_) => RefusalKind::OverLimit,
            Refusal::TooMuch(_) => RefusalKind::NeverFits,
            Refusal::InsufficientScope => RefusalKind::InsufficientScope,
            Refusal::UnknownCoding(_) => RefusalKind::UnknownCoding,
            Refusal::Unreadable(_) => RefusalKind::Unreadable,
            Refusal::TwoCredentials(_) => RefusalKind::TwoCredentials,
            Refusal::BadHandshake { .. } => RefusalKind::BadHandshake,
            Refusal::MissingCredential => RefusalKind::MissingCredential,
            Refusal::BadCredential(_) => RefusalKind::BadCredential,
            Refusal::NotYours(_) => RefusalKind::NotYours,
            Refusal::NotOfInstance => RefusalKind::NotOfInstance,
            Refusal::NoSuch(_) => RefusalKind::NoSuch,
            Refusal::NoRoute => RefusalKind::NoRoute,
            Refusal::BodyTooLarge { .. } => RefusalKind::BodyTooLarge,
            Refusal::NoCapacity { .. } => RefusalKind::NoCapacity,
            Refusal::UpstreamFailed(_) => RefusalKind::UpstreamFailed,
            Refusal::UpstreamSilent { .. } => RefusalKind::UpstreamSilent,
            Refusal::Internal(_) => RefusalKind::Internal,
            Refusal::BodyStalled => RefusalKind::BodyStalled,
        }
    }
}
