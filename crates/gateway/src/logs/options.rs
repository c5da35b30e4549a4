//! What a log is made from.

use std::{fmt, io::IsTerminal as _, path::PathBuf, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};

use crate::config::{
    Environment, LoggingConfig, Paths,
    logging::{ConsoleStyle, LogLevel},
};

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A file takes no more lines at this size, unless the config says otherwise; as OpenClaw.
const MAX_FILE_BYTES: u64 = 500_000_000;

/// Where the lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// No file.
    None,
    /// `openclaw-YYYY-MM-DD.log` in `/tmp/openclaw`, or in `/tmp/openclaw-UID` when that is not ours alone.
    Daily,
    /// The same in another directory, which is made when it is missing.
    DailyIn(PathBuf),
    /// One file.
    File(PathBuf),
}

/// What a log is made from.
#[derive(Clone)]
pub struct LogOptions {
    /// The file.
    pub destination: Destination,
    /// What the file gets.
    pub level: LogLevel,
    /// Bytes after which the file takes no more lines.
    pub max_file_bytes: u64,
    /// Whether lines go to standard error too.
    pub console: bool,
    /// What the console gets.
    pub console_level: LogLevel,
    /// How the console looks.
    pub console_style: ConsoleStyle,
    /// Whether the console is coloured.
    pub color: bool,
    /// The name of this machine.
    pub hostname: String,
    /// The clock.
    pub now: Now,
    /// The zone that days and times are told in.
    pub zone: TimeZone,
}

impl fmt::Debug for LogOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { destination, level, console, console_level, .. } = self;
        write!(f, "LogOptions({destination:?}, {level:?}, console {console} {console_level:?})")
    }
}

impl LogOptions {
    /// The daily file and the console, both at `info`, colours when standard error is a terminal.
    pub fn new(now: Now) -> Self {
        let name = rustix::system::uname();
        Self {
            destination: Destination::Daily,
            level: LogLevel::Info,
            max_file_bytes: MAX_FILE_BYTES,
            console: true,
            console_level: LogLevel::Info,
            console_style: ConsoleStyle::Pretty,
            color: std::io::stderr().is_terminal(),
            hostname: name.nodename().to_string_lossy().into_owned(),
            now,
            zone: TimeZone::system(),
        }
    }

    /// As the config and the environment say.
    #[must_use]
    pub fn with_config(mut self, config: &LoggingConfig, paths: &Paths, env: &Environment) -> Self {
        if let Some(file) = config.file.as_deref().map(str::trim).filter(|file| !file.is_empty()) {
            self.destination = Destination::File(paths.expand(file));
        }
        self.level = config.level.unwrap_or_default();
        self.console_level = config.console_level.unwrap_or(self.level);
        self.console_style = config.console_style.unwrap_or_default();
        self.max_file_bytes = config.max_file_bytes.unwrap_or(MAX_FILE_BYTES);
        self.color = self.color && !env.no_color();
        self
    }
}
