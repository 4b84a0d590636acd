//! The other solvers: Python programs that read the same documents (`tests/peers`).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::claims::Levels;

/// A solver that is given what ours is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// OR-Tools CP-SAT, two workers.
    CpSat,
    /// HiGHS on the plain pattern model.
    Highs,
}

impl Peer {
    pub(crate) const ALL: [Self; 2] = [Self::CpSat, Self::Highs];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::CpSat => "cp-sat",
            Self::Highs => "highs",
        }
    }

    /// As it is written in a table.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::CpSat => "CP-SAT",
            Self::Highs => "HiGHS",
        }
    }
}

/// Where Python and the peers are.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Home {
    /// The Python that has the peers' packages; `./run bench` sees to it
    #[arg(long, default_value = "target/venv/bin/python")]
    pub(crate) python: PathBuf,
    /// The folder of the peers
    #[arg(long, default_value = "tests/peers")]
    pub(crate) peers: PathBuf,
}

/// One instance for a peer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Job {
    pub(crate) problem: PathBuf,
    /// A plan whose programme is given; with `fix` its shifts too.
    pub(crate) plan: PathBuf,
    /// Where to write the answer.
    pub(crate) out: PathBuf,
    /// Seconds of solving; reading and building the model come on top.
    pub(crate) limit: f64,
    /// More binaries than this are not tried.
    pub(crate) most: u64,
    pub(crate) fix: bool,
    /// Whether blocks and sessions are to be found too.
    pub(crate) whole: bool,
}

/// One level as a peer says it; of a roster without what the programme costs.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Level {
    pub(crate) value: i64,
    pub(crate) bound: Option<i64>,
}

/// What a peer says.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Said {
    /// `proven`, `found`, `nothing-found`, `too-large`, `not-a-possible-shift` or `out-of-time`.
    pub(crate) status: String,
    /// Package and version.
    #[serde(default)]
    pub(crate) by: String,
    pub(crate) binaries: Option<u64>,
    pub(crate) build_s: Option<f64>,
    pub(crate) solve_s: Option<f64>,
    pub(crate) peak_mb: Option<u64>,
    pub(crate) unhosted: Option<Level>,
    pub(crate) must: Option<Level>,
    pub(crate) should: Option<Level>,
    pub(crate) gaps: Option<Level>,
    pub(crate) alerts: Option<Level>,
    pub(crate) soft: Option<Level>,
}

impl Said {
    /// The levels that it claims for its plan, on top of what the programme costs.
    pub(crate) fn claims(&self, programme: &Levels) -> Option<Levels> {
        self.levels(programme, |level| Some(level.value))
    }

    /// The bounds that it claims.
    pub(crate) fn bounds(&self, programme: &Levels) -> Option<Levels> {
        self.levels(programme, |level| level.bound)
    }

    fn levels(&self, programme: &Levels, of: impl Fn(Level) -> Option<i64>) -> Option<Levels> {
        let more = |level: Option<Level>| level.map_or(Some(0), &of);
        Some(Levels {
            unhosted: programme.unhosted + more(self.unhosted)?,
            must: programme.must + more(self.must)?,
            should: programme.should + more(self.should)?,
            gaps: programme.gaps + of(self.gaps?)?,
            alerts: programme.alerts + of(self.alerts?)?,
            soft: programme.soft + of(self.soft?)?,
        })
    }
}

/// Gives a peer its jobs, one after the other, and returns what it says of each.
pub(crate) fn run(
    peer: Peer,
    home: &Home,
    jobs: &[Job],
    scratch: &Path,
) -> anyhow::Result<Vec<Said>> {
    let list = scratch.join(format!("{}.jobs", peer.as_str()));
    let lines: Result<Vec<String>, _> = jobs.iter().map(serde_json::to_string).collect();
    std::fs::write(&list, lines?.join("\n"))?;
    let answers = scratch.join(format!("{}.answers", peer.as_str()));
    let mut child = Command::new(&home.python)
        .arg(home.peers.join("peer.py"))
        .arg(peer.as_str())
        .arg(&list)
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&answers)?)
        .spawn()
        .with_context(|| format!("starting {}", home.python.display()))?;
    // A solver that ignores its limit is left behind: twice the time, and ten minutes to read and build.
    let limit: f64 = jobs.iter().map(|job| 2.0 * job.limit + 600.0).sum();
    let end = Instant::now() + Duration::from_secs_f64(limit);
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break Some(ended);
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    if let Some(ended) = ended.filter(|ended| !ended.success()) {
        bail!(
            "{} ended with {ended}; see what it wrote above",
            peer.as_str()
        );
    }
    let mut said = Vec::new();
    for line in std::fs::read_to_string(&answers)?.lines() {
        said.push(serde_json::from_str(line)?);
    }
    said.resize(
        jobs.len(),
        Said {
            status: "out-of-time".to_owned(),
            ..Said::default()
        },
    );
    Ok(said)
}
