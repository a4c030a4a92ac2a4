//! hyper-util's pooled client, shared by all callers.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::hyper_connection::with_headers;
use crate::calls::{CHECK_PATH, Caller, JSON, Result, SEND_PATH, read_checked, read_sent, send_body};

#[derive(Clone)]
pub(crate) struct Pool {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Pool {
    pub(crate) fn new(address: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, base: format!("http://{address}") }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes)> {
        let response = self.client.request(request).await?;
        Ok((response.status(), response.into_body().collect().await?.to_bytes()))
    }
}

impl Caller for Pool {
    async fn send(&mut self, r#ref: String) -> Result<String> {
        let request = with_headers(Request::post(format!("{}{SEND_PATH}", self.base)))
            .header(header::CONTENT_TYPE, JSON)
            .body(Full::from(send_body(&r#ref)?))?;
        let (status, body) = self.exchange(request).await?;
        read_sent(status, &body)
    }

    async fn check(&mut self, id: &str) -> Result<()> {
        let request = with_headers(Request::get(format!("{}{CHECK_PATH}{id}", self.base)));
        let (status, body) = self.exchange(request.body(Full::default())?).await?;
        read_checked(status, &body, id)
    }
}
