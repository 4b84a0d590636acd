//! Calling other groups' nodes, under the same guard as fetching.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};

use super::{Fetcher, Refused, refused};

/// A call to another node.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The most that is read of the answer.
    pub(crate) most_bytes: usize,
    /// The longest wait for all of it.
    pub(crate) patience: Duration,
}

/// What it answered.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Fetcher {
    /// Calls, and follows no redirect.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn call(&self, call: Call) -> Result<Called, Refused> {
        self.receiver(call.url.as_str())?;
        let patience = call.patience;
        let whole = tokio::time::timeout(patience, self.called(call));
        whole.await.map_err(|_why| Refused::Slow)?
    }

    async fn called(&self, call: Call) -> Result<Called, Refused> {
        let request = self.client.request(call.method, call.url);
        let request = request
            .headers(call.headers)
            .timeout(call.patience)
            .body(call.body);
        let mut answer = request.send().await.map_err(|error| refused(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| refused(&error))? {
            if body.len() + chunk.len() > call.most_bytes {
                return Err(Refused::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Called {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body,
        })
    }
}
