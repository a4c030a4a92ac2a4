//! The native part of the npm package `oneclickdz`. Thin: it starts calls of the engine, hands their results over and
//! turns values. What people see is written in JavaScript, in `lib/`.

// In a build for tests, which this crate has none of, nothing is registered and so nothing used.
#![cfg_attr(test, allow(dead_code))]

#[macro_use]
mod calls;

mod border;
mod channels;
mod engine;
mod errands;
mod failure;
mod flow;
mod inbox;
mod log;
mod options;
mod value;

use napi_derive::napi;
use zeroizing_alloc::ZeroAlloc;

/// Memory is wiped when it is freed, so that card codes and keys do not stay behind in it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// The version, which must be that of the JavaScript part.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// A reference that no other call makes.
#[napi(catch_unwind)]
pub fn make_ref(prefix: String) -> String {
    oneclickdz::make_ref(&prefix)
}
