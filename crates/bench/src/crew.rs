//! Operators: when they can, how much they may, and what they are able to do.
//!
//! Hours are drawn in three kinds: those with most of a day, those with a few hours, and those with an hour and a half
//! before and after work. Supply is brought to the size's by lengthening and shortening them; possible shifts by
//! teaching people further roles, one after the other, until there are enough.

use meridian_model::{
    Cause, Grade, Language, Operator, OperatorId, Problem, RoleId, Skill, SkillLevel,
};
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};

use crate::hosts::{EVENT_LANGUAGE, Hosted};
use crate::measure::Ground;
use crate::scene::{DAY_MIN, Scene, runs, small};
use crate::talks::Talks;

/// The roles, by how often someone has them first.
const FIRST: [&str; 10] = [
    "stream",
    "mc",
    "moderator",
    "engineer",
    "stream",
    "mc",
    "moderator",
    "interpreter",
    "stream",
    "moderator",
];

/// Someone as she is drawn.
struct Draft {
    home: usize,
    /// Grades by cell of the horizon.
    graded: Vec<Option<(Grade, Cause)>>,
    /// Languages she speaks.
    languages: Vec<&'static str>,
}

/// The operators, still without skills, and the languages that each speaks.
pub(crate) fn operators(
    scene: &mut Scene,
    hosted: &[Hosted],
    talks: &Talks,
) -> Vec<(Operator, Vec<&'static str>)> {
    let mut drafts: Vec<Draft> = Vec::new();
    let n = scene.shape.operators;
    let mut kinds: Vec<usize> = (0..n).map(|at| at * 20 / n).collect();
    kinds.shuffle(&mut scene.rng);
    for (at, kind) in kinds.into_iter().enumerate() {
        let home = at * scene.shape.groups / n;
        let graded = hours(scene, home, kind);
        let languages = languages(scene, home, hosted);
        drafts.push(Draft {
            home,
            graded,
            languages,
        });
    }
    level_supply(scene, &mut drafts);
    let mut speakers: Vec<_> = talks.live.iter().step_by(3).collect();
    let mut operators = Vec::new();
    for (at, draft) in drafts.iter().enumerate() {
        let mut operator = operator(scene, at, draft);
        let known = speakers.iter().position(|(home, ..)| *home == draft.home);
        if let Some(known) = known.filter(|_| at % 4 == 1) {
            operator.speaker = Some(speakers.remove(known).1.clone());
        }
        operators.push((operator, draft.languages.clone()));
    }
    operators
}

/// Grades by cell, of one of twenty kinds.
fn hours(scene: &mut Scene, home: usize, kind: usize) -> Vec<Option<(Grade, Cause)>> {
    let n_cells = scene.shape.n_cells;
    let mut graded = vec![None; n_cells];
    if scene.shape.target.is_none() {
        // A tiny event: somewhere, for most of it.
        let from = scene.rng.random_range(0..n_cells / 2);
        let to = scene.rng.random_range(from + n_cells / 3..=n_cells);
        graded[from..to].fill(Some((Grade::Possible, Cause::Marked)));
        shade(scene, &mut graded, kind);
        return graded;
    }
    for day in 0..scene.days() {
        let first = day * scene.day();
        hours_of_day(scene, home, kind, &mut graded[first..first + scene.day()]);
    }
    shade(scene, &mut graded, kind);
    graded
}

/// Grades of one day, of one of twenty kinds.
fn hours_of_day(
    scene: &mut Scene,
    home: usize,
    kind: usize,
    graded: &mut [Option<(Grade, Cause)>],
) {
    let (wake, sleep) = (scene.cells(DAY_MIN.0), scene.cells(DAY_MIN.1));
    let mut local = Vec::new();
    if kind < 9 {
        let length = scene.rng.random_range(26..=32);
        let from = scene.rng.random_range(wake..=sleep - length);
        local.push(from..from + length);
    } else if kind < 14 {
        let length = scene.rng.random_range(14..=18);
        let from = scene.rng.random_range(wake..=sleep - length);
        local.push(from..from + length);
    } else {
        let before = wake + scene.rng.random_range(0..6);
        let after = sleep - 6 - scene.rng.random_range(0..10);
        local.push(before..before + 6);
        local.push(after..after + 6);
        for cell in before + 6..after {
            graded[scene.at_local(home, cell)] = Some((Grade::Impossible, Cause::Busy));
        }
    }
    for cell in local.into_iter().flatten() {
        graded[scene.at_local(home, cell)] = Some((Grade::Possible, Cause::Marked));
    }
    if kind == 10 {
        // She opens the first hour of her night.
        for cell in sleep..sleep + 4 {
            let cell = scene.at_local(home, cell);
            graded[cell] = Some((Grade::IfNeedBe, Cause::Marked));
        }
    }
}

/// Some prefer a part of their hours, some give a part only if need be.
fn shade(scene: &mut Scene, graded: &mut [Option<(Grade, Cause)>], kind: usize) {
    let grade = match kind % 7 {
        2 => Grade::Prefer,
        4 => Grade::IfNeedBe,
        _ => return,
    };
    let length = graded.len() / 12;
    let from = scene.rng.random_range(0..graded.len() - length);
    let open: Vec<usize> = (0..graded.len())
        .filter(|&c| graded[c] == Some((Grade::Possible, Cause::Marked)))
        .collect();
    let first = open.iter().position(|&c| c >= from).unwrap_or(0);
    for &cell in open.iter().skip(first).take(length) {
        graded[cell] = Some((grade, Cause::Marked));
    }
}

