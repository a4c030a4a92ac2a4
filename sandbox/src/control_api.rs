//! The control interface over HTTP, for tests in any language: JSON under `/__sandbox/`, no key. Every refusal is a
//! 400 with one clear sentence.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::routing::{get, patch, post};
use http::Response;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::catalog::InternetKind;
use crate::clock::iso;
use crate::control::{ClockState, Control, SeedOrders};
use crate::dialect::Dialect;
use crate::envelope::Answer;
use crate::faults::FaultPlan;
use crate::gateway::{Shared, send};
use crate::json::Json;
use crate::state::Environment;
use crate::state::stock::StockItem;

type Answered = Result<Json, String>;

/// A century: what may be advanced at once.
const LONGEST_ADVANCE_MS: u64 = 100 * 366 * 24 * 3_600 * 1_000;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/__sandbox/health", get(health))
        .route("/__sandbox/clock", get(show_clock).post(move_clock))
        .route("/__sandbox/faults", get(show_faults).put(put_faults).delete(delete_faults))
        .route("/__sandbox/dialect", get(show_dialect).put(put_dialect))
        .route("/__sandbox/ledger", get(ledger))
        .route("/__sandbox/reset", post(reset))
        .route("/__sandbox/orders", post(seed_orders))
        .route("/__sandbox/account", patch(change_account))
        .route("/__sandbox/payments/{ref}", post(settle_payment))
        .layer(DefaultBodyLimit::max(8 << 20))
}

fn answer(result: Answered) -> Response<Body> {
    send(match result {
        Ok(json) => Answer::json(200, &json),
        Err(sentence) => Answer::json(400, &Json::object([("error", sentence.into())])),
    })
}

/// An empty body counts as an empty object, so that `POST reset` needs none.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, String> {
    let text: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(text).map_err(|error| format!("the body does not fit: {error}"))
}

fn raw(value: &impl serde::Serialize) -> Answered {
    serde_json::to_string(value).map(Json::Raw).map_err(|error| error.to_string())
}

