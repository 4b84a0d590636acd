//! What a value may be: wide enough for every event that people plan, too narrow for a single one to keep a node from
//! planning. A body beyond has no effect anywhere (`malformed`), so that all nodes see the same.
//!
//! The ranges of single numbers are those of the event folder (`docs/event-folder.md`) or wider.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

use meridian_model::{Horizon, Policy, Role, Timestamp};

use super::{
    Answer, CapacityOffer, Content, DateResponse, Demand, EventBrief, Operation, PlanResponse,
    PlanRevision, RosterOverride, RosterPublish, SpaceCharter, TalkOffer,
};
use crate::problem::{Code, Problem};

const DAY_MIN: u32 = 24 * 60;
const WEEK_MIN: u32 = 7 * DAY_MIN;

/// Cells of a week at five minutes each.
const CELLS: u32 = WEEK_MIN / 5;

/// People at once, in one duty or of one group in one role.
const PEOPLE: u32 = 100;

/// People whom all head-counts of a group, or all duties of an event, come to.
const ALL_PEOPLE: u64 = 2_000;

/// Minutes that people are on duty in a whole plan: nearly two years of one person.
const MINUTES_ON_DUTY: u64 = 1_000_000;

/// Starts that groups are asked about at once.
const CANDIDATES: usize = 400;

/// Largest weight of a rule.
const WEIGHT: i64 = 1_000_000;

impl Content {
    /// Refuses what is out of its bounds.
    ///
    /// # Errors
    /// `malformed`, with the field.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let checked = match self {
            Self::SpaceCharter(content) => charter(content),
            Self::EventBrief(content) => brief(content),
            Self::DateResponse(content) => dates(content),
            Self::TalkOffer(content) => talk(content),
            Self::CapacityOffer(content) => capacity(content),
            Self::PlanRevision(content) => revision(content),
            Self::PlanResponse(content) => response(content),
            Self::RosterPublish(content) => roster(content),
            Self::RosterOverride(content) => stand_in(content),
            Self::CharterEndorse(_)
            | Self::MemberJoin(_)
            | Self::MemberLeave(_)
            | Self::TalkWithdraw(_)
            | Self::PlanPublish(_)
            | Self::PlanCancel(_)
            | Self::CustodyOffer(_)
            | Self::CustodyAccept(_)
            | Self::CustodyCommit(_)
            | Self::CustodyReclaim(_)
            | Self::ContactCard(_) => Ok(()),
        };
        checked.map_err(|detail| Problem::new(Code::Malformed, detail))
    }
}

type Checked = Result<(), String>;

fn within<T: Copy + PartialOrd + Display>(
    field: &str,
    value: T,
    range: &RangeInclusive<T>,
) -> Checked {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(format!("{field} is {value}, not {least} to {most}"))
}

fn at_most(field: &str, number: usize, most: usize) -> Checked {
    within(field, number, &(0..=most))
}

/// Letters, digits, dots, underscores and hyphens: whatever is put together of such is taken apart again in one way.
fn name(field: &str, text: impl AsRef<str>) -> Checked {
    let text = text.as_ref();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let fits = (1..=256).contains(&text.len()) && text.chars().all(plain);
    if fits {
        return Ok(());
    }
    Err(format!("{field} is no identifier"))
}

