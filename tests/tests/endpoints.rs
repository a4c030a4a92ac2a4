//! Every endpoint of the service, through the public client, against the sandbox.

use std::time::Duration;

use futures_executor::block_on;
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use oneclickdz::{
    Client, Dzd, Environment, ErrorKind, GiftCardRequest, InternetRequest, InternetType, KeyScope,
    ListRequest, MobileRequest, OrderState, Outcome, PaymentLinkRequest, PaymentState, RemoteState,
    TransactionKind, make_ref,
};
use oneclickdz_sandbox::{BLOCKED_KEY, Options, PRODUCTION_KEY, READ_ONLY_KEY};
use oneclickdz_tests::harness::{Stage, topup};

const MINUTES: Duration = Duration::from_secs(300);
const DAYS: Duration = Duration::from_secs(3 * 86_400);

fn dzd(text: &str) -> Dzd {
    text.parse().expect(text)
}

#[tokio::test]
async fn ping_needs_no_key() {
    let stage = Stage::with(Options::manual(), |builder| builder.api_key("never-checked")).await;
    let health = stage.client.ping().await.expect("health");
    assert!(health.is_ok && health.operators.iter().all(|operator| operator.is_up));
    assert!(health.operators.iter().any(|operator| operator.operator == "mobilisFixedPlans"));
}

#[tokio::test]
async fn validate_tells_environment_and_scope() {
    let stage = Stage::set().await;
    let info = stage.client.account().validate().await.expect("key info");
    assert_eq!(
        (info.environment, info.scope, info.is_enabled),
        (Environment::Sandbox, KeyScope::ReadWrite, true)
    );
    assert_eq!(info.username.as_deref(), Some("+213665983439"));
    let production = stage.another_client(PRODUCTION_KEY).account().validate().await.expect("key info");
    assert_eq!(production.environment, Environment::Production);
}

#[tokio::test]
async fn the_balance_is_exact_and_moves_with_orders() {
    let stage = Stage::set().await;
    assert_eq!(stage.client.account().balance().await.expect("balance").amount, Dzd::whole(100_000));
    let order = stage.client.mobile().send(topup("b-1")).await.expect("sent");
    assert_eq!(order.new_balance, Some(dzd("99503.75")));
    assert_eq!(stage.client.account().balance().await.expect("balance").amount, dzd("99503.75"));
}

