//! `/v1/chat/completions` and `/v1/models`: what OpenAI-style clients see.

use openclaw_tests::{
    ModelServer, TestGateway,
    http::{Answer, Stream, ask, request},
};
use serde_json::{Value, json};

const PATH: &str = "POST /v1/chat/completions";

async fn post(gateway: &TestGateway, body: &Value) -> Answer {
    ask(gateway.address(), PATH, "", &body.to_string()).await
}

fn hello() -> Value {
    json!({"model": "openclaw", "messages": [{"role": "user", "content": "hello"}]})
}

fn streamed() -> Value {
    let mut body = hello();
    body["stream"] = json!(true);
    body
}

/// The chunks of a stream that ends as it should.
fn chunks(answer: &Answer) -> Vec<Value> {
    let mut events = answer.events();
    assert_eq!(events.pop().as_deref(), Some("[DONE]"), "{answer:?}");
    events.iter().map(|event| serde_json::from_str(event).unwrap()).collect()
}

fn content(chunks: &[Value]) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
}

fn weather() -> Value {
    json!([{"type": "function", "function": {"name": "weather", "description": "The weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}])
}

#[tokio::test]
async fn an_answer_at_once_has_real_tokens() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut body = hello();
    body["messages"] = json!([
        {"role": "system", "content": "Speak like a pirate."},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    ]);
    body["max_tokens"] = json!(77);
    let text = body.to_string();
    let (answer, ()) = tokio::join!(ask(gateway.address(), PATH, "", &text), async {
        let turn = model.turn().await;
        let messages = &turn.request["messages"];
        assert!(messages[0]["content"].as_str().unwrap().contains("Speak like a pirate."));
        assert_eq!(messages[1]["content"], "a\nb");
        assert_eq!(turn.request["max_tokens"], 77);
        turn.text("Arr");
        turn.text("!");
        turn.done();
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    let reply = answer.json();
    assert!(reply["id"].as_str().unwrap().starts_with("chatcmpl_"));
    assert_eq!(
        (&reply["object"], &reply["model"]),
        (&json!("chat.completion"), &json!("openclaw"))
    );
    let choice = json!({"index": 0, "finish_reason": "stop",
        "message": {"role": "assistant", "content": "Arr!"}});
    assert_eq!(reply["choices"], json!([choice]));
    let usage = &reply["usage"];
    assert_eq!(
        (&usage["prompt_tokens"], &usage["completion_tokens"], &usage["total_tokens"]),
        (&json!(10), &json!(5), &json!(15))
    );
}

#[tokio::test]
async fn a_stream_comes_as_it_is_made_and_ends_with_a_reason_and_tokens() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut body = streamed();
    body["stream_options"] = json!({"include_usage": true});
    let mut stream = Stream::open(gateway.address()).await;
    stream.send(request(gateway.address(), PATH, "", &body.to_string()).as_bytes()).await;
    let turn = model.turn().await;
    let head = stream.until(r#""delta":{"role":"assistant"}"#).await;
    assert!(head.contains("content-type: text/event-stream; charset=utf-8"), "{head}");
    turn.text("one");
    stream.until(r#""delta":{"content":"one"},"finish_reason":null"#).await;
    turn.text(" two");
    stream.until(r#""content":" two""#).await;
    turn.done();
    let chunks = chunks(&stream.rest().await);
    assert_eq!(content(&chunks), "one two");
    let [.., end, usage] = chunks.as_slice() else { panic!("{chunks:?}") };
    assert_eq!(end["choices"], json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]));
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(15)));
    assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"]));
}

#[tokio::test]
async fn the_clients_tools_are_handed_over_and_their_results_go_on() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut body = streamed();
    body["tools"] = weather();
    body["tool_choice"] = json!({"type": "function", "function": {"name": "weather"}});
    let text = body.to_string();
    let (answer, ()) = tokio::join!(ask(gateway.address(), PATH, "", &text), async {
        let turn = model.turn().await;
        assert!(turn.request["tools"].to_string().contains(r#""name":"weather""#));
        assert_eq!(turn.request["tool_choice"]["function"]["name"], "weather");
        turn.text("Let me look.");
        turn.tool("weather", &json!({"city": "Graz"}));
    });
    let chunks = chunks(&answer);
    let [.., call, end] = chunks.as_slice() else { panic!("{chunks:?}") };
    let call = &call["choices"][0]["delta"]["tool_calls"][0];
    assert_eq!(end["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(
        (&call["index"], &call["type"], &call["id"]),
        (&json!(0), &json!("function"), &json!("call-1"))
    );
    assert_eq!(call["function"], json!({"name": "weather", "arguments": r#"{"city":"Graz"}"#}));

    // What the client sends next: all of it, and the result.
    let mut body = hello();
    body["tools"] = weather();
    body["messages"] = json!([
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "Let me look.", "tool_calls": [{"id": "call-1",
            "type": "function", "function": {"name": "weather", "arguments": r#"{"city":"Graz"}"#}}]},
        {"role": "tool", "tool_call_id": "call-1", "content": "30 degrees"},
    ]);
    let text = body.to_string();
    let (answer, ()) = tokio::join!(ask(gateway.address(), PATH, "", &text), async {
        let turn = model.turn().await;
        let messages = turn.request["messages"].as_array().unwrap();
        let roles: Vec<&str> = messages.iter().map(|m| m["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["system", "user", "assistant", "tool"]);
        assert_eq!(messages[3]["content"], "30 degrees");
        turn.text("It is hot.");
        turn.done();
    });
    assert_eq!(answer.json()["choices"][0]["message"]["content"], "It is hot.");
    assert_eq!(answer.json()["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn what_is_said_before_and_after_a_tool_of_ours_is_two_paragraphs() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    for body in [hello(), streamed()] {
        let (answer, ()) = tokio::join!(post(&gateway, &body), async {
            let turn = model.turn().await;
            turn.text("Let me look.");
            turn.tool("session_status", &json!({}));
            let turn = model.turn().await;
            turn.text("All done.");
            turn.done();
        });
        let said = match body["stream"].as_bool() {
            Some(true) => content(&chunks(&answer)),
            _ => answer.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned(),
        };
        assert_eq!(said, "Let me look.\n\nAll done.");
    }
}

#[tokio::test]
async fn one_user_has_one_session_in_which_nothing_is_told_twice() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut body = hello();
    body["user"] = json!("Alice");
    let mut messages = vec![json!({"role": "user", "content": "first"})];
    for (answer, question) in [("uno", "second"), ("due", "third")] {
        body["messages"] = json!(messages);
        let (reply, ()) = tokio::join!(post(&gateway, &body), async {
            let turn = model.turn().await;
            assert_eq!(turn.request["messages"].as_array().unwrap().len(), messages.len() + 1);
            turn.text(answer);
            turn.done();
        });
        assert_eq!(reply.status, 200);
        messages.push(json!({"role": "assistant", "content": answer}));
        messages.push(json!({"role": "user", "content": question}));
    }
    let mut peer = gateway.operator().await;
    let key = json!({"sessionKey": "agent:main:openai-user:alice"});
    let history = peer.call("chat.history", key).await.unwrap();
    let said: Vec<String> = history["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| {
            let content = &m["content"];
            content.as_str().or_else(|| content[0]["text"].as_str()).unwrap().to_owned()
        })
        .collect();
    assert_eq!(said, ["first", "uno", "second", "due"]);
}

#[tokio::test]
async fn a_picture_reaches_the_model() {
    let model = ModelServer::start().await;
    let mut config = model.config();
    config["models"]["providers"]["test"]["models"][0]["input"] = json!(["text", "image"]);
    let gateway = TestGateway::with(config).await;
    let picture = |url: &str| {
        let mut body = hello();
        body["messages"][0]["content"] = json!([{"type": "text", "text": "see"},
            {"type": "image_url", "image_url": {"url": url}}]);
        body
    };
    let body = picture("data:image/png;base64,iVBORw0KGgo=");
    let (answer, ()) = tokio::join!(post(&gateway, &body), async {
        let turn = model.turn().await;
        let content = &turn.request["messages"][1]["content"];
        assert_eq!(content[1]["image_url"]["url"], "data:image/png;base64,iVBORw0KGgo=");
        turn.text("a cat");
        turn.done();
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    for url in ["http://127.0.0.1/x.png", "data:text/html;base64,AAAA", "file:///etc/passwd"] {
        let answer = post(&gateway, &picture(url)).await;
        assert_eq!(answer.status, 400, "{url}");
        assert_eq!(answer.json()["error"]["message"], "Invalid image_url content in `messages`.");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_stops_its_run() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut peer = gateway.operator().await;
    for (user, body) in [("one", streamed()), ("two", hello())] {
        let mut body = body;
        body["user"] = json!(user);
        let mut stream = Stream::open(gateway.address()).await;
        stream.send(request(gateway.address(), PATH, "", &body.to_string()).as_bytes()).await;
        let turn = model.turn().await;
        turn.text("half");
        let key = format!("agent:main:openai-user:{user}");
        let mine = |chat: &Value| chat["sessionKey"] == key;
        peer.event("chat", |chat| mine(chat) && chat["state"] == "delta").await;
        drop(stream);
        turn.given_up().await;
        let end = peer.event("chat", |chat| mine(chat) && chat["state"] != "delta").await;
        assert_eq!((&end["state"], &end["stopReason"]), (&json!("aborted"), &json!("disconnect")));
    }
    // One that waits in its session's queue is taken out of it.
    let mut body = hello();
    body["user"] = json!("three");
    let text = request(gateway.address(), PATH, "", &body.to_string());
    let mut first = Stream::open(gateway.address()).await;
    first.send(text.as_bytes()).await;
    let turn = model.turn().await;
    let queued = |event: &Value| event["sessionKey"] == "agent:main:openai-user:three";
    peer.call("sessions.subscribe", json!({})).await.unwrap();
    let mut second = Stream::open(gateway.address()).await;
    second.send(text.as_bytes()).await;
    peer.event("sessions.changed", |event| queued(event) && event["reason"] == "send").await;
    drop(second);
    let end = peer.event("chat", |chat| queued(chat) && chat["state"] == "aborted").await;
    assert_eq!(end["stopReason"], "disconnect");
    turn.text("done");
    turn.done();
    assert_eq!(first.rest().await.status, 200);
}

#[tokio::test]
async fn a_model_that_fails_is_told_as_an_error() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let break_off = async || {
        let turn = model.turn().await;
        turn.text("half");
        drop(turn);
    };
    let body = hello();
    let (answer, ()) = tokio::join!(post(&gateway, &body), break_off());
    assert_eq!((answer.status, &answer.json()["error"]["type"]), (502, &json!("api_error")));
    let body = streamed();
    let (answer, ()) = tokio::join!(post(&gateway, &body), break_off());
    assert_eq!(answer.status, 200);
    let chunks = chunks(&answer);
    assert_eq!(content(&chunks), "half");
    assert_eq!(chunks.last().unwrap()["error"]["type"], "api_error", "{chunks:?}");
}

#[tokio::test]
async fn a_stop_of_the_gateway_ends_its_streams() {
    let model = ModelServer::start().await;
    let gateway = TestGateway::with(model.config()).await;
    let mut stream = Stream::open(gateway.address()).await;
    stream.send(request(gateway.address(), PATH, "", &streamed().to_string()).as_bytes()).await;
    let turn = model.turn().await;
    turn.text("half");
    stream.until("half").await;
    gateway.stop().await;
    let answer = stream.rest().await;
    let chunks = chunks(&answer);
    assert!(chunks.last().unwrap()["error"]["message"].as_str().unwrap().contains("stopping"));
}

#[tokio::test]
async fn agents_sessions_and_models_are_chosen_as_recorded() {
    let gateway =
        TestGateway::with(json!({"agents": {"list": [{"id": "main"}, {"id": "helper"}]}})).await;
    let with = async |model: Value, headers: &str| {
        let mut body = hello();
        body["model"] = model;
        ask(gateway.address(), PATH, headers, &body.to_string()).await
    };
    for model in
        ["openclaw", "openclaw/default", "openclaw/helper", "openclaw:helper", "agent:HELPER"]
    {
        let answer = with(json!(model), "").await;
        assert_eq!((answer.status, &answer.json()["model"]), (200, &json!(model)));
    }
    let key = "X-OpenClaw-Session-Key: agent:helper:mine\r\n";
    assert_eq!(with(Value::Null, key).await.json()["model"], "openclaw");
    assert_eq!(with(json!("openclaw"), "x-openclaw-agent: helper\r\n").await.status, 200);
    assert_eq!(with(json!("openclaw"), "x-openclaw-model: local/demo\r\n").await.status, 200);
    let mut peer = gateway.operator().await;
    let list = peer.call("sessions.list", json!({})).await.unwrap();
    let keys: Vec<&str> =
        list["sessions"].as_array().unwrap().iter().map(|s| s["key"].as_str().unwrap()).collect();
    assert!(keys.contains(&"agent:helper:mine"), "{keys:?}");
    assert_eq!(
        keys.iter().filter(|key| key.starts_with("agent:helper:openai:")).count(),
        4,
        "{keys:?}"
    );
    for (model, headers, message) in [
        (json!("gpt-4o"), "", "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`."),
        (json!("openclaw"), "x-openclaw-agent-id: nope\r\n", "Unknown agent 'nope'."),
        (json!("openclaw/nope"), "", "Unknown agent 'nope'."),
        (json!("openclaw"), "x-openclaw-session-key: agent:nope:x\r\n", "Unknown agent 'nope'."),
        (
            json!("openclaw"),
            "x-openclaw-agent-id: main\r\nx-openclaw-agent-id: helper\r\n",
            "Invalid x-openclaw-agent-id header.",
        ),
    ] {
        let answer = with(model, headers).await;
        assert_eq!((answer.status, &answer.json()["error"]["message"]), (400, &json!(message)));
    }
    assert_eq!(with(json!("openclaw"), "x-openclaw-model: no/such\r\n").await.status, 400);
    assert_eq!(with(json!("openclaw"), "x-openclaw-session-key: agent:\r\n").await.status, 400);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_with_a_reason() {
    let gateway = TestGateway::start().await;
    for (body, part) in [
        ("{bad", "not JSON"),
        ("[]", "object"),
        ("", "Missing user message in `messages`."),
        ("{}", "Missing user message in `messages`."),
        (r#"{"messages":[]}"#, "Missing user message in `messages`."),
        (r#"{"messages":[{"role":"system","content":"x"}]}"#, "Missing user message"),
        (r#"{"messages":[{"role":"user","content":"x"}],"messages":[]}"#, "duplicate"),
        (r#"{"messages":7}"#, "invalid type"),
        (r#"{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"nope"}]}"#, "tools[0]"),
    ] {
        let answer = ask(gateway.address(), PATH, "", body).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        let error = answer.json()["error"].clone();
        assert_eq!(error["type"], "invalid_request_error");
        assert!(error["message"].as_str().unwrap().contains(part), "{body}: {error}");
    }
    let deep = format!(r#"{{"messages":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(ask(gateway.address(), PATH, "", &deep).await.status, 400);
}

#[tokio::test]
async fn agents_are_listed_as_models_and_both_have_short_addresses() {
    let gateway = TestGateway::start().await;
    let get = async |path: &str, headers: &str| {
        ask(gateway.address(), &format!("GET {path}"), headers, "").await
    };
    let list = get("/v1/models", "").await.json();
    let ids: Vec<&str> =
        list["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["openclaw", "openclaw/default", "openclaw/main"]);
    assert_eq!(get("/models", "").await.json(), list);
    for path in ["/v1/models/openclaw%2Fmain", "/v1/models/openclaw/main"] {
        assert_eq!(get(path, "").await.json()["id"], "openclaw/main");
    }
    assert_eq!(get("/v1/models/nope", "").await.json()["error"]["message"], "Invalid model id.");
    let missing = get("/v1/models/openclaw%2Fnope", "").await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.json()["error"]["message"], "Model 'openclaw/nope' not found.");
    let nobody = "Authorization: none\r\n";
    assert_eq!(get("/v1/models", nobody).await.status, 401);
    let page = openclaw_tests::http::raw(
        gateway.address(),
        format!("GET /models HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", gateway.address())
            .as_bytes(),
    )
    .await;
    assert!(page.body.contains("<!doctype html>"), "{page:?}");
    let body = hello().to_string();
    let short = ask(gateway.address(), "POST /chat/completions", "", &body).await;
    assert_eq!(short.json()["object"], "chat.completion");
    for (line, allow) in [("GET /v1/chat/completions", "POST"), ("POST /v1/models", "GET")] {
        let answer = ask(gateway.address(), line, nobody, "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)));
    }
    let slash = ask(gateway.address(), "POST /v1/chat/completions/", "", &body).await;
    assert_eq!(slash.status, 404);
}

#[tokio::test]
async fn every_spelling_of_off_is_off() {
    for http in [
        json!({"endpoints": {"chatCompletions": {"enabled": false}}}),
        json!({"chatCompletions": false}),
        json!({"endpoints": {"chatCompletions": {"enabled": true}}, "chatCompletions": false}),
    ] {
        let gateway = TestGateway::with(json!({"gateway": {"http": http}})).await;
        for (line, body) in [(PATH, hello().to_string()), ("GET /v1/models", String::new())] {
            let answer = ask(gateway.address(), line, "", &body).await;
            assert_eq!(answer.status, 404, "{http}: {answer:?}");
        }
    }
}
