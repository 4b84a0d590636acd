//! What should be: the search for a programme and a roster that the checker will agree with.
//!
//! Pure and reproducible: the same problem, seed and effort give the same bytes. A wall clock enters only
//! through [`Stop`], and a plan cut short by it says so. The entries are [`solve`], [`replan`], [`rank_dates`],
//! [`explain()`] and [`staffing`].
//!
//! Four examples follow, each whole. The caller owns the clock, the threads and the terminal: a deadline and a way to
//! cancel are one [`Stop`], progress is one [`Observer`]. The problems are made from seeds here; a problem document is read
//! with `serde_json::from_str`, an event folder with `meridian_formats`.
//!
//! # Plan
//! ```
//! use std::sync::atomic::{AtomicBool, Ordering};
//! use std::time::{Duration, Instant};
//!
//! use meridian_model::Plan;
//! use meridian_solver::{Observer, Options, Progress, Stop, solve};
//!
//! /// Stops at a deadline, or when any thread sets `cancelled`.
//! struct Limit { deadline: Instant, cancelled: AtomicBool }
//! impl Stop for Limit {
//!     fn stopped(&self) -> bool {
//!         self.cancelled.load(Ordering::Relaxed) || self.remaining() == Some(Duration::ZERO)
//!     }
//!     fn remaining(&self) -> Option<Duration> {
//!         Some(self.deadline.saturating_duration_since(Instant::now()))
//!     }
//! }
//! /// Tells how far the search is, and keeps the best plan so far.
//! struct Teller { best: Option<Plan> }
//! impl Observer for Teller {
//!     fn progress(&mut self, at: Progress) {
//!         eprintln!("{}: step {} of {}", at.phase.as_str(), at.step, at.steps);
//!     }
//!     fn incumbent(&mut self, plan: &Plan) {
//!         self.best = Some(plan.clone());
//!     }
//! }
//! let problem = meridian_bench::instance(meridian_bench::Size::Tiny, 1);
//! let limit = Limit {
//!     deadline: Instant::now() + Duration::from_secs(60),
//!     cancelled: AtomicBool::new(false),
//! };
//! let mut teller = Teller { best: None };
//! let options = Options { effort: 1, ..Options::default() };
//! let outcome = solve(&problem, &options, &limit, &mut teller)?;
//! assert_eq!(outcome.plan.score.hard, 0);
//! assert!(teller.best.is_some_and(|best| best.score >= outcome.plan.score));
//! println!("{:?}, at least {} soft", outcome.plan.score, outcome.certificate.soft);
//! # Ok::<(), meridian_solver::SolveError>(())
//! ```
//!
//! # Verify someone else's plan
//! The checker is in `meridian_model`, shares no code with the solver, and takes milliseconds: there is nothing to cancel.
//! ```
//! use meridian_model::check::check;
//! use meridian_model::{Level, Plan, Problem};
//! use meridian_solver::{NeverStop, Options, Silent, explain, solve};
//!
//! # let problem = meridian_bench::instance(meridian_bench::Size::Tiny, 2);
//! # let options = Options { effort: 1, ..Options::default() };
//! # let plan = solve(&problem, &options, &NeverStop, &mut Silent)?.plan;
//! # let (problem_json, mut theirs) = (serde_json::to_string(&problem)?, plan.clone());
//! # theirs.shifts[0].operator = theirs.shifts[1].operator.clone();
//! # let plan_json = serde_json::to_string(&theirs)?;
//! // Two documents from somewhere else.
//! let problem: Problem = serde_json::from_str(&problem_json)?;
//! let plan: Plan = serde_json::from_str(&plan_json)?;
//!
//! let report = check(&problem, &plan);
//! if report.score != plan.score {
//!     println!("its maker says {:?}, the checker {:?}", plan.score, report.score);
//! }
//! for found in report.matches.iter().filter(|found| found.rule.level() == Level::Hard) {
//!     println!("{} {}: {}; {}", found.rule, found.rule.name(), found.says, found.remedy);
//! }
//! for gap in explain(&problem, &plan).gaps {
//!     println!("{} lacks {} at {:?}", gap.duty, gap.missing, gap.span);
//! }
//! assert!(report.score.hard > 0, "someone is on two duties at once, or on one that is not hers");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Mend a published plan
//! ```
//! # use std::sync::atomic::{AtomicBool, Ordering};
//! # use std::time::{Duration, Instant};
//! use meridian_model::check::check;
//! use meridian_solver::{
//!     Absent, NeverStop, Observer, Options, Progress, ReplanOptions, Silent, Stop, replan, solve,
//! };
//!
//! /// Stops at a deadline, or when any thread sets `cancelled`.
//! struct Limit { deadline: Instant, cancelled: AtomicBool }
//! impl Stop for Limit {
//!     fn stopped(&self) -> bool {
//!         self.cancelled.load(Ordering::Relaxed) || Instant::now() >= self.deadline
//!     }
//! }
//! /// Tells how far the repair is.
//! struct Teller;
//! impl Observer for Teller {
//!     fn progress(&mut self, at: Progress) {
//!         eprintln!("{}: step {} of {}", at.phase.as_str(), at.step, at.steps);
//!     }
//! }
//! let problem = meridian_bench::instance(meridian_bench::Size::Tiny, 3);
//! let search = Options { effort: 1, ..Options::default() };
//! let published = solve(&problem, &search, &NeverStop, &mut Silent)?.plan;
//!
//! // Whoever has the first shift drops out; at most two others are asked.
//! let who = published.shifts[0].operator.clone();
//! let options = ReplanOptions {
//!     search,
//!     without: vec![Absent::Operator(who.clone())],
//!     max_disturbed: 2,
//!     ..ReplanOptions::default()
//! };
//! let limit = Limit {
//!     deadline: Instant::now() + Duration::from_secs(10),
//!     cancelled: AtomicBool::new(false),
//! };
//! let mended = replan(&problem, &published, &options, &limit, &mut Teller)?;
//! for person in &mended.changes.people {
//!     println!("{}: {} shifts, now {}", person.operator, person.before.len(), person.after.len());
//! }
//! assert!(mended.plan.shifts.iter().all(|shift| shift.operator != who));
//! assert_eq!(mended.plan.revision, published.revision + 1);
//! assert_eq!(check(&problem, &mended.plan).score.hard, 0);
//! # Ok::<(), meridian_solver::SolveError>(())
//! ```
//!
//! # Rank dates
//! Each candidate is the event compiled for another start (`meridian_formats::event_folder`).
//! ```
//! # use std::sync::atomic::{AtomicBool, Ordering};
//! # use std::time::{Duration, Instant};
//! use meridian_solver::{DateObserver, DateOptions, DateRanking, Options, Stop, rank_dates};
//!
//! /// Stops at a deadline, or when any thread sets `cancelled`.
//! struct Limit { deadline: Instant, cancelled: AtomicBool }
//! impl Stop for Limit {
//!     fn stopped(&self) -> bool {
//!         self.cancelled.load(Ordering::Relaxed) || Instant::now() >= self.deadline
//!     }
//! }
//! /// Tells of each date that was looked at.
//! struct Teller;
//! impl DateObserver for Teller {
//!     fn date(&mut self, date: &DateRanking) {
//!         eprintln!("{}: {}, at best {:?}", date.start, date.status.as_str(), date.bound);
//!     }
//! }
//! let candidates = (1..4).map(|seed| meridian_bench::instance(meridian_bench::Size::Tiny, seed));
//! let options = DateOptions {
//!     plan: Options { effort: 1, ..Options::default() },
//!     top: 1,
//! };
//! let limit = Limit {
//!     deadline: Instant::now() + Duration::from_secs(60),
//!     cancelled: AtomicBool::new(false),
//! };
//! let ranked = rank_dates(candidates, &options, &limit, &mut Teller)?;
//! assert_eq!(ranked.len(), 3);
//! let scores: Vec<_> = ranked.iter().filter_map(|date| date.plan.as_ref()).map(|p| p.score).collect();
//! assert!(scores.is_sorted(), "the best date comes first");
//! # Ok::<(), meridian_solver::SolveError>(())
//! ```

mod api;
mod assemble;
mod certificate;
mod dates;
mod evaluate;
mod explain;
mod feedback;
mod flow;
mod improve;
mod instance;
mod order;
mod pins;
mod programme;
mod replan;
mod roster;
mod solve;
mod staff;

pub use api::{
    Coupling, Engine, NeverStop, Observer, Options, Outcome, Phase, PhaseCost, Progress, Silent,
    SolveError, Stop,
};
pub use certificate::{Certificate, Status};
pub use dates::{
    Behind, Clash, ClockChange, DateFacts, DateObserver, DateOptions, DateRanking, DateReasons,
    DateStatus, Dearer, GroupLost, HourOfPeople, LostTo, Missing, date_facts, date_reasons,
    rank_dates,
};
pub use explain::{
    Exclusion, Explanation, GapReason, HostSetting, Near, Offer, PolicySetting, Repair, Standing,
    Taker, UnhostedReason, UnplacedReason, Wanted, explain, takers,
};
pub use replan::{Absent, Comparison, Reach, ReplanOptions, Replanned, replan};
pub use solve::solve;
pub use staff::staffing;

#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
