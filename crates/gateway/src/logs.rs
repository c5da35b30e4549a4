//! The log: written as OpenClaw writes it, so that its `logs` command reads ours, and read back for `logs.tail`.
//!
//! An event is formatted where it happens and handed to a writer thread through a bounded queue; a full queue drops the
//! line and counts it, it never holds up the gateway. Secrets and control characters are taken out before that.

mod console;
mod file;
mod layer;
mod line;
mod mask;
mod options;
mod sink;
mod tail;

use std::{path::PathBuf, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tracing_subscriber::{Registry, layer::SubscriberExt as _};

use crate::config::logging::LogLevel;

use self::{layer::Levels, sink::Sink};
pub use self::{
    layer::LogLayer,
    mask::Secrets,
    options::{Destination, LogOptions, Now},
    tail::tail,
};

/// How long the end of the process waits for lines that are still queued.
const FLUSH_BUDGET: Duration = Duration::from_secs(1);

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another part of the process logs already.
    #[error("this process has a log already")]
    Taken,
    /// A writer thread cannot be started.
    #[error("cannot start the log's writer: {0}")]
    Writer(std::io::Error),
}

/// The file that is being written, which changes at midnight; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct LogFile {
    current: Arc<Mutex<Option<PathBuf>>>,
    secrets: Secrets,
}

impl LogFile {
    /// No file: what a gateway inside another program has.
    pub fn none() -> Self {
        Self::default()
    }

    /// Always this file.
    pub fn fixed(path: impl Into<PathBuf>) -> Self {
        Self { current: Arc::new(Mutex::new(Some(path.into()))), secrets: Secrets::default() }
    }

    /// The file, when there is one.
    pub fn path(&self) -> Option<PathBuf> {
        self.current.lock().clone()
    }

    /// The register of secrets: what is added is never written again, nor read back.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    fn set(&self, path: Option<PathBuf>) {
        *self.current.lock() = path;
    }
}

/// The running log. Dropping it writes what is queued.
#[derive(Debug)]
pub struct Logs {
    file: LogFile,
    levels: Arc<Levels>,
    secrets: Secrets,
    file_sink: Option<Sink>,
    console_sink: Option<Sink>,
}

impl Logs {
    /// The file for `logs.tail`.
    pub fn file(&self) -> LogFile {
        self.file.clone()
    }

    /// The register of secrets: what is added is never written again.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Changes how much is logged from now on.
    pub fn set_levels(&self, file: LogLevel, console: LogLevel) {
        self.levels.set(file, console);
        tracing::callsite::rebuild_interest_cache();
    }

    /// Lines that were dropped because the writer could not keep up or the file could not be written.
    pub fn dropped(&self) -> u64 {
        self.sinks().map(Sink::dropped).sum()
    }

    /// Waits until what was logged before is written, at most a second a destination; tells whether it was.
    pub fn flush(&self) -> bool {
        let late = self.sinks().filter(|sink| !sink.flush(FLUSH_BUDGET)).count();
        late == 0
    }

    fn sinks(&self) -> impl Iterator<Item = &Sink> {
        self.file_sink.iter().chain(&self.console_sink)
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Starts the log of the process.
///
/// # Errors
/// When there is one already, or its threads cannot be started.
pub fn init(options: LogOptions) -> Result<Logs, LogError> {
    let (layer, logs) = layer(options)?;
    let subscriber = Registry::default().with(layer);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogError::Taken)?;
    Ok(logs)
}

/// The log as a layer, for a program that has a subscriber of its own.
///
/// # Errors
/// When its threads cannot be started.
pub fn layer(options: LogOptions) -> Result<(LogLayer, Logs), LogError> {
    let secrets = Secrets::default();
    let file = LogFile { current: Arc::default(), secrets: secrets.clone() };
    let levels = Arc::new(Levels::new(options.level, options.console_level));
    let writer = file::Writer::new(&options, file.clone());
    let file_sink = writer.map(|writer| Sink::start("log file", writer)).transpose();
    let console_sink =
        options.console.then(|| Sink::start("log console", console::stderr())).transpose();
    let logs = Logs {
        file,
        levels: Arc::clone(&levels),
        secrets: secrets.clone(),
        file_sink: file_sink.map_err(LogError::Writer)?,
        console_sink: console_sink.map_err(LogError::Writer)?,
    };
    let layer = LogLayer {
        levels,
        secrets,
        file: logs.file_sink.as_ref().map(Sink::sender),
        console: logs.console_sink.as_ref().map(Sink::sender),
        style: console::Look { style: options.console_style, color: options.color },
        host: line::Host { name: options.hostname.clone(), now: options.now, zone: options.zone },
    };
    Ok((layer, logs))
}

#[cfg(test)]
mod tests;
