//! Cards, audit log and deliveries: any sequence of steps gives the same answers in a file as in memory.

use proptest::prelude::*;

use super::*;
use crate::audit::{self, Draft};
use crate::journal::{
    Delivery, DeliveryClaim, DeliveryNote, DeliveryOutcome, Durability, Purge, Resealed, SealedField,
};
use crate::models::{AuditEvent, DeliveryState, Language};

#[derive(Clone, Debug)]
enum Act {
    Enter {
        name: u8,
    },
    Seal {
        name: u8,
        key: u8,
        cards: u32,
        second: u64,
    },
    Kept {
        name: u8,
    },
    Look {
        name: u8,
        second: u64,
    },
    Purge {
        older_than: u64,
        limit: usize,
    },
    Stale {
        key: u8,
        limit: usize,
    },
    /// Seals up to so many fields anew, half of them as if somebody else had been quicker.
    Reseal {
        key: u8,
        limit: usize,
    },
    Entries {
        after: u64,
        limit: usize,
    },
    Enqueue {
        id: u8,
        name: u8,
        second: u64,
    },
    ClaimDeliveries {
        worker: u8,
        now: u64,
        until: u64,
        limit: usize,
    },
    Note {
        id: u8,
        worker: u8,
        fence: u64,
        outcome: DeliveryOutcome,
    },
    Delivery {
        id: u8,
    },
    Deliveries {
        name: u8,
    },
    NextDelivery,
}

fn text(number: u8) -> String {
    format!("n{number}")
}

fn by_somebody() -> audit::Act {
    audit::Act { actor: Some("clerk".into()), ..audit::Act::default() }
}

fn sealed(key: u8, cards: u32) -> Vec<SealedField> {
    let fields = (0..cards).flat_map(|card| ["code", "serial"].map(|field| (card, field)));
    fields
        .map(|(card, field)| SealedField { card, field: field.into(), key: text(key), sealed: vec![key; 3] })
        .collect()
}

fn delivery(id: u8, name: u8, second: u64) -> Delivery {
    Delivery {
        id: format!("d{id}"),
        r#ref: text(name),
        channel: if id == 0 { "sms" } else { "email" }.into(),
        recipient: "somebody".into(),
        language: Language::French,
        options: "{}".into(),
        state: DeliveryState::Waiting,
        attempts: 0,
        next_attempt_at: Some(at(second)),
        last_error: None,
        receipt: None,
        lease: None,
        created_at: at(second),
        updated_at: at(second),
    }
}

fn debug<T: std::fmt::Debug>(answer: Result<T>) -> String {
    answer.map_or_else(|error| error.code().to_owned(), |answer| format!("{answer:?}"))
}

