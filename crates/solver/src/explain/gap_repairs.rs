//! What would close a gap: who is how far from it, and the cheapest repairs, each proved.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::{
    Group, GroupId, HostBlock, Language, Operator, OperatorId, Plan, Problem, RoleNeed, RuleCode,
    Shift, Span, Subject, time::minutes as between,
};

use super::bars::cause_of;
use super::mend::{Before, let_take, with_block};
use super::offers::{Candidate, cheapest};
use super::one_person::{
    Hole, PERSONAL, Taking, closed_parts, minutes_on_duty, on_duty, open_cells,
};
use super::reach::Reach;
use super::repair::{PolicySetting, Repair, blocking_events};
use super::skills::{knows, lacking, skill_for};
use super::view::View;
use super::{Near, Offer};

/// Limits go up or down in such steps, in minutes.
const STEP_MIN: u32 = 30;
/// The part of the rest that nobody is asked to give up: one of so many.
const LEAST_REST: u32 = 2;
/// People found to close one gap: more are a call for help, not a repair.
const MOST_FOUND: u32 = 3;
/// Groups named as awake.
const GROUPS_NAMED: usize = 6;

/// What one person could do if some rules did not bind her, and what that asks.
struct Way {
    rules: BTreeSet<RuleCode>,
    taking: Taking,
    /// `None` where it would ask what nobody is asked: to answer alerts at night.
    repair: Option<Repair>,
}

/// Who is how far from a hole, nearest first.
pub(super) fn nearest(reach: &mut Reach<'_, '_>) -> (Vec<Near>, Vec<Candidate>) {
    let mut near = Vec::new();
    let mut candidates = Vec::new();
    for operator in 0..reach.walls.len() {
        let ways = ways(reach, operator);
        let Some(her) = reach.view.problem.operators.get(operator) else {
            continue;
        };
        let asked = |way: &Way| {
            let repair = way.repair.as_ref();
            repair.map_or(i64::MAX, |repair| repair.asks(reach.view.problem))
        };
        let best = ways
            .iter()
            .min_by_key(|way| (way.rules.len(), asked(way), &way.rules));
        // A stranger to role and language is no nearer than anybody.
        let near_enough = |way: &&Way| way.repair.is_some() || !way.rules.contains(&RuleCode::H16);
        if let Some(best) = best.filter(near_enough) {
            near.push(Near {
                operator: her.id.clone(),
                needs: best.rules.iter().copied().collect(),
                asks: best
                    .repair
                    .as_ref()
                    .map(|repair| repair.asks(reach.view.problem)),
                closes: best.taking.closes,
            });
        }
        candidates.extend(ways.into_iter().filter_map(|way| {
            Some(Candidate {
                closes: way.taking.closes,
                asks: asked(&way),
                repair: way.repair?,
                who: vec![her.id.clone()],
                block: None,
            })
        }));
    }
    near.sort_by_key(|one| {
        (
            one.asks.is_none(),
            one.asks,
            one.needs.len(),
            one.operator.clone(),
        )
    });
    (near, candidates)
}

/// The ways in which one person could take some of the hole with as few rules out of her way as possible.
fn ways(reach: &mut Reach<'_, '_>, operator: usize) -> Vec<Way> {
    let Some(walls) = reach.walls.get(operator).cloned() else {
        return Vec::new();
    };
    let Some(her) = reach.view.problem.operators.get(operator) else {
        return Vec::new();
    };
    let stranger = !knows(her, reach.role);
    // Who would have to learn the role and something else too is not near.
    if stranger && walls.len() > 1 {
        return Vec::new();
    }
    let mut ways = Vec::new();
    let mut least = 0;
    let with_walls = reach.taking(operator, &walls);
    if let Some(taking) = with_walls {
        least = taking.closes;
        ways.push(way(reach, operator, walls.clone(), taking));
    }
    let whole = open_cells(reach.view, &reach.hole);
    if least < whole && !stranger {
        for rule in PERSONAL {
            let mut relaxed = walls.clone();
            if relaxed.insert(rule)
                && let Some(taking) = reach.taking(operator, &relaxed)
                && taking.closes > least
            {
                ways.push(way(reach, operator, relaxed, taking));
            }
        }
    }
    if ways.is_empty() && !stranger {
        ways.extend(fewest(reach, operator));
    }
    ways
}

