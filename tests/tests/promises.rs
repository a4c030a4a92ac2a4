//! Promises in rare company: a decision before a second call, another key on the same journal, a shop that was off, a limit
//! that passes meanwhile.

use std::path::Path;
use std::time::Duration;

use oneclickdz::{
    Client, ClientBuilder, Environment, ErrorKind, GiftCardRequest, ManualClock, OrderState, Outcome,
};
use oneclickdz_sandbox::{Fault, FaultParams, FaultRule, SANDBOX_KEY};
use oneclickdz_tests::harness::{Stage, topup, vault_key};
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);

/// An engine over a journal file, in front of the stage's service.
fn engine(stage: &Stage, journal: &Path) -> ClientBuilder {
    Client::builder()
        .base_url(stage.sandbox.url())
        .api_key(SANDBOX_KEY)
        .clock(stage.clock.clone())
        .journal(journal)
        .watches(false)
}

/// A top-up of which nobody knows whether it arrived, left behind by a client that is gone.
async fn left_in_doubt(stage: &Stage, client: Client, r#ref: &str, lost: Fault) {
    client.mobile().plans().await.expect("plans");
    stage.fault(FaultRule::new("mobile.send", lost).on_calls([1]));
    let order = client.mobile().send(topup(r#ref)).await.expect("recorded");
    assert_eq!(order.state, OrderState::Uncertain);
    client.close();
    stage.control.clear_faults();
}

/// An order of cards that can be bought.
async fn cards(client: &Client, r#ref: &str) -> GiftCardRequest {
    let catalog = client.gift_cards().catalog().await.expect("catalogue");
    let product = client.gift_cards().product(&catalog.categories[0].products[0].id).await.expect("product");
    let kind = product.types.iter().find(|card| card.is_in_stock).expect("stock");
    GiftCardRequest::new(product.id.expect("an id"), &kind.id, 1u32).r#ref(r#ref)
}

#[tokio::test]
async fn what_a_person_decided_is_not_sent_again() {
    let stage = Stage::set().await;
    let request = cards(&stage.client, "decided").await;
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::ResetBefore).on_calls([1]));
    let order = stage.client.gift_cards().order(request.clone()).await.expect("recorded");
    let pending = order.wait(HOUR).await.expect_err("nobody can tell");
    assert_eq!(pending.order().expect("the order").state, OrderState::NeedsReview);
    let orders = stage.client.orders();
    orders.resolve("decided", OrderState::Refused, "amina", "not in the books").await.expect("decided");
    let again = stage.client.gift_cards().order(request).await.expect("the same order");
    assert_eq!(again.state, OrderState::Refused);
    assert_eq!(stage.control.requests("gift_cards.place_order"), 1);
}

#[tokio::test]
async fn an_order_is_never_sent_again_with_the_key_of_another_account() {
    for lost in [Fault::ResetBefore, Fault::LostReply] {
        let stage = Stage::set().await;
        let folder = tempfile::tempdir().expect("a folder");
        let journal = folder.path().join("orders.db");
        let first = engine(&stage, &journal).build().expect("a client");
        left_in_doubt(&stage, first, "tried out", lost).await;

        let second = engine(&stage, &journal).api_key("production-key").build().expect("a client");
        let order = second.orders().get("tried out").await.expect("on record");
        order.wait(HOUR).await.expect_err("this account has never heard of it");
        assert_eq!(stage.control.requests("mobile.send"), 1);

        // The one that it was sent from finds it, or sends it again.
        let third = engine(&stage, &journal).build().expect("a client");
        let order = third.orders().get("tried out").await.expect("on record").wait(HOUR).await;
        assert_eq!(order.expect("settled").state, OrderState::Fulfilled);
        assert_eq!(stage.control.ledger().charges_of("tried out").len(), 1);
    }
}

#[tokio::test]
async fn tokens_of_one_account_go_on_with_each_others_orders() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let with_token =
        |token: &str| engine(&stage, &journal).key_is_token(true).api_key(token).build().expect("a client");
    left_in_doubt(&stage, with_token("production-key"), "by token", Fault::ResetBefore).await;
    let order = with_token(SANDBOX_KEY).orders().get("by token").await.expect("on record").wait(HOUR).await;
    assert_eq!(order.expect("settled").attempts, 2);
}

