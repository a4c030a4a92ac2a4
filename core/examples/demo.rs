//! The main job against a local service: look at the account, buy one of everything, follow each order to its end.
//!
//! `make demo` builds the service (`oneclickdz-sandbox`) and runs this. Two things go wrong on purpose: the second
//! mobile top-up loses its answer on the way, and an engine of its own is killed in the middle of a purchase. The
//! orders are found again and charged once. At the end a card is delivered by e-mail, and the audit log is checked.
#![allow(clippy::print_stdout, reason = "a demo speaks to the person in front of it")]

#[path = "demo_parts/message.rs"]
mod message;

use std::error::Error;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use oneclickdz::vault::make_key;
use oneclickdz::{
    Client, ClientBuilder, Dzd, Environment, ErrorKind, GiftCardRequest, InternetRequest, InternetType,
    MobileRequest, Order, OrderHandle, OrderState, VaultKey,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The service's clock runs this many times faster, so that nobody waits half a minute.
const SPEED: u32 = 10;
/// The service takes the second and the fourth mobile top-up, but answers nothing to the one and keeps the other waiting.
const FAULTS: &str = r#"{"seed": 1, "rules": [
    {"operation": "mobile.send", "fault": "lost_reply", "calls": [2]},
    {"operation": "mobile.send", "fault": "stall", "calls": [4]}]}"#;
/// The order of the engine that is killed.
const KILLED: &str = "demo-killed";
/// Set for the engine that is killed: where the service is.
const VICTIM: &str = "ONECLICKDZ_DEMO_VICTIM";

#[tokio::main]
async fn main() -> Outcome<()> {
    if let Ok(url) = std::env::var(VICTIM) {
        return buy_until_killed(&url).await;
    }
    let folder = tempfile::tempdir()?;
    let journal = folder.path().join("oneclickdz.db");
    let service = LocalService::start(folder.path())?;
    println!("A local OneClickDz service runs on {} ({SPEED} times faster than life).\n", service.url);
    let client = engine(&service.url, &journal)?.email(message::mail_server(service.smtp_port)).build()?;

    let balance_before = show_account(&client).await?;
    let mut orders = buy_one_of_everything(&client).await?;
    orders.push(buy_with_an_engine_that_dies(&client, &service.url, &journal).await?);
    let settled = follow(orders).await?;
    let internet_cost = cost_of(&client, InternetType::Adsl, 1000).await?
        + cost_of(&client, InternetType::FourG, 1500).await?;
    let balance_after = client.account().balance().await?.amount;
    show_result(&settled);
    check(&settled)?;
    check_balance(&settled, internet_cost, balance_before, balance_after)?;
    message::deliver(&client, folder.path(), "demo-adsl-1").await
}

fn engine(url: &str, journal: &Path) -> oneclickdz::Result<ClientBuilder> {
    let builder = Client::builder()
        .base_url(url)
        .api_key("sandbox-key")
        .expect_environment(Environment::Sandbox)
        .journal(journal)
        .vault_key(VaultKey::parse(make_key()?.expose())?)
        // For the impatient: a dead engine's order is taken over after 2 + 1 seconds instead of 90.
        .timeout(Duration::from_secs(2))
        .lease(Duration::from_secs(1))
        .poll_interval(Duration::from_millis(500));
    Ok(builder)
}

