use std::sync::atomic::{AtomicI64, Ordering};

use expect_test::expect;
use jiff::{Timestamp, tz::TimeZone};
use tracing::{debug, error, info, warn};

use super::*;
use crate::config::logging::ConsoleStyle::{Compact, Json, Pretty};

struct Rig {
    dir: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    logs: Logs,
    subscriber: tracing::Dispatch,
}

fn rig(adjust: impl FnOnce(&mut LogOptions)) -> Rig {
    let dir = tempfile::tempdir().unwrap();
    // 2026-11-20T23:59:58.500Z
    let clock = Arc::new(AtomicI64::new(1_795_219_198_500));
    let source = Arc::clone(&clock);
    let now: Now =
        Arc::new(move || Timestamp::from_millisecond(source.load(Ordering::Relaxed)).unwrap());
    let mut options = LogOptions {
        destination: Destination::DailyIn(dir.path().to_owned()),
        console: false,
        hostname: "vm".into(),
        zone: TimeZone::UTC,
        ..LogOptions::new(now)
    };
    adjust(&mut options);
    let (layer, logs) = layer(options).unwrap();
    Rig { dir, clock, logs, subscriber: tracing::Dispatch::new(Registry::default().with(layer)) }
}

impl Rig {
    fn log(&self, events: impl FnOnce()) {
        tracing::dispatcher::with_default(&self.subscriber, events);
        assert!(self.logs.flush());
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()
    }
}

#[test]
fn lines_have_the_recorded_shape() {
    let rig = rig(|_| {});
    rig.log(|| {
        info!(target: "gateway/ws", "⇄ res ✓ {}", "chat.send");
        warn!(target: "openclaw_gateway::http", count = 2, ok = true, who = "x", "slow");
        debug!("not at this level");
        info!(target: "hyper::proto", "about itself");
    });
    expect![[r#"
        {"0":"{\"subsystem\":\"gateway/ws\"}","1":"⇄ res ✓ chat.send","_meta":{"date":"2026-11-20T23:59:58.500Z","hostname":"vm","logLevelId":3,"logLevelName":"INFO","name":"{\"subsystem\":\"gateway/ws\"}","parentNames":["openclaw"],"runtime":"rust"},"hostname":"vm","message":"⇄ res ✓ chat.send","time":"2026-11-20T23:59:58.500+00:00"}
        {"0":"{\"subsystem\":\"gateway/http\"}","1":{"count":2,"ok":true,"who":"x"},"2":"slow","_meta":{"date":"2026-11-20T23:59:58.500Z","hostname":"vm","logLevelId":4,"logLevelName":"WARN","name":"{\"subsystem\":\"gateway/http\"}","parentNames":["openclaw"],"runtime":"rust"},"hostname":"vm","message":"slow","time":"2026-11-20T23:59:58.500+00:00"}
    "#]].assert_eq(&rig.text("openclaw-2026-11-20.log"));
}

#[test]
fn midnight_begins_a_new_file_and_a_cursor_of_the_old_one_is_reset() {
    let rig = rig(|_| {});
    rig.log(|| (0..3).for_each(|n| info!(target: "gateway/x", "before {n}")));
    let before = tail(&rig.logs.file(), None, 100, 100_000).unwrap();
    assert_eq!(before.lines.len(), 3);
    rig.clock.fetch_add(2_000, Ordering::Relaxed);
    rig.log(|| info!(target: "gateway/x", "after"));
    let after = tail(&rig.logs.file(), Some(before.cursor), 100, 100_000).unwrap();
    assert!(after.file.ends_with("openclaw-2026-11-21.log"), "{}", after.file);
    assert_eq!((after.lines.len(), after.reset), (1, Some(true)));
    assert!(!rig.text("openclaw-2026-11-20.log").contains("after"));
}

#[test]
fn a_file_that_was_moved_away_is_opened_anew() {
    let rig = rig(|_| {});
    rig.log(|| info!(target: "gateway/x", "one"));
    let path = rig.logs.file().path().unwrap();
    std::fs::rename(&path, path.with_extension("old")).unwrap();
    rig.log(|| info!(target: "gateway/x", "two"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("two") && !text.contains("one"), "{text}");
}

#[test]
fn a_full_file_takes_no_more_and_says_so_in_the_count() {
    let rig = rig(|options| options.max_file_bytes = 10);
    rig.log(|| info!(target: "gateway/x", "fits, because the file was empty"));
    rig.log(|| info!(target: "gateway/x", "does not fit"));
    assert_eq!((rig.text("openclaw-2026-11-20.log").lines().count(), rig.logs.dropped()), (1, 1));
}

#[test]
fn the_canary_never_reaches_the_file() {
    let rig = rig(|options| options.level = LogLevel::Trace);
    rig.logs.secrets().add(["canary/+=token"]);
    rig.log(|| {
        info!(target: "gateway/ws", "token canary/+=token");
        info!(target: "gateway/ws", url = "/ws?token=canary%2F%2B%3Dtoken", "upgrade");
        error!(target: "gateway/ws", problem = ?Some("canary/+=token"), "debug of {:?}", "canary/+=token");
        debug!(target: "gateway/ws", agent = "x\r\ncanary/+=token\u{1b}[2J", "header");
    });
    let text = rig.text("openclaw-2026-11-20.log");
    assert_eq!(text.lines().count(), 4);
    assert!(!text.contains("canary"), "{text}");
    assert!(!text.contains('\u{1b}') && text.contains(r"x\\r\\n***\\u{1b}[2J"), "{text}");
}

#[test]
fn long_texts_are_cut() {
    let rig = rig(|_| {});
    rig.log(|| info!(target: "gateway/x", "{}", "ü".repeat(100_000)));
    let text = rig.text("openclaw-2026-11-20.log");
    assert!(text.len() < 40_000 && text.ends_with("}\n"), "{}", text.len());
}

#[test]
fn levels_change_while_running() {
    let rig = rig(|_| {});
    let line = || debug!(target: "gateway/x", "fine");
    rig.log(line);
    assert_eq!(rig.text("openclaw-2026-11-20.log"), "");
    rig.logs.set_levels(LogLevel::Debug, LogLevel::Silent);
    rig.log(line);
    assert_eq!(rig.text("openclaw-2026-11-20.log").lines().count(), 1);
}

#[test]
fn the_console_shows_one_line_an_event() {
    let zone = TimeZone::UTC;
    let host = line::Host { name: "vm".into(), now: Arc::new(|| Timestamp::UNIX_EPOCH), zone };
    let record = |level| line::Record {
        at: Timestamp::from_millisecond(1_795_219_198_500).unwrap(),
        level,
        subsystem: "gateway/ws".into(),
        message: "webchat connected".into(),
        fields: serde_json::Map::from_iter([("conn".into(), "a b".into()), ("n".into(), 2.into())]),
    };
    let show = |style, color, level| console::Look { style, color }.line(&record(level), &host);
    expect![[r#"
        23:59:58 [gateway/ws] webchat connected conn="a b" n=2
    "#]]
    .assert_eq(&show(Pretty, false, tracing::Level::INFO));
    expect![[r#"
        warn [gateway/ws] webchat connected conn="a b" n=2
    "#]]
    .assert_eq(&show(Compact, false, tracing::Level::WARN));
    assert!(show(Pretty, true, tracing::Level::ERROR).contains("\u{1b}[31merror\u{1b}[0m"));
    assert!(
        serde_json::from_str::<serde_json::Value>(&show(Json, true, tracing::Level::INFO)).is_ok()
    );
}
