//! Status words, keys and paths of orders: rows 10 to 15.

use std::time::Duration;

use oneclickdz::{Dzd, ErrorKind, OrderState, RetryAdvice};
use oneclickdz_tests::replay::Answer;
use serde_json::{Value, json};

use crate::stage::*;

#[tokio::test]
async fn row_10_queued_is_deferred_and_not_final() {
    let stage = stage().await;
    stage.replay.on("POST /v3/internet/send", Answer::ok(json!({"topupId": ID, "topupRef": "order-1"})));
    let is = |status: &str| {
        Answer::ok(json!({"_id": ID, "status": status, "number": "036362608", "card_code": "1234"}))
    };
    stage.replay.on(&format!("GET /v3/internet/check-id/{ID}"), [is("HANDLING"), is("QUEUED")]);
    let order = stage.client.internet().send(adsl("order-1")).await.expect("an order");

    // It ends a short wait early, and as no failure.
    let start = stage.now();
    let seen = still_pending(order.wait(FIVE_MINUTES).await);
    assert_eq!(
        (seen.state, seen.is_settled(), seen.status.as_deref()),
        (OrderState::Deferred, false, Some("QUEUED"))
    );
    assert!((stage.now() - start).num_seconds() < 60, "returned when it was seen");
    let next = seen.next_check_at.expect("a next look") - stage.now();
    assert!((30..=24 * 60).contains(&next.num_minutes()), "the next look is hours away: {next}");

    // A long wait sees its end.
    let before = stage.replay.requests().len();
    stage
        .replay
        .on(&format!("GET /v3/internet/check-id/{ID}"), [is("QUEUED"), is("QUEUED"), is("FULFILLED")]);
    let order = order.wait(Duration::from_secs(48 * 3600)).await.expect("the end");
    assert_eq!((order.state, order.card_count), (OrderState::Fulfilled, 1));
    assert_eq!(
        (stage.replay.requests().len() - before, stage.posts()),
        (3, 1),
        "no fast polling, no other send"
    );
}

#[tokio::test]
async fn row_11_unknown_error_is_not_final() {
    let stage = stage().await;
    let order = stage.followed(&["HANDLING", "UNKNOWN_ERROR"]).await;
    let seen = still_pending(order.wait(FIVE_MINUTES).await);
    assert_eq!((seen.state, seen.is_settled()), (OrderState::Uncertain, false));
    assert_eq!((seen.status.as_deref(), seen.refunded), (Some("UNKNOWN_ERROR"), None));
    let next = seen.next_check_at.expect("a next look") - stage.now();
    assert!(next.num_hours() <= 24, "looked at again at least daily: {next}");
    // Settled within a day, one way or the other.
    let looks = [topup_is("UNKNOWN_ERROR"), topup_is("UNKNOWN_ERROR"), topup_is("FULFILLED")].map(Answer::ok);
    stage.replay.on(&format!("GET /v3/mobile/check-id/{ID}"), looks);
    let order = order.wait(Duration::from_secs(24 * 3600)).await.expect("the end");
    assert_eq!((order.state, stage.posts()), (OrderState::Fulfilled, 1));
}

/// PROTOCOL §6: stop fast polling; §7: it ends a blocking wait, as "needs a later check".
#[tokio::test]
async fn row_11_unknown_error_ends_fast_polling() {
    let stage = stage().await;
    let order = stage.followed(&["HANDLING", "UNKNOWN_ERROR"]).await;
    still_pending(order.wait(FIVE_MINUTES).await);
    let looks = stage.lines().len() - 1;
    assert!(looks <= 3, "{looks} looks in five minutes");
}

#[tokio::test]
async fn row_12_status_words_of_the_arabic_pages() {
    let words = [
        ("SUCCESS", OrderState::Fulfilled),
        ("FAILED", OrderState::Refunded),
        ("FULFILLED", OrderState::Fulfilled),
        ("REFUNDED", OrderState::Refunded),
    ];
    for (word, state) in words {
        let stage = stage().await;
        let order = stage.followed(&["PENDING", word]).await.wait(FIVE_MINUTES).await.expect("the end");
        assert_eq!((order.state, order.status.as_deref()), (state, Some(word)), "the raw word is kept");
    }
}

