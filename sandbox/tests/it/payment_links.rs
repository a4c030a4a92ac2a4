//! Payment links: created, paid, refused, expired.

use oneclickdz_sandbox::{Environment, Options};
use serde_json::json;

use crate::support::Api;

const BODY: &str = r#"{"productInfo":{"title":"Premium","description":"Monthly","amount":5000},
    "feeMode":"SPLIT_FEE","successMessage":"Thanks","redirectUrl":"https://shop.dz/ok?order=1#top"}"#;

async fn create(api: &Api, body: &str) -> String {
    api.post("/v3/ocpay/createLink", body).await.data()["paymentRef"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_echoes_what_was_asked() {
    let api = Api::start().await;
    let reply = api.post("/v3/ocpay/createLink", BODY).await;
    let data = reply.data();
    let reference = data["paymentRef"].as_str().unwrap();
    let shape: Vec<usize> = reference.split('-').map(str::len).collect();
    assert_eq!((shape, &reference[..5]), (vec![4, 6, 4], "OCPL-"));
    assert_eq!(data["paymentUrl"], format!("https://pay.ocdz.link/pay/{reference}"));
    let link = &data["paymentLink"];
    assert_eq!((&link["ref"], &link["isSandbox"]), (&json!(reference), &json!(true)));
    assert_eq!(link["productInfo"], json!({"title": "Premium", "description": "Monthly", "amount": 5000}));
    assert_eq!(
        (&link["feeMode"], &link["redirectUrl"]),
        (&json!("SPLIT_FEE"), &json!("https://shop.dz/ok?order=1#top"))
    );
    assert!(reply.json()["meta"]["requestId"].is_string());
    assert!(reply.json().get("requestId").is_none());

    let pending = api.get(&format!("/v3/ocpay/checkPayment/{reference}")).await.data();
    assert_eq!(
        pending,
        json!({"status": "PENDING", "message": "Payment not yet initiated", "paymentRef": reference})
    );
    let minimal =
        api.post("/v3/ocpay/createLink", r#"{"productInfo":{"title":"T","amount":500}}"#).await.data();
    assert_eq!(minimal["paymentLink"]["feeMode"], "NO_FEE");
}

#[tokio::test]
async fn a_confirmed_payment_credits_the_account() {
    let api = Api::start().await;
    let reference = create(&api, BODY).await;
    api.control.settle_payment(&reference, true).unwrap();
    let data = api.get(&format!("/v3/ocpay/checkPayment/{reference}")).await.data();
    assert_eq!(data["status"], "CONFIRMED");
    assert_eq!(data["transactionDetails"]["amount"], 5_000);
    assert_eq!(data["transactionDetails"]["isSandbox"], true);
    assert_eq!(api.balance(), "105000");
    let transactions = api.get("/v3/account/transactions").await.data();
    assert_eq!(
        (&transactions["items"][0]["type"], &transactions["items"][0]["note"]),
        (&json!("DEPOSIT"), &json!(reference))
    );
    assert!(api.control.settle_payment(&reference, true).unwrap_err().contains("already CONFIRMED"));
    api.seconds(3_600);
    assert_eq!(api.get(&format!("/v3/ocpay/checkPayment/{reference}")).await.data()["status"], "CONFIRMED");
}

#[tokio::test]
async fn links_fail_or_expire_after_twenty_minutes() {
    let api = Api::start().await;
    let (failed, expired) = (create(&api, BODY).await, create(&api, BODY).await);
    api.control.settle_payment(&failed, false).unwrap();
    let data = api.get(&format!("/v3/ocpay/checkPayment/{failed}")).await.data();
    assert_eq!((&data["status"], &data["transactionDetails"]), (&json!("FAILED"), &json!(null)));
    api.seconds(20 * 60 - 1);
    assert_eq!(api.get(&format!("/v3/ocpay/checkPayment/{expired}")).await.data()["status"], "PENDING");
    api.seconds(1);
    assert_eq!(api.get(&format!("/v3/ocpay/checkPayment/{expired}")).await.data()["status"], "FAILED");
    assert!(api.control.settle_payment(&expired, true).is_err());
    assert_eq!(api.balance(), "100000");
}

#[tokio::test]
async fn payments_of_both_environments_are_found() {
    let api = Api::start().await;
    let reference =
        api.post_as("production-key", "/v3/ocpay/createLink", BODY).await.data()["paymentRef"].clone();
    let reference = reference.as_str().unwrap();
    api.control.settle_payment(reference, true).unwrap();
    let data = api.get(&format!("/v3/ocpay/checkPayment/{reference}")).await.data();
    assert_eq!(data["transactionDetails"]["isSandbox"], false);
    assert_eq!(api.control.ledger().balance(Environment::Production).to_string(), "105000");
    assert_eq!(
        api.get("/v3/ocpay/checkPayment/OCPL-000000-0000").await.refusal(),
        (404, "NOT_FOUND".to_owned())
    );
}

#[tokio::test]
async fn the_limits_are_enforced_with_the_path_in_the_message() {
    let api = Api::start().await;
    let long = "x".repeat(201);
    for (body, message) in [
        (
            r#"{"productInfo":{"title":"T","amount":499}}"#.to_owned(),
            "body/productInfo/amount must be >= 500",
        ),
        (
            r#"{"productInfo":{"title":"T","amount":500001}}"#.to_owned(),
            "body/productInfo/amount must be <= 500000",
        ),
        (
            r#"{"productInfo":{"title":"T","amount":500.5}}"#.to_owned(),
            "body/productInfo/amount must be a whole number",
        ),
        (r#"{"productInfo":{"title":"T"}}"#.to_owned(), "body/productInfo/amount must be present"),
        (
            r#"{"productInfo":{"title":"","amount":500}}"#.to_owned(),
            "body/productInfo/title must NOT have fewer than 1 characters",
        ),
        (
            format!(r#"{{"productInfo":{{"title":"{long}","amount":500}}}}"#),
            "body/productInfo/title must NOT have more than 200 characters",
        ),
        (
            r#"{"productInfo":{"title":"T","amount":500,"x":1}}"#.to_owned(),
            "body/productInfo/x must NOT have additional properties",
        ),
        (r#"{"productInfo":[]}"#.to_owned(), "body/productInfo must be object"),
        (r#"{}"#.to_owned(), "body/productInfo must be present"),
        (
            r#"{"productInfo":{"title":"T","amount":500},"feeMode":"FREE"}"#.to_owned(),
            "body/feeMode must be equal to one of the allowed values",
        ),
        (
            r#"{"productInfo":{"title":"T","amount":500},"redirectUrl":"ftp://x"}"#.to_owned(),
            "body/redirectUrl must be an http or https address",
        ),
        (
            r#"{"productInfo":{"title":"T","amount":500},"redirectUrl":"https://"}"#.to_owned(),
            "body/redirectUrl must be an http or https address",
        ),
    ] {
        let reply = api.post("/v3/ocpay/createLink", &body).await;
        assert_eq!(reply.refusal(), (400, "ERR_VALIDATION".to_owned()), "{body}");
        assert_eq!(reply.json()["error"]["message"], message);
    }
}

#[tokio::test]
async fn a_seed_repeats_identifiers() {
    let run = async |seed| {
        let api = Api::with(Options { seed, ..Options::manual() }).await;
        (api.buy("0778037340", "s-1").await, create(&api, BODY).await)
    };
    assert_eq!(run(7).await, run(7).await);
    assert_ne!(run(7).await, run(8).await);
}
