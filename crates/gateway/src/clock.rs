//! The gateway's clock is the agent crate's: one trait, so that tests can hold time still.
pub(crate) use openclaw_agent::clock::{Clock, SystemClock};
