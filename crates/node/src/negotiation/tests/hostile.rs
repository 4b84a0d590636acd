//! One group says the worst that is read, and the others go on planning.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use meridian_federation::body::Body;
use meridian_federation::content::{
    Answer, Blocked, CapacityOffer, Content, EventBrief, HeadCount, Move, Operation, Part,
    PlanResponse, PlanRevision, ShiftOffer, TalkOffer,
};
use meridian_federation::{RecordId, SliceHash};
use meridian_model::check::check;
use meridian_model::{
    GroupId as Handle, Level, Policy, Problem, RuleCode, SessionId, Span, Timestamp,
};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

use super::super::{allocate, settings_of};
use super::nodes::{Heard, brief, event, offered, reply, three};

const EVENT: &str = "first-relay";

/// Whether others would read what is said.
fn is_read(content: &Content) -> bool {
    let Ok(bytes) = content.write() else {
        return false;
    };
    let body = Body { salt: None, bytes };
    Content::read(&content.kind(), &body).as_ref() == Ok(content)
}

/// On the cells, beside them, before, after, and all of time.
fn span() -> impl Strategy<Value = Span> {
    let horizon = event(EVENT).event.horizon.span();
    let at = |minute: i64| horizon.start().as_second() + minute * 60;
    let of = |from: i64, to: i64| {
        let at = |second| Timestamp::from_second(second).unwrap();
        Span::new(at(from), at(to)).unwrap()
    };
    select(vec![
        horizon,
        Span::new(Timestamp::MIN, Timestamp::MAX).unwrap(),
        Span::new(horizon.start(), Timestamp::MAX).unwrap(),
        of(at(0), at(0) + 1),
        of(at(0) - 1, at(120) + 1),
        of(at(60), at(240)),
        of(at(0), at(15)),
        of(at(1_425), at(1_440)),
        of(at(65), at(67)),
    ])
}

fn duty() -> impl Strategy<Value = String> {
    let known = event(EVENT).event.duties;
    let known = known.into_iter().map(|duty| duty.id.to_string());
    select(known.chain(["no-such-duty".to_owned()]).collect::<Vec<_>>())
}

fn role() -> impl Strategy<Value = String> {
    let known = event(EVENT).event.roles;
    let known = known.into_iter().map(|role| role.id.to_string());
    select(known.chain(["no-such-role".to_owned()]).collect::<Vec<_>>())
}

fn language() -> impl Strategy<Value = &'static str> {
    select(vec!["en", "ja", "xx", "zz-zz"])
}

fn count() -> impl Strategy<Value = HeadCount> {
    let people = vec(select(vec![0, 1, 100]), 0..130);
    let first = select(vec![0, 95, 2_016]);
    (role(), language(), first, people).prop_map(|(role, language, first_cell, heads)| HeadCount {
        role: role.as_str().into(),
        language: Some(language.into()),
        first_cell,
        heads,
    })
}

fn shift() -> impl Strategy<Value = ShiftOffer> {
    (duty(), span(), language(), duty()).prop_map(|(duty, span, language, or)| ShiftOffer {
        duty: duty.as_str().into(),
        span,
        languages: vec![language.into()],
        or: vec![or.as_str().into()],
    })
}

fn capacity(honest: CapacityOffer) -> impl Strategy<Value = Content> {
    let lengths = select(vec![(1, 1), (1, 10_080), (60, 180), (10_080, 10_080)]);
    let spans = (vec(span(), 0..4), vec(span(), 0..4), vec(span(), 0..3));
    let people = (vec(count(), 0..4), vec(shift(), 0..6), any::<bool>());
    let zones = select(vec!["Asia/Tokyo", "Mars/Olympus", ""]);
    let parts = (lengths, spans, people, zones, select(vec![0, 1, 2_016]));
    parts.prop_map(
        move |((shortest_min, longest_min), spans, people, zone, max_blocks)| {
            let (hosting, prime, blocked) = spans;
            let (heads, shifts, reckoned) = people;
            let blocked = blocked.into_iter().map(|span| Blocked {
                title: String::new(),
                span,
            });
            Content::CapacityOffer(CapacityOffer {
                hosting,
                prime,
                blocked: blocked.collect(),
                languages: vec!["xx".into(), "xx".into(), "en".into()],
                shortest_min,
                longest_min,
                max_blocks,
                heads,
                shifts,
                revision: reckoned.then_some(1),
                zones: [zone.to_owned()].into(),
                ..honest.clone()
            })
        },
    )
}

