//! What every database must do alike: the same tests run on SQLite and, where `MERIDIAN_POSTGRES` gives the address of
//! a PostgreSQL that is there for tests (`./run postgres COMMAND…` starts one and gives it), on that.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use sqlx::{Connection, Executor};

use super::{
    End, Expected, JobRow, NewJob, NewPlan, NewWebhook, Pulse, Sent, Store, StoreError, Tried,
    Verdict, WebhookRow,
};

pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// A lease that has run out when it is given.
const GONE: SignedDuration = SignedDuration::from_secs(-1);

/// A store of each kind there is, with an event of its own for each test.
async fn stores(event: &str) -> Vec<(Store, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("meridian.db"))
        .await
        .unwrap();
    let mut stores = vec![(store, Some(folder))];
    if let Some(server) = server() {
        let address = fresh(&server, event).await;
        stores.push((Store::connect(&address).await.unwrap(), None));
    }
    for (store, _) in &stores {
        let mut write = store.write().await.unwrap();
        write.make_event("a1", event).await.unwrap();
        write.commit().await.unwrap();
    }
    stores
}

/// The address of a database of that name, empty. Its language sorts text otherwise than SQLite does.
pub(super) async fn fresh(server: &str, name: &str) -> String {
    let mut anyone = sqlx::PgConnection::connect(&format!("{server}/postgres"))
        .await
        .unwrap();
    for sql in [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
        ),
    ] {
        anyone
            .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql)))
            .await
            .unwrap();
    }
    format!("{server}/{name}")
}

/// The server that is there for tests; without one it is said that nothing was tested on it.
pub(super) fn server() -> Option<String> {
    let server = std::env::var("MERIDIAN_POSTGRES").ok();
    if server.is_none() {
        eprintln!("not tested on PostgreSQL: `./run postgres cargo test …` starts one");
    }
    server
}

pub(super) async fn queue(store: &Store, event: &str) -> String {
    let mut write = store.write().await.unwrap();
    let job = NewJob {
        event,
        kind: "plan",
        asked: "{}",
        by: "a1",
    };
    let id = write.queue_job(&job).await.unwrap();
    write.commit().await.unwrap();
    id
}

pub(super) async fn claim(store: &Store, lease: SignedDuration) -> Option<JobRow> {
    let mut write = store.write_aside().await.unwrap();
    let job = write.claim_job(lease).await.unwrap();
    write.commit().await.unwrap();
    job
}

async fn renew(store: &Store, job: &JobRow, progress: Option<&str>) -> Pulse {
    let mut write = store.write().await.unwrap();
    let pulse = write.renew_job(job, LEASE, progress).await.unwrap();
    write.commit().await.unwrap();
    pulse
}

/// Makes a plan and ends its job in one write, as the workshop does.
async fn end(store: &Store, job: &JobRow) -> Result<String, StoreError> {
    let mut write = store.write().await?;
    let plan = write
        .make_plan(&draft(&job.event, None, Some(&job.id)))
        .await?;
    write.end_job(job, End::Done, "{}").await?;
    write.commit().await?;
    Ok(plan)
}

pub(super) fn draft<'a>(
    event: &'a str,
    parent: Option<&'a str>,
    job: Option<&'a str>,
) -> NewPlan<'a> {
    NewPlan {
        event,
        parent,
        problem: "digest",
        job,
        revision: 0,
        score: "{}",
        body: "{}",
        by: None,
    }
}

#[tokio::test]
async fn only_the_holder_of_the_newest_fence_ends_a_job() {
    for (store, _folder) in stores("fences").await {
        let id = queue(&store, "fences").await;
        let slow = claim(&store, GONE).await.unwrap();
        assert!(store.has_work().await.unwrap());
        let quick = claim(&store, LEASE).await.unwrap();
        assert_eq!((&slow.id, &quick.id), (&id, &id));
        assert!(quick.fence > slow.fence);
        assert!(!store.has_work().await.unwrap());
        assert!(claim(&store, LEASE).await.is_none());
        assert_eq!(renew(&store, &slow, None).await, Pulse::Lost);
        assert!(matches!(end(&store, &slow).await, Err(StoreError::Missing)));
        assert_eq!(renew(&store, &quick, Some("{}")).await, Pulse::Held);
        let plan = end(&store, &quick).await.unwrap();
        assert!(end(&store, &quick).await.is_err());
        // Nothing of the slow holder's write is there.
        let plans = store.plans("fences", i64::MAX, 10).await.unwrap();
        assert_eq!(plans.iter().map(|p| &p.id).collect::<Vec<_>>(), [&plan]);
        assert_eq!(store.job("fences", &id).await.unwrap().state, "done");
    }
}

