//! Documents on disk.

use std::path::Path;

use anyhow::Context;
use meridian_model::check::check;
use meridian_model::{Plan, Problem, RuleCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::claims::Levels;

pub(crate) fn write(path: &Path, document: &impl Serialize) -> anyhow::Result<()> {
    let bytes = serde_json::to_vec(document)?;
    std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))
}

/// What blocks and sessions cost by themselves: what is left with nobody on duty, without gaps, alerts and what is
/// carried over from earlier events (S04).
pub(crate) fn cost_of_programme(problem: &Problem, programme: &Plan) -> Levels {
    let mut nobody = programme.clone();
    nobody.shifts.clear();
    let report = check(problem, &nobody);
    let carried = (report.matches.iter()).filter(|found| found.rule == RuleCode::S04);
    let carried: i64 = carried.map(|found| found.amount).sum();
    let all = Levels::of(&report.score);
    Levels {
        gaps: 0,
        alerts: 0,
        soft: all.soft - problem.event.policy.weight(RuleCode::S04) * carried,
        ..all
    }
}
