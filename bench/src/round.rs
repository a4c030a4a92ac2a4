//! One round: every client has one turn at the same calls.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::calls::{Caller, Calls, KNOWN_ID, Result, fresh_ref};
use crate::contenders::Contender;
use crate::contenders::engine::Engine;
use crate::contenders::hyper_connection::Connection;
use crate::contenders::hyper_pool::Pool;
use crate::contenders::raw_reqwest::Reqwest;
use crate::machine::cpu_time;
use crate::service::Service;

#[derive(Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) calls: Calls,
    pub(crate) callers: u32,
    pub(crate) requests: u32,
}

/// What one client spent in its turn.
#[derive(Clone, Copy)]
pub(crate) struct Turn {
    pub(crate) cpu_per_request: Duration,
    /// Connections opened, those of the warm-up included.
    pub(crate) connections: u32,
}

/// One turn per client, in their order.
pub(crate) async fn play(service: &Service, contenders: &[Contender], setting: Setting) -> Result<Vec<Turn>> {
    let mut turns = Vec::with_capacity(contenders.len());
    for contender in contenders {
        turns.push(turn(service, *contender, setting).await?);
    }
    Ok(turns)
}

/// A new client each time, so that none carries the orders of earlier turns along.
async fn turn(service: &Service, contender: Contender, setting: Setting) -> Result<Turn> {
    let before = service.connections().await?;
    let address = &service.address;
    let count = setting.callers as usize;
    let cpu_per_request = match contender {
        Contender::Hyper => bare(address, setting).await?,
        Contender::Pooled => run(vec![Pool::new(address); count], setting).await?,
        Contender::Reqwest => run(vec![Reqwest::new(address)?; count], setting).await?,
        Contender::Engine => run(vec![Engine::new(address)?; count], setting).await?,
    };
    // The first count is itself made over one connection.
    let connections = service.connections().await? - before - 1;
    Ok(Turn { cpu_per_request, connections })
}

/// The turn of hyper, with a connection for each caller: the least that the calls take.
pub(crate) async fn bare(address: &str, setting: Setting) -> Result<Duration> {
    let mut callers = Vec::new();
    for _ in 0..setting.callers {
        callers.push(Connection::open(address).await?);
    }
    run(callers, setting).await
}

/// CPU time per request, after a warm-up that opens the connections and proves the key.
async fn run<C: Caller>(callers: Vec<C>, setting: Setting) -> Result<Duration> {
    let Setting { calls, callers: count, requests } = setting;
    let steps = (requests / calls.requests_per_step() / count).max(1);
    let callers = work(callers, calls, (steps / 8).max(4)).await?;
    let before = cpu_time();
    let callers = work(callers, calls, steps).await?;
    let spent = cpu_time() - before;
    drop(callers);
    Ok(spent / (steps * calls.requests_per_step() * count))
}

/// All callers at once, each as many steps, one after the other.
async fn work<C: Caller>(callers: Vec<C>, calls: Calls, steps: u32) -> Result<Vec<C>> {
    let mut at_work = JoinSet::new();
    for mut caller in callers {
        at_work.spawn(async move {
            for _ in 0..steps {
                match calls {
                    Calls::Check => caller.check(KNOWN_ID).await?,
                    Calls::SendAndCheck => {
                        let id = caller.send(fresh_ref()).await?;
                        caller.check(&id).await?;
                    }
                }
            }
            Result::Ok(caller)
        });
    }
    at_work.join_all().await.into_iter().collect()
}
