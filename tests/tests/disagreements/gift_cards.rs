//! Gift cards: rows 1, 2 and 28 to 34.

use oneclickdz::{Dzd, ErrorKind, GiftCardPaths, GiftCardRequest, OrderState, RemoteState};
use oneclickdz_tests::replay::Answer;
use serde_json::json;

use crate::stage::*;

#[tokio::test]
async fn row_01_gift_order_status_path() {
    let (camel, kebab) =
        (format!("GET /v3/gift-cards/checkOrder/{ID}"), format!("GET /v3/gift-cards/check-order/{ID}"));
    let order = || Answer::ok(json!({"_id": ID, "status": "HANDLING", "quantity": 2}));

    // The first choice is what callers have seen; the other one only where the router does not know it; remembered.
    let stage = stage().await;
    stage.replay.on(&camel, Answer::no_such_path(&camel)).on(&kebab, order());
    for client in [stage.client.clone(), stage.client.clone(), stage.client.with_timeout(FIVE_MINUTES)] {
        let seen = client.gift_cards().check_order(ID).await.expect("an order by the other path");
        assert_eq!(seen.state, RemoteState::Pending);
    }
    assert_eq!(stage.lines(), [camel.clone(), kebab.clone(), kebab.clone(), kebab.clone()]);

    // An enveloped answer speaks of the order and ends the search.
    let stage = stage_with(|builder| builder.gift_card_paths(GiftCardPaths::KebabCase)).await;
    stage.replay.on(&kebab, code(404, "NOT_FOUND")).on(&camel, order());
    let error = stage.client.gift_cards().check_order(ID).await.expect_err("no such order");
    assert_eq!((error.kind(), error.is_enveloped()), (ErrorKind::NotFound, true));
    assert_eq!(stage.lines(), std::slice::from_ref(&kebab), "the configured path first, and no other");

    // A router that knows neither: a configuration error, never an absent order; nothing is remembered.
    let stage = stage_with(|builder| builder.read_retries(0)).await;
    stage.replay.on(&camel, Answer::no_such_path(&camel)).on(&kebab, Answer::no_such_path(&kebab));
    for _ in 0..2 {
        let error = stage.client.gift_cards().check_order(ID).await.expect_err("no such path");
        assert_eq!((error.kind(), error.is_enveloped()), (ErrorKind::EndpointNotFound, false));
    }
    assert_eq!(stage.lines(), [camel.clone(), kebab.clone(), camel, kebab]);
}

#[tokio::test]
async fn row_02_gift_product_path() {
    let (camel, kebab) =
        (format!("GET /v3/gift-cards/checkProduct/{ID}"), format!("GET /v3/gift-cards/check-product/{ID}"));
    let product =
        || Answer::ok(json!({"productId": ID, "types": [{"id": "type_001", "price": 490, "quantity": 1}]}));

    let stage = stage().await;
    stage.replay.on(&camel, product());
    stage.client.gift_cards().product(ID).await.expect("camel case first");
    assert_eq!(stage.lines(), std::slice::from_ref(&camel));

    let stage = self::stage().await;
    stage.replay.on(&camel, Answer::no_such_path(&camel)).on(&kebab, product());
    for _ in 0..2 {
        stage.client.gift_cards().product(ID).await.expect("a product by the other path");
    }
    assert_eq!(stage.lines(), [camel.clone(), kebab.clone(), kebab.clone()]);

    let stage = self::stage().await;
    stage.replay.on(&camel, code(404, "NOT_FOUND")).on(&kebab, product());
    let error = stage.client.gift_cards().product(ID).await.expect_err("no such product");
    assert_eq!((error.kind(), stage.lines()), (ErrorKind::NotFound, vec![camel]));
}

#[tokio::test]
async fn row_28_category_label() {
    for label in ["title", "name"] {
        let stage = stage().await;
        let data = json!({"categories": [{label: "PSN", "products": [{"id": ID, label: "PlayStation", "enabled": true}]}]});
        stage.replay.on("GET /v3/gift-cards/catalog", Answer::ok(data));
        let catalog = stage.client.gift_cards().catalog().await.expect("a catalogue");
        assert_eq!(catalog.categories[0].title.as_deref(), Some("PSN"), "{label}");
        assert_eq!(catalog.categories[0].products[0].title.as_deref(), Some("PlayStation"), "{label}");
    }
}

#[tokio::test]
async fn row_29_catalogue_totals() {
    let data = json!({"categories": [{"title": "A", "products": [{"id": "1"}, {"id": "2"}]}, {"title": "B", "products": [{"id": "3"}]}]});
    let variants = [
        (
            json!({"success": true, "data": data, "meta": {"totalCategories": 20, "totalProducts": 30}}),
            (20, 30),
        ),
        (json!({"success": true, "data": data, "totalCategories": 20, "totalProducts": 30}), (20, 30)),
        (json!({"success": true, "data": data, "meta": {"timestamp": "2025-10-29T01:00:00Z"}}), (2, 3)),
        (json!({"success": true, "data": data, "meta": null}), (2, 3)),
    ];
    for (body, totals) in variants {
        let stage = stage().await;
        stage.replay.on("GET /v3/gift-cards/catalog", Answer::json(200, &body));
        let catalog = stage.client.gift_cards().catalog().await.expect("a catalogue");
        assert_eq!((catalog.total_categories, catalog.total_products), totals, "{body}");
    }
}

