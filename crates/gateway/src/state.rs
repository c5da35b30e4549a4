//! What the whole gateway shares. Handlers see it through [`crate::context::Cx`] alone.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::HeaderMap;
use openclaw_agent::{
    approvals::Approvals,
    catalog::{Catalog, Thinking},
    discover,
    provider::ModelInfo,
    runtime::{AgentSettings, Runtime},
    store::TurnStore,
};
use openclaw_auth::{Authority, HostRules};
use openclaw_protocol::{
    Close, EventSpec,
    events::{
        health::HealthEvent,
        system::{PresenceEvent, ShutdownEvent, TickEvent},
    },
    frame::{StateVersion, TICK_INTERVAL_MS},
    ids::AgentId,
};
use parking_lot::RwLock;
use tokio::{sync::watch, time::Instant};

use crate::{
    agents::Agents,
    bus::{Bus, To},
    clock::Clock,
    config::{Loaded, Paths},
    dispatch::WsLog,
    gate::Gate,
    gateway::mode_name,
    health::{self, Health},
    http::{Budget, Page, gatekeeper},
    lanes::Lanes,
    logs::LogFile,
    nodes::{Nodes, live::Left},
    observer::Observer,
    patience::Patience,
    peer::Peer,
    presence::{Presence, TELL_INTERVAL, TELL_PER_PEER},
    router::Router,
    secrets::InForce,
    sockets::Sockets,
    tailnet::Whois,
    tasks::Tasks,
};

/// The version that clients are told; that of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a change of the health summary waits for others, so that a busy gateway does not tell each of them.
const HEALTH_INTERVAL: Duration = Duration::from_secs(2);
/// How long the next write of lockouts waits, so that guessing from many addresses does not become writing.
const KEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The gateway's parts.
pub(crate) struct App {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: Arc<Loaded>,
    pub(crate) paths: Paths,
    /// The secrets, which others may take the place of while it runs.
    pub(crate) in_force: RwLock<Arc<InForce>>,
    /// Held while the secrets are loaded again.
    pub(crate) reloading: tokio::sync::Mutex<()>,
    pub(crate) authority: Authority,
    /// Whom Tailscale knows.
    pub(crate) whois: Arc<dyn Whois>,
    pub(crate) agents: Agents,
    pub(crate) approvals: Approvals,
    pub(crate) catalog: Arc<Catalog>,
    /// Kept so that the runtime hears of changed settings.
    pub(crate) _settings: watch::Sender<Arc<AgentSettings>>,
    pub(crate) store: Arc<dyn TurnStore>,
    pub(crate) runtime: Runtime,
    pub(crate) bus: Arc<Bus>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) nodes: Arc<Nodes>,
    pub(crate) presence: Presence,
    pub(crate) health: Arc<Health>,
    pub(crate) log: LogFile,
    pub(crate) lanes: Lanes,
    pub(crate) tasks: Tasks,
    pub(crate) gate: Gate,
    pub(crate) sockets: Sockets,
    pub(crate) router: Router,
    /// What a host adds to the events and to the HTTP routes.
    pub(crate) host_events: Vec<EventSpec>,
    pub(crate) host_routes: axum::Router,
    pub(crate) host_rules: HostRules,
    pub(crate) page: Page,
    pub(crate) bodies: Budget,
    /// Where it listens.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) patience: Patience,
    pub(crate) boot_id: String,
    pub(crate) started: Instant,
    pub(crate) ws_log: WsLog,
    pub(crate) ready: AtomicBool,
    /// Whether this machine has been searched for model servers.
    pub(crate) searched: watch::Sender<bool>,
}

impl App {
    /// Whether requests are taken.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Whether the kernel's peer is a proxy that the config lists.
    pub(crate) fn is_trusted_proxy(&self, peer: IpAddr) -> bool {
        openclaw_auth::proxy::listed(&self.config.config.gateway.trusted_proxies, peer)
    }

