//! `device.pair.list`: paired devices and those that ask to be.

use crate::{methods, params, results};

methods! {
    "device.pair.list": DevicePairListParams => DevicePairListResult, v3 PAIRING, v4 PAIRING;
}

params! {
    /// Lists pending pairing requests and paired devices; of tokens only their dates.
    #[derive(Default)]
    pub struct DevicePairListParams {
    }
}

results! {
    /// The devices.
    #[derive(Default)]
    pub struct DevicePairListResult {
        /// Requests that wait for a decision.
        pending: Vec<PendingDevice>,
        /// Devices that are paired.
        paired: Vec<PairedDevice>,
    }

    /// A device that asks to be paired, or for more than it has; also the payload of
    /// `device.pair.requested`.
    #[derive(Default, Eq)]
    pub struct PendingDevice {
        /// The request, to be approved or rejected.
        request_id: String,
        /// The device.
        device_id: String,
        /// Its key, base64url.
        public_key: String,
        /// Its name.
        display_name?: String,
        /// Its operating system.
        platform?: String,
        /// Its kind.
        device_family?: String,
        /// Its `client.id`.
        client_id?: String,
        /// Its `client.mode`.
        client_mode?: String,
        /// The origin of the page (protocol 4).
        browser_origin?: String,
        /// The role that it asks for.
        role?: String,
        /// All roles that it would have.
        roles?: Vec<String>,
        /// The scopes that it would have.
        scopes?: Vec<String>,
        /// Its address.
        remote_ip?: String,
        /// Whether no person has to be asked.
        silent?: bool,
        /// Whether the device was paired before.
        is_repair?: bool,
        /// When it asked, in milliseconds since 1970.
        ts: u64,
    }

    /// A paired device.
    #[derive(Default, Eq)]
    pub struct PairedDevice {
        /// The device.
        device_id: String,
        /// Its key, base64url.
        public_key: String,
        /// Its name.
        display_name?: String,
        /// Its operating system.
        platform?: String,
        /// Its kind.
        device_family?: String,
        /// Its `client.id`.
        client_id?: String,
        /// Its `client.mode`.
        client_mode?: String,
        /// Its last role.
        role?: String,
        /// Its roles.
        roles?: Vec<String>,
        /// Its scopes.
        scopes?: Vec<String>,
        /// Its address.
        remote_ip?: String,
        /// How it was approved, for example `silent` (protocol 4).
        approved_via?: String,
        /// When it was paired, in milliseconds since 1970.
        created_at_ms: u64,
        /// When it was last approved.
        approved_at_ms: u64,
        /// When it was last heard of (protocol 4).
        last_seen_at_ms?: u64,
        /// By what (protocol 4).
        last_seen_reason?: String,
        /// Whether it is connected (protocol 4).
        connected?: bool,
        /// Its tokens, without the secret.
        tokens?: Vec<DeviceTokenSummary>,
        /// What it offers as a node (protocol 4).
        node_surface?: NodeSurface,
    }

    /// A device's token, without the secret.
    #[derive(Default, Eq)]
    pub struct DeviceTokenSummary {
        /// Its role.
        role: String,
        /// Its scopes, sorted.
        scopes: Vec<String>,
        /// When it was made, in milliseconds since 1970.
        created_at_ms: u64,
        /// When it was last replaced.
        rotated_at_ms?: u64,
        /// When it was withdrawn.
        revoked_at_ms?: u64,
        /// When it was last used.
        last_used_at_ms?: u64,
    }

    /// What a device offers as a node (protocol 4).
    #[derive(Default, Eq)]
    pub struct NodeSurface {
        /// Its name.
        display_name?: String,
        /// Its version.
        version?: String,
        /// What it can do.
        caps?: Vec<String>,
        /// The commands that were approved.
        commands?: Vec<String>,
        /// When it was first seen, in milliseconds since 1970.
        created_at_ms?: u64,
        /// When it was approved.
        approved_at_ms?: u64,
        /// When it was last connected.
        last_connected_at_ms?: u64,
        /// When it was last disconnected.
        last_disconnected_at_ms?: u64,
    }
}
