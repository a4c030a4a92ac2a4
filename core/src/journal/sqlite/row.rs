//! Records and steps as rows: what is queried is a column, the rest one JSON document.
//!
//! A document leaves out what is absent and is read without regard to what is unknown, so that versions with more or
//! fewer fields read each other's rows.

use std::fmt;
use std::sync::Arc;

use rusqlite::Row;
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::trouble::Trouble;
use crate::error::Error;
use crate::journal::rules::failed;
use crate::journal::{Beside, Holder, Intent, Lease, Record, Step};
use crate::models::{
    DeliveryState, InternetType, Language, Order, OrderState, Service, SuggestedOffer, Timestamp,
};
use crate::money::Dzd;

/// The columns of `orders` and `turns` that [`record`] reads, in its order. A turn is newer than its order's row.
pub(super) const RECORD_COLUMNS: &str = "orders.number, ref, service, state, remote_id, created_at, slot, \
     coalesce(turns.fence, orders.fence), amount, send_before, sent_at, absences, last_absence_at, may_still_act, \
     next_check_at, lease_worker, lease_fence, lease_until, intent, document, updated_at, last_step, \
     was_turned_away, fingerprint, account";

/// The columns of `steps` and `orders` that [`steps_of`] reads, in its order.
pub(super) const STEP_COLUMNS: &str =
    "cursor, at, from_state, steps.document, steps.state, opened, previous, ref, service, created_at";

