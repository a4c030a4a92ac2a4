//! A tiny HTTP client that sees what a real one hides: bytes that never came.

use std::net::SocketAddr;
use std::time::Duration;

use oneclickdz_sandbox::{Control, Dialect, Environment, FaultPlan, FaultRule, Options, Sandbox};
use rust_decimal::Decimal;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()["data"].clone()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn details(&self) -> Value {
        self.json()["error"]["details"].clone()
    }

    /// Status and code at once, for tables of refusals.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.code())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// What became of one connection that carried one request.
pub(crate) enum Ending {
    Reply(Reply),
    /// Closed or reset after this many bytes that do not make a whole answer.
    Cut {
        bytes: usize,
        reset: bool,
    },
}

pub(crate) struct Api {
    pub(crate) control: Control,
    pub(crate) sandbox: Sandbox,
}

impl Api {
    pub(crate) async fn start() -> Api {
        Api::with(Options::manual()).await
    }

    pub(crate) async fn with(options: Options) -> Api {
        let sandbox = Sandbox::start(options).await;
        Api { control: sandbox.control(), sandbox }
    }

    pub(crate) async fn speaking(dialect: Dialect) -> Api {
        Api::with(Options { dialect, ..Options::manual() }).await
    }

    pub(crate) async fn failing(rule: FaultRule) -> Api {
        Api::with(Options { faults: FaultPlan::one(rule), ..Options::manual() }).await
    }

    pub(crate) fn seconds(&self, seconds: u64) {
        self.control.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn hours(&self, hours: u64) {
        self.seconds(hours * 3_600);
    }

    pub(crate) fn balance(&self) -> String {
        self.control.ledger().balance(Environment::Sandbox).to_string()
    }

    pub(crate) fn set_balance(&self, balance: &str) {
        self.control.set_balance(Environment::Sandbox, balance.parse::<Decimal>().unwrap());
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.get_as("sandbox-key", path).await
    }

    pub(crate) async fn get_as(&self, key: &str, path: &str) -> Reply {
        self.call("GET", path, &[("X-Access-Token", key)], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Reply {
        self.post_as("sandbox-key", path, body).await
    }

    pub(crate) async fn post_as(&self, key: &str, path: &str, body: &str) -> Reply {
        self.call("POST", path, &[("X-Access-Token", key), ("Content-Type", "application/json")], body).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        match self.attempt(method, path, headers, body).await {
            Ending::Reply(reply) => reply,
            Ending::Cut { bytes, reset } => panic!("cut after {bytes} bytes (reset: {reset})"),
        }
    }

    pub(crate) async fn attempt(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Ending {
        exchange(self.sandbox.address(), &request(method, path, headers, body)).await
    }

    /// A plain mobile order; gives its identifier.
    pub(crate) async fn buy(&self, number: &str, reference: &str) -> String {
        let body = format!(
            r#"{{"plan_code":"PREPAID_DJEZZY","MSSIDN":"{number}","amount":500,"ref":"{reference}"}}"#
        );
        self.post("/v3/mobile/send", &body).await.data()["topupId"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() || method != "GET" {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    text + "\r\n" + body
}

pub(crate) async fn exchange(address: SocketAddr, request: &str) -> Ending {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let reset = stream.read_to_end(&mut bytes).await.is_err();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Ending::Cut { bytes: bytes.len(), reset };
    };
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let reply = Reply { status, head: head.to_owned(), body: body.to_owned() };
    let promised: usize = reply.header("content-length").unwrap_or("0").parse().unwrap();
    if promised != body.len() || reset {
        return Ending::Cut { bytes: bytes.len(), reset };
    }
    Ending::Reply(reply)
}
