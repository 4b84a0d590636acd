//! What a group told the coordinator alone is gone from every node in time, and nothing else.

use jiff::{SignedDuration, Timestamp};
use meridian_federation::content::{Content, Deadlines, EventBrief, Phase, TalkOffer};
use meridian_federation::{RecordId, SpaceId};
use meridian_model::{Delivery, Horizon, Language};

use super::nodes::{Listening, store};
use crate::exchange::Exchange;

/// What the charter of [`Listening::open`] says.
const DAYS: i32 = 30;

fn brief(horizon: Horizon) -> Content {
    Content::EventBrief(EventBrief {
        version: 1,
        phase: Phase::Planning,
        title: "A day together".to_owned(),
        horizon: Some(horizon),
        candidates: Vec::new(),
        tracks: Vec::new(),
        language: Language::from("en"),
        demand: Vec::new(),
        deadlines: Deadlines::default(),
        length: None,
        zone: None,
        roles: Vec::new(),
        policy: None,
    })
}

fn talk() -> Content {
    Content::TalkOffer(TalkOffer {
        session: "g1.kites".into(),
        title: "Kites".to_owned(),
        kind: "talk".to_owned(),
        length_min: 30,
        languages: vec![Language::from("en")],
        speakers: Vec::new(),
        windows: Vec::new(),
        delivery: Delivery::Live,
        changeover_min: 0,
        tags: Vec::new(),
        tracks: Vec::new(),
        priority: None,
    })
}

async fn has(exchange: &Exchange, space: SpaceId, record: RecordId) -> bool {
    let look = exchange.look(move |node| node.body(&space, &record).is_some());
    look.await.expect("a look")
}

struct Scene {
    node: Listening,
    other: Listening,
    space: SpaceId,
    horizon: Horizon,
    /// What everybody may read.
    open: RecordId,
    /// What only the coordinator may.
    told: RecordId,
}

/// Two nodes of an event that begins then, and a talk that one offered to the other.
async fn offered(start: Timestamp) -> Scene {
    let (node, other) = (
        Listening::begin("tokyo").await,
        Listening::begin("lima").await,
    );
    node.meet(&other).await;
    let space = node.open(&[&other]).await;
    let horizon = Horizon::new(start, 15, 96).expect("a day");
    let said = vec![(node.group, brief(horizon))];
    let open = node.state.exchange.say_all(space, said).await;
    let open = open.expect("it can be said")[0];
    other.follow(space, node.group).await;
    other.sync_with(&node, space).await;
    let said = vec![(other.group, talk())];
    let told = other.state.exchange.say_all(space, said).await;
    let told = told.expect("it can be said")[0];
    other.sync_with(&node, space).await;
    Scene {
        node,
        other,
        space,
        horizon,
        open,
        told,
    }
}

async fn erased(node: &Listening, now: Timestamp) -> usize {
    node.state.exchange.erase_due(now).await.expect("done")
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[tokio::test(flavor = "multi_thread")]
async fn what_not_everybody_may_read_is_erased_so_many_days_after_the_event() {
    let hour = Timestamp::now().round(jiff::Unit::Hour).expect("an hour");
    let scene = offered(hour + DAY * 7).await;
    let Scene { node, other, .. } = &scene;
    let (space, told) = (scene.space, scene.told);
    let digest = node.digest(space).await;
    let over = scene.horizon.end();
    for each in [node, other] {
        assert_eq!(erased(each, over + DAY * (DAYS - 1)).await, 0);
        assert!(has(&each.state.exchange, space, told).await);
        assert_eq!(erased(each, over + DAY * DAYS).await, 1);
        assert_eq!(erased(each, over + DAY * DAYS).await, 0);
    }
    // Nor does it come back, from the other node or from the disk.
    other.sync_with(node, space).await;
    let folder = node.folder.path();
    let reopened = Exchange::of(&store(folder).await, folder);
    for exchange in [&node.state.exchange, &other.state.exchange, &reopened] {
        assert!(!has(exchange, space, told).await);
        assert!(has(exchange, space, scene.open).await);
    }
    assert_eq!(node.digest(space).await, digest);
    assert_eq!(other.digest(space).await, digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_an_event_of_the_past_is_kept_as_long_after_it_was_said() {
    let start = "2024-08-24T12:00:00Z".parse().expect("an instant");
    let Scene { node, .. } = offered(start).await;
    let now = Timestamp::now();
    assert_eq!(erased(&node, now + DAY * (DAYS - 1)).await, 0);
    assert_eq!(erased(&node, now + DAY * (DAYS + 1)).await, 1);
}
