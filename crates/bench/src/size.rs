//! The sizes that instances come in.

use meridian_model::{Alert, AlertScope, Policy, RuleCode};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::scene::small;

/// How large an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// Some hours, a handful of people, and rules that differ from seed to seed: small enough to be proven.
    Tiny,
    /// 6 groups, 1 track, 30 operators.
    Small,
    /// 20 groups, 2 tracks, 120 operators.
    Medium,
    /// As [`Size::Medium`] with 55 operators.
    MediumTight,
    /// 60 groups, 4 tracks, 600 operators.
    Large,
    /// As [`Size::Large`] with 130 operators.
    LargeTight,
    /// As [`Size::Medium`] for three days on end.
    ThreeDays,
    /// 200 groups, 8 tracks, 3,000 operators.
    Xlarge,
    /// 1,000 groups, 16 tracks, 30,000 operators.
    Stretch,
}

/// What an instance of a size holds, in cells and counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Person cells demanded.
    pub demand: u64,
    /// Operator cells available.
    pub supply: u64,
    /// Legal single shifts, handover variants not counted.
    pub shifts: u64,
}

impl Size {
    /// All sizes, the smallest first.
    pub const ALL: [Self; 9] = [
        Self::Tiny,
        Self::Small,
        Self::Medium,
        Self::MediumTight,
        Self::Large,
        Self::LargeTight,
        Self::ThreeDays,
        Self::Xlarge,
        Self::Stretch,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::MediumTight => "medium-tight",
            Self::Large => "large",
            Self::LargeTight => "large-tight",
            Self::ThreeDays => "three-days",
            Self::Xlarge => "xlarge",
            Self::Stretch => "stretch",
        }
    }

    /// What an instance of this size must hold; `None` for tiny ones, which differ.
    #[must_use]
    pub const fn target(self) -> Option<Target> {
        let (demand, supply, shifts) = match self {
            Self::Tiny => return None,
            Self::Small => (420, 568, 10_000),
            Self::Medium => (778, 2_256, 60_000),
            Self::MediumTight => (774, 1_034, 31_000),
            Self::Large => (1_510, 11_282, 676_000),
            Self::LargeTight => (1_502, 2_463, 167_000),
            // Three times medium.
            Self::ThreeDays => (2_334, 6_768, 180_000),
            Self::Xlarge => (2_996, 55_593, 6_500_000),
            // Twice the tracks and ten times the people of xlarge.
            Self::Stretch => (5_992, 555_930, 130_000_000),
        };
        Some(Target {
            demand,
            supply,
            shifts,
        })
    }

    /// The shape of an instance; tiny ones draw theirs.
    pub(crate) fn shape(self, rng: &mut ChaCha8Rng) -> Shape {
        let (groups, hosts, tracks, operators, sessions) = match self {
            Self::Tiny => return tiny(rng),
            Self::Small => (6, 6, 1, 30, 30),
            Self::Medium => (20, 20, 2, 120, 80),
            Self::ThreeDays => (20, 20, 2, 120, 240),
            Self::MediumTight => (20, 20, 2, 55, 80),
            Self::Large => (60, 50, 4, 600, 300),
            Self::LargeTight => (60, 50, 4, 130, 300),
            Self::Xlarge => (200, 100, 8, 3_000, 600),
            Self::Stretch => (1_000, 200, 16, 30_000, 1_200),
        };
        let days = if self == Self::ThreeDays { 3 } else { 1 };
        let policy = Policy::default();
        Shape {
            cell_min: 15,
            n_cells: 96 * days,
            groups,
            hosts,
            tracks,
            operators,
            sessions,
            handover: 1,
            count: 1,
            target: self.target(),
            policy: Policy {
                max_shifts: policy.max_shifts * small(days),
                ..policy
            },
        }
    }
}

/// What is drawn before anything else.
pub(crate) struct Shape {
    pub(crate) cell_min: u32,
    pub(crate) n_cells: usize,
    pub(crate) groups: usize,
    /// Groups that want to host.
    pub(crate) hosts: usize,
    pub(crate) tracks: usize,
    pub(crate) operators: usize,
    pub(crate) sessions: usize,
    /// Handover of every role, in cells.
    pub(crate) handover: u32,
    /// Stream operators at once.
    pub(crate) count: u32,
    pub(crate) target: Option<Target>,
    pub(crate) policy: Policy,
}

/// Some hours, or a day and a half in hours, with rules that bind in other ways for each seed.
fn tiny(rng: &mut ChaCha8Rng) -> Shape {
    let long = rng.random_bool(0.3);
    let cell_min = if long {
        60
    } else {
        [15, 30][rng.random_range(0..2)]
    };
    let n_cells = if long { 32 } else { rng.random_range(12..=18) };
    let policy = Policy {
        alert: Alert {
            scope: [AlertScope::Track, AlertScope::Event][rng.random_range(0..2)],
            min_people: rng.random_range(0..=3),
        },
        shift_shortest_min: [cell_min, 2 * cell_min][rng.random_range(0..2)].max(30),
        shift_longest_min: [3 * cell_min, 5 * cell_min][rng.random_range(0..2)].max(60),
        max_shifts: rng.random_range(1..=3),
        rest_min: cell_min * rng.random_range(0..=4),
        max_awake_min: cell_min * rng.random_range(6..=12),
        sleep_min: cell_min * rng.random_range(4..=7),
        speaker_preparation_min: 15 * rng.random_range(0..=2),
        weights: weights(rng),
        ..Policy::default()
    };
    Shape {
        cell_min,
        n_cells,
        groups: 3,
        hosts: 3,
        tracks: rng.random_range(1..=2),
        operators: rng.random_range(5..=9),
        sessions: 4,
        handover: rng.random_range(0..=2).min(60 / cell_min),
        count: rng.random_range(1..=2),
        target: None,
        policy,
    }
}

/// Some weights other than usual, and some rules switched off.
fn weights(rng: &mut ChaCha8Rng) -> std::collections::BTreeMap<RuleCode, i64> {
    let mut weights = std::collections::BTreeMap::new();
    for rule in [
        RuleCode::S02,
        RuleCode::S03,
        RuleCode::S04,
        RuleCode::S05,
        RuleCode::S06,
        RuleCode::S11,
        RuleCode::S14,
        RuleCode::S15,
    ] {
        if rng.random_bool(0.25) {
            weights.insert(rule, rng.random_range(0..=12));
        }
    }
    weights
}
