//! Stand-ins for the people whom groups offered, by counts and by shifts, and for those whose seats stay.

use std::collections::BTreeSet;

use meridian_federation::content::{CapacityOffer, HeadCount, PlanBlock, Seat, ShiftOffer};
use meridian_model::{
    Duty, GroupId as Handle, Language, Operator, RoleNeed, Shift, ShiftId, Skill, SkillLevel, Span,
};

use super::super::grid::without;
use super::super::stand_ins;
use super::Table;
use super::seats::{Fate, duty, fates};

/// People of a plan to be, and the shifts that stay.
#[derive(Debug, Default)]
pub(super) struct Supply {
    pub(super) operators: Vec<Operator>,
    pub(super) pins: Vec<Shift>,
}

/// Whose shift a stand-in is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A seat that stays as it is.
    Stays,
    /// A seat that may change.
    MayChange,
    /// A shift that was offered.
    Offered,
    /// A person who was counted.
    Counted,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Stays, Self::MayChange, Self::Offered, Self::Counted];

    const fn word(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::MayChange => "may-change",
            Self::Offered => "offered",
            Self::Counted => "counted",
        }
    }
}

/// Parts the words of a stand-in's name; no identifier has one.
const MARK: char = '/';

/// The name of a stand-in.
fn name(kind: Kind, whose: &str, number: impl std::fmt::Display) -> String {
    format!("{}{MARK}{whose}{MARK}{number}", kind.word())
}

/// What a stand-in is for, and of what.
pub(super) fn read_name(name: &str) -> Option<(Kind, &str)> {
    let (word, rest) = name.split_once(MARK)?;
    let (whose, _) = rest.rsplit_once(MARK)?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
    Some((kind, whose))
}

/// Everybody who can serve in the next plan, with these blocks of the plan before staying.
pub(super) fn supply(table: &Table<'_>, blocks: &[PlanBlock]) -> Supply {
    let mut supply = Supply::default();
    let fates = fates(table, blocks);
    for (handle, offer) in table.offers {
        let own: Vec<_> = fates
            .iter()
            .filter(|(seat, _)| seat.group == *handle)
            .collect();
        let capacity = offer.capacity.as_ref();
        let fresh = own.is_empty() || is_fresh(table, capacity, &own);
        let shifts = capacity.filter(|_| fresh).map_or(&[][..], |of| &of.shifts);
        for (seat, fate) in &own {
            let Some(duty) = duty(table, seat) else {
                continue;
            };
            let replaced =
                *fate != Fate::Goes && shifts.iter().any(|shift| carries(table, shift, seat));
            match fate {
                Fate::Goes => {}
                _ if replaced => {}
                Fate::Stays => stays(&mut supply, table, seat, duty),
                Fate::MayChange(times) => may_change(&mut supply, table, seat, duty, times),
            }
        }
        for (n, shift) in shifts.iter().enumerate() {
            let times = left_of(table, shift, &own);
            offered(&mut supply, table, handle, (n, shift), &times);
        }
        if let Some(wishes) = table.wishes(handle) {
            for seat in &wishes.takes {
                if let Some(duty) = duty(table, seat) {
                    let times = vec![vec![seat.span]; usize::try_from(seat.heads).unwrap_or(1)];
                    may_change(&mut supply, table, seat, duty, &times);
                }
            }
        }
        if let Some(capacity) = &offer.capacity
            && capacity.revision.is_none()
            && own.is_empty()
        {
            for count in &capacity.heads {
                counted(&mut supply, table, handle, count);
            }
        }
    }
    supply
}

/// Whether a group's shifts are reckoned for the plan before, with all that stays of its seats among them: nobody says
/// that others can be served beside seats that were given since.
fn is_fresh(table: &Table<'_>, capacity: Option<&CapacityOffer>, own: &[&(&Seat, Fate)]) -> bool {
    let Some((capacity, previous)) = capacity.zip(table.previous) else {
        return false;
    };
    let covered = |seat: &Seat, times: &[Span]| {
        let shifts = capacity
            .shifts
            .iter()
            .filter(|shift| shift.duty == seat.duty);
        without(times, &shifts.map(|shift| shift.span).collect::<Vec<_>>()).is_empty()
    };
    capacity.revision == Some(previous.number)
        && own.iter().all(|(seat, fate)| match fate {
            Fate::Stays => covered(seat, &[seat.span]),
            Fate::MayChange(people) => people.iter().all(|times| covered(seat, times)),
            Fate::Goes => true,
        })
}

/// Whether an offered shift takes a seat's place: it is longer, or could be of a duty that is open then.
fn carries(table: &Table<'_>, shift: &ShiftOffer, seat: &Seat) -> bool {
    let whole = shift.duty == seat.duty && shift.span.contains(&seat.span);
    whole && seat.heads == 1 && (shift.span != seat.span || is_wanted_elsewhere(table, shift))
}

fn is_wanted_elsewhere(table: &Table<'_>, shift: &ShiftOffer) -> bool {
    table
        .open
        .iter()
        .any(|open| shift.or.contains(&open.duty) && open.span.overlaps(&shift.span))
}

