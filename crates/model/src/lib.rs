//! What is true: the vocabulary of a relay, time, rules, problems, plans, and the independent checker.
//!
//! This crate does no I/O and reads no clock, environment or entropy. It never searches: what *should* be
//! is the solver's business. Start at [`Problem`] (what is asked), [`Plan`] (what is answered) and
//! [`check()`](check::check) (whether the answer is right).

pub mod check;
pub mod diff;
pub mod event;
pub mod follow;
pub mod group;
pub mod ids;
pub mod people;
pub mod plan;
pub mod problem;
pub mod regional;
pub mod rule;
pub mod schema;
pub mod score;
pub mod session;
pub mod staffing;
pub mod time;

pub use event::{Alert, AlertScope, Duty, Event, Impact, Policy, Role, RoleNeed, Track};
pub use group::{Group, Hosting};
pub use ids::{
    BlockId, DutyId, GroupId, Language, OperatorId, RegionalEventId, RoleId, SessionId, ShiftId,
    SpeakerId, TrackId,
};
pub use people::{Availability, Cause, Grade, GradeSpan, Operator, Skill, SkillLevel, Speaker};
pub use plan::{HostBlock, PlacedSession, Plan, Shift};
pub use problem::{Pins, Problem};
pub use regional::{Concern, RegionalEvent, RegionalKind};
pub use rule::{Level, RuleCode};
pub use score::{Match, Medium, Report, Score, Subject};
pub use session::{Delivery, Priority, Session};
pub use time::{Horizon, Span, Timestamp, TzdbStamp, ZoneName, ZoneSet};
