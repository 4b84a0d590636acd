//! What was reached, as lines and as a table.

use std::path::Path;

use anyhow::Context;
use meridian_bench::Size;
use meridian_model::Timestamp;

use crate::claims::Levels;
use crate::compare::levels;
use crate::peers::Peer;
use crate::required::required;

/// Between these lines of the document stands the table.
const MARKS: (&str, &str) = ("<!-- table begins -->", "<!-- table ends -->");

/// Who reached something, and how her search ended.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    Ours(String),
    Peer(Peer, String),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) size: Size,
    pub(crate) who: Who,
    pub(crate) first_ms: Option<f64>,
    pub(crate) reached: Option<Levels>,
    pub(crate) bound: Option<Levels>,
    /// The part of the soft level that no roster changes; percentages leave it out.
    pub(crate) programme_soft: i64,
    pub(crate) best_s: Option<f64>,
    pub(crate) end_s: Option<f64>,
    pub(crate) memory_mb: Option<u64>,
    pub(crate) remark: String,
    /// What is required of this row and is not so.
    pub(crate) faults: Vec<String>,
}

const HEADER: [&str; 12] = [
    "instance",
    "who",
    "gaps",
    "alerts",
    "soft",
    "distance",
    "first plan",
    "best at",
    "ended at",
    "memory",
    "ended",
    "remarks",
];

impl Row {
    /// How far the roster's soft cost is above its bound, in percent of the bound, when the levels above are at theirs.
    pub(crate) fn distance_percent(&self) -> Option<f64> {
        let (reached, bound) = (self.reached?, self.bound?);
        let least = bound.soft - self.programme_soft;
        if !reached.same_medium(&bound) || least < 0 {
            return None;
        }
        let excess = reached.soft - bound.soft;
        if excess == 0 {
            return Some(0.0);
        }
        Some(100.0 * float(excess) / float(least))
    }

    fn cells(&self) -> [String; 12] {
        let [gaps, alerts, soft] = levels(self.reached);
        let [gaps_bound, alerts_bound, soft_bound] = levels(self.bound);
        let level = |value: Option<i64>, bound: Option<i64>| match (value, bound) {
            (None, _) => "–".to_owned(),
            (Some(value), None) => value.to_string(),
            (Some(value), Some(bound)) => format!("{value} (≥ {bound})"),
        };
        let (who, ended) = match &self.who {
            Who::Ours(status) => ("Meridian", status),
            Who::Peer(peer, status) => (peer.title(), status),
        };
        let verdict = match (&self.who, self.faults.is_empty()) {
            (Who::Ours(_), true) => format!("PASS; {}", self.remark),
            (Who::Peer(..), true) => self.remark.clone(),
            (_, false) => format!("FAIL: {}; {}", self.faults.join("; "), self.remark),
        };
        let seconds = |s: Option<f64>| s.map_or_else(|| "–".to_owned(), |s| format!("{s:.1} s"));
        [
            self.size.as_str().to_owned(),
            who.to_owned(),
            level(gaps, gaps_bound),
            level(alerts, alerts_bound),
            level(soft, soft_bound),
            self.distance_percent()
                .map_or_else(|| "–".to_owned(), |percent| format!("{percent:.3} %")),
            self.first_ms
                .map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0} ms")),
            seconds(self.best_s),
            seconds(self.end_s),
            self.memory_mb
                .map_or_else(|| "–".to_owned(), |mb| format!("{mb} MB")),
            ended.clone(),
            verdict,
        ]
    }

    /// The row as soon as it is known.
    pub(crate) fn line(&self) -> String {
        let cells = self.cells();
        let named = HEADER.iter().zip(&cells).skip(2);
        let named: Vec<String> = named.map(|(name, cell)| format!("{name} {cell}")).collect();
        format!("{} {}: {}", cells[0], cells[1], named.join(" · "))
    }
}

/// The rows as a Markdown table, with what is required of each size.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut lines = vec![
        format!("| {} | required |", HEADER.join(" | ")),
        format!("|{}", "---|".repeat(HEADER.len() + 1)),
    ];
    for row in rows {
        let needs = required(row.size);
        let asked = match row.who {
            Who::Ours(_) if needs.gap_percent.is_finite() => format!(
                "{} ms; {} % in {} s; {} MB",
                needs.first_ms, needs.gap_percent, needs.limit_s, needs.memory_mb
            ),
            _ => String::new(),
        };
        lines.push(format!("| {} | {asked} |", row.cells().join(" | ")));
    }
    lines.join("\n")
}

/// Puts the table between its marks in a document, with the machine, the day and the command.
pub(crate) fn write(path: &Path, rows: &[Row], limit_scale: f64) -> anyhow::Result<()> {
    let document = std::fs::read_to_string(path)
        .unwrap_or_else(|_| format!("# Benchmarks\n\n{}\n{}\n", MARKS.0, MARKS.1));
    let (before, rest) = document
        .split_once(MARKS.0)
        .with_context(|| format!("{} has no line {}", path.display(), MARKS.0))?;
    let (_, after) = rest
        .split_once(MARKS.1)
        .with_context(|| format!("{} has no line {}", path.display(), MARKS.1))?;
    let now = std::time::SystemTime::now();
    let day = Timestamp::try_from(now).map_or_else(|_| String::new(), |now| now.to_string());
    let day = day.get(..10).unwrap_or_default();
    let text = format!(
        "{before}{}\n\n{}, {day}, limits × {limit_scale}: `./run bench`\n\n{}\n\n{}{after}",
        MARKS.0,
        machine(),
        table(rows),
        MARKS.1
    );
    std::fs::write(path, text)?;
    Ok(())
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let said = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = said
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |name| {
        name.trim_start_matches([' ', '\t', ':'])
    });
    format!("{cores} cores of {model}")
}

/// A cost as a number to show.
#[expect(clippy::as_conversions, reason = "only shown, and far below 2^53")]
fn float(n: i64) -> f64 {
    // CAST: costs are far below 2^53, and this is only shown.
    n as f64
}
