//! From cells back to a plan document, its lists in the order of ids and times.

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
    let mut blocks: Vec<HostBlock> = Vec::new();
    for block in order {
        let nth = count.entry(block.group).or_insert(0);
        *nth += 1;
        let group = &problem.groups[block.group].id;
        blocks.push(HostBlock {
            id: BlockId::new(format!("block-{group}-{nth}")),
            track: problem.event.tracks[block.track].id.clone(),
            group: group.clone(),
            language: instance.languages[block.language].clone(),
            span: span(instance, block.start, block.end),
        });
    }
    blocks.sort_by(|a, b| (&a.track, a.span).cmp(&(&b.track, b.span)));
    blocks
}

fn sessions(instance: &Instance<'_>, programme: &Programme) -> Vec<PlacedSession> {
    let problem = instance.problem;
    let mut placed: Vec<PlacedSession> = programme
        .placed
        .iter()
        .map(|p| PlacedSession {
            session: problem.sessions[p.session].id.clone(),
            track: problem.event.tracks[programme.blocks[p.block].track]
                .id
                .clone(),
            span: span(
                instance,
                p.start,
                p.start + instance.sessions[p.session].length,
            ),
        })
        .collect();
    placed.sort_by(|a, b| (&a.track, a.span, &a.session).cmp(&(&b.track, b.span, &b.session)));
    placed
}

fn shifts(instance: &Instance<'_>, roster: &Roster) -> Vec<Shift> {
    let problem = instance.problem;
    let mut shifts = Vec::new();
    for (operator, mine) in roster.iter().enumerate() {
        let id = &problem.operators[operator].id;
        for (n, shift) in mine.iter().enumerate() {
            let handover = u32::try_from(shift.handover).unwrap_or(0);
            shifts.push(Shift {
                id: ShiftId::new(format!("shift-{id}-{}", n + 1)),
                operator: id.clone(),
                duty: problem.event.duties[shift.duty].id.clone(),
                span: span(instance, shift.start, shift.end),
                handover_min: handover * instance.horizon.cell_min(),
            });
        }
    }
    shifts.sort_by(|a: &Shift, b: &Shift| {
        (&a.duty, a.span, &a.operator).cmp(&(&b.duty, b.span, &b.operator))
    });
    shifts
}
