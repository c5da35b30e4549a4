//! `POST /v1/chat/completions`: one run, answered at once or piece by piece.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use openclaw_agent::{
    provider::ThinkingLevel,
    runtime::{Origin, Submission, Supplied},
};
use openclaw_protocol::{Scope, ids::RunId};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    super::{
        auth::{self, Owner},
        body,
        problem::Problem,
        run::{self, News, Running},
    },
    answer::Head,
    content::Room,
    conversation,
    request::ChatRequest,
    target::Target,
    tools,
};
use crate::state::App;

/// The largest body unless the config says otherwise.
const MAX_BODY: usize = 20 * 1024 * 1024;
/// A stream that has nothing to say shows in this time that it lives, so that proxies keep it.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Answers.
pub(super) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    complete(&app, request).await.unwrap_or_else(IntoResponse::into_response)
}

async fn complete(app: &Arc<App>, request: Request) -> Result<Response, Problem> {
    let owner = auth::owner(app, &request, Scope::Write).await?;
    let config = &app.config.config.gateway.http.endpoints.chat_completions;
    let (parts, body) = request.into_parts();
    let limit = config.max_body_bytes.and_then(|bytes| usize::try_from(bytes).ok());
    let held = body::read(&app.bodies, &parts.headers, body, limit.unwrap_or(MAX_BODY)).await?;
    let asked = ChatRequest::parse(held.bytes())?;
    drop(held);
    let target = Target::of(app, &parts.headers, &asked)?;
    let head = Head {
        id: format!("chatcmpl_{}", Uuid::new_v4()),
        created: app.clock.now_ms() / 1000,
        model: asked.model.clone().unwrap_or_else(|| "openclaw".to_owned()),
    };
    let submission = submission(app, owner, &asked, target, &head.id)?;
    let mut running = run::start(app, submission).await?;
    if asked.stream == Some(true) {
        return Ok(streamed(head, running, asked.wants_usage()));
    }
    let outcome = running.ended().await.ok_or_else(Problem::stopping)?;
    Ok(super::super::json(StatusCode::OK, &head.completion(&outcome)?))
}

fn submission(
    app: &App,
    owner: Owner,
    asked: &ChatRequest,
    target: Target,
    id: &str,
) -> Result<Submission, Problem> {
    let config = &app.config.config.gateway.http.endpoints.chat_completions;
    let said = asked.messages.as_deref().unwrap_or_default();
    let conversation = conversation::read(said, &mut Room::of(config), app.clock.now_ms())?;
    let (tools, tool_choice) = tools::read(asked)?;
    let max_tokens = asked.max_completion_tokens.or(asked.max_tokens).filter(|max| *max > 0);
    let supplied = Supplied { earlier: conversation.earlier, tools, tool_choice, max_tokens };
    let effort = asked.reasoning_effort.as_deref().and_then(ThinkingLevel::parse);
    Ok(Submission {
        principal: owner.principal,
        scope: "openai".to_owned(),
        agent_id: target.agent,
        attachments: conversation.now.pictures,
        model: target.model,
        thinking: effort.map(|level| level.as_str().to_owned()),
        extra_system_prompt: conversation.system,
        origin: Origin {
            channel: target.channel,
            chat_type: Some("direct".to_owned()),
            ..Origin::default()
        },
        // A session that was made for this request has nothing to reset. Who may not call
        // `sessions.reset` does not get there by the word either.
        may_reset: target.lasting && owner.scopes.allows(Scope::Admin),
        supplied: (supplied != Supplied::default()).then(|| Box::new(supplied)),
        ..Submission::new(RunId::new(id), target.key, conversation.now.text)
    })
}

/// Where a stream is.
enum Stage {
    Role,
    Text,
    Over,
}

struct Feed {
    head: Head,
    running: Running,
    usage: bool,
    seen: usize,
    stage: Stage,
}

fn streamed(head: Head, running: Running, usage: bool) -> Response {
    let feed = Feed { head, running, usage, seen: 0, stage: Stage::Role };
    let pieces = stream::unfold(feed, |mut feed| async move {
        let piece = feed.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(piece)), feed))
    });
    super::super::event_stream(Body::from_stream(pieces))
}

impl Feed {
    /// What is written next; nothing after the end. A slow reader gets fewer, larger pieces.
    async fn next(&mut self) -> Option<String> {
        match self.stage {
            Stage::Over => return None,
            Stage::Role => {
                self.stage = Stage::Text;
                return Some(self.head.role());
            }
            Stage::Text => {}
        }
        match timeout(KEEPALIVE, self.running.next(self.seen)).await {
            Err(_) => Some(": keepalive\n\n".to_owned()),
            Ok(News::Text(piece)) => {
                self.seen += piece.len();
                Some(self.head.text(&piece))
            }
            Ok(News::Ended(outcome)) => {
                self.stage = Stage::Over;
                Some(self.head.end(&outcome, self.seen, self.usage))
            }
            Ok(News::Lost) => {
                self.stage = Stage::Over;
                Some(Head::broken_off())
            }
        }
    }
}
