//! Every fault against every operation: reads recover or say why, sends never charge twice and never tell an unknown
//! outcome as a failure.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use oneclickdz::{
    Client, ErrorKind, GiftCardRequest, InternetRequest, InternetType, ListRequest, OrderHandle, OrderState,
    Outcome, PaymentLinkRequest, Result, RetryAdvice,
};
use oneclickdz_sandbox::{Fault, FaultParams, FaultRule, Options};
use oneclickdz_tests::harness::{Stage, topup};

type Read = (&'static str, fn(Client, Known) -> BoxFuture<'static, Result<()>>);
type Send = (&'static str, fn(Client, Known) -> BoxFuture<'static, Result<OrderHandle>>);

/// What exists at the service before the fault strikes.
#[derive(Clone)]
struct Known {
    mobile_id: String,
    internet_id: String,
    gift_id: String,
    product_id: String,
    type_id: String,
    payment_ref: String,
}

macro_rules! read {
    ($operation:literal, |$client:ident, $known:ident| $call:expr) => {
        ($operation, |$client: Client, $known: Known| {
            async move {
                let _ = &$known;
                $call.await.map(drop)
            }
            .boxed()
        })
    };
}

const READS: &[Read] = &[
    read!("ping", |client, known| client.ping()),
    read!("validate", |client, known| client.account().validate()),
    read!("account.balance", |client, known| client.account().balance()),
    read!("account.transactions", |client, known| client
        .account()
        .transactions(ListRequest::new())?
        .next_page()),
    read!("mobile.plans", |client, known| client.mobile().plans()),
    read!("mobile.check_id", |client, known| client.mobile().check_by_id(&known.mobile_id)),
    read!("mobile.check_ref", |client, known| client.mobile().check_by_ref("before-mobile")),
    read!("mobile.list", |client, known| client.mobile().list(ListRequest::new())?.next_page()),
    read!("internet.products", |client, known| client.internet().products(InternetType::Adsl)),
    read!("internet.check_number", |client, known| client
        .internet()
        .check_number(InternetType::FourG, "213472731602")),
    read!("internet.check_id", |client, known| client.internet().check_by_id(&known.internet_id)),
    read!("internet.check_ref", |client, known| client.internet().check_by_ref("before-internet")),
    read!("internet.list", |client, known| client.internet().list(ListRequest::new())?.next_page()),
    read!("gift_cards.catalog", |client, known| client.gift_cards().catalog()),
    read!("gift_cards.check_product", |client, known| client.gift_cards().product(&known.product_id)),
    read!("gift_cards.check_order", |client, known| client.gift_cards().check_order(&known.gift_id)),
    read!("gift_cards.list", |client, known| client.gift_cards().list(ListRequest::new())?.next_page()),
    read!("payment_links.check", |client, known| client.payment_links().check(&known.payment_ref)),
];

const SENDS: &[Send] = &[
    ("mobile.send", |client, _| async move { client.mobile().send(topup("the-order")).await }.boxed()),
    ("internet.send", |client, _| {
        async move {
            let request = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref("the-order");
            client.internet().send(request).await
        }
        .boxed()
    }),
    ("gift_cards.place_order", |client, known| {
        async move {
            let request = GiftCardRequest::new(known.product_id, known.type_id, 2u32).r#ref("the-order");
            client.gift_cards().order(request).await
        }
        .boxed()
    }),
];

