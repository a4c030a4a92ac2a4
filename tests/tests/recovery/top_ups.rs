//! Lost top-ups: looked up, sent again under the same reference, or left to a person.

use std::time::Duration;

use futures_util::future::join_all;
use oneclickdz::{Client, ErrorKind, ManualClock, MobileRequest, OrderState, Timestamp};
use oneclickdz_sandbox::{CheckedFirst, Dialect, Environment, Fault, FaultParams, FaultPlan, FaultRule};
use oneclickdz_tests::harness::{Stage, topup};
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::{Value, json};

use super::{DAYS, MINUTES, engine, states};

#[tokio::test]
async fn an_engine_that_dies_while_sending_leaves_an_order_that_the_next_one_finds() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    stage.fault(FaultRule::new("mobile.send", Fault::Stall));
    let first = engine(&stage, &journal);
    first.mobile().plans().await.expect("plans");
    let sending = tokio::spawn(async move { first.mobile().send(topup("died")).await.map(drop) });
    while stage.control.ledger().charges_of("died").is_empty() {
        tokio::task::yield_now().await;
    }
    // The engine goes away with its threads, the request half-way.
    sending.abort();
    let _ = sending.await;
    stage.control.clear_faults();

    let second = engine(&stage, &journal);
    let order = second.orders().get("died").await.expect("on record");
    assert_eq!((order.state, order.attempts), (OrderState::Sending, 1));
    let again = second.mobile().send(topup("died")).await.expect("the same order");
    assert_eq!(again.state, OrderState::Sending, "known, and nobody sends it a second time");
    let order = order.wait(MINUTES).await.expect("settled");
    assert_eq!((order.state, order.attempts), (OrderState::Fulfilled, 1));
    assert_eq!(stage.control.ledger().charges_of("died").len(), 1);
    let passed = states(&second, "died").await;
    assert!(
        passed.starts_with(&[OrderState::Recorded, OrderState::Sending, OrderState::Uncertain]),
        "{passed:?}"
    );
}

#[tokio::test]
async fn the_same_ref_is_the_same_order_after_a_restart() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let sent = engine(&stage, &journal).mobile().send(topup("restart")).await.expect("sent");
    let restarted = engine(&stage, &journal);
    let again = restarted.mobile().send(topup("restart")).await.expect("the same");
    assert_eq!((&again.id, again.created_at), (&sent.id, sent.created_at));
    let other = restarted.mobile().send(topup("restart").amount(700)).await.expect_err("another request");
    assert_eq!(other.kind(), ErrorKind::RefConflict);
    assert_eq!(stage.control.requests("mobile.send"), 1);
}

#[tokio::test]
async fn engines_that_share_a_journal_send_once() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let engines: Vec<Client> = (0..4).map(|_| engine(&stage, &journal)).collect();
    let calls = engines.iter().flat_map(|client| (0..8).map(|_| client.mobile().send(topup("shared"))));
    let orders = join_all(calls).await;
    assert!(orders.iter().all(Result::is_ok), "{orders:?}");
    assert_eq!(stage.control.requests("mobile.send"), 1);
    let settled =
        join_all(orders.into_iter().map(|order| async move { order.expect("an order").wait(MINUTES).await }));
    assert!(settled.await.iter().all(|order| order.as_ref().is_ok_and(|o| o.state == OrderState::Fulfilled)));
}

#[tokio::test]
async fn a_request_that_never_arrived_is_sent_again_after_two_absences() {
    let stage = Stage::set().await;
    stage.fault(FaultRule::new("mobile.send", Fault::ResetBefore).on_calls([1]));
    let order = stage.client.mobile().send(topup("lost")).await.expect("recorded");
    assert_eq!(order.state, OrderState::Uncertain);
    let order = order.wait(MINUTES).await.expect("settled");
    assert_eq!((order.state, order.attempts), (OrderState::Fulfilled, 2));
    assert_eq!(stage.control.ledger().charges_of("lost").len(), 1);
    let history = stage.client.orders().history("lost").await.expect("history");
    let resent = history
        .iter()
        .filter(|event| event.order.state == OrderState::Sending)
        .nth(1)
        .expect("a second send");
    assert!((resent.at - order.created_at).num_seconds() >= 60, "two absences are apart in time");
}

