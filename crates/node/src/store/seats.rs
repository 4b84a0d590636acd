//! Who sits where: operators, deputies, leaders and schedulers of an event, and how a group is handed over.
//!
//! A group that has had two leaders, or a leader and a deputy, is never left with less: what would do that fails
//! with [`StoreError::Blocked`], unless it is done on the word of who runs the node ([`Keep::Nobody`]).

use sqlx::FromRow;

use super::{Act, Store, StoreError, Write};

/// What someone is in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) account: String,
    /// `operator`, `deputy`, `leader` or `scheduler`.
    pub(crate) role: String,
    /// Empty for schedulers.
    pub(crate) group_id: String,
    /// The operator she is; empty for those who are none.
    pub(crate) operator: String,
}

/// A seat, and who sits there.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Sitting {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) group_id: String,
    pub(crate) operator: String,
    pub(crate) created_at: String,
}

/// How many lead a group, and how many would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) leaders: i64,
    pub(crate) deputies: i64,
}

impl Lead {
    /// Whether the group can lose one of them and still be led.
    pub(crate) fn is_safe(self) -> bool {
        self.leaders >= 2 || (self.leaders >= 1 && self.deputies >= 1)
    }
}

/// Who must stay when a seat is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Those who lead the group, safely where it was so.
    Led,
    /// Nobody.
    Nobody,
}

/// The seats of an event with the names of who sits there.
const SITTINGS: &str = "SELECT m.account, a.name, m.role, m.group_id, m.operator, m.created_at \
     FROM membership m JOIN account a ON a.id = m.account WHERE m.event = $1 \
     ORDER BY m.account, m.role, m.group_id";

impl Store {
    /// All seats of an event, in order of account, role and group.
    pub(crate) async fn sittings(&self, event: &str) -> Result<Vec<Sitting>, StoreError> {
        Ok(sqlx::query_as(SITTINGS)
            .bind(event.to_owned())
            .fetch_all(&self.read)
            .await?)
    }
}

impl Write {
    /// Gives someone a seat; who sits there already keeps it, as the operator named last.
    pub(crate) async fn seat(
        &mut self,
        by: Option<&str>,
        event: &str,
        seat: &Seat,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO membership (account, event, role, group_id, operator, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account, event, role, group_id) DO UPDATE SET \
             operator = CASE WHEN excluded.operator = '' THEN membership.operator ELSE excluded.operator END",
        )
        .bind(seat.account.clone())
        .bind(event.to_owned())
        .bind(seat.role.clone())
        .bind(seat.group_id.clone())
        .bind(seat.operator.clone())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.audit(&about(by, "seat", event, seat)).await?;
        Ok(())
    }

    /// Takes a seat away.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when nobody sits there, [`StoreError::Blocked`] when a group would be left without a
    /// second leader or a deputy.
    pub(crate) async fn unseat(
        &mut self,
        by: Option<&str>,
        event: &str,
        seat: &Seat,
        keep: Keep,
    ) -> Result<(), StoreError> {
        let before = self.lead(event, &seat.group_id).await?;
        self.take_away(event, seat).await?;
        let after = self.lead(event, &seat.group_id).await?;
        let led = matches!(seat.role.as_str(), "leader" | "deputy");
        let kept = keep == Keep::Led && led;
        if kept && (after.leaders == 0 || (before.is_safe() && !after.is_safe())) {
            return Err(StoreError::Blocked(
                "the group would be left without a second leader or a deputy: name one first",
            ));
        }
        self.audit(&about(by, "unseat", event, seat)).await?;
        Ok(())
    }

    async fn take_away(&mut self, event: &str, seat: &Seat) -> Result<(), StoreError> {
        let gone = sqlx::query(
            "DELETE FROM membership WHERE account = $1 AND event = $2 AND role = $3 AND group_id = $4",
        )
        .bind(seat.account.clone())
        .bind(event.to_owned())
        .bind(seat.role.clone())
        .bind(seat.group_id.clone())
        .execute(&mut *self.tx)
        .await?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::Missing);
        }
        Ok(())
    }

    /// Hands a group over: `to` leads it from now on, and `from` no longer does, but stays as its deputy.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when `to` has no seat in the group, or `from` does not lead it.
    pub(crate) async fn hand_over(
        &mut self,
        by: Option<&str>,
        (event, group): (&str, &str),
        from: Option<&str>,
        to: &str,
    ) -> Result<(), StoreError> {
        let operator = self.operator_in(event, group, to).await?;
        let seat = |account: &str, role: &str, operator: String| Seat {
            account: account.to_owned(),
            role: role.to_owned(),
            group_id: group.to_owned(),
            operator,
        };
        self.seat(by, event, &seat(to, "leader", operator)).await?;
        if let Some(from) = from.filter(|from| *from != to) {
            let operator = self.operator_in(event, group, from).await?;
            self.seat(by, event, &seat(from, "deputy", operator))
                .await?;
            let leads = seat(from, "leader", String::new());
            self.unseat(by, event, &leads, Keep::Led).await?;
        }
        // Who leads is no longer her own deputy.
        let deputy = seat(to, "deputy", String::new());
        match self.take_away(event, &deputy).await {
            Ok(()) | Err(StoreError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// How many lead a group.
    pub(crate) async fn lead(&mut self, event: &str, group: &str) -> Result<Lead, StoreError> {
        let (leaders, deputies) = sqlx::query_as(
            "SELECT COUNT(CASE WHEN role = 'leader' THEN 1 END), COUNT(CASE WHEN role = 'deputy' THEN 1 END) \
             FROM membership WHERE event = $1 AND group_id = $2",
        )
        .bind(event.to_owned())
        .bind(group.to_owned())
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(Lead { leaders, deputies })
    }

    /// The operator that someone is in a group; empty for those who are none.
    async fn operator_in(
        &mut self,
        event: &str,
        group: &str,
        account: &str,
    ) -> Result<String, StoreError> {
        sqlx::query_scalar(
            "SELECT MAX(operator) FROM membership WHERE event = $1 AND group_id = $2 AND account = $3 \
             HAVING COUNT(*) > 0",
        )
        .bind(event.to_owned())
        .bind(group.to_owned())
        .bind(account.to_owned())
        .fetch_optional(&mut *self.tx)
        .await?
        .ok_or(StoreError::Missing)
    }
}

fn about<'a>(by: Option<&'a str>, action: &'static str, event: &'a str, seat: &'a Seat) -> Act<'a> {
    Act {
        account: by,
        action,
        event: Some(event),
        kind: "seat",
        id: &seat.account,
        group: Some(seat.group_id.as_str()).filter(|group| !group.is_empty()),
    }
}
