//! E-mail, against a real SMTP server.

use std::sync::Arc;
use std::time::Duration;

use oneclickdz::{DeliveryState, EmailSecurity, ErrorKind, Language};
use oneclickdz_sandbox::{MailFault, MailOptions, MailServer};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::scene::{LONG, buy_adsl, buy_gift_cards, by_email, cards, read, settings, with, with_mail};

#[tokio::test]
async fn a_card_reaches_its_customer_in_every_language() {
    let (stage, mail) = with_mail().await;
    buy_adsl(&stage.client, "card-1").await;
    let card = cards(&stage.client, "card-1").await.remove(0);
    for (language, subject, step) in [
        (Language::Arabic, "بطاقتك جاهزة – بطاقة ADSL بقيمة 1000 دج", "ارفع سماعة الهاتف الثابت."),
        (
            Language::French,
            "Votre carte est prête – Carte ADSL de 1000 DA",
            "Décrochez votre téléphone fixe.",
        ),
        (Language::English, "Your card is ready – ADSL card, 1000 DZD", "Pick up your landline phone."),
    ] {
        let delivery = stage.client.delivery().deliver(by_email("card-1", language)).await.expect("queued");
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Waiting, 0));
        let delivery = delivery.wait(LONG).await.expect("delivered");
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Sent, 1));
        assert!(delivery.receipt.as_deref().is_some_and(|receipt| receipt.contains("queued as")));
        let seen = mail.mails().pop().expect("a message");
        assert!(String::from_utf8_lossy(&seen.bytes).contains("\r\nAuto-Submitted: auto-generated\r\n"));
        assert_eq!(seen.to, ["client@example.dz"]);
        let seen = read(&seen);
        assert_eq!((seen.subject.as_str(), seen.from.as_str()), (subject, "Boutique Étoile"));
        assert_eq!(seen.to, "client@example.dz");
        assert_eq!(seen.id, format!("{}@shop.example", delivery.id));
        for text in [&seen.text, &seen.html] {
            let code = card.code.expose();
            assert_eq!(text.matches(code.as_str()).count(), 2, "in its box and in its step");
            assert!(text.contains(card.transaction_number.as_ref().expect("a number").expose()));
            assert!(text.contains(step) && text.contains("*600#") && text.contains("3003"), "{language}");
            assert!(text.contains("036362608") && text.contains("card-1"));
        }
        let direction = if language == Language::Arabic { "rtl" } else { "ltr" };
        assert!(seen.html.contains(&format!(r#"<html lang="{language}" dir="{direction}">"#)));
    }
    assert_eq!(mail.mails().len(), 3);
}

#[tokio::test]
async fn every_card_of_a_long_order_is_in_one_message() {
    let (stage, mail) = with_mail().await;
    buy_gift_cards(&stage.client, "gift-1", 7).await;
    let cards = cards(&stage.client, "gift-1").await;
    let request = by_email("gift-1", Language::French).title("Jeu <vidéo> & cie");
    stage.client.delivery().deliver(request).await.expect("queued").wait(LONG).await.expect("delivered");
    let seen = read(&mail.mails()[0]);
    assert_eq!(seen.subject, "Vos cartes sont prêtes – Jeu <vidéo> & cie");
    assert!(seen.html.contains("Jeu &lt;vidéo&gt; &amp; cie"));
    for card in &cards {
        let serial = card.serial.as_ref().expect("a serial").expose();
        for text in [&seen.text, &seen.html] {
            assert!(text.contains(card.code.expose().as_str()) && text.contains(serial.as_str()));
        }
    }
    assert!(seen.text.contains("Carte 7/7") && !seen.text.contains("plus en stock"));
}

/// A CA, its certificate in PEM form, and a server's configuration with a certificate from it.
fn tls(host: &str) -> (String, Arc<ServerConfig>) {
    let mut params = CertificateParams::new(Vec::new()).expect("params");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().expect("a key");
    let ca = params.self_signed(&ca_key).expect("a CA");
    let issuer = Issuer::new(params, ca_key);
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new([host.to_owned()]).expect("params");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    (ca.pem(), Arc::new(config))
}

#[tokio::test]
async fn encrypted_and_logged_in_or_not_at_all() {
    let (ca, tls) = tls("localhost");
    let login = Some(("shop".to_owned(), "pass-word-9".to_owned()));
    for (is_tls_from_start, security) in [(false, EmailSecurity::StartTls), (true, EmailSecurity::Tls)] {
        let options = MailOptions {
            tls: Some(Arc::clone(&tls)),
            is_tls_from_start,
            login: login.clone(),
            ..Default::default()
        };
        let mail = MailServer::start(options).await.expect("a mail server");
        let email = oneclickdz::EmailSettings::new("localhost", "cards@shop.example")
            .port(mail.port())
            .security(security);
        // Without our CA nothing is sent; the failure says why and is over when the shop mends it.
        let stranger = with(|builder| builder.email(email.clone().credentials("shop", "pass-word-9"))).await;
        buy_adsl(&stranger.client, "card-1").await;
        let delivery = stranger.client.delivery().deliver(by_email("card-1", Language::French)).await;
        let waits = delivery.expect("queued").wait(Duration::from_secs(30)).await.expect_err("no trust");
        assert_eq!(waits.kind(), ErrorKind::StillPending);
        let cause = std::error::Error::source(&waits).expect("the cause").to_string();
        assert!(cause.to_lowercase().contains("certificate"), "{cause}");

        // A wrong password fails no delivery for good, and is not repeated in the words.
        let trusting = |password: &'static str| {
            let email = email.clone().credentials("shop", password);
            with(|builder| builder.email(email).extra_root(ca.clone()))
        };
        let stage = trusting("wrong-word-9").await;
        buy_adsl(&stage.client, "card-1").await;
        let delivery = stage.client.delivery().deliver(by_email("card-1", Language::French)).await;
        let waits = delivery.expect("queued").wait(Duration::from_secs(30)).await.expect_err("no login");
        let cause = std::error::Error::source(&waits).expect("the cause").to_string();
        assert!(cause.contains("535") && !format!("{waits:?}{cause}").contains("word-9"), "{cause}");
        assert!(mail.mails().is_empty());

        let stage = trusting("pass-word-9").await;
        buy_adsl(&stage.client, "card-1").await;
        let delivery = stage.client.delivery().deliver(by_email("card-1", Language::French)).await;
        delivery.expect("queued").wait(LONG).await.expect("delivered");
        let seen = mail.mails().pop().expect("a message");
        assert!(seen.is_encrypted && seen.user.as_deref() == Some("shop"));
    }
}

