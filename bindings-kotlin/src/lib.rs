//! The native part of the Kotlin package `com.oneclickdz:sdk`. Thin: it starts calls of the engine, hands their results
//! over and turns values. What people see is written in Kotlin.
//!
//! The border is two messages: a `Call` goes in under a ticket, an `Answer` comes out
//! under it. A crossing costs about ten microseconds on a JVM whatever it carries, so a call is one crossing, and all
//! answers that are there cross together.

mod answer;
mod border;
mod call;
mod engine;
mod failure;
mod inbox;
mod models;
mod settings;
mod stream;

use std::time::Duration;

use zeroizing_alloc::ZeroAlloc;

use answer::Done;
use call::Call;
use stream::Stream;

/// Memory is wiped when it is freed, so that card codes and keys do not stay behind in it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

uniffi::setup_scaffolding!("oneclickdz");

/// Starts a call of an engine. Its answer comes under the ticket. A time of 0 means the engine's own limit.
#[uniffi::export]
pub fn border_start(engine: i64, ticket: i64, timeout_ms: i64, call: Call) {
    engine::start(engine, ticket, limit(timeout_ms), call);
}

/// Makes a sequence. Nothing happens before its first part is asked for.
#[uniffi::export]
pub fn border_open(engine: i64, stream: i64, timeout_ms: i64, of: Stream) {
    stream::open(engine, stream, limit(timeout_ms), of);
}

/// Asks for the next part of a sequence. The answer comes under the ticket.
#[uniffi::export]
pub fn border_next(stream: i64, ticket: i64) {
    stream::next(stream, ticket);
}

/// Lets go of a sequence.
#[uniffi::export]
pub fn border_drop(stream: i64) {
    stream::forget(stream);
}

/// The caller of this ticket went away: its wait ends. An order does not.
#[uniffi::export]
pub fn border_leave(ticket: i64) {
    inbox::leave(ticket);
}

/// Everything that is finished; waits for the first one, and for nothing at most so long.
#[uniffi::export]
pub fn border_collect(wait_ms: i64) -> Vec<Done> {
    inbox::collect(Duration::from_millis(wait_ms.unsigned_abs()))
}

/// A reference that no other call makes.
#[uniffi::export]
pub fn border_make_ref(prefix: String) -> String {
    oneclickdz::make_ref(&prefix)
}

fn limit(timeout_ms: i64) -> Option<Duration> {
    u64::try_from(timeout_ms).ok().filter(|time| *time > 0).map(Duration::from_millis)
}
