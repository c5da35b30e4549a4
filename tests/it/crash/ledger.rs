//! What a client knows of its messages.

use std::collections::{BTreeMap, BTreeSet};

use openclaw_tests::Peer;
use serde_json::{Value, json};

/// The sessions that are talked to, as a client names them and as the files do.
pub(super) const SESSIONS: [(&str, &str); 3] = [
    ("main", "agent:main:main"),
    ("agent:main:two", "agent:main:two"),
    ("agent:main:three", "agent:main:three"),
];

/// A message and what was heard of it.
#[derive(Debug, Default)]
pub(super) struct Message {
    pub(super) session: usize,
    pub(super) tool: bool,
    /// A good reply was seen. Until then it is sent again, with the same key, in every life.
    pub(super) accepted: bool,
    /// The lives in which text of its answer was seen.
    pub(super) deltas: BTreeSet<usize>,
    /// Events that ended its run.
    pub(super) ends: usize,
    /// What `agent.wait` said, each different answer once.
    pub(super) outcomes: BTreeSet<String>,
}

impl Message {
    pub(super) fn has_ended(&self) -> bool {
        !self.outcomes.is_empty()
    }
}

enum Asked {
    Send(u64),
    Wait(u64),
}

/// All messages by mark, which is the order in which they were first sent.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) messages: BTreeMap<u64, Message>,
    /// Requests of this connection without an answer.
    open: BTreeMap<String, Asked>,
}

/// The run id, which is the idempotency key, of a message.
pub(super) fn run_of(mark: u64) -> String {
    format!("run-{mark}")
}

fn mark_of_run(run: &Value) -> Option<u64> {
    run.as_str()?.strip_prefix("run-")?.parse().ok()
}

impl Ledger {
    /// Notes a new message.
    pub(super) fn add(&mut self, session: usize, tool: bool) {
        let mark = self.messages.len() as u64;
        self.messages.insert(mark, Message { session, tool, ..Message::default() });
    }

    /// A new connection: answers to the requests of the last one never come.
    pub(super) fn connected(&mut self) {
        self.open.clear();
    }

    /// The messages that no reply was seen to, in order.
    pub(super) fn unknown(&self) -> Vec<u64> {
        let unknown = self.messages.iter().filter(|(_, message)| !message.accepted);
        unknown.map(|(mark, _)| *mark).collect()
    }

    /// The messages that are accepted and have no outcome yet.
    pub(super) fn running(&self) -> Vec<u64> {
        let running = self.messages.iter().filter(|(_, m)| m.accepted && !m.has_ended());
        running.map(|(mark, _)| *mark).collect()
    }

    pub(super) fn all_ended(&self) -> bool {
        self.messages.values().all(Message::has_ended)
    }

    pub(super) async fn send(&mut self, peer: &mut Peer, mark: u64) {
        let message = &self.messages[&mark];
        let how = if message.tool { " with a tool" } else { "" };
        let params = json!({
            "sessionKey": SESSIONS[message.session].0,
            "message": format!("Answer <<{mark}>>{how}"),
            "idempotencyKey": run_of(mark),
        });
        let id = peer.send("chat.send", params).await;
        self.open.insert(id, Asked::Send(mark));
    }

    pub(super) async fn wait(&mut self, peer: &mut Peer, mark: u64) {
        let params = json!({"runId": run_of(mark), "timeoutMs": 60_000});
        let id = peer.send("agent.wait", params).await;
        self.open.insert(id, Asked::Wait(mark));
    }

    /// Notes what a frame says. Gives the mark of a message that has just become accepted.
    pub(super) fn hear(&mut self, life: usize, frame: &Value) -> Option<u64> {
        if frame["type"] == "res" {
            return self.answered(frame);
        }
        let payload = &frame["payload"];
        let message = self.messages.get_mut(&mark_of_run(&payload["runId"])?)?;
        match (frame["event"].as_str()?, payload["state"].as_str(), payload["stream"].as_str()) {
            ("chat", Some("delta"), _) | ("agent", _, Some("assistant")) => {
                message.deltas.insert(life);
            }
            ("chat", Some("final" | "error" | "aborted"), _) => message.ends += 1,
            _ => {}
        }
        None
    }

    fn answered(&mut self, frame: &Value) -> Option<u64> {
        let asked = self.open.remove(frame["id"].as_str()?)?;
        assert_eq!(frame["ok"], true, "{frame}");
        let payload = &frame["payload"];
        match asked {
            Asked::Send(mark) => {
                let message = self.messages.get_mut(&mark).unwrap();
                let first = !message.accepted;
                message.accepted = true;
                first.then_some(mark)
            }
            Asked::Wait(mark) => {
                assert!(payload["status"] == "ok" || payload["status"] == "error", "{frame}");
                let fields = ["status", "startedAt", "endedAt", "error", "stopReason"];
                let outcome = fields.map(|name| payload[name].clone());
                self.messages.get_mut(&mark).unwrap().outcomes.insert(json!(outcome).to_string());
                None
            }
        }
    }
}