/// The record of a row.
pub(super) fn record(row: &Row<'_>) -> Result<Record, Trouble> {
    let r#ref: String = row.get(1)?;
    let request = text(row, 18)?;
    if maybe_text(row, 23)?.is_some_and(|known| known != fingerprint(request)) {
        return Err(altered(&r#ref).into());
    }
    let intent: IntentDocument = read_document(&r#ref, request)?;
    let document: OrderDocument = read_document(&r#ref, text(row, 19)?)?;
    let time = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(instant));
    let lease = match (row.get(15)?, row.get::<_, Option<i64>>(16)?, time(17)?) {
        (Some(worker), Some(fence), Some(until)) => {
            Some(Lease { holder: Holder { worker, fence: unsigned(fence) }, until })
        }
        _ => None,
    };
    // Where a column says it as well, the column knows better: claims and releases change them alone.
    let order = Order {
        id: row.get(4)?,
        next_check_at: time(14)?,
        ..document.into_order(Columns {
            service: read_word(&r#ref, text(row, 2)?)?,
            state: read_word(&r#ref, text(row, 3)?)?,
            created_at: instant(row.get(5)?),
            updated_at: instant(row.get(20)?),
            r#ref,
        })
    };
    Ok(Record {
        order,
        intent: intent.into_intent(),
        account: maybe_text(row, 24)?.map(Arc::from),
        amount: row.get(8)?,
        send_before: time(9)?,
        sent_at: time(10)?,
        slot: row.get(6)?,
        absences: row.get(11)?,
        last_absence_at: time(12)?,
        may_still_act: row.get(13)?,
        was_turned_away: row.get(22)?,
        lease,
        fence: unsigned(row.get(7)?),
        beside: Beside::default(),
    })
}

/// The number of an order's last step, from [`RECORD_COLUMNS`].
pub(super) fn last_step(row: &Row<'_>) -> rusqlite::Result<i64> {
    row.get(21)
}

/// The steps of a row, the newest first, and the row before it in the same order's history.
pub(super) fn steps_of(row: &Row<'_>) -> Result<(Step, Option<Step>, Option<i64>), Trouble> {
    let cursor = unsigned(row.get(0)?);
    let name = format!("step {cursor}");
    let document: OrderDocument = read_document(&name, text(row, 3)?)?;
    let from = row.get::<_, Option<String>>(2)?.map(|word| read_word(&name, &word)).transpose()?;
    let at = instant(row.get(1)?);
    let order = document.into_order(Columns {
        r#ref: row.get(7)?,
        service: read_word(&name, text(row, 8)?)?,
        state: read_word(&name, text(row, 4)?)?,
        created_at: instant(row.get(9)?),
        updated_at: at,
    });
    let opening = row.get::<_, Option<i64>>(5)?.map(|next| Step {
        cursor: cursor.saturating_sub(1),
        at: order.created_at,
        from: None,
        order: before_departure(&order, instant(next)),
    });
    Ok((Step { cursor, at, from, order }, opening, row.get(6)?))
}

/// What an order was before it left, where the departure did no more than it always does.
fn before_departure(departed: &Order, next_check_at: Timestamp) -> Order {
    Order {
        state: OrderState::Recorded,
        attempts: departed.attempts.saturating_sub(1),
        next_check_at: Some(next_check_at),
        updated_at: departed.created_at,
        ..departed.clone()
    }
}

/// The column `opened` of a step that stands for the first one too, if it can.
pub(super) fn opened(new: &Order, departed: &Order) -> Option<i64> {
    let next_check_at = new.next_check_at?;
    (departed.state != OrderState::Recorded && before_departure(departed, next_check_at) == *new)
        .then(|| nanoseconds(next_check_at))
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a str> {
    Ok(row.get_ref(column)?.as_str()?)
}

fn maybe_text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<Option<&'a str>> {
    Ok(row.get_ref(column)?.as_str_or_null()?)
}

/// The document of an intent.
pub(super) fn intent_document(intent: &Intent) -> Result<String, Trouble> {
    written(&IntentDocument::from(intent))
}

/// What a request is known by: half of the SHA-256 of its document, in hex. A request that was changed afterwards, by
/// a failing disk or by hand, is not sent.
pub(super) fn fingerprint(request: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(request)[..16])
}

/// The document of an order, for its record and for a step.
pub(super) fn order_document(order: &Order) -> Result<String, Trouble> {
    written(&Kept(order))
}

/// An instant as a column: nanoseconds since 1970. What is too far away becomes the last that fits.
pub(super) fn nanoseconds(time: Timestamp) -> i64 {
    time.timestamp_nanos_opt().unwrap_or(if time.timestamp() < 0 { i64::MIN } else { i64::MAX })
}

pub(super) fn instant(nanoseconds: i64) -> Timestamp {
    Timestamp::from_timestamp_nanos(nanoseconds)
}

/// A fence, a cursor or a limit as SQLite takes it.
pub(super) fn signed(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn written(document: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string(document).map_err(|cause| {
        failed("journal.write", "the record cannot be written as JSON").with_source(cause).into()
    })
}

fn read_document<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Trouble> {
    Ok(serde_json::from_str(text).map_err(|cause| unreadable(name, cause))?)
}

pub(super) fn read_word<T: Written>(name: &str, text: &str) -> Result<T, Trouble> {
    T::read(text).ok_or_else(|| unreadable(name, format_args!("`{text}` is unknown")).into())
}

fn altered(name: &str) -> Error {
    let detail = format!(
        "the request of `{name}` in the journal is not the one that was written there: the file is damaged or was \
         changed by hand; restore a backup, and look the order up before it is sent again"
    );
    failed("journal.read", detail)
}

fn unreadable(name: &str, cause: impl fmt::Display) -> Error {
    let detail = format!(
        "the journal's record of `{name}` cannot be read ({cause}): a newer version of this program wrote it, or it \
         is damaged; update this program"
    );
    failed("journal.read", detail)
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "service", rename_all = "snake_case")]
enum IntentDocument {
    Mobile { plan_code: String, number: String, amount: Option<i64> },
    Internet { r#type: Text<InternetType>, number: String, value: i64 },
    GiftCards { product_id: String, type_id: String, quantity: u32 },
}

/// What of an order is in columns, so that documents are small.
struct Columns {
    r#ref: String,
    service: Service,
    state: OrderState,
    created_at: Timestamp,
    updated_at: Timestamp,
}

macro_rules! order_document { (
    columns { $($column:ident,)* }
    texts { $($text:ident: $text_type:ty,)* }
    plain { $($plain:ident: $plain_type:ty,)* }
    lists { $($list:ident,)* }
) => {
    #[derive(Deserialize)]
    struct OrderDocument {
        $(#[serde(default)] $text: Option<Text<$text_type>>,)*
        $(#[serde(default)] $plain: $plain_type,)*
        $(#[serde(default)] $list: Vec<OfferDocument>,)*
    }

    // Both ways name every field of an order, so that a new one does not compile before it is kept.
    impl Serialize for Kept<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let Order { $($column: _,)* $($text,)* $($plain,)* $($list,)* } = self.0;
            let mut document = serializer.serialize_map(None)?;
            $(if let Some(value) = *$text {
                document.serialize_entry(stringify!($text), &Text(value))?;
            })*
            $(if !is_default($plain) {
                document.serialize_entry(stringify!($plain), $plain)?;
            })*
            $(if !$list.is_empty() {
                let list: Vec<OfferDocument> = $list.iter().map(OfferDocument::from).collect();
                document.serialize_entry(stringify!($list), &list)?;
            })*
            document.end()
        }
    }

    impl OrderDocument {
        fn into_order(self, columns: Columns) -> Order {
            let Self { $($text,)* $($plain,)* $($list,)* } = self;
            let Columns { $($column,)* } = columns;
            Order {
                $($column,)*
                $($text: $text.map(|Text(value)| value),)*
                $($plain,)*
                $($list: $list.into_iter().map(OfferDocument::into_offer).collect(),)*
            }
        }
    }
} }

/// An order as it is written.
struct Kept<'a>(&'a Order);

order_document! {
    columns {
        r#ref,
        service,
        state,
        created_at,
        updated_at,
    }
    texts {
        new_balance: Dzd,
        charged: Dzd,
        refunded: Dzd,
        next_check_at: Timestamp,
    }
    plain {
        owner: Option<String>,
        id: Option<String>,
        returned_ref: Option<String>,
        status: Option<String>,
        card_count: u32,
        refund_message: Option<String>,
        decision: Option<String>,
        attempts: u32,
        last_error: Option<String>,
        last_request_id: Option<String>,
    }
    lists {
        suggested_offers,
    }
}

#[derive(PartialEq, Serialize, Deserialize)]
struct OfferDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Text<Dzd>>,
}

impl From<&SuggestedOffer> for OfferDocument {
    fn from(offer: &SuggestedOffer) -> Self {
        let SuggestedOffer { name, plan_code, amount } = offer;
        Self { name: name.clone(), plan_code: plan_code.clone(), amount: amount.map(Text) }
    }
}

impl OfferDocument {
    fn into_offer(self) -> SuggestedOffer {
        let Self { name, plan_code, amount } = self;
        SuggestedOffer { name, plan_code, amount: amount.map(|Text(amount)| amount) }
    }
}

impl From<&Intent> for IntentDocument {
    fn from(intent: &Intent) -> Self {
        match intent.clone() {
            Intent::Mobile { plan_code, number, amount } => Self::Mobile { plan_code, number, amount },
            Intent::Internet { r#type, number, value } => {
                Self::Internet { r#type: Text(r#type), number, value }
            }
            Intent::GiftCards { product_id, type_id, quantity } => {
                Self::GiftCards { product_id, type_id, quantity }
            }
        }
    }
}

impl IntentDocument {
    fn into_intent(self) -> Intent {
        match self {
            Self::Mobile { plan_code, number, amount } => Intent::Mobile { plan_code, number, amount },
            Self::Internet { r#type: Text(r#type), number, value } => {
                Intent::Internet { r#type, number, value }
            }
            Self::GiftCards { product_id, type_id, quantity } => {
                Intent::GiftCards { product_id, type_id, quantity }
            }
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A value that is a text in a document.
#[derive(PartialEq)]
struct Text<T>(T);

/// How a value is written, and read back without loss.
pub(super) trait Written: Sized {
    fn write(&self) -> impl fmt::Display + '_;
    fn read(text: &str) -> Option<Self>;
}

/// Nanoseconds since 1970, as in columns.
impl Written for Timestamp {
    fn write(&self) -> impl fmt::Display + '_ {
        nanoseconds(*self)
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(instant)
    }
}

impl Written for Dzd {
    fn write(&self) -> impl fmt::Display + '_ {
        self
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

macro_rules! written_words { ($($name:ident)+) => { $(
    impl Written for $name {
        fn write(&self) -> impl fmt::Display + '_ {
            self.as_str()
        }

        fn read(text: &str) -> Option<Self> {
            Self::from_word(text)
        }
    }
)+ } }
written_words!(DeliveryState InternetType Language OrderState Service);

impl<T: Written> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.write())
    }
}

impl<'de, T: Written> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unknown = || serde::de::Error::custom(format_args!("`{text}` is unknown"));
        T::read(&text).map(Self).ok_or_else(unknown)
    }
}
