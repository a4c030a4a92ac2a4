//! What becomes of orders when answers are lost, engines die and journals are shared.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use oneclickdz::{
    Client, Dzd, ErrorKind, GiftCardRequest, ManualClock, MobileRequest, OrderEvents, OrderListRequest,
    OrderState, Outcome, Service, Timestamp,
};
use oneclickdz_sandbox::{
    CheckedFirst, Dialect, Environment, Fault, FaultParams, FaultPlan, FaultRule, Options, SANDBOX_KEY,
    Sandbox,
};
use oneclickdz_tests::harness::{Stage, topup, vault_key};
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::{Value, json};

const MINUTES: Duration = Duration::from_secs(300);
const DAYS: Duration = Duration::from_secs(3 * 86_400);

/// An engine over a journal file, in front of the stage's service.
fn engine(stage: &Stage, journal: &Path) -> Client {
    let builder =
        Client::builder().base_url(stage.sandbox.url()).api_key(SANDBOX_KEY).clock(stage.clock.clone());
    builder
        .journal(journal)
        .vault_key(vault_key())
        .watches(false)
        .requests_per_second(1000)
        .build()
        .expect("a client")
}

/// A product and a type that can be bought.
async fn gift(client: &Client) -> (String, String) {
    let catalog = client.gift_cards().catalog().await.expect("catalogue");
    let product = client.gift_cards().product(&catalog.categories[0].products[0].id).await.expect("product");
    let type_id = product.types.iter().find(|card| card.is_in_stock).expect("stock").id.clone();
    (product.id.expect("an id"), type_id)
}

