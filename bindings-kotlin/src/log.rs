//! The engine's log lines on their way to whatever logger the program has. The engine's threads put them into a queue and
//! never wait for the JVM; a thread of the JVM takes them out. What nobody listens to costs a comparison.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Condvar, Mutex, Once, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::inbox::locked;

/// Lines that wait at most; a program that does not take them loses the oldest.
const QUEUE: usize = 10_000;

/// How grave a log line is.
#[derive(Clone, Copy, uniffi::Enum)]
pub enum LogLevel {
    /// Something is broken, and a person should look.
    Error,
    /// Something went wrong that the engine deals with.
    Warn,
    /// What happens.
    Info,
    /// Each request.
    Debug,
    /// Everything.
    Trace,
}

/// One line of the engine's log. Never holds a key or a code.
#[derive(uniffi::Record)]
pub struct LogLine {
    /// How grave it is.
    pub level: LogLevel,
    /// What happened, in English.
    pub text: String,
    /// The call that it belongs to, such as `mobile.send`.
    pub operation: Option<String>,
    /// Further facts by their names.
    pub fields: HashMap<String, String>,
}

static LINES: Mutex<VecDeque<LogLine>> = Mutex::new(VecDeque::new());
static NEWS: Condvar = Condvar::new();
/// The most talkative level that the program wants; 0 for none.
static LOUDEST: AtomicU8 = AtomicU8::new(0);
static IS_WANTED: AtomicBool = AtomicBool::new(false);
static INSTALLED: Once = Once::new();

/// Begins to keep lines from this level on, or ends it.
pub(crate) fn listen(level: Option<LogLevel>) {
    INSTALLED.call_once(|| {
        // A program that links the engine twice has a subscriber already: then that one gets the lines.
        let _ = tracing::subscriber::set_global_default(Registry::default().with(Forward));
    });
    LOUDEST.store(level.map_or(0, |level| level as u8 + 1), Ordering::Relaxed);
    IS_WANTED.store(level.is_some(), Ordering::Relaxed);
    if level.is_none() {
        locked(&LINES).clear();
    }
    NEWS.notify_all();
}

/// The lines that have come. Waits for some, at most so long and while somebody listens.
pub(crate) fn take(wait: Duration) -> Vec<LogLine> {
    let lines = locked(&LINES);
    let idle = |lines: &mut VecDeque<LogLine>| lines.is_empty() && IS_WANTED.load(Ordering::Relaxed);
    let (mut lines, _) = NEWS.wait_timeout_while(lines, wait, idle).unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *lines).into()
}

struct Forward;

fn level(metadata: &Metadata<'_>) -> LogLevel {
    match *metadata.level() {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

#[derive(Default)]
struct Told {
    text: String,
    fields: HashMap<String, String>,
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.text),
            name => drop(self.fields.insert(name.trim_start_matches("r#").to_owned(), value.to_owned())),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// The call that a span is about.
struct Operation(String);

impl Visit for Operation {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "operation" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Forward {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        match metadata.target().starts_with("oneclickdz") {
            true => tracing::subscriber::Interest::sometimes(),
            false => tracing::subscriber::Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        (level(metadata) as u8) < LOUDEST.load(Ordering::Relaxed)
    }

    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        id: &tracing::span::Id,
        context: Context<'_, S>,
    ) {
        let mut operation = Operation(String::new());
        attributes.record(&mut operation);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(operation);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        let operation = context
            .event_span(event)
            .and_then(|span| span.extensions().get::<Operation>().map(|operation| operation.0.clone()))
            .filter(|operation| !operation.is_empty());
        let line =
            LogLine { level: level(event.metadata()), text: told.text, operation, fields: told.fields };
        let mut lines = locked(&LINES);
        if lines.len() == QUEUE {
            lines.pop_front();
        }
        lines.push_back(line);
        drop(lines);
        NEWS.notify_one();
    }
}