async fn health(State(shared): State<Arc<Shared>>) -> Response<Body> {
    let now = Control::new(shared).now().timestamp_millis();
    answer(Ok(Json::object([
        ("status", "ok".into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("now", iso(now).into()),
    ])))
}

fn clock_json(clock: ClockState) -> Json {
    Json::object([
        ("now", iso(clock.now.timestamp_millis()).into()),
        ("mode", if clock.manual { "manual" } else { "scaled" }.into()),
        ("speed", Json::Raw(clock.speed.to_string())),
    ])
}

async fn show_clock(State(shared): State<Arc<Shared>>) -> Response<Body> {
    answer(Ok(clock_json(Control::new(shared).clock())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveClock {
    advance_ms: Option<u64>,
    advance_seconds: Option<u64>,
    speed: Option<f64>,
    manual: Option<bool>,
}

async fn move_clock(State(shared): State<Arc<Shared>>, body: Bytes) -> Response<Body> {
    let control = Control::new(shared);
    answer(read::<MoveClock>(&body).and_then(|wanted| {
        let seconds = wanted.advance_seconds.unwrap_or(0).saturating_mul(1_000);
        let advance = wanted.advance_ms.unwrap_or(0).saturating_add(seconds);
        if advance > LONGEST_ADVANCE_MS {
            return Err("the clock cannot be advanced by more than a century".to_owned());
        }
        if let Some(speed) = wanted.speed {
            control.set_speed(speed)?;
        }
        if let Some(manual) = wanted.manual {
            control.set_manual(manual);
        }
        if advance > 0 {
            control.advance(Duration::from_millis(advance));
        }
        Ok(clock_json(control.clock()))
    }))
}

async fn show_faults(State(shared): State<Arc<Shared>>) -> Response<Body> {
    answer(raw(&Control::new(shared).faults()))
}

async fn put_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Response<Body> {
    let control = Control::new(shared);
    answer(read::<FaultPlan>(&body).and_then(|plan| {
        control.try_set_faults(plan)?;
        raw(&control.faults())
    }))
}

async fn delete_faults(State(shared): State<Arc<Shared>>) -> Response<Body> {
    let control = Control::new(shared);
    control.clear_faults();
    answer(raw(&control.faults()))
}

async fn show_dialect(State(shared): State<Arc<Shared>>) -> Response<Body> {
    answer(raw(&Control::new(shared).dialect()))
}

async fn put_dialect(State(shared): State<Arc<Shared>>, body: Bytes) -> Response<Body> {
    let control = Control::new(shared);
    answer(read::<Dialect>(&body).and_then(|dialect| {
        control.set_dialect(dialect);
        raw(&control.dialect())
    }))
}

async fn ledger(State(shared): State<Arc<Shared>>) -> Response<Body> {
    answer(Ok(Control::new(shared).ledger().to_json()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn reset(State(shared): State<Arc<Shared>>, body: Bytes) -> Response<Body> {
    let control = Control::new(shared);
    answer(read::<Nothing>(&body).map(|Nothing {}| {
        control.reset();
        clock_json(control.clock())
    }))
}

async fn seed_orders(State(shared): State<Arc<Shared>>, body: Bytes) -> Response<Body> {
    let control = Control::new(shared);
    answer(read::<SeedOrders>(&body).and_then(|seed| {
        let seeded = control.seed_orders(&seed)?;
        Ok(Json::object([
            ("count", seeded.ids.len().into()),
            ("ids", seeded.ids.into()),
            ("refs", seeded.refs.into()),
        ]))
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeAccount {
    #[serde(default)]
    environment: Environment,
    balance: Option<Box<RawValue>>,
    #[serde(default)]
    stock: Vec<ChangeStock>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ChangeStock {
    Internet(InternetStock),
    GiftCard(GiftStock),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InternetStock {
    r#type: String,
    value: u32,
    quantity: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GiftStock {
    product_id: String,
    type_id: String,
    quantity: u32,
}

async fn change_account(State(shared): State<Arc<Shared>>, body: Bytes) -> Response<Body> {
    let control = Control::new(shared);
    answer(read::<ChangeAccount>(&body).and_then(|wanted| {
        if let Some(raw) = &wanted.balance {
            let text = raw.get().trim_matches('"');
            let balance = Decimal::from_str_exact(text)
                .map_err(|_| format!("balance must be an exact amount in DZD, not {}", raw.get()))?;
            control.try_set_balance(wanted.environment, balance)?;
        }
        for change in wanted.stock {
            let (item, quantity) = match change {
                ChangeStock::Internet(InternetStock { r#type, value, quantity }) => {
                    let kind = InternetKind::from_word(&r#type)
                        .ok_or_else(|| format!("type must be ADSL or 4G, not '{type}'", type = r#type))?;
                    (StockItem::Internet { kind, value }, quantity)
                }
                ChangeStock::GiftCard(GiftStock { product_id, type_id, quantity }) => {
                    (StockItem::GiftCard { product_id, type_id }, quantity)
                }
            };
            control.set_stock(&item, quantity)?;
        }
        let balance = control.balance(wanted.environment);
        Ok(Json::object([("environment", wanted.environment.word().into()), ("balance", balance.into())]))
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettlePayment {
    status: Settled,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Settled {
    Confirmed,
    Failed,
}

async fn settle_payment(
    State(shared): State<Arc<Shared>>,
    Path(reference): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let control = Control::new(shared);
    answer(read::<SettlePayment>(&body).and_then(|wanted| {
        let confirmed = matches!(wanted.status, Settled::Confirmed);
        control.settle_payment(&reference, confirmed)?;
        let word = if confirmed { "CONFIRMED" } else { "FAILED" };
        Ok(Json::object([("ref", reference.into()), ("status", word.into())]))
    }))
}
