//! Our engine against peers that prove their optimum, on instances small enough for that.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::case::{Case, Kind};
use crate::claims::Levels;
use crate::peers::{self, Home, Job, Peer};
use crate::{files, note, say};

/// What stands above the known optima.
const ABOVE: &str = "\
# The least possible of each level, and who proved it without knowing our plans: tiny and small instances as pattern models
# of the roster, whole ones with their blocks and sessions too (tests/peers). `./run bench --equal --write` makes this file
# and the instances beside it.
";

#[derive(clap::Args)]
pub(crate) struct Equal {
    /// How many tiny instances
    #[arg(long, default_value_t = 20)]
    tiny: u64,
    /// How many small instances
    #[arg(long, default_value_t = 1)]
    small: u64,
    /// How many tiny instances whose blocks and sessions are to be found too
    #[arg(long, default_value_t = 6)]
    whole: u64,
    /// Seconds that a peer has for one instance
    #[arg(long, default_value_t = 900.0)]
    limit: f64,
    /// How many search steps our engine spends, 1 to 9
    #[arg(long, default_value_t = 9)]
    effort: u8,
    /// By how many percent our roster of a small instance may cost more than the least possible
    #[arg(long, default_value_t = 0)]
    small_within: i64,
    /// Put the instances and what was proven of them into this folder
    #[arg(long, num_args = 0..=1, default_missing_value = "data/instances")]
    write: Option<PathBuf>,
    /// Where documents are kept on the way
    #[arg(long, default_value = "target/bench")]
    scratch: PathBuf,
    #[command(flatten)]
    home: Home,
}

pub(crate) fn equal(arguments: &Equal) -> anyhow::Result<()> {
    std::fs::create_dir_all(&arguments.scratch)?;
    let mut cases = Vec::new();
    for (kind, seeds) in [
        (Kind::Tiny, arguments.tiny),
        (Kind::Small, arguments.small),
        (Kind::Whole, arguments.whole),
    ] {
        for seed in 1..=seeds {
            let case = Case::new(kind, seed, arguments.effort, &arguments.scratch)?;
            cases.push(case);
        }
    }
    let of = |kinds: &[Kind]| -> Vec<&Case> {
        let cases = cases.iter();
        cases.filter(|case| kinds.contains(&case.kind)).collect()
    };
    let mut tally = Tally {
        arguments,
        passed: 0,
        failed: 0,
        proofs: Vec::new(),
    };
    for case in &cases {
        tally.count(&case.name, &case.own_word());
    }
    // HiGHS proves every roster, CP-SAT the tiny ones; it alone takes whole problems.
    tally.prove(Peer::Highs, &of(&[Kind::Tiny, Kind::Small]))?;
    tally.prove(Peer::CpSat, &of(&[Kind::Tiny, Kind::Whole]))?;
    tally.accept(Peer::Highs, &of(&[Kind::Tiny, Kind::Small]))?;
    tally.accept(Peer::CpSat, &of(&[Kind::Tiny, Kind::Small, Kind::Whole]))?;
    if let Some(folder) = &arguments.write {
        keep(folder, &cases, &tally.proofs)?;
    }
    say(&format!("{} passed, {} failed", tally.passed, tally.failed));
    if tally.failed > 0 {
        bail!("our engine and its peers differ");
    }
    Ok(())
}

struct Tally<'a> {
    arguments: &'a Equal,
    passed: usize,
    failed: usize,
    /// Instance, what was proven, by whom.
    proofs: Vec<(String, Levels, String)>,
}

impl Tally<'_> {
    fn count(&mut self, what: &str, result: &Result<(), String>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(wrong) => {
                self.failed += 1;
                say(&format!("{what}: {wrong}"));
            }
        }
    }

    /// The jobs of some cases and what a peer says of each.
    fn ask(
        &self,
        peer: Peer,
        cases: &[&Case],
        fix: bool,
    ) -> anyhow::Result<Vec<(Job, peers::Said)>> {
        let Equal {
            limit,
            scratch,
            home,
            ..
        } = self.arguments;
        let jobs = cases.iter().map(|c| c.job(peer, *limit, fix, scratch));
        let jobs: Vec<Job> = jobs.collect();
        let said = peers::run(peer, home, &jobs, scratch)?;
        Ok(jobs.into_iter().zip(said).collect())
    }

    /// A peer that knows nothing of our plan proves its own to be the best; ours costs the same.
    fn prove(&mut self, peer: Peer, cases: &[&Case]) -> anyhow::Result<()> {
        note(&format!("{} proves {}", peer.title(), cases.len()));
        let answers = self.ask(peer, cases, false)?;
        for (case, (job, said)) in cases.iter().zip(&answers) {
            let optimum = case.optimum(job, said)?;
            if let Ok(optimum) = optimum {
                let proof = (case.name.clone(), optimum, said.by.clone());
                self.proofs.push(proof);
            }
            let what = format!("{} by {}", case.name, peer.title());
            let within = self.arguments.small_within;
            let reached = optimum.and_then(|optimum| case.reaches(optimum, within));
            self.count(&what, &reached);
        }
        Ok(())
    }

    /// A peer that is given our plan finds every item of it possible, and that it costs what we say.
    fn accept(&mut self, peer: Peer, cases: &[&Case]) -> anyhow::Result<()> {
        note(&format!("{} is given our {}", peer.title(), cases.len()));
        let answers = self.ask(peer, cases, true)?;
        for (case, (_, said)) in cases.iter().zip(&answers) {
            let what = format!("our plan of {} in {}'s model", case.name, peer.title());
            self.count(&what, &case.costs_the_same(said));
        }
        Ok(())
    }
}

/// Writes the instances whose optimum is proven, and the optima with who proved them.
fn keep(folder: &Path, cases: &[Case], proofs: &[(String, Levels, String)]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut optima = ABOVE.to_owned();
    for case in cases {
        let of_case = proofs.iter().filter(|(name, ..)| *name == case.name);
        let by: Vec<String> = of_case.clone().map(|(.., by)| format!("{by:?}")).collect();
        let Some((name, optimum, _)) = of_case.clone().next() else {
            continue;
        };
        files::write(&folder.join(format!("{name}.json")), &case.problem)?;
        optima += &format!(
            "\n[{name}]\n{}proved_by = [{}]\n",
            lines(optimum),
            by.join(", ")
        );
    }
    std::fs::write(folder.join("optima.toml"), optima)?;
    Ok(())
}

fn lines(optimum: &Levels) -> String {
    let Levels {
        unhosted,
        must,
        should,
        gaps,
        alerts,
        soft,
    } = optimum;
    format!(
        "unhosted = {unhosted}\nunplaced_must = {must}\nunplaced_should = {should}\ngaps = {gaps}\n\
         alert_short = {alerts}\nsoft = {soft}\n"
    )
}
