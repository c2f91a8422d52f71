//! The hook on a client's texts, for routes with limits on commands.

/// The hook's decision about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on to the upstream.
    Pass,
    /// It goes nowhere.
    Swallow,
    /// It goes nowhere, and the client gets this text.
    Reply(String),
    /// The socket is closed.
    Close {
        /// The code of the Close.
        code: u16,
        /// Its reason.
        reason: String,
    },
}

/// Asked about each text of a client before any of it goes on. It must not block.
///
/// At its beginning a text may be let pass unread. Any other is held back, and read:
///
/// It is given the whole text, or its first [`RelayRules::text_bytes_seen`] bytes where it is longer. Texts whose
/// frames have reserved bits set, which only routes with extensions let through, are not shown: nobody can read them.
///
/// [`RelayRules::text_bytes_seen`]: super::RelayRules::text_bytes_seen
pub trait TextHook: Send {
    /// A text begins. `true` lets it pass, and it is not shown.
    fn passes_unread(&mut self) -> bool {
        false
    }

    /// Decides.
    fn on_text(&mut self, text: &[u8]) -> Verdict;
}

impl<F: FnMut(&[u8]) -> Verdict + Send> TextHook for F {
    fn on_text(&mut self, text: &[u8]) -> Verdict {
        self(text)
    }
}
