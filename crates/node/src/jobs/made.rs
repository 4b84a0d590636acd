//! What a job is given, and what came of it: documents go into its folder, and come back checked.

use std::path::{Component, Path};
use std::process::ExitStatus;

use anyhow::{Context, bail};
use meridian_model::check::check;
use meridian_model::{Plan, Problem};
use serde_json::{Value, json};

use super::asked::{Ask, EVENT, EXPORT, GIVEN, MADE, Order, PROBLEM};
use crate::assembler;
use crate::store::{JobRow, Store};

/// Why a process is no more that was neither told to end nor said why.
const ENDED_BY_SYSTEM: &str = "it was ended by the system: perhaps it needed more memory than it may (`--job-memory` of `meridian serve`)";
/// The same of one whose time was up.
pub(super) const TOO_LATE: &str =
    "its time was up before there was a plan (`--job-time` of `meridian serve`)";
/// The same of one that ended itself.
pub(super) const FAULT: &str = "it ended with a fault of its own; the node's log says more";

/// How a process ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// Whether someone asked for its end.
    pub(super) cancelled: bool,
    /// Whether it was told to end because its time was up.
    pub(super) late: bool,
}

/// What came of a job.
#[derive(Debug)]
pub(super) enum Came {
    /// An answer.
    Answered(Value),
    /// A plan, and an answer.
    Planned(Box<Planned>),
    /// Nothing, because someone asked for its end.
    Cancelled,
    /// Nothing, and why.
    Failed(Value),
    /// It is someone else's, or the next one's.
    GivenBack,
    /// What it said is kept, and its end with it.
    Kept,
}

/// A plan that a job made.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) parent: Option<String>,
    /// Digest of the problem.
    pub(super) problem: String,
    pub(super) revision: i64,
    pub(super) score: Value,
    /// The plan document.
    pub(super) body: String,
    pub(super) answer: Value,
    pub(super) cancelled: bool,
}

impl Came {
    pub(super) fn failed(why: &str) -> Self {
        Self::Failed(json!({ "trouble": why }))
    }

    pub(super) fn in_a_word(&self) -> &'static str {
        match self {
            Self::Answered(_) | Self::Planned(_) | Self::Kept => "done",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
            Self::GivenBack => "given-back",
        }
    }
}

/// Writes what a job works on into its folder.
///
/// # Errors
/// When it is not there any more, or cannot be written.
pub(super) async fn lay_out(
    store: &Store,
    job: &JobRow,
    order: &Order,
    folder: &Path,
) -> anyhow::Result<()> {
    if let Some(plan) = &order.plan {
        let documents = store.documents(plan).await?;
        tokio::fs::write(folder.join(GIVEN), documents.plan).await?;
        if order.problem.is_none() {
            tokio::fs::write(folder.join(PROBLEM), documents.problem).await?;
        }
    }
    if let Some(digest) = &order.problem {
        tokio::fs::write(folder.join(PROBLEM), store.problem(digest).await?).await?;
    }
    if let Ask::Dates(_) = order.ask {
        let everything = store.everything(&job.event).await?;
        let event = job.event.clone();
        let folder = folder.join(EVENT);
        let write = move || write_folder(&folder, assembler::folder(&event, &everything)?);
        tokio::task::spawn_blocking(write).await??;
    }
    tokio::fs::create_dir(folder.join(EXPORT)).await?;
    Ok(())
}

fn write_folder(root: &Path, files: assembler::Folder) -> anyhow::Result<()> {
    for (name, bytes) in files {
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !Path::new(&name).components().all(plain) {
            bail!("a file of the event leads out of its folder");
        }
        let path = root.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, bytes)?;
    }
    Ok(())
}

/// Why a process says that it failed, if what it was asked is not the reason.
pub(super) fn own_words(status: ExitStatus, answer: &[u8]) -> Option<String> {
    if matches!(status.code(), None | Some(0 | 1 | 2 | 130)) {
        return None;
    }
    let answer: Value = serde_json::from_slice(answer).ok()?;
    Some(answer.get("error")?.as_str()?.to_owned())
}

