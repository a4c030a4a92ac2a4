//! How a sandbox starts.

use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::dialect::Dialect;
use crate::faults::FaultPlan;

/// How a sandbox starts; `Options::default()` is a loopback service on a free port in real time.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address to bind.
    pub host: IpAddr,
    /// Port to bind; 0 picks a free one.
    pub port: u16,
    /// Allows a `host` that is not loopback. The keys are public, so this is for closed networks only.
    pub allow_remote: bool,
    /// Balance of each account at the start, in DZD.
    pub balance: Decimal,
    /// Sandbox seconds per real second, above 0. Ignored while the clock is manual.
    pub speed: f64,
    /// The clock stands still until it is advanced.
    pub manual_clock: bool,
    /// Sandbox time at the start; the machine's time when absent.
    pub start_at: Option<DateTime<Utc>>,
    /// Seed of identifiers and card codes: the same calls after the same start give the same ones.
    pub seed: u64,
    /// Faults from the start.
    pub faults: FaultPlan,
    /// Dialect from the start.
    pub dialect: Dialect,
}

impl Options {
    /// The defaults with a manual clock, as tests want it.
    pub fn manual() -> Options {
        Options { manual_clock: true, ..Options::default() }
    }
}

/// Far above any real balance, and far below what an exact decimal can hold after a credit.
const LARGEST_BALANCE: Decimal = Decimal::from_parts(0xA4C6_8000, 0x3_8D7E, 0, false, 0);

/// Whether an amount can be an account's balance.
pub(crate) fn check_balance(balance: Decimal) -> Result<Decimal, String> {
    if balance < Decimal::ZERO || balance > LARGEST_BALANCE {
        return Err(format!("the balance cannot be negative or above {LARGEST_BALANCE} DZD"));
    }
    Ok(balance)
}

impl Default for Options {
    fn default() -> Options {
        Options {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            allow_remote: false,
            balance: Decimal::from(100_000),
            speed: 1.0,
            manual_clock: false,
            start_at: None,
            seed: 0,
            faults: FaultPlan::default(),
            dialect: Dialect::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balances_have_limits() {
        assert_eq!(LARGEST_BALANCE.to_string(), "1000000000000000");
        assert!(check_balance(LARGEST_BALANCE).is_ok() && check_balance(Decimal::ZERO).is_ok());
        assert!(check_balance(LARGEST_BALANCE + Decimal::ONE).is_err());
        assert!(check_balance(Decimal::NEGATIVE_ONE).is_err());
    }
}
