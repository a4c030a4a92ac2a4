//! A full run under the most talkative logging: neither the key nor a card code is in any log line, `Debug`, `Display`,
//! error or panic message.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::TryStreamExt;
use oneclickdz::{
    Client, Error, GiftCardRequest, InternetRequest, InternetType, Language, ListRequest, MobileRequest,
    PaymentLinkRequest,
};
use oneclickdz_sandbox::{Fault, FaultRule, Options};
use oneclickdz_tests::harness::{Stage, topup};

const MINUTES: Duration = Duration::from_secs(300);

/// Everything that the run has shown to anybody.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<String>>);

impl Shown {
    fn debug(&self, value: &impl std::fmt::Debug) {
        let mut text = self.0.lock().expect("shown");
        writeln!(text, "{value:?} {value:#?}").expect("a string takes everything");
    }

    fn error(&self, error: &Error) {
        self.debug(error);
        let mut text = self.0.lock().expect("shown");
        let mut source: Option<&dyn std::error::Error> = Some(error);
        while let Some(cause) = source {
            writeln!(text, "{cause} {cause:?}").expect("a string takes everything");
            source = cause.source();
        }
        writeln!(text, "{:?} {}", error.context(), error.staff_text(Language::Arabic)).expect("a string");
    }

    fn text(&self) -> String {
        self.0.lock().expect("shown").clone()
    }
}

impl io::Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("shown").push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Buys one of everything and shows every answer; returns the codes that must stay hidden.
async fn full_run(client: &Client, shown: &Shown) -> Vec<String> {
    let mut hidden = Vec::new();
    shown.debug(client);
    shown.debug(&client.ping().await.expect("health"));
    shown.debug(&client.account().validate().await.expect("key info"));
    shown.debug(&client.account().balance().await.expect("balance"));
    shown.debug(&client.mobile().plans().await.expect("plans"));
    shown.debug(
        &client.mobile().send(topup("s-1")).await.expect("sent").wait(MINUTES).await.expect("settled"),
    );

    let internet = client.internet();
    let adsl = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref("s-2");
    shown.debug(&internet.send(adsl).await.expect("sent").wait(MINUTES).await.expect("settled"));
    let topup = internet.check_by_ref("s-2").await.expect("by ref");
    shown.debug(&topup);
    hidden.push(topup.card.expect("a card").code.expose().clone());

    let cards = client.gift_cards();
    let catalog = cards.catalog().await.expect("catalogue");
    let product = cards.product(&catalog.categories[0].products[0].id).await.expect("product");
    let type_id = product.types.iter().find(|card| card.is_in_stock).expect("stock").id.clone();
    let request = GiftCardRequest::new(product.id.clone().expect("an id"), type_id, 3u32).r#ref("s-3");
    let order = cards.order(request).await.expect("sent").wait(MINUTES).await.expect("settled");
    shown.debug(&order);
    let remote = cards.check_order(order.id.as_deref().expect("an id")).await.expect("order");
    shown.debug(&remote);
    for card in remote.cards {
        hidden.push(card.code.expose().clone());
        hidden.extend(card.serial.map(|serial| serial.expose().clone()));
    }
    let listed: Vec<_> =
        cards.list(ListRequest::new()).expect("a pager").into_stream().try_collect().await.expect("list");
    shown.debug(&listed);
    let listed: Vec<_> =
        internet.list(ListRequest::new()).expect("a pager").into_stream().try_collect().await.expect("list");
    shown.debug(&listed);
    shown.debug(&client.payment_links().create(PaymentLinkRequest::new("x", 500)).await.expect("a link"));
    hidden
}

/// Meets every fault on a send and on reads that carry secrets, and shows what is said about it.
async fn troubled_run(stage: &Stage, shown: &Shown) {
    for (count, fault) in Fault::ALL.iter().filter(|fault| **fault != Fault::Stall).enumerate() {
        let client = stage.another_client("sandbox-key");
        client.mobile().plans().await.map(drop).unwrap_or_else(|error| shown.error(&error));
        stage.fault(FaultRule::new("*", *fault));
        let answer = client.mobile().send(topup(&format!("trouble-{count}"))).await;
        answer.map(|order| shown.debug(&order)).unwrap_or_else(|error| shown.error(&error));
        let answer = client.account().validate().await;
        answer.map(|info| shown.debug(&info)).unwrap_or_else(|error| shown.error(&error));
        let answer = client.internet().check_by_ref("s-2").await;
        answer.map(|order| shown.debug(&order)).unwrap_or_else(|error| shown.error(&error));
        stage.control.clear_faults();
    }
    for request in [MobileRequest::new("NOPE", "0778037340"), MobileRequest::new("PREPAID_DJEZZY", "123")] {
        shown.error(&stage.client.mobile().send(request).await.map(drop).expect_err("refused"));
    }
}

#[tokio::test]
async fn nothing_shows_the_key_or_a_code() {
    let shown = Shown::default();
    let writer = shown.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    // For all threads: sends run on the engine's own.
    tracing::subscriber::set_global_default(subscriber).expect("the only test of this program");
    let panics = shown.clone();
    std::panic::set_hook(Box::new(move |panic| panics.debug(&panic.to_string())));

    let stage = Stage::with(Options::manual(), |builder| builder).await;
    let mut hidden = full_run(&stage.client, &shown).await;
    hidden.push("sandbox-key".to_owned());
    troubled_run(&stage, &shown).await;
    shown.debug(&Client::builder().api_key("sandbox-key\u{7}").build().map(drop).expect_err("refused"));
    let _ = std::panic::take_hook();

    let text = shown.text();
    assert!(hidden.len() >= 5 && hidden.iter().all(|secret| secret.len() >= 8), "there is something to hide");
    assert!(
        text.contains("oneclickdz.request{operation=\"mobile.send\"}") && text.contains("[redacted]"),
        "the run was talkative"
    );
    for secret in hidden {
        let found = text.find(&secret).map(|at| &text[at.saturating_sub(200)..(at + 100).min(text.len())]);
        assert_eq!(found, None, "a secret of {} characters was shown", secret.len());
    }
}
