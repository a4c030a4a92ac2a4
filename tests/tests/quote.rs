//! What an order would cost, asked before it is sent: the same errors as a send, and nothing moves.

use std::time::Duration;

use oneclickdz::{
    Dzd, Environment, Error, ErrorKind, GiftCardRequest, InternetRequest, InternetType, MobileRequest,
    Outcome, Service,
};
use oneclickdz_sandbox::{InternetKind, Options, StockItem};
use oneclickdz_tests::harness::{Stage, topup};
use rust_decimal::Decimal;

const PSN: &str = "507f1f77bcf86cd799439011";

fn dzd(text: &str) -> Dzd {
    text.parse().expect(text)
}

fn card(value: i64) -> InternetRequest {
    InternetRequest::new(InternetType::Adsl, "036362608", value)
}

fn assert_not_sent(error: &Error, kind: ErrorKind, field: Option<&str>) {
    assert_eq!((error.kind(), error.outcome(), error.field()), (kind, Outcome::NotSent, field), "{error}");
}

/// Whatever a quote says, it has neither sent nor recorded anything.
async fn assert_nothing_moved(stage: &Stage) {
    assert_eq!(stage.control.ledger().charges.len(), 0);
    for operation in ["mobile.send", "internet.send", "gift_cards.place_order"] {
        assert_eq!(stage.control.requests(operation), 0, "{operation}");
    }
    let known = stage.client.orders().list(oneclickdz::OrderListRequest::new()).await.expect("a list");
    assert_eq!(known, []);
}

#[tokio::test]
async fn a_quote_tells_the_price_that_a_send_is_charged() {
    let stage = Stage::set().await;
    let quote = stage.client.mobile().quote(&topup("q-1"), None).await.expect("a quote");
    assert_eq!((quote.service, quote.price), (Service::Mobile, Some(dzd("496.25"))));
    assert_eq!((quote.balance, quote.balance_after), (Dzd::whole(100_000), Some(dzd("99503.75"))));
    assert!(quote.is_affordable);
    let internet = stage.client.internet().quote(&card(1000), Some(Dzd::whole(980))).await.expect("a quote");
    assert_eq!((internet.service, internet.price), (Service::Internet, Some(Dzd::whole(980))));
    let request = GiftCardRequest::new(PSN, "type_001", 3u32);
    let gift = stage.client.gift_cards().quote(&request, None).await.expect("a quote");
    assert_eq!((gift.service, gift.price), (Service::GiftCards, Some(Dzd::whole(1470))));
    assert_nothing_moved(&stage).await;

    let order = stage.client.mobile().send(topup("q-1")).await.expect("the reference is still free");
    assert_eq!(order.new_balance, quote.balance_after);
}

#[tokio::test]
async fn fixed_plans_and_menus_have_a_price_without_an_amount() {
    let stage = Stage::set().await;
    let mobile = stage.client.mobile();
    let price = |plan: &str| {
        let request = MobileRequest::new(plan, "0556121212");
        async move { mobile.quote(&request, None).await.expect("a quote").price }
    };
    assert_eq!(price("PIXX_500").await, Some(Dzd::whole(485)));
    assert_eq!(price("MIX500_DJEZZY").await, Some(dzd("483.75")));
    assert_eq!(price("GETMENU_Ooredoo").await, Some(Dzd::ZERO));
    assert_eq!(stage.control.requests("mobile.plans"), 1, "the list of plans is kept");
}

#[tokio::test]
async fn a_price_that_nobody_names_is_not_invented() {
    let stage = Stage::set().await;
    let request = MobileRequest::new("GROS_MOBILIS", "0665983439").amount(5000);
    let quote = stage.client.mobile().quote(&request, None).await.expect("a quote");
    assert_eq!((quote.price, quote.balance_after, quote.is_affordable), (None, None, false));
    let error = stage.client.mobile().quote(&request, Some(Dzd::whole(9000))).await.expect_err("no price");
    assert_not_sent(&error, ErrorKind::Validation, Some("max_price"));
}

#[tokio::test]
async fn a_price_above_the_limit_is_refused() {
    let stage = Stage::set().await;
    let error = stage.client.mobile().quote(&topup("q-2"), Some(dzd("496.24"))).await.expect_err("too dear");
    assert_not_sent(&error, ErrorKind::Validation, Some("max_price"));
    assert_eq!(error.required(), Some(dzd("496.25")));
    stage.client.mobile().quote(&topup("q-2"), Some(dzd("496.25"))).await.expect("the limit itself is fine");
    assert_nothing_moved(&stage).await;
}

#[tokio::test]
async fn a_balance_that_is_too_low_is_told_with_both_amounts() {
    let balance = "496.24".parse::<Decimal>().expect("a decimal");
    let stage = Stage::with(Options { balance, ..Options::manual() }, |builder| builder).await;
    let error = stage.client.mobile().quote(&topup("q-3"), None).await.expect_err("too little");
    assert_not_sent(&error, ErrorKind::InsufficientBalance, None);
    assert_eq!((error.required(), error.available()), (Some(dzd("496.25")), Some(dzd("496.24"))));
    let error = stage.client.internet().quote(&card(1000), None).await.expect_err("too little");
    assert_eq!(error.required(), Some(Dzd::whole(980)));
    let request = GiftCardRequest::new(PSN, "type_001", 2u32);
    let error = stage.client.gift_cards().quote(&request, None).await.expect_err("too little");
    assert_eq!((error.kind(), error.required()), (ErrorKind::InsufficientBalance, Some(Dzd::whole(980))));
    assert_nothing_moved(&stage).await;
}

