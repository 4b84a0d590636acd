//! What differs between here and there, said before anything is accepted: clocks by zone, charters and events by field.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{EventBrief, PlanRevision, SpaceCharter};
use meridian_model::time::{UnknownZone, offsets};
use meridian_model::{Event, Span, ZoneName, ZoneSet};
use sha2::{Digest, Sha256};

use super::brief::event_of;

/// For each zone, SHA-256 (hex) of its offsets over `span`.
///
/// # Errors
/// [`UnknownZone`] for the first name that the set does not hold.
pub(crate) fn zone_digests<'a>(
    zones: &ZoneSet,
    names: impl IntoIterator<Item = &'a ZoneName>,
    span: Span,
) -> Result<BTreeMap<ZoneName, String>, UnknownZone> {
    let mut digests = BTreeMap::new();
    for name in names {
        let zone = zones.zone(name.as_str())?;
        let line: String = offsets(&zone, span)
            .into_iter()
            .map(|(from, seconds)| format!(" {from}={seconds}"))
            .collect();
        let digest = Sha256::digest(line.as_bytes());
        let hex = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        digests.insert(name.clone(), hex);
    }
    Ok(digests)
}

/// How clocks here differ from those that a plan was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ZoneDifference {
    /// This zone has other offsets over the event.
    OtherOffsets(ZoneName),
    /// This zone is not known here.
    NotKnownHere(ZoneName),
    /// A zone of this group was not reckoned with where the plan was made.
    NotReckonedThere(ZoneName),
    /// The plan does not say which zones it was made with, and its zone rules have another version.
    OtherVersion {
        /// There.
        there: String,
        /// Here.
        here: String,
    },
}

impl std::fmt::Display for ZoneDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherOffsets(zone) => {
                write!(
                    f,
                    "clocks in {zone} are other ones during the event here than where the plan was made"
                )
            }
            Self::NotKnownHere(zone) => {
                write!(
                    f,
                    "the plan was made with the zone {zone}, which is not known here"
                )
            }
            Self::NotReckonedThere(zone) => {
                write!(
                    f,
                    "the plan was made without the zone {zone}, which this group reckons with"
                )
            }
            Self::OtherVersion { there, here } => write!(
                f,
                "the plan was made with the zone rules {there} and does not say for which zones; here they are {here}"
            ),
        }
    }
}

/// How clocks here differ from those of a plan over its event; `own` are the zones that the group here reckons with.
pub(crate) fn zone_differences<'a>(
    revision: &PlanRevision,
    zones: &ZoneSet,
    own: impl IntoIterator<Item = &'a ZoneName>,
    span: Span,
) -> Vec<ZoneDifference> {
    let own: BTreeSet<&ZoneName> = own.into_iter().collect();
    if revision.zones.is_empty() {
        let (there, here) = (&revision.tzdb.version, zones.version());
        let same = there == here
            || zones
                .stamp(own, span)
                .is_ok_and(|stamp| stamp.offsets_sha256 == revision.tzdb.offsets_sha256);
        return if same {
            Vec::new()
        } else {
            vec![ZoneDifference::OtherVersion {
                there: there.clone(),
                here: here.to_owned(),
            }]
        };
    }
    let mut found = Vec::new();
    for (zone, digest) in &revision.zones {
        match zone_digests(zones, [zone], span) {
            Ok(here) if here.get(zone) == Some(digest) => {}
            Ok(_) => found.push(ZoneDifference::OtherOffsets(zone.clone())),
            Err(_) => found.push(ZoneDifference::NotKnownHere(zone.clone())),
        }
    }
    let unsaid = own
        .into_iter()
        .filter(|zone| !revision.zones.contains_key(*zone));
    found.extend(unsaid.cloned().map(ZoneDifference::NotReckonedThere));
    found
}

/// A field that is one thing here and another there, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldDifference {
    /// The field.
    pub(crate) field: &'static str,
    /// How it differs.
    pub(crate) says: String,
}

impl std::fmt::Display for FieldDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.says)
    }
}

/// Collects the fields that differ.
#[derive(Default)]
struct Differences(Vec<FieldDifference>);

impl Differences {
    fn say(&mut self, field: &'static str, says: String) {
        self.0.push(FieldDifference { field, says });
    }

