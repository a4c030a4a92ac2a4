//! The built-in keys, and the lockout after repeated bad ones (PROTOCOL §1).

use std::net::IpAddr;

use crate::clock::{MINUTE, Millis};
use crate::envelope::ApiError;
use crate::json::Json;
use crate::operation::Operation;
use crate::state::{Environment, World};

/// Opens the sandbox environment for reading and writing.
pub const SANDBOX_KEY: &str = "sandbox-key";
/// Opens the production environment for reading and writing.
pub const PRODUCTION_KEY: &str = "production-key";
/// Opens the sandbox environment for reading; writes get `403 FORBIDDEN`.
pub const READ_ONLY_KEY: &str = "read-only-key";
/// Gets `403 IP_BLOCKED` for everything.
pub const BLOCKED_KEY: &str = "blocked-key";

/// Bad keys that one address may try before it is locked out.
const ATTEMPTS: u32 = 5;
const LOCKOUT: Millis = 15 * MINUTE;

#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) text: &'static str,
    pub(crate) environment: Environment,
    pub(crate) read_only: bool,
    blocked: bool,
}

const fn key(text: &'static str, environment: Environment) -> Key {
    Key { text, environment, read_only: false, blocked: false }
}

static KEYS: &[Key] = &[
    key(SANDBOX_KEY, Environment::Sandbox),
    key(PRODUCTION_KEY, Environment::Production),
    Key { read_only: true, ..key(READ_ONLY_KEY, Environment::Sandbox) },
    Key { blocked: true, ..key(BLOCKED_KEY, Environment::Sandbox) },
];

/// What one address has tried so far.
#[derive(Debug, Default)]
pub(crate) struct BadKeys {
    attempts: u32,
    /// When the count is forgotten: after the lockout, or as long after the last bad key.
    until: Millis,
}

/// Checks the key of a call, and that it may do what the call wants.
pub(crate) fn authenticate(
    world: &mut World,
    peer: IpAddr,
    header: Option<&[u8]>,
    operation: Operation,
) -> Result<&'static Key, ApiError> {
    let now = world.now;
    let tried = world.bad_keys.get(&peer).filter(|tried| tried.until > now);
    if tried.is_some_and(|tried| tried.attempts >= ATTEMPTS) {
        return Err(ip_blocked());
    }
    let Some(given) = header.filter(|text| !text.is_empty()) else {
        let status = u16::from(world.dialect.missing_token_status);
        return Err(ApiError::new(status, "MISSING_ACCESS_TOKEN", "Access token is required"));
    };
    let Some(key) = KEYS.iter().find(|key| key.text.as_bytes() == given) else {
        let tried = world.bad_keys.entry(peer).or_default();
        if tried.until <= now {
            tried.attempts = 0;
        }
        tried.attempts += 1;
        tried.until = now + LOCKOUT;
        return Err(invalid_token(ATTEMPTS - tried.attempts));
    };
    if key.blocked {
        return Err(ip_blocked());
    }
    if key.read_only && operation.is_write() {
        // The documentation names no code for this; ours is the one of an unvalidated merchant.
        return Err(ApiError::new(403, "FORBIDDEN", "This key is read-only"));
    }
    Ok(key)
}

pub(crate) fn invalid_token(attempts_left: u32) -> ApiError {
    ApiError::new(401, "INVALID_ACCESS_TOKEN", "The provided access token is invalid")
        .with_details(Json::object([("attemptsLeft", attempts_left.into())]))
}

pub(crate) fn ip_blocked() -> ApiError {
    ApiError::new(403, "IP_BLOCKED", "Your IP has been temporarily blocked due to too many invalid attempts")
}
