//! The brief: what a coordinator's event asks of groups, and the event that a member makes of it.

use meridian_federation::content::{Deadlines, Demand, EventBrief, Length, Phase};
use meridian_model::{
    Alert, AlertScope, Duty, Event, Horizon, Impact, Policy, Problem, Role, RoleNeed, RuleCode,
    Span, Timestamp, Track, ZoneName,
};

use crate::server::kinds::{Settings, settings};

/// What the coordinator's event does not say itself.
#[derive(Clone, Debug)]
pub(crate) struct BriefAsk {
    /// Counts up from 1.
    pub(crate) version: u64,
    /// How far the event is.
    pub(crate) phase: Phase,
    /// Starts that groups are asked about.
    pub(crate) candidates: Vec<Timestamp>,
    /// Whether the event's own start is decided.
    pub(crate) decided: bool,
    /// Until when answers are waited for.
    pub(crate) deadlines: Deadlines,
}

/// Why a brief does not make an event here.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum BriefError {
    /// It names no start, and none was given.
    #[error("the brief names no start")]
    NoStart,
    /// It does not say how long a cell or the event is.
    #[error("the brief does not say how long the event is")]
    NoLength,
    /// The event is not made of whole hours.
    #[error("the event does not last whole hours")]
    NotHours,
    /// Times that cannot be.
    #[error("the brief's horizon is none")]
    NoHorizon,
}

/// The brief that asks for what an event asks.
pub(crate) fn brief_of(problem: &Problem, ask: &BriefAsk) -> EventBrief {
    let event = &problem.event;
    let horizon = event.horizon;
    let always = [horizon.span()];
    EventBrief {
        version: ask.version,
        phase: ask.phase,
        title: event.title.clone(),
        horizon: ask.decided.then_some(horizon),
        candidates: ask.candidates.clone(),
        tracks: event.tracks.clone(),
        language: event.language.clone(),
        demand: (event.duties.iter())
            .map(|duty| Demand {
                duty: duty.id.clone(),
                role: duty.role.clone(),
                tracks: duty.tracks.clone(),
                spans: if duty.spans == always {
                    Vec::new()
                } else {
                    duty.spans.clone()
                },
                count: duty.count,
            })
            .collect(),
        deadlines: ask.deadlines.clone(),
        length: (!ask.decided).then_some(Length {
            cell_min: horizon.cell_min(),
            n_cells: horizon.n_cells(),
        }),
        zone: Some(event.zone.clone()),
        roles: event.roles.clone(),
        policy: Some(event.policy.clone()),
    }
}

/// The event that a brief asks for, where it is decided; what it leaves unsaid is as in `own`.
pub(crate) fn event_of(brief: &EventBrief, own: &Event) -> Event {
    let horizon = brief.horizon.unwrap_or(own.horizon);
    let role = |id| {
        let known = brief.roles.iter().chain(&own.roles);
        known.into_iter().find(|role| role.id == id).cloned()
    };
    let mut roles = brief.roles.clone();
    for demand in &brief.demand {
        if !roles.iter().any(|role| role.id == demand.role) {
            roles.push(role(demand.role.clone()).unwrap_or_else(|| Role {
                id: demand.role.clone(),
                name: demand.role.to_string(),
                alerted: false,
                needs: RoleNeed::Nothing,
                handover_min: 0,
            }));
        }
    }
    Event {
        id: own.id.clone(),
        title: brief.title.clone(),
        zone: brief.zone.clone().unwrap_or_else(|| own.zone.clone()),
        horizon,
        language: brief.language.clone(),
        tracks: brief.tracks.clone(),
        roles,
        duties: brief.demand.iter().map(|of| duty(of, horizon)).collect(),
        policy: brief.policy.clone().unwrap_or_else(|| own.policy.clone()),
    }
}

fn duty(demand: &Demand, horizon: Horizon) -> Duty {
    let spans = if demand.spans.is_empty() {
        vec![horizon.span()]
    } else {
        demand.spans.clone()
    };
    Duty {
        id: demand.duty.clone(),
        role: demand.role.clone(),
        tracks: demand.tracks.clone(),
        spans,
        count: demand.count,
    }
}

