//! What should be: the search for a programme and a roster that the checker will agree with.
//!
//! Pure and reproducible: the same problem, seed and effort give the same bytes. A wall clock enters only
//! through [`Stop`], and a plan cut short by it says so. The main entry is [`solve`].

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
    Clash, ClockChange, DateFacts, DateObserver, DateOptions, DateRanking, DateStatus, GroupLost,
    HourOfPeople, LostTo, date_facts, rank_dates,
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
