//! `chat.history` and `chat.startup`: a window of a session's transcript and how the session stands.

use openclaw_agent::{
    runtime::Submission,
    session::SessionRow,
    store::{HistoryQuery, RunRecord, RunState},
};
use openclaw_protocol::{
    RpcError,
    ids::SessionKey,
    methods::{
        agents::AgentsListParams,
        chat::{
            ChatHistoryParams, ChatHistoryResult, ChatMessage, ChatStartupByShortId,
            ChatStartupParams, ChatStartupResult, ContentPart, InFlightRun, MessageContent,
            PendingInput, PendingInputState, PendingInputs,
        },
    },
};

use super::{super::keys, messages};
use crate::{
    context::Cx,
    error::OrRefuse as _,
    handlers::{agents, sessions},
};

/// Messages when the client does not say how many.
const DEFAULT_LIMIT: usize = 200;
/// Bytes of transcript in one answer.
const MAX_BYTES: usize = 6 * 1024 * 1024;
/// Inputs that wait in one answer, as recorded from 2026.9.6; more are only counted.
const MAX_PENDING: usize = 20;

pub(crate) async fn history(
    cx: Cx,
    params: ChatHistoryParams,
) -> Result<ChatHistoryResult, RpcError> {
    let key = keys::canonical(&cx, &params.session_key, params.agent_id.as_deref())?;
    let row = keys::find(&cx, &key).await?;
    let mut result = describe(&cx, &key, row.as_ref());
    // Recorded behaviour: the key comes back as it was sent.
    result.session_key = Some(params.session_key.to_string());
    result.pending_inputs = Some(pending(&cx, &key).await?);
    let session_id =
        params.session_id.as_deref().or(row.as_ref().map(|r| r.entry.session_id.as_str()));
    let Some(session_id) = session_id.map(str::to_owned) else { return Ok(result) };
    let total = cx.app().store.transcript(&session_id).await.or_refuse()?.map_or(0, |t| t.messages);
    let window = window(&cx, &session_id, &params, total).await?;
    let older = window.first().and_then(seq_of).unwrap_or(1) - 1;
    result.session_id = Some(session_id);
    result.has_more = Some(older > 0);
    result.next_offset = (older > 0).then(|| total - older);
    result.total_messages = Some(total);
    if offset_of(&params) == 0
        && let Some(info) = &mut result.session_info
    {
        info.active_leaf_entry_id = Some(leaf_of(&window).into());
    }
    result.messages = Some(window);
    Ok(result)
}

async fn window(
    cx: &Cx,
    session_id: &str,
    params: &ChatHistoryParams,
    total: u64,
) -> Result<Vec<ChatMessage>, RpcError> {
    let limit = params.limit.map_or(DEFAULT_LIMIT, openclaw_protocol::field::Int::to_usize);
    let bytes = params.max_bytes.map_or(MAX_BYTES, openclaw_protocol::field::Int::to_usize);
    let offset = offset_of(params).min(total);
    // An offset counts messages from the newest; the entries before it are found by their number.
    let mut query =
        HistoryQuery::last_messages(session_id, limit + usize::try_from(offset).unwrap_or(0));
    query.max_bytes = bytes.min(MAX_BYTES);
    let entries = cx.app().store.history(query).await.or_refuse()?;
    let keep = entries.len().saturating_sub(usize::try_from(offset).unwrap_or(0));
    let max_chars = params.max_chars.map(openclaw_protocol::field::Int::to_usize);
    Ok(entries[..keep].iter().filter_map(|entry| messages::shown(entry, max_chars)).collect())
}

/// The messages that were accepted and have not begun, the oldest first.
async fn pending(cx: &Cx, key: &SessionKey) -> Result<PendingInputs, RpcError> {
    let active = cx.app().runtime.active(key);
    let queued = active.iter().filter(|run| run.state == RunState::Queued);
    let mut pending = PendingInputs::default();
    for run in queued {
        pending.total += 1;
        if pending.items.len() < MAX_PENDING {
            let record = cx.app().store.run(&run.info.run_id).await.or_refuse()?;
            pending.items.extend(record.as_ref().and_then(input));
        }
    }
    Ok(pending)
}

