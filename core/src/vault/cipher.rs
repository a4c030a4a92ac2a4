//! One sealed field, byte by byte (docs/vault-format.md).

use aes_gcm::aead::{AeadInOut, KeyInit, consts::U16};
use aes_gcm::aes::Aes256;
use aes_gcm::{Aes256Gcm, AesGcm, Nonce, Tag};
use zeroize::Zeroizing;

use super::key::{KeyId, VaultKey};
use crate::error::Result;
use crate::runtime::fill_secret;
use crate::secret::SecretText;

/// Marks a sealed field, with the format's version in the last byte.
const MAGIC: [u8; 4] = *b"OCV\x01";
const KEY_AT: usize = MAGIC.len();
const NONCE_AT: usize = KEY_AT + 8;
const TEXT_AT: usize = NONCE_AT + 12;
const TAG_LENGTH: usize = 16;

/// What a field is, and so which other it may not be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Code,
    Serial,
    TransactionNumber,
    ProcessedAt,
}

/// Where a sealed field belongs. Sealed in one place it does not open in another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) r#ref: &'a str,
    /// The card's place in its order.
    pub(crate) index: u32,
    pub(crate) field: Field,
}

/// Why a sealed field does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Its key is not here.
    KeyLost(KeyId),
    /// It was changed, cut, or belongs elsewhere.
    Tampered,
}

/// A sealed field, taken apart.
struct Parts<'a> {
    header: &'a [u8],
    key: KeyId,
    nonce: &'a [u8; 12],
    text: &'a [u8],
    tag: &'a [u8; TAG_LENGTH],
}

/// A key ready for use.
pub(super) struct Cipher {
    pub(super) id: KeyId,
    // On the heap for the same reason as the key.
    aes: Box<Aes256Gcm>,
}

impl Field {
    pub(crate) const ALL: [Self; 4] = [Self::Code, Self::Serial, Self::TransactionNumber, Self::ProcessedAt];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Serial => "serial",
            Self::TransactionNumber => "transaction_number",
            Self::ProcessedAt => "processed_at",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == word)
    }
}

impl Cipher {
    pub(super) fn new(key: &VaultKey) -> Result<Self, Fault> {
        Ok(Self { id: key.key_id(), aes: schedule(key)? })
    }

    pub(super) fn seal(&self, place: Place<'_>, text: &SecretText) -> Result<Vec<u8>> {
        let mut nonce = [0; 12];
        fill_secret(&mut nonce)?;
        Ok(self.seal_with(nonce, place, text.expose().as_bytes()))
    }

    fn seal_with(&self, nonce: [u8; 12], place: Place<'_>, text: &[u8]) -> Vec<u8> {
        // Sized beforehand, and sealed where it stands: no clear text is left behind by a buffer that grew.
        let mut sealed = Vec::with_capacity(TEXT_AT + text.len() + TAG_LENGTH);
        sealed.extend_from_slice(&MAGIC);
        sealed.extend_from_slice(&self.id.0);
        sealed.extend_from_slice(&nonce);
        let associated = associated(&sealed[..NONCE_AT], place);
        sealed.extend_from_slice(text);
        let tag = self.aes.encrypt_inout_detached(
            &Nonce::from(nonce),
            &associated,
            (&mut sealed[TEXT_AT..]).into(),
        );
        match tag {
            Ok(tag) => sealed.extend_from_slice(&tag),
            // Texts of 64 GB only; what was not sealed must not stay.
            Err(_) => sealed.clear(),
        }
        sealed
    }

    fn open(&self, place: Place<'_>, parts: &Parts<'_>) -> Result<SecretText, Fault> {
        let associated = associated(parts.header, place);
        let mut text = Zeroizing::new(parts.text.to_vec());
        let opened = self.aes.decrypt_inout_detached(
            &Nonce::from(*parts.nonce),
            &associated,
            text.as_mut_slice().into(),
            &Tag::from(*parts.tag),
        );
        opened.map_err(|_| Fault::Tampered)?;
        into_text(text)
    }
}

/// Opens a field with the key that its header names.
pub(super) fn open(ciphers: &[Cipher], place: Place<'_>, sealed: &[u8]) -> Result<SecretText, Fault> {
    let parts = Parts::read(sealed)?;
    let cipher = ciphers.iter().find(|cipher| cipher.id == parts.key).ok_or(Fault::KeyLost(parts.key))?;
    cipher.open(place, &parts)
}

/// Opens what the service's documentation shows: an IV of 16 bytes, no associated data.
pub(super) fn open_documented(
    key: &VaultKey,
    iv: [u8; 16],
    text: &[u8],
    tag: [u8; 16],
) -> Result<SecretText, Fault> {
    let aes: Box<AesGcm<Aes256, U16>> = schedule(key)?;
    let mut text = Zeroizing::new(text.to_vec());
    let opened =
        aes.decrypt_inout_detached(&Nonce::from(iv), &[], text.as_mut_slice().into(), &Tag::from(tag));
    drop(aes);
    opened.map_err(|_| Fault::Tampered)?;
    into_text(text)
}

/// The id of the key that a sealed field names, if it is one.
#[cfg(test)]
pub(super) fn key_of(sealed: &[u8]) -> Result<KeyId, Fault> {
    Parts::read(sealed).map(|parts| parts.key)
}

impl<'a> Parts<'a> {
    fn read(sealed: &'a [u8]) -> Result<Self, Fault> {
        let (header, rest) = sealed.split_at_checked(NONCE_AT).ok_or(Fault::Tampered)?;
        let (nonce, rest) = rest.split_first_chunk().ok_or(Fault::Tampered)?;
        let (text, tag) = rest.split_last_chunk().ok_or(Fault::Tampered)?;
        let key = header[KEY_AT..].first_chunk().copied().ok_or(Fault::Tampered)?;
        match header.starts_with(&MAGIC) {
            true => Ok(Self { header, key: KeyId(key), nonce, text, tag }),
            false => Err(Fault::Tampered),
        }
    }
}

/// What is bound to a field beside its text: the header, then each part with its length before it, so that no two
/// places give the same bytes.
fn associated(header: &[u8], place: Place<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(header.len() + place.r#ref.len() + 40);
    bytes.extend_from_slice(header);
    for part in [place.r#ref.as_bytes(), place.field.as_str().as_bytes()] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes.extend_from_slice(&place.index.to_be_bytes());
    bytes
}

fn schedule<A: KeyInit>(key: &VaultKey) -> Result<Box<A>, Fault> {
    A::new_from_slice(key.bytes()).map(Box::new).map_err(|_| Fault::Tampered)
}

fn into_text(mut bytes: Zeroizing<Vec<u8>>) -> Result<SecretText, Fault> {
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Ok(SecretText::new(text)),
        Err(not_text) => {
            drop(Zeroizing::new(not_text.into_bytes()));
            Err(Fault::Tampered)
        }
    }
}

/// Overwrites the part of the stack that the cipher has just used. Its own values are wiped where they end; copies that
/// the compiler and the processor's wide registers needed on the way are not.
#[inline(never)]
pub(super) fn scrub() {
    let mut used = [0xa5_u8; 32 * 1024];
    std::hint::black_box(&mut used);
}

#[cfg(test)]
mod tests;
