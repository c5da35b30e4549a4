//! The OpenClaw gateway protocol: frames, methods, events, scopes, errors and their JSON Schemas.
//!
//! Reading order: [`frame`] (what travels), [`version`] (3 and 4), [`scope`] (who may),
//! [`mod@method`] and [`mod@event`] (one definition each), then the domains in
//! [`mod@methods`] and [`mod@events`].
//! This crate does no I/O and knows nothing of sockets, files or clocks.

// The struct macros take one step for each field, and a session has more than a hundred.
#![recursion_limit = "512"]

pub mod frame;
pub mod ids;
pub mod scope;
pub mod version;

pub mod error;
pub mod scan;
pub mod validate;

pub mod field;
pub mod handled;
pub mod object;

pub mod event;
pub mod events;
pub mod method;
pub mod methods;

pub mod schema;

pub use error::{Close, ErrorCode, RpcError};
pub use event::{Audience, Event, EventSpec};
pub use method::{Access, Lane, Method, MethodSpec};
pub use scope::{Role, Scope, ScopeSet};
pub use version::Version;
