//! What is shared is judged alike wherever it is read, and follows overrides and changes of hands.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{
    EventBrief, Member, OnDuty, Part, PlanRevision, RosterOverride, RosterPublish, SpaceCharter,
};
use meridian_federation::fold::{
    Custody, InForce, Membership, Proposal, Published, Roster, SharedState, Stage, TakesPart,
};
use meridian_federation::ids::PartHash;
use meridian_federation::slice;
use meridian_federation::{GroupId, RecordId, SpaceId};
use meridian_model::check::check;
use meridian_model::{GroupId as Handle, OperatorId, Plan, Problem, RuleCode};

use super::super::{Consent, beside_said, held, own_plan, roster_problem, rosters_of, shared_plan};
use super::nodes::{BRIEF, brief, event, negotiate, offered, rostered, rosters, salt_of, three};

type Rosters = BTreeMap<Part, Vec<OnDuty>>;

fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 32])
}

/// What everybody sees once first-relay is published with its rosters.
pub(super) fn published() -> SharedState {
    let nodes = three(&event("first-relay"));
    let brief = brief(&nodes[0]);
    let mut heard = offered(&nodes);
    let (revision, given) = negotiate(&mut heard, &brief, &nodes, 1).pop().unwrap();
    let handles: Vec<Handle> = heard.capacity.keys().cloned().collect();
    state(brief, revision, &handles, &rosters(&given))
}

fn state(
    brief: EventBrief,
    plan: PlanRevision,
    handles: &[Handle],
    rosters: &BTreeMap<Part, Vec<OnDuty>>,
) -> SharedState {
    let groups = (1..).map(|n| GroupId::from_bytes([n; 32]));
    let members: Vec<Member> = groups
        .zip(handles)
        .map(|(group, handle)| Member {
            group,
            handle: handle.clone(),
        })
        .collect();
    let of_handle = |handle: &Handle| {
        members
            .iter()
            .find(|of| of.handle == *handle)
            .unwrap()
            .group
    };
    let custody: BTreeMap<Part, Custody> = slice::parts(&plan)
        .unwrap()
        .into_iter()
        .map(|(part, (handle, stands))| {
            let (custodian, epoch) = (of_handle(&handle), Default::default());
            let history = vec![(epoch, custodian)];
            (
                part,
                Custody {
                    stands,
                    epoch,
                    custodian,
                    history,
                },
            )
        })
        .collect();
    let roster = |(part, people): (&Part, &Vec<OnDuty>)| Roster {
        part: part.clone(),
        epoch: Default::default(),
        roster: Some(RosterPublish {
            part: part.clone(),
            stands: custody[part].stands,
            epoch: Default::default(),
            people: people.clone(),
        }),
        overrides: BTreeMap::new(),
    };
    let charter = charter(&members);
    let membership = |member: &Member| {
        let handle = member.handle.clone();
        let takes_part = TakesPart::Joined;
        (member.group, Membership { handle, takes_part })
    };
    SharedState {
        space: SpaceId::from_bytes([9; 32]),
        stage: Stage::Published,
        charter: Some(InForce {
            record: record(2),
            what: charter,
        }),
        members: members.iter().map(membership).collect(),
        doubts: BTreeMap::new(),
        brief: Some(InForce {
            record: BRIEF,
            what: brief,
        }),
        dates: BTreeMap::new(),
        proposals: vec![Proposal {
            record: record(3),
            plan,
            slices: BTreeMap::new(),
        }],
        published: Some(Published {
            record: record(4),
            revision: record(3),
            release: 1,
        }),
        rosters: rosters.iter().map(roster).collect(),
        custody,
    }
}

fn charter(members: &[Member]) -> SpaceCharter {
    SpaceCharter {
        name: "First Relay 2024!".to_owned(),
        version: 1,
        previous: None,
        coordinator: members[0].group,
        members: members.to_vec(),
        quorum: 1,
        vocabulary: BTreeSet::new(),
        retention_days: 90,
    }
}