/// Reads and checks what a process left in its folder.
///
/// # Errors
/// When what it left is not what it must be.
pub(super) fn take_up(
    order: &Order,
    folder: &Path,
    answer: &[u8],
    Ended {
        status,
        cancelled,
        late,
    }: Ended,
) -> anyhow::Result<Came> {
    let answer: Value = serde_json::from_slice(answer).unwrap_or(Value::Null);
    let well = matches!(status.code(), Some(0 | 1 | 130));
    if order.ask.makes_a_plan() {
        let made = folder.join(MADE);
        if made.exists() && status.code() != Some(2) {
            let trouble = match status.code() {
                _ if well => None,
                None => Some(ENDED_BY_SYSTEM),
                Some(_) => Some(FAULT),
            };
            return planned(order, folder, &made, (answer, trouble), cancelled);
        }
    } else if well && !cancelled {
        return Ok(Came::Answered(match order.ask {
            Ask::Export(_) => exported(&folder.join(EXPORT))?,
            _ => answer,
        }));
    }
    if cancelled {
        return Ok(Came::Cancelled);
    }
    Ok(match (status.code(), answer.get("faults")) {
        (Some(2), Some(faults)) => Came::Failed(json!({
            "trouble": "what was asked cannot be done with this event",
            "problems": faults,
        })),
        _ if late => Came::failed(TOO_LATE),
        (Some(_), _) => Came::failed(FAULT),
        (None, _) => Came::failed(ENDED_BY_SYSTEM),
    })
}

fn planned(
    order: &Order,
    folder: &Path,
    made: &Path,
    (answer, trouble): (Value, Option<&str>),
    cancelled: bool,
) -> anyhow::Result<Came> {
    let read = |path: &Path| std::fs::read(path).context("a document is gone");
    let faulty = |faults| anyhow::anyhow!("a document of a job is faulty: {faults}");
    let problem: Problem =
        meridian_formats::problem::read(&read(&folder.join(PROBLEM))?, PROBLEM).map_err(faulty)?;
    let plan: Plan = meridian_formats::plan::read(&read(made)?, MADE).map_err(faulty)?;
    let report = check(&problem, &plan);
    // A mended plan leaves out who is absent; the problem does not know of that.
    let absent = matches!(&order.ask, Ask::Replan(ask) if !ask.without.is_empty());
    if report.score != plan.score && !absent {
        bail!("the checker disagrees with the score of a plan");
    }
    let how = match (trouble, plan.made_by.stopped) {
        (Some(_), _) => "crashed",
        (None, true) => "stopped",
        (None, false) => "complete",
    };
    let mut told = json!({ "ended": how, "score": report.score });
    if let (Some(trouble), Value::Object(fields)) = (trouble, &mut told) {
        let what = format!("{trouble}; the best plan so far is kept");
        fields.insert("trouble".to_owned(), Value::String(what));
    }
    let of_interest = [
        "certificate",
        "reach",
        "released",
        "disturbed",
        "changes",
        "anew",
    ];
    for name in of_interest {
        if let (Some(value), Value::Object(fields)) = (answer.get(name), &mut told) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    Ok(Came::Planned(Box::new(Planned {
        parent: order.plan.clone(),
        problem: problem.digest()?,
        revision: i64::from(plan.revision),
        score: serde_json::to_value(report.score)?,
        body: serde_json::to_string(&plan)?,
        answer: told,
        cancelled,
    })))
}

/// The files of an export, by name.
fn exported(folder: &Path) -> anyhow::Result<Value> {
    let mut files = serde_json::Map::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        if let Some(name) = path.file_name() {
            files.insert(name.to_string_lossy().into_owned(), Value::String(text));
        }
    }
    Ok(json!({ "files": files }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;
    use crate::jobs::PlanAsk;

    /// What is said of a plan job without a plan whose process ended so.
    fn said(status: ExitStatus, late: bool) -> String {
        let ask = PlanAsk {
            seed: None,
            effort: None,
            time_limit_s: None,
            engine: None,
        };
        let order = Order {
            ask: Ask::Plan(ask),
            problem: None,
            plan: None,
        };
        let ended = Ended {
            status,
            cancelled: false,
            late,
        };
        let folder = tempfile::tempdir().unwrap();
        match take_up(&order, folder.path(), b"", ended).unwrap() {
            Came::Failed(why) => why["trouble"].as_str().unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn who_ended_a_job_without_a_plan_is_said() {
        const ABORTED: i32 = 6;
        const TERMINATED: i32 = 15;
        let killed = ExitStatus::from_raw(ABORTED);
        assert!(said(killed, false).contains("more memory"));
        let told = ExitStatus::from_raw(TERMINATED);
        assert!(said(told, true).contains("its time was up"));
        let own_fault = ExitStatus::from_raw(3 << 8);
        assert_eq!(said(own_fault, false), FAULT);
        let words = |status| own_words(status, br#"{"error": "no room"}"#);
        assert_eq!(words(own_fault).as_deref(), Some("no room"));
        // What is wrong with what was asked is told to who asked, and is nothing for the log.
        assert_eq!(words(ExitStatus::from_raw(2 << 8)), None);
    }
}
