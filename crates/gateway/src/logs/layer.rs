//! Takes events from `tracing` and hands lines to the writers.

use std::sync::atomic::{AtomicU8, Ordering};

use tracing::{
    Event, Level, Metadata, Subscriber, level_filters::LevelFilter, subscriber::Interest,
};
use tracing_subscriber::{Layer, layer::Context};

use crate::config::logging::LogLevel;

use super::{
    console::Look,
    line::{Host, Record},
    mask::Secrets,
    sink::Sender,
};

/// What libraries may say at most, whatever the level: their lines are about themselves.
const FOREIGN: Level = Level::WARN;

/// How much the file and the console get; changes while the process runs.
#[derive(Debug)]
pub(super) struct Levels {
    file: AtomicU8,
    console: AtomicU8,
}

impl Levels {
    pub(super) fn new(file: LogLevel, console: LogLevel) -> Self {
        Self { file: AtomicU8::new(rank(file)), console: AtomicU8::new(rank(console)) }
    }

    pub(super) fn set(&self, file: LogLevel, console: LogLevel) {
        self.file.store(rank(file), Ordering::Relaxed);
        self.console.store(rank(console), Ordering::Relaxed);
    }

    fn file(&self, level: Level) -> bool {
        rank_of(level) <= self.file.load(Ordering::Relaxed)
    }

    fn console(&self, level: Level) -> bool {
        rank_of(level) <= self.console.load(Ordering::Relaxed)
    }
}

fn rank(level: LogLevel) -> u8 {
    match level {
        LogLevel::Silent => 0,
        LogLevel::Fatal | LogLevel::Error => 1,
        LogLevel::Warn => 2,
        LogLevel::Info => 3,
        LogLevel::Debug => 4,
        LogLevel::Trace => 5,
    }
}

fn rank_of(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

/// The log as a layer of a `tracing` subscriber.
pub struct LogLayer {
    pub(super) levels: std::sync::Arc<Levels>,
    pub(super) secrets: Secrets,
    pub(super) file: Option<Sender>,
    pub(super) console: Option<Sender>,
    pub(super) style: Look,
    pub(super) host: Host,
}

impl LogLayer {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let level = *metadata.level();
        let own = metadata.target().starts_with("openclaw") || metadata.target().contains('/');
        let file = self.file.is_some() && self.levels.file(level);
        let console = self.console.is_some() && self.levels.console(level);
        (file || console) && (own || level <= FOREIGN)
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // The cache is rebuilt when a level changes.
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let levels = [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR];
        let wanted = |level: &Level| {
            (self.file.is_some() && self.levels.file(*level))
                || (self.console.is_some() && self.levels.console(*level))
        };
        Some(levels.into_iter().find(wanted).map_or(LevelFilter::OFF, LevelFilter::from_level))
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if !self.wants(event.metadata()) {
            return;
        }
        let level = *event.metadata().level();
        let record = Record::new(event, &self.secrets, &self.host);
        if let Some(file) = self.file.as_ref().filter(|_| self.levels.file(level)) {
            file.send(record.at, record.json(&self.host));
        }
        if let Some(console) = self.console.as_ref().filter(|_| self.levels.console(level)) {
            console.send(record.at, self.style.line(&record, &self.host));
        }
    }
}
