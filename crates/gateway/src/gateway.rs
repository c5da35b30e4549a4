//! A gateway from its parts to its end: start, run, drain, stop.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use openclaw_agent::{
    approvals::{ApprovalStore, Approvals},
    catalog::Catalog,
    runtime::{AgentSettings, Runtime, RuntimeParts, Spawner},
    store::TurnStore,
    tool::ToolSet,
};
use openclaw_auth::{Approver, Authority, HostRules, Mode, Rules};
use openclaw_protocol::{Close, Event, RpcError, ids::AgentId, methods::system::PresenceEntry};
use parking_lot::RwLock;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch, time::Instant};
use tracing::{info, warn};
use uuid::Uuid;

use crate::{
    agents::Agents,
    approvals,
    bus::{Bus, To},
    clock::{Clock, SystemClock},
    config::{Loaded, Paths},
    dispatch::WsLog,
    error::GatewayError,
    gate::{self, Gate},
    handlers,
    health::Health,
    host::Host,
    http::{Budget, Page},
    inside,
    lanes::Lanes,
    lock::{self, Holder, StateLock},
    logs::LogFile,
    nodes::Nodes,
    observer::{self, Observer},
    patience::Patience,
    presence::Presence,
    secrets::{self, InForce},
    server,
    service::GatewayService,
    sockets::Sockets,
    state::{App, VERSION},
    tailnet::{Tailscaled, Whois},
    tasks::Tasks,
};

/// How long running turns may take to end at a shutdown before they are left to the next start.
const DRAIN_BUDGET: Duration = Duration::from_secs(5);
/// How long connections may take to be told that the gateway stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// What a gateway is made from.
pub struct Options {
    /// The config as it was loaded.
    pub loaded: Loaded,
    /// Where everything lies.
    pub paths: Paths,
    /// The log file that `logs.tail` reads.
    pub log: LogFile,
    /// The port; 0 lets the system choose one.
    pub port: u16,
    /// The addresses to listen on.
    pub addresses: Vec<IpAddr>,
    /// Whether a host listens there, and serves [`Gateway::service`].
    pub hosted: bool,
    /// Whether this process calls [`Gateway::reload_secrets`] on SIGUSR2; the lock file says so.
    pub reloads: bool,
    /// How long clients may take.
    pub patience: Patience,
    /// How much the log tells of requests.
    pub ws_log: WsLog,
    /// What a host adds.
    pub host: Host,
    /// Who knows the people of the tailnet; asked where `gateway.auth.allowTailscale` is on.
    pub whois: Arc<dyn Whois>,
}

impl Options {
    /// Loopback and the config's port, without a log file.
    pub fn new(loaded: Loaded, paths: Paths, log: LogFile) -> Self {
        let port = loaded.config.gateway.port.unwrap_or(crate::config::DEFAULT_PORT);
        let addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        let (patience, host) = (Patience::default(), Host::new());
        let (ws_log, whois) = (WsLog::default(), Arc::new(Tailscaled::default()));
        let (hosted, reloads) = (false, false);
        Self { loaded, paths, log, port, addresses, hosted, reloads, patience, ws_log, host, whois }
    }

    /// Adds methods, events and routes of a host.
    #[must_use]
    pub fn host(self, host: Host) -> Self {
        Self { host, ..self }
    }

    /// Leaves listening to a host, which has bound `address` and serves [`Gateway::service`] there.
    /// Whether that address is loopback decides which names clients may use for it.
    #[must_use]
    pub fn hosted_at(self, address: SocketAddr) -> Self {
        Self { hosted: true, addresses: vec![address.ip()], port: address.port(), ..self }
    }
}

/// What a gateway holds at a moment; all of it is zero again when everybody is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Open sockets that its own listeners accepted.
    pub sockets: usize,
    /// Sockets on which nobody has been let in yet.
    pub strangers: usize,
    /// WebSocket clients that have been let in.
    pub clients: usize,
    /// Lanes in which requests wait or run.
    pub lanes: usize,
}

