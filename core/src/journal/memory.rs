//! A journal that lives as long as its process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures_util::future::{BoxFuture, FutureExt, ready};

use super::{Change, Entry, Journal, Record};
use crate::error::{Error, Result};
use crate::models::{ErrorKind, Outcome};

#[derive(Default)]
pub(crate) struct MemoryJournal {
    records: Mutex<HashMap<String, Record>>,
}

impl MemoryJournal {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Record>) -> T) -> T {
        work(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Journal for MemoryJournal {
    fn enter(&self, record: Record) -> BoxFuture<'_, Result<Entry>> {
        let entry = self.with(|records| match records.get(&record.order.r#ref) {
            Some(known) => Entry::Known(known.clone()),
            None => {
                records.insert(record.order.r#ref.clone(), record.clone());
                Entry::New(record)
            }
        });
        ready(Ok(entry)).boxed()
    }

    fn get<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Record>>> {
        ready(Ok(self.with(|records| records.get(r#ref).cloned()))).boxed()
    }

    fn change<'a>(&'a self, r#ref: &'a str, change: Change) -> BoxFuture<'a, Result<Record>> {
        let changed = self.with(|records| {
            let record = records.get_mut(r#ref).ok_or_else(|| unknown(r#ref))?;
            let mut draft = record.clone();
            change(&mut draft)?;
            *record = draft.clone();
            Ok(draft)
        });
        ready(changed).boxed()
    }
}

fn unknown(r#ref: &str) -> Error {
    let detail = "no order of this reference is in the journal";
    Error::new(ErrorKind::NotFound, Outcome::NotSent, "orders.get", detail).with_ref(r#ref)
}
