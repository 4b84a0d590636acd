//! A published plan after something changed: what can stay stays, the rest is mended gently.
//!
//! Whatever of the published plan is still legal is kept, and what is missing is closed by as few people as can, each
//! change at a price. The entry is [`replan`].

mod absent;
mod chain;
mod ledger;
mod mend_programme;
mod mender;
mod pull_back;
mod standing;

use std::collections::BTreeSet;

use meridian_model::check::check;
use meridian_model::diff::{PlanDiff, diff};
use meridian_model::follow::follow;
use meridian_model::{OperatorId, Pins, Plan, Problem, Score};
use serde::Serialize;

pub use absent::Absent;

use crate::improve::{Listener, Task, improve};
use crate::instance::Instance;
use crate::pins::CellPins;
use crate::programme::Programme;
use crate::roster::eligibility::Eligibility;
use crate::roster::state::State;
use crate::{
    Engine, Observer, Options, Phase, Progress, Silent, SolveError, Stop, assemble, evaluate, pins,
    solve,
};
use ledger::Ledger;
use mender::Mender;
use standing::StandingShifts;

/// What the caller asks of a repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplanOptions {
    /// Seed, effort and engine of the wider search, where one is needed.
    pub search: Options,
    /// Who can no longer come, beyond what the problem says.
    pub without: Vec<Absent>,
    /// Most people who may be disturbed; more only where the levels above soft would else be worse than published.
    pub max_disturbed: usize,
    /// Price of each disturbed person and of each changed shift, in soft cost.
    pub change_price: i64,
    /// Whether to plan anew as well, to say what that would give.
    pub compare: bool,
}

impl Default for ReplanOptions {
    fn default() -> Self {
        Self {
            search: Options::default(),
            without: Vec::new(),
            max_disturbed: 3,
            // A person and her shift then weigh as much as a whole shift of three hours and twenty minutes at times
            // that she marked if-need-be.
            change_price: 200,
            compare: false,
        }
    }
}

/// How far a repair had to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// No more people are disturbed than allowed.
    WithinCap,
    /// More people are disturbed, because the levels above soft needed them; `within_cap` is what the allowed number gave.
    Widened {
        /// The score that the allowed number of people gave.
        within_cap: Score,
    },
    /// Hosts and sessions were planned anew too, because the levels above soft needed it.
    Anew {
        /// The score that the allowed number of people gave.
        within_cap: Score,
    },
}

/// What planning anew would give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The score of the plan made anew.
    pub score: Score,
    /// How many people would be disturbed by it.
    pub disturbed: usize,
}

/// A published plan mended.
#[derive(Clone, Debug)]
pub struct Replanned {
    /// The plan that follows the published one.
    pub plan: Plan,
    /// Whether the search was cut short.
    pub stopped: bool,
    /// What changed from the published plan, item by item and person by person.
    pub changes: PlanDiff,
    /// Operators whose published shifts could not all stay, by handle: they hear of a change in any case.
    pub released: Vec<OperatorId>,
    /// The others whose shifts differ, by handle.
    pub disturbed: Vec<OperatorId>,
    /// How far the repair had to reach.
    pub reach: Reach,
    /// What planning anew would give, if asked.
    pub anew: Option<Comparison>,
}

