//! Plans as they are read again and again: parsed once, kept while they are in use, and with today's swaps applied.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use meridian_model::{OperatorId, Plan, Problem as Input, ShiftId};

use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::{OverrideRow, Store};

/// How many plans are kept parsed: the published one and a few that are compared with it.
const KEPT: usize = 4;

/// A plan, and the problem it answers.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) problem: Input,
    pub(crate) plan: Plan,
}

/// The plans that were read last; a plan never changes, so a copy of one is never old.
#[derive(Debug, Default)]
pub(crate) struct Live(Mutex<VecDeque<(String, Arc<Parsed>)>>);

impl Live {
    fn known(&self, plan: &str) -> Option<Arc<Parsed>> {
        let kept = self.0.lock().ok()?;
        let found = kept.iter().find(|(id, _)| id == plan);
        found.map(|(_, parsed)| Arc::clone(parsed))
    }

    fn keep(&self, plan: &str, parsed: &Arc<Parsed>) {
        if let Ok(mut kept) = self.0.lock() {
            kept.retain(|(id, _)| id != plan);
            kept.push_front((plan.to_owned(), Arc::clone(parsed)));
            kept.truncate(KEPT);
        }
    }
}

/// A plan's documents.
pub(crate) async fn parsed(state: &Shared, plan: &str) -> Result<Arc<Parsed>, Problem> {
    if let Some(parsed) = state.live.known(plan) {
        return Ok(parsed);
    }
    let parsed = Arc::new(read(&state.store, plan).await?);
    state.live.keep(plan, &parsed);
    Ok(parsed)
}

async fn read(store: &Store, plan: &str) -> Result<Parsed, Problem> {
    let documents = store.documents(plan).await?;
    let parse = move || {
        Ok::<_, anyhow::Error>(Parsed {
            problem: serde_json::from_str(&documents.problem)?,
            plan: serde_json::from_str(&documents.plan)?,
        })
    };
    Ok(off_the_runtime(parse).await??)
}

/// Work that keeps a processor busy, away from the threads that answer requests.
pub(crate) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(anyhow::Error::from)?)
}

/// Who stands in for whom, by shift: the last word counts. Nobody is `None`.
pub(crate) fn stand_ins(overrides: &[OverrideRow]) -> BTreeMap<ShiftId, Option<OperatorId>> {
    let mut by_shift = BTreeMap::new();
    for one in overrides {
        let operator = Some(one.operator.as_str()).filter(|id| !id.is_empty());
        by_shift.insert(ShiftId::new(&one.shift), operator.map(OperatorId::new));
    }
    by_shift
}

/// The plan with who really comes: what nobody takes is left out.
pub(crate) fn with_stand_ins(
    plan: &Plan,
    stand_ins: &BTreeMap<ShiftId, Option<OperatorId>>,
) -> Plan {
    let mut plan = plan.clone();
    plan.shifts
        .retain_mut(|shift| match stand_ins.get(&shift.id) {
            None => true,
            Some(None) => false,
            Some(Some(operator)) => {
                shift.operator = operator.clone();
                true
            }
        });
    plan
}