#[tokio::test]
async fn row_30_product_and_type_ids() {
    let variants = [
        json!({"productId": ID, "productTitle": "PSN", "types": [{"id": "t1", "name": "500", "price": 490, "quantity": 1}, {"id": "t2", "quantity": 0}]}),
        json!({"_id": ID, "title": "PSN", "types": [{"_id": "t1", "name": "500", "price": 490, "available": true}, {"_id": "t2", "available": false}]}),
    ];
    for data in variants {
        let stage = stage().await;
        stage.replay.on(&format!("GET /v3/gift-cards/checkProduct/{ID}"), Answer::ok(data));
        let product = stage.client.gift_cards().product(ID).await.expect("a product");
        assert_eq!((product.id.as_deref(), product.title.as_deref()), (Some(ID), Some("PSN")));
        let types: Vec<(&str, bool)> =
            product.types.iter().map(|kind| (kind.id.as_str(), kind.is_in_stock)).collect();
        assert_eq!(types, [("t1", true), ("t2", false)]);
        assert_eq!(product.types[0].price, Some(Dzd::whole(490)));
    }
}

#[tokio::test]
async fn row_31_gift_order_request_and_returned_reference() {
    for (data, returned) in
        [(json!({"orderId": ID}), None), (json!({"orderId": ID, "orderRef": "order-1"}), Some("order-1"))]
    {
        let stage = stage().await;
        stage.replay.on("POST /v3/gift-cards/placeOrder", Answer::ok(data));
        let order = stage.client.gift_cards().order(cards().r#ref("order-1")).await.expect("an order");
        assert_eq!((order.id.as_deref(), order.returned_ref.as_deref()), (Some(ID), returned));
        let body = stage.replay.requests_of("POST")[0].json();
        assert_eq!(
            body,
            json!({"productId": "507f1f77bcf86cd799439011", "typeId": "type_001", "quantity": 2})
        );
    }
}

#[tokio::test]
async fn row_32_partially_filled_is_an_end() {
    let stage = stage().await;
    stage.replay.on("POST /v3/gift-cards/placeOrder", Answer::ok(json!({"orderId": ID})));
    let order = json!({"_id": ID, "status": "PARTIALLY_FILLED", "quantity": 5, "fulfilled_quantity": 3,
        "fulfilled_amount": 1470, "price_per_card": 490, "cards": [{"value": "A"}, {"value": "B"}, {"value": "C"}]});
    stage.replay.on(&format!("GET /v3/gift-cards/checkOrder/{ID}"), Answer::ok(order));
    let request = GiftCardRequest { quantity: 5, ..cards() };
    let order = stage.client.gift_cards().order(request).await.expect("an order").wait(FIVE_MINUTES).await;
    let order = order.expect("the end");
    assert_eq!((order.state, order.is_settled(), order.card_count), (OrderState::PartiallyFilled, true, 3));
    assert_eq!((order.charged, order.refunded), (Some(Dzd::whole(1470)), Some(Dzd::whole(980))));
}

#[tokio::test]
async fn row_33_gift_orders_are_given_the_longer_time() {
    let stage = stage().await;
    stage.replay.on("POST /v3/gift-cards/placeOrder", Answer::ok(json!({"orderId": ID})));
    let is = |status: &str| {
        let cards = [json!({"value": "SANDBOX-CARD-1"}), json!({"value": "SANDBOX-CARD-2"})];
        let cards = if status == "FULFILLED" { &cards[..] } else { &[] };
        Answer::ok(
            json!({"_id": ID, "status": status, "quantity": 2, "fulfilled_quantity": 2, "cards": cards}),
        )
    };
    // Ten looks, five seconds apart, are longer than either page says.
    let mut looks = vec![is("HANDLING"); 10];
    looks.push(is("FULFILLED"));
    stage.replay.on(&format!("GET /v3/gift-cards/checkOrder/{ID}"), looks);
    let start = stage.now();
    let order = stage.client.gift_cards().order(cards()).await.expect("an order").wait(FIVE_MINUTES).await;
    assert_eq!(order.expect("the end").state, OrderState::Fulfilled);
    assert!((stage.now() - start).num_seconds() >= 45, "it was worth waiting for");
}

/// How long a catalogue is kept is the caller's decision: the engine reads it live each time it is asked.
#[tokio::test]
async fn row_34_the_catalogue_is_read_when_asked_for() {
    let stage = stage().await;
    let is = |title: &str| Answer::ok(json!({"categories": [{"title": title, "products": []}]}));
    stage.replay.on("GET /v3/gift-cards/catalog", [is("old"), is("new")]);
    for title in ["old", "new"] {
        let catalog = stage.client.gift_cards().catalog().await.expect("a catalogue");
        assert_eq!(catalog.categories[0].title.as_deref(), Some(title));
    }
}
