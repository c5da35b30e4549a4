//! The config: where it lies, how it is read, checked, shown and changed, and the structs that it fills.
//!
//! Reading order: [`Environment`] and [`Paths`] (where), [`load`] (the pipeline), [`Config`] (what comes out),
//! [`edit`] and [`redact`] (what may leave and come back). Only this module reads the process environment.

mod environment;
mod error;
pub mod files;
mod paths;

pub mod json5;

mod load;
mod overrides;

mod alias;
mod check;
mod dotenv;
mod include;
mod known;
mod secret_ref;
mod source;
mod substitute;

pub mod gateway;
pub mod logging;
mod sections;

pub mod describe;
pub mod edit;
pub mod offline;
pub mod redact;
mod replace;
mod snapshot;
mod token;

pub use openclaw_auth::Secret;

pub use alias::found_path;
pub use environment::Environment;
pub use error::{ConfigError, EXIT_CONFIG, LoadError, Problem};
pub use gateway::{Bind, BindMode, DEFAULT_PORT, GatewayConfig, NodesConfig};
pub use load::{Loaded, load, load_text, look};
pub use logging::LoggingConfig;
pub use paths::{DEV_PORT, Paths, Profile};
pub use replace::{Replaced, new_secret, replace_secret};
pub use secret_ref::look_up;
pub use sections::{Channels, Config};
pub use snapshot::ConfigSnapshot;
pub(crate) use token::keep_original;
pub use token::{GeneratedToken, ensure_token};
