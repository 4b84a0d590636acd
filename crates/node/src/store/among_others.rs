//! What several who write to one database must not do to each other: two stores, as two nodes have them.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::Row;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::conformance::{LEASE, claim, draft, fresh, queue, server};
use super::{Act, Everything, Expected, KindRecord, PATIENCE, Store, StoreError, Write};

/// Two stores on one database, for each kind of database there is, with an event of that name.
async fn pairs(event: &str) -> Vec<([Store; 2], Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("meridian.db");
    let open = async || Store::open(&file).await.unwrap();
    let mut pairs = vec![([open().await, open().await], Some(folder))];
    if let Some(server) = server() {
        let address = fresh(&server, &format!("pair_{event}")).await;
        let connect = async || Store::connect(&address).await.unwrap();
        pairs.push(([connect().await, connect().await], None));
    }
    for ([store, _], _) in &pairs {
        let mut write = store.write().await.unwrap();
        write.make_event("a1", event).await.unwrap();
        write.commit().await.unwrap();
    }
    pairs
}

fn act<'a>(event: &'a str, kind: &'a str, id: &'a str) -> Act<'a> {
    Act {
        account: Some("a1"),
        action: "change",
        event: Some(event),
        kind,
        id,
        group: None,
    }
}

async fn put(store: &Store, act: Act<'_>, expected: Expected) -> Result<i64, StoreError> {
    let mut write = store.write().await?;
    let version = write.put_record(&act, expected, "{}").await?;
    // What the other one believes is read before this is there.
    sleep(Duration::from_millis(2)).await;
    write.commit().await?;
    Ok(version)
}

#[tokio::test]
async fn of_those_who_change_one_version_one_wins() {
    for (stores, _folder) in pairs("versions").await {
        let kyoto = act("versions", "group", "kyoto");
        let first = put(&stores[0], kyoto, Expected::Nothing).await.unwrap();
        for version in first..first + 5 {
            let tries = (0..8).map(|n: usize| {
                let store = stores[n % 2].clone();
                let expected = Expected::Version(version);
                tokio::spawn(async move {
                    put(&store, act("versions", "group", "kyoto"), expected).await
                })
            });
            let mut won = 0;
            for one in tries.collect::<Vec<_>>() {
                match one.await.unwrap() {
                    Ok(now) => won += i64::from(now == version + 1),
                    Err(error) => assert!(matches!(error, StoreError::Stale(_)), "{error:?}"),
                }
            }
            assert_eq!(won, 1, "of version {version}");
        }
    }
}

#[tokio::test]
async fn what_a_write_reads_is_still_so_when_it_commits() {
    for (stores, _folder) in pairs("turns_of_two").await {
        for version in 1..=5 {
            let tries = (0..8).map(|n: usize| {
                let store = stores[n % 2].clone();
                tokio::spawn(async move {
                    let mut write = store.write().await?;
                    let event = ("turns_of_two", version);
                    write.set_erase_on("a1", event, Some("2024-12-01")).await?;
                    write.commit().await
                })
            });
            let mut won = 0;
            for one in tries.collect::<Vec<_>>() {
                match one.await.unwrap() {
                    Ok(()) => won += 1,
                    Err(error) => assert!(matches!(error, StoreError::Stale(_)), "{error:?}"),
                }
            }
            assert_eq!(won, 1, "of version {version}");
        }
    }
}

