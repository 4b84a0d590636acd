//! Who signs here: the groups of this node, their keys and cards.
//!
//! A group's root key is drawn once, told to people as 24 words, and kept nowhere: they need it to change the group's
//! card, as when a signing key is lost or the node moves.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bip39::Mnemonic;
use meridian_federation::card::{Card, KeyGrant, KeySpan};
use meridian_federation::keys::{SecretKey, Signer};
use meridian_federation::{Effects, GroupId, Node, Problem};

use super::shell::{Exchange, ExchangeError};
use crate::store::IdentityRow;

/// A root key as people keep it.
pub(crate) struct Recovery([u8; 32]);

impl std::fmt::Debug for Recovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recovery(…)")
    }
}

impl Recovery {
    fn draw() -> Self {
        Self(rand::random())
    }

    /// The root key of 24 words.
    ///
    /// # Errors
    /// When they are no such words; what is wrong with them, for people.
    pub(crate) fn of_words(words: &str) -> Result<Self, ExchangeError> {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let unfit = |why: String| ExchangeError::Unfit(format!("the recovery words: {why}"));
        let known = Mnemonic::parse_normalized(&words.to_lowercase());
        let entropy = known.map_err(|why| unfit(why.to_string()))?.to_entropy();
        let secret = entropy.try_into();
        secret
            .map(Self)
            .map_err(|_other| unfit("there have to be 24".to_owned()))
    }

    /// The 24 words.
    ///
    /// # Errors
    /// Never for a key of this length.
    pub(crate) fn words(&self) -> anyhow::Result<String> {
        let words = Mnemonic::from_entropy(&self.0);
        let words = words.map_err(|why| anyhow::anyhow!("a root key has no words: {why}"))?;
        Ok(words.to_string())
    }

    fn key(&self) -> SecretKey {
        SecretKey::from_secret(&self.0)
    }
}

/// A group that was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) group: GroupId,
    pub(crate) recovery: Recovery,
}

/// What is said of a new group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewGroup<'a> {
    /// What this node's events call it.
    pub(crate) handle: &'a str,
    pub(crate) name: &'a str,
    /// Where this node listens for others; may be empty.
    pub(crate) url: &'a str,
}

/// What changes in a group's card.
#[derive(Clone, Debug, Default)]
pub(crate) struct Renewal {
    pub(crate) name: Option<String>,
    pub(crate) url: Option<String>,
    /// A new signing key. Without it the one before goes on.
    pub(crate) key: bool,
    /// What the key before signed counts no longer, anywhere.
    pub(crate) stolen: bool,
}

/// The key that a group signs with here.
///
/// # Errors
/// When what the store has is none.
pub(crate) fn signing_key(row: &IdentityRow) -> anyhow::Result<SecretKey> {
    let damaged = || anyhow::anyhow!("the signing key of {} is damaged", row.handle);
    let bytes = BASE64_STANDARD.decode(&row.secret);
    let secret: [u8; 32] = bytes
        .map_err(|_why| damaged())?
        .try_into()
        .map_err(|_other| damaged())?;
    Ok(SecretKey::from_secret(&secret))
}

impl Exchange {
    /// Makes a group that this node signs for; the first is the one whose node this is, others are its guests.
    ///
    /// # Errors
    /// [`ExchangeError`]; when there is one of that handle.
    pub(crate) async fn make_group(&self, new: NewGroup<'_>) -> Result<Made, ExchangeError> {
        let known = self.store().identities().await?;
        let home = known.iter().find(|row| row.home == 1);
        let (recovery, secret) = (Recovery::draw(), rand::random::<[u8; 32]>());
        let (root, key) = (recovery.key(), SecretKey::from_secret(&secret));
        let mut card = Card::first(root.public(), key.public(), new.name);
        new.url.clone_into(&mut card.url);
        card.node = home.map(|row| row.group_id.parse()).transpose()?;
        let signed = card.seal(&root)?;
        let row = IdentityRow {
            group_id: card.group.to_string(),
            handle: new.handle.to_owned(),
            home: i64::from(home.is_none()),
            secret: BASE64_STANDARD.encode(secret),
        };
        self.found(&row, signed.envelope().clone()).await?;
        Ok(Made {
            group: card.group,
            recovery,
        })
    }

    /// Signs the next card of a group.
    ///
    /// # Errors
    /// [`ExchangeError`]; when the words are those of another group.
    pub(crate) async fn renew_card(
        &self,
        handle: &str,
        recovery: &Recovery,
        renewal: Renewal,
    ) -> Result<u64, ExchangeError> {
        let row = self.identity(handle).await?;
        let group: GroupId = row.group_id.parse()?;
        let root = recovery.key();
        if root.public().group() != group {
            let why = format!("the recovery words are not those of {handle}");
            return Err(ExchangeError::Unfit(why));
        }
        let secret: [u8; 32] = rand::random();
        let key = SecretKey::from_secret(&secret).public();
        let old = signing_key(&row)?.public();
        if renewal.key {
            // Before the card: a node that ends in between has a key that no card names yet, and says so.
            let mut write = self.store().write().await?;
            write
                .replace_key(&row.group_id, &BASE64_STANDARD.encode(secret))
                .await?;
            write.commit().await?;
        }
        let (version, _) = self
            .change(move |node| {
                let known = node.trust().card(&group).map(|card| card.card().clone());
                let mut card = known.ok_or_else(|| no_card(group))?;
                card.previous = node.trust().card(&group).map(|card| card.id());
                card.version += 1;
                if let Some(name) = &renewal.name {
                    card.name.clone_from(name);
                }
                if let Some(url) = &renewal.url {
                    card.url.clone_from(url);
                }
                if renewal.key {
                    let spans = if renewal.stolen {
                        Vec::new()
                    } else {
                        signed_so_far(node, group)?
                    };
                    card.keys.retain(|grant| grant.key != old);
                    card.keys.push(KeyGrant { key: old, spans });
                    card.keys.push(KeyGrant {
                        key,
                        spans: vec![KeySpan::ALL],
                    });
                }
                let signed = card.seal(&root)?;
                let effects = node.take_card(signed.envelope());
                match effects.refused.first() {
                    Some(refusal) => Err(refusal.problem.clone()),
                    None => Ok((card.version, effects)),
                }
            })
            .await?;
        Ok(version)
    }

    /// The group of this node that its events call so.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn identity(&self, handle: &str) -> Result<IdentityRow, ExchangeError> {
        let known = self.store().identities().await?;
        let found = known.into_iter().find(|row| row.handle == handle);
        found.ok_or_else(|| {
            ExchangeError::Unknown(format!(
                "this node signs for no group {handle}: see the list of its groups"
            ))
        })
    }
}

fn no_card(group: GroupId) -> Problem {
    Problem::new(
        meridian_federation::Code::UnknownGroup,
        format!("no card of {group} is known"),
    )
}

/// Where a group has signed: what a key that is replaced may go on to cover.
fn signed_so_far(node: &Node, group: GroupId) -> Result<Vec<KeySpan>, Problem> {
    let mut spans = Vec::new();
    for (space, _) in node.spaces() {
        for ((author, generation), log) in node.logs(&space)? {
            if let (true, Some(last)) = (*author == group, log.head()) {
                spans.push(KeySpan {
                    space: Some(space),
                    generation: Some(*generation),
                    first: 0,
                    last: Some(last.header().sequence),
                });
            }
        }
    }
    Ok(spans)
}

/// What a change of the core gives when it only has effects.
pub(super) fn only(effects: Effects) -> ((), Effects) {
    ((), effects)
}
