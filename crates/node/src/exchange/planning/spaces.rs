//! Opening a space, saying yes to what its charter and brief become, and leaving it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use meridian_federation::content::{
    CharterEndorse, Content, Deadlines, Member, MemberLeave, Phase, SpaceCharter, Subject,
};
use meridian_federation::{Effects, GroupId, Node, SpaceId};
use meridian_model::{GroupId as Handle, Timestamp};

use super::told::Opened;
use super::{Desk, Sight, not_whole, unfit};
use crate::assembler::assemble;
use crate::exchange::peers::shown;
use crate::exchange::shell::ExchangeError;
use crate::exchange::speaking::say;
use crate::negotiation::{BriefAsk, brief_of, charter_differences};
use crate::store::SpaceRow;

/// A space that is to be opened.
#[derive(Clone, Debug)]
pub(crate) struct NewSpace {
    pub(crate) name: String,
    /// The local event that is planned there.
    pub(crate) event: String,
    /// Who coordinates, as this node calls it; the group whose node this is, if left out.
    pub(crate) coordinator: Option<String>,
    /// Peers whose groups are members too, by name or id.
    pub(crate) peers: Vec<String>,
    pub(crate) quorum: Option<u32>,
    pub(crate) retention_days: u32,
    /// Starts that groups are asked about; none when the event's own start is decided.
    pub(crate) candidates: Vec<Timestamp>,
}

