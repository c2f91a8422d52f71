//! A platform: the words that it adds to limits files, and the value that stands behind each.

use crate::{dialect::Dialect, payload::upload::UploadFormat, resource::ResourceKind};

/// A platform. Nothing here knows one of them; the program has their list.
#[derive(Clone, Copy, Debug)]
pub struct Platform {
    /// Its name: in `embedded:NAME`, where its API is inside, and that of its preset, `presets/NAME.toml`.
    pub name: &'static str,
    /// The form of its refusals.
    pub dialect: &'static Dialect,
    /// The formats in which it takes uploads of samples.
    pub uploads: &'static [&'static UploadFormat],
    /// The kinds of resources that its routes name, those apart which the accounts keep for every platform.
    pub resources: &'static [ResourceKind],
}
