//! Fetching what people point to, and posting to it, without being led astray.
//!
//! An address that someone typed may name a machine that only this node can reach. So every name is resolved once, its
//! addresses are looked at, and only they are connected to; redirects are followed by hand and looked at the same way.
//! Source: the special-purpose address registries of IANA (RFC 6890 and its successors).

mod calling;
mod posting;

use std::error::Error as _;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{
    ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use reqwest::{Client, Response, StatusCode, Url};

/// How long one fetch may take, redirects and all.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How many redirects are followed.
const REDIRECTS: usize = 4;
/// The most that is read of an answer; calendars of ten years stay under a tenth of it.
const BYTES: usize = 4 * 1024 * 1024;
/// The longest address.
const ADDRESS: usize = 2000;

/// What no public machine has.
const SPECIAL_V4: [Ipv4Net; 14] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    // Multicast, what is reserved, and the broadcast address.
    v4([224, 0, 0, 0], 3),
];
/// What public machines have, and what of it they have not.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0], 3);
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0], 23),
    v6([0x2001, 0x0db8], 32),
    v6([0x2002, 0], 16),
    v6([0x3fff, 0], 20),
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b]: [u16; 2], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// Why something was not fetched; the words are for whoever gave the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("it is not an address that begins with https://, http:// or webcal://")]
    Address,
    #[error("it is not an address that begins with https://, or it names a user")]
    Receiver,
    #[error("it leads to a private network")]
    Private,
    #[error("it redirects too often")]
    Redirects,
    #[error("the server answers with the status {0}")]
    Status(u16),
    #[error("the answer is larger than 4 MiB")]
    TooLarge,
    #[error("the server takes too long")]
    Slow,
    #[error("the server cannot be reached")]
    Unreachable,
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// It is as it was.
    Unchanged,
    /// What it is now.
    New { bytes: Vec<u8>, seal: Seal },
}

/// What a server said by which it can tell whether something changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

pub(crate) use calling::{Call, Called};
pub(crate) use posting::Posted;

type Found = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;
type Lookup = Arc<dyn Fn(String) -> Found + Send + Sync>;

/// Fetches, and lets nobody lead it into a private network.
#[derive(Clone, Debug)]
pub(crate) struct Fetcher {
    client: Client,
    admits: Admits,
}

/// Which addresses are connected to.
#[derive(Clone, Debug)]
struct Admits(Arc<[IpNet]>);

impl Admits {
    fn address(&self, address: IpAddr) -> bool {
        // ::ffff:127.0.0.1 is 127.0.0.1.
        let address = address.to_canonical();
        if self.trusts(address) {
            return true;
        }
        match address {
            IpAddr::V4(v4) => !SPECIAL_V4.iter().any(|net| net.contains(&v4)),
            IpAddr::V6(v6) => {
                GLOBAL_V6.contains(&v6) && !SPECIAL_V6.iter().any(|net| net.contains(&v6))
            }
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    /// The address that was typed, if it may be connected to as far as can be told before its name is resolved.
    fn url(&self, text: &str) -> Result<Url, Refused> {
        if text.len() > ADDRESS {
            return Err(Refused::Address);
        }
        let text = match text.strip_prefix("webcal://") {
            Some(rest) => format!("https://{rest}"),
            None => text.to_owned(),
        };
        let url = Url::parse(&text).map_err(|_why| Refused::Address)?;
        self.host(&url)?;
        Ok(url)
    }

    fn host(&self, url: &Url) -> Result<(), Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Address);
        }
        let host = url.host_str().ok_or(Refused::Address)?;
        // A literal is never resolved, so it is looked at here; 0x7f.1 was made 127.0.0.1 when it was parsed.
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        match literal.parse() {
            Ok(address) if !self.address(address) => Err(Refused::Private),
            _ => Ok(()),
        }
    }
}

