//! Two processes, one journal, one service: what each can do next.

use super::super::known::failed_on_the_way;
use super::super::matching::{self, Compared};
use super::super::recover::{self, AfterAbsence};
use super::book::{self, Answer, Book, NONE, Note, Number, Right, Rows, Seconds, Step, Use};
use super::explorer::{Model, Move, What};
use super::rules::{Flaw, Rules};
use crate::models::{OrderState, RemoteState};

/// The charges of one history, in the order of their making.
pub(super) const MOST_CHARGES: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) moment: u8,
    pub(super) rows: Rows,
    pub(super) workers: [At; 2],
    pub(super) charges: [Option<Charge>; MOST_CHARGES],
    /// What the service says to each order, once it has said it.
    pub(super) verdicts: [Option<bool>; 2],
    /// Requests that nobody waits for any more and that may still arrive.
    pub(super) strays: [u8; 2],
    pub(super) deaths: u8,
    pub(super) sent_anew: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Charge {
    pub(super) row: u8,
    pub(super) is_visible: bool,
    pub(super) state: RemoteState,
}

/// A process's work on one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Work {
    pub(super) row: u8,
    /// The record as this process last saw it.
    pub(super) record: Number,
    /// The lease of the watch, to be given back; none for a caller's send.
    pub(super) claim: Option<Right>,
    pub(super) is_resend: bool,
    pub(super) has_tried: bool,
}

/// Where a process stands: between any two of these it may be paused for ever so long, or killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum At {
    Idle,
    /// Has the order, does nothing yet.
    Turn(Work),
    /// Has the service's word that the order may be sent again.
    Resending(Work),
    /// Has read a refused order that it may send anew.
    Renewing(Work),
    /// `sending` is on disk; the request has not left.
    Permitted(Work),
    /// The request has left.
    Waiting(Work),
    /// Has something to write down, and whether a look-up comes first.
    Writing(Work, Note),
    /// Was told `DUPLICATED_REF`.
    Adopting(Work),
    /// Has read the service's list: which charges match and no record claims.
    Comparing(Work, u8),
    /// Was told that there is no such order.
    Missing(Work),
    Releasing(Work),
}

impl At {
    fn work(&mut self) -> Option<&mut Work> {
        match self {
            Self::Idle => None,
            Self::Turn(work)
            | Self::Resending(work)
            | Self::Renewing(work)
            | Self::Permitted(work)
            | Self::Waiting(work)
            | Self::Writing(work, _)
            | Self::Adopting(work)
            | Self::Comparing(work, _)
            | Self::Missing(work)
            | Self::Releasing(work) => Some(work),
        }
    }
}

/// Collects the moves of one state.
pub(super) struct Moves<'a> {
    pub(super) shop: &'a Shop,
    pub(super) from: &'a World,
    pub(super) found: Vec<Move<World>>,
}

impl Moves<'_> {
    pub(super) fn to(&mut self, what: What, change: impl FnOnce(&mut World)) {
        let mut next = self.from.clone();
        change(&mut next);
        self.shop.make_plain(&mut next);
        self.found.push(Move { what, leads_to: Ok(next) });
    }

    fn breaks(&mut self, what: What, promise: &str) {
        self.found.push(Move { what, leads_to: Err(promise.to_owned()) });
    }
}

pub(super) struct Shop {
    pub(super) rules: Rules,
    pub(super) book: Book,
}

impl Model for Shop {
    type State = World;

    fn start(&self) -> World {
        World {
            moment: 0,
            rows: [NONE; 2],
            workers: [At::Idle; 2],
            charges: [None; MOST_CHARGES],
            verdicts: [None; 2],
            strays: [0; 2],
            deaths: 0,
            sent_anew: false,
        }
    }

    fn moves(&self, world: &World) -> Vec<Move<World>> {
        let mut moves = Moves { shop: self, from: world, found: Vec::new() };
        self.time_passes(&mut moves);
        self.the_service_works(&mut moves);
        for process in 0..2 {
            let before = moves.found.len();
            self.process_works(&mut moves, process);
            self.process_dies(&mut moves, process);
            self.keeps_what_is_settled(&mut moves, before);
        }
        moves.found
    }

