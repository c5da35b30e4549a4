//! One file a command: ask, then render. Rendering is pure, so that tests can look at it.

use openclaw_gateway::config::Environment;

use crate::{
    args::{
        self, AgentsCommand, Cli, Command, GatewayCommand, LogLevel, ModelsCommand, Root,
        SecurityCommand,
    },
    failure::Failure,
    output::Output,
    settings::Settings,
};

mod agent;
mod agents;
mod approvals;
mod audit;
mod channels;
mod completion;
mod config;
mod dashboard;
mod dead_letters;
mod devices;
pub(crate) mod gateway;
mod health;
mod logs;
mod models;
mod node;
mod nodes;
mod qr;
mod schema;
mod secrets;
mod security;
mod sessions;
mod status;
mod system;
mod tui;

/// What every command has.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) root: Root,
    pub(crate) env: Environment,
    pub(crate) out: Output,
}

impl Context {
    /// The settings, read now.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Settings::load(&self.root, &self.env)
    }
}

/// Runs the command. Those that talk to a gateway get one thread, and start in well under a millisecond.
pub(crate) fn run(cli: Cli, env: Environment, out: Output) -> Result<(), Failure> {
    let Cli { mut root, command } = cli;
    if command.is_verbose() {
        root.log_level = root.log_level.or(Some(LogLevel::Debug));
    }
    let cx = &Context { root, env, out };
    match command {
        Command::Gateway(args) => match args.command {
            GatewayCommand::Run(args) => gateway::run::run(cx, &args),
            GatewayCommand::Status(args) => client(cx, gateway::status::run(cx, &args)),
            GatewayCommand::Call(args) => client(cx, gateway::call::run(cx, &args)),
            GatewayCommand::Health(args) => {
                let args = args.ask;
                client(cx, health::run(cx, &args.remote, (args.timeout, args.json, false)))
            }
            GatewayCommand::UsageCost(args) => client(cx, gateway::usage_cost::run(cx, &args)),
            GatewayCommand::Probe(args) => client(cx, gateway::probe::run(cx, &args)),
            GatewayCommand::Stop { json, .. } => client(cx, gateway::stop::run(cx, json)),
        },
        Command::Status(args) => client(cx, status::run(cx, &args)),
        Command::Health(args) => {
            let here = args::RemoteArgs::default();
            client(
                cx,
                health::run(cx, &here, (args.timeout, args.json, args.verbose || args.debug)),
            )
        }
        Command::Agent(args) if args.local => agent::local::run(cx, &args),
        Command::Agent(args) => client(cx, agent::run(cx, &args)),
        Command::Agents(args) => match args.command {
            AgentsCommand::List { bindings, json } => client(cx, agents::list(cx, bindings, json)),
        },
        Command::Sessions(args) => client(cx, sessions::run(cx, &args)),
        Command::Devices(args) => client(cx, devices::run(cx, &args.command)),
        Command::Qr(args) => client(cx, qr::run(cx, &args)),
        Command::Audit(args) => client(cx, audit::run(cx, &args)),
        Command::Channels(args) => client(cx, channels::run(cx, &args.command)),
        Command::DeadLetters(args) => client(cx, dead_letters::run(cx, &args.command)),
        Command::Models(args) => match args.command {
            ModelsCommand::List(args) => client(cx, models::list(cx, &args)),
        },
        Command::Node(args) => client(cx, Box::pin(node::run(cx, &args.command))),
        Command::Nodes(args) => client(cx, nodes::run(cx, &args.command)),
        Command::Logs(args) => client(cx, logs::run(cx, &args)),
        Command::Approvals(args) => client(cx, approvals::run(cx, &args.command)),
        Command::Config(args) => config::run(cx, &args.command),
        Command::Secrets(args) => client(cx, secrets::run(cx, &args.command)),
        Command::Security(args) => match args.command {
            SecurityCommand::Audit(args) => client(cx, security::audit(cx, &args)),
        },
        Command::System(args) => client(cx, system::run(cx, &args.command)),
        Command::Dashboard(args) => dashboard::run(cx, &args),
        Command::Tui(args) => client(cx, tui::run(cx, &args)),
        Command::Completion(args) => completion::run(cx, &args),
        Command::Man(args) => completion::man(&args),
        Command::Schema(args) => schema::run(&args),
    }
}

/// Runs the future of a command that talks to a gateway.
fn client(cx: &Context, future: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tell(cx.root.log_level);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|error| Failure::new("RUNTIME", error.to_string()))?;
    runtime.block_on(future)
}

/// Shows what the client library does, when asked for.
fn tell(level: Option<LogLevel>) {
    let level = match level {
        Some(LogLevel::Debug) => tracing::Level::DEBUG,
        Some(LogLevel::Trace) => tracing::Level::TRACE,
        _ => return,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
}
