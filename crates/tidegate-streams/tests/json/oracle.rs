//! The push reader against `serde_json`, on any bytes in pieces of any length.

use crate::json::{Json, Malformed, Sink, Word};
use serde_json::Value;

/// Puts the value together again, to compare it.
#[derive(Default)]
struct Builder {
    open: Vec<(Option<String>, Value)>,
    key: Option<String>,
    text: String,
    digits: Vec<u8>,
    done: Option<Value>,
}

impl Builder {
    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some((_, Value::Array(items))) => items.push(value),
            Some((_, Value::Object(members))) => {
                members.insert(self.key.take().unwrap(), value);
            }
            Some(_) => unreachable!(),
        }
    }
}

impl Sink for Builder {
    type Stop = Malformed;

    fn open(&mut self, is_object: bool) -> Result<(), Malformed> {
        let value = if is_object {
            Value::Object(Default::default())
        } else {
            Value::Array(Vec::new())
        };
        self.open.push((self.key.take(), value));
        Ok(())
    }

    fn close(&mut self) -> Result<(), Malformed> {
        let (key, value) = self.open.pop().unwrap();
        self.key = key;
        self.put(value);
        Ok(())
    }

    fn string(&mut self, _: bool) -> Result<(), Malformed> {
        self.text.clear();
        Ok(())
    }

    fn piece(&mut self, text: &str) -> Result<(), Malformed> {
        self.text.push_str(text);
        Ok(())
    }

    fn string_end(&mut self, is_key: bool) -> Result<(), Malformed> {
        let text = std::mem::take(&mut self.text);
        if is_key {
            self.key = Some(text);
        } else {
            self.put(text.into());
        }
        Ok(())
    }

    fn digits(&mut self, digits: &[u8]) -> Result<(), Malformed> {
        self.digits.extend_from_slice(digits);
        Ok(())
    }

    fn number_end(&mut self) -> Result<(), Malformed> {
        let digits = std::mem::take(&mut self.digits);
        self.put(serde_json::from_slice(&digits).unwrap_or(Value::Null));
        Ok(())
    }

    fn word(&mut self, word: Word) -> Result<(), Malformed> {
        self.put(match word {
            Word::Null => Value::Null,
            Word::True => true.into(),
            Word::False => false.into(),
        });
        Ok(())
    }
}

/// Reads in parts of these lengths, in turn.
pub fn read(bytes: &[u8], lengths: &[usize]) -> Result<Option<Value>, Malformed> {
    let (mut json, mut builder, mut rest) = (Json::new(), Builder::default(), bytes);
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (part, behind) = rest.split_at((*length).clamp(1, rest.len()));
        json.read(part, &mut builder)?;
        rest = behind;
    }
    json.end(&mut builder)?;
    Ok(builder.done)
}

/// The same verdict as the oracle's, and the same value, however the text is cut.
pub fn judge(bytes: &[u8], lengths: &[usize]) {
    let text = String::from_utf8_lossy(bytes);
    let ours = read(bytes, lengths);
    if bytes.iter().all(|byte| b" \n\r\t".contains(byte)) {
        assert_eq!(ours, Ok(None));
        return;
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => assert_eq!(ours, Ok(Some(value)), "{text}"),
        // What a double cannot hold is JSON all the same.
        Err(error) if error.to_string().starts_with("number out of range") => {}
        Err(error) => assert!(ours.is_err(), "{text}: {error}, but {ours:?}"),
    }
}

/// An input of the fuzz target: its first byte says how long the pieces are.
pub fn judge_input(input: &[u8]) {
    let (length, text) = input
        .split_first()
        .map_or((1, input), |(length, _)| (usize::from(*length), input));
    judge(text, &[length.max(1), 1]);
}
