//! Replays a flow against a gateway of our own and collects what differs.

use std::collections::BTreeMap;

use openclaw_tests::{Device, ModelServer, TestGateway, gateway::TOKEN};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{
    before, device, echo,
    expected::{self, Expected},
    kinds,
    script::{self, Closed, Crowd, Line, Open, Recorded, Res, Step},
    shape::{self, Difference},
    verdict::{self, Found},
    wire::Wire,
};

/// Replays a flow; what differs must be what is expected to differ.
pub(crate) async fn replay(recorded: Recorded, flow: &str) {
    let model = ModelServer::start().await;
    let refusing = echo::Refusing::start().await;
    let config = match flow {
        "chat-model-error" => refusing.config(&model),
        "no-connect-handshake-timeout" => impatient(echo::config(&model)),
        _ => echo::config(&model),
    };
    let gateway = TestGateway::with(config).await;
    let lines = script::read(recorded, flow);
    let expected = expected::of(recorded, flow);
    let mut replay = Replay {
        recorded,
        lines: &lines,
        expected: &expected,
        gateway: &gateway,
        device: Device::new(),
        wires: BTreeMap::new(),
        methods: BTreeMap::new(),
        answered: BTreeMap::new(),
        cursor: Value::Null,
        approval: Value::Null,
        found: Vec::new(),
    };
    tokio::select! {
        () = replay.run() => {}
        () = echo::answer(&model) => {}
        () = refusing.answer() => {}
    }
    let Replay { wires, found, .. } = replay;
    // What the gateway says while it stops is read, so that it need not wait for its peers.
    let (_, found) = tokio::join!(gateway.stop(), verdict::finish(&lines, wires, found));
    verdict::judge(recorded, flow, &expected, &found);
}

/// With a shorter deadline for the handshake than the recorded 10 and 15 seconds.
fn impatient(mut config: Value) -> Value {
    config["env"]["vars"]["OPENCLAW_HANDSHAKE_TIMEOUT_MS"] = json!("300");
    config
}

struct Replay<'a> {
    recorded: Recorded,
    lines: &'a [Line],
    expected: &'a [Expected],
    gateway: &'a TestGateway,
    device: Device,
    wires: BTreeMap<String, Wire>,
    /// The method of each request.
    methods: BTreeMap<String, String>,
    /// How often each request was answered.
    answered: BTreeMap<String, usize>,
    /// The `cursor` of the last answer, which stands where a request says `<CURSOR>`.
    cursor: Value,
    /// The id of the last request that was told, which stands where one says `<APPROVAL>`.
    approval: Value,
    found: Vec<Found>,
}

