//! What happens on the wire: connections, deadlines, redirects, budgets, TLS.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use oneclickdz::{Clock, ErrorKind, OrderState, Outcome, PaymentLinkRequest};
use oneclickdz_sandbox::{Fault, FaultParams, FaultPlan, FaultRule, Options};
use oneclickdz_tests::harness::{Stage, topup};
use oneclickdz_tests::wire::{BALANCE, PLANS, answer, client_of, request, serve};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

#[tokio::test]
async fn a_write_on_a_connection_that_dies_is_not_repeated() {
    let sends = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&sends);
    // Answers reads on a kept connection; on a send it reads the request and hangs up.
    let address = serve(move |mut stream, _| {
        let seen = Arc::clone(&seen);
        async move {
            while let Some(text) = request(&mut stream).await {
                match text.as_str() {
                    text if text.starts_with("POST") => {
                        seen.fetch_add(1, Ordering::SeqCst);
                        return;
                    }
                    text if text.contains("/plans") => answer(&mut stream, "200 OK", "", PLANS).await,
                    _ => {
                        answer(
                            &mut stream,
                            "404 Not Found",
                            "",
                            r#"{"success": false, "error": {"code": "NOT_FOUND"}}"#,
                        )
                        .await
                    }
                }
            }
        }
    })
    .await;
    let client = client_of(address).build().expect("a client");
    let order = client.mobile().send(topup("stale")).await.expect("recorded");
    assert_eq!((order.state, order.attempts), (OrderState::Uncertain, 1));
    assert_eq!(order.last_error.as_deref(), Some("transport"));
    assert_eq!(sends.load(Ordering::SeqCst), 1, "one request on the wire");
}

#[tokio::test]
async fn a_connection_closed_while_idle_costs_a_read_nothing() {
    let address = serve(|mut stream, _| async move {
        // One answer, and the connection is closed although the client may keep it.
        if request(&mut stream).await.is_some() {
            answer(&mut stream, "200 OK", "", BALANCE).await;
        }
    })
    .await;
    let client = client_of(address).build().expect("a client");
    for _ in 0..5 {
        assert!(client.account().balance().await.is_ok());
    }
}

#[tokio::test]
async fn connections_are_kept_and_shared() {
    let stage = Stage::with(Options::manual(), |builder| builder.requests_per_second(10_000)).await;
    for _ in 0..50 {
        stage.client.account().balance().await.expect("balance");
    }
    assert_eq!(stage.control.connections(), 1);
    join_all((0..200).map(|_| stage.client.account().balance())).await;
    assert!(stage.control.connections() <= 32, "{} connections", stage.control.connections());
    let after_burst = stage.control.connections();
    for _ in 0..50 {
        stage.client.account().balance().await.expect("balance");
    }
    assert_eq!(stage.control.connections(), after_burst, "kept connections serve what follows");
}

#[tokio::test]
async fn no_redirect_is_followed_and_the_key_goes_nowhere() {
    let thief_calls = Arc::new(AtomicUsize::new(0));
    let calls = Arc::clone(&thief_calls);
    let thief = serve(move |_, _| {
        calls.fetch_add(1, Ordering::SeqCst);
        async {}
    })
    .await;
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let address = serve(move |mut stream, _| async move {
            while request(&mut stream).await.is_some() {
                let location = format!("location: http://{thief}/v3/account/balance\r\n");
                answer(&mut stream, status, &location, "").await;
            }
        })
        .await;
        let client = client_of(address).read_retries(0).build().expect("a client");
        let error = client.account().balance().await.expect_err("a redirect is no answer");
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::UnreadableResponse, Outcome::Refused),
            "{status}"
        );
        let order = client.mobile().send(topup("redirected")).await.expect("recorded");
        assert_eq!(order.state, OrderState::Uncertain, "{status}");
    }
    assert_eq!(thief_calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn no_connection_means_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let client = client_of(address).timeout(Duration::from_millis(600)).build().expect("a client");
    let error = client.mobile().send(topup("nobody-home")).await.expect_err("nothing was sent");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Outcome::NotSent));
    let kept = client.orders().get("nobody-home").await.expect("on record");
    assert_eq!(kept.state, OrderState::Refused, "settled: it is certain that nothing was charged");
}

