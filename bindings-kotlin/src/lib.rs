//! The native part of the Kotlin package `com.oneclickdz:sdk`. Thin: it starts calls of the engine, hands their results
//! over and turns values. What people see is written in Kotlin.
//!
//! The border is two messages: a `Call` goes in under a ticket, an `Answer` comes out
//! under it, and all answers that are there cross together. Those two cross through `hot`; what is seldom called, and
//! what the program is asked for, goes uniffi's own way.

mod answer;
mod border;
mod call;
mod channels;
mod engine;
mod failure;
mod hot;
mod inbox;
mod log;
mod models;
mod seat;
mod settings;
mod stream;

use std::time::Duration;

use zeroizing_alloc::ZeroAlloc;

use log::{LogLevel, LogLine};

/// Memory is wiped when it is freed, so that card codes and keys do not stay behind in it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

uniffi::setup_scaffolding!("oneclickdz");

/// What came of a text message that the program was asked to send: the gateway's own id of it, or what went wrong.
#[uniffi::export]
pub fn border_handed(number: i64, receipt: Option<String>, trouble: Option<String>, is_permanent: bool) {
    channels::handed(number, receipt, trouble, is_permanent);
}

/// Begins to keep log lines from this level on, or ends it.
#[uniffi::export]
pub fn border_listen(level: Option<LogLevel>) {
    log::listen(level);
}

/// The log lines that have come; waits for some, at most so long.
#[uniffi::export]
pub fn border_lines(wait_ms: i64) -> Vec<LogLine> {
    log::take(Duration::from_millis(wait_ms.unsigned_abs()))
}

/// A reference that no other call makes.
#[uniffi::export]
pub fn border_make_ref(prefix: String) -> String {
    oneclickdz::make_ref(&prefix)
}

fn limit(timeout_ms: i64) -> Option<Duration> {
    u64::try_from(timeout_ms).ok().filter(|time| *time > 0).map(Duration::from_millis)
}
