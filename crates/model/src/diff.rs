//! What changed from one plan to the next: for the programme, for the roster, for each person.
//!
//! Items are compared by what they say; their ids are not. The entry is [`diff()`].

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::ids::OperatorId;
use crate::plan::{HostBlock, PlacedSession, Plan, Shift};
use crate::time::{Span, Timestamp};

/// The difference between two plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanDiff {
    /// Host blocks; one is changed when its group keeps it in another place, time or language.
    pub blocks: Changes<HostBlock>,
    /// Sessions; one is changed when it moves.
    pub sessions: Changes<PlacedSession>,
    /// Shifts; one is changed when its person keeps its duty at another time.
    pub shifts: Changes<Shift>,
    /// Everyone whose shifts differ, by handle.
    pub people: Vec<PersonChange>,
}

impl PlanDiff {
    /// Whether the two plans say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self {
            blocks,
            sessions,
            shifts,
            people,
        } = self;
        blocks.count() + sessions.count() + shifts.count() + people.len() == 0
    }
}

/// What was added, removed and changed of one kind of item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes<T> {
    /// Only in the new plan.
    pub added: Vec<T>,
    /// Only in the old plan.
    pub removed: Vec<T>,
    /// In both, but not alike.
    pub changed: Vec<Change<T>>,
}

impl<T> Changes<T> {
    /// How many items differ.
    #[must_use]
    pub fn count(&self) -> usize {
        self.added.len() + self.removed.len() + self.changed.len()
    }
}

/// One item before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change<T> {
    /// In the old plan.
    pub before: T,
    /// In the new plan.
    pub after: T,
}

/// What changed for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonChange {
    /// The person.
    pub operator: OperatorId,
    /// Her shifts in the old plan, by start.
    pub before: Vec<Shift>,
    /// Her shifts in the new plan, by start.
    pub after: Vec<Shift>,
}

/// Compares two plans of one event.
#[must_use]
pub fn diff(old: &Plan, new: &Plan) -> PlanDiff {
    let blocks = changes(&old.blocks, &new.blocks, |block| {
        let HostBlock {
            id: _,
            track,
            group,
            language,
            span,
        } = block;
        ((*span, (track.clone(), language.clone())), group.clone())
    });
    let sessions = changes(&old.sessions, &new.sessions, |placed| {
        let PlacedSession {
            session,
            track,
            span,
        } = placed;
        ((*span, track.clone()), session.clone())
    });
    let shifts = changes(&old.shifts, &new.shifts, |shift| {
        let Shift {
            id: _,
            operator,
            duty,
            span,
            handover_min,
        } = shift;
        ((*span, *handover_min), (operator.clone(), duty.clone()))
    });
    let people = people(&shifts, old, new);
    PlanDiff {
        blocks,
        sessions,
        shifts,
        people,
    }
}

/// Compares items that `parts` takes apart into how they are, which changes, and what they are of, which stays.
///
/// Equal items pair first; of what is left over, items of the same thing pair, those closest in time first.
fn changes<T: Clone, V: Ord, K: Ord>(
    old: &[T],
    new: &[T],
    parts: impl Fn(&T) -> ((Span, V), K),
) -> Changes<T> {
    let in_order = |items: &[T]| {
        let parted = items.iter().map(|item| (parts(item), item.clone()));
        let mut items: Vec<_> = parted.collect();
        items.sort_by(|(one, _), (other, _)| one.cmp(other));
        items
    };
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    let mut later = in_order(new).into_iter().peekable();
    for before in in_order(old) {
        while let Some(new) = later.next_if(|(parts, _)| *parts < before.0) {
            added.push(new);
        }
        if later.next_if(|(parts, _)| *parts == before.0).is_none() {
            removed.push(before);
        }
    }
    added.extend(later);
    let mut pairs = Vec::new();
    for (r, (((was, _), of), _)) in removed.iter().enumerate() {
        for (a, (((is, _), also_of), _)) in added.iter().enumerate() {
            if of == also_of {
                pairs.push((apart(*was, *is), r, a));
            }
        }
    }
    pairs.sort_unstable();
    let mut added: Vec<Option<T>> = added.into_iter().map(|(_, item)| Some(item)).collect();
    let mut becomes: Vec<Option<T>> = removed.iter().map(|_| None).collect();
    for (_, r, a) in pairs {
        if becomes[r].is_none() {
            becomes[r] = added[a].take();
        }
    }
    let mut changes = Changes {
        added: added.into_iter().flatten().collect(),
        removed: Vec::new(),
        changed: Vec::new(),
    };
    for ((_, before), after) in removed.into_iter().zip(becomes) {
        match after {
            Some(after) => changes.changed.push(Change { before, after }),
            None => changes.removed.push(before),
        }
    }
    changes
}

