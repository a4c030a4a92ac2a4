//! Internet cards: products, lines, and orders that may take two days.

use serde_json::json;

use crate::support::Api;

async fn send(api: &Api, kind: &str, number: &str, reference: &str) -> String {
    let body = format!(r#"{{"type":"{kind}","number":"{number}","value":1000,"ref":"{reference}"}}"#);
    let data = api.post("/v3/internet/send", &body).await.data();
    assert!(data.get("newBalance").is_none());
    assert_eq!(data["topupRef"], reference);
    data["topupId"].as_str().unwrap().to_owned()
}

async fn status(api: &Api, id: &str) -> String {
    let order = api.get(&format!("/v3/internet/check-id/{id}")).await.data();
    order["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn products_cost_two_per_cent_less() {
    let api = Api::start().await;
    let data = api.get("/v3/internet/products?type=4G").await.data();
    assert_eq!(data["type"], "4G");
    for product in data["products"].as_array().unwrap() {
        let (value, cost) = (product["value"].as_u64().unwrap(), product["cost"].as_u64().unwrap());
        assert_eq!(cost * 100, value * 98);
        assert_eq!(product["available"], value != 2_500);
    }
    assert_eq!(api.get("/v3/internet/products").await.refusal(), (400, "ERR_VALIDATION".to_owned()));
    assert_eq!(api.get("/v3/internet/products?type=FIBRE").await.status, 400);
}

#[tokio::test]
async fn a_line_is_checked() {
    let api = Api::start().await;
    let data = api.get("/v3/internet/check-number?type=ADSL&number=036362608").await.data();
    assert_eq!(data["type"], "ADSL");
    assert!(data["ncli"].as_str().unwrap().ends_with("*****") && data["offre"].is_string());
    let data = api.get("/v3/internet/check-number?type=4G&number=213472731602").await.data();
    assert_eq!(data["type"], "4GLTE");
    let reply = api.get("/v3/internet/check-number?type=ADSL&number=123456").await;
    assert_eq!(reply.refusal(), (400, "ERR_PHONE".to_owned()));
    assert_eq!(
        reply.details(),
        json!({"number": "123456", "type": "ADSL", "reason": "Number does not match required format"})
    );
    assert_eq!(api.get("/v3/internet/check-number?type=ADSL").await.code(), "ERR_VALIDATION");
}

#[tokio::test]
async fn a_card_arrives_after_ten_seconds() {
    let api = Api::start().await;
    let id = send(&api, "ADSL", "036362608", "i-1").await;
    assert_eq!(api.balance(), "99020");
    let order = api.get(&format!("/v3/internet/check-id/{id}")).await.data();
    assert_eq!(order["status"], "HANDLING");
    assert!(order.get("card_code").is_none());
    api.seconds(10);
    let order = api.get("/v3/internet/check-ref/i-1").await.data();
    assert_eq!((&order["_id"], &order["status"]), (&json!(id), &json!("FULFILLED")));
    let code = order["card_code"].as_str().unwrap();
    assert!(code.len() == 16 && code.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(order["num_trans"].as_str().unwrap().starts_with("AT-"));
    assert!(order["date_traitement"].is_string());
    // The same card every time.
    let again = api.get(&format!("/v3/internet/check-id/{id}")).await.data();
    assert_eq!(again["card_code"], order["card_code"]);
    assert_eq!(again["topup_amount"], 1_000);
}

#[tokio::test]
async fn magic_lines_refund_and_queue() {
    let api = Api::start().await;
    for (kind, stem) in [("ADSL", "03600000"), ("4G", "21340000000")] {
        let refunded = send(&api, kind, &format!("{stem}1"), &format!("{kind}-1")).await;
        let late = send(&api, kind, &format!("{stem}2"), &format!("{kind}-2")).await;
        let lost = send(&api, kind, &format!("{stem}3"), &format!("{kind}-3")).await;
        let before = api.balance().parse::<i64>().unwrap();
        api.seconds(10);
        assert_eq!(status(&api, &refunded).await, "REFUNDED");
        assert_eq!(api.balance().parse::<i64>().unwrap(), before + 980);
        assert_eq!(status(&api, &late).await, "QUEUED");
        assert_eq!(status(&api, &lost).await, "QUEUED");
        api.hours(24);
        assert_eq!(status(&api, &late).await, "FULFILLED");
        assert_eq!(status(&api, &lost).await, "QUEUED");
        api.hours(16);
        assert_eq!(status(&api, &lost).await, "REFUNDED");
        assert_eq!(api.balance().parse::<i64>().unwrap(), before + 2 * 980);
    }
    let types = api.get("/v3/account/transactions?pageSize=100").await.data();
    let refunds =
        types["items"].as_array().unwrap().iter().filter(|item| item["type"] == "REFUND-ADSL").count();
    assert_eq!(refunds, 4);
}

#[tokio::test]
async fn refusals_are_the_documented_ones() {
    let api = Api::start().await;
    let refused = async |body: &str| api.post("/v3/internet/send", body).await;
    let reply = refused(r#"{"type":"4G","number":"213472731602","value":2500,"ref":"x"}"#).await;
    assert_eq!(reply.refusal(), (400, "ERR_STOCK".to_owned()));
    let reply = refused(r#"{"type":"ADSL","number":"036362608","value":1234,"ref":"x"}"#).await;
    assert_eq!(reply.refusal(), (400, "ERR_VALIDATION".to_owned()));
    let reply = refused(r#"{"type":"ADSL","number":"213472731602","value":1000,"ref":"x"}"#).await;
    assert_eq!(reply.refusal(), (400, "ERR_PHONE".to_owned()));
    let reply = refused(r#"{"type":"ADSL","number":"099999999","value":1000,"ref":"x"}"#).await;
    assert_eq!(reply.refusal(), (400, "ERR_PHONE".to_owned()));
    api.set_balance("979.99");
    let reply = refused(r#"{"type":"ADSL","number":"036362608","value":1000,"ref":"x"}"#).await;
    assert_eq!(reply.refusal(), (403, "INSUFFICIENT_BALANCE".to_owned()));
    assert_eq!(reply.details().to_string(), r#"{"available":979.99,"required":980}"#);
    api.set_balance("980");
    send(&api, "ADSL", "036362608", "x").await;
    let reply = refused(r#"{"type":"ADSL","number":"036362608","value":500,"ref":"x"}"#).await;
    assert_eq!(reply.refusal(), (403, "DUPLICATED_REF".to_owned()));
    assert_eq!(api.balance(), "0");
    assert_eq!(api.get("/v3/internet/check-ref/nope").await.refusal(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(api.get("/v3/internet/list").await.data()["items"].as_array().unwrap().len(), 1);
}
