//! Workers as real processes, which can be killed.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::worker::Task;

/// A running worker. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts `money worker` with this task.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn start(program: &Path, task: &Task) -> io::Result<Self> {
        let mut child = Command::new(program).arg("worker").stdin(Stdio::piped()).spawn()?;
        let mut line = serde_json::to_vec(task)?;
        line.push(b'\n');
        if let Some(input) = &mut child.stdin {
            input.write_all(&line)?;
            input.flush()?;
        }
        Ok(Self { child })
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Kills it with SIGKILL, in the middle of whatever it does. False when it had ended before.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn kill(&mut self) -> io::Result<bool> {
        if self.child.try_wait()?.is_some() {
            return Ok(false);
        }
        self.child.kill()?;
        Ok(self.child.wait()?.code().is_none())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
