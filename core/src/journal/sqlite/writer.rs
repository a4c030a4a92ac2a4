//! A thread that owns a connection, and the group commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::still::{Open, Pause, Threads};
use super::trouble::{Place, Trouble, patiently};
use crate::error::Result;
use crate::journal::Durability;
use crate::journal::rules::{defect, failed};

/// How many writes share one commit at most.
const GROUP: usize = 256;

/// How many steps wait for the thread before their callers wait for room.
const QUEUE: usize = 4 * GROUP;

/// The way to a thread that owns a connection. The thread ends with the last of these.
#[derive(Clone)]
pub(super) struct Worker {
    steps: mpsc::Sender<Job>,
    place: Place,
}

pub(super) enum Job {
    Read(Box<dyn FnOnce(&Connection) + Send>),
    Write(Durability, Box<dyn Write>),
    Pause(Pause),
}

/// How a worker gets its connection, the first time and after a pause.
pub(super) type Connect = Box<dyn Fn() -> Result<Connection, Trouble> + Send>;

impl Worker {
    /// A thread of that name. Its connection closes after that of `earlier`: the last one to close brings the file in
    /// order, which one that only reads cannot. It can be made to close for a while (`still`).
    pub(super) fn start(
        name: &str,
        (connection, again): (Connection, Connect),
        threads: &mut Threads,
        place: &Place,
        earlier: Option<JoinHandle<()>>,
    ) -> Result<(Self, JoinHandle<()>)> {
        let (steps, waiting) = mpsc::channel(QUEUE);
        let open = Open::new(connection);
        threads.know(&steps, open.mark());
        let run = move || {
            let open = work(open, again, waiting);
            // It ends as this one did, with the journal; a panic there is no reason not to close here.
            let _ = earlier.map(JoinHandle::join);
            drop(open);
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(|cause| {
            failed("journal.open", "the journal's thread cannot be started").with_source(cause)
        })?;
        Ok((Self { steps, place: place.clone() }, thread))
    }

    /// Reads what is committed.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        step: impl Fn(&Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let place = self.place.clone();
        let read = move |connection: &Connection| {
            let told = caught(operation, || patiently(|| step(connection)));
            // A caller that went away needs no answer.
            let _ = reply.send(told.map_err(|trouble| place.error(operation, trouble)));
        };
        self.hand_over(operation, Job::Read(Box::new(read)), answer).await
    }

    /// Writes, durably once this returns. A step that fails leaves nothing behind.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        step: impl FnOnce(&Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T> {
        self.write_with(Durability::AtOnce, operation, step).await
    }

    /// Writes, as durably as is asked for.
    pub(super) async fn write_with<T: Send + 'static>(
        &self,
        durability: Durability,
        operation: &'static str,
        step: impl FnOnce(&Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let place = self.place.clone();
        let task = Task { operation, place, step: Some(step), told: None, reply };
        self.hand_over(operation, Job::Write(durability, Box::new(task)), answer).await
    }

    async fn hand_over<T>(
        &self,
        operation: &'static str,
        job: Job,
        answer: oneshot::Receiver<Result<T>>,
    ) -> Result<T> {
        let is_taken = self.steps.send(job).await.is_ok();
        match answer.await {
            Ok(told) => told,
            Err(_) if is_taken => {
                Err(failed(operation, "the journal's thread ended during this step: read what it wrote"))
            }
            Err(_) => Err(failed(operation, "the journal's thread has ended: build a new client")),
        }
    }
}

/// Runs until nobody can hand in work any more.
///
/// The connection comes back open, if it is: when it closes is for the caller to say.
fn work(mut open: Open, again: Connect, mut waiting: mpsc::Receiver<Job>) -> Option<Open> {
    let mut jobs = Vec::with_capacity(GROUP);
    let mut is_relaxed = false;
    while waiting.blocking_recv_many(&mut jobs, GROUP) > 0 {
        let mut groups = Groups::default();
        for job in jobs.drain(..) {
            match job {
                // Before the groups' transactions, so that a read only sees what is committed.
                Job::Read(read) => read(&open.connection),
                Job::Write(Durability::AtOnce, write) => groups.at_once.push(write),
                Job::Write(Durability::Soon, write) => groups.soon.push(write),
                Job::Pause(pause) => {
                    std::mem::take(&mut groups).commit(&open.connection, &mut is_relaxed);
                    // Where it cannot be opened again, those who wait hear that the thread has ended.
                    open = pause.take(open, &again)?;
                }
            }
        }
        groups.commit(&open.connection, &mut is_relaxed);
    }
    Some(open)
}

