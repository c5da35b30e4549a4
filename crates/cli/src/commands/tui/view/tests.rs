//! Whole screens as text.

use std::time::Duration;

use expect_test::{Expect, expect};
use openclaw_protocol::methods::chat::ChatMessage;
use ratatui::{Terminal, backend::TestBackend};
use serde_json::json;

use super::*;
use crate::commands::tui::{
    app::{Reply, Unfolded},
    feed::Pending,
    picker::Item,
};

const PLAIN: Theme = Theme { color: false };

fn app() -> App {
    let mut app = App::new("ws://127.0.0.1:18789".into(), "agent:main:main".into(), "n".into());
    (app.loaded, app.model) = (true, Some("local/demo".into()));
    app
}

fn say(app: &mut App, message: serde_json::Value) {
    let message: ChatMessage = serde_json::from_value(message).unwrap();
    app.feed.add(&message, None);
}

fn words(role: &str, text: &str) -> serde_json::Value {
    json!({ "role": role, "content": [{ "type": "text", "text": text }] })
}

/// What a screen of this size shows, blanks at line ends cut.
fn screen(app: &mut App, lines: &mut Lines, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, app, lines, PLAIN)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let rows = (0..height).map(|y| {
        let cells = (0..width).map(|x| buffer[(x, y)].symbol());
        // The cell behind a wide character is its other half.
        let mut row = String::new();
        let mut covered = 0;
        for cell in cells {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = text::width(cell).saturating_sub(1);
            row.push_str(cell);
        }
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(app: &mut App, size: (u16, u16), expected: &Expect) {
    expected.assert_eq(&screen(app, &mut Lines::default(), size));
}

fn conversation() -> App {
    let mut app = app();
    say(&mut app, words("user", "What is in note.txt? 日本語も読めますか"));
    say(
        &mut app,
        json!({ "role": "assistant", "content": [
        { "type": "thinking", "thinking": "They want a file.\nI read it." },
        { "type": "text", "text": "Let me look." },
        { "type": "toolCall", "id": "c", "name": "read", "arguments": { "path": "note.txt" } },
        { "type": "toolCall", "id": "d", "name": "read", "arguments": { "path": "missing.txt" } },
    ] }),
    );
    say(
        &mut app,
        json!({ "role": "toolResult", "toolCallId": "c", "content": "The gate is blue.\nSo is the door." }),
    );
    say(
        &mut app,
        json!({ "role": "toolResult", "toolCallId": "d", "isError": true, "content": "no such file" }),
    );
    say(
        &mut app,
        words(
            "assistant",
            "# It says\n\nThe gate is blue, and so is the door, which is a rather long line.\n\n```sh\ncat note.txt\n```",
        ),
    );
    app
}

#[test]
fn an_empty_session() {
    check(
        &mut app(),
        (60, 8),
        &expect![[r"
         main · main                                     local/demo

          Nothing has been said here yet.


        ────────────────────────────────────────────────────────────
        ❯
         Enter sends · Ctrl+J new line · Ctrl+P sessions"]],
    );
}

#[test]
fn a_conversation() {
    check(
        &mut conversation(),
        (60, 24),
        &expect![[r"
         main · main                                     local/demo
        ❯ What is in note.txt? 日本語も読めますか

          thinking: I read it.

          Let me look.

          ✓ read note.txt → 2 lines
          ✗ read missing.txt → no such file

          # It says

          The gate is blue, and so is the door, which is a rather
          long line.

          ```sh
          cat note.txt
          ```



        ────────────────────────────────────────────────────────────
        ❯
         Enter sends · Ctrl+J new line · Ctrl+P sessions"]],
    );
}

#[test]
fn unfolded() {
    let mut app = conversation();
    app.unfolded = Unfolded { tools: true, thinking: true };
    check(
        &mut app,
        (60, 28),
        &expect![[r"
         main · main                                     local/demo
        ❯ What is in note.txt? 日本語も読めますか

          They want a file.
          I read it.

          Let me look.

          ✓ read note.txt → 2 lines
          │ The gate is blue.
          │ So is the door.
          ✗ read missing.txt → no such file
          │ no such file

          # It says

          The gate is blue, and so is the door, which is a rather
          long line.

          ```sh
          cat note.txt
          ```



        ────────────────────────────────────────────────────────────
        ❯
         Enter sends · Ctrl+J new line · Ctrl+P sessions"]],
    );
}

#[test]
fn a_turn_on_its_way() {
    let mut app = app();
    say(&mut app, words("user", "hi"));
    app.run = Some(Run { id: "r".into(), since: Duration::ZERO, phase: None });
    app.now = Duration::from_millis(3200);
    app.feed.stream("Hello, wor");
    app.feed.pending.push(Pending {
        id: "k".into(),
        text: "and another thing".into(),
        accepted: true,
    });
    app.composer.insert("first line\nsecond line that goes on and on until it has to break");
    check(
        &mut app,
        (50, 14),
        &expect![[r"
         main · main                           local/demo
        ❯ hi

          Hello, wor

        ❯ and another thing


         ⠋ working 3 s · Esc stops it
        ──────────────────────────────────────────────────
        ❯ first line
          second line that goes on and on until it has to
           break
         Enter sends · Ctrl+J new line · Ctrl+P sessions"]],
    );
}

#[test]
fn a_lost_connection() {
    let mut app = app();
    app.link = Link::Down(Duration::ZERO);
    app.now = Duration::from_secs(7);
    check(
        &mut app,
        (70, 7),
        &expect![[r"
         main · main                                               local/demo

          Nothing has been said here yet.
         ⠏ no connection to ws://127.0.0.1:18789 for 7 s, trying again
        ──────────────────────────────────────────────────────────────────────
        ❯
         Enter sends · Ctrl+J new line · Ctrl+P sessions · Ctrl+L models"]],
    );
}

#[test]
fn choosing_a_session() {
    let mut app = conversation();
    app.picker = Some(Picker::new(Choice::Session, "agent:main:main"));
    let item = |key: &str, title: &str, detail: &str| Item {
        key: key.into(),
        title: title.into(),
        detail: detail.into(),
    };
    let items = vec![
        item("agent:main:main", "What is in note.txt?  (main)", "just now"),
        item(
            "agent:main:work",
            "A title that is much too long for the place it has here  (work)",
            "2h ago",
        ),
    ];
    app.reply(Reply::Sessions(Ok(items)));
    check(
        &mut app,
        (60, 16),
        &expect![[r"
         main · main                                     local/demo
          ✓ read note.txt → 2 lines
          ✗ read missing.txt → no such file

          ┌ Sessions ────────────────────────────────────────────┐
          │❯                                                     │
          │──────────────────────────────────────────────────────│
          │• What is in note.txt? (main)                just now │
          │  A title that is much too long for the place… 2h ago │
          └──────────────────────────────────────────────────────┘
          cat note.txt
          ```

        ────────────────────────────────────────────────────────────
        ❯
         Enter sends · Ctrl+J new line · Ctrl+P sessions"]],
    );
}

#[test]
fn help() {
    let mut app = app();
    app.help = true;
    check(
        &mut app,
        (80, 24),
        &expect![[r"
         main · main                                                         local/demo

          Nothing has been said here yet.
          ┌ Help · any key closes it ────────────────────────────────────────────────┐
          │ Enter                 send                                               │
          │ Ctrl+J, Alt+Enter     new line                                           │
          │ Esc                   to the end, or stop the turn                       │
          │ PgUp PgDn, Shift+↑↓   scroll; Ctrl+Home and Ctrl+End to the ends         │
          │ ↑ ↓                   what was sent before                               │
          │ Ctrl+O, Ctrl+T        unfold tool results, thinking                      │
          │ Ctrl+C                clear the line; twice to quit                      │
          │ /help                 this list                                          │
          │ /sessions             choose a session (Ctrl+P)                          │
          │ /session KEY          go to a session; a new key begins one              │
          │ /new                  begin a session                                    │
          │ /reset                begin this session anew                            │
          │ /models               choose a model (Ctrl+L)                            │
          │ /model NAME           use a model; `default` for the usual one           │
          │ /think LEVEL          how much to think; `default` for the usual         │
          │ /quit                 leave (Ctrl+D)                                     │
          └──────────────────────────────────────────────────────────────────────────┘
        ────────────────────────────────────────────────────────────────────────────────
        ❯
         Enter sends · Ctrl+J new line · Ctrl+P sessions · Ctrl+L models · Ctrl+O tools"]],
    );
}

#[test]
fn any_size_is_drawn() {
    let mut lines = Lines::default();
    for size in [(1, 1), (2, 3), (10, 4), (20, 6), (300, 90)] {
        let mut app = conversation();
        app.composer.insert("some text\nof several lines");
        app.run = Some(Run { id: "r".into(), since: Duration::ZERO, phase: None });
        screen(&mut app, &mut lines, size);
        app.picker = Some(Picker::new(Choice::Model, ""));
        screen(&mut app, &mut lines, size);
        (app.picker, app.help) = (None, true);
        screen(&mut app, &mut lines, size);
    }
}

#[test]
fn who_reads_further_up_stays_there() {
    let mut app = app();
    for n in 0..20 {
        say(&mut app, words("user", &format!("message {n}")));
    }
    let mut lines = Lines::default();
    let size = (40, 12);
    screen(&mut app, &mut lines, size);
    app.scroll = 9;
    let before = screen(&mut app, &mut lines, size);
    assert!(before.contains("↓ 9 more lines"), "{before}");
    say(&mut app, words("assistant", "new"));
    let after = screen(&mut app, &mut lines, size);
    assert!(after.contains("↓ 11 more lines"), "{after}");
    let feed = |screen: &str| screen.lines().skip(1).take(7).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(feed(&before), feed(&after));
    app.scroll = usize::MAX;
    assert!(screen(&mut app, &mut lines, size).contains("message 0\n"));
}
