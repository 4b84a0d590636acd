//! Groups that host, and the blocks that they are given.

use meridian_model::{
    Availability, BlockId, Cause, Grade, Group, HostBlock, Hosting, Language, TrackId,
};
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::scene::{Cells, Scene, small};

/// The event's language.
pub(crate) const EVENT_LANGUAGE: &str = "en";

/// A block on cells.
#[derive(Clone, Debug)]
pub(crate) struct Hosted {
    pub(crate) track: usize,
    pub(crate) home: usize,
    pub(crate) cells: Cells,
    pub(crate) language: &'static str,
}

/// Cuts every track into blocks and gives each to a group for which it is day, those with the fewest first.
pub(crate) fn blocks(scene: &mut Scene) -> Vec<Hosted> {
    let mut cut = Vec::new();
    for track in 0..scene.shape.tracks {
        cut.extend(lengths(scene).into_iter().map(|cells| (track, cells)));
    }
    cut.sort_by_key(|(track, cells)| (cells.start, *track));
    let mut hosted: Vec<Hosted> = Vec::new();
    let stride = scene.shape.groups / scene.shape.hosts;
    for (track, cells) in cut {
        let fit = |scene: &Scene, home: usize| {
            let day = cells.clone().filter(|&c| scene.is_day(home, c)).count();
            let held = hosted.iter().filter(|b| b.home == home).count();
            let busy = hosted
                .iter()
                .any(|b| b.home == home && b.cells.end > cells.start);
            (busy, day < cells.len(), held)
        };
        let mut homes: Vec<usize> = (0..scene.shape.hosts).map(|at| at * stride).collect();
        homes.shuffle(&mut scene.rng);
        let home = homes
            .into_iter()
            .min_by_key(|&home| fit(scene, home))
            .unwrap_or(0);
        hosted.push(Hosted {
            track,
            home,
            cells,
            language: EVENT_LANGUAGE,
        });
    }
    speak(scene, &mut hosted);
    hosted
}

/// Blocks of one and a half to two hours, on the grid, that fill a track.
fn lengths(scene: &mut Scene) -> Vec<Cells> {
    let grid = scene.cells(30).max(1);
    let n_cells = scene.shape.n_cells;
    let mut cut = Vec::new();
    let mut from = 0;
    while from < n_cells {
        let length = grid * scene.rng.random_range(3..=4);
        // What would be left over is too short for a block of its own.
        let to = if n_cells - from < length + 2 * grid {
            n_cells
        } else {
            from + length
        };
        cut.push(from..to);
        from = to;
    }
    cut
}

/// Lets hosts speak their own language until so many cells need an interpreter as the size asks for.
fn speak(scene: &mut Scene, hosted: &mut [Hosted]) {
    let tracks = scene.shape.tracks;
    let standing = scene.shape.n_cells * (3 * tracks + tracks.div_ceil(2));
    let wanted = scene
        .shape
        .target
        .map_or(scene.shape.n_cells / 3, |target| {
            usize::try_from(target.demand).map_or(0, |demand| demand - standing)
        });
    let mut order: Vec<usize> = (0..hosted.len()).collect();
    order.shuffle(&mut scene.rng);
    let mut foreign = 0;
    for at in order {
        let block = &mut hosted[at];
        let language = scene.homes[block.home].place.language;
        if language != EVENT_LANGUAGE && foreign + block.cells.len() <= wanted + 2 {
            block.language = language;
            foreign += block.cells.len();
        }
    }
}

/// The groups as the document says them.
pub(crate) fn groups(scene: &Scene, hosted: &[Hosted]) -> Vec<Group> {
    let stride = scene.shape.groups / scene.shape.hosts;
    let wants = |home: usize| home.is_multiple_of(stride) && home / stride < scene.shape.hosts;
    scene
        .homes
        .iter()
        .enumerate()
        .map(|(at, home)| Group {
            id: home.group.clone(),
            name: format!("{} {at}", city(home.place.zone)),
            zone: scene.zone(at),
            country: home.place.country.to_owned(),
            subdivision: None,
            languages: languages(home.place.language),
            size: 20 + small(at * 37 % 400),
            hosting: wants(at).then(|| hosting(scene, at, hosted)),
        })
        .collect()
}

fn city(zone: &str) -> String {
    let name = zone.rsplit('/').next().unwrap_or(zone);
    name.replace('_', " ")
}

/// Its own language and the event's.
fn languages(own: &str) -> Vec<Language> {
    let mut languages = vec![Language::from(own)];
    if own != EVENT_LANGUAGE {
        languages.push(Language::from(EVENT_LANGUAGE));
    }
    languages
}

fn hosting(scene: &Scene, home: usize, hosted: &[Hosted]) -> Hosting {
    let hers: Vec<&Hosted> = hosted.iter().filter(|block| block.home == home).collect();
    let longest = hers
        .iter()
        .map(|block| block.cells.len())
        .max()
        .unwrap_or(0);
    let graded = |cell: usize| {
        let hosts = hers.iter().any(|block| block.cells.contains(&cell));
        if scene.is_day(home, cell) {
            Some((Grade::Possible, Cause::Marked))
        } else {
            hosts.then_some((Grade::IfNeedBe, Cause::Marked))
        }
    };
    let graded: Vec<_> = (0..scene.shape.n_cells).map(graded).collect();
    let availability: Availability = scene.availability(&graded);
    let prime = scene.cells(16 * 60)..scene.cells(22 * 60);
    Hosting {
        availability,
        prime: scene.spans(|cell| prime.contains(&scene.local(home, cell))),
        shortest_min: 60,
        longest_min: scene.minutes(longest).max(240),
        max_blocks: small(hers.len().max(2)),
    }
}

/// The blocks as a plan says them.
pub(crate) fn as_planned(scene: &Scene, hosted: &[Hosted]) -> Vec<HostBlock> {
    hosted
        .iter()
        .enumerate()
        .map(|(at, block)| HostBlock {
            id: BlockId::new(format!("b{at:03}")),
            track: track_id(block.track),
            group: scene.homes[block.home].group.clone(),
            language: Language::from(block.language),
            span: scene.span(&block.cells),
        })
        .collect()
}

pub(crate) fn track_id(track: usize) -> TrackId {
    TrackId::new(format!("t{track:02}"))
}
