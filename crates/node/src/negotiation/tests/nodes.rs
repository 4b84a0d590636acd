//! Nodes in memory: each has the problem of its own groups only, and hears of others what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use meridian_federation::content::{
    Answer, CapacityOffer, Deadlines, EventBrief, OnDuty, Part, Phase, PlanRevision, ShiftOffer,
    TalkOffer,
};
use meridian_federation::slice::Slice;
use meridian_federation::{GroupId, RecordId, SpaceId};
use meridian_model::check::check;
use meridian_model::{GroupId as Handle, Plan, Problem, ZoneSet};
use meridian_solver::{Coupling, Engine, NeverStop, Options, Silent, solve};

use super::super::{
    Answered, BriefAsk, CapacityAsk, Consent, Hold, MemberOffers, Offers, OpenAsk, Pseudonyms,
    Shortfall, allocate, answer_of, brief_of, capacity_of, event_of, open_duty, revision_of,
    roster_problem, rosters_of, shifts_of, stamp, talks_of, uncovered,
};
use crate::folder::EventSource;

pub(super) const BRIEF: RecordId = RecordId::from_bytes([1; 32]);

/// A sample event.
pub(super) fn event(name: &str) -> Problem {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/events");
    let source = EventSource::of(&root.join(name));
    source
        .load(&ZoneSet::embedded())
        .unwrap_or_else(|_| panic!("{name} is an event"))
}

/// The part of an event that the node of these groups knows.
pub(super) fn known_to(
    whole: &Problem,
    groups: &BTreeSet<Handle>,
    is_coordinator: bool,
) -> Problem {
    let own = |group: &Handle| groups.contains(group);
    let mut problem = whole.clone();
    problem.groups.retain(|group| own(&group.id));
    problem.operators.retain(|operator| own(&operator.group));
    problem
        .sessions
        .retain(|session| session.group.as_ref().map_or(is_coordinator, own));
    let speaking: BTreeSet<_> = problem
        .sessions
        .iter()
        .flat_map(|of| of.speakers.clone())
        .collect();
    problem
        .speakers
        .retain(|speaker| speaking.contains(&speaker.id));
    for event in &mut problem.regional_events {
        event.concerns.retain(|concern| own(&concern.group));
    }
    problem
        .regional_events
        .retain(|event| !event.concerns.is_empty());
    problem
}

/// Three nodes of an event, each with a third of its groups; the first coordinates.
pub(super) fn three(whole: &Problem) -> Vec<Problem> {
    (0..3)
        .map(|node| {
            let groups = whole.groups.iter().enumerate();
            let own = groups
                .filter(|(n, _)| n % 3 == node)
                .map(|(_, group)| group.id.clone());
            known_to(whole, &own.collect(), node == 0)
        })
        .collect()
}

pub(super) fn brief(problem: &Problem) -> EventBrief {
    let ask = BriefAsk {
        version: 1,
        phase: Phase::Planning,
        candidates: Vec::new(),
        decided: true,
        deadlines: Deadlines::default(),
    };
    brief_of(problem, &ask)
}

/// The search of a whole plan.
pub(super) fn planned(problem: &Problem) -> Plan {
    let options = Options {
        effort: 1,
        gap_ppm: 50_000,
        engine: Engine::Pure,
        coupling: Coupling::OneAfterTheOther,
        ..Options::default()
    };
    solve(problem, &options, &NeverStop, &mut Silent)
        .unwrap()
        .plan
}

/// The search of one group's roster.
pub(super) fn rostered(problem: &Problem) -> Plan {
    let options = Options {
        effort: 1,
        threads: 1,
        gap_ppm: 20_000,
        coupling: Coupling::OneAfterTheOther,
        ..Options::default()
    };
    solve(problem, &options, &NeverStop, &mut Silent)
        .unwrap()
        .plan
}

/// What a group says to a revision, and what stays at home.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) short: Vec<Shortfall>,
    pub(super) capacity: CapacityOffer,
    pub(super) rosters: Vec<(Part, Vec<OnDuty>)>,
}

pub(super) fn salt_of(node: usize) -> Pseudonyms {
    Pseudonyms::new([u8::try_from(node).unwrap(); 32])
}

/// A group at its node, before there is a plan.
pub(super) fn first_offer(
    local: &Problem,
    node: usize,
    handle: &Handle,
) -> (CapacityOffer, Vec<TalkOffer>) {
    let ask = CapacityAsk {
        brief: BRIEF,
        rounding: 1,
        if_need_be: false,
        shifts: None,
    };
    (
        capacity_of(local, handle, &ask),
        talks_of(local, handle, &salt_of(node)),
    )
}

/// A group at its node, once a plan is proposed.
pub(super) fn reply(
    brief: &EventBrief,
    revision: &PlanRevision,
    (local, node): (&Problem, usize),
    handle: &Handle,
) -> Reply {
    let roster = roster_problem(brief, revision, handle, local);
    let plan = rostered(&roster);
    let (answer, short) = answer_of(&roster, &plan, revision, handle);
    let salt = salt_of(node);
    let consent = Consent::of(local, &salt);
    let rosters = rosters_of(&plan, revision, handle, &salt, &consent);
    let shifts = shifts(brief, revision, (local, handle), &plan);
    let ask = CapacityAsk {
        brief: BRIEF,
        rounding: 1,
        if_need_be: false,
        shifts: Some((revision.number, shifts)),
    };
    Reply {
        answer,
        short,
        capacity: capacity_of(local, handle, &ask),
        rosters,
    }
}

