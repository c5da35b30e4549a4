//! What a node declares in `connect`, and what of it counts.

use std::sync::Arc;

use openclaw_auth::{
    node::{Declaration, NodeAbout, Surface},
    store::StoreError,
};
use openclaw_protocol::{Role, field::Text, methods::connect::ConnectParams};

use crate::{handlers::millis, nodes::session::NodeSession, peer::Peer, state::App};

/// Notes what a node declares. Any other connection stays what it is.
pub(super) async fn declare(
    app: &Arc<App>,
    peer: Peer,
    params: &ConnectParams,
) -> Result<Peer, StoreError> {
    // A node without a device has not been let in.
    let (Role::Node, Some(device)) = (peer.caller.role, &peer.caller.device) else {
        return Ok(peer);
    };
    let client = &peer.client;
    let local = client.address.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    let about = NodeAbout {
        display_name: client.display_name.clone(),
        platform: Some(client.platform.clone()),
        device_family: client.device_family.clone(),
        model_identifier: client.model_identifier.clone(),
        version: Some(client.version.clone()),
        client_id: Some(client.id.clone()),
        client_mode: Some(client.mode.clone()),
        remote_ip: (!local).then(|| client.address.clone()),
        ..NodeAbout::default()
    }
    .shown();
    let permissions = params.permissions.iter().flatten().map(|(name, on)| (name.as_str(), *on));
    let surface = Surface::declared(
        params.caps.iter().flatten().map(Text::as_str),
        params.commands.iter().flatten().map(Text::as_str),
        permissions,
    );
    let (node_id, now) = (device.to_string(), millis(app.clock.now_ms()));
    let said = Declaration { node_id: node_id.clone(), about: about.clone(), surface };
    let standing = app.nodes.book.connect(said, now).await?;
    let surfaces = (standing.declared, standing.effective);
    let session = NodeSession::new((node_id, about), params.path_env.clone(), surfaces, now);
    Ok(peer.with_node(session))
}
