//! One request over HTTP: the gate, the budget, the wire, the verdict.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, header};
use reqwest::{Client, Proxy, Response, Url, redirect, retry};
use tokio::sync::Semaphore;
use tracing::Instrument;

use super::auth::{KeyGate, Pass};
use super::calls::Learnt;
use super::classify::{self, Head};
use super::envelope::{self, Payload};
use super::rate::Budget;
use super::wire::Malformed;
use crate::config::{Identity, Settings};
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome};
use crate::runtime::Runtime;
use crate::secret::SecretText;

/// What the key travels in (PROTOCOL §1).
const KEY_HEADER: HeaderName = HeaderName::from_static("x-access-token");

/// Requests on their way at once, and so connections: SDKs that open one per caller exhaust ports and memory.
const AT_ONCE: usize = 32;

/// Everything between a call and the network, shared by all clones of a client.
pub(crate) struct Transport {
    http: Client,
    base: Url,
    gate: KeyGate,
    budget: Budget,
    on_their_way: Semaphore,
    is_closed: AtomicBool,
    pub(super) learnt: Learnt,
    pub(super) settings: Arc<Settings>,
    pub(super) runtime: Arc<Runtime>,
}

/// What a call may change. Only a call that moves money can leave an unknown outcome behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    HarmlessWrite,
    MovesMoney,
}

/// One call of the protocol.
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) effect: Effect,
    pub(crate) path: Cow<'static, str>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Bytes>,
    pub(crate) needs_key: bool,
}

/// What a caller may wish for a single call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish {
    pub(crate) timeout: Option<Duration>,
}

impl Call {
    pub(crate) fn get(operation: &'static str, path: impl Into<Cow<'static, str>>) -> Self {
        let path = path.into();
        Self { operation, effect: Effect::Read, path, query: Vec::new(), body: None, needs_key: true }
    }

    pub(crate) fn post(operation: &'static str, effect: Effect, path: &'static str, body: Vec<u8>) -> Self {
        Self {
            operation,
            effect,
            path: path.into(),
            query: Vec::new(),
            body: Some(body.into()),
            needs_key: true,
        }
    }

    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(crate) fn without_key(mut self) -> Self {
        self.needs_key = false;
        self
    }

    /// A failure before anything left.
    pub(super) fn not_sent(&self, kind: ErrorKind, detail: impl Into<String>) -> Error {
        Error::new(kind, Outcome::NotSent, self.operation, detail)
    }

    /// A failure after something may have left.
    pub(super) fn lost(&self, kind: ErrorKind, detail: impl Into<String>) -> Error {
        let outcome = if self.effect == Effect::MovesMoney { Outcome::Unknown } else { Outcome::NotSent };
        Error::new(kind, outcome, self.operation, detail)
    }
}

impl Transport {
    pub(crate) fn new(identity: Identity, settings: Arc<Settings>, runtime: Arc<Runtime>) -> Result<Self> {
        Ok(Self {
            http: http_client(&identity, &settings)?,
            gate: KeyGate::new(identity.api_key)?,
            base: identity.base_url,
            budget: Budget::new(settings.requests_per_second),
            on_their_way: Semaphore::new(AT_ONCE),
            is_closed: AtomicBool::new(false),
            learnt: Learnt::default(),
            settings,
            runtime,
        })
    }

    pub(crate) fn change_key(&self, key: SecretText) -> Result<()> {
        self.gate.change(key)
    }

    /// Counts the keys that were set, so that what was learnt with one is not believed of the next.
    pub(crate) fn key_generation(&self) -> u64 {
        self.gate.generation()
    }

    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn ensure_open(&self, operation: &'static str) -> Result<()> {
        self.runtime.ensure_own_process(operation)?;
        match self.is_closed.load(Ordering::Relaxed) {
            true => Err(Error::closed(operation)),
            false => Ok(()),
        }
    }

    /// Why no call can be made, if that is so: the client is closed, or its key is refused.
    pub(crate) fn refusal(&self, operation: &'static str) -> Option<Error> {
        self.ensure_open(operation).err().or_else(|| self.gate.refusal(operation, self.runtime.elapsed()))
    }

