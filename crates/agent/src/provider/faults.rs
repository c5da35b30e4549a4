//! What providers do wrong, over real sockets on loopback, and the error that each fault becomes.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::{
    net::{TcpListener, TcpStream},
    time::Instant,
};

use super::{
    Delta, Limit, Limits, ModelRequest, Provider, ProviderError,
    anthropic::Anthropic,
    events::{self, Dialect, Step as Heard},
    http::Endpoint,
    openai::OpenAi,
    scripted::model,
    sse::{MAX_LINE, SseEvent},
    test_server::{EVENTS, Server, Step, answer, events as answers},
};
use crate::message::{Message, StopReason};

/// A limit that a fault runs into.
const SHORT: Duration = Duration::from_millis(80);
/// A limit that no test reaches.
const LONG: Duration = Duration::from_secs(20);

const HELLO: &str = "data: {\"id\":\"r\",\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n";
const STOP: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

fn limits() -> Limits {
    Limits { connect: LONG, first_byte: LONG, idle: LONG, total: LONG }
}

fn request(limits: Limits) -> ModelRequest {
    let messages = vec![Message::user("hi", 0)];
    ModelRequest { limits, ..ModelRequest::new(Arc::new(model()), messages) }
}

fn openai(server: &Server) -> OpenAi {
    OpenAi::new("p", &format!("{}/v1", server.address), Some("canary"), []).unwrap()
}

async fn call(provider: &dyn Provider, limits: Limits) -> Result<Vec<Delta>, ProviderError> {
    provider.stream(request(limits)).await?.try_collect().await
}

/// The error of a call, which never shows the key.
async fn fault(steps: Vec<Step>, limits: Limits) -> ProviderError {
    let server = Server::start([steps]).await;
    let error = call(&openai(&server), limits).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    error
}

fn after_head(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    [Step::Send(EVENTS.into())].into_iter().chain(steps).collect()
}