/// What waits in a row; nothing once it has begun, since the transcript has it then.
fn input(record: &RunRecord) -> Option<PendingInput> {
    let said: Submission = serde_json::from_str(&record.request).ok()?;
    let accepted_at = sessions::row::millis(record.accepted_at);
    let mut message = ChatMessage::text("user", said.text, accepted_at);
    if let Some(MessageContent::Parts(parts)) = &mut message.content {
        parts.extend(said.attachments.into_iter().map(|picture| ContentPart {
            kind: "image".to_owned(),
            data: Some(picture.data),
            mime_type: Some(picture.mime_type),
            ..ContentPart::default()
        }));
    }
    (record.state == RunState::Queued).then(|| PendingInput {
        id: record.run_id.to_string(),
        run_id: Some(record.run_id.to_string()),
        message,
        accepted_at,
        state: PendingInputState::Queued,
    })
}

/// How many of the newest messages are left out.
fn offset_of(params: &ChatHistoryParams) -> u64 {
    params.offset.map_or(0, openclaw_protocol::field::Int::get)
}

/// The id of the last message, by which clients know the branch.
fn leaf_of(window: &[ChatMessage]) -> Option<String> {
    window.last()?.meta.as_ref()?.id.clone()
}

fn seq_of(message: &ChatMessage) -> Option<u64> {
    message.meta.as_ref()?.seq
}

/// Everything of the answer but the messages.
fn describe(cx: &Cx, key: &SessionKey, row: Option<&SessionRow>) -> ChatHistoryResult {
    let entry = row.map(|row| &row.entry);
    let running = cx.app().runtime.live(key);
    let info = sessions::row::describe(cx, key, row);
    ChatHistoryResult {
        session_key: Some(key.to_string()),
        messages: Some(Vec::new()),
        thinking_level: Some(
            entry.and_then(|e| e.thinking_level.clone()).unwrap_or_else(|| "off".to_owned()),
        ),
        verbose_level: entry.and_then(|e| e.verbose_level.clone()),
        pending_inputs: Some(PendingInputs::default()),
        has_more: Some(false),
        total_messages: Some(0),
        defaults: Some(sessions::defaults(cx, &keys::agent_of(cx, key))),
        session_info: Some(Box::new(info)),
        in_flight_run: running.map(|run| InFlightRun {
            run_id: run.info().run_id.to_string(),
            text: Some(run.snapshot()),
        }),
        ..ChatHistoryResult::default()
    }
}

pub(crate) async fn startup(
    cx: Cx,
    params: ChatStartupParams,
) -> Result<ChatStartupResult, RpcError> {
    let params = match params {
        ChatStartupParams::Session(params) => params,
        ChatStartupParams::ShortId(params) => by_short_id(&cx, params).await?,
    };
    let history = history(cx.clone(), params).await?;
    let agents_list = Some(agents::list(cx.clone(), AgentsListParams::default()).await?);
    Ok(ChatStartupResult { history, agents_list, metadata: Some(super::metadata_of(&cx)) })
}

/// A short id is the beginning of a session's id.
async fn by_short_id(cx: &Cx, params: ChatStartupByShortId) -> Result<ChatHistoryParams, RpcError> {
    let agent = keys::known_agent(cx, &params.agent_id)?;
    let row = sessions::find_by_short_id(cx, &params.short_id, Some(&agent)).await?;
    let session_key =
        row.key.to_string().try_into().map_err(|_| RpcError::invalid("session not found"))?;
    Ok(ChatHistoryParams {
        session_key,
        agent_id: None,
        cursor: None,
        limit: params.limit,
        max_bytes: params.max_bytes,
        offset: None,
        pending_before: None,
        input_run_ids: None,
        message_id: None,
        session_id: None,
        max_chars: None,
    })
}