/// A gateway that serves.
pub struct Gateway {
    app: Arc<App>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    spawner: Spawner,
    _lock: StateLock,
}

impl Gateway {
    /// Takes the state directory, binds, opens the store, and serves. Models are looked for after that.
    pub async fn start(options: Options) -> Result<Self, GatewayError> {
        let addresses = options.addresses.iter().copied();
        if let Some(problem) = options.loaded.config.gateway.open_to_others(addresses) {
            return Err(GatewayError::Refused(problem.to_owned()));
        }
        lock::no_original(&std::env::temp_dir(), &options.paths.config_file)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        options
            .paths
            .create_state_dir()
            .map_err(|error| GatewayError::Refused(error.to_string()))?;
        let mut holder = Holder {
            pid: std::process::id(),
            port: 0,
            started_at: u64::try_from(clock.now_ms()).unwrap_or_default(),
            version: VERSION.to_owned(),
            reloads: options.reloads,
        };
        let mut lock = StateLock::acquire(&options.paths.state_dir, &holder)?;
        let (listeners, address) = match (options.hosted, options.addresses.first()) {
            (true, Some(ip)) => (Vec::new(), SocketAddr::new(*ip, options.port)),
            _ => bind(&options.addresses, options.port).await?,
        };
        holder.port = address.port();
        lock.describe(&holder)?;
        let spawner = Spawner::new();
        let Built { app, changes } = build(options, address.port(), clock, &spawner).await?;
        let (stop, stopped) = watch::channel(false);
        for listener in listeners {
            app.tasks.spawn("listener", server::serve(Arc::clone(&app), listener, stopped.clone()));
        }
        app.tasks.spawn(
            "session changes",
            until(stopped.clone(), observer::changes::tell(Arc::clone(&app), changes)),
        );
        app.tasks.spawn("ticks", until(stopped.clone(), App::tick(Arc::clone(&app))));
        app.tasks.spawn("presence", until(stopped.clone(), App::tell_presence(Arc::clone(&app))));
        app.tasks
            .spawn("revocations", until(stopped.clone(), App::watch_authority(Arc::clone(&app))));
        app.tasks.spawn("health", until(stopped.clone(), App::tell_health(Arc::clone(&app))));
        app.tasks.spawn("lockouts", until(stopped.clone(), App::keep_lockouts(Arc::clone(&app))));
        let told = app.nodes.book.subscribe();
        app.tasks.spawn("nodes", until(stopped.clone(), App::watch_nodes(Arc::clone(&app), told)));
        app.tasks.spawn("deadlines", app.approvals.clone().keep_deadlines());
        app.tasks.spawn("models", until(stopped, App::find_models(Arc::clone(&app))));
        app.ready.store(true, std::sync::atomic::Ordering::Release);
        info!(%address, version = VERSION, "the gateway serves");
        Ok(Self { app, address, stop, spawner, _lock: lock })
    }

    /// The gateway for a host's own server.
    pub fn service(&self) -> GatewayService {
        GatewayService::new(&self.app)
    }

    /// Tells an event of the host to its audience, to each connection at most once.
    pub fn tell<E: Event>(&self, event: &E) {
        self.app.bus.emit(event, To::Audience);
    }

    /// Calls a method as the owner of the machine, without a connection; one that answers twice is
    /// waited for to its end.
    pub async fn call(&self, method: &str, params: &Value) -> Result<Value, RpcError> {
        inside::call(&self.app, method, params).await
    }

    /// What it holds at this moment.
    pub fn load(&self) -> Load {
        Load {
            sockets: self.app.sockets.taken(),
            strangers: self.app.gate.strangers(),
            clients: self.app.bus.len(),
            lanes: self.app.lanes.len(),
        }
    }

