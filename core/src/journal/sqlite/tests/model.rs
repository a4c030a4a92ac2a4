//! Any sequence of steps gives what a plain map would.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::journal::{Claim, Filter, Lease, Release, Step};
use crate::models::Service;

#[derive(Clone, Debug)]
enum Act {
    Enter { name: u8, created: u64, due: Option<u64>, leased_until: Option<u64> },
    Get { name: u8 },
    Change { name: u8, holder: Option<(u8, u64)>, change: Draft },
    Claim { worker: u8, now: u64, until: u64, limit: usize },
    Release { name: u8, worker: u8, fence: u64, due: Option<u64> },
    NextDue,
    List { states: Vec<OrderState>, since: Option<u64>, until: Option<u64>, after: Option<u8>, limit: usize },
    KnownIds { ids: Vec<u8> },
    Steps { after: u64, limit: usize },
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

#[derive(Default)]
struct Model {
    records: HashMap<String, Record>,
    order_of_entry: Vec<String>,
    steps: Vec<Step>,
    readers: BTreeMap<String, u64>,
}

fn due_at(record: &Record) -> Option<Timestamp> {
    let next = record.order.next_check_at.filter(|_| !record.order.is_settled())?;
    Some(record.lease.as_ref().map_or(next, |lease| lease.until.max(next)))
}

impl Model {
    fn step(&mut self, from: Option<OrderState>, record: &Record) {
        let cursor = self.steps.len() as u64 + 1;
        let order = record.order.clone();
        self.steps.push(Step { cursor, at: order.updated_at, from, order });
    }

    fn entry_number(&self, name: &str) -> usize {
        self.order_of_entry.iter().position(|entered| entered == name).unwrap_or(usize::MAX)
    }

