//! What every picture of a plan shows: gaps, clashes, and who is on duty, group by group.

use std::collections::BTreeMap;

use meridian_model::{
    BlockId, Duty, DutyId, Group, GroupId, Impact, Level, Match, Operator, OperatorId,
    PlacedSession, Plan, Problem, RegionalEvent, Report, RuleCode, Shift, ShiftId, Span, SpeakerId,
    Subject, Timestamp,
};

use super::names::Names;

/// A stretch of a duty that nobody covers, as the checker found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap<'a> {
    /// The duty.
    pub(crate) duty: &'a DutyId,
    /// When.
    pub(crate) span: Span,
}

/// Every gap of the report, by duty and start.
pub(crate) fn gaps(report: &Report) -> Vec<Gap<'_>> {
    let mut found: Vec<Gap<'_>> = Vec::new();
    for gap in report.matches.iter().filter(|m| m.rule == RuleCode::M04) {
        for subject in &gap.subjects {
            if let Subject::Duty(duty) = subject {
                found.extend(gap.spans.iter().map(|&span| Gap { duty, span }));
            }
        }
    }
    found.sort_by(|a, b| (a.duty, a.span).cmp(&(b.duty, b.span)));
    found.dedup();
    found
}

/// Everything that is broken or missing: the report without what is merely weighed.
pub(crate) fn troubles(report: &Report) -> Vec<&Match> {
    report
        .matches
        .iter()
        .filter(|m| m.rule.level() != Level::Soft)
        .collect()
}

/// A regional event as it touches one group during the event.
#[derive(Clone, Debug)]
pub(crate) struct Clash<'a> {
    /// The regional event.
    pub(crate) event: &'a RegionalEvent,
    /// The group.
    pub(crate) group: &'a GroupId,
    /// When, within the horizon.
    pub(crate) span: Span,
    /// Blocks of the group in it.
    pub(crate) blocks: Vec<&'a BlockId>,
    /// Shifts of its people in it.
    pub(crate) shifts: Vec<&'a ShiftId>,
    /// Whether the group has any part in the plan.
    pub(crate) takes_part: bool,
}

impl Clash<'_> {
    /// Whether something of the group lies in it.
    pub(crate) fn hits(&self) -> bool {
        !self.blocks.is_empty() || !self.shifts.is_empty()
    }
}

/// Regional events over the horizon with the groups that they concern, by group and start.
/// Those that the event ignores are left out.
pub(crate) fn clashes<'a>(
    problem: &'a Problem,
    plan: &'a Plan,
    names: &Names<'a>,
) -> Vec<Clash<'a>> {
    let horizon = problem.event.horizon.span();
    let mut found: Vec<Clash<'a>> = Vec::new();
    for event in &problem.regional_events {
        if event.impact == Impact::Ignore {
            continue;
        }
        for concern in &event.concerns {
            let Some(span) = concern.span.intersection(&horizon) else {
                continue;
            };
            let group = &concern.group;
            let blocks: Vec<_> = plan.blocks.iter().filter(|b| &b.group == group).collect();
            let shifts: Vec<_> = plan
                .shifts
                .iter()
                .filter(|s| {
                    names
                        .operator(&s.operator)
                        .is_some_and(|o| &o.group == group)
                })
                .collect();
            found.push(Clash {
                event,
                group,
                span,
                takes_part: !blocks.is_empty() || !shifts.is_empty(),
                blocks: blocks
                    .into_iter()
                    .filter(|block| block.span.overlaps(&span))
                    .map(|block| &block.id)
                    .collect(),
                shifts: shifts
                    .into_iter()
                    .filter(|shift| on_duty(shift).overlaps(&span))
                    .map(|shift| &shift.id)
                    .collect(),
            });
        }
    }
    found.sort_by(|a, b| (a.group, a.span, &a.event.id).cmp(&(b.group, b.span, &b.event.id)));
    found
}

/// The whole time that a shift keeps someone: its handover and what it covers.
pub(crate) fn on_duty(shift: &Shift) -> Span {
    let start = shift.span.start().as_second() - i64::from(shift.handover_min) * 60;
    Timestamp::from_second(start)
        .ok()
        .and_then(|start| Span::new(start, shift.span.end()).ok())
        .unwrap_or(shift.span)
}