fn count(state: &SharedState, rule: RuleCode) -> usize {
    let (problem, plan) = shared_plan(state).unwrap();
    let matches = check(&problem, &plan).matches;
    matches.iter().filter(|of| of.rule == rule).count()
}

#[test]
fn the_plan_in_force_is_whole_and_says_its_own_score() {
    let state = published();
    let (problem, plan) = shared_plan(&state).unwrap();
    assert_eq!(problem.event.id, "first-relay-2024");
    assert_eq!(check(&problem, &plan).score, plan.score);
    assert_eq!(
        (plan.score.hard, plan.score.medium),
        (0, Default::default())
    );
    assert_eq!(plan.problem_sha256, problem.digest().unwrap());
    assert_eq!(shared_plan(&state.clone()).unwrap(), (problem, plan));
    // Without a plan in force there is nothing to judge.
    let mut before = state;
    before.published = None;
    assert!(shared_plan(&before).is_none());
}

#[test]
fn a_roster_that_is_missing_is_a_gap() {
    let mut state = published();
    let part = state.rosters.pop().unwrap().part;
    let (_, plan) = shared_plan(&state).unwrap();
    let seats = &state.plan().unwrap().seats;
    let seat = seats
        .iter()
        .find(|seat| Part::Seat(seat.id.clone()) == part)
        .unwrap();
    let cells = seat.span.minutes() / 15 * i64::from(seat.heads);
    assert_eq!(plan.score.medium.gaps, cells);
}

#[test]
fn somebody_else_comes_instead_or_nobody() {
    let mut state = published();
    let roster = state
        .rosters
        .iter_mut()
        .find(|of| !of.roster.as_ref().unwrap().people.is_empty());
    let roster = roster.unwrap();
    let on_duty = roster.roster.as_ref().unwrap().people[0].clone();
    let change = |instead: Option<&str>| RosterOverride {
        part: roster.part.clone(),
        stands: PartHash::from_bytes([0; 32]),
        epoch: roster.epoch,
        shift: on_duty.shift.clone(),
        instead: instead.map(Into::into),
        name: None,
    };
    let (somebody, nobody) = (change(Some("stand-by")), change(None));
    roster.overrides.insert(on_duty.shift.clone(), somebody);
    let (_, plan) = shared_plan(&state).unwrap();
    let shift = plan
        .shifts
        .iter()
        .find(|of| of.id == on_duty.shift)
        .unwrap();
    assert!(shift.operator.as_str().ends_with(".stand-by"));
    assert_eq!(plan.score.medium.gaps, 0);
    let roster = state
        .rosters
        .iter_mut()
        .find(|of| !of.overrides.is_empty())
        .unwrap();
    roster.overrides.insert(on_duty.shift.clone(), nobody);
    let (_, plan) = shared_plan(&state).unwrap();
    assert!(plan.shifts.iter().all(|of| of.id != on_duty.shift));
    assert!(plan.score.medium.gaps > 0);
}

#[test]
fn whoever_has_a_part_now_is_its_host_and_her_roster_counts() {
    let mut state = published();
    let seats = &state.plan().unwrap().seats;
    let seat = seats[0].clone();
    let part = Part::Seat(seat.id.clone());
    let other = state
        .members
        .iter()
        .find(|(_, of)| of.handle != seat.group)
        .unwrap();
    let (group, handle) = (*other.0, other.1.handle.clone());
    let custody = state.custody.get_mut(&part).unwrap();
    custody.epoch.swaps = 1;
    custody.custodian = group;
    let seat_now = held(&state)
        .unwrap()
        .seats
        .into_iter()
        .find(|of| of.id == seat.id)
        .unwrap();
    assert_eq!(seat_now.group, handle);
    // The roster of who had it before counts no more.
    assert!(shared_plan(&state).unwrap().1.score.medium.gaps > 0);
    let roster = state.rosters.iter_mut().find(|of| of.part == part).unwrap();
    roster.epoch.swaps = 1;
    let (problem, plan) = shared_plan(&state).unwrap();
    assert_eq!(plan.score.medium.gaps, 0);
    let shift = plan
        .shifts
        .iter()
        .find(|of| of.duty == seat.duty && of.span.overlaps(&seat.span));
    let operator: &OperatorId = &shift.unwrap().operator;
    assert_eq!(
        problem
            .operators
            .iter()
            .find(|of| of.id == *operator)
            .unwrap()
            .group,
        handle
    );
}

