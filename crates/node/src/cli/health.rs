//! `meridian node health`: asks a running node whether it works, for those who watch over it.

use std::time::Duration;

use clap::Args;
use meridian_formats::FaultCode;
use reqwest::{Client, Url};

use crate::ending::{Ending, Failure, refusal};
use crate::out;

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Args, Debug)]
pub(crate) struct HealthArgs {
    /// The node's address
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8600")]
    address: String,
}

/// Asks, and ends with 1 when the node does not say that it is well.
///
/// # Errors
/// When the address is none.
pub(crate) async fn run(args: &HealthArgs) -> Result<Ending, Failure> {
    let url = Url::parse(&args.address).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.and_then(|url| url.join("/health").ok());
    let Some(url) = url else {
        return Err(refusal(
            FaultCode::F031,
            "URL",
            "it is no address of a node",
            "write it as in http://127.0.0.1:8600",
        ));
    };
    let client = Client::builder().timeout(PATIENCE).no_proxy().build();
    let client = client.map_err(anyhow::Error::from)?;
    let (said, ending) = match client.get(url).send().await {
        Ok(answer) if answer.status().is_success() => ("It is well.".to_owned(), Ending::Clean),
        Ok(answer) => (
            format!("It is not well: it answers with {}.", answer.status()),
            Ending::Lacking,
        ),
        Err(error) if error.is_timeout() => {
            ("It does not answer in time.".to_owned(), Ending::Lacking)
        }
        Err(_) => ("It does not answer.".to_owned(), Ending::Lacking),
    };
    out::answer(&format!("{said}\n"))?;
    Ok(ending)
}
