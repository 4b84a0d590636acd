//! Steps that take long, because they look for people: as they are asked for, and done.

use std::collections::BTreeSet;

use meridian_model::GroupId as Handle;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answers::Word;
use super::swaps::Swap;
use super::told::{replied, settled, staffed};
use super::{Desk, Sight};
use crate::exchange::shell::ExchangeError;

/// A step that takes long.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Step {
    /// The coordinator plans and proposes.
    Propose {
        /// How many search steps to spend, 1 to 9.
        effort: u8,
    },
    /// Groups answer the newest proposal.
    Respond {
        /// Only this one.
        group: Option<String>,
        /// What its leader says, whatever the engine finds.
        word: Option<Word>,
    },
    /// Who is on duty in what this node's groups hold is said.
    Staff {},
    /// Parts change hands.
    Settle {
        /// Only for this group.
        group: Option<String>,
        /// The part that it takes.
        take: Option<String>,
    },
    /// The plan in force is judged.
    Check {},
}

impl Step {
    /// Its name.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Propose { .. } => "propose",
            Self::Respond { .. } => "respond",
            Self::Staff {} => "staff",
            Self::Settle { .. } => "settle",
            Self::Check {} => "check",
        }
    }

    /// How many search steps it may spend, 1..=9.
    pub(crate) fn effort(&self) -> u8 {
        match self {
            Self::Propose { effort } => *effort,
            _ => 1,
        }
    }
}

impl Desk<'_> {
    /// Does a step; what comes of it, as the command line tells machines.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn work(&self, space: &str, step: &Step) -> Result<Value, ExchangeError> {
        let sight = self.space(space).await?;
        Ok(match step {
            Step::Propose { .. } => self.propose(&sight).await?.told(),
            Step::Respond { group, word } => replied(
                &self
                    .respond(&sight, group.as_deref(), word.as_ref())
                    .await?,
            ),
            Step::Staff {} => staffed(self.staff(&sight).await?),
            Step::Settle { group, take } => {
                let take = take.clone().zip(group.clone());
                let take = take.map(|(part, to)| Swap { part, to });
                let sight = only(sight, group.as_deref());
                settled(&self.settle(&sight, take.as_ref()).await?)
            }
            Step::Check {} => self.check(&sight).await?.told(),
        })
    }
}

fn only(sight: Sight, group: Option<&str>) -> Sight {
    match group {
        None => sight,
        Some(group) => sight.only(&BTreeSet::from([Handle::new(group)])),
    }
}
