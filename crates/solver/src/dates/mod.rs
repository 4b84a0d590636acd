//! Which of several dates suits best: the same event asked anew at each, planned quickly, bounded, and the best few in full.
//!
//! A date is discarded when no plan of it could be as good as the best that is known of another. Entry: [`rank_dates`];
//! what a date does to whom, whatever is planned, is told by [`date_facts`], and why it loses
//! by [`date_reasons`].

mod bound;
mod facts;
mod reasons;
mod spread;

use std::borrow::Borrow;

use meridian_model::{Plan, Problem, Score, Timestamp};

use crate::instance::Instance;
use crate::{Engine, Options, Silent, SolveError, Stop, solve};

pub use facts::{Clash, ClockChange, DateFacts, GroupLost, HourOfPeople, LostTo, date_facts};
pub use reasons::{Behind, DateReasons, Dearer, Missing, date_reasons};

/// Effort of the quick plan that every date gets.
const QUICK_EFFORT: u8 = 1;
/// The same of a second one, for dates on which the first leaves something missing.
const SECOND_EFFORT: u8 = 3;

/// What the caller asks of a comparison of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateOptions {
    /// How the best few are planned; with two threads, two dates are looked at side by side.
    pub plan: Options,
    /// How many dates are planned in full.
    pub top: usize,
}

impl Default for DateOptions {
    fn default() -> Self {
        Self {
            plan: Options::default(),
            top: 3,
        }
    }
}

/// One date and how good it is.
#[derive(Clone, Debug)]
pub struct DateRanking {
    /// Its place among the candidates as they were given, from 0.
    pub candidate: usize,
    /// When the event would start.
    pub start: Timestamp,
    /// How far it was looked into.
    pub status: DateStatus,
    /// The best plan found for it; `None` when the search was stopped before.
    pub plan: Option<Plan>,
    /// No plan for this date scores less.
    pub bound: Option<Score>,
}

/// How far a date was looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStatus {
    /// Planned in full.
    Planned,
    /// Planned quickly: its quick plan is not among the best few.
    Quick,
    /// Planned quickly and discarded: no plan of it could be as good as the best that is known.
    Discarded,
    /// Not looked at: the search was stopped.
    NotReached,
}

impl DateStatus {
    /// The status in a document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Quick => "quick",
            Self::Discarded => "discarded",
            Self::NotReached => "not-reached",
        }
    }
}

/// Hears how far a comparison is: dates looked at, and dates planned in full.
pub trait DateObserver {
    /// A date was looked at, or looked at again in full.
    fn date(&mut self, _ranking: &DateRanking) {}
}

impl DateObserver for Silent {}

/// Ranks dates of an event, the best first; each problem is the event at one of them.
///
/// Every date gets a quick plan and a lower bound, the best few a full plan. The same problems and options give the
/// same ranking, unless `stop` cuts in.
///
/// # Errors
/// What [`solve`] says of the first problem that it cannot plan.
///
/// # Examples
/// ```
/// use meridian_solver::{DateOptions, NeverStop, Silent, rank_dates};
/// let none: [meridian_model::Problem; 0] = [];
/// let ranked = rank_dates(none, &DateOptions::default(), &NeverStop, &mut Silent);
/// assert!(ranked.is_ok_and(|ranked| ranked.is_empty()));
/// ```
pub fn rank_dates<P: Borrow<Problem>>(
    candidates: impl IntoIterator<Item = P>,
    options: &DateOptions,
    stop: &dyn Stop,
    observer: &mut dyn DateObserver,
) -> Result<Vec<DateRanking>, SolveError> {
    let mut dates: Vec<Date<P>> = Vec::new();
    let at_once = usize::from(options.plan.threads.clamp(1, 2));
    let mut candidates = candidates.into_iter();
    loop {
        let next: Vec<P> = candidates.by_ref().take(at_once).collect();
        if next.is_empty() {
            break;
        }
        for date in look_at_all(next, dates.len(), options, stop)? {
            observer.date(&date.ranking);
            dates.push(date);
            discard(&mut dates);
        }
    }
    let mut left = options.top;
    while left > 0 && !stop.stopped() {
        let next = next_to_plan(&dates, left.min(2));
        if next.is_empty() {
            break;
        }
        left -= next.len();
        plan_in_full(&mut dates, &next, options, stop)?;
        for at in next {
            observer.date(&dates[at].ranking);
        }
        discard(&mut dates);
    }
    let mut ranked: Vec<DateRanking> = dates.into_iter().map(|date| date.ranking).collect();
    ranked.sort_by_key(|date| {
        let score = date.plan.as_ref().map(|plan| plan.score);
        (score.is_none(), score, date.candidate)
    });
    Ok(ranked)
}

/// A date that may still be planned in full.
struct Date<P> {
    /// `None` once nobody will ask for it again.
    problem: Option<P>,
    ranking: DateRanking,
}

impl<P: Borrow<Problem>> Date<P> {
    fn score(&self) -> Option<Score> {
        self.ranking.plan.as_ref().map(|plan| plan.score)
    }

