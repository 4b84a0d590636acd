//! A mended plan in words: who is concerned, and what changed for each in her own zone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meridian_formats::export::plain;
use meridian_model::diff::{Change, Changes};
use meridian_model::{
    GroupId, HostBlock, OperatorId, PlacedSession, Problem, Score, Shift, Span, SpeakerId,
    ZoneName, ZoneSet,
};
use meridian_solver::{Reach, Replanned};

use super::{Clock, count, score_in_short};
use crate::ending::Failure;

/// Who is concerned by a mended plan and how, each in her own zone.
///
/// # Errors
/// When a zone is unknown.
pub(crate) fn mended(
    problem: &Problem,
    mended: &Replanned,
    score: &Score,
    zones: &ZoneSet,
) -> Result<String, Failure> {
    let cell_min = problem.event.horizon.cell_min();
    let mut text = format!(
        "{}, revision {}{}: {}\n",
        plain(&problem.event.title),
        mended.plan.revision,
        if mended.stopped { ", cut short" } else { "" },
        score_in_short(score, cell_min),
    );
    text.push_str(&reach(mended, cell_min));
    if let Some(anew) = mended.anew {
        let disturbed = count(len(anew.disturbed), "person", "people");
        let anew = score_in_short(&anew.score, cell_min);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "Planned anew: {anew}, and other shifts for {disturbed}."
        );
    }
    if mended.changes.is_empty() {
        text.push_str("The published plan stands: nobody has to change anything.\n");
        return Ok(text);
    }
    let page = Page { problem, zones };
    let shifts = page.of_people(&mended.changes.shifts);
    let could_not_stay = |who: &OperatorId| mended.released.contains(who);
    let (could_not, step_in): (Vec<_>, Vec<_>) =
        shifts.into_iter().partition(|(who, _)| could_not_stay(who));
    page.people(&mut text, "Whose shifts cannot stay", could_not)?;
    page.people(&mut text, "Asked to change", step_in)?;
    page.hosts(&mut text, &mended.changes.blocks)?;
    page.speakers(&mut text, &mended.changes.sessions)?;
    text.push_str("\nEveryone who is not named keeps everything as it is.\n");
    Ok(text)
}

/// How many people are concerned, and why more than allowed.
fn reach(mended: &Replanned, cell_min: u32) -> String {
    let asked = count(
        len(mended.disturbed.len()),
        "other is asked",
        "others are asked",
    );
    let could_not = mended.changes.people.len() - mended.disturbed.len();
    let verb = if could_not == 1 {
        "person's"
    } else {
        "people's"
    };
    let mut text = if mended.changes.people.is_empty() {
        String::new()
    } else {
        format!("{could_not} {verb} shifts cannot stay; {asked} to change.\n")
    };
    let (within_cap, how) = match mended.reach {
        Reach::WithinCap => return text,
        Reach::Widened { within_cap } => (within_cap, "More people are asked than you allowed"),
        Reach::Anew { within_cap } => (within_cap, "Hosts and sessions were planned anew"),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{how}, because else there would be: {}.",
        score_in_short(&within_cap, cell_min)
    );
    text
}

/// What changed of someone's items.
type Lines<'a, T> = Vec<(&'static str, &'a T, Option<&'a T>)>;

struct Page<'a> {
    problem: &'a Problem,
    zones: &'a ZoneSet,
}

