use proptest::prelude::*;
use serde_json::json;

use super::*;

fn user(text: &str) -> Message {
    Message::user(text, 1)
}

fn answer(value: &serde_json::Value) -> Message {
    serde_json::from_value(json!({"role": "assistant", "content": value, "timestamp": 1})).unwrap()
}

fn says(text: &str) -> Message {
    answer(&json!([{"type": "text", "text": text}]))
}

fn calls(ids: &[&str]) -> Message {
    let parts: Vec<_> = ids
        .iter()
        .map(|id| json!({"type": "toolCall", "id": id, "name": "read", "arguments": {}}))
        .collect();
    answer(&json!(parts))
}

fn result(id: &str) -> Message {
    let content = json!([{"type": "text", "text": "r"}]);
    let value = json!({"role": "toolResult", "toolCallId": id, "toolName": "read", "content": content, "timestamp": 1});
    serde_json::from_value(value).unwrap()
}

fn entry(n: u64, value: &serde_json::Value, kind: EntryKind) -> StoredEntry {
    StoredEntry {
        seq: n,
        message_seq: Some(n),
        entry_id: format!("{n:08x}"),
        kind,
        line: value.to_string(),
    }
}

fn brief(messages: &[Message]) -> Vec<String> {
    let brief = |message: &Message| match message {
        Message::Assistant(m) if m.tool_calls().next().is_some() => {
            format!("call {}", m.tool_calls().map(|c| c.id.as_str()).collect::<Vec<_>>().join("+"))
        }
        Message::ToolResult(m) => {
            format!("result {}{}", m.tool_call_id, if m.is_error { "!" } else { "" })
        }
        other => format!("{}: {}", other.role(), other.text()),
    };
    messages.iter().map(brief).collect()
}

#[test]
fn results_follow_their_calls_and_missing_ones_are_said_to_be_unknown() {
    let conversation = vec![
        result("lost"),
        user("q"),
        calls(&["a", "b"]),
        result("b"),
        says("a note injected in between"),
        user("next"),
    ];
    let fitted = fit(conversation, 100_000);
    assert_eq!(
        brief(&fitted),
        [
            "user: q",
            "call a+b",
            "result a!",
            "result b",
            "assistant: a note injected in between",
            "user: next"
        ]
    );
}

#[test]
fn old_exchanges_go_first_and_the_present_one_stays() {
    let old = "o".repeat(500);
    let conversation = vec![user(&old), says(&old), user("mid"), says("dle"), user("now")];
    assert_eq!(
        brief(&fit(conversation.clone(), 100)),
        ["user: mid", "assistant: dle", "user: now"]
    );
    assert_eq!(brief(&fit(conversation.clone(), 45)), ["user: now"], "an answer never comes first");
    assert_eq!(brief(&fit(conversation, 0)), ["user: now"], "the present message stays");
    let long = vec![user("x"), says("y"), user("now"), calls(&["a"]), result("a")];
    assert_eq!(brief(&fit(long, 1)), ["user: now", "call a", "result a"]);
}

#[test]
fn failed_answers_leave_only_their_text() {
    let mut failed = calls(&["a"]);
    let mut partial = says("half");
    for message in [&mut failed, &mut partial] {
        if let Message::Assistant(m) = message {
            m.stop_reason = Some(StopReason::Aborted);
        }
    }
    let fitted = fit(vec![user("q"), failed, user("r"), partial, user("s")], 1_000);
    assert_eq!(brief(&fitted), ["user: q", "user: r", "assistant: half", "user: s"]);
}

#[test]
fn a_summary_stands_for_what_it_replaced() {
    let message = |n, role: &str, text: &str| {
        let value = json!({"type": "message", "message": {"role": role, "content": text}});
        entry(n, &value, EntryKind::Message)
    };
    let compaction = json!({"type": "compaction", "summary": "S", "firstKeptEntryId": "00000003"});
    let entries = [
        message(1, "user", "one"),
        message(2, "assistant", "two"),
        message(3, "user", "three"),
        entry(4, &compaction, EntryKind::Compaction),
        message(5, "user", "five"),
        entry(6, &json!({"type": "message", "message": 7}), EntryKind::Message),
    ];
    assert_eq!(
        brief(&messages(&entries)),
        ["user: Summary of the conversation so far:\nS", "user: three", "user: five"]
    );
}

#[test]
fn open_calls_are_those_of_the_last_answer() {
    let open = |messages: &[Message]| {
        open_calls(messages).into_iter().map(|call| call.id).collect::<Vec<_>>()
    };
    assert_eq!(open(&[user("q"), calls(&["a", "b"]), result("a")]), ["b"]);
    assert_eq!(open(&[user("q"), calls(&["a"]), result("a")]), [""; 0]);
    assert_eq!(open(&[user("q"), calls(&["a"]), user("r")]), [""; 0]);
    assert_eq!(open(&[user("q")]), [""; 0]);
}

proptest! {
    /// Whatever the conversation: it begins with a user, and calls and results match one to one.
    #[test]
    fn what_fits_is_always_well_formed(script in prop::collection::vec(0_u8..6, 0..40), room in 0_usize..800) {
        let mut n = 0;
        let mut conversation = Vec::new();
        for step in script {
            n += 1;
            match step {
                0 | 1 => conversation.push(user("some words")),
                2 => conversation.push(says("an answer")),
                3 => conversation.extend([calls(&[&format!("c{n}"), &format!("d{n}")]), result(&format!("c{n}"))]),
                4 => conversation.push(result(&format!("d{}", n - 1))),
                _ => conversation.push(calls(&[&format!("e{n}")])),
            }
        }
        let last = conversation.iter().rev().find(|m| m.role() == "user").cloned();
        let fitted = fit(conversation, room);
        prop_assert!(fitted.first().is_none_or(|m| m.role() == "user"));
        if let Some(last) = last {
            prop_assert!(fitted.contains(&last));
        }
        let mut expected: Vec<String> = Vec::new();
        for message in &fitted {
            match message {
                Message::ToolResult(m) => prop_assert_eq!(Some(&m.tool_call_id), expected.first()),
                _ => prop_assert!(expected.is_empty()),
            }
            match message {
                Message::Assistant(m) => expected = m.tool_calls().map(|c| c.id.clone()).collect(),
                Message::ToolResult(_) => drop(expected.remove(0)),
                _ => {}
            }
        }
        prop_assert!(expected.is_empty());
    }
}
