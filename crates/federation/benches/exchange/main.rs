//! How long the core of the exchange takes: taking records, a cold sync, a bundle, the state after one more record, a
//! restore, and two hundred nodes that hear of a release. Nothing is stored and nothing goes over a line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

mod scene;

use std::cell::{LazyCell, RefCell};
use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, SamplingMode, Throughput};
use meridian_federation::content::Content;
use meridian_federation::sync::{Have, MAX_RECORDS};
use meridian_federation::{Entry, Node, RecordId};

use crate::scene::{Scene, bring, converse};

/// Groups of a space, where nothing else is said.
const N_GROUPS: usize = 40;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    take(&mut criterion);
    one_more(&mut criterion);
    bundle(&mut criterion);
    let large = LazyCell::new(|| Scene::busy(N_GROUPS, 100_000));
    cold_sync(&mut criterion, &large);
    restore(&mut criterion, &large);
    release(&mut criterion);
    criterion.final_summary();
}

fn ids(scene: &Scene) -> Vec<RecordId> {
    let entries = scene.stored.iter();
    let records = entries.filter_map(|entry| match entry {
        Entry::Record(envelope) => Some(RecordId::of(&envelope.payload)),
        _ => None,
    });
    records.collect()
}

/// Records in the batches in which they come, with their signatures checked.
fn take(criterion: &mut Criterion) {
    const N: usize = 10_000;
    let scene = LazyCell::new(|| Scene::busy(N_GROUPS, N));
    let mut group = criterion.benchmark_group("take");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(N.try_into().unwrap()));
    group.bench_function("records in batches of 1024", |bencher| {
        let from = scene.groups[0].id;
        let set_up = || {
            let ids = ids(&scene);
            let batches = ids.chunks(MAX_RECORDS);
            let batches = batches.map(|ids| ids.iter().map(|id| scene.sent(id)).collect());
            (scene.empty(1), batches.collect::<Vec<Vec<_>>>())
        };
        bencher.iter_batched(
            set_up,
            |(mut node, batches)| {
                for records in batches {
                    bring(&mut node, from, scene.space, records);
                }
                node
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// What everybody sees after one more record, in one number.
fn one_more(criterion: &mut Criterion) {
    const N: usize = 5_000;
    let scene = LazyCell::new(|| RefCell::new(Scene::busy(N_GROUPS, N)));
    let mut group = criterion.benchmark_group("one more record");
    group.bench_function("state digest of 40 groups and 5,000 records", |bencher| {
        let (mut node, from, space, mut n) = {
            let scene = scene.borrow();
            let n = ids(&scene).len();
            (scene.full(1), scene.groups[0].id, scene.space, n)
        };
        node.state_digest(&space).unwrap();
        bencher.iter_batched(
            || {
                let mut scene = scene.borrow_mut();
                // Every saying is about a shift, which everybody sees.
                n += if (n + 1) / N_GROUPS % 8 < 3 {
                    1
                } else {
                    5 * N_GROUPS
                };
                let record = scene.say_something(n);
                scene.sent(&record)
            },
            |sent| {
                bring(&mut node, from, space, vec![sent]);
                black_box(node.state_digest(&space).unwrap())
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn bundle(criterion: &mut Criterion) {
    const N: usize = 10_000;
    let scene = LazyCell::new(|| Scene::busy(N_GROUPS, N));
    let mut group = criterion.benchmark_group("bundle");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(N.try_into().unwrap()));
    let write = || {
        let (space, reader) = (scene.space, scene.groups[1].id);
        scene
            .writer
            .write_bundle(space, &reader, &Have::default())
            .unwrap()
    };
    group.bench_function("write 10,000 records", |bencher| {
        bencher.iter(|| black_box(write()));
    });
    group.bench_function("read 10,000 records", |bencher| {
        let bytes = write();
        bencher.iter_batched(
            || scene.empty(1),
            |mut node| {
                let effects = node.read_bundle(&bytes);
                assert!(effects.refused.is_empty(), "{:?}", effects.refused);
                node
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn cold_sync(criterion: &mut Criterion, scene: &LazyCell<Scene, impl FnOnce() -> Scene>) {
    let mut group = criterion.benchmark_group("cold sync");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.measurement_time(Duration::from_secs(60));
    group.bench_function("100,000 records", |bencher| {
        let mut giver = scene.full(1);
        let (to, space) = (giver.me(), scene.space);
        bencher.iter_batched(
            || scene.empty(2),
            |mut node| {
                let first = node.begin_sync(to, space).unwrap();
                converse(&mut node, &mut giver, first);
                assert_eq!(
                    node.heads_digest(&space).unwrap(),
                    giver.heads_digest(&space).unwrap()
                );
                assert_eq!(
                    node.state_digest(&space).unwrap(),
                    giver.state_digest(&space).unwrap()
                );
                node
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn restore(criterion: &mut Criterion, scene: &LazyCell<Scene, impl FnOnce() -> Scene>) {
    let mut group = criterion.benchmark_group("restore");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("100,000 records and their bodies", |bencher| {
        bencher.iter_batched(
            || (scene.empty(1), scene.records()),
            |(mut node, entries)| {
                assert!(node.restore(entries).is_empty());
                node.state_digest(&scene.space).unwrap();
                node
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// A plan is published at one of two hundred nodes; each syncs with one other in a round, until all see it.
fn release(criterion: &mut Criterion) {
    const N_NODES: usize = 200;
    let mut group = criterion.benchmark_group("release");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.measurement_time(Duration::from_secs(20));
    group.bench_function("200 nodes agree", |bencher| {
        let (mut scene, publish) = Scene::accepted(N_NODES, N_GROUPS);
        let before = scene.records();
        let publish = scene.say(0, &Content::PlanPublish(publish));
        let set_up = || {
            let nodes = (0..N_NODES).map(|who| {
                let mut node = scene.empty(who);
                assert!(node.restore(before.iter().cloned()).is_empty());
                node
            });
            nodes.collect::<Vec<_>>()
        };
        bencher.iter_batched(
            set_up,
            |mut nodes| {
                let from = scene.groups[1].id;
                bring(&mut nodes[0], from, scene.space, vec![scene.sent(&publish)]);
                spread(&mut nodes, &scene);
                nodes
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn spread(nodes: &mut [Node], scene: &Scene) {
    let n = nodes.len();
    let mut step = 1;
    let agree = |nodes: &[Node]| {
        let first = nodes[0].state_digest(&scene.space).unwrap();
        let mut digests = nodes.iter().map(|node| node.state_digest(&scene.space));
        digests.all(|digest| digest == Ok(first))
    };
    while !agree(nodes) {
        assert!(step < n, "they do not come to agree");
        for at in 0..n {
            let other = (at + step) % n;
            let [one, other] = nodes.get_disjoint_mut([at, other]).unwrap();
            let first = one.begin_sync(other.me(), scene.space).unwrap();
            converse(one, other, first);
        }
        step *= 2;
    }
}
