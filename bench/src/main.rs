//! What the engine costs beside those who do the same without it: CPU per request, the journal's price, many pending
//! orders, a restart with many of them.
//!
//! Absolute times mean nothing on a shared machine, so everything is compared with a peer of the same run, and medians
//! are printed. The service is another process, so that its CPU time does not count.

mod calls;
mod contenders;
mod journal;
mod machine;
mod pending;
mod report;
mod round;
mod service;
mod verdict;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tokio::runtime::Runtime;

use crate::calls::{Calls, Result};
use crate::contenders::Contender;
use crate::pending::Part;
use crate::report::Table;
use crate::service::Service;

#[derive(Parser)]
#[command(about = "What the engine costs beside those who do the same without it, as ratios")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    plan: Plan,
}

#[derive(Subcommand)]
enum Command {
    /// The service that the clients call; started by the benchmark itself.
    #[command(hide = true)]
    Serve {
        /// The core to run on.
        #[arg(long)]
        core: Option<usize>,
        /// Milliseconds that an answer takes.
        #[arg(long, default_value_t = 0)]
        answers_after: u64,
    },
    /// The sandbox as the service; started by the benchmark itself.
    #[command(hide = true)]
    ServeSandbox,
    /// A turn of bare hyper, its CPU told as JSON: what the calls take without any package.
    #[command(hide = true)]
    Bare {
        /// The service's address, without a scheme.
        address: String,
        #[arg(value_enum)]
        calls: Calls,
        callers: u32,
        requests: u32,
    },
    #[command(flatten)]
    Part(Part),
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// What the journal costs a send.
    Journal,
    /// 10,000 pending orders, followed to their end.
    Track,
    /// 100,000 open orders, taken up by an engine that starts.
    Resume,
    /// CPU per request.
    Cpu,
}

#[derive(Args)]
struct Plan {
    /// A few seconds, to see that everything works: the figures are noise.
    #[arg(long)]
    quick: bool,
    /// Only these suites; may be given several times.
    #[arg(long, value_enum, default_values_t = [Suite::Journal, Suite::Track, Suite::Resume, Suite::Cpu])]
    suite: Vec<Suite>,
    /// Where journals are written for a while: on the disk that is to be measured [default: beside this program].
    #[arg(long)]
    folder: Option<PathBuf>,
    /// How many orders are pending [default: 10000, quick: 300].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pending: Option<u32>,
    /// How many orders are open at a start [default: 100000, quick: 1000].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    open: Option<u32>,
    /// CPU per request and the journal: how often each client has its turn [default: 15, quick: 3].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// CPU per request: how many requests each turn measures [default: 4096, quick: 512].
    #[arg(long, value_parser = clap::value_parser!(u32).range(128..))]
    requests: Option<u32>,
    /// How many callers at once; may be given several times.
    #[arg(long, default_values_t = [1, 16, 64], value_parser = clap::value_parser!(u32).range(1..=512))]
    callers: Vec<u32>,
    /// Which calls to measure; may be given several times.
    #[arg(long, value_enum, default_values_t = [Calls::Check, Calls::SendAndCheck])]
    calls: Vec<Calls>,
    /// Only these clients, for a profiler; may be given several times.
    #[arg(long, value_enum)]
    client: Vec<Contender>,
}

impl Plan {
    fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 3 } else { 15 })
    }

    fn requests(&self) -> u32 {
        self.requests.unwrap_or(if self.quick { 512 } else { 4096 })
    }

    fn contenders(&self) -> &[Contender] {
        if self.client.is_empty() { Contender::value_variants() } else { &self.client }
    }
}

fn main() -> ExitCode {
    let Cli { command, plan } = Cli::parse();
    let outcome = match command {
        Some(Command::Serve { core, answers_after }) => service::serve(core, answers_after).map(|()| true),
        Some(Command::ServeSandbox) => service::serve_sandbox().map(|()| true),
        Some(Command::Bare { address, calls, callers, requests }) => {
            bare(&address, round::Setting { calls, callers, requests }).map(|()| true)
        }
        Some(Command::Part(part)) => pending::run(part).map(|()| true),
        None => measure(&plan),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("oneclickdz-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The suites that were asked for. The one that keeps to a core comes last: what is started from there on stays there.
fn measure(plan: &Plan) -> Result<bool> {
    let folder = match &plan.folder {
        Some(folder) => folder.clone(),
        None => std::env::current_exe()?.parent().ok_or("this program is in no folder")?.to_owned(),
    };
    let is_asked = |suite| plan.suite.contains(&suite);
    // A thread for each core, as an integrator's program has; all of them end before anything is pinned.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if is_asked(Suite::Journal) {
        let rounds = plan.rounds.unwrap_or(if plan.quick { 2 } else { 9 });
        let sends = |quick, full| if plan.quick { quick } else { full };
        let throughput = journal::Setting { rounds, callers: 64, sends: sends(640, 6400) };
        let alone = journal::Setting { rounds, callers: 1, sends: sends(50, 300) };
        runtime.block_on(journal::measure(&folder, throughput, alone))?;
    }
    if is_asked(Suite::Track) {
        let orders = plan.pending.unwrap_or(if plan.quick { 300 } else { 10_000 }) as usize;
        let (interval, settles) = if plan.quick { (1_000, (500, 4_000)) } else { (5_000, (5_000, 45_000)) };
        runtime
            .block_on(pending::measure_track(&folder, pending::TrackSetting { orders, interval, settles }))?;
    }
    if is_asked(Suite::Resume) {
        let orders = plan.open.unwrap_or(if plan.quick { 1_000 } else { 100_000 }) as usize;
        runtime.block_on(pending::measure_resume(&folder, orders))?;
    }
    drop(runtime);
    if is_asked(Suite::Cpu) { compare(plan) } else { Ok(true) }
}

/// One worker: what several would do to each other on one core is not the clients' doing.
fn on_one_core() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}

fn bare(address: &str, setting: round::Setting) -> Result<()> {
    let cpu = on_one_core()?.block_on(round::bare(address, setting))?;
    writeln!(std::io::stdout(), "{}", serde_json::json!({ "cpu_per_request": cpu.as_secs_f64() }))?;
    Ok(())
}

/// Whether the engine kept its connections: the one result that is not a matter of speed.
fn compare(plan: &Plan) -> Result<bool> {
    let cores = machine::two_cores();
    // Before the first thread starts, so that all of them stay there.
    let pinned = cores.is_some_and(|(client, _)| machine::stay_on(client));
    let service = Service::start(cores.filter(|_| pinned).map(|(_, service)| service))?;
    report::header(plan.rounds(), plan.requests(), cores.filter(|_| pinned))?;

    let runtime = on_one_core()?;
    let mut all_kept = true;
    for calls in &plan.calls {
        let table = Table::new(*calls, plan.contenders());
        table.print_head()?;
        for callers in &plan.callers {
            let setting = round::Setting { calls: *calls, callers: *callers, requests: plan.requests() };
            let turns = (0..plan.rounds())
                .map(|_| runtime.block_on(round::play(&service, plan.contenders(), setting)))
                .collect::<Result<Vec<_>>>()?;
            all_kept &= table.print_row(*callers, &turns)?;
        }
    }
    report::footer(all_kept)?;
    Ok(all_kept)
}