impl Replay<'_> {
    async fn run(&mut self) {
        for (n, line) in self.lines.iter().enumerate() {
            if !self.step(n + 1, line).await {
                // What follows needs what was refused.
                return;
            }
        }
    }

    /// Does one step; whether the flow can go on.
    async fn step(&mut self, n: usize, line: &Line) -> bool {
        match &line.step {
            Step::Before(before) => {
                before::prepare(self.gateway, &self.device, self.recorded, *before).await;
            }
            Step::Open(open) => return self.open(n, &line.on, open).await,
            Step::Crowd(crowd) => self.crowd(n, crowd).await,
            Step::Send(frame) => self.send(&line.on, frame).await,
            Step::Close(closed) => self.wire(&line.on).close(closed).await,
            Step::Res(res) => return self.res(n, &line.on, res).await,
            Step::Event(event) => self.event(n, &line.on, event).await,
            Step::Pong(text) => {
                if !self.wire(&line.on).ponged(text).await {
                    self.differ(n, "pong", "none came");
                }
            }
            Step::Closed(closed) => {
                let ours = self.wire(&line.on).ended().await;
                if ours.as_ref().map(masked) != Some(masked(closed)) {
                    self.differ(n, "closed", format!("{ours:?}, recorded {closed:?}"));
                }
            }
            step => self.wire(&line.on).send(message(step)).await,
        }
        true
    }

    fn wire(&mut self, on: &str) -> &mut Wire {
        self.wires.get_mut(on).unwrap()
    }

    fn differ(&mut self, n: usize, path: impl Into<String>, what: impl Into<String>) {
        self.found.push((n, Difference { path: path.into(), what: what.into() }));
    }

    fn add(&mut self, n: usize, differences: Vec<Difference>) {
        self.found.extend(differences.into_iter().map(|difference| (n, difference)));
    }

    async fn open(&mut self, n: usize, on: &str, open: &Open) -> bool {
        let wire = match Wire::open(self.gateway.address(), open).await {
            Ok(wire) => wire,
            Err(refusal) => {
                self.differ(n, "open", refusal.to_string());
                return false;
            }
        };
        let header = |name: &str| wire.headers.get(name).and_then(|value| value.to_str().ok());
        let ours = (header("sec-websocket-protocol"), header("sec-websocket-extensions"));
        let recorded = (open.answered.as_deref(), open.answered_extensions.as_deref());
        let what = (ours != recorded).then(|| format!("{ours:?}, recorded {recorded:?}"));
        self.wires.insert(on.to_owned(), wire);
        if let Some(what) = what {
            self.differ(n, "open.headers", what);
        }
        true
    }

    async fn crowd(&mut self, n: usize, crowd: &Crowd) {
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for _ in 0..crowd.accepted + crowd.refused {
            match Wire::open(self.gateway.address(), &Open::default()).await {
                Ok(wire) => accepted.push(wire),
                Err(refusal) => refused.push(refusal),
            }
        }
        if (accepted.len(), refused.len()) != (crowd.accepted, crowd.refused) {
            self.differ(
                n,
                "crowd.accepted",
                format!("{}, recorded {}", accepted.len(), crowd.accepted),
            );
        }
        for refusal in refused {
            if (refusal.status, &refusal.text) != (Some(crowd.status), &crowd.body) {
                self.differ(n, "crowd.refusal", refusal.to_string());
            }
        }
    }

    async fn send(&mut self, on: &str, frame: &Value) {
        let mut frame = frame.clone();
        if let (Some(id), Some(method)) = (frame["id"].as_str(), frame["method"].as_str()) {
            self.methods.insert(id.to_owned(), method.to_owned());
        }
        let wire = self.wires.get_mut(on).unwrap();
        if frame["method"] == "connect" {
            let params = &mut frame["params"];
            if params["auth"]["token"] == "<TOKEN>" {
                params["auth"]["token"] = json!(TOKEN);
            }
            if params["device"].is_string() {
                device::fill(&self.device, params, &wire.nonce().await);
            }
        }
        if frame["params"]["cursor"] == "<CURSOR>" {
            frame["params"]["cursor"] = self.cursor.clone();
        }
        if frame["params"]["id"] == "<APPROVAL>" {
            frame["params"]["id"] = self.approval.clone();
        }
        wire.send(Message::text(frame.to_string())).await;
    }

    /// Waits for an answer and compares it; whether the flow can go on.
    async fn res(&mut self, n: usize, on: &str, recorded: &Res) -> bool {
        let method = self.methods.get(&recorded.id).map_or("frame", String::as_str).to_owned();
        let nth = self.answered.entry(recorded.id.clone()).or_default();
        let fits = |frame: &Value| frame["type"] == "res" && frame["id"] == recorded.id;
        let ours = self.wires.get_mut(on).unwrap().wait(*nth, fits).await.cloned();
        *nth += 1;
        let Some(ours) = ours else {
            let ended = self.wire(on).ended().await;
            self.differ(n, method, format!("no answer, {ended:?}"));
            return false;
        };
        match (ours["ok"] == true, recorded.ok) {
            (true, true) => {
                let payload = recorded.payload.as_ref().unwrap_or(&Value::Null);
                self.add(n, shape::shape(&method, payload, &ours["payload"]));
                self.cursor = ours["payload"]["cursor"].clone();
            }
            (false, false) => {
                let error = recorded.error.as_ref().unwrap_or(&Value::Null);
                self.add(n, shape::error(&method, error, &ours["error"]));
            }
            (true, false) => {
                self.differ(n, method, format!("answered, recorded {:?}", recorded.error));
            }
            (false, true) => self.differ(n, method, format!("refused with {}", ours["error"])),
        }
        // Nothing can be asked of a gateway that did not let the client in.
        ours["ok"] == recorded.ok
            || self.methods.get(&recorded.id).is_none_or(|method| method != "connect")
    }

    /// Waits for an event, unless it is known not to come.
    async fn event(&mut self, n: usize, on: &str, recorded: &Value) {
        let kind = kinds::kind(recorded);
        if self.expected.iter().any(|expected| expected.covers(n, &kind)) {
            return;
        }
        let ours = self.wire(on).wait(0, |frame| kinds::is(recorded, frame)).await.cloned();
        match ours {
            Some(ours) => {
                if kind == "exec.approval.requested" {
                    self.approval = ours["payload"]["id"].clone();
                }
                self.add(n, told(&kind, recorded, &ours));
            }
            None => self.differ(n, kind, "did not come"),
        }
    }
}

/// A message that is no frame, or none that a client of today sends.
fn message(step: &Step) -> Message {
    match step {
        Step::Raw(text) => Message::text(text.as_str()),
        Step::Binary(text) => Message::binary(text.clone().into_bytes()),
        Step::Bytes(bytes) => Message::binary(bytes.clone()),
        Step::Ping(text) => Message::Ping(text.clone().into_bytes().into()),
        Step::Pad { bytes, head } => {
            let tail = "\"}}";
            let pad = "x".repeat(bytes - head.len() - tail.len());
            Message::text(format!("{head}{pad}{tail}"))
        }
        other => panic!("{other:?} is not a message"),
    }
}

/// A close without the id of a pairing request, which is another one each time.
fn masked(closed: &Closed) -> (u16, &str, usize) {
    let words =
        closed.reason.split_once("requestId: ").map_or(closed.reason.as_str(), |(words, _)| words);
    (closed.code, words, closed.reason.len())
}

/// Compares an event's payload, and whether it has its place among the others.
fn told(kind: &str, recorded: &Value, ours: &Value) -> Vec<Difference> {
    let mut found = shape::shape(kind, &recorded["payload"], &ours["payload"]);
    for name in ["seq", "stateVersion"] {
        if !recorded[name].is_null() && ours[name].is_null() {
            found.push(Difference { path: format!("{kind} {name}"), what: "missing".to_owned() });
        }
    }
    found
}
