//! `channels.status`: the channels, their accounts and how they do.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    field::{Ms, NonEmpty},
    methods,
    methods::common::EventLoop,
    params, results,
};

methods! {
    "channels.status": ChannelsStatusParams => ChannelsStatusResult, v3 READ, v4 READ;
}

params! {
    /// Returns what every channel and account is doing, and on request asks the platforms.
    #[derive(Default)]
    pub struct ChannelsStatusParams {
        /// Whether to ask the platforms.
        probe?: bool,
        /// How long to wait for them.
        timeout_ms?: Ms,
        /// Only this channel (protocol 4).
        channel?: NonEmpty,
    }
}

results! {
    /// The channels.
    #[derive(Default)]
    pub struct ChannelsStatusResult {
        /// When the look was taken, in milliseconds since 1970.
        ts: u64,
        /// The channels in the order of display.
        channel_order: Vec<String>,
        /// How each is called.
        channel_labels: BTreeMap<String, String>,
        /// How each is called in full.
        channel_detail_labels?: BTreeMap<String, String>,
        /// The symbol of each on macOS.
        channel_system_images?: BTreeMap<String, String>,
        /// The same as a list.
        channel_meta?: Vec<ChannelMeta>,
        /// How busy the gateway is (protocol 4).
        event_loop?: EventLoop,
        /// Each channel's own summary.
        channels: BTreeMap<String, Value>,
        /// The accounts of each.
        channel_accounts: BTreeMap<String, Vec<ChannelAccount>>,
        /// The default account of each.
        channel_default_account_id: BTreeMap<String, String>,
        /// Whether a platform did not answer in time (protocol 4).
        partial?: bool,
        /// What could not be read (protocol 4).
        warnings?: Vec<String>,
        /// What a person has to mend, at most 50 (protocol 4).
        status_issues?: Vec<ChannelIssue>,
    }

    /// How a channel is shown.
    #[derive(Eq)]
    pub struct ChannelMeta {
        /// The channel.
        id: String,
        /// How it is called.
        label: String,
        /// How it is called in full.
        detail_label: String,
        /// Its symbol on macOS.
        system_image?: String,
    }

    /// What a person has to mend (protocol 4).
    #[derive(Eq)]
    pub struct ChannelIssue {
        /// The channel.
        channel: String,
        /// The account.
        account_id: String,
        /// `intent`, `permissions`, `config`, `auth` or `runtime`.
        kind: String,
        /// What is wrong.
        message: String,
        /// What to do.
        fix?: String,
    }

    /// An account of a channel.
    #[derive(Default)]
    pub struct ChannelAccount {
        /// The account.
        account_id: String,
        /// Its name.
        name?: String,
        /// Whether the config switches it on.
        enabled?: bool,
        /// Whether all that it needs is configured.
        configured?: bool,
        /// Whether it is signed in.
        linked?: bool,
        /// Whether its adapter runs.
        running?: bool,
        /// Whether it is connected.
        connected?: bool,
        /// How often it tried to connect again.
        reconnect_attempts?: u64,
        /// The last connection, in milliseconds since 1970.
        last_connected_at?: u64,
        /// The last error.
        last_error?: String,
        /// Its health in a word.
        health_state?: String,
        /// The last start.
        last_start_at?: u64,
        /// The last stop.
        last_stop_at?: u64,
        /// The last message in.
        last_inbound_at?: u64,
        /// The last message out.
        last_outbound_at?: u64,
        /// The last sign of life of its transport (protocol 4).
        last_transport_activity_at?: u64,
        /// Whether a turn runs for it.
        busy?: bool,
        /// How many turns.
        active_runs?: u64,
        /// The last sign of life of a turn.
        last_run_activity_at?: u64,
        /// When the running turn began (protocol 4).
        active_run_started_at?: u64,
        /// When the platform was last asked.
        last_probe_at?: u64,
        /// How messages come in, for example `polling`.
        mode?: String,
        /// Who may write to it.
        dm_policy?: String,
        /// Who is allowed.
        allow_from?: Vec<String>,
        /// Where its token comes from.
        token_source?: String,
        /// Where its bot token comes from.
        bot_token_source?: String,
        /// Where its app token comes from.
        app_token_source?: String,
        /// Where its credential comes from (protocol 4).
        credential_source?: String,
        /// Where messages are delivered to (protocol 4).
        webhook_path?: String,
        /// The same as a URL (protocol 4).
        webhook_url?: String,
        /// The platform's address.
        base_url?: String,
        /// Whether groups may talk without a mention.
        allow_unmentioned_groups?: bool,
        /// What the platform answered.
        probe?: Value,
        /// What a check of its rights found.
        audit?: Value,
        /// The platform's application.
        application?: Value,
    }
}