/// A stage on which one order of each kind was already sent, and the plans and the key are known.
async fn stage() -> (Stage, Known) {
    let stage = Stage::with(Options::manual(), |builder| builder.requests_per_second(1000)).await;
    let client = &stage.client;
    let mobile = client.mobile().send(topup("before-mobile")).await.expect("sent");
    let request = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref("before-internet");
    let internet = client.internet().send(request).await.expect("sent");
    let catalog = client.gift_cards().catalog().await.expect("catalogue");
    let listing =
        catalog.categories.iter().flat_map(|category| &category.products).find(|listing| listing.is_enabled);
    let product = client.gift_cards().product(&listing.expect("a product").id).await.expect("product");
    let type_id = product.types.iter().find(|card| card.is_in_stock).expect("stock").id.clone();
    let product_id = product.id.expect("an id");
    let request = GiftCardRequest::new(&product_id, &type_id, 1u32).r#ref("before-gift");
    let gift = client.gift_cards().order(request).await.expect("sent");
    let link = client.payment_links().create(PaymentLinkRequest::new("x", 500)).await.expect("a link");
    client.account().validate().await.expect("key info");
    let id = |order: &OrderHandle| order.id.clone().expect("an id");
    let known = Known {
        mobile_id: id(&mobile),
        internet_id: id(&internet),
        gift_id: id(&gift),
        product_id,
        type_id,
        payment_ref: link.payment_ref,
    };
    (stage, known)
}

/// Real time is spent on these alone, so they get little of it.
fn rule(operation: &str, fault: Fault) -> (FaultRule, Duration) {
    let rule = FaultRule::new(operation, fault);
    match fault {
        Fault::Slow => {
            let params = FaultParams { delay_ms: Some(20), ..FaultParams::default() };
            (rule.with_params(params), Duration::from_secs(30))
        }
        // Longer than the first back-off, so that there is time for a second try.
        Fault::Stall => (rule, Duration::from_millis(210)),
        _ => (rule, Duration::from_secs(30)),
    }
}

/// What a read does when the fault strikes once.
fn after_one_fault(fault: Fault) -> std::result::Result<(), ErrorKind> {
    match fault {
        Fault::Router404 => Err(ErrorKind::EndpointNotFound),
        Fault::Unauthorized => Err(ErrorKind::Authentication),
        Fault::IpBlocked => Err(ErrorKind::IpBlocked),
        // A stall uses up the wire's time only: the engine's clock stands still meanwhile, so the read is repeated.
        _ => Ok(()),
    }
}

/// What a read says when the fault never ends.
fn under_the_fault(fault: Fault) -> std::result::Result<(), ErrorKind> {
    match fault {
        Fault::LostReply | Fault::ResetBefore => Err(ErrorKind::Transport),
        Fault::Error500After | Fault::Error500Before => Err(ErrorKind::InternalServerError),
        Fault::Error503 | Fault::Html502 => Err(ErrorKind::ServiceUnavailable),
        Fault::AuthUnavailable => Err(ErrorKind::AuthUnavailable),
        Fault::RateLimited => Err(ErrorKind::RateLimited),
        Fault::Truncated | Fault::Empty200 | Fault::NotJson200 => Err(ErrorKind::UnreadableResponse),
        Fault::Stall => Err(ErrorKind::Timeout),
        Fault::Slow | Fault::LateVisibility | Fault::HyphenCodes => Ok(()),
        same => after_one_fault(same),
    }
}

fn kind_of(answer: &Result<()>) -> std::result::Result<(), ErrorKind> {
    answer.as_ref().copied().map_err(oneclickdz::Error::kind)
}