    /// One request and its verdict. `deadline` is a point of the engine's clock.
    pub(super) async fn once<T>(
        &self,
        call: &Call,
        deadline: Duration,
        decode: &impl Fn(&Payload<'_>) -> Result<T, Malformed>,
    ) -> Result<T> {
        let span = tracing::debug_span!("oneclickdz.request", operation = call.operation);
        self.request(call, deadline, decode).instrument(span).await
    }

    async fn request<T>(
        &self,
        call: &Call,
        deadline: Duration,
        decode: &impl Fn(&Payload<'_>) -> Result<T, Malformed>,
    ) -> Result<T> {
        self.ensure_open(call.operation)?;
        let pass = match call.needs_key {
            true => Some(self.pass(call, deadline).await?),
            false => None,
        };
        self.wait_for_budget(call, deadline).await?;
        let _permit = match self.on_their_way.try_acquire() {
            Ok(permit) => permit,
            Err(_) => self
                .before(deadline, call, self.on_their_way.acquire())
                .await?
                .map_err(|_| Error::closed(call.operation))?,
        };
        let verdict = self.exchange(call, pass.as_ref(), deadline, decode).await;
        self.learn(pass.as_ref(), &verdict);
        verdict
    }

    async fn pass(&self, call: &Call, deadline: Duration) -> Result<Pass<'_>> {
        match self.gate.pass_if_proven(call.operation, self.runtime.elapsed())? {
            Some(pass) => Ok(pass),
            None => {
                self.before(deadline, call, self.gate.enter(call.operation, self.runtime.elapsed())).await?
            }
        }
    }

    /// Waits for a turn, but not beyond the time given.
    async fn before<T>(&self, deadline: Duration, call: &Call, turn: impl Future<Output = T>) -> Result<T> {
        let time_left = deadline.saturating_sub(self.runtime.elapsed());
        tokio::select! {
            biased;
            turn = turn => Ok(turn),
            () = self.runtime.doze(time_left) => {
                let detail = "the time given was over before it was this request's turn: other requests are slow";
                Err(call.not_sent(ErrorKind::Timeout, detail))
            }
        }
    }

    async fn wait_for_budget(&self, call: &Call, deadline: Duration) -> Result<()> {
        let is_write = call.effect != Effect::Read;
        let mut announced = None;
        while let Err(wait) = self.budget.take(self.runtime.elapsed(), is_write) {
            if self.runtime.elapsed() + wait >= deadline {
                let detail = "the account's request budget has no room within the time given; raise the timeout or \
                              send fewer requests";
                return Err(call
                    .not_sent(ErrorKind::RateLimited, detail)
                    .with(|f| f.retry_after = Some(wait)));
            }
            if is_write && announced.is_none() {
                announced = Some(self.budget.announce_write());
            }
            self.runtime.sleep(wait).await;
        }
        Ok(())
    }

    async fn exchange<T>(
        &self,
        call: &Call,
        pass: Option<&Pass<'_>>,
        deadline: Duration,
        decode: &impl Fn(&Payload<'_>) -> Result<T, Malformed>,
    ) -> Result<T> {
        let time_left = deadline.saturating_sub(self.runtime.elapsed());
        if time_left.is_zero() {
            return Err(
                call.not_sent(ErrorKind::Timeout, "the time given was over before the request could leave")
            );
        }
        let response = self.send(call, pass, time_left).await.map_err(|cause| wire_failure(call, cause))?;
        let head = Head::of(response.status().as_u16(), response.headers(), || self.runtime.now());
        tracing::debug!(status = head.status, request_id = head.request_id, "answered");
        let body = match collect(response, self.settings.response_limit).await {
            Ok(body) => body,
            Err(cause) => return Err(body_failure(call, &head, self.settings.response_limit, cause)),
        };
        let payload = envelope::open(&head, &body)
            .map_err(|told| classify::failure(call, &head, told, &|text| self.gate.scrub(text)))?;
        decode(&payload).map_err(|malformed| {
            let detail =
                format!("the answer has no usable `{}`: {} was expected", malformed.path, malformed.expected);
            call.lost(ErrorKind::UnreadableResponse, detail).with_context("path", malformed.path).with(
                |facts| {
                    facts.http_status = Some(head.status);
                    facts.request_id = payload.request_id();
                    facts.is_enveloped = true;
                },
            )
        })
    }

    async fn send(
        &self,
        call: &Call,
        pass: Option<&Pass<'_>>,
        timeout: Duration,
    ) -> reqwest::Result<Response> {
        let mut url = self.base.clone();
        match self.base.path().trim_end_matches('/') {
            "" => url.set_path(&call.path),
            prefix => url.set_path(&format!("{prefix}{}", call.path)),
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let method = if call.body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.http.request(method, url).timeout(timeout);
        if let Some(pass) = pass {
            request = request.header(KEY_HEADER, pass.header.clone());
        }
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        request.send().await
    }

    /// What the answer says about the key and the rate.
    fn learn<T>(&self, pass: Option<&Pass<'_>>, verdict: &Result<T>) {
        let now = self.runtime.elapsed();
        match verdict {
            Ok(_) => self.budget.on_answer(),
            Err(error) if error.kind() == ErrorKind::RateLimited => {
                let pause = error.retry_after().unwrap_or_default().min(self.settings.max_retry_after);
                self.budget.on_rate_limited(now, pause);
            }
            Err(error) if error.http_status().is_some() => self.budget.on_answer(),
            Err(_) => {}
        }
        let Some(pass) = pass else { return };
        match verdict {
            Ok(_) => self.gate.on_welcome(pass.generation),
            Err(error) => {
                self.gate.on_failure(pass.generation, error, now);
                if classify::proves_the_key(error) {
                    self.gate.on_welcome(pass.generation);
                }
            }
        }
    }
}

enum BodyFailure {
    TooLarge,
    Broken(reqwest::Error),
}

/// The whole body, up to a limit. A body that arrived in one piece is not copied.
async fn collect(mut response: Response, limit: usize) -> Result<Bytes, BodyFailure> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(BodyFailure::TooLarge);
    }
    let Some(first) = response.chunk().await.map_err(BodyFailure::Broken)? else {
        return Ok(Bytes::new());
    };
    if first.len() > limit {
        return Err(BodyFailure::TooLarge);
    }
    let Some(second) = response.chunk().await.map_err(BodyFailure::Broken)? else {
        return Ok(first);
    };
    let mut body = Vec::with_capacity((announced as usize).max(first.len() + second.len()));
    let mut next = Some(second);
    body.extend_from_slice(&first);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > limit {
            return Err(BodyFailure::TooLarge);
        }
        body.extend_from_slice(&chunk);
        next = response.chunk().await.map_err(BodyFailure::Broken)?;
    }
    Ok(body.into())
}

