//! References: rows 16 to 19.

use oneclickdz::{InternetRequest, InternetType, MobileRequest, OrderState};
use oneclickdz_tests::replay::Answer;
use serde_json::json;

use crate::stage::*;

#[tokio::test]
async fn row_16_a_reference_is_always_sent() {
    let stage = stage().await;
    stage.replay.on("POST /v3/mobile/send", accepted()).on("POST /v3/internet/send", accepted());
    let mut sent = Vec::new();
    for _ in 0..2 {
        let request = MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(500);
        sent.push(stage.client.mobile().send(request).await.expect("an order").r#ref.clone());
        let request = InternetRequest::new(InternetType::Adsl, "036362608", 1000);
        sent.push(stage.client.internet().send(request).await.expect("an order").r#ref.clone());
    }
    let on_wire: Vec<String> = stage
        .replay
        .requests_of("POST")
        .iter()
        .map(|post| post.json()["ref"].as_str().expect("a reference").to_owned())
        .collect();
    assert_eq!(on_wire, sent, "the caller learns the reference that was made up");
    let distinct: std::collections::HashSet<&String> = sent.iter().collect();
    assert!(distinct.len() == 4 && sent.iter().all(|r#ref| r#ref.len() > 10), "{sent:?}");
}

#[tokio::test]
async fn row_17_the_returned_reference_may_be_null() {
    let returned = [(json!(null), None), (json!("auto-1"), Some("auto-1")), (json!(17), Some("17"))];
    for (word, kept) in returned {
        let stage = stage().await;
        stage.replay.on("POST /v3/mobile/send", Answer::ok(json!({"topupId": ID, "topupRef": word})));
        let order = stage.client.mobile().send(topup("order-1")).await.expect("an accepted order");
        assert_eq!((order.r#ref.as_str(), order.returned_ref.as_deref()), ("order-1", kept));
        assert_eq!(order.state, OrderState::Accepted);
    }
}

#[tokio::test]
async fn row_18_the_returned_reference_may_carry_a_prefix() {
    let stage = stage().await;
    let prefixed = "API-+213600000099-ref-124";
    stage.replay.on("POST /v3/mobile/send", Answer::ok(json!({"topupId": ID, "topupRef": prefixed})));
    let order = stage.client.mobile().send(topup("ref-124")).await.expect("an accepted order");
    assert_eq!((order.r#ref.as_str(), order.returned_ref.as_deref()), ("ref-124", Some(prefixed)));

    // After a lost answer: by the sent form first, then with the prefix, percent-encoded.
    let stage = self::stage().await;
    let (plain, with_prefix) =
        ("GET /v3/mobile/check-ref/ref-124", "GET /v3/mobile/check-ref/API-%2B213600000099-ref-124");
    stage.replay.on("POST /v3/mobile/send", Answer::hang_up());
    stage.replay.on(plain, code(404, "NOT_FOUND")).on(with_prefix, Answer::ok(topup_is("FULFILLED")));
    let order = stage.client.mobile().send(topup("ref-124")).await.expect("an order");
    assert_eq!(order.state, OrderState::Uncertain);
    let order = order.wait(FIVE_MINUTES).await.expect("the end");
    assert_eq!((order.state, order.returned_ref.as_deref()), (OrderState::Fulfilled, Some("order-1")));
    assert_eq!(stage.lines(), ["POST /v3/mobile/send", plain, with_prefix]);
}

#[tokio::test]
async fn row_19_the_id_is_preferred_for_looking_up() {
    let stage = stage().await;
    stage.replay.on("POST /v3/mobile/send", Answer::ok(json!({"topupId": ID, "topupRef": null})));
    stage.replay.on(&format!("GET /v3/mobile/check-id/{ID}"), Answer::ok(topup_is("FULFILLED")));
    let request = MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(500);
    let order = stage.client.mobile().send(request).await.expect("an accepted order");
    order.wait(FIVE_MINUTES).await.expect("the end");
    assert_eq!(stage.lines().last(), Some(&format!("GET /v3/mobile/check-id/{ID}")));
}
