//! Connections: kept, shared, bounded, and never the reason that something is sent twice.

use std::io::{BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use oneclickdz::{ErrorKind, OrderState, Outcome};
use oneclickdz_tests::harness::topup;
use oneclickdz_tests::wire::{BALANCE, PLANS, answer, client_of, request, serve};
use tokio::io::AsyncWriteExt;
use tokio::runtime::{Builder, Handle};

/// Every connection of this server is closed after its one answer, and its closing told, before the next is taken.
fn one_answer_per_connection(
    tell_closed: tokio::sync::mpsc::UnboundedSender<String>,
) -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("a reader"));
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).expect("a line") > 0 {
                let line = head.lines().last().unwrap_or_default();
                length =
                    line.strip_prefix("content-length: ").map_or(length, |n| n.parse().expect("a length"));
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let (status, body) = match &head {
                head if head.contains("/send") => {
                    ("200 OK", r#"{"success": true, "data": {"topupId": "t1", "topupRef": "r1"}}"#)
                }
                head if head.contains("/plans") => ("200 OK", PLANS),
                head if head.contains("/balance") => ("200 OK", BALANCE),
                _ => ("404 Not Found", r#"{"success": false, "error": {"code": "NOT_FOUND"}}"#),
            };
            let text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(text.as_bytes()).expect("an answer");
            drop((stream, reader));
            if tell_closed.send(head).is_err() {
                return;
            }
        }
    });
    address
}

#[tokio::test]
async fn a_write_that_finds_its_connection_closed_goes_over_a_new_one_once() {
    let (tell, mut closed) = tokio::sync::mpsc::unbounded_channel();
    let client = client_of(one_answer_per_connection(tell))
        // All on this one thread, so that the closing is there before the next request is.
        .runtime(Handle::current())
        .watches(false)
        .build()
        .expect("a client");
    client.mobile().plans().await.expect("plans");
    assert!(closed.recv().await.expect("closed").contains("/plans"));
    let order = client.mobile().send(topup("fresh")).await.expect("sent");
    assert_eq!((order.state, order.attempts), (OrderState::Accepted, 1));
    assert!(closed.recv().await.expect("closed").starts_with("POST /v3/mobile/send"));
    assert!(closed.try_recv().is_err(), "one request, one answer");
}

#[test]
fn a_connection_of_a_runtime_that_rests_is_left_alone() {
    let home = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let servers = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let address = servers.block_on(serve(move |mut stream, _| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            while request(&mut stream).await.is_some() {
                answer(&mut stream, "200 OK", "", BALANCE).await;
            }
        }
    }));
    let client =
        client_of(address).timeout(Duration::from_secs(10)).read_retries(0).build().expect("a client");
    home.block_on(client.account().balance()).expect("balance");
    // From here on nobody drives what `home` has opened.
    let elsewhere = Builder::new_current_thread().enable_all().build().expect("a runtime");
    for _ in 0..3 {
        elsewhere.block_on(client.account().balance()).expect("balance, over another connection");
    }
    assert_eq!(opened.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn silence_in_the_middle_of_an_answer_ends_at_the_read_timeout() {
    let address = serve(|mut stream, _| async move {
        request(&mut stream).await;
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"success\"";
        stream.write_all(text.as_bytes()).await.expect("half an answer");
        std::future::pending::<()>().await;
    })
    .await;
    let client = client_of(address).read_timeout(Duration::from_millis(80)).read_retries(0);
    let client = client.build().expect("a client");
    let error = client.account().balance().await.expect_err("half an answer");
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Timeout, Some(200)));
    let error = client.mobile().send(topup("half-answered")).await.map(|order| order.state);
    assert_eq!(error.expect("on record"), OrderState::Uncertain, "it may have arrived");
}

#[tokio::test]
async fn a_server_that_never_greets_means_not_sent() {
    // The TCP connection stands, the TLS one never does.
    let address = serve(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    for (connect, total, kind) in [(50, 5_000, ErrorKind::Transport), (5_000, 80, ErrorKind::Timeout)] {
        let client = client_of(address)
            .base_url(format!("https://localhost:{}", address.port()))
            .connect_timeout(Duration::from_millis(connect))
            .timeout(Duration::from_millis(total))
            .read_retries(0)
            .build()
            .expect("a client");
        let error = client.account().balance().await.expect_err("no greeting");
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotSent), "{error:?}");
        let error = client.mobile().send(topup("ungreeted")).await.expect_err("no greeting");
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotSent), "{error:?}");
    }
}

#[tokio::test]
async fn never_more_connections_than_32() {
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (Arc::clone(&open), Arc::clone(&most));
    let address = serve(move |mut stream, _| {
        let (now, peak) = (Arc::clone(&now), Arc::clone(&peak));
        async move {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            while request(&mut stream).await.is_some() {
                answer(&mut stream, "200 OK", "", BALANCE).await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await;
    let client = client_of(address).requests_per_second(100_000).build().expect("a client");
    client.account().balance().await.expect("proven");
    for _ in 0..3 {
        let answers = join_all((0..200).map(|_| client.account().balance())).await;
        assert!(answers.iter().all(Result::is_ok));
    }
    let most = most.load(Ordering::SeqCst);
    assert!((2..=32).contains(&most), "{most} connections");
}

#[tokio::test]
async fn a_call_is_a_small_future() {
    let client = client_of(([127, 0, 0, 1], 9).into()).build().expect("a client");
    let size = size_of_val(&client.mobile().check_by_id("x"));
    assert!(size <= 1024, "{size} bytes, moved several times before the call begins");
}
