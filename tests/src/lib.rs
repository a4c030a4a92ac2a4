//! What the tests of every area share.

pub mod contract;
pub mod courier;
pub mod harness;
pub mod money;
pub mod old_journal;
pub mod portrait;
pub mod replay;
pub mod scenario;
pub mod wire;
