//! One call's way through the service: count it, let the fault plan decide, check the key, carry it out, put the reply
//! into its envelope, and let the fault spoil the answer.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Frame;
use percent_encoding::percent_decode_str;

use crate::auth;
use crate::clock::SECOND;
use crate::dialect::PathSpelling;
use crate::envelope::{Answer, ApiError, render, router_404, router_error};
use crate::faults::{Decision, Ending, Fault};
use crate::operation::Operation;
use crate::request::{Call, Query};
use crate::routes;
use crate::state::{Environment, World};

/// Requests longer than this are refused; the service's own limit is not documented.
const BODY_LIMIT: usize = 1 << 20;

/// What the accept loop, the calls and the control interface share.
pub(crate) struct Shared {
    world: Mutex<World>,
    pub(crate) connections: AtomicU64,
}

impl Shared {
    pub(crate) fn new(world: World) -> Arc<Shared> {
        Arc::new(Shared { world: Mutex::new(world), connections: AtomicU64::new(0) })
    }

    /// The world as it was left. A panic while it was locked is a bug of ours, but no reason to hang every client.
    pub(crate) fn raw(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, brought to the clock's present.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.raw();
        world.tick();
        world
    }
}

/// The address a call came from, put into the request by the accept loop.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Put into a response that must never be sent: the accept loop ends the connection instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hangup {
    /// Close it.
    Close,
    /// Reset it (TCP RST).
    Reset,
}

/// Serves one call of a known operation.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    operation: Operation,
    request: Request<Body>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let answer = router_error(413, "Payload Too Large", "Request body is too large".to_owned());
        return send(answer);
    };

    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let (decision, answer) = {
        let mut world = shared.world();
        world.requests[operation.index()] += 1;
        let decision = world.faults.decide(operation);
        let world = &mut *world;
        let answer = match decision.ending.and_then(|ending| refusal(&ending)) {
            Some(Refusal::Hangup) => None,
            Some(Refusal::Router404) => Some(router_404(head.method.as_str(), target)),
            Some(Refusal::BadGateway) => Some(bad_gateway()),
            Some(Refusal::Error(error)) => Some(render(world, operation, Err(error), decision.hyphen_codes)),
            None if !path_exists(world, operation, head.uri.path()) => {
                Some(router_404(head.method.as_str(), target))
            }
            None => {
                let segment = head.uri.path().rsplit('/').next().unwrap_or_default();
                let mut call = Call {
                    environment: Environment::Sandbox,
                    key: None,
                    segment: percent_decode_str(segment).decode_utf8_lossy().into_owned(),
                    query: Query::parse(head.uri.query()),
                    content_type: header("content-type"),
                    body: &body,
                    intent: header("x-sandbox-intent"),
                    hidden_for: decision.hidden_seconds.min(1 << 32) as i64 * SECOND,
                };
                let peer = head.extensions.get::<Peer>().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0);
                let key = head.headers.get("x-access-token").map(|value| value.as_bytes());
                let reply = if operation == Operation::Ping {
                    routes::handle(world, operation, &call)
                } else {
                    auth::authenticate(world, peer, key, operation).and_then(|key| {
                        call.environment = key.environment;
                        call.key = Some(key);
                        routes::handle(world, operation, &call)
                    })
                };
                let reply = match decision.ending {
                    Some(Ending { fault: Fault::Error500After, .. }) => Err(ApiError::internal()),
                    _ => reply,
                };
                Some(render(world, operation, reply, decision.hyphen_codes))
            }
        };
        (decision, answer)
    };
    tracing::debug!(%operation, fault = ?decision.ending.map(|ending| ending.fault), "served");
    finish(decision, answer).await
}

/// A fault that answers before anything is carried out.
enum Refusal {
    Hangup,
    Router404,
    BadGateway,
    Error(ApiError),
}

