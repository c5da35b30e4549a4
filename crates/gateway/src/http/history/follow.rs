//! A session's messages as they come, as server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use openclaw_agent::store::{HistoryQuery, StoredEntry};
use openclaw_protocol::{ids::SessionKey, methods::chat::ChatMessage};
use serde::Serialize;
use tokio::{sync::watch, time::timeout};

use super::{MAX_LIMIT, Place, Wanted, Window, look, shown};
use crate::state::App;

/// A stream that has nothing to say shows in this time that it lives.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// A message that came.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Came<'a> {
    session_key: &'a str,
    message: ChatMessage,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_seq: Option<u64>,
}

/// A reader and how far it has read.
pub(super) struct Follow {
    app: Arc<App>,
    key: SessionKey,
    wanted: Wanted,
    changes: watch::Receiver<()>,
    place: Place,
}

impl Follow {
    pub(super) fn new(
        app: Arc<App>,
        key: SessionKey,
        wanted: Wanted,
        changes: watch::Receiver<()>,
        place: Place,
    ) -> Self {
        Self { app, key, wanted, changes, place }
    }

    /// The first window, and then what comes, until the gateway or the session's watch ends.
    pub(super) fn stream(
        self,
        first: &Window,
    ) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
        let first = format!("retry: 1000\n\n{}", event("history", first));
        let rest = stream::unfold(self, |mut follow| async move {
            let piece = follow.next().await?;
            Some((piece, follow))
        });
        stream::once(async { first }).chain(rest).map(|piece| Ok(Bytes::from(piece)))
    }

    async fn next(&mut self) -> Option<String> {
        loop {
            match timeout(KEEPALIVE, self.changes.changed()).await {
                Err(_) => return Some(": keepalive\n\n".to_owned()),
                Ok(Err(_)) => return None,
                Ok(Ok(())) => {}
            }
            let news = self.news().await?;
            if !news.is_empty() {
                return Some(news);
            }
        }
    }

    /// What there is since the last look; none when the session is gone or cannot be read.
    async fn news(&mut self) -> Option<String> {
        let row = self.app.store.session(&self.key).await.ok()??;
        if self.wanted.is_page() || row.entry.session_id != self.place.session_id {
            return self.again().await;
        }
        // What was read last comes first, unless the session went back or to another branch.
        let query = HistoryQuery {
            after_seq: self.place.entry.checked_sub(1),
            ..HistoryQuery::last_messages(&*self.place.session_id, MAX_LIMIT)
        };
        let entries = self.app.store.history(query).await.ok()?;
        let new = match entries.split_first() {
            _ if self.place.entry == 0 => &entries[..],
            Some((last, new)) if last.seq == self.place.entry => new,
            _ => return self.again().await,
        };
        let Some(first) = new.first() else { return Some(String::new()) };
        if first.message_seq != Some(self.place.message + 1) {
            // More came than one look shows.
            return self.again().await;
        }
        let mut out = String::new();
        for entry in new {
            self.place.entry = entry.seq;
            self.place.message = entry.message_seq.unwrap_or(self.place.message);
            out.push_str(&self.came(entry).unwrap_or_default());
        }
        Some(out)
    }

    fn came(&self, entry: &StoredEntry) -> Option<String> {
        let message = shown(entry)?;
        let came = Came {
            session_key: self.key.as_str(),
            message,
            message_id: &entry.entry_id,
            message_seq: entry.message_seq,
        };
        Some(event("message", &came))
    }

    /// The whole window anew, when it is another one.
    async fn again(&mut self) -> Option<String> {
        let (window, place) = look(&self.app, &self.key, self.wanted).await.ok()??;
        if place == self.place {
            return Some(String::new());
        }
        self.place = place;
        Some(event("history", &window))
    }
}

fn event(name: &str, data: &impl Serialize) -> String {
    // Plain data with text keys: it always has a text.
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\ndata: {data}\n\n")
}
