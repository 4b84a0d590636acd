//! A whole search as a page of steps: programme, roster, and the programme again where the roster asks for it.

use std::cell::{Cell, RefCell};

use meridian_model::{Medium, Pins, Plan, Problem};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::feedback::{self, Staffed};
use crate::improve::{Listener, Task, improve};
use crate::instance::Instance;
use crate::pins::CellPins;
use crate::programme::beam::{self, Beam};
use crate::programme::bounds::bounds;
use crate::programme::candidates::{Candidate, candidates};
use crate::programme::placement::Placer;
use crate::programme::{Block, Programme};
use crate::roster::Roster;
use crate::roster::eligibility::Eligibility;
use crate::roster::search::Search;
use crate::roster::state::State;
use crate::{
    Certificate, Coupling, Engine, Observer, Options, Outcome, Phase, PhaseCost, Progress,
    SolveError, Status, Stop, assemble, evaluate, order, pins,
};

/// Beam width of the first, quick programme.
const QUICK_WIDTH: usize = 10;
/// Its sweeps.
const QUICK_SWEEPS: usize = 4;

/// A programme with its roster and their plan.
struct Candidature {
    programme: Programme,
    roster: Roster,
    plan: Plan,
}

impl Candidature {
    /// A programme and its roster, written down and scored.
    fn of(
        instance: &Instance<'_>,
        options: &Options,
        eligibility: &Eligibility,
        staffed: Staffed,
    ) -> Self {
        let Staffed { programme, roster } = staffed;
        let plan = write(instance, options, eligibility, &programme, &roster);
        Self {
            programme,
            roster,
            plan,
        }
    }

    fn staffed(&self) -> Staffed {
        Staffed {
            programme: self.programme.clone(),
            roster: self.roster.clone(),
        }
    }
}

/// Plans a problem.
///
/// The outcome is always a whole plan: what cannot be hosted, placed or staffed is missing from it and
/// counted in its score. The same problem and options give the same bytes, unless `stop` cuts in.
///
/// # Errors
/// [`SolveError`] when the problem contradicts itself, the engine is not built in, or the checker disagrees.
pub fn solve(
    problem: &Problem,
    options: &Options,
    stop: &dyn Stop,
    observer: &mut dyn Observer,
) -> Result<Outcome, SolveError> {
    if options.engine == Engine::Highs && !cfg!(feature = "highs") {
        return Err(SolveError::EngineMissing(options.engine.as_str()));
    }
    let digest = problem
        .digest()
        .map_err(|e| SolveError::Malformed(e.to_string()))?;
    let ordered = order::canonical(problem);
    let instance = Instance::lower_as(&ordered, digest)?;
    let pins = pins::lower(&instance)?;
    let mut run = Run {
        pins: &pins,
        candidates: candidates(&instance),
        instance: &instance,
        options,
        stop,
        observer,
        phases: Vec::new(),
    };
    let effort = usize::from(options.effort.clamp(1, 9));
    let quick = run.programme(QUICK_WIDTH, QUICK_SWEEPS, 0);
    let mut best = run.staff(quick);
    run.observer.incumbent(&best.plan);
    if !stop.stopped() {
        let careful = run.careful_programme(effort);
        if careful != best.programme {
            best = run.better_of(best, careful);
        }
    }
    if options.coupling == Coupling::Together {
        best = run.feed_back(best);
    }
    let (mut plan, mut certificate) = run.polish(best);
    let phases = run.phases;
    plan.made_by.stopped = stop.stopped();
    let checked = meridian_model::check::check(problem, &plan).score;
    // Pins that contradict each other break rules whatever is planned; what a broken plan costs is the checker's say.
    let broken_by_pins = checked.hard > 0 && problem.pins != Pins::default();
    if checked != plan.score && !broken_by_pins {
        return Err(SolveError::Disagreement {
            ours: plan.score,
            checked,
        });
    }
    plan.score = checked;
    certificate.status = if plan.made_by.stopped {
        Status::Stopped
    } else {
        certificate.judge(&plan.score, options.gap_ppm)
    };
    Ok(Outcome {
        stopped: plan.made_by.stopped,
        plan,
        certificate,
        phases,
    })
}

/// What every step of one search shares.
struct Run<'a, 'p> {
    instance: &'a Instance<'p>,
    candidates: Vec<Candidate>,
    pins: &'a CellPins,
    options: &'a Options,
    stop: &'a dyn Stop,
    observer: &'a mut dyn Observer,
    phases: Vec<PhaseCost>,
}

impl<'a, 'p> Run<'a, 'p> {
    fn rng(&self, stream: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream(stream);
        rng
    }

    /// A programme in pure Rust: blocks by beam search, sessions by insertion and exchange.
    fn programme(&mut self, width: usize, sweeps: usize, exchanges: usize) -> Programme {
        self.tell(Phase::Programme, 0, 2);
        let taken: Vec<_> = self
            .pins
            .blocks
            .iter()
            .map(|b| (b.track, b.group, b.start, b.end))
            .collect();
        let beam = Beam {
            width,
            sweeps,
            stop: self.stop,
        };
        let picked = beam::cover(self.instance, &self.candidates, &taken, beam);
        let mut blocks = self.pins.blocks.clone();
        let hosts = picked.into_iter();
        blocks.extend(hosts.map(|(track, pick)| Block::of(self.instance, track, pick)));
        self.tell(Phase::Programme, 1, 2);
        self.fill(blocks, exchanges)
    }

    fn fill(&self, blocks: Vec<Block>, exchanges: usize) -> Programme {
        let mut placer = Placer::new(self.instance, blocks, &self.pins.sessions);
        placer.fill();
        placer.polish(&mut self.rng(1), exchanges);
        placer.fill();
        placer.into_programme()
    }

