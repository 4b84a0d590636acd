//! The programme in a terminal: time down the left, one column per track.

use meridian_model::{HostBlock, PlacedSession, Timestamp, Track};

use super::Screen;
use crate::export::Audience;
use crate::export::text::{cell, fit_columns, plain};
use crate::export::view::{Clash, clashes};

/// Columns for the time.
const TIME: usize = 6;
/// The narrowest column a track is given; with less, tracks follow one another.
const COLUMN: usize = 18;

impl Screen<'_> {
    /// All tracks side by side, or one after the other where the terminal is too narrow.
    pub(super) fn programme(&self, audience: Audience) -> Vec<String> {
        let tracks = &self.problem.event.tracks;
        let clashes = if audience == Audience::Crew {
            clashes(self.problem, self.plan, &self.names)
        } else {
            Vec::new()
        };
        let abreast = ((self.width - TIME) / COLUMN).max(1);
        let mut lines = self.section("PROGRAMME");
        for (index, together) in tracks.chunks(abreast).enumerate() {
            if index > 0 {
                lines.push(String::new());
            }
            lines.extend(self.abreast(together, &clashes));
        }
        lines
    }

    fn abreast(&self, tracks: &[Track], clashes: &[Clash<'_>]) -> Vec<String> {
        let column = (self.width - TIME) / tracks.len().max(1);
        let names: Vec<String> = tracks.iter().map(|t| self.names.track(&t.id)).collect();
        let mut lines = vec![self.join("", &names, column)];
        let changes = self.clock.changes();
        let mut day: Option<Timestamp> = None;
        for at in self.moments(tracks) {
            if day.is_none_or(|day| !self.clock.same_day(day, at)) {
                lines.push(self.ruled(&format!("── {}", self.clock.date(at))));
            }
            day = Some(at);
            for change in changes.iter().filter(|change| change.at == at) {
                lines.push(self.ruled(&format!("~~ {}", change.says())));
            }
            let cells: Vec<Vec<String>> = tracks
                .iter()
                .map(|track| self.cells(track, at, clashes))
                .collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
            for row in 0..height {
                let time = if row == 0 {
                    self.clock.time(at)
                } else {
                    String::new()
                };
                let parts: Vec<String> = tracks
                    .iter()
                    .zip(&cells)
                    .map(|(track, lines)| {
                        let rest = || self.running(track, at).to_owned();
                        lines.get(row).cloned().unwrap_or_else(rest)
                    })
                    .collect();
                lines.push(self.join(&time, &parts, column));
            }
        }
        lines.push(format!(
            "{} end",
            self.clock.time(self.problem.event.horizon.end())
        ));
        lines
    }

    fn join(&self, time: &str, parts: &[String], column: usize) -> String {
        let mut line = cell(time, TIME);
        for part in parts {
            line.push_str(&cell(&fit_columns(part, column - 1), column));
        }
        line
    }

    /// Every instant at which something on these tracks begins or a host leaves, and clock changes.
    fn moments(&self, tracks: &[Track]) -> Vec<Timestamp> {
        let on = |id| tracks.iter().any(|track| &track.id == id);
        let horizon = self.problem.event.horizon.span();
        let blocks = self.plan.blocks.iter().filter(|block| on(&block.track));
        let sessions = self.plan.sessions.iter().filter(|s| on(&s.track));
        let mut moments: Vec<Timestamp> = blocks
            .flat_map(|block| [block.span.start(), block.span.end()])
            .chain(sessions.map(|placed| placed.span.start()))
            .chain(self.clock.changes().iter().map(|change| change.at))
            .chain([horizon.start()])
            .filter(|&at| at < horizon.end())
            .collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// What begins on a track: the host, then the sessions.
    fn cells(&self, track: &Track, at: Timestamp, clashes: &[Clash<'_>]) -> Vec<String> {
        let blocks = self.plan.blocks.iter().filter(|b| b.track == track.id);
        let sessions = self.plan.sessions.iter().filter(|s| s.track == track.id);
        let mut lines: Vec<String> = blocks
            .filter(|block| block.span.start() == at)
            .map(|block| self.host(block, clashes))
            .collect();
        lines.extend(
            sessions
                .filter(|placed| placed.span.start() == at)
                .map(|placed| self.session(placed)),
        );
        lines
    }

    fn host(&self, block: &HostBlock, clashes: &[Clash<'_>]) -> String {
        let clash = clashes
            .iter()
            .find(|clash| clash.blocks.contains(&&block.id));
        let clash = clash.map_or(String::new(), |clash| {
            format!(" !! {}", plain(&clash.event.title))
        });
        let host = self.names.group(&block.group);
        format!("┏ {host} [{}]{clash}", plain(block.language.as_str()))
    }

    fn session(&self, placed: &PlacedSession) -> String {
        let language = self
            .names
            .session(&placed.session)
            .filter(|session| {
                let block = self.names.block_of(placed);
                block.is_none_or(|block| block.language != session.language)
            })
            .map_or(String::new(), |session| {
                format!(" [{}]", plain(session.language.as_str()))
            });
        format!(
            "┃ {} ({} min){language}",
            self.names.title(&placed.session),
            placed.span.minutes()
        )
    }

    /// What a track shows where nothing begins: its host goes on, or there is none.
    fn running(&self, track: &Track, at: Timestamp) -> &'static str {
        let hosted = self.plan.blocks.iter().any(|block| {
            block.track == track.id && block.span.start() <= at && at < block.span.end()
        });
        if hosted { "┃" } else { "· no host" }
    }
}
