//! H01: every item of a plan is well formed; one that is not is left out of all other rules.

use super::Note;
use super::scene::{Block, Placed, Scene, Service, occupied, on_duty};
use crate::{HostBlock, Match, PlacedSession, RuleCode, Shift, Span, Subject};

/// H01: the items that the scene could not take in.
pub(super) fn well_formed(scene: &Scene<'_>) -> Vec<Match> {
    scene.malformed.clone()
}

impl<'a> Scene<'a> {
    /// H01 for the plan as a whole.
    pub(super) fn another_event(&self) -> Option<Match> {
        let (asked, answered) = (&self.problem.event.id, &self.plan.event);
        (asked != answered).then(|| {
            Note {
                subjects: Vec::new(),
                spans: vec![self.horizon.span()],
                says: format!("the plan is for the event {answered}, not for {asked}"),
                remedy: format!("check it against {answered}, or plan {asked}"),
            }
            .breaks(RuleCode::H01)
        })
    }

    pub(super) fn block(&self, block: &'a HostBlock, repeated: bool) -> Result<Block<'a>, Match> {
        let mut faults = Faults::default();
        if self.track(&block.track).is_none() {
            faults.unknown("track", &block.track);
        }
        let group = self.group(&block.group);
        if group.is_none() {
            faults.unknown("group", &block.group);
        }
        let cells = self.cells(block.span);
        faults.cells(cells.is_some());
        faults.repeated(repeated);
        if let (Some(group), Some(cells), true) = (group, cells, faults.none()) {
            return Ok(Block {
                block,
                group,
                cells,
            });
        }
        let item = format!("the block {}", block.id);
        Err(faults.found(&item, Subject::Block(block.id.clone()), block.span))
    }

    pub(super) fn placed(
        &self,
        placed: &'a PlacedSession,
        repeated: bool,
    ) -> Result<Placed<'a>, Match> {
        let mut faults = Faults::default();
        if self.track(&placed.track).is_none() {
            faults.unknown("track", &placed.track);
        }
        let session = self.session(&placed.session);
        match session {
            None => faults.unknown("session", &placed.session),
            Some(session) => {
                for speaker in &session.speakers {
                    if self.speaker(speaker).is_none() {
                        faults.unknown("speaker", speaker);
                    }
                }
            }
        }
        faults.cells(self.cells(placed.span).is_some());
        faults.repeated(repeated);
        if let (Some(session), true) = (session, faults.none()) {
            return Ok(Placed {
                session,
                track: &placed.track,
                span: placed.span,
                occupied: occupied(session, placed.span),
            });
        }
        let item = format!("the session {}", placed.session);
        Err(faults.found(&item, Subject::Session(placed.session.clone()), placed.span))
    }

    pub(super) fn service(&self, shift: &'a Shift, repeated: bool) -> Result<Service<'a>, Match> {
        let mut faults = Faults::default();
        let operator = self.operator(&shift.operator);
        if operator.is_none() {
            faults.unknown("operator", &shift.operator);
        }
        let duties = &self.problem.event.duties;
        let demand = duties.iter().position(|duty| duty.id == shift.duty);
        let duty = demand.and_then(|at| duties.get(at));
        let role = duty.and_then(|duty| self.role(duty));
        match duty {
            None => faults.unknown("duty", &shift.duty),
            Some(duty) if role.is_none() => faults.unknown("role", &duty.role),
            Some(_) => {}
        }
        let on_duty = on_duty(shift);
        let cells = self.cells(shift.span);
        faults.cells(cells.is_some() && self.cells(on_duty).is_some());
        faults.repeated(repeated);
        if let (Some(operator), Some(demand), Some(duty), Some(role), Some(cells), true) =
            (operator, demand, duty, role, cells, faults.none())
        {
            return Ok(Service {
                shift,
                operator,
                duty,
                role,
                demand,
                cells,
                on_duty,
            });
        }
        let item = format!("the shift {}", shift.id);
        Err(faults.found(&item, Subject::Shift(shift.id.clone()), shift.span))
    }
}

/// What is wrong with one item.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn none(&self) -> bool {
        self.0.is_empty()
    }

    fn unknown(&mut self, kind: &str, id: &impl std::fmt::Display) {
        self.0.push(format!(
            "names the {kind} {id}, which the problem does not know"
        ));
    }

    fn cells(&mut self, lies_on_cells: bool) {
        if !lies_on_cells {
            self.0
                .push("does not lie on cells inside the horizon".to_owned());
        }
    }

    fn repeated(&mut self, repeated: bool) {
        if repeated {
            self.0.push("is there twice".to_owned());
        }
    }

    fn found(self, item: &str, subject: Subject, span: Span) -> Match {
        Note {
            subjects: vec![subject],
            spans: vec![span],
            says: format!("{item} {}", self.0.join(", and ")),
            remedy: format!("correct or remove {item}"),
        }
        .breaks(RuleCode::H01)
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::fixture::{cells, placed, shift, small};
    use crate::{Plan, RuleCode, Span, Timestamp};

    fn says(break_it: impl FnOnce(&mut Plan)) -> Vec<String> {
        let (problem, mut plan) = small();
        break_it(&mut plan);
        let matches = check(&problem, &plan).matches;
        let of_h01 = matches
            .into_iter()
            .filter(|found| found.rule == RuleCode::H01);
        of_h01.map(|found| found.says).collect()
    }

    #[test]
    fn what_lies_off_the_cells_or_outside_the_horizon_is_named() {
        let quarter = |at: Timestamp| Timestamp::from_second(at.as_second() + 900).unwrap();
        let off = says(|plan| {
            let span = plan.shifts[0].span;
            plan.shifts[0].span = Span::new(quarter(span.start()), span.end()).unwrap();
        });
        assert_eq!(
            off,
            ["the shift s1 does not lie on cells inside the horizon"]
        );
        let outside = says(|plan| plan.blocks[1].span = cells(6, 13));
        assert_eq!(
            outside,
            ["the block l1 does not lie on cells inside the horizon"]
        );
        let before = says(|plan| plan.shifts[0].handover_min = 30);
        assert_eq!(
            before,
            ["the shift s1 does not lie on cells inside the horizon"]
        );
    }

    #[test]
    fn what_is_there_twice_is_named_once_and_its_first_copy_counts() {
        let (problem, mut plan) = small();
        plan.sessions.push(placed("talk", "a", 6, 8));
        plan.shifts.push(shift("s1", "ana", "op-a", 0, 6));
        let report = check(&problem, &plan);
        let says: Vec<&str> = report
            .matches
            .iter()
            .filter(|found| found.rule < RuleCode::S01)
            .map(|found| found.says.as_str())
            .collect();
        assert_eq!(
            says,
            [
                "the session talk is there twice",
                "the shift s1 is there twice"
            ]
        );
    }

    #[test]
    fn everything_wrong_with_one_item_is_said_in_one_sentence() {
        let both = says(|plan| {
            plan.blocks[1].track = "z".into();
            plan.blocks[1].group = "atlantis".into();
        });
        assert_eq!(
            both,
            [
                "the block l1 names the track z, which the problem does not know, \
              and names the group atlantis, which the problem does not know"
            ]
        );
    }

    #[test]
    fn a_plan_for_another_event_is_named() {
        let says = says(|plan| plan.event = "other-relay".to_owned());
        assert_eq!(
            says,
            ["the plan is for the event other-relay, not for small-relay"]
        );
    }
}
