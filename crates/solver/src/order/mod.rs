//! Puts the lists of a problem into an order of its own, so that neither the order in which someone wrote them nor
//! the names that someone gave decide how a search goes.
//!
//! Things are told apart by what they are and by what they belong to, not by their ids: first by their own numbers,
//! then again and again by those of everything they refer to and are referred to by (colour refinement). Ids only
//! decide between things that are alike in all that, where it makes no difference which is which. Instants count
//! from the start of the horizon. The entry is [`canonical`].

mod colours;
mod content;

use std::collections::BTreeMap;

use meridian_model::Problem;

use colours::Graph;
use content::{Content, Kind};

/// The problem with all its lists in an order that does not depend on theirs.
pub(crate) fn canonical(problem: &Problem) -> Problem {
    let Content { mut graph, ids } = content::of(problem);
    graph.refine();
    for kind in Kind::ALL {
        if graph.all_told_apart() {
            break;
        }
        graph.tell_apart(kind.number(), &ids);
        graph.refine();
    }
    let sorted = Sorted {
        graph: &graph,
        ids: &ids,
    };
    sorted.problem(problem)
}

/// Sorts by colour.
struct Sorted<'a> {
    graph: &'a Graph,
    ids: &'a [String],
}

impl Sorted<'_> {
    fn problem(&self, problem: &Problem) -> Problem {
        let mut sorted = problem.clone();
        let event = &mut sorted.event;
        self.sort(Kind::Track, &mut event.tracks);
        self.sort(Kind::Role, &mut event.roles);
        self.sort(Kind::Duty, &mut event.duties);
        self.sort(Kind::Group, &mut sorted.groups);
        self.sort(Kind::Operator, &mut sorted.operators);
        self.sort(Kind::Speaker, &mut sorted.speakers);
        self.sort(Kind::Session, &mut sorted.sessions);
        self.sort(Kind::RegionalEvent, &mut sorted.regional_events);
        self.sort(Kind::PinnedBlock, &mut sorted.pins.blocks);
        self.sort(Kind::PinnedSession, &mut sorted.pins.sessions);
        self.sort(Kind::PinnedShift, &mut sorted.pins.shifts);
        let tracks = self.places(Kind::Track);
        let place = |id: &str| (tracks.get(id).copied(), id.to_owned());
        for duty in &mut sorted.event.duties {
            duty.tracks.sort_by_key(|id| place(id.as_str()));
        }
        let speakers = self.places(Kind::Speaker);
        for session in &mut sorted.sessions {
            session.tracks.sort_by_key(|id| place(id.as_str()));
            session
                .speakers
                .sort_by_key(|id| (speakers.get(id.as_str()).copied(), id.clone()));
            session.tags.sort();
        }
        let groups = self.places(Kind::Group);
        for event in &mut sorted.regional_events {
            event
                .concerns
                .sort_by_key(|c| (groups.get(c.group.as_str()).copied(), c.span));
        }
        let roles = self.places(Kind::Role);
        for operator in &mut sorted.operators {
            operator
                .skills
                .sort_by_cached_key(|s| (roles.get(s.role.as_str()).copied(), s.clone()));
        }
        sorted
    }

    fn sort<T>(&self, kind: Kind, items: &mut Vec<T>) {
        let mut keyed: Vec<(usize, T)> = self
            .graph
            .colours(kind.number())
            .zip(std::mem::take(items))
            .collect();
        keyed.sort_by_key(|&(colour, _)| colour);
        items.extend(keyed.into_iter().map(|(_, item)| item));
    }

    /// The colour of each thing of a kind by its id; of an id that is there twice, the first.
    fn places(&self, kind: Kind) -> BTreeMap<&str, usize> {
        let mut places = BTreeMap::new();
        let of_kind = self.graph.nodes(kind.number());
        for (node, colour) in of_kind.zip(self.graph.colours(kind.number())) {
            places.entry(self.ids[node].as_str()).or_insert(colour);
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use crate::support::{Size, problem};
    use meridian_model::Problem;

    const SMALL: Size = Size {
        groups: 6,
        tracks: 2,
        operators: 30,
        sessions: 30,
        hours: 24,
        cell_min: 30,
    };

    fn reversed(problem: &Problem) -> Problem {
        let mut other = problem.clone();
        other.event.tracks.reverse();
        other.event.roles.reverse();
        other.event.duties.reverse();
        other.groups.reverse();
        other.operators.reverse();
        other.speakers.reverse();
        other.sessions.reverse();
        for operator in &mut other.operators {
            operator.skills.reverse();
        }
        for duty in &mut other.event.duties {
            duty.tracks.reverse();
        }
        other
    }

    #[test]
    fn the_order_of_the_lists_does_not_matter() {
        let problem = problem(3, SMALL);
        assert_eq!(canonical(&problem), canonical(&reversed(&problem)));
    }

    #[test]
    fn nothing_is_lost_and_what_is_in_order_stays() {
        let problem = problem(4, SMALL);
        let sorted = canonical(&problem);
        assert_eq!(canonical(&sorted), sorted);
        assert_eq!(sorted.operators.len(), problem.operators.len());
        assert!(problem.operators.iter().all(|o| {
            sorted
                .operators
                .iter()
                .any(|other| other.id == o.id && other.availability == o.availability)
        }));
    }

    #[test]
    fn tracks_that_are_alike_take_their_duties_along() {
        // Names in the opposite order turn the tracks round, and with each the duties that serve it.
        let problem = problem(5, SMALL);
        let mut other = problem.clone();
        let renamed = |id: &str| if id == "t0" { "z0".into() } else { id.into() };
        for track in &mut other.event.tracks {
            track.id = renamed(track.id.as_str());
        }
        for duty in &mut other.event.duties {
            for track in &mut duty.tracks {
                *track = renamed(track.as_str());
            }
        }
        let serves = |problem: &Problem| -> Vec<Vec<usize>> {
            let sorted = canonical(problem);
            let at = |id: &meridian_model::TrackId| {
                sorted
                    .event
                    .tracks
                    .iter()
                    .position(|t| t.id == *id)
                    .unwrap()
            };
            let duties = sorted.event.duties.iter();
            duties
                .map(|duty| duty.tracks.iter().map(at).collect())
                .collect()
        };
        assert_eq!(serves(&problem), serves(&other));
    }
}
