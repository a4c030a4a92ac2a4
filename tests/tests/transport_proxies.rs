//! TLS and proxies: who is trusted, who sees what, and what a refusal means.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use oneclickdz::{Client, ClientBuilder, ErrorKind, OrderState, Outcome};
use oneclickdz_tests::harness::topup;
use oneclickdz_tests::wire::{BALANCE, PLANS, answer, request, serve, tls_server};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_rustls::TlsAcceptor;

/// A name that no resolver knows: only a proxy can lead there.
const HOST: &str = "service.test";

/// A TLS service for a host name, and the certificate to trust.
async fn tls_service(host: &str) -> (SocketAddr, String) {
    let (server, pem) = tls_server(host);
    let acceptor = TlsAcceptor::from(server);
    let address = serve(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]), "HTTP/2 is not asked for");
            while let Some(text) = request(&mut stream).await {
                assert!(text.contains("x-access-token: wire-key"), "{text}");
                answer(&mut stream, "200 OK", "", BALANCE).await;
            }
        }
    })
    .await;
    (address, pem)
}

/// A proxy that tells what it reads, and leads every tunnel to one place.
async fn tunnelling_proxy(to: SocketAddr) -> (SocketAddr, UnboundedReceiver<String>) {
    let (tell, told) = unbounded_channel();
    let address = serve(move |mut stream, _| {
        let tell = tell.clone();
        async move {
            let Some(text) = request(&mut stream).await else { return };
            tell.send(text).expect("a listener");
            let mut service = TcpStream::connect(to).await.expect("the service");
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.expect("an answer");
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut service).await;
        }
    })
    .await;
    (address, told)
}

fn behind_tls(pem: &str) -> ClientBuilder {
    let builder = Client::builder().base_url(format!("https://{HOST}")).api_key("wire-key");
    builder.journal(":memory:").extra_root(pem).read_retries(0)
}

#[tokio::test]
async fn tls_trusts_bundled_and_added_roots_alone() {
    let (address, pem) = tls_service("localhost").await;
    let builder = || {
        let url = format!("https://localhost:{}", address.port());
        Client::builder().base_url(url).api_key("wire-key").read_retries(0)
    };
    let stranger = builder().build().expect("a client").account().balance().await.expect_err("not trusted");
    assert_eq!((stranger.kind(), stranger.outcome()), (ErrorKind::Transport, Outcome::NotSent));
    let trusted = builder().extra_root(pem).build().expect("a client");
    assert!(trusted.account().balance().await.is_ok());
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (address, pem) = tls_service("elsewhere.test").await;
    let url = format!("https://localhost:{}", address.port());
    let client = Client::builder().base_url(url).api_key("wire-key").extra_root(pem).read_retries(0);
    let error = client.build().expect("a client").account().balance().await.expect_err("another name");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Outcome::NotSent));
}

#[tokio::test]
async fn plain_http_goes_through_a_proxy_that_was_asked_for() {
    let proxied = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&proxied);
    let proxy = serve(move |mut stream, _| {
        let seen = Arc::clone(&seen);
        async move {
            while let Some(text) = request(&mut stream).await {
                assert!(
                    text.starts_with("GET http://127.0.0.1:9/base/v3/account/balance HTTP/1.1"),
                    "{text}"
                );
                assert!(text.contains("host: 127.0.0.1:9\r\n"), "{text}");
                assert!(text.contains("proxy-authorization: Basic bWU6cEBzcw=="), "{text}");
                seen.fetch_add(1, Ordering::SeqCst);
                answer(&mut stream, "200 OK", "", BALANCE).await;
            }
        }
    })
    .await;
    let client = Client::builder().base_url("http://127.0.0.1:9/base/").api_key("wire-key");
    let client = client.proxy(format!("http://me:p%40ss@{proxy}")).build().expect("a client");
    assert!(client.account().balance().await.is_ok());
    assert_eq!(proxied.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_tunnel_shows_the_proxy_nothing_but_the_host() {
    let (service, pem) = tls_service(HOST).await;
    let (proxy, mut told) = tunnelling_proxy(service).await;
    let client = behind_tls(&pem).proxy(format!("http://me:p%40ss@{proxy}")).build().expect("a client");
    client.account().balance().await.expect("balance");
    client.account().balance().await.expect("balance");
    let text = told.recv().await.expect("a request");
    assert!(text.starts_with("CONNECT service.test:443 HTTP/1.1\r\n"), "{text}");
    assert!(text.to_ascii_lowercase().contains("proxy-authorization: basic bwu6cebzcw=="), "{text}");
    assert!(!text.contains("wire-key"), "{text}");
    assert!(told.try_recv().is_err(), "one tunnel for both calls");
}

#[tokio::test]
async fn a_proxy_that_refuses_means_not_sent() {
    for refusal in ["407 Proxy Authentication Required", "502 Bad Gateway"] {
        let proxy = serve(move |mut stream, _| async move {
            request(&mut stream).await;
            answer(&mut stream, refusal, "", "").await;
        })
        .await;
        let client = Client::builder().base_url(format!("https://{HOST}")).api_key("wire-key");
        let client = client.journal(":memory:").proxy(format!("http://me:secret-word@{proxy}"));
        let client = client.read_retries(0).timeout(std::time::Duration::from_secs(5));
        let client = client.build().expect("a client");
        let error = client.account().balance().await.expect_err("no tunnel");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Outcome::NotSent), "{refusal}");
        assert!(!format!("{error} {error:?} {client:?}").contains("secret-word"), "{error:?}");
        let error = client.mobile().send(topup("refused-tunnel")).await.expect_err("no tunnel");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Outcome::NotSent), "{refusal}");
        let kept = client.orders().get("refused-tunnel").await.expect("on record");
        assert_eq!(kept.state, OrderState::Refused, "certain not to have been charged");
    }
}