fn talks(honest: TalkOffer) -> impl Strategy<Value = Vec<Content>> {
    let lengths = select(vec![1, 30, 1_440]);
    let one = (lengths, select(vec![0, 7, 1_440]), vec(span(), 0..4));
    let all = vec((one, any::<bool>()), 0..3);
    all.prop_map(move |all| {
        let all = all
            .into_iter()
            .map(|((length_min, changeover_min, windows), twice)| {
                Content::TalkOffer(TalkOffer {
                    length_min,
                    changeover_min,
                    windows,
                    speakers: vec!["s".into(); if twice { 2 } else { 1 }],
                    tracks: vec!["no-such-track".into()],
                    languages: vec!["xx".into()],
                    ..honest.clone()
                })
            });
        all.collect()
    })
}

/// What a group asks for instead, of its own parts, others', and none.
fn answer(revision: &PlanRevision) -> impl Strategy<Value = Content> + use<> {
    let blocks = revision.blocks.iter().map(|of| Part::Block(of.id.clone()));
    let seats = revision.seats.iter().map(|of| Part::Seat(of.id.clone()));
    let known = blocks.chain(seats).chain([Part::Seat("none".into())]);
    let part = select(known.collect::<Vec<_>>());
    let cells = select(vec![-2_016_i64, -1, 0, 1, 2_016]);
    let operation = (0..5, part.clone(), part, cells, (role(), span()));
    let operation = operation.prop_map(|(kind, part, other, cells, (role, span))| match kind {
        0 => Operation::Drop(part),
        1 => Operation::LimitBlocks(u32::from(cells > 0)),
        2 => Operation::Swap(part, other),
        3 => Operation::Move(Move { part, cells }),
        _ => Operation::NeedsRole(role.as_str().into(), span),
    });
    vec(operation, 0..12).prop_map(|operations| {
        Content::PlanResponse(PlanResponse {
            revision: RecordId::from_bytes([2; 32]),
            slice: SliceHash::from_bytes([3; 32]),
            answer: Answer::Counter(operations),
        })
    })
}

