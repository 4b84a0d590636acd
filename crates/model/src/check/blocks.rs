//! Host blocks: H02 one-host, H03 host-available, H05 block-length, M01 unhosted, S09 prime-time,
//! S13 host-left-out.

use super::Note;
use super::scene::{Block, Scene};
use super::times::{inside, open, outside, pairs, runs, total_min};
use super::words::{any_of, counted};
use crate::time::minutes;
use crate::{Hosting, Match, RuleCode, Span, Subject};

/// H02: two blocks of one track share a cell.
pub(super) fn one_host(scene: &Scene<'_>) -> Vec<Match> {
    pairs(&scene.blocks)
        .filter(|(one, other)| one.block.track == other.block.track)
        .filter_map(|(one, other)| Some((one, other, one.span().intersection(&other.span())?)))
        .map(|(one, other, shared)| {
            let track = scene.track_name(&one.block.track);
            let (one_words, other_words) = (one.words(), other.words());
            let mut subjects = one.subjects();
            subjects.extend([
                Subject::Group(other.group.id.clone()),
                Subject::Block(other.block.id.clone()),
            ]);
            Note {
                subjects,
                spans: vec![shared],
                says: format!("{one_words} and {other_words} are both on {track}"),
                remedy: format!("let {one_words} end where {other_words} starts, or the reverse"),
            }
            .breaks(RuleCode::H02)
        })
        .collect()
}

/// H03: the host does not want to host, does not offer the language, or does not offer the time.
pub(super) fn host_available(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for host in &scene.blocks {
        let (words, name) = (host.words(), &host.group.name);
        let Some(hosting) = &host.group.hosting else {
            found.push(of_block(
                host,
                vec![host.span()],
                format!(
                    "{name} does not want to host, but has block {}",
                    host.block.id
                ),
                format!("give {words} to a group that hosts"),
                RuleCode::H03,
            ));
            continue;
        };
        if !host.group.languages.contains(&host.block.language) {
            let language = &host.block.language;
            let offered: Vec<&str> = host.group.languages.iter().map(|l| l.as_str()).collect();
            found.push(of_block(
                host,
                vec![host.span()],
                format!("{words} is held in {language}, which {name} does not offer"),
                format!("hold {words} in {}", any_of(&offered)),
                RuleCode::H03,
            ));
        }
        let closed = outside(host.span(), &open(&hosting.availability));
        if !closed.is_empty() {
            found.push(of_block(
                host,
                closed,
                format!("{words} lies at times that {name} cannot host"),
                format!("move {words} into the times {name} offers, or ask {name} to offer more"),
                RuleCode::H03,
            ));
        }
    }
    found
}

/// H05: too short, too long, off the block grid, or more blocks than offered.
pub(super) fn block_length(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    let grid = i64::from(scene.problem.event.policy.block_grid_min.max(1));
    for host in &scene.blocks {
        let Some(hosting) = &host.group.hosting else {
            continue;
        };
        let words = host.words();
        let length = host.span().minutes();
        let (shortest, longest) = (hosting.shortest_min, hosting.longest_min);
        if length < i64::from(shortest) || length > i64::from(longest) {
            found.push(of_block(
                host,
                vec![host.span()],
                format!(
                    "{words} has {length} min, but {} hosts {shortest} to {longest}",
                    host.group.name
                ),
                format!("make {words} {shortest} to {longest} min long"),
                RuleCode::H05,
            ));
        }
        if minutes(scene.horizon.start(), host.span().start()) % grid != 0 {
            found.push(of_block(
                host,
                vec![host.span()],
                format!("{words} does not start on the block grid of {grid} min"),
                format!("start {words} a little earlier or later, on the grid"),
                RuleCode::H05,
            ));
        }
    }
    found.extend(too_many_blocks(scene));
    found
}

fn too_many_blocks(scene: &Scene<'_>) -> Vec<Match> {
    let too_many = |(group, hosting): (&crate::Group, &Hosting)| {
        let blocks: Vec<&Block<'_>> = scene
            .blocks
            .iter()
            .filter(|host| host.group.id == group.id)
            .collect();
        let over = blocks.len() > usize::try_from(hosting.max_blocks).unwrap_or(usize::MAX);
        over.then(|| {
            let mut subjects = vec![Subject::Group(group.id.clone())];
            subjects.extend(blocks.iter().map(|b| Subject::Block(b.block.id.clone())));
            Note {
                subjects,
                spans: blocks.iter().map(|host| host.span()).collect(),
                says: format!(
                    "{} has {} blocks, but offered {} at most",
                    group.name,
                    blocks.len(),
                    hosting.max_blocks
                ),
                remedy: format!("give one of {}'s blocks to another group", group.name),
            }
            .breaks(RuleCode::H05)
        })
    };
    hosts(scene).filter_map(too_many).collect()
}

