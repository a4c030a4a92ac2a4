//! The way of the guides: a task for each order, which asks once every interval, over one reqwest client.

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::id::{Id, now};
use super::worker::{Delays, released_at, say};
use super::{Follow, reference};
use crate::calls::{Caller, Result};
use crate::contenders::raw_reqwest::Reqwest;
use crate::machine::cpu_time;

const CALLERS: usize = 64;

pub(crate) async fn follow(address: &str, plan: Follow) -> Result<()> {
    let ids = send_all(Reqwest::new(address)?, plan.count).await?;
    let client = Reqwest::new(address)?;
    let released_at = released_at()?;
    let cpu_before = cpu_time();
    let mut tasks = JoinSet::new();
    for (place, text) in ids.into_iter().enumerate() {
        let client = client.clone();
        tasks.spawn(async move {
            let id = Id::parse(&text).ok_or("an id is not of this service")?;
            // Orders of a day are not sent in one moment, so their questions are not asked in one.
            sleep(plan.interval() * place as u32 / plan.count as u32).await;
            while !plan.time_left(released_at).is_zero() {
                // A read that fails says nothing about the order (PROTOCOL §7).
                let status = client.status(&text).await.unwrap_or_default();
                if status == "FULFILLED" || status == "REFUNDED" {
                    return Ok(Some(now() - id.settles_at(released_at)));
                }
                sleep(plan.interval()).await;
            }
            Result::Ok(None)
        });
    }
    let mut delays = Delays::of(plan.count);
    for delay in tasks.join_all().await {
        if let Some(delay) = delay? {
            delays.add(delay);
        }
    }
    say(&delays.report(None, cpu_before))
}

/// The ids of the orders, sent as the engine's are.
async fn send_all(client: Reqwest, count: usize) -> Result<Vec<String>> {
    let mut senders = JoinSet::new();
    for sender in 0..CALLERS {
        let mut client = client.clone();
        senders.spawn(async move {
            let mut ids = Vec::new();
            for place in (sender..count).step_by(CALLERS) {
                ids.push(client.send(reference(place)).await?);
            }
            Result::Ok(ids)
        });
    }
    let sent = senders.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(sent.into_iter().flatten().collect())
}
