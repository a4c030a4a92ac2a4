//! Who waits for news of orders. The engine's own changes are told at once; those of other processes are read from the
//! journal by one task for all who wait, so that ten thousand waits cost nothing while nothing happens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{oneshot, watch as latest};

use super::Orders;
use super::watch::is_hopeless;
use crate::error::Result;
use crate::models::{Order, OrderState};

/// How soon steps of other processes are seen.
const OTHERS: Duration = Duration::from_secs(1);
/// Steps that are read at once.
const PAGE: usize = 1000;

/// What a waiter hears: the order, where this is its end; else to look for itself.
pub(super) type News = Option<Box<Order>>;

pub(super) struct Waiters {
    of_one: Mutex<HashMap<String, Vec<oneshot::Sender<News>>>>,
    /// Counts the changes, for those who follow all orders.
    of_all: latest::Sender<u64>,
    /// Whether the journal is being followed. Held while that begins, so that nobody looks before its first place is
    /// fixed.
    is_following: tokio::sync::Mutex<bool>,
}

impl Default for Waiters {
    fn default() -> Self {
        Self { of_one: Mutex::default(), of_all: latest::channel(0).0, is_following: Default::default() }
    }
}

/// A place among those who wait for an order, until it is told or dropped.
pub(super) struct Place<'a> {
    waiters: &'a Waiters,
    r#ref: &'a str,
    news: oneshot::Receiver<News>,
}

impl Place<'_> {
    /// The next change since this place was taken.
    pub(super) async fn news(mut self) -> News {
        // Whoever is told was registered; the other end goes away with the engine only.
        (&mut self.news).await.ok().flatten()
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.news.close();
        let mut waiting = self.waiters.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiters) = waiting.get_mut(self.r#ref) {
            waiters.retain(|waiter| !waiter.is_closed());
            if waiters.is_empty() {
                waiting.remove(self.r#ref);
            }
        }
    }
}

impl Waiters {
    /// Hears of the next change of one order. Whoever waits takes a place first and looks then.
    pub(super) fn of_one<'a>(&'a self, r#ref: &'a str) -> Place<'a> {
        let (tell, news) = oneshot::channel();
        let mut waiting = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(r#ref.to_owned()).or_default().push(tell);
        Place { waiters: self, r#ref, news }
    }

    /// Hears of any change.
    pub(super) fn of_all(&self) -> latest::Receiver<u64> {
        self.of_all.subscribe()
    }

    /// Tells of an order as it now is.
    pub(super) fn announce(&self, order: &Order) {
        let is_end = order.is_settled() || order.state == OrderState::NeedsReview;
        self.tell(&order.r#ref, || is_end.then(|| Box::new(order.clone())));
        self.of_all.send_modify(|count| *count += 1);
    }

    fn tell(&self, r#ref: &str, news: impl Fn() -> News) {
        let waiting = self.of_one.lock().unwrap_or_else(PoisonError::into_inner).remove(r#ref);
        for waiter in waiting.into_iter().flatten() {
            // One that has gone away needs no word.
            let _ = waiter.send(news());
        }
    }

    /// Bids everybody look.
    pub(super) fn wake_all(&self) {
        let waiting = std::mem::take(&mut *self.of_one.lock().unwrap_or_else(PoisonError::into_inner));
        for waiter in waiting.into_values().flatten() {
            let _ = waiter.send(None);
        }
        self.of_all.send_modify(|count| *count += 1);
    }

    fn is_nobody_there(&self) -> bool {
        let waiting = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_empty() && self.of_all.receiver_count() == 0
    }
}

impl Orders {
    /// From here on, those who have registered hear of what other processes write as well.
    pub(super) async fn follow(self: &Arc<Self>) -> Result<()> {
        let mut is_following = self.waiters.is_following.lock().await;
        if !*is_following {
            let cursor = self.journal().await?.last_cursor().await?;
            self.runtime.spawn(follow(Arc::downgrade(self), cursor))?;
            *is_following = true;
        }
        Ok(())
    }

    /// Tells of what was written after the cursor; returns the new one.
    async fn tell_of_others(&self, mut cursor: u64) -> Result<u64> {
        loop {
            let moved = self.journal().await?.moved(cursor, PAGE).await?;
            let is_last = moved.len() < PAGE;
            if let Some(last) = moved.last() {
                cursor = last.cursor;
                moved.iter().for_each(|moved| self.waiters.tell(&moved.r#ref, || None));
                self.waiters.of_all.send_modify(|count| *count += 1);
            }
            if is_last {
                return Ok(cursor);
            }
        }
    }
}

/// Runs while somebody waits. Holds the client only while it works.
async fn follow(orders: Weak<Orders>, mut cursor: u64) {
    let mut was_refused = false;
    loop {
        let Some(strong) = orders.upgrade() else { return };
        {
            let mut is_following = strong.waiters.is_following.lock().await;
            if strong.waiters.is_nobody_there() {
                *is_following = false;
                return;
            }
        }
        match strong.tell_of_others(cursor).await {
            Ok(place) => cursor = place,
            // They meet the same failure, and tell their callers.
            Err(_) => strong.waiters.wake_all(),
        }
        let is_refused =
            strong.transport.refusal("orders.wait").is_some_and(|error| is_hopeless(error.kind()));
        if is_refused && !was_refused {
            strong.waiters.wake_all();
        }
        was_refused = is_refused;
        let runtime = Arc::clone(&strong.runtime);
        drop(strong);
        runtime.doze(OTHERS).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Intent, Record};
    use crate::models::Timestamp;

    fn order(r#ref: &str, state: OrderState) -> Order {
        let intent = Intent::Mobile { plan_code: String::new(), number: String::new(), amount: None };
        let mut order = Record::new(r#ref.to_owned(), None, intent, Timestamp::UNIX_EPOCH).order;
        order.state = state;
        order
    }

    #[tokio::test]
    async fn a_change_wakes_those_whom_it_concerns_and_an_end_is_told_as_it_is() {
        let waiters = Waiters::default();
        let (ours, alike, other) = (waiters.of_one("a"), waiters.of_one("a"), waiters.of_one("b"));
        waiters.announce(&order("a", OrderState::Fulfilled));
        assert_eq!(ours.news().await.expect("the end").state, OrderState::Fulfilled);
        assert_eq!(alike.news().await.expect("the end").state, OrderState::Fulfilled);
        let again = waiters.of_one("a");
        waiters.announce(&order("a", OrderState::Accepted));
        assert!(again.news().await.is_none(), "not its end: look yourself");
        waiters.wake_all();
        assert!(other.news().await.is_none());
    }

    #[test]
    fn who_goes_away_leaves_nothing_behind() {
        let waiters = Waiters::default();
        let places: Vec<Place<'_>> = (0..3).map(|_| waiters.of_one("a")).collect();
        assert!(!waiters.is_nobody_there());
        drop(places);
        assert!(waiters.is_nobody_there());
        let changes = waiters.of_all();
        assert!(!waiters.is_nobody_there());
        drop(changes);
        assert!(waiters.is_nobody_there());
    }
}
