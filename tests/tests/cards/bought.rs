//! Buying cards: never without a key, never settled without them, shown to their owner only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use oneclickdz::{AuditEvent, ErrorKind, OrderState, Outcome, RevealRequest};
use oneclickdz_sandbox::Options;
use oneclickdz_tests::harness::{Stage, topup, vault_key};

use super::shared::{MINUTES, adsl, audit, buy_adsl, client, gift, reveal, shown_by_the_service};

#[tokio::test]
async fn without_a_key_cards_are_not_bought_and_mobile_goes_on() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let client = client(&stage, &folder.path().join("orders.db")).build().expect("a client");
    let gift = gift(&stage.client, 1).await;
    let before = stage.all_requests();
    for error in [
        client.internet().send(adsl("a-1")).await.expect_err("refused"),
        client.gift_cards().order(gift.r#ref("g-1")).await.expect_err("refused"),
    ] {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::VaultKeyMissing, Outcome::NotSent));
        assert!(error.detail().contains("openssl rand -hex 32"), "{error}");
        assert_eq!(error.field(), Some("vault_key"));
    }
    assert_eq!(stage.all_requests(), before, "nothing was sent");
    assert!(client.orders().get("a-1").await.is_err() && client.orders().get("g-1").await.is_err());
    client.mobile().send(topup("m-1")).await.expect("mobile needs no key");
}

#[tokio::test]
async fn a_key_that_cannot_be_stops_the_client() {
    let refused = |text: &str| oneclickdz::VaultKey::parse(text).expect_err("refused");
    assert_eq!(refused("secret").kind(), ErrorKind::Config);
    assert_eq!(refused("env:NO_SUCH_VARIABLE_HERE").field(), Some("vault_key"));
}

#[tokio::test]
async fn an_internet_card_comes_out_as_it_went_in() {
    let stage = Stage::set().await;
    let order = buy_adsl(&stage, "a-1", None).await;
    assert_eq!((order.state, order.card_count), (OrderState::Fulfilled, 1));
    let told = stage.client.internet().check_by_ref("a-1").await.expect("by ref").card.expect("a card");
    let cards = reveal(&stage.client, "a-1").await.expect("revealed");
    assert_eq!(cards.len(), 1);
    assert_eq!((cards[0].index, &cards[0].code), (0, &told.code));
    let transaction = cards[0].transaction_number.as_ref().map(|number| number.expose().clone());
    assert_eq!(transaction, told.transaction_number);
    assert!(transaction.is_some() && cards[0].processed_at.is_some() && cards[0].serial.is_none());
    assert_eq!(
        (cards[0].processed_at, &cards[0].processed_at_text),
        (told.processed_at, &told.processed_at_text)
    );
}

