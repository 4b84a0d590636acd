//! What stands in the lanes of the day at a glance: tracks, duties, and people group by group.

use std::collections::BTreeSet;

use meridian_model::{Group, GroupId, RuleCode, Shift, Span, Subject, Track};

use super::Paper;
use super::chart::{AFTER, Chart, Item, Lane, Layout};
use crate::export::clock::{Clock, offset_name};
use crate::export::text::plain;
use crate::export::view::{Person, Team, gaps, on_duty, shifts_of, teams};

/// A picture as the template sees it.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) name: &'static str,
    /// Whether it needs no more than the layout's width.
    pub(super) fits: bool,
    pub(super) svg_html: String,
}

/// The day at a glance in one layout.
#[derive(Debug)]
pub(super) struct ChartMarkup {
    pub(super) name: &'static str,
    /// Whether it needs no more than the layout's width.
    pub(super) fits: bool,
    pub(super) axis_html: String,
    pub(super) strips: Vec<Strip>,
}

/// A strip with the heading above it, if any.
#[derive(Debug)]
pub(super) struct Strip {
    pub(super) heading: &'static str,
    pub(super) svg_html: String,
}

impl Paper<'_> {
    pub(super) fn chart(&self, layout: Layout, changes: bool) -> ChartMarkup {
        let span = self.problem.event.horizon.span();
        let chart = Chart::new(layout, &self.clock, span, changes);
        let tracks: Vec<Lane> = self
            .problem
            .event
            .tracks
            .iter()
            .flat_map(|t| self.track(t))
            .collect();
        let mut strips = vec![Strip {
            heading: "Tracks",
            svg_html: chart.strip("Tracks with their hosts and sessions", &tracks),
        }];
        if self.crew {
            strips.push(Strip {
                heading: "Duties",
                svg_html: chart.strip("Duties, who serves them, and gaps", &self.duties()),
            });
            for (index, team) in teams(self.plan, &self.names).iter().enumerate() {
                let lanes = self.team(team);
                let says = format!("People of {} on duty, their nights shaded", lanes[0].label);
                strips.push(Strip {
                    heading: if index == 0 { "People" } else { "" },
                    svg_html: chart.strip(&says, &lanes),
                });
            }
        }
        ChartMarkup {
            name: layout.name,
            fits: chart.scale.to + AFTER <= layout.width + 0.5,
            axis_html: chart.axis(),
            strips,
        }
    }

    fn hue(&self, group: &GroupId) -> Option<usize> {
        self.hues.get(group).copied()
    }

    /// The hosts of a track and, below, its sessions.
    fn track(&self, track: &Track) -> [Lane; 2] {
        let blocks = self.plan.blocks.iter().filter(|b| b.track == track.id);
        let mut hosts: Vec<Item> = blocks
            .map(|block| {
                let host = self.names.group(&block.group);
                let clash = self.block_clash(&block.id);
                let note = note(clash.as_ref());
                Item {
                    kind: "block",
                    id: block.id.to_string(),
                    span: block.span,
                    hue: self.hue(&block.group),
                    labels: vec![host.clone()],
                    tip: format!("{host} hosts, in {}{note}", plain(block.language.as_str())),
                    clashes: clash.is_some(),
                }
            })
            .collect();
        if self.crew {
            hosts.extend(self.unhosted(track));
        }
        let sessions = self.plan.sessions.iter().filter(|s| s.track == track.id);
        let sessions = sessions
            .map(|placed| {
                let block = self.names.block_of(placed);
                Item {
                    kind: "session",
                    id: placed.session.to_string(),
                    span: placed.span,
                    hue: block.and_then(|block| self.hue(&block.group)),
                    labels: Vec::new(),
                    tip: self.names.title(&placed.session),
                    clashes: false,
                }
            })
            .collect();
        let hosts = Lane {
            label: self.names.track(&track.id),
            note: "hosts".to_owned(),
            height: 34.0,
            items: hosts,
            ..Lane::default()
        };
        let sessions = Lane {
            label: String::new(),
            note: "sessions".to_owned(),
            height: 14.0,
            items: sessions,
            ..Lane::default()
        };
        [hosts, sessions]
    }

    /// Stretches of a track without a host.
    fn unhosted(&self, track: &Track) -> Vec<Item> {
        let subject = Subject::Track(track.id.clone());
        let without = self
            .report
            .matches
            .iter()
            .filter(|m| m.rule == RuleCode::M01);
        without
            .filter(|m| m.subjects.contains(&subject))
            .flat_map(|m| &m.spans)
            .map(|&span| {
                gap(
                    track.id.as_str(),
                    span,
                    "no host",
                    &self.names.track(&track.id),
                )
            })
            .collect()
    }

    /// One lane for each duty: who serves it, and what is open.
    fn duties(&self) -> Vec<Lane> {
        let gaps = gaps(self.report);
        let lanes = self.problem.event.duties.iter().map(|duty| {
            let mut items: Vec<Item> = shifts_of(self.plan, duty)
                .into_iter()
                .map(|shift| self.cover(shift))
                .collect();
            let open = gaps.iter().filter(|gap| gap.duty == &duty.id);
            let name = self.names.duty(&duty.id);
            items.extend(open.map(|open| gap(duty.id.as_str(), open.span, "GAP", &name)));
            let tracks = self.names.duty_tracks(&duty.id);
            Lane {
                label: self.names.role(&duty.id),
                note: if tracks.is_empty() && self.problem.event.tracks.len() > 1 {
                    "all tracks".to_owned()
                } else {
                    tracks
                },
                height: 32.0,
                items,
                ..Lane::default()
            }
        });
        lanes.collect()
    }

    fn cover(&self, shift: &Shift) -> Item {
        let handle = self.names.person(&shift.operator);
        let operator = self.names.operator(&shift.operator);
        let group = operator.map(|operator| &operator.group);
        let of = group.map_or(String::new(), |group| {
            format!(", {}", self.names.group(group))
        });
        Item {
            kind: "cover",
            id: shift.id.to_string(),
            span: shift.span,
            hue: group.and_then(|group| self.hue(group)),
            labels: vec![handle.clone()],
            tip: format!("{handle}{of}\n{}", self.names.duty(&shift.duty)),
            clashes: self.shift_clash(&shift.id).is_some(),
        }
    }

    /// How far a group is from UTC, such as `UTC+2, then UTC+1`.
    fn offsets_of(&self, group: &Group) -> String {
        let span = self.problem.event.horizon.span();
        let Ok(clock) = Clock::new(self.zones, &group.zone, span) else {
            return String::new();
        };
        let mut told = clock.offset_name(span.start());
        for change in clock.changes() {
            told = format!("{told}, then {}", offset_name(change.to));
        }
        told
    }

    /// A group's heading with what else is on there, then its people.
    fn team(&self, team: &Team<'_>) -> Vec<Lane> {
        let name = team.group.map_or_else(
            || "Not in the problem".to_owned(),
            |group| plain(&group.name),
        );
        let zone = team.group.map(|group| &group.zone);
        let clashes = self
            .clashes
            .iter()
            .filter(|clash| team.group.is_some_and(|group| clash.group == &group.id));
        let mut lanes = vec![Lane {
            label: name,
            note: team
                .group
                .map_or(String::new(), |group| self.offsets_of(group)),
            heading: true,
            height: 24.0,
            items: clashes
                .map(|clash| {
                    let title = plain(&clash.event.title);
                    Item {
                        kind: "clash",
                        id: clash.event.id.to_string(),
                        span: clash.span,
                        hue: None,
                        labels: vec![title.clone()],
                        tip: format!("{title}\nClash for {}", self.names.group(clash.group)),
                        clashes: false,
                    }
                })
                .collect(),
            ..Lane::default()
        }];
        lanes.extend(team.people.iter().map(|person| {
            let own = person.operator.map(|operator| &operator.zone);
            let mut lane = self.person(person);
            if own != zone {
                lane.note = own.map_or(String::new(), |zone| place(zone.as_str()));
            }
            lane
        }));
        lanes
    }

    /// Someone's nights, shifts with their handover, and sessions of her own.
    fn person(&self, person: &Person<'_>) -> Lane {
        let handle = self.names.person(person.id);
        let nights = person.operator.map_or(&[][..], |operator| &operator.nights);
        let night = |&span| {
            bare(
                "night",
                person.id.as_str(),
                span,
                format!("Night of {handle}"),
            )
        };
        let speaks = person.speaks.iter().map(|placed| {
            let tip = format!("{handle} speaks: {}", self.names.title(&placed.session));
            let mut item = bare("speaks", placed.session.as_str(), placed.span, tip);
            item.labels = vec!["speaks".to_owned()];
            item
        });
        let shifts = person
            .shifts
            .iter()
            .flat_map(|shift| self.shift(person, shift));
        let duties: BTreeSet<String> = person
            .shifts
            .iter()
            .map(|shift| self.names.duty(&shift.duty))
            .collect();
        Lane {
            note_above: Vec::from_iter(duties).join(", "),
            height: 20.0,
            behind: nights.iter().map(night).collect(),
            items: shifts.chain(speaks).collect(),
            label: handle,
            ..Lane::default()
        }
    }

    /// A shift in its person's lane, and the handover before it.
    fn shift(&self, person: &Person<'_>, shift: &Shift) -> Vec<Item> {
        let handle = self.names.person(person.id);
        let duty = self.names.duty(&shift.duty);
        let clash = self.shift_clash(&shift.id);
        let group = person.operator.map(|operator| &operator.group);
        let hue = group.and_then(|group| self.hue(group));
        let tip = format!("{handle}: {duty}{}", note(clash.as_ref()));
        let mut items = vec![Item {
            hue,
            labels: vec![duty.clone(), self.names.role(&shift.duty)],
            clashes: clash.is_some(),
            ..bare("shift", shift.id.as_str(), shift.span, tip)
        }];
        if let Ok(before) = Span::new(on_duty(shift).start(), shift.span.start()) {
            let tip = format!("{handle} takes over: {duty}");
            items.push(Item {
                hue,
                ..bare("handover", shift.id.as_str(), before, tip)
            });
        }
        items
    }
}

/// Something without a colour, a label or a clash.
fn bare(kind: &'static str, id: &str, span: Span, tip: String) -> Item {
    Item {
        kind,
        id: id.to_owned(),
        span,
        hue: None,
        labels: Vec::new(),
        tip,
        clashes: false,
    }
}

/// What a tooltip adds about a clash.
fn note(clash: Option<&String>) -> String {
    clash.map_or(String::new(), |clash| format!("\nClash: {clash}"))
}

/// Something that is missing.
fn gap(id: &str, span: Span, label: &str, what: &str) -> Item {
    let long = match (span.minutes() / 60, span.minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    };
    Item {
        labels: vec![format!("{label}: {long}"), label.to_owned()],
        ..bare("gap", id, span, format!("{label}: {what}"))
    }
}

/// The last part of a zone's name, as people say it.
fn place(zone: &str) -> String {
    plain(zone.rsplit('/').next().unwrap_or(zone)).replace('_', " ")
}
