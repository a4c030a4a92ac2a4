//! The keys at hand: one to seal with, all to open with.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::cipher::{self, Cipher, Fault, Place};
use super::key::{KeyId, VaultKey};
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome};
use crate::runtime::{Runtime, finished};
use crate::secret::SecretText;

/// How long the keys of a provider are believed. A key that it took back is forgotten within this time.
const BELIEVED_FOR: Duration = Duration::from_secs(300);

/// Gives the keys, the one to seal with first. Called on a thread that may block.
pub(super) type KeyProvider =
    Arc<dyn Fn() -> Result<Vec<VaultKey>, Box<dyn std::error::Error + Send + Sync>> + Send + Sync>;

/// Where keys come from.
#[derive(Clone, Default)]
pub(crate) enum Source {
    #[default]
    Nowhere,
    Keys(Vec<VaultKey>),
    Provider(KeyProvider),
}

/// Keys ready for use. Wiped when the last of its users is gone.
pub(crate) struct KeyRing {
    ciphers: Vec<Cipher>,
    keys: Vec<VaultKey>,
}

/// Keys at work. Ends in the frame that began it, or in one further out.
pub(crate) struct Work<'a> {
    ring: &'a KeyRing,
    _traces: Traces,
}

/// Overwrites what was left on the stack when it goes.
struct Traces;

/// The vault of one client.
pub(crate) struct Vault {
    state: Mutex<State>,
    runtime: Arc<Runtime>,
}

struct State {
    source: Source,
    ring: Option<Arc<KeyRing>>,
    loaded_at: Duration,
    is_closed: bool,
}

impl Vault {
    pub(crate) fn new(source: Source, runtime: Arc<Runtime>) -> Result<Self> {
        let ring = match &source {
            Source::Keys(keys) => Some(Arc::new(KeyRing::new(keys.clone())?)),
            Source::Nowhere | Source::Provider(_) => None,
        };
        let state = State { source, ring, loaded_at: Duration::ZERO, is_closed: false };
        Ok(Self { state: Mutex::new(state), runtime })
    }

    /// The keys at hand.
    ///
    /// # Errors
    /// `vault_key_missing` where none was given, `vault_unavailable` where their provider fails, `closed`.
    pub(crate) async fn ring(&self, operation: &'static str) -> Result<Arc<KeyRing>> {
        let provider = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.is_closed {
                return Err(Error::closed(operation));
            }
            match (&state.source, &state.ring) {
                (Source::Nowhere, _) => return Err(key_missing(operation)),
                (Source::Keys(_), Some(ring)) => return Ok(Arc::clone(ring)),
                (Source::Provider(_), Some(ring)) if self.age(&state) < BELIEVED_FOR => {
                    return Ok(Arc::clone(ring));
                }
                (Source::Keys(_), None) => return Err(Error::closed(operation)),
                (Source::Provider(provider), _) => Arc::clone(provider),
            }
        };
        self.load(operation, provider).await
    }

    /// The keys as their provider gives them now, for a key that was not among the last ones.
    pub(crate) async fn fresh_ring(&self, operation: &'static str) -> Result<Arc<KeyRing>> {
        let provider = match &self.state.lock().unwrap_or_else(PoisonError::into_inner).source {
            Source::Provider(provider) => Some(Arc::clone(provider)),
            Source::Nowhere | Source::Keys(_) => None,
        };
        match provider {
            Some(provider) => self.load(operation, provider).await,
            None => self.ring(operation).await,
        }
    }

    async fn load(&self, operation: &'static str, provider: KeyProvider) -> Result<Arc<KeyRing>> {
        let asked = self.runtime.spawn_blocking(move || provider())?;
        let keys = finished(asked).await.map_err(|defect| unavailable(operation).with_source(defect))?;
        let keys = keys.map_err(|cause| unavailable(operation).with_source(cause))?;
        if keys.is_empty() {
            return Err(unavailable(operation));
        }
        let ring = Arc::new(KeyRing::new(keys)?);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_closed {
            return Err(Error::closed(operation));
        }
        state.loaded_at = self.runtime.elapsed();
        state.ring = Some(Arc::clone(&ring));
        Ok(ring)
    }

    /// Wipes the keys; nothing opens any more.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_closed = true;
        state.ring = None;
        state.source = Source::Nowhere;
    }

    fn age(&self, state: &State) -> Duration {
        self.runtime.elapsed().saturating_sub(state.loaded_at)
    }
}

