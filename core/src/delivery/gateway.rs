//! A gateway that is spoken to over HTTP, described by a template: every provider has its own shape of request.

use std::fmt;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::{Position, Url};
use zeroize::Zeroizing;

use super::is_loopback;
use super::sms::{SmsFailure, SmsGateway, international};
use crate::connection::{self, Tcp};
use crate::error::{Error, Result};
use crate::models::SmsMessage;
use crate::runtime::within;
use crate::secret::SecretText;

/// What is left as it is in a URL and a form (RFC 3986).
const PERCENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PLACEHOLDERS: [&str; 6] = ["to", "to_international", "text", "id", "part", "parts"];
const ANSWER_LIMIT: usize = 64 * 1024;

/// Describes a gateway's request. `{to}` (as given), `{to_international}` (`213770123456`), `{text}`, `{id}` (the same for
/// all tries of one message), `{part}` and `{parts}` are put into URL, headers and body, each escaped as its place wants.
#[derive(Clone)]
#[must_use = "settings do nothing until they are built"]
pub struct HttpSmsGateway {
    url: SecretText,
    method: String,
    headers: Vec<(String, SecretText)>,
    json: Option<String>,
    form: Option<String>,
    success: Option<(String, String)>,
    receipt: Option<String>,
    timeout: Duration,
    extra_roots: Vec<Vec<u8>>,
    is_text_in_url: bool,
}

impl HttpSmsGateway {
    /// A gateway at this address: https, or plain http on this machine. The address may hold placeholders.
    pub fn new(url: impl Into<SecretText>) -> Self {
        Self {
            url: url.into(),
            method: "POST".to_owned(),
            headers: Vec::new(),
            json: None,
            form: None,
            success: None,
            receipt: None,
            timeout: Duration::from_secs(30),
            extra_roots: Vec::new(),
            is_text_in_url: false,
        }
    }

    /// The method. Default: `POST`.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// A header, such as the gateway's key or `Idempotency-Key: {id}`. Its value is a secret and is never shown.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<SecretText>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// A JSON body, such as `{"to": "{to}", "message": "{text}"}`; placeholders go inside quotes.
    pub fn json(mut self, body: impl Into<String>) -> Self {
        self.json = Some(body.into());
        self
    }

    /// A form as body, such as `to={to}&message={text}`.
    pub fn form(mut self, body: impl Into<String>) -> Self {
        self.form = Some(body.into());
        self
    }

    /// Beside a status of 2xx, the answer must be JSON with this word at this JSON pointer, such as `/status` and `ok`.
    pub fn success(mut self, pointer: impl Into<String>, word: impl Into<String>) -> Self {
        self.success = Some((pointer.into(), word.into()));
        self
    }

    /// Where in a JSON answer the gateway's own id of the message is, kept as receipt: a JSON pointer such as `/data/id`.
    pub fn receipt(mut self, pointer: impl Into<String>) -> Self {
        self.receipt = Some(pointer.into());
        self
    }

    /// The longest time for one message. Default: 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// A further CA certificate to trust, in PEM form, beside the bundled ones.
    pub fn extra_root(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.extra_roots.push(pem.into());
        self
    }

    /// Allows `{text}` in the address, for gateways that know no other way. Addresses end up in logs of servers and
    /// proxies, and the codes with them.
    pub fn allow_text_in_url(mut self) -> Self {
        self.is_text_in_url = true;
        self
    }