    /// Loads the config's secrets again, as the owner of the machine: `secrets.reload` without a connection.
    /// The log says what became of it.
    pub async fn reload_secrets(&self) {
        // Told by the log.
        self.app.reload_secrets(&Approver::owner()).await.ok();
    }

    /// Waits until this machine has been searched for model servers: before that a model that comes
    /// behind them answers.
    pub async fn searched(&self) {
        // The sender lives as long as the gateway.
        self.app.searched.subscribe().wait_for(|searched| *searched).await.ok();
    }

    /// Where it listens, or where its host does.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The page's address with the secret in the fragment, when there is a token.
    pub fn dashboard_url(&self) -> String {
        let base = format!("http://{}{}", self.address, self.app.page.path());
        match &self.app.in_force().token {
            Some(token) => format!("{base}#token={}", token.expose()),
            None => base,
        }
    }

    /// Whether there is a page: `gateway.controlUi.enabled` may say no.
    pub fn has_page(&self) -> bool {
        self.app.page.is_served()
    }

    /// Which model answers and why, in one line.
    pub fn model_line(&self) -> String {
        self.app.model_line()
    }

    /// Tells everyone, lets running turns end, writes what is in memory, and lets the state go.
    pub async fn shutdown(self, reason: &str) {
        info!(reason, "the gateway stops");
        self.app.ready.store(false, std::sync::atomic::Ordering::Release);
        self.app.say_goodbye(reason);
        self.app.runtime.shutdown(DRAIN_BUDGET).await;
        self.app.observer.watches.end();
        self.app.approvals.close();
        self.app.bus.close_all(&Close::new(Close::RESTART, "service restart"));
        self.stop.send_replace(true);
        self.app.tasks.join(FAREWELL).await;
        self.spawner.join(FAREWELL).await;
        self.app.write_lockouts().await;
        self.app.record_refusals().await;
        if let Err(error) = self.app.store.close().await {
            warn!(%error, "the store did not close cleanly; the next start repairs it");
        }
    }
}

/// The listeners, and the address of the first.
async fn bind(
    addresses: &[IpAddr],
    port: u16,
) -> Result<(Vec<TcpListener>, SocketAddr), GatewayError> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut port = port;
    for ip in addresses {
        let address = SocketAddr::new(*ip, port);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| GatewayError::Bind { address: address.to_string(), source })?;
        // The first listener of port 0 decides for the others.
        port = listener.local_addr().map_or(port, |bound| bound.port());
        listeners.push(listener);
    }
    let Some(first) = listeners.first() else {
        return Err(GatewayError::Refused("gateway.bind names no address to listen on".to_owned()));
    };
    let address = first
        .local_addr()
        .map_err(|source| GatewayError::Bind { address: "the bound address".to_owned(), source })?;
    Ok((listeners, address))
}

struct Built {
    app: Arc<App>,
    changes: tokio::sync::mpsc::Receiver<observer::changes::Change>,
}