/// As few rules as possible out of her way, where no single one would do.
fn fewest(reach: &mut Reach<'_, '_>, operator: usize) -> Option<Way> {
    let mut relaxed: BTreeSet<RuleCode> = PERSONAL.into_iter().collect();
    let mut taking = reach.taking(operator, &relaxed)?;
    // What is never asked of anyone, or asks everyone, is spared first.
    let order = [
        RuleCode::H15,
        RuleCode::H16,
        RuleCode::H17,
        RuleCode::H13,
        RuleCode::H20,
        RuleCode::H18,
        RuleCode::H22,
        RuleCode::H21,
        RuleCode::H19,
        RuleCode::H12,
    ];
    for rule in order {
        relaxed.remove(&rule);
        match reach.taking(operator, &relaxed) {
            Some(less) => taking = less,
            None => {
                relaxed.insert(rule);
            }
        }
    }
    Some(way(reach, operator, relaxed, taking))
}

fn way(
    reach: &mut Reach<'_, '_>,
    operator: usize,
    rules: BTreeSet<RuleCode>,
    taking: Taking,
) -> Way {
    let repair = repair(reach, operator, &rules, &taking);
    Way {
        rules,
        taking,
        repair,
    }
}

/// The smallest edits by which the rules no longer keep her from her new shifts.
fn repair(
    reach: &Reach<'_, '_>,
    operator: usize,
    rules: &BTreeSet<RuleCode>,
    taking: &Taking,
) -> Option<Repair> {
    let view = reach.view;
    let her = view.problem.operators.get(operator)?;
    let times: Vec<Span> = taking
        .shifts
        .iter()
        .map(|shift| on_duty(view, shift))
        .collect();
    let mut repairs = Vec::new();
    for &rule in rules {
        match rule {
            RuleCode::H12 => repairs.extend(open_time(her, &times)),
            RuleCode::H13 => repairs.extend(recorded(view, her, &times)),
            RuleCode::H15 => return None,
            RuleCode::H16 => repairs.extend(learn(reach, her, &taking.shifts)?),
            RuleCode::H17 => {
                let events = blocking_events(view.problem, &her.group, &times);
                repairs.extend(events.into_iter().map(|event| Repair::TakePart {
                    group: her.group.clone(),
                    event,
                }));
            }
            RuleCode::H19 => repairs.extend(duty_limit(view, her, &taking.shifts)),
            _ => repairs.extend(policy(view, rule, &taking.shifts)),
        }
    }
    match repairs.len() {
        0 | 1 => repairs.pop(),
        _ => Some(Repair::Several { repairs }),
    }
}

fn open_time(her: &Operator, times: &[Span]) -> Option<Repair> {
    let spans = closed_parts(her, times);
    let longest = spans.iter().max_by_key(|span| span.minutes())?;
    Some(Repair::OpenTime {
        who: Subject::Operator(her.id.clone()),
        cause: cause_of(&her.availability, *longest),
        spans,
    })
}

/// The live sessions of hers that meet her new times, recorded instead.
fn recorded(view: &View<'_>, her: &Operator, times: &[Span]) -> Vec<Repair> {
    let Some(speaker) = &her.speaker else {
        return Vec::new();
    };
    let preparation = view.cells_in(view.problem.event.policy.speaker_preparation_min);
    view.live_talks(speaker)
        .filter(|talk| {
            let away = talk.cells.start.saturating_sub(preparation)..talk.cells.end;
            let away = view.span(&away);
            times.iter().any(|time| time.overlaps(&away))
        })
        .map(|talk| Repair::Record {
            session: talk.session.id.clone(),
        })
        .collect()
}

/// The skills that she lacks for the shifts of this duty; `None` when she does not speak the language either.
fn learn(reach: &Reach<'_, '_>, her: &Operator, shifts: &[Shift]) -> Option<Vec<Repair>> {
    let view = reach.view;
    let mut lacks: BTreeSet<&Language> = BTreeSet::new();
    let mut nothing = false;
    for shift in shifts.iter().filter(|one| one.duty == reach.duty.id) {
        for cell in 0..view.horizon.n_cells() {
            if !shift.span.contains(&view.horizon.cells(cell, cell + 1)) {
                continue;
            }
            let Some(needed) = view.needs(reach.duty, reach.role, cell) else {
                continue;
            };
            nothing |= needed.is_empty() && !knows(her, reach.role);
            let lacking = needed
                .into_iter()
                .filter(|language| !lacking(view, her, reach.role, &[*language].into()).is_empty());
            lacks.extend(lacking);
        }
    }
    let event = &view.problem.event.language;
    if nothing {
        lacks.insert(event);
    } else if lacks.iter().any(|one| !speaks(view.problem, her, one)) {
        return None;
    }
    let learnt = lacks.into_iter().map(|language| Repair::AddSkill {
        operator: her.id.clone(),
        skill: skill_for(reach.role, language, event),
    });
    Some(learnt.collect())
}

