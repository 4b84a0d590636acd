//! What is counted before a plan agrees with the plans of the sample events.

use meridian_model::staffing::{Certainty, Staffing};
use meridian_solver::staffing;

use crate::folder::{Folder, plan};

fn nothing_is_certainly_missing(counted: &Staffing) {
    assert_eq!(counted.uncovered_min, 0);
    for need in counted
        .needs
        .iter()
        .filter(|need| need.certainty == Certainty::Certain)
    {
        assert!(
            need.windows
                .iter()
                .all(|w| w.missing == 0 && w.missing_min == 0),
            "{need:?}"
        );
    }
}

#[test]
fn an_event_whose_plan_has_no_gap_is_not_said_to_be_short() {
    for (name, effort) in [("first-relay", 1), ("relay-2024", 1)] {
        let problem = Folder::open(name).problem();
        let plan = plan(&problem, effort);
        assert_eq!(plan.score.medium.gaps, 0, "{name}");
        let before = staffing(&problem, None).unwrap();
        nothing_is_certainly_missing(&before);
        assert!(before.enough() && !before.scarce(), "{name}");
        let with_plan = staffing(&problem, Some(&plan)).unwrap();
        nothing_is_certainly_missing(&with_plan);
        assert!(with_plan.enough(), "{name}");
    }
}

#[test]
fn an_event_with_too_few_people_is_at_best_a_perhaps() {
    let problem = Folder::open("relay-2024-tight").problem();
    let counted = staffing(&problem, None).unwrap();
    assert!(counted.scarce());
}
