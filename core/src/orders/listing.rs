//! Many orders at once: where more than a few of a service are due, the service's list is read instead of each one.

use std::collections::HashMap;

use super::Orders;
use super::remote::Seen;
use crate::error::Result;
use crate::journal::{Record, Release};
use crate::models::{Service, Timestamp};
use crate::transport::{PageQuery, Wish};

/// From this many orders on, pages of 100 are cheaper than single looks.
const MANY: usize = 8;
/// Time around the orders' creation that the list is asked for, for clocks that differ.
const SLACK: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

impl Orders {
    /// Settles from the lists what they show; returns what has to be looked at singly.
    pub(super) async fn look_in_lists(&self, due: Vec<Record>) -> Result<Vec<Record>> {
        let mut singly = Vec::new();
        let mut many: HashMap<Service, Vec<Record>> = HashMap::new();
        for record in due {
            match record.order.id {
                Some(_) if !self.is_overdue(&record) => {
                    many.entry(record.order.service).or_default().push(record)
                }
                _ => singly.push(record),
            }
        }
        for (service, records) in many {
            match records.len() >= MANY {
                true => singly.extend(self.look_in_list(service, records).await?),
                false => singly.extend(records),
            }
        }
        Ok(singly)
    }

    async fn look_in_list(&self, service: Service, records: Vec<Record>) -> Result<Vec<Record>> {
        let Some(mut query) = window(&records) else { return Ok(records) };
        let mut open: HashMap<String, Record> =
            records.into_iter().filter_map(|record| Some((record.order.id.clone()?, record))).collect();
        loop {
            let Ok((page, total_pages)) = self.page(service, &query).await else { break };
            let is_empty = page.is_empty();
            let mut releases = Vec::new();
            for seen in page {
                // A list may tell an order's end without its cards: that one is looked at singly.
                let id = seen.id().filter(|_| !seen.lacks_cards());
                let Some(record) = id.and_then(|id| open.remove(id)) else { continue };
                releases.extend(self.note_listed(record, seen).await?);
            }
            self.journal().await?.release(releases).await?;
            // As long as a page is cheaper than looking at what is left.
            let pages_left = total_pages.map_or(0, |total| total.saturating_sub(query.page)) as usize;
            if is_empty || pages_left == 0 || open.len() <= pages_left {
                break;
            }
            query.page += 1;
        }
        Ok(open.into_values().collect())
    }

    /// What is new is noted; what is not costs no write beside the release.
    async fn note_listed(&self, record: Record, seen: Seen) -> Result<Option<Release>> {
        let Some(lease) = record.lease.clone() else { return Ok(None) };
        let r#ref = record.order.r#ref.clone();
        let record = match seen.is_news_for(&record) {
            true => self.saw(&r#ref, seen).await?,
            false => record,
        };
        Ok(Some(Release { r#ref, holder: lease.holder, next_check_at: self.next_check(&record) }))
    }

    async fn page(&self, service: Service, query: &PageQuery) -> Result<(Vec<Seen>, Option<u32>)> {
        let wish = Wish::default();
        Ok(match service {
            Service::Mobile => {
                let page = self.transport.mobile_list(query, wish).await?;
                (page.items.into_iter().map(Seen::from).collect(), page.total_pages)
            }
            Service::Internet => {
                let page = self.transport.internet_list(query, wish).await?;
                (page.items.into_iter().map(Seen::from).collect(), page.total_pages)
            }
            Service::GiftCards => {
                let page = self.transport.gift_card_list(query, wish).await?;
                (page.items.into_iter().map(Seen::from).collect(), page.total_pages)
            }
        })
    }
}

/// The time in which these orders were made.
fn window(records: &[Record]) -> Option<PageQuery> {
    let times = || records.iter().map(|record| record.sent_at.unwrap_or(record.order.created_at));
    let (first, last): (Timestamp, Timestamp) = (times().min()?, times().max()?);
    Some(PageQuery::within(1, first - SLACK, last + SLACK))
}
