//! The doors of the fuzzer: any bytes as an answer of the service, any bytes as a sealed card.

use crate::transport::fuzz_decode;
use crate::vault::fuzz_open;

/// Decodes a made-up answer: the first byte chooses the operation, the next two the status, the rest is the body.
///
/// Whatever the bytes, the result is an answer or one error with one kind; a panic is a defect.
pub fn decode(data: &[u8]) {
    let [operation, high, low, body @ ..] = data else {
        return;
    };
    let status = 100 + u16::from_be_bytes([*high, *low]) % 500;
    // Which of the two it is does not matter here.
    let _ = fuzz_decode(*operation, status, body);
}

/// Opens a made-up sealed field, and a real one with two bytes put into it: the first byte says where, the second what,
/// the third cuts, the rest is the text and the field.
///
/// # Panics
/// When something opens that was not sealed so, which is the defect that is looked for.
pub fn open_sealed(data: &[u8]) {
    assert!(fuzz_open(data), "a field opened that was changed, or did not open as it was");
}
