//! The journal against the service's books, with discrepancies planted on purpose.

use std::path::Path;
use std::time::Duration;

use oneclickdz::{
    Client, Dzd, ErrorKind, Finding, FindingKind, GiftCardRequest, InternetRequest, InternetType,
    MobileRequest, OrderState, Outcome, Reconciliation, Service, Timestamp,
};
use oneclickdz_sandbox::{
    Environment, Fault, FaultRule, Options, PRODUCTION_KEY, SANDBOX_KEY, SeedOrders,
    Service as SandboxService,
};
use oneclickdz_tests::harness::{Stage, topup, vault_key};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const MINUTES: Duration = Duration::from_secs(300);
const HOUR: Duration = Duration::from_secs(3600);
const PSN: &str = "507f1f77bcf86cd799439011";

fn dzd(text: &str) -> Dzd {
    text.parse().expect(text)
}

fn gift(type_id: &str, quantity: u32, r#ref: &str) -> GiftCardRequest {
    GiftCardRequest::new(PSN, type_id, quantity).r#ref(r#ref)
}

/// From the stage's first instant to the present.
async fn reconcile(stage: &Stage, client: &Client, since: Timestamp) -> Reconciliation {
    client.orders().reconcile(since, stage.control.now()).await.expect("a report")
}

/// A way to the sandbox on which one text of the ledger's answers is told differently. Both texts are equally long.
async fn twisted(stage: &Stage, text: impl Into<String>, told: impl Into<String>) -> String {
    let (text, told) = (text.into(), told.into());
    assert_eq!(text.len(), told.len());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let service = stage.sandbox.address();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(caller.read_u8().await.expect("a request without a body"));
            }
            let head = String::from_utf8(head).expect("text");
            let mut behind = TcpStream::connect(service).await.expect("the sandbox");
            let once = head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
            behind.write_all(once.as_bytes()).await.expect("passed on");
            let mut answer = String::new();
            behind.read_to_string(&mut answer).await.expect("an answer");
            if head.contains("/v3/account/transactions") {
                answer = answer.replace(&text, &told);
            }
            caller.write_all(answer.as_bytes()).await.expect("answered");
        }
    });
    url
}

/// An engine on the same journal that goes that way.
fn through(stage: &Stage, url: String, journal: &Path) -> Client {
    let builder = Client::builder().base_url(url).api_key(SANDBOX_KEY).journal(journal).watches(false);
    builder.clock(stage.clock.clone()).vault_key(vault_key()).build().expect("a client")
}

