//! From faultless rows to the problem: everything expanded to instants, everything in order.

use std::collections::BTreeMap;

use meridian_model::{
    BlockId, Cause, Concern, Duty, DutyId, Event, Grade, Group, GroupId, HostBlock, Hosting,
    Language, Operator, OperatorId, Pins, PlacedSession, Problem, RegionalEvent, RegionalEventId,
    RegionalKind, Role, RoleId, Session, SessionId, Shift, ShiftId, Skill, Span, Speaker,
    SpeakerId, Track, TrackId, ZoneName, ZoneSet,
};

use super::availability_csv::{Person, Says, Who};
use super::event_toml::EventRow;
use super::files::Rows;
use super::groups_toml::{GroupRow, Offer};
use super::people_csv::{OperatorRow, SpeakerRow};
use super::pins_csv::{PinKind, PinRow};
use super::regional::{RegionalRow, When};
use super::resolve::{Times, padded};
use super::sessions_csv::SessionRow;
use crate::civil::day_start;
use crate::grades::{self, Said};
use crate::rules::{self, Rule, union};

/// What every part needs.
struct Desk<'r> {
    rows: &'r Rows<'r>,
    event: &'r EventRow,
    times: &'r Times,
    zones: &'r ZoneSet,
    within: Span,
    said: BTreeMap<&'r Person, Vec<&'r Says>>,
}

/// Puts the problem together; `None` only when a fault was overlooked.
pub(crate) fn assemble(rows: &Rows<'_>, times: &Times, zones: &ZoneSet) -> Option<Problem> {
    let event = rows.event.as_ref()?;
    let horizon = event.horizon?;
    let mut said: BTreeMap<&Person, Vec<&Says>> = BTreeMap::new();
    for row in &rows.times {
        said.entry(row.who.as_ref()?)
            .or_default()
            .push(row.says.as_ref()?);
    }
    let desk = Desk {
        rows,
        event,
        times,
        zones,
        within: padded(horizon),
        said,
    };
    let regional_events = sorted(regional(&desk)?, |event| event.id.clone());
    let homes = times.zones.values();
    let named: Vec<ZoneName> = event
        .zone
        .iter()
        .chain(homes)
        .chain(written(rows))
        .cloned()
        .collect();
    let groups = rows
        .groups
        .iter()
        .map(|row| group(row, &desk, &regional_events));
    let operators = rows
        .operators
        .iter()
        .map(|row| operator(row, &desk, &regional_events));
    let speakers = rows
        .speakers
        .iter()
        .map(|row| speaker(row, &desk, &regional_events));
    let sessions = rows.sessions.iter().map(session);
    Some(Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: zones.stamp(&named, horizon.span()).ok()?,
        groups: sorted(groups.collect::<Option<_>>()?, |group: &Group| {
            group.id.clone()
        }),
        operators: sorted(operators.collect::<Option<_>>()?, |operator: &Operator| {
            operator.id.clone()
        }),
        speakers: sorted(speakers.collect::<Option<_>>()?, |speaker: &Speaker| {
            speaker.id.clone()
        }),
        sessions: sorted(sessions.collect::<Option<_>>()?, |session: &Session| {
            session.id.clone()
        }),
        pins: pins(&rows.pins)?,
        event: the_event(event)?,
        regional_events,
    })
}

/// The zones that rows name themselves.
fn written<'r>(rows: &'r Rows<'_>) -> impl Iterator<Item = &'r ZoneName> {
    let times = rows
        .times
        .iter()
        .filter_map(|row| match row.says.as_ref()? {
            Says::Dated(_, window) | Says::Busy(window) => window.zone.as_ref(),
            Says::Rule(..) => None,
        });
    let sessions = rows
        .sessions
        .iter()
        .filter_map(|row| row.window.as_ref()?.zone.as_ref());
    let pins = rows
        .pins
        .iter()
        .filter_map(|row| row.window.as_ref()?.zone.as_ref());
    times.chain(sessions).chain(pins)
}

fn sorted<T, K: Ord>(mut items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    items.sort_by_key(key);
    items
}

fn the_event(row: &EventRow) -> Option<Event> {
    let horizon = row.horizon?;
    let tracks = row.tracks.iter().map(|track| {
        Some(Track {
            id: TrackId::new(track.id.clone()?),
            name: track.name.clone(),
        })
    });
    let roles = row.roles.iter().map(|role| {
        Some(Role {
            id: RoleId::new(role.id.clone()?),
            name: role.name.clone(),
            alerted: role.alerted,
            needs: role.needs,
            handover_min: role.handover_min,
        })
    });
    let duties = row.duties.iter().map(|duty| {
        let spans = duty
            .spans
            .as_ref()
            .map(|spans| union(spans.iter().map(|at| at.value).collect()));
        Some(Duty {
            id: DutyId::new(duty.id.clone()?),
            role: RoleId::new(duty.role.as_ref()?.value.clone()),
            tracks: duty
                .tracks
                .iter()
                .map(|at| TrackId::new(at.value.clone()))
                .collect(),
            spans: spans.unwrap_or_else(|| vec![horizon.span()]),
            count: duty.count,
        })
    });
    Some(Event {
        id: row.id.clone()?,
        title: row.title.clone()?,
        zone: row.zone.clone()?,
        horizon,
        language: Language::new(row.language.clone()?),
        tracks: tracks.collect::<Option<_>>()?,
        roles: roles.collect::<Option<_>>()?,
        duties: duties.collect::<Option<_>>()?,
        policy: row.policy.policy.clone(),
    })
}

