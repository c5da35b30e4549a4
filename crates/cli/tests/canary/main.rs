//! No secret leaves the process: everything that a gateway and its command line print, log, send and write is
//! searched for secrets that were planted, whichever way they came in and whatever went wrong.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]
#![expect(clippy::needless_pass_by_value, reason = "frames read as they are written")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

use openclaw_sdk::{Auth, Client, DeviceIdentity, Options};
use serde_json::{Value, json};

mod model;
mod ws;

use model::Model;

/// The gateway's token, by text in the config; and the one that takes its place.
const TOKEN: &str = "canary+token/5c1f0a";
const NEXT: &str = "canary+next/77d2e4";
/// The gateway's password, by reference to a file.
const PASSWORD: &str = "canary+password/1e9b60";
/// Keys of providers: by text, by a program, by a file, by a variable of `.env`.
const KEYS: [&str; 4] =
    ["canary+text/9a41c3", "canary+program/d0e852", "canary+file/4b7712", "canary+variable/c61a9f"];
/// The agents that use them.
const AGENTS: [&str; 4] = ["main", "program", "file", "variable"];
/// What programs print when they fail.
const SPILLED: &str = "canary+spilled/3f8e05";
/// What somebody offers who knows none of them; a mistyped secret is almost one.
const GUESS: &str = "canary+guess/e2c740";

/// Files below the home that hold a secret because that is what they are for, and which. Nothing else may.
const KEPT: &[(&str, &[&str])] = &[
    // The config, which a person wrote and `secrets rotate` changes.
    (".openclaw/openclaw.json", &[NEXT, KEYS[0]]),
    // The config as the person left it, kept before the first change.
    (".openclaw/originals/openclaw.json", &[TOKEN, KEYS[0]]),
    // Where the references of the config lead.
    (".openclaw/.env", &[KEYS[3]]),
    ("vault/password", &[PASSWORD]),
    ("vault/program", &[KEYS[1]]),
    ("vault/file", &[KEYS[2]]),
    ("vault/spilled", &[SPILLED]),
];

fn all() -> Vec<&'static str> {
    [TOKEN, NEXT, PASSWORD, SPILLED, GUESS].into_iter().chain(KEYS).collect()
}

/// What was seen, by where it came from.
#[derive(Default)]
struct Seen(Vec<(String, Vec<u8>)>);

