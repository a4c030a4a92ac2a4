//! CPU per request of the engine's typed calls beside raw hyper, hyper-util's pooled client and raw reqwest.
//!
//! Absolute times mean nothing on a shared machine, so all clients make the same calls in the same process, one after
//! the other in every round, and the medians of the rounds' ratios are printed. The service is another process, on
//! another core where there is one, so that its CPU time does not count.

mod calls;
mod contenders;
mod machine;
mod report;
mod round;
mod service;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::calls::{Calls, Result};
use crate::contenders::Contender;
use crate::report::Table;
use crate::service::Service;

#[derive(Parser)]
#[command(about = "CPU per request of the engine beside raw hyper and raw reqwest, as ratios")]
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
    },
}

#[derive(Args)]
struct Plan {
    /// A few seconds, to see that everything works: the figures are noise.
    #[arg(long)]
    quick: bool,
    /// How often each client has its turn [default: 15, quick: 3].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// How many requests each turn measures [default: 4096, quick: 512].
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
        Some(Command::Serve { core }) => service::serve(core).map(|()| true),
        None => compare(&plan),
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

/// Whether the engine kept its connections: the one result that is not a matter of speed.
fn compare(plan: &Plan) -> Result<bool> {
    let cores = machine::two_cores();
    // Before the first thread starts, so that all of them stay there.
    let pinned = cores.is_some_and(|(client, _)| machine::stay_on(client));
    let service = Service::start(cores.filter(|_| pinned).map(|(_, service)| service))?;
    report::header(plan.rounds(), plan.requests(), cores.filter(|_| pinned))?;

    // One core, one worker: what several would do to each other on it is not the clients' doing.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
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
