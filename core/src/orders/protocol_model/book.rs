//! The journal of the model: real records under the rules of `journal::Journal`, as plain values that can be compared.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use super::super::send::give_back;
use super::super::state::{self, ABSENCES_THAT_PROVE, Event};
use super::super::{policy, recover, schedule};
use super::explorer::QuickMap;
use crate::error::Error;
use crate::journal::{
    self, Changed, Claim, Durability, Entry, Holder, Intent, Journal, Lease, Location, Record, Release,
};
use crate::models::{ErrorKind, RemoteState, Timestamp};

pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
pub(super) const LEASE: Duration = Duration::from_secs(60);
pub(super) const INTERVAL: Duration = Duration::from_secs(5);

/// A record's number; equal records have equal numbers.
pub(super) type Number = u16;

/// The name of all workers that were killed.
pub(super) const DEAD: u8 = 9;

/// No record yet.
pub(super) const NONE: Number = Number::MAX;

/// At most two orders.
pub(super) type Rows = [Number; 2];

/// Seconds since the beginning, by the clock of the process that says it.
pub(super) type Seconds = u32;

/// A worker and the fence of its lease.
pub(super) type Right = (u8, u64);

/// One step of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Enter {
        row: u8,
        worker: u8,
    },
    Claim {
        row: u8,
        worker: u8,
    },
    Change {
        row: u8,
        holder: Option<Right>,
        note: Note,
    },
    Release {
        row: u8,
        holder: Right,
        next_check_at: Option<Seconds>,
    },
    /// So much time passes that every lease is over and every look is due.
    LongAfter,
}

/// What a change writes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Note {
    First(Right),
    Again {
        right: Right,
        absences: u32,
    },
    Anew(Right),
    Accepted {
        id: u8,
    },
    Refused {
        is_of_the_way: bool,
    },
    TurnedAway,
    NeverTaken {
        absences: u32,
    },
    Lost {
        may_still_act: bool,
    },
    WorkerDied,
    Seen {
        id: u8,
        state: RemoteState,
    },
    Absent,
    TimeIsUp,
    GivenUp,
    /// A flaw of the tests: overwrites what is settled.
    Overwritten {
        id: u8,
        state: RemoteState,
    },
}

impl Note {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::First(_) | Self::Again { .. } | Self::Anew(_) => "marks as sending",
            Self::Accepted { .. } => "notes the id",
            Self::Refused { .. } => "notes a refusal",
            Self::TurnedAway => "notes that it was refused when sent again",
            Self::NeverTaken { .. } => "ends what was never taken",
            Self::Lost { .. } => "notes a lost answer",
            Self::WorkerDied => "notes that a worker died",
            Self::Seen { .. } | Self::Overwritten { .. } => "notes what it saw",
            Self::Absent => "notes an absence",
            Self::TimeIsUp => "lets it expire",
            Self::GivenUp => "gives up",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Done,
    LeaseLost,
    SlotTaken,
    IdTaken,
    /// The state machine forbids it, or there is nothing to do it to.
    Forbidden,
}

/// Which rules the journal forgets, to show that the model would notice.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forgets {
    pub(super) fences: bool,
    pub(super) next_check: bool,
}

pub(super) struct Book {
    intent: Intent,
    send_before: Option<Seconds>,
    forgets: Forgets,
    known: RefCell<Known>,
}

/// The records met so far, and what each step has answered: the same again, without working it out again.
#[derive(Default)]
struct Known {
    records: Vec<Record>,
    numbers: HashMap<String, Number>,
    answers: QuickMap<(Rows, Step, Seconds), (Rows, Answer)>,
    plain: QuickMap<(Number, Use, Seconds, Vec<u64>), Number>,
}

/// What a record is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Use {
    /// It stands in the journal.
    Row,
    /// A process has read it.
    Copy,
    /// A process needs no more of it than its lease.
    Lease,
}