#[tokio::test]
async fn a_silent_server_is_left_within_the_time_given() {
    let address = serve(|mut stream, _| async move {
        request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let client = client_of(address).read_retries(0).build().expect("a client");
    let started = std::time::Instant::now();
    let error =
        client.with_timeout(Duration::from_millis(80)).account().balance().await.expect_err("silence");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_refused() {
    let address = serve(|mut stream, _| async move {
        while let Some(text) = request(&mut stream).await {
            let body =
                format!(r#"{{"success": true, "data": {{"balance": 1, "x": "{}"}}}}"#, "x".repeat(3000));
            // Once with its length announced, once with a long head, once in pieces.
            if text.contains("/balance") {
                answer(&mut stream, "200 OK", "", &body).await;
            } else if text.contains("/plans") {
                answer(&mut stream, "200 OK", &format!("x: {}\r\n", "x".repeat(17 * 1024)), "{}").await;
            } else {
                let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).await;
                for piece in body.as_bytes().chunks(500) {
                    let piece = String::from_utf8_lossy(piece);
                    let _ = stream.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()).await;
                }
                let _ = stream.write_all(b"0\r\n\r\n").await;
            }
        }
    })
    .await;
    let client = client_of(address).response_limit(2048).read_retries(0).build().expect("a client");
    let announced = client.account().balance().await.expect_err("too large");
    assert_eq!(announced.kind(), ErrorKind::ResponseTooLarge);
    let head = client.mobile().plans().await.expect_err("too large");
    assert_eq!(
        (head.kind(), head.detail()),
        (ErrorKind::ResponseTooLarge, "the answer's head is larger than 16 KB")
    );
    let in_pieces = client.ping().await.expect_err("too large");
    assert_eq!(in_pieces.kind(), ErrorKind::ResponseTooLarge);
}

#[tokio::test]
async fn a_bad_key_costs_one_attempt_however_many_callers() {
    let stage = Stage::with(Options::manual(), |builder| builder.api_key("a-wrong-key")).await;
    let answers = join_all((0..64).map(|_| stage.client.account().balance())).await;
    for answer in answers {
        assert_eq!(answer.expect_err("refused").kind(), ErrorKind::Authentication);
    }
    let error = stage.client.mobile().send(topup("no-key")).await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.outcome(), error.attempts_left()),
        (ErrorKind::Authentication, Outcome::NotSent, Some(4))
    );
    assert_eq!(stage.all_requests(), 1, "the address is not locked out");
    stage.client.set_api_key("sandbox-key").expect("a key");
    assert!(stage.client.account().balance().await.is_ok(), "another key is a fresh start");
}

#[tokio::test]
async fn a_block_of_the_address_is_sat_out() {
    let stage = Stage::set().await;
    stage.client.account().balance().await.expect("proven");
    stage.fault(FaultRule::new("account.balance", Fault::IpBlocked).on_calls([1]));
    assert_eq!(stage.client.account().balance().await.expect_err("blocked").kind(), ErrorKind::IpBlocked);
    let silent = stage.client.account().balance().await.expect_err("still blocked");
    assert_eq!((silent.kind(), silent.outcome()), (ErrorKind::IpBlocked, Outcome::NotSent));
    assert!(silent.retry_after().is_some_and(|wait| wait <= Duration::from_secs(900)));
    stage.clock.advance(Duration::from_secs(901));
    assert!(stage.client.account().balance().await.is_ok());
}

