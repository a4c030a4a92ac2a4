//! The driver: a service with faults, workers on one journal, kills, restarts, and the verdict.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use oneclickdz_sandbox::{Control, Fault, FaultParams, FaultPlan, FaultRule, Options, Sandbox, StockItem};
use rust_decimal::Decimal;
use serde::Serialize;

use super::clock::Pace;
use super::orders::{Chance, GIFT_KINDS, Intended, intended};
use super::process::Process;
use super::verify::{Verdict, verdict};
use super::worker::{Task, Until};

/// How often the driver looks at the workers and the service's counters.
const TICK: Duration = Duration::from_millis(2);
/// Every so many orders, one is handed in by all workers instead of by one.
const SHARED: usize = 50;
/// How far the clocks jump between the rounds: past `UNKNOWN_ERROR` and the shorter queue, then past the longer one.
const JUMPS: [Duration; 2] = [Duration::from_secs(25 * 3600), Duration::from_secs(20 * 3600)];

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program with the sub-command `worker`.
    pub program: PathBuf,
    /// How many orders are meant.
    pub orders: usize,
    /// How many workers share the journal.
    pub processes: usize,
    /// How many times one of them is killed.
    pub kills: usize,
    /// Decides orders, faults and moments of the kills.
    pub seed: u64,
    /// Engine seconds per real second.
    pub speed: u32,
    /// Orders that one worker hands in at once.
    pub callers: usize,
    /// When the driver gives up, in real time.
    pub patience: Duration,
}

/// What came of it, in one line.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Workers that were killed with SIGKILL.
    pub kills: usize,
    /// Workers that ended by themselves with a complaint.
    pub worker_failures: usize,
    /// Whether the driver had to give up.
    pub is_out_of_time: bool,
    /// Workers that shared the journal.
    pub processes: usize,
    /// The seed.
    pub seed: u64,
    /// All requests that the service received.
    pub http_requests: u64,
    /// Real time.
    pub wall_seconds: f64,
    /// Why gift-card orders may be left to a person.
    pub explanation: &'static str,
}

const EXPLANATION: &str = "needs_review: gift cards have no reference, so an order whose answer was lost is matched \
     with the service's list; none or several candidates prove nothing, and a person decides; a top-up that was answered with 500 and never \
     charged is not sent again, since the service may act on it for 24 hours";

impl Report {
    /// Whether every promise was kept, by everybody.
    pub fn is_clean(&self) -> bool {
        self.verdict.is_clean() && self.worker_failures == 0 && !self.is_out_of_time
    }
}

struct Run<'a> {
    plan: &'a Plan,
    control: Control,
    tasks: Vec<Task>,
    /// At so many order requests, a worker is killed; the next one is last.
    kill_at: Vec<u64>,
    chance: Chance,
    kills: usize,
    worker_failures: usize,
    started: Instant,
}

/// Runs the plan.
///
/// # Errors
/// What the operating system says, or why the journal cannot be read.
pub async fn run(plan: &Plan) -> io::Result<Report> {
    let started = Instant::now();
    let mut chance = Chance::new(plan.seed ^ 0x6D6F_6E65);
    let sandbox = sandbox(plan).await?;
    let control = sandbox.control();
    let folder = tempfile::tempdir()?;
    let meant = intended(plan.seed, plan.orders);
    let tasks = tasks(plan, &meant, &sandbox, &folder.path().join("journal.db"));
    let latest = plan.orders as u64 * 19 / 20;
    let mut kill_at: Vec<u64> = (0..plan.kills).map(|_| 1 + chance.below(latest.max(1))).collect();
    kill_at.sort_unstable_by(|left, right| right.cmp(left));
    let mut run = Run { plan, control, tasks, kill_at, chance, kills: 0, worker_failures: 0, started };
    let mut is_in_time = run.round(Until::Calm).await?;
    for (index, jump) in JUMPS.into_iter().enumerate() {
        run.jump(jump);
        let until = if index + 1 == JUMPS.len() { Until::Settled } else { Until::Calm };
        is_in_time = is_in_time && run.round(until).await?;
    }
    let ledger = run.control.ledger();
    let client = run.tasks[0].client().watches(false).build().map_err(io::Error::other)?;
    let verdict = verdict(&client, &meant, &ledger).await.map_err(io::Error::other)?;
    Ok(Report {
        verdict,
        kills: run.kills,
        worker_failures: run.worker_failures,
        is_out_of_time: !is_in_time,
        processes: plan.processes,
        seed: plan.seed,
        http_requests: ledger.requests.values().sum(),
        wall_seconds: started.elapsed().as_secs_f64(),
        explanation: EXPLANATION,
    })
}

