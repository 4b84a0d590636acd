//! The steps of an event across nodes, each once typed.

use std::path::PathBuf;

use clap::Args;
use meridian_federation::content::{Answer, Operation};
use serde_json::json;

use super::Hands;
use crate::atomic;
use crate::ending::{Ending, Failure};
use crate::exchange::planning::{Offered, Reply, Said, Swap, Word, replied, settled, staffed};
use crate::words::{count, ending, some_of};

/// A step of a space.
#[derive(Args, Debug)]
pub(crate) struct StepArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// How many search steps to spend, 1 to 9
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=9))]
    effort: u8,
}

/// The plan in force.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// Also write the plan of all groups into this folder, as problem.json and plan.json for `meridian show` and `export`
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct OfferArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// Tell head-counts rounded down to multiples of this, now and later
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    round: Option<u32>,
}

#[derive(Args, Debug)]
pub(crate) struct RespondArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// Only this group of this node
    #[arg(long)]
    group: Option<String>,

    /// Accept whatever the engine finds
    #[arg(long, requires = "group", conflicts_with = "reject")]
    accept: bool,

    /// Reject, and say why
    #[arg(long, value_name = "WHY", requires = "group")]
    reject: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct CancelArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// Why, for people
    #[arg(long)]
    reason: String,
}

#[derive(Args, Debug)]
pub(crate) struct StandInArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// The group of this node whose shift it is
    #[arg(long)]
    group: String,

    /// The shift
    #[arg(long)]
    shift: String,

    /// The operator who comes instead; nobody, if left out
    #[arg(long, value_name = "OPERATOR")]
    instead: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct HandOverArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// The part, as block/ID or seat/ID
    part: String,

    /// The member that is to have it
    #[arg(long, value_name = "GROUP")]
    to: String,

    /// As coordinator: give it at once, whoever holds it, for this reason
    #[arg(long, value_name = "WHY")]
    reclaim: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct SettleArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// The offered part that this node's group takes, as block/ID or seat/ID
    #[arg(long, value_name = "PART", requires = "group")]
    take: Option<String>,

    /// The group that takes it
    #[arg(long, requires = "take")]
    group: Option<String>,
}

pub(super) async fn offer(hands: &Hands<'_>, args: &OfferArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let mut sight = desk.space(&args.space).await?;
    if let Some(to) = args.round {
        desk.round(&mut sight, to).await?;
    }
    let told = desk.offer(&sight).await?;
    let mut text = String::new();
    for Said { group, said: what } in &told {
        let talks = what.iter().filter(|of| **of == "talk").count();
        let mut said: Vec<String> = Vec::new();
        if talks > 0 {
            let talks = i64::try_from(talks).unwrap_or(i64::MAX);
            said.push(count(talks, "talk", "talks"));
        }
        said.extend(
            what.iter()
                .filter(|of| **of != "talk")
                .map(ToString::to_string),
        );
        let said = if said.is_empty() {
            "nothing new".to_owned()
        } else {
            said.join(", ")
        };
        text.push_str(&format!("{group}: {said}\n"));
    }
    hands.tell(&text, &Offered { groups: told })?;
    Ok(Ending::Clean)
}

pub(super) async fn propose(hands: &Hands<'_>, args: &StepArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(args.effort);
    let sight = desk.space(&args.space).await?;
    let proposed = desk.propose(&sight).await?;
    let plan = &proposed.revision;
    let text = format!(
        "Proposal {} to {}: {} blocks, {} sessions, {} seats; {}\n",
        plan.number,
        args.space,
        plan.blocks.len(),
        plan.sessions.len(),
        plan.seats.len(),
        crate::words::score_in_short(&proposed.score, proposed.cell_min),
    );
    hands.tell(&text, &proposed.told())?;
    Ok(ending(&proposed.score))
}

pub(super) async fn respond(hands: &Hands<'_>, args: &RespondArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let sight = desk.space(&args.space).await?;
    let word = match (&args.reject, args.accept) {
        (Some(why), _) => Some(Word::Reject(why.clone())),
        (None, true) => Some(Word::Accept),
        (None, false) => None,
    };
    let replies = desk
        .respond(&sight, args.group.as_deref(), word.as_ref())
        .await?;
    let mut text = String::new();
    for reply in &replies {
        text.push_str(&told(reply));
    }
    let all_well = replies
        .iter()
        .all(|of| matches!(of.answer, None | Some(Answer::Accept)) && of.doubts.is_empty());
    hands.tell(&text, &replied(&replies))?;
    Ok(if all_well {
        Ending::Clean
    } else {
        Ending::Lacking
    })
}

fn told(reply: &Reply) -> String {
    let answer = match &reply.answer {
        None if !reply.doubts.is_empty() => "accepts nothing yet".to_owned(),
        None => "has nothing in it".to_owned(),
        Some(Answer::Accept) => "accepts".to_owned(),
        Some(Answer::Reject(reasons)) => {
            let why: Vec<String> = reasons.iter().map(|of| of.text.clone()).collect();
            format!("rejects: {}", some_of(&why))
        }
        Some(Answer::Counter(operations)) => {
            let what: Vec<String> = operations.iter().map(asked).collect();
            format!("would, if: {}", some_of(&what))
        }
    };
    let shifts = i64::try_from(reply.shifts).unwrap_or(i64::MAX);
    let more = match shifts {
        0 => String::new(),
        n => format!("; offers {} of open duty", count(n, "shift", "shifts")),
    };
    let mut text = format!("{}: {answer}{more}\n", reply.handle);
    for doubt in &reply.doubts {
        text.push_str(&format!("  {doubt}\n"));
    }
    text
}

