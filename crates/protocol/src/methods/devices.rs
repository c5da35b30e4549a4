//! `device.*`: paired devices, those that ask to be, and their tokens.

use std::borrow::Cow;

use crate::{
    field::{NonEmpty, Text},
    methods, params, results, words,
};

methods! {
    "device.pair.list": DevicePairListParams => DevicePairListResult, v3 PAIRING, v4 PAIRING;
    "device.pair.approve": DevicePairApproveParams => DevicePairApproveResult, v3 PAIRING, v4 PAIRING;
    "device.pair.reject": DevicePairRejectParams => DevicePairRejectResult, v3 PAIRING, v4 PAIRING;
    "device.pair.remove": DevicePairRemoveParams => DevicePairRemoveResult, v3 PAIRING, v4 PAIRING;
    "device.pair.rename": DevicePairRenameParams => DevicePairRenameResult, v4 PAIRING;
    "device.token.rotate": DeviceTokenRotateParams => DeviceTokenRotateResult, v3 PAIRING, v4 PAIRING;
    "device.token.revoke": DeviceTokenRevokeParams => DeviceTokenRevokeResult, v3 PAIRING, v4 PAIRING;
    "device.pair.setupCode": DevicePairSetupCodeParams => DevicePairSetupCodeResult, v4 ADMIN, is hidden;
    "device.pair.setupStatus": DevicePairSetupStatusParams => DevicePairSetupStatusResult, v4 ADMIN, is hidden;
    "device.scopes.requestUpgrade": ScopeUpgradeRequestParams => ScopeUpgradeRequestResult, v4 READ;
    "device.scopes.waitUpgrade": ScopeUpgradeWaitParams => ScopeUpgradeWaitResult, v4 READ;
}

mod scopes;
mod setup;

pub use scopes::*;
pub use setup::*;

words! {
    /// Where a new token's text went (protocol 4).
    pub enum TokenDelivery: one_of {
        /// Into the answer: the device itself asked.
        InBand = "in-band",
        /// Nowhere: another device asked. The device gets it when it connects again with the shared secret.
        Withheld = "withheld-cross-device",
    }
}

params! {
    /// Lists pending pairing requests and paired devices; of tokens only their dates.
    #[derive(Default)]
    pub struct DevicePairListParams {
    }

    /// Approves a request: the device gets the roles and scopes that the request shows. The caller
    /// must hold each of those scopes.
    pub struct DevicePairApproveParams {
        /// The request. One that was replaced by a newer one of the same device approves nothing.
        request_id: NonEmpty,
    }

    /// Rejects a request; the device may ask again.
    pub struct DevicePairRejectParams {
        /// The request.
        request_id: NonEmpty,
    }

    /// Forgets a device with its tokens and closes its connections.
    pub struct DevicePairRemoveParams {
        /// The device.
        device_id: NonEmpty,
    }

    /// Gives a device a name that people see instead of the one it tells (protocol 4).
    pub struct DevicePairRenameParams {
        /// The device.
        device_id: NonEmpty,
        /// The name, 1 to 64 characters.
        label: Text<1, 64>,
    }

    /// Replaces a device's token and closes the connections that stand on the old one.
    pub struct DeviceTokenRotateParams {
        /// The device.
        device_id: NonEmpty,
        /// The role whose token is replaced.
        role: NonEmpty,
        /// Exactly what the new token allows; as the old one when absent. Never more than the device
        /// is approved for, nor more than the caller holds.
        scopes?: Vec<NonEmpty>,
    }

    /// Revokes a device's token and closes its connections of that role.
    pub struct DeviceTokenRevokeParams {
        /// The device.
        device_id: NonEmpty,
        /// The role whose token is revoked.
        role: NonEmpty,
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

    /// What was approved.
    pub struct DevicePairApproveResult {
        /// The request.
        request_id: String,
        /// The device as it is now.
        device: PairedDevice,
    }

    /// What was rejected.
    pub struct DevicePairRejectResult {
        /// The request.
        request_id: String,
        /// The device that had asked.
        device_id: String,
    }

    /// What was forgotten.
    pub struct DevicePairRemoveResult {
        /// The device.
        device_id: String,
    }

    /// What was named.
    pub struct DevicePairRenameResult {
        /// The device.
        device_id: String,
        /// Its name.
        label: String,
    }

    /// The new token.
    pub struct DeviceTokenRotateResult {
        /// The device.
        device_id: String,
        /// The role.
        role: String,
        /// The token's text. In protocol 4 only the device itself gets it.
        token?: String,
        /// What it allows, sorted.
        scopes: Vec<String>,
        /// When it was made, in milliseconds since 1970.
        rotated_at_ms: u64,
        /// Whether the text is in this answer (protocol 4).
        token_delivery?: TokenDelivery,
    }

    /// What was revoked.
    pub struct DeviceTokenRevokeResult {
        /// The device.
        device_id: String,
        /// The role.
        role: String,
        /// When it was first revoked, in milliseconds since 1970.
        revoked_at_ms: u64,
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
        role?: Cow<'static, str>,
        /// All roles that it would have.
        roles?: Vec<Cow<'static, str>>,
        /// The scopes that it would have.
        scopes?: Vec<Cow<'static, str>>,
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
        /// The name that it tells.
        display_name?: String,
        /// The name that an operator gave it (protocol 4).
        operator_label?: String,
        /// Its operating system.
        platform?: String,
        /// Its kind.
        device_family?: String,
        /// Its `client.id`.
        client_id?: String,
        /// Its `client.mode`.
        client_mode?: String,
        /// Its last role.
        role?: Cow<'static, str>,
        /// Its roles.
        roles?: Vec<Cow<'static, str>>,
        /// Its scopes.
        scopes?: Vec<Cow<'static, str>>,
        /// Its address.
        remote_ip?: String,
        /// How it was approved, for example `silent` (protocol 4).
        approved_via?: Cow<'static, str>,
        /// When it was paired, in milliseconds since 1970.
        created_at_ms: u64,
        /// When it was last approved.
        approved_at_ms: u64,
        /// When it was last heard of (protocol 4).
        last_seen_at_ms?: u64,
        /// By what (protocol 4).
        last_seen_reason?: Cow<'static, str>,
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
        role: Cow<'static, str>,
        /// Its scopes, sorted.
        scopes: Vec<Cow<'static, str>>,
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
