//! A shop that embeds a whole gateway: its own server, one typed method, one event and one HTTP route
//! beside the gateway's.
//!
//! ```sh
//! cargo run -p openclaw-gateway --example embed -- /tmp/shop 8080    # prints the page's address
//! curl http://127.0.0.1:8080/shop/orders
//! openclaw gateway call shop.order --params '{"item":"tea"}' --url ws://127.0.0.1:8080 --token …
//! ```

use std::{io::Write as _, net::SocketAddr, sync::Arc};

use axum::{Json, Router, extract::State, routing::get};
use openclaw_gateway::{
    Arrival, Gateway, Host, HostCx, Options,
    config::{self, Environment, Paths, Profile},
    logs::LogFile,
};
use openclaw_protocol::{RpcError, events, methods};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::Mutex};

methods! {
    "shop.order": ShopOrderParams => ShopOrderResult, v3 WRITE, v4 WRITE;
}

events! {
    "shop.ordered": ShopOrdered, to READ;
}

/// Orders one thing.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShopOrderParams {
    /// What.
    pub item: String,
}

/// The order.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShopOrderResult {
    /// Its number, counted from 1.
    pub order_number: usize,
}

/// Something was ordered.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ShopOrdered {
    /// What.
    pub item: String,
}

/// What the shop itself knows.
type Orders = Arc<Mutex<Vec<String>>>;

/// Takes an order: the method is the type of the last parameter.
async fn order(
    orders: Orders,
    cx: HostCx,
    params: ShopOrderParams,
) -> Result<ShopOrderResult, RpcError> {
    let ShopOrderParams { item } = params;
    if item.is_empty() {
        return Err(RpcError::invalid("item is empty: say what to order"));
    }
    cx.tell(&ShopOrdered { item: item.clone() });
    let mut orders = orders.lock().await;
    orders.push(item);
    Ok(ShopOrderResult { order_number: orders.len() })
}

/// The gateway, and the shop's routes with the gateway behind them.
pub async fn open(
    state_dir: &str,
    token: &str,
    address: SocketAddr,
) -> anyhow::Result<(Gateway, Router)> {
    let vars =
        [("HOME", state_dir), ("OPENCLAW_STATE_DIR", state_dir), ("OPENCLAW_GATEWAY_TOKEN", token)];
    let environment = Environment::from_vars(vars);
    let paths = Paths::resolve(&environment, &Profile::DEFAULT)?;
    let loaded = config::load(&paths, &environment)?;
    let log = LogFile::fixed(paths.state_dir.join("shop.log"));
    let orders = Orders::default();
    let shared = Arc::clone(&orders);
    let host = Host::new()
        .domain("shop", METHODS)
        .events(EVENTS)
        .handle(move |cx, params| order(Arc::clone(&shared), cx, params));
    let options = Options::new(loaded, paths, log).hosted_at(address).host(host);
    let gateway = Gateway::start(options).await?;
    let list = get(async |State(orders): State<Orders>| Json(orders.lock().await.clone()));
    let shop = Router::new()
        .route("/shop/orders", list)
        .with_state(orders)
        .fallback_service(gateway.service());
    Ok((gateway, shop))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let state_dir = args.next().unwrap_or_else(|| "shop-state".into());
    let port: u16 = args.next().map_or(Ok(8080), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let token = uuid::Uuid::new_v4().to_string();
    let (gateway, shop) = open(&state_dir, &token, listener.local_addr()?).await?;
    writeln!(std::io::stdout(), "{}", gateway.dashboard_url())?;
    let shop = shop.into_make_service_with_connect_info::<Arrival>();
    tokio::select! {
        served = axum::serve(listener, shop) => served?,
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    gateway.shutdown("signal").await;
    Ok(())
}