#[tokio::test]
async fn row_13_camel_case_keys_of_mobile_orders() {
    let stage = stage().await;
    let camel = json!({"status": "SUCCESS", "planCode": "PREPAID_DJEZZY", "planName": "PREPAID", "operator": "Djezzy",
                       "amount": 500, "cost": 490, "MSSIDN": "0778037340", "createdAt": "2025-10-29T00:35:59Z",
                       "updatedAt": "2025-10-29T00:36:59Z"});
    stage.replay.on("GET /v3/mobile/check-ref/camel", Answer::ok(camel.clone()));
    let order = stage.client.mobile().check_by_ref("camel").await.expect("an order");
    assert_eq!(order.plan_code.as_deref(), Some("PREPAID_DJEZZY"));
    assert_eq!((order.plan_name.as_deref(), order.operator.as_deref()), (Some("PREPAID"), Some("Djezzy")));
    assert_eq!((order.amount, order.charged), (Some(Dzd::whole(500)), Some(Dzd::whole(490))));
    assert_eq!(order.created_at, "2025-10-29T00:35:59Z".parse().ok());
    assert_eq!(order.updated_at, "2025-10-29T00:36:59Z".parse().ok());

    // Snake case is preferred where both are there, in any order.
    let mut both = camel;
    both["plan_code"] = json!("SNAKE");
    both["topup_amount"] = json!(100);
    both["balance_amount"] = json!(98);
    both["created_at"] = json!("2024-01-01T00:00:00Z");
    stage.replay.on("GET /v3/mobile/check-ref/both", Answer::ok(both));
    let order = stage.client.mobile().check_by_ref("both").await.expect("an order");
    assert_eq!(order.plan_code.as_deref(), Some("SNAKE"));
    assert_eq!((order.amount, order.charged), (Some(Dzd::whole(100)), Some(Dzd::whole(98))));
    assert_eq!(order.created_at, "2024-01-01T00:00:00Z".parse().ok());
}

#[tokio::test]
async fn row_14_mobile_status_paths() {
    let stage = stage().await;
    let (by_id, by_ref) = (format!("GET /v3/mobile/check-id/{ID}"), "GET /v3/mobile/check-ref/order-1");
    stage.replay.on(&by_id, Answer::no_such_path(&by_id)).on(by_ref, Answer::no_such_path(by_ref));
    for error in [
        stage.client.mobile().check_by_id(ID).await.expect_err("no such path"),
        stage.client.mobile().check_by_ref("order-1").await.expect_err("no such path"),
    ] {
        assert_eq!((error.kind(), error.is_enveloped()), (ErrorKind::EndpointNotFound, false));
        assert_eq!(error.retry_advice(), RetryAdvice::Never);
    }
    assert_eq!(stage.lines(), [by_id.as_str(), by_ref], "no other spelling is tried, none is repeated");
}

#[tokio::test]
async fn row_15_a_failed_order_is_not_sent_again() {
    let stage = stage().await;
    let order = stage.followed(&["FAILED"]).await.wait(FIVE_MINUTES).await.expect("the end");
    assert_eq!((order.state, stage.posts()), (OrderState::Refunded, 1));
    // The same reference stays the same order; only the caller makes a new one, with a new reference.
    let same = stage.client.mobile().send(topup("order-1")).await.expect("the same order");
    assert_eq!((same.state, stage.posts()), (OrderState::Refunded, 1));
    stage.client.mobile().send(topup("order-2")).await.expect("a new order");
    let refs: Vec<Value> =
        stage.replay.requests_of("POST").iter().map(|post| post.json()["ref"].clone()).collect();
    assert_eq!(refs, ["order-1", "order-2"]);
}
