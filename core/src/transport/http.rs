//! One request over HTTP: the gate, the budget, the wire, the verdict.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use http_body_util::Full;
use hyper::body::Body;
use percent_encoding::utf8_percent_encode;
use tokio::sync::Semaphore;
use tracing::Instrument;

use super::auth::{KeyGate, Pass, Place};
use super::calls::{Learnt, SEGMENT};
use super::classify::{self, Head};
use super::connect::Way;
use super::envelope::{self, Payload};
use super::pool::{Answer, Failure, Limits, Pool};
use super::rate::Budget;
use super::wire::Malformed;
use crate::config::{Identity, Settings};
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome};
use crate::runtime::{Patience, Runtime};
use crate::secret::SecretText;

/// What the key travels in (PROTOCOL §1).
const KEY_HEADER: HeaderName = HeaderName::from_static("x-access-token");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Requests on their way at once, and so connections: SDKs that open one per caller exhaust ports and memory.
const AT_ONCE: usize = 32;

/// Everything between a call and the network, shared by all clones of a client.
pub(crate) struct Transport {
    pool: Pool,
    /// What stands in front of every path: that of the base URL, without the last slash.
    prefix: String,
    user_agent: HeaderValue,
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

/// Takes what it wants of a successful answer.
pub(super) type Reader<'a> = dyn FnMut(&Payload<'_>) -> Result<(), Malformed> + Send + 'a;

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
    /// The point of the engine's clock by which a write has to leave, or not at all.
    pub(crate) leave_by: Option<Duration>,
}

