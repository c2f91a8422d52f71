//! Base 62, fixed width: letters and digits only, so that a token is selected by a double click and needs no
//! escaping in a URL, a header or a shell.

/// The digits, in order of their value.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes the big-endian number in `bytes` as exactly `width` digits; higher digits are cut.
pub(crate) fn encode(bytes: &[u8], width: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = vec![b'0'; width];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[divide(&mut number)];
    }
    digits.into_iter().map(char::from).collect()
}

/// Writes a number as exactly `WIDTH` digits. It allocates nothing, as each look-up of a token computes a checksum.
pub(crate) fn encode_u32<const WIDTH: usize>(mut number: u32) -> [u8; WIDTH] {
    let mut digits = [b'0'; WIDTH];
    for digit in digits.iter_mut().rev() {
        // A remainder below 62.
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    digits
}

/// Returns true for a digit of base 62.
pub(crate) fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Divides the number by 62 in place and returns the remainder.
fn divide(number: &mut [u8]) -> usize {
    let mut rest: u32 = 0;
    for byte in number {
        let value = (rest << 8) | u32::from(*byte);
        // The rest is below 62, so the value is below 62 * 256 and the quotient fits a byte.
        *byte = (value / 62) as u8;
        rest = value % 62;
    }
    rest as usize
}

#[cfg(test)]
mod tests;
