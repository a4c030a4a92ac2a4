//! `make live-check` against the sandbox: what it reports of each dialect, and which keys it refuses.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use oneclickdz_sandbox::{
    BLOCKED_KEY, CheckRef, Control, Dialect, Environment, Fault, FaultPlan, FaultRule, FixedAmount,
    FourGWord, InternetListKey, MobileKeys, MobileWords, Options, PRODUCTION_KEY, PathSpelling, Presence,
    ProductsBody, READ_ONLY_KEY, RequestId, SANDBOX_KEY, Sandbox, TopupRef,
};

/// Fast enough that nobody waits, slow enough that `UNKNOWN_ERROR` does not settle meanwhile (12 hours),
/// and that a slow machine's run does not take the sandbox's clock half an hour from its own, which the
/// program would tell as `order-times` that do not hold: at 15 times, a run has two minutes for that.
const SPEED: f64 = 15.0;

const HELD: &str = "held";
const BROKEN: &str = "did not hold";
const UNCHECKED: &str = "could not be checked";

/// What a run said.
struct Run {
    exit: Option<i32>,
    text: String,
    /// By the check's name: number, verdict, and the whole line.
    lines: BTreeMap<String, (String, &'static str, String)>,
}

impl Run {
    fn verdict(&self, name: &str) -> &'static str {
        self.lines.get(name).unwrap_or_else(|| panic!("no line for {name} in\n{}", self.text)).1
    }

    fn line(&self, name: &str) -> &str {
        &self.lines[name].2
    }

    fn names(&self, verdict: &str) -> Vec<&str> {
        self.lines.iter().filter(|(_, line)| line.1 == verdict).map(|(name, _)| name.as_str()).collect()
    }

    /// Exactly these checks did not hold, everything else held, and the exit code says so.
    #[track_caller]
    fn broke_only(&self, names: &[&str]) {
        assert_eq!(self.names(BROKEN), names, "{}", self.text);
        assert_eq!(self.names(UNCHECKED), [""; 0], "{}", self.text);
        assert_eq!(self.exit, Some(i32::from(!names.is_empty())), "{}", self.text);
    }
}

/// The program. `cargo test --workspace` has built it by now; asking again costs a second, and a stale one would test
/// something else.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        // This test runs as target/<profile>/deps/live_check-<hash>.
        let test = std::env::current_exe().expect("the test's own path");
        let profile = test.parent().and_then(Path::parent).expect("target/<profile>");
        let name = match profile.file_name().and_then(OsStr::to_str).expect("a profile") {
            "debug" => "dev",
            name => name,
        };
        let mut cargo = Command::new(env!("CARGO"));
        // What cargo tells a test of its package would make some build scripts (ring's) run again, here and outside.
        for (name, _) in std::env::vars_os() {
            if name
                .to_str()
                .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
            {
                cargo.env_remove(&name);
            }
        }
        let built = cargo
            .args([
                "build",
                "--quiet",
                "--locked",
                "--workspace",
                "--example",
                "live_check",
                "--profile",
                name,
            ])
            .arg("--target-dir")
            .arg(profile.parent().expect("target"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the example does not build");
        profile.join("examples").join(format!("live_check{}", std::env::consts::EXE_SUFFIX))
    };
    PROGRAM.get_or_init(build).clone()
}

async fn run_with(set: impl FnOnce(&mut Command) + Send + 'static) -> Output {
    let work = move || {
        let mut command = Command::new(program());
        command
            .env_remove("ONECLICKDZ_API_KEY")
            .env_remove("ONECLICKDZ_BASE_URL")
            .env_remove("LIVE_CHECK_STRICT");
        set(&mut command);
        command.output().expect("the program runs")
    };
    tokio::task::spawn_blocking(work).await.expect("it ends")
}

/// What it says, with the secrets that it must not say.
fn read(output: Output) -> Run {
    let text = String::from_utf8(output.stdout).expect("text") + &String::from_utf8_lossy(&output.stderr);
    for key in [SANDBOX_KEY, PRODUCTION_KEY, READ_ONLY_KEY, BLOCKED_KEY] {
        assert!(!text.contains(key), "a key is printed:\n{text}");
    }
    assert!(!text.contains("SANDBOX-"), "a gift card is printed:\n{text}");
    let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    assert!(longest < 16, "perhaps a card code is printed:\n{text}");
    assert!(!text.contains("+213"), "the account's name is printed:\n{text}");
    let mut lines = BTreeMap::new();
    for line in text.lines() {
        let Some(verdict) = [HELD, BROKEN, UNCHECKED].into_iter().find(|verdict| line.starts_with(verdict))
        else {
            continue;
        };
        let (id, rest) = line[verdict.len()..].trim_start().split_once(' ').expect("a number");
        let (name, _) = rest.split_once(':').expect("a name");
        let twice = lines.insert(name.to_owned(), (id.to_owned(), verdict, line.to_owned()));
        assert!(twice.is_none(), "{name} is told twice:\n{text}");
    }
    Run { exit: output.status.code(), text, lines }
}

