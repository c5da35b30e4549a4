//! One connected client, as the rest of the gateway sees it.

use std::collections::BTreeSet;

use bytes::Bytes;
use openclaw_agent::approvals::Kind;
use openclaw_auth::{Approver, Grant, node::book::SEEN_RESOLUTION_MS};
use openclaw_protocol::{
    Audience, Close, Role, ScopeSet, Version,
    ids::{ConnId, DeviceId, RunId, SessionKey},
};
use parking_lot::Mutex;
use uuid::Uuid;

use crate::{
    connection::outbox::Outbox,
    edge::{self, Fault, Return, Voice},
    nodes::session::NodeSession,
};

mod work;

pub(crate) use work::{Work, Working};

/// Sessions whose messages one connection may follow at a time; a further one is refused.
pub(crate) const MAX_FOLLOWED_SESSIONS: usize = 256;

/// Runs that one connection is known to have started or joined and that have not ended; of a further one it is not
/// told the tools, but everything else.
const MAX_JOINED_RUNS: usize = 1024;
/// The capability of clients that understand tool events.
const TOOL_EVENTS: &str = "tool-events";

/// What a client said of itself at connect. Shown to people, never the ground of a decision.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientInfo {
    /// `client.id`, for example `cli`.
    pub(crate) id: String,
    /// `client.mode`, for example `webchat`.
    pub(crate) mode: String,
    /// `client.displayName`.
    pub(crate) display_name: Option<String>,
    /// `client.version`.
    pub(crate) version: String,
    /// `client.platform`.
    pub(crate) platform: String,
    /// `client.deviceFamily`.
    pub(crate) device_family: Option<String>,
    /// `client.modelIdentifier`.
    pub(crate) model_identifier: Option<String>,
    /// `client.instanceId`.
    pub(crate) instance_id: Option<String>,
    /// The capabilities that it listed.
    pub(crate) caps: BTreeSet<String>,
    /// The address that the kernel knows, without the port.
    pub(crate) address: String,
}

/// Who a connection is by the server's records.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Operator or node.
    pub(crate) role: Role,
    /// What it may do.
    pub(crate) scopes: ScopeSet,
    /// The device that it proved to be.
    pub(crate) device: Option<DeviceId>,
    /// The person whom a proxy or Tailscale vouched for.
    pub(crate) user: Option<String>,
}

impl Caller {
    /// The owner of idempotency keys and of what is begun: a device in one of its roles, a person who is
    /// vouched for, or everyone who holds the shared secret.
    pub(crate) fn principal(&self) -> String {
        match (&self.device, &self.user) {
            (Some(device), _) => principal_of(device, self.role),
            (None, Some(user)) => format!("user:{user}"),
            (None, None) => format!("shared:{}", self.role.name()),
        }
    }
}

/// What a device owns is recorded under this name. Its roles are apart: one of them may be taken away.
pub(crate) fn principal_of(device: &DeviceId, role: Role) -> String {
    match role {
        Role::Operator => format!("device:{device}"),
        Role::Node => format!("node:{device}"),
    }
}

/// A connection after `hello-ok`.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Its id, as told in `hello-ok.server.connId`.
    pub(crate) id: ConnId,
    /// The protocol that was agreed on, or that its door carries.
    pub(crate) version: Version,
    /// In whose words it is spoken to.
    pub(crate) voice: Voice,
    /// Whether it knows a later protocol than we do, and may send names that we do not know.
    pub(crate) newer: bool,
    /// Who it is.
    pub(crate) caller: Caller,
    /// What it said of itself.
    pub(crate) client: ClientInfo,
    /// What let it in, to be checked again when records change.
    pub(crate) grant: Option<Grant>,
    /// What it may be asked for, when it is a node.
    pub(crate) node: Option<Box<NodeSession>>,
    pub(crate) outbox: Outbox,
    /// Its requests that are at work.
    pub(crate) work: Work,
    follows: Mutex<Follows>,
}

#[derive(Debug, Default)]
struct Follows {
    sessions: bool,
    messages: BTreeSet<SessionKey>,
    registered: Option<Box<Registered>>,
    runs: BTreeSet<RunId>,
}

/// A node that has registered over this connection, which has no role of its own.
#[derive(Debug)]
struct Registered {
    node_id: String,
    /// When it was last noted that it lives, in milliseconds since 1970.
    noted_at_ms: u64,
}

impl Peer {
    /// A connection that has been let in.
    pub(crate) fn new(id: ConnId, voice: Voice, caller: Caller, client: ClientInfo) -> Self {
        Self {
            id,
            version: voice.version(),
            voice,
            newer: false,
            caller,
            client,
            grant: None,
            node: None,
            outbox: Outbox::default(),
            work: Work::default(),
            follows: Mutex::default(),
        }
    }