impl Seen {
    fn add(&mut self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.into(), bytes.into()));
    }

    /// Each place where one of these stands.
    fn holding(&self, secrets: &[&str]) -> Vec<String> {
        let found = self.0.iter().flat_map(|(place, bytes)| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let held = secrets.iter().filter(|secret| holds(&text, secret));
            held.map(|secret| format!("{secret} in {place}: {}", around(&text, secret)))
                .collect::<Vec<_>>()
        });
        found.collect()
    }

    fn text(&self, place: &str) -> String {
        let mut found = self.0.iter().filter(|(name, _)| name.starts_with(place));
        found.by_ref().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

/// Whether a secret stands in a text, as it is or as it stands in an address or in JSON.
fn holds(text: &str, secret: &str) -> bool {
    [secret.to_owned(), percent(secret), secret.replace('/', "\\/")]
        .iter()
        .any(|s| text.contains(s))
}

fn percent(text: &str) -> String {
    text.replace('+', "%2B").replace('/', "%2F")
}

fn around(text: &str, secret: &str) -> String {
    let at = text.find(secret).unwrap_or(0);
    let from = text.floor_char_boundary(at.saturating_sub(120));
    text[from..].chars().take(300).collect()
}

fn openclaw(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
    command.env_clear().env("HOME", home).current_dir(home);
    command
}

/// Runs a command and keeps what it printed; its exit code.
fn run(home: &Path, seen: &mut Seen, args: &[&str], input: &str) -> i32 {
    let mut command = openclaw(home);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing has closed it.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let name = args.join(" ");
    seen.add(format!("stdout of {name}"), output.stdout);
    seen.add(format!("stderr of {name}"), output.stderr);
    output.status.code().unwrap()
}

/// A gateway of a process of its own.
struct Running {
    child: Child,
    printed: [JoinHandle<Vec<u8>>; 2],
    port: u16,
}

impl Running {
    fn start(home: &Path, port: u16) -> Self {
        let mut command = openclaw(home);
        command.args(["gateway", "run", "--verbose", "--ws-log", "full"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut out, mut err) =
            (BufReader::new(child.stdout.take().unwrap()), child.stderr.take().unwrap());
        let err = std::thread::spawn(move || {
            let mut all = Vec::new();
            err.read_to_end(&mut all).unwrap();
            all
        });
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        assert!(!first.is_empty(), "the gateway starts");
        let out = std::thread::spawn(move || {
            let mut all = first.into_bytes();
            out.read_to_end(&mut all).unwrap();
            all
        });
        Self { child, printed: [out, err], port }
    }

    fn argv(&self) -> Vec<u8> {
        fs::read(format!("/proc/{}/cmdline", self.child.id())).unwrap()
    }

    fn stop(mut self, home: &Path, seen: &mut Seen) {
        seen.add("/proc/PID/cmdline", self.argv());
        assert_eq!(run(home, seen, &["gateway", "stop"], ""), 0);
        self.child.wait().unwrap();
        let [out, err] = self.printed.map(|printed| printed.join().unwrap());
        seen.add("the gateway's stdout", out);
        seen.add("the gateway's stderr", err);
    }
}

/// A program that prints one of the vault's files.
fn program(home: &Path, file: &str, end: &str) -> Value {
    let shell = fs::canonicalize("/bin/sh").unwrap();
    let file = home.join("vault").join(file);
    let line = format!("while read -r line; do echo \"$line\"; done <{}; {end}", file.display());
    json!({ "source": "exec", "command": shell, "args": ["-c", line], "jsonOnly": false })
}

fn config(home: &Path, port: u16, model: u16, mode: &str) -> Value {
    let by = |source: &str, provider: &str, id: &str| json!({"source": source, "provider": provider, "id": id});
    let file = |name: &str| json!({ "source": "file", "mode": "singleValue", "path": home.join("vault").join(name) });
    let provider = |key: Value| {
        json!({ "baseUrl": format!("http://127.0.0.1:{model}/v1"), "apiKey": key, "api": "openai-completions",
            "models": [{ "id": "m", "name": "M" }] })
    };
    json!({
        "gateway": {
            "port": port, "mode": "local",
            "auth": { "mode": mode, "token": TOKEN, "password": by("file", "password", "value") },
            "http": { "endpoints": { "chatCompletions": { "enabled": true } } },
        },
        "logging": { "level": "trace", "file": home.join("gateway.log") },
        "models": { "providers": {
            "text": provider(json!(KEYS[0])),
            "program": provider(by("exec", "program", "key")),
            "file": provider(by("file", "file", "value")),
            "variable": provider(by("env", "default", "CANARY_KEY")),
        } },
        "agents": { "list": [
            { "id": "main", "default": true, "model": "text/m" }, { "id": "program", "model": "program/m" },
            { "id": "file", "model": "file/m" }, { "id": "variable", "model": "variable/m" },
        ] },
        "secrets": { "providers": {
            "password": file("password"), "file": file("file"), "program": program(home, "program", "exit 0"),
            "failing": program(home, "spilled", "cat >&2; exit 3"),
        } },
    })
}

/// A home with everything planted.
fn plant(mode: &str, model: &Model) -> (tempfile::TempDir, u16) {
    let home = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for folder in [".openclaw", "vault"] {
        fs::create_dir(home.path().join(folder)).unwrap();
    }
    let vault =
        [("password", PASSWORD), ("program", KEYS[1]), ("file", KEYS[2]), ("spilled", SPILLED)];
    for (name, secret) in vault {
        fs::write(home.path().join("vault").join(name), format!("{secret}\n")).unwrap();
    }
    fs::write(home.path().join(".openclaw/.env"), format!("CANARY_KEY={}\n", KEYS[3])).unwrap();
    write(home.path(), &config(home.path(), port, model.port, mode).to_string());
    (home, port)
}

fn write(home: &Path, text: &str) {
    fs::write(home.join(".openclaw/openclaw.json"), text).unwrap();
}

fn connect(auth: Value) -> String {
    let params = json!({ "minProtocol": 3, "maxProtocol": 4, "role": "operator", "auth": auth,
        "scopes": ["operator.admin", "operator.read", "operator.write", "operator.approvals", "operator.pairing"],
        "client": { "id": "gateway-client", "version": "1", "platform": "linux", "mode": "backend" } });
    call("c", "connect", params)
}

fn call(id: &str, method: &str, params: Value) -> String {
    json!({ "type": "req", "id": id, "method": method, "params": params }).to_string()
}

/// The last request of a conversation, and the text that tells that it is answered.
fn last() -> String {
    call("the-last-one", "health", json!({}))
}
const ANSWERED: &str = "\"the-last-one\"";

/// Comes in by every door with a right and with a wrong secret, and sends what breaks the protocol.
fn doors(port: u16, secret: &str, name: &str, seen: &mut Seen) {
    let mut at = |path: &str, headers: &str, frames: &[String]| {
        let place = format!(
            "frames at {} {:?}",
            path.split('?').next().unwrap_or_default(),
            frames.first()
        );
        // What we say ourselves is not what it says.
        let place = all().iter().fold(place, |place, secret| place.replace(secret, "SECRET"));
        seen.add(place, ws::talk(port, path, headers, frames, ANSWERED));
    };
    for offered in [secret, GUESS] {
        let query = format!("/ws?token={}", percent(offered));
        let bearer = format!("Authorization: Bearer {offered}\r\n");
        let bare = |id: &str| json!({ "id": id, "method": "health", "params": {} }).to_string();
        let broadcast = |auth: Value| {
            json!({ "type": "request", "id": "c", "method": "connect", "params": auth }).to_string()
        };
        at("/", "", &[connect(json!({ name: offered })), last()]);
        at("/", "", &[connect(json!({ name: [offered] })), last()]);
        at("/", "", &[connect(json!({ "deviceToken": offered })), last()]);
        at("/", "", &[connect(json!({ "bootstrapToken": offered })), last()]);
        at("/", "", &[call("c", "connect", json!({ name: offered, "role": "operator" })), last()]);
        at(
            "/",
            "",
            &[
                broadcast(json!({ name: offered })),
                json!({ "type": "request", "id": "the-last-one", "method": "health" }).to_string(),
            ],
        );
        at(
            "/",
            "",
            &[
                broadcast(json!({ "auth": offered })),
                json!({ "type": "request", "id": "the-last-one", "method": "health" }).to_string(),
            ],
        );
        at("/", &bearer, &[bare("the-last-one")]);
        at("/", &bearer, &[json!({ "type": "status", "id": "the-last-one" }).to_string()]);
        at(&query, "", &[last()]);
        at(&query, &format!("Origin: http://{offered}.example\r\n"), &[last()]);
        at(&format!("/?token={}", percent(offered)), "", &[last()]);
        // What is no request, with a secret in it.
        for odd in [
            offered.to_owned(),
            format!("{{\"type\":\"req\",\"id\":\"c\",\"method\":\"connect\",\"params\":{{\"auth\":{{\"token\":\"{offered}\""),
            json!({ "type": "req", "id": "c", "method": offered, "params": { name: offered } }).to_string(),
            json!({ "type": "req", "id": "c", "method": "connect", "params": { name: offered, "auth": offered, "scopes": offered } }).to_string(),
        ] {
            // The first has no answer that ends it, so that the socket's end does.
            at("/", "", &[odd]);
        }
    }
    let known = json!({ name: secret });
    let wrong = [
        call("1", "secrets.reload", json!({ "x": 1 })),
        call("2", "config.get", json!({})),
        call("3", "status", json!({ "deep": true })),
        call("4", "models.list", json!({})),
        call("5", "logs.tail", json!({ "limit": 500 })),
        call("6", "device.pair.list", json!({})),
        call("7", "audit.list", json!({})),
        call("8", "no.such.method", json!({ "token": secret })),
        call("9", "chat.send", json!({ "sessionKey": "main", "token": secret })),
        call("10", "device.pair.setupCode", json!({ "includeQr": false })),
    ];
    let frames: Vec<_> = [connect(known)].into_iter().chain(wrong).chain([last()]).collect();
    at("/", "", &frames);
}

/// The HTTP routes, with a right and with a wrong secret.
fn routes(port: u16, secret: &str, seen: &mut Seen) {
    let body = json!({ "model": "openclaw", "messages": [{ "role": "user", "content": "hi" }] });
    for offered in [secret, GUESS] {
        let bearer = format!("Authorization: Bearer {offered}\r\n");
        for line in [
            "GET /",
            "GET /health",
            "GET /readyz",
            "GET /v1/models",
            "GET /sessions/main/history",
            "GET /avatar/main",
            "GET /__openclaw/control-ui-config.json",
            "GET /openclaw.json",
            "PUT /v1/models",
        ] {
            seen.add(line, ws::ask(port, line, &bearer, ""));
        }
        seen.add(
            "a query",
            ws::ask(port, &format!("GET /v1/models?token={}", percent(offered)), "", ""),
        );
        seen.add(
            "completions",
            ws::ask(port, "POST /v1/chat/completions", &bearer, &body.to_string()),
        );
        seen.add(
            "a broken body",
            ws::ask(port, "POST /v1/chat/completions", &bearer, &format!("{{\"k\":\"{offered}\"")),
        );
        let basic = format!("Authorization: Basic {offered}\r\n");
        seen.add("basic", ws::ask(port, "GET /v1/models", &basic, ""));
    }
}

/// A stranger whose program calls itself by secrets of the gateway: what it says of itself is logged, without them.
fn stranger(port: u16, secrets: &[&str], seen: &mut Seen) {
    let headers = format!(
        "User-Agent: stranger {} {}\r\nAuthorization: Bearer {GUESS}\r\n",
        secrets.join(" "),
        percent(secrets[0])
    );
    seen.add("a stranger", ws::ask(port, "GET /v1/models", &headers, ""));
}

/// Commands that work and commands that do not.
fn commands(home: &Path, seen: &mut Seen) {
    for (line, code) in [
        ("status", 0),
        ("status --all --json", 0),
        ("health --json", 0),
        ("models list", 0),
        ("logs --limit 2000", 0),
        ("devices list --json", 0),
        ("audit --json", 0),
        ("config get gateway --json", 0),
        ("config get models --json", 0),
        ("config get gateway.auth.token", 0),
        ("config validate --json", 0),
        ("gateway call config.get", 0),
        ("gateway probe", 0),
        ("gateway status", 0),
        ("qr --json --public-url wss://gateway.example", 0),
        ("secrets reload", 0),
        ("security audit --json --deep", 0),
        ("gateway call no.such.method", 1),
        ("gateway call chat.send --params {\"token", 2),
        ("config get nothing.here", 1),
        ("gateway health --timeout 1000 --url ws://127.0.0.1:1 --token canary+guess/e2c740", 1),
        ("gateway health --token canary+guess/e2c740", 1),
        ("gateway health --password canary+guess/e2c740", 1),
        ("status --log-level trace", 0),
        ("health --debug", 0),
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        assert_eq!(
            run(home, seen, &args, ""),
            code,
            "{line}: {}",
            seen.text(&format!("stderr of {line}"))
        );
    }
    for agent in AGENTS {
        let args = ["agent", "--agent", agent, "--message", "hi", "--json"];
        run(home, seen, &args, "");
    }
}

/// Every file below the home, but for what is there to hold secrets.
fn files(home: &Path, folder: &Path, seen: &mut Seen) {
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.strip_prefix(home).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files(home, &path, seen);
        } else if !fs::symlink_metadata(&path).unwrap().is_symlink() {
            let mut bytes = fs::read(&path).unwrap();
            if let Some((_, kept)) = KEPT.iter().find(|(kept, _)| *kept == name) {
                let text = String::from_utf8(bytes).unwrap();
                bytes = kept
                    .iter()
                    .fold(text, |text, secret| text.replace(secret, "KEPT"))
                    .into_bytes();
            }
            seen.add(format!("file {name}"), bytes);
        }
    }
}

