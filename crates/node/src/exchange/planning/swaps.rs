//! Changes while the event nears and runs: somebody else comes to a shift, or a part goes to another group. The plan stays
//! as it was published, and nobody waits for the coordinator.

use meridian_federation::content::{
    Content, CustodyAccept, CustodyCommit, CustodyOffer, CustodyReclaim, Part, RosterOverride,
};
use meridian_federation::fold::Custody;
use meridian_federation::{Effects, GroupId, Node};
use meridian_model::check::check;
use meridian_model::{GroupId as Handle, Level, Operator, OperatorId, ShiftId};

use super::publication::carried;
use super::shared::on_duty;
use super::told::settled;
use super::{Desk, Sight, unfit};
use crate::exchange::shell::{ExchangeError, Last};
use crate::exchange::speaking::say;
use crate::negotiation::{answer_of, held, roster_problem};

/// A part that changes hands.
#[derive(Clone, Debug)]
pub(crate) struct Swap {
    /// `block/ID` or `seat/ID`.
    pub(crate) part: String,
    /// The member that is to have it.
    pub(crate) to: String,
}

/// A part, as it is written.
fn part(text: &str) -> Result<Part, ExchangeError> {
    let read = serde_json::from_value(serde_json::Value::String(text.to_owned()));
    read.map_err(|_why| unfit(format!("{text} is no part: write block/ID or seat/ID")))
}

fn custody<'a>(sight: &'a Sight, part: &Part) -> Result<&'a Custody, ExchangeError> {
    let known = sight.state.custody.get(part);
    known.ok_or_else(|| unfit(format!("the plan in force has no {part}")))
}

