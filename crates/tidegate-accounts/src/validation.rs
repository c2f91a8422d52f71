//! The rules for names and other texts that come from outside.

use crate::{AccountsError, bounds, redaction::echo, token_format};

/// The rule for one kind of text.
pub(crate) struct Rule {
    /// The text's name in a refusal.
    pub(crate) what: &'static str,
    /// The most characters it may have; it has at least one.
    chars_max: usize,
    /// True for characters that it may hold.
    allows: fn(char) -> bool,
    /// True for characters that it may begin with.
    begins: fn(char) -> bool,
    /// The rule in words, for a refusal.
    says: &'static str,
}

pub(crate) const USER_NAME: Rule = name("a user's name");
pub(crate) const TENANT: Rule = name("a tenant's name");
pub(crate) const PLAN: Rule = name("a plan's name");
pub(crate) const LIMIT: Rule = name("a limit's name");

/// A name that somebody else gives. The prefix before its colon keeps it apart from our own names, which have no colon.
pub(crate) const FOREIGN_NAME: Rule = Rule {
    what: "a name of an issuer or a proxy",
    chars_max: bounds::FOREIGN_NAME_CHARS_MAX,
    allows: |c| !c.is_control(),
    begins: |c| c.is_ascii_lowercase() || c.is_ascii_digit(),
    says: "1 to 200 printable characters, its prefix first, such as jwt:ann",
};

pub(crate) const STATION_NAME: Rule = Rule {
    what: "a station's name",
    chars_max: bounds::STATION_NAME_CHARS_MAX,
    allows: |c| !c.is_control(),
    begins: |c| !c.is_whitespace(),
    says: "1 to 100 printable characters, the first not a space",
};

pub(crate) const TOKEN_NAME: Rule = Rule {
    what: "a token's name",
    chars_max: bounds::TOKEN_NAME_CHARS_MAX,
    allows: |c| !c.is_control(),
    begins: |c| !c.is_whitespace(),
    says: "1 to 60 printable characters, the first not a space",
};

pub(crate) const SERIAL: Rule = Rule {
    what: "a serial number",
    chars_max: bounds::SERIAL_CHARS_MAX,
    allows: |c| c.is_ascii_alphanumeric() || "-._:".contains(c),
    begins: |c| c.is_ascii_alphanumeric(),
    says: "1 to 32 of A-Z a-z 0-9 - . _ : and a letter or digit first, such as ST-00000512",
};

pub(crate) const TIMEZONE: Rule = Rule {
    what: "a time zone",
    chars_max: bounds::TIMEZONE_CHARS_MAX,
    allows: |c| c.is_ascii_alphanumeric() || "/_+-".contains(c),
    begins: |c| c.is_ascii_alphabetic(),
    says: "1 to 64 of A-Z a-z 0-9 / _ + - and a letter first, such as America/Denver",
};

pub(crate) const REASON: Rule = Rule {
    what: "a reason",
    chars_max: bounds::REASON_CHARS_MAX,
    allows: |c| !c.is_control(),
    begins: |_| true,
    says: "1 to 500 printable characters",
};

pub(crate) const ACTOR: Rule = audit_word("an actor");
pub(crate) const ACTION: Rule = audit_word("an action");
pub(crate) const SUBJECT: Rule = audit_word("a subject");

pub(crate) const DETAIL: Rule = Rule {
    what: "an audit detail",
    chars_max: bounds::AUDIT_DETAIL_CHARS_MAX,
    allows: |c| !c.is_control() || c == '\n',
    begins: |_| true,
    says: "1 to 4096 printable characters",
};

/// Makes the rule of a name. All names have one rule, so that one sentence in the docs covers them. A colon is never allowed: `key:…` is the
/// subject of a key that counts by itself, and no user may be named like one.
const fn name(what: &'static str) -> Rule {
    Rule {
        what,
        chars_max: bounds::NAME_CHARS_MAX,
        allows: |c| c.is_ascii_alphanumeric() || "._@+-".contains(c),
        begins: |c| c.is_ascii_alphanumeric(),
        says: "1 to 64 of A-Z a-z 0-9 . _ @ + - and a letter or digit first; capitals count",
    }
}

const fn audit_word(what: &'static str) -> Rule {
    Rule {
        what,
        chars_max: bounds::AUDIT_WORD_CHARS_MAX,
        allows: |c| !c.is_control(),
        begins: |_| true,
        says: "1 to 200 printable characters",
    }
}

// === impl Rule ===

impl Rule {
    /// Returns the text when it follows the rule and holds no token.
    pub(crate) fn check<'t>(&self, text: &'t str) -> Result<&'t str, AccountsError> {
        let begins = text.chars().next().is_some_and(self.begins);
        let short = text.chars().take(self.chars_max + 1).count() <= self.chars_max;
        if !(begins && short && text.chars().all(self.allows)) {
            return Err(AccountsError::BadName {
                what: self.what,
                given: echo(text),
                rule: self.says,
            });
        }
        if token_format::is_within(text) {
            return Err(AccountsError::HoldsSecret { what: self.what });
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