/// Buys one of each, then compares through a ledger that tells one text differently.
async fn findings_of_twisted(text: &'static str, told: &'static str) -> Vec<Finding> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let stage = Stage::with(Options::manual(), |builder| builder.journal(&path)).await;
    let since = stage.control.now();
    buy_one_of_each(&stage.client).await;
    stage.clock.advance(HOUR);
    let client = through(&stage, twisted(&stage, text, told).await, &path);
    let mut findings = reconcile(&stage, &client, since).await.findings;
    findings.sort_by_key(|finding| (finding.kind.as_str(), finding.r#ref.clone()));
    findings
}

#[tokio::test]
async fn a_ledger_that_charges_another_amount_is_told() {
    let findings = findings_of_twisted("\"amount\":1960", "\"amount\":1970").await;
    let of = |kind: FindingKind| findings.iter().filter(move |finding| finding.kind == kind);
    let amounts: Vec<_> = of(FindingKind::AmountDiffers)
        .map(|finding| (finding.r#ref.as_deref(), finding.expected, finding.actual))
        .collect();
    let (expected, actual) = (Some(Dzd::whole(1960)), Some(Dzd::whole(1970)));
    assert_eq!(
        amounts,
        [
            (Some("g-1"), expected, actual),
            (Some("g-2"), expected, actual),
            (Some("g-3"), expected, actual), // its charge
            (Some("g-3"), expected, actual), // its refund
        ]
    );
    assert_eq!(of(FindingKind::BalanceDiffers).count(), 4, "the lines do not add up in themselves either");
    assert_eq!(findings.len(), 8);
}

#[tokio::test]
async fn a_refund_that_the_account_never_got_is_told() {
    let findings = findings_of_twisted("REFUND-FLEXY", "SOMETHING-EL").await;
    let short = |finding: &Finding| (finding.kind, finding.r#ref.clone(), finding.expected, finding.actual);
    let missed =
        |r#ref: &str| (FindingKind::RefundNotSeen, Some(r#ref.to_owned()), Some(dzd("496.25")), None);
    assert_eq!(findings.iter().map(short).collect::<Vec<_>>(), [missed("m-2"), missed("m-3")]);
}

#[tokio::test]
async fn a_refund_of_an_order_that_is_fulfilled_here_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let stage = Stage::with(Options::manual(), |builder| builder.journal(&path)).await;
    let since = stage.control.now();
    buy_one_of_each(&stage.client).await;
    stage.clock.advance(HOUR);
    let id = |r#ref: &'static str| {
        let orders = stage.client.orders();
        async move { orders.get(r#ref).await.expect("kept").id.clone().expect("an id") }
    };
    // The ledger tells what happened to the refunded card of the delivered one.
    let url = twisted(&stage, id("i-2").await, id("i-1").await).await;
    let report = reconcile(&stage, &through(&stage, url, &path), since).await;
    assert_eq!(
        kinds(&report),
        [(FindingKind::ChargeNotSeen, Some("i-2"), false), (FindingKind::RefundNotSeen, Some("i-1"), false),]
    );
    let refund = report.findings.iter().find(|finding| finding.kind == FindingKind::RefundNotSeen);
    assert_eq!(refund.expect("found").actual, Some(Dzd::whole(980)));
}

#[tokio::test]
async fn a_ledger_that_names_no_orders_proves_nothing_against_them() {
    assert_eq!(findings_of_twisted("\"objid\"", "\"other\"").await, []);
}

#[tokio::test]
async fn another_amount_under_our_id_is_told() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    let ours = stage.client.mobile().send(topup("same-id")).await.expect("sent");
    // A service that has forgotten everything gives the same ids again.
    stage.control.reset();
    let other = MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(700).r#ref("same-id");
    let theirs = stage.another_client(SANDBOX_KEY).mobile().send(other).await.expect("sent");
    assert_eq!(ours.id, theirs.id);
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(kinds(&report), [(FindingKind::AmountDiffers, Some("same-id"), false)]);
    let finding = &report.findings[0];
    assert_eq!((finding.expected, finding.actual), (Some(Dzd::whole(500)), Some(Dzd::whole(700))));
    let kept = stage.client.orders().get("same-id").await.expect("kept");
    assert_eq!(kept.state, OrderState::Accepted, "another order's word is not believed of this one");
}

/// What was found, in short and in a fixed order.
fn kinds(report: &Reconciliation) -> Vec<(FindingKind, Option<&str>, bool)> {
    let short = |finding: &Finding| (finding.kind.as_str(), finding.r#ref.clone());
    let mut in_order: Vec<_> = report.findings.iter().collect();
    in_order.sort_by_key(|finding| short(finding));
    in_order.iter().map(|found| (found.kind, found.r#ref.as_deref(), found.is_repaired)).collect()
}

/// One of every kind of order and of end, all followed to it.
async fn buy_one_of_each(client: &Client) {
    let mobile = client.mobile();
    for (number, r#ref) in [("0778037340", "m-1"), ("0600000001", "m-2"), ("0600000002", "m-3")] {
        let request = MobileRequest::new("PREPAID_DJEZZY", number).amount(500).r#ref(r#ref);
        mobile.send(request).await.expect("sent").wait(MINUTES).await.expect("settled");
    }
    let menu = MobileRequest::new("GETMENU_Djezzy", "0778037340").r#ref("menu-1");
    mobile.send(menu).await.expect("sent").wait(MINUTES).await.expect("settled");
    for (number, r#ref) in [("036362608", "i-1"), ("036000001", "i-2")] {
        let request = InternetRequest::new(InternetType::Adsl, number, 1000).r#ref(r#ref);
        client.internet().send(request).await.expect("sent").wait(MINUTES).await.expect("settled");
    }
    for (type_id, r#ref) in [("type_001", "g-1"), ("TEST_PARTIAL", "g-2"), ("TEST_REFUND", "g-3")] {
        let order = client.gift_cards().order(gift(type_id, 4, r#ref)).await.expect("sent");
        order.wait(MINUTES).await.expect("settled");
    }
}

#[tokio::test]
async fn books_that_agree_have_no_findings() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    buy_one_of_each(&stage.client).await;
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(report.findings, []);
    assert_eq!((report.records_compared, report.orders_compared), (9, 9));
    // Charges for all but the menu; refunds of two top-ups, a card, half an order and a whole one.
    assert_eq!(report.transactions_compared, 8 + 5);
    assert_eq!(report.balance, stage.client.account().balance().await.expect("balance").amount);
    let requests = stage.all_requests();
    reconcile(&stage, &stage.client, since).await;
    assert_eq!(stage.all_requests() - requests, 5, "a balance, a ledger page, three lists");
}

#[tokio::test]
async fn a_window_of_the_past_says_nothing_of_the_present() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    buy_one_of_each(&stage.client).await;
    let until = stage.control.now();
    stage.clock.advance(HOUR * 24);
    let another = stage.another_client(SANDBOX_KEY);
    another.mobile().send(topup("later")).await.expect("sent");
    stage.control.set_balance(Environment::Sandbox, "5".parse().expect("a decimal"));
    let report = stage.client.orders().reconcile(since, until).await.expect("a report");
    assert_eq!(report.findings, []);
    let empty = stage
        .client
        .orders()
        .reconcile(until + chrono::TimeDelta::hours(1), until + chrono::TimeDelta::hours(2));
    assert_eq!(empty.await.expect("a report").records_compared, 0);
    let error = stage.client.orders().reconcile(until, since).await.expect_err("the wrong way round");
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("until")));
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn orders_of_another_program_are_missing_here() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    let another = stage.another_client(SANDBOX_KEY);
    let theirs = another.mobile().send(topup("theirs-1")).await.expect("sent");
    let refunded = MobileRequest::new("PREPAID_DJEZZY", "0600000001").amount(500).r#ref("theirs-2");
    another.mobile().send(refunded).await.expect("sent").wait(MINUTES).await.expect("settled");
    let card = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref("theirs-3");
    another.internet().send(card).await.expect("sent");
    another.gift_cards().order(gift("type_001", 2, "theirs-4")).await.expect("sent");
    stage.client.mobile().send(topup("ours-1")).await.expect("sent").wait(MINUTES).await.expect("settled");
    stage.clock.advance(HOUR);

    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(
        kinds(&report),
        [
            (FindingKind::GiftCardsUnclaimed, None, false),
            (FindingKind::MissingHere, Some("theirs-1"), false),
            (FindingKind::MissingHere, Some("theirs-2"), false),
            (FindingKind::MissingHere, Some("theirs-3"), false),
        ]
    );
    let of_first = report.findings.iter().find(|found| found.r#ref.as_deref() == Some("theirs-1"));
    let of_first = of_first.expect("found");
    assert_eq!((of_first.service, of_first.actual), (Some(Service::Mobile), Some(dzd("496.25"))));
    assert_eq!(of_first.order_id, theirs.id);
    let unclaimed = report.findings.iter().find(|found| found.kind == FindingKind::GiftCardsUnclaimed);
    assert_eq!(unclaimed.expect("found").actual, Some(Dzd::whole(980)));
    assert_eq!(
        stage.client.orders().get("theirs-1").await.expect_err("not adopted").kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn an_order_that_fell_behind_catches_up_in_its_own_history() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    stage.client.mobile().send(topup("behind-1")).await.expect("sent");
    let refund = MobileRequest::new("PREPAID_DJEZZY", "0600000001").amount(500).r#ref("behind-2");
    stage.client.mobile().send(refund).await.expect("sent");
    stage.client.gift_cards().order(gift("TEST_PARTIAL", 4, "behind-3")).await.expect("sent");
    stage.clock.advance(HOUR);

    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(
        kinds(&report),
        [
            (FindingKind::StateDiffers, Some("behind-1"), true),
            (FindingKind::StateDiffers, Some("behind-2"), true),
            (FindingKind::StateDiffers, Some("behind-3"), true),
        ],
        "the refunds are no findings of their own: the orders know them now"
    );
    let orders = stage.client.orders();
    assert_eq!(orders.get("behind-1").await.expect("kept").state, OrderState::Fulfilled);
    assert_eq!(orders.get("behind-2").await.expect("kept").state, OrderState::Refunded);
    let partial = orders.get("behind-3").await.expect("kept");
    assert_eq!((partial.state, partial.charged), (OrderState::PartiallyFilled, Some(Dzd::whole(980))));
    let history = orders.history("behind-1").await.expect("a history");
    assert_eq!(history.last().expect("a step").from, Some(OrderState::Accepted));
    assert_eq!(reconcile(&stage, &stage.client, since).await.findings, [], "once is enough");
}

#[tokio::test]
async fn a_lost_answer_is_found_by_its_reference() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    stage.fault(FaultRule::new("mobile.send", Fault::LostReply));
    let order = stage.client.mobile().send(topup("lost-1")).await.expect("in doubt");
    assert_eq!((order.state, &order.id), (OrderState::Uncertain, &None));
    stage.control.clear_faults();
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(kinds(&report), [(FindingKind::StateDiffers, Some("lost-1"), true)]);
    let order = stage.client.orders().get("lost-1").await.expect("kept");
    assert!(order.state == OrderState::Fulfilled && order.id.is_some());
    assert_eq!(order.charged, Some(dzd("496.25")));
}

#[tokio::test]
async fn a_lost_gift_card_answer_is_left_to_a_proof() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::LostReply));
    stage.client.gift_cards().order(gift("type_001", 2, "lost-g")).await.expect("in doubt");
    stage.control.clear_faults();
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(kinds(&report), [(FindingKind::GiftCardsUnclaimed, Some("lost-g"), false)]);
    let order = stage.client.orders().get("lost-g").await.expect("kept");
    assert_eq!(order.state, OrderState::Uncertain, "a comparison claims nothing");
}

#[tokio::test]
async fn an_order_that_the_service_does_not_have_is_missing_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let stage = Stage::with(Options::manual(), |builder| builder.journal(&path)).await;
    let since = stage.control.now();
    let order = stage.client.mobile().send(topup("there-1")).await.expect("sent");
    order.wait(MINUTES).await.expect("settled");
    // The same journal behind the key of the other account: there, nothing of it exists.
    let builder = Client::builder().base_url(stage.sandbox.url()).api_key(PRODUCTION_KEY).journal(&path);
    let other = builder.clock(stage.clock.clone()).watches(false).build().expect("a client");
    let report = reconcile(&stage, &other, since).await;
    assert_eq!(report.findings, [], "what was sent just now may be shown late");
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &other, since).await;
    assert_eq!(kinds(&report), [(FindingKind::MissingThere, Some("there-1"), false)]);
    let finding = &report.findings[0];
    assert_eq!((finding.expected, finding.actual), (Some(dzd("496.25")), None));
    assert_eq!((finding.service, &finding.order_id), (Some(Service::Mobile), &order.id));
    assert!(finding.detail.contains("sent with another key"), "{}", finding.detail);
}

