//! What a caller is told who waits for a message.

use std::time::Duration;

use oneclickdz::{
    DeliveryState, ErrorKind, Language, OrderState, Outcome, SmsCallback, SmsFailure, SmsSettings,
};
use rusqlite::Connection;

use crate::scene::{buy_adsl, by_sms, with};
use crate::slow::{SHORT, Scene, deliver};

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_delivery_that_goes_on_is_told_with_its_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("journal.db");
    let busy = SmsCallback::new(|_| async { Err(SmsFailure::temporary("the line is busy")) });
    let stage = with(|builder| builder.sms(SmsSettings::new(busy)).journal(&journal)).await;
    buy_adsl(&stage.client, "card-1").await;
    let delivery = stage.client.delivery().deliver(by_sms("card-1", Language::French)).await.expect("queued");

    let pending = delivery.wait(SHORT).await.expect_err("not yet");
    assert_eq!((pending.kind(), pending.outcome()), (ErrorKind::StillPending, Outcome::Unknown));
    let told = pending.delivery().expect("the delivery");
    assert_eq!((&told.id, told.state, told.attempts), (&delivery.id, DeliveryState::Waiting, 1));
    assert!(told.last_error.as_deref().is_some_and(|words| words.contains("the line is busy")));
    assert!(told.next_attempt_at.is_some());
    let order = pending.order().expect("its order");
    assert_eq!((order.r#ref.as_str(), order.state), ("card-1", OrderState::Fulfilled));

    // An order that cannot be read turns what goes on into no other error.
    let file = Connection::open(&journal).expect("the journal");
    assert_eq!(file.execute("UPDATE orders SET document = '{'", ()).expect("written"), 1);
    stage.client.orders().get("card-1").await.expect_err("unreadable");
    let pending = delivery.wait(SHORT).await.expect_err("not yet");
    assert_eq!((pending.kind(), pending.order_ref()), (ErrorKind::StillPending, Some("card-1")), "{pending}");
    assert_eq!(pending.delivery().map(|told| &told.id), Some(&delivery.id));
    assert_eq!(pending.order(), None);
}

#[tokio::test]
async fn a_wait_that_sends_by_itself_ends_in_time_and_its_message_goes_on() {
    let scene = Scene::set().await;
    let shop = scene.client(false);
    let delivery = deliver(&shop, "1").await;
    let waiting = tokio::spawn(delivery.wait(SHORT));
    scene.slow.has_begun(1).await;
    scene.stage.clock.advance(SHORT);
    let ended = tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("its time is over");
    let pending = ended.expect("ended").expect_err("the gateway has not answered");
    assert_eq!(
        (pending.kind(), pending.delivery().map(|told| &told.id)),
        (ErrorKind::StillPending, Some(&delivery.id))
    );

    scene.slow.answer(1);
    assert!(shop.close_within(LONG).await);
    let kept = scene.told_by_the_next(&delivery.id).await;
    assert_eq!((kept.state, kept.attempts), (DeliveryState::Sent, 1));
    assert_eq!(scene.slow.taken(), [kept.id], "one message to the customer");
}

#[tokio::test]
async fn a_slow_message_holds_up_no_other() {
    let scene = Scene::set().await;
    let (shop, slow) = scene.one_is_slow().await;
    // More than there is room for beside it.
    let mut asked = vec![slow.id.clone()];
    for n in 0..6 {
        asked.push(deliver(&shop, &n.to_string()).await.id.clone());
    }
    scene.slow.has_begun(6).await;
    assert_eq!(shop.delivery().get(&slow.id).await.expect("kept").state, DeliveryState::Waiting);

    scene.slow.answer(1);
    assert!(shop.close_within(LONG).await, "nothing is left");
    for id in asked {
        assert_eq!(scene.told_by_the_next(&id).await.state, DeliveryState::Sent);
    }
    assert_eq!(scene.slow.taken().len(), 7, "each of them once");
}

#[tokio::test]
async fn a_message_that_is_to_be_sent_again_goes_in_time_beside_a_slow_one() {
    let scene = Scene::set().await;
    let (shop, slow) = scene.one_is_slow().await;
    scene.slow.refuse_one();
    let refused = deliver(&shop, "refused").await;
    scene.slow.has_begun(1).await;
    // Whenever the outbox looks at the clock, its time comes; not so fast that the slow one's lease ends first.
    let again = async {
        loop {
            tokio::time::sleep(Duration::from_millis(4)).await;
            scene.stage.clock.advance(Duration::from_millis(100));
        }
    };
    tokio::select! {
        () = scene.slow.has_begun(1) => {}
        () = again => {}
    }
    scene.slow.answer(1);
    assert!(shop.close_within(LONG).await, "nothing is left");
    for (id, attempts) in [(&slow.id, 1), (&refused.id, 2)] {
        let kept = scene.told_by_the_next(id).await;
        assert_eq!((kept.state, kept.attempts), (DeliveryState::Sent, attempts));
    }
}