    /// Keeps the full plan where it is no worse than the quick one.
    fn planned(&mut self, found: Plan, stop: &dyn Stop) {
        self.problem = None;
        if self.score().is_none_or(|quick| found.score <= quick) {
            self.ranking.plan = Some(found);
        }
        if !stop.stopped() {
            self.ranking.status = DateStatus::Planned;
        }
    }
}

/// Plans one or two dates in full: one on all threads, or each of two on a thread of its own where there are two.
fn plan_in_full<P: Borrow<Problem>>(
    dates: &mut [Date<P>],
    which: &[usize],
    options: &DateOptions,
    stop: &dyn Stop,
) -> Result<(), SolveError> {
    let problems: Vec<&Problem> = which
        .iter()
        .filter_map(|&at| dates[at].problem.as_ref().map(Borrow::borrow))
        .collect();
    let side_by_side = problems.len() > 1 && options.plan.threads > 1;
    let plan = Options {
        threads: if side_by_side {
            1
        } else {
            options.plan.threads
        },
        ..options.plan
    };
    let solved = |problem: &&Problem, _| solve(problem, &plan, stop, &mut Silent);
    let found = if side_by_side {
        on_a_thread_each(&problems, solved)
    } else {
        problems.iter().map(|problem| solved(problem, 0)).collect()
    };
    for (&at, found) in which.iter().zip(found) {
        dates[at].planned(found?.plan, stop);
    }
    Ok(())
}

/// What work gives on each of several things and its place among them, each on a thread of its own.
fn on_a_thread_each<T: Sync, R: Send>(
    things: &[T],
    work: impl Fn(&T, usize) -> R + Sync,
) -> Vec<R> {
    std::thread::scope(|scope| {
        let work = &work;
        let working: Vec<_> = things
            .iter()
            .enumerate()
            .map(|(n, thing)| scope.spawn(move || work(thing, n)))
            .collect();
        let results = working.into_iter().map(std::thread::ScopedJoinHandle::join);
        results
            .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Looks at several dates, each on a thread of its own.
fn look_at_all<P: Borrow<Problem>>(
    problems: Vec<P>,
    first: usize,
    options: &DateOptions,
    stop: &dyn Stop,
) -> Result<Vec<Date<P>>, SolveError> {
    let borrowed: Vec<&Problem> = problems.iter().map(Borrow::borrow).collect();
    let look = |problem: &&Problem, n| look_at(problem, first + n, options, stop);
    let looks = match borrowed.as_slice() {
        [one] => vec![look(one, 0)],
        several => on_a_thread_each(several, look),
    };
    problems
        .into_iter()
        .zip(looks)
        .map(|(problem, look)| {
            let (problem, ranking) = (Some(problem), look?);
            Ok(Date { problem, ranking })
        })
        .collect()
}

/// A quick plan and a bound.
fn look_at(
    problem: &Problem,
    candidate: usize,
    options: &DateOptions,
    stop: &dyn Stop,
) -> Result<DateRanking, SolveError> {
    let mut ranking = DateRanking {
        candidate,
        start: problem.event.horizon.start(),
        status: DateStatus::NotReached,
        plan: None,
        bound: None,
    };
    if stop.stopped() {
        return Ok(ranking);
    }
    let bound = bound::bound(&Instance::lower(problem)?)?;
    let quickly = |effort: u8| {
        let quick = Options {
            effort,
            engine: Engine::Pure,
            threads: 1,
            ..options.plan
        };
        solve(problem, &quick, stop, &mut Silent)
    };
    let mut plan = quickly(QUICK_EFFORT)?.plan;
    if plan.score.medium > bound.medium {
        // What is missing may be the haste's fault and not the date's.
        let found = quickly(SECOND_EFFORT)?.plan;
        if found.score < plan.score {
            plan = found;
        }
    }
    ranking.bound = Some(bound);
    ranking.plan = Some(plan);
    ranking.status = DateStatus::Quick;
    Ok(ranking)
}

/// Marks the dates of which no plan could be as good as the best known plan.
fn discard<P: Borrow<Problem>>(dates: &mut [Date<P>]) {
    let best = dates.iter().filter_map(Date::score).min();
    for date in dates {
        let hopeless = date
            .ranking
            .bound
            .zip(best)
            .is_some_and(|(bound, best)| bound > best);
        if hopeless && date.ranking.status == DateStatus::Quick {
            date.ranking.status = DateStatus::Discarded;
            date.problem = None;
        }
    }
}

/// The dates with the best quick plans of those that still may be planned in full.
fn next_to_plan<P: Borrow<Problem>>(dates: &[Date<P>], most: usize) -> Vec<usize> {
    let open = dates
        .iter()
        .enumerate()
        .filter(|(_, date)| date.ranking.status == DateStatus::Quick);
    let mut open: Vec<(Score, usize)> = open
        .filter_map(|(n, date)| Some((date.score()?, n)))
        .collect();
    open.sort();
    open.into_iter().take(most).map(|(_, n)| n).collect()
}

#[cfg(test)]
mod tests;
