//! Raw hyper: each caller has a connection of its own and no pool.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::calls::{
    CHECK_PATH, Caller, JSON, KEY, KEY_HEADER, Result, SEND_PATH, USER_AGENT, read_checked, read_sent,
    send_body,
};

pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its end is seen by the next request.
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_owned() })
    }

    pub(crate) async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        Ok((response.status(), response.into_body().collect().await?.to_bytes()))
    }
}

impl Caller for Connection {
    async fn send(&mut self, r#ref: String) -> Result<String> {
        let request = with_headers(Request::post(SEND_PATH))
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, JSON)
            .body(Full::from(send_body(&r#ref)?))?;
        let (status, body) = self.exchange(request).await?;
        read_sent(status, &body)
    }

    async fn check(&mut self, id: &str) -> Result<()> {
        let request = with_headers(Request::get(format!("{CHECK_PATH}{id}")))
            .header(header::HOST, &self.host)
            .body(Full::default())?;
        let (status, body) = self.exchange(request).await?;
        read_checked(status, &body, id)
    }
}

/// The headers that every client sends.
pub(super) fn with_headers(request: http::request::Builder) -> http::request::Builder {
    request.header(header::USER_AGENT, USER_AGENT).header(header::ACCEPT, JSON).header(KEY_HEADER, KEY)
}