#[tokio::test]
async fn retry_after_is_honoured_and_capped() {
    let stage = Stage::with(Options::manual(), |builder| {
        builder.timeout(Duration::from_secs(600)).max_retry_after(Duration::from_secs(60))
    })
    .await;
    for (asked, at_least, at_most) in [(7, 7, 20), (100_000, 60, 90)] {
        let params = FaultParams { retry_after: Some(asked), ..FaultParams::default() };
        stage.fault(FaultRule::new("account.balance", Fault::RateLimited).with_params(params).on_calls([1]));
        let before = stage.clock.elapsed();
        stage.client.account().balance().await.expect("after the wait");
        let waited = (stage.clock.elapsed() - before).as_secs();
        assert!((at_least..=at_most).contains(&waited), "asked for {asked} s, waited {waited} s");
    }
}

#[tokio::test]
async fn a_retry_never_outlives_the_deadline() {
    let stage = Stage::with(Options::manual(), |builder| builder.timeout(Duration::from_secs(5))).await;
    let params = FaultParams { retry_after: Some(30), ..FaultParams::default() };
    stage.fault(FaultRule::new("account.balance", Fault::RateLimited).with_params(params));
    let before = stage.clock.elapsed();
    let error = stage.client.account().balance().await.expect_err("no time");
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(30))));
    assert!(stage.clock.elapsed() - before <= Duration::from_secs(5));
}

#[tokio::test]
async fn the_budget_shrinks_on_429_and_recovers() {
    let stage = Stage::with(Options::manual(), |builder| {
        builder.requests_per_second(100).timeout(Duration::from_secs(3600)).read_retries(0)
    })
    .await;
    let took = async |calls: u32| {
        let before = stage.clock.elapsed();
        for _ in 0..calls {
            stage.client.account().balance().await.expect("balance");
        }
        stage.clock.elapsed() - before
    };
    took(200).await;
    let usual = took(100).await;
    stage.fault(FaultRule::new("account.balance", Fault::RateLimited).on_calls([1, 2, 3]));
    for _ in 0..3 {
        stage.client.account().balance().await.expect_err("429");
    }
    stage.control.set_faults(FaultPlan::default());
    let slowed = took(20).await;
    assert!(slowed > usual, "20 calls after three 429 took {slowed:?}, 100 took {usual:?} before");
    took(300).await;
    let recovered = took(100).await;
    assert!(recovered < usual * 2, "{recovered:?} against {usual:?}");
}

#[tokio::test]
async fn requests_say_who_they_are() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let address = serve(move |mut stream, _| {
        let tell = tell.clone();
        async move {
            while let Some(text) = request(&mut stream).await {
                tell.send(text).expect("a listener");
                answer(&mut stream, "200 OK", "", BALANCE).await;
            }
        }
    })
    .await;
    let client = client_of(address).app_name("my-shop/2.1").build().expect("a client");
    client.account().balance().await.expect("balance");
    let text = told.recv().await.expect("a request").to_ascii_lowercase();
    assert!(text.contains("x-access-token: wire-key\r\n") && !text.contains("authorization"), "{text}");
    assert!(
        text.contains(concat!("user-agent: my-shop/2.1 oneclickdz/", env!("CARGO_PKG_VERSION"))),
        "{text}"
    );
    let error = client.ping().await.expect_err("not a health report");
    assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
    let ping = told.recv().await.expect("a request").to_ascii_lowercase();
    assert!(!ping.contains("wire-key"), "ping needs no key: {ping}");
}

