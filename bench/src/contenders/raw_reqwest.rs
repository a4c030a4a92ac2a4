//! reqwest as a careful integrator uses it: one client for all calls, deadlines, the key as a default header.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use reqwest::Client;

use crate::calls::{
    CHECK_PATH, Caller, JSON, KEY, KEY_HEADER, Result, SEND_PATH, USER_AGENT, read_checked, read_sent,
    read_status, send_body,
};

#[derive(Clone)]
pub(crate) struct Reqwest {
    client: Client,
    base: String,
}

impl Reqwest {
    pub(crate) fn new(address: &str) -> Result<Self> {
        let mut defaults = HeaderMap::new();
        defaults.insert(header::ACCEPT, HeaderValue::from_static(JSON));
        defaults.insert(KEY_HEADER, HeaderValue::from_static(KEY));
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .default_headers(defaults)
            .user_agent(USER_AGENT)
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(30))
            .no_proxy()
            .build()?;
        Ok(Self { client, base: format!("http://{address}") })
    }

    /// The service's word for how an order stands.
    pub(crate) async fn status(&self, id: &str) -> Result<String> {
        let response = self.client.get(format!("{}{CHECK_PATH}{id}", self.base)).send().await?;
        let status = response.status();
        read_status(status, &response.bytes().await?, id)
    }
}

impl Caller for Reqwest {
    async fn send(&mut self, r#ref: String) -> Result<String> {
        let request = self
            .client
            .post(format!("{}{SEND_PATH}", self.base))
            .header(header::CONTENT_TYPE, JSON)
            .body(send_body(&r#ref)?);
        let response = request.send().await?;
        let status = response.status();
        read_sent(status, &response.bytes().await?)
    }

    async fn check(&mut self, id: &str) -> Result<()> {
        let response = self.client.get(format!("{}{CHECK_PATH}{id}", self.base)).send().await?;
        let status = response.status();
        read_checked(status, &response.bytes().await?, id)
    }
}

/// The engine's: ring and bundled roots.
fn tls() -> Result<rustls::ClientConfig> {
    let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
