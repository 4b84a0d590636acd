//! What comes of steps, as machines read it: from the command line with `--json`, from the API, and as results of jobs.

use meridian_federation::SharedState;
use meridian_model::Level;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Sight;
use super::answers::Reply;
use super::offers::Said;
use super::proposal::Proposed;
use super::shared::Checked;

/// How far a space is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpaceSight {
    /// Its id.
    space: String,
    /// Its name.
    name: String,
    /// The event of this node that is planned there.
    event: String,
    /// What everybody sees, in one number: equal at all nodes that have the same records.
    digest: String,
    /// The members that this node signs for.
    own: Vec<String>,
    /// What everybody sees: stage, charter, members, brief, proposals with their answers, what is in force, who is on
    /// duty, and who is in doubt.
    #[schema(value_type = Object)]
    state: SharedState,
}

impl From<Sight> for SpaceSight {
    fn from(sight: Sight) -> Self {
        Self {
            digest: sight.state.digest().to_string(),
            own: sight.own.keys().map(ToString::to_string).collect(),
            space: sight.row.id,
            name: sight.row.name,
            event: sight.row.event,
            state: sight.state,
        }
    }
}

/// A space that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Opened {
    /// Its id.
    pub(crate) space: String,
    /// How many groups are members.
    pub(crate) members: usize,
}

/// Who takes part in a space now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Joined {
    /// This node's groups that do.
    pub(crate) groups: Vec<String>,
    /// What of the local event is now as the brief has it, in words.
    pub(crate) event_changed: Vec<String>,
}

/// What groups offered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Offered {
    pub(crate) groups: Vec<Said>,
}

/// What one's groups answer.
pub(crate) fn replied(replies: &[Reply]) -> Value {
    let groups = replies.iter().map(|of| {
        json!({
            "group": of.handle, "answer": of.answer, "known": of.known, "doubts": of.doubts,
            "short": of.short.len(), "shifts_offered": of.shifts,
        })
    });
    json!({ "groups": groups.collect::<Vec<_>>() })
}

/// In how many parts something was said of who is on duty.
pub(crate) fn staffed(parts: usize) -> Value {
    json!({ "parts": parts })
}

/// What was taken and handed over, in words.
pub(crate) fn settled(done: &[String]) -> Value {
    json!({ "done": done })
}

impl Proposed {
    /// What was proposed.
    pub(crate) fn told(&self) -> Value {
        let plan = &self.revision;
        let open = self.open.iter().map(|of| {
            let (from, to) = (of.span.start(), of.span.end());
            json!({ "duty": of.duty, "from": from.to_string(), "to": to.to_string(), "people": of.people })
        });
        json!({
            "open": open.collect::<Vec<_>>(), "record": self.record.map(|record| record.to_string()),
            "number": plan.number, "blocks": plan.blocks.len(), "sessions": plan.sessions.len(),
            "seats": plan.seats.len(), "score": self.score,
        })
    }
}

impl Checked {
    /// All that is wrong with the plan in force, in words.
    pub(crate) fn found(&self) -> Vec<String> {
        let grave = self.report.matches.iter();
        let grave = grave.filter(|found| found.rule.level() != Level::Soft);
        let grave = grave.map(|of| format!("{} {}", of.rule, of.says));
        grave.chain(self.amiss.iter().cloned()).collect()
    }

    /// What was found.
    pub(crate) fn told(&self) -> Value {
        json!({
            "release": self.release, "digest": self.digest.to_string(), "score": self.report.score,
            "shifts": self.plan.shifts.len(), "found": self.found(),
        })
    }
}
