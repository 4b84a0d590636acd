//! What a date does to whom, whatever is planned: groups lost, clashes, clock changes, people awake and willing.

use std::collections::BTreeMap;

use meridian_model::time::{UnknownZone, offsets};
use meridian_model::{
    Grade, GroupId, Impact, Problem, RegionalEventId, RegionalKind, Span, Timestamp, ZoneName,
    ZoneSet,
};
use serde::Serialize;

use crate::SolveError;
use crate::explain::{Exclusion, kept_from_hosting};
use crate::instance::Instance;
use crate::programme::candidates::candidates;

/// What a date does to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DateFacts {
    /// Groups that want to host and cannot, by id.
    pub groups_lost: Vec<GroupLost>,
    /// What else happens during the event, holidays first, by id.
    pub clashes: Vec<Clash>,
    /// What takes less than a quarter of the event from each group that it concerns: its last evening, its first hours.
    pub brushes: Vec<Clash>,
    /// Clocks that change during the event, in order of time.
    pub clock_changes: Vec<ClockChange>,
    /// How many people are available in each hour of UTC.
    pub people: Vec<HourOfPeople>,
}

/// A group that wants to host and cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupLost {
    /// The group.
    pub group: GroupId,
    /// What it is lost to.
    pub to: LostTo,
    /// A smallest set of rules and events that alone keep it from hosting.
    pub conflict: Vec<Exclusion>,
}

/// What a group is lost to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LostTo {
    /// Regional events that block it.
    Blocked(Vec<RegionalEventId>),
    /// Its hosting hours: no block fits in.
    NoHostHours,
}

/// A regional event during the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clash {
    /// The regional event.
    pub event: RegionalEventId,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: RegionalKind,
    /// What it does to those it concerns.
    pub impact: Impact,
    /// Countries of the groups that it concerns, sorted.
    pub countries: Vec<String>,
    /// The groups that it concerns, by id.
    pub groups: Vec<GroupId>,
    /// Minutes of the event that it takes, of the group that it takes most from.
    pub minutes: i64,
}

/// A zone whose clocks change during the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockChange {
    /// The zone.
    pub zone: ZoneName,
    /// When.
    pub at: Timestamp,
    /// Seconds from UTC before.
    pub from_offset_s: i32,
    /// Seconds from UTC from then on.
    pub to_offset_s: i32,
    /// Groups in the zone, by id.
    pub groups: Vec<GroupId>,
    /// Operators and speakers in the zone.
    pub people: usize,
}

/// How many operators are available throughout an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HourOfPeople {
    /// The hour of UTC, as far as it lies in the event.
    pub span: Span,
    /// Operators who can be on duty throughout, regional events that block them counted.
    pub people: usize,
}

/// What the date of a problem does to whom.
///
/// # Errors
/// [`SolveError::Malformed`] when the problem names something that it does not define, or a zone that `zones` lacks.
pub fn date_facts(problem: &Problem, zones: &ZoneSet) -> Result<DateFacts, SolveError> {
    let (clashes, brushes) = clashes(problem);
    Ok(DateFacts {
        groups_lost: groups_lost(problem)?,
        clashes,
        brushes,
        clock_changes: clock_changes(problem, zones)
            .map_err(|unknown| SolveError::Malformed(unknown.to_string()))?,
        people: people(problem),
    })
}

/// Those that take a quarter of the event or more, and those that only brush it.
fn clashes(problem: &Problem) -> (Vec<Clash>, Vec<Clash>) {
    let horizon = problem.event.horizon.span();
    let countries: BTreeMap<&GroupId, &String> = problem
        .groups
        .iter()
        .map(|group| (&group.id, &group.country))
        .collect();
    let mut found: Vec<Clash> = Vec::new();
    for event in &problem.regional_events {
        let touched: Vec<(&GroupId, i64)> = event
            .concerns
            .iter()
            .filter_map(|c| Some((&c.group, c.span.intersection(&horizon)?.minutes())))
            .collect();
        let Some(minutes) = touched.iter().map(|(_, minutes)| *minutes).max() else {
            continue;
        };
        let groups: Vec<GroupId> = touched.iter().map(|(group, _)| (*group).clone()).collect();
        let mut in_countries: Vec<String> = groups
            .iter()
            .filter_map(|group| countries.get(group).map(|country| (*country).clone()))
            .collect();
        in_countries.sort();
        in_countries.dedup();
        found.push(Clash {
            event: event.id.clone(),
            title: event.title.clone(),
            kind: event.kind,
            impact: event.impact,
            countries: in_countries,
            groups,
            minutes,
        });
    }
    found.sort_by_key(|clash| clash.kind != RegionalKind::Holiday);
    found
        .into_iter()
        .partition(|clash| clash.minutes * 4 >= horizon.minutes())
}

