//! A gateway that takes its time, and clients of one journal that use it.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use oneclickdz::{
    Client, Delivery, DeliveryHandle, Language, ManualClock, SmsCallback, SmsFailure, SmsSettings,
};
use oneclickdz_sandbox::SANDBOX_KEY;
use oneclickdz_tests::harness::{Stage, vault_key};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::scene::{buy_adsl, by_sms, with};

pub(crate) const SHORT: Duration = Duration::from_secs(1);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

/// A gateway that takes its time: it has a message, and says so when it is let.
#[derive(Clone)]
pub(crate) struct Slow {
    /// The messages that it was given.
    taken: Arc<Mutex<Vec<String>>>,
    /// One permit for each of them.
    begun: Arc<Semaphore>,
    may_answer: Arc<Semaphore>,
    /// The only message that it takes its time for, if it is so.
    only: Arc<OnceLock<String>>,
    /// One permit for each of the others that it does not take yet.
    refusals: Arc<Semaphore>,
}

impl Slow {
    pub(crate) fn new() -> Self {
        let none = || Arc::new(Semaphore::new(0));
        Self {
            taken: Arc::default(),
            begun: none(),
            may_answer: none(),
            only: Arc::default(),
            refusals: none(),
        }
    }

    pub(crate) fn settings(&self) -> SmsSettings {
        let slow = self.clone();
        SmsSettings::new(SmsCallback::new(move |message| {
            let slow = slow.clone();
            async move {
                let is_quick = slow.only.get().is_some_and(|only| *only != message.id);
                slow.taken.lock().expect("what was taken").push(message.id);
                slow.begun.add_permits(1);
                if is_quick {
                    let refusal = slow.refusals.try_acquire().map(SemaphorePermit::forget);
                    return refusal.map_or(Ok(None), |()| Err(SmsFailure::temporary("the line is busy")));
                }
                slow.may_answer.acquire().await.expect("open").forget();
                Ok(None)
            }
        }))
    }

    /// Until it has so many more messages.
    pub(crate) async fn has_begun(&self, count: u32) {
        let begun = tokio::time::timeout(Duration::from_secs(60), self.begun.acquire_many(count)).await;
        begun.expect("so many messages").expect("open").forget();
    }

    /// From now on it takes its time for this message alone.
    pub(crate) fn only_for(&self, id: &str) {
        self.only.set(id.to_owned()).expect("said once");
    }

    /// The next of the others is to be sent again later.
    pub(crate) fn refuse_one(&self) {
        self.refusals.add_permits(1);
    }

    pub(crate) fn answer(&self, count: usize) {
        self.may_answer.add_permits(count);
    }

    pub(crate) fn taken(&self) -> Vec<String> {
        let mut taken = self.taken.lock().expect("what was taken").clone();
        taken.sort_unstable();
        taken
    }
}

/// A service with a fulfilled order in a journal, and a gateway.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) slow: Slow,
    folder: tempfile::TempDir,
}

impl Scene {
    pub(crate) async fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let stage = with(|builder| builder.journal(folder.path().join("journal.db"))).await;
        buy_adsl(&stage.client, "card-1").await;
        Self { stage, slow: Slow::new(), folder }
    }

    /// A client of this journal and this gateway. One that does not watch sends when somebody waits.
    pub(crate) fn client(&self, watches: bool) -> Client {
        self.client_by(self.stage.clock.clone(), watches)
    }

    /// A client that watches, and a message of its that the gateway takes its time for, and for no other.
    pub(crate) async fn one_is_slow(&self) -> (Client, DeliveryHandle) {
        let shop = self.client(true);
        let slow = deliver(&shop, "slow").await;
        self.slow.has_begun(1).await;
        self.slow.only_for(&slow.id);
        (shop, slow)
    }

    pub(crate) fn client_by(&self, clock: ManualClock, watches: bool) -> Client {
        let builder = Client::builder().base_url(self.stage.sandbox.url()).api_key(SANDBOX_KEY);
        let builder = builder.clock(clock).journal(self.folder.path().join("journal.db"));
        let builder = builder.vault_key(vault_key()).sms(self.slow.settings()).watches(watches);
        builder.build().expect("a client")
    }

    /// What became of it, after a day: by then no right of a client before this one lasts any more.
    pub(crate) async fn told_by_the_next(&self, id: &str) -> Delivery {
        self.stage.clock.advance(DAY);
        let kept = self.client(false).delivery().get(id).await.expect("kept");
        kept.wait(SHORT).await.expect("sent").delivery().clone()
    }
}

pub(crate) async fn deliver(client: &Client, again: &str) -> DeliveryHandle {
    let request = by_sms("card-1", Language::French).again(again);
    client.delivery().deliver(request).await.expect("queued")
}
