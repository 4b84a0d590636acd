//! What Meridian says in words: times, scores, reports and reasons, as a scheduler would say them.

mod dates;
mod lost_dates;
mod mended;
mod plan;
mod proof;
mod reasons;
mod repairs;
mod report;
mod takers;
mod times;

pub(crate) use dates::{DateReport, dates};
pub(crate) use mended::mended;
pub(crate) use plan::{other_input, summary};
pub(crate) use proof::{Proven, proven};
pub(crate) use reasons::explanation;
pub(crate) use report::{ending, report, score_in_short};
pub(crate) use takers::who_could;
pub(crate) use times::{Clock, offset, utc_span};

/// `1 gap`, `2 gaps`.
pub(crate) fn count(n: i64, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}

/// `1 person-hour`, `2.5 person-hours`: one person for an hour, or two for half of one; `what` is who or what.
pub(crate) fn hours_of(what: &str, cells: i64, cell_min: u32) -> String {
    let hundredths = cells
        .saturating_mul(i64::from(cell_min) * 100)
        .saturating_add(30)
        / 60;
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let part = match (part, part % 10) {
        (0, _) => String::new(),
        (_, 0) => format!(".{}", part / 10),
        _ => format!(".{part:02}"),
    };
    let plural = if hundredths == 100 { "" } else { "s" };
    format!("{whole}{part} {what}-hour{plural}")
}

/// The first few of a list, and how many more there are.
pub(crate) fn some_of(all: &[String]) -> String {
    const SHOWN: usize = 6;
    match all.get(..SHOWN) {
        Some(first) if all.len() > SHOWN => {
            format!("{} and {} more", first.join(", "), all.len() - SHOWN)
        }
        _ => all.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let names: Vec<String> = (0..9).map(|n| format!("n{n}")).collect();
        assert_eq!(some_of(&names[..2]), "n0, n1");
        assert_eq!(some_of(&names), "n0, n1, n2, n3, n4, n5 and 3 more");
        assert_eq!(count(1, "gap", "gaps"), "1 gap");
        assert_eq!(count(0, "gap", "gaps"), "0 gaps");
    }

    #[test]
    fn the_time_of_several_people_is_told_in_person_hours() {
        assert_eq!(hours_of("person", 2, 30), "1 person-hour");
        assert_eq!(hours_of("person", 5, 30), "2.5 person-hours");
        assert_eq!(hours_of("person", 1, 15), "0.25 person-hours");
        assert_eq!(hours_of("person", 1, 5), "0.08 person-hours");
        assert_eq!(hours_of("track", 96, 30), "48 track-hours");
    }
}
