//! How someone becomes an account: an invite, used once, and the login that it opens.

use jiff::{Span, Timestamp};
use sqlx::FromRow;

use super::accounts::Secret;
use super::seats::Seat;
use super::{Act, Store, StoreError, Write, now, stamp};

/// Days for which an invite can be used.
const INVITE_DAYS: i64 = 14;
/// Days for which a login lasts.
const LOGIN_DAYS: i64 = 30;

/// What a new invite offers.
#[derive(Clone, Debug)]
pub(crate) struct Invitation<'a> {
    /// The name of who is invited.
    pub(crate) name: &'a str,
    /// None for an admin of the node.
    pub(crate) event: Option<&'a str>,
    /// `admin`, `scheduler`, `leader`, `deputy` or `operator`.
    pub(crate) role: &'a str,
    pub(crate) group: &'a str,
    pub(crate) operator: &'a str,
    /// The account that it lets in again, instead of making a new one.
    pub(crate) account: Option<&'a str>,
}

/// An invite, without its secret.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct InviteRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) event: Option<String>,
    pub(crate) role: String,
    pub(crate) group_id: String,
    pub(crate) operator: String,
    pub(crate) account: Option<String>,
    pub(crate) created_by: Option<String>,
    pub(crate) created_at: String,
    pub(crate) expires_at: String,
}

/// A new invite: its id, the secret that is shown once, and when it runs out.
pub(crate) struct Invited {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    pub(crate) expires_at: String,
}

/// An instant some days from now, as it is stored.
pub(super) fn in_days(days: i64) -> String {
    let now = Timestamp::now();
    stamp(now.checked_add(Span::new().hours(24 * days)).unwrap_or(now))
}

impl Store {
    /// The invites after an id that can still be used, in order of id.
    pub(crate) async fn invites(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<InviteRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, name, event, role, group_id, operator, account, created_by, created_at, expires_at FROM invite \
             WHERE id > $1 AND used_at IS NULL AND expires_at > $2 ORDER BY id LIMIT $3",
        )
        .bind(after.to_owned())
        .bind(now())
        .bind(limit)
        .fetch_all(&self.read)
        .await?)
    }

    /// An invite that can still be used.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub(crate) async fn invite(&self, id: &str) -> Result<InviteRow, StoreError> {
        sqlx::query_as(
            "SELECT id, name, event, role, group_id, operator, account, created_by, created_at, expires_at FROM invite \
             WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(id.to_owned())
        .bind(now())
        .fetch_optional(&self.read)
        .await?
        .ok_or(StoreError::Missing)
    }
}

