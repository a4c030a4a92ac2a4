//! What the journal costs a send: the rate at many callers, the latency at one, beside the disk's own pace.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use oneclickdz::Client;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::calls::{Caller, Result, fresh_ref};
use crate::contenders::engine::Engine;
use crate::contenders::hyper_pool::Pool;
use crate::machine::cpu_time;
use crate::report::median;
use crate::service::Service;
use crate::verdict::{Goal, line, note, title};

/// What the disk is asked to keep, about what one step of an order makes SQLite write.
const BLOCK: usize = 4096;

const LEAST_RATE: f64 = 0.7;

/// Milliseconds that the minimal service takes for an answer. At 0 service and engine share the machine's cores, and
/// the rate is what processor they leave each other; from 1 on, sooner than any answer comes over the Internet, the goal
/// holds.
const ANSWERS_AFTER: [u64; 4] = [0, 1, 5, 20];
const GOAL_FROM: u64 = 1;

#[derive(Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) rounds: u32,
    pub(crate) callers: u32,
    /// Sends of each client in each round.
    pub(crate) sends: u32,
}

/// The clients, in the order of their turns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Raw,
    InMemory,
    Journalled,
}

const KINDS: [Kind; 3] = [Kind::Raw, Kind::InMemory, Kind::Journalled];

/// What a turn showed.
struct Turn {
    rate: f64,
    cpu_per_send: Duration,
    latency: Duration,
}

pub(crate) async fn measure(folder: &Path, throughput: Setting, alone: Setting) -> Result<()> {
    many_callers(&Service::start_sandbox()?, "the sandbox", &Goal::Told, folder, throughput).await?;
    for answers_after in ANSWERS_AFTER {
        let service = Service::start_slow(answers_after)?;
        let name = format!("minimal service, {answers_after} ms");
        let goal = if answers_after < GOAL_FROM { Goal::Told } else { Goal::AtLeast(LEAST_RATE) };
        many_callers(&service, &name, &goal, folder, throughput).await?;
    }
    one_caller(&Service::start(None)?, folder, alone).await
}

async fn many_callers(
    service: &Service,
    service_name: &str,
    goal: &Goal,
    folder: &Path,
    setting: Setting,
) -> Result<()> {
    let Setting { rounds, callers, sends } = setting;
    title(format_args!(
        "journalled sends at {callers} callers, {service_name}: {rounds} rounds of {sends} sends per client"
    ))?;
    note("the service is a process of its own with one thread; nobody is pinned to a core")?;
    let turns = play(service, folder, setting).await?;
    for kind in KINDS {
        let rate = median(turns.iter().map(|round| of(round, kind).rate));
        let cpu = median(turns.iter().map(|round| of(round, kind).cpu_per_send.as_secs_f64() * 1e6));
        line(&format!("{}: sends per second", name(kind)), Some(rate), "", &Goal::Told)?;
        line(&format!("{}: CPU per send", name(kind)), Some(cpu), " us", &Goal::Told)?;
    }
    let rate = |round: &[Turn], kind| of(round, kind).rate;
    let ratio = median(turns.iter().map(|round| rate(round, Kind::Journalled) / rate(round, Kind::InMemory)));
    let what = format!("{service_name}: rate with the journal on disk, `:memory:` = 1");
    line(&what, Some(ratio), "", goal)
}

async fn one_caller(service: &Service, folder: &Path, setting: Setting) -> Result<()> {
    let Setting { rounds, sends, .. } = setting;
    title(format_args!("latency of a send at 1 caller: {rounds} rounds of {sends} sends; medians"))?;
    let mut turns = Vec::new();
    let mut disk = Vec::new();
    for _ in 0..rounds {
        turns.extend(play(service, folder, Setting { rounds: 1, ..setting }).await?);
        disk.push(disk_pace(folder, sends)?.as_secs_f64() * 1e3);
    }
    let latency = |round: &[Turn], kind| of(round, kind).latency.as_secs_f64() * 1e3;
    for kind in KINDS {
        let told = median(turns.iter().map(|round| latency(round, kind)));
        line(&format!("{}: a send", name(kind)), Some(told), " ms", &Goal::Told)?;
    }
    let added = |round: &[Turn]| latency(round, Kind::Journalled) - latency(round, Kind::InMemory);
    let told = median(turns.iter().map(|round| added(round)));
    line("added by the journal on disk", Some(told), " ms", &Goal::Told)?;
    let what = "the disk itself, same folder: append 4 KB, then fdatasync";
    line(what, Some(median(disk.iter().copied())), " ms", &Goal::Told)?;
    let ratio = median(turns.iter().zip(&disk).map(|(round, disk)| added(round) / disk));
    line("added, in such writes of the disk", Some(ratio), "", &Goal::Told)
}

