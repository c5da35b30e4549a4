//! Who is connected: capped, expiring, and told at most once a second.

use std::{collections::BTreeMap, time::Duration};

use openclaw_protocol::methods::system::{PresenceEntry, SystemEventParams, SystemPresenceParams};
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

/// Characters of a text that a client says of itself; the rest is cut off.
const MAX_TEXT: usize = 500;
/// Words that a client gives itself; further ones are left out.
const MAX_TAGS: usize = 16;

/// What a client says of itself. Which entry that is, its device and its rights are not among it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    text: Option<String>,
    reason: Option<String>,
    tags: Option<Vec<String>>,
    last_input_seconds: Option<u64>,
}

impl Said {
    /// What of the parameters says something; `None` for a mere question.
    pub(crate) fn of(params: SystemPresenceParams) -> Option<Self> {
        let SystemPresenceParams { text, reason, tags, last_input_seconds } = params;
        let says = text.is_some() || reason.is_some() || tags.is_some();
        let event = SystemEventParams { text, reason, tags, last_input_seconds };
        (says || last_input_seconds.is_some()).then(|| Self::all(event))
    }

    /// What an event says; `None` for one without a text.
    pub(crate) fn event(params: SystemEventParams) -> Option<Self> {
        let said = Self::all(params);
        said.text.as_ref().is_some_and(|text| !text.is_empty()).then_some(said)
    }

    fn all(params: SystemEventParams) -> Self {
        let SystemEventParams { text, reason, tags, last_input_seconds } = params;
        Self {
            text: text.map(|text| line(&text)),
            reason: Some(line(reason.as_deref().unwrap_or("update"))),
            tags: tags.map(|tags| tags.iter().take(MAX_TAGS).map(|tag| line(tag)).collect()),
            last_input_seconds,
        }
    }

    /// Adds what is said later.
    fn add(&mut self, later: Self) {
        let Self { text, reason, tags, last_input_seconds } = later;
        self.text = text.or(self.text.take());
        self.reason = reason;
        self.tags = tags.or(self.tags.take());
        self.last_input_seconds = last_input_seconds.or(self.last_input_seconds);
    }

    fn over(&self, entry: PresenceEntry) -> PresenceEntry {
        PresenceEntry {
            text: self.text.clone().or(entry.text),
            tags: self.tags.clone().or(entry.tags),
            last_input_seconds: self.last_input_seconds.or(entry.last_input_seconds),
            ..entry
        }
    }
}

/// One line of bounded length.
fn line(text: &str) -> String {
    text.trim().chars().take(MAX_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

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
    said: Said,
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
        if is_fleeting(peer) {
            return;
        }
        let key = key(peer);
        let mut inner = self.inner.lock();
        let before = inner.clients.get(&key);
        let connections = count(before.map_or(0, |client| client.connections));
        let said = before.map(|client| client.said.clone()).unwrap_or_default();
        // A client with another connection left is still there.
        let reason = if connections > 0 { "connect" } else { reason };
        let entry = said.over(entry(peer, now, reason));
        inner.put(key, Client { entry, said, connections, changed_at: now });
        drop(inner);
        self.changed.notify_one();
    }

    /// A client says something of itself. A command line is listed for it, until that is old.
    pub(crate) fn tell(&self, peer: &Peer, said: Said, now: i64) {
        let key = key(peer);
        let mut inner = self.inner.lock();
        let before = inner.clients.get(&key);
        let here = usize::from(!is_fleeting(peer));
        let connections = before.map_or(here, |client| client.connections);
        let mut all = before.map(|client| client.said.clone()).unwrap_or_default();
        all.add(said);
        let reason = all.reason.clone().unwrap_or_default();
        let entry = all.over(entry(peer, now, &reason));
        inner.put(key, Client { entry, said: all, connections, changed_at: now });
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
    fn put(&mut self, key: String, client: Client) {
        let now = client.changed_at;
        self.clients.insert(key, client);
        self.version += 1;
        self.trim(now);
    }

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

/// Whether a client comes and goes too fast to be worth listing.
fn is_fleeting(peer: &Peer) -> bool {
    peer.client.mode == "cli"
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
        let caller =
            Caller { role: Role::Operator, scopes: ScopeSet::EMPTY, device: None, user: None };
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
    fn a_client_says_something_of_itself_and_of_nobody_else() {
        let presence = Presence::new(PresenceEntry::default());
        let (one, other) = (peer("a", "ui", Some("i")), peer("b", "ui", Some("j")));
        presence.joined(&one, 1);
        presence.joined(&other, 2);
        let params = |value| serde_json::from_value(value).unwrap();
        let said = |value: serde_json::Value| Said::of(params(value));
        assert!(said(serde_json::json!({})).is_none());
        assert!(said(serde_json::json!({"text": 7, "roles": ["node"]})).is_none());
        let text = format!("at\nlunch{}", "x".repeat(MAX_TEXT));
        let all = serde_json::json!({"text": text, "tags": ["away"], "instanceId": "j", "scopes": ["operator.admin"]});
        presence.tell(&one, said(all).unwrap(), 3);
        presence.tell(&one, said(serde_json::json!({"lastInputSeconds": 60})).unwrap(), 4);
        let list = presence.list(4);
        let mine = &list[1];
        assert_eq!(mine.instance_id.as_deref(), Some("i"));
        assert!(mine.text.as_deref().unwrap().starts_with("at lunch"), "{mine:?}");
        assert_eq!(mine.text.as_ref().unwrap().chars().count(), MAX_TEXT);
        assert_eq!((mine.last_input_seconds, mine.scopes.as_ref()), (Some(60), None));
        assert_eq!(
            (mine.reason.as_deref(), mine.tags.as_deref()),
            (Some("update"), Some(&["away".to_owned()][..]))
        );
        assert!(!list[2].text.as_deref().unwrap().contains("lunch"), "the other has its own");
        presence.left(&one, 5);
        assert_eq!(presence.list(5 + EXPIRES_AFTER_MS).len(), 2, "it goes as every other");
        // A command line that says something is listed until that is old.
        let cli = peer("c", "cli", None);
        presence.tell(&cli, said(serde_json::json!({"text": "hi"})).unwrap(), 6);
        presence.left(&cli, 7);
        assert_eq!(presence.list(8).len(), 3);
        assert_eq!(presence.list(6 + EXPIRES_AFTER_MS).len(), 2);
    }

    #[test]
    fn words_that_a_client_gives_itself_are_bounded() {
        let tags: Vec<String> = (0..=MAX_TAGS).map(|n| n.to_string()).collect();
        let params = SystemPresenceParams { tags: Some(tags.clone()), ..Default::default() };
        assert_eq!(Said::of(params).unwrap().tags.as_deref(), Some(&tags[..MAX_TAGS]));
    }

    #[test]
    fn a_device_has_its_own_entry_whatever_it_calls_itself() {
        let presence = Presence::new(PresenceEntry::default());
        for (id, device) in [("a", None), ("b", Some("d")), ("c", Some("e"))] {
            let mut one = peer(id, "ui", Some("i"));
            one.caller.device = device.map(Into::into);
            presence.joined(&one, 1);
        }
        let list = presence.list(1);
        let mut devices: Vec<_> =
            list[1..].iter().map(|entry| entry.device_id.as_deref()).collect();
        devices.sort_unstable();
        assert_eq!(devices, [None, Some("d"), Some("e")]);
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