/// By how many seconds starts and ends differ.
fn apart(one: Span, other: Span) -> i64 {
    let between = |a: Timestamp, b: Timestamp| (a.as_second() - b.as_second()).abs();
    between(one.start(), other.start()) + between(one.end(), other.end())
}

fn people(shifts: &Changes<Shift>, old: &Plan, new: &Plan) -> Vec<PersonChange> {
    let Changes {
        added,
        removed,
        changed,
    } = shifts;
    let concerned: BTreeSet<&OperatorId> = added
        .iter()
        .chain(removed)
        .chain(changed.iter().map(|change| &change.after))
        .map(|shift| &shift.operator)
        .collect();
    let hers = |plan: &Plan, operator: &OperatorId| {
        let of_her = plan
            .shifts
            .iter()
            .filter(|shift| shift.operator == *operator);
        let mut shifts: Vec<Shift> = of_her.cloned().collect();
        shifts.sort_by(|one, other| (one.span, &one.duty).cmp(&(other.span, &other.duty)));
        shifts
    };
    concerned
        .into_iter()
        .map(|operator| PersonChange {
            operator: operator.clone(),
            before: hers(old, operator),
            after: hers(new, operator),
        })
        .collect()
}

impl Display for PlanDiff {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            blocks,
            sessions,
            shifts,
            people,
        } = self;
        if self.is_empty() {
            return writeln!(f, "The two plans say the same.");
        }
        let counts = [
            (blocks.count(), "block"),
            (sessions.count(), "session"),
            (shifts.count(), "shift"),
        ];
        let counts: Vec<String> = counts.iter().map(|&(n, noun)| counted(n, noun)).collect();
        let verb = if people.len() == 1 { "is" } else { "are" };
        let concerned = counted(people.len(), "operator");
        writeln!(
            f,
            "{} differ; {concerned} {verb} concerned. All times are UTC.",
            counts.join(", ")
        )?;
        section(f, "Blocks", blocks, |block| {
            let HostBlock {
                group,
                track,
                language,
                span,
                ..
            } = block;
            format!("{group} on {track} in {language}, {}", utc(*span))
        })?;
        section(f, "Sessions", sessions, |placed| {
            let PlacedSession {
                session,
                track,
                span,
            } = placed;
            format!("{session} on {track}, {}", utc(*span))
        })?;
        section(f, "Shifts", shifts, |shift| {
            format!("{} on {}", shift.operator, served(shift))
        })?;
        if !people.is_empty() {
            writeln!(f, "People")?;
        }
        for person in people {
            let PersonChange {
                operator,
                before,
                after,
            } = person;
            writeln!(
                f,
                "  {}: {}; before: {}",
                operator.as_str().replace(char::is_control, " "),
                hours(after),
                hours(before)
            )?;
        }
        Ok(())
    }
}

fn section<T>(
    f: &mut Formatter<'_>,
    title: &str,
    changes: &Changes<T>,
    line: impl Fn(&T) -> String,
) -> fmt::Result {
    if changes.count() == 0 {
        return Ok(());
    }
    // An id of a document that no reader has checked must not end its line.
    let line = |item: &T| line(item).replace(char::is_control, " ");
    writeln!(f, "{title}")?;
    for Change { before, after } in &changes.changed {
        writeln!(f, "  ~ {}", line(after))?;
        writeln!(f, "    was {}", line(before))?;
    }
    for item in &changes.removed {
        writeln!(f, "  - {}", line(item))?;
    }
    for item in &changes.added {
        writeln!(f, "  + {}", line(item))?;
    }
    Ok(())
}

/// All of someone's shifts, such as `2 shifts, 5 h 30 min covered (op-a, mc-a)`.
fn hours(shifts: &[Shift]) -> String {
    if shifts.is_empty() {
        return "nothing".to_owned();
    }
    let minutes: i64 = shifts.iter().map(|shift| shift.span.minutes()).sum();
    let (hours, rest) = (minutes / 60, minutes % 60);
    let duties: BTreeSet<&str> = shifts.iter().map(|shift| shift.duty.as_str()).collect();
    let duties: Vec<&str> = duties.into_iter().collect();
    let count = counted(shifts.len(), "shift");
    format!(
        "{count}, {hours} h {rest:02} min covered ({})",
        duties.join(", ")
    )
}

