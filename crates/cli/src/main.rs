//! The `openclaw` command: parse, run, print, exit code. Nothing slow happens before the command.

mod args;
mod commands;
mod connect;
mod failure;
mod format;
mod identity;
mod output;
mod patience;
mod settings;

use std::{ffi::OsString, process::ExitCode};

use openclaw_gateway::config::Environment;

use crate::{args::Parsed, failure::Failure, output::Output};

fn main() -> ExitCode {
    let env = Environment::from_process();
    let args: Vec<OsString> = std::env::args_os().collect();
    let json = args.iter().any(|arg| arg == "--json");
    let plain = env.no_color() || args.iter().any(|arg| arg == "--no-color");
    let out = Output::new(plain);
    match run(args, env, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ExitCode::from(output::failure(&failure, json) as u8),
    }
}

fn run(args: Vec<OsString>, env: Environment, out: Output) -> Result<(), Failure> {
    match args::parse(args)? {
        Parsed::Print(text) => output::line(text.trim_end()),
        Parsed::Run(cli) => commands::run(*cli, env, out),
    }
}