    /// Checks the description.
    ///
    /// # Errors
    /// `config`, naming the part, such as `sms.url`, its rule and the remedy.
    pub fn build(self) -> Result<impl SmsGateway + fmt::Debug + 'static> {
        let wrong = |field: &str, rule: &str| Error::config(&format!("sms.{field}"), rule);
        let url = Template::read("sms.url", self.url.expose())?;
        check_address(&url.filled(|_| "0".to_owned()))?;
        let body = match (&self.json, &self.form) {
            (Some(_), Some(_)) => return Err(wrong("form", "stands beside `json`: give one of them")),
            (Some(json), None) => {
                let body = Template::read("sms.body", json)?;
                if serde_json::from_str::<Value>(&body.filled(|word| probe(word).to_owned())).is_err() {
                    let rule = "is not JSON with its placeholders filled: put them inside quotes";
                    return Err(wrong("body", rule));
                }
                Some((body, Place::Json, "application/json"))
            }
            (None, Some(form)) => {
                let kind = "application/x-www-form-urlencoded";
                Some((Template::read("sms.body", form)?, Place::Percent, kind))
            }
            (None, None) => None,
        };
        let names = |name: &str| {
            let in_body = body.as_ref().is_some_and(|(body, ..)| body.names(name));
            (url.names(name), in_body)
        };
        if names("text").0 && !self.is_text_in_url {
            let rule =
                "holds {text}, and addresses end up in logs: put it into the body, or call allow_text_in_url";
            return Err(wrong("url", rule));
        }
        if names("text") == (false, false) {
            return Err(wrong("body", "lacks {text}: put it where the gateway wants the message"));
        }
        if [names("to"), names("to_international")].iter().all(|found| *found == (false, false)) {
            return Err(wrong("body", "lacks {to}: put {to} or {to_international} where the number belongs"));
        }
        let method = Method::from_bytes(self.method.as_bytes())
            .map_err(|cause| wrong("method", "is not a method: give POST or GET").with_source(cause))?;
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|cause| {
                wrong("headers", "holds a name that no header can have").with_source(cause)
            })?;
            headers.push((name, Template::read("sms.headers", value.expose())?));
        }
        if headers.iter().any(|(_, value)| value.names("text")) {
            return Err(wrong("headers", "holds {text}: put it into the body"));
        }
        if self.timeout < Duration::from_millis(1) || self.timeout > Duration::from_secs(300) {
            return Err(wrong("timeout", "must lie between 1 millisecond and 5 minutes"));
        }
        for pointer in self.success.iter().map(|(pointer, _)| pointer).chain(&self.receipt) {
            if !pointer.starts_with('/') {
                return Err(wrong("answer", "holds a path that is no JSON pointer: begin it with a slash"));
            }
        }
        let mut roots = Vec::new();
        for pem in &self.extra_roots {
            roots.extend(crate::tls::certificates("sms.extra_root", pem)?);
        }
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(crate::tls::client_config(&roots)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Tcp::new(HttpConnector::new()));
        let Self { success, receipt, timeout, .. } = self;
        Ok(Ready { connector, url, method, headers, body, success, receipt, timeout })
    }
}

impl fmt::Debug for HttpSmsGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSmsGateway").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What stands for a value while a body is tried. Only what is a number may stand without quotes.
fn probe(word: &str) -> &'static str {
    match word {
        "part" | "parts" | "to_international" => "1",
        _ => "x",
    }
}

fn check_address(text: &str) -> Result<()> {
    let wrong = |rule: &str| Err(Error::config("sms.url", rule));
    let Ok(url) = Url::parse(text) else { return wrong("is not a URL: give https://host/path") };
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("holds a user or a password, which would not be sent: give them as a header");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url.host_str().unwrap_or_default()) => Ok(()),
        "http" => wrong("is plain http to another machine, which would show the codes: use https"),
        _ => wrong("has an unknown scheme: use https"),
    }
}

/// How a value is escaped where it is put in.
#[derive(Clone, Copy)]
enum Place {
    Percent,
    Json,
    Header,
}

/// A text with placeholders, taken apart.
struct Template(Vec<Stretch>);

enum Stretch {
    Text(String),
    Placeholder(&'static str),
}

impl Template {
    /// `{word}` is a placeholder, and must be a known one; other braces are text.
    fn read(field: &str, text: &str) -> Result<Self> {
        let mut stretches = Vec::new();
        let (mut plain, mut rest) = (String::new(), text);
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            let inside = &from[1..];
            let end = inside.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(inside.len());
            let word = &inside[..end];
            if word.is_empty() || !inside[end..].starts_with('}') {
                plain.push('{');
                rest = inside;
                continue;
            }
            let Some(known) = PLACEHOLDERS.into_iter().find(|known| *known == word) else {
                let rule = format!("names {{{word}}}, which is unknown: use {}", PLACEHOLDERS.join(", "));
                return Err(Error::config(field, rule));
            };
            stretches.push(Stretch::Text(std::mem::take(&mut plain)));
            stretches.push(Stretch::Placeholder(known));
            rest = &inside[end + 1..];
        }
        plain.push_str(rest);
        stretches.push(Stretch::Text(plain));
        Ok(Self(stretches))
    }

    fn names(&self, word: &str) -> bool {
        self.0.iter().any(|stretch| matches!(stretch, Stretch::Placeholder(found) if *found == word))
    }

    fn filled(&self, value: impl Fn(&str) -> String) -> Zeroizing<String> {
        let parts: Vec<Zeroizing<String>> = self
            .0
            .iter()
            .map(|stretch| match stretch {
                Stretch::Text(text) => Zeroizing::new(text.clone()),
                Stretch::Placeholder(word) => Zeroizing::new(value(word)),
            })
            .collect();
        let mut whole = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
        parts.iter().for_each(|part| whole.push_str(part));
        whole
    }

    fn fill(&self, message: &SmsMessage, place: Place) -> Zeroizing<String> {
        self.filled(|word| {
            let value = match word {
                "to" => message.to.clone(),
                "to_international" => international(&message.to),
                "id" => message.id.clone(),
                "part" => message.part.to_string(),
                "parts" => message.parts.to_string(),
                _ => return escaped(message.text.expose(), place),
            };
            escaped(&value, place)
        })
    }
}

