//! Finding a space at a peer, and taking part in it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use meridian_federation::content::{Content, MemberJoin};
use meridian_federation::fold::TakesPart;
use meridian_federation::{GroupId, SpaceId};
use reqwest::Url;

use super::told::Joined;
use super::{Desk, Sight, no_event, unfit};
use crate::exchange::calls::{Address, CallError, Question};
use crate::exchange::shell::ExchangeError;
use crate::exchange::sync::sync;
use crate::fetch::Fetcher;
use crate::negotiation::{event_differences, settings_of};
use crate::server::SpaceDto;
use crate::store::{Act, PeerRow, SpaceRow, StoreError};

/// A space that a peer has for this node's groups.
#[derive(Clone, Debug)]
pub(crate) struct SeenSpace {
    pub(crate) id: SpaceId,
    founder: GroupId,
    pub(crate) name: String,
    pub(crate) peer: String,
    pub(crate) followed: bool,
}

impl Desk<'_> {
    /// Takes part in a space, with an event of this node; it is looked for at the peers, if it is not followed yet.
    ///
    /// # Errors
    /// [`ExchangeError`]; when no peer has one space of that name for this node's groups.
    pub(crate) async fn join(
        &self,
        fetcher: &Fetcher,
        name: &str,
        event: &str,
    ) -> Result<Joined, ExchangeError> {
        let followed = self.exchange.store().spaces().await?;
        let fits = |of: &str, id: &str| of == name || id.starts_with(name);
        if !followed.iter().any(|row| fits(&row.name, &row.id)) {
            let (seen, _) = self.look_around(fetcher).await?;
            let mut fitting = seen.iter().filter(|of| fits(&of.name, &of.id.to_string()));
            let (Some(found), None) = (fitting.next(), fitting.next()) else {
                return Err(ExchangeError::Unknown(format!(
                    "no peer has one space {name} for this node's groups: see the list of spaces"
                )));
            };
            self.follow(found.id, found.founder, &found.name, event)
                .await?;
            self.bring_in(fetcher, found.id).await?;
        }
        let event_changed = self.take_part(name).await?;
        let sight = self.space(name).await?;
        Ok(Joined {
            groups: sight.own.keys().map(ToString::to_string).collect(),
            event_changed,
        })
    }

    /// Brings in what peers have of a space, without waiting for the running node to do so.
    async fn bring_in(&self, fetcher: &Fetcher, space: SpaceId) -> Result<(), ExchangeError> {
        for peer in self.exchange.store().peers().await? {
            if let Some(address) = callable(&peer)? {
                // Whoever has nothing of it, or is away, is no reason not to go on.
                drop(sync(self.exchange, fetcher, &address, space).await);
            }
        }
        Ok(())
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
            let Some(address) = callable(&peer)? else {
                continue;
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
        // Nobody follows who has nobody to sign as.
        self.exchange.look(|_node| ()).await?;
        match self.exchange.store().event(event).await {
            Ok(_) => {}
            Err(StoreError::Missing) => return Err(no_event(event)),
            Err(error) => return Err(error.into()),
        }
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
}

/// Where an allowed peer can be called.
fn callable(peer: &PeerRow) -> Result<Option<Address>, ExchangeError> {
    let url = Url::parse(&peer.url).ok();
    let Some(url) = url.filter(|_| peer.state == "allowed") else {
        return Ok(None);
    };
    let peer = peer.group_id.parse()?;
    Ok(Some(Address { peer, url }))
}
