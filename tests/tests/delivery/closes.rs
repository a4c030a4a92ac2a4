//! A client that ends while messages are on their way to customers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use oneclickdz::{
    Client, Delivery, DeliveryHandle, DeliveryState, Language, ManualClock, SmsCallback, SmsSettings,
};
use oneclickdz_sandbox::SANDBOX_KEY;
use oneclickdz_tests::harness::{Stage, vault_key};
use tokio::sync::Semaphore;

use crate::scene::{buy_adsl, by_sms, with};

const LONG_ENOUGH: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A gateway that takes its time: it has a message, and says so when it is let.
#[derive(Clone)]
struct Slow {
    /// The messages that it was given.
    taken: Arc<Mutex<Vec<String>>>,
    /// One permit for each of them.
    begun: Arc<Semaphore>,
    may_answer: Arc<Semaphore>,
}

impl Slow {
    fn new() -> Self {
        let none = || Arc::new(Semaphore::new(0));
        Self { taken: Arc::default(), begun: none(), may_answer: none() }
    }

    fn settings(&self) -> SmsSettings {
        let slow = self.clone();
        SmsSettings::new(SmsCallback::new(move |message| {
            let slow = slow.clone();
            async move {
                slow.taken.lock().expect("what was taken").push(message.id);
                slow.begun.add_permits(1);
                slow.may_answer.acquire().await.expect("open").forget();
                Ok(None)
            }
        }))
    }

    /// Until it has so many more messages.
    async fn has_begun(&self, count: u32) {
        self.begun.acquire_many(count).await.expect("open").forget();
    }

    fn answer(&self, count: usize) {
        self.may_answer.add_permits(count);
    }

    fn taken(&self) -> Vec<String> {
        let mut taken = self.taken.lock().expect("what was taken").clone();
        taken.sort_unstable();
        taken
    }
}

/// A service with a fulfilled order in a journal, and a gateway.
struct Scene {
    stage: Stage,
    slow: Slow,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let stage = with(|builder| builder.journal(folder.path().join("journal.db"))).await;
        buy_adsl(&stage.client, "card-1").await;
        Self { stage, slow: Slow::new(), folder }
    }

    /// A client of this journal and this gateway. One that does not watch sends when somebody waits.
    fn client(&self, watches: bool) -> Client {
        self.client_by(self.stage.clock.clone(), watches)
    }

    fn client_by(&self, clock: ManualClock, watches: bool) -> Client {
        let builder = Client::builder().base_url(self.stage.sandbox.url()).api_key(SANDBOX_KEY);
        let builder = builder.clock(clock).journal(self.folder.path().join("journal.db"));
        let builder = builder.vault_key(vault_key()).sms(self.slow.settings()).watches(watches);
        builder.build().expect("a client")
    }

    /// What became of it, after a day: by then no right of a client before this one lasts any more.
    async fn told_by_the_next(&self, id: &str) -> Delivery {
        self.stage.clock.advance(DAY);
        let kept = self.client(false).delivery().get(id).await.expect("kept");
        kept.wait(SHORT).await.expect("sent").delivery().clone()
    }
}

async fn deliver(client: &Client, again: &str) -> DeliveryHandle {
    let request = by_sms("card-1", Language::French).again(again);
    client.delivery().deliver(request).await.expect("queued")
}

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
    let waiting = asked[0].clone();
    let waiting = tokio::spawn(async move { waiting.wait(DAY).await });
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
    let waiting = delivery.clone();
    let waiting = tokio::spawn(async move { waiting.wait(DAY).await });
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
    let waiting = delivery.clone();
    let waiting = tokio::spawn(async move { waiting.wait(DAY).await });
    // Whichever of the two comes first.
    tokio::task::yield_now().await;
    shop.close();
    assert_eq!(waiting.await.expect("ended").expect_err("closed").code(), "closed");
    assert_eq!(delivery.wait(DAY).await.expect_err("closed").code(), "closed");
}