#[tokio::test]
async fn a_good_answer_over_a_socket() {
    let mut server = Server::start([answers(&format!("{HELLO}{STOP}data: [DONE]\n\n"))]).await;
    let deltas = call(&openai(&server), limits()).await.unwrap();
    let end = Delta::Done { stop: StopReason::Stop, response_id: Some("r".into()) };
    assert_eq!(deltas, [Delta::Text("hello".into()), end]);
    let sent = server.request().await;
    assert!(sent.head.starts_with("post /v1/chat/completions "), "{}", sent.head);
    assert!(sent.head.contains("authorization: bearer canary"), "{}", sent.head);
    assert!(sent.body.contains(r#""content":"hi""#), "{}", sent.body);
}

#[tokio::test]
async fn refusals_become_their_variant() {
    let json = |words: &str| format!(r#"{{"error":{{"message":"{words}"}}}}"#);
    let limited =
        fault(answer("429 Too Many", "retry-after: 7\r\n", &json("slow")), limits()).await;
    assert!(matches!(limited, ProviderError::RateLimited { .. }), "{limited}");
    assert_eq!(limited.retry_after(), Some(Duration::from_secs(7)));
    let busy = fault(answer("529 Overloaded", "", &json("busy")), limits()).await;
    assert!(matches!(busy, ProviderError::Overloaded { .. }), "{busy}");
    let broken = fault(answer("500 Oops", "", "<html>"), limits()).await;
    assert!(matches!(broken, ProviderError::Http { status: 500, .. }), "{broken}");
    let refused = fault(answer("401 No", "", &json("bad key canary")), limits()).await;
    assert!(matches!(refused, ProviderError::Auth { status: 401, .. }), "{refused}");
    let long = fault(answer("400 Bad", "", &json("maximum context length is 9")), limits()).await;
    assert!(matches!(long, ProviderError::ContextOverflow { .. }), "{long}");
    let moved = fault(answer("307 Moved", "location: http://127.0.0.1:9/\r\n", ""), limits()).await;
    assert!(moved.to_string().contains("redirects are not followed"), "{moved}");
}

#[tokio::test]
async fn a_refusal_that_never_ends_does_not_hold_the_call() {
    let head = b"HTTP/1.1 500 Oops\r\nconnection: close\r\n\r\n".to_vec();
    let flood = Step::Repeat(vec![b'x'; 16 * 1024], Duration::ZERO);
    let error = fault(vec![Step::Send(head), flood], limits()).await;
    assert!(matches!(error, ProviderError::Http { status: 500, .. }), "{error}");
}

#[tokio::test]
async fn only_the_beginning_of_a_long_refusal_is_looked_at() {
    let body = |size| {
        format!(r#"{{"padding":"{}","error":{{"message":"at the end"}}}}"#, "x".repeat(size))
    };
    let short = fault(answer("500 Oops", "", &body(1024)), limits()).await;
    assert!(short.to_string().contains("at the end"), "{short}");
    let long = fault(answer("500 Oops", "", &body(64 * 1024)), limits()).await;
    assert!(!long.to_string().contains("at the end"), "{long}");
}

#[tokio::test]
async fn each_limit_is_named_by_its_error() {
    let short_first = Limits { connect: SHORT, first_byte: SHORT, ..limits() };
    let silent = fault(vec![Step::Hold], short_first).await;
    assert_eq!(silent.limit(), Some(Limit::FirstByte), "{silent}");

    let no_body = fault(after_head([Step::Hold]), short_first).await;
    assert_eq!(no_body.limit(), Some(Limit::FirstByte), "{no_body}");

    let stalled = after_head([Step::Send(HELLO.into()), Step::Hold]);
    let stalled = fault(stalled, Limits { idle: SHORT, ..limits() }).await;
    assert_eq!(stalled.limit(), Some(Limit::Idle), "{stalled}");

    let endless = after_head([Step::Repeat(HELLO.into(), Duration::from_millis(5))]);
    let endless = fault(endless, Limits { total: SHORT, ..limits() }).await;
    assert_eq!(endless.limit(), Some(Limit::Total), "{endless}");
}

/// A dialect that waits for ever.
struct Deaf;

impl Dialect for Deaf {
    fn event(&mut self, _: SseEvent, _: &mut VecDeque<Delta>) -> Result<Heard, ProviderError> {
        Ok(Heard::Nothing)
    }

    fn is_complete(&self) -> bool {
        false
    }

    fn end(&mut self, _: &mut VecDeque<Delta>) -> Result<(), ProviderError> {
        Ok(())
    }
}

#[tokio::test]
async fn the_first_byte_has_one_deadline_and_not_another_one_after_the_headers() {
    let server = Server::start([after_head([Step::Hold])]).await;
    let endpoint = Endpoint::new("p", &server.address).unwrap();
    let now = Instant::now();
    let response = endpoint.post(endpoint.at(&[]), Vec::new(), &limits(), now).await.unwrap();
    // As if the headers had taken all of the time.
    let limits = Limits { connect: SHORT, first_byte: LONG, ..limits() };
    let started = now.checked_sub(SHORT + LONG).unwrap();
    let limits = Limits { total: 3 * LONG, ..limits };
    let mut deltas = events::read(&endpoint, response, limits, started, Deaf).await.unwrap();
    let first = tokio::time::timeout(LONG / 2, deltas.next()).await.expect("no second wait");
    assert_eq!(first.unwrap().unwrap_err().limit(), Some(Limit::FirstByte));
}

#[tokio::test]
async fn keep_alives_and_empty_deltas_do_not_stop_the_idle_limit() {
    let empty = "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n";
    for noise in [": keep-alive\n\n", "event: ping\n\n", "data:\n\n", empty] {
        for pause in [Duration::ZERO, Duration::from_millis(5)] {
            let steps = after_head([Step::Repeat(noise.into(), pause)]);
            let error = fault(steps, Limits { idle: SHORT, ..limits() }).await;
            assert_eq!(error.limit(), Some(Limit::Idle), "{noise:?}: {error}");
        }
    }
}

#[tokio::test]
async fn a_closed_port_and_a_full_one_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let provider = OpenAi::new("p", &address, None, []).unwrap();
    let error = call(&provider, limits()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Connect { .. }), "{error}");
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");

    // A listener whose queue is full: the kernel leaves further callers waiting.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(SHORT, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let provider = OpenAi::new("p", &format!("http://{address}"), None, []).unwrap();
    let error = call(&provider, Limits { connect: SHORT, ..limits() }).await.unwrap_err();
    assert_eq!(error.limit(), Some(Limit::Connect), "{error}");
}

#[tokio::test]
async fn a_huge_line_is_refused_while_it_comes() {
    let flood = Step::Repeat(vec![b'x'; 256 * 1024], Duration::ZERO);
    let error = fault(after_head([Step::Send(b"data: ".to_vec()), flood]), limits()).await;
    assert!(error.to_string().contains(&MAX_LINE.to_string()), "{error}");
}

#[tokio::test]
async fn line_ends_split_across_packets_and_a_missing_end_mark_are_fine() {
    let pieces = [HELLO.trim_end(), "\r", "\n\r", "\n", STOP.trim_end()];
    let steps = after_head(pieces.map(|piece| Step::Send(piece.into())));
    let server = Server::start([steps]).await;
    let deltas = call(&openai(&server), limits()).await.unwrap();
    assert_eq!(deltas.len(), 2, "{deltas:?}");
}

#[tokio::test]
async fn half_json_then_close_and_a_missing_stop_reason_are_malformed() {
    let half = format!("{HELLO}data: {{\"choices\":[{{\"del");
    for body in [half.as_str(), HELLO, ""] {
        let server = Server::start([answers(body)]).await;
        let mut stream = openai(&server).stream(request(limits())).await.unwrap();
        let mut last = None;
        while let Some(delta) = stream.next().await {
            last = Some(delta);
        }
        let error = last.unwrap().unwrap_err();
        assert!(matches!(error, ProviderError::Malformed { .. }), "{body}: {error}");
    }
    // Cut in the middle of a chunk: the connection broke.
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 999\r\n\r\n";
    let cut = vec![Step::Send(format!("{head}{HELLO}").into_bytes())];
    let listener = Server::start([cut.into_iter().chain([Step::Send(Vec::new())]).collect()]).await;
    let mut stream = openai(&listener).stream(request(limits())).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(listener);
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error, ProviderError::Disconnected { .. }), "{error}");
}

