//! The gateway: server, connections, dispatch, bus, config and services.
//!
//! Reading order: [`gateway`] (start and end), `server` and `http` (what comes in), `connection`
//! (one WebSocket), `dispatch` and `router` (one request), `handlers` (what is answered), `bus` and
//! `observer` (what is told).

pub mod config;
pub mod error;
pub mod gateway;
pub mod lock;
pub mod logs;

mod gate;
mod http;
mod owner;
mod server;
mod upgrade;

mod connection;
mod edge;
mod live;
mod peer;

mod context;
mod dispatch;
mod handlers;
mod lanes;
mod router;

mod bus;
mod health;
mod observer;
mod presence;

mod agents;
mod clock;
mod identity;
mod state;
mod tasks;

pub use error::GatewayError;
pub use gateway::{Gateway, Options};
pub use state::VERSION;
