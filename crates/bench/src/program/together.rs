//! What planning programme and roster together gains over one after the other: a table in Markdown.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::ensure;
use meridian_bench::{Problem, Size, free, instance};
use meridian_model::Score;
use meridian_model::check::check;
use meridian_solver::{Coupling, NeverStop, Options, Silent, solve};

use crate::{files, say, size};

#[derive(clap::Args)]
pub(crate) struct Together {
    /// Problem documents; `meridian plan FOLDER --problem-out FILE` writes one
    files: Vec<PathBuf>,
    /// Generated instances of this size, their programme left open
    #[arg(long, value_parser = size)]
    size: Vec<Size>,
    /// Seeds of each size, from 1 on
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// How many search steps to spend
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=9))]
    effort: u8,
}

/// Prints one row for each problem.
pub(crate) fn together(arguments: &Together) -> anyhow::Result<()> {
    say("| event | one after the other | seconds | together | seconds |");
    say("|---|---|---|---|---|");
    for file in &arguments.files {
        let problem: Problem = files::read(file)?;
        row(&problem.event.id, &problem, arguments.effort)?;
    }
    for &size in &arguments.size {
        for seed in 1..=arguments.seeds {
            let open = free(instance(size, seed));
            row(
                &format!("{}, seed {seed}", size.as_str()),
                &open,
                arguments.effort,
            )?;
            let name = format!("{}, few languages, seed {seed}", size.as_str());
            row(&name, &few_languages(open), arguments.effort)?;
        }
    }
    Ok(())
}

/// Of every three people, two lose what they can do in their group's second language.
fn few_languages(mut problem: Problem) -> Problem {
    for (n, operator) in problem.operators.iter_mut().enumerate() {
        let group = problem.groups.iter().find(|g| g.id == operator.group);
        let second = group.and_then(|g| g.languages.get(1)).cloned();
        if n % 3 != 0 && second.is_some() {
            operator.skills.retain(|skill| skill.language != second);
        }
    }
    problem
}

fn row(name: &str, problem: &Problem, effort: u8) -> anyhow::Result<()> {
    let (apart, apart_seconds) = planned(problem, effort, Coupling::OneAfterTheOther)?;
    let (together, seconds) = planned(problem, effort, Coupling::Together)?;
    let (apart, together) = (said(&apart), said(&together));
    say(&format!(
        "| {name} | {apart} | {apart_seconds:.1} | {together} | {seconds:.1} |"
    ));
    Ok(())
}

fn planned(problem: &Problem, effort: u8, coupling: Coupling) -> anyhow::Result<(Score, f64)> {
    let options = Options {
        effort,
        coupling,
        ..Options::default()
    };
    let before = Instant::now();
    let plan = solve(problem, &options, &NeverStop, &mut Silent)?.plan;
    let seconds = before.elapsed().as_secs_f64();
    ensure!(
        check(problem, &plan).score == plan.score,
        "the checker counts otherwise"
    );
    Ok((plan.score, seconds))
}

fn said(score: &Score) -> String {
    let medium = score.medium;
    let levels = [
        (medium.unhosted, "unhosted"),
        (medium.unplaced_must, "must unplaced"),
        (medium.unplaced_should, "should unplaced"),
        (medium.gaps, "gaps"),
        (medium.alert_short, "short on alerts"),
    ];
    let missing = levels.iter().filter(|(n, word)| *n > 0 || *word == "gaps");
    let mut words: Vec<String> = missing.map(|(n, word)| format!("{n} {word}")).collect();
    words.push(format!("cost {}", score.soft));
    words.join(", ")
}
