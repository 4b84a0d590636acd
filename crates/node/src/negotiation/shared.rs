//! The plan in force as everybody sees it: what groups published, as a problem and a plan that the checker judges at
//! every node alike. People are pseudonyms here; whether each of them can, only her group knows.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::SharedState;
use meridian_federation::content::{EventBrief, OnDuty, Part, PlanRevision};
use meridian_federation::fold::Roster;
use meridian_model::check::check;
use meridian_model::plan::MadeBy;
use meridian_model::{
    Event, GroupId as Handle, Horizon, Operator, OperatorId, Pins, Plan, Policy, Problem, RuleCode,
    Score, Shift, ShiftId, Skill, Span, ZoneName,
};

use super::brief::event_of;
use super::grid::joined;
use super::stand_ins;

/// What a plan says that was agreed and not searched for.
const ENGINE: &str = "exchange";

/// The plan in force and its rosters, if there is a plan in force and its brief says when the event is.
pub(crate) fn shared_plan(state: &SharedState) -> Option<(Problem, Plan)> {
    let revision = held(state)?;
    let brief = &state.brief.as_ref()?.what;
    let name = state
        .charter
        .as_ref()
        .map(|charter| charter.what.name.as_str());
    let id = event_id(name.unwrap_or_default(), &state.space.to_string());
    let rosters = rosters(state);
    assembled(&id, brief, &revision, &rosters)
}

/// The plan in force, each part with the group that speaks for it now.
pub(crate) fn held(state: &SharedState) -> Option<PlanRevision> {
    let mut revision = state.plan()?.clone();
    let custodian = |part: Part| {
        let custody = state.custody.get(&part)?;
        let member = state.members.get(&custody.custodian)?;
        Some(member.handle.clone())
    };
    for block in &mut revision.blocks {
        if let Some(handle) = custodian(Part::Block(block.id.clone())) {
            block.group = handle;
        }
    }
    for seat in &mut revision.seats {
        if let Some(handle) = custodian(Part::Seat(seat.id.clone())) {
            seat.group = handle;
        }
    }
    Some(revision)
}

/// Who is on duty now in each part, by its present custodian, overrides counted.
fn rosters(state: &SharedState) -> BTreeMap<Part, Vec<OnDuty>> {
    let mut found = BTreeMap::new();
    for Roster {
        part,
        epoch,
        roster,
        overrides,
    } in &state.rosters
    {
        let custody = state.custody.get(part);
        if custody.is_none_or(|custody| custody.epoch != *epoch) {
            continue;
        }
        let people = roster.iter().flat_map(|roster| &roster.people);
        let now = people.filter_map(|on_duty| match overrides.get(&on_duty.shift) {
            None => Some(on_duty.clone()),
            Some(instead) => Some(OnDuty {
                person: instead.instead.clone()?,
                name: instead.name.clone(),
                ..on_duty.clone()
            }),
        });
        found.insert(part.clone(), now.collect());
    }
    found
}

/// A name for calendars: lower-case letters, digits and hyphens.
fn event_id(name: &str, space: &str) -> String {
    let mut id = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            id.push(c);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() {
        format!("space-{}", space.get(..16).unwrap_or(space))
    } else {
        id.to_owned()
    }
}

/// A plan and its rosters as documents; `None` while the brief does not say when the event is.
pub(crate) fn assembled(
    id: &str,
    brief: &EventBrief,
    revision: &PlanRevision,
    rosters: &BTreeMap<Part, Vec<OnDuty>>,
) -> Option<(Problem, Plan)> {
    let event = event(id, brief, brief.horizon?);
    let (operators, shifts) = people(&event, revision, rosters);
    let groups = groups(&event, revision, &operators);
    let mut sessions: Vec<_> = revision.sessions.iter().map(stand_ins::session).collect();
    sessions.sort_by(|a, b| a.id.cmp(&b.id));
    let problem = Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: revision.tzdb.clone(),
        event,
        groups,
        operators,
        speakers: Vec::new(),
        sessions,
        regional_events: Vec::new(),
        pins: Pins::default(),
    };
    let mut plan = Plan {
        format: Plan::FORMAT.to_owned(),
        event: problem.event.id.clone(),
        problem_sha256: problem.digest().unwrap_or_default(),
        tzdb: revision.tzdb.clone(),
        revision: u32::try_from(revision.number).unwrap_or(u32::MAX),
        made_by: MadeBy {
            engine: ENGINE.to_owned(),
            seed: 0,
            effort: 1,
            stopped: false,
        },
        score: Score::default(),
        blocks: revision.blocks.iter().map(stand_ins::block).collect(),
        sessions: revision.sessions.iter().map(stand_ins::placed).collect(),
        shifts,
    };
    plan.blocks
        .sort_by(|a, b| (&a.track, a.span).cmp(&(&b.track, b.span)));
    plan.sessions
        .sort_by(|a, b| (&a.track, a.span).cmp(&(&b.track, b.span)));
    plan.shifts
        .sort_by(|a, b| (&a.duty, a.span, &a.id).cmp(&(&b.duty, b.span, &b.id)));
    plan.score = check(&problem, &plan).score;
    Some((problem, plan))
}

