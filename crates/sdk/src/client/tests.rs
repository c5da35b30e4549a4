//! The client against a scripted peer over an in-memory stream.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use openclaw_protocol::{
    ErrorCode,
    events::system::TickEvent,
    methods::health::{HealthParams, HealthResult},
};
use serde_json::{Value, json};
use tokio::{
    io::DuplexStream,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};

use crate::{
    Auth, BoxFuture, CallOptions, Client, Delivery, DeviceIdentity, Dial, EVENT_QUEUE, Error, Gap,
    Io, Options,
};

/// Opens in-memory streams and hands the far end to the test.
struct Script(UnboundedSender<DuplexStream>);

impl Dial for Script {
    fn dial<'a>(&'a self, _url: &'a str) -> BoxFuture<'a, Result<Box<dyn Io>, Error>> {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let sent = self.0.send(far);
        Box::pin(async move {
            sent.map_err(|_| Error::broken("the test is over"))?;
            Ok(Box::new(near) as Box<dyn Io>)
        })
    }
}

/// A gateway of which the test writes every word.
struct Peer(WebSocketStream<DuplexStream>);

impl Peer {
    async fn accept(streams: &mut UnboundedReceiver<DuplexStream>) -> Self {
        let mut peer = Self(accept_async(streams.recv().await.unwrap()).await.unwrap());
        peer.event("connect.challenge", json!({ "nonce": "n", "ts": 7 }), None).await;
        peer
    }

    async fn welcome(streams: &mut UnboundedReceiver<DuplexStream>) -> Self {
        let mut peer = Self::accept(streams).await;
        let connect = peer.request().await;
        peer.answer(&connect, json!({ "type": "hello-ok", "protocol": 4, "server": { "version": "1", "connId": "c" }, "policy": { "tickIntervalMs": 30000 } })).await;
        peer
    }

    async fn send(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    async fn event(&mut self, name: &str, payload: Value, seq: Option<u64>) {
        self.send(json!({ "type": "event", "event": name, "payload": payload, "seq": seq })).await;
    }

    async fn request(&mut self) -> Value {
        match self.0.next().await.unwrap().unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("a request, not {other:?}"),
        }
    }

    async fn answer(&mut self, request: &Value, payload: Value) {
        self.send(json!({ "type": "res", "id": request["id"], "ok": true, "payload": payload }))
            .await;
    }

    async fn refuse(&mut self, request: &Value, error: Value) {
        self.send(json!({ "type": "res", "id": request["id"], "ok": false, "error": error })).await;
    }

    async fn closed_with(&mut self) -> (u16, String) {
        match self.0.next().await.unwrap().unwrap() {
            Message::Close(Some(frame)) => (frame.code.into(), frame.reason.to_string()),
            other => panic!("a close frame, not {other:?}"),
        }
    }
}

fn script() -> (Arc<Script>, UnboundedReceiver<DuplexStream>) {
    let (sender, receiver) = unbounded_channel();
    (Arc::new(Script(sender)), receiver)
}

async fn connected(options: Options) -> (Client, Peer, UnboundedReceiver<DuplexStream>) {
    let (dial, mut streams) = script();
    let (client, peer) =
        tokio::join!(Client::connect_via(dial, options), Peer::welcome(&mut streams));
    (client.unwrap(), peer, streams)
}

fn options() -> Options {
    Options::new("ws://gateway.test").auth(Auth::Token("t".into()))
}