    fn value<T: PartialEq + std::fmt::Display>(
        &mut self,
        field: &'static str,
        here: &T,
        there: &T,
    ) {
        if here != there {
            self.say(field, format!("{here} here, {there} there"));
        }
    }

    /// Two sets of words.
    fn set(&mut self, field: &'static str, here: &BTreeSet<String>, there: &BTreeSet<String>) {
        let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            let words: Vec<_> = one.difference(other).map(String::as_str).collect();
            words.join(", ")
        };
        let (ours, theirs) = (only(here, there), only(there, here));
        match (ours.is_empty(), theirs.is_empty()) {
            (true, true) => {}
            (false, true) => self.say(field, format!("only here {ours}")),
            (true, false) => self.say(field, format!("only there {theirs}")),
            (false, false) => self.say(field, format!("only here {ours}; only there {theirs}")),
        }
    }
}

/// The fields in which two charters differ: the one in effect here, and another's.
pub(crate) fn charter_differences(
    here: &SpaceCharter,
    there: &SpaceCharter,
) -> Vec<FieldDifference> {
    let mut found = Differences::default();
    found.value("name", &here.name, &there.name);
    found.value("version", &here.version, &there.version);
    found.value("coordinator", &coordinator(here), &coordinator(there));
    let members = |of: &SpaceCharter| {
        let members = of.members.iter();
        members
            .map(|member| format!("{} ({})", member.handle, short(&member.group.to_string())))
            .collect()
    };
    found.set("members", &members(here), &members(there));
    found.value("quorum", &here.quorum, &there.quorum);
    found.set("vocabulary", &here.vocabulary, &there.vocabulary);
    found.value("retention", &days(here), &days(there));
    found.0
}

fn days(charter: &SpaceCharter) -> String {
    format!("{} days", charter.retention_days)
}

fn coordinator(charter: &SpaceCharter) -> String {
    let mut members = charter.members.iter();
    let handle = members.find(|member| member.group == charter.coordinator);
    let id = short(&charter.coordinator.to_string()).to_owned();
    handle.map_or(id.clone(), |member| format!("{} ({id})", member.handle))
}

/// Enough of an id to tell it from others.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// The fields in which the event that a node plans with differs from a brief.
pub(crate) fn event_differences(here: &Event, brief: &EventBrief) -> Vec<FieldDifference> {
    let there = event_of(brief, here);
    let mut found = Differences::default();
    found.value("title", &here.title, &there.title);
    found.value("zone", &here.zone, &there.zone);
    let when = |event: &Event| {
        let horizon = event.horizon;
        let (start, end) = (horizon.start(), horizon.end());
        format!("{start} to {end} in cells of {} min", horizon.cell_min())
    };
    found.value("horizon", &when(here), &when(&there));
    found.value("language", &here.language, &there.language);
    let tracks = |event: &Event| {
        event
            .tracks
            .iter()
            .map(|track| track.id.to_string())
            .collect()
    };
    found.set("tracks", &tracks(here), &tracks(&there));
    let roles = |event: &Event| {
        let roles = event.roles.iter();
        let says = |role: &meridian_model::Role| {
            let alerted = if role.alerted { ", alerted" } else { "" };
            format!(
                "{} ({:?}{alerted}, {} min handover)",
                role.id, role.needs, role.handover_min
            )
        };
        roles.map(says).collect()
    };
    found.set("roles", &roles(here), &roles(&there));
    let duties = |event: &Event| {
        let duties = event.duties.iter();
        duties.map(duty_words).collect()
    };
    found.set("demand", &duties(here), &duties(&there));
    found.set("policy", &policy(here), &policy(&there));
    found.0
}

fn duty_words(duty: &meridian_model::Duty) -> String {
    let tracks: Vec<_> = duty.tracks.iter().map(|track| track.as_str()).collect();
    let spans: Vec<_> = duty
        .spans
        .iter()
        .map(|span| format!("{}/{}", span.start(), span.end()))
        .collect();
    format!(
        "{} × {} on {} in {}",
        duty.id,
        duty.count,
        tracks.join("+"),
        spans.join(" ")
    )
}

/// A policy as `field = value` lines.
fn policy(event: &Event) -> BTreeSet<String> {
    let value = serde_json::to_value(&event.policy).unwrap_or_default();
    let fields = value.as_object().into_iter().flatten();
    fields
        .map(|(field, value)| format!("{field} = {value}"))
        .collect()
}
