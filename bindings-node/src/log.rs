//! The engine's log lines, for whatever logger the program has.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Once, PoisonError, RwLock, Weak};

use napi_derive::napi;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::border::{IntoJs, Value};
use crate::inbox::{Inbox, Post};

/// The ticket of what nobody has asked for.
pub(crate) const UNASKED: u32 = 0;

/// Who listens, one per JavaScript thread, and from which level on.
static LISTENERS: RwLock<Vec<(Weak<Post>, u8)>> = RwLock::new(Vec::new());
/// The most talkative level that anybody wants; 0 for none.
static LOUDEST: AtomicU8 = AtomicU8::new(0);
static INSTALLED: Once = Once::new();

/// Sends log lines up to `level` (0 none, 1 error, to 5 trace) to this inbox.
#[napi(catch_unwind)]
pub fn listen(inbox: &Inbox, level: u8) {
    INSTALLED.call_once(|| {
        // A program that links the engine twice has a subscriber already: then that one gets the lines.
        let _ = tracing::subscriber::set_global_default(Registry::default().with(Forward));
    });
    let post = inbox.post();
    let mut listeners = LISTENERS.write().unwrap_or_else(PoisonError::into_inner);
    listeners.retain(|(other, _)| other.upgrade().is_some_and(|other| !Arc::ptr_eq(&other, &post)));
    if level > 0 {
        listeners.push((Arc::downgrade(&post), level));
    }
    LOUDEST.store(listeners.iter().map(|(_, level)| *level).max().unwrap_or(0), Ordering::Relaxed);
}

/// One line: level, message, the call it belongs to, further fields.
#[derive(Clone, Default)]
struct Line {
    level: &'static str,
    message: String,
    operation: Option<String>,
    fields: Vec<(&'static str, String)>,
}

impl IntoJs for Line {
    type As = Self;
    fn into_js(self) -> Value {
        (self.level, self.message, (self.operation, self.fields)).into_js()
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = value.to_owned(),
            name => self.fields.push((name, value.to_owned())),
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

struct Forward;

fn weight(metadata: &Metadata<'_>) -> u8 {
    match LevelFilter::from_level(*metadata.level()) {
        LevelFilter::ERROR => 1,
        LevelFilter::WARN => 2,
        LevelFilter::INFO => 3,
        LevelFilter::DEBUG => 4,
        _ => 5,
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Forward {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        match metadata.target().starts_with("oneclickdz") {
            true => tracing::subscriber::Interest::sometimes(),
            false => tracing::subscriber::Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        weight(metadata) <= LOUDEST.load(Ordering::Relaxed)
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
        let weight = weight(event.metadata());
        let mut line = Line { level: event.metadata().level().as_str(), ..Line::default() };
        event.record(&mut line);
        line.operation = context
            .event_span(event)
            .and_then(|span| span.extensions().get::<Operation>().map(|operation| operation.0.clone()));
        for (post, level) in LISTENERS.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if let Some(post) = post.upgrade().filter(|_| weight <= *level) {
                post.put(UNASKED, Ok(line.clone().into_js()));
            }
        }
    }
}
