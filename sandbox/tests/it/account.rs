//! Health, keys, balance, transactions.

use oneclickdz_sandbox::Operation;
use serde_json::json;

use crate::support::Api;

#[tokio::test]
async fn ping_needs_no_key_and_everything_else_does() {
    let api = Api::start().await;
    let reply = api.call("GET", "/v3/ping", &[], "").await;
    assert_eq!(reply.data()["operators"]["mobilisFixedPlans"], "up");
    assert!(reply.json()["meta"]["timestamp"].is_string());

    for path in ["/v3/validate", "/v3/account/balance", "/v3/mobile/list", "/v3/gift-cards/catalog"] {
        let reply = api.call("GET", path, &[], "").await;
        assert_eq!(reply.refusal(), (401, "MISSING_ACCESS_TOKEN".to_owned()));
        assert!(reply.json()["requestId"].as_str().unwrap().starts_with("req_"));
    }
}

#[tokio::test]
async fn validate_tells_the_environment_and_has_no_meta() {
    let api = Api::start().await;
    let body = api.get("/v3/validate").await.json();
    assert_eq!(
        body,
        json!({"success": true, "data": {"username": "+213665983439", "apiKey": {
            "key": "sandbox-key", "isEnabled": true, "type": "SANDBOX", "allowedips": [], "scope": "READ-WRITE"}}})
    );
    let production = api.get_as("production-key", "/v3/validate").await.data();
    assert_eq!(production["username"], "+213550000001");
    assert_eq!(production["apiKey"]["type"], "PRODUCTION");
    assert_eq!(api.get_as("read-only-key", "/v3/validate").await.data()["apiKey"]["scope"], "READ-ONLY");
    assert_eq!(api.get_as("blocked-key", "/v3/validate").await.refusal(), (403, "IP_BLOCKED".to_owned()));
}

#[tokio::test]
async fn bad_keys_count_down_to_a_lockout_of_fifteen_minutes() {
    let api = Api::start().await;
    for left in [4, 3, 2, 1, 0] {
        let reply = api.get_as("wrong", "/v3/account/balance").await;
        assert_eq!(reply.refusal(), (401, "INVALID_ACCESS_TOKEN".to_owned()));
        assert_eq!(reply.details()["attemptsLeft"], left);
    }
    // The address is locked out, good keys included; health is not.
    assert_eq!(api.get("/v3/account/balance").await.refusal(), (403, "IP_BLOCKED".to_owned()));
    assert_eq!(api.get("/v3/ping").await.status, 200);
    api.seconds(15 * 60 - 1);
    assert_eq!(api.get("/v3/account/balance").await.status, 403);
    api.seconds(1);
    assert_eq!(api.get("/v3/account/balance").await.status, 200);
    assert_eq!(api.get_as("wrong", "/v3/account/balance").await.details()["attemptsLeft"], 4);
}

#[tokio::test]
async fn a_read_only_key_reads_and_does_not_write() {
    let api = Api::start().await;
    assert_eq!(api.get_as("read-only-key", "/v3/account/balance").await.data()["balance"], 100_000);
    for path in ["/v3/mobile/send", "/v3/internet/send", "/v3/gift-cards/placeOrder", "/v3/ocpay/createLink"]
    {
        let reply = api.post_as("read-only-key", path, "{}").await;
        assert_eq!(reply.refusal(), (403, "FORBIDDEN".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn transactions_are_newest_first_paged_and_filtered() {
    let api = Api::start().await;
    let refunded = api.buy("0600000001", "t-1").await;
    api.seconds(60);
    let kept = api.buy("0778037340", "t-2").await;

    let page = api.get("/v3/account/transactions?page=1&pageSize=2").await.data();
    assert_eq!(page["pagination"], json!({"page": 1, "pageSize": 2, "totalPages": 2, "totalResults": 3}));
    let items = page["items"].as_array().unwrap();
    assert_eq!(items[0]["objid"], kept);
    assert_eq!((&items[0]["type"], &items[0]["operation"]), (&json!("FLEXY"), &json!("DECREMENT")));
    assert_eq!((&items[1]["type"], &items[1]["operation"]), (&json!("REFUND-FLEXY"), &json!("INCREMENT")));
    assert_eq!(items[1]["objid"], refunded);
    assert_eq!(items[1]["amount"].to_string(), "496.25");
    assert_eq!(
        (items[1]["oldBalance"].to_string(), items[1]["newBalance"].to_string()),
        ("99503.75".into(), "100000".into())
    );

    let last = api.get("/v3/account/transactions?page=2&pageSize=2").await.data();
    assert_eq!(last["items"].as_array().unwrap().len(), 1);
    let beyond = api.get("/v3/account/transactions?page=9").await.data();
    assert_eq!(beyond["items"], json!([]));

    // The refund carries the instant it was due, not the instant somebody looked.
    let refund_time = items[1]["time"].as_str().unwrap();
    let only = api.get(&format!("/v3/account/transactions?from={refund_time}&to={refund_time}")).await.data();
    assert_eq!(only["pagination"]["totalResults"], 1);
    assert_eq!(only["items"][0]["type"], "REFUND-FLEXY");
}

#[tokio::test]
async fn environments_share_nothing() {
    let api = Api::start().await;
    let id = api.buy("0778037340", "same-ref").await;
    let body = r#"{"plan_code":"PREPAID_DJEZZY","MSSIDN":"0778037340","amount":500,"ref":"same-ref"}"#;
    assert_eq!(api.post_as("production-key", "/v3/mobile/send", body).await.status, 200);
    let foreign = api.get_as("production-key", &format!("/v3/mobile/check-id/{id}")).await;
    assert_eq!(foreign.refusal(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(
        api.get_as("production-key", "/v3/account/balance").await.data()["balance"].to_string(),
        "99503.75"
    );
    assert_eq!(api.get("/v3/mobile/list").await.data()["pagination"]["totalResults"], 1);
}

#[tokio::test]
async fn unknown_paths_and_methods_get_the_router_answer() {
    let api = Api::start().await;
    let reply = api.get("/v3/mobile/check/6901616fe9e88196b4eb64b0").await;
    assert_eq!(reply.status, 404);
    assert_eq!(
        reply.json(),
        json!({"message": "Route GET:/v3/mobile/check/6901616fe9e88196b4eb64b0 not found",
               "error": "Not Found", "statusCode": 404})
    );
    assert_eq!(api.post("/v3/account/balance", "{}").await.json()["statusCode"], 404);
    assert_eq!(Operation::ALL.len(), 22);
}
