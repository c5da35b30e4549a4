//! A typed client of the gateway protocol: call, subscribe, reconnect.
//!
//! Reading order: [`Options`] (where to and as whom), [`Client`] (calls), [`Events`] and
//! [`Subscription`] (what happens), [`Dial`] (how bytes get there), [`DeviceIdentity`] (who signs).
//!
//! ```no_run
//! # async fn example() -> Result<(), openclaw_sdk::Error> {
//! use openclaw_protocol::methods::health::HealthParams;
//! use openclaw_sdk::{Auth, Client, Options};
//!
//! let options = Options::new("ws://127.0.0.1:18789").auth(Auth::Token("secret".into()));
//! let client = Client::connect(options).await?;
//! let health = client.call(HealthParams::default()).await?;
//! assert!(health.ok);
//! # Ok(())
//! # }
//! ```

mod backoff;
mod client;
mod dial;
mod driver;
mod error;
mod events;
mod handshake;
mod hello;
mod identity;
mod options;
mod queue;
mod wire;

pub use client::{CallOptions, Client};
pub use dial::{BoxFuture, Dial, Io, TcpDial};
pub use error::Error;
pub use events::{Delivery, Event, Events, Gap, Subscription};
pub use hello::{Hello, HelloAuth, HelloFeatures, HelloPolicy, HelloServer};
pub use identity::DeviceIdentity;
pub use options::{Auth, ClientInfo, Options, Timeouts};
pub use queue::{EVENT_QUEUE, EVENT_QUEUE_BYTES};
