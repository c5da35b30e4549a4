//! A rewind that is killed leaves the old branch or the new one, whole, and every line.

use openclaw_tests::{
    Peer,
    crash::{AnsweringModel, CrashGateway, Starter},
};
use serde_json::{Value, json};

const KEY: &str = "agent:main:main";

/// When the process dies.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Death {
    /// While the request is on its way, or later.
    Sent,
    /// When the answer was seen.
    Answered,
    /// Between the commit and the answer, at this point of writing the file.
    At(&'static str),
}

#[tokio::test]
async fn a_rewind_that_is_killed_leaves_one_of_both_branches() {
    let points = [Death::At("projection-appended:1"), Death::At("projection-before-mark:1")];
    for death in [Death::Sent, Death::Answered].into_iter().chain(points) {
        one(death).await;
    }
}

async fn one(death: Death) {
    let dir = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_crash_gateway");
    let starter = Starter { program, state: dir.path().to_owned(), power: None };
    let model = AnsweringModel::start().await;
    let (gateway, mut peer) = start(&starter, &model, 0, None).await;
    for mark in ["0", "1"] {
        let send =
            json!({"sessionKey": KEY, "message": format!("<<{mark}>>"), "idempotencyKey": mark});
        peer.call("chat.send", send).await.unwrap();
        peer.run_end(mark).await;
    }
    gateway.stop().await;

    let at = if let Death::At(point) = death { Some(point) } else { None };
    let (gateway, mut peer) = start(&starter, &model, 1, at).await;
    let before = ids(&mut peer).await;
    assert_eq!(before.len(), 4);
    let rewind = json!({"sessionKey": KEY, "entryId": before[2]});
    let request = peer.send("sessions.rewind", rewind).await;
    match death {
        Death::Sent => gateway.kill().await,
        Death::Answered => {
            peer.answer(&request).await.unwrap();
            gateway.kill().await;
        }
        Death::At(_) => gateway.died().await,
    }

    let (gateway, mut peer) = start(&starter, &model, 2, None).await;
    let after = ids(&mut peer).await;
    if death != Death::Sent || after != before {
        assert_eq!(after, before[..2], "{death:?}");
    }
    gateway.stop().await;
    let lines = lines(dir.path());
    assert_eq!(walked(&lines), after, "{death:?}");
    for id in &before {
        assert_eq!(lines.iter().filter(|line| line["id"] == *id).count(), 1, "{death:?}: {id}");
    }
}

async fn start(
    starter: &Starter,
    model: &AnsweringModel,
    life: usize,
    crash_at: Option<&str>,
) -> (CrashGateway, Peer) {
    let gateway = starter.start(model.life(life, None), crash_at).await;
    let peer = Peer::connect(gateway.address(), 4).await;
    (gateway, peer)
}

/// The messages that a client is shown.
async fn ids(peer: &mut Peer) -> Vec<String> {
    let history = peer.call("chat.history", json!({"sessionKey": KEY})).await.unwrap();
    let messages = history["messages"].as_array().unwrap().iter();
    messages.map(|message| message["__openclaw"]["id"].as_str().unwrap().to_owned()).collect()
}

fn lines(state: &std::path::Path) -> Vec<Value> {
    let files = std::fs::read_dir(state.join("agents/main/sessions")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|end| end == "jsonl")).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The messages that a program sees that walks from the last line over the parents.
fn walked(lines: &[Value]) -> Vec<String> {
    let mut at = lines.last();
    let mut seen = Vec::new();
    while let Some(line) = at {
        if line["type"] == "message" {
            seen.push(line["id"].as_str().unwrap().to_owned());
        }
        at = lines.iter().find(|other| other["id"] == line["parentId"]);
    }
    seen.reverse();
    seen
}
