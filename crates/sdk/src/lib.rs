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
//!
//! What happens comes as a stream of typed events. Nothing is lost without a sign: where events may
//! be missing the stream yields a [`Gap`], and the cure is to read the state again. Subscriptions
//! that are made with [`Client::keep`] outlive the connection.
//!
//! ```no_run
//! # async fn example(client: openclaw_sdk::Client) -> Result<(), openclaw_sdk::Error> {
//! use openclaw_protocol::{
//!     events::sessions::SessionMessageEvent, methods::sessions::SessionsSubscribeParams,
//! };
//! use openclaw_sdk::Delivery;
//!
//! let mut messages = client.subscribe::<SessionMessageEvent>();
//! client.keep(SessionsSubscribeParams::default()).await?;
//! while let Some(delivery) = messages.next().await {
//!     match delivery? {
//!         Delivery::Event(said) => println!("{}: {:?}", said.session_key, said.message.content),
//!         Delivery::Gap(gap) => println!("{gap:?}: read the sessions again"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The caller keeps the secrets: a [`DeviceIdentity`] is made once and stored as PEM wherever the
//! caller likes, and the device token in [`Hello::auth`] is stored beside it and given to the next
//! [`Options`] as [`Auth::DeviceToken`]. `examples/bot.rs` and `examples/dashboard.rs` are whole programs.

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
mod pinned;
mod queue;
mod wire;

pub use client::{CallOptions, Client};
pub use dial::{BoxFuture, Dial, Io, TcpDial};
pub use error::Error;
pub use events::{Delivery, Event, Events, Gap, Subscription};
pub use hello::{Hello, HelloAuth, HelloFeatures, HelloPolicy, HelloServer};
pub use identity::DeviceIdentity;
pub use options::{Auth, ClientInfo, Options, Timeouts};
pub use pinned::PinnedDial;
pub use queue::{EVENT_QUEUE, EVENT_QUEUE_BYTES};
