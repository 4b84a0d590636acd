//! Conflict sets of sessions and of hours without a host, as the checker sees every place and every block there is: each
//! meets something of the set, and without any one of it some place or block meets nothing.

use std::collections::BTreeSet;

use meridian_model::check::check;
use meridian_model::{Cause, Level, Match, Plan, Problem, RuleCode, Session, Subject, Track};
use proptest::prelude::{any, proptest};

use super::agreement::{N_CELLS, hostings, more_blocks, problems, programmes};
use super::scenario::{block, but_for, cells, fair, placed};
use super::{Exclusion, explain};

/// A rule, whom it keeps, and which of its several sides.
type Key = (RuleCode, Subject, &'static str);

/// The hard matches that a plan has beyond another.
fn new_matches(problem: &Problem, plan: &Plan, more: &Plan) -> Vec<Match> {
    let before = check(problem, plan).matches;
    let after = check(problem, more).matches.into_iter();
    after
        .filter(|found| found.rule.level() == Level::Hard && !before.contains(found))
        .collect()
}

/// Whom a match keeps from a session or a track.
fn key(found: &Match, itself: &Subject) -> Key {
    let of = |wanted: fn(&Subject) -> bool| {
        let mut others = found.subjects.iter().filter(|one| *one != itself);
        others.find(|one| wanted(one)).cloned()
    };
    let subject = match found.rule {
        RuleCode::H03 | RuleCode::H05 if found.says.contains("block grid") => None,
        RuleCode::H03 if found.says.contains("does not want to host") => None,
        RuleCode::H03 | RuleCode::H05 => of(|one| matches!(one, Subject::Group(_))),
        RuleCode::H04 | RuleCode::H11 => of(|one| matches!(one, Subject::RegionalEvent(_))),
        RuleCode::H08 => of(|one| matches!(one, Subject::Session(_))),
        RuleCode::H09 | RuleCode::H10 => of(|one| matches!(one, Subject::Speaker(_))),
        RuleCode::H13 => of(|one| matches!(one, Subject::Operator(_))),
        _ => None,
    };
    let side = side(found.rule, &found.says, ["at most", "may not be on"]);
    (found.rule, subject.unwrap_or_else(|| itself.clone()), side)
}

fn said(one: &Exclusion) -> Key {
    let side = side(one.rule, &one.says, ["already", "may be on"]);
    (one.rule, one.subject.clone(), side)
}

/// The side of a rule with several, by the words that tell of it.
fn side(rule: RuleCode, says: &str, [count, track]: [&str; 2]) -> &'static str {
    match rule {
        RuleCode::H05 if says.contains(count) => "count",
        RuleCode::H07 if says.contains(track) => "track",
        _ => "",
    }
}

/// Checks that a set meets every way, and that none of it can be spared.
fn is_smallest(conflict: &[Exclusion], ways: &BTreeSet<BTreeSet<Key>>) {
    let meets =
        |set: &[Exclusion], way: &BTreeSet<Key>| set.iter().any(|one| way.contains(&said(one)));
    if conflict.is_empty() {
        assert!(ways.contains(&BTreeSet::new()), "{ways:#?}");
        return;
    }
    for way in ways {
        assert!(
            meets(conflict, way),
            "{way:?} meets nothing of {conflict:#?}"
        );
    }
    for spared in 0..conflict.len() {
        let mut fewer = conflict.to_vec();
        fewer.remove(spared);
        let is_free = ways.iter().any(|way| !meets(&fewer, way));
        assert!(
            is_free,
            "{spared} of {conflict:#?} is one too many for {ways:#?}"
        );
    }
}

/// What the checker has against each place on each track.
fn places(problem: &Problem, plan: &Plan, session: &Session) -> BTreeSet<BTreeSet<Key>> {
    let length = session.length_min / 30;
    let itself = Subject::Session(session.id.clone());
    let tracks = problem.event.tracks.iter();
    let places = tracks.flat_map(|track| (length..=N_CELLS).map(move |end| (track, end)));
    places
        .map(|(track, end)| {
            let mut more = plan.clone();
            let mut place = placed(session.id.as_str(), end - length, end);
            place.track = track.id.clone();
            more.sessions.push(place);
            let found = new_matches(problem, plan, &more);
            found.iter().map(|one| key(one, &itself)).collect()
        })
        .collect()
}

proptest! {
    #![proptest_config(proptest::test_runner::Config {
        cases: 24,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn the_conflict_set_of_a_session_meets_every_place_and_none_of_it_can_be_spared(
        (mut problem, mut plan) in programmes(),
        belongs in any::<bool>(),
        elsewhere in any::<bool>(),
        bound in any::<bool>(),
    ) {
        // What is on elsewhere takes no time on the first track, but people.
        let second = Track { id: "b".into(), name: "Track B".to_owned() };
        problem.event.tracks.push(second.clone());
        if let Some(first) = plan.sessions.first_mut().filter(|_| elsewhere) {
            first.track = second.id;
        }
        for session in problem.sessions.iter_mut().filter(|_| bound) {
            session.tracks = vec!["a".into()];
        }
        if belongs {
            problem.sessions[0].group = Some("lima".into());
        }
        for reason in explain(&problem, &plan).unplaced {
            let mut sessions = problem.sessions.iter();
            let session = sessions.find(|one| one.id == reason.session).unwrap();
            is_smallest(&reason.conflict.unwrap(), &places(&problem, &plan, session));
        }
    }

    #[test]
    fn the_conflict_set_of_hours_without_a_host_meets_every_block_and_none_of_it_can_be_spared(
        (mut problem, mut plan) in problems(),
        hosting in proptest::collection::vec(hostings(), 2),
        lent in (0_u32..5, 2_u32..7),
        others in any::<bool>(),
        at_the_fair in any::<bool>(),
    ) {
        plan.shifts.clear();
        plan.sessions.clear();
        plan.blocks = vec![block("k1", "kyoto", lent.0, lent.0 + lent.1)];
        for (group, hosting) in problem.groups.iter_mut().zip(hosting) {
            group.hosting = Some(hosting);
        }
        if others {
            let mut quito = problem.groups[0].clone();
            (quito.id, quito.hosting) = ("quito".into(), None);
            problem.groups.push(quito);
        }
        if at_the_fair {
            problem.regional_events = vec![fair("lima", 0, 9)];
        }
        problem.event.policy.block_grid_min = 60;
        // A block that already breaks a rule would have to be mended, not explained.
        if check(&problem, &plan).score.hard > 0 {
            let end = lent.0 + lent.1;
            let hosting = problem.groups[0].hosting.as_mut().unwrap();
            hosting.availability = but_for(end, (end + 3).min(N_CELLS), Cause::Marked);
            (hosting.shortest_min, hosting.longest_min, hosting.max_blocks) = (30, 210, 1);
            plan.blocks[0].span = cells(lent.0 / 2 * 2, end);
        }
        if check(&problem, &plan).score.hard > 0 {
            plan.blocks.clear();
        }
        for reason in explain(&problem, &plan).unhosted {
            let track = Subject::Track(reason.track.clone());
            let groups = problem.groups.iter();
            let more = groups.flat_map(|group| more_blocks(&plan, group.id.as_str(), &reason));
            let ways: BTreeSet<BTreeSet<Key>> = more
                .map(|more| new_matches(&problem, &plan, &more))
                .filter(|found| found.iter().all(|one| one.rule != RuleCode::H02))
                .map(|found| found.iter().map(|one| key(one, &track)).collect())
                .collect();
            is_smallest(&reason.conflict.unwrap(), &ways);
        }
    }
}
