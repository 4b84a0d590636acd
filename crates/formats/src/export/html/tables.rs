//! The page's tables and lists: what the pictures show, in words.

use meridian_model::time::UnknownZone;
use meridian_model::{Level, Span};

use super::Paper;
use crate::export::clock::Clock;
use crate::export::text::{escape, plain};
use crate::export::view::{gaps, shifts_of, teams, troubles};

/// Everything below the pictures. Fields that end in `_html` are markup.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) programme: Vec<SessionRow>,
    pub(super) hosts: Vec<HostRow>,
    pub(super) troubles: Vec<Trouble>,
    pub(super) clashes: Vec<ClashRow>,
    pub(super) duties: Vec<DutyTable>,
    pub(super) teams: Vec<TeamTable>,
}

/// A session.
#[derive(Debug)]
pub(super) struct SessionRow {
    pub(super) time_html: String,
    pub(super) track: String,
    pub(super) host: String,
    pub(super) title: String,
    pub(super) language: String,
}

/// A host block.
#[derive(Debug)]
pub(super) struct HostRow {
    pub(super) time_html: String,
    pub(super) track: String,
    pub(super) host: String,
    pub(super) language: String,
    pub(super) clash: String,
}

/// Something broken or missing.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) code: &'static str,
    pub(super) hard: bool,
    pub(super) says: String,
    pub(super) remedy: String,
    pub(super) times_html: Vec<String>,
}

/// A regional event of a group.
#[derive(Debug)]
pub(super) struct ClashRow {
    pub(super) time_html: String,
    pub(super) group: String,
    pub(super) title: String,
    pub(super) what: String,
    pub(super) hits: bool,
}

/// A duty with those who serve it.
#[derive(Debug)]
pub(super) struct DutyTable {
    pub(super) name: String,
    pub(super) rows: Vec<DutyRow>,
}

/// Someone on a duty, or nobody.
#[derive(Debug)]
pub(super) struct DutyRow {
    pub(super) time_html: String,
    pub(super) person: String,
    pub(super) group: String,
    pub(super) gap: bool,
}

/// A group with its people.
#[derive(Debug)]
pub(super) struct TeamTable {
    pub(super) name: String,
    pub(super) rows: Vec<ShiftRow>,
}

/// Someone's shift.
#[derive(Debug)]
pub(super) struct ShiftRow {
    pub(super) person: String,
    pub(super) duty: String,
    pub(super) time_html: String,
    pub(super) own: String,
    pub(super) own_zone: String,
}

