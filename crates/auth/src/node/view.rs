//! Nodes and requests as `node.pair.list` shows them: never a token.

use openclaw_protocol::{
    Scope,
    methods::nodes::{PairedNode, PendingNode},
};

use super::{NodeRecord, policy::approval_scope};

/// A request in `pending[]`, and the payload of `node.pair.requested`.
pub(super) trait View: Sized {
    /// What is shown of a node, when there is anything of this kind.
    fn of(node: &NodeRecord) -> Option<Self>;
}

impl View for PendingNode {
    fn of(node: &NodeRecord) -> Option<Self> {
        let request = node.request.as_ref()?;
        let about = request.about.clone();
        let surface = &request.surface;
        let scopes = [Some(Scope::Pairing), approval_scope(surface)];
        let permissions = &surface.permissions;
        Some(Self {
            request_id: request.id.clone(),
            node_id: node.id.clone(),
            client_id: about.client_id,
            client_mode: about.client_mode,
            display_name: node.label.clone().or(about.display_name),
            platform: about.platform,
            version: about.version,
            core_version: about.core_version,
            ui_version: about.ui_version,
            device_family: about.device_family,
            model_identifier: about.model_identifier,
            caps: surface.caps.iter().cloned().collect(),
            commands: surface.commands.iter().cloned().collect(),
            required_approve_scopes: Some(
                scopes.iter().flatten().map(|scope| scope.name().to_owned()).collect(),
            ),
            permissions: (!permissions.is_empty()).then(|| permissions.clone()),
            remote_ip: about.remote_ip,
            silent: request.silent.then_some(true),
            is_repair: Some(node.approved.is_some()),
            ts: request.at_ms,
        })
    }
}

impl View for PairedNode {
    fn of(node: &NodeRecord) -> Option<Self> {
        let approved = node.approved.as_ref()?;
        let about = node.about.clone();
        let surface = &approved.surface;
        let permissions = &surface.permissions;
        Some(Self {
            node_id: node.id.clone(),
            token: None,
            client_id: about.client_id,
            client_mode: about.client_mode,
            display_name: node.label.clone().or(about.display_name),
            platform: about.platform,
            version: about.version,
            core_version: about.core_version,
            ui_version: about.ui_version,
            device_family: about.device_family,
            model_identifier: about.model_identifier,
            caps: surface.caps.iter().cloned().collect(),
            commands: surface.commands.iter().cloned().collect(),
            permissions: (!permissions.is_empty()).then(|| permissions.clone()),
            remote_ip: about.remote_ip,
            created_at_ms: approved.first_at_ms,
            approved_at_ms: approved.at_ms,
            last_connected_at_ms: node.last_connected_at_ms,
            last_disconnected_at_ms: node.last_disconnected_at_ms,
            last_seen_at_ms: node.last_seen_at_ms,
            last_seen_reason: node.last_seen_reason.clone(),
        })
    }
}
