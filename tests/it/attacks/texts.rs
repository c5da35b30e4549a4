//! Rows about JSON: depth, names given twice, text that is no text, numbers that are none, odd names.

use openclaw_tests::http;

use super::{table::Table, *};

/// What becomes of a frame of an operator: the error's message, or nothing when it was passed over.
async fn told(peer: &mut Peer, frame: impl Into<Vec<u8>>) -> Option<Value> {
    let bytes = frame.into();
    match String::from_utf8(bytes) {
        Ok(text) => peer.send_text(text).await,
        Err(error) => {
            let bytes = error.into_bytes();
            peer.send_message(tokio_tungstenite::tungstenite::Message::binary(bytes)).await;
        }
    }
    // Answers come in order for what is refused at once, so this one comes behind its own.
    let marker = peer.send("health", json!({})).await;
    let mut own = None;
    loop {
        let frame = peer.next().await.expect("the socket stays open");
        if frame["type"] != "res" {
            continue;
        }
        if frame["id"] == marker.as_str() {
            return own;
        }
        own = Some(frame);
    }
}

/// Each of these is refused or passed over, as the first frame too, and over HTTP.
async fn refused(test: &'static str, cases: &[(&str, Vec<u8>)]) {
    let gateway = TestGateway::start().await;
    let address = gateway.address();
    let mut table = Table::of(test);
    let mut peer = gateway.operator().await;
    let before = devices(&gateway).await;
    for (case, frame) in cases {
        let answer = told(&mut peer, frame.clone()).await;
        let fits = answer.as_ref().is_none_or(|answer| answer["ok"] == false);
        table.row(format!("{case}: known"), fits, answer);
        let mut stranger = Peer::open(address).await;
        stranger.send_message(tokio_tungstenite::tungstenite::Message::binary(frame.clone())).await;
        let mut heard = Vec::new();
        let ended = loop {
            match stranger.next().await {
                Ok(frame) => heard.push(frame),
                Err(ended) => break ended,
            }
        };
        let fits = !heard.iter().any(|frame| frame["ok"] == true || frame.get("result").is_some());
        table.row(format!("{case}: stranger"), fits, (heard, ended));
    }
    assert_eq!(devices(&gateway).await, before, "nothing has changed");
    table.end();
}

