//! Commands that list: sessions with their messages, channels, usage, models, the log.

use serde_json::{Value, json};

use crate::home::Home;

#[test]
fn a_session_is_printed_whole_and_its_flat_form_is_taken_over_again() {
    let home = Home::new();
    let gateway = home.start();
    for text in ["first", "second", "third"] {
        home.done(&format!("agent -m {text}"));
    }
    let whole = home.json("sessions get main --format json");
    let messages = whole["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &whole["count"]), (6, &json!(6)));
    assert_eq!(home.json("session get agent:main:main --json")["messages"], whole["messages"]);
    let lines = home.done("sessions get main --format jsonl");
    let entries: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((entries.len(), &entries[0]["role"]), (6, &json!("user")));
    assert_eq!(entries[0]["content"], "first");
    assert!(entries.iter().all(|entry| entry["sessionId"] == whole["sessionId"]), "{lines}");
    let last = home.done("sessions get main --format jsonl --limit 2");
    assert_eq!(last.lines().collect::<Vec<_>>(), lines.lines().skip(4).collect::<Vec<_>>());
    assert!(home.done("sessions get main").contains("third"));
    let told = home.refused("sessions get nowhere", 1);
    assert!(told.contains("there is no session nowhere"), "{told}");
    drop(gateway);

    // Another gateway takes the flat file over from its workspace.
    let other = Home::new();
    other.write("workspace/session.jsonl", &lines);
    let _gateway = other.start();
    let sessions = other.json("sessions --json");
    let key = sessions["sessions"][0]["key"].as_str().unwrap().to_owned();
    let again = other.json(&format!("sessions get {key} --json"));
    let said = |document: &Value| -> Vec<(Value, Value)> {
        let messages = document["messages"].as_array().unwrap().iter();
        messages.map(|one| (one["role"].clone(), one["timestamp"].clone())).collect()
    };
    assert_eq!(said(&again), said(&whole));
}

#[test]
fn channels_usage_and_models_are_told() {
    let home = Home::with(&json!({"channels": {"telegram": {"botToken": "x"}}}));
    let _gateway = home.start();
    home.done("agent -m hello");
    let status = home.done("channels status --probe");
    assert!(status.starts_with("Gateway reachable.\n"), "{status}");
    assert!(status.contains("telegram"), "a configured channel is not passed over: {status}");
    assert!(home.json("channels status --json")["channelOrder"].is_array());
    assert!(home.json("channels list --json")["chat"].is_object());
    let cost = home.json("gateway usage-cost --days 7 --json");
    assert_eq!((&cost["days"], cost["daily"].as_array().unwrap().len()), (&json!(7), 1));
    let shown = home.done("gateway usage-cost");
    assert!(shown.starts_with("Usage of 30 days\nTotal: "), "{shown}");
    // Whether this gateway knows of quotas or not, the rest of the page is there.
    assert!(home.json("status --usage --json").get("usage").is_some());
    assert!(home.done("status --usage").contains("Usage"));
    assert_eq!(home.json("models list --all --json"), home.json("models list --json"));
}

#[test]
fn the_log_is_one_object_a_line_also_when_it_fails() {
    let home = Home::new();
    let (code, out, err) = home.run("logs --json");
    assert_eq!((code, out.lines().count(), err.lines().count()), (1, 1, 1), "{out}{err}");
    let line: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&line["type"], &line["code"]), (&json!("error"), &json!("GATEWAY_UNREACHABLE")));
    assert!(line["message"].as_str().unwrap().contains("no gateway answers"), "{line}");
    let _gateway = home.start();
    let lines = home.done("logs --json");
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["type"], "meta");
}