/// A request that got no answer. Only a connection that never came about proves that no byte has left.
fn wire_failure(call: &Call, cause: reqwest::Error) -> Error {
    let cause = cause.without_url();
    if cause.is_connect() {
        return call.not_sent(ErrorKind::Transport, "no connection to the service").with_source(cause);
    }
    if cause.is_builder() {
        return call.not_sent(ErrorKind::Internal, "the request could not be built").with_source(cause);
    }
    match cause.is_timeout() {
        true => call.lost(ErrorKind::Timeout, "the service did not answer in time").with_source(cause),
        false => call.lost(ErrorKind::Transport, "the connection broke before the answer").with_source(cause),
    }
}

fn body_failure(call: &Call, head: &Head, limit: usize, failure: BodyFailure) -> Error {
    let error = match failure {
        BodyFailure::TooLarge => call.lost(
            ErrorKind::ResponseTooLarge,
            format!("the answer is larger than the limit of {limit} bytes"),
        ),
        BodyFailure::Broken(cause) if cause.is_timeout() => call
            .lost(ErrorKind::Timeout, "the answer did not arrive in time")
            .with_source(cause.without_url()),
        BodyFailure::Broken(cause) => call
            .lost(ErrorKind::UnreadableResponse, "the answer was cut off")
            .with_source(cause.without_url()),
    };
    error.with(|facts| {
        facts.http_status = Some(head.status);
        facts.request_id = head.request_id.clone();
    })
}

/// reqwest as the money rules want it: no redirects (the key must not follow one to another host, a write must not be
/// repeated), no retries of its own, one explicit TLS provider with bundled roots (docs/adr/0002).
fn http_client(identity: &Identity, settings: &Settings) -> Result<Client> {
    let mut defaults = HeaderMap::new();
    defaults.insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls_config(settings)?)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .default_headers(defaults)
        .user_agent(&settings.user_agent)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .pool_idle_timeout(Duration::from_secs(50))
        .pool_max_idle_per_host(2 * AT_ONCE)
        .tcp_nodelay(true);
    if identity.is_loopback() {
        // A proxy of the environment is for the outside; the key must not go there on its way to this machine.
        builder = builder.no_proxy();
    }
    if let Some(proxy) = &settings.proxy {
        let proxy = Proxy::all(proxy.expose().as_str()).map_err(|_| {
            Error::config("proxy", "is not a proxy address: give http://host:port or https://host:port")
        })?;
        builder = builder.proxy(proxy);
    }
    builder
        .build()
        .map_err(|cause| Error::config("http", "the HTTP client cannot be built").with_source(cause))
}

fn tls_config(settings: &Settings) -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in &settings.extra_roots {
        roots.add(certificate.clone()).map_err(|cause| {
            Error::config("extra_root", "is not a usable CA certificate: give it in PEM form")
                .with_source(cause)
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| Error::config("tls", "no usable TLS version").with_source(cause))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
