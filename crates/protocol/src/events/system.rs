//! `connect.challenge`, `tick`, `shutdown`, `presence`: the life of connections.

use crate::{events, methods::system::PresenceEntry, results};

events! {
    "connect.challenge": ConnectChallenge, to TARGET;
    "tick": TickEvent, to EVERYONE, droppable;
    "shutdown": ShutdownEvent, to EVERYONE;
    "presence": PresenceEvent, to READ, droppable, versioned;
}

results! {
    /// Sent as soon as a socket is open; a device signs the nonce.
    #[derive(Eq)]
    pub struct ConnectChallenge {
        /// A UUID, valid for this socket alone.
        nonce: String,
        /// The gateway's clock, in milliseconds since 1970.
        ts: u64,
        /// What `connect` may ask for, for example `model-catalog-snapshot` (protocol 4).
        capabilities?: Vec<String>,
    }

    /// Sent every 30 seconds, so that a client notices a dead socket.
    #[derive(Eq)]
    pub struct TickEvent {
        /// The gateway's clock, in milliseconds since 1970.
        ts: u64,
    }

    /// Sent before the gateway closes every socket with 1012.
    #[derive(Eq)]
    pub struct ShutdownEvent {
        /// Why.
        reason: String,
        /// When the gateway expects to be back, in milliseconds; null when it does not know.
        restart_expected_ms: Option<u64>,
    }

    /// Somebody came or left. At most one a second.
    #[derive(Default)]
    pub struct PresenceEvent {
        /// The whole list.
        presence: Vec<PresenceEntry>,
    }
}
