//! `openclaw system`: who is connected, and heartbeats that this build does not have.

use serde_json::Value;

use crate::home::Home;

#[test]
fn presence_is_json_as_openclaw_prints_it() {
    let home = Home::new();
    let _gateway = home.start();
    for line in ["system presence", "system presence --json"] {
        let list = home.json(line);
        assert_eq!(list[0]["mode"], "gateway", "{line}: {list}");
        assert_eq!(list[0]["reason"], "self");
    }
    // What a client says of itself is in the list, though a command line is gone at once.
    let said = r#"gateway call system-event --json --params {"text":"deployed"}"#;
    assert_eq!(home.json(said)["ok"], true);
    let list = home.json("system presence");
    let mut entries = list.as_array().unwrap().iter();
    assert!(entries.any(|entry| entry["text"] == "deployed"), "{list}");
}

#[test]
fn what_needs_heartbeats_is_refused_in_one_line() {
    let home = Home::new();
    let _gateway = home.start();
    assert_eq!(home.json("system heartbeat last --json"), Value::Null);
    for (line, method) in [
        ("system event --text hi", "wake"),
        ("system event --text hi --mode now", "wake"),
        ("system heartbeat enable", "set-heartbeats"),
        ("system heartbeat disable", "set-heartbeats"),
    ] {
        let told = home.refused(line, 1);
        assert!(told.contains(&format!("the gateway has no {method}; ")), "{told}");
    }
    home.refused("system event", 2);
    home.refused("system event --text hi --mode sometime", 2);
}
