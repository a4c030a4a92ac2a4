//! Any bytes as the answer of the service: the decoder must not panic, and must end in a value or in exactly one error kind.
//! The first bytes choose the operation and the HTTP status, the rest is the body (`oneclickdz::fuzzing::decode`).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| oneclickdz::fuzzing::decode(data));
