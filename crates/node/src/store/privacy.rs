//! What is kept of one person, and how it goes: on her word, or on the day that an event's personal data are erased.
//!
//! Plans and the problems that they answer are documents of the whole event: they go on that day. The audit stays; it
//! has only ids.

use sqlx::FromRow;

use super::{Act, Store, StoreError, Write};

/// The kinds of records that are about people.
const OF_PEOPLE: &str = "('operator', 'speaker', 'availability', 'busy', 'pin')";

/// A record about a person.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct AboutHer {
    pub(crate) kind: String,
    pub(crate) version: i64,
    pub(crate) body: String,
    pub(crate) changed_at: String,
}

/// A calendar of hers.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct HerCalendar {
    /// Empty for one that was handed in.
    pub(crate) url: String,
    pub(crate) good_copy: Option<String>,
    pub(crate) good_at: Option<String>,
}

impl Store {
    /// The records about an operator.
    pub(crate) async fn about_her(
        &self,
        event: &str,
        operator: &str,
    ) -> Result<Vec<AboutHer>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT kind, version, body, changed_at FROM record WHERE event = $1 AND \
             ((kind = 'operator' AND id = $2) OR (kind IN ('availability', 'busy') AND id = $3)) ORDER BY kind",
        )
        .bind(event.to_owned())
        .bind(operator.to_owned())
        .bind(format!("operator.{operator}"))
        .fetch_all(&self.read)
        .await?)
    }

    /// The calendar of an operator.
    pub(crate) async fn her_calendar(
        &self,
        event: &str,
        operator: &str,
    ) -> Result<Option<HerCalendar>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT url, good_copy, good_at FROM calendar WHERE event = $1 AND id = $2",
        )
        .bind(event.to_owned())
        .bind(format!("operator.{operator}"))
        .fetch_optional(&self.read)
        .await?)
    }

    /// The events whose personal data are to be erased on that day or were before.
    pub(crate) async fn due_erasures(&self, day: &str) -> Result<Vec<String>, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT id FROM event WHERE erase_on <= $1 ORDER BY id")
                .bind(day.to_owned())
                .fetch_all(&self.read)
                .await?,
        )
    }
}

impl Write {
    /// Says on which day an event's personal data are erased; none for never.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such event, [`StoreError::Stale`] when it is another version.
    pub(crate) async fn set_erase_on(
        &mut self,
        by: &str,
        (event, version): (&str, i64),
        day: Option<&str>,
    ) -> Result<i64, StoreError> {
        let there: Option<i64> = sqlx::query_scalar("SELECT version FROM event WHERE id = $1")
            .bind(event.to_owned())
            .fetch_optional(&mut *self.tx)
            .await?;
        match there {
            None => return Err(StoreError::Missing),
            Some(there) if there != version => return Err(StoreError::Stale(there)),
            Some(_) => {}
        }
        sqlx::query("UPDATE event SET erase_on = $1, version = version + 1 WHERE id = $2")
            .bind(day.map(str::to_owned))
            .bind(event.to_owned())
            .execute(&mut *self.tx)
            .await?;
        self.audit(&about(Some(by), "change", event, "event", event))
            .await?;
        Ok(version + 1)
    }

    /// Erases an operator: her record, what she said, her calendar, feeds, invites and seats, and her account when it
    /// has no other seat.
    pub(crate) async fn forget_operator(
        &mut self,
        by: &str,
        event: &str,
        operator: &str,
    ) -> Result<(), StoreError> {
        let times = format!("operator.{operator}");
        for (text, id) in [
            (
                "DELETE FROM record WHERE event = $1 AND kind = 'operator' AND id = $2",
                operator,
            ),
            (
                "DELETE FROM record WHERE event = $1 AND kind IN ('availability', 'busy') AND id = $2",
                &times,
            ),
            ("DELETE FROM calendar WHERE event = $1 AND id = $2", &times),
            (
                "DELETE FROM invite WHERE event = $1 AND operator = $2",
                operator,
            ),
            (
                "DELETE FROM feed WHERE event = $1 AND scope = 'person' AND subject = $2",
                operator,
            ),
            (
                "DELETE FROM membership WHERE event = $1 AND operator = $2 AND role IN ('operator', 'deputy')",
                operator,
            ),
            (
                "UPDATE membership SET operator = '' WHERE event = $1 AND operator = $2",
                operator,
            ),
            (
                "UPDATE event SET generation = generation + 1 WHERE id = $1 AND $2 <> ''",
                operator,
            ),
        ] {
            sqlx::query(text)
                .bind(event.to_owned())
                .bind(id.to_owned())
                .execute(&mut *self.tx)
                .await?;
        }
        self.forget_accounts().await?;
        self.audit(&about(Some(by), "erase", event, "operator", operator))
            .await?;
        Ok(())
    }

    /// Erases all personal data of an event: people and what they said, seats and invites, plans and their problems.
    /// Whether there was something to do: its day has come, and nobody else did it.
    pub(crate) async fn erase_people(
        &mut self,
        event: &str,
        day: &str,
    ) -> Result<bool, StoreError> {
        let due = sqlx::query(
            "UPDATE event SET erase_on = NULL, current_plan = NULL, version = version + 1, \
             generation = generation + 1 WHERE id = $1 AND erase_on <= $2",
        )
        .bind(event.to_owned())
        .bind(day.to_owned())
        .execute(&mut *self.tx)
        .await?;
        if due.rows_affected() == 0 {
            return Ok(false);
        }
        let records = format!("DELETE FROM record WHERE event = $1 AND kind IN {OF_PEOPLE}");
        sqlx::query(sqlx::AssertSqlSafe(records))
            .bind(event.to_owned())
            .execute(&mut *self.tx)
            .await?;
        for text in [
            "DELETE FROM calendar WHERE event = $1",
            "DELETE FROM invite WHERE event = $1",
            "DELETE FROM feed WHERE event = $1",
            "DELETE FROM plan WHERE event = $1",
            "DELETE FROM job WHERE event = $1",
            "DELETE FROM problem WHERE event = $1",
            "DELETE FROM membership WHERE event = $1",
        ] {
            sqlx::query(text)
                .bind(event.to_owned())
                .execute(&mut *self.tx)
                .await?;
        }
        self.forget_accounts().await?;
        self.audit(&about(None, "erase", event, "event", event))
            .await?;
        Ok(true)
    }

    /// Deletes the accounts that have no seat left, with their logins and tokens.
    async fn forget_accounts(&mut self) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM account WHERE admin = 0 AND id NOT IN (SELECT account FROM membership)",
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

fn about<'a>(
    by: Option<&'a str>,
    action: &'static str,
    event: &'a str,
    kind: &'a str,
    id: &'a str,
) -> Act<'a> {
    Act {
        account: by,
        action,
        event: Some(event),
        kind,
        id,
        group: None,
    }
}
