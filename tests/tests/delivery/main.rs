//! Codes on their way to customers, over real servers on this machine.

mod closes;
mod email;
mod kills;
mod parts;
mod requests;
mod scene;
mod slow;
mod sms;
mod waits;
