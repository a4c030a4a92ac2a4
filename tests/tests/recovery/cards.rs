//! Lost gift card orders: found in the list, or left to a person.

use std::time::Duration;

use chrono::Utc;
use oneclickdz::{Client, GiftCardRequest, ManualClock, OrderState, Timestamp};
use oneclickdz_sandbox::{Fault, FaultPlan, FaultRule, SANDBOX_KEY};
use oneclickdz_tests::harness::{Stage, vault_key};
use oneclickdz_tests::money::clock::{FastClock, Pace};
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::json;

use super::{DAYS, MINUTES, gift};

#[tokio::test]
async fn a_lost_gift_card_order_is_found_in_the_list() {
    let stage = Stage::set().await;
    let (product_id, type_id) = gift(&stage.client).await;
    let buy = |r#ref: &str| {
        let request = GiftCardRequest::new(&product_id, &type_id, 2u32).r#ref(r#ref);
        stage.client.gift_cards().order(request)
    };
    // An equal order before it, which the journal claims, must not be taken for it.
    let before = buy("gift-before").await.expect("sent");
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::LostReply).on_calls([1]));
    let lost = buy("gift-lost").await.expect("recorded");
    assert_eq!(lost.state, OrderState::Uncertain);
    let lost = lost.wait(MINUTES).await.expect("settled");
    assert_eq!((lost.state, lost.attempts, lost.card_count), (OrderState::Fulfilled, 1, 2));
    assert_ne!(lost.id, before.id);
    assert_eq!(stage.control.requests("gift_cards.place_order"), 2);
}

#[tokio::test]
async fn a_gift_card_order_that_never_arrived_needs_a_person() {
    let stage = Stage::set().await;
    let (product_id, type_id) = gift(&stage.client).await;
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::ResetBefore).on_calls([1]));
    let request = GiftCardRequest::new(product_id, type_id, 2u32).r#ref("gift-gone");
    let order = stage.client.gift_cards().order(request).await.expect("recorded");
    let pending = order.wait(DAYS).await.expect_err("nobody knows");
    assert_eq!(pending.order().expect("the order").state, OrderState::NeedsReview);
    assert_eq!(stage.control.requests("gift_cards.place_order"), 1, "never bought twice automatically");
}

#[tokio::test]
async fn two_matches_prove_nothing() {
    let stage = Stage::set().await;
    let (product_id, type_id) = gift(&stage.client).await;
    let request = |r#ref: &str| GiftCardRequest::new(&product_id, &type_id, 2u32).r#ref(r#ref);
    // Somebody else on the same account buys the same at the same time.
    let stranger = stage.another_client(SANDBOX_KEY);
    stranger.gift_cards().order(request("theirs")).await.expect("sent");
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::LostReply).on_calls([1]));
    let order = stage.client.gift_cards().order(request("ours")).await.expect("recorded");
    let pending = order.wait(DAYS).await.expect_err("nobody knows");
    assert_eq!(pending.order().expect("the order").state, OrderState::NeedsReview);
}

/// What became of a lost purchase of one card, where the service lists this order whatever time it is asked for.
async fn lost_beside(listed_at: Option<&str>) -> OrderState {
    let replay = Replay::start().await;
    replay.on("POST /v3/gift-cards/placeOrder", Answer::hang_up());
    let listed = json!({"_id": "65f0000000000000000000aa", "product": "p", "type": "t", "quantity": 1,
        "status": "FULFILLED", "fulfilled_quantity": 1, "fulfilled_amount": 10, "price_per_card": 10,
        "cards": [{"value": "A", "serial": "1"}], "time": listed_at});
    let pages = json!({"page": 1, "pageSize": 100, "totalPages": 1, "totalResults": 1});
    replay.on("GET /v3/gift-cards/list*", Answer::ok(json!({"items": [listed], "pagination": pages})));
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let builder = Client::builder().base_url(replay.url()).api_key("a-key").vault_key(vault_key());
    let builder = builder.clock(ManualClock::jumping(start)).journal(":memory:").watches(false);
    let client = builder.build().expect("a client");
    let order = client.gift_cards().order(GiftCardRequest::new("p", "t", 1u32).r#ref("lost")).await;
    match order.expect("in doubt").wait(DAYS).await {
        Ok(order) => order.state,
        Err(error) => error.order().expect("the order as it stands").state,
    }
}

#[tokio::test]
async fn a_gift_card_order_of_another_time_is_not_ours_though_the_list_shows_it() {
    // In time by a clock that is a little slow; then half a year old, too late, just too early, and of no time at all.
    assert_eq!(lost_beside(Some("2025-12-31T23:56:00Z")).await, OrderState::Fulfilled);
    for other in
        [Some("2025-06-01T00:00:00Z"), Some("2026-01-01T00:16:00Z"), Some("2025-12-31T23:54:00Z"), None]
    {
        assert_eq!(lost_beside(other).await, OrderState::NeedsReview, "{other:?}");
    }
}

#[tokio::test]
async fn of_two_lost_orders_one_has_the_one_purchase_and_the_other_needs_a_person() {
    let stage = Stage::set().await;
    let (product_id, type_id) = gift(&stage.client).await;
    let gone = FaultRule::new("gift_cards.place_order", Fault::ResetBefore).on_calls([1]);
    let lost = FaultRule::new("gift_cards.place_order", Fault::LostReply).on_calls([2]);
    stage.control.set_faults(FaultPlan { rules: vec![lost, gone], ..Default::default() });
    let mut states = Vec::new();
    let mut orders = Vec::new();
    for r#ref in ["gone", "taken"] {
        let request = GiftCardRequest::new(&product_id, &type_id, 2u32).r#ref(r#ref);
        orders.push(stage.client.gift_cards().order(request).await.expect("recorded"));
    }
    for order in orders {
        let ended = order.wait(DAYS).await;
        states.push(
            ended.map(|order| order.state).unwrap_or_else(|error| error.order().expect("the order").state),
        );
    }
    states.sort_by_key(|state| state.as_str());
    assert_eq!(states, [OrderState::Fulfilled, OrderState::NeedsReview], "equal cards are equal goods");
    assert_eq!(stage.control.ledger().charges.len(), 1);
}

