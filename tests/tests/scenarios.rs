//! Every scenario of `tests/scenarios`, against the real sandbox, by the Rust driver.

use std::collections::{BTreeMap, BTreeSet};

use oneclickdz::ErrorKind;
use oneclickdz_tests::scenario::{Scenario, Service, all, folder, play};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_holds() {
    let service = Service::start();
    let scenarios = all();
    assert!(scenarios.len() > 40, "only {} scenarios were found", scenarios.len());
    let mut broken = Vec::new();
    for scenario in &scenarios {
        broken.extend(play(scenario, &service).await.err());
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_kind_of_error_is_forced_or_said_why_not() {
    let forced: BTreeSet<String> = all().iter().flat_map(codes).collect();
    let text = std::fs::read_to_string(folder().join("unforced_errors.json")).expect("the exceptions");
    let excused: BTreeMap<String, String> = serde_json::from_str(&text).expect("the exceptions");
    for kind in ErrorKind::ALL {
        let is_forced = forced.contains(kind.as_str());
        let is_excused = excused.contains_key(kind.as_str());
        assert!(is_forced || is_excused, "no scenario forces `{kind}`");
        assert!(!(is_forced && is_excused), "`{kind}` is forced: take it out of unforced_errors.json");
    }
    for word in forced.iter().chain(excused.keys()) {
        assert!(ErrorKind::from_word(word).is_some(), "`{word}` is no kind of error");
    }
}

fn codes(scenario: &Scenario) -> Vec<String> {
    let expected = scenario.steps.iter().filter_map(|step| step.expect.as_ref()?.get("error")?.get("code"));
    expected.map(|code| code.as_str().expect("a word").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scenario_that_does_not_hold_is_noticed() {
    let service = Service::start();
    let wrong = [
        (r#"{"do": "account.balance", "expect": {"amount": "1"}}"#, "amount"),
        (r#"{"do": "account.balance", "expect": {"error": {"code": "closed"}}}"#, "closed"),
        (r#"{"do": "orders.get", "with": {"ref": "none"}}"#, "not_found"),
        (r#"{"do": "orders.list", "expect": [{}]}"#, "[]"),
        (r#"{"control": "GET ledger", "expect": {"requests": {"ping": 1}}}"#, "ping"),
    ];
    for (step, word) in wrong {
        let text = format!(r#"{{"name": "wrong", "about": "", "steps": [{step}]}}"#);
        let scenario: Scenario = serde_json::from_str(&text).expect("a scenario");
        let told = play(&scenario, &service).await.expect_err("a difference");
        assert!(told.contains(word), "{told}");
    }
}