#[tokio::test]
async fn an_order_of_another_environment_is_not_sent() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let first = engine(&stage, &journal).build().expect("a client");
    left_in_doubt(&stage, first, "elsewhere", Fault::ResetBefore).await;
    let careful =
        engine(&stage, &journal).expect_environment(Environment::Production).build().expect("a client");
    let order = careful.orders().get("elsewhere").await.expect("on record");
    order.wait(HOUR).await.expect_err("not with this key");
    assert_eq!(stage.control.requests("mobile.send"), 1);
}

#[tokio::test]
async fn an_order_sent_anew_is_followed_from_then_on() {
    let stage = Stage::set().await;
    stage.client.mobile().plans().await.expect("plans");
    stage.fault(FaultRule::new("mobile.send", Fault::RateLimited));
    stage.client.mobile().send(topup("anew")).await.map(drop).expect_err("too many requests");
    stage.control.clear_faults();
    stage.clock.advance(49 * HOUR);
    let order = stage.client.mobile().send(topup("anew")).await.expect("sent");
    assert_eq!(order.wait(HOUR).await.expect("settled").state, OrderState::Fulfilled);
}

#[tokio::test]
async fn cards_ordered_anew_are_found_where_the_answer_is_lost() {
    let stage = Stage::set().await;
    let request = cards(&stage.client, "anew").await;
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::RateLimited));
    stage.client.gift_cards().order(request.clone()).await.map(drop).expect_err("too many requests");
    stage.clock.advance(HOUR);
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::LostReply).on_calls([1]));
    let order = stage.client.gift_cards().order(request).await.expect("recorded");
    assert_eq!(order.state, OrderState::Uncertain);
    assert_eq!(order.wait(HOUR).await.expect("matched").state, OrderState::Fulfilled);
}

#[tokio::test]
async fn nothing_leaves_after_its_time_behind_another_order_of_its_kind() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let first = engine(&stage, &journal).vault_key(vault_key()).build().expect("a client");
    let (one, other) = (cards(&first, "one").await, cards(&first, "other").await);
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::Stall));
    let sending = tokio::spawn(async move { first.gift_cards().order(one).await.map(drop) });
    while stage.control.requests("gift_cards.place_order") == 0 {
        tokio::task::yield_now().await;
    }
    sending.abort();
    let _ = sending.await;
    stage.control.clear_faults();

    let second = engine(&stage, &journal).vault_key(vault_key()).build().expect("a client");
    let limit = stage.control.now() + Duration::from_secs(5);
    let late = second.gift_cards().order(other.send_before(limit)).await.expect("recorded");
    assert_eq!(late.state, OrderState::Expired);
    assert_eq!(stage.control.requests("gift_cards.place_order"), 1);
}

#[tokio::test]
async fn nothing_leaves_after_its_time_between_two_tries() {
    let stage = Stage::set().await;
    stage.client.mobile().plans().await.expect("plans");
    let wait = FaultParams { retry_after: Some(10), ..FaultParams::default() };
    stage.fault(FaultRule::new("mobile.send", Fault::RateLimited).with_params(wait).on_calls([1]));
    let limit = stage.control.now() + Duration::from_secs(3);
    let refused = stage.client.mobile().send(topup("late").send_before(limit)).await.expect_err("too late");
    assert_eq!((refused.kind(), refused.outcome()), (ErrorKind::RateLimited, Outcome::Refused));
    assert!(stage.control.ledger().charges_of("late").is_empty());

    // The same call later is too late as well; with a later limit it is sent.
    stage.clock.advance(HOUR);
    let late = stage.client.mobile().send(topup("late").send_before(limit)).await.expect("the same order");
    assert_eq!(late.state, OrderState::Refused);
    assert!(stage.control.ledger().charges_of("late").is_empty());
    let limit = stage.control.now() + HOUR;
    let sent = stage.client.mobile().send(topup("late").send_before(limit)).await.expect("sent");
    assert_eq!(sent.state, OrderState::Accepted);
}

