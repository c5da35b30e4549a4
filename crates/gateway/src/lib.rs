//! The gateway: server, connections, dispatch, bus, config and services.
//!
//! Reading order: [`gateway`] (start and end), `server` and `http` (what comes in), `connection`
//! (one WebSocket), `dispatch` and `router` (one request), `handlers` (what is answered), `bus` and
//! `observer` (what is told).
//!
//! A service that embeds a gateway begins with [`Options`], adds what is its own with [`Host`], and
//! either lets the gateway listen or mounts [`Gateway::service`] in a server of its own;
//! `examples/embed.rs` does all of it.

pub mod audit;
pub mod config;
pub mod error;
pub mod gateway;
pub mod lock;
pub mod logs;
pub mod qr;
pub mod session_file;
pub mod tailnet;

mod gate;
mod host;
mod http;
mod inside;
mod offline;
mod owner;
mod patience;
mod server;
mod service;
mod sockets;
mod upgrade;
mod voucher;

mod connection;
mod edge;
mod live;
mod peer;

mod context;
mod devices;
mod dispatch;
mod handlers;
mod lanes;
mod router;

mod approvals;
mod bus;
mod health;
mod nodes;
mod observer;
mod presence;

mod agents;
mod clock;
mod face;
mod identity;
mod machine;
mod revocation;
mod secrets;
mod setup;
mod skills;
mod state;
mod tasks;

pub use dispatch::WsLog;
pub use error::GatewayError;
pub use gateway::{Gateway, Load, Options};
pub use host::{Host, HostCx};
pub use http::{HttpAccess, HttpRoute, http_routes};
pub use offline::OfflineDevices;
pub use patience::Patience;
pub use server::Arrival;
pub use service::GatewayService;
pub use sockets::raise_descriptor_limit;
pub use state::VERSION;
