//! HTTP requests that were recorded, asked of our gateway in the same order.
//!
//! `conformance/http/VERSION.jsonl` holds a request and its answer a line, cut to what is compared: the
//! status, the type, `Allow`, texts, and the shape of JSON with the words of errors.
//! `conformance/http/expected.txt` lists the differences that are meant, as `VERSION/NAME path: reason`.

use std::collections::{BTreeMap, BTreeSet};

use openclaw_tests::{
    ModelServer, TestGateway,
    gateway::TOKEN,
    http::{Answer, ask},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    echo,
    script::{Recorded, data},
    shape::{self, Difference},
};

#[derive(Deserialize)]
struct Exchange {
    name: String,
    /// Method and path.
    line: String,
    headers: Vec<String>,
    #[serde(default)]
    body: String,
    status: u16,
    #[serde(rename = "type")]
    kind: String,
    allow: Option<String>,
    json: Option<Value>,
    events: Option<Vec<Value>>,
    text: Option<String>,
}

#[tokio::test]
async fn http_of_2026_3_28() {
    replay(Recorded::V3).await;
}

#[tokio::test]
async fn http_of_2026_9_6() {
    replay(Recorded::V4).await;
}

async fn replay(recorded: Recorded) {
    let folder = data().join("http");
    let text =
        std::fs::read_to_string(folder.join(format!("{}.jsonl", recorded.version()))).unwrap();
    let model = ModelServer::start().await;
    let refusing = echo::Refusing::start().await;
    let (good, bad) = (echo::config(&model), refusing.config(&model));
    let mut found = BTreeMap::new();
    let asking = async {
        let gateway = TestGateway::with(good).await;
        let failing = TestGateway::with(bad).await;
        // The session that the recording asks for had a message and an answer.
        let mut peer = gateway.operator().await;
        let send = json!({"sessionKey": "main", "message": "hello", "idempotencyKey": "r"});
        peer.call("chat.send", send).await.unwrap();
        peer.run_end("r").await;
        for line in text.lines() {
            let exchange: Exchange = serde_json::from_str(line).unwrap();
            let fails = exchange.name.starts_with("cc-model-fail");
            let answer = exchange.ask(if fails { &failing } else { &gateway }).await;
            for difference in exchange.compare(&answer) {
                let place = format!("{}/{} {}", recorded.version(), exchange.name, difference.path);
                found.insert(place, difference.what);
            }
        }
    };
    tokio::select! {
        () = asking => {}
        () = echo::answer(&model) => unreachable!(),
        () = refusing.answer() => unreachable!(),
    }
    let list = std::fs::read_to_string(folder.join("expected.txt")).unwrap();
    let lines = list.lines().filter(|line| line.starts_with(recorded.version()));
    let expected: BTreeSet<String> =
        lines.map(|line| line.split_once(": ").unwrap().0.to_owned()).collect();
    let all = |place: &String| format!("{} *", place.split_once(' ').unwrap().0);
    let fresh: Vec<_> = found
        .iter()
        .filter(|(place, _)| !expected.contains(*place) && !expected.contains(&all(place)))
        .collect();
    let differs = |place: &&String| {
        !found.contains_key(*place) && !found.keys().any(|found| all(found) == **place)
    };
    let gone: Vec<_> = expected.iter().filter(differs).collect();
    assert!(
        fresh.is_empty() && gone.is_empty(),
        "not expected: {fresh:#?}\nno longer there: {gone:#?}"
    );
}

impl Exchange {
    async fn ask(&self, gateway: &TestGateway) -> Answer {
        let mut headers = String::new();
        for header in self.headers.iter().filter(|header| !header.starts_with("Content-Type")) {
            headers += &header.replace("<TOKEN>", TOKEN);
            headers += "\r\n";
        }
        if !headers.contains("Authorization") {
            // The harness brings the secret unless a test says otherwise.
            headers += "Authorization: none\r\n";
        }
        let line = self.line.replace("<TOKEN>", TOKEN);
        ask(gateway.address(), &line, &headers, &self.body).await
    }

    fn compare(&self, answer: &Answer) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut same = |path: &str, recorded: &str, ours: &str| {
            if recorded != ours {
                let what = format!("{recorded:?} was recorded, {ours:?} is ours");
                found.push(Difference { path: path.to_owned(), what });
            }
        };
        let kind = answer.header("content-type").unwrap_or_default();
        same("status", &self.status.to_string(), &answer.status.to_string());
        same("type", &self.kind, kind.split(';').next().unwrap_or_default());
        same(
            "allow",
            self.allow.as_deref().unwrap_or_default(),
            answer.header("allow").unwrap_or_default(),
        );
        if let Some(text) = &self.text {
            same("text", text, &answer.body);
        }
        if let Some(recorded) = &self.json {
            let ours = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
            for pointer in [
                "/error/message",
                "/error/type",
                "/choices/0/message/content",
                "/choices/0/finish_reason",
            ] {
                let word = |value: &Value| {
                    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
                };
                // 2026.9.6 puts the time in front of what the user says; see the replayed flows.
                same(&pointer[1..].replace('/', "."), &timeless(&word(recorded)), &word(&ours));
            }
            found.extend(shape::shape("json", recorded, &ours));
        }
        if let Some(recorded) = &self.events {
            found.extend(events(recorded, answer));
        }
        found
    }
}

/// Compares streams: their first and last chunk, and the text of all.
fn events(recorded: &[Value], answer: &Answer) -> Vec<Difference> {
    let ours: Vec<Value> = answer
        .events()
        .iter()
        .map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data)))
        .collect();
    let text = |chunks: &[Value]| -> String {
        let pieces = chunks.iter().filter_map(|c| c["choices"][0]["delta"]["content"].as_str());
        timeless(&pieces.collect::<String>())
    };
    let mut found = shape::shape("first", &recorded[0], ours.first().unwrap_or(&Value::Null));
    let mut differ = |path: &str, recorded: String, ours: String| {
        if recorded != ours {
            let what = format!("{recorded} was recorded, {ours} is ours");
            found.push(Difference { path: path.to_owned(), what });
        }
    };
    differ(
        "last",
        recorded.last().unwrap().to_string(),
        ours.last().unwrap_or(&Value::Null).to_string(),
    );
    differ("content", text(recorded), text(&ours));
    let finish = |chunks: &[Value]| {
        let reasons = chunks.iter().filter_map(|c| c["choices"][0]["finish_reason"].as_str());
        reasons.collect::<Vec<_>>().join(",")
    };
    differ("finish_reason", finish(recorded), finish(&ours));
    found
}

/// A text without `[Fri 2026-11-20 23:41 UTC] `.
fn timeless(text: &str) -> String {
    let Some((head, rest)) = text.split_once('[') else { return text.to_owned() };
    match rest.split_once(" UTC] ") {
        Some((_, rest)) => format!("{head}{rest}"),
        None => text.to_owned(),
    }
}
