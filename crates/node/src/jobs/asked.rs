//! What a job can be asked to do, and the command line that does it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::exchange::planning::Step;

/// A plan to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanAsk {
    /// Where chance begins; 1 if left out.
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub(crate) seed: Option<u64>,
    /// How many search steps to spend, 1 to 9; 5 if left out.
    #[schema(minimum = 1, maximum = 9)]
    pub(crate) effort: Option<u8>,
    /// End the search after so many seconds.
    #[schema(minimum = 1, maximum = 86400)]
    pub(crate) time_limit_s: Option<u32>,
    /// What places blocks and sessions.
    pub(crate) engine: Option<EngineAsk>,
}

/// What places blocks and sessions.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EngineAsk {
    /// Exact models, where they are built in.
    Highs,
    /// Search in pure Rust.
    Pure,
}

/// Dates to be compared.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatesAsk {
    /// A rule in words.
    #[schema(
        max_length = 500,
        example = "weekends from June to September, 12:00 Asia/Tokyo"
    )]
    pub(crate) rule: Option<String>,
    /// The first day.
    #[schema(max_length = 40)]
    pub(crate) from: Option<String>,
    /// The last day.
    #[schema(max_length = 40)]
    pub(crate) to: Option<String>,
    /// Days of the week to start on, such as `fri,sat`.
    #[schema(max_length = 40)]
    pub(crate) weekdays: Option<String>,
    /// Time of day to start at.
    #[schema(max_length = 40)]
    pub(crate) start: Option<String>,
    /// Zone of days and times.
    #[schema(max_length = 100)]
    pub(crate) zone: Option<String>,
    /// Starts, one by one.
    #[serde(default)]
    #[schema(max_items = 400)]
    pub(crate) dates: Vec<String>,
    /// How many of the best to plan in full; 3 if left out.
    #[schema(maximum = 100)]
    pub(crate) top: Option<u16>,
    /// Where chance begins; 1 if left out.
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub(crate) seed: Option<u64>,
    /// How many search steps a full plan takes, 1 to 9.
    #[schema(minimum = 1, maximum = 9)]
    pub(crate) effort: Option<u8>,
    /// End the search after so many seconds.
    #[schema(minimum = 1, maximum = 86400)]
    pub(crate) time_limit_s: Option<u32>,
    /// What places blocks and sessions.
    pub(crate) engine: Option<EngineAsk>,
}

/// A published plan to be mended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplanAsk {
    /// Operators, groups or speakers who can no longer come.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub(crate) without: Vec<String>,
    /// Most people to disturb beside those whose shifts cannot stay; 3 if left out.
    #[schema(maximum = 65535)]
    pub(crate) max_disturbed: Option<u16>,
    /// What disturbing one person, or changing one shift, may cost.
    #[schema(minimum = 0, maximum = 1000000)]
    pub(crate) change_price: Option<u32>,
    /// Where chance begins; 1 if left out.
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub(crate) seed: Option<u64>,
    /// How many search steps to spend, 1 to 9.
    #[schema(minimum = 1, maximum = 9)]
    pub(crate) effort: Option<u8>,
    /// End the search after so many seconds.
    #[schema(minimum = 1, maximum = 86400)]
    pub(crate) time_limit_s: Option<u32>,
    /// What places blocks and sessions.
    pub(crate) engine: Option<EngineAsk>,
}

/// Reasons for what is missing from a plan.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainAsk {
    /// The plan.
    #[schema(max_length = 64, example = "p1")]
    pub(crate) plan: String,
    /// Only who could take this shift, or this gap, such as `gap-1`.
    #[schema(max_length = 200)]
    pub(crate) shift: Option<String>,
}

/// A plan to be handed out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportAsk {
    /// The plan.
    #[schema(max_length = 64, example = "p1")]
    pub(crate) plan: String,
    /// What to make of it.
    pub(crate) format: FormatAsk,
    /// For whom: `event`, `track:ID`, `group:ID`, `person:ID` or `speaker:ID` for calendars, `crew` or `public` for
    /// the others.
    #[serde(rename = "for")]
    #[schema(max_length = 200)]
    pub(crate) whom: Option<String>,
    /// The zone to tell times in.
    #[schema(max_length = 100)]
    pub(crate) zone: Option<String>,
}

/// What an export is made of.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FormatAsk {
    /// A calendar.
    Ics,
    /// Tables of blocks, sessions and shifts.
    Csv,
    /// A text to paste.
    Markdown,
    /// One page.
    Html,
}

/// What a job is asked to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ask {
    Plan(PlanAsk),
    Dates(DatesAsk),
    Replan(ReplanAsk),
    Explain(ExplainAsk),
    Export(ExportAsk),
    /// A step of a space, by its id.
    Step {
        space: String,
        step: Step,
    },
}

/// A job as it is kept: what is asked, and of what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) ask: Ask,
    /// Digest of the problem; none where it is the plan's own, or that of many dates.
    pub(crate) problem: Option<String>,
    /// The plan that is followed, mended, explained or exported.
    pub(crate) plan: Option<String>,
}

