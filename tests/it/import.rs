//! State directories of other programs open: sessions, history, devices with their tokens. What cannot be
//! taken over is refused in one sentence, and nothing of it is changed.

use std::{fs, path::Path, sync::Arc};

use openclaw_gateway::Gateway;
use openclaw_tests::{
    Device, Peer, TestGateway,
    foreign::{AgentDb, device_record, header, message, state_db},
    gateway::options,
    peer::SCOPES,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const TOKEN: &str = "U6PuLFr1uMwnlAtIG0Z0uqAMsm07tLXMx_pd3JFdRmM";
const DB: &str = "agents/main/agent/openclaw-agent.sqlite";

fn state() -> Arc<TempDir> {
    Arc::new(tempfile::tempdir().unwrap())
}

fn put(state: &Path, name: &str, text: &str) {
    let path = state.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Values, one a line.
fn jsonl(values: &[Value]) -> String {
    values.iter().map(|value| value.to_string() + "\n").collect()
}

/// Role and words of each message.
async fn history(peer: &mut Peer, key: &str) -> Vec<(String, String)> {
    let history = peer.call("chat.history", json!({"sessionKey": key})).await.unwrap();
    let messages = history["messages"].as_array().unwrap();
    messages.iter().map(|m| (m["role"].as_str().unwrap().to_owned(), words(m))).collect()
}

fn words(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        parts => {
            let parts = parts.as_array().into_iter().flatten();
            parts.map(|p| p["text"].as_str().unwrap_or_default()).collect::<Vec<_>>().join("\n")
        }
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

/// Connects with the token that the other program gave to the device, and nothing else.
async fn connect(gateway: &TestGateway, device: &Device, token: &str) -> Value {
    let mut peer = Peer::open(gateway.address()).await;
    let mut params = json!({"minProtocol": 3, "maxProtocol": 4, "role": "operator", "scopes": SCOPES, "caps": [],
        "client": {"id": "cli", "version": "1.0.0", "platform": "linux", "mode": "cli"}, "auth": {"deviceToken": token}});
    device.sign(&mut params, &peer.nonce.clone());
    peer.shake(params).await.expect("the token of the other program is good")
}

fn old_state(state: &Path, device: &Device) {
    let sender = "Sender (untrusted metadata):\n```json\n{\n  \"label\": \"cli\"\n}\n```\n\n[Sat 2026-11-21 09:02 UTC] hi";
    let lines = [
        json!({"type": "session", "version": 3, "id": "s-1", "timestamp": "2026-11-21T09:02:50.164Z", "cwd": "/w"}),
        message("0c921841", None, "user", sender),
        message("0c921842", Some("0c921841"), "assistant", "Hello."),
    ];
    let text = jsonl(&lines);
    put(state, "agents/main/sessions/s-1.jsonl", &text);
    let entry = json!({"sessionId": "s-1", "updatedAt": 1_795_251_775_673_i64, "label": "Side talk", "queueCap": 3});
    put(
        state,
        "agents/main/sessions/sessions.json",
        &json!({"agent:main:main": entry}).to_string(),
    );
    let record = device_record(device, TOKEN, &SCOPES);
    put(state, "devices/paired.json", &json!({device.id(): record}).to_string());
}

#[tokio::test]
async fn a_state_of_2026_3_28_opens_and_its_files_are_copied_before_they_change() {
    let (state, device) = (state(), Device::new());
    old_state(state.path(), &device);
    let read = |name: &str| fs::read_to_string(state.path().join(name)).unwrap();
    let names = ["agents/main/sessions/s-1.jsonl", "agents/main/sessions/sessions.json"];
    let before = names.map(read);
    let gateway = TestGateway::at(Arc::clone(&state), json!({})).await;
    let hello = connect(&gateway, &device, TOKEN).await;
    assert_eq!(hello["auth"]["deviceToken"], TOKEN, "the device keeps its token");
    let mut peer = gateway.operator().await;
    let list = peer.call("sessions.list", json!({})).await.unwrap();
    assert_eq!(
        (&list["sessions"][0]["key"], &list["sessions"][0]["label"]),
        (&json!("agent:main:main"), &json!("Side talk"))
    );
    assert_eq!(history(&mut peer, "main").await, pairs(&[("user", "hi"), ("assistant", "Hello.")]));
    let send = json!({"sessionKey": "main", "message": "more", "idempotencyKey": "r1"});
    peer.call("chat.send", send).await.unwrap();
    assert_eq!(peer.run_end("r1").await["state"], "final");
    gateway.stop().await;
    assert!(read(names[0]).starts_with(&before[0]) && read(names[0]).contains("more"));
    assert_eq!(names.map(|name| read(&format!("originals/{name}"))), before);
}

fn new_state(state: &Path, device: &Device) -> String {
    let long = "words that are written again and again ".repeat(60);
    let entry = |id: &str| json!({"sessionId": id, "updatedAt": 1_795_251_720_215_i64, "delivery": {"kind": "none"}});
    let db = AgentDb::create(state, "main", 23);
    let reset = json!({"type": "reset", "id": "0cbe3100", "parentId": "a2", "timestamp": "2026-11-21T09:02:01.591Z", "reason": "reset"});
    let again = [
        header("s-again"),
        message("a1", None, "user", "before the reset"),
        message("a2", Some("a1"), "assistant", "First answer."),
        reset,
        message("a3", Some("0cbe3100"), "user", "after the reset"),
        message("a4", Some("a3"), "assistant", &long),
    ];
    db.session("agent:main:again", &entry("s-again"), &again, &[]);
    let edited = [
        header("s-edit"),
        message("b1", None, "user", "a question with a mistake"),
        message("b2", Some("b1"), "assistant", "An answer to the mistake."),
        message("b3", None, "user", "the question"),
        message("b4", Some("b3"), "assistant", "The answer."),
    ];
    db.session("agent:main:main", &entry("s-edit"), &edited, &[1, 2]);
    state_db(state, &device_record(device, TOKEN, &SCOPES));
    long
}

#[tokio::test]
async fn a_state_of_2026_9_6_is_taken_over_whole_and_its_database_stays() {
    let (state, device) = (state(), Device::new());
    let long = new_state(state.path(), &device);
    let bytes = || fs::read(state.path().join(DB)).unwrap();
    let before = bytes();
    let gateway = TestGateway::at(Arc::clone(&state), json!({})).await;
    connect(&gateway, &device, TOKEN).await;
    let mut peer = gateway.operator().await;
    let list = peer.call("sessions.list", json!({})).await.unwrap();
    assert_eq!(list["count"], 2, "{list}");
    let edited = history(&mut peer, "main").await;
    assert_eq!(edited, pairs(&[("user", "the question"), ("assistant", "The answer.")]));
    let again = history(&mut peer, "again").await;
    assert_eq!(again, pairs(&[("user", "after the reset"), ("assistant", &long)]));
    gateway.stop().await;
    assert_eq!(bytes(), before);
    let dir = state.path().join("agents/main/sessions");
    let reset =
        fs::read_to_string(dir.join("s-again.jsonl.reset.2026-11-21T09-02-01.591Z")).unwrap();
    assert!(reset.contains("before the reset") && !reset.contains("after the reset"));
    let names = fs::read_dir(dir).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    let copies: Vec<String> = names.filter(|name| name.starts_with("s-edit.jsonl.bak.")).collect();
    assert_eq!(copies.len(), 1, "what the edit left behind is kept in a copy");
    // The second start takes nothing over again.
    let gateway = TestGateway::at(state, json!({})).await;
    let list = gateway.operator().await.call("sessions.list", json!({})).await.unwrap();
    assert_eq!(list["count"], 2, "{list}");
}

#[tokio::test]
async fn a_flat_file_of_sessions_is_taken_over_once_and_stays() {
    let (state, workspace) = (state(), tempfile::tempdir().unwrap());
    let line = |session: &str, role: &str, content: &str| json!({"sessionId": session, "role": role, "content": content, "timestamp": "2026-11-21T09:01:43.924Z"});
    let lines = [
        line("Plan A", "user", "hi"),
        line("other", "user", "elsewhere"),
        json!("not an entry"),
        line("Plan A", "assistant", "Hello."),
    ];
    let text = jsonl(&lines);
    put(workspace.path(), "session.jsonl", &text);
    let config = json!({"agents": {"defaults": {"workspace": workspace.path()}}});
    for _ in 0..2 {
        let gateway = TestGateway::at(Arc::clone(&state), config.clone()).await;
        let mut peer = gateway.operator().await;
        let list = peer.call("sessions.list", json!({})).await.unwrap();
        assert_eq!(list["count"], 2, "{list}");
        let plan = history(&mut peer, "agent:main:plan a").await;
        assert_eq!(plan, pairs(&[("user", "hi"), ("assistant", "Hello.")]));
        assert_eq!(history(&mut peer, "other").await, pairs(&[("user", "elsewhere")]));
        gateway.stop().await;
    }
    assert_eq!(fs::read_to_string(workspace.path().join("session.jsonl")).unwrap(), text);
}

/// Starts on a state that must be refused; what is said.
async fn refused(state: &Path) -> String {
    put(
        state,
        "openclaw.json",
        &json!({"gateway": {"auth": {"token": "test-token-0123456789"}}}).to_string(),
    );
    let error = Gateway::start(options(state)).await.err().expect("it is refused").to_string();
    assert!(!error.contains('\n') && error.contains(state.to_str().unwrap()), "{error}");
    error
}

#[tokio::test]
async fn what_cannot_be_taken_over_is_refused_with_what_to_do_and_opens_once_that_is_done() {
    let state = state();
    drop(AgentDb::create(state.path(), "main", 24));
    let newer = refused(state.path()).await;
    assert!(newer.contains("layout 24") && newer.contains("install a newer version"), "{newer}");
    fs::remove_file(state.path().join(DB)).unwrap();

    drop(AgentDb::create(state.path(), "main", 22));
    let older = refused(state.path()).await;
    assert!(older.contains("openclaw doctor --fix"), "{older}");
    fs::remove_file(state.path().join(DB)).unwrap();

    let long = new_state(state.path(), &Device::new());
    let whole = fs::read(state.path().join(DB)).unwrap();
    fs::write(state.path().join(DB), &whole[..whole.len() / 2]).unwrap();
    let half = refused(state.path()).await;
    assert!(half.contains("put it and its -wal file back"), "{half}");
    fs::write(state.path().join(DB), &whole).unwrap();

    let gateway = TestGateway::open(state).await;
    let again = history(&mut gateway.operator().await, "again").await;
    assert_eq!(again[1], ("assistant".to_owned(), long));
}

#[tokio::test]
async fn a_transcript_in_cold_storage_and_torn_devices_are_refused() {
    let state = state();
    let db = AgentDb::create(state.path(), "main", 23);
    db.session("agent:main:main", &json!({"sessionId": "s"}), &[], &[]);
    db.cool("s");
    drop(db);
    let cold = refused(state.path()).await;
    assert!(cold.contains("cold storage"), "{cold}");
    put(state.path(), "devices/paired.json", "{\"half");
    fs::remove_file(state.path().join("gateway.sqlite")).unwrap();
    let torn = refused(state.path()).await;
    assert!(torn.contains("paired.json") && torn.contains("move it away"), "{torn}");
}

/// `cargo xtask interop` makes the states with the real programs and runs this.
#[tokio::test]
#[ignore = "needs state directories below target/interop"]
async fn states_of_the_real_programs_show_what_those_showed() {
    for version in ["2026.3.28", "2026.9.6"] {
        let made =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/interop/state-").into_os_string();
        let made = made.into_string().unwrap() + version;
        let state = state();
        copy(Path::new(&made), state.path());
        let expected: Value =
            serde_json::from_slice(&fs::read(state.path().join("expected.json")).unwrap()).unwrap();
        let gateway = TestGateway::open(state).await;
        let device = Device::from_pem(expected["device"]["privateKeyPem"].as_str().unwrap());
        let token = expected["device"]["token"].as_str().unwrap();
        let hello = connect(&gateway, &device, token).await;
        assert_eq!(hello["auth"]["deviceToken"], token, "{version}");
        let mut peer = Peer::open(gateway.address()).await;
        let mut params = json!({"minProtocol": 4, "maxProtocol": 4, "role": "operator", "scopes": SCOPES, "caps": [],
            "client": {"id": "cli", "version": "1.0.0", "platform": "linux", "mode": "cli"}, "auth": {"token": expected["token"]}});
        device.sign(&mut params, &peer.nonce.clone());
        peer.shake(params).await.unwrap();
        let list = peer.call("sessions.list", json!({})).await.unwrap();
        let sessions = expected["sessions"].as_object().unwrap();
        assert_eq!(list["count"], sessions.len(), "{version}: {list}");
        for (key, session) in sessions {
            let listed =
                list["sessions"].as_array().unwrap().iter().find(|s| s["key"] == *key).unwrap();
            assert_eq!(
                (&listed["sessionId"], &listed["label"]),
                (&session["sessionId"], &session["label"]),
                "{key}"
            );
            // 2026.9.6 shows a line where a reset was; here the reset begins the history.
            let messages =
                session["messages"].as_array().unwrap().iter().filter(|m| m["role"] != "system");
            let shown: Vec<_> = messages
                .map(|m| {
                    (m["role"].as_str().unwrap().to_owned(), m["text"].as_str().unwrap().to_owned())
                })
                .collect();
            assert_eq!(history(&mut peer, key).await, shown, "{version} {key}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&source, &target);
        } else if source.is_file() {
            fs::copy(&source, &target).unwrap();
        }
    }
}