impl Desk<'_> {
    /// Somebody else of this node's group comes to a shift, or nobody does.
    ///
    /// # Errors
    /// [`ExchangeError`]; when she may not serve then, with the rule.
    pub(crate) async fn stand_in(
        &self,
        sight: &Sight,
        (handle, shift): (&str, &str),
        instead: Option<&str>,
    ) -> Result<Part, ExchangeError> {
        let (handle, group) = sight.own_group(handle)?;
        let shift = ShiftId::new(shift);
        let duty = on_duty(sight, &group);
        let found = duty.iter();
        let found = found.filter(|(_, people)| people.iter().any(|of| of.shift == shift));
        let Some((part, _)) = found.into_iter().next() else {
            return Err(unfit(format!(
                "nobody of {handle} is on duty in a shift {shift}"
            )));
        };
        let held = custody(sight, part)?;
        let (pseudonym, name) = match instead {
            None => (None, None),
            Some(person) => {
                let person = OperatorId::new(person);
                let who = self
                    .may_serve(sight, (&handle, &group), &shift, &person)
                    .await?;
                (Some(sight.pseudonyms()?.operator(&person)), who.shown_as)
            }
        };
        let said = Content::RosterOverride(RosterOverride {
            part: part.clone(),
            stands: held.stands,
            epoch: held.epoch,
            shift,
            instead: pseudonym,
            name,
        });
        self.exchange.say_all(sight.id, vec![(group, said)]).await?;
        Ok(part.clone())
    }

    /// Somebody of the group who may take a shift.
    async fn may_serve(
        &self,
        sight: &Sight,
        (handle, group): (&meridian_model::GroupId, &GroupId),
        shift: &ShiftId,
        person: &OperatorId,
    ) -> Result<Operator, ExchangeError> {
        let local = self.local(sight).await?;
        let mut known = local.operators.iter();
        let Some(who) = known.find(|of| of.id == *person && of.group == *handle) else {
            return Err(unfit(format!("{handle} has nobody called {person}")));
        };
        let pseudonym = sight.pseudonyms()?.operator(person);
        let mut said = on_duty(sight, group);
        let (problem, before) = self.own_roster(sight, (handle, &said), &local)?;
        for served in said.values_mut().flatten().filter(|of| of.shift == *shift) {
            served.person.clone_from(&pseudonym);
        }
        let (_, after) = self.own_roster(sight, (handle, &said), &local)?;
        let broken = |plan| {
            let found = check(&problem, plan).matches;
            let found = found
                .into_iter()
                .filter(|of| of.rule.level() == Level::Hard);
            found
                .map(|of| format!("{} {}", of.rule, of.says))
                .collect::<Vec<_>>()
        };
        let known = broken(&before);
        let new: Vec<String> = broken(&after)
            .into_iter()
            .filter(|found| !known.contains(found))
            .collect();
        if new.is_empty() {
            Ok(who.clone())
        } else {
            Err(unfit(format!(
                "{person} may not serve then: {}",
                new.join("; ")
            )))
        }
    }

    /// A group of this node offers a part that it holds to another.
    ///
    /// # Errors
    /// When it does not hold it, or the other is no member.
    pub(crate) async fn hand_over(&self, sight: &Sight, swap: &Swap) -> Result<(), ExchangeError> {
        let part = part(&swap.part)?;
        let held = custody(sight, &part)?;
        let own = sight.own.values().find(|own| **own == held.custodian);
        let own = own.ok_or_else(|| unfit(format!("none of this node's groups holds {part}")))?;
        let (stands, epoch, to) = (held.stands, held.epoch, sight.member(&swap.to)?);
        let said = Content::CustodyOffer(CustodyOffer {
            part,
            stands,
            epoch,
            to,
        });
        self.exchange.say_all(sight.id, vec![(*own, said)]).await?;
        Ok(())
    }

    /// Says yes to what was offered to this node's groups, and hands over what others said yes to; what was done, in
    /// words.
    ///
    /// # Errors
    /// [`ExchangeError`]; when the group's people cannot serve what it would take.
    pub(crate) async fn settle(
        &self,
        sight: &Sight,
        take: Option<&Swap>,
    ) -> Result<Vec<String>, ExchangeError> {
        let mut taken = None;
        if let Some(swap) = take {
            let (part, to) = (part(&swap.part)?, sight.own_group(&swap.to)?);
            self.could_take(sight, &part, &to).await?;
            taken = Some((part, to.1));
        }
        let (space, own) = (sight.id, sight.own.clone());
        let custody = sight.state.custody.clone();
        let work = move |node: &mut Node| {
            let mut sayings: Vec<(GroupId, Content, String)> = Vec::new();
            let views = node.views(&space)?;
            for (by, view) in views {
                for offer in view.offers.values() {
                    let (what, record) = (&offer.what, offer.record);
                    let stands = custody.get(&what.part).is_some_and(|of| {
                        of.custodian == *by && of.epoch == what.epoch && of.stands == what.stands
                    });
                    if !stands {
                        continue;
                    }
                    let yes = views
                        .get(&what.to)
                        .and_then(|view| view.accepts.get(&record));
                    let to = own.iter().find(|(_, group)| **group == what.to);
                    if let (Some((handle, group)), None) = (to, yes)
                        && taken.as_ref() == Some(&(what.part.clone(), *group))
                    {
                        let said = Content::CustodyAccept(CustodyAccept { offer: record });
                        sayings.push((*group, said, format!("{handle} takes {}", what.part)));
                    }
                    let carried = yes.and_then(|yes| carried(node, &space, &yes.record));
                    if let (true, Some(accept)) = (own.values().any(|group| group == by), carried) {
                        let offer = record;
                        let said = Content::CustodyCommit(CustodyCommit { offer, accept });
                        sayings.push((*by, said, format!("{} is handed over", what.part)));
                    }
                }
            }
            let mut effects = Effects::default();
            let mut done = Vec::with_capacity(sayings.len());
            for (group, content, words) in sayings {
                say(node, (space, group), &content, &mut effects)?;
                done.push(words);
            }
            Ok((done, effects))
        };
        let last = self.job.map(|job| Last {
            job,
            answer: &|done: &Vec<String>| settled(done),
        });
        Ok(self.exchange.change_at_last(work, last).await?.0)
    }

    /// Makes sure that the people of the group to whom a part is offered can serve it, with all that they serve already.
    async fn could_take(
        &self,
        sight: &Sight,
        part: &Part,
        (handle, group): &(Handle, GroupId),
    ) -> Result<(), ExchangeError> {
        let (space, wanted, to) = (sight.id, part.clone(), *group);
        let offered = self.exchange.look(move |node| {
            let offers = node
                .views(&space)
                .into_iter()
                .flat_map(|views| views.values());
            let mut offers = offers.flat_map(|view| view.offers.values());
            offers.any(|offer| offer.what.part == wanted && offer.what.to == to)
        });
        if !offered.await? {
            return Err(unfit(format!("{part} is not offered to {handle}")));
        }
        let mut plan = held(&sight.state).ok_or_else(|| unfit("no plan is in force"))?;
        for seat in &mut plan.seats {
            if Part::Seat(seat.id.clone()) == *part {
                seat.group.clone_from(handle);
            }
        }
        let local = self.local(sight).await?;
        let problem = roster_problem(&sight.brief()?.what, &plan, handle, &local);
        let (problem, roster) = self.solver.roster(problem).await?;
        let (_, short) = answer_of(&problem, &roster, &plan, handle);
        if short.is_empty() {
            return Ok(());
        }
        Err(unfit(format!(
            "{handle} has nobody for {part} beside what it serves already"
        )))
    }

    /// The coordinator gives a part to a member, whoever holds it.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn reclaim(
        &self,
        sight: &Sight,
        swap: &Swap,
        reason: &str,
    ) -> Result<(), ExchangeError> {
        let coordinator = sight.coordinator()?;
        let part = part(&swap.part)?;
        let held = custody(sight, &part)?;
        let said = Content::CustodyReclaim(CustodyReclaim {
            stands: held.stands,
            reclaims: held.epoch.reclaims + 1,
            to: sight.member(&swap.to)?,
            part,
            reason: reason.to_owned(),
        });
        self.exchange
            .say_all(sight.id, vec![(coordinator, said)])
            .await?;
        Ok(())
    }
}
