//! From the outbox to the channel: a message is on disk before it leaves, and on record as sent only when its channel
//! has taken it. Between the two lies the moment in which a dying process sends twice; the message's id is the same then.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch as latest};
use tracing::instrument::WithSubscriber;

use super::Channels;
use super::cards::scrubbed;
use super::channel::{Parcel, Trouble};
use super::message::Facts;
use super::schedule::next_attempt;
use super::texts::CardKind;
use crate::error::{Error, Result};
use crate::journal::{
    Delivery as Row, DeliveryClaim, DeliveryNote, DeliveryOutcome, Holder, Intent, Journal, Record,
};
use crate::models::{Card, DeliveryChannel, ErrorKind, InternetType, Timestamp};
use crate::runtime::{Runtime, make_ref};

/// Messages that are claimed, and on their way, at once. No more are claimed than begin now: the right to a message lasts
/// for one try, and whoever waited behind slow ones would outlive it and be sent by another process too.
const AT_ONCE: usize = 4;
/// How long the runner sleeps at most: messages of a worker that died show themselves only to those who ask.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// How long is waited before a note that failed is tried again.
const NOTE_PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(10)];

/// Where orders and their codes come from.
pub(crate) trait CardSource: Send + Sync {
    /// The journal, opened if need be.
    fn journal(&self) -> BoxFuture<'_, Result<Arc<dyn Journal>>>;
    /// The codes of an order in the clear, all or none.
    fn open_cards<'a>(&'a self, operation: &'static str, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Card>>>;
    /// Fails when the client was closed.
    fn ensure_open(&self, operation: &'static str) -> Result<()>;
}

/// Everything that happens to messages, shared by all clones of a client.
pub(crate) struct Deliveries {
    pub(super) source: Arc<dyn CardSource>,
    pub(super) channels: Channels,
    pub(super) runtime: Arc<Runtime>,
    /// How long a message stays with a process that died, beyond the time that a try may take.
    lease: Duration,
    /// Whether this client sends in the background.
    pub(super) is_active: bool,
    worker: String,
    is_running: AtomicBool,
    /// Rings when something may be due earlier than the runner thinks.
    bell: Notify,
    /// Counts the changes, for those who wait.
    pub(super) changes: latest::Sender<u64>,
}

/// What a message needs beside its order, as the outbox keeps it.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Extras {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
}

impl Deliveries {
    pub(crate) fn new(
        source: Arc<dyn CardSource>,
        channels: Channels,
        runtime: Arc<Runtime>,
        lease: Duration,
        is_active: bool,
    ) -> Self {
        Self {
            source,
            channels,
            runtime,
            lease,
            is_active,
            worker: make_ref("courier"),
            is_running: AtomicBool::new(false),
            bell: Notify::new(),
            changes: latest::channel(0).0,
        }
    }

    /// Starts the runner with the first call that has a use for it.
    pub(crate) fn run(self: &Arc<Self>) -> Result<()> {
        let has_use = self.is_active && !self.channels.words().is_empty();
        if !has_use || self.is_running.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.runtime.spawn(run(Arc::downgrade(self)))?;
        Ok(())
    }

    /// A message is new, or was sent for again.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// The client was closed: whoever waits is told, and the runner ends.
    pub(crate) fn wake_all(&self) {
        self.changes.send_modify(|count| *count += 1);
        self.ring();
    }

    /// Sends everything that is due; returns when the next message will be.
    pub(super) async fn send_due(self: &Arc<Self>) -> Result<Option<Timestamp>> {
        // Whoever waits may go away, and the client may be closed: a message that was handed to its channel and not noted
        // would be sent again. What is logged goes where the caller's lines go.
        let sending = Arc::clone(self).send_all_due().with_current_subscriber();
        self.runtime.spawn_to_the_end(sending)?.finished().await??;
        self.source.journal().await?.next_delivery(self.channels.words()).await
    }

