//! Ten thousand pending orders, followed by the engine and by the way of the guides at the same time.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::worker::{Followed, Worker};
use super::{book, counts, release, start_book};
use crate::calls::Result;
use crate::service::Service;
use crate::verdict::{Goal, line, note, title};

const MOST_REQUESTS: f64 = 0.1;
const MOST_MEMORY_KB: f64 = 1.0;
const MOST_CONNECTIONS: f64 = 32.0;
/// The detection lag's p99, in intervals.
const MOST_LAG: f64 = 1.1;
const WISHED_LAG: f64 = 0.25;

#[derive(Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) orders: usize,
    /// All in milliseconds.
    pub(crate) interval: i64,
    pub(crate) settles: (i64, i64),
}

impl Setting {
    /// When those who follow give up: two more intervals than the last order should need.
    fn patience(self) -> i64 {
        self.settles.1 + 3 * self.interval
    }
}

/// One who follows, with a service of its own.
struct Party {
    service: Service,
    worker: Worker,
    /// Whether it also waits for each order.
    waits: bool,
    /// Removed with the party.
    _folder: Option<TempDir>,
}

struct Outcome {
    waits: bool,
    followed: Followed,
    counts: book::Counts,
}

impl Outcome {
    fn requests_per_order(&self) -> Option<f64> {
        let requests = f64::from(self.counts.checks + self.counts.lists);
        (self.followed.settled > 0).then(|| requests / self.followed.settled as f64)
    }
}

pub(crate) async fn measure(folder: &Path, setting: Setting) -> Result<()> {
    let Setting { orders, interval, settles } = setting;
    title(format_args!(
        "{orders} pending orders, a look every {:.1} s, each settling {:.0} to {:.0} s after the start, in real time",
        seconds(interval),
        seconds(settles.0),
        seconds(settles.1)
    ))?;
    note(
        "each follower is a process with a service process of its own; all at the same time, nobody pinned",
    )?;
    let empty =
        outcome(engine(folder, Setting { orders: 1, settles: (100, 200), ..setting }, false)?).await?;
    let parties = [engine(folder, setting, false)?, engine(folder, setting, true)?, naive(setting)?];
    let [by_events, by_waits, naive] = outcomes(parties).await?;
    let one_by_one = naive.requests_per_order();
    for (name, party) in [
        ("engine, events", &by_events),
        ("engine, events and a wait() each", &by_waits),
        ("a task each", &naive),
    ] {
        note(format_args!("-- {name}"))?;
        let goals = if std::ptr::eq(party, &naive) { None } else { Some(one_by_one) };
        tell(setting, party, goals, empty.followed.peak_memory)?;
    }
    Ok(())
}

/// The figures of one follower; with goals where there are requests to compare with.
fn tell(setting: Setting, party: &Outcome, goals: Option<Option<f64>>, empty: Option<u64>) -> Result<()> {
    let Outcome { waits, followed, counts } = party;
    let goal = |goal: Goal| if goals.is_some() { goal } else { Goal::Told };
    let total = setting.orders as f64;
    line("orders seen to settle", Some(followed.settled as f64), "", &goal(Goal::AtLeast(total)))?;
    line("requests per settled order", party.requests_per_order(), "", &Goal::Told)?;
    if let Some(one_by_one) = goals {
        let ratio = party.requests_per_order().zip(one_by_one).map(|(own, other)| own / other);
        line("the same, a task each = 1", ratio, "", &Goal::AtMost(MOST_REQUESTS))?;
    }
    note(format_args!("  pages read: {}, single looks: {}", counts.lists, counts.checks))?;
    let intervals = |delay: Option<i64>| delay.map(|delay| delay as f64 / setting.interval as f64);
    line("detection lag, median, in intervals", intervals(followed.median), "", &Goal::Told)?;
    if goals.is_some() && intervals(followed.median).is_some_and(|median| median <= WISHED_LAG) {
        note("  (the wish of a quarter of the interval is met)")?;
    }
    line("detection lag, p99, in intervals", intervals(followed.p99), "", &goal(Goal::AtMost(MOST_LAG)))?;
    if *waits {
        let goal = goal(Goal::AtMost(MOST_LAG));
        line("the same until wait() returns, p99", intervals(followed.waited_p99), "", &goal)?;
    }
    let grown =
        followed.peak_memory.zip(empty).map(|(peak, empty)| peak.saturating_sub(empty) as f64 / 1024.0);
    let what = "memory per order beyond the empty engine (peak)";
    // A wait is its caller's own task, and no part of the tracking.
    let most = if *waits { Goal::Told } else { goal(Goal::AtMost(MOST_MEMORY_KB)) };
    line(what, grown.map(|grown| grown / total), " KB", &most)?;
    // Without the one that asks for the count.
    let connections = f64::from(counts.connections.saturating_sub(1));
    line("connections opened", Some(connections), "", &goal(Goal::AtMost(MOST_CONNECTIONS)))?;
    line("CPU per 1000 orders", Some(followed.cpu_milliseconds as f64 * 1000.0 / total), " ms", &Goal::Told)
}

/// An engine that is ready to follow orders which another process has sent.
fn engine(folder: &Path, setting: Setting, waiters: bool) -> Result<Party> {
    let service = start_book(setting.settles)?;
    let own = TempDir::new_in(folder)?;
    let journal = own.path().join("journal.db");
    send_orders(&service, &journal, setting.orders)?;
    let worker = start(&service, "follow-orders", Some(&journal), setting, waiters)?;
    Ok(Party { service, worker, waits: waiters, _folder: Some(own) })
}

fn naive(setting: Setting) -> Result<Party> {
    let service = start_book(setting.settles)?;
    let worker = start(&service, "follow-naively", None, setting, false)?;
    Ok(Party { service, worker, waits: false, _folder: None })
}

fn start(
    service: &Service,
    part: &str,
    journal: Option<&Path>,
    setting: Setting,
    waiters: bool,
) -> Result<Worker> {
    let numbers =
        [setting.orders as i64, setting.interval, setting.patience()].map(|number| number.to_string());
    let [count, interval, patience] = &numbers;
    let mut arguments = vec![part, "--address", &service.address, "--count", count, "--interval", interval];
    arguments.extend(["--patience", patience]);
    if let Some(journal) = journal {
        arguments.extend(["--journal", journal.to_str().ok_or("the folder's name is not UTF-8")?]);
    }
    if waiters {
        arguments.push("--waiters");
    }
    let mut worker = Worker::start(&arguments)?;
    let _: String = worker.hear()?;
    Ok(worker)
}

/// The engine, in a process that ends, sends orders which stay open.
pub(super) fn send_orders(service: &Service, journal: &Path, count: usize) -> Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["send-orders", "--address", &service.address, "--count", &count.to_string(), "--journal"]);
    let output = command.arg(journal).stderr(std::process::Stdio::inherit()).output()?;
    if output.status.success() { Ok(()) } else { Err("the orders could not be sent".into()) }
}

async fn outcome(party: Party) -> Result<Outcome> {
    let [outcome] = outcomes([party]).await?;
    Ok(outcome)
}

/// Starts them in one moment and waits for each.
async fn outcomes<const N: usize>(mut parties: [Party; N]) -> Result<[Outcome; N]> {
    for party in &mut parties {
        let released_at = release(&party.service, 0).await?;
        party.worker.tell(&released_at)?;
    }
    let mut outcomes = Vec::new();
    for mut party in parties {
        let followed = party.worker.hear()?;
        outcomes.push(Outcome { waits: party.waits, followed, counts: counts(&party.service).await? });
    }
    outcomes.try_into().map_err(|_| "a follower is missing".into())
}

fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}
