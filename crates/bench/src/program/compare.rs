//! Our engine and its peers on the same instances, in the same run and the same time.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use meridian_bench::{Size, instance, measure, programme_only};
use meridian_model::{Plan, Problem};

use crate::claims::{Levels, confirm};
use crate::ours::Ours;
use crate::peers::{self, Home, Job, Peer, Said};
use crate::report::{self, Row, Who};
use crate::required::{Required, required};
use crate::{files, note, say};

#[derive(clap::Args)]
pub(crate) struct Compare {
    /// Only these instances, by name; without it all but tiny and stretch
    #[arg(long, value_parser = crate::size, value_delimiter = ',')]
    only: Vec<Size>,
    /// Multiply every time limit by this
    #[arg(long, default_value_t = 1.0)]
    limit_scale: f64,
    /// Seed of the instances
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only our engine
    #[arg(long)]
    no_peers: bool,
    /// Peers do not try models with more binaries than this
    #[arg(long, default_value_t = 1_500_000)]
    most_binaries: u64,
    /// Put the table into this Markdown file
    #[arg(long, num_args = 0..=1, default_missing_value = "docs/benchmarks.md")]
    write: Option<PathBuf>,
    /// Where documents are kept on the way
    #[arg(long, default_value = "target/bench")]
    scratch: PathBuf,
    #[command(flatten)]
    home: Home,
}

/// One instance on disk.
struct Trial {
    size: Size,
    problem: Problem,
    problem_path: PathBuf,
    programme_path: PathBuf,
    programme: Levels,
    required: Required,
    limit: f64,
}

pub(crate) fn compare(arguments: &Compare) -> anyhow::Result<()> {
    std::fs::create_dir_all(&arguments.scratch)?;
    let sizes = if arguments.only.is_empty() {
        let measured = Size::ALL.into_iter();
        measured
            .filter(|size| !matches!(size, Size::Tiny | Size::Stretch))
            .collect()
    } else {
        arguments.only.clone()
    };
    let mut rows = Vec::new();
    for size in sizes {
        let trial = Trial::new(arguments, size)?;
        let of_trial = trial.rows(arguments)?;
        for row in &of_trial {
            say(&row.line());
        }
        rows.extend(of_trial);
    }
    say(&report::table(&rows));
    if let Some(path) = &arguments.write {
        report::write(path, &rows, arguments.limit_scale)?;
        note(&format!("wrote {}", path.display()));
    }
    if rows.iter().any(|row| !row.faults.is_empty()) {
        bail!("not everything that is required was reached");
    }
    Ok(())
}

impl Trial {
    fn new(arguments: &Compare, size: Size) -> anyhow::Result<Self> {
        let problem = instance(size, arguments.seed);
        let holds = measure(&problem);
        note(&format!(
            "{}: {} cells demanded, {} supplied, {} possible shifts",
            size.as_str(),
            holds.demand,
            holds.supply,
            holds.shifts
        ));
        let at = |name: &str| {
            arguments
                .scratch
                .join(format!("{}.{name}.json", size.as_str()))
        };
        let programme = programme_only(&problem);
        let required = required(size);
        let trial = Self {
            size,
            problem_path: at("problem"),
            programme_path: at("programme"),
            programme: files::cost_of_programme(&problem, &programme),
            required,
            limit: required.limit_s * arguments.limit_scale,
            problem,
        };
        files::write(&trial.problem_path, &trial.problem)?;
        files::write(&trial.programme_path, &programme)?;
        Ok(trial)
    }

    fn rows(&self, arguments: &Compare) -> anyhow::Result<Vec<Row>> {
        let name = self.size.as_str();
        note(&format!("{name}: our engine, {} s at most", self.limit));
        let mut rows = vec![self.ours(&arguments.scratch)?];
        for peer in Peer::ALL.into_iter().filter(|_| !arguments.no_peers) {
            note(&format!("{name}: {}", peer.title()));
            rows.push(self.peer(arguments, peer)?);
        }
        let best = rows[1..].iter().filter_map(|row| row.reached).min();
        let (ours, theirs) = (rows[0].reached, best);
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && ours > theirs
        {
            rows[0].faults.push(format!("a peer has {theirs}"));
        }
        Ok(rows)
    }

