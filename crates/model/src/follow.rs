//! A plan that follows another: its revision counts up, and what stays the same keeps its id.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{BlockId, ShiftId};
use crate::plan::{HostBlock, Plan, Shift};
use crate::time::Span;

/// Makes `plan` the successor of `parent`.
///
/// A block of the same group, and a shift of the same person on the same duty, keeps its id, so that calendars
/// move an entry instead of making a second one. Where there are several, those closest in time are matched
/// first. Ids that the parent used are not given to anything else.
#[must_use]
pub fn follow(parent: &Plan, mut plan: Plan) -> Plan {
    plan.revision = parent.revision.saturating_add(1);
    let old: Vec<Item> = parent.blocks.iter().map(block).collect();
    let new: Vec<Item> = plan.blocks.iter().map(block).collect();
    for (block, id) in plan.blocks.iter_mut().zip(renamed(&old, &new)) {
        block.id = BlockId::new(id);
    }
    let old: Vec<Item> = parent.shifts.iter().map(shift).collect();
    let new: Vec<Item> = plan.shifts.iter().map(shift).collect();
    for (shift, id) in plan.shifts.iter_mut().zip(renamed(&old, &new)) {
        shift.id = ShiftId::new(id);
    }
    plan
}

/// An item reduced to its id, to what must be the same, and to what should be close.
struct Item {
    id: String,
    owner: (String, String),
    place: String,
    span: Span,
}

fn block(block: &HostBlock) -> Item {
    Item {
        id: block.id.to_string(),
        owner: (block.group.to_string(), String::new()),
        place: block.track.to_string(),
        span: block.span,
    }
}

fn shift(shift: &Shift) -> Item {
    Item {
        id: shift.id.to_string(),
        owner: (shift.operator.to_string(), shift.duty.to_string()),
        place: String::new(),
        span: shift.span,
    }
}

impl Item {
    /// How far two items of one owner are apart: by place, then by their starts and ends.
    fn distance(&self, other: &Self) -> (bool, i64) {
        let start = self.span.start().as_second() - other.span.start().as_second();
        let end = self.span.end().as_second() - other.span.end().as_second();
        (self.place != other.place, start.abs() + end.abs())
    }
}

/// The ids of the `new` items: the matched old one's, else a free one.
fn renamed(old: &[Item], new: &[Item]) -> Vec<String> {
    let mut of_owner: BTreeMap<&(String, String), Vec<usize>> = BTreeMap::new();
    for (o, was) in old.iter().enumerate() {
        of_owner.entry(&was.owner).or_default().push(o);
    }
    let mut pairs = Vec::new();
    for (n, is) in new.iter().enumerate() {
        for &o in of_owner.get(&is.owner).into_iter().flatten() {
            pairs.push((old[o].distance(is), o, n));
        }
    }
    pairs.sort_unstable();
    let mut kept: Vec<Option<usize>> = vec![None; new.len()];
    let mut matched = BTreeSet::new();
    for (_, o, n) in pairs {
        if !matched.contains(&o) && kept[n].is_none() {
            matched.insert(o);
            kept[n] = Some(o);
        }
    }
    let mut taken: BTreeSet<String> = old.iter().map(|item| item.id.clone()).collect();
    new.iter()
        .zip(kept)
        .map(|(item, kept)| match kept {
            Some(o) => old[o].id.clone(),
            None => free(&item.id, &mut taken),
        })
        .collect()
}

/// `wanted`, or the first of `wanted-2`, `wanted-3` … that is not taken; it is taken then.
fn free(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let mut id = wanted.to_owned();
    let mut n = 1;
    while !taken.insert(id.clone()) {
        n += 1;
        id = format!("{wanted}-{n}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::MadeBy;
    use crate::score::Score;
    use crate::time::TzdbStamp;

    fn hours(from: u32, to: u32) -> Span {
        let at = |hour: u32| format!("2024-08-24T{hour:02}:00:00Z").parse().unwrap();
        Span::new(at(from), at(to)).unwrap()
    }

    fn plan(blocks: &[(&str, &str, u32, u32)], shifts: &[(&str, &str, u32, u32)]) -> Plan {
        Plan {
            format: Plan::FORMAT.to_owned(),
            event: "e".to_owned(),
            problem_sha256: String::new(),
            tzdb: TzdbStamp {
                version: "2026f".to_owned(),
                offsets_sha256: String::new(),
            },
            revision: 1,
            made_by: MadeBy {
                engine: "pure".to_owned(),
                seed: 1,
                effort: 1,
                stopped: false,
            },
            score: Score::default(),
            blocks: blocks
                .iter()
                .map(|&(id, group, from, to)| HostBlock {
                    id: id.into(),
                    track: "a".into(),
                    group: group.into(),
                    language: "en".into(),
                    span: hours(from, to),
                })
                .collect(),
            sessions: Vec::new(),
            shifts: shifts
                .iter()
                .map(|&(id, operator, from, to)| Shift {
                    id: id.into(),
                    operator: operator.into(),
                    duty: "mc".into(),
                    span: hours(from, to),
                    handover_min: 0,
                })
                .collect(),
        }
    }

    #[test]
    fn what_stays_keeps_its_id_and_what_is_new_takes_a_free_one() {
        let parent = plan(
            &[("b1", "kyoto", 0, 2), ("b2", "accra", 2, 4)],
            &[
                ("s1", "ama", 0, 2),
                ("s2", "ama", 6, 8),
                ("s3", "ken", 2, 4),
            ],
        );
        let next = plan(
            &[("b1", "accra", 0, 2), ("b2", "lima", 2, 4)],
            &[
                ("s1", "ama", 5, 7),
                ("s2", "mika", 0, 2),
                ("s3", "ama", 1, 3),
            ],
        );
        let next = follow(&parent, next);
        assert_eq!(next.revision, 2);
        let blocks: Vec<_> = next
            .blocks
            .iter()
            .map(|b| (b.group.as_str(), b.id.as_str()))
            .collect();
        assert_eq!(blocks, [("accra", "b2"), ("lima", "b2-2")]);
        let shifts: Vec<_> = next
            .shifts
            .iter()
            .map(|s| (s.span, s.id.as_str()))
            .collect();
        assert_eq!(
            shifts,
            [
                (hours(5, 7), "s2"),
                (hours(0, 2), "s2-2"),
                (hours(1, 3), "s1")
            ]
        );
    }

    #[test]
    fn a_plan_that_follows_itself_keeps_every_id() {
        let parent = plan(
            &[("x", "kyoto", 0, 2), ("y", "kyoto", 4, 6)],
            &[("z", "ama", 0, 2)],
        );
        let next = follow(&parent, parent.clone());
        assert_eq!(next.blocks, parent.blocks);
        assert_eq!(next.shifts, parent.shifts);
    }
}
