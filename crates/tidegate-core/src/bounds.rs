//! Bounds that an operator sets in `[server]` of the limits file, each declared once by the part that keeps it.
//!
//! A part writes [`bounds!`](crate::bounds!) once. From it come the struct, its defaults, and the [`Bound`]s by which the
//! limits file is read, described and compared, so that the reader of limits files need not know the part.

use std::time::Duration;

/// A number that an operator may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The key in `[server]`. That of a span ends in `_s` or `_ms`, which is its unit.
    pub key: &'static str,
    /// The first line of the field's doc comment, which operators read.
    pub doc: &'static str,
    /// The number that counts where the file says none.
    pub default: u64,
    /// The least number that may be written.
    pub min: u64,
    /// The largest.
    pub max: u64,
}

/// The bounds of one part.
pub trait Declared: Sized {
    /// All of them, in the order of the fields.
    const BOUNDS: &'static [Bound];

    /// The bounds with these numbers; one that is not among them has its default.
    fn of(numbers: &Numbers) -> Self;
}

/// A number for each bound of several parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers(Vec<(&'static str, u64)>);

/// A type that a bound's number becomes.
pub trait FromNumber {
    /// The value of a number that stands under this key.
    fn from_number(number: u64, key: &str) -> Self;
}

/// Declares the bounds of a part: `field: Type = default in min..=max as key`, with the operator's words as the first line
/// of the doc comment. `as key` is left out where the key is the field's name. Below `derived` stand fields that follow
/// from the others and have no key.
#[macro_export]
macro_rules! bounds {
    ($(#[$about:meta])* pub struct $name:ident {
        $(#[doc = $doc:literal] $(#[doc = $more:literal])*
        $field:ident: $type:ty = $default:literal in $min:literal..=$max:literal $(as $key:ident)?,)*
        $(derived {
            $($(#[doc = $own_doc:literal])* $own:ident: $own_type:ty = $own_value:expr,)*
        })?
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $(#[doc = $doc] $(#[doc = $more])* pub $field: $type,)*
            $($($(#[doc = $own_doc])* pub $own: $own_type,)*)?
        }

        impl $crate::bounds::Declared for $name {
            const BOUNDS: &'static [$crate::bounds::Bound] = &[$($crate::bounds::Bound {
                key: $crate::bounds!(@key $field $($key)?),
                doc: $doc,
                default: $default,
                min: $min,
                max: $max,
            }),*];

            fn of(numbers: &$crate::bounds::Numbers) -> $name {
                $(let $field: $type = {
                    let key = $crate::bounds!(@key $field $($key)?);
                    $crate::bounds::FromNumber::from_number(numbers.get(key).unwrap_or($default), key)
                };)*
                $($(let $own: $own_type = $own_value;)*)?
                $name { $($field,)* $($($own,)*)? }
            }
        }

        impl Default for $name {
            fn default() -> $name {
                <$name as $crate::bounds::Declared>::of(&$crate::bounds::Numbers::default())
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:ident) => { stringify!($key) };
}

// === impl Numbers ===

impl Numbers {
    /// The defaults of these bounds.
    pub fn defaults<'b>(bounds: impl IntoIterator<Item = &'b Bound>) -> Numbers {
        Numbers(bounds.into_iter().map(|bound| (bound.key, bound.default)).collect())
    }

    /// The number of a key.
    pub fn get(&self, key: &str) -> Option<u64> {
        self.0.iter().find(|(of, _)| *of == key).map(|(_, number)| *number)
    }

    /// Puts another number in the place of a bound's.
    pub fn set(&mut self, key: &str, number: u64) {
        if let Some((_, old)) = self.0.iter_mut().find(|(of, _)| *of == key) {
            *old = number;
        }
    }

    /// The keys whose numbers are others there.
    pub fn differing(&self, other: &Numbers) -> Vec<&'static str> {
        let differing = self.0.iter().filter(|(key, number)| other.get(key) != Some(*number));
        differing.map(|(key, _)| *key).collect()
    }
}

// === impl FromNumber ===

impl FromNumber for u64 {
    fn from_number(number: u64, _: &str) -> u64 {
        number
    }
}

impl FromNumber for u32 {
    fn from_number(number: u64, _: &str) -> u32 {
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

impl FromNumber for usize {
    fn from_number(number: u64, _: &str) -> usize {
        usize::try_from(number).unwrap_or(usize::MAX)
    }
}

impl FromNumber for Duration {
    fn from_number(number: u64, key: &str) -> Duration {
        if key.ends_with("_s") {
            Duration::from_secs(number)
        } else {
            Duration::from_millis(number)
        }
    }
}

#[cfg(test)]
mod tests;