async fn states(client: &Client, r#ref: &str) -> Vec<OrderState> {
    let history = client.orders().history(r#ref).await.expect("history");
    history.into_iter().map(|event| event.order.state).collect()
}

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

#[tokio::test]
async fn an_old_answer_that_comes_late_leaves_a_settled_order_as_it_is() {
    let replay = Replay::start().await;
    let id = "65f0000000000000000000cc";
    let listed = |status: &str, charged: u32| {
        json!({"_id": id, "ref": "late", "status": status, "MSSIDN": "0778037340", "plan_code": "PREPAID_DJEZZY",
            "topup_amount": 500, "balance_amount": charged, "created_at": "2026-01-01T00:00:00Z"})
    };
    let list = |items: Value| Answer::ok(json!({"items": items, "pagination": {"page": 1, "totalPages": 1}}));
    replay.on("GET /v3/mobile/plans", Answer::json(503, &json!({"success": false})));
    replay.on("POST /v3/mobile/send", Answer::ok(json!({"topupId": id, "topupRef": "late"})));
    let old = Answer::ok(listed("HANDLING", 490)).after(Duration::from_secs(3));
    replay.on("GET /v3/mobile/check-id/*", old);
    replay.on("GET /v3/account/balance", Answer::ok(json!({"balance": 1000})));
    for path in ["account/transactions", "internet/list", "gift-cards/list"] {
        replay.on(&format!("GET /v3/{path}*"), list(json!([])));
    }
    replay.on("GET /v3/mobile/list*", list(json!([listed("REFUNDED", 0)])));
    let builder = Client::builder().base_url(replay.url()).api_key("a-key").read_retries(0);
    let builder = builder.poll_interval(Duration::from_millis(20)).journal(":memory:").watches(false);
    let client = builder.build().expect("a client");

    let order = client.mobile().send(topup("late")).await.expect("sent");
    let since = order.created_at;
    let looking = tokio::spawn(async move { order.wait(MINUTES).await.map(drop) });
    let is_asked = || replay.lines().iter().any(|line| line.contains("check-id"));
    while !is_asked() {
        tokio::task::yield_now().await;
    }
    // While that answer is on its way, the list shows the end.
    client.orders().reconcile(since, since + MINUTES).await.expect("a report");
    let settled = client.orders().get("late").await.expect("on record");
    assert_eq!((settled.state, settled.status.as_deref()), (OrderState::Refunded, Some("REFUNDED")));
    looking.await.expect("a task").expect("settled");
    let kept = client.orders().get("late").await.expect("on record");
    assert_eq!(kept.order(), settled.order());
    assert_eq!(kept.charged, Some(Dzd::ZERO));
}

#[tokio::test]
async fn many_orders_are_followed_by_the_page() {
    let stage = Stage::with(Options::manual(), |builder| builder.requests_per_second(1000)).await;
    let refs: Vec<String> = (0..120).map(|count| format!("many-{count}")).collect();
    let orders = join_all(refs.iter().map(|r#ref| stage.client.mobile().send(topup(r#ref)))).await;
    for order in orders {
        let order = order.expect("sent").wait(MINUTES).await.expect("settled");
        assert_eq!(order.state, OrderState::Fulfilled);
    }
    let (listed, single) = (stage.control.requests("mobile.list"), stage.control.requests("mobile.check_id"));
    assert!(listed + single <= 60, "{listed} pages and {single} single looks for 120 orders");
    assert!(listed >= 2, "{listed} pages");
}

#[tokio::test]
async fn a_round_reads_each_page_once_however_many_orders_are_due() {
    // Enough for all of them: what is refused for want of money is never pending.
    let options = Options { balance: 10_000_000.into(), ..Options::manual() };
    let stage = Stage::with(options, |builder| builder.requests_per_second(100_000)).await;
    stage.client.mobile().plans().await.expect("plans");
    let refs: Vec<String> = (0..1200).map(|count| format!("round-{count}")).collect();
    let sent = join_all(refs.iter().map(|r#ref| stage.client.mobile().send(topup(r#ref)))).await;
    let mut sent = sent.into_iter().map(|sent| sent.expect("sent")).collect::<Vec<_>>();
    let (first, second) = (sent.swap_remove(0), sent.swap_remove(0));
    let requests = || {
        let of = |operation| stage.control.requests(operation);
        (of("mobile.list"), of("mobile.check_id"))
    };
    let before = requests();
    // Whoever waits plays the rounds, every interval until they are settled after 20 s. A round may have had the first
    // and a few others alone, looked at singly: then the second's has all.
    first.wait(MINUTES).await.expect("settled");
    second.wait(MINUTES).await.expect("settled");
    let (pages, single) = (requests().0 - before.0, requests().1 - before.1);
    assert!(pages <= 8 * 12 && single <= 24, "{pages} pages and {single} single looks for 1200 orders");
    let open = OrderListRequest::new().state(OrderState::Accepted).limit(1000u32);
    let left = stage.client.orders().list(open).await.expect("a list");
    assert!(left.is_empty(), "two waits have settled all but {}, such as {:#?}", left.len(), left.first());
}

#[tokio::test]
async fn a_wait_hears_of_what_another_process_settles() {
    let sandbox = Sandbox::start(Options { speed: 100.0, ..Options::default() }).await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let client = |url: &str| {
        let builder = Client::builder().base_url(url).api_key(SANDBOX_KEY).journal(&journal).read_retries(0);
        builder.poll_interval(Duration::from_millis(20)).build().expect("a client")
    };
    // The one that waits cannot reach the service, so what it hears it hears from the journal.
    let (works, waits) = (client(sandbox.url()), client("http://127.0.0.1:9"));
    works.mobile().send(topup("elsewhere")).await.expect("sent");
    let order = waits.orders().get("elsewhere").await.expect("on record");
    let mut events = waits.orders().events(Some("0")).await.expect("events");
    let mut updates = order.updates();
    let hears_updates = async {
        let mut last = order.state;
        while let Some(order) = updates.next().await.expect("an update") {
            last = order.state;
        }
        last
    };
    let hears_events = async {
        loop {
            let event = events.next().await.expect("an event");
            if event.order.is_settled() {
                return event.order.state;
            }
        }
    };
    let (waited, updated, told) = tokio::join!(order.wait(MINUTES), hears_updates, hears_events);
    let states = [waited.expect("settled").state, updated, told];
    assert_eq!(states, [OrderState::Fulfilled; 3]);
}

#[tokio::test]
async fn events_come_in_order_and_again_until_acknowledged() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("orders.db");
    let first = engine(&stage, &journal);
    first.mobile().send(topup("told")).await.expect("sent").wait(MINUTES).await.expect("settled");
    let told = read_all(first.orders().events(None).await.expect("events")).await;
    let passed: Vec<OrderState> = told.iter().map(|(_, state)| *state).collect();
    let expected = [OrderState::Recorded, OrderState::Sending, OrderState::Accepted, OrderState::Fulfilled];
    assert_eq!(passed, expected);
    first.orders().ack(&told[1].0).await.expect("acknowledged");
    drop(first);

    let second = engine(&stage, &journal);
    let missed = read_all(second.orders().events(None).await.expect("events")).await;
    assert_eq!(missed, told[2..], "what was not acknowledged comes again, with the same ids");
    let from_start = read_all(second.orders().events(Some("0")).await.expect("events")).await;
    assert_eq!(from_start, told);
    let wrong = second.orders().ack("yesterday").await.expect_err("no cursor");
    assert_eq!((wrong.kind(), wrong.field()), (ErrorKind::Validation, Some("cursor")));
}

async fn read_all(mut events: OrderEvents) -> Vec<(String, OrderState)> {
    let mut read = Vec::new();
    while let Some(event) = events.try_next().await.expect("an event") {
        read.push((event.cursor, event.order.state));
    }
    read
}

#[tokio::test]
async fn the_watch_settles_orders_that_nobody_waits_for() {
    let sandbox = Sandbox::start(Options { speed: 100.0, ..Options::default() }).await;
    let client = Client::builder().base_url(sandbox.url()).api_key(SANDBOX_KEY).journal(":memory:");
    let client = client.poll_interval(Duration::from_millis(20)).build().expect("a client");
    let order = client.mobile().send(topup("watched")).await.expect("sent");
    let mut updates = order.updates();
    let mut last = order.state;
    while let Some(order) = updates.next().await.expect("an update") {
        last = order.state;
    }
    assert_eq!(last, OrderState::Fulfilled);
    let mut events = client.orders().events(Some("0")).await.expect("events");
    let settled = loop {
        let event = events.next().await.expect("an event");
        if event.order.is_settled() {
            break event;
        }
    };
    assert_eq!(settled.order.r#ref, "watched");
}

#[tokio::test]
async fn the_journal_lists_its_orders() {
    let stage = Stage::set().await;
    let (product_id, type_id) = gift(&stage.client).await;
    for count in 0..3 {
        stage.client.mobile().send(topup(&format!("list-{count}"))).await.expect("sent");
    }
    let request = GiftCardRequest::new(product_id, type_id, 1u32).r#ref("list-gift");
    stage.client.gift_cards().order(request).await.expect("sent");
    let orders = stage.client.orders();
    let list = |request: OrderListRequest| async move {
        let listed = orders.list(request).await.expect("a list");
        listed.into_iter().map(|order| order.r#ref).collect::<Vec<_>>()
    };
    let mobile = OrderListRequest::new().service(Service::Mobile).state(OrderState::Accepted);
    assert_eq!(list(mobile.clone()).await, ["list-0", "list-1", "list-2"]);
    assert_eq!(list(mobile.after("list-0").limit(1u32)).await, ["list-1"]);
    assert_eq!(list(OrderListRequest::new().service(Service::GiftCards)).await, ["list-gift"]);
    let wrong = orders.list(OrderListRequest::new().limit(0u32)).await.expect_err("no limit");
    assert_eq!((wrong.field(), wrong.outcome()), (Some("limit"), Outcome::NotSent));
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
