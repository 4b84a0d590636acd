//! Tokens: what a program shows instead of a login, for some purposes only, until it is revoked.

use sqlx::FromRow;

use super::accounts::Secret;
use super::invites::in_days;
use super::{Act, Store, StoreError, Write, now};

/// A token, without its secret.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct TokenRow {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Separated by blanks.
    pub(crate) scopes: String,
    pub(crate) created_at: String,
    pub(crate) expires_at: Option<String>,
}

/// What a new token is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewToken<'a> {
    pub(crate) name: &'a str,
    /// Separated by blanks.
    pub(crate) scopes: &'a str,
    /// None for one that does not run out.
    pub(crate) days: Option<i64>,
}

impl Store {
    /// The tokens of an account that can still be used, in order of id.
    pub(crate) async fn tokens(&self, account: &str) -> Result<Vec<TokenRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, name, scopes, created_at, expires_at FROM token \
             WHERE account = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) ORDER BY id",
        )
        .bind(account.to_owned())
        .bind(now())
        .fetch_all(&self.read)
        .await?)
    }
}

impl Write {
    /// Makes a token; its secret is in the answer and nowhere else.
    pub(crate) async fn make_token(
        &mut self,
        account: &str,
        token: NewToken<'_>,
    ) -> Result<(TokenRow, Secret), StoreError> {
        let (id, secret) = (format!("t{}", self.next("token").await?), Secret::new());
        let row = TokenRow {
            id,
            name: token.name.to_owned(),
            scopes: token.scopes.to_owned(),
            created_at: self.at.clone(),
            expires_at: token.days.map(in_days),
        };
        sqlx::query(
            "INSERT INTO token (id, secret, account, name, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(row.id.clone())
        .bind(secret.digest())
        .bind(account.to_owned())
        .bind(row.name.clone())
        .bind(row.scopes.clone())
        .bind(row.created_at.clone())
        .bind(row.expires_at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.audit(&about(account, "create", &row.id)).await?;
        Ok((row, secret))
    }

    /// Revokes a token of an account.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when the account has no such token.
    pub(crate) async fn revoke_token(&mut self, account: &str, id: &str) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE token SET revoked_at = $1 WHERE id = $2 AND account = $3 AND revoked_at IS NULL",
        )
        .bind(self.at.clone())
        .bind(id.to_owned())
        .bind(account.to_owned())
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Missing);
        }
        self.audit(&about(account, "revoke", id)).await?;
        Ok(())
    }
}

fn about<'a>(account: &'a str, action: &'static str, id: &'a str) -> Act<'a> {
    Act {
        account: Some(account),
        action,
        event: None,
        kind: "token",
        id,
        group: None,
    }
}
