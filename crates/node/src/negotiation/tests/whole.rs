//! relay-2024 at three nodes, from the brief until everybody accepts.

use std::collections::BTreeMap;
use std::time::Instant;

use meridian_federation::content::Answer;
use meridian_solver::Coupling;

use super::super::assembled;
use super::nodes::{Heard, brief, event, first_offer, reply, three};

#[test]
fn relay_2024_is_agreed_on_by_sixty_one_groups_at_three_nodes() {
    let whole = event("relay-2024");
    let nodes = three(&whole);
    let brief = brief(&nodes[0]);
    let mut heard = Heard::default();
    for (n, local) in nodes.iter().enumerate() {
        for group in &local.groups {
            let (capacity, talks) = first_offer(local, n, &group.id);
            heard.capacity.insert(group.id.clone(), capacity);
            heard.talks.insert(group.id.clone(), talks);
        }
    }
    for round in 1..=7 {
        let at = Instant::now();
        let coupling = Coupling::OneAfterTheOther;
        let (problem, plan, revision) = heard.plan(&brief, &nodes[0], 1, coupling);
        println!(
            "round {round}: planned in {:?}: {:?}, {} operators, {} pinned shifts",
            at.elapsed(),
            plan.score,
            problem.operators.len(),
            problem.pins.shifts.len()
        );
        println!(
            "  blocks {} sessions {} seats {} bytes {}",
            revision.blocks.len(),
            revision.sessions.len(),
            revision.seats.len(),
            serde_json::to_vec(&revision).unwrap().len()
        );
        let at = Instant::now();
        let mut answers = BTreeMap::new();
        let mut rosters = BTreeMap::new();
        let (mut accepts, mut shifts) = (0, 0);
        let replies = std::thread::scope(|scope| {
            let threads: Vec<_> = nodes
                .iter()
                .enumerate()
                .map(|(n, local)| {
                    let (brief, revision) = (&brief, &revision);
                    scope.spawn(move || {
                        local
                            .groups
                            .iter()
                            .map(|group| {
                                (
                                    group.id.clone(),
                                    reply(brief, revision, (local, n), &group.id, round > 4),
                                )
                            })
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|t| t.join().unwrap())
                .collect::<Vec<_>>()
        });
        for (id, reply) in replies {
            if reply.answer == Answer::Accept {
                accepts += 1
            } else {
                println!("  {} {:?}", id, reply.answer);
            }
            shifts += reply.capacity.shifts.len();
            rosters.extend(reply.rosters);
            answers.insert(id.clone(), reply.answer);
            heard.capacity.insert(id, reply.capacity);
        }
        let (problem, plan) = assembled("relay", &brief, &revision, &rosters).unwrap();
        println!(
            "  replies in {:?}: {accepts} accept, {shifts} shifts offered; shared {:?} {}",
            at.elapsed(),
            plan.score,
            problem.operators.len()
        );
        for found in meridian_model::check::check(&problem, &plan)
            .matches
            .iter()
            .filter(|m| m.rule.level() == meridian_model::Level::Hard)
            .take(5)
        {
            println!("   ! {} {}", found.rule, found.says);
        }
        for found in meridian_model::check::check(&problem, &plan)
            .matches
            .iter()
            .filter(|m| m.rule == meridian_model::RuleCode::M04)
            .take(30)
        {
            println!("   gap {} {:?}", found.says, found.spans);
        }
        for open in
            super::super::uncovered(&super::super::event_of(&brief, &nodes[0].event), &revision)
        {
            if round > 3 {
                let duty = brief.demand.iter().find(|d| d.duty == open.duty).unwrap();
                println!("   open {open:?}");
                for b in revision
                    .blocks
                    .iter()
                    .filter(|b| duty.tracks.contains(&b.track) && b.span.overlaps(&open.span))
                {
                    println!("      block {b:?} {:?}", heard.capacity[&b.group].languages);
                }
                for seat in revision.seats.iter().filter(|s| {
                    s.duty == open.duty
                        && s.span.end() >= open.span.start()
                        && s.span.start() <= open.span.end()
                }) {
                    println!("      seat {} {:?}", seat.id, seat.span);
                }
                for (g, c) in &heard.capacity {
                    for s in &c.shifts {
                        if s.span.overlaps(&open.span)
                            && (s.duty == open.duty || s.or.contains(&open.duty))
                        {
                            println!("      {g} {s:?}");
                        }
                    }
                }
            }
        }
        heard.answers.push((revision, answers));
    }
}
