//! The audit log of a shop's day: complete, chained, and as its paper says.

use std::collections::HashSet;
use std::path::Path;

use oneclickdz::{AuditEvent, OrderState};
use oneclickdz_sandbox::{Fault, FaultPlan, FaultRule, Options, Sandbox};
use oneclickdz_tests::harness::{Stage, topup, vault_key};
use oneclickdz_tests::money::clock::Pace;
use oneclickdz_tests::money::orders::{Goods, Intended};
use oneclickdz_tests::money::process::Process;
use oneclickdz_tests::money::worker::{Task, Until};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::shared::{MINUTES, audit, buy_adsl_with, client, reveal};

#[tokio::test]
async fn sends_ends_looks_and_decisions_are_entries() {
    let stage = Stage::set().await;
    let mobile = topup("m-1").owner("user-1");
    stage.client.mobile().send(mobile).await.expect("sent").wait(MINUTES).await.expect("settled");
    buy_adsl_with(&stage.client, "a-1", None).await;
    reveal(&stage.client, "a-1").await.expect("revealed");
    // The outcome of the third is never found out, so that a person has to decide.
    stage
        .control
        .set_faults(FaultPlan { seed: 1, rules: vec![FaultRule::new("mobile.send", Fault::Error500Before)] });
    let lost = stage.client.mobile().send(topup("m-2")).await.expect("uncertain");
    lost.wait(MINUTES * 12 * 30).await.expect_err("never found out");
    assert_eq!(lost.refresh().await.expect("on record").state, OrderState::NeedsReview);
    stage
        .client
        .orders()
        .resolve("m-2", OrderState::Refused, "amina", "asked the service")
        .await
        .expect("decided");

    let entries = audit(&stage.client).await;
    let told = |r#ref: &str| {
        let of_order = entries.iter().filter(|entry| entry.r#ref.as_deref() == Some(r#ref));
        of_order.map(|entry| (entry.event, entry.detail.as_deref())).collect::<Vec<_>>()
    };
    let (sent, settled) = (AuditEvent::OrderSent, AuditEvent::OrderSettled);
    assert_eq!(told("m-1"), [(sent, None), (settled, Some("fulfilled"))]);
    assert_eq!(told("a-1"), [(sent, None), (settled, Some("fulfilled")), (AuditEvent::CardRevealed, None)]);
    assert_eq!(told("m-2"), [(sent, None), (AuditEvent::OrderDecided, Some("refused"))]);
    assert_eq!(entries[0].owner.as_deref(), Some("user-1"));
    let decided = entries.last().expect("the decision");
    assert_eq!(
        (decided.actor.as_deref(), decided.reason.as_deref()),
        (Some("amina"), Some("asked the service"))
    );
    let report = stage.client.audit().verify().await.expect("a report");
    assert!(report.is_intact);
    assert_eq!(report.entries as usize, entries.len());
}

/// The hash of a line from docs/audit-log.md alone.
fn hash_of(line: &serde_json::Value, previous: [u8; 32]) -> [u8; 32] {
    let at = line["at"].as_str().expect("at").parse::<chrono::DateTime<chrono::Utc>>().expect("an instant");
    let mut bytes = b"oneclickdz audit 1\0".to_vec();
    bytes.extend(previous);
    bytes.extend(line["number"].as_u64().expect("a number").to_be_bytes());
    bytes.extend(at.timestamp_nanos_opt().expect("this age").to_be_bytes());
    for name in ["event", "ref", "owner", "actor", "method", "address", "agent", "reason", "detail"] {
        match line.get(name).map(|text| text.as_str().expect("a text")) {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend((text.len() as u64).to_be_bytes());
                bytes.extend(text.as_bytes());
            }
        }
    }
    Sha256::digest(&bytes).into()
}

#[tokio::test]
async fn the_export_can_be_checked_without_the_engine() {
    let stage = Stage::set().await;
    for n in 0..3 {
        buy_adsl_with(&stage.client, &format!("a-{n}"), Some("user \"7\"")).await;
    }
    let mut file = Vec::new();
    let count = stage.client.audit().export(&mut file).await.expect("exported");
    let mut previous = [0; 32];
    let text = String::from_utf8(file).expect("text");
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        previous = hash_of(&line, previous);
        let hex = previous.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(line["hash"], hex.as_str());
    }
    assert_eq!((text.lines().count(), count), (7, 7), "two for each order, one for the key");
}

