//! Reading a request's body: only after its sender is known, never more than is allowed, not for ever.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::problem::Problem;
use crate::{patience::Patience, upgrade::single};

/// Bytes of bodies that are held at a time, of all requests; what would be more is refused as busy.
const MAX_HELD: usize = 256 * 1024 * 1024;
/// Of a body that is too large so much is read and thrown away, so that its sender reads the refusal
/// instead of a broken connection.
const MAX_DISCARDED: usize = 64 * 1024 * 1024;
/// For that.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

/// The room for bodies, and the time; cheap to clone.
#[derive(Clone)]
pub(crate) struct Budget {
    room: Arc<Semaphore>,
    patience: Patience,
}

impl Budget {
    pub(crate) fn new(patience: Patience) -> Self {
        Self { room: Arc::new(Semaphore::new(MAX_HELD)), patience }
    }
}

/// A body and its place in the budget.
#[derive(Debug)]
pub(super) struct Held {
    bytes: Vec<u8>,
    /// Given back with the body.
    places: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// The body.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn read(
    budget: &Budget,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Held, Problem> {
    let declared = single(headers, &header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
    if declared.is_some_and(|length: usize| length > limit) {
        // A sender that waits for 100 has sent nothing yet.
        if !headers.contains_key(header::EXPECT) {
            discard(body, 0).await;
        }
        return Err(too_large());
    }
    match timeout(budget.patience.body, pieces(budget, body, limit)).await {
        Ok(read) => read,
        Err(_) => Err(too_slow()),
    }
}

async fn pieces(budget: &Budget, mut body: Body, limit: usize) -> Result<Held, Problem> {
    let mut held = Held { bytes: Vec::new(), places: None };
    loop {
        let frame = match timeout(budget.patience.body_pause, body.frame()).await {
            Err(_) => return Err(too_slow()),
            Ok(None) => return Ok(held),
            Ok(Some(Err(_))) => return Err(Problem::invalid("The request body cannot be read")),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if held.bytes.len() + data.len() > limit {
            discard(body, held.bytes.len()).await;
            return Err(too_large());
        }
        held.place(budget, data.len())?;
        held.bytes.extend_from_slice(&data);
    }
}

impl Held {
    fn place(&mut self, budget: &Budget, count: usize) -> Result<(), Problem> {
        let full = || Problem::busy("too many large requests are being read; try again", 1000);
        let count = u32::try_from(count).map_err(|_| full())?;
        let more = Arc::clone(&budget.room).try_acquire_many_owned(count).map_err(|_| full())?;
        match &mut self.places {
            Some(places) => places.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

async fn discard(mut body: Body, mut read: usize) {
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, bytes::Bytes::len);
            if read > MAX_DISCARDED {
                return;
            }
        }
    };
    // Too slow or too much: the refusal may get lost, nothing else.
    timeout(DISCARD_TIMEOUT, reading).await.ok();
}

fn too_large() -> Problem {
    Problem::request(StatusCode::PAYLOAD_TOO_LARGE, "Payload too large")
}

fn too_slow() -> Problem {
    Problem::request(StatusCode::REQUEST_TIMEOUT, "Request body timeout")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::response::IntoResponse as _;
    use bytes::Bytes;
    use futures_util::{StreamExt as _, stream};

    use super::*;

    fn pieces_of(count: usize, size: usize) -> Body {
        let piece = Bytes::from(vec![b'x'; size]);
        Body::from_stream(stream::iter(vec![Ok::<_, Infallible>(piece); count]))
    }

    async fn status(budget: &Budget, body: Body, limit: usize) -> u16 {
        match read(budget, &HeaderMap::new(), body, limit).await {
            Ok(_) => 200,
            Err(problem) => problem.into_response().status().as_u16(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_a_size_and_a_time() {
        let budget = Budget::new(Patience::default());
        assert_eq!(status(&budget, pieces_of(4, 25), 100).await, 200);
        assert_eq!(status(&budget, pieces_of(5, 25), 100).await, 413);
        let stuck = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"{"))]);
        let stuck = Body::from_stream(stuck.chain(stream::pending()));
        assert_eq!(status(&budget, stuck, 100).await, 408);
        let drip = stream::unfold((), |()| async {
            tokio::time::sleep(Patience::default().body_pause / 2).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b"x")), ()))
        });
        assert_eq!(status(&budget, Body::from_stream(drip), 1000).await, 408);
        assert_eq!(budget.room.available_permits(), MAX_HELD, "every place is given back");
    }

    #[tokio::test]
    async fn all_bodies_together_have_a_bound() {
        let room = Arc::new(Semaphore::new(100));
        let budget = Budget { room, patience: Patience::default() };
        let held = read(&budget, &HeaderMap::new(), pieces_of(3, 25), 100).await.unwrap();
        assert_eq!(held.bytes().len(), 75);
        assert_eq!(status(&budget, pieces_of(2, 25), 100).await, 503);
        drop(held);
        assert_eq!(status(&budget, pieces_of(2, 25), 100).await, 200);
    }
}