impl KeyRing {
    pub(crate) fn new(keys: Vec<VaultKey>) -> Result<Self> {
        let _traces = Traces;
        let ciphers = keys.iter().map(Cipher::new).collect::<Result<_, _>>();
        let ciphers =
            ciphers.map_err(|_: Fault| Error::config("vault_key", "cannot be used: give 32 bytes"))?;
        Ok(Self { ciphers, keys })
    }

    /// The id of the key that seals.
    pub(crate) fn newest(&self) -> String {
        self.keys.first().map(VaultKey::id).unwrap_or_default()
    }

    /// Begins to seal and open. What that leaves on the stack is overwritten when it ends.
    pub(crate) fn work(&self) -> Work<'_> {
        Work { ring: self, _traces: Traces }
    }
}

impl Work<'_> {
    /// The id of the key that seals.
    pub(crate) fn newest(&self) -> String {
        self.ring.newest()
    }

    /// Seals a text for its place.
    pub(crate) fn seal(
        &self,
        operation: &'static str,
        place: Place<'_>,
        text: &SecretText,
    ) -> Result<Vec<u8>> {
        let newest = self.ring.ciphers.first().ok_or_else(|| key_missing(operation))?;
        newest.seal(place, text)
    }

    /// Opens what was sealed for this place.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretText, Fault> {
        cipher::open(&self.ring.ciphers, place, sealed)
    }

    /// Opens a code that was kept as the service's documentation shows, with whichever key fits.
    pub(crate) fn open_documented(
        &self,
        iv: [u8; 16],
        text: &[u8],
        tag: [u8; 16],
    ) -> Result<SecretText, Fault> {
        let opened = self.ring.keys.iter().find_map(|key| cipher::open_documented(key, iv, text, tag).ok());
        opened.ok_or(Fault::Tampered)
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        cipher::scrub();
    }
}

impl Fault {
    /// The error that a caller sees.
    pub(crate) fn error(self, operation: &'static str, r#ref: &str) -> Error {
        let (kind, detail) = match self {
            Self::KeyLost(KeyId(_)) => (ErrorKind::VaultKeyLost, KEY_LOST),
            Self::Tampered => (ErrorKind::VaultTampered, TAMPERED),
        };
        let error = Error::new(kind, Outcome::NotSent, operation, detail).with_ref(r#ref);
        match self {
            Self::KeyLost(id) => error.with_context("key_id", id.to_string()),
            Self::Tampered => error,
        }
    }
}

const KEY_LOST: &str = "the card is sealed with a key that this client was not given: give the old key beside the new \
                        one (`vault_key`)";
const TAMPERED: &str = "the sealed card was changed since it was sealed, or belongs to another order: restore it from \
                        a backup of the journal";

fn key_missing(operation: &'static str) -> Error {
    let detail = "cards are bought and shown only with a key that seals them: give `vault_key`, or set the variable \
                  ONECLICKDZ_VAULT_KEY to one; `openssl rand -hex 32` makes one";
    Error::new(ErrorKind::VaultKeyMissing, Outcome::NotSent, operation, detail)
        .with(|facts| facts.field = Some("vault_key".to_owned()))
}

fn unavailable(operation: &'static str) -> Error {
    let detail = "the vault's key provider gave no key: see the cause, and look at the key service";
    Error::new(ErrorKind::VaultUnavailable, Outcome::NotSent, operation, detail)
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}