#[tokio::test]
async fn a_known_order_is_told_whatever_the_plans_say() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let order = engine(&stage, &journal).build().expect("a client").mobile().send(topup("known")).await;
    order.expect("sent").wait(HOUR).await.expect("fulfilled");

    let restarted = engine(&stage, &journal).build().expect("a client");
    stage.fault(FaultRule::new("mobile.plans", Fault::Router404));
    let again = restarted.mobile().send(topup("known")).await.expect("the same order");
    assert_eq!(again.state, OrderState::Fulfilled);
    let other = restarted.mobile().send(topup("known").amount(700)).await.expect_err("another request");
    assert_eq!(other.kind(), ErrorKind::RefConflict);
    let new = restarted.mobile().send(topup("new")).await.expect_err("the plans cannot be read");
    assert_eq!(new.kind(), ErrorKind::EndpointNotFound);
}

#[tokio::test]
async fn a_send_goes_on_when_its_caller_goes_away_before_the_plans_are_read() {
    let stage = Stage::set().await;
    let mut sending = Box::pin(stage.client.mobile().send(topup("left alone")));
    assert!(futures_util::FutureExt::now_or_never(&mut sending).is_none());
    drop(sending);
    while stage.control.ledger().charges_of("left alone").is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_500_with_another_code_is_not_sent_again_either() {
    let replay = Replay::start().await;
    replay.on("GET /v3/mobile/plans", Answer::json(503, &json!({"success": false})));
    replay.on("POST /v3/mobile/send", Answer::error(500, "ERR_STOCK", "stock"));
    replay.on("GET /v3/mobile/check-ref/*", Answer::error(404, "NOT_FOUND", "none"));
    let clock = ManualClock::jumping("2026-01-01T00:00:00Z".parse().expect("a time"));
    let client = Client::builder().base_url(replay.url()).api_key("k").clock(clock).journal(":memory:");
    let client = client.watches(false).build().expect("a client");
    let order = client.mobile().send(topup("failed")).await.expect("recorded");
    assert_eq!(order.state, OrderState::Uncertain);
    order.wait(HOUR).await.expect_err("it may still take effect");
    assert_eq!(replay.requests_of("POST").len(), 1);
}

#[tokio::test]
async fn cards_are_not_bought_anew_without_a_vault_key() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let request = cards(&stage.client, "unsealable").await;
    let engine = || engine(&stage, &journal).expect_environment(Environment::Sandbox);
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::RateLimited).on_calls([1]));
    let with_key = engine().vault_key(vault_key()).build().expect("a client");
    with_key.gift_cards().order(request.clone()).await.map(drop).expect_err("too many requests");
    let without = engine().build().expect("a client");
    let refused = without.gift_cards().order(request).await.expect_err("nothing to seal with");
    assert_eq!(refused.kind(), ErrorKind::VaultKeyMissing);
    assert_eq!(stage.control.requests("gift_cards.place_order"), 1);
}

#[tokio::test]
async fn events_that_nobody_saw_cannot_be_acknowledged() {
    let stage = Stage::set().await;
    let orders = stage.client.orders();
    stage.client.mobile().send(topup("first")).await.expect("sent").wait(HOUR).await.expect("fulfilled");
    for wrong in ["999999", "9223372036854775807", "+1", "-1", "1.0", "", "x"] {
        let refused = orders.ack(wrong).await.expect_err("no event has it");
        assert_eq!((refused.kind(), refused.field()), (ErrorKind::Validation, Some("cursor")), "{wrong}");
    }
    let refused = orders.events(Some("x")).await.map(drop).expect_err("no cursor");
    assert_eq!((refused.kind(), refused.field()), (ErrorKind::Validation, Some("after")));
    let mut events = orders.events(None).await.expect("events");
    let first = events.try_next().await.expect("readable").expect("nothing was skipped");
    assert_eq!((first.cursor.as_str(), first.order.state), ("1", OrderState::Recorded));
    orders.ack(&first.cursor).await.expect("seen");
}

