//! relay-2024 at three nodes, from the brief until everybody accepts.

use meridian_federation::content::{Answer, Content};
use meridian_federation::slice;
use meridian_model::Level;
use meridian_model::check::check;

use super::super::assembled;
use super::nodes::{all_accept, brief, event, negotiate, offered, open_min, rosters, three};

/// It takes four revisions; one more is allowed.
const ROUNDS: usize = 5;

#[test]
fn relay_2024_is_agreed_on_by_sixty_one_groups_at_three_nodes() {
    let whole = event("relay-2024");
    let nodes = three(&whole);
    let brief = brief(&nodes[0]);
    let mut heard = offered(&nodes);
    let rounds = negotiate(&mut heard, &brief, &nodes, ROUNDS);
    let open: Vec<i64> = rounds
        .iter()
        .map(|(of, _)| open_min(&brief, &nodes[0], of))
        .collect();
    assert!(
        open.is_sorted_by(|before, after| before > after),
        "{open:?}"
    );
    assert_eq!(open.last(), Some(&0), "{open:?}");
    // Counts promise more than can be rostered: that came back as people who are missing, and was heeded.
    let countered = rounds[0].1.values().filter(|reply| !reply.short.is_empty());
    assert!(countered.count() > 0);

    let (revision, given) = rounds.last().unwrap();
    assert_eq!(given.len(), 61);
    assert!(all_accept(given));
    let (problem, plan) = assembled("relay", &brief, revision, &rosters(given)).unwrap();
    let report = check(&problem, &plan);
    let missing = report
        .matches
        .iter()
        .filter(|of| of.rule.level() != Level::Soft);
    assert_eq!(
        missing.collect::<Vec<_>>(),
        Vec::<&meridian_model::Match>::new()
    );
    assert_eq!(plan.score, report.score);
    assert_eq!(
        plan.blocks.len() + revision.seats.len(),
        slice::parts(revision).unwrap().len()
    );
    assert!(
        Content::PlanRevision(revision.clone()).write().is_ok(),
        "the plan is too large to be said"
    );

    // Nothing is missing and nobody asks for anything: the next plan is this one.
    let (_, _, next) = heard.plan(&brief, &nodes[0]);
    assert_eq!(
        (&next.blocks, &next.sessions, &next.seats),
        (&revision.blocks, &revision.sessions, &revision.seats)
    );
    let refused = given
        .values()
        .filter(|reply| reply.answer != Answer::Accept);
    assert_eq!(refused.count(), 0);
}
