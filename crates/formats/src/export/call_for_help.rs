//! People needed and people pledged as Markdown: a verdict, the count by the hour, and a call for help per region.
//!
//! A region is a band of three hours of UTC offset; its times are those of the zone that most of its groups live in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use meridian_model::staffing::{Basis, Certainty, Need, Staffed, Staffing, Verdict, Window};
use meridian_model::time::UnknownZone;
use meridian_model::{Group, Language, Problem, RoleNeed, Span, ZoneName, ZoneSet};

use super::clock::Clock;
use super::markdown::escape;

/// Width of a region in seconds of UTC offset.
const BAND_S: i32 = 3 * 3600;
/// Local hours in which people are asked to help: outside 23:00–07:00, which is night unless someone says otherwise.
const DAY: std::ops::Range<i64> = 7 * 60..23 * 60;
/// So many things are named in the verdict.
const NAMED: usize = 12;

/// The whole page.
///
/// # Errors
/// [`UnknownZone`] when the zone set does not hold the zone of a group.
pub fn page(
    problem: &Problem,
    staffing: &Staffing,
    zones: &ZoneSet,
) -> Result<String, UnknownZone> {
    let page = Page {
        problem,
        staffing,
        clock: Clock::utc(problem.event.horizon.span()),
        regions: regions(problem, zones)?,
    };
    let mut out = format!(
        "# {}: are we enough?\n\n{}",
        escape(&problem.event.title),
        page.verdict()
    );
    out += &page.table();
    out += &page.local_times();
    out += &page.calls();
    Ok(out)
}

/// The verdict alone: whether there are enough people, and what is missing.
#[must_use]
pub fn verdict(problem: &Problem, staffing: &Staffing) -> String {
    let page = Page {
        problem,
        staffing,
        clock: Clock::utc(problem.event.horizon.span()),
        regions: Vec::new(),
    };
    page.verdict()
}

/// Groups whose days begin at about the same time.
struct Region<'a> {
    clock: Clock,
    groups: Vec<&'a Group>,
}

/// The regions of a problem, from east to west: in the order in which they wake.
fn regions<'a>(problem: &'a Problem, zones: &ZoneSet) -> Result<Vec<Region<'a>>, UnknownZone> {
    let span = problem.event.horizon.span();
    let mut bands: BTreeMap<i32, Vec<&Group>> = BTreeMap::new();
    for group in &problem.groups {
        let offset = Clock::new(zones, &group.zone, span)?.offset(span.start());
        let band = -offset.div_euclid(BAND_S);
        bands.entry(band).or_default().push(group);
    }
    let region = |groups: Vec<&'a Group>| {
        let mut of_zone: BTreeMap<&ZoneName, usize> = BTreeMap::new();
        for group in &groups {
            *of_zone.entry(&group.zone).or_insert(0) += 1;
        }
        let most = of_zone
            .iter()
            .max_by_key(|&(zone, n)| (n, std::cmp::Reverse(zone)));
        let zone = most.map_or_else(|| problem.event.zone.clone(), |(&zone, _)| zone.clone());
        Ok(Region {
            clock: Clock::new(zones, &zone, span)?,
            groups,
        })
    };
    bands.into_values().map(region).collect()
}

impl Region<'_> {
    /// `UTC+9, time of Asia/Tokyo`.
    fn heading(&self, at: Span) -> String {
        let zone = escape(self.clock.zone().as_str());
        format!("{} ({zone})", self.clock.offset_name(at.start()))
    }

    /// Whether at least half of the span lies in its daytime.
    fn wakes(&self, span: Span) -> bool {
        let offset = i64::from(self.clock.offset(span.start()));
        let from = (span.start().as_second() + offset).div_euclid(60);
        let awake = (from..from + span.minutes())
            .filter(|minute| DAY.contains(&minute.rem_euclid(24 * 60)))
            .count();
        i64::try_from(awake * 2).is_ok_and(|twice| twice >= span.minutes())
    }

    /// The groups here that speak all of some languages.
    fn speakers(&self, languages: &[Language]) -> Vec<String> {
        let speaks = |group: &&&Group| languages.iter().all(|l| group.languages.contains(l));
        let groups = self.groups.iter().filter(speaks);
        groups.map(|group| escape(&group.name)).collect()
    }
}

