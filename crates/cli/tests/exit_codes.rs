//! The binary as a script sees it: exit code, stdout, stderr. Without a gateway.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn openclaw(home: &Path, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
    command.env_clear().env("HOME", home).args(line.split_whitespace()).output().unwrap()
}

/// Exit code, stdout and stderr.
fn run(home: &Path, line: &str) -> (i32, String, String) {
    let output = openclaw(home, line);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A home whose gateway would be at a port where nobody listens.
fn home(config: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".openclaw")).unwrap();
    fs::write(home.path().join(".openclaw/openclaw.json"), config).unwrap();
    home
}

fn nobody() -> tempfile::TempDir {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    home(&format!("{{ gateway: {{ port: {free} }} }}"))
}

#[test]
fn no_gateway_is_one_line_and_1() {
    let home = nobody();
    for line in ["health", "sessions", "logs", "agent -m hi", "gateway call health", "status"] {
        let (code, out, err) = run(home.path(), line);
        assert_eq!((code, out.as_str()), (1, ""), "{line}");
        assert!(
            err.starts_with("openclaw: no gateway answers at ws://127.0.0.1:"),
            "{line}: {err}"
        );
        let alone = if line.starts_with("agent") {
            ", or run the turn in this process with --local"
        } else {
            ""
        };
        let end = format!("; start it with `openclaw gateway run`{alone}\n");
        assert!(err.ends_with(&end), "{line}: {err}");
        assert_eq!(err.lines().count(), 1, "{line}: {err}");
    }
}

#[test]
fn json_is_one_document_even_for_a_failure() {
    let home = nobody();
    for line in ["health --json", "gateway call x --json", "models list --json", "nonsense --json"]
    {
        let (code, out, _) = run(home.path(), line);
        assert_ne!(code, 0, "{line}");
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["ok"], false, "{line}");
        assert!(document["error"]["code"].is_string() && document["error"]["message"].is_string());
    }
    let (code, out, _) = run(home.path(), "status --json");
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &document["gateway"]["reachable"]), (1, &false.into()));
}

#[test]
fn a_mistake_on_the_command_line_is_2() {
    let home = nobody();
    for line in ["nonsense", "cron list", "health --nope", "gateway call", "config"] {
        let (code, out, err) = run(home.path(), line);
        assert_eq!((code, out.as_str(), err.lines().count()), (2, "", 1), "{line}: {err}");
    }
}

#[test]
fn a_terminal_interface_without_a_terminal_is_one_line_and_1() {
    let home = nobody();
    let (code, out, err) = run(home.path(), "tui");
    assert_eq!((code, out.as_str(), err.lines().count()), (1, "", 1), "{err}");
    assert!(err.contains("needs a terminal"), "{err}");
}

#[test]
fn other_spellings_have_the_same_output_and_exit_code() {
    let home = home("{ gateway: { port: 5 }, agents: { defaults: {} } }");
    let pairs = [
        ("gateway validate", "config validate"),
        ("agent config", "config get agents"),
        ("agent list", "agents list"),
        ("agent status", "status"),
        ("session list", "sessions"),
        ("logs tail", "logs"),
    ];
    for (other, usual) in pairs {
        assert_eq!(run(home.path(), other), run(home.path(), usual), "{other}");
    }
}

#[test]
fn a_config_that_cannot_be_used_is_78_for_the_gateway() {
    let home = home("{ gateway: { port: 'x' }, session: 5 }");
    let (code, _, err) = run(home.path(), "gateway run");
    assert_eq!((code, err.lines().count()), (78, 2), "{err}");
    assert!(err.contains("openclaw.json:1:20: gateway.port: "), "{err}");
    let (code, out, _) = run(home.path(), "config validate --json");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, report["issues"].as_array().unwrap().len()), (1, 2));
}

#[test]
fn what_works_without_a_gateway_is_0() {
    let home = home("{ gateway: { port: 5, auth: { token: 'a-real-token' } } }");
    let file = home.path().join(".openclaw/openclaw.json").display().to_string();
    let out = |line: &str| match run(home.path(), line) {
        (0, out, _) => out.trim_end().to_owned(),
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(out("config file"), file);
    assert_eq!(out("config get gateway.port"), "5");
    assert!(!out("config get gateway.auth").contains("a-real-token"));
    assert!(out("config validate").starts_with("Config valid: "));
    assert_eq!(out("dashboard --no-open"), "Dashboard URL: http://127.0.0.1:5/#token=a-real-token");
    assert!(out("gateway status --no-probe").contains("port=5 (config)"));
    assert!(out("config schema").contains("\"OpenClawConfig\""));
    assert!(out("completion -s bash").contains("sessions.list"));
    assert!(out("gateway call --help sessions.list").contains("activeMinutes"));
    assert!(out("man").contains(".TH openclaw"));
    assert!(out("--version").starts_with("openclaw "));
    assert!(out("--dev config file").ends_with(".openclaw-dev/openclaw.json"));
}