/// What a group would serve more.
fn shifts(
    brief: &EventBrief,
    revision: &PlanRevision,
    (local, handle): (&Problem, &Handle),
    rostered_plan: &Plan,
) -> Vec<ShiftOffer> {
    for hold in [Hold::Loosely, Hold::Firmly] {
        let ask = OpenAsk {
            rostered: rostered_plan,
            hold,
            if_need_be: false,
        };
        let Some(open) = open_duty(brief, revision, local, handle, ask) else {
            break;
        };
        let plan = rostered(&open);
        if let Some(shifts) = shifts_of(&open, &plan, rostered_plan, (revision, handle)) {
            return shifts;
        }
    }
    Vec::new()
}

/// What the coordinator heard of everybody.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) capacity: BTreeMap<Handle, CapacityOffer>,
    pub(super) talks: BTreeMap<Handle, Vec<TalkOffer>>,
    pub(super) answers: Vec<(PlanRevision, BTreeMap<Handle, Answer>)>,
}

impl Heard {
    pub(super) fn offers(&self) -> Offers<'_> {
        let members = self.capacity.iter().map(|(handle, capacity)| {
            let answers = self.answers.iter().filter_map(|(revision, answers)| {
                let answer = answers.get(handle)?;
                Some(Answered { revision, answer })
            });
            let offers = MemberOffers {
                capacity: Some(capacity.clone()),
                talks: self.talks.get(handle).cloned().unwrap_or_default(),
                answers: answers.collect(),
            };
            (handle.clone(), offers)
        });
        members.collect()
    }

    /// The next revision.
    pub(super) fn plan(&self, brief: &EventBrief, own: &Problem) -> (Problem, Plan, PlanRevision) {
        let offers = self.offers();
        let previous = self.answers.last().map(|(revision, _)| revision);
        let problem = allocate(brief, &offers, own, previous);
        let plan = planned(&problem);
        let number = previous.map_or(1, |previous| previous.number + 1);
        let mut revision = revision_of(&problem, &plan, number, BRIEF, previous);
        stamp(&mut revision, &problem, &offers, &ZoneSet::embedded()).unwrap();
        (problem, plan, revision)
    }

    /// What everybody said to a revision.
    pub(super) fn hear(&mut self, revision: &PlanRevision, replies: &BTreeMap<Handle, Reply>) {
        let mut answers = BTreeMap::new();
        for (handle, reply) in replies {
            answers.insert(handle.clone(), reply.answer.clone());
            self.capacity.insert(handle.clone(), reply.capacity.clone());
        }
        self.answers.push((revision.clone(), answers));
    }
}

/// What every group of every node says to a revision.
pub(super) fn replies(
    brief: &EventBrief,
    revision: &PlanRevision,
    nodes: &[Problem],
) -> BTreeMap<Handle, Reply> {
    let of_node = |(n, local): (usize, &Problem)| {
        let groups = local.groups.iter();
        let replies = groups.map(|group| {
            let reply = reply(brief, revision, (local, n), &group.id);
            (group.id.clone(), reply)
        });
        replies.collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let nodes = nodes.iter().enumerate();
        let threads: Vec<_> = nodes
            .map(|node| scope.spawn(move || of_node(node)))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// Everybody's offers before there is a plan.
pub(super) fn offered(nodes: &[Problem]) -> Heard {
    let mut heard = Heard::default();
    for (n, local) in nodes.iter().enumerate() {
        for group in &local.groups {
            let (capacity, talks) = first_offer(local, n, &group.id);
            heard.capacity.insert(group.id.clone(), capacity);
            heard.talks.insert(group.id.clone(), talks);
        }
    }
    heard
}

/// How many minutes of duty nobody serves.
pub(super) fn open_min(brief: &EventBrief, own: &Problem, revision: &PlanRevision) -> i64 {
    let open = uncovered(&event_of(brief, &own.event), revision);
    open.iter()
        .map(|of| of.span.minutes() * i64::from(of.people))
        .sum()
}

/// Who is on duty in every part.
pub(super) fn rosters(replies: &BTreeMap<Handle, Reply>) -> BTreeMap<Part, Vec<OnDuty>> {
    replies
        .values()
        .flat_map(|reply| reply.rosters.clone())
        .collect()
}

/// Whether everybody accepts.
pub(super) fn all_accept(replies: &BTreeMap<Handle, Reply>) -> bool {
    replies.values().all(|reply| reply.answer == Answer::Accept)
}

/// Plans until everybody accepts and nothing is open, or at most so often; every revision on the way with what was said
/// to it, the oldest first.
pub(super) fn negotiate(
    heard: &mut Heard,
    brief: &EventBrief,
    nodes: &[Problem],
    rounds: usize,
) -> Vec<(PlanRevision, BTreeMap<Handle, Reply>)> {
    let mut all = Vec::new();
    for _ in 0..rounds {
        let (problem, plan, revision) = heard.plan(brief, &nodes[0]);
        assert_eq!(
            check(&problem, &plan).score.hard,
            0,
            "{:?}",
            check(&problem, &plan).matches.first()
        );
        let given = replies(brief, &revision, nodes);
        heard.hear(&revision, &given);
        let done = all_accept(&given) && open_min(brief, &nodes[0], &revision) == 0;
        all.push((revision, given));
        if done {
            break;
        }
    }
    all
}

/// A group's slice as bytes.
pub(super) fn slice_of(handle: &Handle, revision: &PlanRevision) -> Vec<u8> {
    let (space, group) = (SpaceId::from_bytes([0; 32]), GroupId::from_bytes([0; 32]));
    serde_json::to_vec(&Slice::of(space, group, handle, revision)).unwrap()
}

/// The groups that one revision gives something else than another.
pub(super) fn changed(
    heard: &Heard,
    before: &PlanRevision,
    after: &PlanRevision,
) -> BTreeSet<Handle> {
    let groups = heard.capacity.keys();
    let changed = groups.filter(|handle| slice_of(handle, before) != slice_of(handle, after));
    changed.cloned().collect()
}
