//! Repairs in words: whom to ask for what, with the time in the event's zone and in that of whoever is asked.

use meridian_formats::export::plain;
use meridian_model::{
    Cause, HostBlock, Language, Operator, Plan, Problem, Skill, Span, Subject, ZoneName, ZoneSet,
};
use meridian_solver::{HostSetting, Offer, PolicySetting, Repair};

use super::{Clock, count, utc_span};
use crate::ending::Failure;

/// Tells the repairs of one plan.
pub(super) struct Teller<'a> {
    pub(super) problem: &'a Problem,
    pub(super) plan: &'a Plan,
    pub(super) zones: &'a ZoneSet,
    pub(super) clock: &'a Clock,
}

impl Teller<'_> {
    /// Such as `ask aiko to stay on until Sat 24 Aug 23:30, 30 min not offered so far: closes 6 of 6 cells`, and where a
    /// session is then.
    ///
    /// # Errors
    /// When someone's zone is unknown.
    pub(super) fn offer(&self, offer: &Offer) -> Result<String, Failure> {
        let what = self.repair(&offer.repair)?;
        if offer.sessions.is_empty() {
            let (closes, of) = (offer.closes, offer.of);
            return Ok(format!("{what}: closes {closes} of {of} cells"));
        }
        let places = offer.sessions.iter().map(|placed| {
            let when = self.clock.span(placed.span);
            format!("{} is on {when}, track {}", placed.session, placed.track)
        });
        let places: Vec<String> = places.collect();
        Ok(format!("{what}: {}", places.join(" and ")))
    }

    /// What is asked, without what it closes.
    fn repair(&self, repair: &Repair) -> Result<String, Failure> {
        Ok(match repair {
            Repair::OpenTime { who, spans, cause } => self.open_time(who, spans, *cause)?,
            Repair::AddSkill { operator, skill } => {
                let has = self.known_for(operator.as_str(), skill);
                format!("let {operator}{has} serve as {} too", self.skill(skill))
            }
            Repair::FindPeople {
                count: n,
                skills,
                span,
                groups,
            } => {
                let skills: Vec<String> = skills.iter().map(|skill| self.skill(skill)).collect();
                let n = count(i64::from(*n), "more person", "more people");
                let groups: Vec<&str> = groups.iter().map(|id| self.group(id.as_str())).collect();
                let day = if groups.is_empty() {
                    String::new()
                } else {
                    format!("; it is day then in {}", plain(&groups.join(", ")))
                };
                let (when, utc) = (self.clock.span(*span), utc_span(*span));
                format!(
                    "find {n}, {}, for {when} ({utc}){day}",
                    skills.join(" and ")
                )
            }
            Repair::DutyLimit {
                operator,
                from_min,
                to_min,
            } => {
                let (from, to) = (hours(*from_min), hours(*to_min));
                format!("let {operator} be on duty for {to} instead of {from} in 24 hours")
            }
            Repair::Policy { setting, from, to } => policy(*setting, *from, *to),
            Repair::TakePart { group, event } => {
                let mut events = self.problem.regional_events.iter();
                let title = events.find(|one| one.id == *event);
                let title = title.map_or(event.as_str(), |one| one.title.as_str());
                let group = self.group(group.as_str());
                plain(&format!(
                    "let people of {group} take part during \"{title}\""
                ))
            }
            Repair::Several { repairs } => {
                let all: Result<Vec<String>, Failure> =
                    repairs.iter().map(|one| self.repair(one)).collect();
                all?.join(", and ")
            }
            Repair::HostAlsoIn { .. }
            | Repair::HoldIn { .. }
            | Repair::HostLimit { .. }
            | Repair::AskToHost { .. } => self.of_host(repair)?,
            Repair::Record { .. }
            | Repair::Window { .. }
            | Repair::AllowTrack { .. }
            | Repair::Shorten { .. } => self.of_session(repair),
        })
    }

    fn of_host(&self, repair: &Repair) -> Result<String, Failure> {
        Ok(match repair {
            Repair::HostAlsoIn { group, language } => {
                let group = plain(self.group(group.as_str()));
                format!("let {group} host in {language} as well")
            }
            Repair::HoldIn { block } => self.hold_in(block),
            Repair::HostLimit {
                group,
                setting,
                from,
                to,
            } => {
                let group = plain(self.group(group.as_str()));
                match setting {
                    HostSetting::ShortestMin => {
                        let (from, to) = (hours(*from), hours(*to));
                        format!("let a block of {group} be as short as {to} instead of {from}")
                    }
                    HostSetting::LongestMin => {
                        let (from, to) = (hours(*from), hours(*to));
                        format!("let a block of {group} be as long as {to} instead of {from}")
                    }
                    HostSetting::MaxBlocks => {
                        format!("let {group} host {to} blocks instead of {from}")
                    }
                }
            }
            Repair::AskToHost { group, span } => {
                let id = group.as_str();
                let when = self.when(*span, self.group_zone(id))?;
                format!("ask {} to host {when}", plain(self.group(id)))
            }
            _ => String::new(),
        })
    }

    fn of_session(&self, repair: &Repair) -> String {
        match repair {
            Repair::Record { session } => {
                format!(
                    "record {} instead of having it live",
                    self.session(session.as_str())
                )
            }
            Repair::Window { session, window } => {
                let session = self.session(session.as_str());
                format!("let {session} be on within {}", self.clock.span(*window))
            }
            Repair::AllowTrack { session, track } => {
                let session = self.session(session.as_str());
                format!("let {session} be on track {track} too")
            }
            Repair::Shorten {
                session,
                from_min,
                to_min,
            } => {
                let session = self.session(session.as_str());
                format!("shorten {session} from {from_min} to {to_min} min")
            }
            _ => String::new(),
        }
    }

    fn open_time(&self, who: &Subject, spans: &[Span], cause: Cause) -> Result<String, Failure> {
        let (name, zone) = match who {
            Subject::Operator(id) => {
                let her = self.operator(id.as_str());
                (id.to_string(), her.map(|her| &her.zone))
            }
            Subject::Speaker(id) => {
                let mut speakers = self.problem.speakers.iter();
                let her = speakers.find(|one| one.id == *id);
                (id.to_string(), her.map(|her| &her.zone))
            }
            Subject::Group(id) => {
                let zone = self.group_zone(id.as_str());
                (plain(self.group(id.as_str())), zone)
            }
            _ => (String::new(), None),
        };
        let minutes: i64 = spans.iter().map(Span::minutes).sum();
        let why = format!("{minutes} min {}", closed(cause));
        if let ([span], Subject::Operator(id)) = (spans, who)
            && let Some(stretch) = self.stretch(id.as_str(), *span)
        {
            let there = zone.map_or(Ok(String::new()), |zone| self.there(*span, zone))?;
            return Ok(format!("ask {name} to {stretch}{there}, {why}"));
        }
        let when: Result<Vec<String>, Failure> =
            spans.iter().map(|&span| self.when(span, zone)).collect();
        Ok(format!("ask {name} for {}, {why}", when?.join(" and ")))
    }

    /// How a time that touches a shift of hers is asked for.
    fn stretch(&self, operator: &str, span: Span) -> Option<String> {
        let mut hers = self
            .plan
            .shifts
            .iter()
            .filter(|shift| shift.operator.as_str() == operator);
        hers.find_map(|shift| {
            if shift.span.end() == span.start() {
                let until = self.clock.end(span);
                Some(format!("stay on until {until}"))
            } else if shift.span.start() == span.end() {
                let from = self.clock.start(span);
                Some(format!("begin at {from}"))
            } else {
                None
            }
        })
    }

    /// A time in the event's zone, and in the zone of whoever is asked where that is another.
    fn when(&self, span: Span, zone: Option<&ZoneName>) -> Result<String, Failure> {
        let there = zone.map_or(Ok(String::new()), |zone| self.there(span, zone))?;
        Ok(format!("{}{there}", self.clock.span(span)))
    }

    fn there(&self, span: Span, zone: &ZoneName) -> Result<String, Failure> {
        if zone.as_str() == self.clock.name() {
            return Ok(String::new());
        }
        let theirs = Clock::of(self.zones, zone)?;
        Ok(format!(" ({} {})", theirs.span(span), theirs.name()))
    }

    /// What someone already does in the language of a skill, or in its role.
    fn known_for(&self, operator: &str, new: &Skill) -> String {
        let skills = self.operator(operator).map_or(&[][..], |her| &her.skills);
        let near = skills
            .iter()
            .find(|skill| skill.language.is_some() && skill.language == new.language)
            .or_else(|| skills.iter().find(|skill| skill.role == new.role));
        near.map_or_else(String::new, |skill| format!(" ({})", self.skill(skill)))
    }

    /// Such as `Interpreter from ja into en`.
    fn skill(&self, skill: &Skill) -> String {
        let mut roles = self.problem.event.roles.iter();
        let name = roles
            .find(|role| role.id == skill.role)
            .map_or(skill.role.as_str(), |role| role.name.as_str());
        let words = match (&skill.language, &skill.into) {
            (Some(language), Some(into)) => format!("{name} from {language} into {into}"),
            (Some(language), None) => format!("{name} in {language}"),
            _ => name.to_owned(),
        };
        plain(&words)
    }

    fn hold_in(&self, block: &HostBlock) -> String {
        let before = |one: &&HostBlock| one.id == block.id;
        let now: Option<&Language> = self.plan.blocks.iter().find(before).map(|b| &b.language);
        let instead = now.map_or_else(String::new, |now| format!(" instead of {now}"));
        let group = plain(self.group(block.group.as_str()));
        let when = self.clock.span(block.span);
        format!("hold {group}'s block {when} in {}{instead}", block.language)
    }

    fn operator(&self, id: &str) -> Option<&Operator> {
        let mut operators = self.problem.operators.iter();
        operators.find(|one| one.id.as_str() == id)
    }

    fn group<'s>(&'s self, id: &'s str) -> &'s str {
        let mut groups = self.problem.groups.iter();
        groups
            .find(|one| one.id.as_str() == id)
            .map_or(id, |one| &one.name)
    }

    fn group_zone(&self, id: &str) -> Option<&ZoneName> {
        let mut groups = self.problem.groups.iter();
        groups
            .find(|one| one.id.as_str() == id)
            .map(|one| &one.zone)
    }

    fn session(&self, id: &str) -> String {
        let mut sessions = self.problem.sessions.iter();
        let title = sessions.find(|one| one.id.as_str() == id);
        title.map_or_else(
            || id.to_owned(),
            |one| format!("\"{}\" ({id})", plain(&one.title)),
        )
    }
}

