//! The proof of the money rules: worker processes on one journal, killed at any moment, against the service's books.
//!
//! [`worker`] is a process that sends its share of the orders and follows them. [`run`] is the driver that starts the
//! service and the workers, kills and restarts them. [`verify`] compares what the journal believes with the ledger.

pub mod clock;
pub mod orders;
pub mod process;
pub mod run;
pub mod verify;
pub mod worker;
