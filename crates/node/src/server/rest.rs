//! What is left of a request's body when its answer is known: some of it is read and dropped. Who is still sending when a
//! connection ends may never see why.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

/// Most bytes that are dropped; who sends more than that is hung up on.
const MOST_BYTES: u64 = 1024 * 1024;
/// The longest that it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers a request, then drops what was not read of it.
pub(super) async fn dropped(mut request: Request, next: Next) -> Response {
    let body = std::mem::take(request.body_mut());
    let is_waiting = request.headers().contains_key(header::EXPECT);
    let lent = Lent(Arc::new(Mutex::new(body)));
    *request.body_mut() = Body::new(lent.clone());
    let response = next.run(request).await;
    // Who asked whether to go on has sent nothing yet, and reads the answer first.
    if !is_waiting && lent.size_hint().lower() <= MOST_BYTES {
        // After that time the connection ends as it is.
        let _late = tokio::time::timeout(PATIENCE, lent.drop_some()).await;
    }
    response
}

/// A body that somebody else reads as far as she likes.
#[derive(Clone)]
struct Lent(Arc<Mutex<Body>>);

impl Lent {
    async fn drop_some(mut self) {
        let mut left = MOST_BYTES;
        loop {
            let frame = std::future::poll_fn(|cx| Pin::new(&mut self).poll_frame(cx)).await;
            let Some(Ok(frame)) = frame else { return };
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(u64::try_from(bytes).unwrap_or(u64::MAX)) {
                Some(fewer) => left = fewer,
                None => return,
            }
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut Body) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| Pin::new(body).poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