/// The time of an offered shift that is not of a seat of its duty already, nor one that its group cannot serve.
fn left_of(table: &Table<'_>, shift: &ShiftOffer, own: &[&(&Seat, Fate)]) -> Vec<Span> {
    let taken = own.iter().filter(|(seat, fate)| {
        let carried = *fate != Fate::Goes && carries(table, shift, seat);
        seat.duty == shift.duty && !carried
    });
    let mut left = without(
        &[shift.span],
        &taken.map(|(seat, _)| seat.span).collect::<Vec<_>>(),
    );
    let shortest = i64::from(table.event.policy.shift_shortest_min);
    left.retain(|span| span.minutes() >= shortest);
    left
}

/// The people of a seat that stays: pinned to it.
fn stays(supply: &mut Supply, table: &Table<'_>, seat: &Seat, duty: &Duty) {
    let event = table.event;
    let blocks = table.previous.map_or(&[][..], |previous| &previous.blocks);
    let skills = stand_ins::skills(event, blocks, duty, seat.span);
    for head in 0..seat.heads {
        for (piece, span) in stand_ins::pieces(event, seat.span).into_iter().enumerate() {
            let id = name(Kind::Stays, seat.id.as_str(), format!("{head}.{piece}"));
            let somebody =
                stand_ins::operator(event, id.clone(), &seat.group, skills.clone(), &[span]);
            supply.pins.push(Shift {
                id: ShiftId::new(id),
                operator: somebody.id.clone(),
                duty: duty.id.clone(),
                span,
                handover_min: 0,
            });
            supply.operators.push(somebody);
        }
    }
}

/// The people of a seat that may change, each with the times that she has.
fn may_change(
    supply: &mut Supply,
    table: &Table<'_>,
    seat: &Seat,
    duty: &Duty,
    times: &[Vec<Span>],
) {
    let event = table.event;
    let blocks = table.previous.map_or(&[][..], |previous| &previous.blocks);
    let skills = stand_ins::skills(event, blocks, duty, seat.span);
    for (head, times) in times.iter().enumerate() {
        let pieces = times
            .iter()
            .flat_map(|span| stand_ins::pieces(event, *span));
        for (piece, span) in pieces.enumerate() {
            // Several groups may want one seat.
            let number = format!("{}.{head}.{piece}", seat.group);
            let id = name(Kind::MayChange, seat.id.as_str(), number);
            let somebody = stand_ins::operator(event, id, &seat.group, skills.clone(), &[span]);
            supply.operators.push(somebody);
        }
    }
}

/// Whoever serves an offered shift, or some of it.
fn offered(
    supply: &mut Supply,
    table: &Table<'_>,
    handle: &Handle,
    (n, shift): (usize, &ShiftOffer),
    times: &[Span],
) {
    let event = table.event;
    let Some(duty) = event.duties.iter().find(|duty| duty.id == shift.duty) else {
        return;
    };
    if times.is_empty() {
        return;
    }
    let mut skills = stand_ins::skills_in(event, duty, &shift.languages);
    let blocks = table.previous.map_or(&[][..], |previous| &previous.blocks);
    for other in event
        .duties
        .iter()
        .filter(|other| shift.or.contains(&other.id))
    {
        skills.extend(stand_ins::skills(event, blocks, other, shift.span));
    }
    skills.sort();
    skills.dedup();
    let id = name(Kind::Offered, handle.as_str(), n);
    supply
        .operators
        .push(stand_ins::operator(event, id, handle, skills, times));
}

/// As many stand-ins as people were counted at once; each has the cells at which so many were.
fn counted(supply: &mut Supply, table: &Table<'_>, handle: &Handle, count: &HeadCount) {
    let event = table.event;
    let Some(role) = event.roles.iter().find(|role| role.id == count.role) else {
        return;
    };
    let skill = |language: Option<&Language>, into: Option<&Language>| Skill {
        role: role.id.clone(),
        language: language.cloned(),
        into: into.cloned(),
        level: SkillLevel::Trained,
    };
    let language = count.language.as_ref();
    let skill = match role.needs {
        RoleNeed::Nothing => skill(None, None),
        RoleNeed::BlockLanguage => skill(language, None),
        RoleNeed::Interpretation => skill(language, Some(&event.language)),
    };
    let n_cells = table.grid.n_cells();
    let first = usize::try_from(count.first_cell).unwrap_or(usize::MAX);
    let most = count
        .heads
        .iter()
        .copied()
        .max()
        .unwrap_or(0)
        .min(MOST_COUNTED);
    let words = language.map_or("", Language::as_str);
    for person in 0..most {
        let mut when = vec![false; n_cells];
        for (cell, heads) in when.iter_mut().skip(first).zip(&count.heads) {
            *cell = *heads > person;
        }
        let mut times = table.grid.spans(&when);
        if let Some(wishes) = table.wishes(handle) {
            let never: BTreeSet<Span> = (wishes.never.iter())
                .filter(|(of, _)| *of == role.id)
                .map(|(_, span)| *span)
                .collect();
            times = without(&times, &never.into_iter().collect::<Vec<_>>());
        }
        if times.is_empty() {
            continue;
        }
        let id = name(
            Kind::Counted,
            handle.as_str(),
            format!("{}.{words}.{person}", role.id),
        );
        let skills = vec![skill.clone()];
        supply
            .operators
            .push(stand_ins::operator(event, id, handle, skills, &times));
    }
}

/// More people of one group in one role than any event needs: a count beyond is not believed.
const MOST_COUNTED: u32 = 100;
