//! Measured parts that run in processes of their own, so that their memory and CPU time are theirs alone.

use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::calls::Result;
use crate::machine;

/// A child of this program. It ends with its handle.
pub(super) struct Worker {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    pub(super) fn start(arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = process.stdin.take().ok_or("a worker has no input")?;
        let output = process.stdout.take().ok_or("a worker has no output")?;
        Ok(Self { process, input, output: BufReader::new(output) })
    }

    pub(super) fn tell(&mut self, word: &impl Serialize) -> Result<()> {
        Ok(writeln!(self.input, "{}", serde_json::to_string(word)?)?)
    }

    /// Waits for its next word.
    pub(super) fn hear<T: DeserializeOwned>(&mut self) -> Result<T> {
        let mut text = String::new();
        match self.output.read_line(&mut text)? {
            0 => Err("a worker ended before its time; its error is above".into()),
            _ => Ok(serde_json::from_str(&text)?),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// In a worker: says something to whoever started it.
pub(super) fn say(word: &impl Serialize) -> Result<()> {
    Ok(writeln!(stdout(), "{}", serde_json::to_string(word)?)?)
}

/// In a worker: ready, until it is told when the orders were released.
pub(super) fn released_at() -> Result<i64> {
    say(&"ready")?;
    let mut text = String::new();
    stdin().read_line(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

/// What somebody saw who followed orders to their end.
#[derive(Serialize, Deserialize)]
pub(super) struct Followed {
    pub(super) settled: usize,
    /// Milliseconds from the end of an order to its being seen; nothing where too few were seen.
    pub(super) median: Option<i64>,
    pub(super) p99: Option<i64>,
    /// The same for those who wait for one order each.
    pub(super) waited_p99: Option<i64>,
    pub(super) peak_memory: Option<u64>,
    pub(super) cpu_milliseconds: u64,
}

/// How late the ends were seen.
pub(super) struct Delays {
    expected: usize,
    seen: Vec<i64>,
}

impl Delays {
    pub(super) fn of(expected: usize) -> Self {
        Self { expected, seen: Vec::with_capacity(expected) }
    }

    pub(super) fn add(&mut self, delay: i64) {
        self.seen.push(delay);
    }

    pub(super) fn seen(&self) -> usize {
        self.seen.len()
    }

    pub(super) fn are_complete(&self) -> bool {
        self.seen.len() >= self.expected
    }

    /// The delay that so many in a hundred of all orders had at most; those never seen are later than all.
    pub(super) fn percentile(&mut self, percent: usize) -> Option<i64> {
        self.seen.sort_unstable();
        let place = (self.expected * percent).div_ceil(100).max(1) - 1;
        self.seen.get(place).copied()
    }

    pub(super) fn report(mut self, waited_p99: Option<i64>, cpu_before: std::time::Duration) -> Followed {
        let spent = machine::cpu_time() - cpu_before;
        Followed {
            settled: self.seen(),
            median: self.percentile(50),
            p99: self.percentile(99),
            waited_p99,
            peak_memory: machine::peak_memory(),
            cpu_milliseconds: spent.as_millis() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_never_seen_are_later_than_all() {
        let mut delays = Delays::of(100);
        (0..98).for_each(|delay| delays.add(delay));
        assert_eq!((delays.percentile(50), delays.percentile(99)), (Some(49), None));
        delays.add(1000);
        assert_eq!(delays.percentile(99), Some(1000));
        assert!(!delays.are_complete());
    }
}
