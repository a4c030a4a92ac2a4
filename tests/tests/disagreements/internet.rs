//! Internet: rows 25 to 27.

use oneclickdz::{InternetType, ListRequest, RemoteState};
use oneclickdz_tests::replay::Answer;
use serde_json::json;

use crate::stage::*;

#[tokio::test]
async fn row_25_internet_products_as_object_or_array() {
    let products = json!([{"value": 500, "cost": 490, "available": true}, {"value": 1500, "cost": 1470.5}]);
    for data in [json!({"products": products, "type": "4G"}), products] {
        let stage = stage().await;
        stage.replay.on("GET /v3/internet/products", Answer::ok(data));
        let listed = stage.client.internet().products(InternetType::FourG).await.expect("products");
        let values: Vec<String> = listed.iter().map(|product| product.value.to_string()).collect();
        assert_eq!(values, ["500", "1500"]);
        assert_eq!(listed[1].cost.map(|cost| cost.to_string()).as_deref(), Some("1470.5"));
        assert_eq!(stage.lines(), ["GET /v3/internet/products?type=4G"], "the type is always sent");
    }
}

#[tokio::test]
async fn row_26_internet_list_under_topups_or_items() {
    let one =
        json!([{"_id": ID, "status": "QUEUED", "type": "ADSL", "number": "036362608", "topup_amount": 1000}]);
    let pagination = json!({"page": 1, "pageSize": 100, "totalPages": 1, "totalResults": 1});
    let variants = [
        json!({"topups": one, "pagination": pagination}),
        json!({"items": one, "pagination": pagination}),
        one.clone(),
    ];
    for data in variants {
        let stage = stage().await;
        stage
            .replay
            .on("GET /v3/internet/list", [Answer::ok(data.clone()), Answer::ok(json!({"items": []}))]);
        let mut pager = stage.client.internet().list(ListRequest::new()).expect("a list");
        let page = pager.next_page().await.expect("a page").expect("one item");
        assert_eq!((page.len(), page[0].state), (1, RemoteState::Deferred), "{data}");
        assert!(pager.next_page().await.expect("the end").is_none());
    }
}

#[tokio::test]
async fn row_27_4g_and_4glte_are_the_same() {
    for (word, kind) in [
        ("4GLTE", Some(InternetType::FourG)),
        ("4G", Some(InternetType::FourG)),
        ("4g-lte", Some(InternetType::FourG)),
        ("ADSL", Some(InternetType::Adsl)),
        ("FTTH", None),
    ] {
        let stage = stage().await;
        stage
            .replay
            .on("GET /v3/internet/check-number", Answer::ok(json!({"ncli": "2134*****", "type": word})));
        let line =
            stage.client.internet().check_number(InternetType::FourG, "213472731602").await.expect("a line");
        assert_eq!((line.r#type, line.type_word.as_deref()), (kind, Some(word)));
        assert_eq!(stage.lines(), ["GET /v3/internet/check-number?type=4G&number=213472731602"]);
    }
}
