//! Records of a space that travel by mail, with the same checks as from a peer.

use meridian_federation::bundle::space_of;
use meridian_federation::sync::Have;
use meridian_federation::{GroupId, SpaceId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Desk, Sight, unfit};
use crate::exchange::shell::ExchangeError;
use crate::store::SpaceRow;

/// What was in a bundle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// Whether something was new in it.
    pub(crate) changed: bool,
    /// What was not taken, and why.
    pub(crate) refused: Vec<String>,
}

/// What a bundle is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labelled {
    pub(crate) space: SpaceId,
    pub(crate) founder: GroupId,
}

/// Reads of what a bundle is.
///
/// # Errors
/// When it is none.
pub(crate) async fn label(bytes: Vec<u8>) -> Result<(Labelled, Vec<u8>), ExchangeError> {
    let read = move || Ok((space_of(&bytes)?, bytes));
    let read: Result<_, meridian_federation::Problem> = tokio::task::spawn_blocking(read).await?;
    let ((space, founder), bytes) = read?;
    Ok((Labelled { space, founder }, bytes))
}

impl Labelled {
    /// The space among those that are followed.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) fn among(&self, rows: Vec<SpaceRow>) -> Result<SpaceRow, ExchangeError> {
        let id = self.space.to_string();
        let found = rows.into_iter().find(|row| row.id == id);
        let founder = self.founder;
        found.ok_or_else(|| {
            unfit(format!(
                "it is of a space that is not followed here (of founder {founder}): name an event of this node and the space's name to follow it"
            ))
        })
    }
}

impl Desk<'_> {
    /// All of a space that a member may have; without one, only what everybody may read.
    ///
    /// # Errors
    /// [`ExchangeError`]; when there is no such member.
    pub(crate) async fn bundle(
        &self,
        sight: &Sight,
        to: Option<&str>,
    ) -> Result<Vec<u8>, ExchangeError> {
        let reader = match to {
            None => GroupId::from_bytes([0; 32]),
            Some(handle) => sight.member(handle)?,
        };
        let space = sight.id;
        let write = move |node: &meridian_federation::Node| {
            node.write_bundle(space, &reader, &Have::default())
        };
        Ok(self.exchange.look(write).await??)
    }

    /// Takes in a bundle of a space that is followed.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn take_bundle(&self, bytes: Vec<u8>) -> Result<Taken, ExchangeError> {
        let taken = self
            .exchange
            .change(move |node| Ok(((), node.read_bundle(&bytes))));
        let ((), effects) = taken.await?;
        let refused = effects.refused.iter();
        Ok(Taken {
            changed: effects.changed,
            refused: refused.map(|of| of.problem.to_string()).collect(),
        })
    }
}
