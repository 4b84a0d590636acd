//! `meridian node`: what the person who runs a node types beside it.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use meridian_formats::FaultCode;
use meridian_model::ZoneSet;

use super::exchange::{self, ExchangeCommand, SharedArgs};
use super::health::{self, HealthArgs};
use super::kept::KeptArgs;
use crate::assembler::{AssembleError, assemble};
use crate::data_folder::DataFolder;
use crate::ending::{Ending, Failure, refusal};
use crate::out;
use crate::store::{Invitation, Store, StoreError};
use crate::words::count;
use crate::zoneset::ZoneSource;

/// How every SQLite database begins.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";

/// Look after a node's data: make it, invite people, back it up
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian node init --data /var/lib/meridian
  meridian node invite --name Aiko --role leader --event relay-2024 --group tokyo
  meridian node backup /backups/meridian-2024-08-01.db
  meridian node restore /backups/meridian-2024-08-01.db --data /var/lib/meridian
  meridian node health https://meridian.example
  meridian node check-up

Exit codes: 0 done · 1 the check-up found something · 2 bad input")]
pub(crate) struct NodeArgs {
    #[command(subcommand)]
    what: What,

    #[command(flatten)]
    kept: KeptArgs,

    #[command(flatten)]
    shared: SharedArgs,
}

impl NodeArgs {
    /// Whether a machine reads the answer.
    pub(crate) fn json(&self) -> bool {
        self.shared.json
    }
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a node's data folder, and the link of its first admin
    Init {
        #[command(flatten)]
        origin: Origin,
    },
    /// Make an invite link, also while the node runs; this is how someone who lost her way in comes back
    Invite(InviteArgs),
    /// Copy all that a node keeps to a file, also while it runs
    Backup {
        /// The file to make; it must not be there yet
        file: PathBuf,
    },
    /// Make a node's data anew from a backup; what was there is kept beside it
    ///
    /// Invites that were open when the backup was made are closed, and tokens revoked: what was used or revoked
    /// since would open again. Webhooks are switched off.
    Restore {
        /// The backup
        file: PathBuf,
    },
    /// Close all open invites, revoke all tokens and switch webhooks off, as `restore` does: for a database that was restored by its own tools
    CloseAll,
    /// Ask a running node whether it works
    Health(HealthArgs),
    /// Say whether the data is whole, every group is led, and every event can be planned
    CheckUp,
    #[command(flatten)]
    Exchange(ExchangeCommand),
}

#[derive(Args, Debug)]
struct Origin {
    /// The address that people use
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8600")]
    origin: String,
}

#[derive(Args, Debug)]
struct InviteArgs {
    /// The name of who is invited, as others will see it
    #[arg(long)]
    name: String,

    /// What she will be
    #[arg(long, value_enum)]
    role: Role,

    /// The event; none for an admin
    #[arg(long, required_if_eq_any = [("role", "scheduler"), ("role", "leader"), ("role", "deputy"), ("role", "operator")])]
    event: Option<String>,

    /// The group, for leaders, deputies and operators
    #[arg(long, required_if_eq_any = [("role", "leader"), ("role", "deputy"), ("role", "operator")])]
    group: Option<String>,

    /// The operator she is
    #[arg(long, required_if_eq("role", "operator"))]
    operator: Option<String>,

    /// The account that has lost its way in: the link lets it in again
    #[arg(long)]
    account: Option<String>,

    #[command(flatten)]
    origin: Origin,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    Admin,
    Scheduler,
    Leader,
    Deputy,
    Operator,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Scheduler => "scheduler",
            Self::Leader => "leader",
            Self::Deputy => "deputy",
            Self::Operator => "operator",
        }
    }
}

/// Does it.
///
/// # Errors
/// When the folder or the database cannot be used.
pub(crate) fn run(
    args: &NodeArgs,
    zones: &ZoneSet,
    source: &ZoneSource,
) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match &args.what {
            What::Init { origin } => init(&args.kept, &origin.origin).await,
            What::Invite(invite) => self::invite(&args.kept, invite).await,
            What::Backup { file } => backup(&args.kept, file).await,
            What::Restore { file } => restore(&args.kept, file).await,
            What::CloseAll => close_all(&args.kept).await,
            What::Health(args) => health::run(args).await,
            What::CheckUp => check_up(&args.kept, zones).await,
            What::Exchange(command) => {
                let shared = (&args.kept, &args.shared);
                exchange::run(command, shared, (zones, source.arguments())).await
            }
        }
    })
}

