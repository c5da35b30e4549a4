//! `system-presence`, `system-event`, `gateway.identity.get`, `system.info`: who is connected and what it
//! says of itself, who the gateway is, and where it runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{lenient, methods, params, results};

methods! {
    "system-presence": SystemPresenceParams => SystemPresenceResult, v3 READ, v4 READ, is lenient;
    "system-event": SystemEventParams => SystemEventResult, v3 ADMIN, v4 ADMIN, is lenient;
    "gateway.identity.get": GatewayIdentityGetParams => GatewayIdentityGetResult, v3 READ, v4 READ, is lenient;
    "system.info": SystemInfoParams => SystemInfoResult, v4 READ;
}

params! {
    /// Tells about the machine and the process of the gateway.
    #[derive(Default)]
    pub struct SystemInfoParams {
    }
}

lenient! {
    /// Lists the gateway and the clients that are or were lately connected. With a field, the caller
    /// first says that of itself, which needs `operator.write`.
    #[derive(Default)]
    pub struct SystemPresenceParams {
        /// One line for people.
        text?: String,
        /// Why it says so; `update` when absent.
        reason?: String,
        /// Free words.
        tags?: Vec<String>,
        /// Seconds since a person touched it.
        last_input_seconds?: u64,
    }

    /// The caller says something of itself; everyone who may see the list is told. What it would say of its
    /// name, address, device, roles or scopes is passed over: the gateway knows that itself.
    #[derive(Default)]
    pub struct SystemEventParams {
        /// One line for people.
        text?: String,
        /// Why it says so; `update` when absent.
        reason?: String,
        /// Free words.
        tags?: Vec<String>,
        /// Seconds since a person touched it.
        last_input_seconds?: u64,
    }

    /// Returns the gateway's own device id and public key.
    #[derive(Default)]
    pub struct GatewayIdentityGetParams {
    }
}

/// The presence list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SystemPresenceResult(pub Vec<PresenceEntry>);

results! {
    /// The gateway itself, or a client.
    #[derive(Default)]
    pub struct PresenceEntry {
        /// The machine or the client's name.
        host?: String,
        /// The client's `client.id` (protocol 4).
        client_id?: String,
        /// Its address.
        ip?: String,
        /// Its version.
        version?: String,
        /// Its operating system.
        platform?: String,
        /// Its kind of device.
        device_family?: String,
        /// Its model.
        model_identifier?: String,
        /// Its time zone (protocol 4).
        time_zone?: String,
        /// Its `client.mode`; `gateway` for the gateway.
        mode?: String,
        /// Seconds since a person touched it.
        last_input_seconds?: u64,
        /// Why the entry changed: `self`, `connect`, `disconnect`.
        reason?: String,
        /// Free words.
        tags?: Vec<String>,
        /// One line for people.
        text?: String,
        /// When the entry changed, in milliseconds since 1970.
        ts: u64,
        /// Since when it is connected (protocol 4).
        online_since?: u64,
        /// Its last request (protocol 4).
        last_activity_at?: u64,
        /// Its device.
        device_id?: String,
        /// Its roles.
        roles?: Vec<String>,
        /// Its scopes.
        scopes?: Vec<String>,
        /// Its `client.instanceId`, or the device.
        instance_id?: String,
        /// The person (protocol 4).
        user?: PresenceUser,
        /// Sessions that it shows now (protocol 4).
        watched_sessions?: Vec<String>,
    }

    /// It is in the list.
    #[derive(Eq)]
    pub struct SystemEventResult {
        /// Always true.
        ok: bool,
    }

    /// The person behind a client (protocol 4).
    #[derive(Eq)]
    pub struct PresenceUser {
        /// The person's id.
        id: String,
        /// The profile.
        identity?: PresenceIdentity,
        /// The address.
        email?: String,
        /// The name.
        name?: String,
        /// Where the picture is.
        avatar_url?: String,
    }

    /// The profile of a person (protocol 4).
    #[derive(Eq)]
    pub struct PresenceIdentity {
        /// Always `profile`.
        r#type: String,
        /// The profile's id.
        id: String,
    }

    /// The machine and the process of the gateway.
    #[derive(Default)]
    pub struct SystemInfoResult {
        /// What the machine is called.
        machine_name: String,
        /// Its name in the network.
        hostname: String,
        /// Its kind of operating system, for example `linux` or `darwin`.
        platform: String,
        /// The version of the kernel.
        release: String,
        /// Its processor, for example `x64` or `arm64`.
        arch: String,
        /// Its operating system in words.
        os_label: String,
        /// Empty: no Node runs this gateway.
        node_version: String,
        /// The process.
        pid: u32,
        /// This start of the gateway.
        process_instance_id?: String,
        /// How long it runs, in milliseconds.
        uptime_ms: u64,
        /// Processors that it may use.
        cpu_count: u64,
        /// Their model.
        cpu_model?: String,
        /// How many tasks wanted a processor in the last one, five and fifteen minutes.
        load_average?: [f64; 3],
        /// The machine's memory.
        memory_total_bytes: u64,
        /// What can be had of it.
        memory_free_bytes: u64,
        /// The state directory, whose disk the next two speak of.
        disk_path?: String,
        /// How much that disk holds.
        disk_total_bytes?: u64,
        /// How much of it is free for the gateway.
        disk_available_bytes?: u64,
    }

    /// The gateway's own identity.
    #[derive(Eq)]
    pub struct GatewayIdentityGetResult {
        /// Lower-case hex SHA-256 of the raw public key.
        device_id: String,
        /// The raw Ed25519 public key in base64url without padding.
        public_key: String,
    }
}
