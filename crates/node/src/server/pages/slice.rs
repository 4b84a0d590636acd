//! *My group's slice*: what a plan asks of a group, and the group's answer.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Query, State as FromState};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_model::Span;
use serde::Deserialize;

use super::{Refusal, address, clock, show};
use crate::server::caller::{Caller, Role};
use crate::server::extract::Path;
use crate::server::kinds::Group;
use crate::server::planning::{
    NewAnswer, Reason, ReasonCode, Slice, Word, give, latest, slice_of, title_and_span,
};
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::{Expected, PlanRow};

/// How many reasons fit in the form at once.
const REASONS: usize = 3;

#[derive(Template)]
#[template(path = "slice.html")]
struct Page<'a> {
    group: String,
    title: String,
    when: String,
    state_words: String,
    plans: Vec<Other>,
    troubles: Vec<String>,
    answer: Option<String>,
    action: String,
    plan: String,
    zone: String,
    zones: Vec<&'a str>,
    zone_words: String,
    parts: Vec<Part>,
    may_answer: bool,
    version: i64,
    verdict: String,
    reasons: Vec<Given>,
    codes: Vec<Choice>,
    abouts: Vec<Choice>,
}

struct Other {
    address: String,
    words: String,
    shown: bool,
}

struct Part {
    name: &'static str,
    rows: Vec<Row>,
}

struct Row {
    when: String,
    what: String,
    more: String,
}

#[derive(Clone)]
struct Choice {
    value: String,
    words: String,
}

/// A reason as the form holds it.
#[derive(Clone, Default)]
struct Given {
    code: String,
    about: String,
    words: String,
}

/// Which plan, and in which zone.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    plan: String,
    #[serde(default)]
    zone: String,
}

/// What the page was asked to show beside the plan.
#[derive(Default)]
struct Asked {
    which: Which,
    troubles: Vec<String>,
    /// An answer that was refused, to be mended.
    given: Option<(String, Vec<Given>)>,
}

