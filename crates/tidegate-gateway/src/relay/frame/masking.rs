//! Payloads without their mask, and text that comes in pieces.

use super::Violation;

/// Bytes that are unmasked at once: most messages in one piece, and little to be cleared for a short one.
const CHUNK_BYTES: usize = 256;

/// Checks UTF-8 that comes in pieces, which may end within a character.
#[derive(Clone, Copy, Debug, Default)]
pub struct Utf8 {
    begun: [u8; 3],
    begun_bytes: u8,
}

impl Utf8 {
    /// Takes the next piece, masked.
    ///
    /// # Errors
    /// No UTF-8 begins like this.
    pub fn take(&mut self, mut mask: [u8; 4], bytes: &[u8]) -> Result<(), Violation> {
        if mask == [0; 4] && self.begun_bytes == 0 {
            return self.check(bytes);
        }
        for piece in bytes.chunks(CHUNK_BYTES) {
            // Three more for a character that the last piece broke off in.
            let mut space = [0; CHUNK_BYTES + 3];
            let begun = usize::from(self.begun_bytes);
            space[..begun].copy_from_slice(&self.begun[..begun]);
            unmasked(mask, piece, &mut space[begun..]);
            self.check(&space[..begun + piece.len()])?;
            mask.rotate_left(piece.len() % 4);
        }
        Ok(())
    }

    fn check(&mut self, text: &[u8]) -> Result<(), Violation> {
        let rest = match std::str::from_utf8(text) {
            Ok(_) => &[],
            Err(error) if error.error_len().is_some() => return Err(Violation::NotText),
            Err(error) => &text[error.valid_up_to()..],
        };
        // What may still become a character is at most three bytes.
        self.begun[..rest.len()].copy_from_slice(rest);
        self.begun_bytes = rest.len() as u8;
        Ok(())
    }

    /// The message ends here.
    ///
    /// # Errors
    /// It ends within a character.
    pub fn end(&mut self) -> Result<(), Violation> {
        let broken_off = self.begun_bytes > 0;
        *self = Utf8::default();
        if broken_off { Err(Violation::NotText) } else { Ok(()) }
    }
}

/// Takes a mask off, into space that is at least as long.
pub fn unmasked<'s>(mask: [u8; 4], bytes: &[u8], space: &'s mut [u8]) -> &'s [u8] {
    let space = &mut space[..bytes.len()];
    space.copy_from_slice(bytes);
    apply(mask, space);
    space
}

/// Puts a mask on, or takes it off.
pub fn apply(mask: [u8; 4], bytes: &mut [u8]) {
    if mask == [0; 4] {
        return;
    }
    let (fours, rest) = bytes.as_chunks_mut::<4>();
    for four in fours {
        *four = (u32::from_ne_bytes(*four) ^ u32::from_ne_bytes(mask)).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(mask) {
        *byte ^= key;
    }
}
