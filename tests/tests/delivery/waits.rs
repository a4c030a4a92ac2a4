//! What a caller is told who waits for a message.

use std::time::Duration;

use oneclickdz::{
    DeliveryState, ErrorKind, Language, OrderState, Outcome, SmsCallback, SmsFailure, SmsSettings,
};
use rusqlite::Connection;

use crate::scene::{buy_adsl, by_sms, with};

const SHORT: Duration = Duration::from_secs(5);

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