#[tokio::test]
async fn deciding_on_an_unknown_order_says_that_there_is_none() {
    let stage = Stage::set().await;
    let orders = stage.client.orders();
    let unknown = orders.resolve("none", OrderState::Refused, "amina", "").await.map(drop).expect_err("none");
    assert_eq!((unknown.kind(), unknown.outcome()), (ErrorKind::NotFound, Outcome::NotSent));
    let wrong = orders.resolve(&"x".repeat(1_000_000), OrderState::Refused, "amina", "").await.map(drop);
    let wrong = wrong.expect_err("no reference is that long");
    assert_eq!(wrong.field(), Some("ref"));
    assert!(wrong.to_string().len() < 200);
}

#[tokio::test]
async fn a_service_that_is_down_gives_no_order_up() {
    // Switched off for two days with an order on its way, and for one with an order whose answer was lost.
    for (hours, lost) in [(49, None), (25, Some(Fault::LostReply))] {
        let stage = Stage::set().await;
        stage.client.mobile().plans().await.expect("plans");
        if let Some(lost) = lost {
            stage.fault(FaultRule::new("mobile.send", lost).on_calls([1]));
        }
        let order = stage.client.mobile().send(topup("left")).await.expect("sent");
        stage.clock.advance(hours * HOUR);
        stage.fault(FaultRule::new("reads", Fault::Error503));
        let down = order.wait(Duration::from_secs(60)).await.expect_err("the service is down");
        assert_eq!(down.order().expect("the order").state, order.state);
        stage.control.clear_faults();
        assert_eq!(order.wait(2 * HOUR).await.expect("settled").state, OrderState::Fulfilled);
    }
}

#[tokio::test]
async fn what_the_service_no_longer_knows_is_not_waited_for() {
    let replay = Replay::start().await;
    let shown = |status: &str| {
        Answer::ok(json!({"_id": "65f0000000000000000000aa", "ref": "gone", "status": status,
            "MSSIDN": "0778037340", "plan_code": "PREPAID_DJEZZY", "topup_amount": 500}))
    };
    let none = Answer::error(404, "NOT_FOUND", "none");
    replay.on("GET /v3/mobile/plans", Answer::json(503, &json!({"success": false})));
    let accepted = Answer::ok(json!({"topupId": "65f0000000000000000000aa", "topupRef": "gone"}));
    replay.on("POST /v3/mobile/send", accepted);
    replay.on("GET /v3/mobile/check-id/*", [shown("PENDING"), none, shown("FULFILLED")]);
    let clock = ManualClock::jumping("2026-01-01T00:00:00Z".parse().expect("an instant"));
    let builder = Client::builder().base_url(replay.url()).api_key("k").clock(clock.clone());
    let builder = builder.journal(":memory:");
    let client = builder.watches(false).build().expect("a client");
    let order = client.mobile().send(topup("gone")).await.expect("sent");
    let gone = order.wait(HOUR).await.expect_err("it is no longer known");
    assert_eq!((gone.kind(), gone.outcome()), (ErrorKind::NotFound, Outcome::Unknown));

    // It was not given up: it is looked at again, and its end is seen.
    clock.advance(HOUR);
    assert_eq!(order.wait(HOUR).await.expect("settled").state, OrderState::Fulfilled);
}

#[tokio::test]
async fn an_order_that_another_account_does_not_know_is_not_gone() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let first = engine(&stage, &journal).build().expect("a client");
    let order = first.mobile().send(topup("of the first")).await.expect("sent");
    order.wait(Duration::from_secs(4)).await.expect_err("still pending");
    first.close();

    let second = engine(&stage, &journal).api_key("production-key").build().expect("a client");
    let order = second.orders().get("of the first").await.expect("on record");
    assert_eq!(order.status.as_deref(), Some("PENDING"), "the first client has seen it");
    let pending = order.wait(Duration::from_secs(60)).await.expect_err("this account does not know it");
    assert_eq!(pending.kind(), ErrorKind::StillPending);

    let third = engine(&stage, &journal).build().expect("a client");
    let order = third.orders().get("of the first").await.expect("on record").wait(2 * HOUR).await;
    assert_eq!(order.expect("settled").state, OrderState::Fulfilled);
}