#[tokio::test]
async fn jobs_are_begun_in_order_and_each_by_one() {
    for (store, _folder) in stores("turns").await {
        let mut ids = Vec::new();
        for _ in 0..8 {
            ids.push(queue(&store, "turns").await);
        }
        let claims = (0..8).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { claim(&store, LEASE).await })
        });
        let mut claimed = Vec::new();
        for one in claims.collect::<Vec<_>>() {
            claimed.extend(one.await.unwrap().map(|job| job.id));
        }
        // Whoever found the oldest locked took the next, and nobody took one twice.
        while let Some(job) = claim(&store, LEASE).await {
            claimed.push(job.id);
        }
        let (all, one_each): (BTreeSet<_>, BTreeSet<_>) =
            (ids.iter().collect(), claimed.iter().collect());
        assert_eq!((claimed.len(), one_each), (8, all));
        if !store.is_shared() {
            assert_eq!(claimed, ids);
        }
    }
}

#[tokio::test]
async fn a_job_that_takes_its_node_along_is_given_up_in_the_end() {
    for (store, _folder) in stores("poison").await {
        let id = queue(&store, "poison").await;
        let mut begun = 0;
        let given_up = loop {
            let job = claim(&store, GONE).await.unwrap();
            if job.is_hopeless() {
                break job;
            }
            begun += 1;
        };
        let mut write = store.write().await.unwrap();
        write.give_up_job(&given_up).await.unwrap();
        write.commit().await.unwrap();
        assert!(claim(&store, GONE).await.is_none());
        assert_eq!(begun, super::jobs::ATTEMPTS);
        let job = store.job("poison", &id).await.unwrap();
        assert_eq!(job.state, "failed");
        assert!(job.result.unwrap().contains("never ended"));
    }
}

#[tokio::test]
async fn the_end_of_a_job_is_asked_for_once_and_a_job_given_back_waits_again() {
    for (store, _folder) in stores("cancel").await {
        let id = queue(&store, "cancel").await;
        let job = claim(&store, LEASE).await.unwrap();
        let mut write = store.write().await.unwrap();
        write.give_job_back(&job).await.unwrap();
        write.commit().await.unwrap();
        let again = claim(&store, LEASE).await.unwrap();
        assert_eq!((&again.id, again.attempts), (&id, 1));
        let mut write = store.write().await.unwrap();
        write.cancel_job("a1", "cancel", &id).await.unwrap();
        let elsewhere = write.cancel_job("a1", "another", &id).await;
        assert!(matches!(elsewhere, Err(StoreError::Missing)));
        write.commit().await.unwrap();
        assert_eq!(renew(&store, &again, None).await, Pulse::Cancel);
        end(&store, &again).await.unwrap();
        let mut write = store.write().await.unwrap();
        let late = write.cancel_job("a1", "cancel", &id).await;
        assert!(matches!(late, Err(StoreError::Blocked(_))));
    }
}

