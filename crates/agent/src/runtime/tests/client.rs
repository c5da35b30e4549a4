//! Clients that keep the conversation and carry out tools themselves.

use expect_test::expect;
use serde_json::{Value, json};

use super::rig::{Rig, submission};
use crate::{
    message::Message,
    outcome::{ClientCall, RunStatus},
    provider::{
        ToolChoice, ToolSpec,
        scripted::{self},
    },
    runtime::{Submission, Supplied},
};

fn with(run: &str, text: &str, supplied: Supplied) -> Submission {
    Submission { supplied: Some(Box::new(supplied)), ..submission(run, text) }
}

fn weather() -> Vec<ToolSpec> {
    let parameters = json!({"type": "object"});
    vec![ToolSpec { name: "weather".into(), description: "Weather.".into(), parameters }]
}

/// The messages of the transcript.
async fn said(rig: &Rig) -> Vec<String> {
    let mut lines = rig.transcript().await;
    lines.retain(|line| line.contains(": "));
    lines
}

fn messages(value: Value) -> Vec<Message> {
    serde_json::from_value(value).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call_of_the_clients_tool_ends_the_run_and_its_result_goes_on() {
    let ask = scripted::tools([("c1", "weather", json!({"city": "Graz"}))]);
    let mut rig = Rig::answering([ask, scripted::text("Sunny.")]);
    let supplied = Supplied {
        tools: weather(),
        tool_choice: Some(ToolChoice::Any),
        max_tokens: Some(9),
        ..Supplied::default()
    };
    rig.submit(with("r1", "weather?", supplied)).await;
    let outcome = rig.outcome("r1").await;
    assert_eq!((outcome.status, outcome.stop_reason.as_str()), (RunStatus::Ok, "toolUse"));
    let arguments = r#"{"city":"Graz"}"#.to_owned();
    let call = ClientCall { id: "c1".into(), name: "weather".into(), arguments };
    assert_eq!(outcome.client_calls, [call]);
    let request = rig.calls.next().await.request;
    assert!(request.tools.contains("weather") && request.tools.contains("read"));
    assert_eq!((request.tool_choice, request.max_tokens), (Some(ToolChoice::Any), Some(9)));

    // The client sends all of it again; the transcript takes what is new.
    let earlier = messages(json!([
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": [
            {"type": "toolCall", "id": "c1", "name": "weather", "arguments": {"city": "Graz"}}]},
        {"role": "toolResult", "toolCallId": "c1", "toolName": "weather",
            "content": [{"type": "text", "text": "30 degrees"}], "isError": false},
    ]));
    rig.submit(with("r2", "", Supplied { earlier, tools: weather(), ..Supplied::default() })).await;
    assert_eq!(rig.outcome("r2").await.text, "Sunny.");
    let request = rig.calls.next().await.request;
    let roles: Vec<&str> = request.messages.iter().map(Message::role).collect();
    assert_eq!(roles, ["user", "assistant", "toolResult"]);
    expect![[r#"
        [
            "user: weather?",
            "assistant: weather({\"city\":\"Graz\"}) [toolUse]",
            "toolResult: 30 degrees",
            "assistant: Sunny. [stop]",
        ]
    "#]]
    .assert_debug_eq(&said(&rig).await);
}

#[tokio::test(start_paused = true)]
async fn our_tools_run_first_when_both_are_called_and_a_clients_name_wins() {
    let both = [("a", "session_status", json!({})), ("b", "read", json!({"path": "x"}))];
    let rig = Rig::answering([scripted::tools(both)]);
    let mut tools = weather();
    tools[0].name = "read".to_owned();
    rig.submit(with("r1", "go", Supplied { tools, ..Supplied::default() })).await;
    let outcome = rig.outcome("r1").await;
    let names: Vec<&str> = outcome.client_calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!((outcome.status, names), (RunStatus::Ok, vec!["read"]));
    let transcript = said(&rig).await;
    assert_eq!(transcript.len(), 3, "{transcript:#?}");
    assert!(transcript[2].starts_with("toolResult: "), "{transcript:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_comes_along_is_written_down_once() {
    let mut rig = Rig::answering([scripted::text("two"), scripted::text("three")]);
    let earlier = messages(json!([
        {"role": "user", "content": [{"type": "text", "text": "one"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "uno"}]},
    ]));
    rig.submit(with("r1", "and?", Supplied { earlier: earlier.clone(), ..Supplied::default() }))
        .await;
    rig.outcome("r1").await;
    assert_eq!(rig.calls.next().await.request.messages.len(), 3);
    let more = messages(json!([
        {"role": "user", "content": [{"type": "text", "text": "and?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "two"}]},
    ]));
    let earlier = [earlier, more].concat();
    rig.submit(with("r2", "then?", Supplied { earlier, ..Supplied::default() })).await;
    rig.outcome("r2").await;
    assert_eq!(rig.calls.next().await.request.messages.len(), 5);
    assert_eq!(
        said(&rig).await,
        [
            "user: one",
            "assistant: uno",
            "user: and?",
            "assistant: two [stop]",
            "user: then?",
            "assistant: three [stop]"
        ]
    );
    assert!(rig.runtime.submit(with("r3", "", Supplied::default())).await.is_err(), "says nothing");
}
