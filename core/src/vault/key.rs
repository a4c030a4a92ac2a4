//! A vault key: 32 bytes, and the short name that sealed records carry.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Base64Unpadded, Base64Url, Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::runtime::fill_secret;
use crate::secret::{Secret, SecretText};

/// AES-256.
pub(crate) const KEY_LENGTH: usize = 32;

/// How long a key file may be: more is not a key.
const LONGEST_FILE: u64 = 4096;

/// Names a key without telling anything of it: the first eight bytes of a SHA-256 over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyId(pub(crate) [u8; 8]);

/// A key that card codes are sealed with: AES-256.
///
/// Written as 64 hexadecimal digits, as base64 (either alphabet, 32 bytes), as `file:PATH` of a file that holds one of
/// these or the 32 bytes themselves, or as `env:NAME` of a variable that holds one of these.
/// [`make_key`] makes a new one. Whoever has the key can read the codes in the journal; whoever loses it cannot.
#[derive(Clone)]
pub struct VaultKey {
    // On the heap, so that moving a key leaves no copy on a stack.
    bytes: Secret<Vec<u8>>,
    id: KeyId,
}

/// Makes a new key, as 64 hexadecimal digits for [`VaultKey::parse`]. `openssl rand -hex 32` makes one as well.
///
/// # Errors
/// `config` when the operating system gives no randomness.
pub fn make_key() -> Result<SecretText> {
    let mut bytes = Zeroizing::new(vec![0; KEY_LENGTH]);
    fill_secret(&mut bytes)?;
    Ok(SecretText::new(base16ct::lower::encode_string(&bytes)))
}

impl VaultKey {
    /// Reads a key in one of the forms above.
    ///
    /// # Errors
    /// `config` on the field `vault_key`, with the rule and the remedy. Nothing of the text is part of the error,
    /// beside the name of a file or variable.
    pub fn parse(text: &str) -> Result<Self> {
        match text.trim().split_once(':') {
            Some(("file", path)) => Self::from_file(path),
            Some(("env", name)) => {
                let value = std::env::var(name).map(Zeroizing::new).map_err(|_| {
                    wrong(format_args!("names the variable {name}, which is not set: set it to a key"))
                })?;
                Self::from_text(&value)
            }
            _ => Self::from_text(text),
        }
    }

    /// A key of raw bytes, such as a key service gives.
    ///
    /// # Errors
    /// `config` unless there are 32 of them, not all alike.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        let bytes = Secret::new(bytes.into());
        if bytes.expose().len() != KEY_LENGTH {
            return Err(wrong(format_args!("has {} bytes: give 32", bytes.expose().len())));
        }
        if bytes.expose().iter().all(|byte| *byte == bytes.expose()[0]) {
            return Err(wrong(format_args!("repeats one byte, so anybody can guess it: {REMEDY}")));
        }
        let id = KeyId::of(bytes.expose());
        Ok(Self { bytes, id })
    }

    /// The key's name in sealed records and in the audit log: 16 hexadecimal digits that tell nothing of the key.
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    pub(crate) fn key_id(&self) -> KeyId {
        self.id
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.expose()
    }

    fn from_text(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(wrong(format_args!("is empty: {REMEDY}")));
        }
        // Decoded in place: a buffer that grew would leave a part of the key behind.
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        let decoded = match text.len() {
            64 => base16ct::mixed::decode(text, &mut *bytes).ok(),
            44 if text.contains(['-', '_']) => Base64Url::decode(text, &mut *bytes).ok(),
            44 => Base64::decode(text, &mut *bytes).ok(),
            43 if text.contains(['-', '_']) => Base64UrlUnpadded::decode(text, &mut *bytes).ok(),
            43 => Base64Unpadded::decode(text, &mut *bytes).ok(),
            _ => None,
        };
        match decoded {
            Some(bytes) => Self::from_bytes(bytes),
            None => Err(wrong(format_args!(
                "is neither 64 hexadecimal digits nor the base64 of 32 bytes, file:PATH or env:NAME: {REMEDY}"
            ))),
        }
    }

    fn from_file(path: &str) -> Result<Self> {
        let unreadable = |cause: std::io::Error| {
            wrong(format_args!("names the file `{path}`, which cannot be read: check its name and rights"))
                .with_source(cause)
        };
        let length = std::fs::metadata(path).map_err(unreadable)?.len();
        if length > LONGEST_FILE {
            return Err(wrong(format_args!(
                "names the file `{path}`, which is too long for a key: {REMEDY}"
            )));
        }
        let bytes = Zeroizing::new(std::fs::read(path).map_err(unreadable)?);
        if bytes.len() == KEY_LENGTH {
            return Self::from_bytes(bytes.to_vec());
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| wrong(format_args!("names the file `{path}`, which holds no key: {REMEDY}")))?;
        Self::from_text(text)
    }
}

impl KeyId {
    fn of(key: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(b"oneclickdz vault key id 1\0").chain_update(key).finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        Self(id)
    }
}

const REMEDY: &str = "make one with `openssl rand -hex 32`";

fn wrong(rule: impl fmt::Display) -> Error {
    Error::config("vault_key", rule)
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultKey({})", self.id)
    }
}

impl PartialEq for VaultKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for VaultKey {}

impl FromStr for VaultKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::ErrorKind;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn refusal(text: &str) -> String {
        let error = VaultKey::parse(text).expect_err(text);
        assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some("vault_key")));
        assert!(error.detail().contains(": "), "a remedy: {}", error.detail());
        error.detail().to_owned()
    }

    #[test]
    fn every_form_is_the_same_key() {
        let key = VaultKey::parse(HEX).expect("hex");
        let folder = tempfile::tempdir().expect("a folder");
        let (text, raw) = (folder.path().join("text"), folder.path().join("raw"));
        std::fs::write(&text, format!("{HEX}\n")).expect("a file");
        std::fs::write(&raw, (0..32).collect::<Vec<u8>>()).expect("a file");
        for form in [
            HEX.to_ascii_uppercase(),
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned(),
            format!("file:{}", text.display()),
            format!("file:{}", raw.display()),
        ] {
            assert_eq!(VaultKey::parse(&form).expect("a key"), key, "{form}");
        }
        // Written here once and for ever: the header of every record has it.
        assert_eq!(key.id(), "83656ade8e393e95");
        assert_eq!(format!("{key:?}"), "VaultKey(83656ade8e393e95)");
    }

    #[test]
    fn both_base64_alphabets() {
        let bytes = [0xfb; 31].into_iter().chain([0xff]).collect::<Vec<u8>>();
        let key = VaultKey::from_bytes(bytes.clone()).expect("a key");
        assert_eq!(VaultKey::parse(&Base64::encode_string(&bytes)).expect("standard"), key);
        assert_eq!(VaultKey::parse(&Base64UrlUnpadded::encode_string(&bytes)).expect("url-safe"), key);
    }

    #[test]
    fn says_what_is_wrong_and_never_the_key() {
        refusal("");
        refusal("file:/no/such/file");
        refusal("env:ONECLICKDZ_NO_SUCH_VARIABLE");
        for text in [&HEX[1..], &format!("{HEX}00"), &HEX.replace('f', "g"), &"00".repeat(32)] {
            assert!(!refusal(text).contains("0405"), "{text}");
        }
    }

    #[test]
    fn made_keys_differ_and_parse() {
        let (one, two) = (make_key().expect("a key"), make_key().expect("a key"));
        assert_ne!(one, two);
        assert!(VaultKey::parse(one.expose()).is_ok());
    }
}