#[tokio::test]
async fn a_plan_follows_the_published_one_or_is_not_published() {
    for (store, _folder) in stores("releases").await {
        let mut write = store.write().await.unwrap();
        let one = write
            .make_plan(&draft("releases", None, None))
            .await
            .unwrap();
        let two = write
            .make_plan(&draft("releases", None, None))
            .await
            .unwrap();
        let next = write
            .make_plan(&draft("releases", Some(&one), None))
            .await
            .unwrap();
        write.commit().await.unwrap();
        let release = async |plan: &str, groups: &[&str]| {
            let groups = groups.iter().map(|&group| group.to_owned()).collect();
            let version = store.plan("releases", plan).await?.version;
            let mut write = store.write().await?;
            write
                .release_plan("a1", ("releases", plan), version, &groups)
                .await?;
            write.commit().await
        };
        assert!(matches!(
            release(&next, &[]).await,
            Err(StoreError::Blocked(_))
        ));
        assert!(matches!(
            release(&one, &["kyoto"]).await,
            Err(StoreError::Blocked(_))
        ));
        let mut write = store.write().await.unwrap();
        write
            .propose_plan("a1", ("releases", &one), 1)
            .await
            .unwrap();
        let yes = Verdict {
            by: "a1",
            event: "releases",
            plan: &one,
            group: "kyoto",
            verdict: "accepted",
            reasons: "[]",
        };
        write.answer_plan(&yes, Expected::Nothing).await.unwrap();
        write.commit().await.unwrap();
        release(&one, &["kyoto"]).await.unwrap();
        assert!(matches!(
            release(&two, &[]).await,
            Err(StoreError::Blocked(_))
        ));
        release(&next, &[]).await.unwrap();
        let event = store.event("releases").await.unwrap();
        assert_eq!(event.current_plan, Some(next.clone()));
        let numbers = [one, two, next].map(|id| (id, "releases"));
        let mut told = Vec::new();
        for (id, event) in &numbers {
            told.push(store.plan(event, id).await.unwrap().release_number);
        }
        assert_eq!(told, [Some(1), None, Some(2)]);
    }
}

#[tokio::test]
async fn only_the_holder_of_the_newest_fence_moves_a_webhooks_cursor() {
    for (store, _folder) in stores("hooks").await {
        let new = NewWebhook {
            by: "a1",
            event: "hooks",
            url: "https://bot.example/",
            kinds: "[]",
            live: true,
        };
        let mut write = store.write().await.unwrap();
        let id = write.make_webhook(&new, "whsec_").await.unwrap();
        write.commit().await.unwrap();
        assert!(store.due_webhooks(10).await.unwrap().is_empty());
        queue(&store, "hooks").await;
        let due = store.due_webhooks(10).await.unwrap();
        assert_eq!(due.iter().map(|row| &row.id).collect::<Vec<_>>(), [&id]);
        let mine = take(&store, &due[0], LEASE).await.unwrap();
        assert!(take(&store, &due[0], LEASE).await.is_none());
        assert!(take(&store, &mine, LEASE).await.is_none());
        assert!(store.due_webhooks(10).await.unwrap().is_empty());
        // Whatever people do to it ends the claim.
        let mut write = store.write().await.unwrap();
        write.replay_webhook("a1", ("hooks", &id), 0).await.unwrap();
        write.commit().await.unwrap();
        let late = told(&store, &mine, Tried::Taken(LEASE)).await;
        assert!(matches!(late, Err(StoreError::Missing)));
        let due = store.due_webhooks(10).await.unwrap();
        assert_eq!(due[0].told, 0);
        // A lease that has run out is as none.
        let slow = take(&store, &due[0], GONE).await.unwrap();
        let due = store.due_webhooks(10).await.unwrap();
        let quick = take(&store, &due[0], LEASE).await.unwrap();
        let late = told(&store, &slow, Tried::Taken(LEASE)).await;
        assert!(matches!(late, Err(StoreError::Missing)));
        told(&store, &quick, Tried::Taken(LEASE)).await.unwrap();
        assert_eq!(store.webhook("hooks", &id).await.unwrap().told, 7);
        let later = Tried::Again(SignedDuration::from_hours(1));
        told(&store, &quick, later).await.unwrap();
        assert!(store.due_webhooks(10).await.unwrap().is_empty());
        let now = store.webhook("hooks", &id).await.unwrap();
        assert_eq!((now.fails, now.failing_since.is_some()), (1, true));
        told(&store, &quick, Tried::Off).await.unwrap();
        assert_eq!(store.webhook("hooks", &id).await.unwrap().live, 0);
        assert_eq!(store.deliveries(&id).await.unwrap().len(), 3);
    }
}