fn policy(setting: PolicySetting, from: u32, to: u32) -> String {
    let (from_time, to_time) = (hours(from), hours(to));
    match setting {
        PolicySetting::ShiftShortestMin => {
            format!("let a shift be as short as {to_time} instead of {from_time}, for everyone")
        }
        PolicySetting::ShiftLongestMin => {
            format!("let a shift be as long as {to_time} instead of {from_time}, for everyone")
        }
        PolicySetting::MaxAwakeMin => format!(
            "let {to_time} pass from first to last duty without sleep instead of {from_time}, for everyone"
        ),
        PolicySetting::RestMin => {
            format!(
                "ask for {to_time} of rest between two shifts instead of {from_time}, of everyone"
            )
        }
        PolicySetting::MaxShifts => format!("allow {to} shifts instead of {from}, to everyone"),
    }
}

/// `2 h`, `45 min`, `1 h 30 min`.
pub(super) fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn closed(cause: Cause) -> &'static str {
    match cause {
        Cause::NotOffered => "not offered so far",
        Cause::Marked => "marked impossible",
        Cause::Rule => "against a rule of theirs",
        Cause::Busy => "busy by the calendar",
        Cause::Holiday => "a public holiday, kept free",
        Cause::Night | Cause::Default => "of their night",
    }
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn minutes_are_told_in_hours() {
        assert_eq!(hours(45), "45 min");
        assert_eq!(hours(120), "2 h");
        assert_eq!(hours(90), "1 h 30 min");
    }
}
