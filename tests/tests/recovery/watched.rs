//! Orders that are followed: by the page, in the background, across processes.

use std::time::Duration;

use futures_util::future::join_all;
use oneclickdz::{
    Client, Dzd, ErrorKind, GiftCardRequest, OrderEvents, OrderListRequest, OrderState, Outcome, Service,
};
use oneclickdz_sandbox::{Options, SANDBOX_KEY, Sandbox};
use oneclickdz_tests::harness::{Stage, topup};
use oneclickdz_tests::replay::{Answer, Replay};
use serde_json::{Value, json};

use super::{MINUTES, engine, gift};

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
        // Whoever finds the order with the other looks again when that one's lease would be over.
        let builder = builder.lease(Duration::from_millis(500));
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