/// A server that offers no encryption, or somebody on the way who hides the offer, gets nothing.
#[tokio::test]
async fn no_message_goes_unencrypted_where_encryption_is_asked_for() {
    let mail = MailServer::start(MailOptions::default()).await.expect("a mail server");
    let email = settings(mail.port()).security(EmailSecurity::StartTls);
    let stage = with(|builder| builder.email(email)).await;
    buy_adsl(&stage.client, "card-1").await;
    let delivery =
        stage.client.delivery().deliver(by_email("card-1", Language::French)).await.expect("queued");
    assert!(delivery.wait(Duration::from_secs(30)).await.is_err());
    assert!(mail.mails().is_empty());
}

#[tokio::test]
async fn tries_again_with_pauses_and_keeps_the_messages_id() {
    let (stage, mail) = with_mail().await;
    buy_adsl(&stage.client, "card-1").await;
    mail.fail([MailFault::Busy, MailFault::TryLater, MailFault::DropAfterData]);
    let asked_at =
        stage.client.delivery().deliver(by_email("card-1", Language::French)).await.expect("queued");
    let delivery = asked_at.wait(LONG).await.expect("delivered");
    assert_eq!(delivery.attempts, 4);
    let minutes = (delivery.updated_at - delivery.created_at).num_minutes();
    assert_eq!(minutes, 1 + 5 + 30, "a minute, five, half an hour");
    let mails = mail.mails();
    let confirmed: Vec<bool> = mails.iter().map(|mail| mail.is_confirmed).collect();
    assert_eq!(confirmed, [false, true], "the answer to the first one was lost");
    assert_eq!(mails[0].bytes, mails[1].bytes, "a mail program sees one message, to the byte");
    // Asked for again, it is the same delivery; nothing more is sent unless the shop says so.
    let again = stage.client.delivery().deliver(by_email("card-1", Language::French)).await.expect("known");
    assert_eq!((again.id.clone(), again.state), (delivery.id.clone(), DeliveryState::Sent));
    let another = by_email("card-1", Language::French).again("lost it");
    let another = stage.client.delivery().deliver(another).await.expect("queued");
    another.wait(LONG).await.expect("delivered");
    assert_ne!(another.id, delivery.id);
    assert_eq!(mail.mails().len(), 3);
    let listed = stage.client.delivery().list("card-1").await.expect("a list");
    assert_eq!(listed.len(), 2);
}

#[tokio::test]
async fn a_refusal_ends_it_and_keeps_the_cause() {
    let (stage, mail) = with_mail().await;
    buy_adsl(&stage.client, "card-1").await;
    for (fault, word) in
        [(MailFault::NoSuchMailbox, "no such mailbox"), (MailFault::RefuseContent, "refused")]
    {
        mail.fail([fault]);
        let request = by_email("card-1", Language::French).again(format!("{fault:?}"));
        let delivery = stage.client.delivery().deliver(request).await.expect("queued");
        let failed = delivery.wait(LONG).await.expect_err("a failure");
        assert_eq!((failed.code(), failed.order_ref()), ("delivery_failed", Some("card-1")));
        let cause = std::error::Error::source(&failed).expect("the cause").to_string();
        assert!(cause.contains("55") && cause.contains(word), "{cause}");
        let kept = stage.client.delivery().get(&delivery.id).await.expect("kept");
        assert_eq!((kept.state, kept.attempts, kept.next_attempt_at), (DeliveryState::Failed, 1, None));
        assert!(kept.last_error.as_deref().is_some_and(|words| words.contains(word)));
    }
    assert!(mail.mails().is_empty());
}

#[tokio::test]
async fn is_given_up_after_two_days() {
    let (stage, mail) = with_mail().await;
    buy_adsl(&stage.client, "card-1").await;
    mail.fail([MailFault::TryLater; 100]);
    let delivery =
        stage.client.delivery().deliver(by_email("card-1", Language::French)).await.expect("queued");
    let failed = delivery.wait(LONG).await.expect_err("a failure");
    assert_eq!(failed.kind(), ErrorKind::DeliveryFailed);
    let kept = stage.client.delivery().get(&delivery.id).await.expect("kept");
    let hours = (kept.updated_at - kept.created_at).num_hours();
    assert!((44..=48).contains(&hours) && (10..=25).contains(&kept.attempts), "{hours} h, {kept:?}");
}
