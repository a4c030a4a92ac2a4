//! A worker: a process of a shop that sends its orders, many at once, and follows them to their end.

use std::io::{BufRead, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use oneclickdz::{
    Client, ClientBuilder, Clock, ErrorKind, Order, OrderListRequest, OrderState, Outcome, Result,
};
use oneclickdz_sandbox::SANDBOX_KEY;
use serde::{Deserialize, Serialize};

use super::clock::{FastClock, Pace};
use super::orders::{Intended, place};
use crate::harness::vault_key;

/// How often a worker looks whether its orders have ended, in real time.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// How often an order is handed in that fails on the way to the service.
const MOST_TRIES: usize = 200;

/// After this time, only the end of its window settles an order whose outcome is unknown.
const LONG: TimeDelta = TimeDelta::minutes(20);

/// What a worker is to do; the first line of its standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// Its name, kept as the orders' owner.
    pub name: String,
    /// The journal that all workers share.
    pub journal: PathBuf,
    /// The service.
    pub url: String,
    /// The time.
    pub pace: Pace,
    /// How many orders are handed in at once.
    pub callers: usize,
    /// When the worker may end.
    pub until: Until,
    /// Its orders, the same ones after every restart.
    pub orders: Vec<Intended>,
}

/// When a worker may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Until {
    /// Each of its orders is settled or waits for a person.
    Settled,
    /// Or nothing will be learnt about it for hours.
    Calm,
    /// Never: it follows the journal's orders until it is killed.
    Killed,
}

impl Task {
    /// A client as all workers of this task have it.
    pub fn client(&self) -> ClientBuilder {
        Client::builder()
            .base_url(&self.url)
            .api_key(SANDBOX_KEY)
            .app_name("money/1")
            .clock(FastClock::new(self.pace))
            .journal(&self.journal)
            .vault_key(vault_key())
            .requests_per_second(1000)
    }
}

/// Reads its task and works. Ends with its driver, whatever happens to that.
pub fn main() -> ExitCode {
    let mut line = String::new();
    let task: Task = match std::io::stdin().lock().read_line(&mut line).map(|_| serde_json::from_str(&line)) {
        Ok(Ok(task)) => task,
        unreadable => {
            eprintln!("money worker: the first line on standard input must be a task: {unreadable:?}");
            return ExitCode::from(2);
        }
    };
    std::thread::spawn(|| {
        // Ends when the driver does, which holds the other end open.
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        std::process::exit(3);
    });
    let worked = tokio::runtime::Builder::new_current_thread().enable_all().build().map(|runtime| {
        let worked = runtime.block_on(work(&task));
        runtime.shutdown_background();
        worked
    });
    match worked {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(reason)) => {
            eprintln!("money worker {}: {reason}", task.name);
            ExitCode::FAILURE
        }
        Err(cause) => {
            eprintln!("money worker {}: no runtime: {cause}", task.name);
            ExitCode::FAILURE
        }
    }
}

async fn work(task: &Task) -> std::result::Result<(), String> {
    let client = task.client().build().map_err(|error| error.to_string())?;
    client.orders().resume().await.map_err(|error| error.to_string())?;
    let sent: Vec<_> = stream::iter(&task.orders)
        .map(|order| hand_in(&client, task, order))
        .buffer_unordered(task.callers)
        .collect()
        .await;
    sent.into_iter().collect::<std::result::Result<(), String>>()?;
    if task.until == Until::Killed {
        std::future::pending::<()>().await;
    }
    let clock = FastClock::new(task.pace);
    loop {
        match may_end(&client, task, &clock).await {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(error) => eprintln!("money worker {}: {error}", task.name),
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Hands an order in as a shop does: again under the same reference where it failed on the way, never otherwise.
async fn hand_in(client: &Client, task: &Task, order: &Intended) -> std::result::Result<(), String> {
    let clock = FastClock::new(task.pace);
    for _ in 0..MOST_TRIES {
        match place(client, order, &task.name).await {
            Ok(_) => return Ok(()),
            Err(error) if error.outcome() == Outcome::Unknown => {
                return Err(format!("a send was told as failed although nobody knows that: {error:?}"));
            }
            Err(error) if is_on_the_way(error.kind()) => clock.sleep(Duration::from_secs(1)).await,
            Err(error) if error.kind() == ErrorKind::InvalidNumber => return Ok(()),
            Err(error) => return Err(format!("{} was refused: {error:?}", order.r#ref)),
        }
    }
    Err(format!("{} failed {MOST_TRIES} times on the way", order.r#ref))
}

fn is_on_the_way(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::RateLimited
            | ErrorKind::AuthUnavailable
            | ErrorKind::Timeout
            | ErrorKind::Transport
            | ErrorKind::Journal
    )
}

/// An order that the service put off for hours, or that the engine looks for more and more seldom.
fn may_be_left(task: &Task, order: &Order, clock: &FastClock) -> bool {
    let is_put_off = match order.state {
        OrderState::Deferred => true,
        OrderState::Uncertain => order.status.is_some() || clock.now() - order.created_at > LONG,
        _ => false,
    };
    task.until == Until::Calm && is_put_off && order.next_check_at.is_some_and(|at| at > clock.now())
}

/// Whether nothing of this worker's needs it any more.
async fn may_end(client: &Client, task: &Task, clock: &FastClock) -> Result<bool> {
    let is_own = |order: &Order| order.owner.as_deref() == Some(&task.name);
    let is_over = |order: &Order| order.is_settled() || order.state == OrderState::NeedsReview;
    let may_be_left = |order: &Order| !is_own(order) || is_over(order) || may_be_left(task, order, clock);
    // The open ones are few. But one that goes from a state to another may be in none of these readings, so that only
    // a reading of all, each once, tells that nothing is open.
    for state in [
        OrderState::Recorded,
        OrderState::Sending,
        OrderState::Uncertain,
        OrderState::Accepted,
        OrderState::Deferred,
    ] {
        if !all(client, OrderListRequest::new().state(state)).await?.iter().all(may_be_left) {
            return Ok(false);
        }
    }
    Ok(all(client, OrderListRequest::new()).await?.iter().all(may_be_left))
}

/// Every order of the journal that fits, page by page.
///
/// # Errors
/// `journal` when it cannot be read.
pub async fn all(client: &Client, request: OrderListRequest) -> Result<Vec<Order>> {
    let mut orders: Vec<Order> = Vec::new();
    loop {
        let mut request = request.clone().limit(1000u32);
        request.after = orders.last().map(|order| order.r#ref.clone());
        let page = client.orders().list(request).await?;
        let is_last = page.len() < 1000;
        orders.extend(page);
        if is_last {
            return Ok(orders);
        }
    }
}
