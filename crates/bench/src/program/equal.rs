//! Our engine against peers that prove their optimum, on instances small enough for that.

use std::path::{Path, PathBuf};

use anyhow::bail;
use meridian_bench::{Size, instance};
use meridian_model::{Plan, Problem};
use meridian_solver::{NeverStop, Silent, solve};

use crate::claims::{Levels, confirm};
use crate::peers::{self, Home, Job, Peer, Said};
use crate::{files, note, ours, say};

#[derive(clap::Args)]
pub(crate) struct Equal {
    /// How many tiny instances
    #[arg(long, default_value_t = 20)]
    tiny: u64,
    /// How many small instances
    #[arg(long, default_value_t = 1)]
    small: u64,
    /// Seconds that a peer has for one instance
    #[arg(long, default_value_t = 600.0)]
    limit: f64,
    /// How many search steps our engine spends, 1 to 9
    #[arg(long, default_value_t = 9)]
    effort: u8,
    /// Put the instances and what was proven of them into this folder
    #[arg(long, num_args = 0..=1, default_missing_value = "data/instances")]
    write: Option<PathBuf>,
    /// Where documents are kept on the way
    #[arg(long, default_value = "target/bench/equal")]
    scratch: PathBuf,
    #[command(flatten)]
    home: Home,
}

/// One instance, and what our engine says of it.
struct Case {
    name: String,
    size: Size,
    problem: Problem,
    plan: Plan,
    ours: Levels,
    bound: Levels,
    programme_soft: i64,
}

pub(crate) fn equal(arguments: &Equal) -> anyhow::Result<()> {
    std::fs::create_dir_all(&arguments.scratch)?;
    let tiny = (1..=arguments.tiny).map(|seed| (Size::Tiny, seed));
    let small = (1..=arguments.small).map(|seed| (Size::Small, seed));
    let mut cases = Vec::new();
    for (size, seed) in tiny.chain(small) {
        cases.push(Case::new(arguments, size, seed)?);
    }
    let mut tally = Tally::default();
    for case in &cases {
        tally.count(&case.name, &case.own_word());
    }
    // HiGHS proves each of them; CP-SAT, which has no linear relaxation to speak of here, the tiny ones.
    let tiny_only = |case: &&Case| case.size == Size::Tiny;
    let all = |_: &&Case| true;
    tally.prove(arguments, Peer::Highs, cases.iter().filter(all).collect())?;
    tally.prove(
        arguments,
        Peer::CpSat,
        cases.iter().filter(tiny_only).collect(),
    )?;
    for peer in Peer::ALL {
        tally.accept(arguments, peer, &cases)?;
    }
    if let Some(folder) = &arguments.write {
        keep(folder, &cases, &tally.proofs)?;
    }
    say(&format!("{} passed, {} failed", tally.passed, tally.failed));
    if tally.failed > 0 {
        bail!("our engine and its peers differ");
    }
    Ok(())
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    /// Instance, what was proven, by whom.
    proofs: Vec<(String, Levels, String)>,
}

impl Tally {
    fn count(&mut self, what: &str, result: &Result<(), String>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(wrong) => {
                self.failed += 1;
                say(&format!("{what}: {wrong}"));
            }
        }
    }

    /// A peer that knows nothing of our plan proves its own to be the best; ours costs the same.
    fn prove(&mut self, arguments: &Equal, peer: Peer, cases: Vec<&Case>) -> anyhow::Result<()> {
        note(&format!(
            "{} proves {} instances",
            peer.title(),
            cases.len()
        ));
        let jobs: Vec<Job> = cases
            .iter()
            .map(|c| c.job(arguments, peer, false))
            .collect();
        let answers = peers::run(peer, &arguments.home, &jobs, &arguments.scratch)?;
        for ((case, job), said) in cases.into_iter().zip(&jobs).zip(&answers) {
            let what = format!("{} by {}", case.name, peer.title());
            let optimum = case.optimum(job, said)?;
            if let Ok(optimum) = optimum {
                let proof = (case.name.clone(), optimum, said.by.clone());
                self.proofs.push(proof);
            }
            self.count(&what, &optimum.and_then(|optimum| case.reaches(optimum)));
        }
        Ok(())
    }

    /// A peer that is given our plan finds every shift of it possible, and that it costs what we say.
    fn accept(&mut self, arguments: &Equal, peer: Peer, cases: &[Case]) -> anyhow::Result<()> {
        note(&format!(
            "{} is given our {} plans",
            peer.title(),
            cases.len()
        ));
        let jobs: Vec<Job> = cases.iter().map(|c| c.job(arguments, peer, true)).collect();
        let answers = peers::run(peer, &arguments.home, &jobs, &arguments.scratch)?;
        for (case, said) in cases.iter().zip(&answers) {
            let what = format!("our plan of {} in {}'s model", case.name, peer.title());
            let claims = said.claims(case.programme_soft);
            let same = claims == Some(case.ours);
            let wrong = format!("it says {claims:?} ({}), we {:?}", said.status, case.ours);
            self.count(&what, &if same { Ok(()) } else { Err(wrong) });
        }
        Ok(())
    }
}