async fn init(kept: &KeptArgs, origin: &str) -> Result<Ending, Failure> {
    let (_alone, store) = kept.make().await?;
    if !store.is_new().await.map_err(broken)? {
        return Err(refusal(
            FaultCode::F025,
            &kept.place(),
            "a node keeps its data here already",
            "use another place; to let someone in, use `meridian node invite`",
        ));
    }
    let link = first_link(&store, origin).await?;
    store.close().await;
    out::answer(&format!("Come in: {link}\n"))?;
    Ok(Ending::Clean)
}

/// The link that makes the first admin.
///
/// # Errors
/// When the database fails.
pub(crate) async fn first_link(store: &Store, origin: &str) -> Result<String, Failure> {
    let invitation = Invitation {
        name: "Admin",
        event: None,
        role: "admin",
        group: "",
        operator: "",
        account: None,
    };
    let mut write = store.write().await.map_err(broken)?;
    let invited = write.invite(None, &invitation).await.map_err(broken)?;
    write.commit().await.map_err(broken)?;
    Ok(format!("{origin}/join#{}", invited.secret.reveal()))
}

async fn invite(kept: &KeptArgs, args: &InviteArgs) -> Result<Ending, Failure> {
    let store = kept.find().await?;
    let invitation = Invitation {
        name: &args.name,
        event: args.event.as_deref(),
        role: args.role.name(),
        group: args.group.as_deref().unwrap_or_default(),
        operator: args.operator.as_deref().unwrap_or_default(),
        account: args.account.as_deref(),
    };
    known(&store, &invitation).await?;
    let mut write = store.write().await.map_err(broken)?;
    let invited = write.invite(None, &invitation).await.map_err(broken)?;
    write.commit().await.map_err(broken)?;
    store.close().await;
    let (origin, code) = (&args.origin.origin, invited.secret.reveal());
    out::answer(&format!("Come in: {origin}/join#{code}\n"))?;
    Ok(Ending::Clean)
}

/// Refuses an invitation to what is not there.
async fn known(store: &Store, invitation: &Invitation<'_>) -> Result<(), Failure> {
    let missing = |option: &str, what: &str| {
        let remedy = "see what the node has, and spell it as there";
        refusal(FaultCode::F011, option, what, remedy)
    };
    let there = |found: Result<(), StoreError>, option: &str, what: &str| match found {
        Ok(()) => Ok(()),
        Err(StoreError::Missing) => Err(missing(option, what)),
        Err(error) => Err(broken(error)),
    };
    if let Some(account) = invitation.account {
        let found = store.account_by_id(account).await.map(drop);
        there(found, "--account", "there is no such account")?;
    }
    let Some(event) = invitation.event else {
        return Ok(());
    };
    let found = store.event(event).await.map(drop);
    there(found, "--event", "there is no such event")?;
    if !invitation.group.is_empty() {
        let found = store.record(event, "group", invitation.group).await;
        there(found.map(drop), "--group", "there is no such group")?;
    }
    if !invitation.operator.is_empty() {
        let found = store.record(event, "operator", invitation.operator).await;
        let hers = found.and_then(|record| match record.group_id {
            Some(group) if group == invitation.group => Ok(()),
            _ => Err(StoreError::Missing),
        });
        there(hers, "--operator", "there is no such operator in the group")?;
    }
    Ok(())
}

async fn backup(kept: &KeptArgs, file: &Path) -> Result<Ending, Failure> {
    kept.in_files("use pg_dump, which copies it as it is at one moment while nodes run")?;
    if file.exists() {
        return Err(refusal(
            FaultCode::F025,
            &file.display().to_string(),
            "it is there already",
            "name a file that is not there yet",
        ));
    }
    let store = kept.find().await?;
    // Whole or absent: a copy that was cut short never has the name of a backup.
    let part = file.with_added_extension("part");
    store.copy_to(&part).await.map_err(broken)?;
    store.close().await;
    std::fs::File::open(&part)?.sync_all()?;
    std::fs::rename(&part, file)?;
    out::answer(&format!("Backed up to {}\n", file.display()))?;
    Ok(Ending::Clean)
}

