//! Records, leases, lists and the history, one rule at a time.

use proptest::prelude::*;

use super::*;
use crate::error::Error;
use crate::journal::{Beside, Claim, Durability, Filter, Lease, Release};
use crate::models::{InternetType, Order, Service, SuggestedOffer};
use crate::money::Dzd;

fn claim(worker: &str, now: u64, until: u64) -> Claim {
    Claim { worker: worker.into(), now: at(now), due_by: at(now), until: at(until), limit: 100 }
}

async fn changed(
    journal: &dyn Journal,
    r#ref: &str,
    change: impl FnOnce(&mut Record) + Send + 'static,
) -> Changed {
    let change = |record: &mut Record| {
        change(record);
        Ok(())
    };
    journal.change(r#ref, None, Durability::AtOnce, Box::new(change)).await.expect("changed")
}

every_store! {
    async fn only_the_newest_holder_may_change(journal) {
        entered(journal, due("order-1", 0)).await;
        let first = journal.claim_due(claim("a", 0, 10)).await.expect("claimed");
        assert_eq!(first[0].lease, Some(Lease { holder: holder("a", 1), until: at(10) }));
        assert!(journal.claim_due(claim("b", 9, 20)).await.expect("claimed").is_empty(), "held by a");
        let second = journal.claim_due(claim("b", 10, 20)).await.expect("claimed");
        assert_eq!(second[0].lease.as_ref().expect("a lease").holder, holder("b", 2));
        let to = |holder| moved(journal, "order-1", holder, OrderState::Sending);
        assert!(matches!(to(Some(holder("a", 1))).await, Ok(Changed::LeaseLost)));
        assert!(matches!(to(Some(holder("a", 2))).await, Ok(Changed::LeaseLost)), "another's fence");
        assert!(matches!(to(Some(holder("b", 2))).await, Ok(Changed::Done(_))));
        assert!(matches!(moved(journal, "order-1", None, OrderState::Accepted).await, Ok(Changed::Done(_))));
    }

    async fn a_release_of_a_lost_lease_changes_nothing(journal) {
        entered(journal, due("order-1", 0)).await;
        journal.claim_due(claim("a", 0, 10)).await.expect("claimed");
        journal.claim_due(claim("b", 10, 20)).await.expect("claimed");
        let release = |worker, fence, next| {
            let next_check_at = Some(at(next));
            journal.release(vec![Release {
                r#ref: "order-1".into(),
                holder: holder(worker, fence),
                next_check_at,
            }])
        };
        release("a", 1, 100).await.expect("ignored");
        assert_eq!(journal.next_due().await.expect("due"), Some(at(20)));
        release("b", 2, 30).await.expect("released");
        assert_eq!(journal.next_due().await.expect("due"), Some(at(30)));
        let lost = moved(journal, "order-1", Some(holder("b", 2)), OrderState::Sending).await;
        assert!(matches!(lost, Ok(Changed::LeaseLost)), "given back is given back");
    }

    async fn settled_orders_and_those_without_a_next_check_are_not_due(journal) {
        entered(journal, due("order-1", 0)).await;
        entered(journal, record("order-2")).await;
        moved(journal, "order-1", None, OrderState::Refused).await.expect("changed");
        assert!(journal.claim_due(claim("a", 99, 100)).await.expect("claimed").is_empty());
        assert_eq!(journal.next_due().await.expect("due"), None);
    }

    async fn one_slot_is_held_by_one_order(journal) {
        for name in ["order-1", "order-2"] {
            entered(journal, record(name)).await;
        }
        let take = |name: &'static str| changed(journal, name, |record| record.slot = Some("card-10".into()));
        assert!(matches!(take("order-1").await, Changed::Done(_)));
        assert!(matches!(take("order-1").await, Changed::Done(_)), "its own is no obstacle");
        assert!(matches!(take("order-2").await, Changed::SlotTaken));
        assert_eq!(journal.get("order-2").await.expect("read"), Some(record("order-2")));
        changed(journal, "order-1", |record| record.slot = None).await;
        assert!(matches!(take("order-2").await, Changed::Done(_)));
        let mut late = record("order-3");
        late.slot = Some("card-10".into());
        assert!(journal.enter(late, None).await.is_err());
    }

    async fn an_intent_and_its_departure_are_one_write_and_two_steps(journal) {
        let leave = |slot: &'static str| {
            let departure = move |record: &mut Record| {
                record.order.state = OrderState::Sending;
                record.slot = Some(slot.into());
                Ok(())
            };
            Some(Box::new(departure) as Change)
        };
        let enter = async |name: &str, departure| match journal.enter(record(name), departure).await {
            Ok(Entry::New(record)) => record.order.state,
            other => panic!("{}", other.is_ok()),
        };
        let states = async |name: &str| {
            let history = journal.history(name).await.expect("read");
            history.into_iter().map(|step| (step.from, step.order.state)).collect::<Vec<_>>()
        };
        let (recorded, sending) = (OrderState::Recorded, OrderState::Sending);
        assert_eq!(enter("order-1", leave("card-10")).await, sending);
        assert_eq!(states("order-1").await, [(None, recorded), (Some(recorded), sending)]);
        assert_eq!(enter("order-2", leave("card-10")).await, recorded, "its slot is taken");
        assert_eq!(states("order-2").await, [(None, recorded)]);
        assert_eq!(journal.get("order-2").await.expect("read"), Some(record("order-2")));
        let again = journal.enter(record("order-1"), leave("card-20")).await.expect("known");
        assert!(matches!(again, Entry::Known(known) if known.slot.as_deref() == Some("card-10")));
        let fails: Change = Box::new(|_| Err(Error::closed("orders.test")));
        assert!(journal.enter(record("order-3"), Some(fails)).await.is_err());
        assert_eq!(journal.get("order-3").await.expect("read"), None, "what failed left nothing behind");
    }

    async fn a_claim_ahead_of_time_leaves_what_another_holds(journal) {
        entered(journal, due("order-1", 5)).await;
        entered(journal, due("order-2", 6)).await;
        let ahead = |worker: &str, now, due_by| Claim { due_by: at(due_by), ..claim(worker, now, now + 10) };
        assert_eq!(refs(&journal.claim_due(ahead("a", 0, 5)).await.expect("claimed")), ["order-1"]);
        assert_eq!(refs(&journal.claim_due(ahead("b", 0, 60)).await.expect("claimed")), ["order-2"]);
    }

    async fn what_a_clock_that_was_ahead_put_off_is_due(journal) {
        const DAY: u64 = 86_400;
        let an_hour = 3600;
        entered(journal, due("order-1", DAY)).await;
        entered(journal, due("order-2", an_hour)).await;
        // Its worker died in mid-send.
        let lease = Some(Lease { holder: holder("dead", 1), until: at(DAY + 1) });
        entered(journal, Record { lease, fence: 1, ..due("order-3", 0) }).await;
        entered(journal, due("order-4", 0)).await;
        let few = Claim { limit: 2, ..claim("a", 0, 10) };
        let claimed = journal.claim_due(few).await.expect("claimed");
        assert_eq!(refs(&claimed), ["order-4", "order-1"], "what is really due goes first");
        assert_eq!(claimed[1].order.next_check_at, Some(at(0)), "given back untouched it stays due");
        let claimed = journal.claim_due(claim("b", 0, 10)).await.expect("claimed");
        assert_eq!(refs(&claimed), ["order-3"], "an hour is an ordinary pause");
        assert_eq!(claimed[0].lease.as_ref().expect("a lease").holder, holder("b", 2));
        // A worker whose lease is an ordinary one keeps it, whatever it has written down.
        changed(journal, "order-1", |record| record.order.next_check_at = Some(at(DAY))).await;
        assert!(journal.claim_due(claim("c", 9, 20)).await.expect("claimed").is_empty());
        let claimed = journal.claim_due(claim("c", 10, 20)).await.expect("claimed");
        assert_eq!(refs(&claimed), ["order-3", "order-4", "order-1"]);
    }

    async fn every_change_of_state_is_in_the_history(journal) {
        entered(journal, record("order-1")).await;
        entered(journal, record("order-2")).await;
        changed(journal, "order-1", |record| record.order.attempts = 1).await;
        moved(journal, "order-1", None, OrderState::Sending).await.expect("changed");
        moved(journal, "order-1", None, OrderState::Accepted).await.expect("changed");
        let history = journal.history("order-1").await.expect("read");
        let states: Vec<_> = history.iter().map(|step| (step.from, step.order.state)).collect();
        let (recorded, sending) = (OrderState::Recorded, OrderState::Sending);
        assert_eq!(states, [(None, recorded), (Some(recorded), sending), (Some(sending), OrderState::Accepted)]);
        let all = journal.steps(0, 100).await.expect("read");
        assert_eq!(all.len(), 4);
        assert_eq!(journal.steps(all[1].cursor, 1).await.expect("read"), all[2..3]);
        assert!(journal.history("order-9").await.expect("read").is_empty());
    }

    async fn an_unknown_reference_is_not_found(journal) {
        let missing = moved(journal, "order-1", None, OrderState::Sending).await.err().expect("missing");
        let page = Filter { after_ref: Some("order-1".into()), limit: 1, ..Filter::default() };
        let lost = journal.list(page).await.expect_err("missing");
        for error in [missing, lost] {
            assert_eq!((error.code(), error.order_ref()), ("not_found", Some("order-1")));
        }
    }
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(any::<String>())
}

