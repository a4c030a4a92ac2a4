//! What the tests of every area share.

pub mod harness;
