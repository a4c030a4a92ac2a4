//! The places where the documentation disagrees with itself or with what callers saw (PROTOCOL §18), one test per row:
//! each variant is served over real HTTP, and the public client does what the row's last column says. Rows 48 to 51
//! are about bills, which this engine does not speak.

mod amounts;
mod codes;
mod envelope;
mod gift_cards;
mod internet;
mod others;
mod payment_links;
mod references;
mod stage;
mod statuses;
