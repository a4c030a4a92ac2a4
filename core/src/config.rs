//! How a client is set up: plain setters and one `build` that checks everything before anything is sent.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::runtime::Handle;
use url::Url;

use crate::client::Client;
#[cfg(feature = "email")]
use crate::delivery::EmailSettings;
use crate::delivery::{ChannelSettings, Channels, MessageTemplates, SmsSettings};
use crate::error::{Error, Result};
use crate::journal::Location;
use crate::models::{Environment, GiftCardPaths};
use crate::runtime::{Clock, SystemClock};
use crate::secret::SecretText;
use crate::tls::certificates;
use crate::vault::{Source, VaultKey};

/// Where the service lives (PROTOCOL §1).
pub const PRODUCTION_URL: &str = "https://api.oneclickdz.com";

const DEFAULT_JOURNAL: &str = "oneclickdz.db";
const API_KEY_VARIABLE: &str = "ONECLICKDZ_API_KEY";
const VAULT_KEY_VARIABLE: &str = "ONECLICKDZ_VAULT_KEY";
const BASE_URL_VARIABLE: &str = "ONECLICKDZ_BASE_URL";

/// Sets up a [`Client`]. Every setting has a default; the key comes from `ONECLICKDZ_API_KEY` when none is given.
#[derive(Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    api_key: Option<SecretText>,
    keys: Source,
    old_keys: Vec<VaultKey>,
    journal: Location,
    base_url: Option<String>,
    extra_roots: Vec<Vec<u8>>,
    app_name: Option<String>,
    clock: Arc<dyn Clock>,
    runtime: Option<Handle>,
    channels: ChannelSettings,
    settings: Settings,
}

/// Who calls and where.
pub(crate) struct Identity {
    pub(crate) api_key: SecretText,
    pub(crate) base_url: Url,
}

/// How the engine behaves.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) expect: Option<Environment>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) read_retries: u32,
    pub(crate) max_retry_after: Duration,
    pub(crate) requests_per_second: u32,
    pub(crate) response_limit: usize,
    pub(crate) key_is_token: bool,
    pub(crate) watches: bool,
    pub(crate) lease: Duration,
    pub(crate) poll_interval: Duration,
    pub(crate) plans_max_age: Duration,
    pub(crate) sends_fixed_amount: bool,
    pub(crate) gift_card_paths: GiftCardPaths,
    pub(crate) threads: usize,
    pub(crate) proxy: Option<SecretText>,
    pub(crate) extra_roots: Vec<CertificateDer<'static>>,
    pub(crate) user_agent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            expect: None,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(15),
            read_retries: 4,
            max_retry_after: Duration::from_secs(60),
            requests_per_second: 50,
            response_limit: 16 * 1024 * 1024,
            key_is_token: false,
            watches: true,
            lease: Duration::from_secs(60),
            poll_interval: Duration::from_secs(5),
            plans_max_age: Duration::from_secs(3600),
            sends_fixed_amount: true,
            gift_card_paths: GiftCardPaths::CamelCase,
            threads: 2,
            proxy: None,
            extra_roots: Vec::new(),
            user_agent: concat!("oneclickdz/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            api_key: None,
            keys: Source::Nowhere,
            old_keys: Vec::new(),
            journal: Location::File(DEFAULT_JOURNAL.into()),
            base_url: None,
            extra_roots: Vec::new(),
            app_name: None,
            clock: Arc::new(SystemClock::default()),
            runtime: None,
            channels: ChannelSettings::default(),
            settings: Settings::default(),
        }
    }
}

