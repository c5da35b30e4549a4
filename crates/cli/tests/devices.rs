//! `openclaw devices` as a person sees it: with a gateway, and on the state directory while none runs.
#![expect(clippy::unwrap_used, reason = "a failing test may panic")]

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use openclaw_sdk::{Auth, Client, DeviceIdentity, Error, Options};
use serde_json::Value;

const TOKEN: &str = "a-token-of-this-test";

fn openclaw(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
    command.env_clear().env("HOME", home);
    command
}

/// Exit code, stdout and stderr.
fn run(home: &Path, line: &str) -> (i32, String, String) {
    let output = openclaw(home).args(line.split_whitespace()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn done(home: &Path, line: &str) -> String {
    let (code, out, err) = run(home, line);
    assert_eq!(code, 0, "{line}: {out}{err}");
    out
}

#[track_caller]
fn json(home: &Path, line: &str) -> Value {
    serde_json::from_str(&done(home, line)).unwrap()
}

fn home() -> (tempfile::TempDir, u16) {
    let home = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    std::fs::create_dir(home.path().join(".openclaw")).unwrap();
    let config = format!("{{ gateway: {{ port: {port}, auth: {{ token: '{TOKEN}' }} }} }}");
    std::fs::write(home.path().join(".openclaw/openclaw.json"), config).unwrap();
    (home, port)
}

/// A gateway of a process of its own; it ends with the value.
struct Running(Child);

impl Running {
    fn start(home: &Path) -> Self {
        let mut command = openclaw(home);
        command.args(["gateway", "run"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        // Its first word comes when it serves.
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the gateway starts");
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

async fn connect(
    port: u16,
    identity: &DeviceIdentity,
    auth: Auth,
    scope: &str,
) -> Result<Client, Error> {
    let options = Options::new(format!("ws://127.0.0.1:{port}")).auth(auth).scopes([scope]);
    Client::connect(options.identity(identity.clone()).reconnect(false)).await
}

/// Pairs a device that may read; its token.
async fn pair(port: u16, identity: &DeviceIdentity) -> Auth {
    let client = connect(port, identity, Auth::Token(TOKEN.into()), "operator.read").await.unwrap();
    let token = client.hello().auth.as_ref().unwrap().device_token.clone().unwrap();
    Auth::DeviceToken(token)
}

#[tokio::test]
async fn a_request_is_shown_approved_and_the_device_forgotten_without_a_gateway() {
    let (home, port) = home();
    let home = home.path();
    let (code, out, err) = run(home, "devices list");
    assert_eq!((code, out.as_str(), err.lines().count()), (1, "", 1), "{err}");
    assert!(err.contains("knows no device"), "{err}");

    let gateway = Running::start(home);
    assert_eq!(done(home, "devices list"), "No devices are paired, and none asks to be.\n");
    let identity = DeviceIdentity::generate().unwrap();
    let id = identity.id().to_string();
    let own = pair(port, &identity).await;
    connect(port, &identity, own.clone(), "operator.admin").await.unwrap_err();
    let list = done(home, "devices list");
    assert!(list.starts_with("Pending (1)\n") && list.contains("more scopes"), "{list}");
    assert!(list.contains("\nPaired (1)\n") && list.contains(&id), "{list}");

    // Without a request nothing is approved.
    let (code, out, err) = run(home, "devices approve");
    let request = json(home, "devices list --json")["pending"][0]["requestId"].clone();
    let request = request.as_str().unwrap();
    assert!(code == 1 && out.contains(request), "{out}{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.contains(&format!("openclaw devices approve {request}")), "{err}");
    connect(port, &identity, own.clone(), "operator.admin").await.unwrap_err();
    let (code, out, err) = run(home, "devices approve nope");
    assert_eq!((code, out.as_str(), err.lines().count()), (1, "", 1), "{err}");
    assert_eq!(done(home, "devices approve --latest"), format!("Approved {id} ({request})\n"));
    connect(port, &identity, own.clone(), "operator.admin").await.unwrap();

    let named = done(home, &format!("devices rename --device {} --name Kitchen", &id[..8]));
    assert_eq!(named, format!("{id} is Kitchen now\n"));
    let rotate =
        format!("devices rotate --device {id} --role operator --scope operator.read --json");
    let rotated = json(home, &rotate);
    assert_eq!(rotated["tokenDelivery"], "withheld-cross-device");
    connect(port, &identity, own, "operator.read").await.unwrap_err();
    let (code, _, err) = run(home, "devices clear");
    assert_eq!((code, err.lines().count()), (2, 1), "{err}");
    // A gateway that holds the folder and cannot be asked is not worked around.
    let lost = openclaw(home).env("OPENCLAW_GATEWAY_PORT", "1").args(["devices", "list"]).output();
    let lost = String::from_utf8(lost.unwrap().stderr).unwrap();
    assert!(lost.contains("holds") && lost.contains("gateway stop"), "{lost}");
    drop(gateway);

    let (code, out, err) = run(home, "devices list");
    assert!(code == 0 && out.contains("Kitchen") && out.contains(&id), "{out}{err}");
    assert!(err.starts_with("no gateway runs; "), "{err}");
    let (code, out, err) = run(home, "devices remove zz");
    assert!(code == 1 && out.is_empty() && err.contains("begins with zz"), "{err}");
    assert_eq!(done(home, &format!("devices remove {}", &id[..8])), format!("Removed {id}\n"));

    let gateway = Running::start(home);
    assert_eq!(json(home, "devices list --json")["paired"], serde_json::json!([]));
    let own = pair(port, &identity).await;
    connect(port, &identity, own.clone(), "operator.admin").await.unwrap_err();
    drop(gateway);
    // The last one who could have decided is gone: whoever owns the folder decides.
    let approved = json(home, "devices approve --latest --json");
    assert_eq!(approved["device"]["deviceId"], id);
    let gateway = Running::start(home);
    connect(port, &identity, own, "operator.admin").await.unwrap();
    let cleared = json(home, "devices clear --yes --pending --json");
    assert_eq!(cleared, serde_json::json!({"removedDevices": [id], "rejectedPending": []}));
    drop(gateway);
}
