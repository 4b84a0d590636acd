//! `meridian node space`: events that several nodes plan together.

use clap::{Args, Subcommand};
use meridian_federation::content::{Answer, Phase};
use meridian_federation::fold::TakesPart;
use meridian_federation::{SharedState, Stage};
use meridian_model::Timestamp;
use serde_json::json;

use super::Hands;
use crate::ending::{Ending, Failure};
use crate::exchange::planning::{NewSpace, NextBrief, Sight, SpaceSight};

/// What can be done with spaces.
#[derive(Debug, Subcommand)]
pub(crate) enum SpaceCommand {
    /// Open a space for one of this node's events, with the groups of peers as members
    Open(OpenArgs),
    /// List the spaces that are followed, and those that peers have for this node's groups
    List(ListArgs),
    /// Take part in a space that a peer has, with an event of this node
    Join(JoinArgs),
    /// Say how far a space is: members, proposals, answers, what is in force
    Show(ShowArgs),
    /// Say yes to the newest charter and brief
    Endorse(ShowArgs),
    /// As coordinator: write the next brief, with a date or another phase
    Brief(BriefArgs),
    /// Show both cards of a group that signed two of one version, or choose the one that is the group's
    Choose(ChooseArgs),
    /// Take part no longer
    Leave(LeaveArgs),
    /// After a lost database: the next thing that a group says begins a new log
    Renew(RenewArgs),
}

#[derive(Args, Debug)]
pub(crate) struct OpenArgs {
    /// The space's name
    name: String,

    /// The event of this node that is planned there
    #[arg(long)]
    event: String,

    /// The group that coordinates; the one whose node this is, if left out
    #[arg(long, value_name = "GROUP")]
    coordinator: Option<String>,

    /// A peer whose groups are members too; may be given often
    #[arg(long, value_name = "PEER")]
    with: Vec<String>,

    /// How many members must say yes to another charter, or another date or structure; half of them and one, if left out
    #[arg(long, value_name = "N")]
    quorum: Option<u32>,

    /// Days after the event for which bodies that not everybody may read are kept
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    retention_days: u32,

    /// A start that groups are asked about, as in 2024-08-24T03:00:00Z; may be given often. None: the event's own is decided
    #[arg(long, value_name = "INSTANT")]
    candidate: Vec<Timestamp>,
}

#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Ask no peer
    #[arg(long)]
    here: bool,
}

#[derive(Args, Debug)]
pub(crate) struct JoinArgs {
    /// The space's name, or the beginning of its id
    name: String,

    /// The event of this node, with its groups and their people, that is planned there
    #[arg(long)]
    event: String,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// The space's name, or the beginning of its id
    name: String,
}

#[derive(Args, Debug)]
pub(crate) struct BriefArgs {
    /// The space's name, or the beginning of its id
    name: String,

    /// The start that was decided, as in 2024-08-24T03:00:00Z
    #[arg(long, value_name = "INSTANT")]
    start: Option<Timestamp>,

    /// How far the event is
    #[arg(long, value_parser = ["planning", "live", "archived"], default_value = "planning")]
    phase: String,
}

#[derive(Args, Debug)]
pub(crate) struct LeaveArgs {
    /// The space's name, or the beginning of its id
    name: String,

    /// The group that leaves
    #[arg(long)]
    group: String,

    /// Why, for people
    #[arg(long, default_value = "")]
    reason: String,
}

#[derive(Args, Debug)]
pub(crate) struct ChooseArgs {
    /// The space's name, or the beginning of its id
    name: String,

    /// The member that is in doubt
    #[arg(long, requires = "card")]
    group: Option<String>,

