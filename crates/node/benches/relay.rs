//! How long a real relay takes: reading its folder, the first whole plan, the final plan, checking it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench fails by panicking"
)]

#[path = "../../../tests/events/folder.rs"]
#[allow(dead_code, reason = "benches change nothing in a folder")]
mod folder;

use std::cell::LazyCell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode};
use meridian_model::check::check;
use meridian_model::{Plan, Problem};
use meridian_solver::{NeverStop, Observer, Options, Silent, Stop, solve};

use crate::folder::Folder;

/// The event that is measured: one of the size and the shape that Meridian is for.
const EVENT: &str = "relay-2024";

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let problem = Folder::open(EVENT).problem();
    read_folder(&mut criterion);
    check_plan(&mut criterion, &problem);
    first_plan(&mut criterion, &problem);
    final_plan(&mut criterion, &problem);
    criterion.final_summary();
}

/// From the files on disk to the problem, zone rules and calendars included.
fn read_folder(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read_folder");
    group.measurement_time(Duration::from_secs(5));
    group.sample_size(20);
    group.bench_function(BenchmarkId::from_parameter(EVENT), |bencher| {
        bencher.iter(|| black_box(Folder::open(EVENT).problem()));
    });
}

/// A whole plan put before the checker.
fn check_plan(criterion: &mut Criterion, problem: &Problem) {
    let mut group = criterion.benchmark_group("check");
    group.measurement_time(Duration::from_secs(5));
    let plan = LazyCell::new(|| folder::plan(problem, 1));
    group.bench_function(BenchmarkId::from_parameter(EVENT), |bencher| {
        let plan = &*plan;
        bencher.iter(|| black_box(check(black_box(problem), black_box(plan))));
    });
}

/// Until there is something to show: a whole plan, scored, with whatever is still missing from it.
fn first_plan(criterion: &mut Criterion, problem: &Problem) {
    let mut group = criterion.benchmark_group("first_plan");
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(20);
    group.bench_function(BenchmarkId::from_parameter(EVENT), |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| time_to_first(problem)).sum());
    });
}

/// Until the search is over, as `meridian plan` does it unless it is told otherwise.
fn final_plan(criterion: &mut Criterion, problem: &Problem) {
    let mut group = criterion.benchmark_group("final_plan");
    // A search takes seconds: ten samples of one each, after one to warm up, whatever the target times.
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(1));
    group.measurement_time(Duration::from_millis(10));
    group.bench_function(BenchmarkId::from_parameter(EVENT), |bencher| {
        bencher.iter(|| solve(problem, &Options::default(), &NeverStop, &mut Silent).unwrap());
    });
}

/// The time from the start of a search to its first plan; the search is stopped there.
fn time_to_first(problem: &Problem) -> Duration {
    let found = AtomicBool::new(false);
    let mut watcher = Watcher {
        found: &found,
        start: Instant::now(),
        first: None,
    };
    let outcome = solve(problem, &Options::default(), &Found(&found), &mut watcher).unwrap();
    black_box(outcome);
    watcher.first.expect("every search finds a plan")
}

/// Stops a search once it has found a plan.
struct Found<'a>(&'a AtomicBool);

impl Stop for Found<'_> {
    fn stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Notes when the first plan came.
struct Watcher<'a> {
    found: &'a AtomicBool,
    start: Instant,
    first: Option<Duration>,
}

impl Observer for Watcher<'_> {
    fn incumbent(&mut self, _plan: &Plan) {
        let start = self.start;
        self.first.get_or_insert_with(|| start.elapsed());
        self.found.store(true, Ordering::Relaxed);
    }
}
