//! Nodes: what they may ([`NodeBook`], durable) and which are here ([`live::Live`]), and the way of a
//! command to one of them and back.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use openclaw_agent::approvals::Approvals;
use openclaw_auth::{
    NodeBook, NodeStore,
    node::{CommandPolicy, Dispatch, DispatchState},
    store::StoreError,
};
use openclaw_protocol::{
    Version,
    events::nodes::{NodeInvokeCancelEvent, NodeInvokeRequestEvent},
};
use parking_lot::Mutex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::{
    bus::{Bus, To},
    config::NodesConfig,
    peer::Peer,
};

mod changes;
pub(crate) mod claim;
pub(crate) mod guard;
pub(crate) mod live;
pub(crate) mod session;

use claim::{Claim, Refused};
use live::{Live, Outcome, Sent};

/// How long a node's answer is waited for when nobody says.
const USUAL_WAIT: Duration = Duration::from_secs(30);
/// The longest wait; `timeoutMs: 0` means this.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The nodes of this gateway.
pub(crate) struct Nodes {
    /// What nodes may, and what waits for them.
    pub(crate) book: NodeBook,
    /// Those that are connected.
    pub(crate) live: Live,
    /// Commands that are on their way, by who asked and the key: a repetition waits with the first.
    underway: Mutex<BTreeMap<(String, String), Underway>>,
}

struct Underway {
    digest: [u8; 32],
    answer: watch::Receiver<Option<Result<Outcome, Unsent>>>,
}

/// A command for a node.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// What was asked, as [`Ask::digest_of`] has it.
    pub(crate) digest: [u8; 32],
    /// The node.
    pub(crate) node_id: String,
    /// The command.
    pub(crate) command: String,
    /// What it needs.
    pub(crate) params: Option<Value>,
    /// Longest wait, in milliseconds.
    pub(crate) timeout_ms: Option<u64>,
    /// Who asks.
    pub(crate) principal: String,
    /// What makes a repetition harmless.
    pub(crate) key: String,
    /// On behalf of which session.
    pub(crate) session_key: Option<String>,
    /// That a person has allowed it, as the caller says.
    pub(crate) claim: Option<Claim>,
}

/// Why a command was not sent; nothing was noted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// The node is not connected, or went away in this moment.
    NotConnected,
    /// It has too many commands to answer already.
    Busy,
    /// The key was used for another command.
    KeyReused,
    /// The command was sent with this key before the gateway last started, and its answer is not known.
    Unknown,
    /// The command was answered, and the answer was too long to keep.
    NotKept,
    /// The caller says that a person allowed it, and the records say otherwise.
    Refused(Refused),
    /// The store does not take the note without which nothing is sent.
    Store(String),
}

impl From<StoreError> for Unsent {
    fn from(error: StoreError) -> Self {
        error!(%error, "a command for a node cannot be noted");
        Self::Store(error.to_string())
    }
}

impl Ask {
    /// What tells a repetition from another command with the same key: what the caller said, before anything
    /// was added to it.
    pub(crate) fn digest_of(
        (node_id, command): (&str, &str),
        params: Option<&Value>,
        session_key: Option<&str>,
    ) -> [u8; 32] {
        let said = serde_json::json!([node_id, command, params, session_key]);
        Sha256::digest(said.to_string()).into()
    }
}

impl Nodes {
    pub(crate) fn new(store: Arc<dyn NodeStore>, config: &NodesConfig) -> Self {
        let policy = CommandPolicy::new(&config.allowed(), &config.denied());
        Self {
            book: NodeBook::new(store, policy),
            live: Live::default(),
            underway: Mutex::default(),
        }
    }

    /// Sends a command and waits for what becomes of it. A repetition of the same key gets the answer of
    /// the first, whether that is still on its way or was given long ago; it is never sent again.
    pub(crate) async fn ask(
        &self,
        (bus, approvals): (&Bus, &Approvals),
        ask: Ask,
        now_ms: u64,
    ) -> Result<Outcome, Unsent> {
        let dispatch = Dispatch {
            digest: ask.digest,
            principal: ask.principal.clone(),
            key: ask.key.clone(),
            node_id: ask.node_id.clone(),
            command: ask.command.clone(),
            at_ms: now_ms,
        };
        let name = (ask.principal.clone(), ask.key.clone());
        let tell = {
            let mut underway = self.underway.lock();
            if let Some(first) = underway.get(&name) {
                if first.digest != dispatch.digest {
                    return Err(Unsent::KeyReused);
                }
                Err(first.answer.clone())
            } else {
                let (tell, answer) = watch::channel(None);
                underway.insert(name.clone(), Underway { digest: dispatch.digest, answer });
                Ok(tell)
            }
        };
        let tell = match tell {
            Ok(tell) => tell,
            Err(mut first) => {
                let answer = first.wait_for(Option::is_some).await;
                // The first one's task is gone without a word only when the gateway stops.
                return answer.ok().and_then(|a| a.clone()).unwrap_or(Err(Unsent::Unknown));
            }
        };
        let _here = Leave { nodes: self, name };
        let answer = self.send((bus, approvals), &ask, &dispatch).await;
        tell.send_replace(Some(answer.clone()));
        answer
    }