    /// The client whose failures and sockets are counted: the peer, or whom a listed proxy forwards for.
    pub(crate) fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let gateway = &self.config.config.gateway;
        let values = |name: &str| gatekeeper::values(headers, name);
        let real_ip = match (gateway.allow_real_ip_fallback, values("x-real-ip").as_slice()) {
            (Some(true), &[only]) => Some(only),
            _ => None,
        };
        let hops = values("x-forwarded-for");
        openclaw_auth::proxy::client(&gateway.trusted_proxies, peer, &hops, real_ip)
    }

    /// The secrets in force.
    pub(crate) fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.read())
    }

    /// `gateway.auth.mode` as it is in force.
    pub(crate) fn auth_mode(&self) -> &'static str {
        mode_name(self.in_force().credentials.mode)
    }

    /// A connection has said hello: it is listed, and told how the gateway does.
    pub(crate) fn joined(self: &Arc<Self>, peer: &Arc<Peer>) {
        self.bus.join(Arc::clone(peer));
        self.nodes.live.join(peer);
        self.presence.joined(peer, self.clock.now_ms());
        let (app, peer) = (Arc::clone(self), Arc::clone(peer));
        self.tasks.spawn("first look", async move {
            // What let it in may have been withdrawn between the decision and this moment.
            if let Some(grant) = &peer.grant
                && !app.authority.still_holds(grant).await
            {
                app.node_gone(&peer, Left::Revoked);
                let close = Close::new(Close::AUTH, "gateway auth changed");
                return app.withdraw(vec![peer], close, Vec::new());
            }
            app.refresh_node(&peer).await;
            // Recorded behaviour: a health event follows right behind hello-ok.
            if let Ok(summary) = app.health.now().await {
                app.bus.emit_versioned(
                    &HealthEvent((*summary).clone()),
                    To::Peer(&peer),
                    Some(app.state_version()),
                );
            }
        });
    }

    /// A connection has ended.
    pub(crate) fn left(&self, peer: &Peer) {
        self.bus.leave(peer);
        self.node_gone(peer, Left::Ended);
        self.presence.left(peer, self.clock.now_ms());
    }

    /// The counters that accompany `presence` and `health`.
    pub(crate) fn state_version(&self) -> StateVersion {
        StateVersion { presence: self.presence.version(), health: self.health.version() }
    }

    /// Tells everyone that the gateway stops.
    pub(crate) fn say_goodbye(&self, reason: &str) {
        let event = ShutdownEvent { reason: reason.to_owned(), restart_expected_ms: None };
        self.bus.emit(&event, To::Audience);
    }

    /// Ticks, and looks whether peers still live.
    pub(crate) async fn tick(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(Duration::from_millis(TICK_INTERVAL_MS));
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let ts = u64::try_from(self.clock.now_ms()).unwrap_or_default();
            self.bus.emit(&TickEvent { ts }, To::Audience);
            self.bus.probe_all();
            self.record_refusals().await;
            if let Err(error) = self.authority.expire(ts).await {
                tracing::error!(%error, "requests of devices that ran out cannot be removed");
            }
            self.give_up_node_work(ts).await;
        }
    }

    /// What waited too long for a node becomes a dead letter.
    pub(crate) async fn give_up_node_work(&self, now_ms: u64) {
        if let Err(error) = self.nodes.book.expire(now_ms).await {
            tracing::error!(%error, "work for nodes that ran out could not be given up");
        }
    }

    /// Tells changes of the presence list, at most once a second.
    pub(crate) async fn tell_presence(self: Arc<Self>) {
        loop {
            self.presence.changed().await;
            let list = self.presence.list(self.clock.now_ms());
            let event = PresenceEvent { presence: list };
            self.bus.emit_versioned(&event, To::Audience, Some(self.state_version()));
            // With many listeners the list is told less often: it costs as much as all of them read.
            let peers = u32::try_from(self.bus.len()).unwrap_or(u32::MAX);
            tokio::time::sleep(TELL_INTERVAL.max(TELL_PER_PEER * peers)).await;
        }
    }

    /// Tells how the gateway does, every minute and soon after something of it has changed.
    pub(crate) async fn tell_health(self: Arc<Self>) {
        loop {
            let refresh = Duration::from_millis(health::MAX_AGE_MS.unsigned_abs());
            let changed = tokio::time::timeout(refresh, self.health.changed()).await.is_ok();
            if changed {
                // What changes at the same time is told at once.
                tokio::time::sleep(HEALTH_INTERVAL).await;
            }
            // A summary that nobody hears is not made.
            if !self.bus.anyone_receives::<HealthEvent>(To::Audience) {
                continue;
            }
            match self.health.look(!changed).await {
                Ok(summary) => {
                    let event = HealthEvent((*summary).clone());
                    self.bus.emit_versioned(&event, To::Audience, Some(self.state_version()));
                }
                Err(error) => tracing::warn!(%error, "the gateway's health could not be told"),
            }
        }
    }

    /// Keeps lockouts for the next start, at most once a [`KEEP_INTERVAL`].
    pub(crate) async fn keep_lockouts(self: Arc<Self>) {
        loop {
            self.authority.lockout_began().await;
            self.write_lockouts().await;
            tokio::time::sleep(KEEP_INTERVAL).await;
        }
    }

    /// Writes the lockouts of today.
    pub(crate) async fn write_lockouts(&self) {
        let now = u64::try_from(self.clock.now_ms()).unwrap_or_default();
        if let Err(error) = self.authority.keep_lockouts(now).await {
            tracing::error!(%error, "lockouts cannot be kept; a restart ends them");
        }
    }

    /// Looks for a model server on this machine and announces what answers.
    pub(crate) async fn find_models(self: Arc<Self>) {
        tracing::info!("{}", self.model_line());
        let servers = discover::discover().await;
        // A choice that changes is announced.
        if self.catalog.found(servers).is_some() {
            tracing::info!("{}", self.model_line());
        }
        self.searched.send_replace(true);
    }

    /// How much a model can think when this agent asks it.
    pub(crate) fn thinking(&self, agent: &AgentId, model: &ModelInfo) -> Thinking {
        Thinking::of(model, self.agents.get(agent).and_then(|agent| agent.thinking))
    }

    /// Which model answers and why, in one line.
    pub(crate) fn model_line(&self) -> String {
        match self.catalog.snapshot().default_choice() {
            Ok(choice) => format!("model: {choice}"),
            Err(error) => format!("no model: {error}"),
        }
    }
}