/// Whether someone has a skill in the language, or is of a group that hosts in it.
fn speaks(problem: &Problem, her: &Operator, language: &Language) -> bool {
    let mut groups = problem.groups.iter();
    let home = groups.find(|group| group.id == her.group);
    her.skills
        .iter()
        .any(|skill| skill.language.as_ref() == Some(language))
        || home.is_some_and(|home| home.languages.contains(language))
}

fn duty_limit(view: &View<'_>, her: &Operator, shifts: &[Shift]) -> Option<Repair> {
    let to_min = up(u32::try_from(minutes_on_duty(view, shifts)).ok()?);
    (to_min > her.max_duty_min).then(|| Repair::DutyLimit {
        operator: her.id.clone(),
        from_min: her.max_duty_min,
        to_min,
    })
}

/// The settings of the policy that these shifts of one person need, where they are not so already.
fn policy(view: &View<'_>, rule: RuleCode, shifts: &[Shift]) -> Vec<Repair> {
    let policy = &view.problem.event.policy;
    let minutes = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let lengths = shifts.iter().map(|one| minutes(one.span.minutes()));
    let mut times: Vec<Span> = shifts.iter().map(|one| on_duty(view, one)).collect();
    times.sort_unstable();
    let mut found = Vec::new();
    let mut change = |setting: PolicySetting, from: u32, to: u32| {
        found.push(Repair::Policy { setting, from, to });
    };
    match rule {
        RuleCode::H18 => {
            let (shortest, longest) = (policy.shift_shortest_min, policy.shift_longest_min);
            let least = lengths.clone().min().unwrap_or(shortest);
            let most = lengths.max().unwrap_or(longest);
            if least < shortest {
                change(PolicySetting::ShiftShortestMin, shortest, least);
            }
            if most > longest {
                change(PolicySetting::ShiftLongestMin, longest, up(most));
            }
        }
        RuleCode::H20 => {
            let ends = times.first().zip(times.last());
            let awake = ends.map_or(0, |(first, last)| between(first.start(), last.end()));
            if minutes(awake) > policy.max_awake_min {
                let to = up(minutes(awake));
                change(PolicySetting::MaxAwakeMin, policy.max_awake_min, to);
            }
        }
        RuleCode::H21 => {
            let pairs = times.iter().zip(times.iter().skip(1));
            let rests = pairs.map(|(before, after)| between(before.end(), after.start()));
            if let Some(least) = rests.min().map(minutes)
                && least < policy.rest_min
                && least >= policy.rest_min / LEAST_REST
            {
                change(
                    PolicySetting::RestMin,
                    policy.rest_min,
                    least / STEP_MIN * STEP_MIN,
                );
            }
        }
        RuleCode::H22 => {
            let n = u32::try_from(shifts.len()).unwrap_or(u32::MAX);
            if n > policy.max_shifts {
                change(PolicySetting::MaxShifts, policy.max_shifts, n);
            }
        }
        _ => {}
    }
    found
}

fn up(minutes: u32) -> u32 {
    minutes.div_ceil(STEP_MIN) * STEP_MIN
}

/// The best repairs of a hole, proved, cheapest first.
pub(super) fn offers(
    reach: &Reach<'_, '_>,
    plan: &Plan,
    before: &Before,
    mut candidates: Vec<Candidate>,
) -> Vec<Offer> {
    candidates.extend(found_people(reach));
    candidates.extend(other_languages(reach));
    let (problem, hole) = (reach.view.problem, &reach.hole);
    let of = open_cells(reach.view, hole);
    cheapest(plan, candidates, of, |candidate| {
        let changed = candidate.repair.apply(problem);
        let new = changed.operators.iter().map(|one| &one.id);
        let is_new = |id: &&OperatorId| problem.operators.iter().all(|one| one.id != **id);
        let people: Vec<OperatorId> = candidate
            .who
            .iter()
            .chain(new.filter(is_new))
            .cloned()
            .collect();
        let mended = match &candidate.block {
            Some(block) => with_block(&changed, plan, block),
            None => let_take(&changed, plan.clone(), &people, hole),
        };
        let proof = before.proof(&changed, mended)?;
        let left = open_cells(&View::new(&changed, &proof.plan), hole);
        let closes = of.saturating_sub(left);
        let fewer = before.score.medium.gaps - proof.score.medium.gaps;
        (fewer >= i64::from(closes)).then_some((closes, proof))
    })
}