fn languages(scene: &mut Scene, home: usize, hosted: &[Hosted]) -> Vec<&'static str> {
    let own = scene.homes[home].place.language;
    let mut languages = vec![own];
    if own != EVENT_LANGUAGE && scene.rng.random_bool(0.9) {
        languages.push(EVENT_LANGUAGE);
    }
    // A few speak the language of some other host.
    if scene.rng.random_bool(0.2)
        && let Some(block) = hosted.choose(&mut scene.rng)
        && !languages.contains(&block.language)
    {
        languages.push(block.language);
    }
    languages
}

/// Lengthens or shortens hours by a cell at a time until there is as much supply as the size asks for.
fn level_supply(scene: &mut Scene, drafts: &mut [Draft]) {
    let Some(target) = scene.shape.target else {
        return;
    };
    let open = |draft: &Draft| {
        let cells = draft.graded.iter().flatten();
        cells
            .filter(|(grade, _)| *grade > Grade::Impossible)
            .count()
    };
    let wanted = usize::try_from(target.supply).unwrap_or(usize::MAX);
    let wanted = wanted + wanted / 25;
    let mut supply: usize = drafts.iter().map(open).sum();
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.shuffle(&mut scene.rng);
    for at in order.into_iter().cycle().take(8 * drafts.len()) {
        let draft = &mut drafts[at];
        let is_open =
            |c: usize| draft.graded[c].is_some_and(|(grade, _)| grade > Grade::Impossible);
        let Some(run) = runs(draft.graded.len(), is_open).pop() else {
            continue;
        };
        if supply < wanted {
            let next = run.end;
            if next < draft.graded.len() && scene.is_day(draft.home, next) {
                draft.graded[next] = Some((Grade::Possible, Cause::Marked));
                supply += 1;
            }
        } else if supply > wanted && run.len() > 5 {
            draft.graded[run.end - 1] = None;
            supply -= 1;
        }
    }
}

fn operator(scene: &mut Scene, at: usize, draft: &Draft) -> Operator {
    let possible = draft.graded.iter().flatten();
    let open = possible
        .filter(|(grade, _)| *grade > Grade::Impossible)
        .count();
    // Three to six hours a day, about what she has.
    let open = open / scene.days();
    let half_hours = (open.div_ceil(scene.cells(30).max(1))).clamp(6, 12);
    let home = draft.home;
    Operator {
        id: OperatorId::new(format!("o{at:05}")),
        group: scene.homes[home].group.clone(),
        zone: scene.zone(home),
        skills: Vec::new(),
        availability: scene.availability(&draft.graded),
        nights: scene.spans(|cell| !scene.is_day(home, cell)),
        max_duty_min: 30 * small(half_hours),
        carry_over_min: if scene.rng.random_bool(0.1) {
            30 * scene.rng.random_range(1..=8)
        } else {
            0
        },
        speaker: None,
        shown_as: None,
    }
}

/// Gives everyone a role, and further ones until there are as many possible shifts as the size asks for.
pub(crate) fn teach(
    scene: &mut Scene,
    problem: &Problem,
    people: Vec<(Operator, Vec<&'static str>)>,
) -> Vec<Operator> {
    let ground = Ground::of(problem);
    let (mut operators, spoken): (Vec<_>, Vec<_>) = people.into_iter().unzip();
    let mut order: Vec<usize> = (0..operators.len()).collect();
    order.shuffle(&mut scene.rng);
    let mut shifts = vec![0; operators.len()];
    let wanted = scene.shape.target.map_or(0, |target| target.shifts);
    for round in 0..6 {
        for (nth, &at) in order.iter().enumerate() {
            let enough = shifts.iter().sum::<u64>() >= wanted;
            if round > 1 && enough || round > 0 && scene.shape.target.is_some() && enough {
                break;
            }
            let first = FIRST[(nth + 3 * round) % FIRST.len()];
            add_role(scene, &mut operators[at], first, &spoken[at]);
            shifts[at] = ground.operator(&operators[at]).shifts;
        }
    }
    operators
}

/// Adds a role that she does not have yet: the one asked for, or the next that she can learn.
fn add_role(scene: &mut Scene, operator: &mut Operator, wanted: &str, speaks: &[&'static str]) {
    let from = FIRST.iter().position(|&role| role == wanted).unwrap_or(0);
    let foreign = speaks.iter().find(|&&language| language != EVENT_LANGUAGE);
    let can = |role: &&str| {
        let has = operator
            .skills
            .iter()
            .any(|skill| skill.role.as_str() == *role);
        !has && (*role != "interpreter" || foreign.is_some() && speaks.contains(&EVENT_LANGUAGE))
    };
    let Some(role) = FIRST
        .iter()
        .cycle()
        .skip(from)
        .take(FIRST.len())
        .copied()
        .find(can)
    else {
        return;
    };
    let level = if scene.rng.random_bool(0.12) {
        SkillLevel::FirstTimer
    } else {
        SkillLevel::Trained
    };
    let skill = |language: Option<&str>, into: Option<&str>| Skill {
        role: RoleId::new(role),
        language: language.map(Language::from),
        into: into.map(Language::from),
        level,
    };
    match role {
        "mc" => {
            let skills = speaks.iter().map(|&language| skill(Some(language), None));
            operator.skills.extend(skills);
        }
        "interpreter" => {
            let foreign = speaks
                .iter()
                .filter(|&&language| language != EVENT_LANGUAGE);
            let skills = foreign.map(|&language| skill(Some(language), Some(EVENT_LANGUAGE)));
            operator.skills.extend(skills);
        }
        _ => operator.skills.push(skill(None, None)),
    }
}
