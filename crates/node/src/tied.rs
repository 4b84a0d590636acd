//! A process that works for a node: it ends with its node, stays within its memory, and lets the node go first.

use std::io::stdin;
use std::thread;

use anyhow::Context;
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, nice, setrlimit};

/// What the node writes to have the best so far, and the end.
pub(crate) const STOP: &str = "stop";

/// How far behind the node it stands for the processor.
const NICE: i32 = 10;

/// Ties this process to who holds the other end of its standard input.
///
/// # Errors
/// When the system refuses the limits.
pub(crate) fn tie(memory_mib: u64) -> anyhow::Result<()> {
    nice(NICE)?;
    limit(Resource::As, memory_mib.saturating_mul(1024 * 1024))?;
    // What it holds is personal: it leaves no image of its memory behind.
    limit(Resource::Core, 0)?;
    thread::Builder::new()
        .name("node".to_owned())
        .spawn(listen)
        .context("cannot begin with so little memory (`--job-memory` of `meridian serve`)")?;
    Ok(())
}

fn limit(resource: Resource, most: u64) -> anyhow::Result<()> {
    let most = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, most)?)
}

/// Does what the node says. A node that is gone, however it ended, says the end of the input: without it nobody
/// would ever ask for this work.
fn listen() {
    for line in stdin().lines() {
        match line {
            Ok(line) if line == STOP => tell_myself(Signal::TERM),
            Ok(_) => {}
            Err(_) => break,
        }
    }
    tell_myself(Signal::KILL);
}

fn tell_myself(signal: Signal) {
    // It cannot fail: the process is there, and its own.
    let _ = kill_process(getpid(), signal);
}