#[tokio::test]
async fn an_adopted_order_that_was_never_charged_is_told() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    // Orders that are made up move no money. The service says DUPLICATED_REF, and the engine adopts what it finds.
    let seed = SeedOrders {
        service: SandboxService::Mobile,
        status: Some("FULFILLED".to_owned()),
        ref_prefix: "free-".to_owned(),
        ..SeedOrders::default()
    };
    stage.control.seed_orders(&seed).expect("an order");
    let listed = stage.client.mobile().check_by_ref("free-1").await.expect("there");
    let request = MobileRequest::new("PREPAID_DJEZZY", listed.number.expect("a number"))
        .amount(listed.amount.expect("an amount"))
        .r#ref("free-1");
    let order = stage.client.mobile().send(request).await.expect("adopted");
    assert_eq!(order.state, OrderState::Fulfilled);
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(kinds(&report), [(FindingKind::ChargeNotSeen, Some("free-1"), false)]);
    assert_eq!(report.findings[0].expected, listed.charged);
}

#[tokio::test]
async fn somebody_elses_order_under_our_reference_is_told() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    let another = stage.another_client(SANDBOX_KEY);
    another.mobile().send(topup("same-1")).await.expect("sent").wait(MINUTES).await.expect("settled");
    let request = MobileRequest::new("PREPAID_DJEZZY", "0799000000").amount(900).r#ref("same-1");
    let error = stage.client.mobile().send(request).await.expect_err("theirs");
    assert_eq!(error.kind(), ErrorKind::RefConflict);
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(kinds(&report), [(FindingKind::MissingHere, Some("same-1"), false)]);
    assert_eq!(stage.client.orders().get("same-1").await.expect("kept").state, OrderState::Refused);
}

