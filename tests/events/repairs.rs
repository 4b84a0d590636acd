//! What `explain` offers when the only interpreter of a language is gone, when hours have no host and when a talk has no
//! place: each repair, planned, closes what it says.

use meridian_model::check::check;
use meridian_model::{Plan, Problem, RuleCode, Subject};
use meridian_solver::{
    Explanation, NeverStop, Offer, Repair, ReplanOptions, Silent, explain, replan,
};

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
        let left = missing - i64::from(offer.closes);
        let is_closed = |plan: &Plan| plan.score.medium.gaps <= left;
        assert!(
            helps(&problem, &published, offer, is_closed),
            "{:?}",
            offer.repair
        );
    }
}

/// Whether the event, changed as an offer says, has what it promises when its plan is mended, or else planned anew.
fn helps(
    problem: &Problem,
    published: &Plan,
    offer: &Offer,
    is_closed: impl Fn(&Plan) -> bool,
) -> bool {
    let repaired = offer.repair.apply(problem);
    let options = ReplanOptions::default();
    let mended = replan(&repaired, published, &options, &NeverStop, &mut Silent).unwrap();
    let score = mended.plan.score;
    assert_eq!(check(&repaired, &mended.plan).score, score);
    // Whoever mends the plan keeps its blocks; where the repair is about them, it is planned anew.
    is_closed(&mended.plan) || is_closed(&plan(&repaired, 2))
}

/// The midnight relay with hours that only Berlin and Pago Pago gave, and without them, and with a talk in those hours.
fn without_hosts() -> (Problem, Plan, Explanation) {
    let folder = Folder::open("midnight-dst-eu")
        .replace("groups.toml", "\"sat 22:00-04:00\"", "\"sat 22:00-24:00\"")
        .replace("groups.toml", "\"sat 16:00-22:00\"", "\"sat 16:00-17:00\"")
        .replace(
            "sessions.csv",
            "2026-10-25T23:30,2026-10-26T00:30,Pacific/Kiritimati",
            "2026-10-25T14:15,2026-10-25T16:15,Pacific/Kiritimati",
        );
    let problem = folder.problem();
    let planned = plan(&problem, 2);
    let explanation = explain(&problem, &planned);
    (problem, planned, explanation)
}

/// What an explanation says is in the way, in short.
fn in_the_way(conflict: &Option<Vec<meridian_solver::Exclusion>>) -> Vec<(RuleCode, Subject)> {
    let conflict = conflict.iter().flatten();
    conflict
        .map(|one| (one.rule, one.subject.clone()))
        .collect()
}

#[test]
fn hours_without_a_host_name_every_group_that_offers_none_and_who_could_be_asked() {
    let (problem, published, explanation) = without_hosts();
    let [hours] = explanation.unhosted.as_slice() else {
        panic!("{:#?}", explanation.unhosted);
    };
    assert_eq!(published.score.medium.unhosted, 6);
    let groups: Vec<_> = problem
        .groups
        .iter()
        .map(|group| (RuleCode::H03, Subject::Group(group.id.clone())))
        .collect();
    let mut said = in_the_way(&hours.conflict);
    said.sort();
    let mut expected = groups;
    expected.sort();
    assert_eq!(said, expected);

    assert!(hours.repairs.len() >= 3, "{:#?}", hours.repairs);
    let berlin = |offer: &Offer| matches!(&offer.repair, Repair::OpenTime { who, .. } if *who == Subject::Group("berlin".into()));
    assert!(hours.repairs.iter().any(berlin), "{:#?}", hours.repairs);
    for offer in &hours.repairs {
        let left = published.score.medium.unhosted - i64::from(offer.closes);
        let is_closed = |plan: &Plan| plan.score.medium.unhosted <= left;
        assert!(
            helps(&problem, &published, offer, is_closed),
            "{:?}",
            offer.repair
        );
    }
}

#[test]
fn a_talk_in_hours_without_a_host_has_a_place_once_somebody_hosts_them() {
    let (problem, published, explanation) = without_hosts();
    let mut talks = explanation.unplaced.iter();
    let talk = talks
        .find(|one| one.session.as_str() == "kiritimati-talk")
        .unwrap();
    let itself = Subject::Session("kiritimati-talk".into());
    assert_eq!(
        in_the_way(&talk.conflict),
        [(RuleCode::H06, itself.clone()), (RuleCode::H07, itself)]
    );
    assert!(!talk.repairs.is_empty());
    for offer in &talk.repairs {
        let unplaced = published.score.medium.unplaced_should;
        let is_closed = |plan: &Plan| plan.score.medium.unplaced_should < unplaced;
        assert!(
            helps(&problem, &published, offer, is_closed),
            "{:?}",
            offer.repair
        );
    }
}

#[test]
fn a_talk_whose_speaker_has_no_time_in_its_window_can_be_moved_asked_for_or_recorded() {
    let never = "speaker,speaker-04,,never 12:00-24:00";
    let problem = Folder::open("midnight-dst-eu")
        .append("availability.csv", "kind,who,grade,rule", never)
        .problem();
    let published = plan(&problem, 1);
    assert_eq!(published.score.medium.unplaced_should, 1);
    let explanation = explain(&problem, &published);
    let [talk] = explanation.unplaced.as_slice() else {
        panic!("{:#?}", explanation.unplaced);
    };
    let speaker = Subject::Speaker("speaker-04".into());
    let said = in_the_way(&talk.conflict);
    assert!(said.contains(&(RuleCode::H09, speaker.clone())), "{said:?}");

    let kinds =
        |wanted: fn(&Repair) -> bool| talk.repairs.iter().any(|offer| wanted(&offer.repair));
    assert!(
        kinds(|repair| matches!(repair, Repair::Record { .. })),
        "{:#?}",
        talk.repairs
    );
    assert!(
        kinds(|repair| matches!(repair, Repair::OpenTime { .. })),
        "{:#?}",
        talk.repairs
    );
    for offer in &talk.repairs {
        let is_closed = |plan: &Plan| plan.score.medium.unplaced_should == 0;
        assert!(
            helps(&problem, &published, offer, is_closed),
            "{:?}",
            offer.repair
        );
    }
}