/// A name as people write it, short enough to stand beside a shift.
fn shown(field: &str, text: Option<&str>) -> Checked {
    let fits = |text: &str| {
        (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if text.is_none_or(fits) {
        return Ok(());
    }
    Err(format!("{field} is no name that could be shown"))
}

fn names<T: AsRef<str>>(field: &str, all: impl IntoIterator<Item = T>) -> Checked {
    all.into_iter().try_for_each(|text| name(field, text))
}

fn once<T: Ord>(field: &str, all: impl IntoIterator<Item = T>) -> Checked {
    let mut known = BTreeSet::new();
    if all.into_iter().all(|one| known.insert(one)) {
        return Ok(());
    }
    Err(format!("{field} stands there twice"))
}

fn charter(charter: &SpaceCharter) -> Checked {
    names(
        "handle",
        charter.members.iter().map(|of| of.handle.as_str()),
    )
}

fn brief(brief: &EventBrief) -> Checked {
    if let Some(horizon) = brief.horizon {
        length(horizon.cell_min(), horizon.n_cells())?;
    }
    if let Some(of) = brief.length {
        Horizon::new(Timestamp::UNIX_EPOCH, of.cell_min, of.n_cells)
            .map_err(|of| of.to_string())?;
        length(of.cell_min, of.n_cells)?;
    }
    at_most("candidates", brief.candidates.len(), CANDIDATES)?;
    names("track", brief.tracks.iter().map(|of| of.id.as_str()))?;
    once("track", brief.tracks.iter().map(|of| &of.id))?;
    name("language", brief.language.as_str())?;
    brief.roles.iter().try_for_each(role)?;
    once("role", brief.roles.iter().map(|of| &of.id))?;
    brief.demand.iter().try_for_each(demand)?;
    once("duty", brief.demand.iter().map(|of| &of.duty))?;
    let all = brief.demand.iter().map(|of| u64::from(of.count)).sum();
    within("people of all duties", all, &(0..=ALL_PEOPLE))?;
    brief.policy.as_ref().map_or(Ok(()), policy)
}

fn length(cell_min: u32, n_cells: u32) -> Checked {
    let minutes = u64::from(cell_min) * u64::from(n_cells);
    within("minutes", minutes, &(5..=u64::from(WEEK_MIN)))
}

fn role(role: &Role) -> Checked {
    name("role", role.id.as_str())?;
    within("handover_min", role.handover_min, &(0..=DAY_MIN))
}

fn demand(demand: &Demand) -> Checked {
    name("duty", demand.duty.as_str())?;
    name("role", demand.role.as_str())?;
    names("track", demand.tracks.iter().map(|of| of.as_str()))?;
    within("count", demand.count, &(1..=PEOPLE))
}

fn policy(policy: &Policy) -> Checked {
    // Named one by one, so that a new field is not forgotten here.
    let Policy {
        alert,
        clashes: _,
        shift_shortest_min,
        shift_longest_min,
        max_shifts,
        rest_min,
        max_duty_min,
        max_awake_min,
        sleep_min,
        speaker_preparation_min,
        block_grid_min,
        weights,
    } = policy;
    within("min_people", alert.min_people, &(0..=PEOPLE))?;
    let shifts = 5..=DAY_MIN;
    within("shift_shortest_min", *shift_shortest_min, &shifts)?;
    let longer = *shift_shortest_min..=DAY_MIN;
    within("shift_longest_min", *shift_longest_min, &longer)?;
    within("max_shifts", *max_shifts, &(1..=PEOPLE))?;
    for (field, minutes) in [
        ("rest_min", rest_min),
        ("max_duty_min", max_duty_min),
        ("max_awake_min", max_awake_min),
        ("sleep_min", sleep_min),
        ("speaker_preparation_min", speaker_preparation_min),
        ("block_grid_min", block_grid_min),
    ] {
        within(field, *minutes, &(0..=WEEK_MIN))?;
    }
    let mut weights = weights.values();
    weights.try_for_each(|weight| within("weight", *weight, &(0..=WEIGHT)))
}

fn dates(response: &DateResponse) -> Checked {
    at_most("dates", response.dates.len(), CANDIDATES)
}

fn talk(talk: &TalkOffer) -> Checked {
    name("session", talk.session.as_str())?;
    within("length_min", talk.length_min, &(1..=DAY_MIN))?;
    within("changeover_min", talk.changeover_min, &(0..=DAY_MIN))?;
    names("language", talk.languages.iter().map(|of| of.as_str()))?;
    names("speaker", talk.speakers.iter().map(|of| of.as_str()))?;
    names("track", talk.tracks.iter().map(|of| of.as_str()))
}

fn capacity(offer: &CapacityOffer) -> Checked {
    let mut all = 0_u64;
    for count in &offer.heads {
        name("role", count.role.as_str())?;
        names("language", count.language.iter().map(|of| of.as_str()))?;
        within("first_cell", count.first_cell, &(0..=CELLS))?;
        let cells = usize::try_from(CELLS).unwrap_or(usize::MAX);
        at_most("heads", count.heads.len(), cells)?;
        let most = count.heads.iter().copied().max().unwrap_or(0);
        within("heads", most, &(0..=PEOPLE))?;
        all += u64::from(most);
    }
    within("people of all roles", all, &(0..=ALL_PEOPLE))?;
    let kinds = offer.heads.iter().map(|of| (&of.role, &of.language));
    once("a count of one role and language", kinds)?;
    names("language", offer.languages.iter().map(|of| of.as_str()))?;
    let least = u32::from(offer.max_blocks > 0);
    within("shortest_min", offer.shortest_min, &(least..=WEEK_MIN))?;
    let longer = offer.shortest_min..=WEEK_MIN;
    within("longest_min", offer.longest_min, &longer)?;
    within("max_blocks", offer.max_blocks, &(0..=CELLS))?;
    for shift in &offer.shifts {
        name("duty", shift.duty.as_str())?;
        names("duty", shift.or.iter().map(|of| of.as_str()))?;
        names("language", shift.languages.iter().map(|of| of.as_str()))?;
    }
    Ok(())
}

fn revision(plan: &PlanRevision) -> Checked {
    for block in &plan.blocks {
        name("block", block.id.as_str())?;
        name("track", block.track.as_str())?;
        name("language", block.language.as_str())?;
    }
    for session in &plan.sessions {
        name("session", session.id.as_str())?;
        name("track", session.track.as_str())?;
        name("language", session.language.as_str())?;
    }
    let mut all = 0_u64;
    for seat in &plan.seats {
        name("seat", seat.id.as_str())?;
        name("duty", seat.duty.as_str())?;
        name("role", seat.role.as_str())?;
        names("track", seat.tracks.iter().map(|of| of.as_str()))?;
        within("heads", seat.heads, &(1..=PEOPLE))?;
        let minutes = u64::try_from(seat.span.minutes()).unwrap_or(0);
        all = all.saturating_add(minutes.saturating_mul(u64::from(seat.heads)));
    }
    within("minutes on duty", all, &(0..=MINUTES_ON_DUTY))
}

fn response(response: &PlanResponse) -> Checked {
    let Answer::Counter(operations) = &response.answer else {
        return Ok(());
    };
    operations.iter().try_for_each(|operation| match operation {
        Operation::LimitBlocks(most) => within("limit-blocks", *most, &(0..=CELLS)),
        Operation::Move(to) => {
            let most = i64::from(CELLS);
            within("cells", to.cells, &(-most..=most))
        }
        Operation::NeedsRole(role, _) => name("role", role.as_str()),
        Operation::Drop(_) | Operation::Swap(..) => Ok(()),
    })
}

fn roster(roster: &RosterPublish) -> Checked {
    for of in &roster.people {
        name("shift", of.shift.as_str())?;
        name("person", of.person.as_str())?;
        within("handover_min", of.handover_min, &(0..=DAY_MIN))?;
        shown("name", of.name.as_deref())?;
    }
    once("shift", roster.people.iter().map(|of| &of.shift))
}

fn stand_in(change: &RosterOverride) -> Checked {
    name("shift", change.shift.as_str())?;
    names("person", change.instead.iter().map(|of| of.as_str()))?;
    shown("name", change.name.as_deref())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::body::Body;
    use crate::canonical;
    use crate::kind::Kind;

    const BRIEF: &str = include_str!("../../../../data/wire/fields/event.brief.json");
    const TALK: &str = include_str!("../../../../data/wire/fields/talk.offer.json");
    const CAPACITY: &str = include_str!("../../../../data/wire/fields/capacity.offer-2.json");
    const PLAN: &str = include_str!("../../../../data/wire/fields/plan.revision.json");

    fn read(kind: &Kind, said: &Value) -> Result<Content, Problem> {
        let bytes = canonical::write(said).unwrap();
        Content::read(kind, &Body { salt: None, bytes })
    }

    /// One field of an honest body set to each of these values; a pointer that ends in a number one beyond a list adds to it.
    fn refused(kind: &Kind, honest: &str, field: &str, values: &[Value]) {
        let honest: Value = serde_json::from_str(honest).unwrap();
        read(kind, &honest).unwrap();
        for value in values {
            let mut said = honest.clone();
            let (list, _) = field.rsplit_once('/').unwrap();
            match said.pointer_mut(field) {
                Some(at) => *at = value.clone(),
                None => match said.pointer_mut(list).unwrap() {
                    Value::Array(items) => items.push(value.clone()),
                    other => panic!("{field} stands in {other}"),
                },
            }
            let problem = read(kind, &said).unwrap_err();
            assert_eq!(problem.code, Code::Malformed, "{field}: {value}");
            assert!(!problem.detail.contains("missing field"), "{problem:?}");
        }
    }

    const MAX: u32 = u32::MAX;

    #[test]
    fn briefs_are_of_events_that_people_plan() {
        let brief =
            |field: &str, values: &[Value]| refused(&Kind::EventBrief, BRIEF, field, values);
        let duty = |count: u32| json!({"duty": "mc", "role": "mc", "tracks": ["main"], "spans": [], "count": count});
        brief("/demand/0", &[duty(0), duty(101), duty(MAX)]);
        brief("/horizon/n_cells", &[json!(337), json!(100_000)]);
        brief("/length/n_cells", &[json!(0), json!(2_017), json!(MAX)]);
        brief("/length/cell_min", &[json!(0), json!(7), json!(MAX)]);
        brief("/roles/0/handover_min", &[json!(1_441), json!(MAX)]);
        brief("/roles/0/id", &[json!("mc/x"), json!("mc#1"), json!("")]);
        brief("/tracks/1", &[json!({"id": "main", "name": "Again"})]);
        for field in ["shift_longest_min", "shift_shortest_min", "block_grid_min"] {
            brief(&format!("/policy/{field}"), &[json!(MAX)]);
        }
        brief("/policy/shift_longest_min", &[json!(0), json!(30)]);
        brief("/policy/shift_shortest_min", &[json!(0)]);
        brief(
            "/policy/weights",
            &[json!({"S01": 1_i64 << 53}), json!({"S01": -1})],
        );
        brief("/candidates", &[json!(vec!["2025-08-24T02:00:00Z"; 401])]);
    }

    #[test]
    fn who_is_on_duty_is_shown_by_names_that_people_have() {
        let stands = "07".repeat(32);
        let epoch = json!({"reclaims": 0, "swaps": 0});
        let span = json!({"start": "2025-08-24T02:00:00Z", "end": "2025-08-24T03:00:00Z"});
        let ana = json!({"shift": "x1", "person": "p-17", "name": "Ana M.", "span": span});
        let roster = json!({"part": "seat/s1", "stands": stands, "epoch": epoch, "people": [ana]});
        let instead = json!({"part": "seat/s1", "stands": stands, "epoch": epoch, "shift": "x1", "instead": "p-18", "name": null});
        let no_names = [json!(""), json!("x".repeat(101)), json!("Ana\nM.")];
        let (publish, change) = (&Kind::RosterPublish, &Kind::RosterOverride);
        refused(publish, &roster.to_string(), "/people/0/name", &no_names);
        refused(change, &instead.to_string(), "/name", &no_names);
    }

    #[test]
    fn all_duties_of_a_brief_together_ask_for_so_many_people() {
        let mut said: Value = serde_json::from_str(BRIEF).unwrap();
        let duty = |n: usize| json!({"duty": format!("d{n}"), "role": "mc", "tracks": [], "spans": [], "count": 100});
        said["demand"] = (0..20).map(duty).collect();
        read(&Kind::EventBrief, &said).unwrap();
        said["demand"] = (0..21).map(duty).collect();
        let problem = read(&Kind::EventBrief, &said).unwrap_err();
        assert_eq!(
            problem.detail,
            "people of all duties is 2100, not 0 to 2000"
        );
    }

    #[test]
    fn offers_are_of_groups_that_there_can_be() {
        let talk = |field: &str, values: &[Value]| refused(&Kind::TalkOffer, TALK, field, values);
        talk("/length_min", &[json!(0), json!(1_441), json!(MAX)]);
        talk("/changeover_min", &[json!(1_441), json!(MAX)]);
        talk(
            "/session",
            &[json!("lima/1"), json!(""), json!("x".repeat(257))],
        );

        let offer =
            |field: &str, values: &[Value]| refused(&Kind::CapacityOffer, CAPACITY, field, values);
        offer("/shortest_min", &[json!(0), json!(181), json!(MAX)]);
        offer("/longest_min", &[json!(59), json!(MAX)]);
        offer("/max_blocks", &[json!(MAX)]);
        offer("/heads/0/first_cell", &[json!(MAX)]);
        offer(
            "/heads/0/heads",
            &[json!([101]), json!([MAX]), json!(vec![1; 2_017])],
        );
        let again = json!({"role": "mc", "language": "es", "first_cell": 0, "heads": [1]});
        offer("/heads/1", &[again]);
        let many = |n: usize| json!({"role": format!("r{n}"), "language": null, "first_cell": 0, "heads": [100]});
        offer("/heads", &[(0..21).map(many).collect()]);
    }

    #[test]
    fn plans_keep_no_more_people_on_duty_than_there_can_be() {
        let plan =
            |field: &str, values: &[Value]| refused(&Kind::PlanRevision, PLAN, field, values);
        plan("/seats/0/heads", &[json!(0), json!(101), json!(MAX)]);
        plan("/seats/0/span/end", &[json!("2225-08-24T03:00:00Z")]);
        plan("/seats/0/id", &[json!("stays/x/1")]);
        for field in ["/seats/0/role", "/blocks/0/track", "/sessions/0/language"] {
            plan(field, &[json!("a/b"), json!("")]);
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_not_said_either() {
        let talk: TalkOffer = serde_json::from_str(TALK).unwrap();
        let endless = TalkOffer {
            length_min: MAX,
            ..talk
        };
        let problem = Content::TalkOffer(endless).write().unwrap_err();
        assert_eq!(problem.detail, "length_min is 4294967295, not 1 to 1440");
    }
}
