//! `agent`, `session.tool`: what a run does, step by step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::sessions::SessionMirror;
use crate::{events, methods::sessions::SessionRow};

mod stream;

pub use stream::{
    AgentErrorData, AgentStream, AssistantData, CommandOutputData, CompactionData, ItemData,
    ItemStatus, LifecycleData, LifecyclePhase, RunStatusData, ThinkingData, ToolData, ToolPhase,
    UsageData,
};

events! {
    "agent": AgentEvent, to READ;
    "session.tool": SessionToolEvent, to SUBSCRIBERS, droppable;
}

/// A step of a run.
///
/// Those of stream `tool` go only to connections with the cap `tool-events` that started or joined
/// the run. A step that carries its session's row says the fields of the row twice on the wire,
/// under `session` and at the top, as OpenClaw does; here they are once.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentEvent {
    /// The run.
    pub run_id: String,
    /// What happened.
    #[serde(flatten)]
    pub stream: AgentStream,
    /// The session's canonical key.
    #[serde(default)]
    pub session_key: Option<String>,
    /// The session's transcript (protocol 4).
    #[serde(default)]
    pub session_id: Option<String>,
    /// The agent (protocol 4).
    #[serde(default)]
    pub agent_id: Option<String>,
    /// The session that started it (protocol 4).
    #[serde(default)]
    pub spawned_by: Option<String>,
    /// The lane that it runs in (protocol 4).
    #[serde(default)]
    pub lane: Option<String>,
    /// Whether the run is a heartbeat (protocol 4).
    #[serde(default)]
    pub is_heartbeat: Option<bool>,
    /// The place among the events of the run, counted from 1.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub ts: u64,
    /// The session's row, with stream `tool`.
    #[serde(default)]
    pub session: Option<Box<SessionRow>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    run_id: &'a str,
    #[serde(flatten)]
    stream: &'a AgentStream,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spawned_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lane: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_heartbeat: Option<bool>,
    seq: u64,
    ts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionRow>,
    #[serde(flatten)]
    mirror: Option<SessionMirror<'a>>,
}

impl Serialize for AgentEvent {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        let row = self.session.as_deref();
        Wire {
            run_id: &self.run_id,
            stream: &self.stream,
            session_key: self.session_key.as_deref(),
            // The mirror says these two already.
            session_id: self.session_id.as_deref().filter(|_| row.is_none()),
            agent_id: self.agent_id.as_deref(),
            spawned_by: self.spawned_by.as_deref().filter(|_| row.is_none()),
            lane: self.lane.as_deref(),
            is_heartbeat: self.is_heartbeat,
            seq: self.seq,
            ts: self.ts,
            session: row,
            mirror: row.map(SessionMirror::of),
        }
        .serialize(output)
    }
}

/// A tool call in any session, for those who subscribed to all sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SessionToolEvent(pub AgentEvent);
