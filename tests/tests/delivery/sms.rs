//! Text messages, against a real gateway over HTTP.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use oneclickdz::{
    DeliveryState, ErrorKind, HttpSmsGateway, Language, MessageTemplates, SmsCallback, SmsFailure,
    SmsMessage, SmsSettings, TemplateKind,
};
use tokio::net::TcpListener;

use crate::scene::{LONG, buy_adsl, buy_gift_cards, by_sms, cards, with};

/// A provider that answers with what it was told to, and with 200 otherwise.
#[derive(Clone, Default)]
struct Provider(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    requests: Vec<(Uri, HeaderMap, String)>,
    answers: VecDeque<(u16, String)>,
}

impl Provider {
    async fn start(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn answer(&self, status: u16, body: &str) {
        self.0.lock().expect("state").answers.push_back((status, body.to_owned()));
    }

    fn bodies(&self) -> Vec<serde_json::Value> {
        let seen = self.0.lock().expect("state");
        seen.requests.iter().map(|(_, _, body)| serde_json::from_str(body).expect("JSON")).collect()
    }
}

async fn take(
    State(provider): State<Provider>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let mut seen = provider.0.lock().expect("state");
    let number = seen.requests.len() + 1;
    seen.requests.push((uri, headers, String::from_utf8(body.to_vec()).expect("text")));
    let usual = (200, format!(r#"{{"status": "ok", "data": {{"id": "sms-{number}"}}}}"#));
    let (status, body) = seen.answers.pop_front().unwrap_or(usual);
    (StatusCode::from_u16(status).expect("a status"), body)
}

fn gateway(address: SocketAddr) -> HttpSmsGateway {
    HttpSmsGateway::new(format!("http://{address}/send"))
        .header("Authorization", "Bearer gateway-key-1")
        .header("Idempotency-Key", "{id}")
        .json(r#"{"to": "{to_international}", "message": "{text}", "n": "{part}/{parts}"}"#)
        .success("/status", "ok")
        .receipt("/data/id")
}

fn settings(address: SocketAddr) -> SmsSettings {
    SmsSettings::new(gateway(address).build().expect("a gateway"))
}

#[tokio::test]
async fn a_card_goes_out_as_the_template_says() {
    let provider = Provider::default();
    let address = provider.start().await;
    let stage = with(|builder| builder.sms(settings(address))).await;
    buy_adsl(&stage.client, "card-1").await;
    let card = cards(&stage.client, "card-1").await.remove(0);
    for language in Language::ALL {
        let delivery = stage.client.delivery().deliver(by_sms("card-1", *language)).await.expect("queued");
        let delivery = delivery.wait(LONG).await.expect("delivered");
        let body = provider.bodies().pop().expect("a request");
        assert_eq!(body["to"], "213770123456");
        assert_eq!(body["n"], "1/1");
        let text = body["message"].as_str().expect("a text");
        assert!(
            text.contains(card.code.expose().as_str()) && text.contains("*600#") && text.contains("3003")
        );
        let seen = provider.0.lock().expect("state");
        let (_, headers, _) = seen.requests.last().expect("a request");
        assert_eq!(headers["idempotency-key"], delivery.id.as_str());
        assert_eq!(headers["authorization"], "Bearer gateway-key-1");
        assert_eq!(delivery.receipt, Some(format!("sms-{}", seen.requests.len())));
    }
}

/// Signs of the network's own alphabet that the engine's texts use.
fn segments(text: &str) -> (usize, usize) {
    let is_basic = |c: char| c.is_ascii() && !"^{}\\[~]|`".contains(c) || "éèàùÉ".contains(c);
    match text.chars().all(is_basic) {
        true => (text.chars().count(), 153),
        false => (text.encode_utf16().count(), 67),
    }
}

#[tokio::test]
async fn a_long_order_becomes_several_messages_and_none_is_sent_twice() {
    let provider = Provider::default();
    let address = provider.start().await;
    let stage = with(|builder| builder.sms(settings(address).max_segments(3))).await;
    buy_gift_cards(&stage.client, "gift-1", 20).await;
    let cards = cards(&stage.client, "gift-1").await;
    assert_eq!(cards.len(), 20);
    // The second message fails at first.
    provider.answer(200, r#"{"status": "ok", "data": {"id": "first"}}"#);
    provider.answer(503, "busy");
    let delivery = stage.client.delivery().deliver(by_sms("gift-1", Language::Arabic)).await.expect("queued");
    let delivery = delivery.wait(LONG).await.expect("delivered");
    assert_eq!(delivery.attempts, 2);
    let bodies = provider.bodies();
    let parts: Vec<&str> = bodies.iter().map(|body| body["n"].as_str().expect("a number")).collect();
    let total = parts.len() - 1;
    assert!(
        total > 2 && parts[..3] == [format!("1/{total}"), format!("2/{total}"), format!("2/{total}")],
        "{parts:?}"
    );
    let ids: Vec<String> = {
        let seen = provider.0.lock().expect("state");
        seen.requests
            .iter()
            .map(|(_, headers, _)| headers["idempotency-key"].to_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!(ids[1], ids[2], "the same message has the same id");
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.starts_with(&delivery.id)));
    let texts: Vec<&str> =
        bodies.iter().skip(1).map(|body| body["message"].as_str().expect("a text")).collect();
    for card in &cards {
        let code = card.code.expose();
        let first = bodies[0]["message"].as_str().expect("a text");
        let with_it = texts[1..].iter().chain([&first]).filter(|text| text.contains(code.as_str())).count();
        assert_eq!(with_it, 1, "each card is in one message");
    }
    for text in texts {
        let (length, per_segment) = segments(text);
        assert!(length <= 3 * per_segment, "{length}");
    }
    let receipts: Vec<String> =
        serde_json::from_str(delivery.receipt.as_deref().expect("receipts")).expect("JSON");
    assert_eq!((receipts.len(), receipts[0].as_str()), (total, "first"));
}

#[tokio::test]
async fn what_the_gateway_says_decides() {
    let provider = Provider::default();
    let address = provider.start().await;
    let stage = with(|builder| builder.sms(settings(address))).await;
    buy_adsl(&stage.client, "card-1").await;
    let code = cards(&stage.client, "card-1").await.remove(0).code;
    let again = |word: &str| by_sms("card-1", Language::French).again(word);
    let courier = stage.client.delivery();

    // For good: the number is not one. A gateway that repeats the message puts no code on record.
    provider.answer(422, &format!(r#"{{"error": "bad number", "message": "{}"}}"#, code.expose()));
    let delivery = courier.deliver(again("refused")).await.expect("queued");
    let failed = delivery.wait(LONG).await.expect_err("refused");
    assert_eq!(failed.kind(), ErrorKind::DeliveryFailed);
    let cause = std::error::Error::source(&failed).expect("the cause").to_string();
    assert!(cause.contains("422") && !cause.contains(code.expose().as_str()), "{cause}");

    // For the moment: a limit, a refused key, an answer that does not say yes, a receipt with the code in it.
    provider.answer(429, "slow down");
    provider.answer(401, "who are you");
    provider.answer(200, r#"{"status": "error"}"#);
    provider.answer(200, &format!(r#"{{"status": "ok", "data": {{"id": "x {}"}}}}"#, code.expose()));
    let delivery =
        courier.deliver(again("later")).await.expect("queued").wait(LONG).await.expect("delivered");
    assert_eq!((delivery.attempts, delivery.receipt.as_deref()), (4, Some("x [redacted]")));
}

#[tokio::test]
async fn a_gateway_that_cannot_work_is_refused_when_it_is_described() {
    let refused = |gateway: HttpSmsGateway| gateway.build().map(drop).expect_err("a refusal");
    let base = || HttpSmsGateway::new("https://sms.example/send");
    for (gateway, field, says) in [
        (HttpSmsGateway::new("http://sms.example/send").form("to={to}&m={text}"), "sms.url", "https"),
        (HttpSmsGateway::new("sms.example").form("to={to}&m={text}"), "sms.url", "URL"),
        (base().json(r#"{"to": "{to}", "m": "{text}"}"#).form("to={to}&m={text}"), "sms.form", "one of them"),
        (base().form("to={to}"), "sms.body", "lacks {text}"),
        (base().form("m={text}"), "sms.body", "lacks {to}"),
        (base().form("to={to}&m={txt}"), "sms.body", "names {txt}"),
        (base().json(r#"{"to": "{to}", "m": {text}}"#), "sms.body", "not JSON"),
        (base().json(r#"{"to": {to}, "m": "{text}"}"#), "sms.body", "not JSON"),
        (HttpSmsGateway::new("https://shop:word@sms.example").form("to={to}&m={text}"), "sms.url", "header"),
        (HttpSmsGateway::new("https://sms.example/?to={to}&m={text}"), "sms.url", "logs"),
        (base().header("X-Text", "{text}").form("to={to}&m={text}"), "sms.headers", "{text}"),
        (base().header("a b", "c").form("to={to}&m={text}"), "sms.headers", "name"),
        (base().form("to={to}&m={text}").success("status", "ok"), "sms.answer", "slash"),
        (base().form("to={to}&m={text}").timeout(Duration::ZERO), "sms.timeout", "between"),
    ] {
        let error = refused(gateway);
        assert_eq!((error.code(), error.field()), ("config", Some(field)), "{error}");
        assert!(error.detail().contains(says), "{error}");
    }
    let number = r#"{"to": {to_international}, "m": "{text}", "part": {part}, "parts": {parts}}"#;
    assert!(base().json(number).build().is_ok(), "what is a number needs no quotes");
    assert!(
        HttpSmsGateway::new("https://sms.example/?to={to}&m={text}")
            .allow_text_in_url()
            .method("GET")
            .build()
            .is_ok()
    );
}

#[tokio::test]
async fn values_are_escaped_as_their_place_wants() {
    let provider = Provider::default();
    let address = provider.start().await;
    let gateway = HttpSmsGateway::new(format!("http://{address}/{{to}}")).form("m={text}&i={id}").build();
    let sms = SmsSettings::new(gateway.expect("a gateway"));
    let template = r#"{% for card in cards %}"a" & b=c+d % é: {{ card.code }}{% endfor %}"#;
    let templates =
        MessageTemplates::new().set(TemplateKind::Sms, Language::French, template).expect("usable");
    let stage = with(|builder| builder.sms(sms).templates(templates)).await;
    buy_adsl(&stage.client, "card-1").await;
    let mut request = by_sms("card-1", Language::French);
    request.to = "+213770123456".to_owned();
    stage.client.delivery().deliver(request).await.expect("queued").wait(LONG).await.expect("delivered");
    let code = cards(&stage.client, "card-1").await.remove(0).code;
    let seen = provider.0.lock().expect("state");
    let (uri, _, body) = &seen.requests[0];
    assert_eq!(uri.path(), "/%2B213770123456");
    let text = body.strip_prefix("m=").and_then(|rest| rest.split_once("&i=")).expect("a form").0;
    let text = percent_encoding::percent_decode_str(text).decode_utf8().expect("text");
    assert_eq!(text, format!("\"a\" & b=c+d % é: {}", code.expose()));
}

#[tokio::test]
async fn a_function_of_the_shop_is_a_gateway_too() {
    let sent: Arc<Mutex<Vec<SmsMessage>>> = Arc::default();
    let seen = Arc::clone(&sent);
    let gateway =
        SmsCallback::new(move |message: SmsMessage| {
            let seen = Arc::clone(&seen);
            async move {
                let count = {
                    let mut seen = seen.lock().expect("state");
                    seen.push(message);
                    seen.len()
                };
                match count {
                    1 => Err(SmsFailure::temporary("modem asleep")
                        .with_source(std::io::Error::other("no carrier"))),
                    2 => panic!("a defect of the shop"),
                    _ => Ok(Some("modem-1".to_owned())),
                }
            }
        });
    let stage = with(|builder| builder.sms(SmsSettings::new(gateway))).await;
    buy_adsl(&stage.client, "card-1").await;
    let delivery =
        stage.client.delivery().deliver(by_sms("card-1", Language::English)).await.expect("queued");
    let waits = delivery.wait(Duration::from_secs(10)).await.expect_err("goes on");
    let cause = std::error::Error::source(&waits).expect("the cause").to_string();
    assert!(cause.contains("modem asleep") && cause.contains("no carrier"), "{cause}");
    let delivery = delivery.wait(LONG).await.expect("delivered");
    assert_eq!((delivery.state, delivery.receipt.as_deref()), (DeliveryState::Sent, Some("modem-1")));
    let sent = sent.lock().expect("state");
    assert_eq!((sent.len(), &sent[0].id), (3, &sent[2].id));
    assert!(!format!("{sent:?}").contains(sent[0].text.expose().as_str()));
}

#[tokio::test]
async fn numbers_are_checked_before_anything_is_on_record() {
    let provider = Provider::default();
    let address = provider.start().await;
    let stage = with(|builder| builder.sms(settings(address))).await;
    buy_adsl(&stage.client, "card-1").await;
    for to in
        ["", "770123456", "0270123456", "077012345", "07701234567", "+21307701", "٠٧٧٠١٢٣٤٥٦", "+0770123456"]
    {
        let mut request = by_sms("card-1", Language::French);
        request.to = to.to_owned();
        let refused = stage.client.delivery().deliver(request).await.expect_err(to);
        assert_eq!((refused.code(), refused.field()), ("validation", Some("to")), "{to}");
    }
    for to in ["0770123456", "+213770123456", "213770123456", "+33612345678"] {
        let mut request = by_sms("card-1", Language::French);
        request.to = to.to_owned();
        stage.client.delivery().deliver(request).await.expect(to);
    }
}
