//! Any sequence of steps gives the same answers in every store as in memory.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::error::Error;
use crate::journal::{Claim, Durability, Filter, Lease, Release};
use crate::models::Service;

#[derive(Clone, Debug)]
enum Act {
    Enter { name: u8, created: u64, due: Option<u64>, leased_until: Option<u64>, departure: Option<Draft> },
    Get { name: u8 },
    Change { name: u8, holder: Option<(u8, u64)>, change: Draft },
    Claim { worker: u8, now: u64, ahead: u64, until: u64, limit: usize },
    Release { name: u8, worker: u8, fence: u64, due: Option<u64> },
    NextDue,
    List { states: Vec<OrderState>, since: Option<u64>, until: Option<u64>, after: Option<u8>, limit: usize },
    KnownIds { ids: Vec<u8> },
    Steps { after: u64, limit: usize },
    Moved { after: u64, limit: usize },
    LastCursor,
    History { name: u8 },
    Acknowledge { reader: u8, cursor: u64 },
    Acknowledged { reader: u8 },
}

#[derive(Clone, Debug)]
struct Draft {
    state: OrderState,
    slot: Option<u8>,
    id: Option<u8>,
    due: Option<u64>,
    fails: bool,
}

impl Draft {
    fn into_change(self) -> Change {
        Box::new(move |record| self.apply(record))
    }

    fn apply(&self, record: &mut Record) -> Result<()> {
        record.order.state = self.state;
        record.order.attempts += 1;
        record.order.id = self.id.map(text);
        record.order.next_check_at = self.due.map(at);
        record.slot = self.slot.map(text);
        match self.fails {
            true => Err(Error::closed("orders.test")),
            false => Ok(()),
        }
    }
}

fn text(number: u8) -> String {
    format!("n{number}")
}

/// What an act answers, in words.
type Told = String;

fn sorted(ids: HashSet<String>) -> Told {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort();
    format!("{ids:?}")
}

fn entry(name: u8, created: u64, due: Option<u64>, leased_until: Option<u64>) -> Record {
    let mut record = record(&text(name));
    (record.order.created_at, record.order.updated_at) = (at(created), at(created));
    record.order.next_check_at = due.map(at);
    record.fence = u64::from(leased_until.is_some());
    record.lease = leased_until.map(|until| Lease { holder: holder("n0", 1), until: at(until) });
    record
}

fn held(holder: Option<(u8, u64)>) -> Option<Holder> {
    holder.map(|(worker, fence)| Holder { worker: text(worker), fence })
}

fn filter(act: &Act) -> Filter {
    match act {
        Act::List { states, since, until, after, limit } => Filter {
            states: states.clone(),
            service: Some(Service::Mobile),
            created_since: since.map(at),
            created_until: until.map(at),
            after_ref: after.map(text),
            limit: *limit,
        },
        _ => Filter::default(),
    }
}

fn told<T>(answer: Result<T>, words: impl FnOnce(T) -> Told) -> Told {
    answer.map_or_else(|error| error.code().to_owned(), words)
}

fn debug<T: std::fmt::Debug>(answer: Result<T>) -> Told {
    told(answer, |answer| format!("{answer:?}"))
}