fn asked(operation: &Operation) -> String {
    match operation {
        Operation::Drop(part) => format!("without {part}"),
        Operation::LimitBlocks(n) => format!("at most {n} blocks"),
        Operation::Swap(part, other) => format!("{other} instead of {part}"),
        Operation::Move(of) => format!("{} by {} cells", of.part, of.cells),
        Operation::NeedsRole(role, span) => {
            format!(
                "a {role} from elsewhere, {} to {}",
                span.start(),
                span.end()
            )
        }
    }
}

pub(super) async fn publish(hands: &Hands<'_>, args: &StepArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(args.effort);
    let sight = desk.space(&args.space).await?;
    let record = desk.publish(&sight).await?;
    let text = format!("{} has a plan in force.\n", args.space);
    hands.tell(&text, &json!({ "record": record.to_string() }))?;
    Ok(Ending::Clean)
}

pub(super) async fn cancel(hands: &Hands<'_>, args: &CancelArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let sight = desk.space(&args.space).await?;
    desk.cancel(&sight, &args.reason).await?;
    let text = format!("{} has no plan in force.\n", args.space);
    hands.tell(&text, &json!({ "cancelled": true }))?;
    Ok(Ending::Clean)
}

pub(super) async fn staff(hands: &Hands<'_>, args: &StepArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(args.effort);
    let sight = desk.space(&args.space).await?;
    let said = desk.staff(&sight).await?;
    let parts = count(i64::try_from(said).unwrap_or(i64::MAX), "part", "parts");
    let text = format!("Said who is on duty in {parts}.\n");
    hands.tell(&text, &staffed(said))?;
    Ok(Ending::Clean)
}

pub(super) async fn stand_in(hands: &Hands<'_>, args: &StandInArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let sight = desk.space(&args.space).await?;
    let instead = args.instead.as_deref();
    let part = desk
        .stand_in(&sight, (&args.group, &args.shift), instead)
        .await?;
    let who = instead.unwrap_or("nobody");
    let text = format!("{who} comes to shift {} of {part}.\n", args.shift);
    hands.tell(
        &text,
        &json!({ "part": part, "shift": args.shift, "instead": instead }),
    )?;
    Ok(Ending::Clean)
}

pub(super) async fn hand_over(hands: &Hands<'_>, args: &HandOverArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let sight = desk.space(&args.space).await?;
    let swap = Swap {
        part: args.part.clone(),
        to: args.to.clone(),
    };
    let text = match &args.reclaim {
        Some(why) => {
            desk.reclaim(&sight, &swap, why).await?;
            format!("{} is {}'s.\n", args.part, args.to)
        }
        None => {
            desk.hand_over(&sight, &swap).await?;
            format!("{} is offered to {}.\n", args.part, args.to)
        }
    };
    hands.tell(&text, &json!({ "part": args.part, "to": args.to }))?;
    Ok(Ending::Clean)
}

pub(super) async fn settle(hands: &Hands<'_>, args: &SettleArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let sight = desk.space(&args.space).await?;
    let take = args.take.clone().zip(args.group.clone());
    let take = take.map(|(part, to)| Swap { part, to });
    let done = desk.settle(&sight, take.as_ref()).await?;
    let text = if done.is_empty() {
        "Nothing waits.\n".to_owned()
    } else {
        done.join("\n") + "\n"
    };
    hands.tell(&text, &settled(&done))?;
    Ok(Ending::Clean)
}

pub(super) async fn check(hands: &Hands<'_>, args: &CheckArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let sight = desk.space(&args.space).await?;
    let checked = desk.check(&sight).await?;
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder)?;
        atomic::write(
            &folder.join("problem.json"),
            &atomic::document(&checked.problem)?,
        )?;
        atomic::write(&folder.join("plan.json"), &atomic::document(&checked.plan)?)?;
    }
    let report = &checked.report;
    let mut text = format!(
        "{}, release {}: {}\n  blocks {}, sessions {}, shifts {} by {} people\n  state {}\n",
        args.space,
        checked.release,
        crate::words::score_in_short(&report.score, checked.problem.event.horizon.cell_min()),
        checked.plan.blocks.len(),
        checked.plan.sessions.len(),
        checked.plan.shifts.len(),
        checked.problem.operators.len(),
        checked.digest,
    );
    let found = checked.found();
    for line in &found {
        text.push_str(&format!("  ! {line}\n"));
    }
    if let Some(folder) = &args.out {
        let folder = folder.display();
        text.push_str(&format!(
            "Written to {folder}: problem.json and plan.json\n"
        ));
    }
    hands.tell(&text, &checked.told())?;
    Ok(if found.is_empty() {
        Ending::Clean
    } else {
        Ending::Lacking
    })
}