struct Page<'a> {
    problem: &'a Problem,
    staffing: &'a Staffing,
    clock: Clock,
    regions: Vec<Region<'a>>,
}

/// What is missing in one window.
struct Lack<'a> {
    need: &'a Need,
    staffed: Staffed,
    window: Window,
}

impl<'a> Page<'a> {
    /// `MC in ja`, `Interpreter from ja into en`.
    fn name(&self, need: &Need) -> String {
        let event = &self.problem.event;
        let role = event.roles.iter().find(|role| role.id == need.role);
        let name = escape(role.map_or(need.role.as_str(), |role| &role.name));
        let languages: Vec<String> = need.languages.iter().map(|l| escape(l.as_str())).collect();
        let languages = languages.join(" and ");
        match role.map(|role| role.needs) {
            Some(RoleNeed::BlockLanguage) if languages.is_empty() => {
                format!("{name} in any language of a host")
            }
            Some(RoleNeed::BlockLanguage) => format!("{name} in {languages}"),
            Some(RoleNeed::Interpretation) => {
                format!(
                    "{name} from {languages} into {}",
                    escape(event.language.as_str())
                )
            }
            _ => name,
        }
    }

    /// Where people are missing, or where nobody may drop out, by time.
    fn lacks(&self, keep: impl Fn(Verdict) -> bool) -> Vec<Lack<'a>> {
        let staffing = self.staffing;
        let of_need = |need: &'a Need| {
            let windows = staffing.windows.iter().zip(&need.windows);
            windows.map(move |(&window, &staffed)| Lack {
                need,
                staffed,
                window,
            })
        };
        let mut lacks: Vec<Lack<'_>> = staffing
            .needs
            .iter()
            .flat_map(of_need)
            .filter(|lack| keep(lack.staffed.verdict()))
            .collect();
        lacks.sort_by_key(|lack| lack.window.span);
        lacks
    }

    fn verdict(&self) -> String {
        let staffing = self.staffing;
        let lacks = self.lacks(|verdict| verdict <= Verdict::Tired);
        let windows = staffing.windows.len();
        let short: BTreeSet<Span> = lacks.iter().map(|lack| lack.window.span).collect();
        let of_hours = format!(
            "Of {} pledged hours {} are needed",
            hours(staffing.pledged_min()),
            hours(staffing.likely_min)
        );
        let mut out = if !lacks.is_empty() {
            let well = windows - short.len();
            format!("**Enough people in {well} of {windows} windows.** Missing:\n\n")
        } else if !staffing.enough() {
            format!("**There are people, but not always a host.** {of_hours}.\n")
        } else if staffing.scarce() {
            format!(
                "**Perhaps: there are people at every hour, but hours are scarce.** {of_hours}; whether shifts and \
                     rests fit, only a plan can tell.\n"
            )
        } else {
            format!("**Yes: there are people for all of it.** {of_hours}.\n")
        };
        for lack in lacks.iter().take(NAMED) {
            let _ = writeln!(out, "- {}", self.says(lack));
        }
        if lacks.len() > NAMED {
            let _ = writeln!(out, "- and {} more, below", lacks.len() - NAMED);
        }
        for window in staffing.windows.iter().filter(|w| w.fewest_hosts == 0) {
            let when = self.clock.range(window.span);
            let _ = writeln!(out, "\nAt some moment of {when} UTC no group can host.");
        }
        if staffing.uncovered_min > 0 {
            let _ = writeln!(
                out,
                "\nWhatever the plan, at least {} of {} person-hours stay uncovered.",
                hours(staffing.uncovered_min),
                hours(staffing.needed_min)
            );
        }
        out
    }

    /// `1 MC in es, Sat 24 Aug 02:00–05:00 UTC`.
    fn says(&self, lack: &Lack<'_>) -> String {
        let (name, staffed) = (self.name(lack.need), lack.staffed);
        let when = self.clock.range(lack.window.span);
        let sure = match lack.need.certainty {
            Certainty::Certain => "",
            Certainty::Estimated => ", if the hosts' languages fall as expected",
        };
        if staffed.missing > 0 {
            let short = hours(staffed.missing_min.max(1));
            let n = staffed.missing;
            return format!("{n} × {name}, {when} UTC ({short} person-hours{sure})");
        }
        let short = hours(staffed.needed_min - staffed.covered_min);
        let all = hours(staffed.needed_min);
        format!(
            "{name}, {when} UTC: about {short} of {all} person-hours (there are people, but their hours are used up{sure})"
        )
    }

    fn table(&self) -> String {
        let staffing = self.staffing;
        let mut out = String::from("\n## People by the hour\n\n");
        out += "The fewest who could be on duty at any moment / how many are needed at once. ";
        out += "**Bold**: too few. *Leaning*: there are people, but not enough hours of theirs. ";
        out += "Hours: covered, of those needed, when everybody's hours are shared out evenly within their limits. ";
        out += "Equal numbers: nobody may drop out.";
        if staffing.basis == Basis::Hosts {
            out += " Lines with ~ are estimates: all groups that could host then are equally likely to, ";
            out += "each in the first of its languages for which people are there.";
        }
        out += "\n\n| UTC |";
        for window in &staffing.windows {
            let _ = write!(out, " {} |", self.times(window.span, &self.clock));
        }
        out += " hours |\n| --- |";
        out += &" --- |".repeat(staffing.windows.len());
        out += " --- |\n";
        for need in &staffing.needs {
            let mark = match need.certainty {
                Certainty::Certain => "",
                Certainty::Estimated => "~ ",
            };
            let _ = write!(out, "| {mark}{} |", self.name(need));
            for staffed in &need.windows {
                let _ = write!(out, " {} |", told(staffed));
            }
            let sum = |of: fn(&Staffed) -> i64| hours(need.windows.iter().map(of).sum());
            let (covered, needed) = (sum(|w| w.covered_min), sum(|w| w.needed_min));
            let _ = writeln!(out, " {covered} of {needed} |");
        }
        out += "| groups that could host |";
        for window in &staffing.windows {
            let n = window.fewest_hosts;
            let _ = match n {
                0 => write!(out, " **0** |"),
                _ => write!(out, " {n} |"),
            };
        }
        out += "  |\n";
        out
    }

    /// `03:00–06:00`.
    fn times(&self, span: Span, clock: &Clock) -> String {
        format!("{}–{}", clock.time(span.start()), clock.time(span.end()))
    }

    fn local_times(&self) -> String {
        let horizon = self.problem.event.horizon.span();
        let mut out = String::from("\n## The same hours where people live\n\n");
        out += "In brackets: night there.\n\n| UTC |";
        for region in &self.regions {
            let _ = write!(out, " {} |", region.heading(horizon));
        }
        out += "\n| --- |";
        out += &" --- |".repeat(self.regions.len());
        out.push('\n');
        for window in &self.staffing.windows {
            let _ = write!(out, "| {} |", self.clock.range(window.span));
            for region in &self.regions {
                let times = self.times(window.span, &region.clock);
                let _ = match region.wakes(window.span) {
                    true => write!(out, " {times} |"),
                    false => write!(out, " ({times}) |"),
                };
            }
            out.push('\n');
        }
        out
    }

    fn calls(&self) -> String {
        let lacks = self.lacks(|verdict| verdict <= Verdict::Tired);
        let mut out = String::from("\n## Call for help\n");
        let thin = self.lacks(|verdict| verdict == Verdict::Thin);
        let mut asked = BTreeSet::new();
        for region in &self.regions {
            let _ = write!(
                out,
                "\n### {}\n\n{}",
                self.people(region),
                self.pledged(region)
            );
            let mut asks = String::new();
            for (at, lack) in lacks.iter().enumerate() {
                let speakers = region.speakers(&lack.need.languages);
                if region.wakes(lack.window.span) && !speakers.is_empty() {
                    asked.insert(at);
                    let _ = writeln!(asks, "- {}", self.ask(lack, region, &speakers));
                }
            }
            let head = if asks.is_empty() {
                "\nNothing is missing in your daytime.\n"
            } else {
                "\nIn your daytime we still need:\n\n"
            };
            let _ = write!(out, "{head}{asks}");
            out += &self.reserves(region, &thin);
        }
        let left = lacks
            .iter()
            .enumerate()
            .filter(|(at, _)| !asked.contains(at));
        let left: Vec<String> = left
            .map(|(_, lack)| format!("- {}\n", self.says(lack)))
            .collect();
        if !left.is_empty() {
            out += "\n### In nobody's daytime\n\nNo region that speaks the language is awake then; who is up late or early, or could learn it?\n\n";
            out += &left.concat();
        }
        out
    }

    /// Where one more would let someone drop out.
    fn reserves(&self, region: &Region<'_>, thin: &[Lack<'_>]) -> String {
        let lines: Vec<String> = thin
            .iter()
            .filter(|lack| region.wakes(lack.window.span))
            .filter_map(|lack| {
                let speakers = region.speakers(&lack.need.languages);
                let ask = self.ask(lack, region, &speakers);
                (!speakers.is_empty()).then(|| format!("- {ask}\n"))
            })
            .collect();
        if lines.is_empty() {
            return String::new();
        }
        format!(
            "\nNobody may drop out here; one more of these would help:\n\n{}",
            lines.concat()
        )
    }

    fn ask(&self, lack: &Lack<'_>, region: &Region<'_>, speakers: &[String]) -> String {
        let missing = lack.staffed.missing.max(1);
        let when = region.clock.range(lack.window.span);
        let utc = self.times(lack.window.span, &self.clock);
        let tongue = if lack.need.languages.is_empty() {
            String::new()
        } else {
            format!("; spoken by {}", some(speakers))
        };
        let name = self.name(lack.need);
        format!("{missing} × {name}: {when} your time ({utc} UTC){tongue}")
    }

    fn people(&self, region: &Region<'_>) -> String {
        let names: Vec<String> = region.groups.iter().map(|g| escape(&g.name)).collect();
        let horizon = self.problem.event.horizon.span();
        format!("{}: {}", region.heading(horizon), some(&names))
    }

    /// What the people of a region give already, and what they could still give.
    fn pledged(&self, region: &Region<'_>) -> String {
        let here = |group: &&meridian_model::staffing::GroupPledge| {
            region.groups.iter().any(|other| other.id == group.group)
        };
        let groups = self.staffing.groups.iter().filter(here);
        let (people, pledged, used) = groups.fold((0, 0, 0), |(n, pledged, used), group| {
            let pledged = pledged + group.pledged_min;
            (n + group.people, pledged, used + group.used_min)
        });
        match people {
            0 => "Nobody here has pledged to help yet.\n".to_owned(),
            _ => format!(
                "{people} {} here pledged up to {} hours; shared out evenly, {} of them are needed.\n",
                if people == 1 { "person" } else { "people" },
                hours(pledged),
                hours(used)
            ),
        }
    }
}

/// One window of one need.
fn told(staffed: &Staffed) -> String {
    if staffed.needed == 0 {
        return "–".to_owned();
    }
    let counts = format!("{}/{}", staffed.fewest, staffed.needed);
    match staffed.verdict() {
        Verdict::Missing => format!("**{counts}**"),
        Verdict::Tired => format!("*{counts}*"),
        Verdict::Thin | Verdict::Enough => counts,
    }
}

/// `4.5`, `3`: minutes in hours, to a tenth.
fn hours(minutes: i64) -> String {
    let tenths = (minutes + 3) / 6;
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// The first few names, and how many more there are.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 8;
    match names.get(..SHOWN) {
        Some(first) if names.len() > SHOWN => {
            format!("{} and {} more", first.join(", "), names.len() - SHOWN)
        }
        _ => names.join(", "),
    }
}