/// M01: the cells of a track without a host, one match per run.
pub(super) fn unhosted(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for track in &scene.problem.event.tracks {
        let empty = |cell: u32| {
            let hosted = scene
                .blocks
                .iter()
                .any(|host| host.block.track == track.id && host.cells.contains(&cell));
            i64::from(!hosted)
        };
        for (run, _) in runs(scene.horizon.n_cells(), empty) {
            let span = scene.span(&run);
            let note = Note {
                subjects: vec![Subject::Track(track.id.clone())],
                spans: vec![span],
                says: format!("{} has no host", track.name),
                remedy: whom_to_host(scene, span),
            };
            found.push(note.costs(RuleCode::M01, i64::from(run.end - run.start)));
        }
    }
    found
}

/// The groups that offer some of `span`, those without a block first.
fn whom_to_host(scene: &Scene<'_>, span: Span) -> String {
    let has_block =
        |group: &crate::Group| scene.blocks.iter().any(|host| host.group.id == group.id);
    let mut offering: Vec<&crate::Group> = hosts(scene)
        .filter(|(_, hosting)| !inside(span, &open(&hosting.availability)).is_empty())
        .map(|(group, _)| group)
        .collect();
    offering.sort_by_key(|group| has_block(group));
    let names: Vec<&str> = offering
        .iter()
        .take(3)
        .map(|group| group.name.as_str())
        .collect();
    if names.is_empty() {
        "ask a group to offer this time: none does".to_owned()
    } else {
        format!(
            "ask {} to host, who offer some of this time",
            any_of(&names)
        )
    }
}

/// S09: minutes of a block outside its host's prime time.
pub(super) fn prime_time(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for host in &scene.blocks {
        let Some(hosting) = &host.group.hosting else {
            continue;
        };
        let unsocial = outside(host.span(), &hosting.prime);
        let amount = total_min(&unsocial);
        if amount > 0 {
            let words = host.words();
            let note = Note {
                subjects: host.subjects(),
                spans: unsocial,
                says: format!(
                    "{words} has {amount} min outside {}'s prime time",
                    host.group.name
                ),
                remedy: format!("move {words} into its host's prime time"),
            };
            found.push(note.costs(RuleCode::S09, amount));
        }
    }
    found
}

/// S13: a group wants to host and has no block.
pub(super) fn host_left_out(scene: &Scene<'_>) -> Vec<Match> {
    hosts(scene)
        .filter(|(group, _)| !scene.blocks.iter().any(|host| host.group.id == group.id))
        .map(|(group, hosting)| {
            Note {
                subjects: vec![Subject::Group(group.id.clone())],
                spans: open(&hosting.availability),
                says: format!("{} wants to host and has no block", group.name),
                remedy: format!(
                    "give {} a block of at least {}",
                    group.name,
                    counted(i64::from(hosting.shortest_min), "minute")
                ),
            }
            .costs(RuleCode::S13, 1)
        })
        .collect()
}

fn hosts<'a>(scene: &Scene<'a>) -> impl Iterator<Item = (&'a crate::Group, &'a Hosting)> {
    let groups: &'a [crate::Group] = &scene.problem.groups;
    groups
        .iter()
        .filter_map(|group| Some((group, group.hosting.as_ref()?)))
}

fn of_block(
    host: &Block<'_>,
    spans: Vec<Span>,
    says: String,
    remedy: String,
    rule: RuleCode,
) -> Match {
    Note {
        subjects: host.subjects(),
        spans,
        says,
        remedy,
    }
    .breaks(rule)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{block, cells, says, small};
    use crate::RuleCode;
    use crate::check::check;

    #[test]
    fn a_host_speaks_the_language_and_wants_to_host() {
        let (mut problem, mut plan) = small();
        plan.blocks[0].language = "fr".into();
        problem.groups[1].hosting = None;
        let said = [
            "Kyoto's block k1 is held in fr, which Kyoto does not offer",
            "Lima does not want to host, but has block l1",
        ];
        assert_eq!(says(RuleCode::H03, &problem, &plan), said);
    }

    #[test]
    fn blocks_start_on_the_grid_and_are_no_more_than_offered() {
        let (mut problem, mut plan) = small();
        problem.event.policy.block_grid_min = 60;
        plan.blocks = vec![block("k1", "kyoto", 1, 4), block("k2", "kyoto", 6, 12)];
        let said = [
            "Kyoto's block k1 does not start on the block grid of 60 min",
            "Kyoto has 2 blocks, but offered 1 at most",
        ];
        assert_eq!(says(RuleCode::H05, &problem, &plan), said);
    }

    #[test]
    fn a_cell_without_a_host_names_who_could_host_it() {
        let (problem, mut plan) = small();
        plan.blocks.remove(1);
        let report = check(&problem, &plan);
        let empty = report
            .matches
            .iter()
            .find(|found| found.rule == RuleCode::M01);
        let empty = empty.unwrap();
        assert_eq!(empty.spans, [cells(6, 12)]);
        assert_eq!(
            empty.remedy,
            "ask Lima or Kyoto to host, who offer some of this time"
        );
    }
}
