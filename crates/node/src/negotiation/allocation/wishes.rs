//! What groups asked for instead of what was planned, as changes of the next problem.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{
    Answer, Move, Operation, Part, PlanBlock, PlanRevision, Reason, ReasonCode, Seat,
};
use meridian_model::{
    BlockId, Event, GroupId as Handle, Language, RoleId, SessionId, ShiftId, Span, TrackId,
};

use super::super::grid::{Grid, without};
use super::Offers;

/// What one group asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Wishes {
    /// It does not host then.
    pub(super) closed: Vec<Span>,
    /// It would host then, whatever it offered.
    pub(super) opened: Vec<Span>,
    /// Languages that it does not host in.
    pub(super) languages: BTreeSet<Language>,
    /// It hosts no more blocks than these.
    pub(super) max_blocks: Option<u32>,
    /// Blocks of the plan before that do not stay.
    pub(super) blocks: BTreeSet<BlockId>,
    /// Where blocks are to be moved to: what is there gives way.
    pub(super) sought: Vec<(TrackId, Span)>,
    /// Blocks that change places.
    pub(super) places: Vec<PlanBlock>,
    /// Seats of the plan before that it cannot serve, or others take.
    pub(super) seats: BTreeSet<ShiftId>,
    /// Seats that it takes instead.
    pub(super) takes: Vec<Seat>,
    /// People that it lacks: one at a time, by role.
    pub(super) lacks: Vec<(RoleId, Span)>,
    /// Roles that it never has people for then, by its answers to all plans.
    pub(super) never: Vec<(RoleId, Span)>,
    /// When its sessions cannot be.
    pub(super) sessions: BTreeMap<SessionId, Vec<Span>>,
}

/// What every group asked for in all of its answers.
pub(super) fn wishes<'a>(
    event: &Event,
    offers: &'a Offers<'_>,
    previous: Option<&PlanRevision>,
) -> BTreeMap<&'a Handle, Wishes> {
    let mut all: BTreeMap<&Handle, Wishes> = BTreeMap::new();
    let mut given = Vec::new();
    for (handle, offer) in offers {
        let mut wishes = Wishes::default();
        for answered in &offer.answers {
            let mut said = Said {
                handle,
                grid: Grid(event.horizon),
                plan: answered.revision,
                is_last: previous.is_some_and(|last| last.number == answered.revision.number),
                wishes: &mut wishes,
                given: &mut given,
            };
            match answered.answer {
                Answer::Accept => {}
                Answer::Counter(operations) => operations.iter().for_each(|of| said.counter(of)),
                Answer::Reject(reasons) => reasons.iter().for_each(|of| said.reject(of)),
            }
        }
        all.insert(handle, wishes);
    }
    for Given { to, block, seat } in given {
        if let Some((_, wishes)) = all.iter_mut().find(|(handle, _)| ***handle == to) {
            wishes.blocks.extend(block.iter().map(|(id, _)| id.clone()));
            wishes
                .opened
                .extend(block.iter().map(|(_, place)| place.span));
            wishes.places.extend(block.map(|(_, place)| place));
            wishes.seats.extend(seat);
        }
    }
    all
}

/// What another group's wish does to a group.
struct Given {
    to: Handle,
    /// Its block, and where it goes.
    block: Option<(BlockId, PlanBlock)>,
    /// Its seat goes.
    seat: Option<ShiftId>,
}

/// One answer of one group.
struct Said<'a> {
    handle: &'a Handle,
    grid: Grid,
    plan: &'a PlanRevision,
    /// Whether it is to the plan before the next: only that one's parts can stay or go.
    is_last: bool,
    wishes: &'a mut Wishes,
    given: &'a mut Vec<Given>,
}

