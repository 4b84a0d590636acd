//! What was proven of a plan, in words and as a document.

use meridian_model::{Medium, Score};
use meridian_solver::{Certificate, Status};
use serde::Serialize;

use super::hours_of;

/// What was proven, as `--json` gives it.
#[derive(Serialize)]
pub(crate) struct Proven {
    status: &'static str,
    /// Lower bounds: the first three over every plan, the others over every roster for these blocks and sessions.
    bound: Bound,
    /// How far the roster's cost may be above the least possible; absent where that is not known.
    gap_percent: Option<f64>,
}

#[derive(Serialize)]
struct Bound {
    medium: Medium,
    soft: i64,
}

impl Proven {
    pub(crate) fn of(certificate: &Certificate, score: &Score) -> Self {
        Self {
            status: certificate.status.as_str(),
            bound: Bound {
                medium: certificate.medium,
                soft: certificate.soft,
            },
            gap_percent: certificate
                .gap_ppm(score)
                .and_then(|ppm| i32::try_from(ppm).ok())
                .map(|ppm| f64::from(ppm) / 10_000.0),
        }
    }
}

/// One line, or nothing where nothing is proven.
pub(crate) fn proven(certificate: &Certificate, score: &Score, cell_min: u32) -> String {
    let (bound, found) = (certificate.medium, score.medium);
    let whatever = "for these blocks and sessions";
    let says = if certificate.status == Status::Proved {
        format!("no roster is better {whatever}")
    } else if let Some(ppm) = certificate.gap_ppm(score) {
        format!(
            "the roster costs at most {} more than the least possible {whatever}",
            percent(ppm)
        )
    } else if bound.gaps > 0 {
        let least = hours_of("person", bound.gaps, cell_min);
        format!("at least {least} of duty stay uncovered {whatever}")
    } else if bound.alert_short > 0 && bound.gaps == found.gaps {
        let least = hours_of("person", bound.alert_short, cell_min);
        format!("alerts stay at least {least} short {whatever}")
    } else {
        return String::new();
    };
    format!("  proven    {says}\n")
}

/// Millionths as a percentage, rounded up to hundredths: `0.42 %`.
fn percent(ppm: i64) -> String {
    let hundredths = (ppm + 99) / 100;
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(gaps: i64, soft: i64) -> Score {
        let medium = Medium {
            gaps,
            ..Medium::default()
        };
        Score {
            hard: 0,
            medium,
            soft,
        }
    }

    fn certificate(gaps: i64, soft: i64, status: Status) -> Certificate {
        Certificate {
            status,
            medium: score(gaps, 0).medium,
            soft,
            programme_soft: 100,
        }
    }

    fn said(certificate: &Certificate, score: &Score) -> String {
        proven(certificate, score, 30)
    }

    #[test]
    fn a_proof_is_said_as_far_as_it_goes() {
        let whole = certificate(2, 1100, Status::Proved);
        assert_eq!(
            said(&whole, &score(2, 1100)),
            "  proven    no roster is better for these blocks and sessions\n"
        );
        let near = certificate(2, 1100, Status::EffortSpent);
        assert_eq!(
            said(&near, &score(2, 1104)),
            "  proven    the roster costs at most 0.40 % more than the least possible for these blocks and sessions\n"
        );
        assert_eq!(
            said(&near, &score(3, 900)),
            "  proven    at least 1 person-hour of duty stay uncovered for these blocks and sessions\n"
        );
        assert_eq!(said(&Certificate::trivial(), &score(3, 900)), "");
    }
}
