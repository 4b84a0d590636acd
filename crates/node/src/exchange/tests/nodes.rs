//! Nodes to exchange with.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use meridian_federation::content::{Content, Member, MemberJoin, SpaceCharter};
use meridian_federation::{Effects, GroupId, SpaceId};
use meridian_model::{GroupId as Handle, ZoneSet};
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use crate::exchange::Exchange;
use crate::exchange::calls::Address;
use crate::exchange::identity::{NewGroup, Recovery};
use crate::exchange::planning::{Desk, Sight};
use crate::exchange::solving::Solver;
use crate::exchange::speaking::say;
use crate::exchange::sync::{Synced, sync};
use crate::exchange::traffic::Traffic;
use crate::fetch::Fetcher;
use crate::server::listen::{Limits, listen};
use crate::server::webhooks::Pace;
use crate::server::{Live, Rates, Shared, State, router};
use crate::store::{SpaceRow, Store};

/// The space that they share.
pub(super) const SPACE: &str = "a day together";

/// A node that listens.
pub(super) struct Listening {
    pub(super) state: Shared,
    pub(super) group: GroupId,
    /// What changes its group's card.
    pub(super) recovery: Recovery,
    pub(super) url: Url,
    _stop: watch::Sender<bool>,
    pub(super) folder: tempfile::TempDir,
}

pub(super) async fn store(folder: &Path) -> Store {
    Store::open(&folder.join("meridian.db"))
        .await
        .expect("a store")
}

fn here() -> Vec<IpNet> {
    vec!["127.0.0.0/8".parse().expect("a network")]
}

impl Listening {
    pub(super) async fn begin(handle: &str) -> Self {
        Self::with(handle, Traffic::begin()).await
    }

