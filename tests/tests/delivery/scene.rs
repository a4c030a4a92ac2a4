//! A shop with a fulfilled order, and what its customers get.

use std::time::Duration;

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use oneclickdz::{
    Card, Client, ClientBuilder, DeliveryChannel, DeliveryRequest, EmailSecurity, EmailSettings,
    GiftCardRequest, InternetRequest, InternetType, Language, RevealRequest,
};
use oneclickdz_sandbox::{Mail, MailOptions, MailServer, Options};
use oneclickdz_tests::harness::Stage;

pub(crate) const LONG: Duration = Duration::from_secs(3 * 24 * 3600);

/// A stage with a mail server in plain text.
pub(crate) async fn with_mail() -> (Stage, MailServer) {
    let mail = MailServer::start(MailOptions::default()).await.expect("a mail server");
    let email = settings(mail.port());
    (with(|builder| builder.email(email)).await, mail)
}

pub(crate) fn settings(port: u16) -> EmailSettings {
    EmailSettings::new("127.0.0.1", "Boutique Étoile <cards@shop.example>")
        .port(port)
        .security(EmailSecurity::None)
}

pub(crate) async fn with(adjust: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Stage {
    Stage::with(Options::manual(), adjust).await
}

pub(crate) async fn buy_adsl(client: &Client, r#ref: &str) {
    let request = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref(r#ref).owner("user-7");
    let order = client.internet().send(request).await.expect("an order");
    order.wait(LONG).await.expect("fulfilled");
}

pub(crate) async fn buy_gift_cards(client: &Client, r#ref: &str, quantity: u32) {
    let request =
        GiftCardRequest::new("507f1f77bcf86cd799439011", "type_001", quantity).r#ref(r#ref).owner("user-7");
    let order = client.gift_cards().order(request).await.expect("an order");
    order.wait(LONG).await.expect("fulfilled");
}

/// The codes, as a person of the shop sees them.
pub(crate) async fn cards(client: &Client, r#ref: &str) -> Vec<Card> {
    let request = RevealRequest::new(r#ref).owner("user-7").actor("test");
    client.cards().reveal(request).await.expect("cards")
}

pub(crate) fn by_email(r#ref: &str, language: Language) -> DeliveryRequest {
    DeliveryRequest::new(r#ref, DeliveryChannel::Email, "client@example.dz", language).owner("user-7")
}

pub(crate) fn by_sms(r#ref: &str, language: Language) -> DeliveryRequest {
    DeliveryRequest::new(r#ref, DeliveryChannel::Sms, "0770123456", language).owner("user-7")
}

/// What a customer's mail program makes of a message; read by another library than the one that wrote it.
pub(crate) struct Read {
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) to: String,
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

pub(crate) fn read(mail: &Mail) -> Read {
    let message = MessageParser::default().parse(&mail.bytes).expect("a message");
    let kind = message.content_type().expect("a type");
    assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("alternative")));
    assert!(mail.bytes.is_ascii(), "every server takes it");
    assert!(mail.bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 78), "lines of lawful length");
    let sender = message.from().and_then(|from| from.first()).expect("a sender");
    let to = message.to().and_then(|to| to.first()).expect("a recipient");
    let [text, html] = bodies(&message);
    Read {
        from: sender.name().unwrap_or_default().to_owned(),
        to: to.address().unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        id: message.message_id().unwrap_or_default().to_owned(),
        text,
        html,
    }
}

/// The plain text first, the HTML after it, which is the one that a program shows if it can.
fn bodies(message: &Message<'_>) -> [String; 2] {
    let mut found = message.parts.iter().filter_map(|part| match &part.body {
        PartType::Text(text) => Some(("text", text.to_string())),
        PartType::Html(html) => Some(("html", html.to_string())),
        _ => None,
    });
    let (first, text) = found.next().expect("a text");
    let (second, html) = found.next().expect("an HTML text");
    assert_eq!((first, second), ("text", "html"));
    [text, html]
}
