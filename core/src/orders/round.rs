//! One round of the watch: what is taken over at once, and how it is looked at.
//!
//! Lists are read by the page, so a round takes over all that is due, however much it is, and reads each page once. Of an
//! order that the lists may settle it keeps a few words, not its record. Orders that are due a little later come along
//! for nothing where pages are read anyway; that also brings them into step, one pass over the pages per interval.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::listing::{Ahead, MANY, Span};
use super::remote::is_gone;
use super::{Orders, schedule};
use crate::error::Result;
use crate::journal::{Claim, Durability, Holder, Record, Release};
use crate::models::{Service, Timestamp};

/// Orders that are claimed in one step.
const BATCH: usize = 250;
/// Orders of one round, some 200 bytes each: a hundred thousand are a thousand pages.
const MOST: usize = 100_000;
/// Orders that are looked at singly in one round, before it looks what else is due.
const MOST_SINGLY: usize = 200;
/// Looks under way at once, which bounds the connections.
const LOOKS_AT_ONCE: usize = 16;

/// An order with an id, whose turn it is: what a look in a list needs of it, some 200 bytes.
pub(super) struct Turn {
    pub(super) r#ref: Box<str>,
    pub(super) id: Box<str>,
    pub(super) fence: u64,
    pub(super) status: Option<Box<str>>,
    pub(super) card_count: u32,
    pub(super) sent_at: Timestamp,
    pub(super) next_check_at: Option<Timestamp>,
    /// The time until the next look, if this one shows nothing new.
    pub(super) pause: Duration,
    /// It is not due yet: no request is made for it alone.
    pub(super) is_early: bool,
    /// What its list shows of it was noted.
    pub(super) is_done: bool,
}

#[derive(Default)]
struct Round {
    /// What a service's list may show.
    listed: HashMap<Service, Vec<Turn>>,
    singly: Vec<Record>,
    /// Taken over in vain.
    untouched: Vec<Release>,
    /// How many were due.
    count: usize,
    /// Read before all was taken over.
    ahead: Option<Ahead>,
    /// When the first were taken over.
    begun_at: Duration,
}

impl Orders {
    /// Looks at everything that is due; returns when the next order will be.
    pub(super) async fn look_at_due(&self) -> Result<Option<Timestamp>> {
        loop {
            let mut round = Round { begun_at: self.runtime.elapsed(), ..Round::default() };
            let is_all = self.take_over(&mut round).await?;
            self.play(round).await?;
            if is_all {
                return self.journal().await?.next_due().await;
            }
        }
    }

    /// Whether that is all that is due.
    async fn take_over(&self, round: &mut Round) -> Result<bool> {
        let now = self.runtime.now();
        if !self.take_batch(round, now).await? {
            // To take over a hundred thousand takes seconds. The service is asked in the meantime.
            let first = round.span_of_most();
            let (is_all, ahead) = tokio::join!(self.take_batches(round, now), self.read_ahead(first));
            round.ahead = ahead;
            if !is_all? {
                return Ok(false);
            }
        }
        if round.listed.values().any(|turns| turns.len() >= MANY) {
            self.take_along(round, now, MOST - round.count.min(MOST)).await?;
        }
        Ok(true)
    }