#[tokio::test]
async fn a_reference_that_was_made_up_can_be_sent_whatever_its_prefix_is() {
    let stage = Stage::set().await;
    for prefix in ["", " a b\n", "\0", "é".repeat(200).as_str(), "\t \u{2003}x"] {
        let made = make_ref(prefix);
        let order = stage.client.mobile().send(topup(&made)).await.expect("sent");
        assert_eq!(order.r#ref, made);
    }
}

#[tokio::test]
async fn the_ledger_is_read_page_by_page() {
    let stage = Stage::set().await;
    for number in 0..7 {
        stage.client.mobile().send(topup(&format!("ledger-{number}"))).await.expect("sent");
    }
    let request = ListRequest::new().page_size(3u32);
    let pager = stage.client.account().transactions(request).expect("a pager");
    let lines: Vec<_> = pager.into_stream().try_collect().await.expect("lines");
    assert_eq!(lines.len(), 7);
    assert!(
        lines.iter().all(|line| line.kind == TransactionKind::Flexy && line.amount == Some(dzd("496.25")))
    );
    assert_eq!(stage.control.requests("account.transactions"), 3);
}

#[tokio::test]
async fn plans_come_as_three_kinds() {
    let stage = Stage::set().await;
    let plans = stage.client.mobile().plans().await.expect("plans");
    assert!(plans.get_menu.iter().all(|plan| plan.code.starts_with("GETMENU_")) && plans.get_menu.len() == 3);
    assert!(plans.dynamic.iter().any(|plan| plan.code == "GROS_MOBILIS" && plan.cost.is_none()));
    assert!(plans.fixed.iter().all(|plan| plan.amount.is_some()));
}

#[tokio::test]
async fn a_topup_is_sent_followed_and_found_again() {
    let stage = Stage::set().await;
    let mobile = stage.client.mobile();
    let order = mobile.send(topup("order-1001").owner("user-7")).await.expect("sent");
    assert_eq!((order.state, order.attempts), (OrderState::Accepted, 1));
    let order = order.wait(MINUTES).await.expect("settled");
    assert_eq!((order.state, order.charged), (OrderState::Fulfilled, Some(dzd("496.25"))));
    assert_eq!((order.status.as_deref(), order.owner.as_deref()), (Some("FULFILLED"), Some("user-7")));

    let by_id = mobile.check_by_id(order.id.as_deref().expect("an id")).await.expect("by id");
    let by_ref = mobile.check_by_ref("order-1001").await.expect("by ref");
    assert_eq!((by_id.state, by_ref.state), (RemoteState::Succeeded, RemoteState::Succeeded));
    let listed: Vec<_> =
        mobile.list(ListRequest::new()).expect("a pager").into_stream().try_collect().await.expect("list");
    assert_eq!(listed.len(), 1);
    assert_eq!(stage.client.orders().get("order-1001").await.expect("kept").state, OrderState::Fulfilled);
}

#[tokio::test]
async fn magic_numbers_end_as_documented() {
    let stage = Stage::set().await;
    let send = |number: &str| {
        let request =
            MobileRequest::new("PREPAID_DJEZZY", number).amount(500).r#ref(format!("magic-{number}"));
        stage.client.mobile().send(request)
    };
    let refunded = send("0600000001").await.expect("sent").wait(MINUTES).await.expect("settled");
    assert_eq!((refunded.state, refunded.charged), (OrderState::Refunded, Some(Dzd::ZERO)));
    assert_eq!(refunded.refunded, Some(dzd("496.25")));
    assert!(refunded.refund_message.is_some());
    let mismatch = send("0600000002").await.expect("sent").wait(MINUTES).await.expect("settled");
    assert!(mismatch.state == OrderState::Refunded && !mismatch.suggested_offers.is_empty());
    let unknown = send("0600000003").await.expect("sent").wait(MINUTES).await.expect_err("goes on");
    assert_eq!(unknown.kind(), ErrorKind::StillPending);
    let order = unknown.order().expect("the order");
    assert_eq!((order.state, order.status.as_deref()), (OrderState::Uncertain, Some("UNKNOWN_ERROR")));
    assert!(order.next_check_at.is_some());
    let later =
        stage.client.orders().get("magic-0600000003").await.expect("kept").wait(DAYS).await.expect("settled");
    assert_eq!(later.state, OrderState::Fulfilled, "UNKNOWN_ERROR is not final (PROTOCOL §18 row 11)");
}

#[tokio::test]
async fn get_menu_brings_offers() {
    let stage = Stage::set().await;
    let request = MobileRequest::new("GETMENU_Djezzy", "0778037340").r#ref("menu-1");
    let order =
        stage.client.mobile().send(request).await.expect("sent").wait(MINUTES).await.expect("settled");
    assert!(!order.suggested_offers.is_empty() && order.charged == Some(Dzd::ZERO));
}

#[tokio::test]
async fn internet_cards_of_both_kinds() {
    let stage = Stage::set().await;
    let internet = stage.client.internet();
    for (r#type, number, value) in
        [(InternetType::Adsl, "036362608", 1000), (InternetType::FourG, "213472731602", 1500)]
    {
        assert!(!internet.products(r#type).await.expect("products").is_empty());
        assert_eq!(internet.check_number(r#type, number).await.expect("line").r#type, Some(r#type));
        let r#ref = format!("net-{number}");
        let request = InternetRequest::new(r#type, number, value).r#ref(&r#ref);
        let order = internet.send(request).await.expect("sent").wait(MINUTES).await.expect("settled");
        assert_eq!((order.state, order.card_count), (OrderState::Fulfilled, 1));
        let by_ref = internet.check_by_ref(&r#ref).await.expect("by ref");
        let card = by_ref.card.expect("a card");
        assert!(
            !card.code.expose().is_empty()
                && card.transaction_number.is_some()
                && card.processed_at.is_some()
        );
        let by_id = internet.check_by_id(order.id.as_deref().expect("an id")).await.expect("by id");
        assert_eq!(by_id.state, RemoteState::Succeeded);
    }
    let listed: Vec<_> =
        internet.list(ListRequest::new()).expect("a pager").into_stream().try_collect().await.expect("list");
    assert_eq!(listed.len(), 2);
}

#[tokio::test]
async fn a_queued_card_is_deferred_and_settles_a_day_later() {
    let stage = Stage::set().await;
    let request = InternetRequest::new(InternetType::Adsl, "036000002", 1000).r#ref("queued-1");
    let order = stage.client.internet().send(request).await.expect("sent");
    let pending = order.wait(MINUTES).await.expect_err("goes on");
    assert_eq!(pending.kind(), ErrorKind::StillPending);
    assert_eq!(pending.order().expect("the order").state, OrderState::Deferred);
    let order = order.wait(DAYS).await.expect("settled");
    assert_eq!((order.state, order.card_count), (OrderState::Fulfilled, 1));
    let polls = stage.control.requests("internet.check_id");
    assert!(polls < 80, "{polls} looks for a day of waiting");
}

#[tokio::test]
async fn gift_cards_whole_partial_and_refunded() {
    let stage = Stage::set().await;
    let cards = stage.client.gift_cards();
    let catalog = cards.catalog().await.expect("catalogue");
    let listing = &catalog.categories[0].products[0];
    let product = cards.product(&listing.id).await.expect("product");
    let in_stock = product.types.iter().find(|card| card.is_in_stock).expect("stock");
    let buy = |type_id: &str, quantity: u32, r#ref: &str| {
        cards.order(GiftCardRequest::new(&listing.id, type_id, quantity).r#ref(r#ref))
    };
    let whole = buy(&in_stock.id, 2, "gift-1").await.expect("sent").wait(MINUTES).await.expect("settled");
    assert_eq!((whole.state, whole.card_count, whole.refunded), (OrderState::Fulfilled, 2, Some(Dzd::ZERO)));
    let remote = cards.check_order(whole.id.as_deref().expect("an id")).await.expect("order");
    assert_eq!(remote.cards.len(), 2);
    let partial = buy("TEST_PARTIAL", 4, "gift-2").await.expect("sent").wait(MINUTES).await.expect("settled");
    assert_eq!((partial.state, partial.card_count), (OrderState::PartiallyFilled, 2));
    assert_eq!(partial.charged, partial.refunded, "half was filled");
    let refunded = buy("TEST_REFUND", 2, "gift-3").await.expect("sent").wait(MINUTES).await.expect("settled");
    assert_eq!((refunded.state, refunded.card_count), (OrderState::Refunded, 0));
    let listed: Vec<_> =
        cards.list(ListRequest::new()).expect("a pager").into_stream().try_collect().await.expect("list");
    assert_eq!(listed.len(), 3);
}

#[tokio::test]
async fn payment_links_are_created_and_checked() {
    let stage = Stage::set().await;
    let links = stage.client.payment_links();
    let link = links.create(PaymentLinkRequest::new("Order 8", 5000)).await.expect("a link");
    assert_eq!(link.is_sandbox, Some(true));
    assert_eq!(links.check(&link.payment_ref).await.expect("pending").state, PaymentState::Pending);
    stage.control.settle_payment(&link.payment_ref, true).expect("confirmed");
    let paid = links.check(&link.payment_ref).await.expect("paid");
    assert_eq!((paid.state, paid.amount), (PaymentState::Confirmed, Some(Dzd::whole(5000))));
    let unused = links.create(PaymentLinkRequest::new("Order 9", 500)).await.expect("a link");
    stage.clock.advance(Duration::from_secs(21 * 60));
    assert_eq!(links.check(&unused.payment_ref).await.expect("expired").state, PaymentState::Failed);
}

#[tokio::test]
async fn the_same_ref_is_the_same_order() {
    let stage = Stage::set().await;
    let mobile = stage.client.mobile();
    let first = mobile.send(topup("twice")).await.expect("sent");
    let second = mobile.send(topup("twice")).await.expect("the same");
    assert_eq!((&first.id, first.created_at), (&second.id, second.created_at));
    let other = mobile.send(topup("twice").amount(600)).await.expect_err("another request");
    assert_eq!(
        (other.kind(), other.field(), other.order_ref()),
        (ErrorKind::RefConflict, Some("ref"), Some("twice"))
    );
    assert_eq!(stage.control.requests("mobile.send"), 1);
}

#[tokio::test]
async fn callers_that_race_with_one_ref_send_once() {
    let stage = Stage::set().await;
    let orders = join_all((0..32).map(|_| stage.client.mobile().send(topup("race")))).await;
    assert!(orders.iter().all(|order| order.as_ref().is_ok_and(|order| order.r#ref == "race")));
    assert_eq!(stage.control.requests("mobile.send"), 1);
    assert_eq!(stage.control.ledger().charges.len(), 1);
}

#[tokio::test]
async fn an_order_of_somebody_else_under_the_ref_is_a_conflict_and_ones_own_is_adopted() {
    let stage = Stage::set().await;
    stage.client.mobile().send(topup("shared")).await.expect("sent");
    let restarted = stage.another_client("sandbox-key");
    let adopted = restarted.mobile().send(topup("shared")).await.expect("adopted");
    assert_eq!(adopted.state, OrderState::Accepted);
    let stranger = stage.another_client("sandbox-key");
    let conflict = stranger.mobile().send(topup("shared").amount(700)).await.expect_err("not ours");
    assert_eq!((conflict.kind(), conflict.outcome()), (ErrorKind::RefConflict, Outcome::Refused));
    assert_eq!(stage.control.ledger().charges.len(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_its_order() {
    let stage = Stage::set().await;
    let waiting = tokio::time::timeout(Duration::ZERO, stage.client.mobile().send(topup("dropped"))).await;
    if waiting.is_ok() {
        // It was quicker than the cancellation; the promise holds all the same.
        assert_eq!(stage.control.ledger().charges_of("dropped").len(), 1);
        return;
    }
    let order = stage.client.mobile().send(topup("dropped")).await.expect("the order");
    let order = order.wait(MINUTES).await.expect("settled");
    assert_eq!(order.state, OrderState::Fulfilled);
    assert_eq!(stage.control.ledger().charges_of("dropped").len(), 1);
}

#[tokio::test]
async fn an_intent_that_is_too_late_expires_unsent() {
    let stage = Stage::set().await;
    let past = stage.control.now() - Duration::from_secs(1);
    let order = stage.client.mobile().send(topup("late").send_before(past)).await.expect("recorded");
    assert_eq!(order.state, OrderState::Expired);
    assert_eq!(stage.control.requests("mobile.send"), 0);
}

#[tokio::test]
async fn a_key_of_the_other_environment_buys_nothing() {
    let stage = Stage::with(Options::manual(), |builder| {
        builder.api_key(PRODUCTION_KEY).expect_environment(Environment::Sandbox)
    })
    .await;
    let refused = stage.client.mobile().send(topup("wrong-world")).await.expect_err("refused");
    assert_eq!((refused.kind(), refused.outcome()), (ErrorKind::EnvironmentMismatch, Outcome::NotSent));
    let link =
        stage.client.payment_links().create(PaymentLinkRequest::new("x", 500)).await.expect_err("refused");
    assert_eq!(link.kind(), ErrorKind::EnvironmentMismatch);
    assert_eq!(stage.control.requests("mobile.send") + stage.control.requests("payment_links.create"), 0);
    stage.client.set_api_key("sandbox-key").expect("another key");
    assert!(stage.client.mobile().send(topup("wrong-world")).await.is_ok(), "the ref was not used up");
}

#[tokio::test]
async fn refusals_of_the_service_are_typed_and_charge_nothing() {
    let stage = Stage::set().await;
    stage.control.set_balance(oneclickdz_sandbox::Environment::Sandbox, 100.into());
    let poor = stage.client.mobile().send(topup("poor")).await.expect_err("refused");
    assert_eq!((poor.kind(), poor.outcome()), (ErrorKind::InsufficientBalance, Outcome::Refused));
    assert_eq!(poor.order_ref(), Some("poor"));
    let again = stage.client.mobile().send(topup("poor")).await.expect("the same order");
    assert_eq!(
        (again.state, again.last_error.as_deref()),
        (OrderState::Refused, Some("insufficient_balance"))
    );

    let request = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref("poor-net");
    let poor = stage.client.internet().send(request).await.expect_err("refused");
    assert_eq!((poor.required(), poor.available()), (Some(Dzd::whole(980)), Some(Dzd::whole(100))));

    let read_only =
        stage.another_client(READ_ONLY_KEY).mobile().send(topup("ro")).await.expect_err("refused");
    assert_eq!((read_only.kind(), read_only.outcome()), (ErrorKind::Forbidden, Outcome::Refused));
    let blocked = stage.another_client(BLOCKED_KEY).account().balance().await.expect_err("refused");
    assert_eq!(blocked.kind(), ErrorKind::IpBlocked);
    assert!(stage.control.ledger().charges.is_empty());
}

#[tokio::test]
async fn a_closed_client_says_so() {
    let stage = Stage::set().await;
    stage.client.close();
    stage.client.close();
    for error in [
        stage.client.account().balance().await.map(drop).expect_err("closed"),
        stage.client.mobile().send(topup("closed")).await.map(drop).expect_err("closed"),
    ] {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Closed, Outcome::NotSent));
    }
    assert_eq!(stage.all_requests(), 0);
}

#[test]
fn without_a_tokio_runtime_the_engine_runs_on_its_own_threads() {
    let (url, _keep) = {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let sandbox = runtime.block_on(oneclickdz_sandbox::Sandbox::start(Options::manual()));
        (sandbox.url().to_owned(), (runtime, sandbox))
    };
    let client =
        Client::builder().base_url(url).api_key("sandbox-key").journal(":memory:").build().expect("a client");
    assert_eq!(block_on(client.account().balance()).expect("balance").amount, Dzd::whole(100_000));
    assert_eq!(
        block_on(client.mobile().send(topup("own-threads"))).expect("sent").state,
        OrderState::Accepted
    );
}
