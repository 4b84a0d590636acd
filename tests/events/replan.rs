//! Drop-outs of a real relay: who can be replaced gently, and that planning anew would leave no less missing.
//!
//! `MERIDIAN_DROP_OUTS=20` lets so many of the busiest drop out, as `./run test` does; without it, it is a few.

use std::collections::BTreeMap;

use meridian_model::check::check;
use meridian_model::{Medium, OperatorId, Plan};
use meridian_solver::{Absent, NeverStop, Options, Reach, ReplanOptions, Silent, replan};

use crate::folder::{Folder, plan};

/// How many of the busiest drop out, one after the other, unless it is said.
const DROP_OUTS: usize = 6;

/// Operators by minutes on duty, the busiest first.
fn busiest(plan: &Plan) -> Vec<OperatorId> {
    let mut minutes: BTreeMap<&OperatorId, i64> = BTreeMap::new();
    for shift in &plan.shifts {
        *minutes.entry(&shift.operator).or_default() +=
            shift.span.minutes() + i64::from(shift.handover_min);
    }
    let mut order: Vec<(i64, &OperatorId)> = minutes.into_iter().map(|(o, m)| (-m, o)).collect();
    order.sort();
    order
        .into_iter()
        .map(|(_, operator)| operator.clone())
        .collect()
}

#[test]
fn each_of_the_busiest_can_drop_out_and_no_less_is_there_than_in_a_plan_made_anew() {
    let problem = Folder::open("relay-2024").problem();
    let published = plan(&problem, 1);
    let mut widened = 0;
    let n = std::env::var("MERIDIAN_DROP_OUTS").ok();
    let n = n.map_or(DROP_OUTS, |n| {
        n.parse().expect("MERIDIAN_DROP_OUTS is a number")
    });
    for who in busiest(&published).into_iter().take(n) {
        let mut options = ReplanOptions {
            search: Options {
                effort: 1,
                ..Options::default()
            },
            without: vec![Absent::Operator(who.clone())],
            ..ReplanOptions::default()
        };
        let mended = replan(&problem, &published, &options, &NeverStop, &mut Silent).unwrap();
        let score = mended.plan.score;
        assert_eq!(check(&problem, &mended.plan).score, score, "{who}");
        assert_eq!(score.hard, 0, "{who}");
        match mended.reach {
            Reach::WithinCap => {
                assert!(mended.disturbed.len() <= 3, "{who}: {}", mended.changes);
            }
            // More people are asked only for what would be missing otherwise.
            Reach::Widened { within_cap } | Reach::Anew { within_cap } => {
                assert!(within_cap.medium > score.medium, "{who}");
                widened += 1;
            }
        }
        // Where nothing is missing, no plan can be better at it; only the others are worth planning anew.
        if score.medium != Medium::default() {
            options.compare = true;
            let compared = replan(&problem, &published, &options, &NeverStop, &mut Silent);
            let anew = compared.unwrap().anew.unwrap().score;
            assert!(score.medium <= anew.medium, "{who}: {}", mended.changes);
        }
    }
    assert!(widened <= 3, "{widened} of {n} need more than three people");
}
