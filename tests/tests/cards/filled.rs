//! Gift cards as the service hands them out: in parts, in numbers that do not agree, before the end.

use std::time::Duration;

use oneclickdz::{
    Client, Dzd, ErrorKind, FindingKind, GiftCardRequest, ManualClock, OrderHandle, OrderState, Timestamp,
};
use oneclickdz_tests::harness::vault_key;
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::{Value, json};

use super::shared::{MINUTES, reveal};

const ID: &str = "65f0000000000000000000bb";
const DAYS: Duration = Duration::from_secs(3 * 86_400);

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("an instant")
}

/// Cards by their codes.
fn cards(codes: &[&str]) -> Value {
    codes.iter().map(|code| json!({"value": code, "serial": format!("serial of {code}")})).collect()
}

/// An order of four cards at 10 DZD, with what this answer tells.
fn told(answer: &Value) -> Value {
    let mut order = json!({"_id": ID, "product": "p", "type": "t", "quantity": 4, "price_per_card": 10,
        "time": "2026-01-01T00:00:00Z"});
    for (name, value) in answer.as_object().expect("an object") {
        order[name] = value.clone();
    }
    order
}

struct Shop {
    replay: Replay,
    client: Client,
    folder: tempfile::TempDir,
}

/// A service that tells the order in these ways, one after another, and a client that keeps a file or not.
async fn shop(answers: &[Value], keeps_a_file: bool) -> Shop {
    let replay = Replay::start().await;
    replay.on("POST /v3/gift-cards/placeOrder", Answer::ok(json!({"orderId": ID})));
    let looks: Vec<Answer> = answers.iter().map(|answer| Answer::ok(told(answer))).collect();
    replay.on("GET /v3/gift-cards/checkOrder/*", looks);
    let folder = tempfile::tempdir().expect("a folder");
    let builder =
        Client::builder().base_url(replay.url()).api_key("a-key").vault_key(vault_key()).watches(false);
    let builder = match keeps_a_file {
        true => builder.journal(folder.path().join("orders.db")),
        false => builder.journal(":memory:"),
    };
    let client = builder.clock(ManualClock::jumping(start())).build().expect("a client");
    Shop { replay, client, folder }
}

impl Shop {
    async fn order(&self) -> OrderHandle {
        let request = GiftCardRequest::new("p", "t", 4u32).r#ref("g-1");
        self.client.gift_cards().order(request).await.expect("sent")
    }

    async fn codes(&self) -> Vec<String> {
        let cards = reveal(&self.client, "g-1").await.expect("revealed");
        cards.iter().map(|card| card.code.expose().clone()).collect()
    }

    /// What a comparison with a list of this order, and an empty ledger, says of its amounts.
    async fn amounts_that_differ(&self, answer: &Value) -> Vec<(Option<Dzd>, Option<Dzd>, String)> {
        let list =
            |items: Value| Answer::ok(json!({"items": items, "pagination": {"page": 1, "totalPages": 1}}));
        self.replay.on("GET /v3/account/balance", Answer::ok(json!({"balance": 1000})));
        for path in ["account/transactions", "mobile/list", "internet/list"] {
            self.replay.on(&format!("GET /v3/{path}*"), list(json!([])));
        }
        self.replay.on("GET /v3/gift-cards/list*", list(json!([told(answer)])));
        let until = start() + DAYS;
        let report = self.client.orders().reconcile(start(), until).await.expect("a report");
        let findings = report.findings.into_iter().filter(|found| found.kind == FindingKind::AmountDiffers);
        findings.map(|found| (found.expected, found.actual, found.detail)).collect()
    }
}

#[tokio::test]
async fn cards_shown_before_the_end_cost_none_of_the_later_ones() {
    let early = |codes: &[&str]| json!({"status": "HANDLING", "cards": cards(codes)});
    let end = json!({"status": "FULFILLED", "fulfilled_quantity": 4, "fulfilled_amount": 40,
        "cards": cards(&["ONE", "TWO", "THREE", "FOUR"])});
    for keeps_a_file in [false, true] {
        let answers = [early(&["ONE"]), early(&["TWO", "ONE"]), end.clone()];
        let shop = shop(&answers, keeps_a_file).await;
        let order = shop.order().await;
        order.wait(Duration::from_secs(3)).await.expect_err("goes on");
        let open = order.refresh().await.expect("on record");
        assert_eq!((open.status.as_deref(), open.card_count), (Some("HANDLING"), 0));
        let refused = reveal(&shop.client, "g-1").await.expect_err("not ready");
        assert_eq!(refused.kind(), ErrorKind::OrderNotReady);

        let settled = order.wait(MINUTES).await.expect("settled");
        assert_eq!((settled.state, settled.card_count), (OrderState::Fulfilled, 4));
        assert_eq!((settled.charged, settled.refunded), (Some(Dzd::whole(40)), Some(Dzd::ZERO)));
        assert_eq!(shop.codes().await, ["ONE", "TWO", "THREE", "FOUR"], "in a file: {keeps_a_file}");
        assert_eq!(settled.last_error, None);
        drop(shop.folder);
    }
}