impl Paper<'_> {
    /// A span as the script can tell it in another zone.
    pub(super) fn time(&self, span: Span) -> String {
        format!(
            "<time datetime=\"{}\" data-end=\"{}\">{}</time>",
            span.start(),
            span.end(),
            escape(&self.clock.range(span))
        )
    }

    pub(super) fn tables(&self) -> Result<Tables, UnknownZone> {
        let crew = self.crew;
        Ok(Tables {
            programme: self.programme(),
            hosts: self.hosts(),
            troubles: if crew { self.troubles() } else { Vec::new() },
            clashes: self.clash_rows(),
            duties: if crew { self.duty_tables() } else { Vec::new() },
            teams: if crew {
                self.team_tables()?
            } else {
                Vec::new()
            },
        })
    }

    fn programme(&self) -> Vec<SessionRow> {
        let mut sessions: Vec<_> = self.plan.sessions.iter().collect();
        sessions.sort_by_key(|placed| (placed.span, &placed.track, &placed.session));
        let rows = sessions.into_iter().map(|placed| {
            let session = self.names.session(&placed.session);
            let block = self.names.block_of(placed);
            SessionRow {
                time_html: self.time(placed.span),
                track: self.names.track(&placed.track),
                host: block.map_or(String::new(), |block| self.names.group(&block.group)),
                title: self.names.title(&placed.session),
                language: session.map_or(String::new(), |s| plain(s.language.as_str())),
            }
        });
        rows.collect()
    }

    fn hosts(&self) -> Vec<HostRow> {
        let mut blocks: Vec<_> = self.plan.blocks.iter().collect();
        blocks.sort_by_key(|block| (block.span, &block.track, &block.id));
        let rows = blocks.into_iter().map(|block| HostRow {
            time_html: self.time(block.span),
            track: self.names.track(&block.track),
            host: self.names.group(&block.group),
            language: plain(block.language.as_str()),
            clash: self.block_clash(&block.id).unwrap_or_default(),
        });
        rows.collect()
    }

    fn troubles(&self) -> Vec<Trouble> {
        let rows = troubles(self.report).into_iter().map(|trouble| Trouble {
            code: trouble.rule.as_str(),
            hard: trouble.rule.level() == Level::Hard,
            says: plain(&trouble.says),
            remedy: plain(&trouble.remedy),
            times_html: trouble.spans.iter().map(|&span| self.time(span)).collect(),
        });
        rows.collect()
    }

    fn clash_rows(&self) -> Vec<ClashRow> {
        let rows = self.clashes.iter().map(|clash| {
            let count = |n: usize, one: &str, many: &str| match n {
                0 => None,
                1 => Some(format!("1 {one}")),
                n => Some(format!("{n} {many}")),
            };
            let blocks = count(clash.blocks.len(), "block", "blocks");
            let shifts = count(clash.shifts.len(), "shift", "shifts");
            let what: Vec<String> = blocks.into_iter().chain(shifts).collect();
            ClashRow {
                time_html: self.time(clash.span),
                group: self.names.group(clash.group),
                title: plain(&clash.event.title),
                hits: clash.hits(),
                what: if clash.hits() {
                    what.join(", ")
                } else if clash.takes_part {
                    "nothing: avoided".to_owned()
                } else {
                    "nothing: the group has no part".to_owned()
                },
            }
        });
        rows.collect()
    }

    fn duty_tables(&self) -> Vec<DutyTable> {
        let gaps = gaps(self.report);
        let tables = self.problem.event.duties.iter().map(|duty| {
            let shifts = shifts_of(self.plan, duty).into_iter().map(|shift| {
                let operator = self.names.operator(&shift.operator);
                let row = DutyRow {
                    time_html: self.time(shift.span),
                    person: self.names.person(&shift.operator),
                    group: operator.map_or(String::new(), |o| self.names.group(&o.group)),
                    gap: false,
                };
                (shift.span, row)
            });
            let open = gaps.iter().filter(|gap| gap.duty == &duty.id).map(|gap| {
                let row = DutyRow {
                    time_html: self.time(gap.span),
                    person: "GAP".to_owned(),
                    group: "someone is missing".to_owned(),
                    gap: true,
                };
                (gap.span, row)
            });
            let mut rows: Vec<(Span, DutyRow)> = shifts.chain(open).collect();
            rows.sort_by(|a, b| (a.0, &a.1.person).cmp(&(b.0, &b.1.person)));
            DutyTable {
                name: self.names.duty(&duty.id),
                rows: rows.into_iter().map(|(_, row)| row).collect(),
            }
        });
        tables.collect()
    }

    fn team_tables(&self) -> Result<Vec<TeamTable>, UnknownZone> {
        let horizon = self.problem.event.horizon.span();
        let mut tables = Vec::new();
        for team in teams(self.plan, &self.names) {
            let mut rows = Vec::new();
            for person in &team.people {
                let own = match person.operator {
                    Some(operator) => Clock::new(self.zones, &operator.zone, horizon)?,
                    None => self.clock.clone(),
                };
                rows.extend(person.shifts.iter().map(|shift| ShiftRow {
                    person: self.names.person(person.id),
                    duty: self.names.duty(&shift.duty),
                    time_html: self.time(shift.span),
                    own: own.range(shift.span),
                    own_zone: own.zone().to_string().replace('_', " "),
                }));
            }
            tables.push(TeamTable {
                name: team.group.map_or_else(
                    || "Not in the problem".to_owned(),
                    |group| plain(&group.name),
                ),
                rows,
            });
        }
        Ok(tables)
    }
}