#[tokio::test]
async fn a_wrong_decision_is_found_and_never_overwritten() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    stage.fault(FaultRule::new("gift_cards.place_order", Fault::LostReply));
    stage.client.gift_cards().order(gift("type_001", 1, "twin-1")).await.expect("in doubt");
    stage.client.gift_cards().order(gift("type_001", 1, "twin-2")).await.expect("in doubt");
    stage.control.clear_faults();
    // One more purchase alike than requests that were lost: none is provable, so a person decides, wrongly.
    let another = stage.another_client(SANDBOX_KEY);
    another.gift_cards().order(gift("type_001", 1, "theirs")).await.expect("sent");
    for r#ref in ["twin-1", "twin-2"] {
        let order = stage.client.orders().get(r#ref).await.expect("kept");
        order.wait(HOUR * 30).await.expect_err("nobody can tell");
    }
    let undecided = stage.client.orders().get("twin-1").await.expect("kept");
    assert_eq!(undecided.state, OrderState::NeedsReview);
    let resolved =
        stage.client.orders().resolve("twin-1", OrderState::Refused, "amina", "not in the list").await;
    assert_eq!(resolved.expect("settled").state, OrderState::Refused);
    let report = reconcile(&stage, &stage.client, since).await;
    let expected = (FindingKind::GiftCardsUnclaimed, Some("twin-2"), false);
    assert_eq!(kinds(&report), [expected; 3], "three purchases, one candidate left");
    let kept = stage.client.orders().get("twin-1").await.expect("kept");
    assert_eq!((kept.state, kept.decision.as_deref()), (OrderState::Refused, Some("amina: not in the list")));
}

