//! `channels.status`: the channels, their accounts and how they do.

use openclaw_protocol::{
    RpcError,
    methods::channels::{ChannelsStatusParams, ChannelsStatusResult},
};

use super::sessions::row::millis;
use crate::{context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(status)
}

/// This build has no channel adapters, so there is none to list, whatever the config names.
async fn status(cx: Cx, _: ChannelsStatusParams) -> Result<ChannelsStatusResult, RpcError> {
    let configured = &cx.app().config.config.channels;
    let named = configured.keys().filter(|name| *name != "defaults");
    let warnings: Vec<String> = named
        .map(|name| format!("channels.{name} is configured, but this build has no such channel"))
        .collect();
    Ok(ChannelsStatusResult {
        ts: millis(cx.app().clock.now_ms()),
        channel_meta: Some(Vec::new()),
        channel_detail_labels: Some(std::collections::BTreeMap::new()),
        channel_system_images: Some(std::collections::BTreeMap::new()),
        status_issues: Some(Vec::new()),
        warnings: (!warnings.is_empty()).then_some(warnings),
        ..ChannelsStatusResult::default()
    })
}