    fn ours(&self, scratch: &Path) -> anyhow::Result<Row> {
        let plan_path = scratch.join(format!("{}.ours.json", self.size.as_str()));
        let output = Command::new(std::env::current_exe()?)
            .arg("plan")
            .arg(&self.problem_path)
            .arg("--out")
            .arg(&plan_path)
            .args(["--limit", &self.limit.to_string()])
            .stderr(std::process::Stdio::inherit())
            .output()?;
        if !output.status.success() {
            bail!("our engine ended with {}", output.status);
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let ours: Ours = serde_json::from_str(said.lines().last().unwrap_or_default())
            .with_context(|| format!("our engine said {said:?}"))?;
        let plan: Plan = files::read(&plan_path)?;
        let mut row = Row {
            size: self.size,
            who: Who::Ours(ours.status.clone()),
            first_ms: Some(ours.first_ms),
            reached: Some(ours.reached),
            bound: Some(ours.bound),
            programme_soft: self.programme.soft,
            best_s: Some(ours.best_s),
            end_s: Some(ours.end_s),
            memory_mb: ours.peak_mb,
            remark: String::new(),
            faults: Vec::new(),
        };
        if let Err(wrong) = confirm(&self.problem, &plan, ours.reached) {
            row.faults.push(wrong);
        }
        row.faults.extend(self.falls_short(&ours, &row));
        row.remark = (ours.phases.iter())
            .map(|(phase, steps)| format!("{phase} {steps}"))
            .collect::<Vec<_>>()
            .join(", ");
        Ok(row)
    }

    /// What is required and was not reached.
    fn falls_short(&self, ours: &Ours, row: &Row) -> Vec<String> {
        let mut short = Vec::new();
        let (reached, bound) = (ours.reached, ours.bound);
        if bound > reached {
            short.push(format!("the bound, {bound}, is above the cost"));
        }
        if (reached.gaps, reached.alerts) != (bound.gaps, bound.alerts) {
            let (gaps, alerts) = (reached.gaps - bound.gaps, reached.alerts - bound.alerts);
            short.push(format!(
                "gaps {gaps} and alerts {alerts} above their bounds"
            ));
        } else if row
            .distance_percent()
            .is_none_or(|at| at > self.required.gap_percent)
        {
            short.push(format!("soft not within {} %", self.required.gap_percent));
        }
        if ours.first_ms > self.required.first_ms {
            short.push(format!("first plan not in {} ms", self.required.first_ms));
        }
        if ours.peak_mb.is_none_or(|mb| mb > self.required.memory_mb) {
            short.push(format!("not in {} MB", self.required.memory_mb));
        }
        if ours.programme_soft != 0 && ours.programme_soft != self.programme.soft {
            let (says, is) = (ours.programme_soft, self.programme.soft);
            short.push(format!("says the programme costs {says}, it is {is}"));
        }
        short
    }

    fn peer(&self, arguments: &Compare, peer: Peer) -> anyhow::Result<Row> {
        let name = format!("{}.{}.json", self.size.as_str(), peer.as_str());
        let job = Job {
            problem: self.problem_path.clone(),
            plan: self.programme_path.clone(),
            out: arguments.scratch.join(name),
            limit: self.limit,
            most: arguments.most_binaries,
            fix: false,
            whole: false,
        };
        let jobs = std::slice::from_ref(&job);
        let mut answers = peers::run(peer, &arguments.home, jobs, &arguments.scratch)?;
        let said = answers.pop().unwrap_or_default();
        let claims = said.claims(&self.programme);
        let mut row = Row {
            size: self.size,
            who: Who::Peer(peer, said.status.clone()),
            first_ms: None,
            reached: claims,
            bound: said.bounds(&self.programme),
            programme_soft: self.programme.soft,
            best_s: None,
            end_s: said.solve_s,
            memory_mb: said.peak_mb,
            remark: remark(&said),
            faults: Vec::new(),
        };
        if let Some(claims) = claims {
            let plan: Plan = files::read(&job.out)?;
            if let Err(wrong) = confirm(&self.problem, &plan, claims) {
                row.faults.push(wrong);
            }
        }
        Ok(row)
    }
}

/// How large its model is, and why it has no plan.
fn remark(said: &Said) -> String {
    let binaries = said
        .binaries
        .map_or_else(String::new, |n| format!("{n} binaries"));
    let built = said
        .build_s
        .map_or_else(String::new, |s| format!(", built in {s:.0} s"));
    match said.status.as_str() {
        "too-large" => format!("not tried: more than {binaries}"),
        "out-of-time" => "had not ended after twice its time and ten minutes".to_owned(),
        "nothing-found" => format!("no plan in time; {binaries}{built}"),
        _ => format!("{binaries}{built}"),
    }
}

/// The levels of a row, as they are compared.
pub(crate) fn levels(levels: Option<Levels>) -> [Option<i64>; 3] {
    [
        levels.map(|l| l.gaps),
        levels.map(|l| l.alerts),
        levels.map(|l| l.soft),
    ]
}
