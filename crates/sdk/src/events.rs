//! Events as a reader receives them, with an explicit sign wherever some may be missing.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt};
use openclaw_protocol::frame::StateVersion;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{Error, queue::Queue};

/// One event, its payload not parsed yet and shared by all readers.
#[derive(Debug, Clone)]
pub struct Event {
    /// The name on the wire.
    pub name: Arc<str>,
    /// What happened; `null` when the frame had none.
    pub payload: Arc<RawValue>,
    /// The event's number on this connection; events for one reader alone may have none.
    pub seq: Option<u64>,
    /// Present on `presence` and `health`.
    pub state_version: Option<StateVersion>,
}

/// Why events may be missing at this place. The cure is always the same: read the state again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// This reader was too slow; so many deliveries were dropped for it.
    SlowReader {
        /// How many.
        missed: u64,
    },
    /// The numbers of the connection's events jumped. Gateways of OpenClaw 2026.3.28 count the
    /// events of all clients together, so there it happens without a loss.
    Sequence {
        /// The number that should have come.
        expected: u64,
        /// The number that came.
        got: u64,
    },
    /// The connection was lost and made again. What [`crate::Client::keep`] asked for is asked for
    /// again; a call made now is answered after that, so what it reads and what is told from now on
    /// leave nothing out.
    Reconnected,
    /// After connecting again the gateway refused a kept call, for example because its session was
    /// deleted: what it asked for is not told any more.
    Refused {
        /// The method that was called.
        method: &'static str,
    },
}

/// An event, or the sign that some are missing.
#[derive(Debug, Clone)]
pub enum Delivery<E = Event> {
    /// Something happened.
    Event(E),
    /// Something may be missing here.
    Gap(Gap),
}

/// All events of a connection, in order. Ends when the client is closed or lost for good.
#[derive(Debug)]
pub struct Events(pub(crate) Arc<Queue>);

impl Events {
    /// The next event or gap.
    pub async fn next(&mut self) -> Option<Delivery> {
        StreamExt::next(self).await
    }
}

impl Stream for Events {
    type Item = Delivery;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.0.poll(cx)
    }
}

/// The events of one type, parsed. Gaps are those of the whole connection.
#[derive(Debug)]
pub struct Subscription<E> {
    queue: Arc<Queue>,
    marker: std::marker::PhantomData<fn() -> E>,
}

impl<E: openclaw_protocol::Event + DeserializeOwned> Subscription<E> {
    pub(crate) fn new(queue: Arc<Queue>) -> Self {
        Self { queue, marker: std::marker::PhantomData }
    }

    /// The next event or gap. A payload that cannot be read is an error, and the next one may be fine.
    pub async fn next(&mut self) -> Option<Result<Delivery<E>, Error>> {
        StreamExt::next(self).await
    }
}

impl<E: openclaw_protocol::Event + DeserializeOwned> Stream for Subscription<E> {
    type Item = Result<Delivery<E>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.queue.poll(cx).map(|next| {
            next.map(|delivery| match delivery {
                Delivery::Gap(gap) => Ok(Delivery::Gap(gap)),
                Delivery::Event(event) => serde_json::from_str(event.payload.get())
                    .map(Delivery::Event)
                    .map_err(|error| Error::Decode {
                        what: format!("event {}", event.name),
                        reason: error.to_string(),
                    }),
            })
        })
    }
}