fn time() -> impl Strategy<Value = Timestamp> {
    // Up to the year 2261.
    (0i64..9_200_000_000, 0u32..1_000_000_000)
        .prop_map(|(seconds, nanos)| chrono::DateTime::from_timestamp(seconds, nanos).expect("an instant"))
}

fn maybe_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of(time())
}

fn money() -> impl Strategy<Value = Option<Dzd>> {
    let decimal = (any::<i64>(), 0u32..9).prop_map(|(units, scale)| rust_decimal::Decimal::new(units, scale));
    prop::option::of(decimal.prop_map(Dzd::from))
}

fn offers() -> impl Strategy<Value = Vec<SuggestedOffer>> {
    let offer = (text(), text(), money()).prop_map(|(name, plan_code, amount)| SuggestedOffer {
        name,
        plan_code,
        amount,
    });
    prop::collection::vec(offer, 0..3)
}

fn intent() -> impl Strategy<Value = Intent> {
    prop_oneof![
        (any::<String>(), any::<String>(), any::<Option<i64>>())
            .prop_map(|(plan_code, number, amount)| Intent::Mobile { plan_code, number, amount }),
        (prop::sample::select(InternetType::ALL), any::<String>(), any::<i64>())
            .prop_map(|(r#type, number, value)| Intent::Internet { r#type, number, value }),
        (any::<String>(), any::<String>(), any::<u32>())
            .prop_map(|(product_id, type_id, quantity)| Intent::GiftCards { product_id, type_id, quantity }),
    ]
}

fn any_order() -> impl Strategy<Value = Order> {
    let texts = (any::<String>(), prop::array::uniform8(text()));
    let words = (prop::sample::select(Service::ALL), prop::sample::select(OrderState::ALL));
    let amounts = (prop::array::uniform3(money()), any::<[u32; 2]>(), offers());
    let times = (maybe_time(), time(), time());
    (texts, words, amounts, times).prop_map(|(texts, (service, state), amounts, times)| {
        let (r#ref, [owner, id, returned_ref, status, refund_message, decision, last_error, last_request_id]) =
            texts;
        let ([new_balance, charged, refunded], [card_count, attempts], suggested_offers) = amounts;
        let (next_check_at, created_at, updated_at) = times;
        Order {
            r#ref,
            service,
            state,
            owner,
            id,
            returned_ref,
            status,
            new_balance,
            charged,
            refunded,
            card_count,
            refund_message,
            suggested_offers,
            decision,
            attempts,
            last_error,
            last_request_id,
            next_check_at,
            created_at,
            updated_at,
        }
    })
}

fn any_record() -> impl Strategy<Value = Record> {
    let lease = prop::option::of((any::<String>(), 0..u64::MAX / 2, time()));
    let times = prop::array::uniform3(maybe_time());
    let rest = (any::<Option<i64>>(), text(), text(), any::<u32>(), any::<[bool; 2]>(), 0..u64::MAX / 2);
    (any_order(), intent(), lease, times, rest).prop_map(|(order, intent, lease, times, rest)| {
        let [send_before, sent_at, last_absence_at] = times;
        let (amount, slot, account, absences, [may_still_act, was_turned_away], fence) = rest;
        let lease = lease.map(|(worker, fence, until)| Lease { holder: Holder { worker, fence }, until });
        Record {
            order,
            intent,
            account: account.map(Arc::from),
            amount,
            send_before,
            sent_at,
            slot,
            absences,
            last_absence_at,
            may_still_act,
            was_turned_away,
            lease,
            fence,
            beside: Beside::default(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_record_comes_back_as_it_was(first in any_record(), second in any_record()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let folder = Folder::new();
        for journal in each(&folder) {
            let (first, mut second) = (first.clone(), second.clone());
            runtime.block_on(async {
                let r#ref = first.order.r#ref.clone();
                entered(&*journal, first.clone()).await;
                assert_eq!(journal.get(&r#ref).await.expect("read").as_ref(), Some(&first));
                assert_eq!(journal.history(&r#ref).await.expect("read")[0].order, first.order);
                second.order.r#ref = r#ref.clone();
                second.intent = first.intent.clone();
                (second.order.service, second.order.created_at) = (first.order.service, first.order.created_at);
                let replacement = second.clone();
                changed(&*journal, &r#ref, move |record| *record = replacement).await;
                assert_eq!(journal.get(&r#ref).await.expect("read"), Some(second));
            });
        }
    }
}