async fn play(journal: &dyn Journal, act: &Act) -> String {
    match act.clone() {
        Act::Enter { name } => match journal.enter(record(&text(name)), None).await {
            Ok(Entry::New(_)) => "new".into(),
            Ok(Entry::Known(_)) => "known".into(),
            Err(error) => error.code().into(),
        },
        Act::Seal { name, key, cards, second } => {
            let change: Change = Box::new(move |record| {
                record.order.state = OrderState::Fulfilled;
                record.order.updated_at = at(second);
                record.order.attempts += 1;
                record.beside.cards = sealed(key, cards);
                record.beside.audit.push(Draft::new(at(second), AuditEvent::OrderSettled));
                Ok(())
            });
            match journal.change(&text(name), None, Durability::AtOnce, change).await {
                Ok(_) => "changed".into(),
                Err(error) => error.code().into(),
            }
        }
        Act::Kept { name } => debug(journal.kept(&text(name)).await),
        Act::Look { name, second } => {
            let entry = Draft::new(at(second), AuditEvent::CardRevealed).about(&text(name), Some("owner"));
            debug(journal.permit_look(entry).await)
        }
        Act::Purge { older_than, limit } => {
            let purge = Purge { older_than: at(older_than), now: at(30), act: by_somebody(), limit };
            debug(journal.purge_cards(purge).await)
        }
        Act::Stale { key, limit } => {
            let stale = journal.stale_fields(text(key), None, limit).await;
            debug(stale.map(|stale| stale.into_iter().map(|one| (one.r#ref, one.field)).collect::<Vec<_>>()))
        }
        Act::Reseal { key, limit } => reseal(journal, key, limit).await,
        Act::Entries { after, limit } => debug(journal.entries(after, limit).await),
        Act::Enqueue { id, name, second } => {
            debug(journal.enqueue_delivery(delivery(id, name, second), by_somebody()).await)
        }
        Act::ClaimDeliveries { worker, now, until, limit } => {
            let channels = vec!["sms", "email"];
            let claim =
                DeliveryClaim { channels, worker: text(worker), now: at(now), until: at(until), limit };
            debug(journal.claim_deliveries(claim).await)
        }
        Act::Note { id, worker, fence, outcome } => {
            let holder = Holder { worker: text(worker), fence };
            let note = DeliveryNote { id: format!("d{id}"), holder, now: at(25), outcome };
            debug(journal.note_delivery(note).await)
        }
        Act::Delivery { id } => debug(journal.delivery(&format!("d{id}")).await),
        Act::Deliveries { name } => debug(journal.deliveries(&text(name)).await),
        Act::NextDelivery => debug(journal.next_delivery(vec!["sms"]).await),
    }
}

async fn reseal(journal: &dyn Journal, key: u8, limit: usize) -> String {
    let Ok(stale) = journal.stale_fields(text(key), None, limit).await else { return "unreadable".into() };
    let fields = stale.into_iter().enumerate();
    let resealed = fields.map(|(place, stale)| {
        let before = if place % 2 == 0 { stale.field.sealed } else { vec![99] };
        Resealed { position: stale.position, before, key: text(key), sealed: vec![key; 4] }
    });
    let entry = Draft::new(at(9), AuditEvent::CardsRekeyed).saying(text(key));
    debug(journal.replace_sealed(resealed.collect(), entry).await)
}

fn act() -> impl Strategy<Value = Act> {
    let (name, key, id, worker) = (0u8..4, 0u8..3, 0u8..3, 0u8..2);
    let second = 0u64..20;
    // Now and then about as far ahead as only a wrong clock puts things off.
    let ahead = prop_oneof![4 => 0u64..20, 1 => 21_595u64..21_625];
    let outcome = prop_oneof![
        prop::option::of(Just("receipt".to_owned())).prop_map(|receipt| DeliveryOutcome::Sent { receipt }),
        ahead
            .clone()
            .prop_map(|second| DeliveryOutcome::Partly { receipt: "part".into(), until: at(second) }),
        ahead.clone().prop_map(|second| DeliveryOutcome::Retry { at: at(second), error: "busy".into() }),
        Just(DeliveryOutcome::Failed { error: "barred".into() }),
    ];
    prop_oneof![
        2 => name.clone().prop_map(|name| Act::Enter { name }),
        3 => (name.clone(), key.clone(), 0u32..3, second.clone())
            .prop_map(|(name, key, cards, second)| Act::Seal { name, key, cards, second }),
        1 => name.clone().prop_map(|name| Act::Kept { name }),
        2 => (name.clone(), second.clone()).prop_map(|(name, second)| Act::Look { name, second }),
        1 => (second.clone(), 0usize..3).prop_map(|(older_than, limit)| Act::Purge { older_than, limit }),
        1 => (key.clone(), 0usize..5).prop_map(|(key, limit)| Act::Stale { key, limit }),
        1 => (key, 0usize..5).prop_map(|(key, limit)| Act::Reseal { key, limit }),
        1 => (0u64..10, 0usize..10).prop_map(|(after, limit)| Act::Entries { after, limit }),
        2 => (id.clone(), name.clone(), second.clone())
            .prop_map(|(id, name, second)| Act::Enqueue { id, name, second }),
        2 => (worker.clone(), second, ahead, 0usize..3)
            .prop_map(|(worker, now, until, limit)| Act::ClaimDeliveries { worker, now, until, limit }),
        3 => (id.clone(), worker, 0u64..4, outcome)
            .prop_map(|(id, worker, fence, outcome)| Act::Note { id, worker, fence, outcome }),
        1 => id.prop_map(|id| Act::Delivery { id }),
        1 => name.prop_map(|name| Act::Deliveries { name }),
        1 => Just(Act::NextDelivery),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_kept_beside_orders_is_the_same_in_a_file_as_in_memory(acts in prop::collection::vec(act(), 1..80)) {
        let folder = Folder::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (memory, file) = (MemoryJournal::default(), open(&folder.journal()));
        for act in &acts {
            let expected = runtime.block_on(play(&memory, act));
            prop_assert_eq!(runtime.block_on(play(&file, act)), expected, "{:?}", act);
        }
    }
}

every_store! {
    async fn codes_that_a_delivery_waits_for_are_spared_and_no_others(journal) {
        let acts = [
            Act::Enter { name: 0 },
            Act::Enter { name: 1 },
            Act::Seal { name: 0, key: 0, cards: 1, second: 0 },
            Act::Seal { name: 1, key: 0, cards: 1, second: 0 },
            Act::Enqueue { id: 0, name: 0, second: 0 },
            Act::Look { name: 0, second: 1 },
            Act::Look { name: 1, second: 1 },
        ];
        for act in acts {
            play(journal, &act).await;
        }
        let purged = play(journal, &Act::Purge { older_than: 5, limit: 9 }).await;
        assert_eq!(purged, r#"[Purged { ref: "n1", cards: 1 }]"#);
    }

    async fn a_delivery_that_a_clock_that_was_ahead_put_off_is_due(journal) {
        const DAY: u64 = 86_400;
        let four_hours = 4 * 3600;
        let claim = |worker: &str, now: u64, until: u64| DeliveryClaim {
            channels: vec!["sms", "email"],
            worker: worker.into(),
            now: at(now),
            until: at(until),
            limit: 9,
        };
        let ids = |claimed: Vec<Delivery>| claimed.into_iter().map(|one| one.id).collect::<Vec<_>>();
        let later = |id: &str, second: u64| Delivery { id: id.into(), ..delivery(0, 0, second) };
        play(journal, &Act::Enter { name: 0 }).await;
        for (id, second) in [("late", DAY), ("paused", four_hours), ("due", 0)] {
            journal.enqueue_delivery(later(id, second), by_somebody()).await.expect("queued");
        }
        let first = journal.claim_deliveries(claim("a", 0, 10)).await.expect("claimed");
        assert_eq!(ids(first), ["due", "late"], "what is really due goes first, four hours are a pause");
        // A worker whose lease is an ordinary one keeps it; one whose clock was ahead does not.
        assert_eq!(ids(journal.claim_deliveries(claim("b", 9, DAY)).await.expect("claimed")), [""; 0]);
        assert_eq!(ids(journal.claim_deliveries(claim("b", 10, DAY)).await.expect("claimed")), ["late", "due"]);
        assert_eq!(ids(journal.claim_deliveries(claim("c", 11, 20)).await.expect("claimed")), ["late", "due"]);
    }

    async fn a_delivery_whose_channel_is_gone_is_given_up_by_anybody_after_a_week(journal) {
        const WEEK: u64 = 7 * 86_400;
        play(journal, &Act::Enter { name: 0 }).await;
        journal.enqueue_delivery(delivery(0, 0, 0), by_somebody()).await.expect("queued");
        let claim = |now: u64| DeliveryClaim {
            channels: vec!["email"],
            worker: "a".into(),
            now: at(now),
            until: at(now + 10),
            limit: 9,
        };
        assert!(journal.claim_deliveries(claim(WEEK)).await.expect("claimed").is_empty());
        assert_eq!(journal.claim_deliveries(claim(WEEK + 1)).await.expect("claimed").len(), 1);
    }

    async fn more_cards_take_the_place_of_fewer_and_none_that_of_destroyed_ones(journal) {
        let seal = |key: u8, cards: u32| Act::Seal { name: 0, key, cards, second: 0 };
        play(journal, &Act::Enter { name: 0 }).await;
        for (key, cards, kept) in [(1, 1, (1, 2)), (2, 3, (2, 6)), (0, 2, (2, 6)), (0, 3, (2, 6))] {
            play(journal, &seal(key, cards)).await;
            let fields = journal.kept("n0").await.expect("read").expect("kept").fields;
            assert!(fields.iter().all(|field| field.key == text(kept.0)), "{fields:?}");
            assert_eq!(fields.len(), kept.1);
        }
        play(journal, &Act::Look { name: 0, second: 1 }).await;
        assert_eq!(
            play(journal, &Act::Purge { older_than: 5, limit: 9 }).await,
            r#"[Purged { ref: "n0", cards: 3 }]"#
        );
        play(journal, &seal(1, 9)).await;
        assert_eq!(journal.kept("n0").await.expect("read").expect("kept").fields, []);
    }
}
