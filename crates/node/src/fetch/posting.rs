//! Posting to where programs listen, under the same guard as fetching.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::{Fetcher, Refused, refused, text};

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a receiver said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(crate) status: u16,
    /// `Retry-After`, as it was sent.
    pub(crate) retry_after: Option<String>,
}

impl Fetcher {
    /// Whether may be posted to an address, as far as can be told by reading it.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn admits_receiver(&self, url: &str) -> Result<(), Refused> {
        self.receiver(url).map(drop)
    }

    /// Posts, and reads nothing of the answer but its head. Redirects are not followed.
    ///
    /// # Errors
    /// Why it was not posted, or not answered.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Posted, Refused> {
        let request = self.client.post(self.receiver(url)?).headers(headers);
        let sent = tokio::time::timeout(PATIENCE, request.body(body).send()).await;
        let answer = sent.map_err(|_why| Refused::Slow)?;
        let answer = answer.map_err(|error| refused(&error))?;
        Ok(Posted {
            status: answer.status().as_u16(),
            retry_after: text(answer.headers(), RETRY_AFTER),
        })
    }

    /// The address of a receiver. What is posted goes over TLS, but to a trusted machine by its number; and who knows an
    /// address with a password in it would know the password.
    pub(super) fn receiver(&self, text: &str) -> Result<Url, Refused> {
        let url = self.admits.url(text).map_err(|why| match why {
            Refused::Address => Refused::Receiver,
            other => other,
        })?;
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let trusted = literal
            .parse::<IpAddr>()
            .is_ok_and(|address| self.admits.trusts(address));
        let named = !url.username().is_empty() || url.password().is_some();
        // A webcal:// has become an https:// above.
        let scheme = text.split(':').next().unwrap_or_default();
        let sealed = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => trusted,
            _ => false,
        };
        if sealed && !named {
            Ok(url)
        } else {
            Err(Refused::Receiver)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_has_tls_no_password_and_no_private_address() {
        let trusted = ["192.168.7.0/24".parse().expect("a network")];
        let fetcher = Fetcher::new(&trusted).expect("a fetcher");
        for good in [
            "https://bot.example/hook?key=1",
            "HTTPS://bot.example/",
            "https://192.168.7.9/",
            "http://192.168.7.9:8080/hook",
        ] {
            assert_eq!(fetcher.admits_receiver(good), Ok(()), "{good}");
        }
        for open in [
            "http://bot.example/",
            "http://8.8.8.8/",
            "webcal://bot.example/",
            "https://me@bot.example/",
            "https://:word@bot.example/",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(
                fetcher.admits_receiver(open),
                Err(Refused::Receiver),
                "{open}"
            );
        }
        for private in [
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "https://[::1]/",
            "https://192.168.8.1/",
            "https://0x7f.1/",
        ] {
            assert_eq!(
                fetcher.admits_receiver(private),
                Err(Refused::Private),
                "{private}"
            );
        }
    }
}