/// The event of a brief as a member's node keeps it, at the start that was decided or else at `candidate`.
///
/// What hours are nights, and how long blocks of groups are that do not say, is each node's own: defaults here.
///
/// # Errors
/// [`BriefError`] when the brief does not say enough.
pub(crate) fn settings_of(
    brief: &EventBrief,
    candidate: Option<Timestamp>,
) -> Result<Settings, BriefError> {
    let horizon = horizon_of(brief, candidate)?;
    let minutes = horizon.span().minutes();
    if minutes % 60 != 0 {
        return Err(BriefError::NotHours);
    }
    let zone = brief.zone.as_ref().map_or("UTC", ZoneName::as_str);
    let roles: Vec<_> = event_roles(brief).iter().map(role).collect();
    Ok(Settings {
        title: brief.title.clone(),
        zone: zone.to_owned(),
        start: horizon.start().to_string(),
        hours: u32::try_from(minutes / 60).map_err(|_too_long| BriefError::NoHorizon)?,
        cell_min: horizon.cell_min(),
        language: brief.language.to_string(),
        tracks: brief.tracks.iter().map(track).collect(),
        roles,
        duties: brief.demand.iter().map(demand).collect(),
        policy: brief.policy.as_ref().map(policy),
        dates: None,
    })
}

/// When a brief's event is.
///
/// # Errors
/// [`BriefError`] when it is not decided and no candidate given, or no horizon can be made of it.
pub(crate) fn horizon_of(
    brief: &EventBrief,
    candidate: Option<Timestamp>,
) -> Result<Horizon, BriefError> {
    if let Some(horizon) = brief.horizon {
        return Ok(horizon);
    }
    let start = candidate.or_else(|| brief.candidates.first().copied());
    let start = start.ok_or(BriefError::NoStart)?;
    let length = brief.length.ok_or(BriefError::NoLength)?;
    Horizon::new(start, length.cell_min, length.n_cells)
        .map_err(|_out_of_range| BriefError::NoHorizon)
}

fn event_roles(brief: &EventBrief) -> Vec<Role> {
    let mut roles = brief.roles.clone();
    for demand in &brief.demand {
        if !roles.iter().any(|role| role.id == demand.role) {
            roles.push(Role {
                id: demand.role.clone(),
                name: demand.role.to_string(),
                alerted: false,
                needs: RoleNeed::Nothing,
                handover_min: 0,
            });
        }
    }
    roles
}

fn track(track: &Track) -> settings::Track {
    settings::Track {
        id: track.id.to_string(),
        name: Some(track.name.clone()),
    }
}

fn role(role: &Role) -> settings::Role {
    let needs = match role.needs {
        RoleNeed::Nothing => "nothing",
        RoleNeed::BlockLanguage => "block-language",
        RoleNeed::Interpretation => "interpretation",
    };
    settings::Role {
        id: role.id.to_string(),
        name: Some(role.name.clone()),
        alerted: Some(role.alerted),
        needs: Some(needs.to_owned()),
        handover_min: Some(role.handover_min),
    }
}

fn demand(demand: &Demand) -> settings::Duty {
    let span = |span: &Span| format!("{}/{}", span.start(), span.end());
    settings::Duty {
        id: demand.duty.to_string(),
        role: demand.role.to_string(),
        tracks: demand.tracks.iter().map(ToString::to_string).collect(),
        count: Some(demand.count),
        spans: (!demand.spans.is_empty()).then(|| demand.spans.iter().map(span).collect()),
    }
}

fn policy(policy: &Policy) -> settings::Policy {
    // Named one by one, so that what an event asks newly is not forgotten here.
    let Policy {
        alert: Alert { scope, min_people },
        clashes,
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
    let clashes = match clashes {
        Impact::Block => "block",
        Impact::Weigh => "weigh",
        Impact::Ignore => "ignore",
    };
    let scope = match scope {
        AlertScope::Track => "track",
        AlertScope::Event => "event",
    };
    let weight = |(rule, weight): (&RuleCode, &i64)| (rule.as_str().to_owned(), *weight);
    settings::Policy {
        clashes: Some(clashes.to_owned()),
        alert_scope: Some(scope.to_owned()),
        alert_people: Some(*min_people),
        night: None,
        prime: None,
        shift_min: Some([*shift_shortest_min, *shift_longest_min]),
        max_shifts: Some(*max_shifts),
        rest_min: Some(*rest_min),
        max_duty_min: Some(*max_duty_min),
        max_awake_min: Some(*max_awake_min),
        sleep_min: Some(*sleep_min),
        speaker_preparation_min: Some(*speaker_preparation_min),
        block_grid_min: Some(*block_grid_min),
        block_min: block_min(*block_grid_min),
        max_blocks: None,
        weights: (!weights.is_empty()).then(|| weights.iter().map(weight).collect()),
    }
}

/// What groups host that do not say, where the usual is not on the event's grid.
fn block_min(grid: u32) -> Option<[u32; 2]> {
    const USUAL: [u32; 2] = [60, 180];
    let fits = grid == 0 || USUAL.iter().all(|min| min.is_multiple_of(grid));
    (!fits).then(|| USUAL.map(|min| min.next_multiple_of(grid)))
}
