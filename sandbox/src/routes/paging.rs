//! Pages and date filters, alike in all lists (PROTOCOL §11).

use chrono::DateTime;

use crate::clock::Millis;
use crate::envelope::{ApiError, Success};
use crate::json::Json;
use crate::request::Query;
use crate::state::orders::Order;
use crate::state::{Service, World};

pub(super) struct Page {
    pub(super) number: usize,
    pub(super) size: usize,
    /// First and last instant, both included.
    pub(super) range: (Millis, Millis),
}

impl Page {
    pub(super) fn read(query: &Query) -> Result<Page, ApiError> {
        let number = whole(query, "page", 1, usize::MAX / 100, "page must be a whole number from 1")?;
        let size = whole(query, "pageSize", 20, 100, "pageSize must be a whole number from 1 to 100")?;
        let range = match (query.get("from"), query.get("to")) {
            (None, None) => (Millis::MIN, Millis::MAX),
            (Some(_), None) => return Err(query.error("to", "from and to must be sent together")),
            (None, Some(_)) => return Err(query.error("from", "from and to must be sent together")),
            (Some(from), Some(to)) => (instant(query, "from", from)?, instant(query, "to", to)?),
        };
        Ok(Page { number, size, range })
    }

    pub(super) fn skip(&self) -> usize {
        (self.number - 1) * self.size
    }

    pub(super) fn success(&self, key: &'static str, items: Vec<Json>, total: usize) -> Success {
        let pagination = Json::object([
            ("page", self.number.into()),
            ("pageSize", self.size.into()),
            ("totalPages", total.div_ceil(self.size).into()),
            ("totalResults", total.into()),
        ]);
        Success::new(Json::object([(key, Json::List(items)), ("pagination", pagination)]))
    }

    /// One page of a service's orders, newest first.
    pub(super) fn of_orders<'w>(
        &self,
        world: &'w World,
        environment: crate::state::Environment,
        service: Service,
    ) -> (Vec<&'w Order>, usize) {
        world.book(environment, service).page(world.now, self.range, self.skip(), self.size)
    }
}

fn whole(query: &Query, key: &str, default: usize, max: usize, text: &str) -> Result<usize, ApiError> {
    match query.get(key) {
        None => Ok(default),
        Some(value) => value
            .parse::<usize>()
            .ok()
            .filter(|number| (1..=max).contains(number) && !value.starts_with('+'))
            .ok_or_else(|| query.error(key, text)),
    }
}

fn instant(query: &Query, key: &str, value: &str) -> Result<Millis, ApiError> {
    DateTime::parse_from_rfc3339(value)
        .map(|instant| instant.timestamp_millis())
        .map_err(|_| query.error(key, format!("{key} must be an ISO 8601 date and time with its zone")))
}
