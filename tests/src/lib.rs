//! The harness of the end-to-end tests: a whole gateway on a port of its own, and peers that speak
//! the frames by hand, so that tests read as stories and owe nothing to our own client.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails by panicking")]

pub mod crash;
pub mod device;
pub mod foreign;
pub mod fuzz;
pub mod gateway;
pub mod http;
pub mod model;
pub mod peer;

pub use device::Device;
pub use gateway::TestGateway;
pub use model::ModelServer;
pub use peer::{Ended, Peer};

/// Fails a test that waits for something that does not come, in seconds.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
