//! Why a command failed: one line for a person, one envelope for a program, one exit code.

use serde_json::{Value, json};

/// What the shell sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command ran and failed, or found something wrong.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The config cannot be used; service managers do not try again.
    Config = 78,
    /// Interrupted while already stopping.
    Interrupted = 130,
}

/// A failure; how it is shown is decided in [`crate::output`].
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// A name for programs, for example `GATEWAY_UNREACHABLE`.
    pub(crate) code: String,
    /// One line that says what is wrong and what to do. Empty when everything has been said.
    pub(crate) message: String,
    /// More for programs.
    pub(crate) details: Option<Value>,
}

impl Failure {
    /// The command ran and failed.
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { exit: Exit::Failed, code, message, details: None }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new("USAGE", message) }
    }

    /// The config or the environment cannot be used.
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self { exit: Exit::Config, ..Self::new("CONFIG_INVALID", message) }
    }

    /// A failure that its command has shown already.
    pub(crate) fn shown(exit: Exit) -> Self {
        Self { exit, ..Self::new("SHOWN", "") }
    }

    /// The same once more.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.code.clone(), self.message.clone())
    }

    /// Adds more for programs.
    pub(crate) fn with_details(self, details: Option<Value>) -> Self {
        Self { details, ..self }
    }

    /// The one document that `--json` prints for a failure.
    pub(crate) fn envelope(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(details) = &self.details {
            error["details"] = details.clone();
        }
        json!({ "ok": false, "error": error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_has_details_only_when_there_are_some() {
        let plain = Failure::new("X", "y");
        assert_eq!(
            plain.envelope().to_string(),
            r#"{"error":{"code":"X","message":"y"},"ok":false}"#
        );
        let more = plain.with_details(Some(json!(1)));
        assert_eq!(more.envelope()["error"]["details"], 1);
    }

    #[test]
    fn exit_codes_are_the_documented_ones() {
        assert_eq!(
            [Exit::Failed, Exit::Usage, Exit::Config, Exit::Interrupted].map(|exit| exit as u8),
            [1, 2, 78, 130]
        );
    }
}