impl Write {
    /// Makes an invite; its secret is in the answer and nowhere else.
    pub(crate) async fn invite(
        &mut self,
        by: Option<&str>,
        invitation: &Invitation<'_>,
    ) -> Result<Invited, StoreError> {
        let (id, secret) = (format!("i{}", self.next("invite").await?), Secret::new());
        let expires_at = in_days(INVITE_DAYS);
        sqlx::query(
            "INSERT INTO invite (id, secret, name, event, role, group_id, operator, account, created_by, created_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id.clone())
        .bind(secret.digest())
        .bind(invitation.name.to_owned())
        .bind(invitation.event.map(str::to_owned))
        .bind(invitation.role.to_owned())
        .bind(invitation.group.to_owned())
        .bind(invitation.operator.to_owned())
        .bind(invitation.account.map(str::to_owned))
        .bind(by.map(str::to_owned))
        .bind(self.at.clone())
        .bind(expires_at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.audit(&about(
            by,
            "create",
            &id,
            invitation.event,
            invitation.group,
        ))
        .await?;
        Ok(Invited {
            id,
            secret,
            expires_at,
        })
    }

    /// Takes an invite back.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none that could still be used.
    pub(crate) async fn revoke_invite(
        &mut self,
        by: Option<&str>,
        id: &str,
    ) -> Result<(), StoreError> {
        let row: InviteRow = sqlx::query_as(
            "DELETE FROM invite WHERE id = $1 AND used_at IS NULL RETURNING id, name, event, role, group_id, \
             operator, account, created_by, created_at, expires_at",
        )
        .bind(id.to_owned())
        .fetch_optional(&mut *self.tx)
        .await?
        .ok_or(StoreError::Missing)?;
        let event = row.event.as_deref();
        self.audit(&about(by, "delete", id, event, &row.group_id))
            .await?;
        Ok(())
    }

    /// Closes every invite that could still be used, and revokes every token: what a restored backup begins with,
    /// as what was used or revoked after it was made would open again. How many there were.
    pub(crate) async fn close_all(&mut self) -> Result<u64, StoreError> {
        let invites = sqlx::query("DELETE FROM invite WHERE used_at IS NULL")
            .execute(&mut *self.tx)
            .await?;
        let tokens = sqlx::query("UPDATE token SET revoked_at = $1 WHERE revoked_at IS NULL")
            .bind(self.at.clone())
            .execute(&mut *self.tx)
            .await?;
        self.audit(&about(None, "restore", "node", None, ""))
            .await?;
        Ok(invites.rows_affected() + tokens.rows_affected())
    }

    /// Uses an invite up, and logs its account in; the login's secret. Who is signed in already (`into`) keeps her
    /// account and gets one more seat.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, it was used, or has run out.
    pub(crate) async fn redeem(
        &mut self,
        secret: &Secret,
        into: Option<&str>,
    ) -> Result<Secret, StoreError> {
        let invite: InviteRow = sqlx::query_as(
            "UPDATE invite SET used_at = $1 WHERE secret = $2 AND used_at IS NULL AND expires_at > $1 \
             RETURNING id, name, event, role, group_id, operator, account, created_by, created_at, expires_at",
        )
        .bind(self.at.clone())
        .bind(secret.digest())
        .fetch_optional(&mut *self.tx)
        .await?
        .ok_or(StoreError::Missing)?;
        let account = match (&invite.account, into) {
            (Some(account), _) => account.clone(),
            (None, Some(account)) => {
                self.take_place(account, &invite).await?;
                account.to_owned()
            }
            (None, None) => {
                let account = self.new_account(&invite.name).await?;
                self.take_place(&account, &invite).await?;
                account
            }
        };
        let login = Secret::new();
        sqlx::query(
            "INSERT INTO login (secret, account, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(login.digest())
        .bind(account.clone())
        .bind(self.at.clone())
        .bind(in_days(LOGIN_DAYS))
        .execute(&mut *self.tx)
        .await?;
        let event = invite.event.as_deref();
        self.audit(&about(
            Some(&account),
            "redeem",
            &invite.id,
            event,
            &invite.group_id,
        ))
        .await?;
        Ok(login)
    }

    async fn new_account(&mut self, name: &str) -> Result<String, StoreError> {
        let id = format!("a{}", self.next("account").await?);
        sqlx::query("INSERT INTO account (id, name, admin, created_at) VALUES ($1, $2, 0, $3)")
            .bind(id.clone())
            .bind(name.to_owned())
            .bind(self.at.clone())
            .execute(&mut *self.tx)
            .await?;
        Ok(id)
    }

    /// Gives an account what an invite offers.
    async fn take_place(&mut self, account: &str, invite: &InviteRow) -> Result<(), StoreError> {
        let Some(event) = &invite.event else {
            sqlx::query("UPDATE account SET admin = 1 WHERE id = $1")
                .bind(account.to_owned())
                .execute(&mut *self.tx)
                .await?;
            return Ok(());
        };
        let seat = Seat {
            account: account.to_owned(),
            role: invite.role.clone(),
            group_id: invite.group_id.clone(),
            operator: invite.operator.clone(),
        };
        self.seat(Some(account), event, &seat).await
    }

    /// Ends a login.
    pub(crate) async fn log_out(&mut self, secret: &Secret) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM login WHERE secret = $1")
            .bind(secret.digest())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Ends every login of an account.
    pub(crate) async fn log_out_everywhere(&mut self, account: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM login WHERE account = $1")
            .bind(account.to_owned())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

fn about<'a>(
    by: Option<&'a str>,
    action: &'static str,
    id: &'a str,
    event: Option<&'a str>,
    group: &'a str,
) -> Act<'a> {
    Act {
        account: by,
        action,
        event,
        kind: "invite",
        id,
        group: Some(group).filter(|group| !group.is_empty()),
    }
}