    fn broken(&self, world: &World) -> Option<String> {
        for row in 0..self.rules.orders {
            let Some(record) = self.record(world, row) else { continue };
            let charges = world.charges.iter().flatten().filter(|charge| charge.row == row).count();
            if charges > 1 {
                return Some("no order is charged twice".into());
            }
            let state = record.order.state;
            if charges > 0
                && matches!(state, OrderState::Refused | OrderState::Expired | OrderState::Recorded)
            {
                return Some(format!("nothing that was charged is told as {state}"));
            }
            let claimed =
                (0..).zip(&world.charges).find(|(charge, _)| record.order.id == Some(book::id(*charge)));
            let is_true = match (state, claimed.and_then(|(_, charge)| *charge)) {
                (OrderState::Fulfilled, charge) => charge.is_some_and(|c| c.state == RemoteState::Succeeded),
                (OrderState::Refunded, charge) => charge.is_some_and(|c| c.state == RemoteState::Refunded),
                _ => true,
            };
            if !is_true {
                return Some(format!("what is told as {state} is so at the service"));
            }
        }
        let ids = |row| self.record(world, row)?.order.id;
        (ids(0).is_some() && ids(0) == ids(1)).then(|| "no two orders claim one charge".into())
    }

    fn is_end(&self, world: &World) -> bool {
        (0..self.rules.orders).all(|row| {
            self.record(world, row).is_none_or(|record| {
                record.order.is_settled() || record.order.state == OrderState::NeedsReview
            })
        })
    }
}

impl Shop {
    fn record(&self, world: &World, row: u8) -> Option<crate::journal::Record> {
        let number = world.rows[usize::from(row)];
        (number != NONE).then(|| self.book.record(number))
    }

    /// Takes out of a world what can make no difference, so that worlds that behave alike are one.
    fn make_plain(&self, world: &mut World) {
        let now = self.rules.moments[usize::from(world.moment)];
        for row in 0..self.rules.orders {
            let place = usize::from(row);
            if world.rows[place] == NONE {
                continue;
            }
            let mut fences: Vec<u64> = self.book.fences(world.rows[place]).collect();
            for work in world.workers.iter_mut().filter_map(At::work).filter(|work| work.row == row) {
                fences.extend(self.book.fences(work.record));
                fences.extend(work.claim.map(|(_, fence)| fence));
            }
            fences.sort_unstable();
            fences.dedup();
            world.rows[place] = self.book.plain(world.rows[place], Use::Row, now, &fences);
            for at in &mut world.workers {
                // A caller's process has no more use for the record than for its lease once it may send.
                let is_spent =
                    matches!(at, At::Permitted(_) | At::Waiting(_) | At::Writing(..) | At::Adopting(_));
                let Some(work) = at.work().filter(|work| work.row == row) else { continue };
                let use_for = match is_spent && work.claim.is_none() {
                    true => Use::Lease,
                    false => Use::Copy,
                };
                work.record = self.book.plain(work.record, use_for, now, &fences);
                work.claim = work.claim.map(|right| book::renamed(right, &fences));
            }
        }
    }

    /// A process's own clock: the second one's is ahead, so that it takes leases over before their end.
    fn now(&self, world: &World, process: usize) -> Seconds {
        self.rules.moments[usize::from(world.moment)]
            + if process == 1 { self.rules.second_clock_ahead } else { 0 }
    }

    /// A process that is killed is started again at once, under another name.
    fn process_dies(&self, moves: &mut Moves<'_>, process: usize) {
        let at = moves.from.workers[process];
        let is_late = usize::from(moves.from.moment) + 1 == self.rules.moments.len();
        if at == At::Idle || moves.from.deaths >= self.rules.deaths || is_late {
            return;
        }
        moves.to(What("is killed", process as u8, 0), |world| {
            if let At::Waiting(work) = at {
                world.strays[usize::from(work.row)] += 1;
            }
            world.deaths += 1;
            world.workers[process] = At::Idle;
            world.rows = world.rows.map(|row| self.book.bereaved(row, process as u8));
        });
    }

    fn process_works(&self, moves: &mut Moves<'_>, process: usize) {
        let world = moves.from;
        let name = process as u8;
        let now = self.now(world, process);
        match world.workers[process] {
            At::Idle => self.begins(moves, process, name, now),
            At::Turn(work) => self.takes_turn(moves, process, work, now),
            At::Resending(work) => {
                let (Some(right), record) = (work.claim, self.book.record(work.record)) else { return };
                let note = Note::Again { right, absences: record.absences };
                self.marks(moves, process, Work { is_resend: true, ..work }, Some(right), note, now);
            }
            At::Renewing(work) => {
                let right = (name, self.book.record(work.record).fence + 1);
                self.marks(moves, process, work, None, Note::Anew(right), now);
            }
            At::Permitted(work) => {
                let what = What("sends", name, work.row);
                match self.is_unsafe_to_send(world, process, work.row) {
                    true => moves.breaks(what, "nothing is sent that may already be on its way"),
                    false => moves.to(what, |world| world.workers[process] = At::Waiting(work)),
                }
            }
            At::Waiting(work) => self.is_answered(moves, process, work),
            At::Writing(work, note) => self.writes(moves, process, work, note, now),
            At::Adopting(work) => {
                let lost = Note::Lost { may_still_act: false };
                let note = self.seen_by_ref(world, work.row).unwrap_or(lost);
                moves.to(What("finds its duplicate or not", name, work.row), |world| {
                    world.workers[process] = At::Writing(work, note);
                });
                moves.to(What("cannot look its duplicate up", name, work.row), |world| {
                    world.workers[process] = At::Writing(work, lost);
                });
            }
            At::Comparing(work, matches) => self.compares(moves, process, work, matches),
            At::Missing(work) => self.misses(moves, process, work, now),
            At::Releasing(work) => self.releases(moves, process, work, now),
        }
    }