macro_rules! setters { ($( $(#[$meta:meta])* $name:ident: $type:ty; )*) => {
    $( $(#[$meta])* pub fn $name(mut self, $name: $type) -> Self { self.settings.$name = $name; self } )*
} }

impl ClientBuilder {
    /// The account's key. Default: the environment variable `ONECLICKDZ_API_KEY`.
    pub fn api_key(mut self, key: impl Into<SecretText>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Where orders are kept: a file that is private to its user, or `:memory:` for tests. Several processes may share
    /// one file. Default: `oneclickdz.db` in the current folder. The file is opened with the first order.
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.journal = Location::from(path.into().as_path());
        self
    }

    /// A key that seals card codes. The first one given seals, all of them open: give the new key first and the old
    /// ones after it. Default: the environment variable `ONECLICKDZ_VAULT_KEY`, which may hold several, the new one
    /// first, with a comma between. Without a key no cards are bought; mobile top-ups need none.
    pub fn vault_key(mut self, key: VaultKey) -> Self {
        match &mut self.keys {
            Source::Keys(keys) => keys.push(key),
            other => *other = Source::Keys(vec![key]),
        }
        self
    }

    /// A key that still opens cards and seals none, beside those of [`vault_key`](Self::vault_key) or of the variable.
    pub fn old_vault_key(mut self, key: VaultKey) -> Self {
        self.old_keys.push(key);
        self
    }

    /// Where the keys come from instead: a key service, Android's Keystore. The first key seals, all of them open. It is
    /// asked on a thread that may block, before cards are bought, at least every five minutes while there is work for
    /// it, and when a card needs a key that it did not give. While it fails no cards are bought, and those that come
    /// are waited for.
    pub fn vault_key_provider<F>(mut self, provider: F) -> Self
    where
        F: Fn() -> Result<Vec<VaultKey>, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
    {
        self.keys = Source::Provider(Arc::new(provider));
        self
    }

    /// Where the service lives: https, or plain http on this machine. Default: the environment variable
    /// `ONECLICKDZ_BASE_URL`, else [`PRODUCTION_URL`].
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Refuses to order anything unless the service says that the key is of this environment.
    pub fn expect_environment(mut self, environment: Environment) -> Self {
        self.settings.expect = Some(environment);
        self
    }

    setters! {
        /// The longest time for one call, retries and waits included. Default: 30 seconds.
        timeout: Duration;
        /// The longest time for a connection to come about. Default: 10 seconds.
        connect_timeout: Duration;
        /// The longest silence on a connection. Default: 15 seconds.
        read_timeout: Duration;
        /// How often a failed read is repeated; a write never is. Default: 4.
        read_retries: u32;
        /// The longest `Retry-After` to be waited for. Default: 60 seconds.
        max_retry_after: Duration;
        /// The account's budget of requests, shared by all clones; it shrinks by itself on 429. Default: 50.
        requests_per_second: u32;
        /// The largest answer in bytes. Default: 16 MiB.
        response_limit: usize;
        /// Whether the key is a short-lived token, one of many of the same account. What one token sent belongs to all of
        /// them; what was sent with another account's key is never sent again. Default: no.
        key_is_token: bool;
        /// Whether this client follows unsettled orders in the background. Without it those who `wait` do its work, and
        /// another process of the same journal does for the rest. Default: yes.
        watches: bool;
        /// How long an order stays with a worker that has died before another takes it over. Must be longer than a
        /// pause of the whole process could be, such as a laptop's sleep or a stopped container. Default: 60 seconds.
        lease: Duration;
        /// The time between two looks at a young order. Default: 5 seconds (PROTOCOL §7).
        poll_interval: Duration;
        /// How long the list of mobile plans is believed. Default: one hour.
        plans_max_age: Duration;
        /// Whether a fixed plan's own amount is sent when the caller gives none: documented as not needed, observed
        /// as needed (PROTOCOL §18 row 22). Default: yes.
        sends_fixed_amount: bool;
        /// Which spelling of two gift-card paths is tried first. Default: `camel_case`.
        gift_card_paths: GiftCardPaths;
        /// How many threads of the engine's own carry its requests, from 1 on. One has the fewest hand-overs between threads,
        /// and so the least CPU for each call. Default: 2.
        threads: usize;
    }

    /// A proxy for all requests. Default: the environment's, but never for a service on this machine.
    pub fn proxy(mut self, url: impl Into<SecretText>) -> Self {
        self.settings.proxy = Some(url.into());
        self
    }

    /// A further CA certificate to trust, in PEM form, beside the bundled ones.
    pub fn extra_root(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.extra_roots.push(pem.into());
        self
    }

    /// Your program's name and version, put in front of the engine's in `User-Agent`.
    pub fn app_name(mut self, name: impl Into<String>) -> Self {
        self.app_name = Some(name.into());
        self
    }

    /// The mail server that codes are sent through.
    #[cfg(feature = "email")]
    pub fn email(mut self, email: EmailSettings) -> Self {
        self.channels.email = Some(email);
        self
    }

    /// The gateway that codes are sent through as text messages.
    pub fn sms(mut self, sms: SmsSettings) -> Self {
        self.channels.sms = Some(sms);
        self
    }

    /// Your own texts for messages, in place of the engine's.
    pub fn templates(mut self, templates: MessageTemplates) -> Self {
        self.channels.templates = templates;
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Threads to run on instead of the engine's own. They must outlive the client.
    pub fn runtime(mut self, handle: Handle) -> Self {
        self.runtime = Some(handle);
        self
    }

    /// Checks every setting and makes the client. Sends nothing, starts nothing.
    ///
    /// # Errors
    /// `config`, naming the setting, its rule and the remedy.
    pub fn build(mut self) -> Result<Client> {
        let identity = Identity { api_key: self.key()?, base_url: self.url()? };
        self.check_times()?;
        if let Some(app) = &self.app_name {
            self.settings.user_agent = user_agent(app, &self.settings.user_agent)?;
        }
        for pem in &self.extra_roots {
            self.settings.extra_roots.extend(certificates("extra_root", pem)?);
        }
        let keys = self.keys()?;
        let channels = Channels::new(self.channels, &self.settings.extra_roots)?;
        Client::assemble(identity, keys, self.journal, self.settings, self.clock, self.runtime, channels)
    }

    fn key(&self) -> Result<SecretText> {
        let from_environment = || std::env::var(API_KEY_VARIABLE).ok().map(SecretText::new);
        self.api_key.clone().or_else(from_environment).ok_or_else(|| {
            Error::config("api_key", format!("is missing: give it, or set the variable {API_KEY_VARIABLE}"))
        })
    }

    fn keys(&mut self) -> Result<Source> {
        let old = std::mem::take(&mut self.old_keys);
        match self.newest_keys()? {
            newest if old.is_empty() => Ok(newest),
            Source::Keys(newest) => Ok(Source::Keys(newest.into_iter().chain(old).collect())),
            Source::Nowhere | Source::Provider(_) => {
                let rule = "open cards and seal none: give a `vault_key` beside them, or set ONECLICKDZ_VAULT_KEY to one";
                Err(Error::config("old_vault_keys", rule))
            }
        }
    }

    fn newest_keys(&mut self) -> Result<Source> {
        match std::mem::take(&mut self.keys) {
            Source::Nowhere => {}
            given => return Ok(given),
        }
        let Ok(text) = std::env::var(VAULT_KEY_VARIABLE).map(SecretText::new) else {
            return Ok(Source::Nowhere);
        };
        let keys = text.expose().split(',').map(VaultKey::parse).collect::<Result<_>>();
        keys.map(Source::Keys).map_err(|error| error.with_context("variable", VAULT_KEY_VARIABLE))
    }

    fn url(&self) -> Result<Url> {
        let from_environment = || std::env::var(BASE_URL_VARIABLE).ok();
        let text =
            self.base_url.clone().or_else(from_environment).unwrap_or_else(|| PRODUCTION_URL.to_owned());
        let wrong = |rule: &str| Error::config("base_url", rule);
        let url = Url::parse(&text).map_err(|_| wrong("is not a URL: give https://host"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(wrong("is plain http to another machine, which would show the key: use https"));
            }
            _ => return Err(wrong("has an unknown scheme: use https")),
        }
        if url.host_str().is_none() || url.cannot_be_a_base() {
            return Err(wrong("has no host: give https://host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds a user name or password: give the address alone"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("holds a query or a fragment: give the address alone"));
        }
        Ok(url)
    }

    fn check_times(&self) -> Result<()> {
        let Settings { timeout, connect_timeout, read_timeout, poll_interval, lease, .. } = self.settings;
        let times = [
            ("timeout", timeout),
            ("connect_timeout", connect_timeout),
            ("read_timeout", read_timeout),
            ("poll_interval", poll_interval),
            ("lease", lease),
        ];
        for (field, time) in times {
            if time < Duration::from_millis(1) || time > Duration::from_secs(3600) {
                return Err(Error::config(field, "must lie between 1 millisecond and 1 hour"));
            }
        }
        if self.settings.requests_per_second == 0 {
            return Err(Error::config("requests_per_second", "must be at least 1"));
        }
        if !(1..=64).contains(&self.settings.threads) {
            return Err(Error::config("threads", "must lie between 1 and 64"));
        }
        if self.settings.response_limit < 1024 {
            return Err(Error::config("response_limit", "must be at least 1024 bytes"));
        }
        Ok(())
    }
}

impl Identity {
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.base_url)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn user_agent(app: &str, engine: &str) -> Result<String> {
    let is_plain = !app.is_empty() && app.len() <= 100 && app.bytes().all(|b| (b' '..=b'~').contains(&b));
    match is_plain {
        true => Ok(format!("{app} {engine}")),
        false => {
            Err(Error::config("app_name", "must be 1 to 100 printable ASCII characters, such as my-shop/2.1"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(builder: ClientBuilder) -> String {
        let error = builder.build().expect_err("a refusal");
        assert_eq!(error.code(), "config");
        error.field().expect("a field").to_owned()
    }

    fn builder() -> ClientBuilder {
        ClientBuilder::default().api_key("some-key")
    }

    #[test]
    fn only_https_or_this_machine() {
        for url in
            ["https://api.oneclickdz.com", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9/"]
        {
            assert!(builder().base_url(url).build().is_ok(), "{url}");
        }
        for url in [
            "http://api.oneclickdz.com",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "ftp://host",
            "api.oneclickdz.com",
            "https://user:word@host",
            "https://host/?key=1",
            "",
        ] {
            assert_eq!(refused(builder().base_url(url)), "base_url", "{url}");
        }
    }

    #[test]
    fn names_the_setting_that_cannot_work() {
        assert_eq!(refused(ClientBuilder::default().api_key("")), "api_key");
        assert_eq!(refused(ClientBuilder::default().api_key(" key\n")), "api_key");
        assert_eq!(refused(ClientBuilder::default().api_key("clé\u{1}")), "api_key");
        assert_eq!(refused(builder().timeout(Duration::ZERO)), "timeout");
        assert_eq!(refused(builder().poll_interval(Duration::from_secs(999_999))), "poll_interval");
        assert_eq!(refused(builder().requests_per_second(0)), "requests_per_second");
        assert_eq!(refused(builder().threads(0)), "threads");
        assert_eq!(refused(builder().app_name("متجر")), "app_name");
        assert_eq!(refused(builder().extra_root("not a certificate")), "extra_root");
        assert_eq!(refused(builder().proxy("::::")), "proxy");
    }
}
