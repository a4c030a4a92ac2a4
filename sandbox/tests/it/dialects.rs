//! Each switch of the dialect, beside its default. Numbers in names are the rows of PROTOCOL §18.

use oneclickdz_sandbox::*;
use serde_json::{Value, json};

use crate::support::Api;

const PSN: &str = "507f1f77bcf86cd799439011";

fn dialect(json: Value) -> Dialect {
    serde_json::from_value(json).unwrap()
}

async fn speaking(json: Value) -> Api {
    Api::speaking(dialect(json)).await
}

#[test]
fn defaults_are_the_reference_and_unknown_switches_are_refused() {
    assert_eq!(dialect(json!({})), Dialect::default());
    assert!(serde_json::from_value::<Dialect>(json!({"mobile_key": "camel"})).is_err());
    assert!(serde_json::from_value::<Dialect>(json!({"missing_token_status": 402})).is_err());
    let text = serde_json::to_value(Dialect::default()).unwrap();
    assert_eq!(dialect(text), Dialect::default());
}

#[tokio::test]
async fn rows_12_and_13_camel_case_orders_with_other_words() {
    let api = speaking(json!({"mobile_keys": "camel", "mobile_words": "success_failed"})).await;
    api.buy("0778037340", "ok").await;
    api.buy("0600000001", "no").await;
    let order = api.get("/v3/mobile/check-ref/ok").await.data();
    assert_eq!(order["status"], "PENDING");
    api.seconds(10);
    let order = api.get("/v3/mobile/check-ref/ok").await.data();
    assert_eq!(order["status"], "PENDING");
    api.seconds(10);
    let order = api.get("/v3/mobile/check-ref/ok").await.data();
    assert_eq!(order["status"], "SUCCESS");
    assert_eq!((&order["planCode"], &order["operator"]), (&json!("PREPAID_DJEZZY"), &json!("Djezzy")));
    assert_eq!((&order["amount"], order["cost"].to_string()), (&json!(500), "496.25".to_owned()));
    assert!(order["planName"].is_string() && order["createdAt"] != order["updatedAt"]);
    assert!(order.get("plan_code").is_none() && order.get("topup_amount").is_none());
    let order = api.get("/v3/mobile/check-ref/no").await.data();
    assert_eq!((&order["status"], &order["cost"]), (&json!("FAILED"), &json!(0)));
}

#[tokio::test]
async fn row_25_products_as_a_bare_array() {
    let api = speaking(json!({"internet_products": "bare_array"})).await;
    for path in ["/v3/internet/products", "/v3/internet/products?type=4G"] {
        assert_eq!(api.get(path).await.data()[0], json!({"value": 500, "cost": 490, "available": true}));
    }
}

#[tokio::test]
async fn rows_26_and_27_internet_words() {
    let api = speaking(json!({"internet_list_key": "topups", "four_g_word": "4G"})).await;
    let list = api.get("/v3/internet/list").await.data();
    assert!(list["topups"].is_array() && list.get("items").is_none());
    let line = api.get("/v3/internet/check-number?type=4G&number=213472731602").await.data();
    assert_eq!(line["type"], "4G");
}

#[tokio::test]
async fn rows_1_and_2_gift_card_paths() {
    for (spelling, camel, kebab) in [("camel", true, false), ("kebab", false, true), ("both", true, true)] {
        let api = speaking(json!({"gift_path": spelling, "product_path": spelling})).await;
        for (word, exists) in [
            ("checkOrder/0", camel),
            ("check-order/0", kebab),
            ("checkProduct/0", camel),
            ("check-product/0", kebab),
        ] {
            let body = api.get(&format!("/v3/gift-cards/{word}")).await.json();
            // An enveloped 404 when the path exists, the router's when it does not.
            assert_eq!(body.get("success").is_some(), exists, "{spelling} {word}");
            assert_eq!(body.get("statusCode").is_some(), !exists);
        }
        assert_eq!(api.control.requests("gift_cards.check_order"), 2);
    }
}

