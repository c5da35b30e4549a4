//! `node.list`, `node.describe`, `node.rename`.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use openclaw_auth::{
    AuthError, Device,
    node::{NodeAbout, NodeRecord, Surface},
};
use openclaw_protocol::{
    Role, RpcError,
    methods::nodes::{
        NodeDescribeParams, NodeDescribeResult, NodeListParams, NodeListResult, NodeRenameParams,
        NodeRenameResult, NodeSummary,
    },
    scope::Scope,
};
use tracing::error;

use super::{approver, device, unreadable};
use crate::{context::Cx, handlers::millis, nodes::session::NodeSession, peer::Peer};

/// A node from everything that is known of it.
struct Known<'a> {
    id: &'a str,
    record: Option<&'a NodeRecord>,
    device: Option<&'a Device>,
    peer: Option<&'a Peer>,
}

pub(super) async fn list(cx: Cx, _: NodeListParams) -> Result<NodeListResult, RpcError> {
    let devices = cx.app().authority.devices_of(Role::Node).await.map_err(|e| devices_fail(&e))?;
    let devices: BTreeMap<&str, &Device> =
        devices.iter().map(|device| (device.id.as_str(), device)).collect();
    let records = cx.app().nodes.book.records().await.map_err(unreadable)?;
    let records: BTreeMap<&str, &NodeRecord> =
        records.iter().map(|record| (record.id.as_str(), record)).collect();
    let peers: Vec<Arc<Peer>> = cx.app().nodes.live.all();
    let peers: BTreeMap<&str, &Peer> = peers
        .iter()
        .filter_map(|peer| Some((peer.node.as_ref()?.node_id.as_str(), peer.as_ref())))
        .collect();
    let ids: BTreeSet<&str> =
        devices.keys().chain(records.keys()).chain(peers.keys()).copied().collect();
    let known = ids.into_iter().map(|id| Known {
        id,
        record: records.get(id).copied(),
        device: devices.get(id).copied(),
        peer: peers.get(id).copied(),
    });
    // What only somebody's request has named is in `node.pair.list`.
    let known = known.filter(Known::is_node);
    let mut nodes: Vec<NodeSummary> = known.map(|node| node.summary(&cx)).collect();
    nodes.sort_by_cached_key(|node| {
        let name = node.display_name.as_ref().unwrap_or(&node.node_id).to_lowercase();
        (Reverse(node.connected), name, node.node_id.clone())
    });
    Ok(NodeListResult { ts: millis(cx.app().clock.now_ms()), nodes })
}

pub(super) async fn describe(
    cx: Cx,
    params: NodeDescribeParams,
) -> Result<NodeDescribeResult, RpcError> {
    let id = params.node_id.trim();
    if id.is_empty() {
        return Err(RpcError::invalid("nodeId required"));
    }
    let paired = cx.app().authority.device_of(&device(id), Role::Node).await;
    let paired = paired.map_err(|error| devices_fail(&error))?;
    let record = cx.app().nodes.book.record(id).await.map_err(unreadable)?;
    let peer = cx.app().nodes.live.peer(id);
    let known =
        Known { id, record: record.as_ref(), device: paired.as_ref(), peer: peer.as_deref() };
    if !known.is_node() {
        return Err(RpcError::invalid("unknown nodeId"));
    }
    let node = known.summary(&cx);
    Ok(NodeDescribeResult { ts: millis(cx.app().clock.now_ms()), node })
}

pub(super) async fn rename(cx: Cx, params: NodeRenameParams) -> Result<NodeRenameResult, RpcError> {
    let id = params.node_id.trim();
    let paired = cx.app().authority.device_of(&device(id), Role::Node).await;
    let paired = paired.map_err(|error| devices_fail(&error))?.is_some();
    let by = approver(&cx);
    let renamed = cx.app().nodes.book.rename(id, &params.display_name, paired, &by).await;
    let display_name = renamed.map_err(|error| error.rpc(cx.peer().version))?;
    Ok(NodeRenameResult { node_id: id.to_owned(), display_name })
}

fn devices_fail(problem: &AuthError) -> RpcError {
    error!(%problem, "the devices cannot be read");
    RpcError::unavailable("the devices cannot be read; see the gateway's log")
}

