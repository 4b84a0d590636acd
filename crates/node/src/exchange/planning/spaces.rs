//! Opening a space, finding one at a peer, and taking part in it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use meridian_federation::content::{
    CharterEndorse, Content, Deadlines, Member, MemberJoin, MemberLeave, Phase, SpaceCharter,
    Subject,
};
use meridian_federation::fold::TakesPart;
use meridian_federation::{Effects, GroupId, SpaceId};
use meridian_model::{GroupId as Handle, Timestamp};
use reqwest::Url;

use super::{Desk, Sight, not_whole, unfit};
use crate::assembler::assemble;
use crate::exchange::calls::{Address, CallError, Question};
use crate::exchange::peers::shown;
use crate::exchange::shell::ExchangeError;
use crate::exchange::speaking::say;
use crate::fetch::Fetcher;
use crate::negotiation::{BriefAsk, brief_of, charter_differences, event_differences, settings_of};
use crate::server::SpaceDto;
use crate::store::{Act, SpaceRow};

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

/// A space that a peer has for this node's groups.
#[derive(Clone, Debug)]
pub(crate) struct SeenSpace {
    pub(crate) id: SpaceId,
    pub(crate) founder: GroupId,
    pub(crate) name: String,
    pub(crate) peer: String,
    pub(crate) followed: bool,
}

impl Desk<'_> {
    /// Opens a space: charter, and brief of the local event. This node's own groups take part at once.
    ///
    /// # Errors
    /// [`ExchangeError`]; when the event is not whole here.
    pub(crate) async fn open(&self, new: &NewSpace) -> Result<SpaceId, ExchangeError> {
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
        Ok(space)
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
                    "people have not made sure of {name} yet: see `meridian node peer confirm`"
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

    /// The spaces that peers have for this node's groups; who cannot be asked, and why.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn look_around(
        &self,
        fetcher: &Fetcher,
    ) -> Result<(Vec<SeenSpace>, Vec<(String, CallError)>), ExchangeError> {
        let followed = self.exchange.store().spaces().await?;
        let (mut seen, mut silent) = (Vec::new(), Vec::new());
        for peer in self.exchange.store().peers().await? {
            let Ok(url) = Url::parse(&peer.url) else {
                continue;
            };
            if peer.state != "allowed" {
                continue;
            }
            let address = Address {
                peer: peer.group_id.parse()?,
                url,
            };
            let asked = Question::get("/fed/v1/spaces");
            let answer = self.exchange.ask(fetcher, &address, asked).await;
            let spaces = answer.and_then(|body| {
                serde_json::from_slice::<Vec<SpaceDto>>(&body).map_err(|_why| CallError::Unreadable)
            });
            match spaces {
                Ok(spaces) => seen.extend(spaces.into_iter().map(|of| SeenSpace {
                    id: of.space,
                    founder: of.founder,
                    followed: followed.iter().any(|row| row.id == of.space.to_string()),
                    name: of.name,
                    peer: peer.name.clone(),
                })),
                Err(error) => silent.push((peer.name, error)),
            }
        }
        seen.sort_by_key(|of| of.id);
        seen.dedup_by_key(|of| of.id);
        Ok((seen, silent))
    }

    /// Follows a space that somebody founded; `event` is the local event that is planned there.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn follow(
        &self,
        space: SpaceId,
        founder: GroupId,
        name: &str,
        event: &str,
    ) -> Result<(), ExchangeError> {
        if SpaceId::of(&founder, name) != space {
            return Err(unfit("the space's name and founder do not make its id"));
        }
        self.exchange.store().event(event).await.map_err(|_why| {
            unfit(format!(
                "there is no event {event} here: make one, with this node's groups and their people"
            ))
        })?;
        let row = SpaceRow {
            id: space.to_string(),
            founder: founder.to_string(),
            name: name.to_owned(),
            event: event.to_owned(),
            salt: BASE64_STANDARD.encode(rand::random::<[u8; 32]>()),
            rounding: 1,
        };
        let mut write = self.exchange.store().write().await?;
        write.add_space(&row).await?;
        write.commit().await?;
        self.exchange
            .change(move |node| Ok(((), node.follow(space, founder))))
            .await?;
        Ok(())
    }

    /// This node's members take part, and its event becomes what the brief says. What changes of the event, in words.
    ///
    /// # Errors
    /// When there is no charter yet, or none of this node's groups is in it.
    pub(crate) async fn take_part(&self, name: &str) -> Result<Vec<String>, ExchangeError> {
        let sight = self.space(name).await?;
        let charter = sight.state.charter.as_ref();
        let charter = charter
            .ok_or_else(|| unfit("the space's charter has not come in yet: try again in a moment"))?
            .record;
        if sight.own.is_empty() {
            return Err(unfit("none of this node's groups is a member"));
        }
        let invited = sight.own.values().filter(|group| {
            let member = sight.state.members.get(group);
            member.is_some_and(|member| member.takes_part != TakesPart::Joined)
        });
        let join = |group: &GroupId| (*group, Content::MemberJoin(MemberJoin { charter }));
        let sayings: Vec<_> = invited.map(join).collect();
        if !sayings.is_empty() {
            self.exchange.say_all(sight.id, sayings).await?;
        }
        self.take_over_brief(&sight).await
    }

    /// Makes the local event what the brief says; a coordinator's own is so already.
    async fn take_over_brief(&self, sight: &Sight) -> Result<Vec<String>, ExchangeError> {
        let Ok(brief) = sight.brief() else {
            return Ok(Vec::new());
        };
        if sight.coordinator().is_ok() {
            return Ok(Vec::new());
        }
        let changes = match self.local(sight).await {
            Ok(problem) => event_differences(&problem.event, &brief.what),
            // An event that is not whole may become so by what the brief says.
            Err(_) => Vec::new(),
        };
        let settings = settings_of(&brief.what, None).map_err(|error| unfit(error.to_string()))?;
        let body = serde_json::to_string(&settings).map_err(anyhow::Error::from)?;
        let store = self.exchange.store();
        let known = store.record(&sight.row.event, "settings", "event").await;
        if known.is_ok_and(|known| known.body == body) {
            return Ok(Vec::new());
        }
        let act = Act {
            account: None,
            action: "change",
            event: Some(&sight.row.event),
            kind: "settings",
            id: "event",
            group: None,
        };
        let mut write = store.write().await?;
        write.replace_record(&act, &body).await?;
        write.commit().await?;
        Ok(changes.iter().map(ToString::to_string).collect())
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
