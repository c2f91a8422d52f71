//! The closed words of a limits file, beside what they mean in the compiled policy.

use tidegate_core::{
    identity::Source,
    limit::{CountsAt, OnStoreLoss, Who},
    policy::Profile,
    trust::AddressSource,
};

use crate::config::reader::Word;

/// Whether a route needs a known caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// A known caller.
    User,
    /// Nobody in particular.
    Nothing,
}

impl Word for Needs {
    const WORDS: &'static [(&'static str, Needs)] = &[("user", Needs::User), ("nothing", Needs::Nothing)];
}

/// That somebody means what they wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Understood;

impl Word for Understood {
    const WORDS: &'static [(&'static str, Understood)] = &[("i understand", Understood)];
}

impl Word for AddressSource {
    const WORDS: &'static [(&'static str, AddressSource)] = &[
        ("x-forwarded-for", AddressSource::XForwardedFor),
        ("forwarded", AddressSource::Forwarded),
        ("proxy-protocol", AddressSource::ProxyProtocol),
    ];
}

impl Word for Profile {
    const WORDS: &'static [(&'static str, Profile)] = &[
        ("problem", Profile::Problem),
        ("tempest", Profile::Tempest),
        ("grovestreams", Profile::GroveStreams),
    ];
}

impl Word for Source {
    const WORDS: &'static [(&'static str, Source)] = &[("own", Source::Own), ("opaque", Source::Opaque)];
    const LATER: &'static [&'static str] = &["jwt", "header"];
}

impl Word for Who {
    const WORDS: &'static [(&'static str, Who)] = &[
        ("anonymous", Who::Anonymous),
        ("known", Who::Known),
        ("everyone", Who::Everyone),
    ];
}

impl Word for CountsAt {
    const WORDS: &'static [(&'static str, CountsAt)] = &[("edge", CountsAt::Edge), ("miss", CountsAt::Miss)];
}

impl Word for OnStoreLoss {
    const WORDS: &'static [(&'static str, OnStoreLoss)] = &[
        ("allow", OnStoreLoss::Allow),
        ("deny", OnStoreLoss::Deny),
        ("local share", OnStoreLoss::LocalShare),
    ];
}
