//! The engine's part: sending many orders, following them, and taking them up after a restart.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oneclickdz::{Client, ClientBuilder, Order};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::id::{Id, now};
use super::worker::{Delays, released_at, say};
use super::{Follow, reference};
use crate::calls::{Caller, KEY, Result, USER_AGENT};
use crate::contenders::engine::Engine;
use crate::machine::cpu_time;

const CALLERS: usize = 64;

/// Sends the orders as fast as it can and leaves them to the watch of another process.
pub(crate) async fn send(address: &str, journal: &Path, count: usize) -> Result<()> {
    let client = Engine::builder(address).journal(journal).watches(false).build()?;
    let mut senders = JoinSet::new();
    for sender in 0..CALLERS {
        let mut engine = Engine::of(client.clone());
        senders.spawn(async move {
            for place in (sender..count).step_by(CALLERS) {
                engine.send(reference(place)).await?;
            }
            Result::Ok(())
        });
    }
    senders.join_all().await.into_iter().collect::<Result<()>>()?;
    // Who follows them wants to hear what happens from here on.
    let mut events = client.orders().events(None).await?;
    let mut last = None;
    while let Some(event) = events.try_next().await? {
        last = Some(event.cursor);
    }
    if let Some(cursor) = last {
        client.orders().ack(&cursor).await?;
    }
    say(&count)
}

/// As an integrator gets it, the default budget included.
fn builder(address: &str, journal: &Path) -> ClientBuilder {
    Client::builder().api_key(KEY).base_url(format!("http://{address}")).app_name(USER_AGENT).journal(journal)
}

/// Follows the orders of the journal to their end, by the stream of events and, if wished, by one wait for each.
pub(crate) async fn follow(address: &str, journal: &Path, plan: Follow) -> Result<()> {
    let client = builder(address, journal).poll_interval(plan.interval()).build()?;
    let released_at = released_at()?;
    let cpu_before = cpu_time();
    let waited = Arc::new(Mutex::new(Delays::of(plan.count)));
    let mut waiters = JoinSet::new();
    client.orders().resume().await?;
    let mut events = client.orders().events(None).await?;
    if plan.waiters {
        for place in 0..plan.count {
            let (client, waited) = (client.clone(), Arc::clone(&waited));
            waiters.spawn(async move {
                let order = client.orders().get(&reference(place)).await?;
                if let Ok(order) = order.wait(plan.time_left(released_at)).await {
                    let delay = delay(&order, released_at)?;
                    waited.lock().unwrap_or_else(PoisonError::into_inner).add(delay);
                }
                Result::Ok(())
            });
        }
    }
    let mut delays = Delays::of(plan.count);
    while !delays.are_complete() {
        let Ok(event) = timeout(plan.time_left(released_at), events.next()).await else { break };
        let order = event?.order;
        if order.is_settled() {
            delays.add(delay(&order, released_at)?);
        }
    }
    waiters.join_all().await.into_iter().collect::<Result<()>>()?;
    let waited_p99 = match plan.waiters {
        true => waited.lock().unwrap_or_else(PoisonError::into_inner).percentile(99),
        false => None,
    };
    say(&delays.report(waited_p99, cpu_before))
}

/// Milliseconds since the order's end, which its id tells.
fn delay(order: &Order, released_at: i64) -> Result<i64> {
    let id = order.id.as_deref().and_then(Id::parse).ok_or("an order has no id of this service")?;
    match now() - id.settles_at(released_at) {
        early if early < 0 => {
            Err(format!("`{}` was told as settled {} ms early", order.r#ref, -early).into())
        }
        delay => Ok(delay),
    }
}

/// When a restarted engine was back at work: milliseconds since 1970.
#[derive(Serialize, Deserialize)]
pub(super) struct Resumed {
    pub(super) started_at: i64,
    pub(super) journal_open_at: i64,
    pub(super) first_event_at: Option<i64>,
    pub(super) peak_memory: Option<u64>,
    pub(super) cpu_milliseconds: u64,
}

/// Takes the orders of a journal up and works for a while.
pub(crate) async fn resume(address: &str, journal: &Path, time: Duration) -> Result<()> {
    released_at()?;
    let cpu_before = cpu_time();
    let (started_at, start) = (now(), Instant::now());
    let client = builder(address, journal).build()?;
    client.orders().resume().await?;
    let journal_open_at = now();
    let mut events = client.orders().events(None).await?;
    let first_event = timeout(time, events.next()).await;
    let first_event_at = first_event.is_ok().then(now);
    sleep(time.saturating_sub(start.elapsed())).await;
    client.close();
    let cpu_milliseconds = (cpu_time() - cpu_before).as_millis() as u64;
    let peak_memory = crate::machine::peak_memory();
    say(&Resumed { started_at, journal_open_at, first_event_at, peak_memory, cpu_milliseconds })
}
