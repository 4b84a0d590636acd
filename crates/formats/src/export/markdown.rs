//! Plans as Markdown tables, for a wiki or a chat.

use std::fmt::Write as _;

use meridian_model::time::UnknownZone;
use meridian_model::{Plan, Problem, Report, ZoneName, ZoneSet};

use super::Audience;
use super::clock::Clock;
use super::names::Names;
use super::text::{capital, plain};
use super::view::{clashes, teams, troubles, verdict};

/// The programme as tables and, for the crew, what is missing, clashes and everyone's shifts.
///
/// # Errors
/// [`UnknownZone`] when the zone set does not hold `zone` or an operator's zone.
pub fn plan(
    problem: &Problem,
    plan: &Plan,
    report: &Report,
    zones: &ZoneSet,
    zone: &ZoneName,
    audience: Audience,
) -> Result<String, UnknownZone> {
    let page = Page {
        problem,
        plan,
        report,
        zones,
        names: Names::new(problem, plan),
        clock: Clock::new(zones, zone, problem.event.horizon.span())?,
    };
    let mut out = page.heading();
    if audience == Audience::Crew {
        out += &page.missing();
    }
    out += &page.hosts();
    out += &page.programme();
    if audience == Audience::Crew {
        out += &page.clashes();
        out += &page.people()?;
    }
    Ok(out)
}

struct Page<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    report: &'a Report,
    zones: &'a ZoneSet,
    names: Names<'a>,
    clock: Clock,
}

impl Page<'_> {
    fn heading(&self) -> String {
        let span = self.problem.event.horizon.span();
        let mut out = format!(
            "# {}\n\n{} {} – {} {}, {} ({})\n\nRevision {}\n",
            escape(&self.problem.event.title),
            self.clock.full_date(span.start()),
            self.clock.time(span.start()),
            self.clock.full_date(span.end()),
            self.clock.time(span.end()),
            escape(self.clock.zone().as_str()),
            self.clock.offset_name(span.start()),
            self.plan.revision,
        );
        for change in self.clock.changes() {
            let _ = write!(out, "\n{}: {}\n", self.clock.date(change.at), change.says());
        }
        out
    }

    fn missing(&self) -> String {
        let mut out = format!(
            "\n## What is missing\n\n{}.\n",
            capital(&verdict(self.report))
        );
        let troubles = troubles(self.report);
        if troubles.is_empty() {
            return out;
        }
        out += "\n| when | what | remedy |\n| --- | --- | --- |\n";
        for trouble in troubles {
            let when: Vec<String> = trouble.spans.iter().map(|&s| self.clock.range(s)).collect();
            let _ = writeln!(
                out,
                "| {} | {} {} | {} |",
                when.join("; "),
                trouble.rule,
                escape(&trouble.says),
                escape(&trouble.remedy)
            );
        }
        out
    }

    fn hosts(&self) -> String {
        let mut out = String::from("\n## Hosts\n\n| time | track | host | language |\n");
        out += "| --- | --- | --- | --- |\n";
        let mut blocks: Vec<_> = self.plan.blocks.iter().collect();
        blocks.sort_by_key(|block| (block.span, &block.track, &block.id));
        for block in blocks {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                self.clock.range(block.span),
                escape(&self.names.track(&block.track)),
                escape(&self.names.group(&block.group)),
                escape(block.language.as_str())
            );
        }
        out
    }

    fn programme(&self) -> String {
        let mut out =
            String::from("\n## Programme\n\n| time | track | host | session | language |\n");
        out += "| --- | --- | --- | --- | --- |\n";
        let mut sessions: Vec<_> = self.plan.sessions.iter().collect();
        sessions.sort_by_key(|placed| (placed.span, &placed.track, &placed.session));
        for placed in sessions {
            let host = self.names.block_of(placed);
            let session = self.names.session(&placed.session);
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                self.clock.range(placed.span),
                escape(&self.names.track(&placed.track)),
                host.map_or(String::new(), |block| escape(
                    &self.names.group(&block.group)
                )),
                escape(&self.names.title(&placed.session)),
                session.map_or(String::new(), |session| escape(session.language.as_str()))
            );
        }
        out
    }

    fn clashes(&self) -> String {
        let clashes = clashes(self.problem, self.plan, &self.names);
        let hits: Vec<_> = clashes.iter().filter(|clash| clash.hits()).collect();
        if hits.is_empty() {
            return String::new();
        }
        let mut out = String::from("\n## Clashes\n\n| time | group | what else is on |\n");
        out += "| --- | --- | --- |\n";
        for clash in hits {
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                self.clock.range(clash.span),
                escape(&self.names.group(clash.group)),
                escape(&clash.event.title)
            );
        }
        out
    }

    fn people(&self) -> Result<String, UnknownZone> {
        let mut out =
            String::from("\n## Who is on duty\n\n| group | person | duty | time | her time |\n");
        out += "| --- | --- | --- | --- | --- |\n";
        for team in teams(self.plan, &self.names) {
            let group = team
                .group
                .map_or(String::new(), |group| escape(&group.name));
            for person in &team.people {
                let own = match person.operator {
                    Some(operator) => Clock::new(
                        self.zones,
                        &operator.zone,
                        self.problem.event.horizon.span(),
                    )?,
                    None => self.clock.clone(),
                };
                for shift in &person.shifts {
                    let _ = writeln!(
                        out,
                        "| {group} | {} | {} | {} | {} {} |",
                        escape(&self.names.person(person.id)),
                        escape(&self.names.duty(&shift.duty)),
                        self.clock.range(shift.span),
                        own.range(shift.span),
                        escape(own.zone().as_str())
                    );
                }
            }
        }
        Ok(out)
    }
}

/// Escapes what Markdown or HTML would take for markup.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::new();
    for character in plain(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_in_a_title_stays_text() {
        assert_eq!(
            escape("a|b\n<img> [x](y) *z*"),
            "a\\|b &lt;img&gt; \\[x\\](y) \\*z\\*"
        );
    }
}
