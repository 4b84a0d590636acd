//! However and whenever a search ends, what it leaves is a checked plan no worse than the last one it reported.
//!
//! Moments are drawn by a seed: after how many reports, and how long after. The delay is what is tested, not what is
//! waited for: a report is always waited for as such.
//!
//! `MERIDIAN_ENDS=25` ends each event so often, as `./run test` does; without it, it is a few times.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use meridian_model::check::check;
use meridian_model::{Plan, Problem, Score};
use serde::Deserialize;

use crate::shell::{Desk, command, meridian, sample};

/// How often each event's search is ended, unless it is said; each way thrice.
const ENDS: usize = 9;

/// One line of `--progress json`.
#[derive(Deserialize)]
struct Report {
    kept: String,
    score: Score,
}

/// How a search is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Kill,
    CtrlC,
    TimeLimit,
}

/// When and how a search is ended.
#[derive(Clone, Copy, Debug)]
struct Moment {
    end: End,
    /// Reports to wait for.
    reports: usize,
    /// Milliseconds after the last of them, or of the whole search for a time limit.
    delay_ms: u64,
    seed: u64,
}

/// Moments from a seeded sequence.
/// Source: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016.
fn moments(n: usize, seed: u64) -> Vec<Moment> {
    let mut state = seed;
    let mut draw = |below: u64| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % below
    };
    let moment = |at: usize| Moment {
        end: [End::Kill, End::CtrlC, End::TimeLimit][at % 3],
        reports: usize::try_from(1 + draw(3)).expect("a small number"),
        delay_ms: 1 + draw(400),
        seed: 1 + draw(1000),
    };
    (0..n).map(moment).collect()
}

/// An event to be planned again and again.
struct Bench {
    desk: Desk,
    engine: Option<&'static str>,
    event: String,
    problem: Problem,
}

impl Bench {
    fn of(event: &str, engine: Option<&'static str>) -> Self {
        let desk = Desk::with("first-relay");
        let event = sample(event).to_str().expect("a plain path").to_owned();
        let (problem, out) = (desk.path("problem.json"), desk.path("any.json"));
        let told = meridian([
            "plan",
            &event,
            "--effort",
            "1",
            "--engine",
            "pure",
            "--out",
            &out,
            "--problem-out",
            &problem,
        ]);
        assert!(matches!(told.code, Some(0 | 1)), "{}", told.err);
        let problem = serde_json::from_value(desk.json("problem.json")).expect("a problem");
        Self {
            desk,
            engine,
            event,
            problem,
        }
    }

    fn start(&self, moment: Moment) -> Child {
        let mut search = command();
        search.args(["plan", &self.event, "--effort", "6", "--progress", "json"]);
        search.args(["--out", &self.desk.path("plan.json")]);
        search.args(self.engine.map(|engine| format!("--engine={engine}")));
        search.args(["--seed", &moment.seed.to_string()]);
        if moment.end == End::TimeLimit {
            let limit = Duration::from_millis(moment.delay_ms);
            search.args(["--time-limit", &limit.as_secs_f64().to_string()]);
        }
        search.stdout(Stdio::null()).stderr(Stdio::piped());
        search.spawn().expect("the binary starts")
    }

    /// Runs a search up to its end, and says what it reported and how it ended.
    fn end(&self, moment: Moment) -> (Vec<Report>, Option<i32>) {
        let mut search = self.start(moment);
        let notes = search.stderr.take().expect("it is piped");
        let mut reports = Vec::new();
        let mut notes = BufReader::new(notes);
        loop {
            let mut line = String::new();
            let n = notes.read_line(&mut line).expect("standard error is text");
            // A line cut off in the middle has not been reported.
            if n == 0 || !line.ends_with('\n') {
                break;
            }
            if line.starts_with("{\"phase\":") {
                continue;
            }
            reports.push(serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}")));
            if reports.len() == moment.reports && moment.end != End::TimeLimit {
                std::thread::sleep(Duration::from_millis(moment.delay_ms));
                send(moment.end, &search);
            }
        }
        let status = search.wait().expect("it ends");
        (reports, status.code())
    }

    /// What is left must be a plan that the checker agrees with, no worse than the last that was reported.
    fn inspect(&self, moment: Moment, reports: &[Report]) {
        let last = reports
            .last()
            .unwrap_or_else(|| panic!("{moment:?}: no report"));
        assert_eq!(last.kept, self.desk.path("plan.json"), "{moment:?}");
        let plan: Plan = serde_json::from_value(self.desk.json("plan.json")).expect("a plan");
        let checked = check(&self.problem, &plan).score;
        assert_eq!(checked, plan.score, "{moment:?}");
        assert_eq!(checked.hard, 0, "{moment:?}");
        assert!(
            checked <= last.score,
            "{moment:?}: {checked:?} after {:?}",
            last.score
        );
        assert!(
            reports
                .windows(2)
                .all(|pair| pair[1].score <= pair[0].score),
            "{moment:?}"
        );
    }
}

fn send(end: End, search: &Child) {
    let signal = if end == End::Kill { "-KILL" } else { "-INT" };
    let sent = Command::new("kill")
        .args([signal, &search.id().to_string()])
        .status();
    assert!(
        sent.expect("kill is there").success(),
        "the search was still running"
    );
}

fn ended(bench: &Bench, seed: u64) {
    let n = std::env::var("MERIDIAN_ENDS").ok();
    let n = n.map_or(ENDS, |n| n.parse().expect("MERIDIAN_ENDS is a number"));
    for moment in moments(n, seed) {
        std::fs::remove_file(bench.desk.path("plan.json")).ok();
        let (reports, code) = bench.end(moment);
        // An engine that can prove its plan may be done before its moment has come.
        let by_itself = bench.engine.is_none() && matches!(code, Some(0 | 1));
        match moment.end {
            End::Kill => assert!(by_itself || code.is_none(), "{moment:?}: {code:?}"),
            End::CtrlC => assert!(by_itself || code == Some(130), "{moment:?}: {code:?}"),
            End::TimeLimit => assert!(matches!(code, Some(0 | 1)), "{moment:?}: {code:?}"),
        }
        bench.inspect(moment, &reports);
    }
}

#[test]
fn whenever_the_planning_of_a_small_event_ends_a_whole_plan_is_left() {
    ended(&Bench::of("first-relay", None), 11);
}

#[test]
fn whenever_the_planning_of_an_event_with_too_few_people_ends_a_whole_plan_is_left() {
    ended(&Bench::of("relay-2024-tight", Some("pure")), 12);
}

#[test]
fn an_older_file_gives_way_only_to_a_whole_plan() {
    let bench = Bench::of("first-relay", Some("pure"));
    let moment = Moment {
        end: End::Kill,
        reports: 1,
        delay_ms: 1,
        seed: 1,
    };
    bench.desk.put("plan.json", "an older plan");
    let (reports, _) = bench.end(moment);
    bench.inspect(moment, &reports);
}
