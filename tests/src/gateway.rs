//! A gateway in this process, on a state directory that goes with it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use openclaw_gateway::{
    Gateway, Load, Options, Patience,
    config::{self, Environment, Paths, Profile},
    logs::LogFile,
    tailnet::Whois,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{PATIENCE, peer::Peer};

/// The secret of every test gateway.
pub const TOKEN: &str = "test-token-0123456789";

/// A running gateway.
pub struct TestGateway {
    gateway: Option<Gateway>,
    address: SocketAddr,
    state: Arc<TempDir>,
}

impl TestGateway {
    /// A gateway with the embedded defaults: its model is the built-in one.
    pub async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// A gateway with a config of its own; the token is added.
    pub async fn with(config: Value) -> Self {
        let state = Arc::new(tempfile::tempdir().unwrap());
        Self::at(state, config).await
    }

    /// The same on addresses of its own.
    pub async fn on(addresses: &[IpAddr], config: Value) -> Self {
        Self::start_at(Arc::new(tempfile::tempdir().unwrap()), config, addresses).await
    }

    /// The same for clients that must be quick.
    pub async fn hurried(config: Value, patience: Patience) -> Self {
        let state = Arc::new(tempfile::tempdir().unwrap());
        configure(state.path(), config);
        let options = Options { patience, ..options(state.path()) };
        Self::start_with(state, options).await
    }

    /// A gateway that asks this one who the people of the tailnet are.
    pub async fn knowing(config: Value, whois: Arc<dyn Whois>) -> Self {
        let state = Arc::new(tempfile::tempdir().unwrap());
        configure(state.path(), config);
        let options = Options { whois, ..options(state.path()) };
        Self::start_with(state, options).await
    }

    /// A gateway on a state directory that exists already.
    pub async fn at(state: Arc<TempDir>, config: Value) -> Self {
        Self::start_at(state, config, &[Ipv4Addr::LOCALHOST.into()]).await
    }

    async fn start_at(state: Arc<TempDir>, config: Value, addresses: &[IpAddr]) -> Self {
        configure(state.path(), config);
        Self::open_on(state, addresses).await
    }

    /// A gateway on a state directory with the config that is there.
    pub async fn open(state: Arc<TempDir>) -> Self {
        Self::open_on(state, &[Ipv4Addr::LOCALHOST.into()]).await
    }

    async fn open_on(state: Arc<TempDir>, addresses: &[IpAddr]) -> Self {
        let options = Options { addresses: addresses.to_vec(), ..options(state.path()) };
        Self::start_with(state, options).await
    }

    async fn start_with(state: Arc<TempDir>, options: Options) -> Self {
        let gateway = Gateway::start(options).await.expect("the gateway starts");
        let address = gateway.address();
        Self { gateway: Some(gateway), address, state }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its state directory.
    pub fn state(&self) -> Arc<TempDir> {
        Arc::clone(&self.state)
    }

    /// An operator of protocol 4 with every right, as the official command line connects.
    pub async fn operator(&self) -> Peer {
        Peer::connect(self.address, 4).await
    }

    /// The same of protocol 3.
    pub async fn operator_v3(&self) -> Peer {
        Peer::connect_with_device(self.address, 3).await
    }

    /// What it holds at this moment.
    pub fn load(&self) -> Load {
        self.gateway.as_ref().unwrap().load()
    }

    /// Waits until it holds this.
    pub async fn holds(&self, fits: impl Fn(Load) -> bool) {
        // Nobody is told when the last task of a socket is gone, so it is looked for.
        let mut pace = tokio::time::interval(Duration::from_millis(5));
        let looking = async {
            while !fits(self.load()) {
                pace.tick().await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, looking).await;
        found.unwrap_or_else(|_| panic!("it never holds that: {:?}", self.load()));
    }

    /// Waits until nothing is left but this many clients that have been let in.
    pub async fn is_left_with(&self, clients: usize) {
        let left = Load { sockets: clients, strangers: 0, clients, lanes: 0 };
        self.holds(|load| load == left).await;
    }

    /// Stops it as SIGTERM does.
    pub async fn stop(mut self) -> Arc<TempDir> {
        self.gateway.take().unwrap().shutdown("test").await;
        Arc::clone(&self.state)
    }
}

/// Writes a config; the token is added.
pub fn configure(state: &Path, mut config: Value) {
    if config["gateway"]["auth"].is_null() {
        config["gateway"]["auth"] = json!({"mode": "token", "token": TOKEN});
    }
    std::fs::write(state.join("openclaw.json"), config.to_string()).unwrap();
}

/// What a gateway on this directory is started with.
pub fn options(state: &Path) -> Options {
    let vars = [("OPENCLAW_STATE_DIR", state.to_str().unwrap()), ("HOME", state.to_str().unwrap())];
    let environment = Environment::from_vars(vars);
    let paths = Paths::resolve(&environment, &Profile::DEFAULT).unwrap();
    let loaded = config::load(&paths, &environment).expect("the config is good");
    let log = LogFile::fixed(state.join("test.log"));
    Options { port: 0, ..Options::new(loaded, paths, log) }
}