    /// One that knows a later protocol than we do.
    #[must_use]
    pub(crate) fn newer(self) -> Self {
        Self { newer: true, ..self }
    }

    /// A connection that a grant has let in.
    pub(crate) fn granted(voice: Voice, client: ClientInfo, grant: &Grant) -> Self {
        let (device, user) = (grant.device.clone(), grant.user.clone());
        let caller = Caller { role: grant.role, scopes: grant.scopes, device, user };
        let id = ConnId::from(Uuid::new_v4().to_string());
        Self::new(id, voice, caller, client).with_grant(grant.clone())
    }

    /// Keeps what let it in.
    #[must_use]
    pub(crate) fn with_grant(self, grant: Grant) -> Self {
        Self { grant: Some(grant), ..self }
    }

    /// Whose word it is when devices are managed.
    pub(crate) fn approver(&self) -> Approver {
        let Caller { scopes, device, .. } = &self.caller;
        let granted = self.grant.as_ref().map(Approver::of);
        granted.unwrap_or_else(|| {
            let name = self.caller.principal();
            Approver { scopes: *scopes, device: device.clone(), name }
        })
    }

    /// Makes it a node that may be asked for commands.
    #[must_use]
    pub(crate) fn with_node(self, session: NodeSession) -> Self {
        Self { node: Some(Box::new(session)), ..self }
    }