    pub(super) async fn with(handle: &str, traffic: Traffic) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let url = format!("http://{address}");
        let (stop, stopping) = watch::channel(false);
        let exchange = Exchange::of(&store, folder.path());
        let new = NewGroup {
            handle,
            name: handle,
            url: &url,
        };
        let made = exchange.make_group(new).await.expect("a group");
        let state = Shared(Arc::new(State {
            store,
            zones: ZoneSet::embedded(),
            origin: url.clone(),
            stopping: stopping.clone(),
            fetcher: Fetcher::new(&here()).expect("a fetcher"),
            exchange: Arc::new(exchange),
            solver: Solver {
                zones: Vec::new(),
                folder: folder.path().to_owned(),
                effort: 1,
                memory_mib: 1024,
                patience: Duration::from_secs(60),
            },
            traffic,
            hurry: Notify::new(),
            live: Live::default(),
            pace: Pace::hurried(1),
            rates: Rates::new(0, false),
        }));
        let mut end = stopping;
        tokio::spawn(listen(
            listener,
            router(state.clone()),
            Limits { connections: 64 },
            async move {
                let _stopped = end.wait_for(|stops| *stops).await;
            },
        ));
        Self {
            state,
            group: made.group,
            recovery: made.recovery,
            url: url.parse().expect("an address"),
            _stop: stop,
            folder,
        }
    }

    /// Makes sure of another node, as people do on both sides.
    pub(super) async fn meet(&self, other: &Self) {
        for (one, two) in [(self, other), (other, self)] {
            let document = two.state.exchange.document().await.expect("a card");
            let exchange = &one.state.exchange;
            let met = exchange.meet(&document, two.url.as_str()).await;
            let group = met.expect("in order");
            let row = one.state.store.peer(&group.to_string()).await;
            let row = row.expect("a peer");
            let words = exchange.phrase_with(&row).await.expect("words");
            exchange.allow(&row, &words).await.expect("the same words");
        }
    }

    /// Opens the space for these nodes' groups.
    pub(super) async fn open(&self, with: &[&Self]) -> SpaceId {
        let groups: Vec<GroupId> = with.iter().map(|node| node.group).collect();
        self.open_for(&groups).await
    }

    /// Opens the space for these groups and its own.
    pub(super) async fn open_for(&self, groups: &[GroupId]) -> SpaceId {
        let founder = self.group;
        let space = SpaceId::of(&founder, SPACE);
        let members: Vec<Member> = std::iter::once(&founder)
            .chain(groups)
            .enumerate()
            .map(|(n, group)| Member {
                group: *group,
                handle: Handle::new(format!("g{n}")),
            })
            .collect();
        let charter = Content::SpaceCharter(SpaceCharter {
            name: SPACE.to_owned(),
            version: 1,
            previous: None,
            coordinator: founder,
            members,
            quorum: 1,
            vocabulary: std::collections::BTreeSet::new(),
            retention_days: 30,
        });
        self.follow(space, founder).await;
        let said = self.state.exchange.change(move |node| {
            let mut effects = Effects::default();
            say(node, (space, founder), &charter, &mut effects)?;
            Ok(((), effects))
        });
        said.await.expect("it can be said");
        space
    }

    pub(super) async fn follow(&self, space: SpaceId, founder: GroupId) {
        let mut write = self.state.store.write().await.expect("a write");
        let row = SpaceRow {
            id: space.to_string(),
            founder: founder.to_string(),
            name: SPACE.to_owned(),
            event: "none".to_owned(),
            salt: String::new(),
            rounding: 1,
        };
        write.add_space(&row).await.expect("a space");
        write.commit().await.expect("durable");
        let follow = self
            .state
            .exchange
            .change(move |node| Ok(((), node.follow(space, founder))));
        follow.await.expect("it can be followed");
    }

    /// Says something that changes little.
    pub(super) async fn join(&self, space: SpaceId) {
        self.join_often(space, &[self.group], 1).await;
    }

    /// Says so for each of these groups of this node, so often.
    pub(super) async fn join_often(&self, space: SpaceId, groups: &[GroupId], times: usize) {
        let charter = self.state.exchange.look(move |node| {
            let state = node.state(&space).expect("followed");
            state.charter.as_ref().map(|of| of.record)
        });
        let charter = charter.await.expect("a look").expect("a charter");
        let said = Content::MemberJoin(MemberJoin { charter });
        let said = groups.iter().map(|group| (*group, said.clone()));
        let said = said.cycle().take(groups.len() * times).collect();
        let said = self.state.exchange.say_all(space, said);
        said.await.expect("it can be said");
    }

    /// The space, as people work on it here.
    pub(super) async fn desk<'a>(&'a self, space: SpaceId) -> (Desk<'a>, Sight) {
        let state = &self.state;
        let desk = Desk {
            exchange: &state.exchange,
            zones: &state.zones,
            solver: state.solver.clone(),
            job: None,
        };
        let sight = desk.space(&space.to_string()).await.expect("followed");
        (desk, sight)
    }

    pub(super) fn address(&self) -> Address {
        Address {
            peer: self.group,
            url: self.url.clone(),
        }
    }

    pub(super) async fn sync_with(&self, other: &Self, space: SpaceId) -> Synced {
        let (exchange, fetcher) = (&self.state.exchange, &self.state.fetcher);
        let synced = sync(exchange, fetcher, &other.address(), space).await;
        synced.expect("a sync")
    }

    pub(super) async fn digest(&self, space: SpaceId) -> String {
        let digest = self
            .state
            .exchange
            .look(move |node| node.state(&space).expect("followed").digest().to_string());
        digest.await.expect("a look")
    }
}

/// A node, one that floods it, and one that goes on with it, of one space.
pub(super) struct Three {
    pub(super) node: Listening,
    pub(super) bad: Listening,
    pub(super) good: Listening,
    pub(super) space: SpaceId,
}

/// Three nodes that have met; the good one has followed already.
pub(super) async fn three(traffic: Traffic) -> Three {
    let node = Listening::with("tokyo", traffic).await;
    let (bad, good) = (
        Listening::begin("berlin").await,
        Listening::begin("lima").await,
    );
    node.meet(&bad).await;
    node.meet(&good).await;
    let space = node.open(&[&bad, &good]).await;
    good.follow(space, node.group).await;
    Three {
        node,
        bad,
        good,
        space,
    }
}