async fn take(store: &Store, row: &WebhookRow, lease: SignedDuration) -> Option<WebhookRow> {
    let mut write = store.write().await.unwrap();
    let mine = write.claim_webhook(row, lease).await.unwrap();
    write.commit().await.unwrap();
    mine
}

async fn told(store: &Store, row: &WebhookRow, tried: Tried) -> Result<(), StoreError> {
    let sent = Sent {
        message: "msg_1",
        kind: "job.ended",
        seq: 7,
        status: 200,
        trouble: "",
    };
    let mut write = store.write().await?;
    write.tried_webhook(row, &sent, &tried).await?;
    write.commit().await
}

/// Entries of the exchange that are easy to tell apart.
fn entries(numbers: std::ops::Range<u8>) -> Vec<(meridian_federation::Entry, String)> {
    let entries = numbers.map(|n| {
        let entry = meridian_federation::Entry::Erased {
            space: meridian_federation::SpaceId::from_bytes([1; 32]),
            record: meridian_federation::RecordId::from_bytes([n; 32]),
        };
        let written = serde_json::to_string(&entry).unwrap();
        (entry, written)
    });
    entries.collect()
}

#[tokio::test]
async fn what_the_exchange_remembers_is_added_to_by_whoever_has_read_all_of_it() {
    for (store, _folder) in stores("exchanged").await {
        let mut write = store.write().await.unwrap();
        assert_eq!(write.add_entries(0, &entries(1..4)).await.unwrap(), 3);
        write.commit().await.unwrap();
        let mut write = store.write().await.unwrap();
        let late = write.add_entries(0, &entries(4..5)).await;
        assert!(matches!(late, Err(StoreError::Stale(3))));
        drop(write);
        assert_eq!(store.newest_entry().await.unwrap(), 3);
        let read = store.entries(1, 10).await.unwrap();
        let wanted = entries(2..4).into_iter().map(|(entry, _)| entry);
        assert!(read.into_iter().map(|(_, entry)| entry).eq(wanted));
    }
}

#[tokio::test]
async fn a_body_that_was_erased_is_no_longer_there() {
    use meridian_federation::{Entry, RecordId, SpaceId, body::Body};
    for (store, _folder) in stores("erased").await {
        let (space, record) = (SpaceId::from_bytes([1; 32]), RecordId::from_bytes([2; 32]));
        let body = Body {
            salt: None,
            bytes: b"a secret".to_vec(),
        };
        let body = Entry::Body {
            space,
            record,
            body,
        };
        let written = |entry: &Entry| (entry.clone(), serde_json::to_string(entry).unwrap());
        let mut write = store.write().await.unwrap();
        write.add_entries(0, &[written(&body)]).await.unwrap();
        write.commit().await.unwrap();
        let erased = Entry::Erased { space, record };
        let mut write = store.write().await.unwrap();
        write.add_entries(1, &[written(&erased)]).await.unwrap();
        write.commit().await.unwrap();
        let left = store.entries(0, 10).await.unwrap();
        assert_eq!(left, [(2, erased)]);
    }
}

#[tokio::test]
async fn a_peer_that_shows_up_again_stays_what_people_made_of_it() {
    for (store, _folder) in stores("peered").await {
        let mut write = store.write().await.unwrap();
        write
            .meet_peer("p", ("Peer", "http://one"), "{}")
            .await
            .unwrap();
        assert_eq!(write.waiting_peers().await.unwrap(), 1);
        write.set_peer("p", "forbidden").await.unwrap();
        write
            .meet_peer("p", ("Peer", "http://two"), "{}")
            .await
            .unwrap();
        write
            .suspend_peer("p", "2100-01-01T00:00:00Z", "why")
            .await
            .unwrap();
        assert!(matches!(
            write.set_peer("q", "allowed").await,
            Err(StoreError::Missing)
        ));
        write.commit().await.unwrap();
        let row = store.peer("p").await.unwrap();
        assert_eq!((row.state.as_str(), row.suspensions), ("forbidden", 1));
        assert!(row.suspended_until.is_some());
    }
}
