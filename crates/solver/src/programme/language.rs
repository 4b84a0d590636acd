//! Which of its host's languages a block is held in.

use meridian_model::RoleNeed;

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
