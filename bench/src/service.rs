//! A service that answers the measured calls as documented, as cheaply as it can, in a process of its own.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use oneclickdz_sandbox::{Options, Sandbox};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::calls::{CHECK_PATH, JSON, KEY_HEADER, Result, SEND_PATH};
use crate::contenders::hyper_connection::Connection;
use crate::machine;

pub(crate) const PLANS_PATH: &str = "/v3/mobile/plans";
/// DZD, enough for all sends of a run.
const BALANCE: u64 = 1_000_000_000_000;
const CONNECTIONS_PATH: &str = "/__connections";

pub(crate) const PLANS: &str = r#"{"success":true,"data":{"dynamicPlans":[{"code":"PREPAID_DJEZZY","name":"PREPAID","operator":"Djezzy","cost":0.9925,"isEnabled":true,"min_amount":100,"max_amount":10000}],"fixedPlans":[{"code":"PIXX_500","name":"Pixx 500 DA","operator":"Pixx","cost":0.97,"isEnabled":true,"amount":500}]},"meta":{"timestamp":"2025-10-29T00:35:57.500Z"}}"#;

const NOT_FOUND: &str = r#"{"success":false,"error":{"code":"NOT_FOUND","message":"nothing here"}}"#;
const NO_KEY: &str =
    r#"{"success":false,"error":{"code":"MISSING_ACCESS_TOKEN","message":"a key, any key, please"}}"#;

/// The running service, which ends with its handle.
pub(crate) struct Service {
    process: Child,
    pub(crate) address: String,
}

impl Service {
    /// Starts this very program once more, as the service.
    pub(crate) fn start(core: Option<usize>) -> Result<Self> {
        let core = core.map(|core| core.to_string());
        let arguments: Vec<&str> = match &core {
            Some(core) => vec!["serve", "--core", core],
            None => vec!["serve"],
        };
        Self::start_as(&arguments)
    }

    /// The same, on any core; each answer takes so many milliseconds.
    pub(crate) fn start_slow(milliseconds: u64) -> Result<Self> {
        Self::start_as(&["serve", "--answers-after", &milliseconds.to_string()])
    }

    /// The sandbox, which keeps books, on any core.
    pub(crate) fn start_sandbox() -> Result<Self> {
        Self::start_as(&["serve-sandbox"])
    }

    /// Starts this very program once more, as one of its services.
    pub(crate) fn start_as(arguments: &[&str]) -> Result<Self> {
        let mut command = std::process::Command::new(std::env::current_exe()?);
        let mut process = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().ok_or("the service has no output")?;
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().to_owned();
        if address.is_empty() {
            return Err("the service did not start".into());
        }
        Ok(Self { process, address })
    }

    /// Asks something about the service itself, over a connection of its own.
    pub(crate) async fn ask(&self, path: &str) -> Result<Bytes> {
        let mut connection = Connection::open(&self.address).await?;
        let request = Request::get(path).header(header::HOST, &self.address);
        let (status, body) = connection.exchange(request.body(Full::default())?).await?;
        if status == StatusCode::OK { Ok(body) } else { Err(format!("{path} answered HTTP {status}").into()) }
    }

    /// How many connections were accepted before the one that asks.
    pub(crate) async fn connections(&self) -> Result<u32> {
        let accepted: u32 = std::str::from_utf8(&self.ask(CONNECTIONS_PATH).await?)?.parse()?;
        Ok(accepted - 1)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Default)]
struct Counts {
    connections: AtomicU32,
    orders: AtomicU32,
    answers_after: Duration,
}

/// The service of the plain calls.
pub(crate) fn serve(core: Option<usize>, answers_after: u64) -> Result<()> {
    if let Some(core) = core {
        machine::stay_on(core);
    }
    run(Counts { answers_after: Duration::from_millis(answers_after), ..Counts::default() })
}

/// The sandbox: it checks requests and references, charges accounts and moves orders, as the real service does.
pub(crate) fn serve_sandbox() -> Result<()> {
    end_with_starter();
    let options = Options { balance: rust_decimal::Decimal::from(BALANCE), ..Options::default() };
    // One thread, like the minimal service.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let sandbox = Sandbox::try_start(options).await?;
        let address = sandbox.url().strip_prefix("http://").ok_or("the sandbox has no plain address")?;
        writeln!(std::io::stdout(), "{address}")?;
        std::future::pending().await
    })
}

/// What a service says to a request.
pub(crate) trait Answers: Send + Sync + 'static {
    /// Another connection came about.
    fn connected(&self);

    /// The body of an answer to a request with the key, or nothing where there is nothing.
    fn answer(&self, head: &Parts, body: &[u8]) -> Option<String>;

    /// How long an answer takes.
    fn takes(&self) -> Duration {
        Duration::ZERO
    }

    /// The body of an answer about the service itself, for which no key is needed.
    fn about(&self, head: &Parts) -> Option<String>;
}

/// Serves until the starting process closes our input, which it also does by dying.
pub(crate) fn run(answers: impl Answers) -> Result<()> {
    end_with_starter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(accept(Arc::new(answers)))
}

fn end_with_starter() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}

async fn accept(answers: Arc<impl Answers>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        answers.connected();
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            let answer = service_fn(|request| answer(request, &*answers));
            // A connection that breaks is the client's to complain about.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    answers: &impl Answers,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    if let Some(body) = answers.about(&head) {
        return Ok(reply(StatusCode::OK, body));
    }
    if !head.headers.contains_key(KEY_HEADER) {
        return Ok(reply(StatusCode::UNAUTHORIZED, NO_KEY));
    }
    if !answers.takes().is_zero() {
        tokio::time::sleep(answers.takes()).await;
    }
    Ok(match answers.answer(&head, &body) {
        Some(body) => reply(StatusCode::OK, body),
        None => reply(StatusCode::NOT_FOUND, NOT_FOUND),
    })
}

impl Answers for Counts {
    fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    fn answer(&self, head: &Parts, body: &[u8]) -> Option<String> {
        let path = head.uri.path();
        match head.method {
            Method::POST if path == SEND_PATH => sent(body, self),
            Method::GET if path == PLANS_PATH => Some(PLANS.to_owned()),
            Method::GET => path.strip_prefix(CHECK_PATH).map(checked),
            _ => None,
        }
    }

    fn takes(&self) -> Duration {
        self.answers_after
    }

    fn about(&self, head: &Parts) -> Option<String> {
        let is_asked = head.uri.path() == CONNECTIONS_PATH;
        is_asked.then(|| self.connections.load(Ordering::Relaxed).to_string())
    }
}

fn sent(body: &[u8], counts: &Counts) -> Option<String> {
    #[derive(Deserialize)]
    struct Asked<'a> {
        r#ref: &'a str,
    }

    let Asked { r#ref } = serde_json::from_slice(body).ok()?;
    let id = format!("{:024x}", counts.orders.fetch_add(1, Ordering::Relaxed));
    Some(format!(
        r#"{{"success":true,"data":{{"topupId":"{id}","topupRef":"{ref}","newBalance":826.13}},"meta":{{"timestamp":"2025-10-29T00:35:59.454Z"}},"requestId":"req_1730160975_xyz789"}}"#
    ))
}

fn checked(id: &str) -> String {
    format!(
        r#"{{"success":true,"data":{{"_id":"{id}","ref":"order-12345","status":"FULFILLED","plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","topup_amount":500,"balance_amount":490,"created_at":"2025-10-29T00:35:59.378Z"}},"meta":{{"timestamp":"2025-10-29T00:36:15.606Z"}},"requestId":"req_1730160975_xyz789"}}"#
    )
}

fn reply(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(JSON));
    response
}
