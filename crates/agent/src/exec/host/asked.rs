//! What is asked of the machine, and how it says no.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Ran, env::Rejected, file::ApprovalsFile, plan};

/// A command that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `INVALID_REQUEST` or `UNAVAILABLE`.
    pub code: &'static str,
    /// One line. Programs look at how it begins.
    pub message: String,
}

impl Refusal {
    /// It is not understood.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { code: "INVALID_REQUEST", message: message.into() }
    }

    /// It cannot or may not be done.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self { code: "UNAVAILABLE", message: message.into() }
    }

    /// The program may not run.
    pub(super) fn denied(why: &str) -> Self {
        Self::unavailable(format!("SYSTEM_RUN_DENIED: {why}"))
    }

    /// Some variables are not set for programs.
    pub(super) fn environment(rejected: &Rejected) -> Self {
        let part = |name: &str, list: &[String]| match list {
            [] => None,
            list => Some(format!("{name}: {}", list.join(", "))),
        };
        let parts = [
            part("blocked override keys", &rejected.blocked),
            part("invalid non-portable override keys", &rejected.invalid),
        ];
        let parts = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
        Self {
            code: "INVALID_REQUEST",
            message: format!("SYSTEM_RUN_DENIED: environment override rejected ({parts})"),
        }
    }
}

/// `system.which`.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    pub(super) bins: Vec<String>,
}

/// `system.run.prepare`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Prepare {
    pub(super) command: Vec<String>,
    pub(super) cwd: Option<String>,
    pub(super) agent_id: Option<String>,
    pub(super) session_key: Option<String>,
}

/// `system.run`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Run {
    pub(super) command: Vec<String>,
    pub(super) cwd: Option<String>,
    #[serde(deserialize_with = "or_nothing")]
    pub(super) env: BTreeMap<String, String>,
    pub(super) timeout_ms: Option<u64>,
    #[serde(deserialize_with = "or_nothing")]
    pub(super) needs_screen_recording: bool,
    pub(super) agent_id: Option<String>,
    session_key: Option<String>,
    #[serde(rename = "runId")]
    name: Option<String>,
    approved: Option<bool>,
    approval_decision: Option<String>,
    suppress_notify_on_exit: Option<bool>,
    #[serde(rename = "systemRunPlan")]
    pub(super) plan: Option<plan::Asked>,
}

/// `system.execApprovals.set`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApprovalsSet {
    pub(super) file: ApprovalsFile,
    #[serde(default)]
    pub(super) base_hash: Option<String>,
}

/// A field that is `null` is not there.
fn or_nothing<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads what a command needs.
pub(super) fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal::invalid(error.to_string()))
}

impl Run {
    /// Whether a person has said yes, as the gateway tells.
    pub(super) fn is_approved(&self) -> bool {
        self.approved == Some(true)
            || matches!(self.approval_decision.as_deref(), Some("allow-once" | "allow-always"))
    }

    /// Whether that yes is for good.
    pub(super) fn is_lasting(&self) -> bool {
        self.approval_decision.as_deref() == Some("allow-always")
    }

    /// What is told of the program beside its answer.
    pub(super) fn about(&self) -> About {
        let session = self.session_key.as_deref().map(str::trim).filter(|key| !key.is_empty());
        About {
            session_key: session.unwrap_or("node").to_owned(),
            run_id: self.name.clone(),
            command: plan::text(&self.command),
            suppress: self.suppress_notify_on_exit,
        }
    }
}

/// Of which program something is told, and to whom.
#[derive(Debug)]
pub(super) struct About {
    session_key: String,
    run_id: Option<String>,
    command: String,
    suppress: Option<bool>,
}

impl About {
    fn base(&self) -> Option<Value> {
        let mut base = json!({
            "sessionKey": self.session_key,
            "runId": self.run_id.as_deref()?,
            "host": "node",
            "command": self.command,
        });
        if let Some(suppress) = self.suppress {
            base["suppressNotifyOnExit"] = suppress.into();
        }
        Some(base)
    }

    /// The program did not run. Nothing is told of one that has no name.
    pub(super) fn denied(&self, refusal: &Refusal) -> Option<(&'static str, Value)> {
        let mut base = self.base()?;
        base["reason"] = reason(&refusal.message).into();
        Some(("exec.denied", base))
    }

    /// The program has ended.
    pub(super) fn finished(&self, ran: &Ran, output: &str) -> Option<(&'static str, Value)> {
        let mut base = self.base()?;
        base["exitCode"] = ran.exit_code.into();
        base["timedOut"] = ran.timed_out.into();
        base["success"] = ran.success().into();
        base["output"] = output.into();
        Some(("exec.finished", base))
    }
}

/// OpenClaw's word for why.
fn reason(message: &str) -> &'static str {
    let words = [
        ("SYSTEM_RUN_DISABLED", "security=deny"),
        ("SYSTEM_RUN_DENIED: approval required", "approval-required"),
        ("SYSTEM_RUN_DENIED: allowlist miss", "allowlist-miss"),
        ("PERMISSION_MISSING", "permission:screenRecording"),
    ];
    let word = words.iter().find(|(begin, _)| message.starts_with(begin));
    word.map_or("execution-denied", |(_, word)| word)
}
