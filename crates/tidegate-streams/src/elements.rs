//! JSON batches, taken element by element, so that a long batch is never held as a tree and a bad
//! element is named by its place.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Parses a JSON array and hands each element to `take` with its index (from 0). Answers how many there
/// were. The error names the element and the place in the text; the elements before it have been taken,
/// so the caller drops what it built.
pub(crate) fn each<T, F>(json: &[u8], elements_max: usize, mut take: F) -> Result<usize, String>
where
    T: for<'de> Deserialize<'de>,
    F: FnMut(usize, T) -> Result<(), String>,
{
    let mut index = 0;
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let array = Array {
        take: &mut take,
        index: &mut index,
        elements_max,
        element: PhantomData,
    };
    let parsed = array.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match parsed {
        Ok(()) => Ok(index),
        Err(error) if error.is_data() => Err(format!("element {index} (counted from 0): {error}")),
        Err(error) => Err(format!("malformed JSON in element {index} (counted from 0): {error}")),
    }
}

struct Array<'a, T, F> {
    take: &'a mut F,
    index: &'a mut usize,
    elements_max: usize,
    element: PhantomData<T>,
}

impl<'de, T, F> DeserializeSeed<'de> for Array<'_, T, F>
where
    T: Deserialize<'de>,
    F: FnMut(usize, T) -> Result<(), String>,
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T, F> Visitor<'de> for Array<'_, T, F>
where
    T: Deserialize<'de>,
    F: FnMut(usize, T) -> Result<(), String>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element()? {
            if *self.index == self.elements_max {
                let max = self.elements_max;
                return Err(A::Error::custom(format!("a batch has at most {max} elements")));
            }
            (self.take)(*self.index, element).map_err(A::Error::custom)?;
            *self.index += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