/// The token of a device that comes in.
async fn device_token(port: u16) -> String {
    let options = Options::new(format!("ws://127.0.0.1:{port}")).auth(Auth::Token(TOKEN.into()));
    let identity = DeviceIdentity::generate().unwrap();
    let options = options.scopes(["operator.read"]).identity(identity).reconnect(false);
    let client = Client::connect(options).await.unwrap();
    client.hello().auth.as_ref().unwrap().device_token.clone().unwrap()
}

#[tokio::test]
async fn no_secret_leaves_a_gateway_with_a_token() {
    let model = Model::start();
    let (home, port) = plant("token", &model);
    let (home, mut seen) = (home.path(), Seen::default());
    let gateway = Running::start(home, port);
    let own = device_token(port).await;
    doors(gateway.port, TOKEN, "token", &mut seen);
    routes(gateway.port, TOKEN, &mut seen);
    let known: Vec<_> = [TOKEN, PASSWORD].into_iter().chain(KEYS).collect();
    stranger(gateway.port, &known, &mut seen);
    commands(home, &mut seen);
    // A program that fails, and a file that is gone: the gateway goes on.
    let mut failing = config(home, port, model.port, "token");
    failing["models"]["providers"]["more"] =
        json!({ "apiKey": { "source": "exec", "provider": "failing", "id": "x" } });
    let good = fs::read_to_string(home.join(".openclaw/openclaw.json")).unwrap();
    write(home, &failing.to_string());
    assert_eq!(run(home, &mut seen, &["secrets", "reload"], ""), 1);
    assert!(seen.text("stderr of secrets reload").contains("secrets.providers.failing"));
    write(home, &good);
    // By hand, and made.
    assert_eq!(run(home, &mut seen, &["secrets", "rotate", "--json"], ""), 0);
    let told = seen.text("stdout of secrets rotate --json");
    let made = fs::read_to_string(home.join(".openclaw/openclaw.json")).unwrap();
    let made: Value = serde_json::from_str(&made).unwrap();
    let made = made["gateway"]["auth"]["token"].as_str().unwrap().to_owned();
    assert!(
        made != TOKEN && told.contains("gateway.auth.token") && !told.contains(&made),
        "{told}"
    );
    assert_eq!(run(home, &mut seen, &["secrets", "rotate", "--stdin"], &format!("{NEXT}\n")), 0);
    doors(gateway.port, NEXT, "token", &mut seen);
    stranger(gateway.port, &[NEXT, TOKEN], &mut seen);
    // The one command that is there to tell.
    let mut told = Seen::default();
    assert_eq!(run(home, &mut told, &["dashboard", "--no-open"], ""), 0);
    assert!(told.text("stdout of dashboard").contains(&format!("#token={}", percent(NEXT))));
    assert!(
        told.holding(&all()).iter().all(|place| place.starts_with(NEXT)),
        "{:?}",
        told.holding(&all())
    );
    gateway.stop(home, &mut seen);
    let asked = model.asked();
    for key in KEYS {
        assert!(asked.contains(key), "the provider was asked with {key}: {asked}");
    }
    files(home, home, &mut seen);
    for agent in AGENTS {
        let told = seen.text(&format!("stdout of agent --agent {agent} "));
        assert!(
            told.contains("Incorrect API key provided"),
            "the provider's complaint is told: {told}"
        );
    }
    assert_eq!(seen.holding(&[all(), vec![&made]].concat()), [""; 0]);
    // Twice: each time every secret is covered, and nothing of it is left.
    for masked in ["stranger *** *** *** *** *** *** ***", "stranger *** *** ***"] {
        let log = seen.text("file gateway.log");
        assert!(log.contains(&format!("{masked}\"")), "{masked} is not in the log: {log}");
    }
    // A device's own token stands in the records alone.
    let places = seen.holding(&[&own]);
    let kept = |place: &String| place.contains(" in file .openclaw/gateway.sqlite");
    assert!(!places.is_empty() && places.iter().all(kept), "{places:?}");
}