/// Mends a published plan after the problem changed.
///
/// `problem` is as it is now. Of `published` everything stays that still keeps every rule; the rest is released and
/// what is missing is closed: first the levels above soft, then the soft cost and the price of each change. Where
/// nothing changed, nothing changes. The same arguments give the same bytes, unless `stop` cuts in.
///
/// # Errors
/// [`SolveError`] when the problem contradicts itself, someone absent is not defined, the engine is not built in, or
/// the checker disagrees.
pub fn replan(
    problem: &Problem,
    published: &Plan,
    options: &ReplanOptions,
    stop: &dyn Stop,
    observer: &mut dyn Observer,
) -> Result<Replanned, SolveError> {
    let engine = options.search.engine;
    if engine == Engine::Highs && !cfg!(feature = "highs") {
        return Err(SolveError::EngineMissing(engine.as_str()));
    }
    // Nothing in the plan will need those who are absent, so it answers the problem that still counts on them.
    let digest = problem
        .digest()
        .map_err(|e| SolveError::Malformed(e.to_string()))?;
    let is_same_input = digest == published.problem_sha256;
    let left = absent::without(problem, &options.without)?;
    let instance = Instance::lower_as(&left, digest)?;
    let repair = Repair {
        instance: &instance,
        pins: pins::lower(&instance)?,
        published,
        is_same_input,
        options,
        stop,
    };
    let Mended {
        mut plan,
        released,
        reach,
    } = repair.mend(observer)?;
    plan.made_by.stopped = stop.stopped();
    let anew = if options.compare {
        let outcome = solve(&left, &options.search, stop, &mut Silent)?;
        Some(Comparison {
            score: outcome.plan.score,
            disturbed: diff(published, &outcome.plan).people.len(),
        })
    } else {
        None
    };
    confirm(&left, &mut plan)?;
    let plan = follow(published, plan);
    let changes = diff(published, &plan);
    let others = changes.people.iter().map(|person| &person.operator);
    Ok(Replanned {
        stopped: plan.made_by.stopped,
        disturbed: others.filter(|o| !released.contains(*o)).cloned().collect(),
        released: released.into_iter().collect(),
        plan,
        changes,
        reach,
        anew,
    })
}

/// Puts a plan before the checker.
fn confirm(problem: &Problem, plan: &mut Plan) -> Result<(), SolveError> {
    let checked = check(problem, plan).score;
    // Pins that contradict each other break rules whatever is planned; what that costs is the checker's say.
    let broken_by_pins = checked.hard > 0 && problem.pins != Pins::default();
    if checked != plan.score && !broken_by_pins {
        return Err(SolveError::Disagreement {
            ours: plan.score,
            checked,
        });
    }
    plan.score = checked;
    Ok(())
}

/// What every step of one repair shares.
struct Repair<'a, 'p> {
    instance: &'a Instance<'p>,
    pins: CellPins,
    published: &'a Plan,
    /// Whether the plan was published for this very problem, absences apart.
    is_same_input: bool,
    options: &'a ReplanOptions,
    stop: &'a dyn Stop,
}

/// A programme with who may serve it and what stands of the published shifts.
struct Scene {
    programme: Programme,
    eligibility: Eligibility,
    standing: crate::roster::Roster,
    ledger: Ledger,
}

/// A plan on its way out.
struct Mended {
    plan: Plan,
    released: BTreeSet<OperatorId>,
    reach: Reach,
}

impl Repair<'_, '_> {
    fn scene(&self, programme: Programme) -> Scene {
        let eligibility = Eligibility::of(self.instance, &programme);
        let StandingShifts {
            roster,
            published,
            released,
        } = standing::shifts(self.instance, &eligibility, &self.pins, self.published);
        Scene {
            programme,
            eligibility,
            standing: roster,
            ledger: Ledger {
                published,
                released,
                price: self.options.change_price.max(0),
            },
        }
    }

    fn mend(&self, observer: &mut dyn Observer) -> Result<Mended, SolveError> {
        tell(observer, Phase::Programme);
        let programme = mend_programme::mended(
            self.instance,
            &self.pins,
            self.published,
            self.is_same_input,
            self.stop,
        );
        let scene = self.scene(programme);
        let mut mender = self.mender(&scene);
        tell(observer, Phase::Roster);
        if !self.is_unchanged(&scene) {
            let enough = self.enough(&mender);
            chain::mend(&mut mender, self.options.max_disturbed, enough, self.stop);
            chain::settle(&mut mender, self.stop);
        }
        let mut best = Mended {
            plan: self.write(&scene, &mender.state),
            released: self.released(&scene),
            reach: Reach::WithinCap,
        };
        observer.incumbent(&best.plan);
        if self.is_unchanged(&scene) || self.is_enough(&best) {
            return Ok(best);
        }
        let within_cap = best.plan.score;
        let widened = self.widen(&scene, &mut mender, observer);
        if widened.score.medium < best.plan.score.medium {
            best.plan = widened;
            best.reach = Reach::Widened { within_cap };
        }
        if self.is_enough(&best) {
            return Ok(best);
        }
        let anew = self.anew(within_cap, observer)?;
        let is_better = anew.plan.score.medium < best.plan.score.medium;
        Ok(if is_better { anew } else { best })
    }

