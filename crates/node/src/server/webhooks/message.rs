//! What a program is told: one message a change, with ids and nothing that is private.
//!
//! A message is made from a line of the audit and nothing else, so that it is the same however often it is sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::store::Change;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub(crate) enum Kind {
    /// A job has made a plan, which is a draft.
    #[serde(rename = "plan.drafted")]
    Drafted,
    /// A plan was shown to the groups.
    #[serde(rename = "plan.proposed")]
    Proposed,
    /// A group accepted or rejected its part of a plan.
    #[serde(rename = "plan.answered")]
    Answered,
    /// A plan was taken back.
    #[serde(rename = "plan.withdrawn")]
    Withdrawn,
    /// A plan was published.
    #[serde(rename = "plan.released")]
    Released,
    /// Someone stands in for a shift of the published plan, or nobody does.
    #[serde(rename = "override.made")]
    Overridden,
    /// A job has ended, in whatever way.
    #[serde(rename = "job.ended")]
    Ended,
    /// Something was said in a space of the exchange that is about the event.
    #[serde(rename = "space.changed")]
    Said,
    /// A thing that plans are made from was made, changed or deleted.
    #[serde(rename = "thing.changed")]
    Changed,
}

/// What a thing is of which a message gives no id: it would say who said something, and when.
const OF_PEOPLE: [&str; 6] = [
    "availability",
    "busy",
    "calendar",
    "operator",
    "pin",
    "speaker",
];
/// What else plans are made from.
const OF_EVENTS: [&str; 6] = [
    "event",
    "group",
    "regional-calendar",
    "regional-event",
    "session",
    "settings",
];

impl Kind {
    /// The name of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Drafted => "plan.drafted",
            Self::Proposed => "plan.proposed",
            Self::Answered => "plan.answered",
            Self::Withdrawn => "plan.withdrawn",
            Self::Released => "plan.released",
            Self::Overridden => "override.made",
            Self::Ended => "job.ended",
            Self::Said => "space.changed",
            Self::Changed => "thing.changed",
        }
    }

    /// What a change is for programs; nothing for what only people who look after the node need to know.
    pub(crate) fn of(change: &Change) -> Option<Self> {
        Some(match (change.kind.as_str(), change.action.as_str()) {
            ("plan", "create") => Self::Drafted,
            ("plan", "propose") => Self::Proposed,
            ("plan", "answer") => Self::Answered,
            ("plan", "withdraw") => Self::Withdrawn,
            ("plan", "publish") => Self::Released,
            ("override", "create") => Self::Overridden,
            ("job", "done" | "failed" | "cancelled") => Self::Ended,
            ("space", _) => Self::Said,
            (kind, _) if OF_PEOPLE.contains(&kind) || OF_EVENTS.contains(&kind) => Self::Changed,
            _ => return None,
        })
    }
}

/// A message, in the form of Standard Webhooks.
#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: &'a str,
    data: Data<'a>,
}

/// What is told of a change. Whatever else a program wants to know it asks for, with a token.
#[derive(Debug, Serialize)]
struct Data<'a> {
    event: &'a str,
    /// The cursor, which a replay begins behind.
    seq: i64,
    kind: &'a str,
    action: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
}

impl<'a> Message<'a> {
    /// What is told of a change.
    pub(crate) fn of(kind: Kind, event: &'a str, change: &'a Change) -> Self {
        let id = Some(change.id.as_str());
        Self {
            kind: kind.name(),
            timestamp: &change.at,
            data: Data {
                event,
                seq: change.seq,
                kind: &change.kind,
                action: &change.action,
                id: id.filter(|_| !OF_PEOPLE.contains(&change.kind.as_str())),
                group: change.group_id.as_deref(),
            },
        }
    }

    /// A message that tells nothing.
    pub(crate) fn test(event: &'a str, webhook: &'a str, at: &'a str) -> Self {
        Self {
            kind: TEST,
            timestamp: at,
            data: Data {
                event,
                seq: 0,
                kind: "webhook",
                action: "test",
                id: Some(webhook),
                group: None,
            },
        }
    }
}

/// The type of a message that tells nothing.
pub(crate) const TEST: &str = "webhook.test";

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: &str, action: &str) -> Change {
        Change {
            seq: 7,
            at: "2024-08-24T12:00:00.000000Z".to_owned(),
            action: action.to_owned(),
            kind: kind.to_owned(),
            id: "an-id".to_owned(),
            group_id: Some("kyoto".to_owned()),
        }
    }

    fn told(kind: &str, action: &str) -> Option<String> {
        let change = change(kind, action);
        let message = Message::of(Kind::of(&change)?, "relay", &change);
        Some(serde_json::to_string(&message).expect("JSON"))
    }

    #[test]
    fn a_message_has_ids_and_no_more() {
        assert_eq!(
            told("plan", "answer").as_deref(),
            Some(
                r#"{"type":"plan.answered","timestamp":"2024-08-24T12:00:00.000000Z","data":{"event":"relay","seq":7,"kind":"plan","action":"answer","id":"an-id","group":"kyoto"}}"#
            )
        );
    }

    #[test]
    fn of_people_only_the_group_is_told() {
        for kind in OF_PEOPLE {
            let told = told(kind, "change").expect("a message");
            assert!(
                told.contains("thing.changed") && !told.contains("an-id"),
                "{told}"
            );
        }
        assert!(
            told("group", "change")
                .expect("a message")
                .contains("an-id")
        );
    }

    #[test]
    fn programs_are_told_nothing_of_who_comes_in() {
        for kind in ["invite", "token", "feed", "seat", "webhook", "account"] {
            assert_eq!(told(kind, "create"), None, "{kind}");
        }
        assert_eq!(told("job", "create"), None);
        assert_eq!(told("job", "cancel"), None);
    }

    #[test]
    fn every_kind_is_written_as_it_is_named() {
        for kind in [
            Kind::Drafted,
            Kind::Proposed,
            Kind::Answered,
            Kind::Withdrawn,
            Kind::Released,
            Kind::Overridden,
            Kind::Ended,
            Kind::Changed,
        ] {
            assert_eq!(
                serde_json::to_value(kind).expect("JSON"),
                serde_json::json!(kind.name())
            );
        }
    }
}