async fn restore(kept: &KeptArgs, file: &Path) -> Result<Ending, Failure> {
    kept.in_files("use pg_restore while no node runs, then `meridian node close-all`")?;
    let refuse = |what: &str| {
        let remedy = "name a file that `meridian node backup` made";
        refusal(FaultCode::F031, &file.display().to_string(), what, remedy)
    };
    if !file.is_file() {
        return Err(refuse("there is no such file"));
    }
    let mut beginning = [0; SQLITE.len()];
    std::fs::File::open(file)?
        .read_exact(&mut beginning)
        .map_err(|_short| refuse("it is no backup of a node"))?;
    if beginning != *SQLITE {
        return Err(refuse("it is no backup of a node"));
    }
    let folder = DataFolder::make(&kept.data)?;
    let _alone = folder.take()?;
    let database = folder.database();
    let part = database.with_added_extension("restored");
    std::fs::copy(file, &part)?;
    let store = Store::open(&part).await;
    let store = store.map_err(|_unread| refuse("it is no backup of a node"))?;
    // Some damage is found by looking, some keeps from looking.
    match store.ailments().await {
        Ok(ailments) if ailments.is_empty() => {}
        Ok(_) | Err(StoreError::Broken(_)) => return Err(refuse("it is damaged")),
        Err(error) => return Err(broken(error)),
    }
    let mut write = store.write().await.map_err(broken)?;
    let closed = write.close_all().await.map_err(broken)?;
    let off = write.restrain_webhooks().await.map_err(broken)?;
    write.commit().await.map_err(broken)?;
    store.close().await;
    for suffix in ["-wal", "-shm", ""] {
        let mut name = database.clone().into_os_string();
        name.push(suffix);
        if Path::new(&name).exists() {
            let mut aside = database
                .with_added_extension("before-restore")
                .into_os_string();
            aside.push(suffix);
            std::fs::rename(&name, aside)?;
        }
    }
    std::fs::rename(&part, &database)?;
    let closed = were_closed(closed, off);
    out::answer(&format!("Restored from {}; {closed}\n", file.display()))?;
    Ok(Ending::Clean)
}

/// How many were closed, and how many webhooks switched off, in words.
fn were_closed(closed: u64, off: u64) -> String {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut words = count(
        number(closed),
        "open invite or token was closed",
        "open invites and tokens were closed",
    );
    if off > 0 {
        words.push_str("; ");
        words.push_str(&count(number(off), "webhook is off", "webhooks are off"));
    }
    words
}

async fn close_all(kept: &KeptArgs) -> Result<Ending, Failure> {
    let store = kept.find().await?;
    let mut write = store.write().await.map_err(broken)?;
    let closed = write.close_all().await.map_err(broken)?;
    let off = write.restrain_webhooks().await.map_err(broken)?;
    write.commit().await.map_err(broken)?;
    store.close().await;
    out::answer(&format!("{}\n", were_closed(closed, off)))?;
    Ok(Ending::Clean)
}

async fn check_up(kept: &KeptArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let store = kept.find().await?;
    let mut found = store.ailments().await.map_err(broken)?;
    if store.admins().await.map_err(broken)? == 0 {
        found.push("nobody runs the node: make an admin with `meridian node invite`".to_owned());
    }
    for group in store.led().await.map_err(broken)? {
        if !group.lead.is_safe() {
            found.push(format!(
                "{}: {} has neither a second leader nor a deputy",
                group.event, group.group
            ));
        }
    }
    for event in store.events("", i64::MAX).await.map_err(broken)? {
        match assemble(&store, &event.id, zones).await {
            Ok(_) => {}
            Err(AssembleError::Faults(faults)) => found.push(format!(
                "{}: {} stand in the way of a plan",
                event.id,
                count(
                    i64::try_from(faults.len()).unwrap_or(i64::MAX),
                    "problem",
                    "problems"
                )
            )),
            Err(error) => found.push(format!("{}: {error}", event.id)),
        }
    }
    store.close().await;
    if found.is_empty() {
        out::answer("All is well.\n")?;
        return Ok(Ending::Clean);
    }
    out::answer(&(found.join("\n") + "\n"))?;
    Ok(Ending::Lacking)
}

fn broken(error: StoreError) -> Failure {
    Failure::Internal(error.into())
}
