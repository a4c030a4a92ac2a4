//! How errors are told: rows 3 to 9.

use oneclickdz::{Dzd, ErrorKind, OrderState, Outcome, RetryAdvice};
use oneclickdz_tests::replay::Answer;
use serde_json::json;

use crate::stage::*;

#[tokio::test]
async fn row_03_two_codes_for_a_low_balance() {
    let stage = stage().await;
    for word in ["NO_BALANCE", "INSUFFICIENT_BALANCE"] {
        let body = json!({"success": false, "error": {"code": word, "message": "Insufficient balance",
                          "details": {"required": 980, "available": 826.13}}});
        let errors = [
            stage.mobile_refused(Answer::json(403, &body)).await,
            stage.internet_refused(Answer::json(403, &body)).await,
        ];
        for error in errors {
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::InsufficientBalance, Outcome::Refused));
            assert_eq!((error.retry_advice(), error.wire_code()), (RetryAdvice::Never, Some(word)));
            assert_eq!(error.required(), Some(Dzd::whole(980)));
            assert_eq!(error.available().map(|left| left.to_string()).as_deref(), Some("826.13"));
        }
    }
}

#[tokio::test]
async fn row_04_code_first_then_status_then_known_words() {
    let stage = stage().await;
    // The code decides, whatever the text and the status say.
    let body = json!({"success": false, "error": {"code": "ERR_STOCK", "message": "err_phone: insufficient_balance"}});
    assert_eq!(stage.mobile_refused(Answer::json(403, &body)).await.kind(), ErrorKind::OutOfStock);
    // Then a status that means one thing.
    assert_eq!(stage.balance_failed(sentence(404, "err_phone")).await.kind(), ErrorKind::NotFound);
    // Then the words that two pages look for in the lower-cased text.
    let words = [
        ("insufficient_balance", 403, ErrorKind::InsufficientBalance),
        ("Error: ERR_PHONE (0778037340)", 400, ErrorKind::InvalidNumber),
        ("err_stock for this value", 400, ErrorKind::OutOfStock),
        ("no_balance", 400, ErrorKind::InsufficientBalance),
    ];
    for (text, status, kind) in words {
        let error = stage.internet_refused(sentence(status, text)).await;
        assert_eq!(
            (error.kind(), error.outcome(), error.wire_code()),
            (kind, Outcome::Refused, None),
            "{text}"
        );
        assert_eq!(error.detail(), text, "the service's own sentence is kept");
    }
    // A reference in use is found in the text as well, and looked up.
    stage.replay.on("POST /v3/internet/send", sentence(403, "duplicated_ref"));
    let taken = json!({"_id": ID, "status": "HANDLING", "number": "036362608", "topup_amount": 1000});
    stage.replay.on("GET /v3/internet/check-ref/order-1", Answer::ok(taken));
    let order = stage.client.internet().send(adsl("order-1")).await.expect("the order of this reference");
    assert_eq!((order.state, order.id.as_deref()), (OrderState::Accepted, Some(ID)));
}

#[tokio::test]
async fn row_05_hyphens_in_codes() {
    for word in ["DUPLICATED_REF", "DUPLICATED-REF", "duplicated-ref"] {
        let stage = stage().await;
        stage.replay.on("POST /v3/mobile/send", code(403, word));
        stage.replay.on("GET /v3/mobile/check-ref/order-1", Answer::ok(topup_is("HANDLING")));
        let order = stage.client.mobile().send(topup("order-1")).await.expect("the order of this reference");
        assert_eq!((order.state, order.id.as_deref()), (OrderState::Accepted, Some(ID)), "{word}");
        assert_eq!(stage.lines(), ["POST /v3/mobile/send", "GET /v3/mobile/check-ref/order-1"]);

        let error = stage.balance_failed(code(403, word)).await;
        assert_eq!((error.kind(), error.wire_code()), (ErrorKind::DuplicatedRef, Some(word)));
    }
}

#[tokio::test]
async fn row_06_two_codes_for_a_bad_number() {
    let stage = stage().await;
    for word in ["ERR_PHONE", "INVALID_PHONE"] {
        for error in
            [stage.mobile_refused(code(400, word)).await, stage.internet_refused(code(400, word)).await]
        {
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidNumber, Outcome::Refused));
            assert_eq!((error.field(), error.wire_code()), (Some("number"), Some(word)));
        }
    }
}

#[tokio::test]
async fn row_07_two_codes_for_a_bad_key() {
    for word in ["INVALID_ACCESS_TOKEN", "ERR_AUTH"] {
        for status in [401, 403] {
            let stage = stage().await;
            let error = stage.balance_failed(code(status, word)).await;
            assert_eq!(
                (error.kind(), error.wire_code()),
                (ErrorKind::Authentication, Some(word)),
                "{status}"
            );
            assert_eq!(error.retry_advice(), RetryAdvice::Never);
        }
    }
}

#[tokio::test]
async fn row_08_a_missing_key_is_told_by_its_code() {
    for status in [401, 400] {
        let stage = stage().await;
        let error = stage.balance_failed(code(status, "MISSING_ACCESS_TOKEN")).await;
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Authentication, Some(status)));
    }
}

#[tokio::test]
async fn row_09_the_first_401_stops_all_calls() {
    let stage = stage().await;
    let refused = json!({"success": false, "requestId": "req_1", "error": {
        "code": "INVALID_ACCESS_TOKEN", "message": "The provided access token is invalid", "details": {"attemptsLeft": 4}}});
    stage.replay.on("GET /v3/*", Answer::json(401, &refused)).on("POST /v3/*", Answer::json(401, &refused));
    // Many at once cost one attempt, whatever they call.
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..64 {
        let client = stage.client.clone();
        calls.spawn(async move {
            match number % 3 {
                0 => client.account().balance().await.map(drop),
                1 => client.mobile().send(topup(&format!("order-{number}"))).await.map(drop),
                _ => client.gift_cards().order(cards()).await.map(drop),
            }
        });
    }
    for result in calls.join_all().await {
        let error = result.expect_err("a refusal");
        assert_eq!((error.kind(), error.attempts_left()), (ErrorKind::Authentication, Some(4)));
        assert_ne!(error.outcome(), Outcome::Unknown);
    }
    assert_eq!(stage.replay.requests().len(), 1, "{:?}", stage.replay.lines());
    // Health needs no key and goes on; another key begins anew.
    stage.replay.on("GET /v3/ping", Answer::ok(json!({"api": "ok"})));
    assert!(stage.client.ping().await.expect("health").is_ok);
    stage.replay.on("GET /v3/account/balance", Answer::ok(json!({"balance": 1})));
    stage.client.account().balance().await.expect_err("still the refused key");
    stage.client.set_api_key("another-key").expect("a key");
    stage.client.account().balance().await.expect("a balance");
    let last = stage.replay.requests().pop().expect("a request");
    assert_eq!(last.header("x-access-token"), Some("another-key"));
}