impl Known<'_> {
    fn is_node(&self) -> bool {
        self.device.is_some()
            || self.peer.is_some()
            || self.record.is_some_and(|record| record.approved.is_some() || record.is_registered())
    }

    /// What a record says of its node; one that never connected has told only what it asks for.
    fn told_of(record: &NodeRecord) -> NodeAbout {
        let asks = record.request.as_ref().filter(|_| record.approved.is_none());
        let asks = asks.filter(|_| record.is_registered());
        asks.map_or(&record.about, |request| &request.about).clone()
    }

    fn summary(&self, cx: &Cx) -> NodeSummary {
        let session = self.peer.and_then(|peer| peer.node.as_deref());
        let about = session.map(|session| session.about.clone());
        let about = about.or_else(|| Some(Self::told_of(self.record?))).unwrap_or_default();
        let paired = self.device.map(|device| device.about.clone()).unwrap_or_default();
        let approved = self.record.and_then(|record| record.approved.as_ref());
        let surface = match session {
            Some(session) => session.effective(),
            None => approved.map(|a| a.surface.clone()).unwrap_or_default(),
        };
        let times = self.record;
        let activity = session.and_then(NodeSession::activity);
        let label = self.record.and_then(|record| record.label.clone());
        let label = label.or_else(|| self.device?.label.clone());
        let summary = NodeSummary {
            node_id: self.id.to_owned(),
            display_name: label.or(about.display_name).or(paired.display_name),
            platform: about.platform.or(paired.platform),
            version: about.version,
            core_version: about.core_version,
            ui_version: about.ui_version,
            client_id: about.client_id.or(Some(paired.client_id).filter(|id| !id.is_empty())),
            client_mode: about.client_mode.or(Some(paired.client_mode).filter(|m| !m.is_empty())),
            device_family: about.device_family.or(paired.device_family),
            model_identifier: about.model_identifier,
            remote_ip: about.remote_ip.or(paired.remote_ip),
            path_env: session.and_then(|session| session.path_env.clone()),
            host_stats: session.and_then(NodeSession::stats),
            session_host: Some(false),
            approval_state: Some(times.map_or("unapproved", NodeRecord::approval_state).to_owned()),
            connected_at_ms: session.map(|session| session.connected_at_ms),
            last_connected_at_ms: times.and_then(|record| record.last_connected_at_ms),
            last_disconnected_at_ms: times
                .and_then(|record| record.last_disconnected_at_ms)
                .filter(|_| session.is_none()),
            last_active_at_ms: activity.map(|activity| activity.active_at_ms),
            presence_updated_at_ms: activity.map(|activity| activity.told_at_ms),
            last_seen_at_ms: times
                .and_then(|record| record.last_seen_at_ms)
                .or_else(|| self.device?.last_seen_at_ms),
            last_seen_reason: times.and_then(|record| record.last_seen_reason.clone()),
            approved_at_ms: approved
                .map(|approved| approved.at_ms)
                .or_else(|| Some(self.device?.approved_at_ms)),
            paired: self.device.is_some() || approved.is_some(),
            connected: session.is_some(),
            ..of_surface(surface)
        };
        self.with_pending(cx, summary)
    }

    /// What waits for a decision is for those who may decide it.
    fn with_pending(&self, cx: &Cx, node: NodeSummary) -> NodeSummary {
        let request = self.record.and_then(|record| record.request.as_ref());
        let Some(request) = request.filter(|_| cx.require(Scope::Pairing).is_ok()) else {
            return node;
        };
        let asked = of_surface(request.surface.clone());
        NodeSummary {
            pending_request_id: Some(request.id.clone()),
            pending_declared_caps: Some(asked.caps),
            pending_declared_commands: Some(asked.commands),
            pending_declared_permissions: asked.permissions,
            ..node
        }
    }
}

fn of_surface(surface: Surface) -> NodeSummary {
    NodeSummary {
        caps: surface.caps.into_iter().collect(),
        commands: surface.commands.into_iter().collect(),
        permissions: Some(surface.permissions).filter(|permissions| !permissions.is_empty()),
        ..NodeSummary::default()
    }
}