#[tokio::test]
async fn row_3_balance_codes() {
    for (word, mobile, internet) in [
        ("documented", "NO_BALANCE", "INSUFFICIENT_BALANCE"),
        ("no_balance", "NO_BALANCE", "NO_BALANCE"),
        ("insufficient_balance", "INSUFFICIENT_BALANCE", "INSUFFICIENT_BALANCE"),
    ] {
        let api = speaking(json!({"balance_code": word})).await;
        api.set_balance("1");
        let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500}"#;
        assert_eq!(api.post("/v3/mobile/send", body).await.code(), mobile);
        let body = r#"{"type":"ADSL","number":"036362608","value":1000}"#;
        assert_eq!(api.post("/v3/internet/send", body).await.code(), internet);
    }
}

#[tokio::test]
async fn rows_5_to_8_error_codes() {
    let api = speaking(
        json!({"phone_code": "invalid_phone", "auth_code": "err_auth", "missing_token_status": 400}),
    )
    .await;
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"12","amount":500}"#;
    assert_eq!(api.post("/v3/mobile/send", body).await.refusal(), (400, "INVALID_PHONE".to_owned()));
    assert_eq!(api.get_as("bad", "/v3/validate").await.refusal(), (401, "ERR_AUTH".to_owned()));
    let missing = api.call("GET", "/v3/validate", &[], "").await;
    assert_eq!(missing.refusal(), (400, "MISSING_ACCESS_TOKEN".to_owned()));
    let api = speaking(json!({"code_spelling": "hyphen"})).await;
    assert_eq!(api.get("/v3/mobile/check-id/x").await.code(), "NOT-FOUND");
}

