//! `device.pair.*`: devices that ask to be paired, and what becomes of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    events,
    methods::devices::{PendingDevice, SetupCompletion},
    results, words,
};

events! {
    "device.pair.requested": DevicePairRequestedEvent, to PAIRING, droppable;
    "device.pair.resolved": DevicePairResolvedEvent, to PAIRING, droppable;
    "device.pair.changed": DevicePairChangedEvent, to PAIRING, droppable, v4only;
    "device.pair.setup.completed": DevicePairSetupCompletedEvent, to PAIRING, droppable, v4only;
    "device.pair.setup.deliveryUncertain": DevicePairSetupDeliveryUncertainEvent, to PAIRING, droppable, v4only;
}

/// A device asks to be paired, or for more than it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DevicePairRequestedEvent(pub PendingDevice);

/// A device has come in by a setup code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DevicePairSetupCompletedEvent(pub SetupCompletion);

/// A device has used a setup code and may not have got its tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DevicePairSetupDeliveryUncertainEvent(pub SetupCompletion);

words! {
    /// What became of a request.
    pub enum PairDecision: one_of {
        /// The device is paired.
        Approved = "approved",
        /// It is not.
        Rejected = "rejected",
    }
}

results! {
    /// Something about the paired devices changed; `device.pair.list` tells what.
    #[derive(Default, Eq)]
    pub struct DevicePairChangedEvent {
    }

    /// A pairing request was decided.
    #[derive(Eq)]
    pub struct DevicePairResolvedEvent {
        /// The request.
        request_id: String,
        /// The device.
        device_id: String,
        /// What became of it.
        decision: PairDecision,
        /// When, in milliseconds since 1970.
        ts: u64,
    }
}
