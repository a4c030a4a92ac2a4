//! How a client is set up from JavaScript.

use std::sync::Arc;
use std::time::Duration;

use napi::Result;
use napi_derive::napi;
use oneclickdz::{Client, Environment, GiftCardPaths, VaultKey};

use crate::border::refused;
use crate::channels::{EmailOptions, SmsOptions};
use crate::inbox::Post;

/// Checked for their types in `lib/check.cjs`; for their sense by the engine.
#[napi(object, object_to_js = false)]
pub struct Options {
    /// The account's key.
    pub api_key: Option<String>,
    /// Where the service lives.
    pub base_url: Option<String>,
    /// The journal's file, or `:memory:`.
    pub journal: Option<String>,
    /// The keys that seal card codes, the new one first.
    pub vault_key: Option<Vec<String>>,
    /// `sandbox` or `production`.
    pub expect: Option<String>,
    /// The longest time for one call.
    pub timeout_ms: Option<u32>,
    /// The longest time for a connection.
    pub connect_timeout_ms: Option<u32>,
    /// The longest silence on a connection.
    pub read_timeout_ms: Option<u32>,
    /// The time between two looks at a young order.
    pub poll_interval_ms: Option<u32>,
    /// How long an order stays with a worker that has died.
    pub lease_ms: Option<u32>,
    /// How long the list of plans is believed.
    pub plans_max_age_ms: Option<u32>,
    /// The longest `Retry-After` to be waited for.
    pub max_retry_after_ms: Option<u32>,
    /// How often a failed read is repeated.
    pub read_retries: Option<u32>,
    /// The account's budget of requests.
    pub requests_per_second: Option<u32>,
    /// The largest answer in bytes.
    pub response_limit: Option<u32>,
    /// Whether unsettled orders are followed in the background.
    pub watches: Option<bool>,
    /// Whether a fixed plan's own amount is sent.
    pub sends_fixed_amount: Option<bool>,
    /// `camel_case` or `kebab_case`.
    pub gift_card_paths: Option<String>,
    /// A proxy for all requests.
    pub proxy: Option<String>,
    /// Further CA certificates, in PEM form.
    pub extra_roots: Option<Vec<String>>,
    /// The caller's own name in `User-Agent`.
    pub app_name: Option<String>,
    /// The mail server that codes are sent through.
    pub email: Option<EmailOptions>,
    /// How codes are sent as text messages.
    pub sms: Option<SmsOptions>,
}

macro_rules! given { ($builder:ident, $options:ident: $($option:ident => $setter:ident $(as $convert:expr)?;)+) => { $(
    if let Some(value) = $options.$option {
        $( let value = $convert(value); )?
        $builder = $builder.$setter(value);
    }
)+ } }

impl Options {
    /// The engine's own refusals are inside, those of a word that does not exist outside.
    pub(crate) fn client(self, post: Arc<Post>) -> Result<oneclickdz::Result<Client>> {
        let options = self;
        let milliseconds = |value: u32| Duration::from_millis(value.into());
        let mut builder = Client::builder();
        if let Some(word) = &options.expect {
            let environment = Environment::from_word(word).filter(|known| *known != Environment::Unknown);
            let environment =
                environment.ok_or_else(|| refused("expect", "must be `sandbox` or `production`"))?;
            builder = builder.expect_environment(environment);
        }
        if let Some(word) = &options.gift_card_paths {
            builder = builder.gift_card_paths(match word.as_str() {
                "camel_case" => GiftCardPaths::CamelCase,
                "kebab_case" => GiftCardPaths::KebabCase,
                _ => return Err(refused("gift_card_paths", "must be `camel_case` or `kebab_case`")),
            });
        }
        for text in options.vault_key.unwrap_or_default() {
            match VaultKey::parse(&text) {
                Ok(key) => builder = builder.vault_key(key),
                Err(error) => return Ok(Err(error)),
            }
        }
        if let Some(email) = options.email {
            builder = email.add_to(builder)?;
        }
        if let Some(sms) = options.sms {
            match sms.add_to(builder, post)? {
                Ok(with_gateway) => builder = with_gateway,
                Err(error) => return Ok(Err(error)),
            }
        }
        for pem in options.extra_roots.unwrap_or_default() {
            builder = builder.extra_root(pem);
        }
        given! { builder, options:
            api_key => api_key;
            base_url => base_url;
            journal => journal;
            timeout_ms => timeout as milliseconds;
            connect_timeout_ms => connect_timeout as milliseconds;
            read_timeout_ms => read_timeout as milliseconds;
            poll_interval_ms => poll_interval as milliseconds;
            lease_ms => lease as milliseconds;
            plans_max_age_ms => plans_max_age as milliseconds;
            max_retry_after_ms => max_retry_after as milliseconds;
            read_retries => read_retries;
            requests_per_second => requests_per_second;
            response_limit => response_limit as |bytes| bytes as usize;
            watches => watches;
            sends_fixed_amount => sends_fixed_amount;
            proxy => proxy;
            app_name => app_name;
        }
        Ok(builder.build())
    }
}
