//! Mobile top-ups: plans, charges, every documented way an order goes.

use serde_json::json;

use crate::support::Api;

async fn status(api: &Api, id: &str) -> String {
    let order = api.get(&format!("/v3/mobile/check-id/{id}")).await.data();
    order["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn plans_have_their_three_kinds() {
    let api = Api::start().await;
    let plans = api.get("/v3/mobile/plans").await.data();
    let dynamic = plans["dynamicPlans"].as_array().unwrap();
    let find = |code: &str| dynamic.iter().find(|plan| plan["code"] == code).unwrap();
    assert_eq!(find("PREPAID_DJEZZY")["cost"].to_string(), "0.9925");
    assert!(find("GROS_MOBILIS").get("cost").is_none());
    assert_eq!(find("INTERNATIONAL_OOREDOO")["isEnabled"], false);
    find("GETMENU_Mobilis");
    let fixed = plans["fixedPlans"].as_array().unwrap();
    assert!(fixed.iter().any(|plan| plan["code"] == "PIXX_500" && plan["amount"] == 500));
}

#[tokio::test]
async fn an_ordinary_order_goes_its_documented_way() {
    let api = Api::start().await;
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":"order-1"}"#;
    let sent = api.post("/v3/mobile/send", body).await.data();
    assert_eq!(sent["topupRef"], "order-1");
    assert_eq!(sent["newBalance"].to_string(), "99503.75");
    let id = sent["topupId"].as_str().unwrap();
    assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));

    let order = api.get("/v3/mobile/check-ref/order-1").await.data();
    let created_at = order["created_at"].clone();
    assert_eq!(
        order,
        json!({"_id": id, "ref": "order-1", "status": "PENDING", "plan_code": "PREPAID_DJEZZY",
               "MSSIDN": "0778037340", "topup_amount": 500, "balance_amount": 496.25, "created_at": created_at})
    );
    api.seconds(4);
    assert_eq!(status(&api, id).await, "PENDING");
    api.seconds(1);
    assert_eq!(status(&api, id).await, "HANDLING");
    api.seconds(14);
    assert_eq!(status(&api, id).await, "HANDLING");
    api.seconds(1);
    assert_eq!(status(&api, id).await, "FULFILLED");
    assert_eq!(api.balance(), "99503.75");
}

#[tokio::test]
async fn refunds_come_with_a_message_or_with_offers() {
    let api = Api::start().await;
    let wrong = api.buy("0600000001", "r-1").await;
    let mismatch = api.buy("0600000002", "r-2").await;
    assert_eq!(api.balance(), "99007.5");
    api.seconds(20);
    assert_eq!(api.balance(), "100000");
    let order = api.get(&format!("/v3/mobile/check-id/{wrong}")).await.data();
    assert_eq!(order["status"], "REFUNDED");
    assert_eq!(order["balance_amount"], 0);
    assert_eq!(order["refund_message"], "رقم الهاتف غير صحيح");
    assert!(order.get("suggested_offers").is_none());
    let order = api.get(&format!("/v3/mobile/check-id/{mismatch}")).await.data();
    assert_eq!(order["suggested_offers"][0]["plan_code"], "FACTURE_DJEZZY");
    assert!(order["refund_message"].is_string());
}

#[tokio::test]
async fn unknown_errors_settle_late_or_never() {
    let api = Api::start().await;
    let (done, back, lost) = (
        api.buy("0600000003", "u-3").await,
        api.buy("0600000004", "u-4").await,
        api.buy("0600000005", "u-5").await,
    );
    api.seconds(20);
    for id in [&done, &back, &lost] {
        let order = api.get(&format!("/v3/mobile/check-id/{id}")).await.data();
        assert_eq!(order["status"], "UNKNOWN_ERROR");
        assert_eq!(order["refund_message"], "العملية قيد المراجعة");
        assert_eq!(order["balance_amount"].to_string(), "496.25");
    }
    api.hours(12);
    assert_eq!(status(&api, &done).await, "FULFILLED");
    assert_eq!(status(&api, &back).await, "UNKNOWN_ERROR");
    api.hours(8);
    assert_eq!(status(&api, &back).await, "REFUNDED");
    assert_eq!(api.balance(), "99007.5");
    api.hours(24 * 365);
    assert_eq!(status(&api, &lost).await, "UNKNOWN_ERROR");
}

