//! The payloads of `agent` and `chat` events.

use openclaw_agent::{
    live::{LiveRun, RunInfo},
    observer::{ToolEvent, ToolPhase as AgentToolPhase},
    outcome::{Outcome, RunStatus},
    runtime::Injected,
};
use openclaw_protocol::{
    events::{
        agent::{
            AgentEvent, AgentStream, AssistantData, LifecycleData, LifecyclePhase, ThinkingData,
            ToolData, ToolPhase,
        },
        chat::{ChatErrorKind, ChatEvent, ChatState},
    },
    ids::{AgentId, SessionKey},
    methods::chat::ChatMessage,
};
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::handlers::millis;

/// A growing text, and the end of it that a reader has yet to see.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    /// All of it so far.
    pub(crate) text: &'a str,
    /// What is new.
    pub(crate) fresh: &'a str,
}

/// The `agent` event of new text: that of one assistant message.
pub(crate) fn assistant(run: &LiveRun, part: Part<'_>, seq: u64, now: i64) -> AgentEvent {
    let data = AssistantData {
        text: part.text.to_owned(),
        delta: part.fresh.to_owned(),
        ..AssistantData::default()
    };
    event(run.info(), AgentStream::Assistant(data), seq, now)
}

/// The `agent` event of new thinking: that for one assistant message.
pub(crate) fn thinking(run: &LiveRun, part: Part<'_>, seq: u64, now: i64) -> AgentEvent {
    let data = ThinkingData { text: part.text.to_owned(), delta: part.fresh.to_owned() };
    event(run.info(), AgentStream::Thinking(data), seq, now)
}

/// The `chat` event of new text: cumulative over the run, and what is new beside it.
pub(crate) fn delta(run: &LiveRun, part: Part<'_>, seq: u64, now: i64) -> ChatEvent {
    let mut chat = chat(run.info(), ChatState::Delta, seq);
    chat.delta_text = Some(part.fresh.to_owned());
    chat.message = Some(ChatMessage::text("assistant", part.text, millis(now)));
    chat
}

/// A run begins.
pub(crate) fn started(run: &LiveRun, now: i64) -> AgentEvent {
    let data = LifecycleData {
        started_at: Some(millis(run.info().started_at)),
        ..lifecycle(LifecyclePhase::Start)
    };
    event(run.info(), AgentStream::Lifecycle(Box::new(data)), run.next_seq(), now)
}

/// A tool is called, reports, or has ended.
pub(crate) fn tool(run: &LiveRun, tool: &ToolEvent, now: i64) -> AgentEvent {
    let mut data = ToolData {
        phase: ToolPhase::Start,
        name: tool.name.to_string(),
        tool_call_id: tool.tool_call_id.to_string(),
        args: None,
        partial_result: None,
        result: None,
        meta: None,
        is_error: None,
        tool_error_summary: None,
        command_bearing: None,
    };
    match &tool.phase {
        AgentToolPhase::Start { args } => data.args = Some(args.clone()),
        AgentToolPhase::Update { partial_result } => {
            data.phase = ToolPhase::Update;
            data.partial_result = Some(partial_result.clone());
        }
        AgentToolPhase::Result { result, is_error, meta } => {
            data.phase = ToolPhase::Result;
            data.result = Some(result.clone());
            data.is_error = Some(*is_error);
            data.meta.clone_from(meta);
        }
    }
    event(run.info(), AgentStream::Tool(data), run.next_seq(), now)
}

/// A run has ended, as `agent` tells it.
pub(crate) fn ended(info: &RunInfo, outcome: &Outcome, seq: u64, now: i64) -> AgentEvent {
    let phase = if outcome.error.is_some() { LifecyclePhase::Error } else { LifecyclePhase::End };
    let data = LifecycleData {
        started_at: (outcome.started_at > 0).then(|| millis(outcome.started_at)),
        ended_at: Some(millis(outcome.ended_at)),
        error: outcome.error.clone(),
        aborted: Some(outcome.status == RunStatus::Aborted),
        stop_reason: Some(outcome.stop_reason.clone()),
        ..lifecycle(phase)
    };
    event(info, AgentStream::Lifecycle(Box::new(data)), seq, now)
}

/// A run has ended, as `chat` tells it: the one terminal event of each message.
pub(crate) fn last(
    info: &RunInfo,
    outcome: &Outcome,
    seq: u64,
    message: Option<&Value>,
) -> ChatEvent {
    let state = match (&outcome.error, outcome.status) {
        (_, RunStatus::Aborted) => ChatState::Aborted,
        (Some(_), _) => ChatState::Error,
        (None, _) => ChatState::Final,
    };
    let mut chat = chat(info, state, seq);
    chat.stop_reason = Some(outcome.stop_reason.clone());
    chat.error_message.clone_from(&outcome.error);
    chat.error_kind = (outcome.status == RunStatus::Timeout).then_some(ChatErrorKind::Timeout);
    chat.message = message.and_then(|message| ChatMessage::deserialize(message).ok());
    chat
}

/// A note that was written without a model.
pub(crate) fn injected(key: &SessionKey, agent: &AgentId, injected: &Injected) -> ChatEvent {
    let mut chat = blank(ChatState::Final, 0);
    chat.run_id = format!("inject-{}", injected.entry_id);
    chat.session_key = key.to_string();
    chat.agent_id = Some(agent.to_string());
    chat.message = ChatMessage::deserialize(&injected.message).ok();
    chat
}

fn event(info: &RunInfo, stream: AgentStream, seq: u64, now: i64) -> AgentEvent {
    AgentEvent {
        run_id: info.run_id.to_string(),
        stream,
        session_key: Some(info.session_key.to_string()),
        session_id: Some(info.session_id.to_string()),
        agent_id: Some(info.agent_id.to_string()),
        spawned_by: None,
        lane: None,
        is_heartbeat: Some(false),
        seq,
        ts: millis(now),
        session: None,
    }
}

fn chat(info: &RunInfo, state: ChatState, seq: u64) -> ChatEvent {
    let mut chat = blank(state, seq);
    chat.run_id = info.run_id.to_string();
    chat.session_key = info.session_key.to_string();
    chat.agent_id = Some(info.agent_id.to_string());
    chat
}

fn blank(state: ChatState, seq: u64) -> ChatEvent {
    ChatEvent {
        run_id: String::new(),
        session_key: String::new(),
        agent_id: None,
        spawned_by: None,
        seq,
        state,
        phase: None,
        retry: None,
        delta_text: None,
        replace: None,
        message: None,
        usage: None,
        stop_reason: None,
        yielded: None,
        error_message: None,
        error_kind: None,
        error_detail: None,
    }
}

#[expect(clippy::expect_used, reason = "a phase is all that is required")]
fn lifecycle(phase: LifecyclePhase) -> LifecycleData {
    serde_json::from_value(json!({ "phase": phase })).expect("a phase is all that is required")
}
