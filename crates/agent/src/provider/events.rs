//! Turns the body of an answer into deltas: server-sent events, the limits, and a dialect.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use reqwest::{Response, header::CONTENT_TYPE};
use tokio::time::{Instant, timeout_at};

use super::{
    Delta, DeltaStream, Limit, Limits, ProviderError,
    error::clean,
    http::{Endpoint, error_text, root_cause},
    sse::{SseDecoder, SseEvent},
};

/// The largest body of an answer, in bytes; a larger one ends the call.
const MAX_RESPONSE: usize = 32 * 1024 * 1024;
/// Once the end of an answer is known, what may still follow (usage, the end mark) must come
/// within this time; if it does not, the answer counts as complete.
const AFTER_END: Duration = Duration::from_secs(5);

/// What an event meant to a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing new: a ping, an empty delta. The idle limit goes on.
    Nothing,
    /// Something new.
    Progress,
    /// The last event: nothing after it is read.
    End,
}

/// How a provider's events become deltas. Pure: no I/O, no time.
pub(super) trait Dialect: Send + 'static {
    /// Takes one event and appends the deltas that it completes.
    fn event(&mut self, event: SseEvent, out: &mut VecDeque<Delta>) -> Result<Step, ProviderError>;

    /// Whether the answer is known to have ended, although more may follow.
    fn is_complete(&self) -> bool;

    /// Appends what remains, up to [`Delta::Done`]. Fails when the end never came.
    fn end(&mut self, out: &mut VecDeque<Delta>) -> Result<(), ProviderError>;
}

/// Reads an answer as a stream of deltas.
pub(super) async fn read(
    endpoint: &Endpoint,
    response: Response,
    limits: Limits,
    started: Instant,
    dialect: impl Dialect,
) -> Result<DeltaStream, ProviderError> {
    let provider = Arc::clone(endpoint.provider());
    let secrets = endpoint.secrets().to_owned();
    let response = require_events(&provider, response).await;
    let response = response.map_err(|error| error.without(&secrets))?;
    let body = Body {
        provider,
        response,
        decoder: SseDecoder::default(),
        events: VecDeque::new(),
        limits,
        total_by: started + limits.total,
        wait: Limit::FirstByte,
        wait_by: limits.first_byte_by(started),
        progress: false,
        received: 0,
        ended: false,
    };
    let state = State { body, dialect, secrets, ready: VecDeque::new(), over: false };
    Ok(stream::unfold(state, |mut state| async move {
        let item = state.next().await?;
        Some((item, state))
    })
    .boxed())
}

/// Refuses an answer that says it is a page or one JSON document: a wrong address or a server
/// that does not stream.
async fn require_events(provider: &str, mut response: Response) -> Result<Response, ProviderError> {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if !matches!(kind.as_str(), "application/json" | "text/html") {
        return Ok(response);
    }
    let by = Instant::now() + AFTER_END;
    let first = timeout_at(by, response.chunk()).await;
    let words = match first {
        Ok(Ok(Some(chunk))) if kind == "application/json" => clean(&error_text(&chunk)),
        _ => "no further detail".to_owned(),
    };
    let reason = format!("{kind} instead of a stream of events: {words}");
    Err(ProviderError::malformed(provider, reason))
}

struct State<D> {
    body: Body,
    dialect: D,
    secrets: Vec<String>,
    ready: VecDeque<Delta>,
    over: bool,
}

impl<D: Dialect> State<D> {
    async fn next(&mut self) -> Option<Result<Delta, ProviderError>> {
        loop {
            if let Some(delta) = self.ready.pop_front() {
                return Some(Ok(delta));
            }
            if self.over {
                return None;
            }
            if let Err(error) = self.advance().await {
                self.over = true;
                // What came before the fault is already out; nothing half may follow it.
                self.ready.clear();
                return Some(Err(error.without(&self.secrets)));
            }
        }
    }

    async fn advance(&mut self) -> Result<(), ProviderError> {
        let event = match self.body.next().await {
            // The answer was whole; only the goodbye is missing.
            Err(_) if self.dialect.is_complete() => None,
            event => event?,
        };
        let step = match event {
            Some(event) => self.dialect.event(event, &mut self.ready)?,
            None => Step::End,
        };
        match step {
            Step::Nothing => {}
            Step::Progress => self.body.progress = true,
            Step::End => {
                self.over = true;
                self.dialect.end(&mut self.ready)?;
            }
        }
        if self.dialect.is_complete() {
            self.body.limits.idle = self.body.limits.idle.min(AFTER_END);
        }
        Ok(())
    }
}

struct Body {
    provider: Arc<str>,
    response: Response,
    decoder: SseDecoder,
    events: VecDeque<SseEvent>,
    limits: Limits,
    total_by: Instant,
    /// First byte, then idle.
    wait: Limit,
    wait_by: Instant,
    /// Something new came: the idle limit starts again with the next read, so that a reader who
    /// takes his time is not counted against the provider.
    progress: bool,
    received: usize,
    ended: bool,
}

impl Body {
    /// The next event; `None` at the end of the body.
    async fn next(&mut self) -> Result<Option<SseEvent>, ProviderError> {
        if std::mem::take(&mut self.progress) {
            self.wait_by = Instant::now() + self.limits.idle;
        }
        while self.events.is_empty() && !self.ended {
            if let Some(chunk) = self.chunk().await? {
                self.take(&chunk)?;
            } else {
                self.ended = true;
                let last = self.decoder.finish();
                self.events.extend(last.map_err(|error| self.malformed(&error.to_string()))?);
            }
        }
        Ok(self.events.pop_front())
    }

    fn take(&mut self, chunk: &[u8]) -> Result<(), ProviderError> {
        if self.wait == Limit::FirstByte && !chunk.is_empty() {
            self.wait = Limit::Idle;
            self.wait_by = Instant::now() + self.limits.idle;
        }
        self.received += chunk.len();
        if self.received > MAX_RESPONSE {
            return Err(self.malformed(&format!("more than {MAX_RESPONSE} bytes")));
        }
        let pushed = self.decoder.push(chunk, &mut self.events);
        pushed.map_err(|error| self.malformed(&error.to_string()))
    }

    async fn chunk(&mut self) -> Result<Option<bytes::Bytes>, ProviderError> {
        let by = self.wait_by.min(self.total_by);
        // A peer that floods comments is always ready: the limit must be looked at first.
        let read = if Instant::now() >= by {
            None
        } else {
            timeout_at(by, self.response.chunk()).await.ok()
        };
        match read {
            Some(Ok(chunk)) => Ok(chunk),
            Some(Err(error)) => Err(ProviderError::Disconnected {
                provider: self.provider.to_string(),
                reason: root_cause(&error),
            }),
            None => {
                let limit = if by == self.total_by { Limit::Total } else { self.wait };
                let after = match limit {
                    Limit::Total => self.limits.total,
                    Limit::FirstByte => self.limits.first_byte,
                    _ => self.limits.idle,
                };
                Err(ProviderError::timeout(&self.provider, limit, after))
            }
        }
    }

    fn malformed(&self, reason: &str) -> ProviderError {
        ProviderError::malformed(&self.provider, reason)
    }
}