impl Run<'_> {
    /// Runs all workers to their end, killing some on the way. False when time runs out.
    async fn round(&mut self, until: Until) -> io::Result<bool> {
        for task in &mut self.tasks {
            task.until = until;
        }
        let start = |task: &Task| Process::start(&self.plan.program, task).map(Some);
        let mut running: Vec<Option<Process>> = self.tasks.iter().map(start).collect::<io::Result<_>>()?;
        while running.iter().any(Option::is_some) {
            if self.started.elapsed() > self.plan.patience {
                return Ok(false);
            }
            tokio::time::sleep(TICK).await;
            for (task, slot) in self.tasks.iter().zip(&mut running) {
                match slot.as_mut().map(Process::ended).transpose()?.flatten() {
                    None => {}
                    Some(status) if status.success() => *slot = None,
                    Some(_) => {
                        self.worker_failures += 1;
                        *slot = match self.worker_failures < 20 {
                            true => Some(Process::start(&self.plan.program, task)?),
                            false => None,
                        };
                    }
                }
            }
            let sent = self.control.requests("*.send") + self.control.requests("gift_cards.place_order");
            while self.kill_at.last().is_some_and(|at| sent >= *at) {
                self.kill_at.pop();
                self.kill_one(&mut running)?;
            }
        }
        Ok(true)
    }

    fn kill_one(&mut self, running: &mut [Option<Process>]) -> io::Result<()> {
        let count = running.len();
        let first = self.chance.below(count as u64) as usize;
        for index in (0..count).map(|step| (first + step) % count) {
            if let Some(process) = &mut running[index]
                && process.kill()?
            {
                self.kills += 1;
                *process = Process::start(&self.plan.program, &self.tasks[index])?;
                break;
            }
        }
        Ok(())
    }

    /// Moves the service's clock on, and those of the workers that are started from now on.
    fn jump(&mut self, by: Duration) {
        self.control.advance(by);
        for task in &mut self.tasks {
            task.pace = task.pace.later(by);
        }
    }
}

/// The service, with faults and with stock for everything.
async fn sandbox(plan: &Plan) -> io::Result<Sandbox> {
    let options = Options {
        balance: Decimal::from(1_000_000_000_000_u64),
        speed: f64::from(plan.speed),
        seed: plan.seed,
        faults: faults(plan.seed),
        ..Options::default()
    };
    let sandbox = Sandbox::try_start(options).await?;
    for (product, kind) in GIFT_KINDS {
        let item = StockItem::GiftCard { product_id: (*product).to_owned(), type_id: (*kind).to_owned() };
        sandbox.control().set_stock(&item, 1_000_000_000).map_err(io::Error::other)?;
    }
    Ok(sandbox)
}

/// Each worker's share; some orders are everybody's.
fn tasks(plan: &Plan, meant: &[Intended], sandbox: &Sandbox, journal: &std::path::Path) -> Vec<Task> {
    let pace = Pace::from_now(sandbox.control().now(), plan.speed);
    let share = |process: usize| {
        let is_ours = move |index: &usize| index.is_multiple_of(SHARED) || index % plan.processes == process;
        (0..meant.len()).filter(is_ours).map(|index| meant[index].clone()).collect()
    };
    let task = |process: usize| Task {
        name: format!("worker-{process}"),
        journal: journal.to_owned(),
        url: sandbox.url().to_owned(),
        pace,
        callers: plan.callers,
        until: Until::Calm,
        orders: share(process),
    };
    (0..plan.processes).map(task).collect()
}

/// In a hundred sends: 5 lost answers, 5 answered 500 although they took effect, 5 reset before, 2 times 429, 1 cut
/// answer; 6 orders that show themselves late, one of them later than two looks.
pub fn faults(seed: u64) -> FaultPlan {
    let rule = |percent: i64, operation: &str, fault: Fault| {
        FaultRule::new(operation, fault).with_probability(Decimal::new(percent, 2))
    };
    let late = |percent: i64, operation: &str, seconds: u64| {
        let params = FaultParams { visible_after_seconds: Some(seconds), ..FaultParams::default() };
        rule(percent, operation, Fault::LateVisibility).with_params(params)
    };
    let of = |operation: &'static str| {
        [
            rule(5, operation, Fault::LostReply),
            rule(5, operation, Fault::Error500After),
            rule(5, operation, Fault::ResetBefore),
            rule(2, operation, Fault::RateLimited),
            rule(1, operation, Fault::Truncated),
            late(5, operation, 30),
            late(1, operation, 150),
        ]
    };
    let rules = ["*.send", "gift_cards.place_order"].into_iter().flat_map(of).collect();
    FaultPlan { seed, rules }
}
