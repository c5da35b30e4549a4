//! One event as a line of OpenClaw's log: recorded from OpenClaw 2026.3.28 and 2026.9.6.
//!
//! `"0"` is the subsystem as JSON text, then the fields, if any, and the message; `_meta` and `time` are what the
//! official `logs` command reads.

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use tracing::{
    Event, Level,
    field::{Field, Visit},
};

use super::{
    mask::{Secrets, plain},
    options::Now,
};

/// A message or field longer than this is cut, in bytes; a queue of lines stays small that way.
const MAX_TEXT: usize = 8 * 1024;
/// More fields than this are left out.
const MAX_FIELDS: usize = 32;

/// What is the same in every line.
#[derive(Clone)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) now: Now,
    pub(super) zone: TimeZone,
}

/// An event without secrets and control characters.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) subsystem: String,
    pub(super) message: String,
    pub(super) fields: Map<String, Value>,
}

impl Record {
    pub(super) fn new(event: &Event<'_>, secrets: &Secrets, host: &Host) -> Self {
        let metadata = event.metadata();
        let mut fields = Fields { secrets, message: String::new(), others: Map::new() };
        event.record(&mut fields);
        Self {
            at: (host.now)(),
            level: *metadata.level(),
            subsystem: subsystem(metadata.target()),
            message: fields.message,
            fields: fields.others,
        }
    }

    /// The line, with its line break.
    pub(super) fn json(&self, host: &Host) -> String {
        let name = json!({ "subsystem": self.subsystem }).to_string();
        let (id, level) = level(self.level);
        let mut line = Map::new();
        line.insert("0".into(), name.clone().into());
        if self.fields.is_empty() {
            line.insert("1".into(), self.message.clone().into());
        } else {
            line.insert("1".into(), self.fields.clone().into());
            line.insert("2".into(), self.message.clone().into());
        }
        let meta = json!({
            "runtime": "rust",
            "hostname": host.name,
            "date": format!("{:.3}", self.at),
            "logLevelId": id,
            "logLevelName": level,
            "name": name,
            "parentNames": ["openclaw"],
        });
        line.insert("_meta".into(), meta);
        line.insert("time".into(), self.local_time(host).into());
        line.insert("hostname".into(), host.name.clone().into());
        line.insert("message".into(), self.message.clone().into());
        Value::Object(line).to_string() + "\n"
    }

    /// `2026-11-20T23:32:34.474+00:00`.
    fn local_time(&self, host: &Host) -> String {
        let local = self.at.to_zoned(host.zone.clone());
        local.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }
}

/// The level's number and name in OpenClaw's logger.
pub(super) fn level(level: Level) -> (u8, &'static str) {
    match level {
        Level::ERROR => (5, "ERROR"),
        Level::WARN => (4, "WARN"),
        Level::INFO => (3, "INFO"),
        Level::DEBUG => (2, "DEBUG"),
        Level::TRACE => (1, "TRACE"),
    }
}

/// `openclaw_gateway::connection::reader` as `gateway/connection/reader`; a name with a slash is one already.
fn subsystem(target: &str) -> String {
    target.strip_prefix("openclaw_").unwrap_or(target).replace("::", "/")
}

struct Fields<'s> {
    secrets: &'s Secrets,
    message: String,
    others: Map<String, Value>,
}

impl Fields<'_> {
    fn text(&self, text: &str) -> String {
        let masked = self.secrets.mask(text);
        let mut text = plain(&masked).into_owned();
        if text.len() > MAX_TEXT {
            let cut = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(cut);
            text.push('…');
        }
        text
    }

    fn put(&mut self, field: &Field, value: Value) {
        if self.others.len() < MAX_FIELDS {
            self.others.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text = self.text(value);
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, text.into());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}
