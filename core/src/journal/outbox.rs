//! Deliveries that are to be made: one row each, on disk before anything leaves.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{Holder, Lease};
use crate::audit::{Act, Draft};
use crate::error::{Error, Result};
use crate::models::{AuditEvent, DeliveryState, ErrorKind, Language, Outcome, Timestamp};

/// One message to one recipient. Holds no code: the codes are opened when it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The message's stable id, made by who asks for it. The same id is the same delivery.
    pub(crate) id: String,
    /// The order whose cards it brings.
    pub(crate) r#ref: String,
    /// The channel's word: `email`, `sms`.
    pub(crate) channel: String,
    /// An address or a number.
    pub(crate) recipient: String,
    pub(crate) language: Language,
    /// What the channel's template needs beside the cards, as JSON text.
    pub(crate) options: String,
    pub(crate) state: DeliveryState,
    /// How often it was claimed to be sent.
    pub(crate) attempts: u32,
    /// When it is tried next; nothing once it is sent or given up.
    pub(crate) next_attempt_at: Option<Timestamp>,
    /// What went wrong last.
    pub(crate) last_error: Option<String>,
    /// What the channel answered when it took the message.
    pub(crate) receipt: Option<String>,
    /// Who is sending it: the newest right, and until when.
    pub(crate) lease: Option<Lease>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// No message is put off for longer than this, and no lease lasts longer: the longest pause is four hours
/// (`delivery::schedule`), a lease an hour and the longest try of a channel, another at most. What is due later was written
/// by a clock that was ahead.
const FURTHEST: Duration = Duration::from_secs(6 * 3600);

/// A message that nobody has sent for so long belongs to a channel that the shop no longer has: whoever claims gives it up,
/// so that its codes can be destroyed, and are not sent months later.
const ABANDONED_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);

/// Takes over waiting deliveries whose time has come and that nobody holds, and those that a clock that was ahead has put
/// off.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryClaim {
    /// The channels that the worker has; messages of others wait for a worker that has theirs, for a week.
    pub(crate) channels: Vec<&'static str>,
    pub(crate) worker: String,
    pub(crate) now: Timestamp,
    /// The new leases last until then.
    pub(crate) until: Timestamp,
    pub(crate) limit: usize,
}

impl DeliveryClaim {
    /// What is due or held after that was put off by a clock that was ahead.
    pub(super) fn furthest(&self) -> Timestamp {
        self.now + FURTHEST
    }

    /// What was asked for before then is claimed by anybody.
    pub(super) fn abandoned_before(&self) -> Timestamp {
        self.now - ABANDONED_AFTER
    }
}

/// What became of one try. Noted only while the holder's right is the newest.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryNote {
    pub(crate) id: String,
    pub(crate) holder: Holder,
    pub(crate) now: Timestamp,
    pub(crate) outcome: DeliveryOutcome,
}

/// How one try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryOutcome {
    /// The channel took it. The same transaction writes the audit entry `card_delivered` and counts as a look for the
    /// purge.
    Sent { receipt: Option<String> },
    /// The channel took the first messages of several; `receipt` says how far it has come. The holder goes on with the
    /// rest, until then, and so does whoever tries next.
    Partly { receipt: String, until: Timestamp },
    /// To be tried again.
    Retry { at: Timestamp, error: String },
    /// Given up; the same transaction writes the audit entry `delivery_failed`.
    Failed { error: String },
}

/// What became of a delivery that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Enqueued {
    /// New, and waiting.
    New(Delivery),
    /// Its id is on record already; nothing was changed.
    Known(Delivery),
}

/// Where deliveries are kept.
pub(crate) trait Outbox: Send + Sync {
    /// Writes a delivery down as waiting, with the entry `delivery_queued`, unless its id is known.
    ///
    /// Fails with `order_not_found` where its order is unknown.
    fn enqueue_delivery(&self, delivery: Delivery, by: Act) -> BoxFuture<'_, Result<Enqueued>>;

    /// Takes over up to `limit` waiting deliveries that are due and whose lease is free or over, longest due first,
    /// then those that a clock that was ahead has put off. Counts as an attempt.
    fn claim_deliveries(&self, claim: DeliveryClaim) -> BoxFuture<'_, Result<Vec<Delivery>>>;

    /// Notes how a try ended; says no, and changes nothing, where the holder's right is not the newest.
    fn note_delivery(&self, note: DeliveryNote) -> BoxFuture<'_, Result<bool>>;

    /// One delivery.
    fn delivery<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Delivery>>>;

    /// An order's deliveries, oldest first.
    fn deliveries<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Delivery>>>;

    /// When the next waiting delivery of these channels is due, leases included.
    fn next_delivery(&self, channels: Vec<&'static str>) -> BoxFuture<'_, Result<Option<Timestamp>>>;
}

impl Delivery {
    /// As every delivery begins.
    pub(super) fn begun(self) -> Self {
        Self {
            state: DeliveryState::Waiting,
            attempts: 0,
            lease: None,
            last_error: None,
            receipt: None,
            ..self
        }
    }

    /// The entry that it was asked for.
    pub(super) fn asked(&self, owner: Option<&str>, by: Act) -> Draft {
        let act = Act { method: Some(self.channel.clone()), ..by };
        Draft::new(self.created_at, AuditEvent::DeliveryQueued)
            .about(&self.r#ref, owner)
            .by(act)
            .saying(&self.id)
    }

    /// Whether it has ended, and codes have left: all of them, or some before the gateway refused the rest.
    pub(super) fn has_shown_codes(&self) -> bool {
        self.state == DeliveryState::Sent || self.state == DeliveryState::Failed && self.receipt.is_some()
    }

    /// The entries of its end, once it has one.
    pub(super) fn ended(&self, owner: Option<&str>, now: Timestamp) -> Vec<Draft> {
        let entry = |event| {
            let act = Act { method: Some(self.channel.clone()), ..Act::default() };
            Draft::new(now, event).about(&self.r#ref, owner).by(act).saying(&self.id)
        };
        let delivered = self.has_shown_codes().then(|| entry(AuditEvent::CardDelivered));
        let failed = (self.state == DeliveryState::Failed).then(|| entry(AuditEvent::DeliveryFailed));
        delivered.into_iter().chain(failed).collect()
    }

    /// Takes on how a try ended.
    pub(super) fn note(&mut self, outcome: DeliveryOutcome, now: Timestamp) {
        self.updated_at = now;
        let (lease, next_attempt_at) = (self.lease.take(), self.next_attempt_at.take());
        match outcome {
            DeliveryOutcome::Partly { receipt, until } => {
                self.lease = lease.map(|lease| Lease { until, ..lease });
                (self.next_attempt_at, self.receipt) = (next_attempt_at, Some(receipt));
            }
            DeliveryOutcome::Sent { receipt } => (self.state, self.receipt) = (DeliveryState::Sent, receipt),
            DeliveryOutcome::Retry { at, error } => {
                (self.next_attempt_at, self.last_error) = (Some(at), Some(error));
            }
            DeliveryOutcome::Failed { error } => {
                (self.state, self.last_error) = (DeliveryState::Failed, Some(error));
            }
        }
    }
}

/// An order that is to be delivered is not there.
pub(super) fn no_such_order(r#ref: &str) -> Error {
    let detail = "no order of this reference is in the journal";
    Error::new(ErrorKind::OrderNotFound, Outcome::NotSent, "cards.deliver", detail).with_ref(r#ref)
}
