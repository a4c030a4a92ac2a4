//! One request to the service and one classified answer.

mod auth;
mod calls;
mod classify;
mod connect;
pub(crate) mod envelope;
mod fuzz;
mod http;
mod pool;
mod rate;
mod retry;
pub(crate) mod wire;

pub(crate) use self::calls::{LARGEST_PAGE, PageQuery, iso};
pub(crate) use self::fuzz::fuzz_decode;
pub(crate) use self::http::{Transport, Wish};
