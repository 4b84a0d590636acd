//! How statements about one time add up.

use meridian_model::{Availability, Cause, Grade, Span, Timestamp};
use proptest::prelude::*;

use super::{Said, group, person};

fn hours(from: i64, to: i64) -> Span {
    let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
    Span::new(at(from), at(to)).unwrap()
}

fn said(availability: &Availability) -> Vec<(i64, i64, Grade, Cause)> {
    let hour = |instant: Timestamp| instant.as_second() / 3600;
    let pieces = availability.0.iter();
    pieces
        .map(|piece| {
            (
                hour(piece.span.start()),
                hour(piece.span.end()),
                piece.grade,
                piece.cause,
            )
        })
        .collect()
}

const DAY: (i64, i64) = (0, 24);

fn day() -> Span {
    hours(DAY.0, DAY.1)
}

#[test]
fn who_said_nothing_is_possible_outside_her_night() {
    let nights = [hours(0, 7), hours(23, 24)];
    assert_eq!(
        said(&person(day(), &nights, &Said::default())),
        [
            (0, 7, Grade::Impossible, Cause::Night),
            (7, 23, Grade::Possible, Cause::Default),
            (23, 24, Grade::Impossible, Cause::Night)
        ]
    );
}

#[test]
fn who_only_said_what_is_impossible_is_possible_elsewhere() {
    let rows = Said {
        marked: vec![hours(9, 12)],
        never: vec![hours(11, 14)],
        ..Said::default()
    };
    assert_eq!(
        said(&person(day(), &[hours(0, 7)], &rows)),
        [
            (0, 7, Grade::Impossible, Cause::Night),
            (7, 9, Grade::Possible, Cause::Default),
            (9, 12, Grade::Impossible, Cause::Marked),
            (12, 14, Grade::Impossible, Cause::Rule),
            (14, 24, Grade::Possible, Cause::Default)
        ]
    );
}

#[test]
fn who_offered_some_time_offered_no_other_and_opens_her_night_herself() {
    let rows = Said {
        offers: true,
        dated: vec![(Grade::IfNeedBe, hours(5, 9))],
        ..Said::default()
    };
    assert_eq!(
        said(&person(day(), &[hours(0, 7)], &rows)),
        [
            (0, 5, Grade::Impossible, Cause::Night),
            (5, 9, Grade::IfNeedBe, Cause::Marked),
            (9, 24, Grade::Impossible, Cause::NotOffered)
        ]
    );
}

#[test]
fn an_offer_that_lies_elsewhere_still_means_nothing_else_was_offered() {
    let rows = Said {
        offers: true,
        ..Said::default()
    };
    assert_eq!(
        said(&person(day(), &[], &rows)),
        [(0, 24, Grade::Impossible, Cause::NotOffered)]
    );
}

#[test]
fn dated_rows_override_rules_impossible_overrides_both_and_busy_overrides_all() {
    let rows = Said {
        offers: true,
        rules: vec![
            (Grade::Possible, hours(8, 20)),
            (Grade::Prefer, hours(10, 12)),
            (Grade::IfNeedBe, hours(9, 11)),
        ],
        dated: vec![(Grade::IfNeedBe, hours(11, 14))],
        holidays: vec![hours(18, 20)],
        marked: vec![hours(13, 15)],
        busy: vec![hours(14, 16)],
        ..Said::default()
    };
    assert_eq!(
        said(&person(day(), &[], &rows)),
        [
            (0, 8, Grade::Impossible, Cause::NotOffered),
            (8, 10, Grade::Possible, Cause::Rule),
            (10, 11, Grade::Prefer, Cause::Rule),
            (11, 13, Grade::IfNeedBe, Cause::Marked),
            (13, 14, Grade::Impossible, Cause::Marked),
            (14, 16, Grade::Impossible, Cause::Busy),
            (16, 18, Grade::Possible, Cause::Rule),
            (18, 20, Grade::Impossible, Cause::Holiday),
            (20, 24, Grade::Impossible, Cause::NotOffered)
        ]
    );
}

#[test]
fn a_groups_rows_change_the_grade_of_its_hosting_and_add_to_it() {
    let rows = Said {
        offers: true,
        rules: vec![(Grade::IfNeedBe, hours(20, 23))],
        ..Said::default()
    };
    assert_eq!(
        said(&group(day(), &[(Cause::Rule, hours(9, 21))], &rows)),
        [
            (0, 9, Grade::Impossible, Cause::NotOffered),
            (9, 20, Grade::Possible, Cause::Rule),
            (20, 23, Grade::IfNeedBe, Cause::Rule),
            (23, 24, Grade::Impossible, Cause::NotOffered)
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_person_has_exactly_one_grade_at_every_time_and_busy_is_always_impossible(
        busy in prop::collection::vec((0_i64..30, 1_i64..5), 0..4),
        dated in prop::collection::vec((0_i64..30, 1_i64..5, 1_u8..4), 0..4),
        nights in prop::collection::vec((0_i64..30, 1_i64..5), 0..2),
    ) {
        let within = hours(2, 26);
        let span = |&(start, length): &(i64, i64)| hours(start, start + length);
        let rows = Said {
            offers: !dated.is_empty(),
            dated: dated.iter().map(|&(start, length, grade)| {
                ([Grade::IfNeedBe, Grade::Possible, Grade::Prefer][usize::from(grade - 1)], hours(start, start + length))
            }).collect(),
            busy: busy.iter().map(span).collect(),
            ..Said::default()
        };
        let nights: Vec<Span> = nights.iter().map(span).collect();
        let pieces = person(within, &nights, &rows).0;
        prop_assert_eq!(pieces.first().map(|piece| piece.span.start()), Some(within.start()));
        prop_assert_eq!(pieces.last().map(|piece| piece.span.end()), Some(within.end()));
        prop_assert!(pieces.windows(2).all(|pair| pair[0].span.end() == pair[1].span.start()));
        for piece in &pieces {
            for busy in rows.busy.iter().filter(|busy| busy.overlaps(&piece.span)) {
                prop_assert_eq!((piece.grade, piece.cause), (Grade::Impossible, Cause::Busy), "{:?}", busy);
            }
        }
    }
}