pub(super) fn instant(seconds: Seconds) -> Timestamp {
    // A day in, so that no time of the model lies before the beginning of time.
    Timestamp::UNIX_EPOCH + Duration::from_secs(86_400 + u64::from(seconds))
}

fn holder((worker, fence): Right) -> Holder {
    Holder { worker: format!("worker-{worker}"), fence }
}

fn right(holder: &Holder) -> Right {
    (holder.worker.strip_prefix("worker-").and_then(|name| name.parse().ok()).unwrap_or(DEAD), holder.fence)
}

/// The same right, its fence told by its place.
pub(super) fn renamed((name, fence): Right, fences: &[u64]) -> Right {
    (name, 1 + fences.iter().position(|known| *known == fence).unwrap_or_default() as u64)
}

fn long_ago() -> Timestamp {
    instant(0) - policy::BETWEEN_ABSENCES
}

fn reference(row: u8) -> String {
    format!("order-{row}")
}

pub(super) fn id(charge: u8) -> String {
    format!("charge-{charge}")
}

impl Book {
    pub(super) fn new(intent: Intent, send_before: Option<Seconds>, forgets: Forgets) -> Self {
        Self { intent, send_before, forgets, known: RefCell::default() }
    }

    pub(super) fn record(&self, number: Number) -> Record {
        self.known.borrow().records[usize::from(number)].clone()
    }

    pub(super) fn right(&self, number: Number) -> Option<Right> {
        Some(right(&self.known.borrow().records[usize::from(number)].lease.as_ref()?.holder))
    }

    pub(super) fn is_claimed(&self, rows: Rows, charge: u8) -> bool {
        let known = self.known.borrow();
        let id = Some(id(charge));
        rows.iter().any(|row| *row != NONE && known.records[usize::from(*row)].order.id == id)
    }

    /// The number of a record as a process keeps it: with the lease that it was given.
    pub(super) fn number(&self, record: Record) -> Number {
        let mut known = self.known.borrow_mut();
        let Known { records, numbers, .. } = &mut *known;
        *numbers.entry(format!("{record:?}")).or_insert_with(|| {
            records.push(record);
            Number::try_from(records.len() - 1).expect("few records")
        })
    }

    /// The fences that a record knows of.
    pub(super) fn fences(&self, number: Number) -> impl Iterator<Item = u64> + use<> {
        let fence = self.known.borrow().records[usize::from(number)].fence;
        [Some(fence), self.right(number).map(|(_, fence)| fence)].into_iter().flatten()
    }

    /// The record with nothing in it that can make no difference any more: what is over is over, however long.
    /// Fences are only ever compared for being the same, so they are told by their place among those in use.
    pub(super) fn plain(&self, number: Number, used: Use, now: Seconds, fences: &[u64]) -> Number {
        let key = (number, used, now, fences.to_vec());
        if let Some(plain) = self.known.borrow().plain.get(&key) {
            return *plain;
        }
        let mut record = self.record(number);
        if used == Use::Lease {
            let intended = self.intended(0, 0, 0);
            record = Record { lease: record.lease, fence: record.fence, ..intended };
        }
        let is_over = |at: Timestamp| used != Use::Row || at <= instant(now);
        record.order.created_at = instant(0);
        record.order.next_check_at =
            record.order.next_check_at.map(|at| if is_over(at) { instant(0) } else { at });
        if let Some(lease) = &mut record.lease {
            lease.until = if is_over(lease.until) { instant(0) } else { lease.until };
            lease.holder = holder(renamed(right(&lease.holder), fences));
        }
        if record.last_absence_at.is_some_and(|last| last + policy::BETWEEN_ABSENCES <= instant(now)) {
            record.last_absence_at = Some(long_ago());
        }
        if !record.was_turned_away || record.order.updated_at + policy::SHOWN_WITHIN <= instant(now) {
            record.order.updated_at = instant(0) - policy::SHOWN_WITHIN;
        }
        record.absences = record.absences.min(ABSENCES_THAT_PROVE);
        record.fence = renamed((DEAD, record.fence), fences).1;
        let plain = self.number(record);
        self.known.borrow_mut().plain.insert(key, plain);
        plain
    }

