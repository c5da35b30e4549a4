//! Who is connected: capped, expiring, and told at most once a second.

use std::{collections::BTreeMap, time::Duration};

use openclaw_protocol::methods::system::PresenceEntry;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::peer::Peer;

/// Entries that are kept; the oldest give way.
pub(crate) const MAX_ENTRIES: usize = 200;
/// A client that is gone is forgotten after this long, in milliseconds.
pub(crate) const EXPIRES_AFTER_MS: i64 = 5 * 60 * 1000;
/// Changes are told at most this often.
pub(crate) const TELL_INTERVAL: Duration = Duration::from_secs(1);

/// With many listeners, changes are told less often by this much for each of them.
pub(crate) const TELL_PER_PEER: Duration = Duration::from_millis(5);

/// The presence list.
#[derive(Debug)]
pub(crate) struct Presence {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug)]
struct Inner {
    version: u64,
    own: PresenceEntry,
    clients: BTreeMap<String, Client>,
}

#[derive(Debug)]
struct Client {
    entry: PresenceEntry,
    connections: usize,
    changed_at: i64,
}

impl Presence {
    /// A list that holds the gateway alone.
    pub(crate) fn new(own: PresenceEntry) -> Self {
        let inner = Inner { version: 1, own, clients: BTreeMap::new() };
        Self { inner: Mutex::new(inner), changed: Notify::new() }
    }

    /// A client has connected. Command lines come and go too fast to be worth listing.
    pub(crate) fn joined(&self, peer: &Peer, now: i64) {
        self.change(peer, now, "connect", |connections| connections + 1);
    }

    /// A client has gone.
    pub(crate) fn left(&self, peer: &Peer, now: i64) {
        self.change(peer, now, "disconnect", |connections| connections.saturating_sub(1));
    }

    fn change(&self, peer: &Peer, now: i64, reason: &str, count: impl FnOnce(usize) -> usize) {
        if peer.client.mode == "cli" {
            return;
        }
        let key = key(peer);
        let mut inner = self.inner.lock();
        let connections = count(inner.clients.get(&key).map_or(0, |client| client.connections));
        // A client with another connection left is still there.
        let reason = if connections > 0 { "connect" } else { reason };
        let client = Client { entry: entry(peer, now, reason), connections, changed_at: now };
        inner.clients.insert(key, client);
        inner.version += 1;
        inner.trim(now);
        drop(inner);
        self.changed.notify_one();
    }

    /// The list, newest first behind the gateway itself.
    pub(crate) fn list(&self, now: i64) -> Vec<PresenceEntry> {
        let mut inner = self.inner.lock();
        inner.trim(now);
        let mut clients: Vec<&Client> = inner.clients.values().collect();
        clients.sort_by_key(|client| std::cmp::Reverse(client.changed_at));
        let own = PresenceEntry { ts: u64::try_from(now).unwrap_or_default(), ..inner.own.clone() };
        std::iter::once(own).chain(clients.iter().map(|client| client.entry.clone())).collect()
    }

    /// Counts the changes.
    pub(crate) fn version(&self) -> u64 {
        self.inner.lock().version
    }

    /// Waits for a change.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Inner {
    fn trim(&mut self, now: i64) {
        self.clients.retain(|_, client| {
            client.connections > 0 || now - client.changed_at < EXPIRES_AFTER_MS
        });
        while self.clients.len() > MAX_ENTRIES {
            let oldest = self
                .clients
                .iter()
                .min_by_key(|(_, client)| (client.connections, client.changed_at))
                .map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { return };
            self.clients.remove(&oldest);
        }
    }
}

fn key(peer: &Peer) -> String {
    match (&peer.caller.device, &peer.client.instance_id) {
        (Some(device), _) => device.to_string(),
        (None, Some(instance)) => format!("instance:{instance}"),
        (None, None) => peer.id.to_string(),
    }
}

fn entry(peer: &Peer, now: i64, reason: &str) -> PresenceEntry {
    let (client, caller) = (&peer.client, &peer.caller);
    let host = client.display_name.clone().unwrap_or_else(|| client.id.clone());
    let device = caller.device.as_ref().map(ToString::to_string);
    let scopes = caller.scopes.names();
    PresenceEntry {
        text: Some(format!("Node: {host} · mode {}", client.mode)),
        host: Some(host),
        client_id: Some(client.id.clone()),
        // Loopback is not worth a column in a list.
        ip: (!client.address.starts_with("127.") && client.address != "::1")
            .then(|| client.address.clone()),
        version: Some(client.version.clone()),
        platform: Some(client.platform.clone()),
        device_family: client.device_family.clone(),
        model_identifier: client.model_identifier.clone(),
        mode: Some(client.mode.clone()),
        instance_id: client.instance_id.clone().or_else(|| device.clone()),
        device_id: device,
        roles: Some(vec![caller.role.name().to_owned()]),
        scopes: (!scopes.is_empty()).then_some(scopes),
        reason: Some(reason.to_owned()),
        ts: u64::try_from(now).unwrap_or_default(),
        ..PresenceEntry::default()
    }
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::{Role, ScopeSet, Version, ids::ConnId};

    use super::*;
    use crate::{
        edge::Voice,
        peer::{Caller, ClientInfo},
    };

    fn peer(id: &str, mode: &str, instance: Option<&str>) -> Peer {
        let caller = Caller { role: Role::Operator, scopes: ScopeSet::EMPTY, device: None };
        let client = ClientInfo {
            id: "gateway-client".into(),
            mode: mode.into(),
            instance_id: instance.map(Into::into),
            ..ClientInfo::default()
        };
        Peer::new(ConnId::new(id), Voice::Protocol(Version::V4), caller, client)
    }

    #[test]
    fn a_client_is_listed_until_its_last_connection_is_gone_and_forgotten_later() {
        let presence = Presence::new(PresenceEntry::default());
        let (one, two) = (peer("a", "ui", Some("i")), peer("b", "ui", Some("i")));
        presence.joined(&one, 1);
        presence.joined(&two, 2);
        presence.left(&one, 3);
        let reason = |now| presence.list(now).get(1).and_then(|entry| entry.reason.clone());
        assert_eq!(reason(3).as_deref(), Some("connect"));
        presence.left(&two, 4);
        assert_eq!(reason(5).as_deref(), Some("disconnect"));
        assert_eq!(reason(4 + EXPIRES_AFTER_MS), None);
    }

    #[test]
    fn command_lines_are_not_listed_and_the_list_is_bounded() {
        let presence = Presence::new(PresenceEntry::default());
        presence.joined(&peer("a", "cli", None), 1);
        assert_eq!(presence.list(1).len(), 1);
        for n in 0..MAX_ENTRIES + 50 {
            presence.joined(&peer(&n.to_string(), "backend", None), 2);
        }
        assert_eq!(presence.list(2).len(), MAX_ENTRIES + 1);
    }
}