#[tokio::test]
async fn row_18_prefixed_references() {
    let prefixed = "API-+213665983439-order-1";
    let api = speaking(json!({"topup_ref": "prefixed"})).await;
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":"order-1"}"#;
    assert_eq!(api.post("/v3/mobile/send", body).await.data()["topupRef"], prefixed);
    for path in ["/v3/mobile/check-ref/order-1", "/v3/mobile/check-ref/API-%2B213665983439-order-1"] {
        assert_eq!(api.get(path).await.data()["ref"], prefixed);
    }
    assert_eq!(api.get("/v3/mobile/list").await.data()["items"][0]["ref"], prefixed);
    assert_eq!(api.post("/v3/mobile/send", body).await.code(), "DUPLICATED_REF");
    let again = body.replace("order-1", prefixed);
    assert_eq!(api.post("/v3/mobile/send", &again).await.code(), "DUPLICATED_REF");

    api.control.set_dialect(dialect(json!({"topup_ref": "prefixed", "check_ref": "prefixed_only"})));
    assert_eq!(api.get("/v3/mobile/check-ref/order-1").await.refusal(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(api.get("/v3/mobile/check-ref/API-%2B213665983439-order-1").await.status, 200);
    // Other account, other prefix.
    assert_eq!(api.get("/v3/mobile/check-ref/API-%2B213550000001-order-1").await.status, 404);
    // The echoing dialect knows the plain form alone.
    api.control.set_dialect(Dialect::default());
    assert_eq!(api.get("/v3/mobile/check-ref/API-%2B213665983439-order-1").await.status, 404);
}

#[tokio::test]
async fn row_17_generated_references() {
    for topup_ref in ["echo", "prefixed"] {
        let api = speaking(json!({"missing_ref": "generated_without_ref", "topup_ref": topup_ref, "check_ref": "prefixed_only"})).await;
        let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500}"#;
        let sent = api.post("/v3/mobile/send", body).await.data();
        let reference = sent["topupRef"].as_str().unwrap();
        assert!(reference.starts_with("API-+213665983439-"));
        let found = api.get(&format!("/v3/mobile/check-ref/{}", reference.replace('+', "%2B"))).await.data();
        assert_eq!((&found["_id"], &found["ref"]), (&sent["topupId"], &sent["topupRef"]));
    }
}

#[tokio::test]
async fn rows_20_and_22_mobile_send() {
    let api = speaking(json!({"new_balance": "absent", "fixed_amount": "required"})).await;
    let body = r#"{"plan_code":"PIXX_500","MSSIDN":"0778037340","ref":"p-1"}"#;
    let reply = api.post("/v3/mobile/send", body).await;
    assert_eq!(reply.refusal(), (400, "ERR_VALIDATION".to_owned()));
    assert_eq!(reply.details(), json!({"amount": "Amount is required for this plan"}));
    let body = r#"{"plan_code":"PIXX_500","MSSIDN":"0778037340","amount":500,"ref":"p-1"}"#;
    assert!(api.post("/v3/mobile/send", body).await.data().get("newBalance").is_none());
}

#[tokio::test]
async fn row_23_validation_details() {
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0776543210","amount":50}"#;
    let api = Api::start().await;
    let text = json!({"amount": "Amount must be between 100 and 10000 for this plan"});
    assert_eq!(api.post("/v3/mobile/send", body).await.details(), text);
    api.control.set_dialect(dialect(json!({"validation_details": "field_value"})));
    assert_eq!(api.post("/v3/mobile/send", body).await.details(), json!({"field": "amount", "value": 50}));
    assert_eq!(api.get("/v3/mobile/list?page=x").await.details(), json!({"field": "page", "value": "x"}));
}

#[tokio::test]
async fn rows_28_to_31_gift_cards() {
    let api = speaking(json!({"catalog_label": "name", "catalog_totals": "meta", "product_ids": "underscore_id", "order_ref": "present"})).await;
    let body = api.get("/v3/gift-cards/catalog").await.json();
    assert_eq!(body["data"]["categories"][0]["name"], "PSN");
    assert!(body["meta"]["totalProducts"].is_u64() && body.get("totalProducts").is_none());
    let product = api.get(&format!("/v3/gift-cards/checkProduct/{PSN}")).await.data();
    assert_eq!((&product["_id"], &product["types"][2]["_id"]), (&json!(PSN), &json!("type_003")));
    assert_eq!(product["types"][2]["available"], false);
    let body = format!(r#"{{"productId":"{PSN}","typeId":"type_001","quantity":1,"ref":"g-1"}}"#);
    assert_eq!(api.post("/v3/gift-cards/placeOrder", &body).await.data()["orderRef"], "g-1");
    api.control.set_dialect(dialect(json!({"catalog_totals": "absent"})));
    let body = api.get("/v3/gift-cards/catalog").await.json();
    assert!(body.get("totalProducts").is_none() && body["meta"].get("totalProducts").is_none());
}

#[tokio::test]
async fn row_36_request_ids_in_three_places_or_none() {
    let api = Api::start().await;
    for place in ["root", "meta", "header", "absent"] {
        api.control.set_dialect(dialect(json!({"request_id": place})));
        for path in ["/v3/account/balance", "/v3/mobile/check-id/x"] {
            let reply = api.get(path).await;
            let body = reply.json();
            assert_eq!(body.get("requestId").is_some(), place == "root", "{path}");
            assert_eq!(body["meta"].get("requestId").is_some(), place == "meta");
            assert_eq!(reply.header("x-request-id").is_some(), place == "header");
        }
    }
}

#[tokio::test]
async fn rows_38_to_40_payment_links() {
    let api =
        speaking(json!({"link_object": "vendor", "payment_details": "vendor", "expired_link": "gone"})).await;
    let body = r#"{"productInfo":{"title":"T","amount":500}}"#;
    let data = api.post("/v3/ocpay/createLink", body).await.data();
    let reference = data["paymentRef"].as_str().unwrap();
    let link = &data["paymentLink"];
    assert_eq!((&link["paymentRef"], &link["paymentUrl"]), (&data["paymentRef"], &data["paymentUrl"]));
    assert!(link["createdAt"].is_string() && link.get("uid").is_none());
    api.control.settle_payment(reference, true).unwrap();
    let details =
        api.get(&format!("/v3/ocpay/checkPayment/{reference}")).await.data()["transactionDetails"].clone();
    assert_eq!((&details["netAmount"], &details["fee"]), (&json!(500), &json!(0)));
    assert!(details["completedAt"].is_string() && details["transactionRef"].is_string());
    let late = api.post("/v3/ocpay/createLink", body).await.data()["paymentRef"].clone();
    api.seconds(1_200);
    let path = format!("/v3/ocpay/checkPayment/{}", late.as_str().unwrap());
    assert_eq!(api.get(&path).await.refusal(), (410, "LINK_EXPIRED".to_owned()));
}

#[tokio::test]
async fn rows_35_and_43_error_text_and_currency() {
    let api = speaking(json!({"error_text": "root", "balance_currency": "present"})).await;
    let body = api.get("/v3/mobile/check-id/x").await.json();
    assert_eq!(
        (&body["message"], &body["error"]),
        (&json!("Top-up not found"), &json!({"code": "NOT_FOUND"}))
    );
    assert_eq!(api.get("/v3/account/balance").await.data(), json!({"balance": 100_000, "currency": "DZD"}));
}