    /// A record whose worker was killed: its name stands for nobody any more.
    pub(super) fn bereaved(&self, number: Number, worker: u8) -> Number {
        match (number != NONE).then(|| self.right(number)).flatten() {
            Some((name, fence)) if name == worker => {
                let mut record = self.record(number);
                record.lease.iter_mut().for_each(|lease| lease.holder = holder((DEAD, fence)));
                self.number(record)
            }
            _ => number,
        }
    }

    /// Takes a step at a time; the rows as they then are.
    pub(super) fn step(&self, rows: Rows, step: Step, now: Seconds) -> (Rows, Answer) {
        if let Some(answer) = self.known.borrow().answers.get(&(rows, step, now)) {
            return *answer;
        }
        let mut records = rows.map(|row| (row != NONE).then(|| self.record(row)));
        let answer = self.work_out(&mut records, step, now);
        let after = records.map(|record| record.map_or(NONE, |record| self.number(record)));
        self.known.borrow_mut().answers.insert((rows, step, now), (after, answer));
        (after, answer)
    }

    fn work_out(&self, records: &mut [Option<Record>; 2], step: Step, now: Seconds) -> Answer {
        match step {
            Step::Enter { row, worker } => {
                let slot = &mut records[usize::from(row)];
                if slot.is_none() {
                    *slot = Some(self.intended(row, worker, now));
                    return Answer::Done;
                }
            }
            Step::Claim { row, worker } => {
                let Some(record) = &mut records[usize::from(row)] else { return Answer::Forbidden };
                let due = record.order.next_check_at.filter(|_| !record.order.is_settled());
                let due = due.map(|due| record.lease.as_ref().map_or(due, |lease| lease.until.max(due)));
                if due.is_some_and(|due| due <= instant(now)) {
                    record.fence += 1;
                    let holder = holder((worker, record.fence));
                    record.lease = Some(Lease { holder, until: instant(now) + LEASE });
                    return Answer::Done;
                }
            }
            Step::Release { row, holder: right, next_check_at } => {
                let Some(record) = &mut records[usize::from(row)] else { return Answer::Forbidden };
                if is_held_by(record, &holder(right)) {
                    record.lease = None;
                    record.order.next_check_at =
                        next_check_at.filter(|_| !self.forgets.next_check).map(instant);
                    return Answer::Done;
                }
            }
            Step::Change { row, holder: right, note } => return self.change(records, row, right, note, now),
            Step::LongAfter => {
                for record in records.iter_mut().flatten() {
                    record.lease.iter_mut().for_each(|lease| lease.until = instant(0));
                    record.order.next_check_at.iter_mut().for_each(|due| *due = instant(0));
                    record.sent_at.iter_mut().for_each(|sent_at| *sent_at = instant(0));
                    record.last_absence_at.iter_mut().for_each(|last| *last = long_ago());
                    record.order.updated_at = instant(0) - policy::SHOWN_WITHIN;
                }
                return Answer::Done;
            }
        }
        Answer::Forbidden
    }

    fn intended(&self, row: u8, worker: u8, now: Seconds) -> Record {
        let mut record = Record::new(reference(row), None, self.intent.clone(), instant(now));
        let lease = Lease { holder: holder((worker, 1)), until: instant(now) + TIMEOUT + LEASE };
        record.send_before = self.send_before.map(instant);
        record.order.next_check_at = Some(lease.until);
        record.fence = 1;
        record.lease = Some(lease);
        record
    }