/// What a group said of its people, with somebody else in one of its seats who could be there as well.
fn with_another(
    problem: &Problem,
    revision: &PlanRevision,
    said: &Rosters,
) -> Option<(Part, OperatorId, Rosters)> {
    let people: Vec<OperatorId> = problem.operators.iter().map(|of| of.id.clone()).collect();
    let whole = said.iter().filter(|(_, on_duty)| on_duty.len() == 1);
    let tries = whole.flat_map(|(part, on_duty)| {
        let others = people.iter().filter(|other| **other != on_duty[0].person);
        others.map(|other| {
            let mut said = said.clone();
            said.get_mut(part).unwrap()[0].person = other.clone();
            (part.clone(), other.clone(), said)
        })
    });
    let mut tries = tries.collect::<Vec<_>>().into_iter();
    tries.find(|(_, _, said)| {
        let plan = own_plan(problem, revision, said, &BTreeMap::new());
        plan.score.hard == 0
    })
}

#[test]
fn who_is_said_to_be_on_duty_stays_when_more_is_said() {
    let nodes = three(&event("first-relay"));
    let brief = brief(&nodes[0]);
    let mut heard = offered(&nodes);
    let (revision, _) = negotiate(&mut heard, &brief, &nodes, 1).pop().unwrap();
    let mut tried = 0;
    for (local, handle) in nodes
        .iter()
        .flat_map(|node| node.groups.iter().map(move |of| (node, &of.id)))
    {
        let problem = roster_problem(&brief, &revision, handle, local);
        let as_she_is = |plan: &Plan| -> Rosters {
            let consent = Consent::of(local, &salt_of(0));
            let parts = rosters_of(plan, &revision, handle, &salt_of(0), &consent);
            let own = local.operators.iter();
            let own: BTreeMap<_, _> = own
                .map(|of| (salt_of(0).operator(&of.id), of.id.clone()))
                .collect();
            let real = |mut of: OnDuty| {
                of.person = own[&of.person].clone();
                of
            };
            parts
                .into_iter()
                .map(|(part, people)| (part, people.into_iter().map(real).collect()))
                .collect()
        };
        let said = as_she_is(&rostered(&problem));
        let Some((part, other, mut said)) = with_another(&problem, &revision, &said) else {
            continue;
        };
        // Of all other seats nothing is said yet.
        said.retain(|of, _| *of == part);
        let kept = own_plan(&problem, &revision, &said, &BTreeMap::new());
        let next = rostered(&beside_said(problem, &kept));
        assert_eq!(as_she_is(&next)[&part][0].person, other, "{handle}");
        tried += 1;
    }
    assert!(tried > 0);
}

#[test]
fn what_a_group_says_of_its_people_is_held_against_the_rules() {
    let mut state = published();
    for roster in &mut state.rosters {
        for on_duty in &mut roster.roster.as_mut().unwrap().people {
            // One person of every group does everything.
            on_duty.person = "ana".into();
        }
    }
    assert!(count(&state, RuleCode::H22) > 0, "too many shifts");
    assert!(count(&state, RuleCode::H19) > 0, "too long on duty");
    let mut state = published();
    let plan = &mut state.proposals[0].plan;
    let lost = plan.blocks.remove(0);
    assert!(count(&state, RuleCode::M01) > 0, "{lost:?} hosts no more");
    let mut state = published();
    let plan = &mut state.proposals[0].plan;
    let placed = plan.sessions[1].clone();
    plan.sessions[0].span = placed.span;
    assert!(count(&state, RuleCode::H08) > 0, "two sessions at once");
}
