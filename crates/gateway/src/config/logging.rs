//! The `logging` section.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the log goes and how much of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct LoggingConfig {
    /// What the file gets; `info` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<LogLevel>,
    /// The file; `/tmp/openclaw/openclaw-YYYY-MM-DD.log` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes after which the file takes no more lines until the next day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_file_bytes: Option<u64>,
    /// What the console gets; as `level` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console_level: Option<LogLevel>,
    /// How the console looks; `pretty` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console_style: Option<ConsoleStyle>,
    /// Whether secrets in tool output are masked; registered secrets always are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redact_sensitive: Option<RedactSensitive>,
    /// Further patterns to mask, as regular expressions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redact_patterns: Vec<String>,
}

/// How much is logged.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Nothing.
    Silent,
    /// Errors.
    Fatal,
    /// Errors.
    Error,
    /// And warnings.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And why.
    Debug,
    /// Everything.
    Trace,
}

/// How the console looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConsoleStyle {
    /// One line with time, level and subsystem.
    #[default]
    Pretty,
    /// The same without the time.
    Compact,
    /// The lines of the file.
    Json,
}

/// Whether secrets in tool output are masked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RedactSensitive {
    /// Only registered secrets are.
    Off,
    /// They are.
    #[default]
    Tools,
}
