//! What is refused, what is on record, and the shape for the shop's own pages.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use oneclickdz::{
    AuditEvent, DeliveryChannel, DeliveryRequest, InternetRequest, InternetType, Language, RevealRequest,
};
use oneclickdz_sandbox::{MailFault, MailOptions, MailServer, Options};
use oneclickdz_tests::harness::topup;
use tracing_subscriber::fmt::MakeWriter;

use crate::scene::{LONG, buy_adsl, buy_gift_cards, by_email, by_sms, cards, settings, with, with_mail};

#[tokio::test]
async fn what_cannot_be_delivered_is_refused_at_once() {
    let (stage, mail) = with_mail().await;
    let courier = stage.client.delivery();
    buy_adsl(&stage.client, "card-1").await;
    stage
        .client
        .mobile()
        .send(topup("mobile-1"))
        .await
        .expect("an order")
        .wait(LONG)
        .await
        .expect("fulfilled");
    let request =
        InternetRequest::new(InternetType::Adsl, "036000002", 1000).r#ref("queued-1").owner("user-7");
    stage.client.internet().send(request).await.expect("an order");

    let to = |to: &str| DeliveryRequest { to: to.to_owned(), ..by_email("card-1", Language::French) };
    for (request, code, field) in [
        (to("not an address"), "validation", Some("to")),
        (to("Name <a@b.dz>"), "validation", Some("to")),
        (to("a@b.dz\r\nBcc: c@d.dz"), "validation", Some("to")),
        (by_email("card-1", Language::French).title("a\nb"), "validation", Some("title")),
        (by_email("", Language::French), "validation", Some("ref")),
        (by_sms("card-1", Language::French), "config", Some("sms")),
        (by_email("card-2", Language::French), "order_not_found", None),
        (by_email("card-1", Language::French).owner("user-8"), "order_not_found", None),
        (by_email("queued-1", Language::French), "order_not_ready", None),
    ] {
        let refused = courier.deliver(request.clone()).await.expect_err(&format!("{request:?}"));
        assert_eq!((refused.code(), refused.field()), (code, field), "{refused}");
        assert!(!refused.to_string().is_empty() && refused.detail().len() > 10);
    }
    let mobile = DeliveryRequest::new("mobile-1", DeliveryChannel::Email, "a@b.dz", Language::French);
    assert_eq!(courier.deliver(mobile).await.expect_err("no card").code(), "order_not_ready");
    assert_eq!(courier.get("dlv-0").await.expect_err("none").code(), "not_found");
    assert!(courier.list("card-1").await.expect("a list").is_empty() && mail.mails().is_empty());
}

#[tokio::test]
async fn every_delivery_is_on_record_without_a_code() {
    let (stage, mail) = with_mail().await;
    buy_adsl(&stage.client, "card-1").await;
    let request = by_email("card-1", Language::French).actor("clerk-3").address("10.0.0.9").agent("shop/2");
    let sent =
        stage.client.delivery().deliver(request).await.expect("queued").wait(LONG).await.expect("sent");
    mail.fail([MailFault::NoSuchMailbox]);
    let request = by_email("card-1", Language::English);
    let failed = stage.client.delivery().deliver(request).await.expect("queued");
    failed.wait(LONG).await.expect_err("refused");

    let mut log = Vec::new();
    stage.client.audit().export(&mut log).await.expect("written");
    let log = String::from_utf8(log).expect("text");
    for (event, id, method) in [
        (AuditEvent::DeliveryQueued, &sent.id, "email"),
        (AuditEvent::CardDelivered, &sent.id, "email"),
        (AuditEvent::DeliveryQueued, &failed.id, "email"),
        (AuditEvent::DeliveryFailed, &failed.id, "email"),
    ] {
        let entry = log.lines().find(|line| line.contains(event.as_str()) && line.contains(id.as_str()));
        let entry = entry.unwrap_or_else(|| panic!("{event} of {id} in {log}"));
        assert!(entry.contains(method) && entry.contains("card-1") && entry.contains("user-7"), "{entry}");
    }
    let asked = log.lines().find(|line| line.contains("delivery_queued")).expect("an entry");
    assert!(asked.contains("clerk-3") && asked.contains("10.0.0.9") && asked.contains("shop/2"));
    let codes = cards(&stage.client, "card-1").await;
    assert!(codes.iter().all(|card| !log.contains(card.code.expose().as_str())));
    assert!(stage.client.audit().verify().await.expect("a report").is_intact);
}