/// Writes that wait together.
#[derive(Default)]
struct Groups {
    soon: Vec<Box<dyn Write>>,
    at_once: Vec<Box<dyn Write>>,
}

impl Groups {
    /// Those that need not wait for the disk go first and are answered before it is waited for. That wait then makes
    /// them durable too. `is_relaxed` says whether the connection may still commit without it, from one call to the next:
    /// nothing is written at once before it is known that it may not.
    fn commit(self, connection: &Connection, is_relaxed: &mut bool) {
        if !self.soon.is_empty() {
            *is_relaxed = true;
            // Should this fail, the commit is as durable as any other.
            let _ = connection.execute_batch("PRAGMA synchronous = NORMAL");
            commit(connection, self.soon);
        }
        if *is_relaxed && !self.at_once.is_empty() {
            if let Err(cause) = connection.execute_batch("PRAGMA synchronous = FULL") {
                return self.at_once.into_iter().for_each(|write| {
                    let failure = GroupFailure(write.place().sentence(&cause));
                    write.finish(Some(&failure));
                });
            }
            *is_relaxed = false;
        }
        commit(connection, self.at_once);
    }
}

fn commit(connection: &Connection, mut group: Vec<Box<dyn Write>>) {
    if !group.is_empty() {
        let fate = write_together(connection, &mut group);
        group.into_iter().for_each(|write| write.finish(fate.as_ref().err()));
    }
}

/// One write of a group, whatever it answers.
pub(super) trait Write: Send {
    /// Takes the step, or tells what was in its way.
    fn run(&mut self, connection: &Connection) -> Result<(), GroupFailure>;
    /// Answers the caller, once the group is committed or has failed.
    fn finish(self: Box<Self>, failure: Option<&GroupFailure>);
    fn place(&self) -> &Place;
}

/// Why nothing of a group was written.
pub(super) struct GroupFailure(String);

struct Task<T, F> {
    operation: &'static str,
    place: Place,
    step: Option<F>,
    told: Option<Result<T, Trouble>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Write for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Trouble> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), GroupFailure> {
        let Some(step) = self.step.take() else { return Ok(()) };
        let told = caught(self.operation, || step(connection));
        let obstacle = match &told {
            Ok(_) => Ok(()),
            Err(Trouble::Sqlite(cause)) => Err(GroupFailure(self.place.sentence(cause))),
            Err(Trouble::Refused(refusal)) => Err(GroupFailure(refusal.detail().to_owned())),
        };
        self.told = Some(told);
        obstacle
    }

    fn finish(self: Box<Self>, failure: Option<&GroupFailure>) {
        let answer = match (failure, self.told) {
            // Even a refusal may rest on what another step of the group had written.
            (Some(GroupFailure(detail)), _) => Err(failed(self.operation, detail.as_str())),
            (None, Some(told)) => told.map_err(|trouble| self.place.error(self.operation, trouble)),
            (None, None) => Err(defect(self.operation)),
        };
        // A caller that went away needs no answer.
        let _ = self.reply.send(answer);
    }

    fn place(&self) -> &Place {
        &self.place
    }
}

/// One transaction for all. On failure nothing of the group is on disk.
///
/// A step that is refused has written nothing yet, as a rule, and then the others go on. One that fails half-way (a full
/// disk, a damaged file, a defect) takes the group with it: a savepoint for each would cost every step for its sake.
fn write_together(connection: &Connection, group: &mut [Box<dyn Write>]) -> Result<(), GroupFailure> {
    let Some(place) = group.first().map(|write| write.place().clone()) else { return Ok(()) };
    let run = |sql| execute(connection, sql).map_err(|cause| GroupFailure(place.sentence(&cause)));
    patiently(|| Ok(execute(connection, "BEGIN IMMEDIATE")?)).map_err(|trouble| match trouble {
        Trouble::Sqlite(cause) => GroupFailure(place.sentence(&cause)),
        Trouble::Refused(refusal) => GroupFailure(refusal.detail().to_owned()),
    })?;
    let written = group
        .iter_mut()
        .try_for_each(|write| {
            let before = connection.total_changes();
            match write.run(connection) {
                // Some failures make SQLite roll everything back by itself.
                Err(obstacle) if connection.is_autocommit() || connection.total_changes() != before => {
                    Err(obstacle)
                }
                _ => Ok(()),
            }
        })
        .and_then(|()| run("COMMIT"));
    if written.is_err() && !connection.is_autocommit() {
        // If even this fails, the next BEGIN does too and says why.
        let _ = execute(connection, "ROLLBACK");
    }
    written
}

fn execute(connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

/// A panic becomes an error: the thread serves others too.
fn caught<T>(operation: &'static str, step: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| Err(Trouble::Refused(defect(operation))))
}
