//! The receiver of the content of a text.

use tidegate_core::payload::upload::Malformed;

/// The receiver of a text's content. It is told one text alike, however it was cut, but for where pieces and digits are
/// parted.
pub trait Sink {
    /// The reason why it stops the reading.
    type Stop: From<Malformed>;

    /// An object begins, or an array.
    fn open(&mut self, is_object: bool) -> Result<(), Self::Stop>;
    /// The innermost object or array ends.
    fn close(&mut self) -> Result<(), Self::Stop>;
    /// A string begins; a key is one too.
    fn string(&mut self, is_key: bool) -> Result<(), Self::Stop>;
    /// A part of the string, escapes resolved; never part of a character.
    fn piece(&mut self, text: &str) -> Result<(), Self::Stop>;
    /// The string ends.
    fn string_end(&mut self, is_key: bool) -> Result<(), Self::Stop>;
    /// A part of a number, as written.
    fn digits(&mut self, digits: &[u8]) -> Result<(), Self::Stop>;
    /// The number ends.
    fn number_end(&mut self) -> Result<(), Self::Stop>;
    /// `null`, `true` or `false`.
    fn word(&mut self, word: Word) -> Result<(), Self::Stop>;
}

/// A value that is a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
}

// === impl Word ===

impl Word {
    /// Returns the text as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Word::Null => "null",
            Word::True => "true",
            Word::False => "false",
        }
    }
}
