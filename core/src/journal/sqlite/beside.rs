//! What the journal keeps beside its orders: the same threads, other tables.

use futures_util::future::{BoxFuture, FutureExt};

use super::{SqliteJournal, audit, cards, outbox};
use crate::audit::{Act, Draft, Entry};
use crate::error::Result;
use crate::journal::{
    AuditLog, CardStore, Delivery, DeliveryClaim, DeliveryNote, Enqueued, Kept, Outbox, Position, Purge,
    Purged, Resealed, Stale,
};
use crate::models::Timestamp;

impl CardStore for SqliteJournal {
    fn kept<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Option<Kept>>> {
        let r#ref = r#ref.to_owned();
        self.reader.read("journal.cards", move |database| cards::kept(database, &r#ref)).boxed()
    }

    fn permit_look(&self, entry: Draft) -> BoxFuture<'_, Result<bool>> {
        self.writer.write("journal.look", move |database| cards::permit_look(database, entry)).boxed()
    }

    fn purge_cards(&self, purge: Purge) -> BoxFuture<'_, Result<Vec<Purged>>> {
        async move {
            let step = move |database: &_| cards::purge(database, purge);
            let purged = self.writer.write("journal.purge", step).await?;
            self.writer.read("journal.purge", cards::forget_deleted).await?;
            Ok(purged)
        }
        .boxed()
    }

    fn stale_fields(
        &self,
        key: String,
        after: Option<Position>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Stale>>> {
        let step = move |database: &_| cards::stale_fields(database, &key, after.as_ref(), limit);
        self.reader.read("journal.stale", step).boxed()
    }

    fn replace_sealed(&self, resealed: Vec<Resealed>, entry: Draft) -> BoxFuture<'_, Result<u32>> {
        let step = move |database: &_| cards::replace_sealed(database, resealed, entry);
        self.writer.write("journal.reseal", step).boxed()
    }
}

impl AuditLog for SqliteJournal {
    fn add_entries(&self, drafts: Vec<Draft>) -> BoxFuture<'_, Result<()>> {
        self.writer.write("journal.audit", move |database| audit::append(database, drafts)).boxed()
    }

    fn entries(&self, after: u64, limit: usize) -> BoxFuture<'_, Result<Vec<Entry>>> {
        self.reader.read("journal.audit", move |database| audit::entries(database, after, limit)).boxed()
    }
}

impl Outbox for SqliteJournal {
    fn enqueue_delivery(&self, delivery: Delivery, by: Act) -> BoxFuture<'_, Result<Enqueued>> {
        self.writer.write("journal.enqueue", move |database| outbox::enqueue(database, delivery, by)).boxed()
    }

    fn claim_deliveries(&self, claim: DeliveryClaim) -> BoxFuture<'_, Result<Vec<Delivery>>> {
        self.writer.write("journal.claim", move |database| outbox::claim(database, &claim)).boxed()
    }

    fn note_delivery(&self, note: DeliveryNote) -> BoxFuture<'_, Result<bool>> {
        self.writer.write("journal.note", move |database| outbox::note(database, note)).boxed()
    }

    fn delivery<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Delivery>>> {
        let id = id.to_owned();
        self.reader.read("journal.delivery", move |database| outbox::get(database, &id)).boxed()
    }

    fn deliveries<'a>(&'a self, r#ref: &'a str) -> BoxFuture<'a, Result<Vec<Delivery>>> {
        let r#ref = r#ref.to_owned();
        self.reader.read("journal.deliveries", move |database| outbox::of_order(database, &r#ref)).boxed()
    }

    fn next_delivery(&self, channels: Vec<&'static str>) -> BoxFuture<'_, Result<Option<Timestamp>>> {
        let next = move |database: &_| outbox::next_due(database, &channels);
        self.reader.read("journal.next_delivery", next).boxed()
    }
}
