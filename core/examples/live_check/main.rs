//! Compares a OneClickDz service with what this engine assumes of it, with a sandbox key of your own.
//!
//! `ONECLICKDZ_API_KEY=... make live-check` runs against the real service, or against `ONECLICKDZ_BASE_URL`. It prints
//! one line per assumption of `docs/assumptions.md` that can be checked from outside. Play money only: any key but an
//! enabled `READ-WRITE` key of type `SANDBOX` is refused after `/v3/validate`, and the run stops when the very first
//! order changes the balance.
//!
//! A local sandbox does move its play money, which is reported and not a failure, unless `LIVE_CHECK_STRICT` is set.
//!
//! Exit code 0: all that could be checked held. 1: something did not. 2: refused, nothing was checked.
#![allow(clippy::print_stdout, reason = "the report is for the person in front of it")]

mod answers;
mod lists;
mod orders;
mod reads;
mod report;
mod settled;

use std::process::ExitCode;
use std::time::Duration;

use oneclickdz::vault::make_key;
use oneclickdz::{Client, ClientBuilder, Environment, KeyInfo, KeyScope, PRODUCTION_URL, VaultKey, make_ref};

use report::{Report, broken, held};

/// The service under check.
struct Service {
    client: Client,
    /// Plain http, which the client allows to this machine only: a local sandbox, whose play money does move.
    is_local: bool,
    /// What the references of this run begin with.
    run: String,
}

impl Service {
    fn from_environment() -> oneclickdz::Result<Self> {
        let url = std::env::var("ONECLICKDZ_BASE_URL").unwrap_or_else(|_| PRODUCTION_URL.to_owned());
        let is_local = url.starts_with("http://") && std::env::var_os("LIVE_CHECK_STRICT").is_none();
        let client = builder(is_local)?.build()?;
        println!("Checking {url}");
        Ok(Self { client, is_local, run: make_ref("live-check") })
    }

    /// A second client, as another program would be: it shares neither journal nor anything learnt.
    fn stranger(&self, set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> oneclickdz::Result<Client> {
        set(builder(self.is_local)?).build()
    }

    fn r#ref(&self, name: &str) -> String {
        format!("{}-{name}", self.run)
    }

    /// The pause between two looks at the same thing.
    fn pause(&self) -> Duration {
        Duration::from_millis(if self.is_local { 250 } else { 5000 })
    }
}

fn builder(is_local: bool) -> oneclickdz::Result<ClientBuilder> {
    let builder = Client::builder()
        .journal(":memory:")
        .vault_key(VaultKey::parse(make_key()?.expose())?)
        .watches(false)
        .app_name(concat!("live-check/", env!("CARGO_PKG_VERSION")))
        .expect_environment(Environment::Sandbox);
    Ok(if is_local { builder.poll_interval(Duration::from_millis(250)) } else { builder })
}

#[tokio::main]
async fn main() -> ExitCode {
    answers::listen();
    let service = match Service::from_environment() {
        Ok(service) => service,
        Err(error) => return refuse(error.detail()),
    };
    let key = match service.client.account().validate().await {
        Ok(key) => key,
        Err(error) => return refuse(&format!("the key could not be checked: {error}")),
    };
    if let Err(reason) = accept(&key) {
        return refuse(&reason);
    }

    let mut report = Report::default();
    let word = key.environment_word.as_deref().unwrap_or_default();
    report.say("key-environment", held(format!("the key is of type {word}")));
    check(&service, &mut report).await;
    if report.finish() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn check(service: &Service, report: &mut Report) {
    let Some(goods) = reads::check(service, report).await else {
        return report.stop("the account or the plans cannot be read");
    };
    match orders::check(service, &goods, report).await {
        Some(placed) => {
            lists::check(service, &placed, report).await;
            println!("Following {} orders to their end, for at most 4 minutes ...", placed.followed());
            settled::check(service, &placed, report).await;
        }
        None => report.stop(
            "the first order was refused, or it is not certain that it cost nothing; no other one was placed",
        ),
    }
    spends_nothing(service, &goods, report).await;
    let too_many = answers::since(0).iter().filter(|status| **status == 429).count();
    let requests = answers::since(0).len();
    report.say(
        "pace",
        match too_many {
            0 => held(format!("no 429 in {requests} answers")),
            met => broken(format!("{met} of {requests} answers were 429")),
        },
    );
}

/// The balance at the end against the one at the start; the first order was followed by a look of its own.
async fn spends_nothing(service: &Service, goods: &reads::Goods, report: &mut Report) {
    let verdict = match service.client.account().balance().await {
        Ok(now) => orders::compare(service.is_local, goods.balance, now.amount),
        Err(error) => report::blame(&error),
    };
    report.say("spends-nothing", verdict);
}

/// Only a sandbox key that may order. Nothing but `/v3/validate` was called so far.
fn accept(key: &KeyInfo) -> Result<(), String> {
    let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "nothing".to_owned());
    if key.environment != Environment::Sandbox {
        let found = word(&key.environment_word);
        return Err(format!(
            "the key is of type {found}: give a key of type SANDBOX, real money stays untouched"
        ));
    }
    if !key.is_enabled {
        return Err("the key is switched off: switch it on or give another sandbox key".to_owned());
    }
    if key.scope == KeyScope::ReadOnly {
        return Err(
            "the key is READ-ONLY, the checks order play goods: give a READ-WRITE sandbox key".to_owned()
        );
    }
    Ok(())
}

fn refuse(reason: &str) -> ExitCode {
    println!("refused: {reason}");
    ExitCode::from(2)
}