fn refusal(ending: &Ending) -> Option<Refusal> {
    let wait = ending.retry_after;
    Some(match ending.fault {
        Fault::ResetBefore => Refusal::Hangup,
        Fault::Router404 => Refusal::Router404,
        Fault::Html502 if !ending.processed => Refusal::BadGateway,
        Fault::Error500Before => Refusal::Error(ApiError::internal()),
        Fault::Error503 => Refusal::Error(
            ApiError::new(503, "SERVICE_UNAVAILABLE", "Service temporarily unavailable")
                .with_retry_after(wait),
        ),
        Fault::AuthUnavailable => Refusal::Error(
            ApiError::new(503, "AUTH_UNAVAILABLE", "The access token could not be verified in time")
                .with_retry_after(wait.or(Some(5))),
        ),
        Fault::RateLimited => Refusal::Error(
            ApiError::new(429, "RATE_LIMIT_EXCEEDED", "Too many requests").with_retry_after(wait.or(Some(1))),
        ),
        Fault::Unauthorized => Refusal::Error(auth::invalid_token(4)),
        Fault::IpBlocked => Refusal::Error(auth::ip_blocked()),
        _ => return None,
    })
}

fn bad_gateway() -> Answer {
    Answer::of(
        502,
        "text/html",
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    )
}

/// Two gift-card paths have two spellings; the dialect says which exist (PROTOCOL §18, rows 1 and 2).
fn path_exists(world: &World, operation: Operation, path: &str) -> bool {
    let (spelling, camel) = match operation {
        Operation::GiftCheckOrder => (world.dialect.gift_path, path.contains("/checkOrder/")),
        Operation::GiftCheckProduct => (world.dialect.product_path, path.contains("/checkProduct/")),
        _ => return true,
    };
    match spelling {
        PathSpelling::Camel => camel,
        PathSpelling::Kebab => !camel,
        PathSpelling::Both => true,
    }
}

/// Lets the fault spoil the answer of a call that was carried out.
async fn finish(decision: Decision, answer: Option<Answer>) -> Response<Body> {
    if decision.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(decision.delay_ms)).await;
    }
    let Some(mut answer) = answer else {
        return hangup(Hangup::Reset);
    };
    match decision.ending.map(|ending| (ending.fault, ending.processed)) {
        Some((Fault::LostReply, _)) => hangup(Hangup::Close),
        Some((Fault::Stall, _)) => std::future::pending().await,
        Some((Fault::Truncated, _)) => send_truncated(answer),
        Some((Fault::Html502, true)) => send(bad_gateway()),
        Some((Fault::Empty200, _)) => {
            answer.status = 200;
            answer.body.clear();
            send(answer)
        }
        Some((Fault::NotJson200, _)) => send(Answer::of(200, "text/plain", "upstream says: ok (0x1F)\n")),
        _ => send(answer),
    }
}

fn hangup(how: Hangup) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(how);
    response
}

pub(crate) fn send(answer: Answer) -> Response<Body> {
    let Answer { status, content_type, headers, body } = answer;
    build(status, content_type, headers, Body::from(body))
}

fn send_truncated(answer: Answer) -> Response<Body> {
    let length = answer.body.len();
    let half = Bytes::from(answer.body).slice(..length / 2);
    let mut headers = answer.headers;
    headers.push(("content-length", length.to_string()));
    build(
        answer.status,
        answer.content_type,
        headers,
        Body::new(CutBody { half: Some(half), flushed: false }),
    )
}

fn build(
    status: u16,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Body,
) -> Response<Body> {
    let mut response = Response::builder().status(status).header("content-type", content_type);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    // Only a malformed header could fail here, and ours are literals and numbers.
    response.body(body).unwrap_or_default()
}

/// A body that promises more than it gives: its first half, then an error, which makes the server drop the connection.
struct CutBody {
    half: Option<Bytes>,
    flushed: bool,
}

impl hyper::body::Body for CutBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // One pause lets the connection write the first half out before it breaks.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("truncated by a fault"))))
    }
}
