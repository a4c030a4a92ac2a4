//! The service's own books of a window of time: its lists of orders and the account's ledger (PROTOCOL §11, §15).

use std::collections::HashSet;

use crate::error::Result;
use crate::journal::Intent;
use crate::models::{
    AccountTransaction, ErrorKind, GiftCardOrder, InternetTopup, MobileTopup, Service, Timestamp,
};
use crate::money::Dzd;
use crate::orders::Orders;
use crate::orders::remote::Seen;
use crate::transport::wire::Page;
use crate::transport::{LARGEST_PAGE, PageQuery, Wish};

/// An order of the service, with what a comparison needs beside what a look at it brings. Holds no card.
pub(super) struct Listed {
    pub(super) service: Service,
    pub(super) id: String,
    /// The reference as the service keeps it, perhaps prefixed.
    pub(super) r#ref: Option<String>,
    pub(super) status: String,
    /// The face value in DZD, of a top-up or a card.
    pub(super) face: Option<Dzd>,
    /// Product, type and quantity of gift cards.
    pub(super) goods: Option<Intent>,
    /// What is charged in DZD, where the list tells it.
    pub(super) charged: Option<Dzd>,
    pub(super) at: Option<Timestamp>,
    pub(super) seen: Seen,
}

/// Where a list is read, until its last page, an empty one, or one that only repeats what was there.
struct Pages {
    query: PageQuery,
    seen: HashSet<String>,
    is_done: bool,
}

impl Pages {
    fn within(from: Timestamp, to: Timestamp) -> Self {
        Self { query: PageQuery::within(1, from, to), seen: HashSet::new(), is_done: false }
    }

    /// The page's new items. What has no id cannot be told from others and is always new.
    fn fresh<T>(&mut self, page: Page<T>, id: fn(&T) -> Option<&String>) -> Vec<T> {
        let is_last = page.total_pages.is_some_and(|total| self.query.page >= total);
        let is_repeated = page.page.is_some_and(|answered| answered < self.query.page);
        let is_fresh = |item: &T| id(item).is_none_or(|id| self.seen.insert(id.clone()));
        let fresh: Vec<T> = page.items.into_iter().filter(is_fresh).collect();
        self.is_done = is_last || is_repeated || fresh.is_empty();
        self.query.page += 1;
        // The service may cap the size; asking for the size it answers keeps the pages from overlapping.
        if let Some(answered) = page.page_size.filter(|size| (1..=LARGEST_PAGE).contains(size)) {
            self.query.page_size = answered;
        }
        fresh
    }
}

impl Orders {
    /// The ledger of a time, as the service lists it: newest first, as far as was seen.
    pub(super) async fn ledger(
        &self,
        from: Timestamp,
        to: Timestamp,
        wish: Wish,
    ) -> Result<Vec<AccountTransaction>> {
        let mut pages = Pages::within(from, to);
        let mut lines = Vec::new();
        while !pages.is_done {
            let page = self.transport.transactions(&pages.query, wish).await?;
            lines.extend(pages.fresh(page, |line| line.id.as_ref()));
        }
        Ok(lines)
    }

    /// One service's orders of a time.
    pub(super) async fn listed(
        &self,
        service: Service,
        from: Timestamp,
        to: Timestamp,
        wish: Wish,
    ) -> Result<Vec<Listed>> {
        let mut pages = Pages::within(from, to);
        let mut found = Vec::new();
        while !pages.is_done {
            match service {
                Service::Mobile => {
                    let page = self.transport.mobile_list(&pages.query, wish).await?;
                    let fresh = pages.fresh(page, |topup| topup.id.as_ref());
                    found.extend(fresh.into_iter().filter_map(Listed::of_mobile));
                }
                Service::Internet => {
                    let page = self.transport.internet_list(&pages.query, wish).await?;
                    let fresh = pages.fresh(page, |topup| topup.id.as_ref());
                    found.extend(fresh.into_iter().filter_map(Listed::of_internet));
                }
                Service::GiftCards => {
                    let page = self.transport.gift_card_list(&pages.query, wish).await?;
                    let fresh = pages.fresh(page, |order| order.id.as_ref());
                    found.extend(fresh.into_iter().filter_map(Listed::of_gift_cards));
                }
            }
        }
        Ok(found)
    }

    /// One order by the service's id, or nothing when the service itself says that it has none.
    pub(super) async fn listed_by_id(
        &self,
        service: Service,
        id: &str,
        wish: Wish,
    ) -> Result<Option<Listed>> {
        // An answer that leaves the id out is for the id that was asked for.
        let answer = match service {
            Service::Mobile => self.transport.mobile_by_id(id, wish).await.map(|mut topup| {
                topup.id.get_or_insert_with(|| id.to_owned());
                Listed::of_mobile(topup)
            }),
            Service::Internet => self.transport.internet_by_id(id, wish).await.map(|mut topup| {
                topup.id.get_or_insert_with(|| id.to_owned());
                Listed::of_internet(topup)
            }),
            Service::GiftCards => self.transport.gift_card_order(id, wish).await.map(|mut order| {
                order.id.get_or_insert_with(|| id.to_owned());
                Listed::of_gift_cards(order)
            }),
        };
        match answer {
            Err(error) if error.kind() == ErrorKind::NotFound && error.is_enveloped() => Ok(None),
            answer => answer,
        }
    }
}

impl Listed {
    fn of_mobile(topup: MobileTopup) -> Option<Self> {
        Some(Self {
            service: Service::Mobile,
            id: topup.id.clone()?,
            r#ref: topup.r#ref.clone(),
            status: topup.status.clone(),
            face: topup.amount,
            goods: None,
            charged: topup.charged,
            at: topup.created_at,
            seen: topup.into(),
        })
    }

    fn of_internet(topup: InternetTopup) -> Option<Self> {
        Some(Self {
            service: Service::Internet,
            id: topup.id.clone()?,
            r#ref: topup.r#ref.clone(),
            status: topup.status.clone(),
            face: topup.value,
            goods: None,
            charged: None,
            at: topup.created_at,
            seen: topup.into(),
        })
    }

    fn of_gift_cards(order: GiftCardOrder) -> Option<Self> {
        let goods = match (&order.product_id, &order.type_id, order.quantity) {
            (Some(product_id), Some(type_id), Some(quantity)) => {
                Some(Intent::GiftCards { product_id: product_id.clone(), type_id: type_id.clone(), quantity })
            }
            _ => None,
        };
        Some(Self {
            service: Service::GiftCards,
            id: order.id.clone()?,
            r#ref: None,
            status: order.status.clone(),
            face: None,
            goods,
            charged: order.fulfilled_amount,
            at: order.time,
            seen: order.into(),
        })
    }
}
