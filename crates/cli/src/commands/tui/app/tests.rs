//! Keys, events and answers against the state, without a terminal and without a gateway.

use std::sync::Arc;

use openclaw_sdk::Event as Told;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use serde_json::{Value, json, value::to_raw_value};

use super::*;
use crate::commands::tui::feed::{Tool, ToolState};

const KEY: &str = "agent:main:main";

fn app() -> App {
    let mut app = App::new("ws://gateway".into(), KEY.into(), "n".into());
    let history = json!({ "messages": [], "thinkingLevel": "low" });
    app.reply(Reply::History(KEY.into(), Ok(serde_json::from_value(history).unwrap())));
    app
}

fn press(app: &mut App, code: KeyCode, modifiers: KeyModifiers) -> Vec<Effect> {
    app.input(&Event::Key(KeyEvent::new(code, modifiers)))
}

fn control(app: &mut App, c: char) -> Vec<Effect> {
    press(app, KeyCode::Char(c), KeyModifiers::CONTROL)
}

fn enter(app: &mut App) -> Vec<Effect> {
    press(app, KeyCode::Enter, KeyModifiers::NONE)
}

/// Types a line and sends it.
fn line(app: &mut App, text: &str) -> Vec<Effect> {
    for c in text.chars() {
        assert!(press(app, KeyCode::Char(c), KeyModifiers::NONE).is_empty());
    }
    enter(app)
}

fn told(app: &mut App, name: &str, payload: &Value) -> Vec<Effect> {
    app.delivery(Delivery::Event(Told {
        name: name.into(),
        payload: Arc::from(to_raw_value(payload).unwrap()),
        seq: None,
        state_version: None,
    }))
}

fn chat(app: &mut App, state: &str, text: &str) -> Vec<Effect> {
    let message = json!({ "role": "assistant", "content": [{ "type": "text", "text": text }] });
    let payload =
        json!({ "runId": "r", "sessionKey": KEY, "seq": 1, "state": state, "message": message });
    told(app, "chat", &payload)
}

fn step(app: &mut App, name: &str, stream: &str, data: &Value) {
    let payload = json!({ "runId": "r", "sessionKey": KEY, "seq": 1, "ts": 1, "stream": stream, "data": data });
    assert!(told(app, name, &payload).is_empty());
}

fn message(app: &mut App, id: &str, message: &Value) {
    let payload = json!({ "sessionKey": KEY, "messageId": id, "message": message });
    assert!(told(app, "session.message", &payload).is_empty());
}

fn abort(run: Option<&str>) -> Effect {
    Effect::Abort { key: KEY.into(), run: run.map(Into::into) }
}

fn words(role: &str, text: &str) -> Value {
    json!({ "role": role, "content": [{ "type": "text", "text": text }] })
}

#[test]
fn a_turn_from_the_first_key_to_the_last_word() {
    let mut app = app();
    let sent = line(&mut app, "read it");
    let send = Effect::Send { key: KEY.into(), id: "tui-n-1".into(), text: "read it".into() };
    assert_eq!(sent, [send]);
    assert_eq!(app.feed.pending.len(), 1);
    message(&mut app, "1", &words("user", "read it"));
    assert!(app.feed.pending.is_empty());
    step(&mut app, "agent", "lifecycle", &json!({ "phase": "start" }));
    assert!(app.run.is_some());
    step(&mut app, "agent", "assistant", &json!({ "text": "Let me", "delta": "Let me" }));
    assert_eq!(app.feed.live(), "Let me");
    let call =
        json!({ "type": "toolCall", "id": "c", "name": "read", "arguments": { "path": "a" } });
    message(
        &mut app,
        "2",
        &json!({ "role": "assistant", "content": [{ "type": "text", "text": "Let me look." }, call] }),
    );
    step(
        &mut app,
        "session.tool",
        "tool",
        &json!({ "phase": "start", "name": "read", "toolCallId": "c", "args": { "path": "a" } }),
    );
    step(
        &mut app,
        "session.tool",
        "tool",
        &json!({ "phase": "result", "name": "read", "toolCallId": "c", "isError": false }),
    );
    message(&mut app, "3", &json!({ "role": "toolResult", "toolCallId": "c", "content": "blue" }));
    step(&mut app, "agent", "assistant", &json!({ "text": "It is", "delta": "It is" }));
    message(&mut app, "4", &words("assistant", "It is blue."));
    assert!(chat(&mut app, "final", "It is blue.").is_empty(), "the transcript has told all");
    let tool = Tool {
        id: "c".into(),
        name: "read".into(),
        what: "a".into(),
        state: ToolState::Done,
        result: "blue".into(),
    };
    let expected = [
        Entry::User("read it".into()),
        Entry::Assistant("Let me look.".into()),
        Entry::Tool(tool),
        Entry::Assistant("It is blue.".into()),
    ];
    assert_eq!(app.feed.entries(), expected);
    assert_eq!((app.run, app.feed.live().len()), (None, 0));
}

