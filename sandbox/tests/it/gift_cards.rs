//! Gift cards: catalogue, stock, whole and partial deliveries.

use oneclickdz_sandbox::StockItem;
use serde_json::json;

use crate::support::Api;

const PSN: &str = "507f1f77bcf86cd799439011";

async fn order(api: &Api, type_id: &str, quantity: u32) -> String {
    let body = format!(r#"{{"productId":"{PSN}","typeId":"{type_id}","quantity":{quantity}}}"#);
    let data = api.post("/v3/gift-cards/placeOrder", &body).await.data();
    assert!(data.get("orderRef").is_none());
    data["orderId"].as_str().unwrap().to_owned()
}

async fn check(api: &Api, id: &str) -> serde_json::Value {
    api.get(&format!("/v3/gift-cards/checkOrder/{id}")).await.data()
}

#[tokio::test]
async fn the_catalogue_counts_itself() {
    let api = Api::start().await;
    let body = api.get("/v3/gift-cards/catalog").await.json();
    let categories = body["data"]["categories"].as_array().unwrap();
    assert_eq!(body["totalCategories"], categories.len());
    let products: usize =
        categories.iter().map(|category| category["products"].as_array().unwrap().len()).sum();
    assert_eq!(body["totalProducts"], products);
    for category in categories {
        for product in category["products"].as_array().unwrap() {
            let path = format!("/v3/gift-cards/checkProduct/{}", product["id"].as_str().unwrap());
            assert!(!api.get(&path).await.data()["types"].as_array().unwrap().is_empty());
        }
    }
    let missing = api.get("/v3/gift-cards/checkProduct/000000000000000000000000").await;
    assert_eq!(missing.refusal(), (404, "NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn an_order_is_delivered_after_eight_seconds() {
    let api = Api::start().await;
    let id = order(&api, "type_001", 2).await;
    assert_eq!(api.balance(), "99020");
    let body = check(&api, &id).await;
    assert_eq!(
        body,
        json!({"_id": id, "status": "HANDLING", "quantity": 2, "product": PSN, "type": "type_001", "time": body["time"]})
    );
    api.seconds(8);
    let body = check(&api, &id).await;
    assert_eq!(body["status"], "FULFILLED");
    assert_eq!((&body["fulfilled_quantity"], &body["fulfilled_amount"]), (&json!(2), &json!(980)));
    let cards = body["cards"].as_array().unwrap();
    assert!(cards.len() == 2 && cards[0]["value"] != cards[1]["value"]);
    assert!(cards[0]["value"].as_str().unwrap().starts_with("SANDBOX-"));
    let listed = api.get("/v3/gift-cards/list").await.data();
    assert_eq!(listed["items"][0], body);
}

#[tokio::test]
async fn the_test_types_refund_all_or_half() {
    let api = Api::start().await;
    let (none, half, one) = (
        order(&api, "TEST_REFUND", 2).await,
        order(&api, "TEST_PARTIAL", 5).await,
        order(&api, "TEST_PARTIAL", 1).await,
    );
    assert_eq!(api.balance(), "96080");
    api.seconds(8);
    let body = check(&api, &none).await;
    assert_eq!((&body["status"], &body["fulfilled_quantity"]), (&json!("REFUNDED"), &json!(0)));
    assert_eq!(body["cards"], json!([]));
    let body = check(&api, &half).await;
    assert_eq!((&body["status"], &body["fulfilled_quantity"]), (&json!("PARTIALLY_FILLED"), &json!(2)));
    assert_eq!(body["fulfilled_amount"], 980);
    assert_eq!(body["cards"].as_array().unwrap().len(), 2);
    assert_eq!(check(&api, &one).await["status"], "REFUNDED");
    assert_eq!(api.balance(), "99020");
    let ledger = api.control.ledger();
    assert_eq!(ledger.charges[1].refunded.to_string(), "1470");
}

#[tokio::test]
async fn stock_is_reserved_and_runs_out() {
    let api = Api::start().await;
    let stock = async || {
        api.get(&format!("/v3/gift-cards/checkProduct/{PSN}")).await.data()["types"][1]["quantity"].clone()
    };
    assert_eq!(stock().await, 87);
    order(&api, "type_002", 80).await;
    assert_eq!(stock().await, 7);
    let body = format!(r#"{{"productId":"{PSN}","typeId":"type_002","quantity":8}}"#);
    assert_eq!(api.post("/v3/gift-cards/placeOrder", &body).await.refusal(), (400, "ERR_STOCK".to_owned()));
    let item = StockItem::GiftCard { product_id: PSN.to_owned(), type_id: "type_002".to_owned() };
    api.control.set_stock(&item, 8).unwrap();
    order(&api, "type_002", 8).await;
    assert_eq!(stock().await, 0);
}

#[tokio::test]
async fn refusals_are_the_documented_ones() {
    let api = Api::start().await;
    let refused = async |product: &str, type_id: &str, quantity: &str| {
        let body = format!(r#"{{"productId":"{product}","typeId":"{type_id}","quantity":{quantity}}}"#);
        api.post("/v3/gift-cards/placeOrder", &body).await.refusal()
    };
    let validation = (400, "ERR_VALIDATION".to_owned());
    assert_eq!(refused(PSN, "type_003", "1").await, (400, "ERR_STOCK".to_owned()));
    assert_eq!(refused(PSN, "type_999", "1").await, (404, "NOT_FOUND".to_owned()));
    assert_eq!(refused("nope", "type_001", "1").await, (404, "NOT_FOUND".to_owned()));
    assert_eq!(refused("507f1f77bcf86cd799439022", "itunes_fr_10", "1").await, validation);
    for quantity in ["0", "-1", "1.5", "\"1\"", "1e9", "null"] {
        assert_eq!(refused(PSN, "type_001", quantity).await, validation, "{quantity}");
    }
    assert_eq!(refused(PSN, "type_001", "205").await, (403, "INSUFFICIENT_BALANCE".to_owned()));
    let missing = api.get("/v3/gift-cards/checkOrder/000000000000000000000000").await;
    assert_eq!(missing.refusal(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(api.balance(), "100000");
}

#[tokio::test]
async fn a_reference_protects_from_nothing() {
    let api = Api::start().await;
    let body = format!(r#"{{"productId":"{PSN}","typeId":"type_001","quantity":1,"ref":"g-1"}}"#);
    for _ in 0..2 {
        assert_eq!(api.post("/v3/gift-cards/placeOrder", &body).await.status, 200);
    }
    assert_eq!(api.control.ledger().charges_of("g-1").len(), 2);
}