async fn play(journal: &dyn Journal, act: &Act) -> Told {
    match act {
        Act::Enter { name, created, due, leased_until, departure } => {
            let departure = departure.clone().map(Draft::into_change);
            let entered = journal.enter(entry(*name, *created, *due, *leased_until), departure).await;
            told(entered, |entered| match entered {
                Entry::New(record) => format!("new {record:?}"),
                Entry::Known(record) => format!("known {record:?}"),
            })
        }
        Act::Get { name } => debug(journal.get(&text(*name)).await),
        Act::Change { name, holder, change } => {
            let change = change.clone().into_change();
            told(journal.change(&text(*name), held(*holder), Durability::AtOnce, change).await, |changed| {
                match changed {
                    Changed::Done(record) => format!("{record:?}"),
                    Changed::LeaseLost => "lease lost".into(),
                    Changed::SlotTaken => "slot taken".into(),
                    Changed::IdTaken => "id taken".into(),
                }
            })
        }
        Act::Claim { worker, now, ahead, until, limit } => {
            let (now, due_by) = (at(*now), at(now + ahead));
            let claim = Claim { worker: text(*worker), now, due_by, until: at(*until), limit: *limit };
            debug(journal.claim_due(claim).await)
        }
        Act::Release { name, worker, fence, due } => {
            let holder = Holder { worker: text(*worker), fence: *fence };
            let release = Release { r#ref: text(*name), holder, next_check_at: due.map(at) };
            debug(journal.release(vec![release]).await)
        }
        Act::NextDue => debug(journal.next_due().await),
        Act::List { .. } => debug(journal.list(filter(act)).await),
        Act::KnownIds { ids } => {
            let ids = ids.iter().map(|id| text(*id)).collect();
            told(journal.known_ids(Service::Mobile, ids).await, sorted)
        }
        Act::Steps { after, limit } => debug(journal.steps(*after, *limit).await),
        Act::Moved { after, limit } => debug(journal.moved(*after, *limit).await),
        Act::LastCursor => debug(journal.last_cursor().await),
        Act::History { name } => debug(journal.history(&text(*name)).await),
        Act::Acknowledge { reader, cursor } => debug(journal.acknowledge(&text(*reader), *cursor).await),
        Act::Acknowledged { reader } => debug(journal.acknowledged(&text(*reader)).await),
    }
}

fn act() -> impl Strategy<Value = Act> {
    let name = 0u8..5;
    let second = 0u64..20;
    // Now and then about as far ahead as only a wrong clock puts things off.
    let maybe = prop::option::of(prop_oneof![4 => 0u64..20, 1 => 10_795u64..10_825]);
    let state = prop::sample::select(OrderState::ALL);
    let draft = (
        state.clone(),
        prop::option::weighted(0.3, 0u8..2),
        prop::option::of(0u8..4),
        maybe.clone(),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(state, slot, id, due, fails)| Draft { state, slot, id, due, fails });
    let held = prop::option::of((0u8..3, 0u64..4));
    prop_oneof![
        3 => (name.clone(), second.clone(), maybe.clone(), maybe.clone(), prop::option::of(draft.clone()))
            .prop_map(|(name, created, due, leased_until, departure)| {
                Act::Enter { name, created, due, leased_until, departure }
            }),
        1 => name.clone().prop_map(|name| Act::Get { name }),
        4 => (name.clone(), held, draft)
            .prop_map(|(name, holder, change)| Act::Change { name, holder, change }),
        3 => (0u8..3, second.clone(), 0u64..3, second.clone(), 0usize..4)
            .prop_map(|(worker, now, ahead, until, limit)| Act::Claim { worker, now, ahead, until, limit }),
        2 => (name.clone(), 0u8..3, 0u64..4, maybe.clone())
            .prop_map(|(name, worker, fence, due)| Act::Release { name, worker, fence, due }),
        1 => Just(Act::NextDue),
        2 => (
            prop::collection::vec(state, 0..4), maybe.clone(), maybe, prop::option::of(name.clone()), 0usize..6
        ).prop_map(|(states, since, until, after, limit)| Act::List { states, since, until, after, limit }),
        1 => prop::collection::vec(0u8..6, 0..6).prop_map(|ids| Act::KnownIds { ids }),
        1 => (0u64..20, 0usize..10).prop_map(|(after, limit)| Act::Steps { after, limit }),
        1 => (0u64..20, 0usize..10).prop_map(|(after, limit)| Act::Moved { after, limit }),
        1 => Just(Act::LastCursor),
        1 => name.prop_map(|name| Act::History { name }),
        1 => (0u8..2, 0u64..10).prop_map(|(reader, cursor)| Act::Acknowledge { reader, cursor }),
        1 => (0u8..2).prop_map(|reader| Act::Acknowledged { reader }),
    ]
}

/// Plays the acts in turn on journals of the same place; each must answer what the one in memory does.
fn agree(journals: &[SqliteJournal], acts: &[Act]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let memory = MemoryJournal::default();
    for (act, journal) in acts.iter().zip(journals.iter().cycle()) {
        let expected = runtime.block_on(play(&memory, act));
        assert_eq!(runtime.block_on(play(journal, act)), expected, "{act:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_file_answers_as_the_memory_does(acts in prop::collection::vec(act(), 1..80)) {
        let folder = Folder::new();
        agree(&[open(&folder.journal())], &acts);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn two_journals_on_one_file_are_one(acts in prop::collection::vec(act(), 1..80)) {
        let folder = Folder::new();
        agree(&[open(&folder.journal()), open(&folder.journal())], &acts);
    }
}