#[tokio::test]
async fn a_refund_of_an_older_order_is_seen_in_a_later_window() {
    let stage = Stage::set().await;
    let request = InternetRequest::new(InternetType::Adsl, "036000003", 1000).r#ref("queued-1");
    stage.client.internet().send(request).await.expect("sent").wait(MINUTES).await.expect_err("goes on");
    stage.clock.advance(HOUR * 30);
    let since = stage.control.now();
    stage.clock.advance(HOUR * 12);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(kinds(&report), [(FindingKind::StateDiffers, Some("queued-1"), true)]);
    let order = stage.client.orders().get("queued-1").await.expect("kept");
    assert_eq!(order.state, OrderState::Refunded);
}

#[tokio::test]
async fn money_that_moves_without_a_line_is_told() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    stage.client.mobile().send(topup("b-1")).await.expect("sent").wait(MINUTES).await.expect("settled");
    stage.control.set_balance(Environment::Sandbox, "90000".parse().expect("a decimal"));
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(kinds(&report), [(FindingKind::BalanceDiffers, None, false)]);
    let finding = &report.findings[0];
    assert_eq!((finding.expected, finding.actual), (Some(dzd("99503.75")), Some(Dzd::whole(90_000))));

    stage.client.mobile().send(topup("b-2")).await.expect("sent").wait(MINUTES).await.expect("settled");
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!(kinds(&report), [(FindingKind::BalanceDiffers, None, false)], "now between two lines");
    let finding = &report.findings[0];
    assert_eq!((finding.expected, finding.actual), (Some(dzd("99503.75")), Some(Dzd::whole(90_000))));
}