/// The plan with seats and places that cannot be.
fn plan(honest: &PlanRevision) -> impl Strategy<Value = PlanRevision> + use<> {
    let honest = honest.clone();
    let seats = vec(
        (any::<Index>(), select(vec![1, 2, 100]), span(), duty()),
        0..3,
    );
    let places = vec((any::<Index>(), span()), 0..3);
    (seats, places).prop_map(move |(seats, places)| {
        let mut plan = honest.clone();
        for (which, heads, span, duty) in seats {
            let n = which.index(plan.seats.len());
            let seat = &mut plan.seats[n];
            (seat.heads, seat.span, seat.duty) = (heads, span, duty.as_str().into());
        }
        for (which, span) in places {
            let n = which.index(plan.blocks.len());
            plan.blocks[n].span = span;
            let n = which.index(plan.sessions.len());
            plan.sessions[n].span = span;
        }
        plan
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    let lengths = select(vec![(5, 5), (5, 1_440), (60, 240), (1_440, 1_440)]);
    let week = || select(vec![0, 1, 60, 10_080]);
    let minutes = (week(), week(), week(), week(), week(), week());
    let parts = (
        lengths,
        minutes,
        select(vec![0, 2, 100]),
        select(vec![0, 1_000_000]),
    );
    parts.prop_map(|((shortest, longest), minutes, people, weight)| {
        let (rest, duty, awake, sleep, preparation, grid) = minutes;
        let mut policy = Policy {
            shift_shortest_min: shortest,
            shift_longest_min: longest,
            rest_min: rest,
            max_duty_min: duty,
            max_awake_min: awake,
            sleep_min: sleep,
            speaker_preparation_min: preparation,
            block_grid_min: grid,
            max_shifts: people.max(1),
            ..Policy::default()
        };
        policy.alert.min_people = people;
        let soft = RuleCode::ALL
            .iter()
            .filter(|rule| rule.level() == Level::Soft);
        policy.weights = soft.map(|rule| (*rule, weight)).collect();
        policy
    })
}

/// The nodes of first-relay, what was offered, a first plan, and a group that is hostile.
struct Scene {
    nodes: Vec<Problem>,
    brief: EventBrief,
    heard: Heard,
    first: PlanRevision,
    hostile: Handle,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let nodes = three(&event(EVENT));
    let brief = brief(&nodes[0]);
    let heard = offered(&nodes);
    let (_, _, first) = heard.plan(&brief, &nodes[0]);
    let hosts = first.blocks.iter().map(|block| &block.group);
    let talks = |host: &&Handle| !heard.talks[*host].is_empty();
    let hostile = hosts.clone().find(talks).unwrap().clone();
    Scene {
        nodes,
        brief,
        heard,
        first,
        hostile,
    }
});

impl Scene {
    fn hostile_offers(&self) -> impl Strategy<Value = (Content, Vec<Content>)> + use<> {
        let honest = self.heard.capacity[&self.hostile].clone();
        let talk = self.heard.talks[&self.hostile][0].clone();
        (capacity(honest), talks(talk))
    }

    /// The hard rules that the next plan breaks.
    fn hard_of_next(&self, heard: &Heard) -> i64 {
        let (problem, plan, _) = heard.plan(&self.brief, &self.nodes[0]);
        check(&problem, &plan).score.hard
    }
}

/// The sessions of a group in the next problem, when it offers these talks.
fn sessions_of(own: &Problem, handle: &Handle, talks: Vec<TalkOffer>) -> usize {
    let mut heard = offered(&SCENE.nodes);
    heard.talks.insert(handle.clone(), talks);
    let problem = allocate(&SCENE.brief, &heard.offers(), own, None);
    let sessions = problem.sessions.iter();
    sessions
        .filter(|of| of.group.as_ref() == Some(handle))
        .count()
}

#[test]
fn of_one_group_as_many_talks_are_planned_with_as_an_event_has_time_for() {
    let (own, hostile) = (&SCENE.nodes[0], &SCENE.hostile);
    let honest = &SCENE.heard.talks[hostile][0];
    let talks = |n: usize| {
        let talk = |n| TalkOffer {
            session: SessionId::new(format!("{hostile}.talk-{n}")),
            ..honest.clone()
        };
        (0..n).map(talk).collect()
    };
    assert_eq!(sessions_of(own, hostile, talks(200)), 200);
    assert_eq!(sessions_of(own, hostile, talks(201)), 200);
}

#[test]
fn a_talk_under_the_name_of_the_coordinator_s_own_session_is_not_planned_with() {
    let (mut own, hostile) = (SCENE.nodes[0].clone(), &SCENE.hostile);
    let talk = &SCENE.heard.talks[hostile][0];
    assert_eq!(sessions_of(&own, hostile, vec![talk.clone()]), 1);
    let nobodys = own.sessions.iter_mut().find(|of| of.group.is_none());
    nobodys.unwrap().id = talk.session.clone();
    assert_eq!(sessions_of(&own, hostile, vec![talk.clone()]), 0);
}

/// The same cases each time; `MERIDIAN_HOSTILE=N` tries others, from that seed.
fn config() -> ProptestConfig {
    let seed = std::env::var("MERIDIAN_HOSTILE").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    ProptestConfig {
        cases: 24,
        max_shrink_iters: 64,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_coordinator_plans_whatever_one_group_offers((offer, talks) in SCENE.hostile_offers()) {
        let mut heard = offered(&SCENE.nodes);
        let hostile = &SCENE.hostile;
        if is_read(&offer) && let Content::CapacityOffer(offer) = offer {
            heard.capacity.insert(hostile.clone(), offer);
        }
        let talks = talks.into_iter().filter(is_read).filter_map(|talk| match talk {
            Content::TalkOffer(talk) => Some(talk),
            _ => None,
        });
        heard.talks.insert(hostile.clone(), talks.collect());
        prop_assert_eq!(SCENE.hard_of_next(&heard), 0);
    }

    #[test]
    fn a_coordinator_plans_again_whatever_one_group_asks_for(said in answer(&SCENE.first)) {
        let mut heard = offered(&SCENE.nodes);
        let everybody = heard.capacity.keys().cloned();
        let mut given: BTreeMap<_, _> = everybody.map(|of| (of, Answer::Accept)).collect();
        if is_read(&said) && let Content::PlanResponse(said) = said {
            given.insert(SCENE.hostile.clone(), said.answer);
        }
        heard.answers.push((SCENE.first.clone(), given));
        prop_assert_eq!(SCENE.hard_of_next(&heard), 0);
    }

    #[test]
    fn a_group_answers_whatever_a_coordinator_plans(plan in plan(&SCENE.first), policy in policy()) {
        let brief = EventBrief {
            policy: Some(policy),
            ..SCENE.brief.clone()
        };
        let said = [Content::EventBrief(brief.clone()), Content::PlanRevision(plan.clone())];
        let horizon = SCENE.nodes[0].event.horizon;
        if said.iter().all(is_read) && plan.is_on_cells_of(&horizon) {
            let _settings = settings_of(&brief, None);
            reply(&brief, &plan, (&SCENE.nodes[0], 0), &SCENE.hostile);
        }
    }
}