#[tokio::test]
async fn bad_input_never_reaches_the_wire() {
    let stage = Stage::set().await;
    stage.client.mobile().plans().await.expect("plans");
    let before = stage.all_requests();
    let mobile = |plan: &str, number: &str, amount: Option<i64>, r#ref: &str| {
        let request = oneclickdz::MobileRequest::new(plan, number).r#ref(r#ref);
        stage.client.mobile().send(match amount {
            Some(amount) => request.amount(amount),
            None => request,
        })
    };
    let long = "x".repeat(1_000_000);
    let long = long.as_str();
    let cases = [
        (mobile("PREPAID_DJEZZY", "778037340", Some(500), "a").await, "number"),
        (mobile("PREPAID_DJEZZY", "+213778037340", Some(500), "a").await, "number"),
        (mobile("PREPAID_DJEZZY", long, Some(500), "a").await, "number"),
        (mobile("PREPAID_DJEZZY", "0778037340", None, "a").await, "amount"),
        (mobile("PREPAID_DJEZZY", "0778037340", Some(99), "a").await, "amount"),
        (mobile("PREPAID_DJEZZY", "0778037340", Some(10_001), "a").await, "amount"),
        (mobile("PREPAID_DJEZZY", "0778037340", Some(-5), "a").await, "amount"),
        (mobile("PIXX_500", "0778037340", Some(400), "a").await, "amount"),
        (mobile("", "0778037340", Some(500), "a").await, "plan_code"),
        (mobile(long, "0778037340", Some(500), "a").await, "plan_code"),
        (mobile("PREPAID_DJEZZY", "0778037340", Some(500), "").await, "ref"),
        (mobile("PREPAID_DJEZZY", "0778037340", Some(500), "..").await, "ref"),
        (mobile("PREPAID_DJEZZY", "0778037340", Some(500), "a\nb").await, "ref"),
        (mobile("PREPAID_DJEZZY", "0778037340", Some(500), long).await, "ref"),
    ];
    for (answer, field) in cases {
        let error = answer.map(drop).expect_err(field);
        assert_eq!((error.field(), error.outcome()), (Some(field), Outcome::NotSent), "{error}");
        assert!(error.to_string().len() < 400, "a readable sentence: {error}");
    }
    let link = |title: &str, amount: &str| {
        let amount: oneclickdz::Dzd = amount.parse().expect("an amount");
        stage.client.payment_links().create(PaymentLinkRequest::new(title, amount))
    };
    for (answer, field) in [
        (link("x", "499").await, "amount"),
        (link("x", "500001").await, "amount"),
        (link("x", "500.5").await, "amount"),
        (link(" ", "500").await, "title"),
        (link(&"é".repeat(201), "500").await, "title"),
    ] {
        assert_eq!(answer.map(drop).expect_err(field).field(), Some(field));
    }
    let range = oneclickdz::ListRequest::new().since(stage.control.now());
    assert_eq!(stage.client.mobile().list(range).map(drop).expect_err("one end").field(), Some("until"));
    for id in ["", "..", long] {
        assert_eq!(
            stage.client.mobile().check_by_id(id).await.map(drop).expect_err("an id").field(),
            Some("id")
        );
    }
    assert_eq!(stage.all_requests(), before, "nothing was sent");
}

#[tokio::test]
async fn callers_of_a_silent_service_do_not_wait_for_each_other() {
    let address = serve(|mut stream, _| async move {
        request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let client = client_of(address)
        .requests_per_second(1000)
        .timeout(Duration::from_millis(200))
        .build()
        .expect("a client");
    let started = std::time::Instant::now();
    for answer in join_all((0..64).map(|_| client.account().balance())).await {
        let error = answer.expect_err("silence");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent), "{error:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "64 callers one after the other would take 13 s");
}

#[tokio::test]
async fn at_most_32_requests_are_on_their_way_at_once() {
    let stage = Stage::with(Options::manual(), |builder| builder.requests_per_second(10_000)).await;
    stage.client.account().balance().await.expect("proven");
    stage.fault(
        FaultRule::new("account.balance", Fault::Slow)
            .with_params(FaultParams { delay_ms: Some(20), ..FaultParams::default() }),
    );
    let answers = join_all((0..200).map(|_| stage.client.account().balance())).await;
    assert!(answers.iter().all(Result::is_ok));
    assert!(stage.control.connections() <= 32, "{} connections", stage.control.connections());
}
