//! The platforms of this program, as limits files name them. A platform comes from its folder in the streams; the kinds of
//! resources that all of them share come from the accounts, which keep them.

use tidegate_config::vocabulary::Vocabulary;

/// The words that the platforms add to limits files.
pub const VOCABULARY: Vocabulary = Vocabulary {
    platforms: tidegate_streams::PLATFORMS,
    kinds: &tidegate_accounts::KINDS,
};
