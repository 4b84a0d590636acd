//! The solver's own score of a whole plan, on instants. The checker must come to the same.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::{
    Availability, Delivery, Grade, GroupId, Impact, Medium, Operator, PlacedSession, Plan,
    Priority, Problem, RuleCode, Score, Session, SessionId, Span, Speaker, SpeakerId,
};

use crate::instance::{Instance, number};
use crate::programme::Programme;
use crate::roster::state::State;

/// Scores a plan that the search made; `eligibility` and `state` belong to its programme and roster.
///
/// The search breaks no hard rule by construction, pins apart; `hard` is 0 here and the checker's to deny.
pub(crate) fn score(
    instance: &Instance<'_>,
    programme: &Programme,
    state: &State<'_, '_>,
    plan: &Plan,
) -> Score {
    let (unhosted, unplaced_must, unplaced_should, _) = programme.cost(instance);
    let roster = state.cost();
    let problem = instance.problem;
    let medium = Medium {
        unhosted,
        unplaced_must,
        unplaced_should,
        gaps: roster.gaps,
        alert_short: roster.alert_short,
    };
    let weight = |rule| problem.event.policy.weight(rule);
    let soft = weight(RuleCode::S01) * clash_minutes(problem, plan)
        + duty_cost(instance, plan)
        + hosting_cost(problem, plan)
        + programme_cost(problem, plan)
        + weight(RuleCode::S06) * handover_minutes(instance, state)
        + weight(RuleCode::S11) * alone_minutes(instance, state)
        + weight(RuleCode::S12) * bare_stretches(problem, plan)
        + weight(RuleCode::S15) * number(plan.shifts.len());
    Score {
        hard: 0,
        medium,
        soft,
    }
}

fn minutes_in(span: Span, spans: impl Iterator<Item = Span>) -> i64 {
    spans
        .filter_map(|other| span.intersection(&other))
        .map(|shared| shared.minutes())
        .sum()
}

fn graded(availability: &Availability, grade: Grade) -> impl Iterator<Item = Span> + '_ {
    availability
        .0
        .iter()
        .filter(move |g| g.grade == grade)
        .map(|g| g.span)
}

/// The span on duty, handover counted.
fn on_duty(problem: &Problem, span: Span, handover_min: u32) -> Span {
    let start = span.start().as_second() - i64::from(handover_min) * 60;
    let earliest = problem.event.horizon.start().as_second();
    meridian_model::Timestamp::from_second(start.max(earliest))
        .ok()
        .and_then(|start| Span::new(start, span.end()).ok())
        .unwrap_or(span)
}

/// S01: minutes of blocks, sessions and shifts in regional events that weigh.
fn clash_minutes(problem: &Problem, plan: &Plan) -> i64 {
    let mut weighing: BTreeMap<&GroupId, Vec<Span>> = BTreeMap::new();
    for event in problem
        .regional_events
        .iter()
        .filter(|e| e.impact == Impact::Weigh)
    {
        for concern in &event.concerns {
            weighing
                .entry(&concern.group)
                .or_default()
                .push(concern.span);
        }
    }
    let of = |group: &GroupId, span: Span| {
        weighing
            .get(group)
            .map_or(0, |spans| minutes_in(span, spans.iter().copied()))
    };
    let groups: BTreeMap<_, _> = problem
        .operators
        .iter()
        .map(|o| (&o.id, &o.group))
        .collect();
    let sessions = sessions_by_id(problem);
    let speakers = speakers_by_id(problem);
    let blocks: i64 = plan.blocks.iter().map(|b| of(&b.group, b.span)).sum();
    let shifts: i64 = plan
        .shifts
        .iter()
        .filter_map(|s| groups.get(&s.operator).map(|group| (s, *group)))
        .map(|(s, group)| of(group, on_duty(problem, s.span, s.handover_min)))
        .sum();
    let talks: i64 = plan
        .sessions
        .iter()
        .filter_map(|placed| {
            sessions
                .get(&placed.session)
                .map(|session| (placed, *session))
        })
        .map(|(placed, session)| {
            let live = live_speakers(session).filter_map(|s| speakers.get(s)?.group.as_ref());
            let concerned: BTreeSet<&GroupId> = session.group.iter().chain(live).collect();
            concerned
                .into_iter()
                .map(|group| of(group, placed.span))
                .sum::<i64>()
        })
        .sum();
    blocks + shifts + talks
}

