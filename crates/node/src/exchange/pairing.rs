//! Showing this node to another one, so that people can make sure of both.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::calls::{MEDIA, place};
use super::peers::NodeDocument;
use super::shell::{Exchange, ExchangeError};
use crate::fetch::{Call, Fetcher};
use crate::store::PeerRow;

/// The most that is read of what a node says of itself.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The longest wait for it: whoever asked is waiting, too.
const PATIENCE: Duration = Duration::from_secs(15);

impl Exchange {
    /// Shows this node to the one at an address, and notes who that is.
    ///
    /// # Errors
    /// [`ExchangeError`]; when the address may not be called, or no node that exchanges answers there.
    pub(crate) async fn show_to(
        &self,
        fetcher: &Fetcher,
        url: &str,
    ) -> Result<PeerRow, ExchangeError> {
        let unreachable = |why: &dyn std::fmt::Display| {
            ExchangeError::Unfit(format!("{url} cannot be added: {why}"))
        };
        fetcher
            .admits_receiver(url)
            .map_err(|why| unreachable(&why))?;
        let base = Url::parse(url).map_err(|why| unreachable(&why))?;
        let own = self.document().await?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA));
        let call = Call {
            method: Method::POST,
            url: place(&base, "/fed/v1/pairing", None).map_err(|why| unreachable(&why))?,
            headers,
            body: serde_json::to_vec(&json!({ "node": own })).map_err(anyhow::Error::from)?,
            most_bytes: MOST_BYTES,
            patience: PATIENCE,
        };
        let called = fetcher.call(call).await;
        let called = called.map_err(|why| unreachable(&why))?;
        if called.status != 200 {
            let said: Value = serde_json::from_slice(&called.body).unwrap_or_default();
            let said = said["detail"]
                .as_str()
                .unwrap_or("it is no node that exchanges");
            return Err(unreachable(&said));
        }
        let document: NodeDocument =
            serde_json::from_slice(&called.body).map_err(|why| unreachable(&why))?;
        let group = self.meet(&document, base.as_str()).await?;
        Ok(self.store().peer(&group.to_string()).await?)
    }
}
