//! What a group can do: when it hosts, and how many people it has for what. Counts, never people.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::RecordId;
use meridian_federation::content::{Blocked, CapacityOffer, HeadCount, ShiftOffer};
use meridian_model::{
    Grade, GroupId as Handle, Impact, Language, Operator, Problem, Role, RoleId, RoleNeed, Skill,
    Span,
};

use super::grid::{Grid, at_least, common, joined, without};
use super::offers::{FEWEST_COUNTED, blocking, people};

/// What a group says about itself, and how exactly.
#[derive(Clone, Debug)]
pub(crate) struct CapacityAsk {
    /// The brief that asks.
    pub(crate) brief: RecordId,
    /// Counts are rounded down to multiples of this; 0 and 1 leave them exact.
    pub(crate) rounding: u32,
    /// Whether times marked if-need-be are offered too.
    pub(crate) if_need_be: bool,
    /// Shifts that it can serve, and the number of the plan that they are reckoned for.
    pub(crate) shifts: Option<(u64, Vec<ShiftOffer>)>,
}

impl CapacityAsk {
    /// The least grade that is offered.
    pub(super) const fn least(&self) -> Grade {
        if self.if_need_be {
            Grade::IfNeedBe
        } else {
            Grade::Possible
        }
    }
}

/// A kind of work that people are counted for.
type Class = (RoleId, Option<Language>);

/// What a group can do.
pub(crate) fn capacity_of(problem: &Problem, handle: &Handle, ask: &CapacityAsk) -> CapacityOffer {
    let horizon = problem.event.horizon.span();
    let group = problem.groups.iter().find(|group| group.id == *handle);
    let hosting = group.and_then(|group| group.hosting.as_ref());
    let open = hosting.map(|of| common(&at_least(&of.availability, ask.least()), &[horizon]));
    let open = without(&open.unwrap_or_default(), &blocking(problem, handle));
    let prime = hosting.map(|of| common(&joined(&of.prime), &[horizon]));
    let (revision, shifts) = ask.shifts.clone().unzip();
    CapacityOffer {
        brief: ask.brief,
        heads: heads(problem, handle, ask),
        hosting: open,
        languages: group.map_or_else(Vec::new, |group| group.languages.clone()),
        shortest_min: hosting.map_or(0, |of| of.shortest_min),
        longest_min: hosting.map_or(0, |of| of.longest_min),
        max_blocks: hosting.map_or(0, |of| of.max_blocks),
        blocked: blocked(problem, handle),
        zones: zones(problem, handle),
        prime: prime.unwrap_or_default(),
        shifts: shifts.unwrap_or_default(),
        revision,
    }
}

fn blocked(problem: &Problem, handle: &Handle) -> Vec<Blocked> {
    let horizon = problem.event.horizon.span();
    let events = problem.regional_events.iter();
    let mut found = Vec::new();
    for event in events.filter(|event| event.impact == Impact::Block) {
        let concerns = event.concerns.iter().filter(|of| of.group == *handle);
        let spans = concerns.filter_map(|of| of.span.intersection(&horizon));
        found.extend(spans.map(|span| Blocked {
            title: event.title.clone(),
            span,
        }));
    }
    found
}

/// The zones that a group's times were reckoned with.
pub(super) fn zones(problem: &Problem, handle: &Handle) -> BTreeSet<String> {
    let groups = problem.groups.iter().filter(|group| group.id == *handle);
    let speakers = problem.speakers.iter();
    let speakers = speakers.filter(|speaker| speaker.group.as_ref() == Some(handle));
    let zones = groups
        .map(|group| &group.zone)
        .chain(people(problem, handle).map(|operator| &operator.zone))
        .chain(speakers.map(|speaker| &speaker.zone));
    zones.map(ToString::to_string).collect()
}

