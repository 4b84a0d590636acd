//! What every request passes: limits, who may send it from which site, what the browser is told, the log.
//!
//! Nothing here says who someone is or what she asked for: the log has the route's pattern, never the address.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State as FromState};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota};
use tower_http::catch_panic::CatchPanicLayer;

use super::caller::COOKIE;
use super::listen::Peer;
use super::problem::Problem;
use super::rest;
use super::state::Shared;

/// Most bytes of a body, where a route does not allow more.
pub(crate) const BODY_BYTES: usize = 1024 * 1024;
/// Most bytes of any body, wherever it is sent.
const ANY_BODY_BYTES: u64 = 64 * 1024 * 1024;
/// Most bytes of all headers.
const HEAD_BYTES: usize = 16 * 1024;
/// The longest that a request may take until its answer begins.
const WHOLE: Duration = Duration::from_secs(30);
/// How many seconds' worth of requests someone may send at once.
const BURST_SECONDS: u32 = 5;
/// How many callers are remembered before those who rest are forgotten.
const REMEMBERED: usize = 10_000;

/// How often someone may call.
pub(crate) struct Rates {
    calls: Option<DefaultKeyedRateLimiter<IpAddr>>,
    /// Whether the last address of `X-Forwarded-For` is whom a request comes from.
    behind_proxy: bool,
}

impl Rates {
    /// So many requests a second from one address; no limit for none.
    pub(crate) fn new(per_second: u32, behind_proxy: bool) -> Self {
        let quota = NonZeroU32::new(per_second).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::new(BURST_SECONDS).unwrap_or(rate));
            Quota::per_second(rate).allow_burst(burst)
        });
        Self {
            calls: quota.map(DefaultKeyedRateLimiter::keyed),
            behind_proxy,
        }
    }

    fn allows(&self, request: &Request) -> bool {
        let (Some(calls), Some(peer)) = (&self.calls, request.extensions().get::<Peer>()) else {
            return true;
        };
        if calls.len() > REMEMBERED {
            calls.retain_recent();
        }
        let forwarded = self.behind_proxy.then(|| forwarded(request.headers()));
        let whom = network(forwarded.flatten().unwrap_or(peer.0));
        calls.check_key(&whom).is_ok()
    }
}

/// Whom a proxy has the request from: what it added itself is the last.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// Someone with IPv6 has a whole network of addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Puts the guard before everything.
pub(crate) fn guarded(router: Router<Shared>, state: &Shared) -> Router<Shared> {
    router
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(state.clone(), admit))
        .layer(from_fn(rest::dropped))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), tell_the_browser))
        .layer(from_fn(log))
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request panicked");
    Problem::broken("try again; the node's log says more").into_response()
}

/// Refuses what is too large, too often, too slow, or sent by another site's page.
async fn admit(
    FromState(state): FromState<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let headers = request.headers();
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if sizes.sum::<usize>() > HEAD_BYTES {
        return Err(Problem::long_head("send fewer or shorter headers"));
    }
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.unwrap_or(0) > ANY_BODY_BYTES {
        return Err(Problem::too_large("send less at once"));
    }
    // What unpacks to a thousand times its size is never unpacked.
    let packed = headers.get(header::CONTENT_ENCODING);
    if packed.is_some_and(|coding| coding != "identity") {
        return Err(Problem::wrong_type(
            "send the body as it is, without Content-Encoding",
        ));
    }
    if !state.rates.allows(&request) {
        return Err(Problem::too_many("wait a second"));
    }
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if changes && headers.contains_key(header::COOKIE) && !is_own(headers, &state.origin) {
        return Err(Problem::not_yours("send it from a page of this node"));
    }
    tokio::time::timeout(WHOLE, next.run(request))
        .await
        .map_err(|_elapsed| Problem::too_slow("send it faster, or ask for less"))
}

/// Whether a browser sends this for a page of this node; programs do not say.
fn is_own(headers: &HeaderMap, origin: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(from) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    from.to_str().is_ok_and(|from| {
        let there = from.split_once("://").map(|(_, there)| there);
        from == origin || (there.is_some() && there == host)
    })
}

/// What a browser may do with an answer: nothing but show it, with this node's own style and script.
async fn tell_the_browser(
    FromState(state): FromState<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if state.origin.starts_with("https:") {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    // What is answered is someone's own, where nothing else is said.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

/// Counts and logs a request by its pattern.
async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let signed_in = request.headers().contains_key(header::AUTHORIZATION)
        || request
            .headers()
            .get_all(header::COOKIE)
            .iter()
            .any(|cookie| cookie.to_str().is_ok_and(|cookie| cookie.contains(COOKIE)));
    let response = next.run(request).await;
    let (status, elapsed) = (response.status().as_u16(), began.elapsed());
    let labels = [
        ("method", method.to_string()),
        ("route", route.clone()),
        ("status", status.to_string()),
    ];
    metrics::counter!("meridian_requests_total", &labels).increment(1);
    metrics::histogram!("meridian_request_seconds", "route" => route.clone()).record(elapsed);
    let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status, ms, signed_in, "request");
    response
}
