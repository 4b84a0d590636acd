//! Who is calling, and what she may do.
//!
//! What someone may not even know of does not exist for her: [`Problem::missing`], never "forbidden".

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum_extra::extract::CookieJar;

use super::problem::Problem;
use super::state::Shared;
use crate::store::{Account, Secret, StoreError};

/// The cookie that holds a login's secret.
pub(crate) const COOKIE: &str = "meridian-login";

/// What someone may do with the things of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Sees and changes what is her own.
    Operator,
    /// Sees and changes what is her group's.
    Leader,
    /// Plans the event; whoever runs the node does so too.
    Scheduler,
}

/// Who is calling.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account: Account,
    /// Scopes of the token she shows; a login has them all.
    scopes: Option<Vec<String>>,
}

impl Caller {
    /// Whether she has at least `role` in the event, and for leaders and operators in the group.
    pub(crate) fn is(&self, role: Role, event: &str, group: Option<&str>) -> bool {
        if self.account.admin {
            return true;
        }
        self.account
            .memberships
            .iter()
            .filter(|membership| membership.event == event)
            .any(|membership| match membership.role.as_str() {
                "scheduler" => role <= Role::Scheduler,
                "leader" => role <= Role::Leader && group == Some(membership.group_id.as_str()),
                "operator" | "deputy" => {
                    role <= Role::Operator && group == Some(membership.group_id.as_str())
                }
                _ => false,
            })
    }

    /// Whether she belongs to the event at all.
    pub(crate) fn belongs(&self, event: &str) -> bool {
        self.account.admin || self.account.memberships.iter().any(|m| m.event == event)
    }

    /// Whether she is this operator of the group; who was an operator of another group by that name is not.
    pub(crate) fn is_operator(&self, event: &str, group: Option<&str>, operator: &str) -> bool {
        self.account.memberships.iter().any(|m| {
            m.event == event
                && m.operator == operator
                && !operator.is_empty()
                && group == Some(m.group_id.as_str())
        })
    }

    /// Whether she has this very seat in the group.
    pub(crate) fn sits(&self, event: &str, group: &str, role: &str) -> bool {
        let mut seats = self.account.memberships.iter();
        seats.any(|m| m.event == event && m.group_id == group && m.role == role)
    }

    /// Refuses who does not belong to the event: for her there is no such event.
    pub(crate) fn enter(&self, event: &str) -> Result<(), Problem> {
        if self.belongs(event) {
            Ok(())
        } else {
            Err(Problem::missing("check the address"))
        }
    }

    /// Refuses a token without the scope.
    pub(crate) fn scope(&self, scope: &str) -> Result<(), Problem> {
        match &self.scopes {
            Some(scopes) if !scopes.iter().any(|s| s == scope) => Err(Problem::not_yours(format!(
                "this token lacks the scope {scope:?}: make one that has it"
            ))),
            _ => Ok(()),
        }
    }
}

impl Caller {
    /// Someone as what she is now, for what she once asked for.
    pub(crate) fn absent(account: Account) -> Self {
        Self {
            account,
            scopes: None,
        }
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let caller = identify(parts, state).await?;
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        caller.scope(if reads { "read" } else { "write" })?;
        Ok(caller)
    }
}

async fn identify(parts: &Parts, state: &Shared) -> Result<Caller, Problem> {
    let stranger = |error| match error {
        StoreError::Missing => Problem::unknown_caller("sign in again with a new invite link"),
        other => other.into(),
    };
    if let Some(bearer) = parts.headers.get(header::AUTHORIZATION) {
        let token = bearer
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "))
            .ok_or_else(|| Problem::unknown_caller("send `Authorization: Bearer TOKEN`"))?;
        let (account, scopes) = state
            .store
            .account_of_token(&Secret::shown(token))
            .await
            .map_err(stranger)?;
        let scopes = scopes.split_whitespace().map(str::to_owned).collect();
        return Ok(Caller {
            account,
            scopes: Some(scopes),
        });
    }
    let cookies = CookieJar::from_headers(&parts.headers);
    let login = cookies
        .get(COOKIE)
        .ok_or_else(|| Problem::unknown_caller("sign in with an invite link, or send a token"))?;
    let account = state
        .store
        .account_of_login(&Secret::shown(login.value()))
        .await
        .map_err(stranger)?;
    Ok(Caller {
        account,
        scopes: None,
    })
}
