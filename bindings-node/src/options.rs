//! How a client is set up from JavaScript: a list of names and values, as `lib/settings.cjs` has checked their types. What
//! makes sense says the engine.

use std::sync::Arc;
use std::time::Duration;

use oneclickdz::{
    Client, ClientBuilder, Environment, GiftCardPaths, Language, MessageTemplates, TemplateKind, VaultKey,
};

use crate::border::{FromJs, Given, Refused, Value, refused};
use crate::channels::{email, sms};
use crate::errands;
use crate::inbox::Post;

/// Refusals of a value's form are outside, those of the engine inside.
pub(crate) type Checked<T> = Result<oneclickdz::Result<T>, Refused>;

/// A client with these settings.
pub(crate) fn client(mut given: Given, post: &Arc<Post>) -> Checked<Client> {
    // One thread: JavaScript's own has a whole core for what one of these brings it, and each hand-over between them costs.
    let mut builder = Client::builder().threads(1);
    while let Some((name, value)) = given.pair()? {
        match setting(builder, &name, value, post)? {
            Ok(more) => builder = more,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(builder.build())
}

fn setting(builder: ClientBuilder, name: &str, value: Value, post: &Arc<Post>) -> Checked<ClientBuilder> {
    let text = |value| String::from_js(name, value);
    let time = |value| u32::from_js(name, value).map(|count| Duration::from_millis(count.into()));
    let count = |value| u32::from_js(name, value);
    let truth = |value| bool::from_js(name, value);
    Ok(Ok(match name {
        "apiKey" => builder.api_key(text(value)?),
        "keyIsToken" => builder.key_is_token(truth(value)?),
        "baseUrl" => builder.base_url(text(value)?),
        "journal" => builder.journal(text(value)?),
        "vaultKey" => return keys(builder, value, post),
        "expect" => {
            let known = Environment::from_word(&text(value)?).filter(|known| *known != Environment::Unknown);
            let rule = "must be `sandbox` or `production`";
            builder.expect_environment(known.ok_or_else(|| refused(name, rule))?)
        }
        "timeoutMs" => builder.timeout(time(value)?),
        "connectTimeoutMs" => builder.connect_timeout(time(value)?),
        "readTimeoutMs" => builder.read_timeout(time(value)?),
        "pollIntervalMs" => builder.poll_interval(time(value)?),
        "leaseMs" => builder.lease(time(value)?),
        "plansMaxAgeMs" => builder.plans_max_age(time(value)?),
        "maxRetryAfterMs" => builder.max_retry_after(time(value)?),
        "readRetries" => builder.read_retries(count(value)?),
        "requestsPerSecond" => builder.requests_per_second(count(value)?),
        "responseLimit" => builder.response_limit(count(value)? as usize),
        "watches" => builder.watches(truth(value)?),
        "sendsFixedAmount" => builder.sends_fixed_amount(truth(value)?),
        "giftCardPaths" => {
            let known = GiftCardPaths::from_word(&text(value)?);
            let rule = "must be `camel_case` or `kebab_case`";
            builder.gift_card_paths(known.ok_or_else(|| refused(name, rule))?)
        }
        "proxy" => builder.proxy(text(value)?),
        "extraRoots" => {
            Vec::<String>::from_js(name, value)?.into_iter().fold(builder, ClientBuilder::extra_root)
        }
        "appName" => builder.app_name(text(value)?),
        "email" => email(builder, Given::from_js(name, value)?)?,
        "sms" => return sms(builder, Given::from_js(name, value)?, post),
        "templates" => return templates(builder, Given::from_js(name, value)?),
        _ => return Err(refused(name, "is not a setting")),
    }))
}

/// The keys themselves, the new one first; or the number of a function that gives them.
fn keys(mut builder: ClientBuilder, value: Value, post: &Arc<Post>) -> Checked<ClientBuilder> {
    if let Value::Number(_) = value {
        let (function, post) = (u32::from_js("vaultKey", value)?, Arc::clone(post));
        return Ok(Ok(builder.vault_key_provider(move || errands::keys(&post, function))));
    }
    for text in Vec::<String>::from_js("vaultKey", value)? {
        match VaultKey::parse(&text) {
            Ok(key) => builder = builder.vault_key(key),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(builder))
}

/// Texts in place of the engine's: kind, language, template; and so on.
fn templates(builder: ClientBuilder, mut given: Given) -> Checked<ClientBuilder> {
    let mut templates = MessageTemplates::new();
    while let Some(kind) = given.next::<Option<TemplateKind>>("templates")? {
        let language: Language = given.next("templates")?;
        match templates.set(kind, language, given.next::<String>("templates")?) {
            Ok(more) => templates = more,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(builder.templates(templates)))
}