/// The event that all see: nobody's fillers are known, so that none can be missed.
fn event(id: &str, brief: &EventBrief, horizon: Horizon) -> Event {
    let unsaid = Event {
        id: id.to_owned(),
        title: brief.title.clone(),
        zone: ZoneName::new("UTC"),
        horizon,
        language: brief.language.clone(),
        tracks: Vec::new(),
        roles: Vec::new(),
        duties: Vec::new(),
        policy: Policy::default(),
    };
    let mut event = event_of(brief, &unsaid);
    event.policy.weights.insert(RuleCode::S12, 0);
    event
}

fn groups(
    event: &Event,
    revision: &PlanRevision,
    operators: &[Operator],
) -> Vec<meridian_model::Group> {
    let hosts = revision.blocks.iter().map(|block| &block.group);
    let bring = revision
        .sessions
        .iter()
        .filter_map(|session| session.group.as_ref());
    let serve = operators.iter().map(|operator| &operator.group);
    let seats = revision.seats.iter().map(|seat| &seat.group);
    let all: BTreeSet<&Handle> = hosts.chain(bring).chain(serve).chain(seats).collect();
    let groups = all.into_iter().map(|handle| {
        let own = revision
            .blocks
            .iter()
            .filter(|block| block.group == *handle);
        stand_ins::host(event, handle, &own.collect::<Vec<_>>())
    });
    groups.collect()
}

/// Somebody who is on duty, as others know her.
struct Served {
    skills: BTreeSet<Skill>,
    spans: Vec<Span>,
    group: Handle,
    /// The name that she consented to.
    name: Option<String>,
}

/// Those on duty, and their shifts. A shift that goes on from one seat into the next is one.
fn people(
    event: &Event,
    revision: &PlanRevision,
    rosters: &BTreeMap<Part, Vec<OnDuty>>,
) -> (Vec<Operator>, Vec<Shift>) {
    let mut shifts: Vec<Shift> = Vec::new();
    let mut served: BTreeMap<OperatorId, Served> = BTreeMap::new();
    let mut seats: Vec<_> = revision.seats.iter().collect();
    seats.sort_by_key(|seat| (&seat.duty, seat.span, &seat.id));
    for seat in seats {
        let duty = event.duties.iter().find(|duty| duty.id == seat.duty);
        let on_duty = rosters.get(&Part::Seat(seat.id.clone()));
        let mut on_duty: Vec<_> = on_duty.into_iter().flatten().collect();
        on_duty.sort_by_key(|of| (of.span, &of.shift));
        for of in on_duty {
            // Two groups may have chosen the same pseudonym.
            let operator = OperatorId::new(format!("{}.{}", seat.group, of.person));
            let person = served.entry(operator.clone()).or_insert_with(|| Served {
                skills: BTreeSet::new(),
                spans: Vec::new(),
                group: seat.group.clone(),
                name: None,
            });
            person.name = of.name.clone().or_else(|| person.name.take());
            if let Some(duty) = duty {
                let skills = stand_ins::skills(event, &revision.blocks, duty, of.span);
                person.skills.extend(skills);
            }
            let shift = Shift {
                id: of.shift.clone(),
                operator,
                duty: seat.duty.clone(),
                span: of.span,
                handover_min: of.handover_min,
            };
            person.spans.push(stand_ins::on_duty(&shift));
            add(&mut shifts, shift);
        }
    }
    only_once(&mut shifts);
    let operators = served.into_iter().map(|(id, person)| {
        let skills = person.skills.into_iter().collect();
        let mut operator =
            stand_ins::operator(event, id.as_str(), &person.group, skills, &person.spans);
        operator.max_duty_min = event.policy.max_duty_min;
        operator.shown_as = person.name;
        operator
    });
    (operators.collect(), shifts)
}

fn add(shifts: &mut Vec<Shift>, shift: Shift) {
    let goes_on = shifts.iter_mut().find(|before| {
        before.operator == shift.operator
            && before.duty == shift.duty
            && before.span.end() == shift.span.start()
            && shift.handover_min == 0
    });
    match goes_on {
        Some(before) => {
            let whole = joined(&[before.span, shift.span]);
            before.span = whole.first().copied().unwrap_or(before.span);
        }
        None => shifts.push(shift),
    }
}

/// Names that groups chose twice are told apart.
fn only_once(shifts: &mut [Shift]) {
    let mut names = BTreeSet::new();
    for shift in shifts {
        let mut n = 1_u32;
        let wanted = shift.id.clone();
        while !names.insert(shift.id.clone()) {
            n += 1;
            shift.id = ShiftId::new(format!("{wanted}.{n}"));
        }
    }
}
