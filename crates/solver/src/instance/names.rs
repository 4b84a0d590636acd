//! Identifiers looked up while lowering.

use std::collections::BTreeMap;

use meridian_model::{GroupId, Language, Problem, SpeakerId, TrackId};

use crate::SolveError;

pub(super) fn names(problem: &Problem) -> Names<'_> {
    let event = &problem.event;
    let mut languages: Vec<Language> = std::iter::once(&event.language)
        .chain(problem.groups.iter().flat_map(|g| &g.languages))
        .chain(problem.sessions.iter().map(|s| &s.language))
        .chain(problem.pins.blocks.iter().map(|b| &b.language))
        .cloned()
        .collect();
    languages.sort();
    languages.dedup();
    let mut tags: Vec<&str> = problem
        .sessions
        .iter()
        .flat_map(|s| s.tags.iter().map(String::as_str))
        .collect();
    tags.sort_unstable();
    tags.dedup();
    Names {
        groups: problem
            .groups
            .iter()
            .enumerate()
            .map(|(i, g)| (&g.id, i))
            .collect(),
        speakers: problem
            .speakers
            .iter()
            .enumerate()
            .map(|(i, s)| (&s.id, i))
            .collect(),
        tracks: event
            .tracks
            .iter()
            .enumerate()
            .map(|(i, t)| (&t.id, i))
            .collect(),
        languages,
        tags,
    }
}

/// Names looked up while lowering.
pub(super) struct Names<'p> {
    pub(super) groups: BTreeMap<&'p GroupId, usize>,
    pub(super) speakers: BTreeMap<&'p SpeakerId, usize>,
    pub(super) tracks: BTreeMap<&'p TrackId, usize>,
    pub(super) languages: Vec<Language>,
    pub(super) tags: Vec<&'p str>,
}

impl Names<'_> {
    pub(super) fn group(&self, id: &GroupId) -> Result<usize, SolveError> {
        self.groups
            .get(id)
            .copied()
            .ok_or_else(|| unknown("group", id.as_str()))
    }

    pub(super) fn speaker(&self, id: &SpeakerId) -> Result<usize, SolveError> {
        self.speakers
            .get(id)
            .copied()
            .ok_or_else(|| unknown("speaker", id.as_str()))
    }

    pub(super) fn track(&self, id: &TrackId) -> Result<usize, SolveError> {
        self.tracks
            .get(id)
            .copied()
            .ok_or_else(|| unknown("track", id.as_str()))
    }

    pub(super) fn language(&self, language: &Language) -> usize {
        self.languages.binary_search(language).unwrap_or(usize::MAX)
    }
}

pub(super) fn unknown(kind: &str, id: &str) -> SolveError {
    SolveError::Malformed(format!("{kind} {id:?} is not defined"))
}