/// Until when a request may take, as points of the engine's clock.
#[derive(Clone, Copy)]
pub(super) struct TimeGiven {
    /// When it has to be on its way.
    pub(super) leave_by: Duration,
    pub(super) end: Duration,
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
        let way = Way::new(&identity, &settings)?;
        let user_agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|_| Error::config("app_name", "must be 1 to 100 printable ASCII characters"))?;
        Ok(Self {
            pool: Pool::new(way, Limits::new(settings.connect_timeout, settings.read_timeout)),
            prefix: identity.base_url.path().trim_end_matches('/').to_owned(),
            user_agent,
            gate: KeyGate::new(
                identity.api_key,
                Place { base_url: identity.base_url.to_string(), key_is_token: settings.key_is_token },
            )?,
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

    /// What the journal knows the key's account by.
    pub(crate) fn account(&self) -> Arc<str> {
        self.gate.account()
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

    /// One request and its verdict. The waits that are rare are boxed: a future is as large as the largest of its waits,
    /// and is moved several times before it runs.
    pub(super) async fn once(&self, call: &Call, time: TimeGiven, reader: &mut Reader<'_>) -> Result<()> {
        let span = tracing::debug_span!("oneclickdz.request", operation = call.operation);
        self.request(call, time, reader).instrument(span).await
    }

    async fn request(&self, call: &Call, time: TimeGiven, reader: &mut Reader<'_>) -> Result<()> {
        self.ensure_open(call.operation)?;
        let TimeGiven { leave_by, end } = time;
        let pass = match call.needs_key {
            true => Some(match self.gate.pass_if_proven(call.operation, self.runtime.elapsed())? {
                Some(pass) => pass,
                None => Box::pin(self.enter(call, leave_by)).await?,
            }),
            false => None,
        };
        if self.budget.take(self.runtime.elapsed(), call.effect != Effect::Read).is_err() {
            Box::pin(self.wait_for_budget(call, leave_by)).await?;
        }
        let _permit = match self.on_their_way.try_acquire() {
            Ok(permit) => permit,
            Err(_) => Box::pin(self.before(leave_by, call, self.on_their_way.acquire()))
                .await?
                .map_err(|_| Error::closed(call.operation))?,
        };
        if self.runtime.elapsed() >= leave_by {
            return Err(
                call.not_sent(ErrorKind::Timeout, "the time given was over before the request could leave")
            );
        }
        let verdict = self.exchange(call, pass.as_ref(), end, reader).await;
        self.learn(pass.as_ref(), &verdict);
        verdict
    }

    async fn enter(&self, call: &Call, deadline: Duration) -> Result<Pass<'_>> {
        self.before(deadline, call, self.gate.enter(call.operation, self.runtime.elapsed())).await?
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

    async fn exchange(
        &self,
        call: &Call,
        pass: Option<&Pass<'_>>,
        deadline: Duration,
        reader: &mut Reader<'_>,
    ) -> Result<()> {
        let patience = Patience::of(deadline.saturating_sub(self.runtime.elapsed()));
        let request = self.request_of(call, pass)?;
        let mut answer =
            self.pool.send(request, patience).await.map_err(|failure| wire_failure(call, failure))?;
        let (response, limit) = (&answer.response, self.settings.response_limit);
        let head = Head::of(response.status().as_u16(), response.headers(), || self.runtime.now());
        tracing::debug!(status = head.status, request_id = head.request_id, "answered");
        let body = match self.collect(&mut answer, patience).await {
            Ok(body) => body,
            Err(cause) => return Err(body_failure(call, &head, limit, cause)),
        };
        self.pool.keep(answer);
        let payload = envelope::open(&head, &body)
            .map_err(|told| classify::failure(call, &head, told, &|text| self.gate.scrub(text)))?;
        reader(&payload).map_err(|malformed| {
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

    /// The whole body, up to a limit. A body that arrived in one piece is not copied.
    async fn collect(&self, answer: &mut Answer, patience: Patience) -> Result<Bytes, BodyFailure> {
        let limit = self.settings.response_limit;
        let announced = answer.response.body().size_hint().lower();
        if announced > limit as u64 {
            return Err(BodyFailure::TooLarge);
        }
        let mut only = Bytes::new();
        let mut joined = Vec::new();
        while let Some(frame) = self.pool.piece(answer, patience).await.map_err(|_| BodyFailure::Silence)? {
            let Ok(piece) = frame.map_err(BodyFailure::Broken)?.into_data() else { continue };
            if only.len().max(joined.len()) + piece.len() > limit {
                return Err(BodyFailure::TooLarge);
            }
            match (only.is_empty(), joined.is_empty()) {
                (true, true) => only = piece,
                (_, is_second) => {
                    if is_second {
                        joined.reserve_exact((announced as usize).max(only.len() + piece.len()));
                        joined.extend_from_slice(&only);
                    }
                    joined.extend_from_slice(&piece);
                }
            }
        }
        Ok(if joined.is_empty() { only } else { joined.into() })
    }

    fn request_of(&self, call: &Call, pass: Option<&Pass<'_>>) -> Result<Request<Full<Bytes>>> {
        let path = self.path_of(call).map_err(|cause| {
            call.not_sent(ErrorKind::Internal, "the request could not be built").with_source(cause)
        })?;
        let way = self.pool.way();
        // Room for all of them and for the length that hyper adds.
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::HOST, way.host());
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        headers.insert(header::ACCEPT, JSON);
        if let Some(pass) = pass {
            headers.insert(KEY_HEADER, pass.header.clone());
        }
        if let Some(credentials) = way.proxy_credentials() {
            headers.insert(header::PROXY_AUTHORIZATION, credentials);
        }
        let (method, body) = match &call.body {
            Some(body) => {
                headers.insert(header::CONTENT_TYPE, JSON);
                (Method::POST, Full::new(body.clone()))
            }
            None => (Method::GET, Full::default()),
        };
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = way.target(path);
        *request.headers_mut() = headers;
        Ok(request)
    }

    fn path_of(&self, call: &Call) -> Result<PathAndQuery, http::uri::InvalidUri> {
        let text = match (&call.path, call.query.is_empty() && self.prefix.is_empty()) {
            (Cow::Borrowed(path), true) => Bytes::from_static(path.as_bytes()),
            (Cow::Owned(path), true) => Bytes::copy_from_slice(path.as_bytes()),
            (path, false) => {
                let mut text = format!("{}{path}", self.prefix);
                for (position, (name, value)) in call.query.iter().enumerate() {
                    text.push(if position == 0 { '?' } else { '&' });
                    text.push_str(name);
                    text.push('=');
                    text.extend(utf8_percent_encode(value, SEGMENT));
                }
                text.into()
            }
        };
        PathAndQuery::from_maybe_shared(text)
    }

    /// What the answer says about the key and the rate.
    fn learn(&self, pass: Option<&Pass<'_>>, verdict: &Result<()>) {
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
    Silence,
    Broken(hyper::Error),
}

/// A request that got no answer. Only one that found no connection is certain not to have arrived.
fn wire_failure(call: &Call, failure: Failure) -> Error {
    match failure {
        Failure::NoConnection(cause) => {
            call.not_sent(ErrorKind::Transport, "no connection to the service").with_source(cause)
        }
        Failure::NoTimeToConnect => {
            call.not_sent(ErrorKind::Timeout, "the time given was over before there was a connection")
        }
        Failure::Broken(cause) if cause.is_parse_too_large() => call
            .lost(ErrorKind::ResponseTooLarge, "the answer's head is larger than 16 KB")
            .with_source(cause),
        Failure::Broken(cause) => {
            call.lost(ErrorKind::Transport, "the connection broke before the answer").with_source(cause)
        }
        Failure::Silence => call.lost(ErrorKind::Timeout, "the service did not answer in time"),
    }
}

fn body_failure(call: &Call, head: &Head, limit: usize, failure: BodyFailure) -> Error {
    let error = match failure {
        BodyFailure::TooLarge => call.lost(
            ErrorKind::ResponseTooLarge,
            format!("the answer is larger than the limit of {limit} bytes"),
        ),
        BodyFailure::Silence => call.lost(ErrorKind::Timeout, "the answer did not arrive in time"),
        BodyFailure::Broken(cause) => {
            call.lost(ErrorKind::UnreadableResponse, "the answer was cut off").with_source(cause)
        }
    };
    error.with(|facts| {
        facts.http_status = Some(head.status);
        facts.request_id = head.request_id.clone();
    })
}