    fn begins(&self, moves: &mut Moves<'_>, process: usize, name: u8, now: Seconds) {
        let world = moves.from;
        for row in 0..self.rules.orders {
            let work = |record, claim| Work { row, record, claim, is_resend: false, has_tried: false };
            let enter = Step::Enter { row, worker: name };
            let claim = Step::Claim { row, worker: name };
            if (process == 0 || self.rules.orders > 1)
                && world.moment == 0
                && let (rows, Answer::Done) = self.book.step(world.rows, enter, now)
            {
                moves.to(What("records", name, row), |world| {
                    world.rows = rows;
                    world.workers[process] = At::Turn(work(rows[usize::from(row)], None));
                });
            }
            if let (rows, Answer::Done) = self.book.step(world.rows, claim, now) {
                moves.to(What("claims", name, row), |world| {
                    world.rows = rows;
                    let record = rows[usize::from(row)];
                    world.workers[process] = At::Turn(work(record, self.book.right(record)));
                });
            }
            if self.rules.is_sent_anew
                && !world.sent_anew
                && self.record(world, row).is_some_and(|record| failed_on_the_way(&record))
            {
                moves.to(What("is asked to send anew", name, row), |world| {
                    world.sent_anew = true;
                    world.workers[process] = At::Renewing(work(world.rows[usize::from(row)], None));
                });
            }
        }
    }

    /// `watch::take_turn`, and `send::deliver` for an order that was only recorded.
    fn takes_turn(&self, moves: &mut Moves<'_>, process: usize, work: Work, now: Seconds) {
        let record = self.book.record(work.record);
        let to = |at| move |world: &mut World| world.workers[process] = at;
        match record.order.state {
            OrderState::Recorded if record.send_before.is_some_and(|limit| book::instant(now) >= limit) => {
                moves.to(What("is too late", process as u8, work.row), to(At::Writing(work, Note::TimeIsUp)));
            }
            OrderState::Recorded if self.rules.flaw == Some(Flaw::SendsUnmarked) => {
                moves.to(What("goes on unmarked", process as u8, work.row), to(At::Permitted(work)));
            }
            OrderState::Recorded => {
                let Some(right) = self.book.right(work.record) else { return };
                self.marks(moves, process, work, Some(right), Note::First(right), now);
            }
            OrderState::Sending if self.rules.flaw == Some(Flaw::TakesSendingOver) => {
                moves.to(What("takes the send over", process as u8, work.row), to(At::Permitted(work)));
            }
            OrderState::Sending => {
                moves.to(
                    What("finds a dead worker's order", process as u8, work.row),
                    to(At::Writing(work, Note::WorkerDied)),
                );
            }
            _ => self.looks(moves, process, work, &record),
        }
    }

    /// `send::mark_sending`: on disk before the first byte leaves.
    fn marks(
        &self,
        moves: &mut Moves<'_>,
        process: usize,
        work: Work,
        holder: Option<Right>,
        note: Note,
        now: Seconds,
    ) {
        let row = work.row;
        let before = self.record(moves.from, row);
        let (rows, answer) = self.book.step(moves.from.rows, Step::Change { row, holder, note }, now);
        let word = if answer == Answer::Done { "marks as sending" } else { "may not send" };
        let what = What(word, process as u8, row);
        let after = match answer {
            Answer::Done => {
                let fence = before.map(|record| record.fence);
                if holder.is_some_and(|(_, held)| Some(held) != fence) {
                    return moves.breaks(what, "an old fence gives no permission to send");
                }
                At::Permitted(Work { record: rows[usize::from(row)], ..work })
            }
            // It may wait for the slot as long as it likes: that changes nothing, so only the end of it is a move.
            _ => self.after_turn(rows, work, now),
        };
        moves.to(what, |world| {
            world.rows = rows;
            world.workers[process] = after;
        });
    }

