//! A hundred thousand open orders in a journal, taken up by an engine that starts.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::sleep;

use super::engine::Resumed;
use super::track::send_orders;
use super::worker::Worker;
use super::{counts, release, start_book};
use crate::calls::Result;
use crate::verdict::{Goal, line, note, title};

const MOST_SECONDS: f64 = 2.0;
/// The engine's default budget: requests in a second, and as many once in a burst.
const PER_SECOND: f64 = 50.0;
/// How long the requests are counted, in milliseconds.
const COUNTED: i64 = 10_000;
/// An order is looked at for the first time when half a poll interval is over.
const FIRST_LOOK: Duration = Duration::from_millis(2_600);
/// Orders settle over this time. A tenth of it is over when the engine starts, so that its first looks bring news.
const SETTLES: (i64, i64) = (0, 600_000);

pub(crate) async fn measure(folder: &Path, orders: usize) -> Result<()> {
    title(format_args!("{orders} open orders in the journal of an engine that starts"))?;
    let service = start_book(SETTLES)?;
    let own = TempDir::new_in(folder)?;
    let journal = own.path().join("journal.db");
    let before = std::time::Instant::now();
    send_orders(&service, &journal, orders)?;
    let size = journal.metadata()?.len() as f64 / 1e6;
    note(format_args!("prepared in {:.0} s; the journal has {size:.0} MB", before.elapsed().as_secs_f64()))?;
    // Even the youngest is due then, as after any restart that takes a moment.
    sleep(FIRST_LOOK).await;
    let path = journal.to_str().ok_or("the folder's name is not UTF-8")?;
    let time = (COUNTED + 500).to_string();
    let arguments =
        ["resume-orders", "--address", &service.address, "--journal", path, "--milliseconds", &time];
    let mut worker = Worker::start(&arguments)?;
    let _: String = worker.hear()?;
    release(&service, SETTLES.1 / 10).await?;
    worker.tell(&0)?;
    let Resumed { started_at, journal_open_at, first_event_at, peak_memory, cpu_milliseconds } =
        worker.hear()?;
    let counts = counts(&service).await?;
    let since_start = |at: i64| (at - started_at) as f64 / 1000.0;
    let first_request = counts.arrivals.iter().min().copied().map(since_start);
    let within = |span: std::ops::Range<i64>| {
        counts.arrivals.iter().filter(|at| span.contains(&(**at - started_at))).count()
    };
    let busiest = (0..COUNTED / 1000).map(|second| within(second * 1000..(second + 1) * 1000)).max();
    line("until the journal is open", Some(since_start(journal_open_at)), " s", &Goal::Told)?;
    line("until the first request", first_request, " s", &Goal::AtMost(MOST_SECONDS))?;
    let first_event = first_event_at.map(since_start);
    line("until the first news of an order", first_event, " s", &Goal::AtMost(MOST_SECONDS))?;
    note(
        "budget: a burst of 50 once and 50 a second from then on, so at most 100 in a second and 550 in ten",
    )?;
    let most = Some(busiest.unwrap_or_default() as f64);
    line("requests in the busiest second", most, "", &Goal::AtMost(2.0 * PER_SECOND))?;
    let all = within(0..COUNTED) as f64;
    let bound = PER_SECOND * (1.0 + COUNTED as f64 / 1000.0);
    line("requests in the first 10 s", Some(all), "", &Goal::AtMost(bound))?;
    note(format_args!("  pages read: {}, single looks: {}", counts.lists, counts.checks))?;
    line("CPU of the engine in this time", Some(cpu_milliseconds as f64), " ms", &Goal::Told)?;
    line("memory of the engine at its peak", peak_memory.map(|bytes| bytes as f64 / 1e6), " MB", &Goal::Told)
}
