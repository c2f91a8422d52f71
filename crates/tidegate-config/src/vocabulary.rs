//! The words of a limits file that platforms bring: dialects of refusals, formats of uploads, kinds of resources.

use serde_json::Value;
use tidegate_core::{
    dialect::{Dialect, PROBLEM},
    payload::upload::UploadFormat,
    platform::Platform,
    resource::ResourceKind,
};

/// The words that the program's platforms add to limits files.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// The platforms.
    pub platforms: &'static [Platform],
    /// The kinds of resources that all of them share.
    pub kinds: &'static [ResourceKind],
}

/// A thing that a limits file names by a word of a platform.
pub trait Known: Copy {
    /// The words and what they mean.
    fn known(vocabulary: &Vocabulary) -> Vec<(&'static str, Self)>;
}

// === impl Vocabulary ===

impl Vocabulary {
    /// The names of the platforms.
    pub fn names(&self) -> Vec<&'static str> {
        self.platforms.iter().map(|platform| platform.name).collect()
    }

    /// All kinds of resources.
    pub fn resources(&self) -> impl Iterator<Item = ResourceKind> {
        let of_platforms = self.platforms.iter().flat_map(|platform| platform.resources);
        self.kinds.iter().chain(of_platforms).copied()
    }

    /// Writes the words into the schema of a limits file, where it leaves room for them.
    pub fn describe(&self, schema: &mut Value) {
        schema["properties"]["refusals"]["enum"] = words::<&Dialect>(self).into();
        schema["definitions"]["Route"]["properties"]["body"]["enum"] = words::<&UploadFormat>(self).into();
    }
}

impl Known for &'static Dialect {
    fn known(vocabulary: &Vocabulary) -> Vec<(&'static str, &'static Dialect)> {
        let of_platforms = vocabulary.platforms.iter().map(|platform| platform.dialect);
        let dialects = [PROBLEM].into_iter().chain(of_platforms);
        dialects.map(|dialect| (dialect.name, dialect)).collect()
    }
}

impl Known for &'static UploadFormat {
    fn known(vocabulary: &Vocabulary) -> Vec<(&'static str, &'static UploadFormat)> {
        let formats = vocabulary.platforms.iter().flat_map(|platform| platform.uploads);
        formats.map(|format| (format.name, *format)).collect()
    }
}

fn words<T: Known>(vocabulary: &Vocabulary) -> Vec<&'static str> {
    T::known(vocabulary).into_iter().map(|(word, _)| word).collect()
}
