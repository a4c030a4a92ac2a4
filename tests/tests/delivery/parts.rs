//! Deliveries of several text messages, whose messages change under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oneclickdz::{
    AuditEvent, Client, DeliveryState, ErrorKind, Language, SmsCallback, SmsFailure, SmsMessage, SmsSettings,
};
use oneclickdz_sandbox::SANDBOX_KEY;
use oneclickdz_tests::harness::{Stage, vault_key};

use crate::scene::{LONG, buy_adsl, buy_gift_cards, by_sms, cards, with};

/// A gateway that takes a few messages and then says no.
#[derive(Clone, Default)]
struct Modem {
    taken: Arc<Mutex<Vec<SmsMessage>>>,
}

impl Modem {
    fn settings(&self, takes: usize, no: fn(&'static str) -> SmsFailure) -> SmsSettings {
        let modem = self.clone();
        let left = Arc::new(Mutex::new(takes));
        SmsSettings::new(SmsCallback::new(move |message| {
            let (modem, left) = (modem.clone(), Arc::clone(&left));
            async move {
                let mut left = left.lock().expect("state");
                *left = left.checked_sub(1).ok_or_else(|| no("the line is dead"))?;
                modem.taken.lock().expect("state").push(message);
                Ok(Some("ok".to_owned()))
            }
        }))
    }
}

/// A client of the same journal, with other settings.
fn next(stage: &Stage, journal: &std::path::Path, sms: SmsSettings) -> Client {
    let builder = Client::builder().base_url(stage.sandbox.url()).api_key(SANDBOX_KEY);
    let builder = builder.clock(stage.clock.clone()).journal(journal).vault_key(vault_key());
    builder.sms(sms).watches(false).build().expect("a client")
}

#[tokio::test]
async fn another_cut_under_way_loses_no_card_and_sends_none_twice() {
    for (first, second) in [(2, 10), (10, 2)] {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = folder.path().join("journal.db");
        let modem = Modem::default();
        let sms = modem.settings(1, SmsFailure::temporary).max_segments(first);
        let stage = with(|builder| builder.journal(&journal).sms(sms)).await;
        buy_gift_cards(&stage.client, "gift-1", 70).await;
        let request = by_sms("gift-1", Language::French);
        let delivery = stage.client.delivery().deliver(request.clone()).await.expect("queued");
        let waits = delivery.wait(Duration::from_secs(10)).await.expect_err("goes on");
        let so_far = waits.delivery().expect("the delivery").receipt.clone();
        assert_eq!(so_far.as_deref(), Some(r#"["ok"]"#));
        stage.client.close();

        let client = next(&stage, &journal, modem.settings(99, SmsFailure::temporary).max_segments(second));
        let delivery = client.delivery().deliver(request).await.expect("known");
        let delivery = delivery.wait(LONG).await.expect("delivered");
        assert_eq!(delivery.state, DeliveryState::Sent);
        let taken = modem.taken.lock().expect("state").clone();
        let mut messages: HashMap<&str, usize> = HashMap::new();
        taken.iter().for_each(|message| *messages.entry(&message.id).or_default() += 1);
        assert!(messages.values().all(|count| *count == 1), "each has an id of its own: {messages:?}");
        for card in cards(&client, "gift-1").await {
            let with_it =
                taken.iter().filter(|sent| sent.text.expose().contains(card.code.expose().as_str()));
            assert_eq!(with_it.count(), 1, "{first} then {second}: each card is in one message");
        }
    }
}

#[tokio::test]
async fn codes_that_left_before_a_refusal_are_on_record() {
    let modem = Modem::default();
    let stage = with(|builder| builder.sms(modem.settings(1, SmsFailure::permanent).max_segments(2))).await;
    buy_gift_cards(&stage.client, "gift-1", 20).await;
    let request = by_sms("gift-1", Language::French);
    let delivery = stage.client.delivery().deliver(request).await.expect("queued");
    assert_eq!(delivery.wait(LONG).await.expect_err("refused").kind(), ErrorKind::DeliveryFailed);
    let mut entries = stage.client.audit().entries(None).expect("entries");
    let mut events = Vec::new();
    while let Some(entry) = entries.next().await.expect("an entry") {
        events.push(entry.event);
    }
    assert!(events.ends_with(&[AuditEvent::CardDelivered, AuditEvent::DeliveryFailed]), "{events:?}");
}

#[tokio::test]
async fn a_title_that_no_message_has_room_for_is_refused_before_anything_is_on_record() {
    let modem = Modem::default();
    let stage = with(|builder| builder.sms(modem.settings(9, SmsFailure::temporary))).await;
    buy_adsl(&stage.client, "card-1").await;
    let request = by_sms("card-1", Language::Arabic);
    let refused = stage.client.delivery().deliver(request.clone().title("ب".repeat(200))).await;
    let refused = refused.expect_err("too long");
    assert_eq!((refused.code(), refused.field()), ("validation", Some("title")), "{refused}");
    let delivery = stage.client.delivery().deliver(request.title("بطاقة")).await.expect("queued");
    assert_eq!(delivery.wait(LONG).await.expect("delivered").state, DeliveryState::Sent);
}

#[tokio::test]
async fn a_message_may_not_take_longer_than_a_lease_can_last() {
    struct Endless;
    impl oneclickdz::SmsGateway for Endless {
        fn send<'a>(
            &'a self,
            _: &'a SmsMessage,
        ) -> futures_util::future::BoxFuture<'a, Result<Option<String>, SmsFailure>> {
            Box::pin(std::future::pending())
        }

        fn longest_try(&self) -> Duration {
            Duration::MAX
        }
    }
    let refused = Client::builder().api_key("a-key").sms(SmsSettings::new(Endless)).build();
    let refused = refused.map(drop).expect_err("too long");
    assert_eq!((refused.code(), refused.field()), ("config", Some("sms.longest_try")));
}
