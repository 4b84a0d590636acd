//! How long it takes to mend a published plan after its busiest operator dropped out, on the large instance.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench fails by panicking"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use meridian_bench::{Size, instance};
use meridian_model::{OperatorId, Plan, Problem};
use meridian_solver::{
    Absent, NeverStop, Observer, Options, ReplanOptions, Silent, Stop, replan, solve,
};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("replan");
    group.measurement_time(Duration::from_secs(10));
    group.sample_size(20);
    for size in [Size::Medium, Size::Large] {
        let problem = instance(size, 1);
        let published = first_plan(&problem);
        let options = ReplanOptions {
            without: vec![Absent::Operator(busiest(&published))],
            ..ReplanOptions::default()
        };
        let name = BenchmarkId::new("busiest_drops_out", size.as_str());
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let (problem, plan) = (black_box(&problem), black_box(&published));
                replan(problem, plan, &options, &NeverStop, &mut Silent).unwrap()
            });
        });
    }
    group.finish();
    criterion.final_summary();
}

fn busiest(plan: &Plan) -> OperatorId {
    let mut minutes: BTreeMap<&OperatorId, i64> = BTreeMap::new();
    for shift in &plan.shifts {
        *minutes.entry(&shift.operator).or_default() += shift.span.minutes();
    }
    let most = minutes.into_iter().max_by_key(|&(_, minutes)| minutes);
    most.expect("someone is on duty").0.clone()
}

/// Whether a first plan was found.
#[derive(Default)]
struct Found(AtomicBool);

impl Stop for &Found {
    fn stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Observer for &Found {
    fn incumbent(&mut self, _plan: &Plan) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn first_plan(problem: &Problem) -> Plan {
    let found = Found::default();
    let outcome = solve(problem, &Options::default(), &&found, &mut &found);
    outcome.unwrap().plan
}
