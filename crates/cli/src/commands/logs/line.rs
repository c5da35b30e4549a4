//! One line of a gateway's log file, in the form that OpenClaw's logger writes.

use serde_json::{Value, json};

/// What a person wants of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) time: String,
    pub(super) level: String,
    pub(super) subsystem: Option<String>,
    pub(super) message: String,
    /// What else was logged with it, `name=value`.
    pub(super) fields: Vec<(String, String)>,
}

impl Line {
    /// Reads a line; `None` for what is no log entry.
    pub(super) fn read(text: &str) -> Option<Self> {
        let entry: Value = serde_json::from_str(text).ok()?;
        let meta = &entry["_meta"];
        let text_of = |value: &Value| value.as_str().map(str::to_owned);
        let time = text_of(&entry["time"]).or_else(|| text_of(&meta["date"]))?;
        let level = text_of(&meta["logLevelName"]).or_else(|| text_of(&entry["level"]))?;
        let tagged =
            [&entry["0"], &meta["name"]].into_iter().find_map(|value| subsystem(value.as_str()?));
        let subsystem = text_of(&entry["subsystem"]).or(tagged);
        let message = text_of(&entry["message"]).unwrap_or_else(|| texts(&entry).join(" "));
        let fields =
            arguments(&entry).filter_map(Value::as_object).flatten().map(|(name, value)| {
                (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            });
        let fields = fields.collect();
        Some(Self { time, level: level.to_lowercase(), subsystem, message, fields })
    }

    /// The message and the fields, for a person.
    pub(super) fn text(&self) -> String {
        let fields = self.fields.iter().map(|(name, value)| format!("{name}={value}"));
        [self.message.clone()].into_iter().chain(fields).collect::<Vec<_>>().join(" ")
    }

    /// One line of `logs --json`.
    pub(super) fn document(&self) -> Value {
        let mut document = json!({ "type": "log", "time": self.time, "level": self.level, "message": self.message });
        if let Some(subsystem) = &self.subsystem {
            document["subsystem"] = subsystem.as_str().into();
        }
        if !self.fields.is_empty() {
            document["fields"] = self.fields.iter().cloned().collect();
        }
        document
    }
}

/// The name in `{"subsystem":"gateway/ws"}`.
fn subsystem(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    value["subsystem"].as_str().map(str::to_owned)
}

/// The arguments of the logging call: the fields `0`, `1`, …
fn arguments(entry: &Value) -> impl Iterator<Item = &Value> {
    (0..).map_while(|index: usize| entry.get(index.to_string()))
}

/// Those that are texts, without the one that names the subsystem.
fn texts(entry: &Value) -> Vec<&str> {
    arguments(entry).filter_map(Value::as_str).filter(|text| subsystem(text).is_none()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_lines_are_understood() {
        // Recorded from OpenClaw 2026.3.28 and 2026.9.6, shortened.
        let old = r#"{"0":"{\"subsystem\":\"gateway/ws\"}","1":"res agent 58ms","_meta":{"date":"2026-11-20T23:42:34.438Z","logLevelName":"INFO"},"time":"2026-11-20T23:42:34.438+00:00"}"#;
        let line = Line::read(old).unwrap();
        assert_eq!(
            (line.level.as_str(), line.subsystem.as_deref(), line.message.as_str()),
            ("info", Some("gateway/ws"), "res agent 58ms")
        );
        let new = r#"{"0":"{\"subsystem\":\"gateway/ws\"}","1":{"durationMs":2322},"2":"gone","_meta":{"logLevelName":"WARN","name":"{\"subsystem\":\"gateway/ws\"}"},"time":"2026-11-20T23:41:23.698+00:00"}"#;
        let line = Line::read(new).unwrap();
        assert_eq!(line.text(), "gone durationMs=2322");
        assert_eq!(line.document()["fields"]["durationMs"], "2322");
        let plain =
            r#"{"0":"Echo: hi","_meta":{"date":"2026-11-20T23:42:35.428Z","logLevelName":"INFO"}}"#;
        let line = Line::read(plain).unwrap();
        assert_eq!((line.time.as_str(), line.subsystem), ("2026-11-20T23:42:35.428Z", None));
    }

    #[test]
    fn anything_else_is_raw() {
        for text in ["", "plain", "{}", "[1]", r#"{"time":"x"}"#] {
            assert_eq!(Line::read(text), None, "{text}");
        }
    }
}