#[tokio::test]
async fn two_lost_orders_and_two_purchases_are_one_each() {
    let stage = Stage::set().await;
    let (product_id, type_id) = gift(&stage.client).await;
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::LostReply));
    let mut orders = Vec::new();
    for r#ref in ["first", "second"] {
        let request = GiftCardRequest::new(&product_id, &type_id, 2u32).r#ref(r#ref);
        orders.push(stage.client.gift_cards().order(request).await.expect("recorded"));
    }
    let mut ids = Vec::new();
    for order in orders {
        let order = order.wait(MINUTES).await.expect("settled");
        assert_eq!(order.state, OrderState::Fulfilled);
        ids.push(order.id.clone());
    }
    assert_ne!(ids[0], ids[1], "no purchase is claimed twice");
    assert_eq!(stage.control.ledger().charges.len(), 2);
}

#[tokio::test]
async fn the_list_is_read_once_for_all_lost_purchases() {
    let stage = Stage::set().await;
    let (product_id, type_id) = gift(&stage.client).await;
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::LostReply));
    let mut orders = Vec::new();
    for count in 0..20 {
        let request = GiftCardRequest::new(&product_id, &type_id, 1u32).r#ref(format!("lost-{count}"));
        orders.push(stage.client.gift_cards().order(request).await.expect("recorded"));
    }
    // By then all are due and the service has delivered.
    stage.clock.advance(MINUTES);
    for order in orders {
        let order = order.wait(MINUTES).await.expect("settled");
        assert_eq!(order.state, OrderState::Fulfilled);
    }
    let (pages, single) =
        (stage.control.requests("gift_cards.list"), stage.control.requests("gift_cards.check_order"));
    assert_eq!((pages, single), (1, 0), "pages and single looks for 20 orders");
}

#[tokio::test]
async fn a_list_that_takes_longer_than_a_lease_is_read_to_its_end_by_one_process() {
    const SPEED: u32 = 1000;
    let replay = Replay::start().await;
    replay.on("POST /v3/gift-cards/placeOrder", Answer::hang_up());
    let nothing =
        json!({"items": [], "pagination": {"page": 1, "pageSize": 100, "totalPages": 1, "totalResults": 0}});
    // A hundred seconds on the engines' clock; a lease has sixty.
    replay.on("GET /v3/gift-cards/list*", Answer::ok(nothing).after(Duration::from_millis(100)));
    let folder = tempfile::tempdir().expect("a folder");
    let pace = Pace::from_now(Utc::now(), SPEED);
    let client = || {
        let builder = Client::builder().base_url(replay.url()).api_key("a-key").vault_key(vault_key());
        let builder = builder.clock(FastClock::new(pace)).journal(folder.path().join("orders.db"));
        builder.read_timeout(Duration::from_secs(1000)).build().expect("a client")
    };
    let (buyer, other) = (client(), client());
    let order =
        buyer.gift_cards().order(GiftCardRequest::new("p", "t", 1u32).r#ref("gone")).await.expect("in doubt");
    other.orders().resume().await.expect("watched by both");
    let pending = order.wait(Duration::from_secs(2 * 3600)).await.expect_err("nobody knows");
    assert_eq!(pending.order().expect("the order").state, OrderState::NeedsReview);
}

#[tokio::test]
async fn a_list_without_an_end_proves_nothing_and_a_person_decides() {
    let replay = Replay::start().await;
    replay.on("POST /v3/gift-cards/placeOrder", Answer::hang_up());
    // It shows an order that would be ours.
    let listed = json!({"_id": "65f0000000000000000000aa", "product": "p", "type": "t", "quantity": 1,
        "status": "FULFILLED", "fulfilled_quantity": 1, "fulfilled_amount": 10, "price_per_card": 10,
        "cards": [{"value": "A", "serial": "1"}], "time": "2026-01-01T00:00:01Z"});
    let pages = json!({"page": 1, "pageSize": 100, "totalPages": 1_000_000, "totalResults": 100_000_000});
    replay.on("GET /v3/gift-cards/list*", Answer::ok(json!({"items": [listed], "pagination": pages})));
    let clock = ManualClock::jumping("2026-01-01T00:00:00Z".parse().expect("an instant"));
    let builder = Client::builder().base_url(replay.url()).api_key("a-key").vault_key(vault_key());
    let builder = builder.clock(clock.clone()).journal(":memory:").watches(false).requests_per_second(1000);
    let client = builder.build().expect("a client");
    let order = client.gift_cards().order(GiftCardRequest::new("p", "t", 1u32).r#ref("lost")).await;
    let order = order.expect("in doubt");
    clock.advance(DAYS);
    let pending = order.wait(MINUTES).await.expect_err("nobody knows");
    assert_eq!(pending.order().expect("the order").state, OrderState::NeedsReview);
}