#[tokio::test]
async fn a_menu_costs_nothing_and_ends_with_offers() {
    let api = Api::start().await;
    for (number, body) in [
        r#"{"plan_code":"GETMENU_Djezzy","MSSIDN":"0776543210","ref":"m-1"}"#,
        r#"{"plan_code":"GETMENU_Djezzy","MSSIDN":"0776543210","amount":0,"ref":"m-2"}"#,
        r#"{"plan_code":"GETMENU_Mobilis","MSSIDN":"0661234567","amount":100,"ref":"m-3"}"#,
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(api.post("/v3/mobile/send", body).await.status, 200);
        api.seconds(20);
        let order = api.get(&format!("/v3/mobile/check-ref/m-{}", number + 1)).await.data();
        assert_eq!(order["status"], "REFUNDED");
        assert_eq!(order["balance_amount"], 0);
        assert_eq!(order["suggested_offers"].as_array().unwrap().len(), 2);
        assert!(order.get("refund_message").is_none());
    }
    assert_eq!(api.balance(), "100000");
    assert_eq!(api.get("/v3/account/transactions").await.data()["items"], json!([]));
}

#[tokio::test]
async fn charges_are_exact_for_every_kind_of_plan() {
    let api = Api::start().await;
    for (body, charge) in [
        (r#"{"plan_code":"PREPAID_OOREDOO","MSSIDN":"0554926570","amount":777,"ref":"c-1"}"#, "757.575"),
        (r#"{"plan_code":"GROS_MOBILIS","MSSIDN":"0661234567","amount":5000,"ref":"c-2"}"#, "5000"),
        (r#"{"plan_code":"MIX1000_DJEZZY","MSSIDN":"0776543210","ref":"c-3"}"#, "967.5"),
        (r#"{"plan_code":"MIX1000_DJEZZY","MSSIDN":"0776543210","amount":3,"ref":"c-4"}"#, "967.5"),
        (r#"{"plan_code":"PIXX_500","MSSIDN":"0776543210","amount":500.0,"ref":"c-5"}"#, "485"),
    ] {
        assert_eq!(api.post("/v3/mobile/send", body).await.status, 200, "{body}");
        assert_eq!(api.control.ledger().charges.last().unwrap().amount.to_string(), charge, "{body}");
    }
    assert_eq!(api.balance(), "91822.425");
}

#[tokio::test]
async fn a_reference_is_used_once() {
    let api = Api::start().await;
    let id = api.buy("0600000001", "once").await;
    api.seconds(60);
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":"once"}"#;
    assert_eq!(api.post("/v3/mobile/send", body).await.refusal(), (403, "DUPLICATED_REF".to_owned()));
    assert_eq!(api.get("/v3/mobile/check-ref/once").await.data()["_id"], id);
    // Another service may use the same reference.
    let body = r#"{"type":"ADSL","number":"036362608","value":1000,"ref":"once"}"#;
    assert_eq!(api.post("/v3/internet/send", body).await.status, 200);
}

#[tokio::test]
async fn references_survive_any_character() {
    let api = Api::start().await;
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":"a/b#c?d+é %"}"#;
    assert_eq!(api.post("/v3/mobile/send", body).await.data()["topupRef"], "a/b#c?d+é %");
    let order = api.get("/v3/mobile/check-ref/a%2Fb%23c%3Fd%2B%C3%A9%20%25").await.data();
    assert_eq!(order["ref"], "a/b#c?d+é %");
}

#[tokio::test]
async fn without_a_reference_there_is_none() {
    let api = Api::start().await;
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500}"#;
    let sent = api.post("/v3/mobile/send", body).await.data();
    assert!(sent["topupRef"].is_null());
    let id = sent["topupId"].as_str().unwrap();
    assert!(api.get(&format!("/v3/mobile/check-id/{id}")).await.data()["ref"].is_null());
}

#[tokio::test]
async fn missing_orders_are_enveloped_404s() {
    let api = Api::start().await;
    let reply = api.get("/v3/mobile/check-ref/order-12345").await;
    assert_eq!(reply.refusal(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(reply.json()["error"]["message"], "Top-up with reference 'order-12345' not found");
    for id in ["000000000000000000000000", "nonsense", "%FF"] {
        assert_eq!(
            api.get(&format!("/v3/mobile/check-id/{id}")).await.refusal(),
            (404, "NOT_FOUND".to_owned())
        );
    }
}

#[tokio::test]
async fn the_list_is_newest_first() {
    let api = Api::start().await;
    for number in 0..5 {
        api.buy("0778037340", &format!("l-{number}")).await;
        api.seconds(1);
    }
    let page = api.get("/v3/mobile/list?page=2&pageSize=2").await.data();
    let refs: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["ref"].clone()).collect();
    assert_eq!(refs, ["l-2", "l-1"]);
    assert_eq!(page["pagination"], json!({"page": 2, "pageSize": 2, "totalPages": 3, "totalResults": 5}));
}