#[tokio::test]
async fn prefixed_references_and_many_pages_agree_too() {
    let stage = Stage::set().await;
    stage.control.set_balance(Environment::Sandbox, "1000000".parse().expect("a decimal"));
    let mut dialect = stage.control.dialect();
    dialect.topup_ref = oneclickdz_sandbox::TopupRef::Prefixed;
    stage.control.set_dialect(dialect);
    let since = stage.control.now();
    for number in 0..230 {
        stage.client.mobile().send(topup(&format!("page-{number}"))).await.expect("sent");
        stage.clock.advance(Duration::from_millis(10));
    }
    stage.fault(FaultRule::new("mobile.send", Fault::LostReply));
    stage.client.mobile().send(topup("page-lost")).await.expect("in doubt");
    stage.control.clear_faults();
    stage.clock.advance(HOUR);
    let report = reconcile(&stage, &stage.client, since).await;
    assert_eq!((report.records_compared, report.orders_compared), (231, 231));
    assert_eq!(report.transactions_compared, 231);
    assert!(report.findings.iter().all(|found| found.is_repaired && found.kind == FindingKind::StateDiffers));
    assert_eq!(report.findings.len(), 231);
    assert_eq!(reconcile(&stage, &stage.client, since).await.findings, []);
}

#[tokio::test]
async fn all_of_time_is_a_window_too() {
    let stage = Stage::set().await;
    buy_one_of_each(&stage.client).await;
    stage.clock.advance(HOUR);
    let usual = reconcile(&stage, &stage.client, stage.control.now() - HOUR * 2).await;
    for (since, until) in [
        (Timestamp::MIN_UTC, Timestamp::MAX_UTC),
        (Timestamp::MIN_UTC, stage.control.now()),
        (Timestamp::UNIX_EPOCH, Timestamp::MAX_UTC),
    ] {
        let report = stage.client.orders().reconcile(since, until).await.expect("a report");
        assert_eq!((report.since, report.until), (since, until));
        assert_eq!(
            (report.records_compared, report.orders_compared),
            (usual.records_compared, usual.orders_compared)
        );
        assert_eq!(report.findings, usual.findings);
    }
    for end in [Timestamp::MIN_UTC, Timestamp::MAX_UTC] {
        let report = stage.client.orders().reconcile(end, end).await.expect("a report");
        assert_eq!((report.records_compared, report.orders_compared), (0, 0));
    }
}

#[tokio::test]
async fn a_failed_read_is_an_error_and_no_finding() {
    let stage = Stage::set().await;
    let since = stage.control.now();
    buy_one_of_each(&stage.client).await;
    stage.clock.advance(HOUR);
    for operation in ["account.transactions", "account.balance", "mobile.list", "gift_cards.list"] {
        stage.fault(FaultRule::new(operation, Fault::Error503));
        let until = stage.control.now();
        let error = stage.client.orders().reconcile(since, until).await.expect_err("unread books");
        assert_eq!(error.kind(), ErrorKind::ServiceUnavailable);
    }
}