#[tokio::test]
async fn a_late_order_that_shows_after_the_second_send_is_charged_once() {
    let stage = Stage::set().await;
    let params = FaultParams { visible_after_seconds: Some(200), ..FaultParams::default() };
    let late = FaultRule::new("mobile.send", Fault::LateVisibility).with_params(params).on_calls([1]);
    let lost = FaultRule::new("mobile.send", Fault::LostReply).on_calls([1]);
    stage.control.set_faults(FaultPlan { rules: vec![late, lost], ..Default::default() });
    let order = stage.client.mobile().send(topup("hidden")).await.expect("recorded");
    let order = order.wait(Duration::from_secs(1800)).await.expect("settled");
    assert_eq!(order.state, OrderState::Fulfilled);
    assert_eq!(
        stage.control.ledger().charges_of("hidden").len(),
        1,
        "DUPLICATED_REF kept the second one out"
    );
}

/// A balance that is enough for one top-up, and a service that looks at it before it looks at the reference.
async fn short_of_money() -> Stage {
    let stage = Stage::set().await;
    stage.control.set_balance(Environment::Sandbox, "500".parse().expect("an amount"));
    let dialect = Dialect { checked_first: CheckedFirst::Balance, ..Dialect::default() };
    stage.control.set_dialect(dialect);
    stage
}

#[tokio::test]
async fn a_refusal_of_the_second_send_says_nothing_of_the_first() {
    let stage = short_of_money().await;
    let params = FaultParams { visible_after_seconds: Some(400), ..FaultParams::default() };
    let late = FaultRule::new("mobile.send", Fault::LateVisibility).with_params(params).on_calls([1]);
    let lost = FaultRule::new("mobile.send", Fault::LostReply).on_calls([1]);
    stage.control.set_faults(FaultPlan { rules: vec![late, lost], ..Default::default() });
    let order = stage.client.mobile().send(topup("hidden")).await.expect("recorded");
    let order = order.wait(Duration::from_secs(3600)).await.expect("settled");
    assert_eq!((order.state, order.attempts), (OrderState::Fulfilled, 2), "it was sent again, and refused");
    assert_eq!(stage.control.ledger().charges_of("hidden").len(), 1);
    let history = stage.client.orders().history("hidden").await.expect("history");
    assert!(history.iter().any(|event| event.order.last_error.as_deref() == Some("insufficient_balance")));
    assert!(history.iter().all(|event| event.order.state != OrderState::Refused), "nobody was told so");
}

#[tokio::test]
async fn a_refusal_of_the_second_send_ends_an_order_that_the_service_never_knew() {
    let stage = short_of_money().await;
    stage.fault(FaultRule::new("mobile.send", Fault::ResetBefore).on_calls([1]));
    let order = stage.client.mobile().send(topup("never")).await.expect("recorded");
    stage.control.set_balance(Environment::Sandbox, "1".parse().expect("an amount"));
    let order = order.wait(Duration::from_secs(3600)).await.expect("settled");
    assert_eq!(
        (order.state, order.last_error.as_deref()),
        (OrderState::Refused, Some("insufficient_balance"))
    );
    let age = (order.updated_at - order.created_at).num_seconds();
    assert!((660..1800).contains(&age), "ten minutes after the refusal, not at once: {age} s");
    let again = stage.client.mobile().send(topup("never")).await.expect("the same order");
    assert_eq!((again.state, again.attempts), (OrderState::Refused, 2));
    assert!(stage.control.ledger().charges_of("never").is_empty());
}

#[tokio::test]
async fn a_500_is_watched_for_a_day_and_never_sent_again() {
    let stage = Stage::set().await;
    stage.fault(FaultRule::new("mobile.send", Fault::Error500Before).on_calls([1]));
    let order = stage.client.mobile().send(topup("error-500")).await.expect("recorded");
    let pending = order.wait(DAYS).await.expect_err("nobody knows");
    let order = pending.order().expect("the order");
    assert_eq!((order.state, order.attempts), (OrderState::NeedsReview, 1));
    assert!((order.updated_at - order.created_at).num_hours() >= 24);
    assert_eq!(stage.control.requests("mobile.send"), 1);
    assert!(stage.control.ledger().charges.is_empty());
}