#[tokio::test]
async fn an_absence_counts_only_for_who_holds_the_order() {
    let replay = Replay::start().await;
    let none = || Answer::error(404, "NOT_FOUND", "none");
    replay.on("GET /v3/mobile/plans", Answer::json(503, &json!({"success": false})));
    replay.on("GET /v3/validate", Answer::ok(json!({"username": "+213", "apiKey": {"type": "SANDBOX"}})));
    replay.on("POST /v3/mobile/send", Answer::hang_up());
    replay.on("GET /v3/mobile/check-ref/*", [none().after(Duration::from_secs(3)), none()]);
    let folder = tempfile::tempdir().expect("a folder");
    let engine = || {
        let builder =
            Client::builder().base_url(replay.url()).api_key("k").journal(folder.path().join("orders.db"));
        let builder = builder.lease(Duration::from_secs(1)).poll_interval(Duration::from_millis(200));
        builder.watches(false).build().expect("a client")
    };
    let order = engine().mobile().send(topup("slow")).await.expect("in doubt");
    let slow = tokio::spawn(async move { order.wait(Duration::from_secs(6)).await.map(drop) });
    while replay.requests_of("GET").iter().all(|request| !request.target.contains("check-ref")) {
        tokio::task::yield_now().await;
    }
    // Takes the order over from the one that still waits for its answer.
    let other = engine().orders().get("slow").await.expect("on record").wait(Duration::from_secs(6)).await;
    other.map(drop).expect_err("nothing is known");
    slow.await.expect("a wait").expect_err("nothing is known");
    assert_eq!(replay.requests_of("POST").len(), 1, "a minute has not passed between two absences");
}

#[tokio::test]
async fn a_clock_that_was_ahead_stops_no_order() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let ahead = ManualClock::jumping(stage.control.now() + 24 * HOUR);
    let first = engine(&stage, &journal).clock(ahead).build().expect("a client");
    first.mobile().send(topup("ahead")).await.expect("sent");
    first.close();

    // The clock was set right.
    let second = engine(&stage, &journal).build().expect("a client");
    let order = second.orders().get("ahead").await.expect("on record").wait(HOUR).await.expect("settled");
    assert_eq!(order.state, OrderState::Fulfilled);
}

#[tokio::test]
async fn what_cannot_be_sent_again_is_for_a_person_in_the_end() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let first = engine(&stage, &journal).build().expect("a client");
    left_in_doubt(&stage, first, "elsewhere", Fault::ResetBefore).await;
    let careful =
        engine(&stage, &journal).expect_environment(Environment::Production).build().expect("a client");
    let order = careful.orders().get("elsewhere").await.expect("on record");
    let pending = order.wait(30 * HOUR).await.expect_err("the service never knew it");
    assert_eq!(pending.order().expect("the order").state, OrderState::NeedsReview);
    assert_eq!(stage.control.requests("mobile.send"), 1);
}

#[tokio::test]
async fn an_order_that_another_record_claims_is_for_a_person_in_the_end() {
    let replay = Replay::start().await;
    let shown = json!({"_id": "65f0000000000000000000aa", "status": "HANDLING", "MSSIDN": "0778037340",
        "plan_code": "PREPAID_DJEZZY", "topup_amount": 500});
    replay.on("GET /v3/mobile/plans", Answer::json(503, &json!({"success": false})));
    let accepted = Answer::ok(json!({"topupId": "65f0000000000000000000aa", "topupRef": "claims"}));
    replay.on("POST /v3/mobile/send", [accepted, Answer::hang_up()]);
    replay.on("GET /v3/mobile/check-id/*", Answer::ok(shown.clone()));
    replay.on("GET /v3/mobile/check-ref/*", Answer::ok(shown));
    let start = ManualClock::jumping("2026-01-01T00:00:00Z".parse().expect("an instant"));
    let builder = Client::builder().base_url(replay.url()).api_key("k").clock(start).journal(":memory:");
    let client = builder.watches(false).build().expect("a client");
    client.mobile().send(topup("claims")).await.expect("sent");
    let lost = client.mobile().send(topup("lost")).await.expect("in doubt");
    let pending = lost.wait(30 * HOUR).await.expect_err("it is another's");
    assert_eq!(pending.order().expect("the order").state, OrderState::NeedsReview);
}
