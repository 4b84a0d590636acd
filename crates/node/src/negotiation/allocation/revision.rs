//! A solved allocation as a plan between groups: parts that stay the same keep their names and bytes.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::RecordId;
use meridian_federation::content::{PlanBlock, PlanRevision, PlanSession, Seat};
use meridian_model::time::UnknownZone;
use meridian_model::{
    BlockId, DutyId, GroupId as Handle, OperatorId, Plan, Problem, ShiftId, Span, ZoneName, ZoneSet,
};

use super::super::differences::zone_digests;
use super::super::grid::Grid;
use super::Offers;
use super::supply::{Kind, read_name};

/// The plan that groups are asked to accept.
pub(crate) fn revision_of(
    problem: &Problem,
    plan: &Plan,
    number: u64,
    brief: RecordId,
    previous: Option<&PlanRevision>,
) -> PlanRevision {
    PlanRevision {
        number,
        brief,
        tzdb: problem.tzdb.clone(),
        blocks: blocks(problem, plan, previous),
        sessions: sessions(problem, plan),
        seats: seats(problem, plan, previous),
        zones: BTreeMap::new(),
    }
}

/// Says in a plan which zone rules it was made with: those of the zones that groups reckoned with.
///
/// # Errors
/// When the event's own zone is not known here.
pub(crate) fn stamp(
    revision: &mut PlanRevision,
    problem: &Problem,
    offers: &Offers<'_>,
    zones: &ZoneSet,
) -> Result<(), UnknownZone> {
    let offered = offers.values().filter_map(|offer| offer.capacity.as_ref());
    // A group's zone that is not known here is not among those that are stamped: its own node says so.
    let offered = offered
        .flat_map(|capacity| &capacity.zones)
        .filter(|zone| zones.zone(zone).is_ok())
        .map(ZoneName::new);
    let mut names: BTreeSet<ZoneName> = offered.collect();
    names.insert(problem.event.zone.clone());
    let span = problem.event.horizon.span();
    revision.tzdb = zones.stamp(&names, span)?;
    revision.zones = zone_digests(zones, &names, span)?;
    Ok(())
}

fn blocks(problem: &Problem, plan: &Plan, previous: Option<&PlanRevision>) -> Vec<PlanBlock> {
    let grid = Grid(problem.event.horizon);
    let mut names = Names::default();
    let known = previous.map_or(&[][..], |previous| &previous.blocks);
    let mut blocks: Vec<PlanBlock> = Vec::new();
    let (mut kept, mut new) = (Vec::new(), Vec::new());
    for block in &plan.blocks {
        let same = known.iter().find(|known| {
            (&known.group, &known.track, &known.language, known.span)
                == (&block.group, &block.track, &block.language, block.span)
        });
        match same {
            Some(same) => kept.push(same.clone()),
            None => new.push(block),
        }
    }
    for block in kept {
        names.0.insert(block.id.to_string());
        blocks.push(block);
    }
    for block in new {
        let cell = grid.touched(block.span).start;
        let id = names.free(&format!("{}.{}.{cell}", block.group, block.track));
        blocks.push(PlanBlock {
            id: BlockId::new(id),
            group: block.group.clone(),
            track: block.track.clone(),
            language: block.language.clone(),
            span: block.span,
        });
    }
    blocks.sort_by(|a, b| (&a.track, a.span, &a.id).cmp(&(&b.track, b.span, &b.id)));
    blocks
}

fn sessions(problem: &Problem, plan: &Plan) -> Vec<PlanSession> {
    let placed = plan.sessions.iter().filter_map(|placed| {
        let mut sessions = problem.sessions.iter();
        let session = sessions.find(|session| session.id == placed.session)?;
        Some(PlanSession {
            id: session.id.clone(),
            group: session.group.clone(),
            title: session.title.clone(),
            track: placed.track.clone(),
            language: session.language.clone(),
            span: placed.span,
        })
    });
    let mut sessions: Vec<_> = placed.collect();
    sessions.sort_by(|a, b| (&a.track, a.span, &a.id).cmp(&(&b.track, b.span, &b.id)));
    sessions
}

/// Names that are given once.
#[derive(Debug, Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// `wanted`, or the first of `wanted.2`, `wanted.3` … that is free.
    fn free(&mut self, wanted: &str) -> String {
        let mut n = 1_u32;
        let mut name = wanted.to_owned();
        while !self.0.insert(name.clone()) {
            n += 1;
            name = format!("{wanted}.{n}");
        }
        name
    }
}

fn seats(problem: &Problem, plan: &Plan, previous: Option<&PlanRevision>) -> Vec<Seat> {
    let known = previous.map_or(&[][..], |previous| &previous.seats);
    let whose: BTreeMap<&OperatorId, &Handle> = problem
        .operators
        .iter()
        .map(|of| (&of.id, &of.group))
        .collect();
    let mut staying: BTreeSet<&str> = BTreeSet::new();
    let mut served: BTreeMap<(&Handle, &DutyId), Vec<Span>> = BTreeMap::new();
    for shift in &plan.shifts {
        let name = read_name(shift.operator.as_str());
        if let Some((Kind::Stays, seat)) = name {
            staying.insert(seat);
        } else if let Some(group) = whose.get(&shift.operator) {
            served
                .entry((group, &shift.duty))
                .or_default()
                .push(shift.span);
        }
    }
    let mut names = Names::default();
    let stay = known
        .iter()
        .filter(|seat| staying.contains(seat.id.as_str()));
    let mut seats: Vec<Seat> = stay.cloned().collect();
    names.0.extend(seats.iter().map(|seat| seat.id.to_string()));
    let mut new = Vec::new();
    for ((group, duty), spans) in served {
        for (span, heads) in runs(spans) {
            let same = known.iter().find(|seat| {
                (&seat.group, &seat.duty, seat.span, seat.heads) == (group, duty, span, heads)
            });
            match same.filter(|same| names.0.insert(same.id.to_string())) {
                Some(same) => seats.push(same.clone()),
                None => new.push((group, duty, span, heads)),
            }
        }
    }
    let grid = Grid(problem.event.horizon);
    for (group, duty, span, heads) in new {
        let Some(duty) = problem.event.duties.iter().find(|of| of.id == *duty) else {
            continue;
        };
        let cell = grid.touched(span).start;
        let id = names.free(&format!("{group}.{}.{cell}", duty.id));
        seats.push(Seat {
            id: ShiftId::new(id),
            group: group.clone(),
            duty: duty.id.clone(),
            role: duty.role.clone(),
            tracks: duty.tracks.clone(),
            span,
            heads,
        });
    }
    seats.sort_by(|a, b| (&a.duty, a.span, &a.id).cmp(&(&b.duty, b.span, &b.id)));
    seats
}

/// A group's shifts on one duty as seats: those that follow each other are one, those at the same time count together.
fn runs(mut spans: Vec<Span>) -> Vec<(Span, u32)> {
    spans.sort();
    let mut lines: Vec<Span> = Vec::new();
    for span in spans {
        match lines.iter_mut().find(|line| line.end() == span.start()) {
            Some(line) => *line = Span::new(line.start(), span.end()).unwrap_or(*line),
            None => lines.push(span),
        }
    }
    let mut counted: BTreeMap<Span, u32> = BTreeMap::new();
    for line in lines {
        *counted.entry(line).or_default() += 1;
    }
    counted.into_iter().collect()
}
