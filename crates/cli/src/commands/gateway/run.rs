//! `gateway run`: one gateway in this process, until a signal ends it.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use openclaw_gateway::{
    Gateway, GatewayError, VERSION, WsLog,
    config::{self, Loaded, Paths, logging::LogLevel as Level},
    logs::{self, LogOptions, Logs},
};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};
use tracing::{info, warn};

use crate::{
    args::{self, LogLevel, RunArgs},
    commands::Context,
    failure::{Exit, Failure},
    output::{self, Style},
    settings,
};

mod plan;
mod reset;

/// Threads that run tasks: two serve thousands of connections, and more would each cost memory.
const WORKERS: usize = 2;
/// Threads for the file system and the store. More work than that waits.
const BLOCKING: usize = 8;
/// How long what still runs after the shutdown may hold the process.
const LEFTOVERS: Duration = Duration::from_millis(500);

pub(crate) fn run(cx: &Context, args: &RunArgs) -> Result<(), Failure> {
    let paths = settings::paths(&cx.root, &cx.env)?;
    if args.force {
        super::stop::make_room(&paths.state_dir)?;
    }
    if args.reset {
        reset::put_aside(cx, &paths.state_dir)?;
    }
    let mut loaded = load(cx, &paths)?;
    let addresses = plan::apply(args, &mut loaded, &paths)?;
    let port = plan::port(args, &loaded, &paths)?;
    let logs = start_log(cx, Console::Verbose(args.verbose), &loaded, &paths)?;
    if let Err(error) = openclaw_gateway::raise_descriptor_limit() {
        warn!(%error, "the limit of open files stays as it is; fewer clients fit at a time");
    }
    let runtime = runtime()?;
    let options = openclaw_gateway::Options {
        port,
        addresses,
        reloads: true,
        ws_log: ws_log(args),
        ..openclaw_gateway::Options::new(loaded, paths, logs.file())
    };
    let ended = runtime.block_on(serve(cx, options));
    runtime.shutdown_timeout(LEFTOVERS);
    drop(logs);
    ended
}

/// The config, or every problem of it: the one time that a person wants to see more than the first.
pub(crate) fn load(cx: &Context, paths: &Paths) -> Result<Loaded, Failure> {
    config::load(paths, &cx.env).map_err(|error| {
        error.problems.iter().for_each(|problem| output::note(problem.to_string()));
        Failure::shown(Exit::Config)
    })
}

fn ws_log(args: &RunArgs) -> WsLog {
    match args.ws_log {
        _ if args.compact => WsLog::Compact,
        args::WsLog::Auto => WsLog::Auto,
        args::WsLog::Compact => WsLog::Compact,
        args::WsLog::Full => WsLog::Full,
    }
}

/// The threads of a gateway.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    // Libraries below take the process's provider; it is an error only if there is one already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(WORKERS).max_blocking_threads(BLOCKING).enable_all();
    builder.thread_name("openclaw").build().map_err(cannot_start)
}

fn cannot_start(error: impl std::fmt::Display) -> Failure {
    Failure::new("NOT_STARTED", format!("the gateway cannot start: {error}"))
}

/// What of the log a person sees.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Console {
    /// What the config says, or more.
    Verbose(bool),
    /// Nothing but what `--log-level` asks for.
    Quiet,
}

/// Starts the log.
pub(crate) fn start_log(
    cx: &Context,
    console: Console,
    loaded: &Loaded,
    paths: &Paths,
) -> Result<Logs, Failure> {
    let now = Arc::new(Timestamp::now);
    let logging = &loaded.config.logging;
    let mut options = LogOptions::new(now).with_config(logging, paths, &loaded.environment);
    options.color &= !cx.root.no_color;
    options.console_level = match (cx.root.log_level, console) {
        (Some(level), _) => level_of(level),
        (None, Console::Verbose(true)) => options.console_level.max(Level::Debug),
        (None, Console::Verbose(false)) => options.console_level,
        (None, Console::Quiet) => Level::Silent,
    };
    let logs = logs::init(options).map_err(cannot_start)?;
    logs.secrets().add(&loaded.secrets);
    loaded.warnings.iter().for_each(|problem| warn!("{problem}"));
    loaded.notes.iter().for_each(|problem| info!("{problem}"));
    Ok(logs)
}

fn level_of(level: LogLevel) -> Level {
    match level {
        LogLevel::Silent => Level::Silent,
        LogLevel::Fatal => Level::Fatal,
        LogLevel::Error => Level::Error,
        LogLevel::Warn => Level::Warn,
        LogLevel::Info => Level::Info,
        LogLevel::Debug => Level::Debug,
        LogLevel::Trace => Level::Trace,
    }
}

/// Starts, waits for a signal, stops. A second signal ends the process at once.
async fn serve(cx: &Context, options: openclaw_gateway::Options) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    // `secrets reload` sends it when it cannot come in with the secret that the config has now.
    let mut reload = signal(SignalKind::user_defined2()).map_err(cannot_start)?;
    let gateway = tokio::select! {
        started = Gateway::start(options) => started.map_err(|error| explain(&error))?,
        () = signals.next() => return Ok(()),
    };
    greet(cx, &gateway)?;
    loop {
        tokio::select! {
            () = signals.next() => break,
            _ = reload.recv() => tokio::select! {
                () = gateway.reload_secrets() => {}
                () = signals.next() => break,
            },
        }
    }
    tokio::select! {
        () = gateway.shutdown("signal") => Ok(()),
        () = signals.next() => Err(Failure::shown(Exit::Interrupted)),
    }
}

struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(cannot_start);
        Ok(Self { term: listen(SignalKind::terminate())?, int: listen(SignalKind::interrupt())? })
    }

    /// Waits for the next request to stop.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

/// Tells where the page is. The token is for the eyes of whoever started the gateway: a log or a
/// service manager that keeps this output gets the way to ask for it instead.
fn greet(cx: &Context, gateway: &Gateway) -> Result<(), Failure> {
    let (out, address) = (cx.out, gateway.address());
    if !out.terminal {
        return output::line(format!(
            "openclaw {VERSION} listens on ws://{address}; `openclaw dashboard` prints the page's address"
        ));
    }
    let name = |name: &str| out.style(Style::Dim, name);
    output::line(out.style(Style::Bold, &format!("OpenClaw {VERSION}")))?;
    let page = if gateway.has_page() {
        gateway.dashboard_url()
    } else {
        "off (gateway.controlUi.enabled)".to_owned()
    };
    output::line(format!("  {}  {page}", name("page ")))?;
    let model = gateway.model_line();
    let model = model.strip_prefix("model: ").unwrap_or(&model);
    output::line(format!("  {}  {model}", name("model")))?;
    output::line(format!("  {}  Ctrl+C", name("stop ")))
}

/// Why a gateway does not start.
pub(crate) fn explain(error: &GatewayError) -> Failure {
    match error {
        GatewayError::Refused(_) => Failure::config(error.to_string()),
        GatewayError::Locked { .. } => Failure::new("ALREADY_RUNNING", error.to_string()),
        GatewayError::Bind { .. } => Failure::new("PORT_TAKEN", error.to_string()),
        _ => cannot_start(error),
    }
}
