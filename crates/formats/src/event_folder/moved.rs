//! An event moved to another date: what moves with it, and what stays where it is.
//!
//! Times of the event itself (session windows, spans of duties) keep their distance from its start. What people said
//! by date speaks of the dates they name. Only where somebody spoke of the event's own date and of no other is she
//! assumed to say the same of the same hours of her clock as many days later, and is named for it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use meridian_model::{Grade, GroupId, Horizon, OperatorId, Span, SpeakerId, Timestamp, ZoneSet};

use super::availability_csv::{Person, Says, Who};
use super::files::Rows;
use super::groups_toml::Offer;
use super::resolve::{Times, padded, starting};
use crate::civil::{Edge, days_later};
use crate::rules::Rule;

/// Those who spoke by date of the event's own date alone, and are taken to say the same of the same hours of their
/// clocks at another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumed {
    /// Operators, by id.
    pub operators: Vec<OperatorId>,
    /// Speakers, by id.
    pub speakers: Vec<SpeakerId>,
    /// Groups whose hosting windows are all dated, by id.
    pub groups: Vec<GroupId>,
}

/// From the event's own date to another.
struct Move<'z> {
    own: Horizon,
    planned: Horizon,
    days: i32,
    zones: &'z ZoneSet,
}

/// Moves the event to `start`; `None` when it has no date of its own.
pub(crate) fn to(
    rows: &mut Rows<'_>,
    times: &Times,
    zones: &ZoneSet,
    start: Timestamp,
) -> Option<Assumed> {
    let event = rows.event.as_mut()?;
    let own = event.horizon?;
    let tz = zones.zone(event.zone.as_ref()?.as_str()).ok()?;
    let (here, there) = (tz.to_datetime(own.start()), tz.to_datetime(start));
    let travel = Move {
        own,
        planned: starting(own, start)?,
        days: here.date().until(there.date()).ok()?.get_days(),
        zones,
    };
    event.horizon = Some(travel.planned);
    for span in event
        .duties
        .iter_mut()
        .filter_map(|duty| duty.spans.as_mut())
        .flatten()
    {
        span.value = travel.beside_the_start(span.value);
    }
    for window in rows
        .sessions
        .items
        .iter_mut()
        .filter_map(|row| row.window.as_mut())
    {
        window.span = window.span.map(|span| travel.beside_the_start(span));
    }
    rows.pins.clear();
    let people = travel.people(rows, times);
    let groups = travel.groups(rows);
    let of = |kind: Who| people.iter().filter(move |(who, _)| *who == kind);
    Some(Assumed {
        operators: of(Who::Operator)
            .map(|(_, id)| OperatorId::new(id.clone()))
            .collect(),
        speakers: of(Who::Speaker)
            .map(|(_, id)| SpeakerId::new(id.clone()))
            .collect(),
        groups: groups.into_iter().map(GroupId::new).collect(),
    })
}

impl Move<'_> {
    /// The span at the same distance from the start of the event.
    fn beside_the_start(&self, span: Span) -> Span {
        let by = self.planned.start().as_second() - self.own.start().as_second();
        let at = |instant: Timestamp| {
            Timestamp::from_second(instant.as_second() + by).unwrap_or(instant)
        };
        Span::new(at(span.start()), at(span.end())).unwrap_or(span)
    }

    /// The span in the same hours of a zone's clocks.
    ///
    /// Hours that the clocks skip there are left where they are: an offer, but not for this date.
    fn by_the_clock(&self, span: Span, tz: &TimeZone) -> Span {
        let start = days_later(span.start(), self.days, tz, Edge::Start);
        let end = days_later(span.end(), self.days, tz, Edge::End);
        let moved = start
            .zip(end)
            .and_then(|(start, end)| Span::new(start, end).ok());
        moved.unwrap_or(span)
    }

    /// Whether somebody speaks of the event's own date and says nothing of this one.
    fn speak_of_another_date(&self, said: &[Span]) -> bool {
        let around = padded(self.own);
        self.days != 0
            && !said.is_empty()
            && said.iter().all(|span| around.overlaps(span))
            && !said.iter().any(|span| self.planned.span().overlaps(span))
    }

    /// Moves what operators and speakers said by date alone: hours offered, refused or taken.
    fn people(&self, rows: &mut Rows<'_>, times: &Times) -> BTreeSet<Person> {
        let mut said: BTreeMap<&Person, Vec<Span>> = BTreeMap::new();
        let mut by_rule: BTreeSet<&Person> = BTreeSet::new();
        for row in &rows.times {
            let Some(person) = row.who.as_ref().filter(|(who, _)| *who != Who::Group) else {
                continue;
            };
            match &row.says {
                Some(Says::Dated(_, window) | Says::Busy(window)) => {
                    said.entry(person).or_default().extend(window.span);
                }
                // A rule for need only, such as one that opens a night, does not say when she can.
                Some(Says::Rule(grade, Rule::On(..))) if *grade > Grade::IfNeedBe => {
                    by_rule.insert(person);
                }
                _ => {}
            }
        }
        let assumed: BTreeSet<Person> = said
            .into_iter()
            .filter(|(person, _)| !by_rule.contains(person))
            .filter(|(_, said)| self.speak_of_another_date(said))
            .map(|(person, _)| person.clone())
            .collect();
        for row in &mut rows.times {
            let (Some(person), Some(Says::Dated(_, window) | Says::Busy(window))) =
                (&row.who, &mut row.says)
            else {
                continue;
            };
            if !assumed.contains(person) {
                continue;
            }
            let zone = window
                .zone
                .as_ref()
                .or_else(|| times.zone(person.0, &person.1));
            let tz = zone.and_then(|zone| self.zones.zone(zone.as_str()).ok());
            window.span = window
                .span
                .zip(tz)
                .map(|(span, tz)| self.by_the_clock(span, &tz));
        }
        assumed
    }

    /// Moves the hosting windows of groups that gave them by date alone.
    fn groups(&self, rows: &mut Rows<'_>) -> Vec<String> {
        let mut assumed = Vec::new();
        for row in rows.groups.items.iter_mut().filter(|row| row.hosts) {
            let tz = row
                .zone
                .as_ref()
                .and_then(|zone| self.zones.zone(zone.as_str()).ok());
            let (Some(hosting), Some(tz), Some(id)) = (&mut row.hosting, tz, &row.id) else {
                continue;
            };
            let dated: Option<Vec<Span>> = hosting
                .iter()
                .map(|at| match at.value {
                    Offer::Dated(span) => Some(span),
                    Offer::Rule(..) => None,
                })
                .collect();
            if !dated.is_some_and(|dated| self.speak_of_another_date(&dated)) {
                continue;
            }
            for offer in hosting {
                if let Offer::Dated(span) = &mut offer.value {
                    *span = self.by_the_clock(*span, &tz);
                }
            }
            assumed.push(id.clone());
        }
        assumed.sort();
        assumed
    }
}