    /// Whether the last of what is due is among them.
    async fn take_batches(&self, round: &mut Round, now: Timestamp) -> Result<bool> {
        while round.count < MOST && round.singly.len() < MOST_SINGLY {
            if self.take_batch(round, now).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn take_batch(&self, round: &mut Round, now: Timestamp) -> Result<bool> {
        let due = self.claim(now, now).await?;
        let is_last = due.len() < BATCH;
        round.count += due.len();
        due.into_iter().for_each(|record| self.sort_in(round, record));
        // What is too much for one round goes back and is due in the next.
        Ok(is_last && round.untouched.is_empty())
    }

    async fn claim(&self, now: Timestamp, due_by: Timestamp) -> Result<Vec<Record>> {
        let until = now + self.settings.lease;
        let claim = Claim { worker: self.worker.clone(), now, due_by, until, limit: BATCH };
        self.journal().await?.claim_due(claim).await
    }

    fn sort_in(&self, round: &mut Round, record: Record) {
        match Turn::of(&record, self.pause(&record), false) {
            Some(turn) if !self.is_overdue(&record) => {
                round.listed.entry(record.order.service).or_default().push(turn)
            }
            _ if round.singly.len() < MOST_SINGLY => round.singly.push(record),
            _ => round.untouched.extend(untouched(record)),
        }
    }

    /// Takes over what will be due within an interval, where its list is read now.
    async fn take_along(&self, round: &mut Round, now: Timestamp, most: usize) -> Result<()> {
        let mut count = 0;
        while count < most {
            let early = self.claim(now, now + self.settings.poll_interval).await?;
            let is_last = early.len() < BATCH;
            count += early.len();
            for record in early {
                let turns = round.listed.get_mut(&record.order.service).filter(|turns| turns.len() >= MANY);
                match (turns, Turn::of(&record, self.pause(&record), true)) {
                    (Some(turns), Some(turn)) if !self.is_overdue(&record) => turns.push(turn),
                    _ => round.untouched.extend(untouched(record)),
                }
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    async fn play(&self, round: Round) -> Result<()> {
        let Round { listed, mut singly, mut untouched, mut ahead, begun_at, .. } = round;
        for (service, turns) in listed {
            for turn in self.look_in_list(service, turns, &mut ahead).await? {
                let is_one_more = !turn.is_early && singly.len() < MOST_SINGLY;
                let is_held = |record: &Record| record.is_held_by(&turn.holder(&self.worker));
                match self.journal().await?.get(&turn.r#ref).await? {
                    Some(record) if is_one_more && is_held(&record) => singly.push(record),
                    _ => untouched.push(turn.release(&self.worker, turn.next_check_at)),
                }
            }
        }
        self.give_back(untouched).await?;
        let held = singly.iter().filter_map(holder).collect();
        let looks = async {
            let (lost, singly) = singly.into_iter().partition(|record| self.is_lost_purchase(record));
            self.look_singly(singly).await?;
            self.look_for_lost(lost).await
        };
        tokio::select! {
            biased;
            looked = looks => looked,
            never = self.keep(held, begun_at) => match never {},
        }
    }

    async fn look_singly(&self, records: Vec<Record>) -> Result<()> {
        let looks = stream::iter(records).map(|record| self.look_once(record));
        let mut looked = looks.buffer_unordered(LOOKS_AT_ONCE).ready_chunks(LOOKS_AT_ONCE);
        while let Some(releases) = looked.next().await {
            self.give_back(releases.into_iter().flatten().collect()).await?;
        }
        Ok(())
    }

    /// Renews the leases of those that are not given back yet. Beside a slow service another process would otherwise
    /// take them over and begin anew, then this one from that one, and none would come to an end.
    async fn keep(&self, held: Vec<(String, Holder)>, mut since: Duration) -> Infallible {
        loop {
            let spent = self.runtime.elapsed().saturating_sub(since);
            self.runtime.doze((self.settings.lease / 3).saturating_sub(spent)).await;
            since = self.runtime.elapsed();
            let until = self.runtime.now() + self.settings.lease;
            for (r#ref, holder) in &held {
                self.renew(r#ref, holder.clone(), until).await;
            }
        }
    }

    async fn renew(&self, r#ref: &str, holder: Holder, until: Timestamp) {
        let change = Box::new(move |record: &mut Record| {
            // That of a request on its way may be longer.
            if let Some(lease) = &mut record.lease {
                lease.until = lease.until.max(until);
            }
            Ok(())
        });
        let renewed =
            async { self.journal().await?.change(r#ref, Some(holder), Durability::Soon, change).await };
        if let Err(error) = renewed.await {
            tracing::debug!(r#ref, code = error.code(), "a lease could not be renewed");
        }
    }

    fn pause(&self, record: &Record) -> Duration {
        schedule::pause(record, self.runtime.now(), self.settings.poll_interval)
    }

    pub(super) async fn give_back(&self, releases: Vec<Release>) -> Result<()> {
        match releases.is_empty() {
            true => Ok(()),
            false => self.journal().await?.release(releases).await,
        }
    }
}

impl Round {
    /// The service of most orders so far, where its list will be read, and the time in which they were sent.
    fn span_of_most(&self) -> Option<(Service, Span)> {
        let (service, turns) = self.listed.iter().max_by_key(|(_, turns)| turns.len())?;
        Some((*service, Span::of(turns).filter(|_| turns.len() >= MANY)?))
    }
}

impl Turn {
    fn of(record: &Record, pause: Duration, is_early: bool) -> Option<Self> {
        let order = &record.order;
        Some(Self {
            r#ref: order.r#ref.as_str().into(),
            // A list has no word on one that was not found: that one is looked at singly.
            id: order.id.as_deref().filter(|_| !is_gone(order))?.into(),
            fence: record.fence,
            status: order.status.as_deref().map(Box::from),
            card_count: order.card_count,
            sent_at: record.sent_at.unwrap_or(order.created_at),
            next_check_at: order.next_check_at,
            pause,
            is_early,
            is_done: false,
        })
    }

    pub(super) fn release(&self, worker: &str, next_check_at: Option<Timestamp>) -> Release {
        Release { r#ref: self.r#ref.as_ref().to_owned(), holder: self.holder(worker), next_check_at }
    }

    fn holder(&self, worker: &str) -> Holder {
        Holder { worker: worker.to_owned(), fence: self.fence }
    }
}

fn holder(record: &Record) -> Option<(String, Holder)> {
    record.lease.as_ref().map(|lease| (record.order.r#ref.clone(), lease.holder.clone()))
}

fn untouched(record: Record) -> Option<Release> {
    let next_check_at = record.order.next_check_at;
    release(record, next_check_at)
}

/// Gives a record back whose lease is still its own.
pub(super) fn release(record: Record, next_check_at: Option<Timestamp>) -> Option<Release> {
    record.lease.map(|lease| Release { r#ref: record.order.r#ref, holder: lease.holder, next_check_at })
}