#[tokio::test]
async fn gift_cards_come_with_their_serials_also_from_lists() {
    let stage = Stage::set().await;
    let requests = join_all((0..12).map(|_| gift(&stage.client, 3))).await;
    for (n, request) in requests.into_iter().enumerate() {
        stage.client.gift_cards().order(request.r#ref(format!("g-{n}"))).await.expect("sent");
    }
    for n in 0..12 {
        let r#ref = format!("g-{n}");
        let order = stage.client.orders().get(&r#ref).await.expect("on record");
        order.wait(MINUTES).await.expect("settled");
        let shown = reveal(&stage.client, &r#ref).await.expect("revealed");
        let codes = shown.iter().map(|card| (card.code.clone(), card.serial.clone())).collect::<Vec<_>>();
        assert_eq!(codes, shown_by_the_service(&stage.client, &r#ref).await, "{ref}");
        assert_eq!(codes.len(), 3);
    }
}

#[tokio::test]
async fn half_an_order_brings_half_of_the_cards() {
    let stage = Stage::set().await;
    let request = gift(&stage.client, 4).await;
    let request = oneclickdz::GiftCardRequest { type_id: "TEST_PARTIAL".to_owned(), ..request };
    let order = stage.client.gift_cards().order(request.r#ref("half")).await.expect("sent");
    assert_eq!(order.wait(MINUTES).await.expect("settled").state, OrderState::PartiallyFilled);
    assert_eq!(reveal(&stage.client, "half").await.expect("revealed").len(), 2);
}

#[tokio::test]
async fn cards_are_shown_to_their_owner_and_every_refusal_is_on_record() {
    let stage = Stage::set().await;
    buy_adsl(&stage, "a-1", Some("user-7")).await;
    let asks = |owner: Option<&str>| {
        let request =
            RevealRequest::new("a-1").actor("clerk").reason("called").address("192.0.2.7").agent("web/1");
        owner.into_iter().fold(request, RevealRequest::owner)
    };
    for owner in [None, Some("user-8"), Some("")] {
        let error = stage.client.cards().reveal(asks(owner)).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::OrderNotFound, "{owner:?}");
    }
    let unknown = stage.client.cards().reveal(RevealRequest::new("none").owner("user-7")).await;
    let foreign = stage.client.cards().reveal(asks(Some("user-8"))).await.expect_err("refused");
    assert_eq!(unknown.expect_err("refused").detail(), foreign.detail(), "nobody can tell the two apart");
    assert_eq!(stage.client.cards().reveal(asks(Some("user-7"))).await.expect("revealed").len(), 1);

    let nobody = stage.client.cards().reveal(RevealRequest::new("a-1")).await.expect_err("refused");
    assert_eq!((nobody.kind(), nobody.field()), (ErrorKind::Validation, Some("actor")));

    let entries = audit(&stage.client).await;
    let of = |event| entries.iter().filter(|entry| entry.event == event).collect::<Vec<_>>();
    let refused = of(AuditEvent::RevealRefused);
    assert_eq!(refused.len(), 4);
    assert!(refused.iter().all(|entry| entry.detail.as_deref() == Some("order_not_found")));
    let [shown] = of(AuditEvent::CardRevealed)[..] else { panic!("one look: {entries:#?}") };
    assert_eq!((shown.r#ref.as_deref(), shown.owner.as_deref()), (Some("a-1"), Some("user-7")));
    assert_eq!((shown.actor.as_deref(), shown.method.as_deref()), (Some("clerk"), Some("reveal")));
    assert_eq!((shown.address.as_deref(), shown.agent.as_deref()), (Some("192.0.2.7"), Some("web/1")));
    assert_eq!(shown.reason.as_deref(), Some("called"));
}

#[tokio::test]
async fn what_has_no_cards_says_so() {
    let stage = Stage::set().await;
    stage.client.mobile().send(topup("m-1")).await.expect("sent");
    let request = gift(&stage.client, 1).await;
    let request = oneclickdz::GiftCardRequest { type_id: "TEST_REFUND".to_owned(), ..request };
    let refunded = stage.client.gift_cards().order(request.r#ref("g-1")).await.expect("sent");
    refunded.wait(MINUTES).await.expect("settled");
    stage.client.internet().send(adsl("a-1")).await.expect("sent");
    for r#ref in ["m-1", "a-1", "g-1"] {
        let error = reveal(&stage.client, r#ref).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::OrderNotReady, "{ref}");
    }
    stage.client.orders().get("a-1").await.expect("on record").wait(MINUTES).await.expect("settled");
    reveal(&stage.client, "a-1").await.expect("ready now");
}

#[tokio::test]
async fn an_order_stays_open_until_its_card_can_be_sealed() {
    let is_up = Arc::new(AtomicBool::new(true));
    let provider = Arc::clone(&is_up);
    let stage = Stage::with(Options::manual(), move |builder| {
        builder.vault_key_provider(move || match provider.load(Ordering::Acquire) {
            true => Ok(vec![vault_key()]),
            false => Err("the key service does not answer".into()),
        })
    })
    .await;
    let order = stage.client.internet().send(adsl("a-1")).await.expect("sent");
    is_up.store(false, Ordering::Release);
    // The keys are asked for again after five minutes.
    stage.clock.advance(MINUTES);
    let refused = stage.client.internet().send(adsl("a-2")).await.expect_err("refused");
    assert_eq!((refused.kind(), refused.outcome()), (ErrorKind::VaultUnavailable, Outcome::NotSent));
    assert!(
        std::error::Error::source(&refused)
            .is_some_and(|cause| cause.to_string().contains("does not answer"))
    );
    assert!(stage.client.orders().get("a-2").await.is_err(), "nothing was written down");

    let pending = order.wait(60 * MINUTES * 24).await.expect_err("goes on");
    assert_eq!(pending.kind(), ErrorKind::StillPending);
    let open = order.refresh().await.expect("on record");
    assert_eq!((open.state, open.status.as_deref()), (OrderState::Accepted, Some("FULFILLED")));
    assert_eq!((open.last_error.as_deref(), open.card_count), (Some("vault_unavailable"), 0));

    is_up.store(true, Ordering::Release);
    let settled = order.wait(3 * 60 * MINUTES).await.expect("settled");
    assert_eq!((settled.state, settled.card_count), (OrderState::Fulfilled, 1));
    assert_eq!(settled.last_error, None);
    assert_eq!(reveal(&stage.client, "a-1").await.expect("revealed").len(), 1);
}

#[tokio::test]
async fn a_known_order_is_told_also_without_a_key() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("orders.db");
    let with_key = client(&stage, &path).vault_key(vault_key()).build().expect("a client");
    let sent = with_key.internet().send(adsl("a-1")).await.expect("sent");
    let without = client(&stage, &path).build().expect("a client");
    let told = without.internet().send(adsl("a-1")).await.expect("it was bought, whoever asks");
    assert_eq!(told.id, sent.id);
}
