//! One process that does one job: started in a folder of its own, heard while it works, told to stop, or killed.

use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStderr, ChildStdin, Command};
use tokio::task::JoinHandle;

use crate::tied::STOP;

/// The most that a job may answer; reasons for a large event with many gaps stay under a tenth of it.
const ANSWER_BYTES: u64 = 64 * 1024 * 1024;

/// A process at work.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) process: tokio::process::Child,
    tie: Option<ChildStdin>,
    /// What it says while it works, line by line.
    pub(crate) notes: Lines<BufReader<ChildStderr>>,
    answer: JoinHandle<std::io::Result<Vec<u8>>>,
}

impl Child {
    /// Starts this very program in `folder`.
    ///
    /// # Errors
    /// When the system does not start it.
    pub(crate) fn start(
        folder: &Path,
        memory_mib: u64,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("--tied")
            .arg(memory_mib.to_string())
            .args(arguments)
            .current_dir(folder)
            // What the node was started with may be secret.
            .env_clear()
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(path) = std::env::var_os("LD_LIBRARY_PATH") {
            command.env("LD_LIBRARY_PATH", path);
        }
        let mut process = command.spawn()?;
        let (Some(stdout), Some(stderr)) = (process.stdout.take(), process.stderr.take()) else {
            anyhow::bail!("a process without its streams");
        };
        let answer = tokio::spawn(async move {
            let mut bytes = Vec::new();
            let mut stdout = stdout.take(ANSWER_BYTES);
            stdout.read_to_end(&mut bytes).await?;
            Ok(bytes)
        });
        Ok(Self {
            tie: process.stdin.take(),
            process,
            notes: BufReader::new(stderr).lines(),
            answer,
        })
    }

    /// Asks it for the best so far, and its end.
    pub(crate) async fn stop(&mut self) {
        if let Some(tie) = &mut self.tie {
            // Who has ended already need not be told.
            drop(tie.write_all(format!("{STOP}\n").as_bytes()).await);
            drop(tie.flush().await);
        }
    }

    /// Ends it at once.
    pub(crate) async fn kill(&mut self) {
        drop(self.process.kill().await);
    }

    /// What it answered, after its end.
    pub(crate) async fn answered(
        self,
        status: ExitStatus,
    ) -> anyhow::Result<(ExitStatus, Vec<u8>)> {
        Ok((status, self.answer.await??))
    }
}
