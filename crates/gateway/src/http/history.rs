//! `GET /sessions/KEY/history`: a window of a session's messages, once or as they come.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, RawQuery, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use openclaw_agent::{
    session,
    store::{HistoryQuery, StoredEntry},
};
use openclaw_protocol::{Scope, ids::SessionKey, methods::chat::ChatMessage};
use serde::Serialize;
use serde_json::json;

use super::{auth, problem::Problem};
use crate::{error::OrRefuse as _, handlers::chat_message, state::App};

mod follow;

/// The most messages of an answer, and how many there are when nobody says.
const MAX_LIMIT: usize = 1000;
/// Bytes of transcript in an answer.
const MAX_BYTES: usize = 6 * 1024 * 1024;

/// Which messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Wanted {
    limit: Option<usize>,
    /// Only messages before this number.
    before: Option<u64>,
}

/// An answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Window {
    session_key: String,
    items: Vec<ChatMessage>,
    /// The same once more, as recorded.
    messages: Vec<ChatMessage>,
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Answers.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let answer = answer(app, &key, query.as_deref().unwrap_or_default(), request);
    answer.await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(
    app: Arc<App>,
    key: &str,
    query: &str,
    request: Request,
) -> Result<Response, Problem> {
    let generation = app.authority.generation();
    auth::owner(&app, &request, Scope::Read).await?;
    let events = wants_events(request.headers());
    let key = session::canonical_key(key, app.agents.default_id())
        .map_err(|error| Problem::invalid(error.to_string()))?;
    let wanted = Wanted::parse(query)?;
    // Before the look: what comes in between is not missed.
    let changes = app.observer.watches.session(&key);
    if app.authority.generation() != generation {
        // The secret was replaced since it was compared, and what ends its readers may have come before this one.
        return Err(Problem::unauthorized());
    }
    let Some((window, place)) = look(&app, &key, wanted).await? else {
        return Ok(missing(&key));
    };
    if events {
        let follow = follow::Follow::new(app, key, wanted, changes, place);
        return Ok(super::event_stream(Body::from_stream(follow.stream(&window))));
    }
    Ok(super::json(StatusCode::OK, &window))
}

fn missing(key: &SessionKey) -> Response {
    let error = json!({"type": "not_found", "message": format!("Session not found: {key}")});
    super::json(StatusCode::NOT_FOUND, &json!({"ok": false, "error": error}))
}

fn wants_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "text/event-stream"))
}

impl Wanted {
    fn parse(query: &str) -> Result<Self, Problem> {
        let mut wanted = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "limit" => {
                    let limit = value.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n));
                    let problem = || Problem::invalid("limit must be a number from 1 to 1000");
                    wanted.limit = Some(limit.ok_or_else(problem)?);
                }
                "cursor" => {
                    let number = value.strip_prefix("seq:").or(value.strip_prefix("seq%3A"));
                    let number = number.unwrap_or(value).parse().ok().filter(|n| *n > 0);
                    let problem =
                        || Problem::invalid("cursor must be a number, or seq: and a number");
                    wanted.before = Some(number.ok_or_else(problem)?);
                }
                _ => {}
            }
        }
        Ok(wanted)
    }

    fn is_page(self) -> bool {
        self != Self::default()
    }
}

/// How far a reader has read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Place {
    session_id: String,
    /// The last entry's place in the transcript.
    entry: u64,
    /// The last message's number.
    message: u64,
}

/// The messages that are wanted; none when there is no such session.
async fn look(
    app: &App,
    key: &SessionKey,
    wanted: Wanted,
) -> Result<Option<(Window, Place)>, Problem> {
    let Some(row) = app.store.session(key).await.or_refuse()? else { return Ok(None) };
    let session_id = row.entry.session_id;
    let entries = window(app, &session_id, wanted).await?;
    let first = entries.iter().find_map(|entry| entry.message_seq).unwrap_or(1);
    let place = Place {
        session_id,
        entry: entries.last().map_or(0, |entry| entry.seq),
        message: entries.iter().rev().find_map(|entry| entry.message_seq).unwrap_or(0),
    };
    let messages: Vec<ChatMessage> = entries.iter().filter_map(shown).collect();
    let window = Window {
        session_key: key.to_string(),
        items: messages.clone(),
        messages,
        has_more: first > 1,
        next_cursor: (first > 1).then(|| format!("seq:{first}")),
    };
    Ok(Some((window, place)))
}

/// Looks back until the cursor is found: messages have numbers of their own, which the store does not look up by.
async fn window(app: &App, session_id: &str, wanted: Wanted) -> Result<Vec<StoredEntry>, Problem> {
    let limit = wanted.limit.unwrap_or(MAX_LIMIT);
    let mut query =
        HistoryQuery { max_bytes: MAX_BYTES, ..HistoryQuery::last_messages(session_id, MAX_LIMIT) };
    if wanted.before.is_none() {
        query.limit = limit;
    }
    loop {
        let mut entries = app.store.history(query.clone()).await.or_refuse()?;
        let Some(before) = wanted.before else { return Ok(entries) };
        let oldest = entries.first().map(|entry| (entry.seq, entry.message_seq.unwrap_or(0)));
        entries.retain(|entry| entry.message_seq.is_some_and(|seq| seq < before));
        match (oldest, entries.last()) {
            (None, _) => return Ok(entries),
            (Some((seq, _)), None) => query.before_seq = Some(seq),
            // Fewer than wanted of this window: the window is moved to end where they end.
            (_, Some(last)) if query.before_seq != Some(last.seq + 1) => {
                query.before_seq = Some(last.seq + 1);
                query.limit = limit;
            }
            _ => return Ok(entries),
        }
    }
}

fn shown(entry: &StoredEntry) -> Option<ChatMessage> {
    chat_message(&entry.line, &entry.entry_id, entry.message_seq?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_read_strictly() {
        let wanted = |query| Wanted::parse(query).ok();
        let both = Wanted { limit: Some(5), before: Some(9) };
        assert_eq!(wanted("limit=5&cursor=seq:9"), Some(both));
        assert_eq!(wanted("cursor=seq%3A9&x=y&limit=5"), Some(both));
        assert_eq!(wanted("cursor=9"), Some(Wanted { limit: None, before: Some(9) }));
        assert_eq!(wanted(""), Some(Wanted::default()));
        for bad in [
            "limit=0",
            "limit=1001",
            "limit=-1",
            "limit=x",
            "limit",
            "cursor=",
            "cursor=0",
            "cursor=seq:x",
        ] {
            assert_eq!(wanted(bad), None, "{bad}");
        }
    }
}