/// A request of this id, method and parameters, which may be no JSON.
fn raw(id: &str, method: &str, params: &str) -> Vec<u8> {
    format!(r#"{{"type":"req","id":{id},"method":{method},"params":{params}}}"#).into_bytes()
}

fn health(params: &str) -> Vec<u8> {
    raw("\"h\"", "\"health\"", params)
}

pub(super) async fn p26() {
    // A stranger may not send as much: there the size is refused before the depth is.
    let lists = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let mixed = |depth: usize| format!("{}1{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
    let cases = [
        ("lists", lists(100_000).into_bytes()),
        ("lists in parameters", health(&lists(100_000))),
        ("objects and lists", mixed(50_000).into_bytes()),
        ("objects and lists in parameters", health(&mixed(50_000))),
        ("lists that do not end", "[".repeat(100_000).into_bytes()),
        ("mixed that does not end", health(&"[{\"a\":".repeat(20_000))),
        ("a level too many", health(&format!("{{\"a\":{}}}", lists(63)))),
        ("lists within a stranger's size", health(&lists(20_000))),
        ("mixed within a stranger's size", health(&mixed(5_000))),
        ("in connect", raw("\"c\"", "\"connect\"", &mixed(5_000))),
        (
            "in a bare request",
            format!("{{\"id\":1,\"method\":\"health\",\"params\":{}}}", lists(9_000)).into_bytes(),
        ),
    ];
    refused("attacks::texts::p26", &cases).await;
}

pub(super) async fn p27() {
    let connect = |twice: &str| {
        let params = connect_params(4).to_string();
        raw("\"c\"", "\"connect\"", &format!("{{{twice},{}", &params[1..]))
    };
    let cases = [
        ("method", br#"{"type":"req","id":"d","method":"health","method":"config.get"}"#.to_vec()),
        ("id", br#"{"type":"req","id":"d","id":"e","method":"health"}"#.to_vec()),
        ("type", br#"{"type":"event","type":"req","id":"d","method":"health"}"#.to_vec()),
        (
            "params",
            br#"{"type":"req","id":"d","method":"health","params":{},"params":{}}"#.to_vec(),
        ),
        (
            "escaped",
            br#"{"type":"req","id":"d","method":"health","\u006dethod":"config.get"}"#.to_vec(),
        ),
        ("a parameter", raw("\"d\"", "\"sessions.reset\"", r#"{"key":"a","key":"b"}"#)),
        ("deep inside", health(r#"{"a":[{"b":{"c":1,"c":2}}]}"#)),
        ("scopes in connect", connect(r#""scopes":["operator.read"]"#)),
        ("auth in connect", connect(r#""auth":{"token":"x"}"#)),
        ("role in connect", connect(r#""role":"node""#)),
        (
            "a bare request's method",
            br#"{"id":1,"method":"health","method":"config.get"}"#.to_vec(),
        ),
    ];
    refused("attacks::texts::p27", &cases).await;
}

pub(super) async fn p28() {
    let with = |bytes: &[u8]| {
        [br#"{"type":"req","id":"u","method":"health","params":{"a":""#, bytes, br#""}}"#].concat()
    };
    let cases = [
        ("a lone byte", with(&[0xff])),
        ("a cut character", with(&[0xe2, 0x82])),
        ("an overlong slash", with(&[0xc0, 0xaf])),
        ("an overlong NUL", with(&[0xc0, 0x80])),
        ("an overlong in three bytes", with(&[0xe0, 0x80, 0xaf])),
        ("a surrogate in UTF-8", with(&[0xed, 0xa0, 0x80])),
        ("beyond Unicode", with(&[0xf4, 0x90, 0x80, 0x80])),
        ("a byte order mark", [&[0xef, 0xbb, 0xbf][..], &health("{}")].concat()),
        ("UTF-16", health("{}").iter().flat_map(|byte| [0, *byte]).collect()),
        ("half a pair in a text", with(br"\ud800")),
        ("the other half", with(br"\udc00")),
        ("halves in the wrong order", with(br"\udc00\ud800")),
        ("half a pair in a name", health(r#"{"\ud800":1}"#)),
        ("half a pair in an id", raw(r#""\ud800""#, "\"health\"", "{}")),
        ("half a pair in a method", raw("\"u\"", r#""health\ud800""#, "{}")),
        ("half a pair in a secret", raw("\"c\"", "\"connect\"", r#"{"auth":{"token":"\ud800"}}"#)),
        ("a control character", with(b"\n")),
        ("a NUL", with(b"\0")),
    ];
    refused("attacks::texts::p28", &cases).await;
}

/// Numbers and names that one reader takes for another. A stranger's frames are those of `connect`.
pub(super) async fn p29() {
    let names = |count| (0..count).map(|n| format!("\"k{n}\":1,")).collect::<Vec<_>>().concat();
    let (many, some) = (names(100_000), names(4_097));
    let list = |limit: &str| raw("\"l\"", "\"sessions.list\"", &format!("{{\"limit\":{limit}}}"));
    let connect = |number: &str| {
        let params = connect_params(4).to_string();
        let params = params.replace("\"maxProtocol\":4", &format!("\"maxProtocol\":{number}"));
        raw("\"c\"", "\"connect\"", &params)
    };
    let key = |key: &str| raw("\"k\"", "\"sessions.reset\"", &format!("{{\"key\":{key}}}"));
    let digits = "9".repeat(400);
    let mut cases = Vec::new();
    for number in ["1e400", "-1e400", "NaN", "Infinity", "-Infinity", "9007199254740993", &digits]
        .into_iter()
        .chain([
            "-1",
            "-9223372036854775808",
            "1.5",
            "0x10",
            "01",
            "+1",
            ".5",
            "1.",
            "\"10\"",
            "true",
            "[]",
        ])
    {
        cases.push((format!("limit {}", &number[..number.len().min(20)]), list(number)));
        cases.push((format!("maxProtocol {}", &number[..number.len().min(20)]), connect(number)));
    }
    for name in ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", ""] {
        let params = format!("{{\"{name}\":{{\"admin\":true}}}}");
        cases.push((format!("a parameter {name:?}"), raw("\"p\"", "\"sessions.list\"", &params)));
        let frame = format!(r#"{{"type":"req","id":"p","method":"health","{name}":1}}"#);
        cases.push((format!("a field {name:?}"), frame.into_bytes()));
        cases.push((format!("a method {name:?}"), raw("\"p\"", &format!("\"{name}\""), "{}")));
    }
    let more = [
        ("100,000 names", health(&format!("{{{many}\"z\":1}}"))),
        ("a name more than an object may have", health(&format!("{{{some}\"z\":1}}"))),
        ("a method with a NUL", raw("\"m\"", r#""sessions.list\u0000""#, "{}")),
        ("a method with a line end", raw("\"m\"", r#""sessions.list\n""#, "{}")),
        ("a method with a space", raw("\"m\"", r#"" sessions.list""#, "{}")),
        ("a method in capitals", raw("\"m\"", "\"SESSIONS.LIST\"", "{}")),
        ("a method of 1 MiB", raw("\"m\"", &format!("\"{}\"", "m".repeat(1 << 20)), "{}")),
        ("a method that is a list", raw("\"m\"", "[\"health\"]", "{}")),
        ("a method that is a number", raw("\"m\"", "1", "{}")),
        ("an empty id", raw("\"\"", "\"health\"", "{}")),
        ("an id that is a number", raw("1", "\"health\"", "{}")),
        ("an id that is an object", raw("{}", "\"health\"", "{}")),
        ("an id that is null", raw("null", "\"health\"", "{}")),
        ("parameters that are a list", raw("\"p\"", "\"sessions.list\"", "[]")),
        ("parameters that are text", raw("\"p\"", "\"sessions.list\"", "\"{}\"")),
        ("a key of 10 KiB", key(&format!("\"{}\"", "k".repeat(10 * 1024)))),
        ("an empty key", key("\"\"")),
        ("a key that is an object", key("{}")),
        ("two values", [health("{}"), health("{}")].concat()),
        ("something behind", [&health("{}")[..], b"x"].concat()),
        ("nothing but spaces", b"   ".to_vec()),
    ];
    cases.extend(more.map(|(case, frame)| (case.to_owned(), frame)));
    let cases: Vec<_> = cases.iter().map(|(case, frame)| (case.as_str(), frame.clone())).collect();
    refused("attacks::texts::p29", &cases).await;
}

/// What is odd and allowed: answered once, under its own name, and nothing is mixed up.
pub(super) async fn p29_odd() {
    let gateway = TestGateway::start().await;
    let mut table = Table::of("attacks::texts::p29_odd");
    let mut peer = gateway.operator().await;
    for id in ["__proto__", "constructor", "toString", "\u{202e}", "a/b*c", &"x".repeat(1 << 20)] {
        let frame = json!({"type": "req", "id": id, "method": "health", "params": {}});
        peer.send_text(frame.to_string()).await;
        let answer = peer.answer(id).await;
        table.row(
            format!("an id {id}"),
            answer.as_ref().is_ok_and(|a| a["ok"] == true),
            answer.is_ok(),
        );
    }
    // An id that is at work already: both are answered, under that id.
    for _ in 0..2 {
        let frame = json!({"type": "req", "id": "twice", "method": "sessions.list", "params": {}});
        peer.send_text(frame.to_string()).await;
    }
    let both = (peer.answer("twice").await, peer.answer("twice").await);
    let answered = |answer: &Result<Value, Value>| answer.as_ref().is_ok_and(|a| a["count"] == 0);
    table.row("an id twice", answered(&both.0) && answered(&both.1), both);
    let zero = peer.call("sessions.list", json!({"limit": 1})).await.unwrap();
    peer.send_text(r#"{"type":"req","id":"z","method":"sessions.list","params":{"limit":-0}}"#)
        .await;
    let minus = peer.answer("z").await;
    table.row(
        "a limit of -0",
        minus.is_err() || minus.as_ref().unwrap()["count"] == 0,
        (minus, zero),
    );
    // Keys of sessions that look like paths or patterns name a session of their own, or none.
    for key in
        ["../../etc/passwd", "agent:main:a\nb", "agent:main:*", "agent:main:a/../b", "*", "/"]
    {
        let send = json!({"sessionKey": key, "message": "x", "idempotencyKey": format!("k-{key}")});
        let sent = peer.call("chat.send", send).await;
        if let Ok(run) = &sent {
            peer.run_end(run["runId"].as_str().unwrap()).await;
        }
        let stray: Vec<_> = ["etc", "passwd", "b.jsonl", "*"]
            .iter()
            .filter(|name| gateway.state().path().join(name).exists())
            .collect();
        table.row(format!("a key {key:?}"), stray.is_empty(), (sent, stray));
    }
    // One idempotency key, two texts: one run.
    let mut send = json!({"sessionKey": "main", "message": "one", "idempotencyKey": "same"});
    let first = peer.call("chat.send", send.clone()).await.unwrap();
    peer.run_end("same").await;
    send["message"] = json!("two");
    let second = peer.call("chat.send", send).await;
    let history = peer.call("chat.history", json!({"sessionKey": "main"})).await.unwrap();
    let said = history["messages"].to_string();
    let once = said.contains("one") && !said.contains("two");
    table.row("an idempotency key with another text", once, (first, second));
    table.end();
}

/// The same over HTTP, where a body is one request.
pub(super) async fn p26_http() {
    let gateway = TestGateway::start().await;
    let mut table = Table::of("attacks::texts::p26_http");
    let deep = format!("{{\"messages\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let message = r#"{"role":"user","content":"hello"}"#;
    for (case, body) in [
        ("depth", deep),
        ("a name twice", format!("{{\"messages\":[{message}],\"messages\":[{message}]}}")),
        (
            "a name twice inside",
            r#"{"messages":[{"role":"user","role":"system","content":"x"}]}"#.to_owned(),
        ),
        ("half a pair", r#"{"messages":[{"role":"user","content":"\ud800"}]}"#.to_owned()),
        ("a byte order mark", format!("\u{feff}{{\"messages\":[{message}]}}")),
        ("a number without end", format!("{{\"messages\":[{message}],\"max_tokens\":1e400}}")),
        ("a number below zero", format!("{{\"messages\":[{message}],\"max_tokens\":-1}}")),
        ("something behind", format!("{{\"messages\":[{message}]}}x")),
        ("two values", format!("{{\"messages\":[{message}]}}{{}}")),
        ("no object", "[]".to_owned()),
        ("nothing", " ".to_owned()),
    ] {
        let line = "POST /v1/chat/completions";
        let answer = http::ask(gateway.address(), line, "", &body).await;
        table.row(case, answer.status == 400, answer);
    }
    table.end();
}