impl Page<'_> {
    fn of_people<'c>(
        &self,
        changes: &'c Changes<Shift>,
    ) -> Vec<(&'c OperatorId, Lines<'c, Shift>)> {
        let by_person = by(changes, |shift| &shift.operator);
        by_person.into_iter().collect()
    }

    fn people(
        &self,
        text: &mut String,
        title: &str,
        people: Vec<(&OperatorId, Lines<'_, Shift>)>,
    ) -> Result<(), Failure> {
        heading(text, title, people.is_empty());
        for (who, lines) in people {
            let operator = self.problem.operators.iter().find(|o| o.id == *who);
            let zone = operator.map_or(&self.problem.event.zone, |operator| &operator.zone);
            let duty = |shift: &Shift| self.duty(shift);
            self.one(text, who.as_str(), zone, lines, |shift| shift.span, duty)?;
        }
        Ok(())
    }

    fn hosts(&self, text: &mut String, changes: &Changes<HostBlock>) -> Result<(), Failure> {
        let groups: BTreeMap<&GroupId, Lines<'_, HostBlock>> = by(changes, |b| &b.group);
        heading(text, "Hosts", groups.is_empty());
        for (who, lines) in groups {
            let group = self.problem.groups.iter().find(|g| g.id == *who);
            let zone = group.map_or(&self.problem.event.zone, |group| &group.zone);
            let place = |block: &HostBlock| {
                format!("{} in {}", self.track(block.track.as_str()), block.language)
            };
            self.one(text, who.as_str(), zone, lines, |block| block.span, place)?;
        }
        Ok(())
    }

    fn speakers(&self, text: &mut String, changes: &Changes<PlacedSession>) -> Result<(), Failure> {
        let lines = by(changes, |placed| &placed.session);
        heading(text, "Sessions", lines.is_empty());
        for (id, lines) in lines {
            let session = self.problem.sessions.iter().find(|s| s.id == *id);
            let speakers: &[SpeakerId] = session.map_or(&[], |session| &session.speakers);
            let first = speakers.first();
            let speaker = first.and_then(|id| self.problem.speakers.iter().find(|s| s.id == *id));
            let zone = speaker.map_or(&self.problem.event.zone, |speaker| &speaker.zone);
            let names: Vec<&str> = speakers.iter().map(SpeakerId::as_str).collect();
            let title = session.map_or(id.as_str(), |session| &session.title);
            let who = if names.is_empty() {
                title.to_owned()
            } else {
                format!("{title} by {}", names.join(", "))
            };
            let place = |placed: &PlacedSession| self.track(placed.track.as_str());
            self.one(text, &who, zone, lines, |placed| placed.span, place)?;
        }
        Ok(())
    }

    /// One person's, host's or session's changes, in one zone.
    fn one<T>(
        &self,
        text: &mut String,
        who: &str,
        zone: &ZoneName,
        mut lines: Lines<'_, T>,
        span: impl Fn(&T) -> Span,
        what: impl Fn(&T) -> String,
    ) -> Result<(), Failure> {
        let clock = Clock::of(self.zones, zone)?;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {} ({})", plain(who), clock.name());
        lines.sort_by_key(|(_, item, _)| span(item));
        for (verb, item, before) in lines {
            let was = before.map_or_else(String::new, |before| {
                format!(
                    " (was {} {})",
                    clock.span(span(before)),
                    plain(&what(before))
                )
            });
            let item = format!("{} {}", clock.span(span(item)), plain(&what(item)));
            let _ = writeln!(text, "    {verb:<5} {item}{was}");
        }
        Ok(())
    }

    /// `MC (mc-a), 15 min earlier to take over`.
    fn duty(&self, shift: &Shift) -> String {
        let event = &self.problem.event;
        let duty = event.duties.iter().find(|duty| duty.id == shift.duty);
        let role = duty.and_then(|duty| event.roles.iter().find(|role| role.id == duty.role));
        let name = role.map_or_else(
            || shift.duty.to_string(),
            |role| format!("{} ({})", role.name, shift.duty),
        );
        match shift.handover_min {
            0 => name,
            minutes => format!("{name}, {minutes} min before to take over"),
        }
    }

    fn track(&self, id: &str) -> String {
        let tracks = &self.problem.event.tracks;
        let track = tracks.iter().find(|track| track.id.as_str() == id);
        track.map_or(id, |track| track.name.as_str()).to_owned()
    }
}

/// Changes by whom they concern.
fn by<'c, T, K: Ord>(
    changes: &'c Changes<T>,
    owner: impl Fn(&'c T) -> K,
) -> BTreeMap<K, Lines<'c, T>> {
    let mut all: BTreeMap<K, Lines<'c, T>> = BTreeMap::new();
    let mut note = |verb, item: &'c T, before| {
        all.entry(owner(item))
            .or_default()
            .push((verb, item, before));
    };
    for item in &changes.removed {
        note("loses", item, None);
    }
    for item in &changes.added {
        note("gains", item, None);
    }
    for Change { before, after } in &changes.changed {
        note("moves", after, Some(before));
    }
    all
}

fn heading(text: &mut String, title: &str, is_empty: bool) {
    if !is_empty {
        text.push('\n');
        text.push_str(title);
        text.push('\n');
    }
}

fn len(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