async fn sandbox(dialect: Dialect, faults: FaultPlan) -> Sandbox {
    Sandbox::start(Options { speed: SPEED, dialect, faults, ..Options::default() }).await
}

async fn check(sandbox: &Sandbox, key: &'static str) -> Run {
    let url = sandbox.url().to_owned();
    read(
        run_with(move |command| _ = command.env("ONECLICKDZ_BASE_URL", url).env("ONECLICKDZ_API_KEY", key))
            .await,
    )
}

async fn checked(dialect: Dialect, faults: FaultPlan) -> Run {
    check(&sandbox(dialect, faults).await, SANDBOX_KEY).await
}

async fn spoken(dialect: Dialect) -> Run {
    checked(dialect, FaultPlan::default()).await
}

async fn faulty(rule: FaultRule) -> Run {
    checked(Dialect::default(), FaultPlan::one(rule)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_holds_on_the_documented_service() {
    let sandbox = sandbox(Dialect::default(), FaultPlan::default()).await;
    let run = check(&sandbox, SANDBOX_KEY).await;
    run.broke_only(&[]);
    assert!(
        run.text.contains(&format!("\n{} held, 0 did not hold, 0 could not be checked", run.lines.len()))
    );
    assert!(run.line("spends-nothing").contains("play money went from 100000 to"), "{}", run.text);
    let real = sandbox.control().balance(Environment::Production);
    assert_eq!(real.to_string(), "100000", "nothing but play money moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_the_same_checks() {
    let document = include_str!("../../docs/assumptions.md");
    let mut written = BTreeMap::new();
    let mut ids = Vec::new();
    for row in document.lines().filter(|line| line.starts_with("| A")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        ids.push(cells[0]);
        if let Some(name) = cells[4].strip_prefix("check `") {
            let name = name.split('`').next().expect("a name");
            assert!(
                written.insert(name.to_owned(), cells[0].to_owned()).is_none(),
                "{name} is checked twice"
            );
        }
    }
    assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    let run = spoken(Dialect::default()).await;
    let printed: BTreeMap<String, String> =
        run.lines.into_iter().map(|(name, (id, _, _))| (name, id)).collect();
    assert_eq!(printed, written);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_engine_reads_in_every_spelling_holds_in_every_spelling() {
    let run = spoken(Dialect {
        mobile_keys: MobileKeys::Camel,
        mobile_words: MobileWords::SuccessFailed,
        internet_products: ProductsBody::BareArray,
        internet_list_key: InternetListKey::Topups,
        request_id: RequestId::Absent,
        new_balance: Presence::Absent,
        four_g_word: FourGWord::Plain,
        ..Dialect::default()
    })
    .await;
    run.broke_only(&[]);
    assert!(run.line("four-g-word").ends_with("(the word is 4G)"), "{}", run.text);
    assert!(run.line("status-words").contains("SUCCESS"), "{}", run.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn kebab_gift_paths_are_told() {
    let dialect =
        Dialect { gift_path: PathSpelling::Kebab, product_path: PathSpelling::Kebab, ..Dialect::default() };
    let run = spoken(dialect).await;
    run.broke_only(&["gift-order-path", "gift-product-path"]);
    assert!(run.line("gift-order-path").contains("knows /check-order"), "{}", run.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_both_gift_paths_shows_no_router_404() {
    let dialect =
        Dialect { gift_path: PathSpelling::Both, product_path: PathSpelling::Both, ..Dialect::default() };
    let run = spoken(dialect).await;
    assert_eq!((run.names(BROKEN), run.names(UNCHECKED)), (vec![], vec!["router-404"]), "{}", run.text);
    assert_eq!(run.exit, Some(0), "what cannot be checked is no failure");
}

#[tokio::test(flavor = "multi_thread")]
async fn prefixed_references_are_told() {
    let prefixed = Dialect { topup_ref: TopupRef::Prefixed, ..Dialect::default() };
    spoken(prefixed.clone()).await.broke_only(&["ref-echoed"]);
    let run = spoken(Dialect { check_ref: CheckRef::PrefixedOnly, ..prefixed }).await;
    run.broke_only(&["ref-echoed", "ref-lookup"]);
    assert_eq!(run.verdict("same-ref-adopted"), HELD, "the engine gets over it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_plan_that_needs_its_amount_is_told() {
    let dialect = Dialect { fixed_amount: FixedAmount::Required, ..Dialect::default() };
    let run = spoken(dialect).await;
    run.broke_only(&["fixed-without-amount"]);
    assert!(run.line("fixed-without-amount").contains("mobile.send (validation)"), "{}", run.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_appears_late_is_told() {
    // The second send is the one that is looked up.
    let run = faulty(FaultRule::new("mobile.send", Fault::LateVisibility).on_calls([2])).await;
    run.broke_only(&["visible-at-once"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_is_told_although_the_client_gets_over_it() {
    let run = faulty(FaultRule::new("mobile.plans", Fault::RateLimited).on_calls([1])).await;
    run.broke_only(&["pace"]);
    assert!(run.line("pace").contains("1 of "), "{}", run.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_fails_proves_nothing() {
    let run = faulty(FaultRule::new("internet.products", Fault::Error500Before)).await;
    let unchecked = run.names(UNCHECKED);
    assert_eq!(
        unchecked,
        ["internet-4g", "internet-adsl", "internet-products", "list-shows-new"],
        "{}",
        run.text
    );
    assert_eq!((run.names(BROKEN), run.exit), (vec![], Some(0)), "{}", run.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_that_moves_ends_the_run_after_the_first_order() {
    let sandbox = sandbox(Dialect::default(), FaultPlan::default()).await;
    let url = sandbox.url().to_owned();
    let strict = move |command: &mut Command| {
        command
            .env("ONECLICKDZ_BASE_URL", url)
            .env("ONECLICKDZ_API_KEY", SANDBOX_KEY)
            .env("LIVE_CHECK_STRICT", "1");
    };
    let run = read(run_with(strict).await);
    assert_eq!((run.names(BROKEN), run.exit), (vec!["spends-nothing"], Some(1)), "{}", run.text);
    assert!(run.line("spends-nothing").contains("STOP AND CHECK YOUR ACCOUNT"), "{}", run.text);
    assert_eq!(run.verdict("mobile-fulfilled"), UNCHECKED);
    assert_eq!(sandbox.control().requests("writes"), 1, "one order and no more");
}

/// Refused with exit code 2, and nothing else was called.
#[track_caller]
fn refused(control: &Control, output: Output, validations: u64, why: &str) {
    let run = read(output);
    assert_eq!(run.exit, Some(2), "{}", run.text);
    assert!(run.text.contains("refused: ") && run.text.contains(why), "{}", run.text);
    assert!(run.lines.is_empty(), "{}", run.text);
    assert_eq!(
        (control.requests("validate"), control.requests("*")),
        (validations, validations),
        "{}",
        run.text
    );
    control.reset();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_sandbox_key_that_may_order_is_taken() {
    let sandbox = sandbox(Dialect::default(), FaultPlan::default()).await;
    let control = sandbox.control();
    let keys = [
        (PRODUCTION_KEY, 1, "of type PRODUCTION"),
        (READ_ONLY_KEY, 1, "READ-ONLY"),
        (BLOCKED_KEY, 1, "ip_blocked"),
        ("nobodys-key", 1, "authentication"),
        ("", 0, "is empty"),
        (" sandbox-key", 0, "white space"),
    ];
    for (key, validations, why) in keys {
        let url = sandbox.url().to_owned();
        let output = run_with(move |command| {
            _ = command.env("ONECLICKDZ_BASE_URL", url).env("ONECLICKDZ_API_KEY", key)
        })
        .await;
        refused(&control, output, validations, why);
    }
    let url = sandbox.url().to_owned();
    let output = run_with(move |command| _ = command.env("ONECLICKDZ_BASE_URL", url)).await;
    refused(&control, output, 0, "ONECLICKDZ_API_KEY");
}

#[tokio::test]
async fn a_key_that_is_switched_off_is_refused() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let service = async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = [0; 4096];
        let read = stream.read(&mut request).await.expect("a request");
        let body = r#"{"success":true,"data":{"username":"+213600000000","apiKey":{"type":"SANDBOX","isEnabled":false,"scope":"READ-WRITE"}}}"#;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.expect("an answer");
        let more = stream.read(&mut [0; 1]).await;
        (String::from_utf8_lossy(&request[..read]).into_owned(), matches!(more, Ok(1..)))
    };
    let service = tokio::spawn(service);
    let key = |command: &mut Command| {
        _ = command.env("ONECLICKDZ_BASE_URL", url).env("ONECLICKDZ_API_KEY", "some-key")
    };
    let run = read(run_with(key).await);
    assert_eq!(run.exit, Some(2), "{}", run.text);
    assert!(run.text.contains("switched off"), "{}", run.text);
    let (request, asked_more) = service.await.expect("it ends");
    assert!(request.starts_with("GET /v3/validate "), "{request}");
    assert!(!asked_more, "nothing else is asked");
}
