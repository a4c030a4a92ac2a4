//! A closed client answers every call alike: with `closed`, whether the call needs the service or the journal only.

use std::time::Duration;

use oneclickdz::{
    Client, DeliveryChannel, DeliveryRequest, InternetRequest, InternetType, Language, OrderListRequest,
    OrderState, PurgeRequest, Result, RevealRequest, SmsCallback, SmsSettings,
};
use oneclickdz_sandbox::Options;
use oneclickdz_tests::harness::{Stage, topup};

const LONG: Duration = Duration::from_secs(3 * 24 * 3600);

fn assert_closed<T>(call: &str, answer: Result<T>) {
    match answer {
        Ok(_) => panic!("{call} of a closed client answers"),
        Err(error) => assert_eq!(error.code(), "closed", "{call}: {error}"),
    }
}

#[tokio::test]
async fn no_call_reads_the_journal_of_a_closed_client() {
    let gateway = SmsCallback::new(|_| async { Ok(None) });
    let stage = Stage::with(Options::manual(), |builder| builder.sms(SmsSettings::new(gateway))).await;
    let client: &Client = &stage.client;
    let request = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref("card-1").owner("user-7");
    let order = client.internet().send(request).await.expect("an order").wait(LONG).await.expect("fulfilled");
    let text =
        DeliveryRequest::new("card-1", DeliveryChannel::Sms, "0770123456", Language::French).owner("user-7");
    let delivery =
        client.delivery().deliver(text.clone()).await.expect("queued").wait(LONG).await.expect("sent");
    let reveal = || RevealRequest::new("card-1").owner("user-7").actor("test");
    let mut entries = client.audit().entries(None).expect("entries");
    entries.next().await.expect("readable").expect("an entry");
    let (since, now) = (order.created_at, order.updated_at);

    client.close();
    let mut out = Vec::new();
    assert_closed("audit.export", client.audit().export(&mut out).await);
    assert!(out.is_empty(), "nothing was written");
    assert_closed("audit.verify", client.audit().verify().await);
    assert_closed("audit.entries", client.audit().entries(None));
    assert_closed("entries begun before", entries.next().await);

    assert_closed("orders.get", client.orders().get("card-1").await);
    assert_closed("orders.list", client.orders().list(OrderListRequest::new()).await);
    assert_closed("orders.history", client.orders().history("card-1").await);
    assert_closed("orders.events", client.orders().events(None).await);
    assert_closed("orders.ack", client.orders().ack("1").await);
    assert_closed("orders.resume", client.orders().resume().await);
    assert_closed("orders.resolve", client.orders().resolve("card-1", OrderState::Refused, "a", "b").await);
    assert_closed("orders.reconcile", client.orders().reconcile(since, now).await);
    assert_closed("order.refresh", order.refresh().await);

    assert_closed("delivery.get", client.delivery().get(&delivery.id).await);
    assert_closed("delivery.list", client.delivery().list("card-1").await);
    assert_closed("delivery.deliver", client.delivery().deliver(text).await);
    assert_closed("delivery.in_app", client.delivery().in_app(reveal(), Language::French, None).await);
    assert_closed("delivery.wait", delivery.wait(LONG).await);

    assert_closed("cards.reveal", client.cards().reveal(reveal()).await);
    assert_closed("cards.purge", client.cards().purge(PurgeRequest::new(now)).await);
    assert_closed("cards.rekey", client.cards().rekey().await);
    assert_closed("mobile.send", client.mobile().send(topup("closed")).await);
}
