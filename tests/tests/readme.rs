//! The README's program is the example of the same name, and it runs; the reference lists what the engine knows.

use std::fs;
use std::path::Path;
use std::process::Command;

use oneclickdz::{AuditEvent, ErrorKind, FindingKind, OrderState, Outcome, RetryAdvice};
use oneclickdz_sandbox::{Options, Sandbox};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).expect(path)
}

#[test]
fn the_program_of_the_readme_is_the_example() {
    let readme = read("README.md");
    let shown =
        readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a program");
    let example = read("core/examples/top_up.rs");
    let kept = example.find("use std::time").map(|at| &example[at..]).expect("a program");
    assert_eq!(shown, kept);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_of_the_readme_runs_against_the_sandbox() {
    let sandbox = Sandbox::start(Options { speed: 100.0, ..Options::default() }).await;
    let mut program = Command::new(oneclickdz_tests::harness::example("top_up"));
    let folder = tempfile::tempdir().expect("a folder");
    program.current_dir(folder.path());
    program.env("ONECLICKDZ_BASE_URL", sandbox.url()).env("ONECLICKDZ_API_KEY", "sandbox-key");
    let output =
        tokio::task::spawn_blocking(move || program.output()).await.expect("joined").expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("100000 DZD") && said.contains("fulfilled"), "{said}");
}

/// The first column of the table that is headed so.
fn words_under(reference: &str, head: &str) -> Vec<String> {
    let table = reference.split(&format!("| `{head}` | |\n|---|---|\n")).nth(1).expect(head);
    let rows = table.lines().take_while(|line| !line.is_empty());
    rows.map(|row| row.split('`').nth(1).expect("a word").to_owned()).collect()
}

#[test]
fn the_reference_has_every_word_that_the_engine_knows() {
    let reference = read("docs/reference.md");
    macro_rules! same { ($($head:literal: $words:ty;)+) => { $(
        let known: Vec<_> = <$words>::ALL.iter().map(|word| word.as_str()).collect();
        assert_eq!(words_under(&reference, $head), known);
    )+ } }
    same! {
        "kind": ErrorKind;
        "outcome": Outcome;
        "advice": RetryAdvice;
        "state": OrderState;
        "finding": FindingKind;
        "event": AuditEvent;
    }
}
