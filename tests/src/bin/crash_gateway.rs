//! A gateway that the crash tests kill: `crash_gateway STATE_DIR [LABEL:N]`.
//!
//! Prints its address as one line and serves until its input ends, then stops cleanly. With a label it
//! kills itself at the N-th passing of that crash point.

use std::{
    io::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Context as _;
use openclaw_gateway::{
    Gateway,
    logs::{self, Destination, LogOptions},
};
use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::oneshot;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let state = arguments.next().context("the first argument is the state directory")?;
    if let Some(at) = arguments.next() {
        let (label, nth) = at.split_once(':').context("the second argument is LABEL:N")?;
        crash_at(label.to_owned(), nth.parse()?);
    }
    let _logs = logs::init(LogOptions {
        destination: Destination::File(Path::new(&state).join("test.log")),
        console: false,
        ..LogOptions::new(Arc::new(jiff::Timestamp::now))
    })?;
    openclaw_gateway::raise_descriptor_limit()?;
    let gateway = Gateway::start(openclaw_tests::gateway::options(Path::new(&state))).await?;
    writeln!(std::io::stdout(), "{}", gateway.address())?;
    input_ended().await?;
    gateway.shutdown("the test ends").await;
    Ok(())
}

/// Dies as by `kill -9` at the N-th passing of a crash point.
fn crash_at(label: String, nth: u64) {
    let passed = AtomicU64::new(0);
    let hook = move |at: &'static str| {
        if at == label && passed.fetch_add(1, Ordering::AcqRel) + 1 == nth {
            kill_process(getpid(), Signal::KILL).ok();
            // The signal ends all threads; this one must not get any further before it does.
            loop {
                std::thread::park();
            }
        }
    };
    assert!(openclaw_agent::crash::install(Box::new(hook)), "only this program installs a hook");
}

/// Resolves when nobody holds the other end of the input any more.
async fn input_ended() -> anyhow::Result<()> {
    let (tell, told) = oneshot::channel();
    std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        // A broken input is an ended one.
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).ok();
        tell.send(()).ok();
    })?;
    Ok(told.await?)
}
