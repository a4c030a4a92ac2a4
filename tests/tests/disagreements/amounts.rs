//! Amounts: rows 20 to 24.

use oneclickdz::{Dzd, ErrorKind, MobileRequest, Outcome};
use oneclickdz_tests::replay::Answer;
use serde_json::{Value, json};

use crate::stage::*;

#[tokio::test]
async fn row_20_the_new_balance_is_optional() {
    for (balance, kept) in
        [(json!(826.13), Some("826.13")), (json!("826.13"), Some("826.13")), (json!(null), None)]
    {
        let stage = stage().await;
        stage.replay.on("POST /v3/mobile/send", Answer::ok(json!({"topupId": ID, "newBalance": balance})));
        let order = stage.client.mobile().send(topup("order-1")).await.expect("an accepted order");
        assert_eq!(order.new_balance.map(|left| left.to_string()).as_deref(), kept);
    }
    let stage = stage().await;
    stage.replay.on("POST /v3/mobile/send", Answer::ok(json!({"topupId": ID})));
    assert_eq!(stage.client.mobile().send(topup("order-1")).await.expect("an order").new_balance, None);
}

#[tokio::test]
async fn row_21_amounts_leave_as_integers_and_come_as_decimals() {
    let stage = stage().await;
    stage.replay.on("POST /v3/mobile/send", accepted()).on("POST /v3/internet/send", accepted());
    let amount: Dzd = "500.00".parse().expect("an amount");
    let request = MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(amount).r#ref("order-1");
    stage.client.mobile().send(request).await.expect("an order");
    stage.client.internet().send(adsl("order-2")).await.expect("an order");
    let bodies: Vec<String> = stage.replay.requests_of("POST").iter().map(|post| post.text()).collect();
    assert!(bodies[0].contains(r#""amount":500,"#) && bodies[1].contains(r#""value":1000,"#), "{bodies:?}");

    let half: Dzd = "500.5".parse().expect("an amount");
    let request = MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(half);
    let error = stage.client.mobile().send(request).await.expect_err("not a whole amount");
    assert_eq!(
        (error.kind(), error.field(), error.outcome()),
        (ErrorKind::Validation, Some("amount"), Outcome::NotSent)
    );
    assert_eq!(stage.posts(), 2);

    let body = r#"{"success": true, "data": {"status": "FULFILLED", "topup_amount": 500.50, "balance_amount": 496.25}}"#;
    stage.replay.on(&format!("GET /v3/mobile/check-id/{ID}"), Answer::json_text(200, body));
    let topup = stage.client.mobile().check_by_id(ID).await.expect("an order");
    assert_eq!(topup.amount.map(|amount| amount.to_string()).as_deref(), Some("500.5"));
    assert_eq!(topup.charged.map(|amount| amount.to_string()).as_deref(), Some("496.25"));
}

#[tokio::test]
async fn row_22_the_amount_of_a_fixed_plan() {
    for (sends, wanted) in [(true, json!(500)), (false, Value::Null)] {
        let stage = stage_with(|builder| builder.sends_fixed_amount(sends)).await;
        stage.replay.on("POST /v3/mobile/send", accepted());
        stage.client.mobile().send(MobileRequest::new("PIXX_500", "0556121212")).await.expect("an order");
        let body = stage.replay.requests_of("POST")[0].json();
        assert_eq!(body.get("amount").cloned().unwrap_or_default(), wanted, "{body}");
    }
    // Another amount than the plan's own is a mistake.
    let stage = stage().await;
    let request = MobileRequest::new("PIXX_500", "0556121212").amount(600);
    let error = stage.client.mobile().send(request).await.expect_err("another amount");
    assert_eq!((error.field(), error.outcome(), stage.posts()), (Some("amount"), Outcome::NotSent, 0));
}

#[tokio::test]
async fn row_23_two_shapes_of_validation_details() {
    let stage = stage().await;
    let details = [
        json!({"amount": "Amount must be between 100 and 10000 for this plan"}),
        json!({"field": "amount", "value": 50}),
        json!({"value": 50, "field": "amount"}),
    ];
    for details in details {
        let body = json!({"success": false, "error": {"code": "ERR_VALIDATION", "message": "Validation error", "details": details}});
        let error = stage.mobile_refused(Answer::json(400, &body)).await;
        assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("amount")), "{details}");
        assert_eq!(error.outcome(), Outcome::Refused);
    }
    // A field may have the name of a part of the other shape; its text is told.
    let details = json!({"value": "There is no card of this value"});
    let body = json!({"success": false, "error": {"code": "ERR_VALIDATION", "message": "Validation error", "details": details}});
    let error = stage.mobile_refused(Answer::json(400, &body)).await;
    assert_eq!((error.field(), error.detail()), (Some("value"), "Validation error"));
    assert!(error.to_string().contains("There is no card of this value"), "{error}");
    // Details of no known shape do no harm.
    for details in [json!([1]), json!("amount"), json!(null), json!({})] {
        let body = json!({"success": false, "error": {"code": "ERR_VALIDATION", "message": "no", "details": details}});
        assert_eq!(stage.mobile_refused(Answer::json(400, &body)).await.kind(), ErrorKind::Validation);
    }
}

#[tokio::test]
async fn row_24_limits_are_read_live() {
    for (least, most) in [(50, 5000), (100, 10_000)] {
        let stage = stage().await;
        stage.replay.on("GET /v3/mobile/plans", plans(least, most)).on("POST /v3/mobile/send", accepted());
        let ask = |amount: u32| {
            stage.client.mobile().send(MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(amount))
        };
        for amount in [least, most] {
            ask(amount).await.expect("within the limits");
        }
        for amount in [least - 1, most + 1] {
            let error = ask(amount).await.expect_err("outside the limits");
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Validation, Outcome::NotSent));
            assert_eq!(error.field(), Some("amount"));
            let told = error.detail();
            assert!(told.contains(&least.to_string()) && told.contains(&most.to_string()), "{told}");
        }
        assert_eq!(stage.posts(), 2);
    }
}