    /// A request may go out beside another one only under a reference that the service knows again.
    fn is_unsafe_to_send(&self, world: &World, process: usize, row: u8) -> bool {
        let other = world.workers[1 - process];
        let is_under_way = matches!(other, At::Waiting(work) if work.row == row);
        let was_charged = world.charges.iter().flatten().any(|charge| charge.row == row);
        self.rules.is_gift_card && (is_under_way || was_charged || world.strays[usize::from(row)] > 0)
    }

    /// Writes a fact down (`Orders::learn`). A refusal is one for as long as nobody else may have sent meanwhile.
    fn writes(&self, moves: &mut Moves<'_>, process: usize, work: Work, note: Note, now: Seconds) {
        let is_refusal = matches!(note, Note::Refused { .. } | Note::TurnedAway | Note::NeverTaken { .. });
        let is_fenced = is_refusal && self.rules.flaw != Some(Flaw::UnfencedRefusal);
        let holder = if is_fenced { self.book.right(work.record) } else { None };
        let (rows, answer) =
            self.book.step(moves.from.rows, Step::Change { row: work.row, holder, note }, now);
        moves.to(What(note.word(), process as u8, work.row), |world| {
            world.rows = rows;
            let record = if answer == Answer::Done { rows[usize::from(work.row)] } else { work.record };
            world.workers[process] = self.after_turn(rows, Work { record, ..work }, now);
        });
    }

    /// A caller's send is over; the watch has still to give the order back, unless it is given back already.
    fn after_turn(&self, rows: Rows, work: Work, now: Seconds) -> At {
        let row = rows[usize::from(work.row)];
        let is_held = work.claim.is_some() && self.book.right(row) == work.claim;
        let is_overdue = || recover::is_overdue(&self.book.record(work.record), book::instant(now));
        match is_held || (work.claim.is_some() && is_overdue()) {
            true => At::Releasing(work),
            false => At::Idle,
        }
    }