#[tokio::test]
async fn a_whole_answer_survives_a_server_that_never_says_goodbye() {
    let steps = after_head([Step::Send(format!("{HELLO}{STOP}").into()), Step::Hold]);
    let server = Server::start([steps]).await;
    let deltas = call(&openai(&server), Limits { idle: SHORT, ..limits() }).await.unwrap();
    assert!(
        matches!(deltas.last(), Some(Delta::Done { stop: StopReason::Stop, .. })),
        "{deltas:?}"
    );
}

#[tokio::test]
async fn tool_calls_with_broken_json_come_with_the_fault() {
    let call_event = r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"no_such_tool","arguments":"{\"x\": oops"}}]}}]}"#;
    let server = Server::start([answers(&format!("{call_event}\n\ndata: [DONE]\n\n"))]).await;
    let deltas = call(&openai(&server), limits()).await.unwrap();
    let Delta::ToolCall(tool) = &deltas[0] else { panic!("{deltas:?}") };
    assert_eq!(tool.arguments.as_ref().unwrap_err().raw, "{\"x\": oops");
}

#[tokio::test]
async fn a_key_that_the_server_repeats_is_not_in_the_error() {
    let words = r#"{"error":{"message":"no canary here","code":500}}"#;
    for steps in [
        answers(&format!("data: {words}\n\n")),
        answers("data: canary{\n\n"),
        answer("200 OK", "content-type: application/json\r\n", words),
        answer("403 No", "", words),
    ] {
        let error = fault(steps, limits()).await.to_string();
        assert!(error.contains("[redacted]"), "{error}");
    }
}

