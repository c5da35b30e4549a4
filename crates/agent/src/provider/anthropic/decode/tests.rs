//! Streams of the messages dialect, event by event.

use std::collections::VecDeque;

use serde_json::json;

use super::Decoder;
use crate::{
    message::{StopReason, Usage},
    provider::{
        Delta, ProviderError,
        events::{Dialect as _, Step},
        sse::SseEvent,
    },
};

const START: &str = r#"{"type":"message_start","message":{"id":"m1","usage":{"input_tokens":5,
    "cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":1}}}"#;
const TEXT: &str =
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
const HELLO: &str =
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}"#;
const STOP: &str = r#"{"type":"content_block_stop","index":0}"#;
const END: &str = r#"{"type":"message_stop"}"#;

fn run(events: &[&str]) -> Result<Vec<Delta>, ProviderError> {
    let (mut decoder, mut out) = (Decoder::new("p".into()), VecDeque::new());
    for data in events {
        let event = SseEvent { event: String::new(), data: (*data).into() };
        if decoder.event(event, &mut out)? == Step::End {
            break;
        }
    }
    decoder.end(&mut out)?;
    Ok(out.into())
}

fn done(stop: StopReason) -> Delta {
    Delta::Done { stop, response_id: Some("m1".into()) }
}

fn message_delta(reason: &str) -> String {
    json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 9}})
        .to_string()
}

#[test]
fn text_usage_and_the_end() {
    let deltas =
        run(&[START, TEXT, r#"{"type":"ping"}"#, HELLO, STOP, &message_delta("end_turn"), END]);
    let expected = [
        Delta::Usage(Usage::tokens(5, 1, 3, 2)),
        Delta::Text("hi".into()),
        Delta::Usage(Usage::tokens(5, 9, 3, 2)),
        done(StopReason::Stop),
    ];
    assert_eq!(deltas.unwrap(), expected);
}

#[test]
fn thinking_keeps_its_signature_and_redacted_thinking_its_ciphertext() {
    let deltas = run(&[
        START,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"si"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"g"}}"#,
        STOP,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"xyz"}}"#,
        STOP,
        END,
    ])
    .unwrap();
    let thinking = |text: &str, signature: Option<&str>, redacted| Delta::Thinking {
        text: text.into(),
        signature: signature.map(str::to_owned),
        redacted,
    };
    let expected = [
        thinking("hm", None, false),
        thinking("", Some("sig"), false),
        thinking("", Some("xyz"), true),
        done(StopReason::Stop),
    ];
    assert_eq!(deltas[1..], expected);
}

#[test]
fn tool_calls_are_given_whole_also_when_their_json_is_broken() {
    let start = |id: &str| {
        json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "tool_use", "id": id, "name": "read", "input": {}}})
        .to_string()
    };
    let piece = |json: &str| {
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": json}})
        .to_string()
    };
    let deltas = run(&[
        START,
        &start("a"),
        &piece("{\"p\":"),
        &piece("1}"),
        STOP,
        &start("b"),
        &piece("{\"p"),
        STOP,
        &start("c"),
        STOP,
        &message_delta("tool_use"),
        END,
    ])
    .unwrap();
    let calls: Vec<_> = deltas
        .iter()
        .filter_map(|delta| match delta {
            Delta::ToolCall(call) => Some((call.id.as_str(), call.arguments.clone().ok())),
            _ => None,
        })
        .collect();
    assert_eq!(calls, [("a", Some(json!({"p": 1}))), ("b", None), ("c", Some(json!({})))]);
    assert_eq!(deltas.last(), Some(&done(StopReason::ToolUse)));
}

#[test]
fn an_answer_that_breaks_off_is_malformed_and_a_missing_reason_is_not() {
    assert_eq!(
        run(&[START, TEXT, HELLO, STOP, END]).unwrap().last(),
        Some(&done(StopReason::Stop))
    );
    for events in
        [&[START, TEXT, HELLO][..], &[START, TEXT, HELLO, STOP], &[], &["{\"type\":\"mess"]]
    {
        let error = run(events).unwrap_err();
        assert!(matches!(error, ProviderError::Malformed { .. }), "{error}");
    }
}

#[test]
fn error_events_are_sorted() {
    let error = |kind: &str, message: &str| {
        run(&[&json!({"type": "error", "error": {"type": kind, "message": message}}).to_string()])
            .unwrap_err()
    };
    assert!(matches!(error("overloaded_error", "Overloaded"), ProviderError::Overloaded { .. }));
    assert!(matches!(error("rate_limit_error", "slow"), ProviderError::RateLimited { .. }));
    assert!(matches!(error("authentication_error", "no"), ProviderError::Auth { status: 401, .. }));
    let long = error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum");
    assert!(matches!(long, ProviderError::ContextOverflow { .. }));
    assert!(matches!(error("api_error", "oops"), ProviderError::Http { status: 500, .. }));
    let refused = run(&[START, &message_delta("refusal")]).unwrap_err();
    assert!(matches!(refused, ProviderError::ContentFilter { .. }));
}