#[tokio::test]
async fn a_charge_that_is_not_the_price_of_the_cards_is_reported() {
    let answer = json!({"status": "PARTIALLY_FILLED", "fulfilled_quantity": 2, "fulfilled_amount": 999,
        "cards": cards(&["A", "B"])});
    let shop = shop(std::slice::from_ref(&answer), false).await;
    let order = shop.order().await.wait(MINUTES).await.expect("settled");
    assert_eq!((order.state, order.card_count), (OrderState::PartiallyFilled, 2));
    assert_eq!((order.charged, order.refunded), (Some(Dzd::whole(999)), Some(Dzd::whole(20))));
    assert_eq!(order.last_error.as_deref(), Some("unreadable_response"));
    assert_eq!(shop.codes().await, ["A", "B"]);
    let found = shop.amounts_that_differ(&answer).await;
    let [(expected, actual, detail)] = &found[..] else { panic!("one finding: {found:#?}") };
    assert_eq!((*expected, *actual), (Some(Dzd::whole(20)), Some(Dzd::whole(999))));
    assert!(detail.contains("not the price"), "{detail}");
}

#[tokio::test]
async fn fulfilled_with_less_than_was_ordered_is_partially_filled() {
    // Of how many it was, the service need not say: the journal knows.
    for quantity in [json!(4), Value::Null] {
        let answer = json!({"status": "FULFILLED", "quantity": quantity, "fulfilled_quantity": 1,
            "fulfilled_amount": 10, "cards": cards(&["A"])});
        let shop = shop(std::slice::from_ref(&answer), false).await;
        let order = shop.order().await.wait(MINUTES).await.expect("settled");
        assert_eq!((order.state, order.card_count), (OrderState::PartiallyFilled, 1));
        assert_eq!((order.charged, order.refunded), (Some(Dzd::whole(10)), Some(Dzd::whole(30))));
        assert_eq!(order.status.as_deref(), Some("FULFILLED"), "the service's own word stays");
        assert_eq!(order.last_error.as_deref(), Some("unreadable_response"));
        let found = shop.amounts_that_differ(&answer).await;
        assert_eq!(found.len(), 1, "reported, and not as another state: {found:#?}");
    }
}

#[tokio::test]
async fn partially_filled_with_nothing_is_refunded() {
    let answer =
        json!({"status": "PARTIALLY_FILLED", "fulfilled_quantity": 0, "fulfilled_amount": 0, "cards": []});
    let shop = shop(std::slice::from_ref(&answer), false).await;
    let order = shop.order().await.wait(MINUTES).await.expect("settled");
    assert_eq!((order.state, order.card_count), (OrderState::Refunded, 0));
    assert_eq!((order.charged, order.refunded), (Some(Dzd::ZERO), Some(Dzd::whole(40))));
    assert_eq!(order.last_error, None);
    assert_eq!(reveal(&shop.client, "g-1").await.expect_err("none").kind(), ErrorKind::OrderNotReady);
    assert_eq!(shop.amounts_that_differ(&answer).await, []);
}

#[tokio::test]
async fn more_cards_than_were_ordered_are_kept_and_reported() {
    let answer = json!({"status": "FULFILLED", "fulfilled_quantity": 5, "fulfilled_amount": 50,
        "cards": cards(&["A", "B", "C", "D", "E"])});
    let shop = shop(std::slice::from_ref(&answer), false).await;
    let order = shop.order().await.wait(MINUTES).await.expect("settled");
    assert_eq!((order.state, order.card_count, order.refunded), (OrderState::Fulfilled, 5, None));
    assert_eq!(order.last_error.as_deref(), Some("unreadable_response"));
    assert_eq!(shop.codes().await.len(), 5);
    assert_eq!(shop.amounts_that_differ(&answer).await.len(), 1);
}

#[tokio::test]
async fn an_end_that_lacks_cards_or_charges_for_none_waits_for_a_person() {
    let lacking = json!({"status": "FULFILLED", "fulfilled_quantity": 4, "fulfilled_amount": 40,
        "cards": cards(&["A", "B"])});
    let for_none = json!({"status": "PARTIALLY_FILLED", "fulfilled_quantity": 0, "fulfilled_amount": 20});
    for answer in [lacking, for_none] {
        let shop = shop(&[answer], false).await;
        let error = shop.order().await.wait(DAYS).await.expect_err("nobody can tell");
        let order = error.order().expect("the order as it stands");
        assert_eq!((order.state, order.card_count), (OrderState::NeedsReview, 0));
        assert_eq!(order.last_error.as_deref(), Some("unreadable_response"));
        assert_eq!(reveal(&shop.client, "g-1").await.expect_err("none").kind(), ErrorKind::OrderNotReady);
    }
}