fn sessions_by_id(problem: &Problem) -> BTreeMap<&SessionId, &Session> {
    problem.sessions.iter().map(|s| (&s.id, s)).collect()
}

fn speakers_by_id(problem: &Problem) -> BTreeMap<&SpeakerId, &Speaker> {
    problem.speakers.iter().map(|s| (&s.id, s)).collect()
}

fn live_speakers(session: &Session) -> impl Iterator<Item = &SpeakerId> {
    session
        .speakers
        .iter()
        .filter(|_| session.delivery == Delivery::Live)
}

/// S02, S03, S04, S05 and S14 of people on duty.
fn duty_cost(instance: &Instance<'_>, plan: &Plan) -> i64 {
    let problem = instance.problem;
    let weights = instance.weights;
    let mut spans: BTreeMap<_, Vec<Span>> = BTreeMap::new();
    for shift in &plan.shifts {
        let span = on_duty(problem, shift.span, shift.handover_min);
        spans.entry(&shift.operator).or_default().push(span);
    }
    let mut cost = 0;
    let mut group_min: BTreeMap<&GroupId, (i64, i64)> = BTreeMap::new();
    for operator in &problem.operators {
        let mine = spans.get(&operator.id).map_or(&[][..], Vec::as_slice);
        let minutes: i64 = mine.iter().map(Span::minutes).sum();
        for &span in mine {
            cost += weights.night * minutes_in(span, operator.nights.iter().copied())
                + weights.if_need_be
                    * minutes_in(span, graded(&operator.availability, Grade::IfNeedBe))
                + weights.preference * unloved_minutes(operator, span);
        }
        let load = i64::from(operator.carry_over_min) + minutes;
        cost += weights.fair_people * (load * load / 360);
        let group = group_min.entry(&operator.group).or_default();
        *group = (group.0 + minutes, group.1 + 1);
    }
    let groups: i64 = group_min
        .values()
        .map(|(min, people)| min * min / (360 * people))
        .sum();
    cost + weights.fair_groups * groups
}

fn unloved_minutes(operator: &Operator, span: Span) -> i64 {
    let mut preferred = graded(&operator.availability, Grade::Prefer).peekable();
    if preferred.peek().is_none() {
        0
    } else {
        span.minutes() - minutes_in(span, preferred)
    }
}

/// S03, S09 and S13 of hosts.
fn hosting_cost(problem: &Problem, plan: &Plan) -> i64 {
    let weight = |rule| problem.event.policy.weight(rule);
    let mut cost = 0;
    for group in &problem.groups {
        let Some(hosting) = &group.hosting else {
            continue;
        };
        let mut blocks = plan
            .blocks
            .iter()
            .filter(|b| b.group == group.id)
            .peekable();
        if blocks.peek().is_none() {
            cost += weight(RuleCode::S13);
        }
        for block in blocks {
            let prime = minutes_in(block.span, hosting.prime.iter().copied());
            cost += weight(RuleCode::S09) * (block.span.minutes() - prime)
                + weight(RuleCode::S03)
                    * minutes_in(block.span, graded(&hosting.availability, Grade::IfNeedBe));
        }
    }
    cost
}

/// S03, S07, S08 and S10 of sessions.
fn programme_cost(problem: &Problem, plan: &Plan) -> i64 {
    let weight = |rule| problem.event.policy.weight(rule);
    let sessions = sessions_by_id(problem);
    let speakers = speakers_by_id(problem);
    let known: Vec<(&PlacedSession, &Session)> = plan
        .sessions
        .iter()
        .filter_map(|placed| sessions.get(&placed.session).map(|s| (placed, *s)))
        .collect();
    let mut cost = 0;
    for (n, (placed, session)) in known.iter().enumerate() {
        for speaker in live_speakers(session).filter_map(|id| speakers.get(id)) {
            cost += weight(RuleCode::S03)
                * minutes_in(placed.span, graded(&speaker.availability, Grade::IfNeedBe));
        }
        let host = plan
            .blocks
            .iter()
            .find(|block| block.track == placed.track && block.span.contains(&placed.span));
        if let Some(block) = host {
            if block.language != session.language {
                cost += weight(RuleCode::S07) * placed.span.minutes();
            }
            if session
                .group
                .as_ref()
                .is_some_and(|group| *group != block.group)
            {
                cost += weight(RuleCode::S08);
            }
        }
        for (other, other_session) in &known[..n] {
            if session
                .tags
                .iter()
                .any(|tag| other_session.tags.contains(tag))
            {
                cost += weight(RuleCode::S10)
                    * placed
                        .span
                        .intersection(&other.span)
                        .map_or(0, |s| s.minutes());
            }
        }
    }
    cost
}