    /// A programme by models, or in pure Rust by a wide search.
    fn careful_programme(&mut self, effort: usize) -> Programme {
        let exchanges = 500 * effort;
        #[cfg(feature = "highs")]
        if self.options.engine == Engine::Highs {
            return self.modelled_programme(effort, exchanges);
        }
        self.programme(2 * QUICK_WIDTH * effort, QUICK_SWEEPS * effort, exchanges)
    }

    /// A programme by two mixed-integer models, finished by exchange.
    #[cfg(feature = "highs")]
    fn modelled_programme(&mut self, effort: usize, exchanges: usize) -> Programme {
        use crate::programme::milp;
        let budget = milp::Budget::new(effort, self.stop);
        let blocks = milp::blocks(self.instance, &self.candidates, &self.pins.blocks, &budget);
        let mut placer = Placer::new(self.instance, blocks, &self.pins.sessions);
        milp::assign_sessions(self.instance, &mut placer, &budget);
        placer.fill();
        placer.polish(&mut self.rng(2), exchanges);
        placer.fill();
        placer.into_programme()
    }

    /// Puts people on a programme greedily.
    fn staff(&mut self, programme: Programme) -> Candidature {
        let eligibility = Eligibility::of(self.instance, &programme);
        let mut rng = self.rng(3);
        let mut search = Search::start(self.instance, &eligibility, &self.pins.shifts, &mut rng);
        search.settle(self.stop);
        let roster = search.best().1.clone();
        let staffed = Staffed { programme, roster };
        Candidature::of(self.instance, self.options, &eligibility, staffed)
    }

    /// Improves the roster of the best programme, and says how good it is.
    fn polish(&mut self, best: Candidature) -> (Plan, Certificate) {
        let Candidature {
            programme,
            roster,
            mut plan,
        } = best;
        let (instance, options) = (self.instance, self.options);
        let eligibility = Eligibility::of(instance, &programme);
        let write = |roster: &Roster| write(instance, options, &eligibility, &programme, roster);
        let observer = RefCell::new(&mut *self.observer);
        let known = Cell::new(plan.score);
        let mut better = |roster: &Roster| {
            let plan = write(roster);
            if plan.score < known.get() {
                known.set(plan.score);
                observer.borrow_mut().incumbent(&plan);
            }
        };
        let mut progress = |progress: Progress| {
            let best = Some(known.get());
            observer
                .borrow_mut()
                .progress(Progress { best, ..progress });
        };
        let task = Task {
            instance,
            eligibility: &eligibility,
            pinned: &self.pins.shifts,
            options,
            stop: self.stop,
        };
        let cost = State::of(instance, &eligibility, &roster).cost();
        let listener = Listener {
            better: &mut better,
            progress: &mut progress,
        };
        let improved = improve(task, (cost, roster), listener);
        let found = write(&improved.roster);
        if found.score < plan.score {
            plan = found;
            if plan.score < known.get() {
                self.observer.incumbent(&plan);
            }
        }
        self.phases.extend(improved.phases);
        let programme_soft = plan.score.soft - improved.cost.soft;
        let least = bounds(instance, self.pins);
        let certificate = Certificate {
            status: Status::EffortSpent,
            medium: Medium {
                unhosted: least.unhosted,
                unplaced_must: least.unplaced_must,
                unplaced_should: least.unplaced_should,
                gaps: improved.proof.gaps,
                alert_short: improved.proof.alert_short,
            },
            soft: programme_soft + improved.proof.soft,
            programme_soft,
        };
        (plan, certificate)
    }

    /// The better of a staffed programme and another, when both are searched for as long: put on greedily, people say
    /// more of luck than of a programme.
    fn better_of(&mut self, known: Candidature, other: Programme) -> Candidature {
        let told = known.plan.score;
        let other = self.staff(other);
        let (first, second) = (known.staffed(), other.staffed());
        let better = feedback::better_of(self.feedback_task(), first, second);
        let chosen = self.written(better);
        let best = if chosen.programme == known.programme {
            known
        } else {
            other
        };
        let best = if chosen.plan.score < best.plan.score {
            chosen
        } else {
            best
        };
        if best.plan.score < told {
            self.observer.incumbent(&best.plan);
        }
        best
    }

    fn feedback_task(&self) -> feedback::Task<'a, 'p> {
        feedback::Task {
            instance: self.instance,
            pins: self.pins,
            options: self.options,
            stop: self.stop,
        }
    }

    fn written(&self, staffed: Staffed) -> Candidature {
        let eligibility = Eligibility::of(self.instance, &staffed.programme);
        Candidature::of(self.instance, self.options, &eligibility, staffed)
    }

    /// Moves blocks to where people can run them.
    fn feed_back(&mut self, mut best: Candidature) -> Candidature {
        let start = best.staffed();
        let (_, steps) = feedback::improve(self.feedback_task(), start, &mut |staffed| {
            let found = self.written(staffed.clone());
            if found.plan.score < best.plan.score {
                self.observer.incumbent(&found.plan);
                best = found;
            }
        });
        self.phases.push(PhaseCost {
            phase: Phase::Feedback,
            steps,
        });
        best
    }

    fn tell(&mut self, phase: Phase, step: u64, steps: u64) {
        self.observer.progress(Progress {
            phase,
            step,
            steps,
            best: None,
        });
    }
}

/// The plan document of a programme and a roster, scored.
fn write(
    instance: &Instance<'_>,
    options: &Options,
    eligibility: &Eligibility,
    programme: &Programme,
    roster: &Roster,
) -> Plan {
    let state = State::of(instance, eligibility, roster);
    let mut plan = assemble::assemble(instance, programme, roster, options, false);
    plan.score = evaluate::score(instance, programme, &state, &plan);
    plan
}