/// More people with the skill, one, two or three of them.
fn found_people(reach: &Reach<'_, '_>) -> Vec<Candidate> {
    let view = reach.view;
    let event = &view.problem.event.language;
    let languages = reach.languages();
    let mut skills: Vec<_> = languages
        .iter()
        .map(|language| skill_for(reach.role, language, event))
        .collect();
    if skills.is_empty() {
        skills.push(skill_for(reach.role, event, event));
    }
    let span = at_least_a_shift(reach);
    let groups = awake(view.problem, view.span(&reach.hole.cells), &languages);
    let of = open_cells(view, &reach.hole);
    (1..=MOST_FOUND)
        .map(|count| {
            let repair = Repair::FindPeople {
                count,
                skills: skills.clone(),
                span,
                groups: groups.clone(),
            };
            Candidate {
                closes: of,
                asks: repair.asks(view.problem),
                repair,
                who: Vec::new(),
                block: None,
            }
        })
        .collect()
}

/// The hole, lengthened to the shortest shift within the time at which its duty asks for someone.
fn at_least_a_shift(reach: &Reach<'_, '_>) -> Span {
    let view = reach.view;
    let shortest = view.cells_in(view.problem.event.policy.shift_shortest_min);
    let asked = |cell: u32| view.needs(reach.duty, reach.role, cell).is_some();
    let mut cells = reach.hole.cells.clone();
    while cells.end - cells.start < shortest {
        let later = cells.end < view.horizon.n_cells() && asked(cells.end);
        let earlier = cells.start > 0 && asked(cells.start - 1);
        match (later, earlier) {
            (true, _) => cells.end += 1,
            (false, true) => cells.start -= 1,
            (false, false) => break,
        }
    }
    view.span(&cells)
}

/// Groups in which nobody is in her night during `span` and that no event keeps then, those that speak the languages
/// first.
fn awake(problem: &Problem, span: Span, languages: &BTreeSet<&Language>) -> Vec<GroupId> {
    let nights: BTreeMap<&GroupId, Vec<&Span>> =
        problem
            .operators
            .iter()
            .fold(BTreeMap::new(), |mut nights, operator| {
                let hers: &mut Vec<&Span> = nights.entry(&operator.group).or_default();
                hers.extend(&operator.nights);
                nights
            });
    let free = |group: &&Group| blocking_events(problem, &group.id, &[span]).is_empty();
    let is_awake = |group: &&Group| match nights.get(&group.id) {
        Some(nights) => nights.iter().all(|night| !night.overlaps(&span)),
        None => group
            .hosting
            .as_ref()
            .is_some_and(|hosting| hosting.prime.iter().any(|prime| prime.contains(&span))),
    };
    let mut awake: Vec<&Group> = problem
        .groups
        .iter()
        .filter(is_awake)
        .filter(free)
        .collect();
    let speaks = |group: &Group| languages.iter().all(|one| group.languages.contains(one));
    awake.sort_by_key(|group| !speaks(group));
    awake.truncate(GROUPS_NAMED);
    awake.into_iter().map(|group| group.id.clone()).collect()
}

/// The blocks of the hole in other languages of their hosts, or in the event's.
fn other_languages(reach: &Reach<'_, '_>) -> Vec<Candidate> {
    if reach.role.needs == RoleNeed::Nothing {
        return Vec::new();
    }
    let problem = reach.view.problem;
    let mut found = Vec::new();
    for host in &reach.view.blocks {
        let here = reach.duty.tracks.contains(&host.block.track)
            && super::view::overlap(&host.cells, &reach.hole.cells);
        let group = problem.groups.iter().find(|one| one.id == host.block.group);
        let Some(group) = group.filter(|_| here) else {
            continue;
        };
        let mut languages = group.languages.clone();
        if !languages.contains(&problem.event.language) {
            languages.push(problem.event.language.clone());
        }
        languages.retain(|one| *one != host.block.language);
        for language in languages {
            let block = HostBlock {
                language: language.clone(),
                ..host.block.clone()
            };
            let repair = if group.languages.contains(&language) {
                Repair::HoldIn {
                    block: block.clone(),
                }
            } else {
                Repair::HostAlsoIn {
                    group: group.id.clone(),
                    language,
                }
            };
            let inside = host.cells.start.max(reach.hole.cells.start)
                ..host.cells.end.min(reach.hole.cells.end);
            let hole = Hole {
                duty: reach.hole.duty,
                cells: inside,
            };
            found.push(Candidate {
                closes: open_cells(reach.view, &hole),
                asks: repair.asks(problem),
                repair,
                who: Vec::new(),
                block: Some(block),
            });
        }
    }
    found
}
