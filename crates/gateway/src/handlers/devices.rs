//! `device.pair.list`: paired devices and those that ask to be.

use openclaw_protocol::{
    RpcError,
    methods::devices::{DevicePairListParams, DevicePairListResult},
};
use tracing::error;

use super::sessions::row::millis;
use crate::{context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list)
}

async fn list(cx: Cx, _: DevicePairListParams) -> Result<DevicePairListResult, RpcError> {
    let listed = cx.app().authority.list(millis(cx.app().clock.now_ms())).await;
    let unreadable = |problem: &dyn std::fmt::Display| {
        error!(%problem, "the devices cannot be read");
        RpcError::unavailable("the devices cannot be read; see the gateway's log")
    };
    let listed = listed.map_err(|problem| unreadable(&problem))?;
    // Both crates write the recorded shape; the text between them is the same.
    let text = serde_json::to_value(&listed).map_err(|problem| unreadable(&problem))?;
    let mut result: DevicePairListResult =
        serde_json::from_value(text).map_err(|problem| unreadable(&problem))?;
    let connected = connected_devices(&cx);
    for device in &mut result.paired {
        device.connected = Some(connected.contains(&device.device_id));
    }
    Ok(result)
}

/// The devices that hold a connection now.
pub(super) fn connected_devices(cx: &Cx) -> std::collections::BTreeSet<String> {
    let peers = cx.app().bus.peers();
    peers.iter().filter_map(|peer| Some(peer.caller.device.as_ref()?.to_string())).collect()
}
