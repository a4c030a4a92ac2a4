//! Many pending orders: following ten thousand to their end, and taking up a hundred thousand after a restart.

mod book;
mod engine;
mod id;
mod naive;
mod resume;
mod track;
mod worker;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::calls::Result;
use crate::service::Service;

pub(crate) use resume::measure as measure_resume;
pub(crate) use track::{Setting as TrackSetting, measure as measure_track};

/// The parts that run in processes of their own, started by the benchmark itself.
#[derive(Subcommand)]
pub(crate) enum Part {
    /// The service that remembers its orders.
    #[command(hide = true)]
    Book {
        #[arg(long)]
        settles_from: i64,
        #[arg(long)]
        settles_to: i64,
    },
    /// The engine sends orders.
    #[command(hide = true)]
    SendOrders {
        #[arg(long)]
        address: String,
        #[arg(long)]
        journal: PathBuf,
        #[arg(long)]
        count: usize,
    },
    /// The engine follows orders.
    #[command(hide = true)]
    FollowOrders {
        #[arg(long)]
        address: String,
        #[arg(long)]
        journal: PathBuf,
        #[command(flatten)]
        plan: Follow,
    },
    /// One task and reqwest for each order.
    #[command(hide = true)]
    FollowNaively {
        #[arg(long)]
        address: String,
        #[command(flatten)]
        plan: Follow,
    },
    /// The engine takes orders up after a restart.
    #[command(hide = true)]
    ResumeOrders {
        #[arg(long)]
        address: String,
        #[arg(long)]
        journal: PathBuf,
        #[arg(long)]
        milliseconds: u64,
    },
}

/// How orders are followed; times in milliseconds.
#[derive(Clone, Copy, Args)]
pub(crate) struct Follow {
    #[arg(long)]
    count: usize,
    #[arg(long)]
    interval: u64,
    /// The end of patience, after the release.
    #[arg(long)]
    patience: i64,
    #[arg(long)]
    waiters: bool,
}

impl Follow {
    fn interval(&self) -> Duration {
        Duration::from_millis(self.interval)
    }

    fn time_left(&self, released_at: i64) -> Duration {
        let left = released_at + self.patience - id::now();
        Duration::from_millis(left.max(0).unsigned_abs())
    }
}

/// The same references in every process.
fn reference(place: usize) -> String {
    format!("bench-pending-{place:08}")
}

pub(crate) fn run(part: Part) -> Result<()> {
    if let Part::Book { settles_from, settles_to } = part {
        return book::serve((settles_from, settles_to));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match part {
            Part::Book { .. } => Ok(()),
            Part::SendOrders { address, journal, count } => engine::send(&address, &journal, count).await,
            Part::FollowOrders { address, journal, plan } => engine::follow(&address, &journal, plan).await,
            Part::FollowNaively { address, plan } => naive::follow(&address, plan).await,
            Part::ResumeOrders { address, journal, milliseconds } => {
                engine::resume(&address, &journal, Duration::from_millis(milliseconds)).await
            }
        }
    })
}

/// Starts the service whose orders settle at times of this range, in milliseconds after the release.
fn start_book(settles: (i64, i64)) -> Result<Service> {
    let (from, to) = (settles.0.to_string(), settles.1.to_string());
    Service::start_as(&["book", "--settles-from", &from, "--settles-to", &to])
}

/// From now on orders settle, as if that had begun so many milliseconds ago. Gives the time of that.
async fn release(service: &Service, ago: i64) -> Result<i64> {
    let answer = service.ask(&format!("{}?{ago}", book::RELEASE_PATH)).await?;
    Ok(serde_json::from_slice(&answer)?)
}

async fn counts(service: &Service) -> Result<book::Counts> {
    Ok(serde_json::from_slice(&service.ask(book::COUNTS_PATH).await?)?)
}