/// Every client has its turn in every round.
async fn play(service: &Service, folder: &Path, setting: Setting) -> Result<Vec<Vec<Turn>>> {
    let mut rounds = Vec::new();
    for _ in 0..setting.rounds {
        let mut turns = Vec::new();
        for kind in KINDS {
            turns.push(turn(service, folder, kind, setting).await?);
        }
        rounds.push(turns);
    }
    Ok(rounds)
}

/// A new client, and a new journal, each time.
async fn turn(service: &Service, folder: &Path, kind: Kind, setting: Setting) -> Result<Turn> {
    let count = setting.callers as usize;
    match kind {
        Kind::Raw => run(vec![Pool::new(&service.address); count], setting).await,
        Kind::InMemory => run(vec![Engine::of(client(service, ":memory:".into())?); count], setting).await,
        Kind::Journalled => {
            let own = TempDir::new_in(folder)?;
            let turn =
                run(vec![Engine::of(client(service, own.path().join("journal.db"))?); count], setting).await;
            own.close()?;
            turn
        }
    }
}

/// The engine as it comes, threads of its own included; only the budget is wide enough never to make anybody wait.
fn client(service: &Service, journal: PathBuf) -> Result<Client> {
    let builder = Engine::builder(&service.address).journal(journal);
    Ok(builder.build()?)
}

async fn run<C: Caller>(callers: Vec<C>, setting: Setting) -> Result<Turn> {
    let steps = (setting.sends / setting.callers).max(1);
    let (callers, _) = work(callers, 2).await?;
    let (before, cpu_before) = (Instant::now(), cpu_time());
    let (callers, mut latencies) = work(callers, steps).await?;
    let (wall, cpu) = (before.elapsed(), cpu_time() - cpu_before);
    drop(callers);
    latencies.sort();
    let sends = steps * setting.callers;
    let latency = latencies.get(latencies.len() / 2).copied().unwrap_or_default();
    Ok(Turn { rate: f64::from(sends) / wall.as_secs_f64(), cpu_per_send: cpu / sends, latency })
}

/// All callers at once, each as many sends, one after the other.
async fn work<C: Caller>(callers: Vec<C>, steps: u32) -> Result<(Vec<C>, Vec<Duration>)> {
    let mut at_work = JoinSet::new();
    for mut caller in callers {
        at_work.spawn(async move {
            let mut latencies = Vec::with_capacity(steps as usize);
            for _ in 0..steps {
                let before = Instant::now();
                caller.send(fresh_ref()).await?;
                latencies.push(before.elapsed());
            }
            Result::Ok((caller, latencies))
        });
    }
    let mut callers = Vec::new();
    let mut latencies = Vec::new();
    for done in at_work.join_all().await {
        let (caller, mut times) = done?;
        callers.push(caller);
        latencies.append(&mut times);
    }
    Ok((callers, latencies))
}

/// The median time to append a block to a file of this folder and to have it on the disk.
fn disk_pace(folder: &Path, writes: u32) -> Result<Duration> {
    let own = TempDir::new_in(folder)?;
    let mut file = File::create(own.path().join("blocks"))?;
    let block = vec![0x5a; BLOCK];
    let mut times = Vec::new();
    for _ in 0..writes {
        let before = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        times.push(before.elapsed());
    }
    times.sort();
    own.close()?;
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

fn of(round: &[Turn], kind: Kind) -> &Turn {
    &round[kind as usize]
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Raw => "hyper-util's pooled client, no engine",
        Kind::InMemory => "engine, `:memory:`",
        Kind::Journalled => "engine, journal on disk",
    }
}
