//! Spellings and scopes of the node methods.

use serde_json::json;

use super::*;
use crate::{method::Method as _, version::Version};

fn invoke(command: &str) -> NodeInvokeParams {
    serde_json::from_value(json!({"nodeId": "n", "command": command, "idempotencyKey": "k"}))
        .unwrap()
}

#[test]
fn what_crosses_into_the_machine_needs_admin() {
    for (command, scope) in [
        ("system.run", Scope::Write),
        ("browser.proxy", Scope::Admin),
        (" fs.listDir ", Scope::Admin),
        ("canvas.present", Scope::Write),
    ] {
        assert_eq!(invoke(command).dynamic_scope(Version::V4), Some(scope), "{command}");
    }
}

#[test]
fn an_answer_may_say_nothing_in_several_ways() {
    let read = |text: serde_json::Value| serde_json::from_value::<NodeInvokeResultParams>(text);
    let bare = json!({"id": "1", "nodeId": "n", "ok": true});
    let mut nulls = bare.clone();
    nulls["payloadJSON"] = json!(null);
    nulls["error"] = json!(null);
    for text in [bare, nulls] {
        assert_eq!(read(text).unwrap().error.flatten(), None);
    }
    assert!(read(json!({"id": "1", "nodeId": "n", "ok": true, "approved": true})).is_err());
}

#[test]
fn json_text_is_spelt_as_recorded() {
    let result = NodeInvokeResult {
        ok: true,
        node_id: "n".to_owned(),
        command: "c".to_owned(),
        payload: None,
        payload_JSON: None,
    };
    let text = serde_json::to_value(&result).unwrap();
    assert_eq!(text, json!({"ok": true, "nodeId": "n", "command": "c", "payloadJSON": null}));
}

#[test]
fn a_description_is_a_node_with_a_time() {
    let node = NodeSummary { node_id: "n".to_owned(), paired: true, ..NodeSummary::default() };
    let text = serde_json::to_value(NodeDescribeResult { ts: 7, node }).unwrap();
    assert_eq!(
        (&text["ts"], &text["nodeId"], &text["paired"]),
        (&json!(7), &json!("n"), &json!(true))
    );
    assert_eq!(serde_json::from_value::<NodeDescribeResult>(text).unwrap().node.node_id, "n");
}
