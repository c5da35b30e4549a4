//! `node.list`: devices that run commands for the gateway.

use openclaw_protocol::{
    Role, RpcError,
    methods::nodes::{NodeListParams, NodeListResult, NodeSummary},
};

use super::{
    devices::{connected_devices, unreadable},
    sessions::row::millis,
};
use crate::{context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list)
}

async fn list(cx: Cx, _: NodeListParams) -> Result<NodeListResult, RpcError> {
    let now = millis(cx.app().clock.now_ms());
    let devices = cx.app().authority.devices().await.map_err(|problem| unreadable(&problem))?;
    let connected = connected_devices(&cx);
    let nodes = devices.into_iter().filter(|device| device.roles.contains(&Role::Node));
    let nodes = nodes.map(|device| NodeSummary {
        connected: connected.contains(&device.id),
        node_id: device.id.to_string(),
        display_name: device.label.or(device.about.display_name),
        platform: device.about.platform,
        device_family: device.about.device_family,
        client_id: Some(device.about.client_id),
        client_mode: Some(device.about.client_mode),
        remote_ip: device.about.remote_ip,
        paired: true,
        approved_at_ms: Some(device.approved_at_ms),
        last_seen_at_ms: device.last_seen_at_ms,
        ..NodeSummary::default()
    });
    Ok(NodeListResult { ts: now, nodes: nodes.collect() })
}
