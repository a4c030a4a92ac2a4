//! The engine's events on their way to Python's `logging`. The engine's threads put them into a queue and never ask for
//! the GIL; a thread of Python's takes them out (`oneclickdz/_log.py`). What nobody listens to costs a comparison.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Events that wait at most; a program that does not take them loses the oldest.
const QUEUE: usize = 10_000;
/// How often the level that `logging` is set to is asked for.
const LOOK: Duration = Duration::from_secs(1);

struct Queue {
    entries: VecDeque<(u8, String, String)>,
    is_stopped: bool,
}

static LOG: Mutex<Queue> = Mutex::new(Queue { entries: VecDeque::new(), is_stopped: false });
static NEWS: Condvar = Condvar::new();
/// `logging`'s number of the least level that somebody listens to, divided by 10; 5 and above is nothing at all.
static LEVEL: AtomicU8 = AtomicU8::new(u8::MAX);
static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
static NEXT_LOOK: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static HELD: RefCell<Option<MutexGuard<'static, Queue>>> = const { RefCell::new(None) };
}

fn log() -> MutexGuard<'static, Queue> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks `logging` for its level, and has its thread started in this process, once in a while.
pub(crate) fn look(py: Python<'_>) -> PyResult<()> {
    let now = u64::try_from(STARTED.elapsed().as_millis()).unwrap_or(u64::MAX);
    let next = NEXT_LOOK.load(Ordering::Relaxed);
    let later = now.saturating_add(LOOK.as_millis() as u64);
    let is_mine =
        now >= next && NEXT_LOOK.compare_exchange(next, later, Ordering::Relaxed, Ordering::Relaxed).is_ok();
    if is_mine {
        py.import("oneclickdz._log")?.getattr("look")?.call0()?;
    }
    Ok(())
}

/// Makes the next call ask `logging` for its level: a new client, or a new process.
pub(crate) fn look_soon() {
    NEXT_LOOK.store(0, Ordering::Relaxed);
}

/// Holds the queue still while the process is forked: a lock that another thread has then would stay locked in the child.
pub(crate) fn hold() {
    HELD.with_borrow_mut(|held| *held = Some(log()));
}

/// Lets go of the queue; a child begins with an empty one.
pub(crate) fn let_go(is_child: bool) {
    let held = HELD.with_borrow_mut(Option::take);
    if let (Some(mut queue), true) = (held, is_child) {
        queue.entries.clear();
        queue.is_stopped = false;
        look_soon();
    }
}

/// Sets the least level, as `logging` counts, and begins to listen with the first call.
#[pyfunction]
#[pyo3(name = "_listen")]
pub(crate) fn listen(level: u32) {
    static SUBSCRIBE: Once = Once::new();
    let level = u8::try_from(level / 10).unwrap_or(u8::MAX);
    let before = LEVEL.swap(level, Ordering::Relaxed);
    log().is_stopped = false;
    // Another one can only come from code that shares this library's copy of `tracing`, which there is none.
    SUBSCRIBE.call_once(|| {
        drop(tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Listener)))
    });
    if before != level {
        tracing::callsite::rebuild_interest_cache();
    }
}

/// The events that have come: `(level, logger, message)`. Waits for some; nothing at all once it was stopped.
#[pyfunction]
#[pyo3(name = "_next_logs")]
pub(crate) fn next_logs(py: Python<'_>) -> Vec<(u32, String, String)> {
    let taken = py.detach(|| {
        let mut queue = log();
        while queue.entries.is_empty() && !queue.is_stopped {
            queue = NEWS.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::take(&mut queue.entries)
    });
    taken.into_iter().map(|(level, logger, text)| (u32::from(level) * 10, logger, text)).collect()
}

/// Ends the waiting for events.
#[pyfunction]
#[pyo3(name = "_stop_logs")]
pub(crate) fn stop_logs() {
    log().is_stopped = true;
    NEWS.notify_all();
}

struct Listener;

/// What a span says of the events within it.
struct Told(String);

impl Listener {
    fn hears(metadata: &Metadata<'_>) -> bool {
        number(*metadata.level()) >= LEVEL.load(Ordering::Relaxed)
            && metadata.target().starts_with("oneclickdz")
    }
}

fn number(level: Level) -> u8 {
    match level {
        Level::ERROR => 4,
        Level::WARN => 3,
        Level::INFO => 2,
        _ => 1,
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        match Self::hears(metadata) {
            true => tracing::subscriber::Interest::always(),
            false => tracing::subscriber::Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        Self::hears(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match LEVEL.load(Ordering::Relaxed) {
            0 | 1 => LevelFilter::DEBUG,
            2 => LevelFilter::INFO,
            3 => LevelFilter::WARN,
            4 => LevelFilter::ERROR,
            _ => LevelFilter::OFF,
        })
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut text = Text::default();
            attributes.record(&mut text);
            span.extensions_mut().insert(Told(text.fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let mut message = text.message + &text.fields;
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Told(fields)) = span.extensions().get::<Told>() {
                message.push_str(fields);
            }
        }
        let logger = event.metadata().target().replace("::", ".");
        let mut queue = log();
        if queue.entries.len() >= QUEUE {
            queue.entries.pop_front();
        }
        queue.entries.push_back((number(*event.metadata().level()), logger, message));
        drop(queue);
        NEWS.notify_one();
    }
}

#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {}={value:?}", name.trim_start_matches("r#")),
        };
    }
}