    /// Several at a time. A slow one holds up neither what waits already nor what is asked for or comes due meanwhile.
    async fn send_all_due(self: Arc<Self>) -> Result<()> {
        let journal = self.source.journal().await?;
        let mut under_way = FuturesUnordered::new();
        let mut outcome = Ok(());
        loop {
            if outcome.is_ok() {
                match self.claim(&journal, AT_ONCE - under_way.len()).await {
                    Ok(due) => under_way.extend(due.into_iter().map(|row| self.try_and_note(&journal, row))),
                    Err(error) => outcome = Err(error),
                }
            }
            let has_room = outcome.is_ok() && under_way.len() < AT_ONCE;
            tokio::select! {
                biased;
                // Each to its end, whatever becomes of another.
                noted = under_way.next() => match noted {
                    Some(noted) => outcome = outcome.and(noted),
                    None => return outcome,
                },
                () = self.more_is_due(&journal), if has_room => {}
            }
        }
    }

    /// Until a message is asked for, or the time of one has come.
    async fn more_is_due(&self, journal: &Arc<dyn Journal>) {
        // Where the journal cannot be read, the next claim tells.
        let next_due = journal.next_delivery(self.channels.words()).await.unwrap_or_default();
        tokio::select! {
            () = self.bell.notified() => {}
            () = self.runtime.doze(self.until(next_due)) => {}
        }
    }

    async fn claim(&self, journal: &Arc<dyn Journal>, limit: usize) -> Result<Vec<Row>> {
        self.source.ensure_open("delivery.run")?;
        let now = self.runtime.now();
        let until = self.held_until(now);
        let (channels, worker) = (self.channels.words(), self.worker.clone());
        journal.claim_deliveries(DeliveryClaim { channels, worker, now, until, limit }).await
    }

    /// The right to a message lasts for as long as the longest try of one, and a lease beyond.
    pub(super) fn held_until(&self, now: Timestamp) -> Timestamp {
        now + self.lease + self.channels.longest_try()
    }

