//! `openclaw node run` beside a gateway: two programs, two home folders, one story.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use openclaw_sdk::{Auth, Client, DeviceIdentity, Options};
use serde_json::{Value, json};

const TOKEN: &str = "node-story-token";
/// Fails a test that waits for a line that does not come.
const PATIENCE: Duration = Duration::from_mins(1);
/// Looks at a state that another program is about to change.
const LOOKS: usize = 200;

/// A program that runs beside the test, and what it says.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    /// Starts it; its lines are those of stdout and stderr.
    fn start(mut command: Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (send, lines) = channel();
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for output in outputs {
            let send = send.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    // Nobody reads any more when the test is over.
                    send.send(line).ok();
                }
            });
        }
        Self { child, lines }
    }

    /// The next line with this in it.
    fn says(&self, what: &str) -> String {
        let mut before = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(what) => return line,
                Ok(line) => before.push(line),
                Err(error) => panic!("{what:?} was not said ({error}), but: {before:#?}"),
            }
        }
    }

    /// Asks it to end, as a service manager does; its exit code.
    fn stop(mut self) -> Option<i32> {
        let id = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn openclaw(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("HOME", home).env("PATH", path).current_dir(home).args(args);
    command
}

/// A home folder with files in its state directory.
fn home(files: &[(&str, Value)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join(".openclaw");
    fs::create_dir(&state).unwrap();
    for (name, content) in files {
        fs::write(state.join(name), content.to_string()).unwrap();
    }
    home
}

/// A gateway in a home of its own.
struct Gateway {
    home: tempfile::TempDir,
    port: String,
    _program: Program,
}

impl Gateway {
    fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = json!({ "gateway": { "port": free.port(), "auth": { "mode": "token", "token": TOKEN } } });
        let home = home(&[("openclaw.json", config)]);
        let program = Program::start(openclaw(home.path(), &["gateway", "run"]));
        program.says("listens on");
        Self { home, port: free.port().to_string(), _program: program }
    }

    /// What the command line says there.
    fn ask(&self, args: &[&str]) -> Output {
        openclaw(self.home.path(), args).output().unwrap()
    }

    /// The same as JSON.
    fn json(&self, args: &[&str]) -> Value {
        let output = self.ask(&[args, &["--json"]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{args:?}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Looks until something fits.
    fn until(&self, args: &[&str], fits: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Value::Null;
        for _ in 0..LOOKS {
            seen = self.json(args);
            if fits(&seen) {
                return seen;
            }
        }
        panic!("{args:?} does not become what it should: {seen}");
    }
}

/// A node in a home of its own; the secret, when it has one.
fn node(home: &Path, port: &str, token: Option<&str>) -> Program {
    let args = ["node", "run", "--host", "127.0.0.1", "--port", port, "--display-name", "Shelf"];
    let mut command = openclaw(home, &args);
    command.envs(token.map(|token| ("OPENCLAW_GATEWAY_TOKEN", token)));
    Program::start(command)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_machine_elsewhere_is_approved_and_runs_what_its_own_rules_list() {
    let echo = ["/usr/bin/echo", "/bin/echo"].iter().find(|path| Path::new(path).exists());
    let echo = fs::canonicalize(echo.unwrap()).unwrap();
    let rules = json!({
        "version": 1, "defaults": { "security": "allowlist", "ask": "on-miss" },
        "agents": { "main": { "allowlist": [{ "pattern": echo }] } },
    });
    let (gateway, there) = (Gateway::start(), home(&[("exec-approvals.json", rules)]));
    let program = node(there.path(), &gateway.port, Some(TOKEN));
    program.says("connected to");

    let pending = gateway.json(&["nodes", "pending"]);
    let request = pending[0]["requestId"].as_str().expect("it asks to be approved").to_owned();
    assert_eq!(pending[0]["displayName"], "Shelf");
    let early = gateway.ask(&["nodes", "run", "--node", "Shelf", "--", "echo", "hi"]);
    assert_eq!((early.status.code(), text(early.stdout)), (Some(1), String::new()));
    let approved = text(gateway.ask(&["nodes", "approve", &request]).stdout);
    assert!(approved.starts_with("Shelf may be asked for: ") && approved.contains("system.run"));
    let status = gateway.json(&["nodes", "status"]);
    assert_eq!(
        (&status["nodes"][0]["connected"], &status["nodes"][0]["paired"]),
        (&json!(true), &json!(true))
    );

    let which = r#"{"bins":["sh","no-such-program-here"]}"#;
    let found = gateway.json(&[
        "nodes",
        "invoke",
        "--node",
        "Shelf",
        "--command",
        "system.which",
        "--params",
        which,
    ]);
    let found = found["payload"]["bins"].as_object().unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), ["sh"]);
    let ran = gateway.ask(&["nodes", "run", "--node", "shelf", "--", "echo", "hello", "there"]);
    assert_eq!((ran.status.code(), text(ran.stdout)), (Some(0), "hello there\n".to_owned()));
    let raw = ["nodes", "run", "--node", "Shelf", "--raw", "echo hello"];
    let refused = gateway.ask(&[&raw[..], &["--ask", "off"]].concat());
    let said = text(refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("SYSTEM_RUN_DENIED: approval required"), "{said}");

    // A person decides on another terminal, each time anew.
    let decided = |decision: &str| {
        let run = Program::start(openclaw(gateway.home.path(), &raw));
        let said = run.says("waits 120 s for a decision: openclaw approvals resolve");
        let id = said.split_whitespace().rev().nth(1).unwrap().to_owned();
        gateway.until(&["approvals", "pending"], |all| all.to_string().contains(&id));
        assert!(gateway.ask(&["approvals", "resolve", &id, decision]).status.success());
        run
    };
    decided("allow-once").says("hello");
    decided("deny").says("a person did not allow the program");

    // Its file is read and written from here, with what it was based on.
    let of = ["--node", "Shelf"];
    let rules = gateway.json(&[&["approvals", "get"][..], &of].concat());
    assert_eq!(rules["file"]["agents"]["main"]["allowlist"][0]["pattern"], json!(echo));
    let add = ["approvals", "allowlist", "add", "/opt/x/*", "--agent", "main"];
    let added = gateway.json(&[&add[..], &of].concat());
    assert_eq!(added["file"]["agents"]["main"]["allowlist"][1]["pattern"], "/opt/x/*");
    let written = there.path().join(".openclaw/exec-approvals.json");
    assert!(fs::read_to_string(written).unwrap().contains("/opt/x/*"));

    // It ends when it is told to, and comes back with nothing but the token that it was given.
    assert_eq!(program.stop(), Some(0));
    gateway.until(&["nodes", "status"], |status| status["nodes"][0]["connected"] == false);
    let again = node(there.path(), &gateway.port, None);
    again.says("connected to");
    let ran = gateway.ask(&["nodes", "run", "--node", "Shelf", "--", "echo", "again"]);
    assert_eq!(text(ran.stdout), "again\n");
    let device = fs::read_to_string(there.path().join(".openclaw/node.json")).unwrap();
    assert!(!device.contains(TOKEN), "the gateway's own secret is not written down");

    // A removed node is let go, and its token with it.
    let removed = gateway.ask(&["nodes", "remove", "--node", "Shelf"]);
    assert!(removed.status.success());
    again.says("the next attempt is in");
    again.says("openclaw: ");
}

#[test]
fn without_a_right_to_be_there_it_ends_and_says_what_to_do() {
    let (gateway, there) = (Gateway::start(), home(&[]));
    let mut refused = node(there.path(), &gateway.port, Some("wrong"));
    let said = refused.says("openclaw: ");
    assert!(said.contains("gateway token") || said.contains("unauthorized"), "{said}");
    assert_eq!(refused.child.wait().unwrap().code(), Some(1));
    let plain = openclaw(there.path(), &["node", "run", "--host", "192.0.2.1"]).output().unwrap();
    assert_eq!(plain.status.code(), Some(2));
    assert!(text(plain.stderr).contains("--tls"));
}

#[test]
fn it_waits_for_a_gateway_that_is_not_there_yet() {
    let there = home(&[]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let program = node(there.path(), &free.port().to_string(), Some(TOKEN));
    program.says("the next attempt is in 1 s");
    assert_eq!(program.stop(), Some(0));
}

/// The two ends of a pipe with a name: what a program writes to it, and that nobody holds it any more.
fn pipe(path: &Path) -> Receiver<Option<String>> {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let (send, lines) = channel();
    let path = path.to_owned();
    thread::spawn(move || {
        let lines = BufReader::new(fs::File::open(path).unwrap()).lines().map_while(Result::ok);
        for line in lines.map(Some).chain([None]) {
            // Nobody reads any more when the test is over.
            send.send(line).ok();
        }
    });
    lines
}

#[test]
fn a_program_ends_with_all_that_it_started_when_its_asker_loses_the_right() {
    let rules = json!({ "version": 1, "defaults": { "security": "full", "ask": "off" } });
    let (gateway, there) = (Gateway::start(), home(&[("exec-approvals.json", rules)]));
    let program = node(there.path(), &gateway.port, Some(TOKEN));
    program.says("connected to");
    let request = gateway.json(&["nodes", "pending"])[0]["requestId"].clone();
    assert!(gateway.ask(&["nodes", "approve", request.as_str().unwrap()]).status.success());
    let node_id = gateway.json(&["nodes", "status"])["nodes"][0]["nodeId"].clone();

    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.unwrap();
    let identity = DeviceIdentity::generate().unwrap();
    let options = Options::new(format!("ws://127.0.0.1:{}", gateway.port))
        .auth(Auth::Token(TOKEN.to_owned()))
        .identity(identity.clone())
        .scopes(["operator.read", "operator.write", "operator.admin"])
        .reconnect(false);
    let client = runtime.block_on(Client::connect(options)).unwrap();
    // A program, and a child of it that is in no group of its. Both hold the pipe as long as they live.
    let held = pipe(&there.path().join("held"));
    let script = "exec 3> held; setsid sleep 600 & echo up >&3; sleep 600; wait";
    let run = json!({ "command": ["sh", "-c", script], "cwd": there.path() });
    let params = json!({ "nodeId": node_id, "command": "system.run", "params": run,
        "timeoutMs": 600_000, "idempotencyKey": "k" });
    let asker = client.clone();
    let call = runtime.spawn(async move { asker.call_raw("node.invoke", Some(&params)).await });
    assert_eq!(held.recv_timeout(PATIENCE).unwrap().as_deref(), Some("up"));
    // As many more as a node carries out at a time; then it carries out no other one.
    for n in 1..32 {
        let run = json!({ "command": ["sh", "-c", "exec 3> held; echo up >&3; exec sleep 600"],
            "cwd": there.path() });
        let params = json!({ "nodeId": node_id, "command": "system.run", "params": run,
            "timeoutMs": 600_000, "idempotencyKey": format!("k{n}") });
        let asker = client.clone();
        runtime.spawn(async move { asker.call_raw("node.invoke", Some(&params)).await });
        assert_eq!(held.recv_timeout(PATIENCE).unwrap().as_deref(), Some("up"));
    }
    let params = json!({ "nodeId": node_id, "command": "system.which",
        "params": { "bins": ["sh"] }, "idempotencyKey": "one-more" });
    let refused = runtime.block_on(client.call_raw("node.invoke", Some(&params))).unwrap_err();
    assert!(refused.to_string().contains("32 commands are carried out already"), "{refused}");
    let removed = gateway.ask(&["devices", "remove", identity.id().as_str()]);
    assert!(removed.status.success(), "{}", text(removed.stderr));
    let left = held.recv_timeout(Duration::from_secs(1)).expect("both are gone within a second");
    assert_eq!(left, None);
    runtime.block_on(call).unwrap().expect_err("it is not told how the program ended");
    runtime.block_on(client.ended_because());
    drop(runtime);

    // Work that waits is done: the next of its kind is another one.
    let params = json!({ "nodeId": node_id, "type": "status.request" }).to_string();
    let enqueue = ["gateway", "call", "node.pending.enqueue", "--params", &params];
    let first = gateway.json(&enqueue);
    assert_eq!(first["wakeTriggered"], true);
    gateway.until(&enqueue, |again| again["queued"]["id"] != first["queued"]["id"]);
}

/// A way to a gateway on which everything that is asked of a node comes twice.
fn twice(port: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port().to_string();
    let there = format!("127.0.0.1:{port}");
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let far = TcpStream::connect(&there).unwrap();
            let (mut from, mut to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to).ok());
            thread::spawn(move || repeat(BufReader::new(far), near).ok());
        }
    });
    own
}

