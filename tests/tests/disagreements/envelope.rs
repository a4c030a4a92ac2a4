//! The envelope: rows 35 to 37.

use oneclickdz::{Dzd, ErrorKind, PaymentLinkRequest};
use oneclickdz_tests::replay::Answer;
use serde_json::json;

use crate::stage::*;

#[tokio::test]
async fn row_35_the_sentence_of_an_error_in_two_places() {
    let stage = stage().await;
    let bodies = [
        json!({"success": false, "error": {"code": "ERR_STOCK", "message": "Product out of stock"}}),
        json!({"success": false, "code": "ERR_STOCK", "message": "Product out of stock"}),
        json!({"success": false, "error": {"code": "ERR_STOCK"}, "message": "Product out of stock"}),
    ];
    for body in bodies {
        stage.replay.on("POST /v3/gift-cards/placeOrder", Answer::json(400, &body));
        let error = stage.client.gift_cards().order(cards()).await.expect_err("a refusal");
        assert_eq!((error.kind(), error.detail()), (ErrorKind::OutOfStock, "Product out of stock"), "{body}");
    }
    // Both at once: the inner one is nearer to the error.
    let both =
        json!({"success": false, "message": "outer", "error": {"code": "ERR_STOCK", "message": "inner"}});
    stage.replay.on("POST /v3/gift-cards/placeOrder", Answer::json(400, &both));
    assert_eq!(stage.client.gift_cards().order(cards()).await.expect_err("a refusal").detail(), "inner");
    // The root message alone, as payment links' own packages read it.
    stage.replay.on(
        "POST /v3/ocpay/createLink",
        Answer::json(400, &json!({"success": false, "message": "title too long"})),
    );
    let error =
        stage.client.payment_links().create(PaymentLinkRequest::new("Order 8", 500)).await.expect_err("no");
    assert_eq!((error.kind(), error.detail()), (ErrorKind::Validation, "title too long"));
}

#[tokio::test]
async fn row_36_the_request_id_in_three_places() {
    let failure = json!({"code": "NOT_FOUND", "message": "no"});
    let answers = [
        Answer::json(404, &json!({"success": false, "error": failure, "requestId": "req_1"})),
        Answer::json(404, &json!({"success": false, "error": failure, "meta": {"requestId": "req_1"}})),
        Answer::json(404, &json!({"success": false, "error": failure})).header("X-Request-Id", "req_1"),
        Answer::html(502, "<h1>Bad gateway</h1>").header("X-Request-Id", "req_1"),
    ];
    for answer in answers {
        let stage = stage_with(|builder| builder.read_retries(0)).await;
        let error = stage.balance_failed(answer).await;
        assert_eq!(error.request_id(), Some("req_1"), "{error:?}");
        assert!(error.to_string().contains("req_1"), "{error}");
    }
    // The body's own is nearer than a proxy's header.
    let stage = stage().await;
    let body = json!({"success": false, "error": failure, "requestId": "req_1"});
    assert_eq!(
        stage.balance_failed(Answer::json(404, &body).header("x-request-id", "proxy")).await.request_id(),
        Some("req_1")
    );
    // A send of unknown outcome keeps it with the order.
    let body = json!({"success": false, "error": {"code": "INTERNAL_SERVER_ERROR", "message": "no"}, "meta": {"requestId": "req_1"}});
    stage.replay.on("POST /v3/mobile/send", Answer::json(500, &body));
    let order = stage.client.mobile().send(topup("order-1")).await.expect("an uncertain order");
    assert_eq!(order.last_request_id.as_deref(), Some("req_1"));
}

#[tokio::test]
async fn row_37_the_request_id_and_meta_are_optional() {
    let stage = stage().await;
    let bodies = [
        json!({"success": true, "data": {"balance": 5}}),
        json!({"success": true, "data": {"balance": 5}, "requestId": null, "meta": null}),
        json!({"success": true, "data": {"balance": 5}, "requestId": "req_1", "meta": {"timestamp": "2025-10-29T01:00:00Z"}}),
        json!({"success": true, "data": {"balance": 5}, "requestId": 7, "meta": []}),
    ];
    for body in bodies {
        stage.replay.on("GET /v3/account/balance", Answer::json(200, &body));
        assert_eq!(
            stage.client.account().balance().await.expect("a balance").amount,
            Dzd::whole(5),
            "{body}"
        );
    }
}
