//! What a job says and its end are one transaction.

use jiff::SignedDuration;
use meridian_federation::content::{Content, MemberLeave};
use serde_json::json;

use super::nodes::Listening;
use crate::exchange::ExchangeError;
use crate::exchange::shell::Last;
use crate::store::{JobRow, NewJob, Store, StoreError};

const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// A job of an event, as whoever claimed it holds it.
async fn claimed(store: &Store) -> JobRow {
    let mut write = store.write().await.expect("a write");
    write.make_event("a1", "relay").await.expect("an event");
    let (event, kind, asked, by) = ("relay", "propose", "{}", "a1");
    let job = NewJob {
        event,
        kind,
        asked,
        by,
    };
    write.queue_job(&job).await.expect("a job");
    write.commit().await.expect("durable");
    claim(store).await
}

async fn claim(store: &Store) -> JobRow {
    let mut write = store.write().await.expect("a write");
    let job = write.claim_job(LEASE).await.expect("a claim");
    write.commit().await.expect("durable");
    job.expect("it waits")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_says_once_what_it_says_and_only_its_newest_holder_does() {
    let node = Listening::begin("tokyo").await;
    let space = node.open(&[]).await;
    let (store, exchange, group) = (&node.state.store, &node.state.exchange, node.group);
    let say = |job: JobRow| async move {
        let reason = "we cannot".to_owned();
        let sayings = vec![(group, Content::MemberLeave(MemberLeave { reason }))];
        let answer = |records: &Vec<_>| json!({ "said": records.len() });
        let last = Last {
            job: &job,
            answer: &answer,
        };
        exchange.say_at_last(space, sayings, Some(last)).await
    };
    let said = || async { store.newest_entry().await.expect("a number") };
    let first = claimed(store).await;
    let mut write = store.write().await.expect("a write");
    write.give_all_jobs_back().await.expect("given back");
    write.commit().await.expect("durable");
    let second = claim(store).await;

    // Who lost the job says nothing.
    let before = said().await;
    let lost = say(first.clone()).await;
    let is_lost = matches!(lost, Err(ExchangeError::Store(StoreError::Missing)));
    assert!(is_lost, "{lost:?}");
    assert_eq!(said().await, before);
    let open = store.job("relay", &first.id).await.expect("a job");
    assert_eq!(open.state, "running");

    // Who holds it says it, and with that it has ended.
    say(second.clone()).await.expect("it is said");
    let after = said().await;
    assert!(after > before);
    let ended = store.job("relay", &first.id).await.expect("a job");
    assert_eq!(ended.state, "done");
    assert_eq!(ended.result.as_deref(), Some(r#"{"said":1}"#));

    // What has ended says nothing again.
    assert!(say(second).await.is_err());
    assert_eq!(said().await, after);
}
