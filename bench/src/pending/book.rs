//! A service that remembers its orders and settles each at a time of its own, cheaply, in the real shapes.
//!
//! Nothing settles until it is released: orders are sent first, then everybody starts to look at the same moment.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat};
use http::Method;
use http::request::Parts;
use serde::{Deserialize, Serialize};

use super::id::{Id, now};
use crate::calls::{CHECK_PATH, Result, SEND_PATH};
use crate::service::{self, Answers, PLANS, PLANS_PATH};

const CHECK_REF_PATH: &str = "/v3/mobile/check-ref/";
const LIST_PATH: &str = "/v3/mobile/list";
/// One order in so many is refunded instead of fulfilled.
const REFUNDED: usize = 20;

pub(super) const RELEASE_PATH: &str = "/__release";
pub(super) const COUNTS_PATH: &str = "/__counts";

/// What the service has seen since it was released. The connections of those who ask this are among them.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) connections: u32,
    pub(super) checks: u32,
    pub(super) lists: u32,
    /// The requests' times, in milliseconds since 1970.
    pub(super) arrivals: Vec<i64>,
}

struct Order {
    r#ref: String,
    number: String,
    plan_code: String,
    amount: i64,
    id: Id,
    created_at: i64,
    created_text: String,
}

#[derive(Default)]
struct State {
    orders: Vec<Order>,
    by_ref: HashMap<String, usize>,
    released_at: Option<i64>,
    counts: Counts,
}

struct Book {
    state: Mutex<State>,
    /// When orders settle, in milliseconds after the release.
    settles: (i64, i64),
}

pub(crate) fn serve(settles: (i64, i64)) -> Result<()> {
    service::run(Book { state: Mutex::default(), settles })
}

impl Answers for Book {
    fn connected(&self) {
        self.with(|state| state.counts.connections += 1);
    }

    fn answer(&self, head: &Parts, body: &[u8]) -> Option<String> {
        let path = head.uri.path();
        self.with(|state| {
            state.counts.arrivals.push(now());
            match head.method {
                Method::POST if path == SEND_PATH => state.take(body, self.settles),
                Method::GET if path == PLANS_PATH => Some(PLANS.to_owned()),
                Method::GET if path == LIST_PATH => state.list(head.uri.query().unwrap_or_default()),
                Method::GET => state.check(path),
                _ => None,
            }
        })
    }

    fn about(&self, head: &Parts) -> Option<String> {
        match head.uri.path() {
            RELEASE_PATH => Some(self.with(|state| state.release(head.uri.query())).to_string()),
            COUNTS_PATH => self.with(|state| serde_json::to_string(&state.counts).ok()),
            _ => None,
        }
    }
}

impl Book {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// From now on orders settle, as if that had begun so many milliseconds ago.
    fn release(&mut self, ago: Option<&str>) -> i64 {
        let ago: i64 = ago.and_then(|text| text.parse().ok()).unwrap_or_default();
        self.counts = Counts::default();
        let released_at = now() - ago;
        self.released_at = Some(released_at);
        released_at
    }

    fn take(&mut self, body: &[u8], settles: (i64, i64)) -> Option<String> {
        #[derive(Deserialize)]
        struct Asked {
            plan_code: String,
            #[serde(rename = "MSSIDN")]
            number: String,
            amount: i64,
            r#ref: String,
        }

        let Asked { plan_code, number, amount, r#ref } = serde_json::from_slice(body).ok()?;
        let place = self.orders.len();
        let (created_at, id) = (now(), Id::new(place, settles));
        let created_text = iso(created_at)?;
        let answer = format!(
            r#"{{"success":true,"data":{{"topupId":"{id}","topupRef":"{ref}","newBalance":826.13}},"meta":{{"timestamp":"{created_text}"}},"requestId":"req_1730160975_xyz789"}}"#
        );
        self.by_ref.insert(r#ref.clone(), place);
        self.orders.push(Order { r#ref, number, plan_code, amount, id, created_at, created_text });
        Some(answer)
    }

    fn check(&mut self, path: &str) -> Option<String> {
        self.counts.checks += 1;
        let place = match path.strip_prefix(CHECK_PATH) {
            Some(id) => Id::parse(id)?.place(),
            None => *self.by_ref.get(path.strip_prefix(CHECK_REF_PATH)?)?,
        };
        let now = now();
        let mut answer = String::from(r#"{"success":true,"data":"#);
        self.show(&mut answer, self.orders.get(place)?, now)?;
        let time = iso(now)?;
        write!(answer, r#","meta":{{"timestamp":"{time}"}},"requestId":"req_1730160975_xyz789"}}"#).ok()?;
        Some(answer)
    }

    /// Newest first, as in every sample (PROTOCOL §11).
    fn list(&mut self, query: &str) -> Option<String> {
        self.counts.lists += 1;
        let asked: HashMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let number = |name, otherwise| asked.get(name).map_or(Some(otherwise), |text| text.parse().ok());
        let (page, size): (usize, usize) = (number("page", 1)?.max(1), number("pageSize", 20)?.clamp(1, 100));
        let instant = |name, otherwise| match asked.get(name) {
            Some(text) => {
                let text = text.replace("%3A", ":").replace("%2B", "+");
                Some(DateTime::parse_from_rfc3339(&text).ok()?.timestamp_millis())
            }
            None => Some(otherwise),
        };
        let (from, to) = (instant("from", i64::MIN)?, instant("to", i64::MAX)?);
        let first = self.orders.partition_point(|order| order.created_at < from);
        let end = self.orders.partition_point(|order| order.created_at <= to).max(first);
        let now = now();
        let mut answer = String::from(r#"{"success":true,"data":{"items":["#);
        for (nth, order) in
            self.orders[first..end].iter().rev().skip((page - 1) * size).take(size).enumerate()
        {
            if nth > 0 {
                answer.push(',');
            }
            self.show(&mut answer, order, now)?;
        }
        let (total, time) = (end - first, iso(now)?);
        let pages = total.div_ceil(size);
        write!(
            answer,
            r#"],"pagination":{{"page":{page},"pageSize":{size},"totalPages":{pages},"totalResults":{total}}}}},"meta":{{"timestamp":"{time}"}}}}"#
        )
        .ok()?;
        Some(answer)
    }

    fn show(&self, answer: &mut String, order: &Order, now: i64) -> Option<()> {
        let Order { r#ref, number, plan_code, amount, id, created_text, .. } = order;
        let (status, charged) = match self.released_at {
            None => ("PENDING", *amount),
            Some(released_at) if now < id.settles_at(released_at) => ("HANDLING", *amount),
            Some(_) if id.place() % REFUNDED == 0 => ("REFUNDED", 0),
            Some(_) => ("FULFILLED", *amount),
        };
        let written = write!(
            answer,
            r#"{{"_id":"{id}","ref":"{ref}","status":"{status}","plan_code":"{plan_code}","MSSIDN":"{number}","topup_amount":{amount},"balance_amount":{charged},"created_at":"{created_text}"}}"#
        );
        written.ok()
    }
}

fn iso(milliseconds: i64) -> Option<String> {
    Some(DateTime::from_timestamp_millis(milliseconds)?.to_rfc3339_opts(SecondsFormat::Millis, true))
}
