//! Journals that are closed while their process is forked.
//!
//! SQLite keeps for each process which locks it holds on a file. A child that is forked while the file is open has that
//! memory and none of the locks: it would wait for ever, or write without a lock. So before a fork every connection is
//! closed, and opened again after it; a child that was forked otherwise is refused.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as blocking;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::trouble::{Trouble, patiently};
use super::writer::Job;
use crate::error::Result;
use crate::journal::forked_while_open;
use crate::runtime::Moment;

/// How long a fork waits for what is being written.
const LONGEST: Duration = Duration::from_secs(10);
/// How soon a thread that closes its file is looked at again.
const PAUSE: Duration = Duration::from_micros(100);

/// The journals' threads of one process. Locked while a journal is opened, and while the process is forked.
pub(super) struct Threads {
    process: u32,
    workers: Vec<Known>,
}

/// A thread that has a file open: the way to it, and whether it still has.
struct Known {
    steps: mpsc::WeakSender<Job>,
    is_open: Arc<AtomicBool>,
}

static THREADS: Mutex<Threads> = Mutex::new(Threads { process: 0, workers: Vec::new() });

fn threads() -> MutexGuard<'static, Threads> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every journal of this process, closed. They open again when this is dropped; in a forked child there are none.
pub(crate) struct Still {
    threads: MutexGuard<'static, Threads>,
    /// The marks of the threads that pause, and what ends their pauses when it is dropped.
    paused: Vec<(Arc<AtomicBool>, blocking::Sender<()>)>,
    is_complete: bool,
}

/// Closes every journal of this process, after what is being written. Blocks its thread for as long as that takes.
pub(crate) fn hold_still() -> Still {
    let threads = threads();
    let began = Moment::now();
    let (mut paused, mut is_complete) = (Vec::new(), true);
    // In the order in which they were started: the last one to close brings the file in order.
    for worker in &threads.workers {
        let (end, resumed) = blocking::channel();
        if worker.tell(Job::Pause(Pause { resume: resumed }), began) {
            paused.push((Arc::clone(&worker.is_open), end));
        }
        is_complete &= worker.has_closed(began);
    }
    Still { threads, paused, is_complete }
}

impl Known {
    /// Hands a job over, unless the thread is about to end by itself; says whether it did. A full queue moves on.
    fn tell(&self, mut job: Job, began: Moment) -> bool {
        while let Some(steps) = self.steps.upgrade() {
            match steps.try_send(job) {
                Err(mpsc::error::TrySendError::Full(back)) if began.age() < LONGEST => job = back,
                told => return told.is_ok(),
            }
            std::thread::sleep(PAUSE);
        }
        false
    }

    fn has_closed(&self, began: Moment) -> bool {
        while self.is_open.load(Ordering::Acquire) && began.age() < LONGEST {
            std::thread::sleep(PAUSE);
        }
        !self.is_open.load(Ordering::Acquire)
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        if self.threads.process == std::process::id() {
            // Whoever looks from now on has to wait for what these threads are about to open.
            return self.paused.iter().for_each(|(is_open, _)| is_open.store(true, Ordering::Release));
        }
        // A thread of the parent's may have been inside one, with its lock, at the moment of the fork.
        std::mem::forget(std::mem::take(&mut self.paused));
        // A child has none of the threads. Where one did not close in time, the child keeps the mark of it.
        if self.is_complete {
            self.threads.workers.clear();
        }
    }
}

impl Threads {
    /// The right to open a journal: not while the process is forked, and not in a child whose parent had one open.
    pub(super) fn to_open(operation: &'static str) -> Result<MutexGuard<'static, Self>> {
        let mut threads = threads();
        threads.workers.retain(|worker| worker.is_open.load(Ordering::Acquire));
        if threads.workers.is_empty() {
            threads.process = std::process::id();
        }
        if threads.process == std::process::id() { Ok(threads) } else { Err(forked_while_open(operation)) }
    }

    /// Remembers a thread that has a file open.
    pub(super) fn know(&mut self, steps: &mpsc::Sender<Job>, is_open: Arc<AtomicBool>) {
        self.workers.push(Known { steps: steps.downgrade(), is_open });
    }
}

/// An open connection, and the mark that it is.
pub(super) struct Open {
    // Closed before the mark is taken away.
    pub(super) connection: Connection,
    mark: Mark,
}

struct Mark(Arc<AtomicBool>);

impl Open {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, mark: Mark(Arc::new(AtomicBool::new(true))) }
    }

    pub(super) fn mark(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.mark.0)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// A worker's pause.
pub(super) struct Pause {
    resume: blocking::Receiver<()>,
}

impl Pause {
    /// Closes the connection until the pause is over. Nothing when it cannot be opened again.
    pub(super) fn take(self, open: Open, again: &dyn Fn() -> Result<Connection, Trouble>) -> Option<Open> {
        let mark = open.mark();
        drop(open);
        // Fails when the other side goes away, which is the end of the pause.
        let _ = self.resume.recv();
        // It has set the mark before, unless this pause came too late to be waited for.
        mark.store(true, Ordering::Release);
        let mark = Mark(mark);
        let connection = patiently(again).ok()?;
        Some(Open { connection, mark })
    }
}