/// Head-counts: at each cell every person is counted for one kind of work, so that all that is offered can be served
/// at once, the kinds that fewest can do first.
fn heads(problem: &Problem, handle: &Handle, ask: &CapacityAsk) -> Vec<HeadCount> {
    let all: Vec<_> = people(problem, handle).collect();
    if all.len() < FEWEST_COUNTED {
        return Vec::new();
    }
    let grid = Grid(problem.event.horizon);
    let closed = blocking(problem, handle);
    let able: Vec<Able> = (all.iter())
        .map(|operator| Able::of(problem, operator, &closed, ask.least(), grid))
        .collect();
    let mut counts: BTreeMap<Class, Vec<u32>> = BTreeMap::new();
    for cell in 0..grid.n_cells() {
        for class in shared_out(&able, cell) {
            let count = counts.entry(class.clone());
            count.or_insert_with(|| vec![0; grid.n_cells()])[cell] += 1;
        }
    }
    let rounding = ask.rounding.max(1);
    let counts = counts.into_iter().filter_map(|((role, language), heads)| {
        let heads: Vec<u32> = heads.iter().map(|n| n / rounding * rounding).collect();
        let first = heads.iter().position(|&n| n > 0)?;
        let last = heads.iter().rposition(|&n| n > 0)?;
        Some(HeadCount {
            role,
            language,
            first_cell: u32::try_from(first).ok()?,
            heads: heads[first..=last].to_vec(),
        })
    });
    counts.collect()
}

/// What one person can do, and when.
struct Able {
    /// Her kinds of work, each with the cells at which she may.
    classes: Vec<(Class, Vec<bool>)>,
}

impl Able {
    fn of(
        problem: &Problem,
        operator: &Operator,
        closed: &[Span],
        least: Grade,
        grid: Grid,
    ) -> Self {
        let open = without(&at_least(&operator.availability, least), closed);
        let awake = without(&open, &operator.nights);
        let (open, awake) = (grid.marked(&open), grid.marked(&awake));
        let mut classes = Vec::new();
        for role in &problem.event.roles {
            let when = if role.alerted { &awake } else { &open };
            for skill in operator.skills.iter().filter(|skill| skill.role == role.id) {
                let class = class(problem, role, skill);
                if let Some(class) = class
                    && !classes.iter().any(|(known, _)| *known == class)
                {
                    classes.push((class, when.clone()));
                }
            }
        }
        Self { classes }
    }

    fn at(&self, cell: usize) -> impl Iterator<Item = &Class> {
        let classes = self.classes.iter();
        classes
            .filter(move |(_, when)| when[cell])
            .map(|(class, _)| class)
    }
}

/// The kind of work that a skill is for, if the event has it.
fn class(problem: &Problem, role: &Role, skill: &Skill) -> Option<Class> {
    let event = &problem.event;
    let language = match role.needs {
        RoleNeed::Nothing => None,
        RoleNeed::BlockLanguage => Some(skill.language.clone()?),
        RoleNeed::Interpretation if skill.into.as_ref() == Some(&event.language) => {
            Some(skill.language.clone()?)
        }
        RoleNeed::Interpretation => return None,
    };
    Some((role.id.clone(), language))
}

/// One kind of work for each person at a cell: a person for every kind before two for one, the kinds that fewest can
/// do first; of those who can, whoever can do least else.
fn shared_out(able: &[Able], cell: usize) -> Vec<&Class> {
    let mut can: BTreeMap<&Class, Vec<usize>> = BTreeMap::new();
    for (person, able) in able.iter().enumerate() {
        for class in able.at(cell) {
            can.entry(class).or_default().push(person);
        }
    }
    let mut kinds: Vec<_> = can.into_iter().collect();
    kinds.sort_by_key(|(class, who)| (who.len(), *class));
    let mut free: BTreeSet<usize> = (0..able.len()).collect();
    let mut counted = Vec::new();
    loop {
        let before = counted.len();
        for (class, who) in &kinds {
            let hers = who.iter().filter(|person| free.contains(person));
            let least_else = hers.min_by_key(|&&person| able[person].at(cell).count());
            if let Some(person) = least_else {
                free.remove(person);
                counted.push(*class);
            }
        }
        if counted.len() == before {
            return counted;
        }
    }
}