    async fn send(
        &self,
        with: (&Bus, &Approvals),
        ask: &Ask,
        dispatch: &Dispatch,
    ) -> Result<Outcome, Unsent> {
        match self.book.begin_dispatch(dispatch.clone()).await? {
            DispatchState::New => {}
            DispatchState::Begun => return Err(Unsent::Unknown),
            DispatchState::Answered(None) => return Err(Unsent::NotKept),
            DispatchState::Answered(Some(text)) => {
                return serde_json::from_str(&text).map_err(|error| {
                    error!(%error, "a noted answer of a node cannot be read");
                    Unsent::NotKept
                });
            }
            DispatchState::Reused => return Err(Unsent::KeyReused),
        }
        match self.exchange(with, ask).await {
            Ok(outcome) => {
                let noted = serde_json::to_string(&outcome).unwrap_or_default();
                if let Err(error) = self.book.end_dispatch(dispatch, noted).await {
                    // Its row still says that it was sent, which is all that a repetition needs.
                    warn!(%error, "a node's answer cannot be noted");
                }
                Ok(outcome)
            }
            Err(unsent) => {
                self.book.undo_dispatch(dispatch).await?;
                Err(unsent)
            }
        }
    }

    /// The way to the node and back; an error means that nothing has left.
    async fn exchange(
        &self,
        (bus, approvals): (&Bus, &Approvals),
        ask: &Ask,
    ) -> Result<Outcome, Unsent> {
        let wait = match ask.timeout_ms {
            None => USUAL_WAIT,
            Some(0) => LONGEST_WAIT,
            Some(ms) => Duration::from_millis(ms).min(LONGEST_WAIT),
        };
        let Sent { id, peer, answer } = self.live.begin(ask)?;
        // The node is there and takes the command: only now a yes to it is used up.
        let params = match self.permitted(approvals, ask).await {
            Ok(params) => params,
            Err(refused) => {
                self.live.give_up(&id);
                return Err(Unsent::Refused(refused));
            }
        };
        let event = NodeInvokeRequestEvent {
            id: id.clone(),
            node_id: ask.node_id.clone(),
            command: ask.command.clone(),
            params_JSON: params.as_ref().map(Value::to_string),
            timeout_ms: Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            idempotency_key: Some(ask.key.clone()),
            session_key: ask.session_key.clone().filter(|_| peer.version == Version::V4),
        };
        // Whoever lost its place in the meantime is not asked any more, and `answer` says so.
        if self.live.owns(&peer, &id) {
            bus.emit(&event, To::Peer(&peer));
        }
        match tokio::time::timeout(wait, answer).await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(_)) => Ok(Outcome::gone(&ask.command)),
            Err(_) => {
                self.live.give_up(&id);
                cancel(bus, &peer, id);
                Ok(Outcome::problem("TIMEOUT", "node invoke timed out"))
            }
        }
    }
}

/// Tells a node that nobody waits for a command any longer. Protocol 3 has no word for it.
fn cancel(bus: &Bus, peer: &Peer, invoke_id: String) {
    if let (Version::V4, Some(session)) = (peer.version, &peer.node) {
        let event = NodeInvokeCancelEvent { invoke_id, node_id: session.node_id.clone() };
        bus.emit(&event, To::Peer(peer));
    }
}

impl Nodes {
    /// Ends what somebody has asked nodes for, and takes back what still waits for them: the right to ask
    /// holds no longer.
    pub(crate) async fn withdraw(&self, bus: &Bus, principal: &str) {
        for (peer, id) in self.live.withdraw(principal) {
            info!(principal, invoke = id, "a command ends with the right of whoever asked");
            cancel(bus, &peer, id);
        }
        if let Err(error) = self.book.take_back(principal).await {
            error!(%error, principal, "what was left for nodes cannot be taken back");
        }
    }

    /// What the node is told: with a person's yes, where the caller names one and the records have it.
    async fn permitted(&self, approvals: &Approvals, ask: &Ask) -> Result<Option<Value>, Refused> {
        match (&ask.claim, &ask.params) {
            (Some(claim), Some(run)) => claim.redeem(approvals, &ask.node_id, run).await.map(Some),
            (_, params) => Ok(params.clone()),
        }
    }
}

/// Takes a command off the list of those on their way, whatever becomes of its future.
struct Leave<'a> {
    nodes: &'a Nodes,
    name: (String, String),
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.nodes.underway.lock().remove(&self.name);
    }
}