fn groups_lost(problem: &Problem) -> Result<Vec<GroupLost>, SolveError> {
    let hosting = hosting_groups(problem)?;
    let mut lost: Vec<usize> = (0..problem.groups.len())
        .filter(|&group| problem.groups[group].hosting.is_some() && !hosting[group])
        .collect();
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let mut unblocked = problem.clone();
    for event in &mut unblocked.regional_events {
        event.impact = Impact::Ignore;
    }
    let without = hosting_groups(&unblocked)?;
    lost.sort_by_key(|&group| &problem.groups[group].id);
    let lost = lost.into_iter().map(|group| GroupLost {
        group: problem.groups[group].id.clone(),
        to: if without[group] {
            LostTo::Blocked(blocking(problem, &problem.groups[group].id))
        } else {
            LostTo::NoHostHours
        },
        conflict: kept_from_hosting(problem, &problem.groups[group].id),
    });
    Ok(lost.collect())
}

/// Which groups could hold some block.
fn hosting_groups(problem: &Problem) -> Result<Vec<bool>, SolveError> {
    let instance = Instance::lower(problem)?;
    let mut hosting = vec![false; instance.groups.len()];
    for block in candidates(&instance) {
        hosting[block.group] = true;
    }
    Ok(hosting)
}

/// The events that block a group during the event.
fn blocking(problem: &Problem, group: &GroupId) -> Vec<RegionalEventId> {
    let horizon = problem.event.horizon.span();
    let touches = |span: Span| span.overlaps(&horizon);
    let blocking = problem.regional_events.iter().filter(|event| {
        let mut concerns = event.concerns.iter();
        event.impact == Impact::Block && concerns.any(|c| c.group == *group && touches(c.span))
    });
    blocking.map(|event| event.id.clone()).collect()
}

fn clock_changes(problem: &Problem, zones: &ZoneSet) -> Result<Vec<ClockChange>, UnknownZone> {
    let mut who: BTreeMap<&ZoneName, (Vec<GroupId>, usize)> = BTreeMap::new();
    for group in &problem.groups {
        who.entry(&group.zone).or_default().0.push(group.id.clone());
    }
    let operators = problem.operators.iter().map(|operator| &operator.zone);
    for zone in operators.chain(problem.speakers.iter().map(|speaker| &speaker.zone)) {
        who.entry(zone).or_default().1 += 1;
    }
    let mut changes = Vec::new();
    for (name, (groups, people)) in who {
        let zone = zones.zone(name.as_str())?;
        let held = offsets(&zone, problem.event.horizon.span());
        for pair in held.windows(2) {
            let [(_, before), (at, after)] = pair else {
                continue;
            };
            changes.push(ClockChange {
                zone: name.clone(),
                at: *at,
                from_offset_s: *before,
                to_offset_s: *after,
                groups: groups.clone(),
                people,
            });
        }
    }
    changes.sort_by(|a, b| (a.at, &a.zone).cmp(&(b.at, &b.zone)));
    Ok(changes)
}

fn people(problem: &Problem) -> Vec<HourOfPeople> {
    const HOUR: i64 = 3600;
    let horizon = problem.event.horizon.span();
    let first = horizon.start().as_second().div_euclid(HOUR);
    let last = (horizon.end().as_second() + HOUR - 1).div_euclid(HOUR);
    let blocked: BTreeMap<&GroupId, Vec<Span>> = blocked(problem);
    let at = |hour: i64| Timestamp::from_second(hour * HOUR).ok();
    let hours = (first..last).filter_map(|hour| {
        let whole = Span::new(at(hour)?, at(hour + 1)?).ok()?;
        whole.intersection(&horizon)
    });
    hours
        .map(|span| {
            let free = problem.operators.iter().filter(|operator| {
                let no = blocked.get(&operator.group);
                let possible: i64 = operator
                    .availability
                    .0
                    .iter()
                    .filter(|graded| graded.grade > Grade::Impossible)
                    .filter_map(|graded| graded.span.intersection(&span))
                    .map(|shared| shared.end().as_second() - shared.start().as_second())
                    .sum();
                possible == span.end().as_second() - span.start().as_second()
                    && !no.is_some_and(|no| no.iter().any(|no| no.overlaps(&span)))
            });
            HourOfPeople {
                span,
                people: free.count(),
            }
        })
        .collect()
}

fn blocked(problem: &Problem) -> BTreeMap<&GroupId, Vec<Span>> {
    let mut blocked: BTreeMap<&GroupId, Vec<Span>> = BTreeMap::new();
    for event in problem
        .regional_events
        .iter()
        .filter(|event| event.impact == Impact::Block)
    {
        for concern in &event.concerns {
            blocked
                .entry(&concern.group)
                .or_default()
                .push(concern.span);
        }
    }
    blocked
}