impl Case {
    fn new(arguments: &Equal, size: Size, seed: u64) -> anyhow::Result<Self> {
        let problem = instance(size, seed);
        let name = format!("{}-{seed}", size.as_str());
        let options = ours::options(arguments.effort);
        let outcome = solve(&problem, &options, &NeverStop, &mut Silent)?;
        let certificate = outcome.certificate;
        let case = Self {
            ours: Levels::of(&outcome.plan.score),
            bound: Levels {
                gaps: certificate.medium.gaps,
                alerts: certificate.medium.alert_short,
                soft: certificate.soft,
            },
            programme_soft: files::programme_soft(&problem, &outcome.plan),
            plan: outcome.plan,
            name,
            size,
            problem,
        };
        note(&format!(
            "{}: {:?} ({:?})",
            case.name, case.ours, case.bound
        ));
        files::write(&case.path(arguments, "problem"), &case.problem)?;
        files::write(&case.path(arguments, "ours"), &case.plan)?;
        Ok(case)
    }

    fn path(&self, arguments: &Equal, what: &str) -> PathBuf {
        arguments.scratch.join(format!("{}.{what}.json", self.name))
    }

    fn job(&self, arguments: &Equal, peer: Peer, fix: bool) -> Job {
        Job {
            problem: self.path(arguments, "problem"),
            plan: self.path(arguments, "ours"),
            out: self.path(arguments, peer.as_str()),
            limit: arguments.limit,
            most: u64::MAX,
            fix,
        }
    }

    /// The checker agrees with our plan, and no bound is above its cost.
    fn own_word(&self) -> Result<(), String> {
        confirm(&self.problem, &self.plan, self.ours)?;
        if self.bound > self.ours {
            return Err(format!(
                "the bound {:?} is above {:?}",
                self.bound, self.ours
            ));
        }
        Ok(())
    }

    /// What a peer proved to be the least possible, when the checker says the same of its plan.
    fn optimum(&self, job: &Job, said: &Said) -> anyhow::Result<Result<Levels, String>> {
        let (claims, bounds) = (
            said.claims(self.programme_soft),
            said.bounds(self.programme_soft),
        );
        let Some(optimum) = claims.filter(|_| claims == bounds) else {
            let status = &said.status;
            return Ok(Err(format!(
                "not proven ({status}): {claims:?} at least {bounds:?}"
            )));
        };
        let plan: Plan = files::read(&job.out)?;
        Ok(confirm(&self.problem, &plan, optimum))
    }

    /// Our plan costs what a peer proved, and our bound is not above it.
    fn reaches(&self, optimum: Levels) -> Result<(), String> {
        if optimum != self.ours {
            let ours = self.ours;
            return Err(format!("the optimum is {optimum:?}, ours {ours:?}"));
        }
        if self.bound > optimum {
            return Err(format!("our bound {:?} is above {optimum:?}", self.bound));
        }
        Ok(())
    }
}

/// Writes the instances whose optimum is proven, and the optima with who proved them.
fn keep(folder: &Path, cases: &[Case], proofs: &[(String, Levels, String)]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut optima = "# The least possible of each level, and who proved it on the pattern model of tests/peers without knowing our \
                      plans.\n# `./run bench --equal --write` makes this file and the instances beside it.\n"
        .to_owned();
    for case in cases {
        let of_case: Vec<_> = (proofs.iter())
            .filter(|(name, ..)| *name == case.name)
            .collect();
        let Some((_, optimum, _)) = of_case.first() else {
            continue;
        };
        let by: Vec<String> = of_case.iter().map(|(_, _, by)| format!("{by:?}")).collect();
        files::write(&folder.join(format!("{}.json", case.name)), &case.problem)?;
        let Levels { gaps, alerts, soft } = *optimum;
        let (name, by) = (&case.name, by.join(", "));
        optima += &format!(
            "\n[{name}]\ngaps = {gaps}\nalert_short = {alerts}\nsoft = {soft}\nproved_by = [{by}]\n"
        );
    }
    std::fs::write(folder.join("optima.toml"), optima)?;
    Ok(())
}