/// Someone on duty.
#[derive(Clone, Debug)]
pub(crate) struct Person<'a> {
    /// Her handle.
    pub(crate) id: &'a OperatorId,
    /// What the problem knows of her.
    pub(crate) operator: Option<&'a Operator>,
    /// Her shifts, by start.
    pub(crate) shifts: Vec<&'a Shift>,
    /// Sessions that she gives herself, by start.
    pub(crate) speaks: Vec<&'a PlacedSession>,
}

/// The people of one group who are on duty.
#[derive(Clone, Debug)]
pub(crate) struct Team<'a> {
    /// The group; `None` for people whom the problem does not know.
    pub(crate) group: Option<&'a Group>,
    /// Its people, by handle.
    pub(crate) people: Vec<Person<'a>>,
}

/// Everyone with a shift, by group and handle.
pub(crate) fn teams<'a>(plan: &'a Plan, names: &Names<'a>) -> Vec<Team<'a>> {
    let mut by_person: BTreeMap<&OperatorId, Vec<&Shift>> = BTreeMap::new();
    for shift in &plan.shifts {
        by_person.entry(&shift.operator).or_default().push(shift);
    }
    let mut by_group: BTreeMap<Option<&GroupId>, Vec<Person<'a>>> = BTreeMap::new();
    for (id, mut shifts) in by_person {
        shifts.sort_by_key(|shift| (shift.span, &shift.id));
        let operator = names.operator(id);
        by_group
            .entry(operator.map(|operator| &operator.group))
            .or_default()
            .push(Person {
                id,
                operator,
                shifts,
                speaks: own_sessions(plan, names, operator.and_then(|o| o.speaker.as_ref())),
            });
    }
    let known = by_group.into_iter().map(|(id, people)| Team {
        group: id.and_then(|id| names.group_of(id)),
        people,
    });
    known.collect()
}

/// The placed sessions that a speaker gives herself, by start.
pub(crate) fn own_sessions<'a>(
    plan: &'a Plan,
    names: &Names<'a>,
    speaker: Option<&SpeakerId>,
) -> Vec<&'a PlacedSession> {
    let Some(speaker) = speaker else {
        return Vec::new();
    };
    let mut own: Vec<_> = plan
        .sessions
        .iter()
        .filter(|placed| {
            names
                .session(&placed.session)
                .is_some_and(|session| session.speakers.contains(speaker))
        })
        .collect();
    own.sort_by_key(|placed| (placed.span, &placed.session));
    own
}

/// The shifts of a duty, by start.
pub(crate) fn shifts_of<'a>(plan: &'a Plan, duty: &Duty) -> Vec<&'a Shift> {
    let mut shifts: Vec<_> = plan.shifts.iter().filter(|s| s.duty == duty.id).collect();
    shifts.sort_by_key(|shift| (shift.span, &shift.id));
    shifts
}

/// Sessions that should be on and are not.
pub(crate) fn unplaced(report: &Report) -> Vec<&Match> {
    report
        .matches
        .iter()
        .filter(|m| matches!(m.rule, RuleCode::M02 | RuleCode::M03))
        .collect()
}

/// One line on how whole a plan is, such as `nothing is missing` or `2 gaps, 1 session without a place`.
pub(crate) fn verdict(report: &Report) -> String {
    let mut parts = Vec::new();
    let mut say = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => parts.push(format!("1 {one}")),
        _ => parts.push(format!("{count} {many}")),
    };
    let count = |rule| report.matches.iter().filter(|m| m.rule == rule).count();
    let hard = troubles(report)
        .iter()
        .filter(|m| m.rule.level() == Level::Hard)
        .count();
    say(hard, "broken rule", "broken rules");
    say(
        count(RuleCode::M01),
        "stretch without a host",
        "stretches without a host",
    );
    say(
        unplaced(report).len(),
        "session without a place",
        "sessions without a place",
    );
    say(gaps(report).len(), "gap on duty", "gaps on duty");
    say(
        count(RuleCode::M05),
        "alert with too few people",
        "alerts with too few people",
    );
    if parts.is_empty() {
        "nothing is missing".to_owned()
    } else {
        parts.join(", ")
    }
}