impl Said<'_> {
    fn counter(&mut self, operation: &Operation) {
        match operation {
            Operation::Drop(part) => self.drop_part(part),
            Operation::LimitBlocks(most) => self.limit(*most),
            Operation::Swap(one, other) => self.swap(one, other),
            Operation::Move(to) => self.move_part(to),
            Operation::NeedsRole(role, span) => {
                self.wishes.never.push((role.clone(), *span));
                if self.is_last {
                    self.wishes.lacks.push((role.clone(), *span));
                }
            }
        }
    }

    fn reject(&mut self, reason: &Reason) {
        if let Some(session) = &reason.session {
            self.not_then(session);
            return;
        }
        match (reason.code, &reason.part) {
            (ReasonCode::WrongLanguage, Some(Part::Block(id))) => self.wrong_language(id),
            (ReasonCode::TooMuch, Some(Part::Block(_)) | None) => self.too_much(),
            (ReasonCode::SpeakerCannot, None) => self.no_session_then(),
            (_, Some(part)) => self.drop_part(part),
            (ReasonCode::TooFewPeople, None) => {
                self.seats()
                    .into_iter()
                    .for_each(|part| self.drop_part(&part));
            }
            (_, None) => {
                self.seats()
                    .into_iter()
                    .for_each(|part| self.drop_part(&part));
                self.blocks()
                    .into_iter()
                    .for_each(|part| self.drop_part(&part));
                self.no_session_then();
            }
        }
    }

    /// The group's block of this name.
    fn block(&self, id: &BlockId) -> Option<PlanBlock> {
        let mut blocks = self.plan.blocks.iter();
        let found = blocks.find(|block| block.id == *id && block.group == *self.handle);
        found.cloned()
    }

    fn seat(&self, id: &ShiftId) -> Option<Seat> {
        let mut seats = self.plan.seats.iter();
        let found = seats.find(|seat| seat.id == *id && seat.group == *self.handle);
        found.cloned()
    }

    fn blocks(&self) -> Vec<Part> {
        let own = self
            .plan
            .blocks
            .iter()
            .filter(|of| of.group == *self.handle);
        own.map(|of| Part::Block(of.id.clone())).collect()
    }

    fn seats(&self) -> Vec<Part> {
        let own = self.plan.seats.iter().filter(|of| of.group == *self.handle);
        own.map(|of| Part::Seat(of.id.clone())).collect()
    }

    /// Not this group for this part again.
    fn drop_part(&mut self, part: &Part) {
        match part {
            Part::Block(id) => {
                if let Some(block) = self.block(id) {
                    self.close(block.span);
                    self.release(&block);
                }
            }
            Part::Seat(id) => {
                if let Some(seat) = self.seat(id) {
                    self.wishes.never.push((seat.role, seat.span));
                    if self.is_last {
                        self.wishes.seats.insert(seat.id);
                    }
                }
            }
        }
    }

    fn close(&mut self, span: Span) {
        self.wishes.closed.push(span);
        self.wishes.opened = without(&self.wishes.opened, &[span]);
    }

    fn release(&mut self, block: &PlanBlock) {
        if self.is_last {
            self.wishes.blocks.insert(block.id.clone());
        }
    }

    fn limit(&mut self, most: u32) {
        let known = self.wishes.max_blocks.unwrap_or(most);
        self.wishes.max_blocks = Some(known.min(most));
    }

    /// One block fewer, or where there is none, its longest seat less.
    fn too_much(&mut self) {
        let blocks = self.blocks().len();
        if let Some(fewer) = blocks.checked_sub(1) {
            self.limit(u32::try_from(fewer).unwrap_or(u32::MAX));
            return;
        }
        let own = self.plan.seats.iter().filter(|of| of.group == *self.handle);
        let longest = own.max_by_key(|seat| (seat.span.minutes(), &seat.id));
        if let Some(id) = longest.map(|seat| seat.id.clone()) {
            self.drop_part(&Part::Seat(id));
        }
    }

    fn wrong_language(&mut self, id: &BlockId) {
        if let Some(block) = self.block(id) {
            self.release(&block);
            self.wishes.languages.insert(block.language);
        }
    }

    fn not_then(&mut self, session: &SessionId) {
        let own = self.plan.sessions.iter();
        let mut own = own.filter(|of| of.group.as_ref() == Some(self.handle));
        if let Some(placed) = own.find(|of| of.id == *session) {
            let spans = self.wishes.sessions.entry(session.clone()).or_default();
            spans.push(placed.span);
        }
    }

    fn no_session_then(&mut self) {
        let own = self.plan.sessions.iter();
        let own = own.filter(|of| of.group.as_ref() == Some(self.handle));
        let ids: Vec<_> = own.map(|of| of.id.clone()).collect();
        ids.iter().for_each(|id| self.not_then(id));
    }

    fn move_part(&mut self, to: &Move) {
        match &to.part {
            Part::Block(id) => {
                let Some(block) = self.block(id) else { return };
                let Some(span) = self.grid.moved(block.span, to.cells) else {
                    self.drop_part(&to.part);
                    return;
                };
                self.close(block.span);
                self.wishes.closed = without(&self.wishes.closed, &[span]);
                self.wishes.opened.push(span);
                self.release(&block);
                if self.is_last {
                    self.wishes.sought.push((block.track, span));
                }
            }
            Part::Seat(id) => {
                let seat = self.seat(id);
                let moved = seat.and_then(|seat| {
                    let span = self.grid.moved(seat.span, to.cells)?;
                    Some(Seat { span, ..seat })
                });
                self.drop_part(&to.part);
                if let (true, Some(seat)) = (self.is_last, moved) {
                    self.take(seat);
                }
            }
        }
    }

    /// A seat is taken once, as it was asked for first.
    fn take(&mut self, seat: Seat) {
        if !self.wishes.takes.iter().any(|known| known.id == seat.id) {
            self.wishes.takes.push(seat);
        }
    }

    /// One part for another, of whomever: both groups change places. The other may say no to that plan.
    fn swap(&mut self, one: &Part, other: &Part) {
        if !self.is_last {
            return;
        }
        match (one, other) {
            (Part::Block(one_id), Part::Block(other_id)) => {
                let mut blocks = self.plan.blocks.iter();
                let theirs = blocks.find(|of| of.id == *other_id).cloned();
                let (Some(own), Some(theirs)) = (self.block(one_id), theirs) else {
                    return self.drop_part(one);
                };
                self.release(&own);
                self.wishes.closed = without(&self.wishes.closed, &[theirs.span]);
                self.wishes.opened.push(theirs.span);
                self.wishes.places.push(PlanBlock {
                    group: self.handle.clone(),
                    language: own.language.clone(),
                    ..theirs.clone()
                });
                let place = PlanBlock {
                    group: theirs.group.clone(),
                    language: theirs.language.clone(),
                    ..own
                };
                self.given.push(Given {
                    to: theirs.group,
                    block: Some((theirs.id, place)),
                    seat: None,
                });
            }
            (Part::Seat(_), Part::Seat(other_id)) => {
                let mut seats = self.plan.seats.iter();
                let theirs = seats.find(|of| of.id == *other_id).cloned();
                self.drop_part(one);
                let Some(theirs) = theirs else { return };
                self.given.push(Given {
                    to: theirs.group.clone(),
                    block: None,
                    seat: Some(theirs.id.clone()),
                });
                self.take(Seat {
                    group: self.handle.clone(),
                    ..theirs
                });
            }
            _ => self.drop_part(one),
        }
    }
}
