//! Messages as recorded from OpenClaw 2026.3.28 and 2026.9.6 survive a round trip.

use serde_json::{Value, json};

use super::{AssistantMessage, Content, Message, Part, StopReason, Usage};

#[track_caller]
fn survives(value: &Value) -> Message {
    let message: Message = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&message).unwrap(), *value);
    message
}

#[test]
fn recorded_messages_survive() {
    survives(&json!({
        "role": "user", "content": [{"type": "text", "text": "hello via main alias"}],
        "timestamp": 1_795_217_447_120_i64, "__openclaw": {"id": "ca1589d7", "seq": 7},
        "senderLabel": "cli"
    }));
    let plain = survives(&json!({
        "role": "user", "content": "hello", "timestamp": 1,
        "idempotencyKey": "d076d3b6:user", "__openclaw": {"senderIsOwner": true}
    }));
    assert_eq!(plain.text(), "hello");
    let assistant = survives(&json!({
        "role": "assistant",
        "content": [{"type": "text", "text": "Let me check."},
            {"type": "toolCall", "id": "call_106", "name": "session_status", "arguments": {}}],
        "api": "openai-completions", "provider": "mock", "model": "echo",
        "usage": {"input": 100, "output": 10, "totalTokens": 110, "cacheRead": 0,
            "cacheWrite": 0, "cost": {"total": 0}},
        "stopReason": "toolUse", "timestamp": 1_795_217_573_831_i64,
        "responseId": "chatcmpl-106"
    }));
    let Message::Assistant(assistant) = assistant else { panic!("not an assistant") };
    assert_eq!(
        assistant.tool_calls().map(|call| call.id.as_str()).collect::<Vec<_>>(),
        ["call_106"]
    );
    survives(&json!({
        "role": "toolResult", "toolCallId": "call_106", "toolName": "session_status",
        "content": [{"type": "text", "text": "ok"}], "isError": false, "timestamp": 2
    }));
    survives(&json!({
        "role": "assistant", "content": [], "api": "openai-completions", "provider": "mock",
        "model": "echo", "usage": {"input": 0, "output": 0, "totalTokens": 0, "cacheRead": 0,
            "cacheWrite": 0, "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0,
            "total": 0.125}},
        "stopReason": "error", "timestamp": 3, "errorMessage": "401 mock error 401"
    }));
    survives(&json!({
        "role": "assistant", "content": [{"type": "text", "text": "slow-0"}], "timestamp": 4,
        "stopReason": "stop", "api": "openai-responses", "provider": "openclaw",
        "model": "gateway-injected",
        "openclawAbort": {"aborted": true, "origin": "rpc", "runId": "64f1"}
    }));
}

#[test]
fn unknown_roles_and_parts_survive() {
    let other = survives(&json!({"role": "bashExecution", "command": "ls", "timestamp": 5}));
    assert_eq!((other.role(), other.timestamp()), ("bashExecution", 5));
    let video = survives(&json!({
        "role": "user", "content": [{"type": "video", "url": "x"}], "timestamp": 0
    }));
    let Message::User(user) = video else { panic!("not a user") };
    assert!(
        matches!(&user.content, Content::Parts(parts) if matches!(parts[..], [Part::Other(_)]))
    );
    survives(&json!({
        "role": "assistant", "timestamp": 0, "content": [
            {"type": "thinking", "thinking": "hm", "thinkingSignature": "s", "x": 1},
            {"type": "thinking", "thinking": "", "thinkingSignature": "c", "redacted": true},
            {"type": "image", "data": "AA==", "mimeType": "image/png"}]
    }));
}

#[test]
fn an_assistant_text_becomes_a_part_and_an_unknown_stop_reason_is_read() {
    let message: AssistantMessage =
        serde_json::from_value(json!({"content": "hi", "stopReason": "pause_turn"})).unwrap();
    assert_eq!(message.content, [Part::text("hi")]);
    assert_eq!(message.stop_reason, Some(StopReason::Unknown));
}

#[test]
fn the_order_of_a_written_line_is_openclaws() {
    let line = serde_json::to_string(&Message::user("x", 7)).unwrap();
    assert_eq!(line, r#"{"role":"user","content":[{"type":"text","text":"x"}],"timestamp":7}"#);
}

#[test]
fn usage_adds_up() {
    let mut sum = Usage::tokens(1, 2, 3, 4);
    assert_eq!((sum.total_tokens, sum.context_tokens()), (10, 8));
    let mut more = Usage::tokens(10, 0, 0, 0);
    more.cost.total = Some(0.5);
    sum.add(&more);
    assert_eq!((sum.total_tokens, sum.cost.total), (20, Some(0.5)));
}
