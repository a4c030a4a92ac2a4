//! Chance, from the operating system.

use super::{Clock, SystemClock};
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome};

/// 32 signs (Crockford's base 32) that survive being read aloud: no i, l, o or u.
const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What a prefix may have, in bytes, so that a reference with it stays below its own limit.
const LONGEST_PREFIX: usize = 64;

/// Makes a reference that no other call makes: `prefix-<seconds>-<12 random signs>`. What a reference cannot have is left
/// out of the prefix: control characters, white space in front, and what is beyond 64 bytes.
///
/// For callers without an order number of their own. Keep it with the order before sending: it is what finds the
/// order again after a lost answer (PROTOCOL §4).
pub fn make_ref(prefix: &str) -> String {
    let seconds = SystemClock::default().now().timestamp();
    let token: String =
        random_bytes::<12>().iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
    format!("{}-{seconds}-{token}", fitting(prefix))
}

fn fitting(prefix: &str) -> String {
    let signs = prefix.trim_start().chars().filter(|sign| !sign.is_control());
    let mut room = LONGEST_PREFIX;
    signs
        .take_while(|sign| room.checked_sub(sign.len_utf8()).inspect(|left| room = *left).is_some())
        .collect()
}

/// A number from 0 up to but not including `bound`.
pub(crate) fn random_below(bound: u64) -> u64 {
    match bound {
        0 => 0,
        bound => u64::from_le_bytes(random_bytes()) % bound,
    }
}

/// Fills the room of a key or a nonce. Unlike the other kinds of chance here it never makes do with less.
pub(crate) fn fill_secret(room: &mut [u8]) -> Result<()> {
    getrandom::fill(room).map_err(|cause| {
        let detail = "the operating system gives no randomness, without which nothing can be sealed";
        Error::new(ErrorKind::Config, Outcome::NotSent, "vault.seal", detail).with_source(cause)
    })
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        // A machine without a random source still has distinct hash seeds per process and call.
        use std::hash::{BuildHasher, RandomState};
        for chunk in bytes.chunks_mut(8) {
            let seed = RandomState::new().hash_one(chunk.as_ptr() as usize).to_le_bytes();
            chunk.copy_from_slice(&seed[..chunk.len()]);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn references_differ_within_one_second() {
        let refs: HashSet<String> = (0..10_000).map(|_| make_ref("mobile")).collect();
        assert_eq!(refs.len(), 10_000);
        assert!(refs.iter().all(|r| r.len() < 64 && r.starts_with("mobile-")));
    }

    #[test]
    fn a_prefix_loses_what_a_reference_cannot_have() {
        assert!(make_ref(" a b\n").starts_with("a b-"));
        assert!(make_ref(&"é".repeat(33)).starts_with(&format!("{}-", "é".repeat(32))));
    }

    #[test]
    fn random_numbers_stay_below_their_bound() {
        assert!((0..1000).all(|_| random_below(7) < 7));
        assert_eq!(random_below(0), 0);
    }
}
