//! One instance whose optimum peers can prove, and what our engine says of it.

use std::path::{Path, PathBuf};

use meridian_bench::{Size, free, instance};
use meridian_model::{Plan, Problem};
use meridian_solver::{NeverStop, Silent, solve};

use crate::claims::{Levels, confirm};
use crate::peers::{Job, Peer, Said};
use crate::{files, note, ours};

/// What is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The roster of a tiny instance.
    Tiny,
    /// The roster of a small instance.
    Small,
    /// All of a tiny instance: blocks and sessions too.
    Whole,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Whole => "whole",
        }
    }
}

/// One instance, and what our engine says of it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) problem: Problem,
    pub(crate) ours: Levels,
    plan: Plan,
    bound: Levels,
    /// What a peer that is given the programme does not count.
    given: Levels,
}

impl Case {
    /// Plans an instance; its documents are left in the folder.
    pub(crate) fn new(kind: Kind, seed: u64, effort: u8, folder: &Path) -> anyhow::Result<Self> {
        let problem = match kind {
            Kind::Tiny => instance(Size::Tiny, seed),
            Kind::Small => instance(Size::Small, seed),
            Kind::Whole => free(instance(Size::Tiny, seed)),
        };
        let outcome = solve(&problem, &ours::options(effort), &NeverStop, &mut Silent)?;
        let given = match kind {
            Kind::Whole => Levels::default(),
            Kind::Tiny | Kind::Small => files::cost_of_programme(&problem, &outcome.plan),
        };
        let case = Self {
            name: format!("{}-{seed}", kind.as_str()),
            kind,
            ours: Levels::of(&outcome.plan.score),
            bound: Levels::new(&outcome.certificate.medium, outcome.certificate.soft),
            given,
            plan: outcome.plan,
            problem,
        };
        let status = outcome.certificate.status.as_str();
        note(&format!("{}: {}, {status}", case.name, case.ours));
        files::write(&case.path(folder, "problem"), &case.problem)?;
        files::write(&case.path(folder, "ours"), &case.plan)?;
        Ok(case)
    }

    fn path(&self, folder: &Path, what: &str) -> PathBuf {
        folder.join(format!("{}.{what}.json", self.name))
    }

    /// The instance for a peer: to find the best, or with `fix` to say what our plan costs.
    pub(crate) fn job(&self, peer: Peer, limit: f64, fix: bool, folder: &Path) -> Job {
        Job {
            problem: self.path(folder, "problem"),
            plan: self.path(folder, "ours"),
            out: self.path(folder, peer.as_str()),
            limit,
            most: u64::MAX,
            fix,
            whole: self.kind == Kind::Whole,
        }
    }

    /// The checker agrees with our plan, and our bound is not above its cost.
    pub(crate) fn own_word(&self) -> Result<(), String> {
        confirm(&self.problem, &self.plan, self.ours)?;
        if self.bound > self.ours {
            return Err(format!("our bound {} is above {}", self.bound, self.ours));
        }
        Ok(())
    }

    /// What a peer says that our plan costs is what we say.
    pub(crate) fn costs_the_same(&self, said: &Said) -> Result<(), String> {
        match said.claims(&self.given) {
            Some(claims) if claims == self.ours => Ok(()),
            Some(claims) => Err(format!("it says {claims}, we {}", self.ours)),
            None => Err(format!("it says {}, we {}", said.status, self.ours)),
        }
    }

    /// What a peer proved to be the least possible, when the checker says the same of its plan.
    pub(crate) fn optimum(&self, job: &Job, said: &Said) -> anyhow::Result<Result<Levels, String>> {
        let (claims, bounds) = (said.claims(&self.given), said.bounds(&self.given));
        let Some(optimum) = claims.filter(|_| claims == bounds) else {
            let status = &said.status;
            return Ok(Err(format!("{status}: {claims:?}, at least {bounds:?}")));
        };
        let plan: Plan = files::read(&job.out)?;
        Ok(confirm(&self.problem, &plan, optimum))
    }

    /// Our plan costs what a peer proved, and our bound is not above it; of a small roster the soft level may be so many
    /// percent above, of what the roster costs.
    ///
    /// Of a whole problem our engine proves no blocks and sessions: there only the levels of those are bounded.
    pub(crate) fn reaches(&self, optimum: Levels, small_within: i64) -> Result<(), String> {
        let (ours, bound) = (self.ours, self.bound);
        let of_programme = |levels: Levels| (levels.unhosted, levels.must, levels.should);
        let wrong = match self.kind {
            Kind::Tiny => optimum != ours || bound > optimum,
            Kind::Small => {
                let (above, all) = (ours.soft - optimum.soft, optimum.soft - self.given.soft);
                note(&format!(
                    "{}: the optimum is {optimum}, ours {ours}",
                    self.name
                ));
                !optimum.same_medium(&ours)
                    || bound > optimum
                    || above < 0
                    || 100 * above > small_within * all
            }
            Kind::Whole => {
                note(&format!(
                    "{}: the optimum is {optimum}, ours {ours}",
                    self.name
                ));
                optimum != ours || of_programme(bound) > of_programme(optimum)
            }
        };
        if wrong {
            return Err(format!(
                "the optimum is {optimum}, ours {ours}, our bound {bound}"
            ));
        }
        Ok(())
    }
}