/// S06: minutes of handover missing.
fn handover_minutes(instance: &Instance<'_>, state: &State<'_, '_>) -> i64 {
    let roles = &instance.problem.event.roles;
    let mut minutes = 0;
    for shifts in &state.shifts {
        for shift in shifts {
            let demand = &state.eligibility.demand[shift.duty];
            let opens =
                demand[shift.start] > 0 && (shift.start == 0 || demand[shift.start - 1] == 0);
            if !opens {
                let wanted = i64::from(roles[instance.duties[shift.duty].role].handover_min);
                let given = number(shift.handover) * instance.cell_min;
                minutes += (wanted - given).max(0);
            }
        }
    }
    minutes
}

/// S11: minutes that first-timers cover with nobody trained beside them.
fn alone_minutes(instance: &Instance<'_>, state: &State<'_, '_>) -> i64 {
    let mut cells = 0;
    for (person, shifts) in state.eligibility.people.iter().zip(&state.shifts) {
        for shift in shifts {
            if let Some(duty) = person.duty(shift.duty) {
                let alone = |c: &usize| duty.first_time[*c] && state.alone(shift.duty, *c);
                cells += (shift.start..shift.end).filter(alone).count();
            }
        }
    }
    number(cells) * instance.cell_min
}

/// S12: three-hour stretches without a filler in reserve that could go on.
fn bare_stretches(problem: &Problem, plan: &Plan) -> i64 {
    bare_but_for(problem, &plan.sessions.iter().map(|p| &p.session).collect())
}

/// What S12 costs at least: a plan that places no filler leaves the fewest stretches bare.
pub(crate) fn bare_stretches_at_best(problem: &Problem) -> i64 {
    problem.event.policy.weight(RuleCode::S12) * bare_but_for(problem, &BTreeSet::new())
}

/// Three-hour stretches in which no filler that is not `placed` could start.
fn bare_but_for(problem: &Problem, placed: &BTreeSet<&SessionId>) -> i64 {
    let horizon = problem.event.horizon;
    let speakers = speakers_by_id(problem);
    let fillers: Vec<&Session> = problem
        .sessions
        .iter()
        .filter(|s| s.priority == Priority::Filler && !placed.contains(&s.id))
        .collect();
    let per_stretch = 180_u32.div_ceil(horizon.cell_min());
    let mut bare = 0;
    let mut from = 0;
    while from < horizon.n_cells() {
        let to = (from + per_stretch).min(horizon.n_cells());
        let ready = fillers.iter().any(|filler| {
            let cells = filler.length_min.div_ceil(horizon.cell_min());
            (from..to)
                .filter(|start| start + cells <= horizon.n_cells())
                .any(|start| could_go_on(filler, horizon.cells(start, start + cells), &speakers))
        });
        bare += i64::from(!ready);
        from = to;
    }
    bare
}

fn could_go_on(filler: &Session, span: Span, speakers: &BTreeMap<&SpeakerId, &Speaker>) -> bool {
    if filler.window.is_some_and(|window| !window.contains(&span)) {
        return false;
    }
    live_speakers(filler).all(|id| {
        speakers.get(id).is_some_and(|speaker| {
            let possible = speaker
                .availability
                .0
                .iter()
                .filter(|g| g.grade != Grade::Impossible);
            let seconds: i64 = possible
                .filter_map(|g| g.span.intersection(&span))
                .map(|s| s.end().as_second() - s.start().as_second())
                .sum();
            seconds >= span.end().as_second() - span.start().as_second()
        })
    })
}