/// Resolves a name once, for whoever connects.
struct Resolver {
    lookup: Lookup,
    admits: Admits,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = (self.lookup)(name.as_str().to_owned());
        let admits = self.admits.clone();
        Box::pin(async move {
            let addresses = found.await?;
            // One private address among public ones is a trap, too.
            if addresses.iter().any(|address| !admits.address(*address)) {
                return Err(Box::from(Refused::Private));
            }
            let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            let addresses: Addrs = Box::new(addresses.collect::<Vec<_>>().into_iter());
            Ok(addresses)
        })
    }
}

impl Fetcher {
    /// One that also goes to these networks, although they are private.
    ///
    /// # Errors
    /// When there is no TLS.
    pub(crate) fn new(trusted: &[IpNet]) -> anyhow::Result<Self> {
        Self::with(trusted, Arc::new(|name| Box::pin(system(name))))
    }

    fn with(trusted: &[IpNet], lookup: Lookup) -> anyhow::Result<Self> {
        let admits = Admits(trusted.into());
        let client = Client::builder()
            .dns_resolver(Resolver {
                lookup,
                admits: admits.clone(),
            })
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            // A connection that is kept would not be looked at again.
            .pool_max_idle_per_host(0)
            .user_agent("meridian")
            .build()?;
        Ok(Self { client, admits })
    }

    /// Whether an address may be fetched, as far as can be told by reading it.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn admits(&self, url: &str) -> Result<(), Refused> {
        self.admits.url(url).map(drop)
    }

    /// Fetches, unless it is as it was.
    ///
    /// # Errors
    /// Why not.
    pub(crate) async fn fetch(&self, url: &str, seal: &Seal) -> Result<Fetched, Refused> {
        let whole = tokio::time::timeout(PATIENCE, self.follow(self.admits.url(url)?, seal));
        whole.await.map_err(|_why| Refused::Slow)?
    }

    async fn follow(&self, mut url: Url, seal: &Seal) -> Result<Fetched, Refused> {
        for _ in 0..=REDIRECTS {
            self.admits.host(&url)?;
            let mut request = self.client.get(url.clone());
            if let Some(etag) = &seal.etag {
                request = request.header(IF_NONE_MATCH, etag);
            }
            if let Some(since) = &seal.last_modified {
                request = request.header(IF_MODIFIED_SINCE, since);
            }
            let response = request.send().await.map_err(|error| refused(&error))?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED {
                return Ok(Fetched::Unchanged);
            }
            if status.is_success() {
                return whole(response).await;
            }
            let next = text(response.headers(), LOCATION).filter(|_| status.is_redirection());
            let next = next.ok_or(Refused::Status(status.as_u16()))?;
            url = url.join(&next).map_err(|_why| Refused::Address)?;
        }
        Err(Refused::Redirects)
    }
}