#[tokio::test]
async fn a_client_says_who_it_is_and_calls() {
    let (dial, mut streams) = script();
    let identity = DeviceIdentity::generate().unwrap();
    let device = identity.id().to_string();
    let connect = Client::connect_via(dial, options().identity(identity.clone()));
    let (client, mut peer) = tokio::join!(connect, async {
        let mut peer = Peer::accept(&mut streams).await;
        let request = peer.request().await;
        assert_eq!(request["method"], "connect");
        let params = &request["params"];
        assert_eq!((&params["minProtocol"], &params["maxProtocol"]), (&json!(3), &json!(4)));
        assert_eq!(params["auth"], json!({ "token": "t" }));
        assert_eq!(params["scopes"], json!(["operator.read", "operator.write"]));
        assert_eq!(params["device"]["id"], json!(device));
        let platform = std::env::consts::OS;
        let signed = format!(
            "v3|{device}|gateway-client|backend|operator|operator.read,operator.write|7|t|n|{platform}|"
        );
        assert_eq!(params["device"]["signature"], identity.sign(&signed));
        peer.answer(&request, json!({ "protocol": 3, "server": { "connId": "c" } })).await;
        peer
    });
    let client = client.unwrap();
    assert_eq!((client.hello().protocol, client.hello().server.conn_id.as_str()), (3, "c"));
    let (health, ()) = tokio::join!(client.call(HealthParams::default()), async {
        let request = peer.request().await;
        assert_eq!((&request["method"], &request["params"]), (&json!("health"), &json!({})));
        let health = HealthResult { ok: true, ..HealthResult::default() };
        peer.answer(&request, serde_json::to_value(health).unwrap()).await;
    });
    assert!(health.unwrap().ok);
}