async fn build(
    options: Options,
    port: u16,
    clock: Arc<dyn Clock>,
    spawner: &Spawner,
) -> Result<Built, GatewayError> {
    let Options { loaded, paths, log, addresses, host, mut patience, ws_log, whois, .. } = options;
    let host = host.open()?;
    let config = Arc::clone(&loaded.config);
    let home = paths.home.clone().unwrap_or_else(|| paths.state_dir.clone());
    let agent_config = Arc::new(config.agent());
    let agents = Agents::new(&agent_config, &home, &paths.state_dir);
    let workspaces = agents.iter().map(|agent| (agent.id.clone(), agent.workspace.clone()));
    let workspaces = workspaces.collect();
    let stores = open_stores(paths.state_dir.clone(), workspaces, Arc::clone(&clock)).await?;
    let keys = secrets::found_keys(&loaded);
    let catalog = Arc::new(Catalog::new(Arc::clone(&agent_config), keys));
    let bus = Arc::new(Bus::default());
    let health =
        Arc::new(Health::new(agents.clone(), Arc::clone(&stores.turns), Arc::clone(&clock)));
    let (observer, changes) =
        Observer::new(Arc::clone(&bus), Arc::clone(&clock), Arc::clone(&health));
    let settings = AgentSettings::new(&agent_config, &home, &paths.state_dir);
    let (settings, watched) = watch::channel(Arc::new(settings));
    let runtime = Runtime::start(RuntimeParts {
        store: Arc::clone(&stores.turns),
        models: Arc::clone(&catalog) as _,
        tools: ToolSet::harmless(),
        observer: Arc::clone(&observer) as _,
        clock: Arc::clone(&clock),
        config: watched,
        spawner: spawner.clone(),
    });
    let teller = Arc::new(approvals::Teller::new(Arc::clone(&bus)));
    let approvals = Approvals::open(stores.approvals, teller, Arc::clone(&clock));
    let approvals = approvals.await.map_err(|error| GatewayError::Store(error.to_string()))?;
    patience.handshake = loaded.environment.handshake_timeout().unwrap_or(patience.handshake);
    let loopback = addresses.iter().all(IpAddr::is_loopback);
    let in_force = InForce::new(&loaded);
    let authority = authority(stores.auth, &in_force.credentials, &config, &clock).await?;
    let sockets = Sockets::new();
    let app = App {
        addresses: addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect(),
        agents,
        approvals,
        authority,
        whois,
        boot_id: Uuid::new_v4().to_string(),
        catalog,
        config: Arc::new(loaded),
        reloading: tokio::sync::Mutex::default(),
        in_force: RwLock::new(Arc::new(in_force)),
        gate: Gate::new(gate::MAX_PER_ADDRESS, gate::MAX_TOTAL.min(sockets.total() / 2)),
        sockets,
        health,
        host_rules: host_rules(&config, loopback),
        lanes: Lanes::default(),
        page: Page::new(&config.gateway.control_ui, &paths),
        log,
        nodes: Arc::new(Nodes::new(stores.nodes, &config.gateway.nodes)),
        observer,
        paths,
        patience,
        presence: Presence::new(own_presence(clock.now_ms())),
        ready: AtomicBool::new(false),
        searched: watch::Sender::new(false),
        router: handlers::router(host.builder, &host.domains)?,
        host_events: host.events,
        host_routes: host.routes,
        runtime,
        _settings: settings,
        started: Instant::now(),
        ws_log,
        store: stores.turns,
        tasks: Tasks::default(),
        bodies: Budget::new(patience),
        bus,
        clock,
    };
    let app = Arc::new(app);
    app.observer.attach(&app);
    Ok(Built { app, changes })
}

/// The authority, with the lockouts that a restart does not end.
async fn authority(
    store: Arc<dyn openclaw_auth::AuthStore>,
    credentials: &openclaw_auth::Credentials,
    config: &crate::config::Config,
    clock: &Arc<dyn Clock>,
) -> Result<Authority, GatewayError> {
    let authority = Authority::new(store, credentials.clone(), rules(config), limits(config));
    let now = u64::try_from(clock.now_ms()).unwrap_or_default();
    let kept = authority.restore_lockouts(now).await;
    kept.map_err(|error| GatewayError::Store(error.to_string()))?;
    Ok(authority)
}

struct Stores {
    turns: Arc<dyn TurnStore>,
    auth: Arc<dyn openclaw_auth::AuthStore>,
    nodes: Arc<dyn openclaw_auth::NodeStore>,
    approvals: Arc<dyn ApprovalStore>,
}

