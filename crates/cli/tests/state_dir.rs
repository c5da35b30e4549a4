//! State directories that cannot be written to: on a read-only disk, on a full one, and on one that fills up.
//! Each lies on a file system of its own, in a mount namespace that ends with the test.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::process::{Command, Stdio};

/// What each script has: the program, and a file system of so much space at `$DISK`.
const BEGIN: &str = r#"
set -u
mount -t tmpfs -o "size=$SIZE" tmpfs "$DISK"
export HOME="$DISK" OPENCLAW_STATE_DIR="$DISK/state" OPENCLAW_GATEWAY_PORT="$PORT" OPENCLAW_GATEWAY_TOKEN=secret
start() {
  "$OPENCLAW" gateway run --port "$PORT" >/dev/null 2>"$LOG" &
  until "$OPENCLAW" gateway health >/dev/null 2>&1 || ! kill -0 $! 2>/dev/null; do :; done
}
"#;

/// Runs a script in a namespace of its own; what it printed, or nothing where that is not allowed.
fn run(size: &str, script: &str) -> Option<String> {
    let allowed = Command::new("unshare").args(["-m", "true"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        skipped();
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let disk = dir.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let out = Command::new("unshare")
        .args(["-m", "bash", "-c", &format!("{BEGIN}{script}")])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .envs([("DISK", disk.as_path()), ("LOG", &dir.path().join("log"))])
        .envs([("SIZE", size), ("PORT", &port.to_string())])
        .env("OPENCLAW", env!("CARGO_BIN_EXE_openclaw"))
        .output()
        .unwrap();
    let said = String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap();
    Some(said)
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn skipped() {
    eprintln!("!!! SKIPPED: disks of their own, since unshare -m is not allowed here");
}

#[test]
fn a_read_only_directory_is_refused_in_one_line_and_not_changed() {
    let script = r#"
start
"$OPENCLAW" agent --agent main --message one >/dev/null || echo "no turn"
"$OPENCLAW" gateway stop >/dev/null; wait
mount -o remount,ro "$DISK"
before=$(cd "$DISK" && find . -type f | sort | xargs sha256sum)
"$OPENCLAW" gateway run --port "$PORT"; echo "exit $?"
[ "$before" = "$(cd "$DISK" && find . -type f | sort | xargs sha256sum)" ] && echo unchanged
"#;
    let Some(said) = run("40m", script) else { return };
    assert!(said.contains("make the state directory writable for this user"), "{said}");
    assert!(said.contains("exit 1\n") && said.contains("unchanged\n"), "{said}");
    assert_eq!(said.matches("openclaw: ").count(), 1, "{said}");
}

#[test]
fn a_full_disk_at_the_start_says_so_and_the_next_start_works() {
    let script = r#"
dd if=/dev/zero of="$DISK/fill" bs=1k count=700 2>/dev/null
"$OPENCLAW" gateway run --port "$PORT"; echo "exit $?"
rm "$DISK/fill"; mount -o remount,size=40m "$DISK"
start
"$OPENCLAW" agent --agent main --message after >/dev/null && echo answered
"$OPENCLAW" gateway stop >/dev/null; wait
"#;
    let Some(said) = run("1m", script) else { return };
    assert!(said.contains("free some space and start again, nothing was lost"), "{said}");
    assert!(said.contains("exit 1\n") && said.contains("answered\n"), "{said}");
}

#[test]
fn a_disk_that_fills_up_refuses_before_acceptance_and_serves_again_when_there_is_space() {
    let script = r#"
start
say() { "$OPENCLAW" agent --agent main --message "$1" >/dev/null 2>&1; echo "$1: $?"; }
said() { "$OPENCLAW" gateway call chat.history --params '{"sessionKey":"agent:main:main"}' --json | grep -c '"role": "user"'; }
say one
dd if=/dev/zero of="$DISK/fill" bs=64k 2>/dev/null
say two
echo "while full: $(said)"
rm "$DISK/fill"
say three
echo "at the end: $(said)"
"$OPENCLAW" gateway stop >/dev/null; wait
start
echo "after a restart: $(said)"
"$OPENCLAW" gateway stop >/dev/null; wait
"#;
    let Some(said) = run("24m", script) else { return };
    for line in
        ["one: 0", "two: 1", "while full: 1", "three: 0", "at the end: 2", "after a restart: 2"]
    {
        assert!(said.lines().any(|shown| shown == line), "{line}: {said}");
    }
}