    fn change(&mut self, name: &str, holder: Option<Holder>, change: &Draft) -> Told {
        let Some(before) = self.records.get(name).cloned() else { return "not_found".into() };
        if let Some(holder) = holder {
            let is_newest = before.fence == holder.fence
                && before.lease.as_ref().is_some_and(|lease| lease.holder == holder);
            if !is_newest {
                return "lease lost".into();
            }
        }
        let mut after = before.clone();
        if let Err(error) = change.apply(&mut after) {
            return error.code().into();
        }
        let is_taken = after.slot.is_some()
            && self.records.values().any(|other| other.slot == after.slot && other.order.r#ref != name);
        if is_taken {
            return "slot taken".into();
        }
        let is_claimed = after.order.id.is_some() && after.order.id != before.order.id;
        let is_claimed_twice = |other: &Record| other.order.id == after.order.id && other.order.r#ref != name;
        if is_claimed && self.records.values().any(is_claimed_twice) {
            return "id taken".into();
        }
        if after.order.state != before.order.state {
            self.step(Some(before.order.state), &after);
        }
        self.records.insert(name.into(), after.clone());
        format!("{after:?}")
    }

    fn claim(&mut self, worker: u8, now: u64, until: u64, limit: usize) -> Told {
        let mut due: Vec<(Timestamp, usize, String)> = self
            .records
            .values()
            .filter_map(|record| {
                let due = due_at(record).filter(|due| *due <= at(now))?;
                Some((due, self.entry_number(&record.order.r#ref), record.order.r#ref.clone()))
            })
            .collect();
        due.sort();
        let mut claimed = Vec::new();
        for (_, _, name) in due.into_iter().take(limit) {
            let record = self.records.get_mut(&name).expect("known");
            record.fence += 1;
            let holder = Holder { worker: text(worker), fence: record.fence };
            record.lease = Some(Lease { holder, until: at(until) });
            claimed.push(record.clone());
        }
        format!("{claimed:?}")
    }

    fn list(&self, filter: &Filter) -> Told {
        let key = |record: &Record| (record.order.created_at, self.entry_number(&record.order.r#ref));
        let after = match &filter.after_ref {
            Some(after) => match self.records.get(after) {
                Some(record) => Some(key(record)),
                None => return "not_found".into(),
            },
            None => None,
        };
        let mut found: Vec<&Record> = self
            .records
            .values()
            .filter(|record| filter.states.is_empty() || filter.states.contains(&record.order.state))
            .filter(|record| filter.created_since.is_none_or(|since| record.order.created_at >= since))
            .filter(|record| filter.created_until.is_none_or(|until| record.order.created_at < until))
            .filter(|record| after.is_none_or(|after| key(record) > after))
            .collect();
        found.sort_by_key(|record| key(record));
        found.truncate(filter.limit);
        format!("{found:?}")
    }

    fn play(&mut self, act: &Act) -> Told {
        match act {
            Act::Enter { name, created, due, leased_until } => {
                let new = entry(*name, *created, *due, *leased_until);
                match self.records.get(&text(*name)) {
                    Some(known) => format!("known {known:?}"),
                    None => {
                        self.step(None, &new);
                        self.order_of_entry.push(text(*name));
                        self.records.insert(text(*name), new.clone());
                        format!("new {new:?}")
                    }
                }
            }
            Act::Get { name } => format!("{:?}", self.records.get(&text(*name))),
            Act::Change { name, holder, change } => self.change(&text(*name), held(*holder), change),
            Act::Claim { worker, now, until, limit } => self.claim(*worker, *now, *until, *limit),
            Act::Release { name, worker, fence, due } => {
                let holder = Holder { worker: text(*worker), fence: *fence };
                if let Some(record) = self.records.get_mut(&text(*name))
                    && record.fence == *fence
                    && record.lease.as_ref().is_some_and(|lease| lease.holder == holder)
                {
                    record.lease = None;
                    record.order.next_check_at = due.map(at);
                }
                "()".into()
            }
            Act::NextDue => format!("{:?}", self.records.values().filter_map(due_at).min()),
            Act::List { .. } => self.list(&filter(act)),
            Act::KnownIds { ids } => {
                let known: Vec<String> = self.records.values().filter_map(|r| r.order.id.clone()).collect();
                sorted(ids.iter().map(|id| text(*id)).filter(|id| known.contains(id)).collect())
            }
            Act::Steps { after, limit } => {
                let found: Vec<_> =
                    self.steps.iter().filter(|step| step.cursor > *after).take(*limit).collect();
                format!("{found:?}")
            }
            Act::History { name } => {
                let name = text(*name);
                let found: Vec<_> = self.steps.iter().filter(|step| step.order.r#ref == name).collect();
                format!("{found:?}")
            }
            Act::Acknowledge { reader, cursor } => {
                let known = self.readers.entry(text(*reader)).or_default();
                *known = (*known).max(*cursor);
                "()".into()
            }
            Act::Acknowledged { reader } => {
                format!("{:?}", self.readers.get(&text(*reader)).copied().unwrap_or(0))
            }
        }
    }
}

fn sorted(ids: HashSet<String>) -> Told {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort();
    format!("{ids:?}")
}

fn entry(name: u8, created: u64, due: Option<u64>, leased_until: Option<u64>) -> Record {
    let mut record = record(&text(name));
    record.order.created_at = at(created);
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

async fn play(journal: &SqliteJournal, act: &Act) -> Told {
    match act {
        Act::Enter { name, created, due, leased_until } => {
            let entered = journal.enter(entry(*name, *created, *due, *leased_until)).await;
            told(entered, |entered| match entered {
                Entry::New(record) => format!("new {record:?}"),
                Entry::Known(record) => format!("known {record:?}"),
            })
        }
        Act::Get { name } => debug(journal.get(&text(*name)).await),
        Act::Change { name, holder, change } => {
            let change = change.clone();
            let change = Box::new(move |record: &mut Record| change.apply(record));
            told(journal.change(&text(*name), held(*holder), change).await, |changed| match changed {
                Changed::Done(record) => format!("{record:?}"),
                Changed::LeaseLost => "lease lost".into(),
                Changed::SlotTaken => "slot taken".into(),
                Changed::IdTaken => "id taken".into(),
            })
        }
        Act::Claim { worker, now, until, limit } => {
            let claim = Claim { worker: text(*worker), now: at(*now), until: at(*until), limit: *limit };
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
        Act::History { name } => debug(journal.history(&text(*name)).await),
        Act::Acknowledge { reader, cursor } => debug(journal.acknowledge(&text(*reader), *cursor).await),
        Act::Acknowledged { reader } => debug(journal.acknowledged(&text(*reader)).await),
    }
}

fn act() -> impl Strategy<Value = Act> {
    let name = 0u8..5;
    let second = 0u64..20;
    let maybe = prop::option::of(0u64..20);
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
        3 => (name.clone(), second.clone(), maybe.clone(), maybe.clone()).prop_map(
            |(name, created, due, leased_until)| Act::Enter { name, created, due, leased_until }
        ),
        1 => name.clone().prop_map(|name| Act::Get { name }),
        4 => (name.clone(), held, draft)
            .prop_map(|(name, holder, change)| Act::Change { name, holder, change }),
        3 => (0u8..3, second.clone(), second.clone(), 0usize..4)
            .prop_map(|(worker, now, until, limit)| Act::Claim { worker, now, until, limit }),
        2 => (name.clone(), 0u8..3, 0u64..4, maybe.clone())
            .prop_map(|(name, worker, fence, due)| Act::Release { name, worker, fence, due }),
        1 => Just(Act::NextDue),
        2 => (
            prop::collection::vec(state, 0..4), maybe.clone(), maybe, prop::option::of(name.clone()), 0usize..6
        ).prop_map(|(states, since, until, after, limit)| Act::List { states, since, until, after, limit }),
        1 => prop::collection::vec(0u8..6, 0..6).prop_map(|ids| Act::KnownIds { ids }),
        1 => (0u64..20, 0usize..10).prop_map(|(after, limit)| Act::Steps { after, limit }),
        1 => name.prop_map(|name| Act::History { name }),
        1 => (0u8..2, 0u64..10).prop_map(|(reader, cursor)| Act::Acknowledge { reader, cursor }),
        1 => (0u8..2).prop_map(|reader| Act::Acknowledged { reader }),
    ]
}

/// Plays the acts in turn on journals of the same place; each must answer what the model does.
fn agree(journals: &[SqliteJournal], acts: &[Act]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut model = Model::default();
    for (act, journal) in acts.iter().zip(journals.iter().cycle()) {
        assert_eq!(runtime.block_on(play(journal, act)), model.play(act), "{act:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_journal_in_memory_is_a_map(acts in prop::collection::vec(act(), 1..80)) {
        agree(&[in_memory()], &acts);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn two_journals_on_one_file_are_one_map(acts in prop::collection::vec(act(), 1..80)) {
        let folder = Folder::new();
        agree(&[open(&folder.journal()), open(&folder.journal())], &acts);
    }
}
