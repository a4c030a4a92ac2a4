//! Any bytes as a sealed card: nothing opens that was not sealed so, and nothing panics (`oneclickdz::fuzzing::open_sealed`).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| oneclickdz::fuzzing::open_sealed(data));