#[tokio::test]
async fn a_page_instead_of_a_stream_says_so() {
    let page = answer("200 OK", "content-type: text/html\r\n", "<html>");
    assert!(fault(page, limits()).await.to_string().contains("text/html"));
    let json = answer("200 OK", "content-type: application/json\r\n", r#"{"error":"no stream"}"#);
    assert!(fault(json, limits()).await.to_string().contains("no stream"));
}

#[tokio::test]
async fn v1_is_tried_once_on_404_and_remembered() {
    let found = || answers(&format!("{HELLO}{STOP}"));
    let missing = answer("404 Not Found", "", "404 page not found");
    let mut server = Server::start([missing.clone(), found()]).await;
    let provider = OpenAi::new("p", &server.address, None, []).unwrap();
    for _ in 0..2 {
        call(&provider, limits()).await.unwrap();
    }
    let mut paths = Vec::new();
    while let Some(request) = server.try_request() {
        paths.push(request.head.split(' ').nth(1).unwrap().to_owned());
    }
    assert_eq!(paths, ["/chat/completions", "/v1/chat/completions", "/v1/chat/completions"]);

    let server = Server::start([missing]).await;
    let provider = OpenAi::new("p", &server.address, None, []).unwrap();
    let error = call(&provider, limits()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Http { status: 404, .. }), "{error}");
}

#[tokio::test]
async fn a_dropped_stream_closes_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let provider = OpenAi::new("p", &address, None, []).unwrap();
    let serve = async {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut seen = vec![0; 64 * 1024];
        assert!(peer.read(&mut seen).await.unwrap() > 0);
        peer.write_all(format!("{EVENTS}{HELLO}").as_bytes()).await.unwrap();
        // Ends only when the client has gone.
        while peer.read(&mut seen).await.is_ok_and(|read| read > 0) {}
    };
    let cancel = async {
        let mut stream = provider.stream(request(limits())).await.unwrap();
        assert!(stream.next().await.unwrap().is_ok());
        drop(stream);
    };
    tokio::time::timeout(LONG, async { tokio::join!(serve, cancel) }).await.unwrap();
}

#[tokio::test]
async fn connections_are_used_again() {
    let body = format!("{HELLO}{STOP}data: [DONE]\n\n");
    let good = answer("200 OK", "content-type: text/event-stream\r\n", &body);
    let mut server = Server::start([good]).await;
    let provider = openai(&server);
    for _ in 0..3 {
        call(&provider, limits()).await.unwrap();
        server.request().await;
    }
}

#[tokio::test]
async fn anthropic_headers_events_and_faults() {
    let body = concat!(
        "event: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\r\n\r\n",
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n",
        "data: {\"type\":\"message_stop\"}\n\n",
    );
    let overloaded =
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let mut server = Server::start([
        answers(body),
        answer("529 Overloaded", "", overloaded),
        after_head([Step::Repeat(
            "event: ping\ndata: {\"type\":\"ping\"}\n\n".into(),
            Duration::from_millis(5),
        )]),
    ])
    .await;
    let provider = Anthropic::new("p", &server.address, Some("canary"), true, []).unwrap();
    let deltas = call(&provider, limits()).await.unwrap();
    assert!(deltas.contains(&Delta::Text("hi".into())), "{deltas:?}");
    let head = server.request().await.head;
    for line in [
        "post /v1/messages ",
        "x-api-key: canary",
        "authorization: bearer canary",
        "anthropic-version: 2023-06-01",
    ] {
        assert!(head.contains(line), "{head}");
    }
    let busy = call(&provider, limits()).await.unwrap_err();
    assert!(matches!(busy, ProviderError::Overloaded { .. }), "{busy}");
    let pings = call(&provider, Limits { idle: SHORT, ..limits() }).await.unwrap_err();
    assert_eq!(pings.limit(), Some(Limit::Idle), "{pings}");
}
