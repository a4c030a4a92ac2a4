//! A service that says what it was told to say: real HTTP on a loopback port, byte for byte.
//!
//! Where the sandbox behaves, the replayer only recites. It serves scripted answers, however broken, writes down each
//! request exactly as it stood on the wire, and counts connections.
//!
//! ```no_run
//! # async fn example() {
//! use oneclickdz_tests::replay::{Answer, Replay};
//! use serde_json::json;
//!
//! let replay = Replay::start().await;
//! replay.on("GET /v3/account/balance", Answer::ok(json!({"balance": 1326.13})));
//! replay.on("GET /v3/mobile/check-id/*", [Answer::hang_up(), Answer::error(404, "NOT_FOUND", "no such order")]);
//! // ... make calls to replay.url() ...
//! assert_eq!(replay.lines(), ["GET /v3/account/balance"]);
//! # }
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// The replayer. Stops with its last handle.
pub struct Replay {
    url: String,
    shared: Arc<Mutex<Shared>>,
    listening: AbortHandle,
}

#[derive(Default)]
struct Shared {
    rules: Vec<Rule>,
    requests: Vec<Request>,
    unexpected: Vec<String>,
    connections: usize,
}

struct Rule {
    wanted: Wanted,
    answers: VecDeque<Answer>,
}

/// `METHOD target`, with a `*` at the end for any rest.
struct Wanted {
    line: String,
    is_prefix: bool,
}

/// One request as it stood on the wire.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query, undecoded.
    pub target: String,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Which connection it came on, counted from 1.
    pub connection: usize,
}

/// What to say, and how.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
    manner: Manner,
}

#[derive(Clone, Copy, Debug)]
enum Manner {
    Whole,
    /// The full length is announced, this many bytes of the body are sent.
    CutAfter(usize),
    /// The body is everything that is sent, status line included.
    Raw,
    /// The connection is closed in place of an answer.
    HangUp,
    /// The connection is reset in place of an answer.
    Reset,
    /// Nothing is ever sent.
    Silence,
}

/// One answer, or several for the first, second, … request; the last one goes on for ever.
pub trait Answers {
    /// The answers in order.
    fn in_order(self) -> Vec<Answer>;
}

impl Answers for Answer {
    fn in_order(self) -> Vec<Answer> {
        vec![self]
    }
}

impl<const N: usize> Answers for [Answer; N] {
    fn in_order(self) -> Vec<Answer> {
        self.into()
    }
}

impl Answers for Vec<Answer> {
    fn in_order(self) -> Vec<Answer> {
        self
    }
}

impl Replay {
    /// Listens on a free loopback port, with nothing to say yet: a request that no rule fits gets the router's 404
    /// and is listed by [`unexpected`](Self::unexpected).
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Mutex::new(Shared::default()));
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared))).abort_handle();
        Self { url, shared, listening }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Says this to such requests: `GET /v3/ping`, `GET /v3/mobile/list?page=1&pageSize=20`, `GET /v3/mobile/*`.
    ///
    /// The target is compared as it stands on the wire. A line without a query fits any query. Later rules go before
    /// earlier ones.
    ///
    /// # Panics
    /// Without any answer.
    pub fn on(&self, line: &str, answers: impl Answers) -> &Self {
        let answers = VecDeque::from(answers.in_order());
        assert!(!answers.is_empty(), "a rule needs an answer");
        let (line, is_prefix) = match line.strip_suffix('*') {
            Some(start) => (start, true),
            None => (line, false),
        };
        let wanted = Wanted { line: line.to_owned(), is_prefix };
        self.lock().rules.push(Rule { wanted, answers });
        self
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    /// All requests so far as `METHOD target`.
    pub fn lines(&self) -> Vec<String> {
        self.lock().requests.iter().map(Request::line).collect()
    }

    /// The requests of one method.
    pub fn requests_of(&self, method: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.method == method).collect()
    }

    /// The requests that no rule fitted, as `METHOD target`.
    pub fn unexpected(&self) -> Vec<String> {
        self.lock().unexpected.clone()
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.lock().connections
    }

    /// Forgets the requests, keeps the rules.
    pub fn forget_requests(&self) {
        self.lock().requests.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Request {
    /// `METHOD target`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// The path, undecoded.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }

    /// The query's pairs, decoded, in the order sent.
    pub fn query(&self) -> Vec<(String, String)> {
        let decoded =
            |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(k, v)| (decoded(k), decoded(v)))
            .collect()
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when there is none.
    ///
    /// # Panics
    /// When the body is something else.
    pub fn json(&self) -> Value {
        match self.body.as_slice() {
            [] => Value::Null,
            body => serde_json::from_slice(body).expect("a JSON body"),
        }
    }

    /// The body's text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Answer {
    /// A body of any type.
    pub fn body(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::plain(status, body.into(), Manner::Whole).header("content-type", content_type)
    }

    /// A JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::json_text(status, body.to_string())
    }

    /// A JSON body, as written.
    pub fn json_text(status: u16, body: impl Into<String>) -> Self {
        Self::body(status, "application/json; charset=utf-8", body.into())
    }

    /// A success of the service: `data` in its envelope.
    pub fn ok(data: impl Into<Value>) -> Self {
        Self::json(200, &json!({"success": true, "data": data.into()}))
    }

    /// A failure of the service in its envelope.
    pub fn error(status: u16, code: &str, sentence: &str) -> Self {
        Self::json(status, &json!({"success": false, "error": {"code": code, "message": sentence}}))
    }

    /// The router's 404, which has no envelope: the path is unknown.
    pub fn no_such_path(line: &str) -> Self {
        let sentence = format!("Route {} not found", line.replacen(' ', ":", 1));
        Self::json(404, &json!({"message": sentence, "error": "Not Found", "statusCode": 404}))
    }

    /// HTML, as a proxy says it.
    pub fn html(status: u16, text: &str) -> Self {
        Self::body(status, "text/html", text)
    }

    /// No body at all.
    pub fn empty(status: u16) -> Self {
        Self::plain(status, Vec::new(), Manner::Whole)
    }

    /// These bytes and nothing else, status line included; then the connection is closed.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::plain(0, bytes.into(), Manner::Raw)
    }

    /// The connection is closed after the request was read.
    pub fn hang_up() -> Self {
        Self::plain(0, Vec::new(), Manner::HangUp)
    }

    /// The connection is reset after the request was read.
    pub fn reset() -> Self {
        Self::plain(0, Vec::new(), Manner::Reset)
    }

    /// The request is read and never answered.
    pub fn silence() -> Self {
        Self::plain(0, Vec::new(), Manner::Silence)
    }

    /// With a further header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Only the first bytes of the body, although its full length is announced; then the connection is closed.
    #[must_use]
    pub fn cut_after(mut self, length: usize) -> Self {
        self.manner = Manner::CutAfter(length);
        self
    }

    /// After a pause of real time.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn plain(status: u16, body: Vec<u8>, manner: Manner) -> Self {
        Self { status, headers: Vec::new(), body, delay: Duration::ZERO, manner }
    }

    fn bytes(&self) -> Vec<u8> {
        if matches!(self.manner, Manner::Raw) {
            return self.body.clone();
        }
        let mut head =
            format!("HTTP/1.1 {} Replayed\r\ncontent-length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let sent = match self.manner {
            Manner::CutAfter(length) => &self.body[..length.min(self.body.len())],
            _ => &self.body,
        };
        [head.as_bytes(), sent].concat()
    }
}

