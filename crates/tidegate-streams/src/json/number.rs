//! The form of a number (RFC 8259 6), byte by byte.

/// The progress of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

impl Number {
    /// Returns the state of a number after its first byte.
    pub fn begun_by(byte: u8) -> Option<Number> {
        match byte {
            b'-' => Some(Number::Minus),
            b'0' => Some(Number::Zero),
            b'1'..=b'9' => Some(Number::Whole),
            _ => None,
        }
    }

    /// Returns the state after one more byte; `None` where that is not of it.
    #[inline]
    pub fn then(self, byte: u8) -> Option<Number> {
        match (self, byte) {
            (Number::Whole, b'0'..=b'9') => Some(Number::Whole),
            (Number::Point | Number::Fraction, b'0'..=b'9') => Some(Number::Fraction),
            (Number::Zero | Number::Whole, b'.') => Some(Number::Point),
            (Number::Minus, b'0') => Some(Number::Zero),
            (Number::Minus, b'1'..=b'9') => Some(Number::Whole),
            (Number::Zero | Number::Whole | Number::Fraction, b'e' | b'E') => Some(Number::Exponent),
            (Number::Exponent, b'+' | b'-') => Some(Number::ExponentSign),
            (Number::Exponent | Number::ExponentSign | Number::ExponentDigits, b'0'..=b'9') => {
                Some(Number::ExponentDigits)
            }
            _ => None,
        }
    }

    /// Is true when a further digit changes nothing.
    #[inline]
    pub fn goes_on_by_digits(self) -> bool {
        matches!(self, Number::Whole | Number::Fraction | Number::ExponentDigits)
    }

    /// Is true when it may end here.
    pub fn is_whole(self) -> bool {
        matches!(
            self,
            Number::Zero | Number::Whole | Number::Fraction | Number::ExponentDigits
        )
    }
}
