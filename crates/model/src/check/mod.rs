//! The checker: *the* definition of the rules, written to be read.
//!
//! It is naive on purpose and shares nothing with the solver but the vocabulary. One file holds one family of
//! rules, one function one rule; everything is counted in integers. An item of the plan that is not well
//! formed (H01) is named once and left out of all other rules. The entry is [`check()`].

mod blocks;
mod clashes;
mod comfort;
mod coverage;
mod demand;
mod fairness;
mod hours;
mod operators;
mod pins;
mod scene;
mod sessions;
mod skills;
mod speakers;
mod times;
mod well_formed;
mod words;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod garbled;
#[cfg(test)]
mod twins;

use crate::{Level, Match, Plan, Policy, Problem, Report, RuleCode, Score, Subject};
use scene::Scene;

/// Checks a plan: every match of every rule, ordered by rule, and the score that they add up to.
///
/// It takes any document: what the problem does not know, what lies off the cells and what is there twice
/// is a match of H01, never a panic. A soft rule whose weight is 0 is off and has no matches.
#[must_use]
pub fn check(problem: &Problem, plan: &Plan) -> Report {
    let scene = Scene::new(problem, plan);
    let matches: Vec<Match> = RuleCode::ALL
        .iter()
        .filter(|&&rule| !is_off(&problem.event.policy, rule))
        .flat_map(|&rule| clause(rule, &scene))
        .collect();
    Report {
        score: score(&problem.event.policy, &matches),
        matches,
    }
}

fn is_off(policy: &Policy, rule: RuleCode) -> bool {
    rule.level() == Level::Soft && policy.weight(rule) == 0
}

/// The clause of each rule.
fn clause(rule: RuleCode, scene: &Scene<'_>) -> Vec<Match> {
    match rule {
        RuleCode::H01 => well_formed::well_formed(scene),
        RuleCode::H02 => blocks::one_host(scene),
        RuleCode::H03 => blocks::host_available(scene),
        RuleCode::H04 => clashes::host_clash(scene),
        RuleCode::H05 => blocks::block_length(scene),
        RuleCode::H06 => sessions::session_in_block(scene),
        RuleCode::H07 => sessions::session_window(scene),
        RuleCode::H08 => sessions::one_session(scene),
        RuleCode::H09 => speakers::speaker_available(scene),
        RuleCode::H10 => speakers::speaker_one_place(scene),
        RuleCode::H11 => clashes::session_clash(scene),
        RuleCode::H12 => operators::operator_available(scene),
        RuleCode::H13 => operators::one_place(scene),
        RuleCode::H14 => coverage::alert_once(scene),
        RuleCode::H15 => operators::alert_awake(scene),
        RuleCode::H16 => skills::skill(scene),
        RuleCode::H17 => clashes::shift_clash(scene),
        RuleCode::H18 => hours::shift_length(scene),
        RuleCode::H19 => hours::duty_hours(scene),
        RuleCode::H20 => hours::awake_span(scene),
        RuleCode::H21 => hours::rest(scene),
        RuleCode::H22 => hours::shift_count(scene),
        RuleCode::H23 => coverage::duty_demanded(scene),
        RuleCode::H24 => pins::pinned(scene),
        RuleCode::M01 => blocks::unhosted(scene),
        RuleCode::M02 => sessions::unplaced_must(scene),
        RuleCode::M03 => sessions::unplaced_should(scene),
        RuleCode::M04 => coverage::gap(scene),
        RuleCode::M05 => coverage::alert_short(scene),
        RuleCode::S01 => clashes::clash(scene),
        RuleCode::S02 => comfort::night(scene),
        RuleCode::S03 => comfort::if_need_be(scene),
        RuleCode::S04 => fairness::fair_people(scene),
        RuleCode::S05 => fairness::fair_groups(scene),
        RuleCode::S06 => coverage::handover(scene),
        RuleCode::S07 => sessions::language_match(scene),
        RuleCode::S08 => sessions::own_group(scene),
        RuleCode::S09 => blocks::prime_time(scene),
        RuleCode::S10 => sessions::topic_spread(scene),
        RuleCode::S11 => skills::first_timer_alone(scene),
        RuleCode::S12 => speakers::filler_left(scene),
        RuleCode::S13 => blocks::host_left_out(scene),
        RuleCode::S14 => comfort::preference(scene),
        RuleCode::S15 => fairness::fragmentation(scene),
    }
}

/// Hard: how many matches. Medium: the amounts of each rule. Soft: the sum of weight × amount.
fn score(policy: &Policy, matches: &[Match]) -> Score {
    let mut score = Score::default();
    for found in matches {
        let (sum, more) = match found.rule {
            RuleCode::M01 => (&mut score.medium.unhosted, found.amount),
            RuleCode::M02 => (&mut score.medium.unplaced_must, found.amount),
            RuleCode::M03 => (&mut score.medium.unplaced_should, found.amount),
            RuleCode::M04 => (&mut score.medium.gaps, found.amount),
            RuleCode::M05 => (&mut score.medium.alert_short, found.amount),
            rule if rule.level() == Level::Hard => (&mut score.hard, 1),
            rule => (
                &mut score.soft,
                policy.weight(rule).saturating_mul(found.amount),
            ),
        };
        *sum = sum.saturating_add(more);
    }
    score
}

/// What is concerned, and what is said of it: the parts of a match that every clause writes.
struct Note {
    subjects: Vec<Subject>,
    spans: Vec<crate::Span>,
    says: String,
    remedy: String,
}

impl Note {
    /// As a match of a hard rule.
    fn breaks(self, rule: RuleCode) -> Match {
        self.costs(rule, 1)
    }

    /// As a match of a medium or soft rule that costs `amount` units.
    fn costs(self, rule: RuleCode, amount: i64) -> Match {
        let Self {
            subjects,
            spans,
            says,
            remedy,
        } = self;
        let mut once = Vec::with_capacity(subjects.len());
        for subject in subjects {
            if !once.contains(&subject) {
                once.push(subject);
            }
        }
        Match {
            rule,
            amount,
            subjects: once,
            spans,
            says,
            remedy,
        }
    }
}
