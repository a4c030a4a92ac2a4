//! Deliveries that are to be made: one row each, on disk before anything leaves.

use super::Holder;
use crate::models::{DeliveryState, Language, Timestamp};

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
    pub(crate) lease: Option<super::Lease>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// Takes over waiting deliveries whose time has come and that nobody holds.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryClaim {
    pub(crate) worker: String,
    pub(crate) now: Timestamp,
    /// The new leases last until then.
    pub(crate) until: Timestamp,
    pub(crate) limit: usize,
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