#[tokio::test]
async fn reads_recover_from_a_fault_that_passes() {
    for (operation, call) in READS {
        for fault in Fault::ALL.iter().copied().filter(|fault| *fault != Fault::LateVisibility) {
            let (stage, known) = stage().await;
            let (rule, timeout) = rule(operation, fault);
            stage.fault(rule.on_calls([1]));
            let answer = call(stage.client.with_timeout(timeout), known.clone()).await;
            assert_eq!(kind_of(&answer), after_one_fault(fault), "{operation} {fault:?}: {answer:?}");
            if let Err(error) = answer {
                assert_ne!(error.outcome(), Outcome::Unknown, "a read moves no money: {operation} {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn reads_name_a_fault_that_stays() {
    for (operation, call) in READS {
        for fault in Fault::ALL.iter().copied().filter(|fault| *fault != Fault::LateVisibility) {
            let (stage, known) = stage().await;
            let (rule, timeout) = rule(operation, fault);
            stage.fault(rule);
            let answer = call(stage.client.with_timeout(timeout), known).await;
            assert_eq!(kind_of(&answer), under_the_fault(fault), "{operation} {fault:?}: {answer:?}");
        }
    }
}

/// What a send gives back when the fault strikes it once.
#[derive(Debug, PartialEq)]
enum Sent {
    /// Accepted, and charged.
    Accepted,
    /// Came back as uncertain; charged or not.
    Uncertain { charged: bool },
    /// An error that is sure that nothing was charged.
    Refused,
}

fn sent_under(operation: &str, fault: Fault) -> Sent {
    let has_ref = operation != "gift_cards.place_order";
    match fault {
        Fault::LostReply | Fault::Error500After | Fault::Truncated | Fault::Empty200 | Fault::NotJson200 => {
            Sent::Uncertain { charged: true }
        }
        Fault::Stall => Sent::Uncertain { charged: true },
        Fault::ResetBefore | Fault::Error500Before | Fault::Error503 | Fault::Html502 => {
            Sent::Uncertain { charged: false }
        }
        // Refused without effect, and the reference makes the second try safe (PROTOCOL §9).
        Fault::RateLimited | Fault::AuthUnavailable if has_ref => Sent::Accepted,
        Fault::RateLimited | Fault::AuthUnavailable => Sent::Refused,
        Fault::Router404 | Fault::Unauthorized | Fault::IpBlocked => Sent::Refused,
        Fault::Slow | Fault::LateVisibility | Fault::HyphenCodes => Sent::Accepted,
    }
}

#[tokio::test]
async fn sends_are_charged_at_most_once_and_never_misreported() {
    for (operation, send) in SENDS {
        for fault in Fault::ALL.iter().copied() {
            let (stage, known) = stage().await;
            let before = stage.control.ledger().charges.len();
            let (rule, timeout) = rule(operation, fault);
            stage.fault(rule.on_calls([1]));
            let answer = send(stage.client.with_timeout(timeout), known.clone()).await;
            let charged = stage.control.ledger().charges.len() - before;
            let sent = match &answer {
                Ok(order) if order.state == OrderState::Uncertain => Sent::Uncertain { charged: charged > 0 },
                Ok(order) => {
                    assert_eq!(order.state, OrderState::Accepted, "{operation} {fault:?}");
                    Sent::Accepted
                }
                Err(error) => {
                    assert_ne!(error.outcome(), Outcome::Unknown, "{operation} {fault:?}: {error:?}");
                    assert_eq!(error.order_ref(), Some("the-order"), "{operation} {fault:?}");
                    Sent::Refused
                }
            };
            assert_eq!(sent, sent_under(operation, fault), "{operation} {fault:?}: {answer:?}");
            assert!(
                charged <= 1 && (sent != Sent::Refused || charged == 0),
                "{operation} {fault:?}: {charged} charges"
            );

            stage.control.clear_faults();
            if matches!(fault, Fault::Unauthorized | Fault::IpBlocked) {
                continue;
            }
            let again = send(stage.client.clone(), known).await.expect("the same order");
            // Without a send, unless the first try failed on the way.
            let is_anew = matches!(fault, Fault::RateLimited | Fault::AuthUnavailable | Fault::Router404)
                && sent == Sent::Refused;
            let charged = charged + usize::from(is_anew);
            assert_eq!(stage.control.ledger().charges.len() - before, charged, "{operation} {fault:?}");
            let ended = again.wait(Duration::from_secs(300)).await;
            let is_sent_again =
                sent == Sent::Uncertain { charged: false } && may_be_sent_again(operation, fault);
            match (charged == 1 || is_sent_again, sent, ended) {
                (true, _, Ok(order)) => {
                    assert_eq!(order.state, OrderState::Fulfilled, "{operation} {fault:?}")
                }
                (false, Sent::Refused, Ok(order)) => {
                    assert_eq!(order.state, OrderState::Refused, "{operation}")
                }
                (false, Sent::Uncertain { .. }, Err(error)) => {
                    assert_eq!(error.kind(), ErrorKind::StillPending, "{operation} {fault:?}");
                    let order = error.order().expect("the order");
                    assert_eq!(
                        order.state,
                        OrderState::Uncertain,
                        "{operation} {fault:?}: never told as failed"
                    );
                    assert_eq!(error.retry_advice(), RetryAdvice::CheckFirst);
                }
                (_, _, ended) => panic!("{operation} {fault:?}, {charged} charge(s), ended as {ended:?}"),
            }
            let charges = stage.control.ledger().charges.len() - before;
            assert_eq!(charges, charged + usize::from(is_sent_again), "{operation} {fault:?}");
        }
    }
}

/// Whether an order that never reached the service's books is sent again under its reference, once the service has
/// been asked for it in vain. Not after a 500, which often completes anyway, and never without a reference.
fn may_be_sent_again(operation: &str, fault: Fault) -> bool {
    operation != "gift_cards.place_order" && fault != Fault::Error500Before
}

#[tokio::test]
async fn a_payment_link_is_never_created_twice_by_itself() {
    for fault in Fault::ALL.iter().copied() {
        let (stage, _) = stage().await;
        let before = stage.control.requests("payment_links.create");
        let (rule, timeout) = rule("payment_links.create", fault);
        stage.fault(rule.on_calls([1]));
        let answer = stage
            .client
            .with_timeout(timeout)
            .payment_links()
            .create(PaymentLinkRequest::new("Order 8", 500))
            .await;
        assert_eq!(stage.control.requests("payment_links.create") - before, 1, "{fault:?}");
        if let Err(error) = answer {
            assert_ne!(error.outcome(), Outcome::Unknown, "no money moves: {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_late_order_is_found_once_it_shows() {
    let (stage, _) = stage().await;
    let params = FaultParams { visible_after_seconds: Some(40), ..FaultParams::default() };
    let late = FaultRule::new("mobile.send", Fault::LateVisibility).with_params(params);
    let lost = FaultRule::new("mobile.send", Fault::LostReply);
    stage.control.set_faults(oneclickdz_sandbox::FaultPlan { rules: vec![late, lost], ..Default::default() });
    let order = stage.client.mobile().send(topup("late")).await.expect("recorded");
    assert_eq!(order.state, OrderState::Uncertain);
    let order = order.wait(Duration::from_secs(300)).await.expect("settled");
    assert_eq!((order.state, order.attempts), (OrderState::Fulfilled, 1));
    assert_eq!(stage.control.ledger().charges_of("late").len(), 1);
}

#[tokio::test]
async fn a_hyphenated_duplicate_is_adopted() {
    let (stage, _) = stage().await;
    stage.client.mobile().send(topup("mine")).await.expect("sent");
    stage.fault(FaultRule::new("mobile.send", Fault::HyphenCodes));
    let restarted = stage.another_client("sandbox-key");
    let adopted = restarted.mobile().send(topup("mine")).await.expect("adopted");
    assert_eq!(adopted.state, OrderState::Accepted);
    assert_eq!(stage.control.ledger().charges_of("mine").len(), 1);
}

#[tokio::test]
async fn what_failed_on_the_way_is_sent_by_the_next_call() {
    for (fault, kind) in [
        (Fault::RateLimited, ErrorKind::RateLimited),
        (Fault::AuthUnavailable, ErrorKind::AuthUnavailable),
        (Fault::Unauthorized, ErrorKind::Authentication),
    ] {
        let (stage, known) = stage().await;
        stage.fault(FaultRule::new("gift_cards.place_order", fault).on_calls([1]));
        let (_, send) = SENDS[2];
        let error = send(stage.client.clone(), known.clone()).await.map(drop).expect_err("refused");
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::Refused));
        stage.client.set_api_key("sandbox-key").expect("a key");
        let order = send(stage.client.clone(), known.clone()).await.expect("sent");
        assert_eq!((order.state, order.attempts), (OrderState::Accepted, 2), "{fault:?}");
        let again = send(stage.client.clone(), known).await.expect("the same order");
        assert_eq!(again.id, order.id);
        assert_eq!(stage.control.requests("gift_cards.place_order"), 3, "one before, one refused, one taken");
    }
}
