//! A client that ends while messages are on their way to customers.

use std::time::Duration;

use futures_util::FutureExt;
use oneclickdz::{DeliveryState, ManualClock};

use crate::slow::{DAY, SHORT, Scene, deliver};

const LONG_ENOUGH: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_close_waits_for_the_message_on_its_way_and_nobody_sends_it_again() {
    let scene = Scene::set().await;
    let shop = scene.client(true);
    let delivery = deliver(&shop, "1").await;
    scene.slow.has_begun(1).await;

    let mut closing = Box::pin(shop.close_within(LONG_ENOUGH));
    assert_eq!(closing.as_mut().now_or_never(), None, "the gateway has not answered yet");
    assert!(!shop.close_within(Duration::from_millis(1)).await, "says that something is left");
    scene.slow.answer(1);
    assert!(closing.await, "nothing is left");

    let kept = scene.told_by_the_next(&delivery.id).await;
    assert_eq!((kept.state, kept.attempts), (DeliveryState::Sent, 1));
    assert_eq!(scene.slow.taken(), [kept.id], "one message to the customer");
}

#[tokio::test]
async fn messages_that_had_not_begun_are_the_next_clients_at_once() {
    let scene = Scene::set().await;
    let shop = scene.client(false);
    let mut asked = Vec::new();
    for n in 0..7 {
        asked.push(deliver(&shop, &n.to_string()).await);
    }
    let waiting = tokio::spawn(asked[0].wait(DAY));
    scene.slow.has_begun(4).await;
    let mut closing = Box::pin(shop.close_within(LONG_ENOUGH));
    assert_eq!(closing.as_mut().now_or_never(), None);
    scene.slow.answer(4);
    assert!(closing.await);
    assert!(waiting.await.is_ok(), "it has ended");
    assert_eq!(scene.slow.taken().len(), 4, "what had not begun does not begin after the close");

    scene.slow.answer(3);
    let heir = scene.client(false);
    for delivery in &asked {
        let kept = heir.delivery().get(&delivery.id).await.expect("kept");
        let sent = kept.wait(SHORT).await.expect("sent");
        assert_eq!((sent.state, sent.attempts), (DeliveryState::Sent, 1), "nobody had taken it before");
    }
    let mut asked: Vec<&str> = asked.iter().map(|delivery| delivery.id.as_str()).collect();
    asked.sort_unstable();
    assert_eq!(scene.slow.taken(), asked, "each of them once");
}

#[tokio::test]
async fn who_stops_waiting_ends_no_message_on_its_way() {
    let scene = Scene::set().await;
    let shop = scene.client(false);
    let delivery = deliver(&shop, "1").await;
    let waiting = tokio::spawn(delivery.wait(DAY));
    scene.slow.has_begun(1).await;
    waiting.abort();
    assert!(waiting.await.expect_err("gone").is_cancelled());
    scene.slow.answer(1);
    assert!(shop.close_within(LONG_ENOUGH).await);

    let kept = scene.told_by_the_next(&delivery.id).await;
    assert_eq!((kept.state, kept.attempts), (DeliveryState::Sent, 1));
    assert_eq!(scene.slow.taken(), [kept.id]);
}

#[tokio::test]
async fn a_wait_ends_with_its_client() {
    let scene = Scene::set().await;
    // A clock that stands still: nothing but the close can end the wait.
    let shop = scene.client_by(ManualClock::new(scene.stage.control.now()), true);
    let delivery = deliver(&shop, "1").await;
    scene.slow.has_begun(1).await;
    let waiting = tokio::spawn(delivery.wait(DAY));
    // Whichever of the two comes first.
    tokio::task::yield_now().await;
    shop.close();
    assert_eq!(waiting.await.expect("ended").expect_err("closed").code(), "closed");
    assert_eq!(delivery.wait(DAY).await.expect_err("closed").code(), "closed");
}
