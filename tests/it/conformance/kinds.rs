//! Kinds of events, and the order in which a run goes through them.

use serde_json::Value;

use super::script::{Line, Step};

/// Kinds that protocol 4 tells of every run and that were cut out of every flow but `chat-happy`.
pub(crate) const CUT: [&str; 9] = [
    "agent/item",
    "agent/lifecycle/fallback_step",
    "agent/lifecycle/finishing",
    "agent/lifecycle/model",
    "agent/run_status",
    "agent/usage",
    "chat/status/preparing_context",
    "chat/status/preparing_workspace",
    "chat/status/starting_model",
];

/// What an event is, in few words: `agent/lifecycle/start`, `chat/delta`, `sessions.changed/patch`.
pub(crate) fn kind(frame: &Value) -> String {
    let (event, payload) = (text(&frame["event"]), &frame["payload"]);
    let words = match event {
        "agent" => {
            let stream = text(&payload["stream"]);
            let phased = ["lifecycle", "tool"].contains(&stream);
            [stream, if phased { text(&payload["data"]["phase"]) } else { "" }]
        }
        "chat" => [text(&payload["state"]), text(&payload["phase"])],
        "sessions.changed" => {
            let (phase, reason) = (text(&payload["phase"]), text(&payload["reason"]));
            [if phase.is_empty() { reason } else { phase }, ""]
        }
        "session.message" => [text(&payload["message"]["role"]), ""],
        _ => ["", ""],
    };
    let words = words.into_iter().filter(|word| !word.is_empty());
    std::iter::once(event).chain(words).collect::<Vec<_>>().join("/")
}

/// Whether a frame is the event that a recorded one is.
pub(crate) fn is(recorded: &Value, frame: &Value) -> bool {
    frame["type"] == "event" && kind(frame) == kind(recorded) && subject(frame) == subject(recorded)
}

/// What tells events of one kind apart: the run, the command that wants to run, or the session.
fn subject(frame: &Value) -> &str {
    let payload = &frame["payload"];
    match (run(frame), payload["request"]["command"].as_str()) {
        (Some(run), _) => run,
        (None, Some(command)) => command,
        (None, None) => text(&payload["sessionKey"]),
    }
}

/// The run of an `agent` or `chat` event. The id of a note's run is made by the gateway.
fn run(frame: &Value) -> Option<&str> {
    if !["agent", "chat"].contains(&text(&frame["event"])) {
        return None;
    }
    let run = frame["payload"]["runId"].as_str()?;
    Some(if run.starts_with("inject-") { "inject-" } else { run })
}

/// The runs of a connection in a flow, each with its first line.
pub(crate) fn runs<'a>(lines: &'a [Line], on: &str) -> Vec<(usize, &'a str)> {
    let mut runs: Vec<(usize, &str)> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let Step::Event(frame) = &line.step else { continue };
        if let Some(run) = run(frame)
            && line.on == on
            && !runs.iter().any(|(_, known)| *known == run)
        {
            runs.push((n + 1, run));
        }
    }
    runs
}

/// The kinds of a run in the order in which each comes first.
pub(crate) fn order<'a>(frames: impl Iterator<Item = &'a Value>, of: &str) -> Vec<String> {
    let mut kinds = Vec::new();
    for frame in frames.filter(|frame| run(frame) == Some(of)) {
        let kind = kind(frame);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