fn served(shift: &Shift) -> String {
    let lead = match shift.handover_min {
        0 => String::new(),
        minutes => format!(", {minutes} min of handover before"),
    };
    format!("{}, {}{lead}", shift.duty, utc(shift.span))
}

/// Such as `2026-03-07 12:00 to 15:00`; the second date is written only where it is another.
fn utc(span: Span) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let clock = |at: Timestamp| at.strftime("%H:%M").to_string();
    let (start, end) = (span.start(), span.end());
    if day(start) == day(end) {
        format!("{} {} to {}", day(start), clock(start), clock(end))
    } else {
        format!(
            "{} {} to {} {}",
            day(start),
            clock(start),
            day(end),
            clock(end)
        )
    }
}

fn counted(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture::{block, cells, placed, shift, small};

    #[test]
    fn a_plan_does_not_differ_from_itself_under_other_ids_and_in_another_order() {
        let (_, old) = small();
        let mut new = old.clone();
        new.blocks.reverse();
        new.shifts.reverse();
        for (at, shift) in new.shifts.iter_mut().enumerate() {
            shift.id = format!("renamed-{at}").as_str().into();
        }
        let same = diff(&old, &new);
        assert!(same.is_empty());
        assert_eq!(same.to_string(), "The two plans say the same.\n");
    }

    #[test]
    fn a_scheduler_reads_what_moved_who_left_and_who_came() {
        let (_, old) = small();
        let mut new = old.clone();
        new.blocks[1] = block("l1", "lima", 7, 12);
        new.sessions = vec![placed("opening", "a", 0, 2), placed("reserve", "a", 9, 11)];
        new.shifts[1] = shift("s2", "eva", "op-a", 6, 12);
        new.shifts[3].span = cells(6, 11);
        insta::assert_snapshot!(diff(&old, &new), @r"
        1 block, 2 sessions, 3 shifts differ; 3 operators are concerned. All times are UTC.
        Blocks
          ~ lima on a in en, 2026-03-07 15:30 to 18:00
            was lima on a in en, 2026-03-07 15:00 to 18:00
        Sessions
          - talk on a, 2026-03-07 15:00 to 16:00
          + reserve on a, 2026-03-07 16:30 to 17:30
        Shifts
          ~ dina on mc-a, 2026-03-07 15:00 to 17:30, 30 min of handover before
            was dina on mc-a, 2026-03-07 15:00 to 18:00, 30 min of handover before
          - bea on op-a, 2026-03-07 15:00 to 18:00
          + eva on op-a, 2026-03-07 15:00 to 18:00
        People
          bea: nothing; before: 1 shift, 3 h 00 min covered (op-a)
          dina: 1 shift, 2 h 30 min covered (mc-a); before: 1 shift, 3 h 00 min covered (mc-a)
          eva: 1 shift, 3 h 00 min covered (op-a); before: nothing
        ");
    }

    #[test]
    fn two_shifts_of_one_duty_pair_by_time_and_the_equal_one_stays() {
        let (_, mut old) = small();
        old.shifts = vec![
            shift("x", "ana", "op-a", 0, 3),
            shift("y", "ana", "op-a", 6, 9),
        ];
        let mut new = old.clone();
        new.shifts = vec![
            shift("y", "ana", "op-a", 0, 3),
            shift("x", "ana", "op-a", 7, 9),
        ];
        let shifts = diff(&old, &new).shifts;
        assert_eq!((shifts.added.len(), shifts.removed.len()), (0, 0));
        assert_eq!(shifts.changed.len(), 1);
        assert_eq!(shifts.changed[0].before.span, cells(6, 9));
        assert_eq!(shifts.changed[0].after.span, cells(7, 9));
    }

    #[test]
    fn a_shift_that_comes_before_another_is_new_and_the_other_did_not_move_there() {
        let (_, mut old) = small();
        old.shifts = vec![shift("x", "ana", "op-a", 6, 9)];
        let mut new = old.clone();
        new.shifts = vec![
            shift("y", "ana", "op-a", 0, 3),
            shift("x", "ana", "op-a", 6, 10),
        ];
        let shifts = diff(&old, &new).shifts;
        assert_eq!(shifts.added, [shift("y", "ana", "op-a", 0, 3)]);
        assert_eq!(shifts.changed[0].after.span, cells(6, 10));
    }
}