#[tokio::test]
async fn a_person_decides_what_cannot_be_found_out() {
    let stage = Stage::set().await;
    let orders = stage.client.orders();
    stage.fault(FaultRule::new("mobile.send", Fault::Error500Before).on_calls([1]));
    let order = stage.client.mobile().send(topup("review")).await.expect("recorded");
    let early = orders
        .resolve("review", OrderState::Refused, "amina", "phoned")
        .await
        .map(drop)
        .expect_err("too early");
    assert_eq!((early.kind(), early.field()), (ErrorKind::Validation, Some("ref")));
    order.wait(DAYS).await.map(drop).expect_err("nobody knows");
    let wrong =
        orders.resolve("review", OrderState::Sending, "amina", "phoned").await.map(drop).expect_err("no end");
    assert_eq!(wrong.field(), Some("decision"));
    let nobody =
        orders.resolve("review", OrderState::Refused, " ", "phoned").await.map(drop).expect_err("nobody");
    assert_eq!(nobody.field(), Some("actor"));
    let decided =
        orders.resolve("review", OrderState::Refused, "amina", "phoned support").await.expect("decided");
    assert_eq!(decided.decision.as_deref(), Some("amina: phoned support"));
    assert_eq!(states(&stage.client, "review").await.last(), Some(&OrderState::Refused));
}

/// A lost top-up, whose service shows this under its reference; with or without its plans.
async fn lost_topup(request: MobileRequest, shown: Value, plans: Answer) -> OrderState {
    let replay = Replay::start().await;
    let unread = Answer::json(503, &json!({"success": false}));
    replay.on("POST /v3/mobile/send", Answer::hang_up());
    replay.on("GET /v3/mobile/check-ref/*", Answer::ok(shown));
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let builder = Client::builder().base_url(replay.url()).api_key("a-key").read_retries(0);
    let builder = builder.clock(ManualClock::jumping(start)).journal(":memory:").watches(false);
    let client = builder.build().expect("a client");
    // Nobody could look at the plans when it was sent.
    replay.on("GET /v3/mobile/plans", [unread, plans]);
    let order = client.mobile().send(request.r#ref("lost")).await.expect("in doubt");
    assert_eq!(order.state, OrderState::Uncertain);
    match order.wait(MINUTES).await {
        Ok(order) => order.state,
        Err(error) => error.order().expect("the order as it stands").state,
    }
}

#[tokio::test]
async fn an_amount_that_the_service_ignores_makes_no_stranger() {
    let plans = || {
        Answer::ok(json!({
            "dynamicPlans": [{"code": "PREPAID_DJEZZY", "isEnabled": true, "min_amount": 50, "max_amount": 5000}],
            "fixedPlans": [{"code": "PIXX_500", "isEnabled": true, "amount": 500}]
        }))
    };
    let unread = || Answer::json(503, &json!({"success": false}));
    let request = |plan: &str| MobileRequest::new(plan, "0778037340").amount(77);
    let shown = |plan: &str, number: &str| {
        json!({"_id": "65f0000000000000000000aa", "ref": "lost", "status": "FULFILLED", "plan_code": plan,
            "MSSIDN": number, "topup_amount": 500, "balance_amount": 485})
    };
    let own = shown("PIXX_500", "0778037340");
    assert_eq!(lost_topup(request("PIXX_500"), own.clone(), plans()).await, OrderState::Fulfilled);
    assert_eq!(
        lost_topup(request("PIXX_500"), own, unread()).await,
        OrderState::Uncertain,
        "nothing is known yet"
    );
    for (plan, shown) in [
        ("PREPAID_DJEZZY", shown("PREPAID_DJEZZY", "0778037340")),
        ("PIXX_500", shown("PIXX_500", "0778037341")),
        ("PIXX_500", shown("PIXX_1000", "0778037340")),
    ] {
        assert_eq!(
            lost_topup(request(plan), shown.clone(), plans()).await,
            OrderState::NeedsReview,
            "{shown}"
        );
    }
}
