use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_780_000_000 + seconds, 123_456_789).expect("an instant")
}

fn log(length: usize) -> Vec<Entry> {
    let mut head = Head::NONE;
    let mut log = Vec::new();
    for number in 0..length {
        let act =
            Act { actor: Some(format!("clerk-{number}")), reason: Some("asked".into()), ..Act::default() };
        let draft =
            Draft::new(at(number as i64), AuditEvent::CardRevealed).about("order-1", Some("user-7")).by(act);
        log.push(draft.saying("two cards").after(head));
        head = log[number].head();
    }
    log
}

fn verified(log: &[Entry], expected: Option<Head>) -> AuditReport {
    let mut verifier = Verifier::new(expected);
    let _ = log.iter().all(|entry| verifier.take(entry));
    verifier.report()
}

#[test]
fn a_log_as_written_is_intact() {
    let log = log(5);
    let report = verified(&log, None);
    assert!(report.is_intact);
    assert_eq!((report.entries, report.broken_at), (5, None));
    let head = Head::parse(&report.head.expect("a head")).expect("a head");
    assert_eq!(head, log[4].head());
    assert!(verified(&log, Some(head)).is_intact);
    assert!(verified(&[], None).is_intact);
}

#[test]
fn the_first_hash_is_what_the_paper_says() {
    // Computed by Python's hashlib from docs/audit-log.md alone.
    assert_eq!(hex(&log(1)[0].hash), include_str!("golden.txt").trim());
}

#[test]
fn what_was_done_to_it_shows_and_where() {
    let log = log(6);
    let broken = |log: &[Entry]| verified(log, None).broken_at;
    for victim in 0..5 {
        let without = [&log[..victim], &log[victim + 1..]].concat();
        assert_eq!(broken(&without), Some((victim + 1).to_string()), "taken out");
        let mut swapped = log.clone();
        swapped.swap(victim, victim + 1);
        assert_eq!(broken(&swapped), Some((victim + 1).to_string()), "swapped");
        let mut rewritten = log.clone();
        rewritten[victim] = Draft::new(at(0), AuditEvent::OrderSent).after(if victim == 0 {
            Head::NONE
        } else {
            log[victim - 1].head()
        });
        assert_eq!(broken(&rewritten), Some((victim + 2).to_string()), "written anew with a right hash");
    }
}

#[test]
fn a_cut_end_shows_to_who_kept_the_head() {
    let whole = log(6);
    let head = Some(whole[5].head());
    assert!(verified(&whole[..4], None).is_intact, "the chain alone cannot tell");
    let report = verified(&whole[..4], head);
    assert_eq!((report.is_intact, report.broken_at.as_deref()), (false, Some("5")));
    let mut anew = whole.clone();
    anew[5].detail = None;
    anew[5].hash = anew[5].linked_to(&whole[4].hash);
    assert_eq!(verified(&anew, head).broken_at.as_deref(), Some("6"));
}

#[test]
fn a_line_holds_all_that_the_hash_covers() {
    let mut entry = log(1).remove(0);
    entry.act.agent = Some("a \"quoted\"\n agent".into());
    let line = entry.told().expect("a known event").to_json_line();
    let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert!(!line.contains('\n'));
    assert_eq!(read["agent"], "a \"quoted\"\n agent");
    assert_eq!((&read["number"], &read["event"]), (&1.into(), &"card_revealed".into()));
    assert_eq!(read["at"], "2026-05-28T20:26:40.123456789Z");
    assert!(read.get("address").is_none());
}

proptest! {
    #[test]
    fn no_two_entries_give_the_same_bytes(
        one in prop::array::uniform4(prop::option::of("[ab]{0,2}")),
        other in prop::array::uniform4(prop::option::of("[ab]{0,2}")),
    ) {
        prop_assume!(one != other);
        let hash = |[actor, method, reason, detail]: [Option<String>; 4]| {
            let act = Act { actor, method, reason, ..Act::default() };
            Draft { detail, ..Draft::new(at(0), AuditEvent::OrderSent).by(act) }.after(Head::NONE).hash
        };
        prop_assert_ne!(hash(one), hash(other));
    }
}
