//! Balance, sends, retries, health: rows 43 to 47.

use std::time::Duration;

use oneclickdz::{ErrorKind, InternetRequest, InternetType, OrderState, Outcome};
use oneclickdz_tests::replay::Answer;
use serde_json::{Value, json};

use crate::stage::*;

#[tokio::test]
async fn row_43_the_balance_with_or_without_currency() {
    for body in [
        r#"{"balance": 1326.13}"#,
        r#"{"currency": "DZD", "balance": 1326.13}"#,
        r#"{"balance": "1326.13", "currency": null}"#,
    ] {
        let stage = stage().await;
        let envelope = format!(r#"{{"success": true, "data": {body}}}"#);
        stage.replay.on("GET /v3/account/balance", Answer::json_text(200, envelope));
        assert_eq!(stage.client.account().balance().await.expect("a balance").amount.to_string(), "1326.13");
    }
}

#[tokio::test]
async fn row_44_a_500_on_send_is_tracked_and_its_request_id_kept() {
    let stage = stage().await;
    let body = json!({"success": false, "requestId": "req_9", "error": {
        "code": "INTERNAL_SERVER_ERROR", "message": "Developer was notified and will check shortly"}});
    stage.replay.on("POST /v3/mobile/send", Answer::json(500, &body));
    stage.replay.on("GET /v3/mobile/check-ref/*", code(404, "NOT_FOUND"));
    let order = stage.client.mobile().send(topup("order-1")).await.expect("an uncertain order, not an error");
    assert_eq!((order.state, order.is_settled()), (OrderState::Uncertain, false));
    assert_eq!(order.last_error.as_deref(), Some("internal_server_error"));
    assert_eq!(order.last_request_id.as_deref(), Some("req_9"));
    assert!(order.next_check_at.is_some());
    // 23 hours of nothing to be found, then there it is: tracked, not sent again, not given up.
    let seen = still_pending(order.wait(Duration::from_secs(23 * 3600)).await);
    assert!(!seen.is_settled());
    stage.replay.on("GET /v3/mobile/check-ref/order-1", Answer::ok(topup_is("FULFILLED")));
    let order = order.wait(Duration::from_secs(2 * 3600)).await.expect("the end");
    assert_eq!((order.state, stage.posts()), (OrderState::Fulfilled, 1));
}

/// The engine promises no time for a card to work; it only hands the card over.
#[tokio::test]
async fn row_45_a_4g_card_is_handed_over_without_a_promise_of_time() {
    let stage = stage().await;
    stage.replay.on("POST /v3/internet/send", Answer::ok(json!({"topupId": ID, "topupRef": "4g-7"})));
    let card = json!({"_id": ID, "status": "FULFILLED", "type": "4G", "number": "213472731602", "topup_amount": 1500,
                      "card_code": "998877665544", "num_trans": "AT-1", "date_traitement": "2025-11-01T12:00:45.000Z"});
    stage.replay.on(&format!("GET /v3/internet/check-id/{ID}"), Answer::ok(card));
    let request = InternetRequest::new(InternetType::FourG, "213472731602", 1500).r#ref("4g-7");
    let order = stage.client.internet().send(request).await.expect("an order").wait(FIVE_MINUTES).await;
    assert_eq!(order.expect("the end").card_count, 1);
    let topup = stage.client.internet().check_by_id(ID).await.expect("the order");
    let card = topup.card.expect("a card");
    assert_eq!(
        (card.code.expose().as_str(), card.transaction_number.as_deref()),
        ("998877665544", Some("AT-1"))
    );
    assert_eq!(card.processed_at, "2025-11-01T12:00:45Z".parse().ok());
}

#[tokio::test]
async fn row_46_reads_are_repeated_and_writes_are_not() {
    let failures = || {
        [
            Answer::hang_up(),
            Answer::reset(),
            Answer::html(502, "<h1>Bad gateway</h1>"),
            Answer::ok(json!({"balance": 1})).cut_after(10),
            code(503, "SERVICE_UNAVAILABLE"),
            Answer::raw("not HTTP at all\r\n\r\n"),
        ]
    };
    for failure in failures() {
        let stage = stage().await;
        stage.replay.on("GET /v3/account/balance", [failure.clone(), Answer::ok(json!({"balance": 1}))]);
        stage.client.account().balance().await.unwrap_or_else(|error| panic!("{failure:?}: {error:?}"));
        assert_eq!(stage.replay.requests().len(), 2, "{failure:?}");
    }
    for failure in failures() {
        let stage = stage().await;
        // A connection that was kept from an earlier call breaks as well.
        stage
            .replay
            .on("POST /v3/mobile/send", failure.clone())
            .on("POST /v3/internet/send", failure.clone());
        stage.replay.on("POST /v3/gift-cards/placeOrder", failure.clone());
        let orders = [
            stage.client.mobile().send(topup("order-1")).await,
            stage.client.internet().send(adsl("order-2")).await,
            stage.client.gift_cards().order(cards()).await,
        ];
        for order in orders {
            let order = order.unwrap_or_else(|error| panic!("{failure:?}: {error:?}"));
            assert_eq!((order.state, order.attempts), (OrderState::Uncertain, 1), "{failure:?}");
        }
        assert_eq!(stage.posts(), 3, "{failure:?}: each sent once");
    }
    // A 429 is the one refusal after which a write with a reference goes out again, with the same reference.
    let stage = stage().await;
    let wait = || code(429, "RATE_LIMIT_EXCEEDED").header("Retry-After", "3");
    stage.replay.on("POST /v3/mobile/send", [wait(), accepted()]);
    let start = stage.now();
    let order = stage.client.mobile().send(topup("order-1")).await.expect("an accepted order");
    assert_eq!((order.state, order.attempts), (OrderState::Accepted, 2));
    assert!((stage.now() - start).num_seconds() >= 3, "after the wait");
    let refs: Vec<Value> =
        stage.replay.requests_of("POST").iter().map(|post| post.json()["ref"].clone()).collect();
    assert_eq!(refs, ["order-1", "order-1"]);
    // Gift cards have no reference: the refusal goes to the caller.
    stage.replay.forget_requests();
    stage.replay.on("POST /v3/gift-cards/placeOrder", [wait(), Answer::ok(json!({"orderId": ID}))]);
    let error = stage.client.gift_cards().order(cards()).await.expect_err("too many requests");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimited, Outcome::Refused));
    assert_eq!((error.retry_after(), stage.posts()), (Some(Duration::from_secs(3)), 1));
}

#[tokio::test]
async fn row_47_the_health_check_sends_no_key() {
    let stage = stage().await;
    let health = json!({"api": "ok", "operators": {"mobilis": "up", "djezzy": "down"}});
    stage.replay.on("GET /v3/ping", Answer::ok(health));
    assert!(stage.client.ping().await.expect("health").is_ok);
    assert_eq!(stage.replay.requests()[0].header("x-access-token"), None);
}
