//! What `explain` offers when the only interpreter of a language is gone: each repair, planned, closes what it says.

use meridian_model::check::check;
use meridian_model::{Problem, RuleCode, Subject};
use meridian_solver::{Explanation, NeverStop, Repair, ReplanOptions, Silent, explain, replan};

use crate::folder::{Folder, plan};

/// The midnight relay with one interpreter from German, berlin-fox, and with her alone.
fn one_interpreter() -> Folder {
    Folder::open("midnight-dst-eu")
        .replace(
            "operators.csv",
            "berlin-owl,berlin,mc:de interpreter:de>en",
            "berlin-owl,berlin,mc:de",
        )
        .replace(
            "operators.csv",
            "berlin-bat,berlin,mc:de interpreter:de>en",
            "berlin-bat,berlin,mc:de",
        )
        .replace(
            "operators.csv",
            "berlin-moth,berlin,mc:de interpreter:de>en",
            "berlin-moth,berlin,mc:de",
        )
}

fn without_her() -> (Problem, Explanation) {
    let folder = one_interpreter();
    let whole = folder.problem();
    assert_eq!(plan(&whole, 2).score.medium.gaps, 0);
    let fox = "berlin-fox,berlin,interpreter:de>en mc:de\n";
    let hers = "operator,berlin-fox,possible,sat 20:00-04:30\n";
    let folder = folder.replace("operators.csv", fox, "");
    let problem = folder.replace("availability.csv", hers, "").problem();
    let planned = plan(&problem, 2);
    assert!(planned.score.medium.gaps > 0);
    let explanation = explain(&problem, &planned);
    (problem, explanation)
}

#[test]
fn without_its_only_interpreter_a_gap_names_cells_rule_nearest_people_and_three_repairs() {
    let (problem, explanation) = without_her();
    assert_eq!(explanation.gaps.len(), 1, "{:#?}", explanation.gaps);
    let gap = &explanation.gaps[0];
    assert_eq!(gap.duty.as_str(), "interpreter");
    let berlin = plan(&problem, 2);
    let block = berlin
        .blocks
        .iter()
        .find(|b| b.language.as_str() == "de")
        .unwrap();
    assert_eq!((gap.span, gap.missing), (block.span, 1));

    let conflict = gap.conflict.as_deref().unwrap();
    assert_eq!(conflict.len(), 1, "{conflict:?}");
    assert_eq!(conflict[0].rule, RuleCode::H16);
    assert_eq!(conflict[0].subject, Subject::Duty("interpreter".into()));
    assert_eq!(
        conflict[0].says,
        "nobody has the skill Interpreter from de into en"
    );

    let nearest: Vec<&str> = gap
        .nearest
        .iter()
        .map(|one| one.operator.as_str())
        .collect();
    assert!(nearest.len() >= 2, "{nearest:?}");
    for her in &nearest {
        assert!(her.starts_with("berlin-"), "{nearest:?}");
    }
    assert_eq!(gap.nearest[0].needs, [RuleCode::H16]);

    let kinds = |wanted: fn(&Repair) -> bool| gap.repairs.iter().any(|offer| wanted(&offer.repair));
    assert!(
        kinds(|repair| matches!(repair, Repair::AddSkill { .. })),
        "{:#?}",
        gap.repairs
    );
    assert!(kinds(|repair| matches!(repair, Repair::FindPeople { .. })));
    assert!(kinds(|repair| matches!(repair, Repair::HostAlsoIn { .. })));
    for offer in &gap.repairs {
        println!(
            "closes {} of {}: {:?}",
            offer.closes, offer.of, offer.repair
        );
    }
}

#[test]
fn each_repair_of_the_missing_interpreter_closes_what_it_says_when_the_event_is_planned_with_it() {
    let (problem, explanation) = without_her();
    let published = plan(&problem, 2);
    let gap = &explanation.gaps[0];
    assert!(gap.repairs.len() >= 3);
    let missing: i64 = gap
        .repairs
        .iter()
        .map(|offer| i64::from(offer.of))
        .max()
        .unwrap();
    for offer in &gap.repairs {
        let repaired = offer.repair.apply(&problem);
        let left = missing - i64::from(offer.closes);
        let options = ReplanOptions::default();
        // Whoever mends the plan keeps its blocks; where the repair is about them, it is planned anew.
        let mended = replan(&repaired, &published, &options, &NeverStop, &mut Silent).unwrap();
        let score = mended.plan.score;
        assert_eq!(check(&repaired, &mended.plan).score, score);
        let closes = score.medium.gaps <= left || plan(&repaired, 2).score.medium.gaps <= left;
        assert!(closes, "{:?}", offer.repair);
    }
}