/// Where the documents of a job lie, in the folder it works in.
pub(crate) const PROBLEM: &str = "problem.json";
/// The plan that is given.
pub(crate) const GIVEN: &str = "given.json";
/// The plan that is made.
pub(crate) const MADE: &str = "made.json";
/// The event folder.
pub(crate) const EVENT: &str = "event";
/// What is exported.
pub(crate) const EXPORT: &str = "export";

impl Ask {
    /// Its name.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::Dates(_) => "dates",
            Self::Replan(_) => "replan",
            Self::Explain(_) => "explain",
            Self::Export(_) => "export",
            Self::Step { step, .. } => step.kind(),
        }
    }

    /// What was asked, of an order that is kept as JSON.
    pub(crate) fn told(order: &Value) -> Option<Value> {
        let (what, asked) = order.get("ask")?.as_object()?.iter().next()?;
        if what != "step" {
            return Some(asked.clone());
        }
        let (_, wish) = asked.get("step")?.as_object()?.iter().next()?;
        let mut wish = wish.clone();
        let fields = wish.as_object_mut()?;
        fields.insert("space".to_owned(), asked.get("space")?.clone());
        fields.retain(|_, value| !value.is_null());
        Some(wish)
    }

    /// Whether a plan comes of it.
    pub(crate) fn makes_a_plan(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::Replan(_))
    }
}

impl Order {
    /// The command line; of a step of a space, nothing: its searches have command lines of their own.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut line = Line::of(self.ask.kind());
        match &self.ask {
            Ask::Plan(ask) => {
                line.words([PROBLEM, "--progress", "json", "--out", MADE]);
                if self.plan.is_some() {
                    line.words(["--parent", GIVEN]);
                }
                line.search(ask.seed, ask.effort, ask.time_limit_s, ask.engine);
            }
            Ask::Dates(ask) => {
                line.words([EVENT]);
                for (name, value) in [
                    ("rule", &ask.rule),
                    ("from", &ask.from),
                    ("to", &ask.to),
                    ("weekdays", &ask.weekdays),
                    ("start", &ask.start),
                    ("zone", &ask.zone),
                ] {
                    line.option(name, value.as_ref());
                }
                for date in &ask.dates {
                    line.option("date", Some(date));
                }
                line.option("top", ask.top);
                line.search(ask.seed, ask.effort, ask.time_limit_s, ask.engine);
            }
            Ask::Replan(ask) => {
                line.words([PROBLEM, GIVEN, "--out", MADE]);
                for who in &ask.without {
                    line.option("without", Some(who));
                }
                line.option("max-disturbed", ask.max_disturbed);
                line.option("change-price", ask.change_price);
                line.search(ask.seed, ask.effort, ask.time_limit_s, ask.engine);
            }
            Ask::Explain(ask) => {
                line.words([PROBLEM, GIVEN]);
                line.option("shift", ask.shift.as_ref());
            }
            Ask::Export(ask) => {
                line.words([PROBLEM, GIVEN]);
                let (format, out) = match ask.format {
                    FormatAsk::Ics => ("ics", "export/calendar.ics"),
                    FormatAsk::Csv => ("csv", EXPORT),
                    FormatAsk::Markdown => ("markdown", "export/plan.md"),
                    FormatAsk::Html => ("html", "export/plan.html"),
                };
                line.option("format", Some(format));
                line.option("out", Some(out));
                line.option("for", ask.whom.as_ref());
                line.option("zone", ask.zone.as_ref());
            }
            Ask::Step { .. } => return Vec::new(),
        }
        line.words(["--json"]);
        line.0
    }
}

struct Line(Vec<String>);

impl Line {
    fn of(command: &str) -> Self {
        Self(vec![command.to_owned()])
    }

    fn words<const N: usize>(&mut self, words: [&str; N]) {
        self.0.extend(words.map(str::to_owned));
    }

    /// In one word with its name, so that no value can be taken for an option.
    fn option<T: std::fmt::Display>(&mut self, name: &str, value: Option<T>) {
        self.0
            .extend(value.map(|value| format!("--{name}={value}")));
    }

    fn search(
        &mut self,
        seed: Option<u64>,
        effort: Option<u8>,
        time_limit_s: Option<u32>,
        engine: Option<EngineAsk>,
    ) {
        self.option("seed", seed);
        self.option("effort", effort);
        self.option("time-limit", time_limit_s);
        let engine = engine.map(|engine| match engine {
            EngineAsk::Highs => "highs",
            EngineAsk::Pure => "pure",
        });
        self.option("engine", engine);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_taken_for_an_option() {
        let ask = serde_json::json!({ "replan": { "without": ["--out=/etc/passwd", "mika"], "effort": 2 } });
        let order = Order {
            ask: serde_json::from_value(ask).unwrap(),
            problem: None,
            plan: None,
        };
        let line = order.arguments();
        assert_eq!(
            line,
            [
                "replan",
                "problem.json",
                "given.json",
                "--out",
                "made.json",
                "--without=--out=/etc/passwd",
                "--without=mika",
                "--effort=2",
                "--json"
            ]
        );
    }
}
