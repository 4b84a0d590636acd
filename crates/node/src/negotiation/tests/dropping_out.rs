//! People drop out after everybody agreed: their group says what it lacks, and the next plan heeds it.

use std::collections::BTreeSet;

use meridian_federation::content::{Answer, Operation, Part};
use meridian_model::check::check;

use super::super::assembled;
use super::nodes::{
    all_accept, brief, changed, event, negotiate, offered, open_min, replies, rosters, three,
};

#[test]
fn a_group_whose_people_drop_out_says_what_it_lacks_and_the_next_plan_heeds_it() {
    let mut nodes = three(&event("first-relay"));
    let brief = brief(&nodes[0]);
    let mut heard = offered(&nodes);
    let rounds = negotiate(&mut heard, &brief, &nodes, 5);
    let (agreed, given) = rounds.last().unwrap().clone();
    println!(
        "{:?} {}",
        rounds
            .iter()
            .map(|(r, _)| open_min(&brief, &nodes[0], r))
            .collect::<Vec<_>>(),
        all_accept(&given)
    );
    assert!(all_accept(&given));

    // Everybody of one group who can serve the role of one of its seats is ill.
    let seat = agreed
        .seats
        .iter()
        .find(|seat| seat.role.as_str() == "moderator")
        .unwrap()
        .clone();
    for local in &mut nodes {
        local.operators.retain(|operator| {
            let mut skills = operator.skills.iter();
            operator.group != seat.group || !skills.any(|skill| skill.role == seat.role)
        });
    }
    let given = replies(&brief, &agreed, &nodes);
    let reply = &given[&seat.group];
    println!("{:?}", reply.answer);
    let Answer::Counter(operations) = &reply.answer else {
        panic!("{:?}", reply.answer);
    };
    assert!(operations.contains(&Operation::Drop(Part::Seat(seat.id.clone()))));
    assert!(
        reply
            .short
            .iter()
            .any(|of| of.part == Part::Seat(seat.id.clone()) && of.span == seat.span)
    );
    let others = given.iter().filter(|(handle, _)| **handle != seat.group);
    assert!(
        others
            .into_iter()
            .all(|(_, reply)| reply.answer == Answer::Accept)
    );
    heard.answers.pop();
    heard.hear(&agreed, &given);

    let rounds = negotiate(&mut heard, &brief, &nodes, 5);
    let (first, _) = &rounds[0];
    // Nobody was asked yet who else could: everybody else's part is the same to the byte.
    assert_eq!(
        changed(&heard, &agreed, first),
        BTreeSet::from([seat.group.clone()])
    );
    for (revision, _) in &rounds {
        let mut seats = revision.seats.iter();
        let again = seats.find(|of| of.group == seat.group && of.role == seat.role);
        assert_eq!(again, None);
    }
    let (last, given) = rounds.last().unwrap();
    println!(
        "{:?} changed {:?}",
        rounds
            .iter()
            .map(|(r, _)| open_min(&brief, &nodes[0], r))
            .collect::<Vec<_>>(),
        changed(&heard, &agreed, last)
    );
    assert!(all_accept(given));
    let (problem, plan) = assembled("relay", &brief, last, &rosters(given)).unwrap();
    let report = check(&problem, &plan);
    assert_eq!(report.score.hard, 0);
    println!("{:?}", report.score);
}
