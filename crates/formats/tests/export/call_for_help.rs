//! The call for help: what an organiser reads and sends on.

use meridian_formats::export::call_for_help;
use meridian_model::staffing::{Basis, Certainty, GroupPledge, Need, Staffed, Staffing, Window};
use meridian_model::{GroupId, Problem};

use crate::fixture::{HOSTILE, ZONES, minutes, small};

fn staffed(needed: u32, people: u32, fewest: u32, needed_min: i64, covered_min: i64) -> Staffed {
    let missing = needed.saturating_sub(fewest);
    Staffed {
        needed,
        people,
        fewest,
        missing,
        needed_min,
        missing_min: if missing > 0 {
            needed_min - covered_min
        } else {
            0
        },
        covered_min,
    }
}

fn need(role: &str, languages: &[&str], certainty: Certainty, windows: Vec<Staffed>) -> Need {
    Need {
        role: role.into(),
        languages: languages.iter().map(|&l| l.into()).collect(),
        certainty,
        windows,
    }
}

/// Two windows: someone is missing in the first, hours are in the second, and a language is thin.
fn short() -> (Problem, Staffing) {
    let (problem, ..) = small();
    let pledge = |(at, group): (usize, &GroupId)| GroupPledge {
        group: group.clone(),
        people: u32::try_from(at).unwrap(),
        pledged_min: 240 * i64::try_from(at).unwrap(),
        used_min: 210 * i64::try_from(at).unwrap(),
    };
    let groups: Vec<&GroupId> = problem.groups.iter().map(|group| &group.id).collect();
    let staffing = Staffing {
        event: problem.event.id.clone(),
        basis: Basis::Hosts,
        windows: vec![
            Window {
                span: minutes(0, 180),
                fewest_hosts: 2,
            },
            Window {
                span: minutes(180, 360),
                fewest_hosts: 0,
            },
        ],
        needs: vec![
            need(
                "moderator",
                &[],
                Certainty::Certain,
                vec![staffed(2, 3, 1, 360, 240), staffed(2, 4, 4, 360, 285)],
            ),
            need(
                "mc",
                &["de"],
                Certainty::Estimated,
                vec![staffed(1, 1, 1, 90, 90), Staffed::default()],
            ),
            need(
                "interpreter",
                &["ja"],
                Certainty::Estimated,
                vec![Staffed::default(), staffed(1, 0, 0, 30, 0)],
            ),
        ],
        groups: groups.into_iter().enumerate().map(pledge).collect(),
        likely_min: 840,
        needed_min: 720,
        uncovered_min: 195,
    };
    (problem, staffing)
}

#[test]
fn an_organiser_reads_who_is_missing_and_whom_to_ask() {
    let (problem, staffing) = short();
    let page = call_for_help::page(&problem, &staffing, &ZONES).unwrap();
    insta::assert_snapshot!("call_for_help", page);
    assert!(page.contains(&call_for_help::verdict(&problem, &staffing)));
}

#[test]
fn enough_and_scarce_are_told_apart() {
    let (problem, mut staffing) = short();
    staffing.needs.truncate(1);
    staffing.needs[0].windows = vec![staffed(2, 5, 4, 360, 360); 2];
    staffing.windows[1].fewest_hosts = 1;
    staffing.uncovered_min = 0;
    staffing.likely_min = staffing.pledged_min() * 4 / 5;
    assert!(staffing.enough() && !staffing.scarce());
    let verdict = call_for_help::verdict(&problem, &staffing);
    assert!(verdict.starts_with("**Yes"), "{verdict}");
    staffing.likely_min += 1;
    let verdict = call_for_help::verdict(&problem, &staffing);
    assert!(
        staffing.scarce() && verdict.starts_with("**Perhaps"),
        "{verdict}"
    );
}

#[test]
fn names_cannot_add_markup_or_columns() {
    let (mut problem, staffing) = short();
    problem.event.title = HOSTILE.to_owned();
    for role in &mut problem.event.roles {
        role.name = HOSTILE.to_owned();
    }
    for group in &mut problem.groups {
        group.name = HOSTILE.to_owned();
    }
    let page = call_for_help::page(&problem, &staffing, &ZONES).unwrap();
    assert!(!page.contains("<img") && !page.contains('\u{1b}') && !page.contains('\u{202e}'));
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let table = page.lines().filter(|line| line.starts_with('|'));
    let widths: Vec<usize> = table.map(columns).collect();
    assert_eq!(widths[..6], [5; 6], "{page}");
}