    /// Whether to leave it at that: no less is there than was published, or somebody asks to stop.
    fn is_enough(&self, mended: &Mended) -> bool {
        mended.plan.score.medium <= self.published.score.medium || self.stop.stopped()
    }

    /// Gaps and people missing on alerts at which there is nothing left to look for.
    ///
    /// Where the problem is as published, absences apart, no more can be covered than the published plan did. Otherwise
    /// somebody may have come who closes an old gap.
    fn enough(&self, mender: &Mender<'_, '_>) -> (i64, i64) {
        let published = self.published.score.medium;
        if self.is_same_input {
            (published.gaps, published.alert_short)
        } else {
            (mender.hopeless(), 0)
        }
    }

    fn mender<'s>(&'s self, scene: &'s Scene) -> Mender<'s, 's> {
        Mender::start(
            self.instance,
            &scene.eligibility,
            &self.pins.shifts,
            &scene.ledger,
            &scene.standing,
        )
    }

    /// Whether the plan was published for this very problem and all of it stands.
    fn is_unchanged(&self, scene: &Scene) -> bool {
        self.options.without.is_empty()
            && self.is_same_input
            && scene.standing == scene.ledger.published
    }

    /// The whole roster improved, then pulled back towards the published one.
    fn widen(
        &self,
        scene: &Scene,
        mender: &mut Mender<'_, '_>,
        observer: &mut dyn Observer,
    ) -> Plan {
        let task = Task {
            instance: self.instance,
            eligibility: &scene.eligibility,
            pinned: &self.pins.shifts,
            options: &self.options.search,
            stop: self.stop,
        };
        let listener = Listener {
            better: &mut |_| {},
            progress: &mut |progress| observer.progress(progress),
        };
        let start = (mender.state.cost(), mender.state.shifts.clone());
        let improved = improve(task, start, listener);
        mender.set_all(&improved.roster);
        self.come_back(scene, mender)
    }

    /// Everything planned anew, then pulled back towards the published plan.
    fn anew(&self, within_cap: Score, observer: &mut dyn Observer) -> Result<Mended, SolveError> {
        let outcome = solve(
            self.instance.problem,
            &self.options.search,
            self.stop,
            observer,
        )?;
        let fresh = Repair {
            published: &outcome.plan,
            pins: self.pins.clone(),
            ..*self
        };
        let blocks = standing::blocks(self.instance, &self.pins, &outcome.plan);
        let spots = standing::sessions(self.instance, &self.pins, &outcome.plan, &blocks);
        let programme = standing::programme(self.instance, blocks, &spots);
        let roster = fresh.scene(programme.clone()).standing;
        let scene = self.scene(programme);
        let mut mender = self.mender(&scene);
        mender.set_all(&roster);
        Ok(Mended {
            plan: self.come_back(&scene, &mut mender),
            released: self.released(&scene),
            reach: Reach::Anew { within_cap },
        })
    }

    fn come_back(&self, scene: &Scene, mender: &mut Mender<'_, '_>) -> Plan {
        pull_back::pull_back(mender, &scene.standing, self.stop);
        chain::settle(mender, self.stop);
        self.write(scene, &mender.state)
    }

    /// The plan document, scored.
    fn write(&self, scene: &Scene, state: &State<'_, '_>) -> Plan {
        let (instance, search) = (self.instance, &self.options.search);
        let mut plan = assemble::assemble(instance, &scene.programme, &state.shifts, search, false);
        plan.score = evaluate::score(instance, &scene.programme, state, &plan);
        plan
    }

    /// Operators whose published shifts cannot all stay, and those who are gone.
    fn released(&self, scene: &Scene) -> BTreeSet<OperatorId> {
        let operators = &self.instance.problem.operators;
        let known: BTreeSet<&OperatorId> = operators.iter().map(|o| &o.id).collect();
        let gone = self.published.shifts.iter().map(|shift| &shift.operator);
        let had_to_change = operators
            .iter()
            .zip(&scene.ledger.released)
            .filter(|(_, released)| **released)
            .map(|(operator, _)| &operator.id);
        gone.filter(|operator| !known.contains(operator))
            .chain(had_to_change)
            .cloned()
            .collect()
    }
}

fn tell(observer: &mut dyn Observer, phase: Phase) {
    observer.progress(Progress {
        phase,
        step: 0,
        steps: 1,
        best: None,
    });
}
