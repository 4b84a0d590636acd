//! Who may come in: accounts, what they are in which event, invites, logins and tokens.
//!
//! A secret is made by [`Secret::new`], shown once, and kept only as its digest.

use jiff::{Span, Timestamp};
use sha2::{Digest, Sha256};
use sqlx::FromRow;

use super::{Act, Store, StoreError, Write, now, stamp};

/// Days for which an invite can be used.
const INVITE_DAYS: i64 = 14;
/// Days for which a login lasts.
const LOGIN_DAYS: i64 = 30;

/// A secret that opens something: 256 random bits.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    /// A new one.
    pub(crate) fn new() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(hex(&bytes))
    }

    /// One that someone shows.
    pub(crate) fn shown(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The secret itself, to be shown once.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn digest(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What someone is in an event.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Membership {
    pub(crate) event: String,
    /// `operator`, `leader` or `scheduler`.
    pub(crate) role: String,
    /// Her group; empty for schedulers.
    pub(crate) group_id: String,
    /// The operator she is; empty for those who are none.
    pub(crate) operator: String,
}

/// An account and all that it may be.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) admin: bool,
    pub(crate) memberships: Vec<Membership>,
}

/// What a new invite offers.
#[derive(Clone, Debug)]
pub(crate) struct Invitation<'a> {
    /// The name of who is invited.
    pub(crate) name: &'a str,
    /// None for an admin of the node.
    pub(crate) event: Option<&'a str>,
    /// `admin`, `scheduler`, `leader` or `operator`.
    pub(crate) role: &'a str,
    pub(crate) group: &'a str,
    pub(crate) operator: &'a str,
    /// The account that it lets in again, instead of making a new one.
    pub(crate) account: Option<&'a str>,
}

#[derive(FromRow)]
struct InviteRow {
    id: String,
    name: String,
    event: Option<String>,
    role: String,
    group_id: String,
    operator: String,
    account: Option<String>,
}

#[derive(FromRow)]
struct AccountRow {
    id: String,
    name: String,
    admin: i64,
}

/// An instant some days from now, as it is stored.
fn in_days(days: i64) -> String {
    let now = Timestamp::now();
    stamp(now.checked_add(Span::new().hours(24 * days)).unwrap_or(now))
}

impl Store {
    /// Whether nobody can come in yet.
    pub(crate) async fn is_new(&self) -> Result<bool, StoreError> {
        let accounts: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM account")
            .fetch_one(&self.read)
            .await?;
        Ok(accounts == 0)
    }

    /// The account behind a login's secret.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, or the login has run out.
    pub(crate) async fn account_of_login(&self, secret: &Secret) -> Result<Account, StoreError> {
        let row = sqlx::query_as(
            "SELECT a.id, a.name, a.admin FROM login l JOIN account a ON a.id = l.account \
             WHERE l.secret = $1 AND l.expires_at > $2",
        )
        .bind(secret.digest())
        .bind(now())
        .fetch_optional(&self.read)
        .await?;
        self.account(row).await
    }

    /// The account behind a token's secret, and the token's scopes, separated by blanks.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, or it has run out or was revoked.
    pub(crate) async fn account_of_token(
        &self,
        secret: &Secret,
    ) -> Result<(Account, String), StoreError> {
        let scopes = sqlx::query_scalar(
            "SELECT scopes FROM token WHERE secret = $1 AND revoked_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(secret.digest())
        .bind(now())
        .fetch_optional(&self.read)
        .await?
        .ok_or(StoreError::Missing)?;
        let row = sqlx::query_as(
            "SELECT a.id, a.name, a.admin FROM token t JOIN account a ON a.id = t.account WHERE t.secret = $1",
        )
        .bind(secret.digest())
        .fetch_optional(&self.read)
        .await?;
        Ok((self.account(row).await?, scopes))
    }

    async fn account(&self, row: Option<AccountRow>) -> Result<Account, StoreError> {
        let row = row.ok_or(StoreError::Missing)?;
        let memberships = sqlx::query_as(
            "SELECT event, role, group_id, operator FROM membership WHERE account = $1 ORDER BY event, role, group_id",
        )
        .bind(row.id.clone())
        .fetch_all(&self.read)
        .await?;
        Ok(Account {
            id: row.id,
            name: row.name,
            admin: row.admin != 0,
            memberships,
        })
    }
}

impl Write {
    /// Makes an invite; its secret is in the answer and nowhere else.
    pub(crate) async fn invite(
        &mut self,
        by: Option<&str>,
        invitation: &Invitation<'_>,
    ) -> Result<(String, Secret), StoreError> {
        let (id, secret) = (format!("i{}", self.next("invite").await?), Secret::new());
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
        .bind(in_days(INVITE_DAYS))
        .execute(&mut *self.tx)
        .await?;
        let group = Some(invitation.group).filter(|group| !group.is_empty());
        self.audit(&Act {
            account: by,
            action: "create",
            event: invitation.event,
            kind: "invite",
            id: &id,
            group,
        })
        .await?;
        Ok((id, secret))
    }

    /// Uses an invite up, and logs its account in; the login's secret.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, it was used, or has run out.
    pub(crate) async fn redeem(&mut self, secret: &Secret) -> Result<Secret, StoreError> {
        let invite: InviteRow = sqlx::query_as(
            "UPDATE invite SET used_at = $1 WHERE secret = $2 AND used_at IS NULL AND expires_at > $1 \
             RETURNING id, name, event, role, group_id, operator, account",
        )
        .bind(self.at.clone())
        .bind(secret.digest())
        .fetch_optional(&mut *self.tx)
        .await?
        .ok_or(StoreError::Missing)?;
        let account = match invite.account.clone() {
            Some(account) => account,
            None => self.new_account(&invite).await?,
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
        self.audit(&Act {
            account: Some(&account),
            action: "redeem",
            event: invite.event.as_deref(),
            kind: "invite",
            id: &invite.id,
            group: Some(invite.group_id.as_str()).filter(|group| !group.is_empty()),
        })
        .await?;
        Ok(login)
    }

    async fn new_account(&mut self, invite: &InviteRow) -> Result<String, StoreError> {
        let id = format!("a{}", self.next("account").await?);
        sqlx::query("INSERT INTO account (id, name, admin, created_at) VALUES ($1, $2, $3, $4)")
            .bind(id.clone())
            .bind(invite.name.clone())
            .bind(i64::from(invite.role == "admin"))
            .bind(self.at.clone())
            .execute(&mut *self.tx)
            .await?;
        if let Some(event) = &invite.event {
            sqlx::query(
                "INSERT INTO membership (account, event, role, group_id, operator, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(id.clone())
            .bind(event.clone())
            .bind(invite.role.clone())
            .bind(invite.group_id.clone())
            .bind(invite.operator.clone())
            .bind(self.at.clone())
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(id)
    }

    /// Ends a login.
    pub(crate) async fn log_out(&mut self, secret: &Secret) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM login WHERE secret = $1")
            .bind(secret.digest())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