#[test]
fn an_end_without_the_transcripts_word_reads_the_transcript() {
    let mut app = app();
    chat(&mut app, "delta", "He");
    assert_eq!(chat(&mut app, "final", "Hello"), [Effect::History(KEY.into())]);
    assert_eq!(
        (app.feed.live(), app.run.is_none()),
        ("Hello", true),
        "shown until the answer comes"
    );
}

#[test]
fn events_of_other_sessions_change_nothing() {
    let mut app = app();
    let payload =
        json!({ "runId": "r", "sessionKey": "agent:main:other", "seq": 1, "state": "delta" });
    assert!(told(&mut app, "chat", &payload).is_empty());
    let other = json!({ "sessionKey": "agent:main:other", "message": words("user", "x") });
    told(&mut app, "session.message", &other);
    assert!(app.run.is_none() && app.feed.entries().is_empty());
}

#[test]
fn escape_stops_the_turn_only_at_the_end_of_the_feed() {
    let mut app = app();
    assert!(press(&mut app, KeyCode::Esc, KeyModifiers::NONE).is_empty());
    chat(&mut app, "delta", "x");
    press(&mut app, KeyCode::PageUp, KeyModifiers::NONE);
    assert!(press(&mut app, KeyCode::Esc, KeyModifiers::NONE).is_empty());
    assert_eq!(app.scroll, 0);
    assert_eq!(press(&mut app, KeyCode::Esc, KeyModifiers::NONE), [abort(Some("r"))]);
    assert_eq!(chat(&mut app, "aborted", "x"), [Effect::History(KEY.into())]);
    assert!(app.run.is_none());
}

#[test]
fn a_failure_is_told_once() {
    let mut app = app();
    message(
        &mut app,
        "1",
        &json!({ "role": "assistant", "content": [], "errorMessage": "no credit" }),
    );
    let payload = json!({ "runId": "r", "sessionKey": KEY, "seq": 2, "state": "error", "errorMessage": "no credit" });
    told(&mut app, "chat", &payload);
    assert_eq!(app.feed.entries(), [Entry::Problem("no credit".into())]);
    line(&mut app, "hi");
    app.reply(Reply::Sent("tui-n-1".into(), Err("busy".into())));
    assert_eq!(app.feed.entries().len(), 2);
    assert_eq!(app.composer.text(), "hi", "it can be sent again");
}

#[test]
fn a_message_that_waits_comes_back_when_its_turn_is_dropped() {
    let mut app = app();
    line(&mut app, "one");
    app.reply(Reply::Sent("tui-n-1".into(), Ok(())));
    app.composer.insert("draft");
    let payload = json!({ "runId": "tui-n-1", "sessionKey": KEY, "seq": 1, "state": "aborted" });
    told(&mut app, "chat", &payload);
    assert_eq!(app.feed.entries(), [Entry::Note("not sent: one".into())]);
    app.composer.clear();
    line(&mut app, "two");
    app.reply(Reply::Sent("tui-n-2".into(), Ok(())));
    // A gateway that has started again knows nothing of it, or it would run.
    let history = json!({ "messages": [words("user", "before")] });
    app.reply(Reply::History(KEY.into(), Ok(serde_json::from_value(history).unwrap())));
    assert!(app.feed.pending.is_empty());
}

#[test]
fn quitting_takes_two_presses_in_time_or_an_empty_line() {
    let mut app = app();
    app.composer.insert("draft");
    assert!(control(&mut app, 'd').is_empty(), "it deletes");
    assert!(control(&mut app, 'c').is_empty());
    assert!(app.composer.is_empty() && app.flashed().is_some());
    app.tick(TWICE + Duration::from_millis(1), true);
    assert!(control(&mut app, 'c').is_empty());
    assert_eq!(control(&mut app, 'c'), [Effect::Quit]);
    assert_eq!(control(&mut app, 'd'), [Effect::Quit]);
    assert_eq!(line(&mut app, "/exit"), [Effect::Quit]);
}

