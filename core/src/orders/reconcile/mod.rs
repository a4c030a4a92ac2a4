//! The journal against the service's own books. Reads, compares and reports; the only thing it writes is what the
//! service itself told of an order, the way the watch would.

mod books;
mod comparison;
mod ledger;
mod money;

use chrono::TimeDelta;

use self::comparison::Comparison;
use super::Orders;
use crate::error::{Error, Result};
use crate::journal::{Filter, Record};
use crate::models::{AccountTransaction, Reconciliation, Service, Timestamp};
use crate::transport::Wish;

/// Time around the window that is read as well, for clocks that differ.
const SLACK: TimeDelta = TimeDelta::minutes(10);
/// Orders recorded this long before the window may still move in it: `QUEUED` lasts 48 hours (PROTOCOL §6).
const STILL_MOVING: TimeDelta = TimeDelta::hours(49);
/// Records read from the journal at once.
const BATCH: usize = 1000;

impl Orders {
    /// Compares what was recorded from `since` to `until`, both included.
    pub(crate) async fn reconcile(
        &self,
        since: Timestamp,
        until: Timestamp,
        wish: Wish,
    ) -> Result<Reconciliation> {
        if since > until {
            return Err(Error::invalid("orders.reconcile", "until", "lies before `since`: swap them"));
        }
        // The journal first: an intent is on record before the service can have it, so what the books show beyond
        // this picture is looked for again, and what they lack is really lacking.
        let now = self.runtime.now();
        // What lies beyond cannot have happened, and need not be a time that a store or the service can read.
        let readable = |at: Timestamp| at.clamp(Timestamp::UNIX_EPOCH, now + STILL_MOVING);
        let (first, last) = (readable(since), readable(until));
        let records = self
            .records(Filter {
                created_since: Some(first - STILL_MOVING),
                created_until: Some(last + SLACK),
                ..Filter::default()
            })
            .await?;
        let is_inside = |at: Timestamp| since <= at && at <= until;
        let records_compared =
            records.iter().filter(|record| is_inside(record.order.created_at)).count() as u32;
        let last_change = records.iter().map(|record| record.order.updated_at).max().unwrap_or(last);
        let (from, to) = (first - SLACK, last_change.min(last + STILL_MOVING).max(last) + SLACK);

        let balance = self.transport.balance(wish).await?.amount;
        let lines = self.ledger(from, to, wish).await?;
        let mut listed = Vec::new();
        for service in Service::ALL {
            listed.extend(self.listed(*service, from, last + SLACK, wish).await?);
        }

        let mut comparison = Comparison::new(self, (since, until), to, now, wish).with(records, &lines);
        comparison.compare_orders(listed).await?;
        comparison.compare_ledger().await?;
        comparison.compare_balance(&lines, balance);
        let is_of_window = |line: &&AccountTransaction| line.time.is_none_or(is_inside);
        Ok(Reconciliation {
            since,
            until,
            records_compared,
            orders_compared: comparison.orders_compared,
            transactions_compared: lines.iter().filter(is_of_window).count() as u32,
            balance,
            findings: comparison.findings,
        })
    }

    /// Every record that the filter lets through, in batches.
    pub(super) async fn records(&self, mut filter: Filter) -> Result<Vec<Record>> {
        filter.limit = BATCH;
        let mut found: Vec<Record> = Vec::new();
        loop {
            let batch = self.journal().await?.list(filter.clone()).await?;
            let is_last = batch.len() < BATCH;
            filter.after_ref = batch.last().map(|record| record.order.r#ref.clone());
            found.extend(batch);
            if is_last {
                return Ok(found);
            }
        }
    }
}