    /// `recover::find_out` and the look by id.
    fn looks(&self, moves: &mut Moves<'_>, process: usize, work: Work, record: &crate::journal::Record) {
        let world = moves.from;
        let row = work.row;
        let mut to = |what: &'static str, at| {
            moves.to(What(what, process as u8, row), |world| {
                world.workers[process] = at;
            });
        };
        to("looks in vain", At::Releasing(work));
        if let Some(known) = &record.order.id {
            let charges = (0..).zip(world.charges.iter().flatten());
            for (id, charge) in charges.filter(|(id, _)| book::id(*id) == *known) {
                to("looks by id", At::Writing(work, self.seen(id, charge.state)));
            }
        } else if self.rules.is_gift_card {
            let listed = (0u8..).zip(&world.charges).filter(|(id, charge)| {
                charge.is_some_and(|charge| charge.is_visible) && !self.book.is_claimed(world.rows, *id)
            });
            to("reads the list", At::Comparing(work, listed.fold(0, |matches, (id, _)| matches | 1 << id)));
        } else {
            match self.seen_by_ref(world, row) {
                Some(seen) => to("looks by ref", At::Writing(work, seen)),
                None => to("is told: not found", At::Missing(work)),
            }
        }
    }

    fn seen(&self, id: u8, state: RemoteState) -> Note {
        match self.rules.flaw {
            Some(Flaw::OverwritesSettled) => Note::Overwritten { id, state },
            _ => Note::Seen { id, state },
        }
    }

    fn seen_by_ref(&self, world: &World, row: u8) -> Option<Note> {
        let mut charges = (0..).zip(world.charges.iter().flatten());
        let (id, charge) = charges.find(|(_, charge)| charge.row == row && charge.is_visible)?;
        Some(self.seen(id, charge.state))
    }

    /// `matching::match_in_list`, after the list was read.
    fn compares(&self, moves: &mut Moves<'_>, process: usize, work: Work, matches: u8) {
        let world = moves.from;
        let record = self.book.record(work.record);
        let states = [OrderState::Sending, OrderState::Uncertain, OrderState::NeedsReview];
        let mut lost: Vec<_> = (0..self.rules.orders).filter_map(|row| self.record(world, row)).collect();
        lost.retain(|other| states.contains(&other.order.state));
        let lost = matching::only_alike(&record, lost);
        let ids: Vec<u8> = (0..8).filter(|id| matches & (1 << id) != 0).collect();
        let compared = matching::compared(&record, &lost, ids.len());
        let at = match compared {
            Compared::Wait => At::Releasing(work),
            Compared::NotFound => At::Missing(work),
            Compared::Ours(place) => {
                let id = ids[place];
                // The list told the state when it was read; as it is now is no earlier, and told no worse.
                let state =
                    world.charges[usize::from(id)].map_or(RemoteState::Pending, |charge| charge.state);
                At::Writing(work, self.seen(id, state))
            }
        };
        let word = match compared {
            Compared::Wait => "waits for a twin",
            Compared::NotFound => "finds no match",
            Compared::Ours(_) => "finds a match",
        };
        moves.to(What(word, process as u8, work.row), |world| {
            world.workers[process] = at;
        });
    }

    /// Counts an absence, and goes on as `ask_by_ref` and `match_in_list` do.
    fn misses(&self, moves: &mut Moves<'_>, process: usize, work: Work, now: Seconds) {
        let world = moves.from;
        let row = work.row;
        let note = Note::Absent;
        let (rows, _) = self.book.step(world.rows, Step::Change { row, holder: None, note }, now);
        let mut record = self.book.record(rows[usize::from(row)]);
        record.lease = self.book.record(work.record).lease;
        let is_excluded =
            self.rules.is_prompt && !record.may_still_act && self.is_one_out(world, process, row);
        if self.rules.flaw == Some(Flaw::IgnoresInternalServerError) {
            record.may_still_act = false;
        }
        let at_once = book::instant(now);
        let next = |record| Work { record, ..work };
        let at = match self.rules.is_gift_card {
            true if self.rules.flaw == Some(Flaw::ResendsGiftCards) && record.absences > 0 => {
                record.absences += 1;
                At::Resending(next(self.book.number(record)))
            }
            true if matching::is_beyond_matching(&record, at_once) => {
                At::Writing(next(self.book.number(record)), Note::GivenUp)
            }
            false => match recover::after_absence(&record, at_once) {
                AfterAbsence::SendAgain => At::Resending(next(self.book.number(record))),
                AfterAbsence::NeverTaken if is_excluded => return,
                AfterAbsence::NeverTaken => {
                    let note = Note::NeverTaken { absences: record.absences };
                    At::Writing(next(self.book.number(record)), note)
                }
                AfterAbsence::Wait => At::Releasing(next(self.book.number(record))),
            },
            true => At::Releasing(next(self.book.number(record))),
        };
        moves.to(What("counts an absence", process as u8, row), |world| {
            world.rows = rows;
            world.workers[process] = at;
        });
    }

    /// Whether a request of this order may still come to the service, or what came of one has not shown at the last look.
    fn is_one_out(&self, world: &World, process: usize, row: u8) -> bool {
        let other = world.workers[1 - process];
        let is_held = matches!(other, At::Permitted(work) | At::Waiting(work) if work.row == row);
        let was_charged = world.charges.iter().flatten().any(|charge| charge.row == row);
        is_held || was_charged || world.strays[usize::from(row)] > 0
    }

    /// The end of `watch::look_once`: given up when it is overdue, and given back.
    fn releases(&self, moves: &mut Moves<'_>, process: usize, work: Work, now: Seconds) {
        let row = work.row;
        let record = self.book.record(work.record);
        let mut rows = moves.from.rows;
        let mut next_check_at = book::next_check(&record, now);
        if recover::is_overdue(&record, book::instant(now)) {
            let given_up = Step::Change { row, holder: None, note: Note::GivenUp };
            let (after, answer) = self.book.step(rows, given_up, now);
            rows = after;
            if answer == Answer::Done {
                next_check_at = None;
            }
        }
        if let Some(holder) = work.claim {
            rows = self.book.step(rows, Step::Release { row, holder, next_check_at }, now).0;
        }
        moves.to(What("lets go", process as u8, row), |world| {
            world.rows = rows;
            world.workers[process] = At::Idle;
        });
    }

    /// What a process does to a settled order: nothing, or a new start of what was refused on the way.
    fn keeps_what_is_settled(&self, moves: &mut Moves<'_>, since: usize) {
        for found in &mut moves.found[since..] {
            let Ok(next) = &found.leads_to else { continue };
            for row in 0..self.rules.orders {
                let states = [moves.from, next].map(|world| self.record(world, row).map(|r| r.order.state));
                let [Some(before), Some(after)] = states else { continue };
                let is_anew = before == OrderState::Refused && after == OrderState::Sending;
                if before.is_settled() && before != after && !is_anew {
                    found.leads_to = Err("what is settled stays settled".into());
                    break;
                }
            }
        }
    }
}