#[tokio::test]
async fn the_rules_of_a_send_hold_for_mobile() {
    let stage = Stage::set().await;
    let mobile = stage.client.mobile();
    let request = |plan: &str, number: &str| MobileRequest::new(plan, number);
    for (request, kind, field) in [
        (request("PREPAID_DJEZZY", "778037340").amount(500), ErrorKind::InvalidNumber, "number"),
        (request("NOPE", "0778037340").amount(500), ErrorKind::Validation, "plan_code"),
        (request("INTERNATIONAL_OOREDOO", "0556121212").amount(500), ErrorKind::Validation, "plan_code"),
        (request("PREPAID_DJEZZY", "0778037340").amount(50), ErrorKind::Validation, "amount"),
        (request("PREPAID_DJEZZY", "0778037340"), ErrorKind::Validation, "amount"),
        (request("PREPAID_DJEZZY", "0778037340").amount(dzd("500.5")), ErrorKind::Validation, "amount"),
        (request("PIXX_500", "0556121212").amount(400), ErrorKind::Validation, "amount"),
        (request("PREPAID_DJEZZY", "0778037340").amount(500).r#ref(" x"), ErrorKind::Validation, "ref"),
    ] {
        let error = mobile.quote(&request, None).await.expect_err("a broken rule");
        assert_not_sent(&error, kind, Some(field));
        assert_eq!(error.operation(), "mobile.quote");
    }
    assert_nothing_moved(&stage).await;
}

#[tokio::test]
async fn the_line_the_card_and_its_stock_are_looked_at() {
    let stage = Stage::set().await;
    let internet = stage.client.internet();
    let nobody = InternetRequest::new(InternetType::Adsl, "099999999", 1000);
    let error = internet.quote(&nobody, None).await.expect_err("no such line");
    assert_not_sent(&error, ErrorKind::InvalidNumber, Some("number"));
    assert_eq!(error.wire_code(), Some("ERR_PHONE"), "the service's own word");
    let error = internet.quote(&card(1234), None).await.expect_err("no such card");
    assert_not_sent(&error, ErrorKind::Validation, Some("value"));
    let sold_out = InternetRequest::new(InternetType::FourG, "213472731602", 2500);
    assert_not_sent(
        &internet.quote(&sold_out, None).await.expect_err("none left"),
        ErrorKind::OutOfStock,
        None,
    );
    internet.quote(&card(1000), None).await.expect("in stock");
    let item = StockItem::Internet { kind: InternetKind::Adsl, value: 1000 };
    stage.control.set_stock(&item, 0).expect("stock");
    let error = internet.quote(&card(1000), None).await.expect_err("none left");
    assert_not_sent(&error, ErrorKind::OutOfStock, None);
    assert_nothing_moved(&stage).await;
}

#[tokio::test]
async fn the_product_the_type_and_the_stock_are_looked_at() {
    let stage = Stage::set().await;
    let cards = stage.client.gift_cards();
    let quote = |product: &str, r#type: &str, quantity: u32| {
        let request = GiftCardRequest::new(product, r#type, quantity);
        async move { cards.quote(&request, None).await }
    };
    let error = quote("nope", "type_001", 1).await.expect_err("no such product");
    assert_not_sent(&error, ErrorKind::NotFound, None);
    let error = quote(PSN, "nope", 1).await.expect_err("no such type");
    assert_not_sent(&error, ErrorKind::NotFound, Some("type_id"));
    assert_not_sent(&quote(PSN, "type_003", 1).await.expect_err("none"), ErrorKind::OutOfStock, None);
    assert_not_sent(&quote(PSN, "type_002", 88).await.expect_err("one less"), ErrorKind::OutOfStock, None);
    assert_eq!(quote(PSN, "type_002", 87).await.expect("just enough").price, Some(Dzd::whole(85_260)));
    let error = quote(PSN, "type_001", 0).await.expect_err("none asked for");
    assert_not_sent(&error, ErrorKind::Validation, Some("quantity"));
    assert_nothing_moved(&stage).await;
}

#[tokio::test]
async fn a_key_of_the_other_environment_and_a_dead_service_are_told() {
    let stage =
        Stage::with(Options::manual(), |builder| builder.expect_environment(Environment::Production)).await;
    let error = stage.client.mobile().quote(&topup("q-4"), None).await.expect_err("the wrong key");
    assert_not_sent(&error, ErrorKind::EnvironmentMismatch, None);
    let builder = oneclickdz::Client::builder().base_url("http://127.0.0.1:9").api_key("k").read_retries(0);
    let dead = builder.timeout(Duration::from_secs(5)).journal(":memory:").build().expect("a client");
    let error = dead.internet().quote(&card(1000), None).await.expect_err("nobody answers");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Outcome::NotSent));
}
