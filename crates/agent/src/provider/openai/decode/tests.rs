//! Streams as real servers send them, event by event.

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

fn feed(
    decoder: &mut Decoder,
    out: &mut VecDeque<Delta>,
    data: &str,
) -> Result<Step, ProviderError> {
    decoder.event(SseEvent { event: String::new(), data: data.into() }, out)
}

fn run(events: &[&str]) -> Result<Vec<Delta>, ProviderError> {
    let (mut decoder, mut out) = (Decoder::new("p".into()), VecDeque::new());
    for data in events {
        if feed(&mut decoder, &mut out, data)? == Step::End {
            break;
        }
    }
    decoder.end(&mut out)?;
    Ok(out.into())
}

fn done(stop: StopReason) -> Delta {
    Delta::Done { stop, response_id: Some("r1".into()) }
}

#[test]
fn text_usage_and_the_end() {
    let deltas = run(&[
        r#"{"id":"r1","choices":[{"delta":{"role":"assistant","content":""}}]}"#,
        r#"{"id":"r1","choices":[{"delta":{"content":"he"}}]}"#,
        r#"{"id":"r1","choices":[{"delta":{"content":"llo"},"finish_reason":null}]}"#,
        r#"{"id":"r1","choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        r#"{"id":"r1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,
            "prompt_tokens_details":{"cached_tokens":4}}}"#,
        "[DONE]",
    ]);
    let text = |text: &str| Delta::Text(text.into());
    let usage = Delta::Usage(Usage::tokens(6, 2, 4, 0));
    assert_eq!(deltas.unwrap(), [text("he"), text("llo"), usage, done(StopReason::Stop)]);
}

#[test]
fn calls_are_joined_by_index_and_given_whole() {
    let deltas = run(&[
        r#"{"id":"r1","choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"x","arguments":""}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"y","arguments":"{"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"k\":"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}"#,
    ])
    .unwrap();
    let [Delta::ToolCall(first), Delta::ToolCall(second), end] = &deltas[..] else {
        panic!("{deltas:?}")
    };
    assert_eq!((&*first.id, &*first.name, &first.arguments), ("a", "x", &Ok(json!({"k": 1}))));
    assert_eq!((&*second.id, &*second.name), ("b", "y"));
    assert_eq!(second.arguments.as_ref().unwrap_err().raw, "{");
    assert_eq!(*end, done(StopReason::ToolUse));
}

#[test]
fn calls_without_an_index_or_with_the_same_are_told_apart_by_id() {
    for index in ["", r#""index":0,"#] {
        let one = |id: &str| {
            format!(
                r#"{{"id":"r1","choices":[{{"delta":{{"tool_calls":[{{{index}"id":"{id}","function":{{"name":"t","arguments":"{{}}"}}}}]}}}}]}}"#
            )
        };
        let deltas = run(&[&one("a"), &one("b"), "[DONE]"]).unwrap();
        assert_eq!(deltas.len(), 3, "{deltas:?}");
        assert_eq!(deltas[2], done(StopReason::ToolUse));
    }
}

#[test]
fn thinking_ends_with_the_name_of_its_field() {
    let deltas = run(&[
        r#"{"id":"r1","choices":[{"delta":{"reasoning_content":"hm"}}]}"#,
        r#"{"choices":[{"delta":{"content":"hi"},"finish_reason":"length"}]}"#,
    ])
    .unwrap();
    let thinking = |text: &str, signature: Option<&str>| Delta::Thinking {
        text: text.into(),
        signature: signature.map(str::to_owned),
        redacted: false,
    };
    let expected = [
        thinking("hm", None),
        thinking("", Some("reasoning_content")),
        Delta::Text("hi".into()),
        done(StopReason::Length),
    ];
    assert_eq!(deltas, expected);
}

#[test]
fn an_end_mark_or_a_finish_reason_is_needed() {
    let text = r#"{"id":"r1","choices":[{"delta":{"content":"x"}}]}"#;
    assert_eq!(run(&[text, "[DONE]"]).unwrap()[1], done(StopReason::Stop));
    for events in [&[text][..], &[], &["[DONE]"], &[text, r#"{"choices":[{"delta":{"con"#]] {
        let error = run(events).unwrap_err();
        assert!(matches!(error, ProviderError::Malformed { .. }), "{error}");
    }
}

#[test]
fn errors_inside_a_stream_are_sorted() {
    let error = |text: &str| run(&[text]).unwrap_err();
    let limited = error(r#"{"error":{"message":"slow down","code":429}}"#);
    assert!(matches!(limited, ProviderError::RateLimited { .. }), "{limited}");
    let long = error(r#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#);
    assert!(matches!(long, ProviderError::ContextOverflow { .. }), "{long}");
    let text = error(r#"{"error":"llama died"}"#);
    assert!(text.to_string().contains("llama died"), "{text}");
    let filtered = error(r#"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#);
    assert!(matches!(filtered, ProviderError::ContentFilter { .. }), "{filtered}");
}

#[test]
fn empty_deltas_are_no_progress() {
    let (mut decoder, mut out) = (Decoder::new("p".into()), VecDeque::new());
    for data in [
        "",
        r#"{"choices":[]}"#,
        r#"{"choices":[{"delta":{"content":""}}]}"#,
        r#"{"choices":[{"delta":{"role":"assistant","content":null,"tool_calls":null}}]}"#,
    ] {
        assert_eq!(feed(&mut decoder, &mut out, data).unwrap(), Step::Nothing, "{data}");
    }
    let call = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a"}]}}]}"#;
    assert_eq!(feed(&mut decoder, &mut out, call).unwrap(), Step::Progress);
    assert_eq!(feed(&mut decoder, &mut out, call).unwrap(), Step::Nothing);
}

#[test]
fn a_thousand_calls_pass_and_a_flood_is_refused() {
    let call = |at: usize| {
        format!(
            r#"{{"choices":[{{"delta":{{"tool_calls":[{{"index":{at},"id":"c{at}","function":{{"name":"t"}}}}]}}}}]}}"#
        )
    };
    let calls: Vec<String> = (0..=super::MAX_TOOL_CALLS).map(call).collect();
    let mut events: Vec<&str> = calls.iter().map(String::as_str).collect();
    assert!(run(&events).is_err());
    events.truncate(1000);
    events.push("[DONE]");
    assert_eq!(run(&events).unwrap().len(), 1001);
}