#[tokio::test]
async fn a_refusal_to_connect_keeps_its_details() {
    let (dial, mut streams) = script();
    let (client, ()) = tokio::join!(Client::connect_via(dial, options()), async {
        let mut peer = Peer::accept(&mut streams).await;
        let request = peer.request().await;
        let error = json!({ "code": "INVALID_REQUEST", "message": "unauthorized", "details": { "code": "AUTH_TOKEN_MISMATCH" } });
        peer.refuse(&request, error).await;
    });
    let Err(Error::Refused(error)) = client else { panic!("a refusal") };
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    assert_eq!(error.details.unwrap()["code"], "AUTH_TOKEN_MISMATCH");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_without_a_challenge_runs_into_the_deadline() {
    let (dial, mut streams) = script();
    let (client, _silent) = tokio::join!(Client::connect_via(dial, options()), async {
        accept_async(streams.recv().await.unwrap()).await.unwrap()
    });
    assert!(matches!(client, Err(Error::Timeout { .. })), "{client:?}");
}

#[tokio::test]
async fn answers_come_in_any_order() {
    let (client, mut peer, _streams) = connected(options()).await;
    let (a, b, ()) = tokio::join!(client.call_raw("a", None), client.call_raw("b", None), async {
        let first = peer.request().await;
        let second = peer.request().await;
        peer.answer(&second, second["method"].clone()).await;
        peer.refuse(&first, json!({ "code": "UNAVAILABLE", "message": "later" })).await;
    });
    assert_eq!(b.unwrap(), "b");
    assert_eq!(a.unwrap_err().to_string(), "later");
}

#[tokio::test]
async fn the_final_answer_is_the_second_one() {
    let (client, mut peer, _streams) = connected(options()).await;
    let patient = CallOptions { timeout: Duration::from_secs(5), expect_final: true };
    let params = json!({});
    let call = client.call_with::<_, Value>("agent", Some(&params), patient);
    let (answer, ()) = tokio::join!(call, async {
        let request = peer.request().await;
        peer.answer(&request, json!({ "status": "accepted" })).await;
        peer.answer(&request, json!({ "status": "ok" })).await;
    });
    assert_eq!(answer.unwrap(), json!({ "status": "ok" }));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_ends_at_its_deadline() {
    let (client, mut peer, _streams) = connected(options()).await;
    let (answer, request) = tokio::join!(client.call_raw("slow", None), peer.request());
    assert_eq!(answer.unwrap_err().to_string(), "no answer to slow within 30000 ms");
    // The late answer hurts nobody.
    peer.answer(&request, json!(1)).await;
    let (answer, ()) = tokio::join!(client.call_raw("next", None), async {
        let request = peer.request().await;
        peer.answer(&request, json!(2)).await;
    });
    assert_eq!(answer.unwrap(), 2);
}

#[tokio::test]
async fn a_jump_of_the_numbers_is_a_gap() {
    let (client, mut peer, _streams) = connected(options()).await;
    let mut ticks = client.subscribe::<TickEvent>();
    for (ts, seq) in [(1, Some(4)), (2, None), (3, Some(7))] {
        peer.event("tick", json!({ "ts": ts }), seq).await;
    }
    peer.event("other", json!({}), Some(8)).await;
    peer.event("tick", json!("rubbish"), None).await;
    let mut seen = Vec::new();
    while seen.len() < 4 {
        match ticks.next().await.unwrap().unwrap() {
            Delivery::Event(tick) => seen.push(tick.ts.to_string()),
            Delivery::Gap(gap) => seen.push(format!("{gap:?}")),
        }
    }
    assert_eq!(seen, ["1", "2", "Sequence { expected: 5, got: 7 }", "3"]);
    assert!(matches!(ticks.next().await, Some(Err(Error::Decode { .. }))));
}

#[tokio::test]
async fn a_slow_reader_hears_how_much_it_missed() {
    let (client, mut peer, _streams) = connected(options()).await;
    let mut slow = client.events();
    let mut fast = client.events();
    for seq in 0..EVENT_QUEUE + 3 {
        peer.event("tick", json!({ "ts": seq }), None).await;
        assert!(matches!(fast.next().await, Some(Delivery::Event(_))));
    }
    for _ in 0..EVENT_QUEUE {
        assert!(matches!(slow.next().await, Some(Delivery::Event(_))));
    }
    let gap = slow.next().await;
    assert!(matches!(gap, Some(Delivery::Gap(Gap::SlowReader { missed: 3 }))), "{gap:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_loss_only_calls_with_a_key_are_sent_again() {
    let (client, peer, mut streams) = connected(options()).await;
    let mut events = client.events();
    let keyed = json!({ "idempotencyKey": "k" });
    let (keyed, plain, _second) = tokio::join!(
        client.call_raw("send", Some(&keyed)),
        client.call_raw("plain", None),
        async {
            let mut first = peer;
            first.request().await;
            first.request().await;
            drop(first);
            let mut second = Peer::welcome(&mut streams).await;
            let again = second.request().await;
            assert_eq!(again["params"]["idempotencyKey"], "k");
            second.answer(&again, json!("done")).await;
            second
        }
    );
    assert_eq!(keyed.unwrap(), "done");
    assert!(matches!(plain, Err(Error::Closed { code: Error::ABNORMAL, .. })), "{plain:?}");
    assert!(matches!(events.next().await, Some(Delivery::Gap(Gap::Reconnected))));
    assert!(client.is_connected());
}

/// A call of `health`, kept, and its name on the wire.
async fn kept(client: &Client, peer: &mut Peer, params: HealthParams) {
    let (answer, ()) = tokio::join!(client.keep(params), async {
        let request = peer.request().await;
        let health = HealthResult { ok: true, ..HealthResult::default() };
        peer.answer(&request, serde_json::to_value(health).unwrap()).await;
    });
    assert!(answer.unwrap().ok);
}

#[tokio::test(start_paused = true)]
async fn kept_calls_come_before_everything_else_on_a_new_connection() {
    let (client, mut peer, mut streams) = connected(options()).await;
    let probe = |probe| HealthParams { probe: Some(probe) };
    kept(&client, &mut peer, probe(true)).await;
    kept(&client, &mut peer, probe(true)).await;
    kept(&client, &mut peer, probe(false)).await;
    kept(&client, &mut peer, HealthParams::default()).await;
    client.forget(&HealthParams::default()).await.unwrap();
    let mut events = client.events();
    drop(peer);
    let reader = async {
        assert!(matches!(events.next().await, Some(Delivery::Gap(Gap::Reconnected))));
        client.call_raw("read", None).await.unwrap()
    };
    let (read, _second) = tokio::join!(reader, async {
        let mut peer = Peer::welcome(&mut streams).await;
        let mut asked = [peer.request().await, peer.request().await];
        asked.sort_by_key(|request| request["params"]["probe"] == true);
        peer.event("tick", json!({ "ts": 1 }), Some(1)).await;
        let refusal = json!({ "code": "INVALID_REQUEST", "message": "no more" });
        peer.refuse(&asked[0], refusal).await;
        peer.answer(&asked[1], json!({ "ok": true })).await;
        let request = peer.request().await;
        assert_eq!(
            (&request["method"], &asked[0]["params"]["probe"]),
            (&json!("read"), &json!(false))
        );
        peer.answer(&request, json!("state")).await;
        peer
    });
    assert_eq!(read, "state");
    assert!(matches!(events.next().await, Some(Delivery::Event(_))));
    let gap = events.next().await;
    assert!(matches!(gap, Some(Delivery::Gap(Gap::Refused { method: "health" }))), "{gap:?}");
}

#[tokio::test(start_paused = true)]
async fn a_kept_call_that_is_put_off_is_tried_on_the_next_connection() {
    let (client, mut peer, mut streams) = connected(options()).await;
    kept(&client, &mut peer, HealthParams::default()).await;
    drop(peer);
    let mut busy = Peer::welcome(&mut streams).await;
    let request = busy.request().await;
    busy.refuse(&request, json!({ "code": "UNAVAILABLE", "message": "later" })).await;
    let mut well = Peer::welcome(&mut streams).await;
    let request = well.request().await;
    well.answer(&request, json!({ "ok": true })).await;
    let (answer, ()) = tokio::join!(client.call_raw("x", None), async {
        let request = well.request().await;
        well.answer(&request, json!(1)).await;
    });
    assert_eq!(answer.unwrap(), 1);
    assert!(client.is_connected());
}

#[tokio::test(start_paused = true)]
async fn a_refused_reconnect_ends_the_client() {
    let (client, peer, mut streams) = connected(options()).await;
    let mut events = client.events();
    drop(peer);
    let mut second = Peer::accept(&mut streams).await;
    let request = second.request().await;
    second.refuse(&request, json!({ "code": "NOT_PAIRED", "message": "pairing required" })).await;
    assert_eq!(client.ended_because().await.to_string(), "pairing required");
    assert_eq!(client.call_raw("x", None).await.unwrap_err().to_string(), "pairing required");
    assert!(events.next().await.is_none());
    assert!(client.events().next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn two_ticks_of_silence_close_with_4000() {
    let (client, mut peer, _streams) = connected(options().reconnect(false)).await;
    assert_eq!(peer.closed_with().await, (4000, "tick timeout".to_owned()));
    let error = client.ended_because().await;
    assert!(matches!(error, Error::Closed { code: 4000, .. }), "{error}");
}

#[tokio::test]
async fn the_gateways_close_is_told_as_it_came() {
    let (client, mut peer, _streams) = connected(options().reconnect(false)).await;
    let (answer, ()) = tokio::join!(client.call_raw("x", None), async {
        peer.request().await;
        let frame = tokio_tungstenite::tungstenite::protocol::CloseFrame {
            code: 1012.into(),
            reason: "service restart".into(),
        };
        peer.0.close(Some(frame)).await.unwrap();
        // Answered at once: a gateway that stops does not wait for this client.
        assert_eq!(peer.closed_with().await.0, 1012);
        assert!(peer.0.next().await.is_none());
    });
    assert_eq!(
        answer.unwrap_err().to_string(),
        "the gateway closed the connection (1012): service restart"
    );
}

#[tokio::test]
async fn the_last_handle_closes_with_1000() {
    let (client, mut peer, _streams) = connected(options()).await;
    let other = client.clone();
    drop(client);
    assert!(other.is_connected());
    drop(other);
    assert_eq!(peer.closed_with().await.0, 1000);
}

#[tokio::test]
async fn close_waits_and_later_calls_fail() {
    let (client, mut peer, _streams) = connected(options()).await;
    let ((), closed) = tokio::join!(client.close(), peer.closed_with());
    assert_eq!(closed.0, 1000);
    assert!(matches!(client.call_raw("x", None).await, Err(Error::Closed { code: 1000, .. })));
    client.close().await;
}
