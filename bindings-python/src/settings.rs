//! The client's options become the engine's builder. Rules and defaults are the engine's.

use std::path::PathBuf;
use std::time::Duration;

use oneclickdz::{Client, ClientBuilder, Environment, GiftCardPaths, SecretText, VaultKey};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDelta, PyDict, PyFloat, PyInt, PyString};

use crate::channels;
use crate::errors;
use crate::own::{self, Own};
use crate::secret::Secret;
use crate::values::{Cross, Rule, given, text};

/// The options by name; one that is `None` is left to the engine's default.
pub(crate) fn builder(options: &Bound<'_, PyDict>) -> PyResult<ClientBuilder> {
    // One thread: a call of Python's is handed over between threads anyway, and not more often than it must be.
    let mut builder = Client::builder().threads(1);
    for (name, value) in options.iter() {
        let name: String = name.extract()?;
        if value.is_none() {
            continue;
        }
        let wrong = |rule: Rule| errors::config(options.py(), &name, &rule);
        builder = match name.as_str() {
            "sms" => {
                let most = options.get_item("sms_max_segments")?.filter(|most| !most.is_none());
                let most = most.map(|most| {
                    u32::from_py(&most)
                        .map_err(|rule| errors::config(options.py(), "sms_max_segments", &rule))
                });
                channels::with_sms(builder, &value, most.transpose()?)?
            }
            // Stands beside `sms`, and means nothing alone.
            "sms_max_segments" => builder,
            "templates" => builder.templates(channels::templates(&value)?),
            name => set(builder, name, &value).map_err(wrong)?,
        };
    }
    Ok(builder)
}

fn set(builder: ClientBuilder, name: &str, value: &Bound<'_, PyAny>) -> Result<ClientBuilder, Rule> {
    Ok(match name {
        "api_key" => builder.api_key(SecretText::from_py(value)?),
        "key_is_token" => builder.key_is_token(bool::from_py(value)?),
        "base_url" => builder.base_url(text(value)?),
        "journal" => builder.journal(path(value)?),
        "vault_key" if value.is_callable() => {
            let function = Own::new(value).map_err(|_| "is a function that cannot be called".to_owned())?;
            builder.vault_key_provider(move || own::vault_keys(&function))
        }
        "vault_key" => vault_keys(value)?.into_iter().fold(builder, ClientBuilder::vault_key),
        "expect" => builder.expect_environment(Environment::from_py(value)?),
        "timeout" => builder.timeout(seconds(value)?),
        "connect_timeout" => builder.connect_timeout(seconds(value)?),
        "read_timeout" => builder.read_timeout(seconds(value)?),
        "read_retries" => builder.read_retries(u32::from_py(value)?),
        "max_retry_after" => builder.max_retry_after(seconds(value)?),
        "requests_per_second" => builder.requests_per_second(u32::from_py(value)?),
        "response_limit" => builder.response_limit(u32::from_py(value)? as usize),
        "watches" => builder.watches(bool::from_py(value)?),
        "lease" => builder.lease(seconds(value)?),
        "poll_interval" => builder.poll_interval(seconds(value)?),
        "plans_max_age" => builder.plans_max_age(seconds(value)?),
        "sends_fixed_amount" => builder.sends_fixed_amount(bool::from_py(value)?),
        "gift_card_paths" => builder.gift_card_paths(GiftCardPaths::from_py(value)?),
        "proxy" => builder.proxy(SecretText::from_py(value)?),
        "extra_root" => builder.extra_root(pem(value)?),
        "app_name" => builder.app_name(text(value)?),
        "email" => channels::with_email(builder, value)?,
        _ => return Err("is not an option of this version".to_owned()),
    })
}

/// One key or several, the new one first: texts in the engine's forms, or 32 bytes each.
pub(crate) fn vault_keys(value: &Bound<'_, PyAny>) -> Result<Vec<VaultKey>, Rule> {
    let is_one = value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyString>()
        || value.is_instance_of::<Secret>();
    if is_one {
        return Ok(vec![vault_key(value)?]);
    }
    let keys = value.try_iter().map_err(|_| format!("{}: give a key, or a list of keys", given(value)))?;
    keys.map(|key| vault_key(&key.map_err(|_| "is a list that cannot be read")?)).collect()
}

fn vault_key(value: &Bound<'_, PyAny>) -> Result<VaultKey, Rule> {
    let key = match value.cast::<PyBytes>() {
        Ok(bytes) => VaultKey::from_bytes(bytes.as_bytes()),
        Err(_) => VaultKey::parse(SecretText::from_py(value)?.expose()),
    };
    key.map_err(|error| error.detail().trim_start_matches("`vault_key` ").to_owned())
}

/// Seconds as `int` or `float`, or a `timedelta`.
pub(crate) fn seconds(value: &Bound<'_, PyAny>) -> Result<Duration, Rule> {
    let out_of_range = || "is out of range: give seconds, 0 or more".to_owned();
    if value.is_instance_of::<PyDelta>() {
        return value.extract().map_err(|_| out_of_range());
    }
    let is_number = value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>();
    if !is_number || value.is_instance_of::<PyBool>() {
        return Err(format!("{}: give seconds as a number, or a timedelta", given(value)));
    }
    let seconds: f64 = value.extract().map_err(|_| out_of_range())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| out_of_range())
}

fn path(value: &Bound<'_, PyAny>) -> Result<PathBuf, Rule> {
    let path: PathBuf =
        value.extract().map_err(|_| format!("{}: give a path or `:memory:`", given(value)))?;
    let is_possible = !path.as_os_str().is_empty() && !path.as_os_str().as_encoded_bytes().contains(&0);
    is_possible.then_some(path).ok_or_else(|| "is not a path: give one, or `:memory:`".to_owned())
}

pub(crate) fn pem(value: &Bound<'_, PyAny>) -> Result<Vec<u8>, Rule> {
    match value.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes().to_vec()),
        Err(_) => text(value).map(String::into_bytes),
    }
}
