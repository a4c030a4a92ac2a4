//! Many orders at once: where more than a few of a service are due, the service's list is read instead of each one.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::remote::Seen;
use super::round::Turn;
use super::{Orders, schedule};
use crate::error::Result;
use crate::models::{ErrorKind, Service, Timestamp};
use crate::transport::{PageQuery, Wish};

/// From this many orders on, pages of 100 are cheaper than single looks.
pub(super) const MANY: usize = 8;
/// Time around the orders' creation that the list is asked for, for clocks that differ.
const SLACK: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// Pages under way at once.
const PAGES_AT_ONCE: usize = 4;
/// Notes under way at once, so that a page's news share commits.
const NOTES_AT_ONCE: usize = 100;

impl Orders {
    /// Notes from a service's list what it shows; returns what it does not.
    pub(super) async fn look_in_list(&self, service: Service, turns: Vec<Turn>) -> Result<Vec<Turn>> {
        // The lists hold settled orders too, so time without an order of ours is not read.
        let mut left = Vec::new();
        for turns in in_windows(turns) {
            let due = turns.iter().filter(|turn| !turn.is_early).count();
            left.extend(match due >= MANY {
                true => self.look_in_window(service, turns).await?,
                false => turns,
            });
        }
        Ok(left)
    }

    async fn look_in_window(&self, service: Service, turns: Vec<Turn>) -> Result<Vec<Turn>> {
        let Some(first) = window(&turns) else { return Ok(turns) };
        // Half of the lease is for the single looks that follow.
        let deadline = self.runtime.elapsed() + self.settings.lease / 2;
        let mut open: HashMap<String, Turn> = turns.into_iter().map(|turn| (turn.id.clone(), turn)).collect();
        let Ok((page, total_pages)) = self.page(service, &first).await else {
            return Ok(open.into_values().collect());
        };
        self.note_page(&mut open, page).await?;
        let total_pages = total_pages.unwrap_or(1);
        let rest = stream::iter(2..=total_pages).map(|page| {
            let query = PageQuery { page, ..first.clone() };
            async move { (page, self.page(service, &query).await) }
        });
        let mut rest = rest.buffered(PAGES_AT_ONCE);
        // As long as a page is cheaper than looking at what is left.
        let mut pages_left = total_pages.saturating_sub(1) as usize;
        while open.len() > pages_left && pages_left > 0 && self.runtime.elapsed() < deadline {
            let Some((page, Ok((seen, _)))) = rest.next().await else { break };
            if seen.is_empty() {
                break;
            }
            self.note_page(&mut open, seen).await?;
            pages_left = total_pages.saturating_sub(page) as usize;
        }
        Ok(open.into_values().collect())
    }

    /// What is new is noted; what is not costs no write beside the release.
    async fn note_page(&self, open: &mut HashMap<String, Turn>, page: Vec<Seen>) -> Result<()> {
        let mut releases = Vec::new();
        let mut news = Vec::new();
        for seen in page {
            // A list may tell an order's end without its cards: that one is looked at singly.
            let id = seen.id().filter(|_| !seen.lacks_cards());
            let Some(turn) = id.and_then(|id| open.remove(id)) else { continue };
            match seen.is_news(turn.status.as_deref(), turn.card_count) {
                true => news.push((turn, seen)),
                false => releases.push(turn),
            }
        }
        let noted = stream::iter(news).map(|(turn, seen)| async move {
            match self.saw(&turn.r#ref, seen).await {
                Ok(_) => Ok(None),
                Err(error) if error.kind() == ErrorKind::Journal => Err(error),
                Err(error) => {
                    tracing::warn!(
                        r#ref = turn.r#ref,
                        code = error.code(),
                        "what a list shows could not be noted"
                    );
                    Ok(Some(turn))
                }
            }
        });
        let noted: Vec<Option<Turn>> = noted.buffer_unordered(NOTES_AT_ONCE).try_collect().await?;
        releases.extend(noted.into_iter().flatten());
        let later = |turn: &Turn| {
            turn.release(&self.worker, Some(self.runtime.now() + schedule::jittered(turn.pause)))
        };
        self.give_back(releases.iter().map(later).collect()).await
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

/// Orders that were sent at about the same time, so that their windows would overlap, are read together.
fn in_windows(mut turns: Vec<Turn>) -> Vec<Vec<Turn>> {
    turns.sort_unstable_by_key(|turn| turn.sent_at);
    let mut windows: Vec<Vec<Turn>> = Vec::new();
    for turn in turns {
        match windows.last_mut() {
            Some(window) if window.last().is_some_and(|last| turn.sent_at - last.sent_at <= SLACK * 2) => {
                window.push(turn);
            }
            _ => windows.push(vec![turn]),
        }
    }
    windows
}

/// The time in which these orders were sent.
fn window(turns: &[Turn]) -> Option<PageQuery> {
    let times = || turns.iter().map(|turn| turn.sent_at);
    let (first, last): (Timestamp, Timestamp) = (times().min()?, times().max()?);
    Some(PageQuery::within(1, first - SLACK, last + SLACK))
}
