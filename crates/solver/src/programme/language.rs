//! Which of its host's languages a block is held in.

use std::collections::BTreeMap;

use meridian_model::{Plan, RoleNeed};

use super::Programme;
use super::candidates::Candidate;
use crate::instance::{Instance, number};

/// The language in which a host has most to show at that time; its main one when it is even.
///
/// A language that nobody present could moderate is passed over while another can be.
pub(crate) fn first_choice(instance: &Instance<'_>, pick: Candidate) -> usize {
    let table = &instance.groups[pick.group];
    let minutes_in = |language: usize| -> i64 {
        let own = instance
            .sessions
            .iter()
            .filter(|s| s.group == Some(pick.group));
        own.filter(|s| s.language == language && (pick.start..pick.end).any(|c| s.may_start[c]))
            .map(|s| number(s.length))
            .sum()
    };
    let ranked = table.languages.iter().enumerate().map(|(rank, &language)| {
        let served = staffed(instance, language, pick.start, pick.end);
        (
            std::cmp::Reverse((served, minutes_in(language))),
            rank,
            language,
        )
    });
    ranked
        .min()
        .map_or(instance.event_language, |(_, _, language)| language)
}

/// The least number of people, over the cells, that some duty of a block in `language` could have; 2 is enough.
fn staffed(instance: &Instance<'_>, language: usize, start: usize, end: usize) -> usize {
    let mut least = 2;
    for (duty, table) in instance.duties.iter().enumerate() {
        let needed = match table.need {
            RoleNeed::BlockLanguage => true,
            RoleNeed::Interpretation => language != instance.event_language,
            RoleNeed::Nothing => false,
        };
        if !needed {
            continue;
        }
        let able: Vec<usize> = (0..instance.operators.len())
            .filter(|&o| instance.skill_level(o, duty, &[language]).is_some())
            .collect();
        for c in (start..end).filter(|&c| table.asked[c]) {
            let open = able
                .iter()
                .filter(|&&o| instance.operators[o].open[c])
                .count();
            least = least.min(open);
        }
    }
    least
}

/// Other languages worth trying: for blocks in which people for their language are missing, the worst first, then
/// for blocks whose sessions speak another of the host's languages.
pub(crate) fn alternatives(
    instance: &Instance<'_>,
    programme: &Programme,
    plan: &Plan,
) -> Vec<(usize, usize)> {
    let horizon = instance.horizon;
    let mut missing: BTreeMap<usize, i64> = BTreeMap::new();
    for (duty, table) in instance.duties.iter().enumerate() {
        if table.need == RoleNeed::Nothing {
            continue;
        }
        let id = &instance.problem.event.duties[duty].id;
        let shifts: Vec<_> = plan.shifts.iter().filter(|s| s.duty == *id).collect();
        for (n, block) in programme.blocks.iter().enumerate() {
            let interpreted = block.language != instance.event_language;
            let demanded = table.need == RoleNeed::BlockLanguage || interpreted;
            if !demanded || !table.tracks.contains(&block.track) {
                continue;
            }
            let gap = (block.start..block.end)
                .filter(|&c| table.asked[c])
                .filter(|&c| {
                    let cell = u32::try_from(c).unwrap_or(u32::MAX - 1);
                    let here = horizon.cells(cell, cell + 1);
                    let covering = shifts.iter().filter(|s| s.span.contains(&here)).count();
                    number(covering) < i64::from(table.count)
                })
                .count();
            if gap > 0 {
                *missing.entry(n).or_insert(0) += number(gap);
            }
        }
    }
    let mut worst: Vec<(usize, i64)> = missing.into_iter().collect();
    worst.sort_by_key(|&(block, gap)| (std::cmp::Reverse(gap), block));
    let others = |block: usize| {
        instance.groups[programme.blocks[block].group]
            .languages
            .clone()
    };
    let mut tries: Vec<(usize, usize)> = worst
        .into_iter()
        .flat_map(|(block, _)| {
            others(block)
                .into_iter()
                .map(move |language| (block, language))
        })
        .collect();
    for block in 0..programme.blocks.len() {
        let foreign = |language: usize| -> usize {
            let inside = programme
                .placed
                .iter()
                .filter(|placed| placed.block == block);
            inside
                .map(|placed| &instance.sessions[placed.session])
                .filter(|session| session.language != language)
                .map(|session| session.length)
                .sum()
        };
        let now = foreign(programme.blocks[block].language);
        let better = others(block)
            .into_iter()
            .filter(|&language| foreign(language) < now);
        tries.extend(better.map(|language| (block, language)));
    }
    tries
}