async fn whole(mut response: Response) -> Result<Fetched, Refused> {
    let seal = Seal {
        etag: text(response.headers(), ETAG),
        last_modified: text(response.headers(), LAST_MODIFIED),
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| refused(&error))? {
        if bytes.len() + chunk.len() > BYTES {
            return Err(Refused::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched::New { bytes, seal })
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

/// What an error of the library comes down to; its own words may hold the address, which is a secret.
fn refused(error: &reqwest::Error) -> Refused {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return *refused;
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        Refused::Slow
    } else {
        Refused::Unreachable
    }
}

async fn system(name: String) -> std::io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server on 127.0.0.1 that always answers the same; how often it was asked.
    async fn server(answer: String) -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut heard = [0; 4096];
                let _ = stream.read(&mut heard).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (port, asked)
    }

    fn says(status: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }

    fn here() -> Vec<IpNet> {
        vec!["127.0.0.1/32".parse().expect("a network")]
    }

    /// A lookup that answers with the first addresses once, then with the next.
    fn turning(answers: Vec<Vec<&'static str>>) -> Lookup {
        let turn = AtomicUsize::new(0);
        Arc::new(move |_| {
            let n = turn.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            let addresses = answers[n].iter().map(|a| a.parse().expect("an address"));
            let addresses: Vec<IpAddr> = addresses.collect();
            Box::pin(async move { Ok(addresses) })
        })
    }

    async fn get(fetcher: &Fetcher, url: &str) -> Result<Fetched, Refused> {
        fetcher.fetch(url, &Seal::default()).await
    }

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        let fetcher = Fetcher::new(&[]).expect("a fetcher");
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://100.64.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://172.31.255.255/",
            "http://192.168.0.1/",
            "http://198.19.0.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
            "http://[2002:7f00:1::]/",
            "webcal://127.0.0.1/",
        ] {
            assert_eq!(fetcher.admits(url), Err(Refused::Private), "{url}");
        }
        for url in ["file:///etc/passwd", "gopher://x/", "//x", "", "https://"] {
            assert_eq!(fetcher.admits(url), Err(Refused::Address), "{url}");
        }
        for url in [
            "https://calendar.example/a.ics",
            "http://8.8.8.8/",
            "http://[2606:4700::1111]/",
            "webcal://calendar.example/",
        ] {
            assert_eq!(fetcher.admits(url), Ok(()), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_turns_private_is_not_connected_to() {
        let (port, asked) = server(says("200 OK", "", "hello")).await;
        let lookup = turning(vec![
            vec!["127.0.0.1"],
            vec!["127.0.0.2"],
            vec!["127.0.0.1", "127.0.0.2"],
        ]);
        let fetcher = Fetcher::with(&here(), lookup).expect("a fetcher");
        let url = format!("http://turning.example:{port}/");
        assert!(
            matches!(get(&fetcher, &url).await, Ok(Fetched::New { bytes, .. }) if bytes == b"hello")
        );
        assert_eq!(get(&fetcher, &url).await, Err(Refused::Private));
        assert_eq!(get(&fetcher, &url).await, Err(Refused::Private));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let untrusting = Fetcher::with(&[], turning(vec![vec!["127.0.0.1"]]));
        let untrusting = untrusting.expect("a fetcher");
        assert_eq!(get(&untrusting, &url).await, Err(Refused::Private));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn redirects_are_looked_at_like_addresses() {
        let fetcher = Fetcher::new(&here()).expect("a fetcher");
        for (to, why) in [
            ("http://127.0.0.2/", Refused::Private),
            ("http://169.254.169.254/", Refused::Private),
            ("file:///etc/passwd", Refused::Address),
            ("/again", Refused::Redirects),
        ] {
            let (port, _) = server(says("302 Found", &format!("Location: {to}\r\n"), "")).await;
            let url = format!("http://127.0.0.1:{port}/");
            assert_eq!(get(&fetcher, &url).await, Err(why), "{to}");
        }
        let (there, _) = server(says("200 OK", "ETag: \"7\"\r\n", "hello")).await;
        let location = format!("Location: http://127.0.0.1:{there}/\r\n");
        let (port, _) = server(says("301 Moved Permanently", &location, "")).await;
        let came = get(&fetcher, &format!("http://127.0.0.1:{port}/")).await;
        assert!(
            matches!(came, Ok(Fetched::New { seal, .. }) if seal.etag.as_deref() == Some("\"7\""))
        );
    }

    #[tokio::test]
    async fn answers_that_are_too_large_or_of_no_use_are_refused() {
        let fetcher = Fetcher::new(&here()).expect("a fetcher");
        let (port, _) = server(says("200 OK", "", &"x".repeat(BYTES + 1))).await;
        let url = format!("http://127.0.0.1:{port}/");
        assert_eq!(get(&fetcher, &url).await, Err(Refused::TooLarge));
        let (port, _) = server(says("404 Not Found", "", "")).await;
        let url = format!("http://127.0.0.1:{port}/");
        assert_eq!(get(&fetcher, &url).await, Err(Refused::Status(404)));
        let (port, _) = server(says("304 Not Modified", "", "")).await;
        let url = format!("http://127.0.0.1:{port}/");
        assert_eq!(get(&fetcher, &url).await, Ok(Fetched::Unchanged));
    }
}
