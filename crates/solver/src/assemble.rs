//! From cells back to a plan document.

use std::collections::BTreeMap;

use meridian_model::plan::MadeBy;
use meridian_model::{BlockId, HostBlock, PlacedSession, Plan, Score, Shift, ShiftId, Span};

use crate::Options;
use crate::instance::Instance;
use crate::programme::Programme;
use crate::roster::Roster;

/// Writes the plan document; its score is still empty.
pub(crate) fn assemble(
    instance: &Instance<'_>,
    programme: &Programme,
    roster: &Roster,
    options: &Options,
    stopped: bool,
) -> Plan {
    let problem = instance.problem;
    Plan {
        format: Plan::FORMAT.to_owned(),
        event: problem.event.id.clone(),
        problem_sha256: instance.digest.clone(),
        tzdb: problem.tzdb.clone(),
        revision: 0,
        made_by: MadeBy {
            engine: options.engine.as_str().to_owned(),
            seed: options.seed,
            effort: options.effort,
            stopped,
        },
        score: Score::default(),
        blocks: blocks(instance, programme),
        sessions: sessions(instance, programme),
        shifts: shifts(instance, roster),
    }
}

fn span(instance: &Instance<'_>, start: usize, end: usize) -> Span {
    let cell = |c: usize| u32::try_from(c).unwrap_or(u32::MAX);
    instance.horizon.cells(cell(start), cell(end))
}

fn blocks(instance: &Instance<'_>, programme: &Programme) -> Vec<HostBlock> {
    let problem = instance.problem;
    let mut order: Vec<_> = programme.blocks.iter().collect();
    order.sort_by_key(|b| (b.start, b.track));
    let mut count: BTreeMap<usize, u32> = BTreeMap::new();
    let mut blocks: Vec<(usize, HostBlock)> = Vec::new();
    for block in order {
        let nth = count.entry(block.group).or_insert(0);
        *nth += 1;
        let group = &problem.groups[block.group].id;
        blocks.push((
            block.track,
            HostBlock {
                id: BlockId::new(format!("block-{group}-{nth}")),
                track: problem.event.tracks[block.track].id.clone(),
                group: group.clone(),
                language: instance.languages[block.language].clone(),
                span: span(instance, block.start, block.end),
            },
        ));
    }
    blocks.sort_by_key(|(track, block)| (*track, block.span));
    blocks.into_iter().map(|(_, block)| block).collect()
}

fn sessions(instance: &Instance<'_>, programme: &Programme) -> Vec<PlacedSession> {
    let problem = instance.problem;
    let mut placed: Vec<_> = programme
        .placed
        .iter()
        .map(|p| (programme.blocks[p.block].track, p.start, p.session))
        .collect();
    placed.sort_unstable();
    placed
        .into_iter()
        .map(|(track, start, session)| PlacedSession {
            session: problem.sessions[session].id.clone(),
            track: problem.event.tracks[track].id.clone(),
            span: span(instance, start, start + instance.sessions[session].length),
        })
        .collect()
}

fn shifts(instance: &Instance<'_>, roster: &Roster) -> Vec<Shift> {
    let problem = instance.problem;
    let mut shifts = Vec::new();
    for (operator, mine) in roster.iter().enumerate() {
        let id = &problem.operators[operator].id;
        for (n, shift) in mine.iter().enumerate() {
            let handover = u32::try_from(shift.handover).unwrap_or(0);
            let document = Shift {
                id: ShiftId::new(format!("shift-{id}-{}", n + 1)),
                operator: id.clone(),
                duty: problem.event.duties[shift.duty].id.clone(),
                span: span(instance, shift.start, shift.end),
                handover_min: handover * instance.horizon.cell_min(),
            };
            shifts.push(((shift.duty, shift.start, operator), document));
        }
    }
    shifts.sort_by_key(|(key, _)| *key);
    shifts.into_iter().map(|(_, shift)| shift).collect()
}
