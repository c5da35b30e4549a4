//! Events to connections: serialised once per protocol in use, shared by all receivers.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_agent::{approvals::Kind, live::Extent};
use openclaw_protocol::{
    Audience, Close, Event, Version,
    event::EventSpec,
    frame::StateVersion,
    ids::{DeviceId, RunId, SessionKey},
};
use parking_lot::RwLock;
use serde_json::Value;
use tracing::error;

use crate::{
    edge::{self, Voice, downgrade},
    live::LiveText,
    peer::Peer,
};

/// Which of the connections that may hear an event are told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum To<'a> {
    /// All of its audience.
    Audience,
    /// All of its audience that may know of this device.
    Device(&'a DeviceId),
    /// One connection, whatever the audience.
    Peer(&'a Peer),
    /// Connections that follow the list of sessions.
    SessionList,
    /// The same, and connections whose door tells of new sessions.
    NewSession,
    /// Connections that follow this session's messages, or the list of all.
    SessionMessages(&'a SessionKey),
    /// Connections that started or joined this run and said that they understand tool events.
    ToolWatchers(&'a RunId),
    /// Connections that show requests of this kind to someone who may decide.
    Deciders(Deciders<'a>),
}

/// Which of the connections that show requests are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deciders<'a> {
    /// Of which kind.
    pub(crate) kind: Kind,
    /// Not this connection, which asked; those of protocol 3 hear of their own requests too.
    pub(crate) except: Option<&'a str>,
    /// Whether somebody decided: protocol 3 is not told of requests that end without that.
    pub(crate) decided: bool,
}

/// All connections that have said hello.
#[derive(Debug, Default)]
pub(crate) struct Bus {
    peers: RwLock<BTreeMap<String, Arc<Peer>>>,
}

impl Bus {
    /// Adds a connection.
    pub(crate) fn join(&self, peer: Arc<Peer>) {
        self.peers.write().insert(peer.id.as_str().to_owned(), peer);
    }

    /// Removes a connection.
    pub(crate) fn leave(&self, peer: &Peer) {
        self.peers.write().remove(peer.id.as_str());
    }

    /// Every connection.
    pub(crate) fn peers(&self) -> Vec<Arc<Peer>> {
        self.peers.read().values().cloned().collect()
    }

    /// How many connections there are.
    pub(crate) fn len(&self) -> usize {
        self.peers.read().len()
    }

    /// Tells an event.
    pub(crate) fn emit<E: Event>(&self, event: &E, to: To<'_>) {
        self.emit_versioned(event, to, None);
    }

    /// Tells an event that carries `stateVersion`.
    pub(crate) fn emit_versioned<E: Event>(
        &self,
        event: &E,
        to: To<'_>,
        state: Option<StateVersion>,
    ) {
        let mut texts = Texts::new(event, to, state);
        if let To::Peer(peer) = to {
            texts.send(peer);
            return;
        }
        for peer in self.peers.read().values().filter(|peer| receives(peer, &E::SPEC, to)) {
            texts.send(peer);
        }
    }

    /// Whether an event would reach anyone; spares the work of making one that nobody hears.
    pub(crate) fn anyone_receives<E: Event>(&self, to: To<'_>) -> bool {
        self.peers.read().values().any(|peer| receives(peer, &E::SPEC, to))
    }

    /// Whether any connection follows the list of sessions.
    pub(crate) fn anyone_follows_sessions(&self) -> bool {
        let hears = |peer: &Arc<Peer>| peer.follows_sessions() || peer.voice.hears_new_sessions();
        self.peers.read().values().any(hears)
    }

    /// Forgets who started or joined a run.
    pub(crate) fn run_over(&self, run: &RunId) {
        self.peers.read().values().for_each(|peer| peer.leave_run(run));
    }

    /// Asks every connection's writer to look whether its peer still lives.
    pub(crate) fn probe_all(&self) {
        self.peers.read().values().for_each(|peer| peer.outbox.probe());
    }

    /// Says that a run has new text or thinking to everyone who may read it.
    pub(crate) fn live(&self, text: &Arc<LiveText>) {
        self.tell(text, None);
    }

    /// The same in front of an event that is to come between this text and what follows it.
    pub(crate) fn live_until_now(&self, text: &Arc<LiveText>) {
        self.tell(text, Some(text.extent()));
    }

    fn tell(&self, text: &Arc<LiveText>, until: Option<Extent>) {
        let peers = self.peers.read();
        for peer in peers.values().filter(|peer| peer.hears(LiveText::AUDIENCE)) {
            peer.outbox.live(text, until);
        }
    }

    /// Closes every connection.
    pub(crate) fn close_all(&self, close: &Close) {
        self.peers.read().values().for_each(|peer| peer.close(close.clone()));
    }
}

fn receives(peer: &Peer, spec: &EventSpec, to: To<'_>) -> bool {
    let follows = match to {
        To::Audience | To::Peer(_) => true,
        To::Device(device) => peer.approver().sees(device),
        To::SessionList => peer.follows_sessions(),
        To::NewSession => peer.follows_sessions() || peer.voice.hears_new_sessions(),
        To::SessionMessages(key) => peer.follows_sessions() || peer.follows_messages(key.as_str()),
        To::ToolWatchers(run) => peer.joined_run(run),
        To::Deciders(Deciders { kind, except, decided }) => {
            let asked =
                except == Some(peer.id.as_str()) && peer.voice == Voice::Protocol(Version::V4);
            let knows = decided || peer.voice != Voice::Protocol(Version::V3);
            peer.shows_requests(kind) && !asked && knows
        }
    };
    follows && peer.hears(spec.audience) && (spec.v3 || peer.version != Version::V3)
}

/// The frames of one event, made when the first connection of a door needs one.
struct Texts<'a, E> {
    event: &'a E,
    targeted: bool,
    state: Option<StateVersion>,
    made: [Option<Arc<Prepared>>; Voice::COUNT],
}

impl<'a, E: Event> Texts<'a, E> {
    fn new(event: &'a E, to: To<'_>, state: Option<StateVersion>) -> Self {
        // What is versioned is told to all in its time; who hears it first alone is to see no difference.
        let broadcast =
            E::SPEC.state_version || matches!(to, To::Audience | To::Device(_) | To::Deciders(_));
        let targeted = !broadcast || E::SPEC.audience == Audience::Target;
        Self { event, targeted, state, made: [const { None }; Voice::COUNT] }
    }

    fn send(&mut self, peer: &Peer) {
        let slot = &mut self.made[peer.voice.index()];
        if slot.is_none() {
            *slot = Prepared::new(self.event, peer.voice, self.targeted, self.state).map(Arc::new);
        }
        if let Some(text) = slot {
            peer.outbox.event(Arc::clone(text), self.event.droppable());
        }
    }
}

/// An event as text at one door, all but the sequence number.
#[derive(Debug)]
pub(crate) struct Prepared {
    head: Box<str>,
    tail: Box<str>,
    counted: bool,
}

impl Prepared {
    pub(crate) fn new<E: Event>(
        event: &E,
        voice: Voice,
        targeted: bool,
        state: Option<StateVersion>,
    ) -> Option<Self> {
        let version = voice.version();
        let payload = match downgrade::event(E::SPEC.name, version) {
            None => serde_json::to_string(event),
            Some(change) => serde_json::to_value(event).and_then(|mut value: Value| {
                change(&mut value);
                serde_json::to_string(&value)
            }),
        };
        let payload = payload
            .inspect_err(|error| error!(event = E::SPEC.name, %error, "an event cannot be written"))
            .ok()?;
        let head = edge::event(voice, E::SPEC.name, &payload);
        let tail = match state.filter(|_| voice.is_framed()) {
            Some(StateVersion { presence, health }) => {
                format!(r#","stateVersion":{{"presence":{presence},"health":{health}}}}}"#)
            }
            None => "}".to_owned(),
        };
        // Protocol 3 numbers broadcasts alone; targeted events carry no sequence number there.
        let counted = voice.is_framed() && (version != Version::V3 || !targeted);
        Some(Self { head: head.into(), tail: tail.into(), counted })
    }

    /// Bytes that it takes in a queue.
    pub(crate) fn len(&self) -> usize {
        self.head.len() + self.tail.len() + 32
    }

    /// Writes the frame with the connection's next sequence number.
    pub(crate) fn write(&self, seq: &mut u64, out: &mut Vec<u8>) {
        out.extend_from_slice(self.head.as_bytes());
        if self.counted {
            *seq += 1;
            write_seq(*seq, out);
        }
        out.extend_from_slice(self.tail.as_bytes());
    }

    #[cfg(test)]
    pub(crate) fn for_test(size: usize) -> Self {
        Self { head: "x".repeat(size).into(), tail: "}".into(), counted: true }
    }
}

/// Appends `,"seq":N`.
pub(crate) fn write_seq(seq: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"seq\":");
    out.extend_from_slice(seq.to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::{
        Role, ScopeSet,
        events::{agent::SessionToolEvent, sessions::SessionMessageEvent},
        ids::ConnId,
    };

    use super::*;
    use crate::peer::{Caller, ClientInfo};

    fn peer(caps: &[&str]) -> Peer {
        let caller =
            Caller { role: Role::Operator, scopes: ScopeSet::all(), device: None, user: None };
        let caps = caps.iter().map(|cap| (*cap).to_owned()).collect();
        let client = ClientInfo { caps, ..ClientInfo::default() };
        Peer::new(ConnId::from("c".to_owned()), Voice::Protocol(Version::V4), caller, client)
    }

    #[test]
    fn who_did_not_ask_for_it_does_not_get_it() {
        let (one, other) = (SessionKey::from("agent:main:a"), SessionKey::from("agent:main:b"));
        let follower = peer(&[]);
        follower.follow_messages(one.clone());
        let gets = |peer: &Peer, to| receives(peer, &SessionMessageEvent::SPEC, to);
        assert!(gets(&follower, To::SessionMessages(&one)));
        assert!(!gets(&follower, To::SessionMessages(&other)));
        assert!(!gets(&follower, To::SessionList));
        follower.follow_sessions(true);
        assert!(gets(&follower, To::SessionMessages(&other)) && gets(&follower, To::SessionList));
        let (run, another) = (RunId::from("r".to_owned()), RunId::from("s".to_owned()));
        let tools =
            |peer: &Peer, run| receives(peer, &SessionToolEvent::SPEC, To::ToolWatchers(run));
        let watcher = peer(&["tool-events"]);
        assert!(!tools(&watcher, &run), "it has nothing to do with the run");
        assert!(watcher.join_run(&run) && !watcher.join_run(&run) && !follower.join_run(&run));
        assert!(tools(&watcher, &run) && !tools(&watcher, &another) && !tools(&follower, &run));
        watcher.leave_run(&run);
        assert!(!tools(&watcher, &run));
    }

    #[test]
    fn a_device_hears_of_itself_alone() {
        let caller = |scopes: &[&str]| Caller {
            role: Role::Operator,
            scopes: ScopeSet::parse(scopes),
            device: Some(DeviceId::from("own")),
            user: None,
        };
        let peer = |scopes: &[&str]| {
            let (id, voice) = (ConnId::from("c".to_owned()), Voice::Protocol(Version::V4));
            Peer::new(id, voice, caller(scopes), ClientInfo::default())
        };
        let hears = |peer: &Peer, device: &str| {
            let spec = openclaw_protocol::events::devices::DevicePairRequestedEvent::SPEC;
            receives(peer, &spec, To::Device(&DeviceId::from(device)))
        };
        let own = peer(&["operator.pairing"]);
        assert!(hears(&own, "own") && !hears(&own, "other"));
        assert!(hears(&peer(&["operator.admin"]), "other"));
    }
}