impl Wanted {
    fn fits(&self, request: &Request) -> bool {
        let line = request.line();
        match self.is_prefix {
            true => line.starts_with(&self.line),
            false if self.line.contains('?') => line == self.line,
            false => format!("{} {}", request.method, request.path()) == self.line,
        }
    }
}

impl Shared {
    fn answer_to(&mut self, request: Request) -> Answer {
        let rule = self.rules.iter_mut().rev().find(|rule| rule.wanted.fits(&request));
        let answer = match rule {
            Some(Rule { answers, .. }) if answers.len() > 1 => answers.pop_front(),
            Some(Rule { answers, .. }) => answers.front().cloned(),
            None => None,
        };
        let answer = answer.unwrap_or_else(|| {
            self.unexpected.push(request.line());
            Answer::no_such_path(&request.line())
        });
        self.requests.push(request);
        answer
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen(listener: TcpListener, shared: Arc<Mutex<Shared>>) {
    // Connections end with the listener.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let number = {
            let mut shared = lock(&shared);
            shared.connections += 1;
            shared.connections
        };
        connections.spawn(converse(stream, number, Arc::clone(&shared)));
    }
}

async fn converse(mut stream: TcpStream, connection: usize, shared: Arc<Mutex<Shared>>) -> Option<()> {
    let mut received = Vec::new();
    loop {
        let request = read_request(&mut stream, &mut received, connection).await?;
        let answer = lock(&shared).answer_to(request);
        tokio::time::sleep(answer.delay).await;
        match answer.manner {
            Manner::Whole => stream.write_all(&answer.bytes()).await.ok()?,
            Manner::CutAfter(_) | Manner::Raw => {
                stream.write_all(&answer.bytes()).await.ok()?;
                stream.shutdown().await.ok()?;
                return None;
            }
            Manner::HangUp => return None,
            Manner::Reset => {
                stream.set_zero_linger().ok()?;
                return None;
            }
            Manner::Silence => std::future::pending().await,
        }
    }
}

async fn read_request(stream: &mut TcpStream, received: &mut Vec<u8>, connection: usize) -> Option<Request> {
    let end_of_head = loop {
        if let Some(at) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        read_more(stream, received).await?;
    };
    let head = String::from_utf8_lossy(&received[..end_of_head]).into_owned();
    let (first, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: Vec<(String, String)> = rest
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let start = end_of_head + 4;
    while received.len() < start + length {
        read_more(stream, received).await?;
    }
    let body = received[start..start + length].to_vec();
    received.drain(..start + length);
    Some(Request { method, target, headers, body, connection })
}

async fn read_more(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(received).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}
