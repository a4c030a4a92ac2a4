//! What the fuzzer asks of sealed fields.

use std::sync::OnceLock;

use super::cipher::{self, Cipher, Field, Place};
use super::key::VaultKey;
use crate::secret::SecretText;

/// Says whether all is as it must be: any bytes are refused, what was sealed opens, and does not once it was changed.
pub(crate) fn fuzz_open(data: &[u8]) -> bool {
    static CIPHER: OnceLock<Option<Cipher>> = OnceLock::new();
    let key = || VaultKey::from_bytes((0..32).collect::<Vec<u8>>()).ok();
    let Some(cipher) = CIPHER.get_or_init(|| Cipher::new(&key()?).ok()) else { return false };
    let ciphers = std::slice::from_ref(cipher);
    let place = Place { r#ref: "sealed-here", index: 0, field: Field::Code };
    // Nothing was ever sealed for this one: neither the golden records among the seeds nor those that this function makes,
    // which the fuzzer finds again in freed memory.
    let nowhere = Place { r#ref: "nowhere", ..place };
    let with_magic = [&b"OCV\x01\x83\x65\x6a\xde\x8e\x39\x3e\x95"[..], data].concat();
    let is_refused = [data, &with_magic].iter().all(|bytes| cipher::open(ciphers, nowhere, bytes).is_err());

    let [at, change, cut, text @ ..] = data else { return is_refused };
    let text = SecretText::new(String::from_utf8_lossy(text).into_owned());
    let Ok(mut sealed) = cipher.seal(place, &text) else { return false };
    let opens = cipher::open(ciphers, place, &sealed).is_ok_and(|opened| opened == text);
    let whole = sealed.clone();
    let at = usize::from(*at) % sealed.len();
    sealed[at] ^= change;
    sealed.truncate(sealed.len().saturating_sub(usize::from(*cut)));
    opens && is_refused && (sealed == whole || cipher::open(ciphers, place, &sealed).is_err())
}
