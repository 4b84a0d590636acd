//! The solver's front door.

use std::time::Duration;

use meridian_model::{Plan, Score};

use crate::Certificate;

/// Which engine places blocks and sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Mixed-integer models on HiGHS; needs the `highs` feature.
    Highs,
    /// Pure Rust search.
    Pure,
}

impl Default for Engine {
    fn default() -> Self {
        if cfg!(feature = "highs") {
            Self::Highs
        } else {
            Self::Pure
        }
    }
}

impl Engine {
    /// The engine's name in a plan.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Highs => "highs",
            Self::Pure => "pure",
        }
    }
}

/// Whether host blocks may move for the roster's sake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coupling {
    /// Blocks go where people can run them, in a language for which people are there.
    #[default]
    Together,
    /// The programme first, then the roster; to measure what the other gains.
    OneAfterTheOther,
}

/// What the caller asks of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Seed of every random choice.
    pub seed: u64,
    /// How many search steps to spend, 1..=9; never a time.
    pub effort: u8,
    /// The engine.
    pub engine: Engine,
    /// How many searches run at once, 1 or 2; the plan is the same.
    pub threads: u8,
    /// How near to its bound the soft level has to be for the search to end early, in millionths of the bound.
    pub gap_ppm: u32,
    /// Whether host blocks may move for the roster's sake.
    pub coupling: Coupling,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            effort: 5,
            engine: Engine::default(),
            threads: 2,
            gap_ppm: 0,
            coupling: Coupling::default(),
        }
    }
}

/// Tells a search when to stop; the caller owns the clock. Asked from more than one thread.
pub trait Stop: Sync {
    /// Whether to stop now and return the best plan so far.
    fn stopped(&self) -> bool;

    /// Time left, when there is a limit.
    fn remaining(&self) -> Option<Duration> {
        None
    }
}

/// Never stops a search early.
#[derive(Clone, Copy, Debug)]
pub struct NeverStop;

impl Stop for NeverStop {
    fn stopped(&self) -> bool {
        false
    }
}

/// What a search is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Giving hours to host groups and placing sessions.
    Programme,
    /// Moving blocks to where people can run them.
    Feedback,
    /// Giving duties to people by search.
    Roster,
    /// Giving duties to people by column generation, with a proof.
    Columns,
}

impl Phase {
    /// The phase in a document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Programme => "programme",
            Self::Feedback => "feedback",
            Self::Roster => "roster",
            Self::Columns => "columns",
        }
    }
}

/// What one phase of a search cost. The caller owns the clock: steps are what can be counted without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseCost {
    /// The phase.
    pub phase: Phase,
    /// Steps taken: programmes made, blocks moved, neighbourhoods searched, or rounds of pricing.
    pub steps: u64,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The phase.
    pub phase: Phase,
    /// Steps done in this phase.
    pub step: u64,
    /// Steps that this phase will take.
    pub steps: u64,
    /// The best score so far, once there is a plan.
    pub best: Option<Score>,
}

/// Hears of progress and of every better plan.
pub trait Observer {
    /// A step was taken.
    fn progress(&mut self, _progress: Progress) {}

    /// A better whole plan was found.
    fn incumbent(&mut self, _plan: &Plan) {}
}

/// Hears nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {}

/// What a search gives back: always a whole plan.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The best plan found.
    pub plan: Plan,
    /// Whether the search was cut short.
    pub stopped: bool,
    /// How good the plan is proven to be.
    pub certificate: Certificate,
    /// What each phase cost, in the order in which they began.
    pub phases: Vec<PhaseCost>,
}

/// Why there is no plan at all; gaps and unplaced sessions are never a reason.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// The problem document contradicts itself.
    #[error("the problem is not well formed: {0}")]
    Malformed(String),
    /// The engine asked for was not built in.
    #[error("the engine {0} is not built in")]
    EngineMissing(&'static str),
    /// The solver's score differs from the checker's.
    #[error("the solver's score {ours:?} is not the checker's {checked:?}")]
    Disagreement {
        /// What the solver says.
        ours: Score,
        /// What the checker says.
        checked: Score,
    },
}