    async fn try_and_note(&self, journal: &Arc<dyn Journal>, row: Row) -> Result<()> {
        let Some(holder) = row.lease.as_ref().map(|lease| lease.holder.clone()) else { return Ok(()) };
        let outcome = match self.try_once(journal, &row, &holder).await {
            Ok(receipt) => DeliveryOutcome::Sent { receipt },
            Err(trouble) => {
                let now = self.runtime.now();
                // What a client that ends could not do, the next one need not wait for.
                let next = match self.source.ensure_open("delivery.send") {
                    Ok(()) => next_attempt(row.created_at, now, row.attempts),
                    Err(_) => Some(now),
                };
                tracing::warn!(delivery = row.id, r#ref = row.r#ref, "not delivered: {}", trouble.words);
                match next.filter(|_| !trouble.is_permanent) {
                    Some(at) => DeliveryOutcome::Retry { at, error: trouble.words },
                    None => DeliveryOutcome::Failed { error: trouble.words },
                }
            }
        };
        let note = DeliveryNote { id: row.id, holder, now: self.runtime.now(), outcome };
        // Whoever holds the lease by now notes how its own try ended.
        self.note_surely(journal, note).await?;
        self.changes.send_modify(|count| *count += 1);
        Ok(())
    }

    /// What a channel has taken and nobody has noted is sent again: a journal that fails for a moment is asked again.
    pub(super) async fn note_surely(&self, journal: &Arc<dyn Journal>, note: DeliveryNote) -> Result<bool> {
        for pause in NOTE_PAUSES {
            match journal.note_delivery(note.clone()).await {
                Ok(is_noted) => return Ok(is_noted),
                Err(error) => {
                    tracing::warn!(delivery = note.id, code = error.code(), "not noted yet: {error}")
                }
            }
            self.runtime.doze(pause).await;
        }
        journal.note_delivery(note).await
    }

    /// One try. The codes live from here to the end of it; what comes out is scrubbed.
    async fn try_once(
        &self,
        journal: &Arc<dyn Journal>,
        row: &Row,
        holder: &Holder,
    ) -> Result<Option<String>, Trouble> {
        self.source.ensure_open("delivery.send").map_err(passing)?;
        if !self.channels.words().contains(&row.channel.as_str()) {
            let words =
                "no process of this journal has had its channel for a week: ask for it again, by another";
            return Err(Trouble::words(true, words));
        }
        let record = journal.get(&row.r#ref).await.map_err(passing)?;
        let record = record.ok_or_else(|| Trouble::words(true, "the journal no longer has the order"))?;
        let cards = self.source.open_cards("delivery.send", &row.r#ref).await.map_err(|error| {
            let is_permanent = matches!(error.kind(), ErrorKind::AlreadyPurged | ErrorKind::OrderNotFound);
            Trouble::words(is_permanent, &format!("{}: {}", error.code(), error.detail()))
        })?;
        let extras: Extras = serde_json::from_str(&row.options).unwrap_or_default();
        let facts = self.facts(&record, extras.title);
        let parcel = Parcel {
            id: &row.id,
            to: &row.recipient,
            language: row.language,
            created_at: row.created_at,
            facts: &facts,
            cards: &cards,
        };
        let scrub = |trouble: Trouble| Trouble { words: scrubbed(&trouble.words, &cards), ..trouble };
        let receipt = match DeliveryChannel::from_word(&row.channel) {
            Some(DeliveryChannel::Email) => self.channels.send_email(&parcel).await.map_err(scrub)?,
            Some(DeliveryChannel::Sms) => {
                self.send_parts(journal, row, holder, &parcel).await.map_err(scrub)?
            }
            None => {
                return Err(Trouble::words(true, "the channel is of a newer version: update this program"));
            }
        };
        Ok(receipt.map(|receipt| scrubbed(&receipt, &cards)))
    }

    pub(super) fn facts(&self, record: &Record, title: Option<String>) -> Facts {
        let (kind, number, value, ordered) = match &record.intent {
            Intent::Internet { r#type, number, value } => {
                let kind = if *r#type == InternetType::Adsl { CardKind::Adsl } else { CardKind::FourG };
                (kind, Some(number.clone()), Some(value.to_string()), 1)
            }
            Intent::GiftCards { quantity, .. } => (CardKind::GiftCard, None, None, *quantity),
            Intent::Mobile { number, .. } => (CardKind::GiftCard, Some(number.clone()), None, 1),
        };
        let shop = self.channels.shop().map(str::to_owned);
        Facts { reference: record.order.r#ref.clone(), kind, number, value, title, shop, ordered }
    }

    fn until(&self, next_due: Option<Timestamp>) -> Duration {
        let wait = next_due.map(|due| (due - self.runtime.now()).to_std().unwrap_or_default());
        wait.unwrap_or(LONGEST_SLEEP).clamp(Duration::from_millis(10), LONGEST_SLEEP)
    }
}

/// A failure on this side, over at the next try perhaps.
pub(super) fn passing(error: Error) -> Trouble {
    Trouble::words(false, &format!("{}: {}", error.code(), error.detail()))
}

/// Runs as long as its client lives. Holds it only while it works, so that dropping the last clone ends it.
async fn run(deliveries: Weak<Deliveries>) {
    loop {
        let Some(strong) = deliveries.upgrade() else { return };
        if strong.source.ensure_open("delivery.run").is_err() {
            return;
        }
        let pause = match strong.send_due().await {
            Ok(next_due) => strong.until(next_due),
            Err(error) => {
                tracing::warn!(code = error.code(), "the outbox could not be worked on: {error}");
                LONGEST_SLEEP
            }
        };
        let runtime = Arc::clone(&strong.runtime);
        tokio::select! {
            () = strong.bell.notified() => {}
            () = runtime.doze(pause) => {}
        }
    }
}