#[tokio::test]
async fn no_secret_leaves_a_gateway_with_a_password() {
    let model = Model::start();
    let (home, port) = plant("password", &model);
    let (home, mut seen) = (home.path(), Seen::default());
    let gateway = Running::start(home, port);
    doors(gateway.port, PASSWORD, "password", &mut seen);
    routes(gateway.port, PASSWORD, &mut seen);
    assert_eq!(run(home, &mut seen, &["health", "--json"], ""), 0);
    assert_eq!(run(home, &mut seen, &["secrets", "rotate"], ""), 78);
    assert!(seen.text("stderr of secrets rotate").contains("it is a reference"));
    assert_eq!(run(home, &mut seen, &["dashboard", "--no-open"], ""), 0);
    // The file has another one now: the one of before is refused, whoever asks.
    fs::write(home.join("vault/password"), format!("{NEXT}\n")).unwrap();
    assert_eq!(run(home, &mut seen, &["secrets", "reload"], ""), 0);
    assert_eq!(run(home, &mut seen, &["health", "--json"], ""), 0);
    doors(gateway.port, NEXT, "password", &mut seen);
    let refused = ws::ask(
        gateway.port,
        "GET /v1/models",
        &format!("Authorization: Bearer {PASSWORD}\r\n"),
        "",
    );
    assert!(refused.starts_with(b"HTTP/1.1 401"));
    gateway.stop(home, &mut seen);
    fs::write(home.join("vault/password"), format!("{PASSWORD}\n")).unwrap();
    let text = fs::read_to_string(home.join(".openclaw/openclaw.json")).unwrap();
    write(home, &text.replace(TOKEN, NEXT));
    files(home, home, &mut seen);
    assert_eq!(seen.holding(&all()), [""; 0]);
}

