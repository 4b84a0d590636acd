//! Plans for a terminal: the programme, who is on duty, and everyone's day as bars, in plain text.

mod people;
mod programme;

use meridian_model::time::UnknownZone;
use meridian_model::{Plan, Problem, Report, ZoneName, ZoneSet};

use super::Audience;
use super::clock::Clock;
use super::names::Names;
use super::text::{fit_columns, plain};
use super::view::{clashes, troubles, verdict};

/// The least number of columns that is laid out for; a narrower terminal gets this width.
const NARROWEST: usize = 40;

/// The timeline of a plan in `zone`, for a terminal of `width` columns.
///
/// # Errors
/// [`UnknownZone`] when the zone set does not hold `zone` or an operator's zone.
pub fn timeline(
    problem: &Problem,
    plan: &Plan,
    report: &Report,
    zones: &ZoneSet,
    zone: &ZoneName,
    width: usize,
    audience: Audience,
) -> Result<String, UnknownZone> {
    let screen = Screen {
        problem,
        plan,
        report,
        zones,
        names: Names::new(problem, plan),
        clock: Clock::new(zones, zone, problem.event.horizon.span())?,
        width: width.max(NARROWEST),
    };
    let mut lines = screen.heading(audience);
    lines.extend(screen.programme(audience));
    if audience == Audience::Crew {
        lines.extend(screen.missing());
        lines.extend(screen.duties());
        lines.extend(screen.people()?);
    }
    let mut out = String::new();
    for line in lines {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    Ok(out)
}

/// What is drawn, for whom and how wide.
pub(super) struct Screen<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    report: &'a Report,
    zones: &'a ZoneSet,
    names: Names<'a>,
    clock: Clock,
    width: usize,
}

impl Screen<'_> {
    fn heading(&self, audience: Audience) -> Vec<String> {
        let span = self.problem.event.horizon.span();
        let clock = &self.clock;
        let title = plain(&self.problem.event.title);
        let mut lines = vec![
            fit_columns(&title, self.width),
            format!(
                "{} {} – {} {}",
                clock.full_date(span.start()),
                clock.time(span.start()),
                clock.full_date(span.end()),
                clock.time(span.end()),
            ),
            format!("{}, {}", clock.zone(), clock.offset_name(span.start())),
        ];
        for change in clock.changes() {
            lines.push(format!("{}: {}", clock.date(change.at), change.says()));
        }
        lines.push(if audience == Audience::Crew {
            format!("revision {} · {}", self.plan.revision, verdict(self.report))
        } else {
            format!("revision {}", self.plan.revision)
        });
        lines
    }

    fn missing(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let troubles = troubles(self.report);
        if !troubles.is_empty() {
            lines.extend(self.section("WHAT IS MISSING"));
        }
        for trouble in troubles {
            let says = plain(&trouble.says);
            lines.extend(self.wrapped(&format!("{} {says}", trouble.rule), "  "));
            for &span in &trouble.spans {
                lines.push(format!("    {}", self.clock.range(span)));
            }
            if !trouble.remedy.is_empty() {
                lines.extend(self.wrapped(&format!("→ {}", plain(&trouble.remedy)), "    "));
            }
        }
        let clashes = clashes(self.problem, self.plan, &self.names);
        if clashes.iter().any(super::view::Clash::hits) {
            lines.extend(self.section("CLASHES"));
        }
        for clash in clashes.iter().filter(|clash| clash.hits()) {
            let title = plain(&clash.event.title);
            let group = self.names.group(clash.group);
            lines.extend(self.wrapped(&format!("{group}: {title}"), "  "));
            lines.push(format!("    {}", self.clock.range(clash.span)));
        }
        lines
    }

    /// A section's heading.
    fn section(&self, title: &str) -> Vec<String> {
        vec![String::new(), self.ruled(title)]
    }

    /// Text followed by a rule to the right edge.
    fn ruled(&self, text: &str) -> String {
        let used = super::text::columns(text) + 1;
        format!("{text} {}", "─".repeat(self.width.saturating_sub(used)))
    }

    /// Words on as many lines as they need; the further ones are indented more.
    fn wrapped(&self, text: &str, indent: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = indent.to_owned();
        let mut fresh = true;
        for word in text.split(' ') {
            let wide = super::text::columns(&line) + 1 + super::text::columns(word);
            if !fresh && wide > self.width {
                lines.push(line);
                line = format!("{indent}  ");
                fresh = true;
            }
            if !fresh {
                line.push(' ');
            }
            line.push_str(word);
            fresh = false;
        }
        lines.push(line);
        lines
    }
}
