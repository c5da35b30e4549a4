//! `health`, `heartbeat`: what the gateway is doing now.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    events,
    methods::health::{HealthResult, Heartbeat},
};

events! {
    "health": HealthEvent, to EVERYONE, versioned;
    "heartbeat": HeartbeatEvent, to EVERYONE, droppable, unsent;
}

/// A fresh health summary, the same as the result of `health`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct HealthEvent(pub HealthResult);

/// A heartbeat ended; the same as the result of `last-heartbeat`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct HeartbeatEvent(pub Heartbeat);
