//! The gate in front of every request that carries the key.
//!
//! The service blocks an address after a few bad keys (PROTOCOL §1). So the first 401 closes the gate until the key is
//! changed, and until a key has proven good only one request at a time passes: 64 callers that start together with a
//! bad key cost one attempt, not 64.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use http::HeaderValue;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome};
use crate::secret::SecretText;

/// How long an address stays blocked after too many bad keys (PROTOCOL §1).
const BLOCKED_FOR: Duration = Duration::from_secs(15 * 60);

pub(super) struct KeyGate {
    state: RwLock<State>,
    /// Where the key is used, and whether it is one of many of its account.
    place: Place,
    proving: Mutex<()>,
}

/// What an account is told by, beside the key.
pub(super) struct Place {
    pub(super) base_url: String,
    pub(super) key_is_token: bool,
}

struct State {
    key: SecretText,
    account: Arc<str>,
    header: HeaderValue,
    /// Counts the keys, so that a late answer for an old key says nothing about the new one.
    generation: u64,
    standing: Standing,
}

#[derive(Clone)]
enum Standing {
    Unproven,
    Proven,
    Refused {
        code: Option<String>,
        status: Option<u16>,
        attempts_left: Option<u32>,
        request_id: Option<String>,
    },
    Blocked {
        until: Duration,
    },
}

/// The right to send one request with the key.
pub(super) struct Pass<'a> {
    pub(super) header: HeaderValue,
    pub(super) generation: u64,
    _proving: Option<MutexGuard<'a, ()>>,
}

impl KeyGate {
    pub(super) fn new(key: SecretText, place: Place) -> Result<Self> {
        let header = key_header(&key)?;
        let account = place.account(&key);
        let state = State { key, account, header, generation: 0, standing: Standing::Unproven };
        Ok(Self { state: RwLock::new(state), place, proving: Mutex::new(()) })
    }

    /// Another key: a fresh start.
    pub(super) fn change(&self, key: SecretText) -> Result<()> {
        let header = key_header(&key)?;
        let account = self.place.account(&key);
        let mut state = self.write();
        let generation = state.generation + 1;
        *state = State { key, account, header, generation, standing: Standing::Unproven };
        Ok(())
    }

    pub(super) fn generation(&self) -> u64 {
        self.read().generation
    }

    /// What the journal knows the key's account by.
    pub(super) fn account(&self) -> Arc<str> {
        Arc::clone(&self.read().account)
    }

    /// Takes the key out of a text that the service sent.
    pub(super) fn scrub(&self, text: &str) -> String {
        text.replace(self.read().key.expose().as_str(), "[redacted]")
    }

    /// Why no call can be made with the key, if that is so.
    pub(super) fn refusal(&self, operation: &'static str, now: Duration) -> Option<Error> {
        self.pass_if_proven(operation, now).err()
    }

    /// Waits for the right to send with the key.
    pub(super) async fn enter(&self, operation: &'static str, now: Duration) -> Result<Pass<'_>> {
        let proving = self.proving.lock().await;
        if let Some(pass) = self.pass_if_proven(operation, now)? {
            return Ok(pass);
        }
        let state = self.read();
        Ok(Pass { header: state.header.clone(), generation: state.generation, _proving: Some(proving) })
    }

    /// The right to send, where the key has proven good.
    pub(super) fn pass_if_proven(&self, operation: &'static str, now: Duration) -> Result<Option<Pass<'_>>> {
        let state = self.read();
        match &state.standing {
            Standing::Proven => {
                Ok(Some(Pass { header: state.header.clone(), generation: state.generation, _proving: None }))
            }
            Standing::Unproven => Ok(None),
            Standing::Blocked { until } if now >= *until => Ok(None),
            Standing::Blocked { until } => {
                let detail = "the service has blocked this address because of bad keys; no call is made until it is over";
                let wait = *until - now;
                Err(Error::new(ErrorKind::IpBlocked, Outcome::NotSent, operation, detail)
                    .with(|facts| facts.retry_after = Some(wait)))
            }
            Standing::Refused { code, status, attempts_left, request_id } => {
                let detail = "the service has refused this key; no further call is made with it, so that the address \
                              is not locked out: set another key";
                Err(Error::new(ErrorKind::Authentication, Outcome::NotSent, operation, detail).with(
                    |facts| {
                        facts.wire_code = code.clone();
                        facts.http_status = *status;
                        facts.attempts_left = *attempts_left;
                        facts.request_id = request_id.clone();
                    },
                ))
            }
        }
    }

    /// An answer that only a good key gets.
    pub(super) fn on_welcome(&self, generation: u64) {
        if matches!(self.read().standing, Standing::Proven) {
            return;
        }
        let mut state = self.write();
        if state.generation == generation && !matches!(state.standing, Standing::Refused { .. }) {
            state.standing = Standing::Proven;
        }
    }

    /// A failed answer: closes the gate when the key or the address is at fault.
    pub(super) fn on_failure(&self, generation: u64, error: &Error, now: Duration) {
        let standing = match error.kind() {
            ErrorKind::Authentication => Standing::Refused {
                code: error.wire_code().map(str::to_owned),
                status: error.http_status(),
                attempts_left: error.attempts_left(),
                request_id: error.request_id().map(str::to_owned),
            },
            ErrorKind::IpBlocked => Standing::Blocked { until: now + BLOCKED_FOR },
            _ => return,
        };
        let mut state = self.write();
        if state.generation == generation {
            state.standing = standing;
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// An account is told by its key, wherever that is used; one of tokens by who gives them out. Nothing of the key is
    /// given away: 64 bits of a digest.
    fn account(&self, key: &SecretText) -> Arc<str> {
        let told_by = if self.key_is_token { &self.base_url } else { key.expose() };
        base16ct::lower::encode_string(&Sha256::digest(told_by)[..8]).into()
    }
}

fn key_header(key: &SecretText) -> Result<HeaderValue> {
    let text = key.expose();
    if text.trim().is_empty() {
        return Err(Error::config("api_key", "is empty: give the key of your account"));
    }
    if text.trim() != text {
        return Err(Error::config("api_key", "begins or ends with white space: give the key alone"));
    }
    // Without the source: it could quote the key.
    let mut header = HeaderValue::from_str(text)
        .map_err(|_| Error::config("api_key", "holds characters that no key has: give the key alone"))?;
    header.set_sensitive(true);
    Ok(header)
}