    /// The id of the card that its people say is theirs
    #[arg(long, requires = "group")]
    card: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct RenewArgs {
    /// The space's name, or the beginning of its id
    name: String,

    /// The group
    #[arg(long)]
    group: String,
}

pub(super) async fn run(hands: &Hands<'_>, command: &SpaceCommand) -> Result<Ending, Failure> {
    match command {
        SpaceCommand::Open(args) => open(hands, args).await,
        SpaceCommand::List(args) => list(hands, args).await,
        SpaceCommand::Join(args) => join(hands, args).await,
        SpaceCommand::Show(args) => show(hands, args).await,
        SpaceCommand::Endorse(args) => {
            let desk = hands.desk(1);
            let sight = desk.space(&args.name).await?;
            let said = desk.endorse(&sight).await?;
            hands.tell(&format!("Said {said} times.\n"), &json!({ "said": said }))?;
            Ok(Ending::Clean)
        }
        SpaceCommand::Brief(args) => brief(hands, args).await,
        SpaceCommand::Choose(args) => choose(hands, args).await,
        SpaceCommand::Leave(args) => {
            let desk = hands.desk(1);
            let sight = desk.space(&args.name).await?;
            desk.leave(&sight, &args.group, &args.reason).await?;
            let text = format!("{} takes part no longer.\n", args.group);
            hands.tell(&text, &json!({ "left": args.group }))?;
            Ok(Ending::Clean)
        }
        SpaceCommand::Renew(args) => {
            let desk = hands.desk(1);
            let sight = desk.space(&args.name).await?;
            let handle = &args.group;
            desk.renew(&sight, handle).await?;
            let text = format!("What {handle} says next begins a new log.\n");
            hands.tell(&text, &json!({ "renewed": handle }))?;
            Ok(Ending::Clean)
        }
    }
}

async fn open(hands: &Hands<'_>, args: &OpenArgs) -> Result<Ending, Failure> {
    let new = NewSpace {
        name: args.name.clone(),
        event: args.event.clone(),
        coordinator: args.coordinator.clone(),
        peers: args.with.clone(),
        quorum: args.quorum,
        retention_days: args.retention_days,
        candidates: args.candidate.clone(),
    };
    let desk = hands.desk(1);
    let opened = desk.open(&new).await?;
    hands.tell(
        &format!(
            "{} is open for {} groups; their nodes join it with\n  meridian node space join {} --event EVENT\n",
            args.name, opened.members, args.name
        ),
        &opened,
    )?;
    Ok(Ending::Clean)
}

async fn list(hands: &Hands<'_>, args: &ListArgs) -> Result<Ending, Failure> {
    let rows = hands.exchange.store().spaces().await;
    let rows = rows.map_err(anyhow::Error::from)?;
    let (mut text, mut found) = (String::new(), Vec::new());
    for row in &rows {
        text.push_str(&format!(
            "{:<24} event {:<20} {}\n",
            row.name, row.event, row.id
        ));
        found.push(
            json!({ "space": row.id, "name": row.name, "event": row.event, "followed": true }),
        );
    }
    if !args.here {
        let (seen, silent) = hands.desk(1).look_around(&hands.fetcher).await?;
        for of in seen.iter().filter(|of| !of.followed) {
            text.push_str(&format!("{:<24} at {:<23} {}\n", of.name, of.peer, of.id));
            found.push(json!({
                "space": of.id.to_string(), "name": of.name, "peer": of.peer, "followed": false,
            }));
        }
        for (peer, why) in silent {
            text.push_str(&format!("{peer} cannot be asked: {why}\n"));
        }
    }
    if text.is_empty() {
        text.push_str("None.\n");
    }
    hands.tell(&text, &json!({ "spaces": found }))?;
    Ok(Ending::Clean)
}

async fn join(hands: &Hands<'_>, args: &JoinArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let joined = desk.join(&hands.fetcher, &args.name, &args.event).await?;
    let mut text = format!(
        "{} take part in {}.\n",
        crate::words::some_of(&joined.groups),
        args.name
    );
    for change in &joined.event_changed {
        text.push_str(&format!(
            "The event here now is as the brief has it: {change}\n"
        ));
    }
    hands.tell(&text, &joined)?;
    Ok(Ending::Clean)
}

async fn brief(hands: &Hands<'_>, args: &BriefArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let sight = desk.space(&args.name).await?;
    let next = NextBrief {
        start: args.start,
        phase: match args.phase.as_str() {
            "live" => Phase::Live,
            "archived" => Phase::Archived,
            _ => Phase::Planning,
        },
    };
    let version = desk.brief(&sight, next).await?;
    hands.tell(
        &format!("The brief is at version {version}.\n"),
        &json!({ "version": version }),
    )?;
    Ok(Ending::Clean)
}

async fn choose(hands: &Hands<'_>, args: &ChooseArgs) -> Result<Ending, Failure> {
    let desk = hands.desk(1);
    let sight = desk.space(&args.name).await?;
    if let (Some(group), Some(card)) = (&args.group, &args.card) {
        desk.choose(&sight, group, card).await?;
        let text = format!("This card of {group} counts here from now on.\n");
        hands.tell(&text, &json!({ "group": group, "card": card }))?;
        return Ok(Ending::Clean);
    }
    let doubts = desk.doubts_of(&sight).await?;
    let mut text = String::new();
    for doubt in &doubts {
        text.push_str(&format!(
            "{} signed two cards of version {}:\n",
            doubt.group, doubt.version
        ));
        for of in &doubt.cards {
            let keys = of.keys.join(", ");
            text.push_str(&format!(
                "  {}\n    {}, {}; keys {keys}\n",
                of.card, of.name, of.url
            ));
        }
    }
    if doubts.is_empty() {
        text.push_str("Nobody signed two cards of one version.\n");
    }
    hands.tell(&text, &json!({ "doubts": doubts }))?;
    Ok(Ending::Clean)
}

async fn show(hands: &Hands<'_>, args: &ShowArgs) -> Result<Ending, Failure> {
    let sight = hands.desk(1).space(&args.name).await?;
    let text = told(&sight);
    hands.tell(&text, &SpaceSight::from(sight))?;
    Ok(Ending::Clean)
}

fn told(sight: &Sight) -> String {
    let SharedState {
        members, proposals, ..
    } = &sight.state;
    let stage = match sight.state.stage {
        Stage::Unopened => "not open yet",
        Stage::Preparing => "offers come in",
        Stage::Proposed => "a plan is proposed",
        Stage::Acceptable => "everybody has accepted",
        Stage::Published => "a plan is in force",
        Stage::Live => "the event runs",
        Stage::Archived => "it is over",
    };
    let joined = members.values();
    let joined = joined
        .filter(|of| of.takes_part == TakesPart::Joined)
        .count();
    let mut text = format!(
        "{}: {stage}\n  members   {joined} of {} take part\n",
        sight.row.name,
        members.len()
    );
    if let Some(proposal) = proposals.last() {
        let count = |want: fn(&Answer) -> bool| {
            let answers = proposal.slices.values().filter_map(|of| of.answer.as_ref());
            answers.filter(|of| want(&of.what)).count()
        };
        let accepted = count(|of| *of == Answer::Accept);
        let refused = count(|of| *of != Answer::Accept);
        text.push_str(&format!(
            "  proposal  number {}: {} blocks, {} sessions, {} seats; {accepted} of {} groups accept, {refused} ask for something else\n",
            proposal.plan.number,
            proposal.plan.blocks.len(),
            proposal.plan.sessions.len(),
            proposal.plan.seats.len(),
            proposal.slices.len(),
        ));
    }
    if let Some(published) = &sight.state.published {
        let rosters = sight.state.rosters.len();
        text.push_str(&format!(
            "  in force  release {}, {rosters} rosters\n",
            published.release
        ));
    }
    for (group, standing) in &sight.state.doubts {
        let name = members
            .get(group)
            .map_or_else(|| group.to_string(), |of| of.handle.to_string());
        let why = if standing.suspended.is_some() {
            "signed two cards of one version: ask its people, then choose one"
        } else {
            "signed one place twice: what it said after that does not count"
        };
        text.push_str(&format!("  in doubt  {name} {why}\n"));
    }
    text.push_str(&format!("  state     {}\n", sight.state.digest()));
    text
}