/// What rows, calendars and holidays say about somebody's time.
fn said(
    who: Who,
    id: &str,
    group: Option<&GroupId>,
    desk: &Desk<'_>,
    regional_events: &[RegionalEvent],
) -> Option<Said> {
    let tz = desk.times.tz(who, id, desk.zones)?;
    let mut said = Said::default();
    let key = (who, id.to_owned());
    for says in desk.said.get(&key).into_iter().flatten() {
        match says {
            Says::Busy(window) => said.busy.push(window.span?),
            Says::Dated(Grade::Impossible, window) => said.marked.push(window.span?),
            Says::Dated(grade, window) => {
                said.offers = true;
                said.dated.push((*grade, window.span?));
            }
            Says::Rule(_, Rule::Never(range)) => {
                said.never
                    .extend(rules::expand_daily(*range, &tz, desk.within));
            }
            Says::Rule(Grade::Impossible, Rule::On(days, range)) => {
                said.never
                    .extend(rules::expand(*days, *range, &tz, desk.within));
            }
            Says::Rule(grade, Rule::On(days, range)) => {
                said.offers = true;
                let spans = rules::expand(*days, *range, &tz, desk.within);
                said.rules
                    .extend(spans.into_iter().map(|span| (*grade, span)));
            }
            Says::Rule(_, Rule::NotOnHolidays) => {
                said.holidays.extend(holidays(group?, regional_events));
            }
        }
    }
    said.busy
        .extend(desk.times.busy.get(&key).into_iter().flatten());
    Some(said)
}

fn holidays<'e>(
    group: &'e GroupId,
    events: &'e [RegionalEvent],
) -> impl Iterator<Item = Span> + 'e {
    let holidays = events
        .iter()
        .filter(|event| event.kind == RegionalKind::Holiday);
    holidays
        .flat_map(|event| &event.concerns)
        .filter(move |concern| concern.group == *group)
        .map(|concern| concern.span)
}

fn group(row: &GroupRow, desk: &Desk<'_>, regional_events: &[RegionalEvent]) -> Option<Group> {
    let id = GroupId::new(row.id.clone()?);
    let tz = desk.times.tz(Who::Group, id.as_str(), desk.zones)?;
    let prime = rules::expand_daily(desk.event.policy.prime, &tz, desk.within);
    let mut offered: Vec<(Cause, Span)> = Vec::new();
    match &row.hosting {
        None => offered.extend(prime.iter().map(|&span| (Cause::Default, span))),
        Some(offers) => {
            for offer in offers {
                match offer.value {
                    Offer::Dated(span) => offered.push((Cause::Marked, span)),
                    Offer::Rule(days, range) => {
                        let spans = rules::expand(days, range, &tz, desk.within);
                        offered.extend(spans.into_iter().map(|span| (Cause::Rule, span)));
                    }
                }
            }
        }
    }
    let said = said(Who::Group, id.as_str(), Some(&id), desk, regional_events)?;
    let hosting = row.hosts.then(|| Hosting {
        availability: grades::group(desk.within, &offered, &said),
        prime,
        shortest_min: row.block_min.0,
        longest_min: row.block_min.1,
        max_blocks: row.max_blocks,
    });
    Some(Group {
        id,
        name: row.name.clone(),
        zone: row.zone.clone()?,
        country: row.country.clone()?,
        subdivision: row.subdivision.clone(),
        languages: row.languages.iter().cloned().map(Language::new).collect(),
        size: row.size,
        hosting,
    })
}

fn operator(
    row: &OperatorRow,
    desk: &Desk<'_>,
    regional_events: &[RegionalEvent],
) -> Option<Operator> {
    let id = OperatorId::new(row.id.clone()?);
    let group = GroupId::new(row.group.clone()?);
    let tz = desk.times.tz(Who::Operator, id.as_str(), desk.zones)?;
    let night = row.night.unwrap_or(desk.event.policy.night);
    let nights = rules::expand_daily(night, &tz, desk.within);
    let said = said(
        Who::Operator,
        id.as_str(),
        Some(&group),
        desk,
        regional_events,
    )?;
    let skills = row.skills.iter().map(|skill| Skill {
        role: RoleId::new(skill.role.clone()),
        language: skill.language.clone().map(Language::new),
        into: skill.into.clone().map(Language::new),
        level: skill.level,
    });
    Some(Operator {
        zone: desk.times.zone(Who::Operator, id.as_str())?.clone(),
        id,
        group,
        skills: sorted(skills.collect(), Clone::clone),
        availability: grades::person(desk.within, &nights, &said),
        nights,
        max_duty_min: row
            .max_duty_min
            .unwrap_or(desk.event.policy.policy.max_duty_min),
        carry_over_min: row.carry_over_min,
        speaker: row.speaker.clone().map(SpeakerId::new),
        shown_as: row.shown_as.clone(),
    })
}

