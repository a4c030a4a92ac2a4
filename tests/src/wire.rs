//! Bare servers whose every byte is in the test's hands.

use std::net::SocketAddr;
use std::sync::Arc;

use oneclickdz::{Client, ClientBuilder};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::harness::vault_key;

/// A list of mobile plans with `PREPAID_DJEZZY` in it.
pub const PLANS: &str = r#"{"success": true, "data": {"dynamicPlans": [{"code": "PREPAID_DJEZZY", "isEnabled": true,
    "min_amount": 100, "max_amount": 10000}], "fixedPlans": []}}"#;
/// A balance.
pub const BALANCE: &str = r#"{"success": true, "data": {"balance": 1326.13}}"#;

/// A client of a server on this machine, its journal in memory.
pub fn client_of(address: SocketAddr) -> ClientBuilder {
    Client::builder()
        .base_url(format!("http://{address}"))
        .api_key("wire-key")
        .journal(":memory:")
        .vault_key(vault_key())
}

/// A server whose connections are in the hands of `serve`, with their count.
///
/// # Panics
/// When there is no port.
pub async fn serve<F>(serve: impl Fn(TcpStream, usize) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        for count in 0.. {
            let (stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(serve(stream, count));
        }
    });
    address
}

/// Reads one request, head and body.
///
/// # Panics
/// When the request's length is not a number.
pub async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            let length: usize = length.map_or(0, |text| text.trim().parse().expect("a length"));
            if text.len() >= end + 4 + length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
        }
    }
}

/// Writes one answer, if the client is still there.
pub async fn answer(stream: &mut (impl AsyncWrite + Unpin), status: &str, headers: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    // The client may have gone; that is what some tests are about.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.flush().await;
}

/// A TLS server's side for a host name, and its certificate in PEM form. It would speak HTTP/2 if asked to.
///
/// # Panics
/// When there is no certificate for the name.
#[must_use]
pub fn tls_server(host: &str) -> (Arc<ServerConfig>, String) {
    let signed = rcgen::generate_simple_self_signed(vec![host.to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(signed.signing_key.serialize_der().into());
    let mut server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .expect("a server");
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (Arc::new(server), signed.cert.pem())
}
