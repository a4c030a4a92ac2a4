//! The tables.

use std::io::{Write, stdout};

use crate::calls::{Calls, Result};
use crate::contenders::Contender;
use crate::round::Turn;

/// The most CPU per request that the engine may need, where raw reqwest needs 1.
const GOAL: f64 = 1.10;
/// A wish, as long as the way there stays simple.
const STRETCH: f64 = 0.75;

pub(crate) fn header(rounds: u32, requests: u32, cores: Option<(usize, usize)>) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{rounds} rounds, {requests} requests per client and round; medians of the rounds")?;
    match cores {
        Some((client, service)) => {
            writeln!(out, "the clients run on core {client}, the service on core {service}")?;
        }
        None => writeln!(out, "no two cores to pin to: client and service share them, expect more noise")?,
    }
    Ok(())
}

/// The width of a figure.
const COLUMN: usize = 8;

/// One table: a row per number of callers.
pub(crate) struct Table<'a> {
    calls: Calls,
    contenders: &'a [Contender],
}

impl<'a> Table<'a> {
    pub(crate) fn new(calls: Calls, contenders: &'a [Contender]) -> Self {
        Self { calls, contenders }
    }

    pub(crate) fn print_head(&self) -> Result<()> {
        let mut out = stdout().lock();
        let calls = match self.calls {
            Calls::Check => "check by id",
            Calls::SendAndCheck => "mobile send, then check by id",
        };
        let width = self.contenders.len() * COLUMN;
        writeln!(out, "\n{calls}")?;
        write!(out, "        |{:<width$} |", " requests per CPU-second")?;
        write!(out, "{:<width$} |", " CPU per request, reqwest = 1")?;
        writeln!(out, "{:<width$} | engine: goal", " connections, at most")?;
        write!(out, "callers |")?;
        for _ in 0..3 {
            self.contenders.iter().try_for_each(|contender| write!(out, "{:>COLUMN$}", contender.name()))?;
            write!(out, " |")?;
        }
        writeln!(out, " {GOAL:.2} (wish {STRETCH:.2})")?;
        Ok(())
    }

    /// Prints the medians of the rounds, one turn per client in each. Says whether the engine kept its connections.
    pub(crate) fn print_row(&self, callers: u32, rounds: &[Vec<Turn>]) -> Result<bool> {
        let mut out = stdout().lock();
        let places = 0..self.contenders.len();
        write!(out, "{callers:>7} |")?;
        for place in places.clone() {
            let rate = median(rounds.iter().map(|turns| 1.0 / turns[place].cpu_per_request.as_secs_f64()));
            write!(out, "{rate:>COLUMN$.0}")?;
        }
        write!(out, " |")?;
        for place in places.clone() {
            match self.ratio(place, rounds) {
                Some(ratio) => write!(out, "{ratio:>COLUMN$.2}")?,
                None => write!(out, "{:>COLUMN$}", "-")?,
            }
        }
        write!(out, " |")?;
        for place in places {
            write!(out, "{:>COLUMN$}", most_connections(place, rounds))?;
        }
        write!(out, " |")?;
        let Some(engine) = self.place(Contender::Engine) else {
            writeln!(out)?;
            return Ok(true);
        };
        let are_kept = most_connections(engine, rounds) <= callers + 1;
        let verdict = match self.ratio(engine, rounds) {
            Some(ratio) if ratio <= STRETCH => "met, wish too",
            Some(ratio) if ratio <= GOAL => "met",
            Some(_) => "MISSED",
            None => "-",
        };
        writeln!(out, " {verdict}{}", if are_kept { "" } else { ", connections NOT KEPT" })?;
        Ok(are_kept)
    }

    fn place(&self, wanted: Contender) -> Option<usize> {
        self.contenders.iter().position(|contender| *contender == wanted)
    }

    /// Each round's ratio to its own reqwest turn: what slows the machine down for a while slows both.
    fn ratio(&self, place: usize, rounds: &[Vec<Turn>]) -> Option<f64> {
        let reqwest = self.place(Contender::Reqwest)?;
        let cpu = |turns: &[Turn], place: usize| turns[place].cpu_per_request.as_secs_f64();
        Some(median(rounds.iter().map(|turns| cpu(turns, place) / cpu(turns, reqwest))))
    }
}

pub(crate) fn footer(all_kept: bool) -> Result<()> {
    let mut out = stdout().lock();
    match all_kept {
        true => writeln!(out, "\nthe engine keeps its connections: never more than callers + 1 in a turn")?,
        false => {
            writeln!(out, "\nthe engine does NOT keep its connections: more than callers + 1 in a turn")?
        }
    }
    Ok(())
}

fn most_connections(place: usize, rounds: &[Vec<Turn>]) -> u32 {
    rounds.iter().map(|turns| turns[place].connections).max().unwrap_or_default()
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_odd_and_even_counts() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 3.0, 2.0].into_iter()), 2.5);
        assert!(median(std::iter::empty()).is_nan());
    }
}