#[tokio::test]
async fn the_log_refuses_changes_and_shows_those_that_were_forced() {
    let stage = Stage::set().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("orders.db");
    let client = client(&stage, &path).vault_key(vault_key()).build().expect("a client");
    buy_adsl_with(&client, "a-1", None).await;
    reveal(&client, "a-1").await.expect("revealed");
    let head = client.audit().verify().await.expect("a report").head.expect("a head");
    let meddle = |sql: &str| Connection::open(&path).expect("the file").execute_batch(sql);
    for change in ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit WHERE event = 'card_revealed'"] {
        let refused = meddle(change).expect_err("refused").to_string();
        assert!(refused.contains("the audit log is never"), "{refused}");
    }
    assert!(client.audit().verify_against(&head).await.expect("a report").is_intact);

    meddle("DROP TRIGGER audit_is_never_cut; DELETE FROM audit WHERE event = 'card_revealed'")
        .expect("forced");
    assert!(client.audit().verify().await.expect("a report").is_intact, "the chain alone cannot tell");
    let cut = client.audit().verify_against(&head).await.expect("a report");
    assert_eq!((cut.is_intact, cut.broken_at.as_deref()), (false, Some("4")));
    meddle("DROP TRIGGER audit_is_never_changed; UPDATE audit SET ref = 'a-2' WHERE number = 2")
        .expect("forced");
    let changed = client.audit().verify().await.expect("a report");
    assert_eq!((changed.is_intact, changed.broken_at.as_deref()), (false, Some("2")));
    // A hash that is none, in the middle and at the end: the log goes on, and is told to be broken.
    meddle("UPDATE audit SET hash = x'00' WHERE number >= 2").expect("forced");
    reveal(&client, "a-1").await.expect("revealed");
    let changed = client.audit().verify().await.expect("a report");
    assert_eq!((changed.is_intact, changed.broken_at.as_deref()), (false, Some("2")));
    assert!(client.audit().verify_against("no head").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_write_one_chain() {
    const PROCESSES: usize = 8;
    const EACH: usize = 25;
    let speed = 100;
    let options = Options { speed: f64::from(speed), balance: 10_000_000.into(), ..Options::default() };
    let sandbox = Sandbox::start(options).await;
    let folder = tempfile::tempdir().expect("a folder");
    let journal = folder.path().join("journal.db");
    let pace = Pace::from_now(sandbox.control().now(), speed);
    let task = |worker: usize| {
        let goods = |n: usize| match n % 2 {
            0 => Goods::Mobile { plan: "PREPAID_DJEZZY".into(), number: "0778037340".into(), amount: 500 },
            _ => Goods::Internet { is_4g: false, number: "036362608".into(), value: 1000 },
        };
        let named = |n| Intended { r#ref: format!("order-{worker}-{n}"), goods: goods(n) };
        let name = format!("worker-{worker}");
        let (url, orders) = (sandbox.url().to_owned(), (0..EACH).map(named).collect());
        Task { name, journal: journal.clone(), url, pace, callers: 16, until: Until::Settled, orders }
    };
    let program = Path::new(env!("CARGO_BIN_EXE_money"));
    let mut workers: Vec<Process> =
        (0..PROCESSES).map(|worker| Process::start(program, &task(worker)).expect("a worker")).collect();
    for worker in &mut workers {
        super::memory::wait_for("a worker's end", async || worker.ended().expect("a status").is_some()).await;
        assert!(worker.ended().expect("a status").is_some_and(|status| status.success()));
    }
    let client = task(0).client().watches(false).build().expect("a client");
    let report = client.audit().verify().await.expect("a report");
    assert!(report.is_intact, "{report:?}");
    let entries = audit(&client).await;
    let of = |event| entries.iter().filter(move |entry| entry.event == event);
    // On a slow machine a request may run into its time limit and be made again, under the same reference.
    let sent = of(AuditEvent::OrderSent).map(|entry| entry.r#ref.clone()).collect::<HashSet<_>>();
    assert_eq!(sent.len(), PROCESSES * EACH);
    assert_eq!(of(AuditEvent::OrderSettled).count(), PROCESSES * EACH);
    for worker in 0..PROCESSES {
        reveal_owned(&client, worker).await;
    }
}

async fn reveal_owned(client: &oneclickdz::Client, worker: usize) {
    let request =
        oneclickdz::RevealRequest::new(format!("order-{worker}-1")).owner(format!("worker-{worker}"));
    assert_eq!(client.cards().reveal(request).await.expect("revealed").len(), 1);
}