#[test]
fn another_session_is_chosen_and_read() {
    let mut app = app();
    assert_eq!(control(&mut app, 'p'), [Effect::Sessions]);
    let item = |key: &str| Item { key: key.into(), title: key.into(), detail: String::new() };
    let items = vec![item(KEY), item("agent:main:work")];
    app.reply(Reply::Sessions(Ok(items)));
    app.input(&Event::Paste("work".into()));
    assert_eq!(enter(&mut app), [Effect::History("agent:main:work".into())]);
    assert!(app.picker.is_none() && !app.loaded);
    // The answer to the session before comes too late.
    let late = json!({ "messages": [words("user", "old")] });
    app.reply(Reply::History(KEY.into(), Ok(serde_json::from_value(late).unwrap())));
    assert!(app.feed.entries().is_empty() && !app.loaded);
}

#[test]
fn commands() {
    let mut app = app();
    let patch = |name, value: Option<&str>| Effect::Patch {
        key: KEY.into(),
        name,
        value: value.map(Into::into),
    };
    assert_eq!(line(&mut app, "/model a/b"), [patch("model", Some("a/b"))]);
    assert_eq!(line(&mut app, "/model default"), [patch("model", None)]);
    assert_eq!(line(&mut app, "/think high"), [patch("thinkingLevel", Some("high"))]);
    assert_eq!(line(&mut app, "/reset"), [Effect::Reset(KEY.into())]);
    assert_eq!(line(&mut app, "/abort"), [abort(None)]);
    assert_eq!(line(&mut app, "/models"), [Effect::Models]);
    press(&mut app, KeyCode::Esc, KeyModifiers::NONE);
    assert_eq!(line(&mut app, "/session x"), [Effect::History("agent:main:x".into())]);
    let new = line(&mut app, "/new");
    assert!(matches!(&new[..], [Effect::History(key)] if key.starts_with("agent:main:tui-n-")));
    assert!(
        matches!(&line(&mut app, "/status")[..], [Effect::Send { text, .. }] if text == "/status")
    );
    app.composer.insert("/mo");
    press(&mut app, KeyCode::Tab, KeyModifiers::NONE);
    assert_eq!(app.composer.text(), "/models");
}

#[test]
fn a_paste_of_several_lines_is_not_sent() {
    let mut app = app();
    assert!(app.input(&Event::Paste("/quit\r\nnow".into())).is_empty());
    assert_eq!(app.composer.text(), "/quit\nnow");
    assert!(matches!(&enter(&mut app)[..], [Effect::Send { .. }]), "two lines are no command");
}

#[test]
fn a_gap_and_a_loss_are_told_and_cured() {
    let mut app = app();
    app.tick(Duration::from_secs(5), false);
    app.tick(Duration::from_secs(8), false);
    assert_eq!(app.link, Link::Down(Duration::from_secs(5)));
    let effects = app.delivery(Delivery::Gap(Gap::Reconnected));
    assert_eq!(effects, [Effect::History(KEY.into())]);
    app.tick(Duration::from_secs(9), true);
    assert_eq!((app.link, app.flashed()), (Link::Up, Some("connected again")));
    assert!(app.tick(Duration::from_mins(1), true));
    assert_eq!(app.flashed(), None);
    assert!(!app.tick(Duration::from_mins(2), true), "nothing moves, nothing is drawn");
}

#[test]
fn a_run_that_goes_on_is_seen_when_its_session_is_opened() {
    let mut app = app();
    let history = json!({
        "messages": [words("user", "hi")],
        "inFlightRun": { "runId": "r", "text": "so f" },
        "sessionInfo": { "key": KEY, "kind": "direct", "updatedAt": 1, "modelProvider": "local", "model": "demo", "totalTokens": 5, "contextTokens": 10 },
    });
    app.reply(Reply::History(KEY.into(), Ok(serde_json::from_value(history).unwrap())));
    assert_eq!((app.feed.live(), app.run.is_some()), ("so f", true));
    assert_eq!(app.model.as_deref(), Some("local/demo"));
}

#[test]
fn a_reset_from_elsewhere_empties_the_screen() {
    let mut app = app();
    message(&mut app, "1", &words("user", "hi"));
    let change = json!({ "sessionKey": KEY, "reason": "reset", "ts": 1 });
    assert_eq!(told(&mut app, "sessions.changed", &change), [Effect::History(KEY.into())]);
    assert!(app.feed.entries().is_empty());
}
