//! Many orders at once: where more than a few of a service are due, the service's list is read instead of each one.

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

/// The time of the orders that a list is asked for.
#[derive(Clone, Copy)]
pub(super) struct Span {
    from: Timestamp,
    to: Timestamp,
}

/// The first page of a list, read before it was known which orders all of it is for.
pub(super) struct Ahead {
    service: Service,
    span: Span,
    page: Page,
}

/// What a page shows, and how many pages there are.
type Page = (Vec<Seen>, Option<u32>);

impl Orders {
    /// Reads the first page for these orders and for those that were sent a little before or after them.
    pub(super) async fn read_ahead(&self, first: Option<(Service, Span)>) -> Option<Ahead> {
        let (service, span) = first?;
        let span = Span { from: span.from - SLACK, to: span.to + SLACK };
        // A page that cannot be read is asked for again when all is taken over.
        let page = self.page(service, &span.page(1)).await.ok()?;
        Some(Ahead { service, span, page })
    }

    /// Notes from a service's list what it shows; returns what it does not.
    pub(super) async fn look_in_list(
        &self,
        service: Service,
        turns: Vec<Turn>,
        ahead: &mut Option<Ahead>,
    ) -> Result<Vec<Turn>> {
        // The lists hold settled orders too, so time without an order of ours is not read.
        let mut left = Vec::new();
        for turns in in_windows(turns) {
            let due = turns.iter().filter(|turn| !turn.is_early).count();
            left.extend(match due >= MANY {
                true => self.look_in_window(service, turns, ahead).await?,
                false => turns,
            });
        }
        Ok(left)
    }

    async fn look_in_window(
        &self,
        service: Service,
        mut turns: Vec<Turn>,
        ahead: &mut Option<Ahead>,
    ) -> Result<Vec<Turn>> {
        let Some(span) = Span::of(&turns) else { return Ok(turns) };
        // Half of the lease is for the single looks that follow.
        let deadline = self.runtime.elapsed() + self.settings.lease / 2;
        let (span, page) = match ahead.take_if(|ahead| ahead.serves(service, span)) {
            Some(Ahead { span, page, .. }) => (span, Ok(page)),
            None => (span, self.page(service, &span.page(1)).await),
        };
        let Ok((page, total_pages)) = page else { return Ok(turns) };
        // Found by a binary search: a map would hold everything once more.
        turns.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let mut open = turns.len();
        open -= self.note_page(&mut turns, page).await?;
        let total_pages = total_pages.unwrap_or(1);
        let rest = stream::iter(2..=total_pages)
            .map(|page| async move { (page, self.page(service, &span.page(page)).await) });
        let mut rest = rest.buffered(PAGES_AT_ONCE);
        // As long as a page is cheaper than looking at what is left.
        let mut pages_left = total_pages.saturating_sub(1) as usize;
        while open > pages_left && pages_left > 0 && self.runtime.elapsed() < deadline {
            let Some((page, Ok((seen, _)))) = rest.next().await else { break };
            if seen.is_empty() {
                break;
            }
            open -= self.note_page(&mut turns, seen).await?;
            pages_left = total_pages.saturating_sub(page) as usize;
        }
        turns.retain(|turn| !turn.is_done);
        Ok(turns)
    }

    /// What is new is noted; what is not costs no write beside the release. Returns how many of the turns the page shows.
    async fn note_page(&self, turns: &mut [Turn], page: Vec<Seen>) -> Result<usize> {
        let mut quiet = Vec::new();
        let mut news = Vec::new();
        for seen in page {
            // A list may tell an order's end without its cards: that one is looked at singly.
            let id = seen.id().filter(|_| !seen.lacks_cards());
            let place = id.and_then(|id| turns.binary_search_by(|turn| turn.id.as_ref().cmp(id)).ok());
            let Some((place, turn)) = place.map(|place| (place, &mut turns[place])) else { continue };
            match seen.is_news(turn.status.as_deref(), turn.card_count) {
                _ if turn.is_done => continue,
                true => news.push((place, seen)),
                false => quiet.push(place),
            }
            turn.is_done = true;
        }
        let count = quiet.len() + news.len();
        let turns = &*turns;
        let noted = stream::iter(news).map(|(place, seen)| async move {
            let r#ref = &turns[place].r#ref;
            match self.saw(r#ref, seen).await {
                Ok(_) => Ok(None),
                Err(error) if error.kind() == ErrorKind::Journal => Err(error),
                Err(error) => {
                    tracing::warn!(r#ref, code = error.code(), "what a list shows could not be noted");
                    Ok(Some(place))
                }
            }
        });
        let noted: Vec<Option<usize>> = noted.buffer_unordered(NOTES_AT_ONCE).try_collect().await?;
        quiet.extend(noted.into_iter().flatten());
        let later = |place: usize| {
            let turn = &turns[place];
            turn.release(&self.worker, Some(self.runtime.now() + schedule::jittered(turn.pause)))
        };
        self.give_back(quiet.into_iter().map(later).collect()).await?;
        Ok(count)
    }

    async fn page(&self, service: Service, query: &PageQuery) -> Result<Page> {
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

/// Orders that were sent at about the same time, so that their windows would overlap, are read together. A busy shop's
/// are all in one window, which is moved nowhere: it is most of what a round holds.
fn in_windows(mut turns: Vec<Turn>) -> Vec<Vec<Turn>> {
    turns.sort_unstable_by_key(|turn| turn.sent_at);
    let mut later = Vec::new();
    for place in (1..turns.len()).rev() {
        if turns[place].sent_at - turns[place - 1].sent_at > SLACK * 2 {
            later.push(turns.split_off(place));
        }
    }
    later.push(turns);
    later.reverse();
    later
}

impl Span {
    /// The time in which these orders were sent.
    pub(super) fn of(turns: &[Turn]) -> Option<Self> {
        let times = || turns.iter().map(|turn| turn.sent_at);
        Some(Self { from: times().min()? - SLACK, to: times().max()? + SLACK })
    }

    fn page(&self, page: u32) -> PageQuery {
        PageQuery::within(page, self.from, self.to)
    }
}

impl Ahead {
    /// Whether it shows all of this time, and little more: what is beyond it makes pages too.
    fn serves(&self, service: Service, span: Span) -> bool {
        let (before, after) = (span.from - self.span.from, self.span.to - span.to);
        let is_little = |more| (chrono::TimeDelta::zero()..=SLACK * 2).contains(&more);
        self.service == service && is_little(before) && is_little(after)
    }
}