#[test]
fn no_secret_leaves_a_config_that_cannot_be_used() {
    let model = Model::start();
    let (home, port) = plant("token", &model);
    let (home, mut seen) = (home.path(), Seen::default());
    let good = config(home, port, model.port, "token");
    let with = |path: &str, value: Value| {
        let mut config = good.clone();
        *config.pointer_mut(path).unwrap() = value;
        config.to_string()
    };
    let failing = json!({ "source": "exec", "provider": "failing", "id": "x" });
    for text in [
        format!("{{ gateway: {{ auth: {{ token: '{TOKEN}'"),
        format!("{{ gateway: {{ auth: {{ token: '{TOKEN}\n' }} }} }}"),
        with("/gateway/auth/token", json!([TOKEN])),
        with("/gateway/auth/token", json!({ "text": TOKEN })),
        with("/gateway/auth", json!({ "token": TOKEN, "password": PASSWORD, "mode": 7 })),
        with("/models/providers/text/apiKey", json!([KEYS[0]])),
        with("/models/providers/text/apiKey", json!({ "key": KEYS[0] })),
        with("/models/providers/text", json!({ "apiKey": KEYS[0], "models": 7 })),
        with("/models/providers/file/apiKey", failing.clone()),
        with("/gateway/auth/token", failing),
    ] {
        write(home, &text);
        assert_eq!(run(home, &mut seen, &["gateway", "run"], ""), 78, "{text}");
        for line in [
            "config validate",
            "config validate --json",
            "config get gateway --json",
            "status --json",
            "security audit --json",
            "secrets reload",
            "secrets rotate --json",
        ] {
            run(home, &mut seen, &line.split(' ').collect::<Vec<_>>(), "");
        }
    }
    assert!(
        seen.text("stderr of gateway run")
            .contains("secrets.providers.failing: the program ended with code 3")
    );
    assert_eq!(seen.holding(&all()), [""; 0]);
}