#[test]
fn a_proxy_of_another_kind_is_refused_before_anything_is_sent() {
    for proxy in ["socks5://127.0.0.1:1080", "ftp://127.0.0.1", "http://", ""] {
        let client = Client::builder().base_url(format!("https://{HOST}")).api_key("wire-key");
        let error = client.proxy(proxy).build().map(drop).expect_err(proxy);
        assert_eq!((error.code(), error.field()), ("config", Some("proxy")), "{proxy}");
    }
}

/// The environment of a process cannot be changed safely within, so this test starts itself once more for each case.
#[tokio::test]
async fn the_proxy_of_the_environment_is_for_the_outside() {
    const CASE: &str = "ONECLICKDZ_TEST_PROXY_CASE";
    if let Ok(case) = std::env::var(CASE) {
        return in_the_environment(&case).await;
    }
    let (service, pem) = tls_service(HOST).await;
    let (proxy, mut told) = tunnelling_proxy(service).await;
    let proxy = format!("http://{proxy}");
    let local = serve(|mut stream, _| async move {
        while let Some(text) = request(&mut stream).await {
            let body = if text.contains("/plans") { PLANS } else { BALANCE };
            answer(&mut stream, "200 OK", "", body).await;
        }
    })
    .await;
    for (case, variables, tunnels) in [
        ("outside", &[("HTTPS_PROXY", proxy.as_str())][..], 1),
        ("outside", &[("https_proxy", proxy.as_str())], 1),
        ("outside", &[("ALL_PROXY", proxy.as_str())], 1),
        ("excepted", &[("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", "example.org,.test")], 0),
        ("excepted", &[("HTTP_PROXY", proxy.as_str())], 0),
        ("local", &[("HTTP_PROXY", proxy.as_str()), ("HTTPS_PROXY", proxy.as_str())], 0),
    ] {
        let mut child = Command::new(std::env::current_exe().expect("this test"));
        child.args(["--exact", "the_proxy_of_the_environment_is_for_the_outside", "--nocapture"]);
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
            child.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        child.env(CASE, case).env("TEST_ROOT", &pem).env("TEST_LOCAL", local.to_string());
        child.envs(variables.iter().copied());
        let output =
            tokio::task::spawn_blocking(move || child.output()).await.expect("a thread").expect("a child");
        assert!(output.status.success(), "{case} {variables:?}: {}", String::from_utf8_lossy(&output.stdout));
        let asked = std::iter::from_fn(|| told.try_recv().ok()).count();
        assert_eq!(asked, tunnels, "{case} {variables:?}");
    }
}

async fn in_the_environment(case: &str) {
    let variable = |name| std::env::var(name).expect("what the parent has set");
    let outside = || behind_tls(&variable("TEST_ROOT")).build().expect("a client");
    match case {
        "outside" => assert!(outside().account().balance().await.is_ok()),
        // Without a proxy there is no such host.
        "excepted" => {
            let error = outside().account().balance().await.expect_err("no such host");
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Outcome::NotSent));
        }
        _ => {
            let client = Client::builder().base_url(format!("http://{}", variable("TEST_LOCAL")));
            let client = client.api_key("wire-key").build().expect("a client");
            assert!(client.account().balance().await.is_ok());
        }
    }
}