    fn change(
        &self,
        records: &mut [Option<Record>; 2],
        row: u8,
        right: Option<Right>,
        note: Note,
        now: Seconds,
    ) -> Answer {
        let Some(before) = records[usize::from(row)].clone() else { return Answer::Forbidden };
        let is_held = right.is_none_or(|right| is_held_by(&before, &holder(right)));
        if !is_held && !self.forgets.fences {
            return Answer::LeaseLost;
        }
        let mut after = before.clone();
        if written(&mut after, note, now).is_err() {
            return Answer::Forbidden;
        }
        let others = || records.iter().flatten().filter(|other| other.order.r#ref != before.order.r#ref);
        let is_new_slot = after.slot.is_some() && after.slot != before.slot;
        if is_new_slot && others().any(|other| other.slot == after.slot) {
            return Answer::SlotTaken;
        }
        let is_new_id = after.order.id.is_some() && after.order.id != before.order.id;
        if is_new_id && others().any(|other| other.order.id == after.order.id) {
            return Answer::IdTaken;
        }
        records[usize::from(row)] = Some(after);
        Answer::Done
    }

    /// Plays a part of the steps that were met on the real journal: each must answer and leave the same.
    pub(super) async fn agrees_with_the_journal(&self, at_most: usize) -> usize {
        let met: Vec<_> = self.known.borrow().answers.iter().map(|(step, answer)| (*step, *answer)).collect();
        let every = met.len().div_ceil(at_most);
        let mut played = 0;
        for ((rows, step, now), (after, answer)) in met.iter().step_by(every) {
            if *step == Step::LongAfter {
                continue;
            }
            // The real one takes whatever is due first; here it is told apart by leaving the other out.
            let is_left_out = |row| matches!(step, Step::Claim { row: claimed, .. } if *claimed != row);
            let record = |row, number: Number| {
                let is_there = number != NONE && !is_left_out(row);
                is_there.then(|| self.record(number))
            };
            let journal = journal::open(&Location::Memory).expect("a journal");
            for before in (0..).zip(rows).filter_map(|(row, number)| record(row, *number)) {
                assert!(
                    matches!(journal.enter(before, None).await, Ok(Entry::New(_))),
                    "the rows before {step:?}"
                );
            }
            let told = self.told_by(&*journal, *step, *now).await;
            assert!(
                told.is_none_or(|told| told == *answer),
                "{step:?} on {rows:?}: {told:?}, not {answer:?}"
            );
            for (row, number) in (0..).zip(after) {
                let stored = journal.get(&reference(row)).await.expect("a journal");
                assert_eq!(stored, record(row, *number), "{step:?}");
            }
            played += 1;
        }
        played
    }

    /// What the real journal answers; nothing where it does not say whether it did anything.
    async fn told_by(&self, journal: &dyn Journal, step: Step, now: Seconds) -> Option<Answer> {
        match step {
            Step::Enter { row, worker } => match journal.enter(self.intended(row, worker, now), None).await {
                Ok(Entry::New(_)) => Some(Answer::Done),
                _ => Some(Answer::Forbidden),
            },
            Step::Claim { worker, .. } => {
                let worker = holder((worker, 0)).worker;
                let now = instant(now);
                let claim = Claim { worker, now, due_by: now, until: now + LEASE, limit: 1 };
                let claimed = journal.claim_due(claim).await.expect("a journal");
                Some(if claimed.is_empty() { Answer::Forbidden } else { Answer::Done })
            }
            Step::Release { row, holder: right, next_check_at } => {
                let (r#ref, next_check_at) = (reference(row), next_check_at.map(instant));
                let release = Release { r#ref, holder: holder(right), next_check_at };
                journal.release(vec![release]).await.expect("a journal");
                None
            }
            Step::Change { row, holder: right, note } => {
                let change = Box::new(move |record: &mut Record| {
                    written(record, note, now).map_err(|state::Forbidden| Error::closed("orders.test"))
                });
                Some(
                    match journal.change(&reference(row), right.map(holder), Durability::AtOnce, change).await
                    {
                        Ok(Changed::Done(_)) => Answer::Done,
                        Ok(Changed::LeaseLost) => Answer::LeaseLost,
                        Ok(Changed::SlotTaken) => Answer::SlotTaken,
                        Ok(Changed::IdTaken) => Answer::IdTaken,
                        Err(_) => Answer::Forbidden,
                    },
                )
            }
            Step::LongAfter => None,
        }
    }
}

fn is_held_by(record: &Record, holder: &Holder) -> bool {
    record.fence == holder.fence && record.lease.as_ref().is_some_and(|lease| lease.holder == *holder)
}

/// Writes a note as `send`, `post`, `recover`, `remote` and `Orders::step` do, through the engine's own state machine.
fn written(record: &mut Record, note: Note, now: Seconds) -> Result<(), state::Forbidden> {
    let event = match note {
        Note::First(_) => Some(Event::SendStarts),
        Note::Again { absences, .. } => Some(Event::ResendStarts { absences }),
        Note::Anew(_) => Some(Event::SentAnew),
        Note::Accepted { .. } => Some(Event::Accepted),
        Note::Refused { .. } => Some(Event::Refused { may_exist_already: false }),
        Note::TurnedAway => Some(Event::Refused { may_exist_already: true }),
        Note::NeverTaken { absences } => Some(Event::NeverTaken { absences }),
        Note::Lost { .. } | Note::WorkerDied => Some(Event::OutcomeLost),
        Note::Seen { state, .. } => Some(Event::Seen(state)),
        Note::TimeIsUp => Some(Event::TimeIsUp),
        Note::GivenUp => Some(Event::GivenUp),
        Note::Absent => None,
        Note::Overwritten { state, .. } => {
            record.order.state = state::next(crate::models::OrderState::Accepted, Event::Seen(state))?;
            None
        }
    };
    if let Some(event) = event {
        record.order.state = state::next(record.order.state, event)?;
    }
    let first_check = Some(instant(now) + INTERVAL / 2);
    match note {
        Note::First(right) | Note::Again { right, .. } | Note::Anew(right) => {
            let until = instant(now) + TIMEOUT + LEASE;
            record.fence = record.fence.max(right.1);
            record.lease = Some(Lease { holder: holder(right), until });
            record.slot = policy::slot(&record.intent);
            record.sent_at = record.sent_at.or(Some(instant(now)));
            record.order.attempts += 1;
            (record.absences, record.last_absence_at) = (0, None);
            record.order.next_check_at = Some(until);
        }
        Note::Accepted { id: charge } => {
            record.order.id = Some(id(charge));
            give_back(record, first_check);
        }
        Note::Refused { is_of_the_way } => {
            let kind = if is_of_the_way { ErrorKind::Transport } else { ErrorKind::InvalidNumber };
            record.order.last_error = Some(kind.as_str().to_owned());
            give_back(record, None);
        }
        Note::TurnedAway => {
            record.was_turned_away = true;
            record.order.updated_at = instant(now);
            give_back(record, first_check);
        }
        Note::Lost { may_still_act } => {
            record.may_still_act |= may_still_act;
            give_back(record, first_check);
        }
        Note::WorkerDied => {
            record.slot = None;
            record.order.next_check_at = first_check;
        }
        Note::Seen { id: charge, state } | Note::Overwritten { id: charge, state } => {
            record.order.id = Some(id(charge));
            record.order.status = Some(state.as_str().to_owned());
            let next = next_check(record, now);
            give_back(record, next.map(instant));
        }
        Note::Absent => {
            if recover::counts_as_absence(record, instant(now)) {
                recover::count_absence(record, instant(now));
            }
        }
        Note::GivenUp => give_back(record, None),
        Note::TimeIsUp | Note::NeverTaken { .. } => {}
    }
    if record.order.is_settled() {
        record.order.next_check_at = None;
        record.lease = None;
    }
    Ok(())
}

/// `schedule::next_check` without its jitter.
pub(super) fn next_check(record: &Record, now: Seconds) -> Option<Seconds> {
    schedule::next_check(record, instant(now), INTERVAL)?;
    Some(now + schedule::pause(record, instant(now), INTERVAL).as_secs() as Seconds)
}