/// Passes on the answer to the upgrade, then frame by frame.
fn repeat(mut from: impl BufRead, mut to: impl Write) -> std::io::Result<()> {
    let mut line = String::new();
    while from.read_line(&mut line)? > 0 && line != "\r\n" {
        to.write_all(line.as_bytes())?;
        line.clear();
    }
    to.write_all(line.as_bytes())?;
    loop {
        let mut frame = vec![0; 2];
        from.read_exact(&mut frame)?;
        let more = match frame[1] {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mut length = vec![0; more];
        from.read_exact(&mut length)?;
        let short = if more == 0 { vec![frame[1]] } else { length.clone() };
        let size = short.iter().fold(0, |size, byte| (size << 8) | usize::from(*byte));
        let mut payload = vec![0; size];
        from.read_exact(&mut payload)?;
        frame.extend(length);
        frame.extend(payload);
        to.write_all(&frame)?;
        if String::from_utf8_lossy(&frame).contains("node.invoke.request") {
            to.write_all(&frame)?;
        }
    }
}

#[test]
fn what_is_asked_twice_is_carried_out_once() {
    let rules = json!({ "version": 1, "defaults": { "security": "full", "ask": "off" } });
    let (gateway, there) = (Gateway::start(), home(&[("exec-approvals.json", rules)]));
    let program = node(there.path(), &twice(&gateway.port), Some(TOKEN));
    program.says("connected to");
    let request = gateway.json(&["nodes", "pending"])[0]["requestId"].clone();
    assert!(gateway.ask(&["nodes", "approve", request.as_str().unwrap()]).status.success());
    // It goes on until it is told to.
    let go = there.path().join("go");
    assert!(Command::new("mkfifo").arg(&go).status().unwrap().success());
    let script = "echo ran >> count; read -r line < go; cat count";
    let run = json!({ "command": ["sh", "-c", script], "cwd": there.path() });
    let node_id = gateway.json(&["nodes", "status"])["nodes"][0]["nodeId"].clone();
    let params = json!({ "nodeId": node_id, "command": "system.run", "params": run,
        "idempotencyKey": "k" })
    .to_string();
    let run = ["gateway", "call", "node.invoke", "--json", "--params", &params];
    let run = Program::start(openclaw(gateway.home.path(), &run));
    program.says("came twice; it is carried out once");
    fs::write(go, "go\n").unwrap();
    run.says("ran");
    assert_eq!(fs::read_to_string(there.path().join("count")).unwrap(), "ran\n");
}
