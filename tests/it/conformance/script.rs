//! A recorded flow: what the client did and what the real gateway answered, one step a line.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// A gateway that was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// OpenClaw 2026.3.28, which speaks protocol 3.
    V3,
    /// OpenClaw 2026.9.6, which speaks protocol 4.
    V4,
}

impl Recorded {
    /// Both of them.
    pub(crate) const ALL: [Self; 2] = [Self::V3, Self::V4];

    /// Its version, which is the name of its folder.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::V3 => "2026.3.28",
            Self::V4 => "2026.9.6",
        }
    }

    /// The protocol that it speaks.
    pub(crate) fn protocol(self) -> u64 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
        }
    }

    /// The folder of its flows.
    pub(crate) fn folder(self) -> PathBuf {
        data().join(self.version())
    }
}

/// The folder of everything that was recorded.
pub(crate) fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// One line of a flow.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    /// Which of several connections; none for the only one.
    #[serde(default)]
    pub(crate) on: String,
    /// What happens.
    #[serde(flatten)]
    pub(crate) step: Step,
}

/// What happens.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Step {
    /// What the recorded gateway had gone through before.
    Before(Before),
    /// The client opens a socket, which is accepted.
    Open(Open),
    /// The client opens many sockets and says nothing.
    Crowd(Crowd),
    /// The client sends a frame.
    Send(Value),
    /// The client sends text that is no good frame.
    Raw(String),
    /// The client sends text in a binary message.
    Binary(String),
    /// The client sends bytes that are no text.
    Bytes(Vec<u8>),
    /// The client sends one huge frame: how it begins, and its size in bytes.
    Pad {
        /// The size.
        bytes: usize,
        /// The beginning.
        head: String,
    },
    /// The client pings.
    Ping(String),
    /// The client closes.
    Close(Closed),
    /// The gateway answers a request.
    Res(Res),
    /// The gateway tells an event.
    Event(Value),
    /// The gateway answers the ping.
    Pong(String),
    /// The gateway closes.
    Closed(Closed),
}

/// A state that a flow builds on.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Before {
    /// A conversation in `agent:main:live`.
    Chat,
    /// The device of the flow was let in with every scope.
    Device,
    /// It has asked to be a node, and nobody has answered.
    Pending,
    /// The workspace holds `AGENTS.md`.
    Workspace,
    /// The log is longer than what is asked of it.
    Log,
    /// OpenClaw has made its `exec-approvals.json`.
    Approvals,
}

/// What is particular about an upgrade.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Open {
    /// `Origin`; `<SELF>` is the gateway's own.
    pub(crate) origin: Option<String>,
    /// `Host`.
    pub(crate) host: Option<String>,
    /// `Sec-WebSocket-Protocol`, and the one that was answered.
    pub(crate) subprotocol: Option<String>,
    pub(crate) answered: Option<String>,
    /// `Sec-WebSocket-Extensions`, and those that were answered.
    pub(crate) extensions: Option<String>,
    pub(crate) answered_extensions: Option<String>,
}

/// How many of many sockets are accepted, and how the others are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Crowd {
    pub(crate) accepted: usize,
    pub(crate) refused: usize,
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// A close frame.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closed {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

/// An answer; `payload` or `error`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Res {
    pub(crate) id: String,
    pub(crate) ok: bool,
    pub(crate) payload: Option<Value>,
    pub(crate) error: Option<Value>,
}

/// Reads a flow; its lines count from 1.
pub(crate) fn read(recorded: Recorded, flow: &str) -> Vec<Line> {
    let path = recorded.folder().join(format!("{flow}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap();
    let parse = |(n, line)| match serde_json::from_str(line) {
        Ok(line) => line,
        Err(error) => panic!("{}:{}: {error}", path.display(), n + 1),
    };
    text.lines().enumerate().map(parse).collect()
}
