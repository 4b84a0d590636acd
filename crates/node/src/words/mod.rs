//! What Meridian says in words: times, scores, reports and reasons, as a scheduler would say them.

mod plan;
mod reasons;
mod report;
mod times;

pub(crate) use plan::{other_input, summary};
pub(crate) use reasons::explanation;
pub(crate) use report::{ending, report, score_in_short};
pub(crate) use times::{Clock, offset, utc_span};

/// `1 gap`, `2 gaps`.
pub(crate) fn count(n: i64, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
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
}
