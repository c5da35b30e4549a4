//! The examples, run as they stand against a whole gateway.

use openclaw_protocol::{
    events::{
        chat::{ChatEvent, ChatState},
        sessions::SessionMessageEvent,
    },
    methods::{chat::ChatHistoryParams, health::HealthParams, sessions::SessionsSubscribeParams},
};
use openclaw_sdk::{Auth, Client, Delivery, Error, Options};
use openclaw_tests::{PATIENCE, TestGateway, gateway::TOKEN};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream},
    net::{TcpListener, TcpStream},
    time::timeout,
};

#[path = "../../crates/sdk/examples/bot.rs"]
#[expect(dead_code, unreachable_pub, reason = "a program of its own, with a main")]
mod bot;
#[path = "../../crates/sdk/examples/dashboard.rs"]
#[expect(dead_code, unreachable_pub, reason = "a program of its own, with a main")]
mod dashboard;
#[path = "../../crates/gateway/examples/embed.rs"]
#[expect(dead_code, unreachable_pub, reason = "a program of its own, with a main")]
mod embed;

async fn client(url: String, scope: &str) -> Client {
    Client::connect(Options::new(url).auth(Auth::Token(TOKEN.into())).scopes([scope]))
        .await
        .unwrap()
}

async fn say(client: &Client, message: &str) {
    let params = json!({"sessionKey": "main", "message": message, "idempotencyKey": message});
    client.call_raw("chat.send", Some(&params)).await.unwrap();
}

#[tokio::test]
async fn the_bot_answers_mentions() {
    let gateway = TestGateway::start().await;
    let url = format!("ws://{}", gateway.address());
    let of_bot = client(url.clone(), "operator.admin").await;
    let person = client(url, "operator.write").await;
    let mut messages = person.subscribe::<SessionMessageEvent>();
    person.keep(SessionsSubscribeParams::default()).await.unwrap();
    let story = async {
        // Answered behind the bot's subscription, which was sent first on the same connection.
        of_bot.call(HealthParams::default()).await.unwrap();
        say(&person, "hello @echo one two").await;
        note(&mut messages).await
    };
    let note = tokio::select! {
        biased;
        ended = bot::run(&of_bot) => panic!("{ended:?}"),
        note = timeout(PATIENCE, story) => note.unwrap(),
    };
    assert!(note.contains("You said: one two"), "{note}");
    of_bot.close().await;
    bot::run(&of_bot).await.unwrap_err();
}

/// The next note of the bot.
async fn note(messages: &mut openclaw_sdk::Subscription<SessionMessageEvent>) -> String {
    loop {
        if let Delivery::Event(said) = messages.next().await.unwrap().unwrap()
            && said.message.role == "assistant"
            // The built-in model repeats the whole message, the bot what stands behind its name.
            && said.message.words().contains("You said: one two")
        {
            return said.message.words();
        }
    }
}

#[tokio::test]
async fn the_dashboard_draws_sessions_as_they_change() {
    let gateway = TestGateway::start().await;
    let url = format!("ws://{}", gateway.address());
    let (of_dashboard, person) =
        (client(url.clone(), "operator.read").await, client(url, "operator.write").await);
    let (screen, seen) = tokio::io::duplex(64 * 1024);
    let story = async {
        let mut lines = BufReader::new(seen);
        until(&mut lines, "SESSION").await;
        say(&person, "a title for it").await;
        until(&mut lines, "agent:main:main").await
    };
    let line = tokio::select! {
        biased;
        ended = dashboard::run(&of_dashboard, Screen(screen)) => panic!("{ended:?}"),
        line = timeout(PATIENCE, story) => line.unwrap(),
    };
    assert!(line.contains("agent:main:main"), "{line}");
}

/// What was drawn up to a text.
async fn until(lines: &mut BufReader<DuplexStream>, text: &str) -> String {
    let mut drawn = Vec::new();
    while !String::from_utf8_lossy(&drawn).contains(text) {
        assert_ne!(lines.read_until(b'J', &mut drawn).await.unwrap(), 0);
    }
    String::from_utf8(drawn).unwrap()
}

/// A screen that the test reads; what does not fit is a failure.
struct Screen(DuplexStream);

impl std::io::Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
        match tokio::io::AsyncWrite::poll_write(std::pin::Pin::new(&mut self.0), &mut nobody, bytes)
        {
            std::task::Poll::Ready(written) => written,
            std::task::Poll::Pending => Err(std::io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_shop_embeds_a_gateway() {
    let state = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (gateway, shop) =
        embed::open(state.path().to_str().unwrap(), TOKEN, address).await.unwrap();
    assert_eq!(gateway.address(), address);
    let shop = shop.into_make_service_with_connect_info::<openclaw_gateway::Arrival>();
    let server = async { axum::serve(listener, shop).await.unwrap() };
    tokio::select! {
        () = server => panic!("the server ended"),
        told = timeout(PATIENCE, customers(address)) => told.unwrap(),
    }
    gateway.shutdown("test").await;
}

async fn customers(address: std::net::SocketAddr) {
    let url = format!("ws://{address}");
    let buyer = client(url.clone(), "operator.write").await;
    let watcher = client(url, "operator.read").await;
    let features = &buyer.hello().features;
    assert!(features.methods.iter().any(|name| name == "shop.order"), "{features:?}");
    assert!(features.events.iter().any(|name| name == "shop.ordered"), "{features:?}");
    let mut orders = watcher.subscribe::<embed::ShopOrdered>();
    let tea = || embed::ShopOrderParams { item: "tea".into() };
    assert_eq!(buyer.call(tea()).await.unwrap().order_number, 1);
    let Some(Ok(Delivery::Event(order))) = orders.next().await else { panic!("no event") };
    assert_eq!(order.item, "tea");
    // The table's access, the schema and the handler's own word all refuse.
    let refused = |result: Result<Value, Error>| result.unwrap_err().to_string();
    let reader = refused(watcher.call_raw("shop.order", Some(&json!({"item": "tea"}))).await);
    assert!(reader.contains("operator.write"), "{reader}");
    let unknown = refused(buyer.call_raw("shop.order", Some(&json!({"itme": "tea"}))).await);
    assert!(unknown.starts_with("invalid shop.order params: "), "{unknown}");
    let empty = refused(buyer.call_raw("shop.order", Some(&json!({"item": ""}))).await);
    assert_eq!(empty, "item is empty: say what to order");
    // The gateway itself is whole: a turn runs to its end.
    let mut chat = buyer.subscribe::<ChatEvent>();
    say(&buyer, "hello").await;
    loop {
        let Delivery::Event(event) = chat.next().await.unwrap().unwrap() else { continue };
        if event.state == ChatState::Final {
            break;
        }
    }
    let history: ChatHistoryParams = serde_json::from_value(json!({"sessionKey": "main"})).unwrap();
    assert_eq!(buyer.call(history).await.unwrap().messages.unwrap().len(), 2);
    assert!(get(address, "/shop/orders").await.ends_with(r#"["tea"]"#));
    assert!(get(address, "/ready").await.ends_with(r#"{"ready":true}"#));
}

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}
