//! `agent --local`: a turn without a gateway, on the state directory that gateways use.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

fn openclaw(home: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
    command.env_clear().env("HOME", home).args(line.split_whitespace());
    command
}

fn run(home: &Path, line: &str) -> Output {
    openclaw(home, line).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A home whose model is the built-in one, whatever runs on this machine.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join(".openclaw");
    fs::create_dir(&state).unwrap();
    let log = home.path().join("log").display().to_string();
    let config = serde_json::json!({
        "gateway": {"auth": {"token": "a-real-token"}}, "logging": {"file": log},
        "agents": {"defaults": {"model": {"primary": "local/demo"}}},
    });
    fs::write(state.join("openclaw.json"), config.to_string()).unwrap();
    home
}

/// The sessions as their file tells them.
fn sessions(home: &Path) -> Vec<Value> {
    let file = home.join(".openclaw/agents/main/sessions/sessions.json");
    let listed = run(home, &format!("sessions --json --store {}", file.display()));
    assert!(listed.status.success(), "{listed:?}");
    let list: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(list["path"], file.display().to_string());
    serde_json::from_value(list["sessions"].clone()).unwrap()
}

#[test]
fn a_turn_is_kept_and_nothing_runs_on() {
    let home = home();
    let said = run(home.path(), "agent --local -m hello --verbose on");
    assert!(said.status.success(), "{said:?}");
    assert!(text(&said.stdout).contains("hello"), "{said:?}");
    assert_eq!(text(&said.stderr), "");
    let [session] = &sessions(home.path())[..] else { panic!("one session") };
    assert_eq!(
        (&session["key"], &session["verboseLevel"]),
        (&"agent:main:main".into(), &"on".into())
    );
    let id = session["sessionId"].as_str().unwrap();
    // The next turn goes on with it, by any of its names.
    let again = run(home.path(), &format!("agent --local --json -m again --session-id {id}"));
    assert!(again.status.success(), "{again:?}");
    let answer: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(
        (&answer["status"], &answer["sessionKey"]),
        (&"ok".into(), &"agent:main:main".into())
    );
    assert_eq!(answer["result"]["meta"]["agentMeta"]["sessionId"], id);
    let file = home.path().join(format!(".openclaw/agents/main/sessions/{id}.jsonl"));
    assert_eq!(fs::read_to_string(file).unwrap().matches(r#""type":"message""#).count(), 4);
    let other = run(home.path(), "agent --local -m x --session-key agent:main:other");
    assert!(other.status.success(), "{other:?}");
    assert_eq!(sessions(home.path()).len(), 2);
    let wrong = run(home.path(), "agent --local -m x --agent nobody");
    assert_eq!((wrong.status.code(), text(&wrong.stdout)), (Some(1), ""));
    assert_eq!(text(&wrong.stderr).lines().count(), 1, "{wrong:?}");
}

/// A gateway of the test's own.
struct Running(Child);

impl Running {
    fn start(home: &Path, flags: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = openclaw(home, &format!("gateway run --port {free} {flags}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listens on"), "{line}");
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_long_list_comes_in_pages() {
    let home = home();
    let dir = home.path().join(".openclaw/agents/main/sessions");
    fs::create_dir_all(&dir).unwrap();
    let entry = |n: u64| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        (
            format!("agent:main:s{n}"),
            serde_json::json!({"sessionId": id, "updatedAt": 1_795_000_000_000_u64 + n}),
        )
    };
    let entries: serde_json::Map<String, Value> = (0..1_200).map(entry).collect();
    fs::write(dir.join("sessions.json"), Value::from(entries).to_string()).unwrap();
    let _gateway = Running::start(home.path(), "");
    for (limit, count) in
        [("", 100), ("--limit 5", 5), ("--limit 1100", 1100), ("--limit all", 1200)]
    {
        let listed = run(home.path(), &format!("sessions --json {limit}"));
        let list: Value = serde_json::from_slice(&listed.stdout).unwrap();
        let keys =
            list["sessions"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap());
        let keys: std::collections::BTreeSet<&str> = keys.collect();
        assert_eq!((keys.len(), &list["count"]), (count, &count.into()), "{limit}");
    }
}

#[test]
fn a_running_gateway_has_its_state_to_itself() {
    let home = home();
    let gateway = Running::start(home.path(), "--ws-log compact");
    let refused = run(home.path(), "agent --local -m hello");
    assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(1), ""));
    let who = format!(
        "openclaw: a gateway (process {}) uses this state directory; leave --local out to ask it, or stop it with `openclaw gateway stop`\n",
        gateway.0.id()
    );
    assert_eq!(text(&refused.stderr), who);
    let asked = run(home.path(), "agent -m hello --verbose off");
    assert!(asked.status.success() && text(&asked.stdout).contains("hello"), "{asked:?}");
    let bindings = run(home.path(), "agents list --bindings");
    assert!(text(&bindings.stdout).contains("Routing rules: none"), "{bindings:?}");
    let deep = run(home.path(), "gateway status --deep");
    assert!(text(&deep.stdout).contains("Service"), "{deep:?}");
    let stopped = run(home.path(), "gateway stop");
    assert!(stopped.status.success(), "{stopped:?}");
    let log = fs::read_to_string(home.path().join("log")).unwrap();
    let of_lists =
        log.lines().filter(|line| line.contains("agents.list") && line.contains("gateway/ws"));
    assert_eq!(of_lists.count(), 1, "a line for each answer: {log}");
    assert!(run(home.path(), "agent --local -m hello").status.success());
}
