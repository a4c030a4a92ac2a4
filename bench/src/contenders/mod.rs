//! The clients that are compared, one file each.

pub(crate) mod engine;
pub(crate) mod hyper_connection;
pub(crate) mod hyper_pool;
pub(crate) mod raw_reqwest;

use clap::ValueEnum;

/// One client, in the order of its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Contender {
    /// hyper, one connection per caller.
    Hyper,
    /// hyper-util's pooled client.
    Pooled,
    /// reqwest as a careful integrator uses it.
    Reqwest,
    /// The engine's typed calls, everything on.
    Engine,
}

impl Contender {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hyper => "hyper",
            Self::Pooled => "pooled",
            Self::Reqwest => "reqwest",
            Self::Engine => "engine",
        }
    }
}
