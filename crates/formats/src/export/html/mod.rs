//! Plans as one self-contained HTML page: pictures in SVG, the same as tables, and a zone switch.
//!
//! The page asks no other host for anything and needs no script: without one it is told in the zone it was made
//! for. With its small script the reader picks another zone; the offsets come with the page, from the zone set,
//! because a browser's own zone data may be older. Boxes carry `data-kind` (`block`, `session`, `shift`, `cover`,
//! `handover`, `speaks`, `night`, `gap`, `clash`), `data-id`, `data-start` and `data-end` (UTC), so that a machine
//! can check a page against its plan. Every picture is there twice, wide and narrow; one is shown.

mod agenda;
mod axis;
mod chart;
mod strips;
mod svg;
mod tables;
mod zone_table;

use std::collections::BTreeMap;

use askama::Template;
use meridian_model::time::UnknownZone;
use meridian_model::{BlockId, GroupId, Plan, Problem, Report, ShiftId, ZoneName, ZoneSet};

use super::Audience;
use super::clock::Clock;
use super::names::Names;
use super::text::{capital, plain};
use super::view::{Clash, clashes, gaps, teams, verdict};

/// The page of a plan for an audience, told in `zone` until the reader picks another.
///
/// # Errors
/// [`UnknownZone`] when the zone set does not hold `zone` or a zone of the problem.
pub fn page(
    problem: &Problem,
    plan: &Plan,
    report: &Report,
    zones: &ZoneSet,
    audience: Audience,
    zone: &ZoneName,
) -> Result<String, UnknownZone> {
    let names = Names::new(problem, plan);
    let crew = audience == Audience::Crew;
    let clashes = if crew {
        clashes(problem, plan, &names)
    } else {
        Vec::new()
    };
    let paper = Paper {
        problem,
        plan,
        report,
        zones,
        clock: Clock::new(zones, zone, problem.event.horizon.span())?,
        hues: agenda::hues(problem.groups.iter().map(|group| &group.id)),
        names,
        clashes,
        crew,
    };
    paper.page()
}

/// What is drawn, for whom.
struct Paper<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    report: &'a Report,
    zones: &'a ZoneSet,
    names: Names<'a>,
    clock: Clock,
    hues: BTreeMap<&'a GroupId, usize>,
    /// What else happens where the groups live; empty for the public.
    clashes: Vec<Clash<'a>>,
    crew: bool,
}

/// The page as the template sees it. Fields that end in `_html` are markup; all others are escaped there.
#[derive(Template)]
#[template(path = "plan.html")]
struct Page {
    title: String,
    crew: bool,
    css: &'static str,
    script: &'static str,
    zones_json_html: String,
    options: Vec<zone_table::ZoneOption>,
    zone: String,
    horizon_html: String,
    year: String,
    hours: String,
    n_hosts: usize,
    n_sessions: usize,
    n_people: usize,
    revision: u32,
    verdict: String,
    charts: Vec<strips::ChartMarkup>,
    agendas: Vec<strips::Picture>,
    tables: tables::Tables,
    has_gaps: bool,
    has_speakers: bool,
    has_clashes: bool,
    tzdb: String,
}

impl Paper<'_> {
    fn page(&self) -> Result<String, UnknownZone> {
        let event = &self.problem.event;
        let span = event.horizon.span();
        let zone_list = zone_table::zones(self.problem, self.clock.zone(), self.crew);
        let zone_table = zone_table::ZoneTable::new(self.zones, &zone_list, span)?;
        let layouts = [chart::WIDE, chart::NARROW];
        let charts = layouts.map(|layout| self.chart(layout, zone_table.changes));
        let agendas = [agenda::WIDE, agenda::NARROW].map(|columns| agenda::agenda(self, columns));
        let minutes = span.minutes();
        let hours = if minutes % 60 == 0 {
            format!("{} hours", minutes / 60)
        } else {
            format!("{} h {} min", minutes / 60, minutes % 60)
        };
        let hosts: std::collections::BTreeSet<_> =
            self.plan.blocks.iter().map(|b| &b.group).collect();
        let teams = teams(self.plan, &self.names);
        let people: Vec<_> = teams.iter().flat_map(|team| &team.people).collect();
        let page = Page {
            title: plain(&event.title),
            crew: self.crew,
            css: include_str!("../../../templates/plan.css"),
            script: include_str!("../../../templates/plan.js"),
            zones_json_html: zone_table.json(),
            options: zone_table.options,
            zone: self.clock.zone().to_string(),
            horizon_html: self.time(span),
            year: self
                .clock
                .full_date(span.start())
                .split(' ')
                .next_back()
                .unwrap_or_default()
                .to_owned(),
            hours,
            n_hosts: hosts.len(),
            n_sessions: self.plan.sessions.len(),
            n_people: if self.crew { people.len() } else { 0 },
            has_speakers: people.iter().any(|person| !person.speaks.is_empty()),
            revision: self.plan.revision,
            verdict: if self.crew {
                capital(&verdict(self.report))
            } else {
                String::new()
            },
            charts: charts.into(),
            agendas: agendas.into(),
            tables: self.tables()?,
            has_gaps: self.crew && !gaps(self.report).is_empty(),
            has_clashes: self.clashes.iter().any(|clash| clash.takes_part),
            tzdb: self.zones.version().to_owned(),
        };
        // Writing into a string fails only when a value's own formatting does, and none here does.
        Ok(page.render().unwrap_or_default())
    }

    /// The regional event that a block lies in.
    fn block_clash(&self, block: &BlockId) -> Option<String> {
        let clash = self
            .clashes
            .iter()
            .find(|clash| clash.blocks.contains(&block));
        clash.map(|clash| plain(&clash.event.title))
    }

    /// The regional event that a shift lies in.
    fn shift_clash(&self, shift: &ShiftId) -> Option<String> {
        let clash = self
            .clashes
            .iter()
            .find(|clash| clash.shifts.contains(&shift));
        clash.map(|clash| plain(&clash.event.title))
    }
}