/// What the engine does that is killed: it sends one order, and never hears the answer.
async fn buy_until_killed(url: &str) -> Outcome<()> {
    let client = engine(url, Path::new("oneclickdz.db"))?.build()?;
    client
        .mobile()
        .send(MobileRequest::new("PREPAID_DJEZZY", "0778037340").amount(500).r#ref(KILLED))
        .await?;
    Err("this engine should have been killed".into())
}

/// Another process buys with the same journal and is killed while the service has its request.
async fn buy_with_an_engine_that_dies(client: &Client, url: &str, journal: &Path) -> Outcome<Bought> {
    let folder = journal.parent().ok_or("the journal has no folder")?;
    let mut victim = Command::new(std::env::current_exe()?).current_dir(folder).env(VICTIM, url).spawn()?;
    while !service_has_it(client).await? {
        if victim.try_wait()?.is_some() {
            return Err("the engine that was to be killed has ended by itself".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    victim.kill()?;
    victim.wait()?;
    let order = client.orders().get(KILLED).await?;
    println!(
        "Killed    another engine in the middle of a purchase; its order is `{}` in the journal\n",
        order.state
    );
    Ok(Bought { what: "Mobile, engine killed", order, promised: OrderState::Fulfilled })
}

/// Whether the service knows the order of the engine that is to be killed.
async fn service_has_it(client: &Client) -> Outcome<bool> {
    match client.mobile().check_by_ref(KILLED).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn show_account(client: &Client) -> Outcome<Dzd> {
    let health = client.ping().await?;
    let key = client.account().validate().await?;
    let balance = client.account().balance().await?.amount;
    let plans = client.mobile().plans().await?;
    let up = health.operators.iter().filter(|operator| operator.is_up).count();
    println!("Service   {} with {up} of {} operators up", health.api, health.operators.len());
    println!("Key       {} of {}", key.environment, key.username.as_deref().unwrap_or("an unnamed account"));
    println!("Balance   {balance} DZD");
    println!(
        "Plans     {} dynamic, {} fixed, {} GetMenu; for instance",
        plans.dynamic.len(),
        plans.fixed.len(),
        plans.get_menu.len()
    );
    for plan in plans.dynamic.iter().filter(|plan| plan.is_enabled).take(3) {
        let limit = |amount: Option<Dzd>| amount.map_or("?".to_owned(), |amount| amount.to_string());
        println!("          {:<18} {} to {} DZD", plan.code, limit(plan.min_amount), limit(plan.max_amount));
    }
    println!();
    Ok(balance)
}

/// What each order has to become, by the documentation.
struct Bought {
    what: &'static str,
    order: OrderHandle,
    promised: OrderState,
}

async fn buy_one_of_everything(client: &Client) -> Outcome<Vec<Bought>> {
    let bought = |what, order, promised| Bought { what, order, promised };
    let (mobile, internet, cards) = (client.mobile(), client.internet(), client.gift_cards());
    let request =
        |number: &str, r#ref: &str| MobileRequest::new("PREPAID_DJEZZY", number).amount(500).r#ref(r#ref);

    let first = mobile.send(request("0778037340", "demo-mobile-1")).await?;
    let lost = mobile.send(request("0790000000", "demo-mobile-2")).await?;
    let refunded = mobile.send(request("0600000001", "demo-mobile-3")).await?;

    internet.check_number(InternetType::Adsl, "036362608").await?;
    let adsl = InternetRequest::new(InternetType::Adsl, "036362608", 1000).r#ref("demo-adsl-1");
    let adsl = internet.send(adsl).await?;
    let four_g = InternetRequest::new(InternetType::FourG, "213472731602", 1500).r#ref("demo-4g-1");
    let four_g = internet.send(four_g).await?;

    let catalog = cards.catalog().await?;
    let listing =
        catalog.categories.iter().flat_map(|category| &category.products).find(|listing| listing.is_enabled);
    let listing = listing.ok_or("the catalogue is empty")?;
    let product = cards.product(&listing.id).await?;
    let in_stock = product.types.iter().find(|card| card.is_in_stock).ok_or("nothing is in stock")?;
    let gift = GiftCardRequest::new(&listing.id, &in_stock.id, 2u32).r#ref("demo-gift-1");
    let gift = cards.order(gift).await?;
    let partial = GiftCardRequest::new(&listing.id, "TEST_PARTIAL", 4u32).r#ref("demo-gift-2");
    let partial = cards.order(partial).await?;

    Ok(vec![
        bought("Mobile 500 DZD", first, OrderState::Fulfilled),
        bought("Mobile, answer lost", lost, OrderState::Fulfilled),
        bought("Mobile, bad number", refunded, OrderState::Refunded),
        bought("ADSL card 1000 DZD", adsl, OrderState::Fulfilled),
        bought("4G card 1500 DZD", four_g, OrderState::Fulfilled),
        bought("2 gift cards", gift, OrderState::Fulfilled),
        bought("4 gift cards, 2 gone", partial, OrderState::PartiallyFilled),
    ])
}

/// Follows all orders at once, one line each.
async fn follow(orders: Vec<Bought>) -> Outcome<Vec<Bought>> {
    println!("Orders");
    let lines = MultiProgress::new();
    let mut tasks = Vec::new();
    for bought in orders {
        let line = Line::new(&lines, bought.what);
        tasks.push(tokio::spawn(async move { follow_one(bought, line).await }));
    }
    let mut settled = Vec::new();
    for task in tasks {
        settled.push(task.await??);
    }
    println!();
    Ok(settled)
}

async fn follow_one(bought: Bought, line: Line) -> oneclickdz::Result<Bought> {
    line.show(&bought.order);
    loop {
        match bought.order.wait(Duration::from_secs(1)).await {
            Ok(order) => {
                line.finish(&order);
                return Ok(Bought { order, ..bought });
            }
            Err(error) if error.kind() == ErrorKind::StillPending => {
                error.order().into_iter().for_each(|order| line.show(order));
            }
            Err(error) => return Err(error),
        }
    }
}

/// One order's line: it moves on a terminal, and is printed at its end elsewhere.
struct Line {
    bar: ProgressBar,
    what: &'static str,
}

impl Line {
    fn new(lines: &MultiProgress, what: &'static str) -> Self {
        let bar = lines.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}") {
            bar.set_style(style.tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏✓"));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, what }
    }

    fn show(&self, order: &Order) {
        let word = order.status.as_deref().unwrap_or("no word yet");
        self.bar.set_message(format!("{:<23} {:<17} {word}", self.what, order.state.as_str()));
    }

    fn finish(&self, order: &Order) {
        self.show(order);
        self.bar.finish();
        if !std::io::stderr().is_terminal() {
            println!("  ✓ {}", self.bar.message());
        }
    }
}

fn show_result(settled: &[Bought]) {
    for Bought { what, order, .. } in settled {
        let amount = |amount: Option<Dzd>| amount.map_or("-".to_owned(), |amount| amount.to_string());
        let cards = match order.card_count {
            0 => String::new(),
            count => format!(", {count} card code(s) kept hidden"),
        };
        println!(
            "{what:<23} charged {:>7}, back {:>5}{cards}",
            amount(order.charged),
            amount(order.refunded)
        );
    }
}

/// What an internet card costs: the service names it with the product, not with the order.
async fn cost_of(client: &Client, r#type: InternetType, value: i64) -> Outcome<Dzd> {
    let products = client.internet().products(r#type).await?;
    let product = products.into_iter().find(|product| product.value == Dzd::whole(value));
    Ok(product.and_then(|product| product.cost).ok_or("the card has no price")?)
}

/// Every order as the documentation promises, each sent once.
fn check(settled: &[Bought]) -> Outcome<()> {
    for Bought { what, order, promised } in settled {
        if order.state != *promised {
            return Err(format!("{what} is {} and should be {promised}", order.state).into());
        }
        if order.attempts != 1 {
            return Err(format!("{what} was sent {} times", order.attempts).into());
        }
    }
    Ok(())
}

/// The balance to the centime: what the orders say they cost is what is gone.
fn check_balance(settled: &[Bought], internet_cost: Dzd, before: Dzd, after: Dzd) -> Outcome<()> {
    let charged: Dzd = settled.iter().filter_map(|bought| bought.order.charged).sum();
    println!("\nBalance   {after} DZD, {} less than before", before - after);
    if before - after != charged + internet_cost {
        return Err(format!("the orders cost {} DZD by their own account", charged + internet_cost).into());
    }
    println!("All {} orders ended as promised, each was sent once and charged once.", settled.len());
    Ok(())
}

/// The sandbox as a process of its own, stopped when dropped.
struct LocalService {
    process: Child,
    url: String,
    smtp_port: u16,
}

impl LocalService {
    fn start(folder: &Path) -> Outcome<Self> {
        let program = std::env::var("ONECLICKDZ_SANDBOX_BIN")
            .map_err(|_| "run `make demo`, which builds the local service and says where it is")?;
        let faults = folder.join("faults.json");
        std::fs::write(&faults, FAULTS)?;
        let speed = SPEED.to_string();
        let mut process = Command::new(&program)
            .args(["--port", "0", "--speed", &speed, "--faults"])
            .arg(&faults)
            .arg("--mail")
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|cause| format!("{program} does not start: {cause}"))?;
        let stdout = process.stdout.take().ok_or("the local service has no output")?;
        let mut first_line = String::new();
        BufReader::new(stdout).read_line(&mut first_line)?;
        let said: serde_json::Value = serde_json::from_str(&first_line)?;
        let unknown = "the local service did not say where it listens";
        let url = said["url"].as_str().ok_or(unknown)?.to_owned();
        let smtp_port = said["smtp_port"].as_u64().ok_or(unknown)?.try_into()?;
        Ok(Self { process, url, smtp_port })
    }
}

impl Drop for LocalService {
    fn drop(&mut self) {
        // Nothing is left to do for a process that is already gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