#[tokio::test]
async fn who_follows_the_changes_misses_none() {
    const EACH: usize = 25;
    for (stores, _folder) in pairs("follows").await {
        let from = stores[0].newest().await.unwrap();
        let writers = (0..4).map(|n: usize| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move {
                for i in 0..EACH {
                    let mut write = store.write().await.unwrap();
                    let seq = write.audit(&act("follows", "group", "x")).await.unwrap();
                    // Some take longer than others until what they wrote is there.
                    sleep([0, 1, 2].map(Duration::from_millis)[(n + i) % 3]).await;
                    write.commit().await.unwrap();
                    assert!(seq > 0);
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let (mut after, mut seen) = (from, 0);
        let follow = async {
            while seen < 4 * EACH {
                for change in stores[1].changes("follows", after, 200).await.unwrap() {
                    assert!(change.seq > after);
                    after = change.seq;
                    seen += 1;
                }
                tokio::task::yield_now().await;
            }
        };
        let done = timeout(PATIENCE, follow).await;
        for writer in writers {
            writer.await.unwrap();
        }
        assert!(done.is_ok(), "{seen} of {} changes were seen", 4 * EACH);
    }
}

#[tokio::test]
async fn all_that_a_plan_is_made_from_is_of_one_moment() {
    for (stores, _folder) in pairs("moments").await {
        let filled = |generation: i64| Everything {
            generation,
            records: ["a", "b"]
                .map(|id| KindRecord {
                    kind: "group".to_owned(),
                    id: id.to_owned(),
                    group_id: None,
                    body: (generation + 1).to_string(),
                })
                .to_vec(),
            calendars: Vec::new(),
        };
        let writer = {
            let (store, filled) = (stores[0].clone(), filled);
            tokio::spawn(async move {
                for generation in 0..60 {
                    let expected = if generation == 0 {
                        Expected::Nothing
                    } else {
                        Expected::Version(generation)
                    };
                    let mut write = store.write().await.unwrap();
                    write
                        .replace_everything("a1", "moments", expected, &filled(generation))
                        .await
                        .unwrap();
                    write.commit().await.unwrap();
                }
            })
        };
        while !writer.is_finished() {
            let all = stores[1].everything("moments").await.unwrap();
            for record in all.records {
                assert_eq!(record.body, all.generation.to_string());
            }
        }
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn of_two_plans_released_at_once_one_is_published() {
    for (stores, _folder) in pairs("rivals").await {
        let mut write = stores[0].write().await.unwrap();
        let mut plans = Vec::new();
        for _ in 0..2 {
            plans.push(write.make_plan(&draft("rivals", None, None)).await.unwrap());
        }
        write.commit().await.unwrap();
        let tries = plans.iter().zip(&stores).map(|(plan, store)| {
            let (plan, store) = (plan.clone(), store.clone());
            tokio::spawn(async move {
                let mut write = store.write().await?;
                write
                    .release_plan("a1", ("rivals", &plan), 1, &BTreeSet::new())
                    .await?;
                write.commit().await
            })
        });
        let mut won = 0;
        for one in tries.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(()) => won += 1,
                Err(error) => assert!(matches!(error, StoreError::Blocked(_)), "{error:?}"),
            }
        }
        assert_eq!(won, 1);
        let published = stores[0].event("rivals").await.unwrap().current_plan;
        assert!(published.is_some_and(|plan| plans.contains(&plan)));
    }
}

#[tokio::test]
async fn text_sorts_by_its_bytes() {
    for (stores, _folder) in pairs("letters").await {
        let ids = ["B", "a-b", "a.c", "aa", "ab", "a~", "\u{e4}"];
        for id in ids.iter().rev() {
            put(&stores[0], act("letters", "group", id), Expected::Nothing)
                .await
                .unwrap();
        }
        let all = stores[1].everything("letters").await.unwrap();
        let told: Vec<_> = all.records.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(told, ids);
    }
}

#[tokio::test]
async fn people_are_erased_once() {
    for (stores, _folder) in pairs("erased").await {
        let mut write = stores[0].write().await.unwrap();
        let day = Some("2024-12-01");
        write.set_erase_on("a1", ("erased", 1), day).await.unwrap();
        write.commit().await.unwrap();
        let mut done = Vec::new();
        for (store, today) in [(0, "2024-11-30"), (1, "2024-12-02"), (0, "2024-12-02")] {
            let mut write = stores[store].write().await.unwrap();
            done.push(write.erase_people("erased", today).await.unwrap());
            write.commit().await.unwrap();
        }
        assert_eq!(done, [false, true, false]);
    }
}

#[tokio::test]
async fn a_calendar_is_fetched_by_one() {
    for (stores, _folder) in pairs("fetched").await {
        let mut write = stores[0].write().await.unwrap();
        let act = act("fetched", "calendar", "group.kyoto");
        write
            .put_calendar(&act, Expected::Nothing, "https://x.example/c.ics", None)
            .await
            .unwrap();
        write.commit().await.unwrap();
        let due = stores[0].due_calendars("9", 8).await.unwrap();
        assert_eq!(due.len(), 1);
        let tries = stores.clone().map(|store| {
            let row = due[0].clone();
            tokio::spawn(async move {
                let mut write = store.write_aside().await.unwrap();
                let mine = write.claim_calendar(&row).await.unwrap();
                write.commit().await.unwrap();
                mine
            })
        });
        let mut mine = 0;
        for one in tries {
            mine += i32::from(one.await.unwrap());
        }
        assert_eq!(mine, 1);
    }
}

#[tokio::test]
async fn jobs_are_claimed_beside_a_write_that_takes_long() {
    for (stores, _folder) in pairs("beside").await {
        queue(&stores[0], "beside").await;
        if !stores[0].is_shared() {
            continue;
        }
        let mut long = stores[0].write().await.unwrap();
        long.audit(&act("beside", "group", "x")).await.unwrap();
        assert!(claim(&stores[1], LEASE).await.is_some());
        long.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_write_of_which_a_part_failed_is_not_acknowledged() {
    for (stores, _folder) in pairs("halves").await {
        let mut write = stores[0].write().await.unwrap();
        write
            .put_record(&act("halves", "group", "x"), Expected::Nothing, "{}")
            .await
            .unwrap();
        let failed = sqlx::query("SELECT 1 FROM nowhere")
            .execute(&mut *write.tx)
            .await;
        assert!(failed.is_err());
        let told = write.commit().await;
        let there = stores[1].record("halves", "group", "x").await;
        assert_eq!(told.is_ok(), there.is_ok(), "{told:?}, {there:?}");
    }
}

/// Spoils a write: its commit will fail, and leave it open on its connection.
async fn spoil(write: &mut Write) {
    let spoilt = if write.shared {
        let spoilt = sqlx::query("SELECT 1 FROM nowhere");
        spoilt.execute(&mut *write.tx).await.is_err()
    } else {
        let spoilt = sqlx::raw_sql(
            "PRAGMA defer_foreign_keys = ON; \
             INSERT INTO record (event, kind, id, version, body, changed_at) \
             VALUES ('nowhere', 'group', 'x', 1, '{}', '')",
        );
        spoilt.execute(&mut *write.tx).await.is_ok()
    };
    assert!(spoilt);
}

#[tokio::test]
async fn what_is_acknowledged_after_a_write_that_was_not_is_kept() {
    // More often than there are connections, so that each would be met again.
    const OFTEN: usize = 12;
    for (stores, _folder) in pairs("afterwards").await {
        for n in 0..OFTEN {
            let mut write = stores[0].write().await.unwrap();
            let lost = format!("lost-{n}");
            let first = act("afterwards", "group", &lost);
            write
                .put_record(&first, Expected::Nothing, "{}")
                .await
                .unwrap();
            if n % 2 == 0 {
                spoil(&mut write).await;
                assert!(write.commit().await.is_err());
            } else {
                drop(write);
            }
            let kept = format!("kept-{n}");
            let after = act("afterwards", "group", &kept);
            let after = put(&stores[0], after, Expected::Nothing).await;
            assert!(after.is_ok(), "{n}: {after:?}");
        }
        for n in 0..OFTEN {
            let there = async |what: &str| {
                let id = format!("{what}-{n}");
                stores[1].record("afterwards", "group", &id).await.is_ok()
            };
            assert!(there("kept").await, "{n} is lost");
            assert!(!there("lost").await, "{n} is there");
        }
    }
}

#[tokio::test]
async fn a_character_that_cannot_be_kept_is_refused_and_not_a_failure() {
    for (stores, _folder) in pairs("zeros").await {
        if stores[0].is_shared() {
            let refused = put(&stores[0], act("zeros", "group", "a\0b"), Expected::Nothing).await;
            assert!(
                matches!(refused, Err(StoreError::Unwritable)),
                "{refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn writes_of_another_node_are_heard_of() {
    for (stores, _folder) in pairs("heard").await {
        if !stores[0].is_shared() {
            continue;
        }
        let (stop, stopping) = watch::channel(false);
        let mut changed = stores[1].listen();
        let hearing = {
            let store = stores[1].clone();
            tokio::spawn(async move { store.hear_others(stopping).await })
        };
        let heard = async |changed: &mut watch::Receiver<()>| {
            timeout(PATIENCE, changed.changed()).await.unwrap().unwrap();
        };
        // Listening has begun.
        heard(&mut changed).await;
        put(&stores[0], act("heard", "group", "x"), Expected::Nothing)
            .await
            .unwrap();
        heard(&mut changed).await;
        stop.send_replace(true);
        hearing.await.unwrap();
    }
}

#[tokio::test]
async fn nodes_that_start_at_once_make_the_tables_once() {
    let Some(server) = server() else { return };
    let address = fresh(&server, "at_once").await;
    let starts = (0..4).map(|_| {
        let address = address.clone();
        tokio::spawn(async move { Store::connect(&address).await.unwrap() })
    });
    for start in starts.collect::<Vec<_>>() {
        let store = start.await.unwrap();
        let made = sqlx::query("SELECT COUNT(*) FROM _sqlx_migrations");
        let made = made.fetch_one(&store.read).await.unwrap();
        let once = i64::try_from(super::MIGRATIONS.iter().count()).unwrap();
        assert_eq!(made.get::<i64, _>(0), once);
    }
}
