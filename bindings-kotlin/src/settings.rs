//! How a client is set up from Kotlin.

use std::sync::Arc;
use std::time::Duration;

use oneclickdz::{Client, ClientBuilder, SecretText, VaultKey};

use crate::border::Enter;
use crate::channels::{self, EmailOptions, GatewayOptions, TemplateText};
use crate::failure::Failure;
use crate::models::{Environment, GiftCardPaths};

/// Checked for its sense by the engine. What is absent has the engine's default.
#[derive(uniffi::Record)]
pub struct Settings {
    /// The account's key, or a token that stands for it.
    pub api_key: Option<SecretText>,
    /// Whether it is such a token, one of many of the same account.
    pub key_is_token: bool,
    /// Where the service lives.
    pub base_url: Option<String>,
    /// The journal's file, or `:memory:`.
    pub journal: Option<String>,
    /// The only environment in which orders are sent.
    pub expect: Option<Environment>,
    /// The longest time for one call.
    pub timeout_ms: Option<i64>,
    /// The longest time for a connection.
    pub connect_timeout_ms: Option<i64>,
    /// The longest silence on a connection.
    pub read_timeout_ms: Option<i64>,
    /// The longest `Retry-After` to be waited for.
    pub max_retry_after_ms: Option<i64>,
    /// The time between two looks at a young order.
    pub poll_interval_ms: Option<i64>,
    /// How long an order stays with a worker that has died.
    pub lease_ms: Option<i64>,
    /// How long the list of plans is believed.
    pub plans_max_age_ms: Option<i64>,
    /// How often a failed read is repeated.
    pub read_retries: Option<i32>,
    /// The account's budget of requests.
    pub requests_per_second: Option<i32>,
    /// The largest answer in bytes.
    pub response_limit: Option<i32>,
    /// The key that seals card codes.
    pub vault_key: Option<SecretText>,
    /// Keys that still open them.
    pub old_vault_keys: Vec<SecretText>,
    /// Whether unsettled orders are followed in the background.
    pub watches: Option<bool>,
    /// Whether a fixed plan's own amount is sent when none is given.
    pub sends_fixed_amount: Option<bool>,
    /// Which spelling of two paths is tried first.
    pub gift_card_paths: Option<GiftCardPaths>,
    /// A proxy for all requests.
    pub proxy: Option<SecretText>,
    /// Further CA certificates, in PEM form.
    pub extra_roots: Vec<String>,
    /// The caller's own name in `User-Agent`.
    pub app_name: Option<String>,
    /// The mail server.
    pub email: Option<EmailOptions>,
    /// The gateway for text messages, where it is spoken to over HTTP.
    pub gateway: Option<GatewayOptions>,
    /// In how many segments one text message may be cut.
    pub max_segments: Option<i32>,
    /// Texts in place of the engine's.
    pub templates: Vec<TemplateText>,
}

pub(crate) fn time(field: &str, milliseconds: i64) -> Result<Duration, Failure> {
    let time = u64::try_from(milliseconds).map(Duration::from_millis);
    time.map_err(|_| Failure::config(field, "is negative: give a time of more than nothing"))
}

pub(crate) fn count(field: &str, count: i32) -> Result<u32, Failure> {
    u32::try_from(count).map_err(|_| Failure::config(field, "is negative: give a number from 0 on"))
}

fn size(field: &str, bytes: i32) -> Result<usize, Failure> {
    usize::try_from(bytes).map_err(|_| Failure::config(field, "is negative: give a number of bytes"))
}

fn word(field: &str, paths: GiftCardPaths) -> Result<oneclickdz::GiftCardPaths, Failure> {
    paths.enter("client.build", field)
}

/// Where vault keys come from, such as Android's Keystore. Asked on a thread that may block.
#[uniffi::export(with_foreign)]
pub trait VaultKeySource: Send + Sync {
    /// The keys: the first one seals, all of them open.
    fn keys(&self) -> Result<Vec<SecretText>, NoKeys>;
}

/// The source has none for the moment.
#[derive(Debug, uniffi::Error)]
pub enum NoKeys {
    /// Why.
    Told {
        /// The exception's name, without its text, which could quote a key.
        reason: String,
    },
}

impl std::fmt::Display for NoKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Told { reason } = self;
        write!(f, "the vault key provider failed: {reason}")
    }
}

impl std::error::Error for NoKeys {}

impl From<uniffi::UnexpectedUniFFICallbackError> for NoKeys {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Told { reason: "an unexpected exception".to_owned() }
    }
}

/// Has the engine ask the source of keys.
pub(crate) fn asking(builder: ClientBuilder, source: Arc<dyn VaultKeySource>) -> ClientBuilder {
    builder.vault_key_provider(move || {
        let keys = source.keys()?;
        Ok(keys.iter().map(|key| VaultKey::parse(key.expose())).collect::<oneclickdz::Result<_>>()?)
    })
}

impl Settings {
    pub(crate) fn builder(self) -> Result<ClientBuilder, Failure> {
        let mut builder = Client::builder();
        macro_rules! given { ($( $field:ident => $setter:ident $(as $convert:ident)?; )+) => { $(
            if let Some(value) = self.$field {
                $( let value = $convert(stringify!($setter), value)?; )?
                builder = builder.$setter(value);
            }
        )+ } }
        match self.expect {
            None => {}
            Some(Environment::Unknown) => {
                return Err(Failure::config("expect", "must be SANDBOX or PRODUCTION"));
            }
            Some(known) => builder = builder.expect_environment(known.enter("client.build", "expect")?),
        }
        if let Some(key) = self.vault_key {
            builder = builder.vault_key(VaultKey::parse(key.expose())?);
        }
        for key in self.old_vault_keys {
            builder = builder.old_vault_key(VaultKey::parse(key.expose())?);
        }
        if let Some(email) = self.email {
            builder = email.enter(builder)?;
        }
        if let Some(gateway) = self.gateway {
            builder = builder.sms(gateway.settings(&self.extra_roots, self.max_segments)?);
        }
        builder = builder.key_is_token(self.key_is_token);
        builder = builder.templates(channels::templates(self.templates)?);
        for pem in self.extra_roots {
            builder = builder.extra_root(pem);
        }
        given! {
            api_key => api_key;
            base_url => base_url;
            journal => journal;
            timeout_ms => timeout as time;
            connect_timeout_ms => connect_timeout as time;
            read_timeout_ms => read_timeout as time;
            max_retry_after_ms => max_retry_after as time;
            poll_interval_ms => poll_interval as time;
            lease_ms => lease as time;
            plans_max_age_ms => plans_max_age as time;
            read_retries => read_retries as count;
            requests_per_second => requests_per_second as count;
            response_limit => response_limit as size;
            watches => watches;
            sends_fixed_amount => sends_fixed_amount;
            gift_card_paths => gift_card_paths as word;
            proxy => proxy;
            app_name => app_name;
        }
        Ok(builder)
    }
}