impl Desk<'_> {
    /// Opens a space: charter, and brief of the local event. This node's own groups take part at once.
    ///
    /// # Errors
    /// [`ExchangeError`]; when the event is not whole here.
    pub(crate) async fn open(&self, new: &NewSpace) -> Result<Opened, ExchangeError> {
        if new.name.trim().is_empty() {
            return Err(unfit("a space needs a name"));
        }
        let store = self.exchange.store();
        let made = assemble(store, &new.event, self.zones).await;
        let (problem, _) = made.map_err(not_whole(&new.event))?;
        let (founder, members) = self.members(new).await?;
        let space = SpaceId::of(&founder, &new.name);
        let row = SpaceRow {
            id: space.to_string(),
            founder: founder.to_string(),
            name: new.name.clone(),
            event: new.event.clone(),
            salt: BASE64_STANDARD.encode(rand::random::<[u8; 32]>()),
            rounding: 1,
        };
        let n_members = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let roles = problem.event.roles.iter().map(|role| role.id.to_string());
        let charter = Content::SpaceCharter(SpaceCharter {
            name: new.name.clone(),
            version: 1,
            previous: None,
            coordinator: founder,
            members,
            quorum: new.quorum.unwrap_or(n_members / 2 + 1).clamp(1, n_members),
            vocabulary: roles.collect(),
            retention_days: new.retention_days,
        });
        let brief = brief_of(
            &problem,
            &BriefAsk {
                version: 1,
                phase: Phase::Planning,
                candidates: new.candidates.clone(),
                decided: new.candidates.is_empty(),
                deadlines: Deadlines::default(),
            },
        );
        let brief = Content::EventBrief(brief);
        // What cannot be said leaves no space behind.
        charter.write()?;
        brief.write()?;
        let mut write = store.write().await?;
        write.add_space(&row).await?;
        write.commit().await?;
        self.exchange
            .change(move |node| {
                let mut effects = node.follow(space, founder);
                say(node, (space, founder), &charter, &mut effects)?;
                say(node, (space, founder), &brief, &mut effects)?;
                Ok(((), effects))
            })
            .await?;
        self.take_part(&new.name).await?;
        let members = usize::try_from(n_members).unwrap_or(usize::MAX);
        Ok(Opened {
            space: space.to_string(),
            members,
        })
    }

    /// Who founds, and who is a member: the founder first.
    async fn members(&self, new: &NewSpace) -> Result<(GroupId, Vec<Member>), ExchangeError> {
        let own = self.exchange.store().identities().await?;
        let founder = match &new.coordinator {
            Some(handle) => own.iter().find(|row| row.handle == *handle),
            None => own.iter().find(|row| row.home == 1),
        };
        let founder = founder.ok_or_else(|| unfit("this node signs for no such group"))?;
        let founder: GroupId = founder.group_id.parse()?;
        let mut members = Vec::new();
        for row in own {
            members.push((Handle::new(&row.handle), row.group_id.parse()?));
        }
        for name in &new.peers {
            let peer = self.exchange.peer_named(name).await?;
            if peer.state != "allowed" {
                return Err(unfit(format!(
                    "people have not made sure of {name} yet: compare the words with its leader, and confirm it"
                )));
            }
            let groups = shown(&peer)?.groups.into_iter();
            members.extend(groups.map(|(handle, card)| (Handle::new(handle), card.card().group)));
        }
        let handles: BTreeSet<_> = members.iter().map(|(handle, _)| handle).collect();
        if handles.len() < members.len() {
            return Err(unfit(
                "two of the groups are called the same at their nodes",
            ));
        }
        members.sort_by_key(|(handle, group)| (*group != founder, handle.clone()));
        let members = members.into_iter();
        let members = members.map(|(handle, group)| Member { group, handle });
        Ok((founder, members.collect()))
    }

    /// Tells head-counts rounded down to multiples of that from now on.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn round(&self, sight: &mut Sight, to: u32) -> Result<(), ExchangeError> {
        sight.row.rounding = i64::from(to.max(1));
        let mut write = self.exchange.store().write().await?;
        write.round_space(&sight.row).await?;
        Ok(write.commit().await?)
    }

    /// A group of this node takes part no longer.
    ///
    /// # Errors
    /// When this node does not sign for it.
    pub(crate) async fn leave(
        &self,
        sight: &Sight,
        handle: &str,
        reason: &str,
    ) -> Result<(), ExchangeError> {
        let (_, group) = sight.own_group(handle)?;
        let reason = reason.to_owned();
        let leave = Content::MemberLeave(MemberLeave { reason });
        self.exchange
            .say_all(sight.id, vec![(group, leave)])
            .await?;
        Ok(())
    }

    /// After a lost database: the next thing that a group of this node says begins a new log.
    ///
    /// # Errors
    /// When this node does not sign for it.
    pub(crate) async fn renew(&self, sight: &Sight, handle: &str) -> Result<(), ExchangeError> {
        let (_, group) = sight.own_group(handle)?;
        let space = sight.id;
        let begin = move |node: &mut Node| Ok(((), node.begin_generation(space, group)?));
        self.exchange.change(begin).await?;
        Ok(())
    }

    /// This node's members say yes to the newest charter and brief; how many did so anew.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn endorse(&self, sight: &Sight) -> Result<usize, ExchangeError> {
        let charter = sight.state.charter.as_ref();
        let charter = charter.ok_or_else(|| unfit("the space has no charter yet"))?;
        let (in_force, by) = (charter.record, charter.what.coordinator);
        let brief = sight.state.brief.clone();
        let (space, own) = (sight.id, sight.own.clone());
        let said = self.exchange.change(move |node| {
            let views = node.views(&space)?;
            let mut subjects = Vec::new();
            let next = views.get(&by).and_then(|view| {
                let mut all = view.charters.values();
                all.find(|of| of.what.previous == Some(in_force))
            });
            subjects.extend(next.map(|of| (Subject::Charter(of.record), of.what.version)));
            let brief = brief.as_ref();
            subjects.extend(brief.map(|of| (Subject::Brief(of.record), of.what.version)));
            let mut sayings = Vec::new();
            for group in own.values() {
                for (subject, version) in &subjects {
                    let key = (matches!(subject, Subject::Brief(_)), *version);
                    let view = views.get(group);
                    if view.is_none_or(|view| !view.endorsements.contains_key(&key)) {
                        let (subject, version) = (*subject, *version);
                        let said = CharterEndorse { subject, version };
                        sayings.push((*group, Content::CharterEndorse(said)));
                    }
                }
            }
            let mut effects = Effects::default();
            for (group, content) in &sayings {
                say(node, (space, *group), content, &mut effects)?;
            }
            Ok((sayings.len(), effects))
        });
        Ok(said.await?.0)
    }

    /// How the charter that a proposal was made under differs from the one in effect here, by field.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn charter_doubts(&self, sight: &Sight) -> Result<Vec<String>, ExchangeError> {
        let proposal = sight.proposal()?.record;
        let Some(charter) = sight.state.charter.clone() else {
            return Ok(Vec::new());
        };
        let space = sight.id;
        let under = self.exchange.look(move |node| {
            let depends = node.record(&space, &proposal)?.header().depends.clone();
            let views = node.views(&space).ok()?;
            let mut charters = views.values().flat_map(|view| view.charters.values());
            charters
                .find(|of| depends.contains(&of.record))
                .map(|of| SpaceCharter::clone(&of.what))
        });
        let found = match under.await? {
            Some(there) => charter_differences(&charter.what, &there),
            None => Vec::new(),
        };
        Ok(found.iter().map(ToString::to_string).collect())
    }
}
