//! The real `oneclickdz-sandbox` as a process, and its control interface.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// A running service. Dropping it ends it.
#[derive(Debug)]
pub struct Service {
    child: Child,
    url: String,
    http: Client<HttpConnector, Full<Bytes>>,
}

impl Service {
    /// Starts the program, with a clock that stands still.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Self {
        let mut child = Command::new(program())
            .arg("--manual-clock")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the service starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("its first line");
        let said: Value = serde_json::from_str(&line).expect("its address");
        let url = said["url"].as_str().expect("its address").to_owned();
        Self { child, url, http: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Calls the control interface: `PUT faults` with a body.
    ///
    /// # Panics
    /// When the service refuses.
    pub async fn control(&self, call: &str, body: &Value) -> Value {
        let (method, path) = call.split_once(' ').unwrap_or_else(|| panic!("`{call}` is no control call"));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/__sandbox/{path}", self.url))
            .header("content-type", "application/json")
            .body(Full::from(body))
            .expect("a request");
        let answer = self.http.request(request).await.expect("an answer");
        let status = answer.status();
        let text = answer.into_body().collect().await.expect("a body").to_bytes();
        assert!(status.is_success(), "{call}: {status} {}", String::from_utf8_lossy(&text));
        serde_json::from_slice(&text).unwrap_or(Value::Null)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program beside this one, built if it is not there yet.
fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("ONECLICKDZ_SANDBOX_BIN") {
        return path.into();
    }
    let folder =
        std::env::current_exe().expect("this program").ancestors().nth(2).expect("its profile").to_owned();
    let built =
        Command::new(env!("CARGO")).args(["build", "-p", "oneclickdz-sandbox", "--bins", "--quiet"]).status();
    assert!(built.expect("cargo").success(), "the service does not build");
    folder.join("oneclickdz-sandbox")
}