fn escaped(value: &str, place: Place) -> String {
    match place {
        Place::Percent => utf8_percent_encode(value, PERCENT).to_string(),
        Place::Header => value.to_owned(),
        Place::Json => {
            let quoted = Zeroizing::new(Value::from(value).to_string());
            quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
        }
    }
}

/// A gateway that was checked.
struct Ready {
    connector: HttpsConnector<Tcp>,
    url: Template,
    method: Method,
    headers: Vec<(HeaderName, Template)>,
    body: Option<(Template, Place, &'static str)>,
    success: Option<(String, String)>,
    receipt: Option<String>,
    timeout: Duration,
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSmsGateway").field("method", &self.method).finish_non_exhaustive()
    }
}

impl SmsGateway for Ready {
    fn send<'a>(&'a self, message: &'a SmsMessage) -> BoxFuture<'a, Result<Option<String>, SmsFailure>> {
        let late = || SmsFailure::temporary("the gateway did not answer in time");
        async move { within(self.timeout, self.exchange(message)).await.ok_or_else(late)? }.boxed()
    }

    fn longest_try(&self) -> Duration {
        self.timeout + Duration::from_secs(1)
    }
}

impl Ready {
    /// One message over a connection of its own: one that is kept open keeps its last message in its buffer.
    async fn exchange(&self, message: &SmsMessage) -> Result<Option<String>, SmsFailure> {
        let request = self.request(message).map_err(SmsFailure::permanent)?;
        let unreachable = |cause| SmsFailure::temporary("the gateway cannot be reached").with_source(cause);
        let (mut sender, connection) =
            connection::open(self.connector.clone(), request.uri().clone()).await.map_err(unreachable)?;
        // No error holds the address, which may hold a secret.
        let silent =
            |cause: hyper::Error| SmsFailure::temporary("the gateway did not answer").with_source(cause);
        let talking = async {
            let response = sender.send_request(in_origin_form(request)).await.map_err(silent)?;
            let (head, body) = response.into_parts();
            // An answer that is too long says no more than none.
            let read = Limited::new(body, ANSWER_LIMIT).collect().await;
            let answer = read.map_or_else(|_| Bytes::new(), |body| body.to_bytes());
            self.verdict(Response::from_parts(head, answer))
        };
        let mut connection = pin!(connection);
        let mut talking = pin!(talking);
        tokio::select! {
            said = &mut talking => said,
            ended = &mut connection => match talking.now_or_never() {
                Some(said) => said,
                None => {
                    let failure = SmsFailure::temporary("the gateway closed the connection");
                    Err(match ended { Err(cause) => failure.with_source(cause), Ok(()) => failure })
                }
            },
        }
    }

    fn request(&self, message: &SmsMessage) -> Result<Request<Full<Bytes>>, &'static str> {
        let url = Url::parse(&self.url.fill(message, Place::Percent))
            .map_err(|_| "the address is no URL any more")?;
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&url[..Position::AfterQuery])
            .header(header::HOST, &url[Position::BeforeHost..Position::AfterPort]);
        for (name, template) in &self.headers {
            let value = HeaderValue::from_str(&template.fill(message, Place::Header));
            let mut value = value.map_err(|_| "a header has a value that none can have")?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        let body = match &self.body {
            Some((template, place, kind)) => {
                request = request.header(header::CONTENT_TYPE, *kind);
                // The bytes stay in a buffer that is wiped when the request is done with it.
                Bytes::from_owner(Wiped(template.fill(message, *place)))
            }
            None => Bytes::new(),
        };
        request.body(Full::new(body)).map_err(|_| "the request cannot be made")
    }

    /// What the answer means. It is never part of an error: it may repeat the message.
    fn verdict(&self, response: Response<Bytes>) -> Result<Option<String>, SmsFailure> {
        let status = response.status().as_u16();
        let said = format!("the gateway answered with the status {status}");
        match status {
            200..=299 => {}
            408 | 425 | 429 | 500..=599 => return Err(SmsFailure::temporary(said)),
            // A refused key is the shop's to mend, and says nothing about the message.
            401 | 403 | 407 => return Err(SmsFailure::temporary(said)),
            _ => return Err(SmsFailure::permanent(said)),
        }
        let answer = serde_json::from_slice::<Value>(response.body()).unwrap_or_default();
        let word_at = |pointer: &str| match answer.pointer(pointer)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        };
        match &self.success {
            Some((pointer, word)) if word_at(pointer).as_ref() != Some(word) => {
                Err(SmsFailure::temporary(format!("the gateway's answer does not say `{word}` at {pointer}")))
            }
            _ => Ok(self.receipt.as_deref().and_then(word_at)),
        }
    }
}

/// The path alone, as a server wants it; where to connect is known by now.
fn in_origin_form(mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// Lends wiped text to a request.
struct Wiped(Zeroizing<String>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
