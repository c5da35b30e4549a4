//! A command such as `/status` is a message too: wherever the process dies, it has one answer in the
//! transcript and one outcome, whatever it changes is changed, and no model is asked.

use futures_util::StreamExt as _;
use openclaw_tests::{
    Peer,
    crash::{AnsweringModel, CrashGateway, Starter},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{AT_ONCE, STORE_POINTS, check::words};

/// What is said, and how the answer begins.
const COMMANDS: [(&str, &str); 4] = [
    ("/help", "ℹ️ Help"),
    ("/status", "🦞 OpenClaw"),
    ("/model", "Current: test/test"),
    ("/model test/test", "Model set to test/test."),
];

/// Of the points of a run those that a command passes.
const POINTS: [&str; 3] = ["accepted", "before-finish", "after-finish"];

#[tokio::test]
async fn a_command_is_answered_once_wherever_the_process_dies() {
    let stories = POINTS.iter().chain(STORE_POINTS).map(|label| Box::pin(all_at(label)));
    futures_util::stream::iter(stories).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

/// One state directory; in each command the process dies at the point, and starts again.
async fn all_at(label: &str) {
    let mut story = Story::new(label).await;
    for nth in 0..COMMANDS.len() {
        story.die_in(nth).await;
        story.come_back(nth).await;
    }
    let asked =
        story.model.lives(|lives| lives.values().map(|life| life.turns.len()).sum::<usize>());
    assert_eq!(asked, 0, "{label}: no model is asked");
}

struct Story<'a> {
    label: &'a str,
    model: AnsweringModel,
    starter: Starter,
    life: usize,
    /// How often the end of each command was told.
    ends: [usize; COMMANDS.len()],
    _dir: TempDir,
}

fn run_of(nth: usize) -> String {
    format!("command-{nth}")
}

impl<'a> Story<'a> {
    async fn new(label: &'a str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        std::fs::create_dir(&state).unwrap();
        let program = env!("CARGO_BIN_EXE_crash_gateway");
        let starter = Starter { program, state, power: None };
        let model = AnsweringModel::start().await;
        Self { label, model, starter, life: 0, ends: [0; COMMANDS.len()], _dir: dir }
    }

    async fn begin(&mut self, crash_at: Option<&str>) -> (CrashGateway, Peer) {
        let config = self.model.life(self.life, None);
        self.life += 1;
        let gateway = self.starter.start(config, crash_at).await;
        let peer = Peer::connect(gateway.address(), 4).await;
        (gateway, peer)
    }

    fn hear(&mut self, frame: &Value) {
        let payload = &frame["payload"];
        if frame["event"] == "chat" && payload["state"] == "final" {
            let run = payload["runId"].as_str().unwrap();
            let nth = (0..COMMANDS.len()).find(|nth| run_of(*nth) == run).unwrap();
            self.ends[nth] += 1;
        }
    }

    async fn die_in(&mut self, nth: usize) {
        let crash_at = format!("{}:1", self.label);
        let (gateway, mut peer) = self.begin(Some(&crash_at)).await;
        peer.send("chat.send", params(nth)).await;
        gateway.died().await;
        while let Ok(frame) = peer.next().await {
            self.hear(&frame);
        }
    }

    /// The client sends again what it has no answer to, and everything is as if nothing had happened.
    async fn come_back(&mut self, nth: usize) {
        let label = self.label;
        let (gateway, mut peer) = self.begin(None).await;
        peer.call("chat.send", params(nth)).await.unwrap();
        let wait = json!({"runId": run_of(nth), "timeoutMs": 20_000});
        let outcome = peer.call("agent.wait", wait.clone()).await.unwrap();
        assert_eq!(outcome["status"], "ok", "{label}: {outcome}");
        // Once more, when it has its outcome.
        peer.call("chat.send", params(nth)).await.unwrap();
        assert_eq!(peer.call("agent.wait", wait).await.unwrap(), outcome, "{label}");
        let asked = json!({"sessionKey": "main", "limit": 100});
        let history = peer.call("chat.history", asked).await.unwrap();
        let messages = history["messages"].as_array().unwrap();
        // Recorded behaviour: the transcript gets the answer alone.
        assert_eq!(messages.len(), nth + 1, "{label}: {messages:?}");
        for (message, (_, begin)) in messages.iter().zip(COMMANDS) {
            assert_eq!(message["role"], "assistant", "{label}: {message}");
            assert!(words(message).starts_with(begin), "{label}: {message}");
        }
        let ((), ()) = tokio::join!(gateway.stop(), async {
            while let Ok(frame) = peer.next().await {
                self.hear(&frame);
            }
        });
        assert!(self.ends[nth] <= 1, "{label}: its end is told {} times", self.ends[nth]);
        self.check_files(nth);
    }

    /// The files say the same, and the choice of the last command is there.
    fn check_files(&self, nth: usize) {
        let dir = self.starter.state.join("agents/main/sessions");
        let index = std::fs::read(dir.join("sessions.json")).unwrap();
        let index: Value = serde_json::from_slice(&index).unwrap();
        let session = &index["agent:main:main"];
        let chosen = session["modelOverride"].as_str();
        let last = nth + 1 == COMMANDS.len();
        assert_eq!(chosen, last.then_some("test"), "{}: {session}", self.label);
        let id = session["sessionId"].as_str().unwrap();
        let text = std::fs::read_to_string(dir.join(format!("{id}.jsonl"))).unwrap();
        let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let keys: Vec<String> = entries
            .filter(|entry| entry["type"] == "message")
            .map(|entry| entry["message"]["idempotencyKey"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(keys, (0..=nth).map(run_of).collect::<Vec<_>>(), "{}", self.label);
    }
}

fn params(nth: usize) -> Value {
    json!({"sessionKey": "main", "message": COMMANDS[nth].0, "idempotencyKey": run_of(nth)})
}