/// Everything that is logged, on all levels.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_code_is_in_a_log_a_file_or_what_is_printed() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().expect("a folder");
    let mail = MailServer::start(MailOptions::default()).await.expect("a mail server");
    let email = settings(mail.port());
    let journal = folder.path().join("journal.db");
    let stage = oneclickdz_tests::harness::Stage::with(Options::manual(), |builder| {
        builder.email(email).journal(&journal)
    })
    .await;
    buy_gift_cards(&stage.client, "gift-1", 3).await;
    mail.fail([MailFault::TryLater, MailFault::RefuseContent]);
    let delivery =
        stage.client.delivery().deliver(by_email("gift-1", Language::French)).await.expect("queued");
    let failed = delivery.wait(LONG).await.expect_err("refused");
    let kept = stage.client.delivery().get(&delivery.id).await.expect("kept");
    let mut said = format!("{failed} {failed:?} {kept:?} {delivery:?}");
    said.push_str(&String::from_utf8_lossy(&log.0.lock().expect("the log")));
    assert!(said.contains("not delivered") && said.contains("451"), "there is something to look into");
    for card in cards(&stage.client, "gift-1").await {
        for secret in [card.code.expose(), card.serial.as_ref().expect("a serial").expose()] {
            assert!(!said.contains(secret.as_str()));
            for file in std::fs::read_dir(folder.path()).expect("a folder") {
                let bytes = std::fs::read(file.expect("a file").path()).expect("readable");
                assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
            }
        }
    }
}

#[tokio::test]
async fn the_shape_for_the_shops_own_pages_is_a_reveal() {
    let stage = with(|builder| builder).await;
    buy_adsl(&stage.client, "card-1").await;
    let courier = stage.client.delivery();
    let request = RevealRequest::new("card-1").owner("user-7").actor("user-7");
    let shown = courier.in_app(request, Language::Arabic, None).await.expect("cards");
    assert_eq!((shown.direction.as_str(), shown.service.as_str()), ("rtl", "adsl"));
    let code = shown.cards[0].code.expose().clone();
    assert!(!format!("{shown:?}").contains(&code), "a representation shows no code");
    let json: serde_json::Value = serde_json::from_str(shown.to_json().expose()).expect("JSON");
    let fields: BTreeSet<&str> = json.as_object().expect("fields").keys().map(String::as_str).collect();
    let expected = [
        "ref",
        "service",
        "language",
        "direction",
        "headline",
        "title",
        "number",
        "value",
        "is_partial",
        "cards",
        "usage",
        "warning",
    ];
    assert_eq!(fields, BTreeSet::from(expected));
    assert_eq!(json["cards"][0]["code"], code);
    assert_eq!((json["number"].as_str(), json["value"].as_str()), (Some("036362608"), Some("1000")));
    let steps: Vec<&str> =
        json["usage"]["steps"].as_array().expect("steps").iter().filter_map(|step| step.as_str()).collect();
    assert!(steps.len() == 6 && steps.iter().any(|step| step.contains(&code)));

    let foreign = RevealRequest::new("card-1").owner("user-8").actor("user-8");
    let refused = courier.in_app(foreign, Language::Arabic, None).await.expect_err("another's");
    assert_eq!(refused.code(), "order_not_found");
    let mut log = Vec::new();
    stage.client.audit().export(&mut log).await.expect("written");
    let log = String::from_utf8(log).expect("text");
    let entry = log.lines().find(|line| line.contains("card_revealed")).expect("on record");
    assert!(entry.contains("in-app") && !log.contains(&code), "{entry}");
}
