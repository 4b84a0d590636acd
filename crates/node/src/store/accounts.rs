//! Accounts, and what opens them: secrets that are shown once and kept only as their digest.

use sha2::{Digest, Sha256};
use sqlx::FromRow;

use super::{Store, StoreError, now};

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
    /// `operator`, `deputy`, `leader` or `scheduler`.
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

#[derive(FromRow)]
struct AccountRow {
    id: String,
    name: String,
    admin: i64,
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

    /// An account by its id.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub(crate) async fn account_by_id(&self, id: &str) -> Result<Account, StoreError> {
        let row = sqlx::query_as("SELECT id, name, admin FROM account WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional(&self.read)
            .await?;
        self.account(row).await
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