/// The kinds of reasons in words.
fn reasons() -> [(ReasonCode, &'static str); 6] {
    [
        (ReasonCode::TooMuch, "it is too much"),
        (ReasonCode::Move, "it should be at another time"),
        (ReasonCode::Swap, "someone else should do it"),
        (ReasonCode::NeedsRole, "someone is missing for it"),
        (ReasonCode::Drop, "it should not be at all"),
        (ReasonCode::Other, "something else"),
    ]
}

/// The word of a reason on the wire.
fn code(reason: ReasonCode) -> String {
    let value = serde_json::to_value(reason).ok();
    let text = value.and_then(|value| value.as_str().map(str::to_owned));
    text.unwrap_or_default()
}

/// Shows a group's part of the plan.
pub(super) async fn read(
    FromState(state): FromState<Shared>,
    caller: Result<Caller, Problem>,
    Path((event, group)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response, Refusal> {
    let asked = Asked {
        which,
        ..Asked::default()
    };
    Ok(page(&state, &caller?, (&event, &group), asked).await?)
}

/// Takes the group's answer.
pub(super) async fn answer(
    FromState(state): FromState<Shared>,
    caller: Result<Caller, Problem>,
    Path((event, group)): Path<(String, String)>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Refusal> {
    let caller = caller?;
    let Form(fields) = form.map_err(|_other| Problem::malformed("send the form of the page"))?;
    let all = |name: &str| -> Vec<String> {
        let named = fields.iter().filter(|(field, _)| field == name);
        named.map(|(_, value)| value.clone()).collect()
    };
    let one = |name: &str| all(name).into_iter().next().unwrap_or_default();
    let (plan, verdict) = (one("plan"), one("verdict"));
    let given: Vec<Given> = all("code")
        .into_iter()
        .zip(all("about"))
        .zip(all("words"))
        .map(|((code, about), words)| Given { code, about, words })
        .collect();
    let expected = match one("version").parse() {
        Ok(version) if version > 0 => Expected::Version(version),
        _ => Expected::Nothing,
    };
    let done = match new_answer(&verdict, &given) {
        Ok(new) => {
            let whose = (event.as_str(), plan.as_str(), group.as_str());
            give(&state, &caller, whose, expected, &new).await
        }
        Err(problem) => Err(problem),
    };
    match done {
        Ok(_) => {
            let back = address(&["events", &event, "groups", &group, "plan"]);
            let back = format!("{back}?plan={}", address(&[&plan]).trim_start_matches('/'));
            Ok(Redirect::to(&back).into_response())
        }
        Err(problem) => {
            let asked = Asked {
                which: Which {
                    plan,
                    zone: String::new(),
                },
                troubles: problem.lines(),
                given: Some((verdict, given)),
            };
            Ok(page(&state, &caller, (&event, &group), asked).await?)
        }
    }
}

/// The answer that a form makes; an acceptance needs no reasons, and those left in the form are none.
fn new_answer(verdict: &str, given: &[Given]) -> Result<NewAnswer, Problem> {
    let verdict = match verdict {
        "accepted" => Word::Accepted,
        "rejected" => Word::Rejected,
        _ => {
            return Err(Problem::of_field(
                "answer",
                "it is missing",
                "choose yes or no",
            ));
        }
    };
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let given = given
        .iter()
        .filter(|one| verdict == Word::Rejected && !one.code.is_empty());
    let reasons = given.filter_map(|one| {
        let known = reasons();
        let (code, _) = known
            .into_iter()
            .find(|(known, _)| code(*known) == one.code)?;
        Some(Reason {
            code,
            about: some(&one.about),
            words: one.words.trim().to_owned(),
        })
    });
    Ok(NewAnswer {
        verdict,
        reasons: reasons.collect(),
    })
}

async fn page(
    state: &Shared,
    caller: &Caller,
    (event, group): (&str, &str),
    asked: Asked,
) -> Result<Response, Problem> {
    caller.enter(event)?;
    if !caller.is(Role::Operator, event, Some(group)) {
        return Err(Problem::missing("check the address"));
    }
    let home = state.store.record(event, "group", group).await?;
    let home: Group = serde_json::from_str(&home.body).map_err(anyhow::Error::from)?;
    let plans = latest(state, caller, event).await?;
    let chosen = plans.iter().find(|plan| plan.id == asked.which.plan);
    let Some(row) = chosen.or(plans.first()) else {
        return Err(Problem::missing(
            "no plan is proposed or published yet: come back when you are told of one",
        ));
    };
    let slice = slice_of(state, caller, event, &row.id, group).await?;
    let (title, span) = title_and_span(state, &row.id).await?;
    let known = state.zones.zone(&asked.which.zone);
    let (zone_name, zone) = match known {
        Ok(zone) => (asked.which.zone.clone(), zone),
        Err(_) => {
            let own = state.zones.zone(&home.zone).unwrap_or(TimeZone::UTC);
            (home.zone.clone(), own)
        }
    };
    let answers = state.store.answers(&row.id).await?;
    let answer = answers.into_iter().find(|answer| answer.group_id == group);
    let leads = caller.is(Role::Leader, event, Some(group));
    let said: Vec<Reason> = match &answer {
        Some(answer) => serde_json::from_str(&answer.body).unwrap_or_default(),
        None => Vec::new(),
    };
    let (verdict, mut given) = asked.given.unwrap_or_else(|| {
        let verdict = answer.as_ref().map(|answer| answer.verdict.clone());
        (
            verdict.unwrap_or_default(),
            said.iter().map(filled).collect(),
        )
    });
    given.resize(given.len().max(REASONS), Given::default());
    let action = address(&["events", event, "groups", group, "plan"]);
    let codes = reasons().map(|(reason, words)| Choice {
        value: code(reason),
        words: words.to_owned(),
    });
    Ok(show(&Page {
        title,
        when: clock::stretch(span, &zone),
        state_words: state_words(row),
        plans: others(&plans, row, &action),
        troubles: asked.troubles,
        answer: answer
            .as_ref()
            .filter(|_| leads)
            .map(|answer| answered(&answer.verdict)),
        action,
        plan: row.id.clone(),
        zone_words: clock::words(&zone, span, Timestamp::now()),
        zone: zone_name,
        zones: state.zones.names().collect(),
        abouts: abouts(&slice, &zone),
        parts: parts(&slice, &zone),
        may_answer: leads && row.state == "proposed",
        version: answer.map_or(0, |answer| answer.version),
        verdict,
        reasons: given,
        codes: codes.to_vec(),
        group: home.name,
    }))
}

fn filled(reason: &Reason) -> Given {
    Given {
        code: code(reason.code),
        about: reason.about.clone().unwrap_or_default(),
        words: reason.words.clone(),
    }
}

fn answered(verdict: &str) -> String {
    match verdict {
        "accepted" => "Your group accepted this.".to_owned(),
        _ => "Your group rejected this. The next plan will take your reasons into account."
            .to_owned(),
    }
}

fn state_words(row: &PlanRow) -> String {
    match row.release_number {
        Some(number) => format!("Published as release {number}."),
        None => {
            "Proposed: it counts once the groups have accepted it and it is published.".to_owned()
        }
    }
}

fn others(plans: &[PlanRow], shown: &PlanRow, action: &str) -> Vec<Other> {
    let one = |row: &PlanRow| Other {
        address: format!("{action}?plan={}", row.id),
        words: format!("{} ({})", row.id, row.state),
        shown: row.id == shown.id,
    };
    if plans.len() > 1 {
        plans.iter().map(one).collect()
    } else {
        Vec::new()
    }
}

fn stretch(start: &str, end: &str, zone: &TimeZone) -> String {
    let span = start.parse().ok().zip(end.parse().ok());
    let span = span.and_then(|(start, end)| Span::new(start, end).ok());
    span.map_or_else(String::new, |span| clock::stretch(span, zone))
}

fn parts(slice: &Slice, zone: &TimeZone) -> Vec<Part> {
    let blocks = slice.blocks.iter().map(|block| Row {
        when: stretch(&block.start, &block.end, zone),
        what: format!("Host track {}", block.track),
        more: format!("in {}", block.language),
    });
    let sessions = slice.sessions.iter().map(|session| Row {
        when: stretch(&session.start, &session.end, zone),
        what: session.title.clone(),
        more: format!("track {}", session.track),
    });
    let shifts = slice.shifts.iter().map(|shift| Row {
        when: stretch(&shift.start, &shift.end, zone),
        what: shift.operator.clone(),
        more: shift_words(&shift.role, shift.handover_min, shift.instead_of.as_deref()),
    });
    vec![
        Part {
            name: "You host",
            rows: blocks.collect(),
        },
        Part {
            name: "Sessions",
            rows: sessions.collect(),
        },
        Part {
            name: "On duty",
            rows: shifts.collect(),
        },
    ]
}

fn shift_words(role: &str, handover_min: u32, instead_of: Option<&str>) -> String {
    let mut words = role.to_owned();
    if handover_min > 0 {
        words.push_str(&format!(
            ", there {handover_min} minutes before to take over"
        ));
    }
    if let Some(other) = instead_of {
        words.push_str(&format!(", instead of {other}"));
    }
    words
}

/// What a reason can be about, in the order of the page.
fn abouts(slice: &Slice, zone: &TimeZone) -> Vec<Choice> {
    let mut seen = BTreeMap::new();
    let mut choices = Vec::new();
    let mut add = |id: &str, words: String| {
        if seen.insert(id.to_owned(), ()).is_none() {
            choices.push(Choice {
                value: id.to_owned(),
                words,
            });
        }
    };
    for block in &slice.blocks {
        let when = stretch(&block.start, &block.end, zone);
        add(&block.id, format!("hosting {when}"));
    }
    for session in &slice.sessions {
        add(&session.session, session.title.clone());
    }
    for shift in &slice.shifts {
        let when = stretch(&shift.start, &shift.end, zone);
        add(&shift.id, format!("{}, {when}", shift.operator));
    }
    choices
}