/// Opening blocks for a few milliseconds; the first time in another program's state directory for as
/// long as it takes to take over what is there.
async fn open_stores(
    state_dir: PathBuf,
    workspaces: Vec<(AgentId, PathBuf)>,
    clock: Arc<dyn Clock>,
) -> Result<Stores, GatewayError> {
    let open = move || {
        let layout = openclaw_store::Layout::new(&state_dir);
        let db = openclaw_store::Db::open(&layout.database()).map_err(store_error)?;
        openclaw_store::import::take_over(&db, &state_dir, &workspaces, clock.now_ms())
            .map_err(store_error)?;
        let options =
            openclaw_store::StoreOptions { clock, ..openclaw_store::StoreOptions::new(state_dir) };
        let turns = openclaw_store::SqliteStore::open(db.clone(), options)
            .map_err(|error| GatewayError::Store(error.to_string()))?;
        let auth = openclaw_store::SqliteAuthStore::new(db.clone(), layout);
        let nodes = openclaw_store::SqliteNodeStore::new(db.clone());
        let approvals = openclaw_store::SqliteApprovalStore::new(db);
        Ok(Stores {
            turns: Arc::new(turns),
            auth: Arc::new(auth),
            nodes: Arc::new(nodes),
            approvals: Arc::new(approvals),
        })
    };
    tokio::task::spawn_blocking(open)
        .await
        .map_err(|error| GatewayError::Store(error.to_string()))?
}

/// What another start cannot mend is a refusal, so that a service manager does not try again and again.
pub(crate) fn store_error(error: openclaw_store::DbError) -> GatewayError {
    match error {
        openclaw_store::DbError::Foreign { .. } | openclaw_store::DbError::Newer(_) => {
            GatewayError::Refused(error.to_string())
        }
        other => GatewayError::Store(other.to_string()),
    }
}

pub(crate) fn rules(config: &crate::config::Config) -> Rules {
    let (auth, page) = (&config.gateway.auth, &config.gateway.control_ui);
    Rules {
        allow_remote_admin: auth.allow_remote_admin.unwrap_or(false),
        allow_insecure_auth: page.allow_insecure_auth.unwrap_or(false),
        disable_device_auth: page.dangerously_disable_device_auth.unwrap_or(false),
        local_permit: config.gateway.doors.local_permit.unwrap_or(true),
    }
}

pub(crate) fn limits(config: &crate::config::Config) -> openclaw_auth::rate_limit::Limits {
    config.gateway.auth.rate_limit.clone().unwrap_or_default().limits()
}

fn host_rules(config: &crate::config::Config, bind_loopback: bool) -> HostRules {
    let origins = config.gateway.control_ui.allowed_origins.iter();
    HostRules {
        allowed_hosts: config.gateway.allowed_hosts.clone(),
        allowed_origins: origins.map(|origin| origin.to_ascii_lowercase()).collect(),
        own_names: hostname().into_iter().collect(),
        bind_loopback,
    }
}

fn hostname() -> Option<String> {
    let name = rustix::system::uname();
    Some(name.nodename().to_str().ok()?.to_ascii_lowercase())
}

fn own_presence(now: i64) -> PresenceEntry {
    let host = hostname().unwrap_or_else(|| "gateway".to_owned());
    let system = rustix::system::uname();
    let word = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let platform = format!("{} {}", word(system.sysname()).to_lowercase(), word(system.release()));
    PresenceEntry {
        text: Some(format!("Gateway: {host} · app {VERSION} · mode gateway · reason self")),
        host: Some(host),
        version: Some(VERSION.to_owned()),
        platform: Some(platform),
        device_family: Some(word(system.sysname())),
        model_identifier: Some(word(system.machine())),
        mode: Some("gateway".to_owned()),
        reason: Some("self".to_owned()),
        ts: u64::try_from(now).unwrap_or_default(),
        ..PresenceEntry::default()
    }
}

/// Runs a background task until the gateway stops.
async fn until(mut stopped: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = async { drop(stopped.wait_for(|stop| *stop).await) } => {}
    }
}

/// The mode's name on the wire.
pub(crate) fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::None => "none",
        Mode::Password => "password",
        Mode::TrustedProxy => "trusted-proxy",
        Mode::Token | Mode::Tailscale | Mode::Device => "token",
    }
}

#[cfg(test)]
mod tests;
