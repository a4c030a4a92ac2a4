//! The door of the fuzzer to the decoder: any bytes, any status, any operation.

use crate::transport::fuzz_decode;

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
