//! Names are said of those who consent, and taken back when they do no longer.

use std::collections::BTreeSet;

use meridian_federation::GroupId;
use meridian_federation::content::{Content, Part, RosterOverride};
use meridian_federation::fold::SharedState;
use meridian_model::{GroupId as Handle, OperatorId, Problem};

use super::super::{Consent, roster_problem, rosters_of};
use super::nodes::{brief, event, negotiate, offered, rostered, salt_of, three};
use super::shared::published;

/// People of whom these consent to be shown.
fn consenting(local: &Problem, who: &[(&OperatorId, &str)]) -> Problem {
    let mut local = local.clone();
    for operator in &mut local.operators {
        let named = who.iter().find(|(id, _)| **id == operator.id);
        operator.shown_as = named.map(|(_, name)| (*name).to_owned());
    }
    local
}

#[test]
fn a_name_is_said_of_those_only_who_consented() {
    let nodes = three(&event("first-relay"));
    let brief = brief(&nodes[0]);
    let mut heard = offered(&nodes);
    let (revision, _) = negotiate(&mut heard, &brief, &nodes, 1).pop().unwrap();
    let local = &nodes[0];
    let handle: &Handle = &local.groups[0].id;
    let plan = rostered(&roster_problem(&brief, &revision, handle, local));
    let of_group = local.operators.iter().filter(|of| of.group == *handle);
    let serving: Vec<_> = of_group
        .filter(|of| plan.shifts.iter().any(|s| s.operator == of.id))
        .collect();
    let consented = &serving[0].id;
    let pseudonyms = salt_of(0);
    let consent = Consent::of(&consenting(local, &[(consented, "Aiko M.")]), &pseudonyms);
    let rosters = rosters_of(&plan, &revision, handle, &pseudonyms, &consent);
    let people: Vec<_> = rosters.iter().flat_map(|(_, people)| people).collect();
    assert!(people.len() >= serving.len() && serving.len() > 1);
    for on_duty in people {
        let hers = on_duty.person == pseudonyms.operator(consented);
        assert_eq!(on_duty.name.as_deref(), hers.then_some("Aiko M."));
    }
}

/// Says again what was found to be said otherwise.
fn said(state: &mut SharedState, corrections: Vec<(Part, Content)>) {
    for (part, content) in corrections {
        let roster = state.rosters.iter_mut().find(|of| of.part == part).unwrap();
        match content {
            Content::RosterPublish(what) => roster.roster = Some(what),
            Content::RosterOverride(what) => {
                roster.overrides.insert(what.shift.clone(), what);
            }
            other => panic!("{other:?} is no word about duty"),
        }
    }
}

#[test]
fn what_was_said_follows_what_people_consent_to() {
    let mut state = published();
    let nodes = three(&event("first-relay"));
    let (local, salt) = (&nodes[0], salt_of(0));
    let person = |of: &OperatorId| local.operators.iter().find(|o| salt.operator(&o.id) == *of);
    let rosters = state.rosters.iter();
    let mut on_duty = rosters.flat_map(|of| of.roster.iter().flat_map(|of| &of.people));
    let served = on_duty
        .find(|of| person(&of.person).is_some())
        .unwrap()
        .clone();
    let she = person(&served.person).unwrap();
    let mut others = local.operators.iter().filter(|of| of.group == she.group);
    let other = others.find(|of| of.id != she.id).unwrap();
    let group = *state
        .members
        .iter()
        .find(|(_, of)| of.handle == she.group)
        .unwrap()
        .0;
    let corrections = |state: &SharedState, who: &[(&OperatorId, &str)]| {
        Consent::of(&consenting(local, who), &salt).corrections(state, &group)
    };
    assert_eq!(corrections(&state, &[]), []);
    let named: &[(&OperatorId, &str)] = &[(&she.id, "Aiko M."), (&other.id, "Berta K.")];
    let first = corrections(&state, named);
    assert!(!first.is_empty());
    said(&mut state, first);
    assert_eq!(corrections(&state, named), []);
    // Somebody else comes instead of her, and both are shown by other names from now on.
    let roster = state.rosters.iter_mut().find(|of| {
        let mut people = of.roster.iter().flat_map(|of| &of.people);
        people.any(|of| of.shift == served.shift)
    });
    let roster = roster.unwrap();
    let change = RosterOverride {
        part: roster.part.clone(),
        stands: roster.roster.as_ref().unwrap().stands,
        epoch: roster.epoch,
        shift: served.shift.clone(),
        instead: Some(salt.operator(&other.id)),
        name: Some("Berta K.".to_owned()),
    };
    roster.overrides.insert(served.shift.clone(), change);
    let part = roster.part.clone();
    assert_eq!(corrections(&state, named), []);
    // The part goes to another group; what this one said of it is still its own to take back.
    let custody = state.custody.get_mut(&part).unwrap();
    let elsewhere = GroupId::from_bytes([77; 32]);
    custody.epoch.swaps = 1;
    custody.custodian = elsewhere;
    custody.history.push((custody.epoch, elsewhere));
    let last = corrections(&state, &[(&she.id, "Aiko Mori")]);
    let overrides = last.iter().filter_map(|(_, content)| match content {
        Content::RosterOverride(what) => Some((what.instead.clone(), what.name.clone())),
        _ => None,
    });
    let taken_back = (Some(salt.operator(&other.id)), None);
    assert_eq!(overrides.collect::<Vec<_>>(), [taken_back]);
    let names = last.iter().flat_map(|(_, content)| match content {
        Content::RosterPublish(what) => what
            .people
            .iter()
            .filter_map(|of| of.name.clone())
            .collect(),
        _ => Vec::new(),
    });
    let names: BTreeSet<String> = names.collect();
    assert_eq!(names, BTreeSet::from(["Aiko Mori".to_owned()]));
    assert_eq!(corrections(&state, &[]).len(), last.len());
    let others = Consent::of(&consenting(local, &[]), &salt).corrections(&state, &elsewhere);
    assert_eq!(others, [], "what others said is theirs");
}