    /// Whether it may hear events of this audience; see [`Peer::follows_sessions`] for subscriptions.
    pub(crate) fn hears(&self, audience: Audience) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::Target => false,
            Audience::Scope(scope) | Audience::Subscribers(scope) => {
                self.caller.role == Role::Operator && self.caller.scopes.allows(scope)
            }
        }
    }

    /// Whether the client listed a capability.
    pub(crate) fn has_cap(&self, cap: &str) -> bool {
        self.client.caps.contains(cap)
    }

    /// Whether it shows requests of this kind to someone. Clients of protocol 4 say so, by a capability
    /// or by what they are (recorded from OpenClaw 2026.9.6); all others do. What they may decide is
    /// another question, and not theirs to answer.
    pub(crate) fn shows_requests(&self, kind: Kind) -> bool {
        let says = |caps: &[&str], ids: &[&str]| {
            caps.iter().any(|cap| self.has_cap(cap)) || ids.contains(&self.client.id.as_str())
        };
        match kind {
            _ if self.voice != Voice::Protocol(Version::V4) => true,
            Kind::Question => true,
            Kind::Exec => says(
                &["approvals", "exec-approvals"],
                &["openclaw-control-ui", "openclaw-macos", "openclaw-ios", "openclaw-android"],
            ),
            Kind::Plugin => {
                says(&["approvals", "plugin-approvals"], &["openclaw-control-ui", "openclaw-tui"])
            }
        }
    }

    /// Starts or stops `sessions.changed`.
    pub(crate) fn follow_sessions(&self, on: bool) {
        self.follows.lock().sessions = on;
    }

    /// Whether it asked for `sessions.changed`.
    pub(crate) fn follows_sessions(&self) -> bool {
        self.follows.lock().sessions
    }

    /// Starts the messages of one session; false when [`MAX_FOLLOWED_SESSIONS`] is reached.
    pub(crate) fn follow_messages(&self, key: SessionKey) -> bool {
        let mut follows = self.follows.lock();
        if follows.messages.len() >= MAX_FOLLOWED_SESSIONS && !follows.messages.contains(&key) {
            return false;
        }
        follows.messages.insert(key);
        true
    }

    /// Stops the messages of one session.
    pub(crate) fn unfollow_messages(&self, key: &str) {
        self.follows.lock().messages.remove(key);
    }

    /// Whether it asked for the messages of one session.
    pub(crate) fn follows_messages(&self, key: &str) -> bool {
        self.follows.lock().messages.contains(key)
    }

    /// From now on this connection is a sign of life of that node.
    pub(crate) fn has_registered(&self, node_id: &str, now_ms: u64) {
        let registered = Registered { node_id: node_id.to_owned(), noted_at_ms: now_ms };
        self.follows.lock().registered = Some(Box::new(registered));
    }

    /// The node that has registered over it.
    pub(crate) fn registered(&self) -> Option<String> {
        Some(self.follows.lock().registered.as_ref()?.node_id.clone())
    }

    /// A frame came: the node of which it is a sign of life, when that is to be noted again.
    pub(crate) fn sign_of_life(&self, now_ms: u64) -> Option<String> {
        let mut follows = self.follows.lock();
        let registered = follows.registered.as_mut()?;
        if now_ms.saturating_sub(registered.noted_at_ms) < SEEN_RESOLUTION_MS {
            return None;
        }
        registered.noted_at_ms = now_ms;
        Some(registered.node_id.clone())
    }

    /// It starts or joins a run, and hears of its tools if it understands that; false when it had before.
    pub(crate) fn join_run(&self, run: &RunId) -> bool {
        let mut follows = self.follows.lock();
        let room = follows.runs.len() < MAX_JOINED_RUNS;
        room && self.has_cap(TOOL_EVENTS) && follows.runs.insert(run.clone())
    }

    /// A run has ended, or never began.
    pub(crate) fn leave_run(&self, run: &RunId) {
        self.follows.lock().runs.remove(run);
    }

    /// Whether it started or joined a run and understands tool events.
    pub(crate) fn joined_run(&self, run: &RunId) -> bool {
        self.has_cap(TOOL_EVENTS) && self.follows.lock().runs.contains(run)
    }

    /// Answers a request in the words of its door.
    pub(crate) fn answer(&self, back: &Return, result: Result<Vec<u8>, Fault>) {
        if let Some(frame) = edge::answer(self.voice, back, result) {
            self.respond(frame);
        }
    }

    /// Answers it a second time, where its door knows of second answers.
    pub(crate) fn answer_again(&self, back: &Return, result: Result<Vec<u8>, Fault>) {
        if let Some(frame) = edge::answer_again(self.voice, back, result) {
            self.respond(frame);
        }
    }

    /// Queues a whole response frame.
    pub(crate) fn respond(&self, text: Bytes) {
        self.outbox.respond(text);
    }

    /// Begins nothing new for it and tells it nothing more: what let it in holds no longer. What it has
    /// asked is still answered; whether all of that is done.
    pub(crate) fn withdraw(&self) -> bool {
        self.outbox.hush();
        self.work.withdraw()
    }

    /// Ends the connection once what is queued has been written.
    pub(crate) fn close(&self, close: Close) {
        self.outbox.close(close);
    }
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::Scope;

    use super::*;

    fn peer(role: Role, scopes: &[&str]) -> Peer {
        let caller = Caller { role, scopes: ScopeSet::parse(scopes), device: None, user: None };
        Peer::new(
            ConnId::from("c".to_owned()),
            Voice::Protocol(Version::V4),
            caller,
            ClientInfo::default(),
        )
    }

    #[test]
    fn an_event_is_heard_by_operators_with_its_scope() {
        let read = [Audience::Scope(Scope::Read), Audience::Subscribers(Scope::Read)];
        for audience in read {
            assert!(peer(Role::Operator, &["operator.read"]).hears(audience));
            assert!(!peer(Role::Operator, &["operator.pairing"]).hears(audience));
            assert!(!peer(Role::Operator, &[]).hears(audience));
            assert!(
                !peer(Role::Node, &["operator.admin"]).hears(audience),
                "scopes are operators'"
            );
        }
        let admin = peer(Role::Operator, &["operator.admin"]);
        assert!(!admin.hears(Audience::Target), "it is for one, who is named");
        assert!(peer(Role::Node, &[]).hears(Audience::Everyone));
    }

    #[test]
    fn frames_are_signs_of_life_of_a_registered_node_once_a_minute() {
        let peer = peer(Role::Operator, &[]);
        assert_eq!((peer.registered(), peer.sign_of_life(1)), (None, None));
        peer.has_registered("n", 1_000);
        assert_eq!(peer.registered().as_deref(), Some("n"));
        let minute = 1_000 + SEEN_RESOLUTION_MS;
        assert_eq!(peer.sign_of_life(minute - 1), None);
        assert_eq!(peer.sign_of_life(minute).as_deref(), Some("n"));
        assert_eq!(peer.sign_of_life(minute + 1), None);
    }

    #[test]
    fn followed_sessions_are_bounded() {
        let peer = peer(Role::Operator, &[]);
        let key = |n: usize| SessionKey::from(format!("agent:main:{n}"));
        assert!((0..MAX_FOLLOWED_SESSIONS).all(|n| peer.follow_messages(key(n))));
        assert!(!peer.follow_messages(key(MAX_FOLLOWED_SESSIONS)));
        assert!(peer.follow_messages(key(0)), "one that is followed already is no more");
    }

    #[test]
    fn joined_runs_are_bounded() {
        let mut peer = peer(Role::Operator, &[]);
        peer.client.caps.insert(TOOL_EVENTS.to_owned());
        let run = |n: usize| RunId::from(format!("r{n}"));
        assert!((0..MAX_JOINED_RUNS).all(|n| peer.join_run(&run(n))));
        assert!(!peer.join_run(&run(MAX_JOINED_RUNS)));
        peer.leave_run(&run(0));
        assert!(peer.join_run(&run(MAX_JOINED_RUNS)));
    }
}