fn speaker(
    row: &SpeakerRow,
    desk: &Desk<'_>,
    regional_events: &[RegionalEvent],
) -> Option<Speaker> {
    let id = SpeakerId::new(row.id.clone()?);
    let group = row.group.clone().map(GroupId::new);
    let tz = desk.times.tz(Who::Speaker, id.as_str(), desk.zones)?;
    let nights = rules::expand_daily(desk.event.policy.night, &tz, desk.within);
    let said = said(
        Who::Speaker,
        id.as_str(),
        group.as_ref(),
        desk,
        regional_events,
    )?;
    Some(Speaker {
        zone: desk.times.zone(Who::Speaker, id.as_str())?.clone(),
        id,
        group,
        availability: grades::person(desk.within, &nights, &said),
    })
}

fn session(row: &SessionRow) -> Option<Session> {
    let window = match &row.window {
        Some(window) => Some(window.span?),
        None => None,
    };
    Some(Session {
        id: SessionId::new(row.id.clone()?),
        title: row.title.clone(),
        kind: row.kind.clone(),
        length_min: row.length_min?,
        changeover_min: row.changeover_min,
        language: Language::new(row.language.clone()?),
        speakers: row.speakers.iter().cloned().map(SpeakerId::new).collect(),
        tags: row.tags.clone(),
        priority: row.priority,
        delivery: row.delivery,
        group: row.group.clone().map(GroupId::new),
        tracks: row.tracks.iter().cloned().map(TrackId::new).collect(),
        window,
    })
}

/// Regional events that touch the time around the event for any of its groups.
fn regional(desk: &Desk<'_>) -> Option<Vec<RegionalEvent>> {
    let mut events = Vec::new();
    for row in &desk.rows.regional {
        let mut concerns = Vec::new();
        for group in desk
            .rows
            .groups
            .iter()
            .filter(|group| concerned(row, group))
        {
            let id = group.id.as_ref()?;
            let span = match row.when.as_ref()? {
                When::Times(window) => Some(window.span?),
                When::Days(first, last) => {
                    let tz = desk.times.tz(Who::Group, id, desk.zones)?;
                    let end = day_start(last.tomorrow().ok()?, &tz)?;
                    // A day that the zone skipped is no day there.
                    Span::new(day_start(*first, &tz)?, end).ok()
                }
            };
            if let Some(span) = span.filter(|span| span.overlaps(&desk.within)) {
                concerns.push(Concern {
                    group: GroupId::new(id.clone()),
                    span,
                });
            }
        }
        if !concerns.is_empty() {
            events.push(RegionalEvent {
                id: RegionalEventId::new(row.id.clone()?),
                title: row.title.clone(),
                kind: row.kind,
                impact: row.impact.unwrap_or(desk.event.policy.policy.clashes),
                concerns: sorted(concerns, |concern: &Concern| concern.group.clone()),
            });
        }
    }
    Some(events)
}

fn concerned(row: &RegionalRow, group: &GroupRow) -> bool {
    let scope = &row.scope;
    let listed = |list: &[String], name: &Option<String>| {
        name.as_ref().is_some_and(|name| list.contains(name))
    };
    scope.global
        || listed(&scope.countries, &group.country)
        || listed(&scope.subdivisions, &group.subdivision)
        || listed(&scope.groups, &group.id)
}

fn pins(rows: &[PinRow]) -> Option<Pins> {
    let mut pins = Pins::default();
    for (n, row) in rows.iter().enumerate() {
        let (who, what) = (row.who.clone()?, row.what.clone()?);
        let span = row.window.as_ref()?.span?;
        let id = format!("pin-{}", n + 1);
        match row.kind? {
            PinKind::Block => pins.blocks.push(HostBlock {
                id: BlockId::new(id),
                track: TrackId::new(what),
                group: GroupId::new(who),
                language: Language::new(row.language.clone()?),
                span,
            }),
            PinKind::Session => {
                pins.sessions.push(PlacedSession {
                    session: SessionId::new(who),
                    track: TrackId::new(what),
                    span,
                });
            }
            PinKind::Shift => pins.shifts.push(Shift {
                id: ShiftId::new(id),
                operator: OperatorId::new(who),
                duty: DutyId::new(what),
                span,
                handover_min: row.handover_min,
            }),
        }
    }
    Some(pins)
}
