//! What lines count for, and on which day.

use serde_json::{Value, json};

use super::*;

/// 2026-11-20T23:30:00Z.
const LATE: &str = "2026-11-20T23:30:00.000Z";

fn line(at: &str, message: &Value) -> String {
    json!({"type": "message", "id": "0a1b2c3d", "timestamp": at, "message": message}).to_string()
}

fn answer(input: u64, cost: Option<f64>) -> Value {
    json!({
        "role": "assistant", "provider": "mock", "model": "echo", "stopReason": "stop",
        "content": [{"type": "text", "text": "a \"type\": \"toolCall\" in words"}],
        "usage": {"input": input, "output": 10, "cacheRead": 5, "cacheWrite": 0, "totalTokens": input + 15,
            "cost": cost.map(|cost| json!({"input": cost, "output": 0, "total": cost}))},
    })
}

#[track_caller]
fn counted(lines: &[String], span: &Span) -> Tally {
    count(lines.join("\n").as_bytes(), span).unwrap()
}

#[test]
fn a_conversation_with_a_tool_is_counted() {
    let mut calls = answer(100, Some(0.25));
    calls["content"] = json!([{"type": "thinking", "thinking": "x"}, {"type": "toolCall", "id": "1", "name": "read", "arguments": {"type": "x", "name": "y"}}]);
    let lines = [
        r#"{"type":"session","version":3,"id":"s"}"#.to_owned(),
        line(LATE, &json!({"role": "user", "content": "hello"})),
        line("2026-11-20T23:30:02.000Z", &calls),
        line(
            "2026-11-20T23:30:02.500Z",
            &json!({"role": "toolResult", "toolName": "read", "isError": true, "content": []}),
        ),
        line("2026-11-20T23:30:03.000Z", &answer(200, None)),
        r#"{"type":"compaction","id":"c","summary":"s"}"#.to_owned(),
        "rubbish".to_owned(),
    ];
    let tally = counted(&lines, &Span::everything());
    assert_eq!(tally.days.len(), 1);
    let sum = tally.sum();
    let totals = &sum.totals;
    assert_eq!(
        (totals.input, totals.output, totals.cache_read, totals.total_tokens),
        (300, 20, 10, 330)
    );
    assert!((totals.total_cost - 0.25).abs() < f64::EPSILON);
    assert_eq!(totals.missing_cost_entries, 1);
    let messages = &sum.messages;
    assert_eq!((messages.total, messages.user, messages.assistant), (3, 1, 2));
    assert_eq!((messages.tool_calls, messages.tool_results, messages.errors), (1, 1, 1));
    assert_eq!(sum.tools.get("read"), Some(&1));
    assert_eq!(sum.waits, [2000, 3000]);
    let model = &sum.models[&(Some("mock".to_owned()), Some("echo".to_owned()))];
    assert_eq!((model.count, model.totals.total_tokens), (2, 330));
    assert_eq!(tally.last.unwrap() - tally.first.unwrap(), 3000);
}

#[test]
fn what_the_gateway_says_itself_is_a_message_of_no_model() {
    let said = json!({"role": "assistant", "provider": "openclaw", "model": "gateway-injected",
        "usage": {"input": 0, "output": 0, "totalTokens": 0, "cost": {"total": 0}}, "stopReason": "aborted"});
    let lines = [line(LATE, &json!({"role": "user", "content": "x"})), line(LATE, &said)];
    let sum = counted(&lines, &Span::everything()).sum();
    assert_eq!((sum.messages.assistant, sum.messages.errors), (1, 1));
    assert!(sum.models.is_empty() && sum.waits.is_empty());
    assert_eq!(sum.totals.total_tokens, 0);
}

#[test]
fn a_day_begins_where_the_zone_says() {
    let lines = [line(LATE, &answer(1, None)), line("2026-11-21T00:30:00.000Z", &answer(2, None))];
    let days = |zone: TimeZone| {
        let tally = counted(&lines, &Span { zone, ..Span::everything() });
        let days =
            tally.days.iter().map(|(date, day)| (date.unwrap().to_string(), day.totals.input));
        days.collect::<Vec<_>>()
    };
    assert_eq!(days(TimeZone::UTC), [("2026-11-20".to_owned(), 1), ("2026-11-21".to_owned(), 2)]);
    let east = TimeZone::fixed(jiff::tz::offset(1));
    assert_eq!(days(east), [("2026-11-21".to_owned(), 3)]);
}

#[test]
fn the_span_bounds_what_counts_and_not_since_when_one_waits() {
    let at = |text: &str| crate::clock::parse_iso(text).unwrap();
    let lines = [
        line(LATE, &json!({"role": "user", "content": "x"})),
        line("2026-11-21T00:00:00.000Z", &answer(1, None)),
        line("2026-11-22T00:00:00.000Z", &answer(2, None)),
        json!({"type": "message", "message": answer(4, None)}).to_string(),
    ];
    let span = Span {
        from: at("2026-11-21T00:00:00Z"),
        until: at("2026-11-22T00:00:00Z"),
        undated: false,
        zone: TimeZone::UTC,
    };
    let sum = counted(&lines, &span).sum();
    assert_eq!((sum.totals.input, sum.messages.user), (1, 0));
    assert_eq!(sum.waits, [30 * 60 * 1000]);
    let all = counted(&lines, &Span::everything());
    assert_eq!(all.sum().totals.input, 7);
    assert_eq!(all.days[&None].totals.input, 4);
    // Nobody waits for a day.
    assert_eq!(all.sum().waits.len(), 1);
}

#[test]
fn two_records_on_one_line_are_both_counted() {
    let glued = line(LATE, &answer(1, None)) + &line(LATE, &answer(2, None)) + "{\"torn";
    assert_eq!(counted(&[glued], &Span::everything()).sum().totals.input, 3);
}

#[test]
fn a_price_that_is_none_is_missing() {
    let mut usage = answer(1, Some(-1.0));
    let fact = |message: &Value| Fact::of_line(line(LATE, message).as_bytes()).unwrap();
    let missing = |fact: &Fact| match &fact.said {
        Said::Assistant { usage: Some(usage), .. } => answer_totals(usage).missing_cost_entries,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(&fact(&usage)), 1);
    usage["usage"]["cost"]["total"] = json!(0);
    assert_eq!(missing(&fact(&usage)), 0);
    usage["usage"] = json!("none");
    assert!(matches!(fact(&usage).said, Said::Assistant { usage: None, .. }));
}

#[test]
fn sums_add_up() {
    let one = counted(&[line(LATE, &answer(1, Some(1.0)))], &Span::everything());
    let other =
        counted(&[line("2026-11-19T00:00:00Z", &answer(2, Some(2.0)))], &Span::everything());
    let mut both = one.clone();
    both.add(&other);
    assert_eq!((both.days.len(), both.sum().totals.input), (2, 3));
    assert_eq!((both.first, both.last), (other.first, one.last));
    both.add(&Tally::default());
    assert_eq!(both.sum().messages.assistant, 2);
}
