//! The calls that are made all the time, as plain functions of numbers and addresses. What uniffi makes of a function
//! costs the JVM several native structures for each call (a status, a buffer and its release); these cost none. The
//! values are in uniffi's own form, so that both halves are still made from the same tables.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

use uniffi::{Lift, Lower};

use crate::UniFfiTag;
use crate::answer::Done;
use crate::call::Call;
use crate::failure::Failure;
use crate::inbox::{self, locked};
use crate::stream::Stream;
use crate::{engine, limit, seat, stream};

/// Reads a value and wipes where it lay: it may be a card's code, and the memory is the JVM's.
///
/// # Safety
/// `address` is that of `length` bytes which nobody else touches meanwhile.
unsafe fn taken<T: Lift<UniFfiTag>>(address: i64, length: i32) -> Option<T> {
    let (start, length) = (address as usize as *mut u8, usize::try_from(length).ok()?);
    // SAFETY: the caller's promise.
    let bytes = unsafe { std::slice::from_raw_parts_mut(start, length) };
    let value = catch_unwind(|| T::try_read(&mut &*bytes).ok()).ok().flatten();
    bytes.fill(0);
    std::hint::black_box(bytes);
    value
}

/// Starts a call of an engine. Its answer comes under the ticket. A time of 0 means the engine's own limit.
///
/// # Safety
/// `address` is that of a `Call` of `length` bytes which nobody else touches meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oneclickdz_start(
    engine: i64,
    ticket: i64,
    timeout_ms: i64,
    address: i64,
    length: i32,
) {
    // SAFETY: the caller's promise.
    let call = unsafe { taken::<Call>(address, length) };
    guarded(ticket, || match call {
        Some(call) => engine::start(engine, ticket, limit(timeout_ms), call),
        None => inbox::put(ticket, Failure::defect().into()),
    });
}

/// Makes a sequence. Nothing happens before its first part is asked for.
///
/// # Safety
/// `address` is that of a `Stream` of `length` bytes which nobody else touches meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oneclickdz_open(
    engine: i64,
    stream: i64,
    timeout_ms: i64,
    address: i64,
    length: i32,
) {
    // SAFETY: the caller's promise.
    if let Some(of) = unsafe { taken::<Stream>(address, length) } {
        let _ = catch_unwind(|| stream::open(engine, stream, limit(timeout_ms), of));
    }
}

/// Asks for the next part of a sequence. The answer comes under the ticket.
#[unsafe(no_mangle)]
pub extern "C" fn oneclickdz_next(stream: i64, ticket: i64) {
    guarded(ticket, || stream::next(stream, ticket));
}

/// Lets go of a sequence.
#[unsafe(no_mangle)]
pub extern "C" fn oneclickdz_drop(stream: i64) {
    let _ = catch_unwind(|| stream::forget(stream));
}

/// The caller of this ticket went away: its wait ends. An order does not.
#[unsafe(no_mangle)]
pub extern "C" fn oneclickdz_leave(ticket: i64) {
    let _ = catch_unwind(|| inbox::leave(ticket));
}

/// Answers that did not fit, and how much of the caller's memory holds answers.
struct Collected {
    left: Vec<u8>,
    written: usize,
}

static COLLECTED: Mutex<Collected> = Mutex::new(Collected { left: Vec::new(), written: 0 });

/// Writes everything that is finished: their number, then each. Does the engines' work until there is one, at most so
/// long. Gives how many bytes that are; where there is no room for them, the negative of it, and they come next time.
///
/// # Safety
/// `address` is that of `capacity` bytes which only the last call has written to and nobody else touches meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oneclickdz_collect(wait_ms: i64, address: i64, capacity: i32) -> i32 {
    let (start, capacity) = (address as usize as *mut u8, usize::try_from(capacity).unwrap_or(0));
    // SAFETY: the caller's promise.
    let into = unsafe { std::slice::from_raw_parts_mut(start, capacity) };
    let mut collected = locked(&COLLECTED);
    // What was there has been read, and may be a card's code.
    let written = std::mem::take(&mut collected.written).min(capacity);
    into[..written].fill(0);
    std::hint::black_box(&mut *into);
    if collected.left.is_empty() {
        let done = seat::collect(Duration::from_millis(wait_ms.unsigned_abs()));
        let write = || <Vec<Done> as Lower<UniFfiTag>>::write(done, &mut collected.left);
        if catch_unwind(AssertUnwindSafe(write)).is_err() {
            collected.left.clear();
            return 0;
        }
    }
    let length = collected.left.len();
    let told = i32::try_from(length).unwrap_or(i32::MAX);
    if length > capacity {
        return -told;
    }
    into[..length].copy_from_slice(&collected.left);
    collected.written = length;
    // Its memory is wiped when it is freed.
    collected.left = Vec::new();
    told
}

/// Nobody waits any more: the thread that collected does something else from here on.
#[unsafe(no_mangle)]
pub extern "C" fn oneclickdz_rest() {
    let _ = catch_unwind(seat::leave);
}

/// A panic must not cross the border; the caller is told of it.
fn guarded(ticket: i64, work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        inbox::put(ticket, Failure::defect().into());
    }
}
