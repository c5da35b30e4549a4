//! `exec.approval.*`, `plugin.approval.*`, `approval.*`: requests that a person decides.

pub mod exec;
pub mod kinds;
pub mod plugin;
pub mod snapshot;

pub use exec::{
    ExecApprovalGetParams, ExecApprovalGetResult, ExecApprovalRequest, ExecApprovalRequestParams,
    MutableFileOperand, PlanParams, SystemRunBinding, SystemRunPlan,
};
pub use kinds::{
    ApprovalDecision, ApprovalKind, ApprovalReviewer, ApprovalScope, ApprovalSeverity,
    ApprovalStatus, TerminalReason, ThreadId,
};
pub use plugin::{PluginApprovalRequest, PluginApprovalRequestParams};
pub use snapshot::{
    ApprovalPresentation, ApprovalResolver, ApprovalSnapshot, ApprovalSource, ExecPresentation,
    PluginPresentation,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    events::approvals::{ExecApprovalRequestedEvent, PluginApprovalRequestedEvent},
    field::{Clearable, Int, NonEmpty, Text},
    lenient, methods, params, results, words,
};

methods! {
    "exec.approval.request": ExecApprovalRequestParams => ApprovalRequestResult, v3 APPROVALS, v4 APPROVALS;
    "exec.approval.waitDecision": ExecApprovalWaitDecisionParams => ApprovalDecisionResult, v3 APPROVALS, v4 APPROVALS, is lenient;
    "exec.approval.resolve": ExecApprovalResolveParams => ApprovalDoneResult, v3 APPROVALS, v4 APPROVALS;
    "exec.approval.get": ExecApprovalGetParams => ExecApprovalGetResult, v4 APPROVALS;
    "exec.approval.list": ExecApprovalListParams => ExecApprovalListResult, v4 APPROVALS, is lenient;
    "plugin.approval.request": PluginApprovalRequestParams => ApprovalRequestResult, v3 APPROVALS, v4 APPROVALS;
    "plugin.approval.waitDecision": PluginApprovalWaitDecisionParams => ApprovalDecisionResult, v3 APPROVALS, v4 APPROVALS, is lenient;
    "plugin.approval.resolve": PluginApprovalResolveParams => ApprovalDoneResult, v3 APPROVALS, v4 APPROVALS;
    "plugin.approval.list": PluginApprovalListParams => PluginApprovalListResult, v4 APPROVALS, is lenient;
    "approval.get": ApprovalGetParams => ApprovalGetResult, v4 APPROVALS;
    "approval.history": ApprovalHistoryParams => ApprovalHistoryResult, v4 APPROVALS;
    "approval.resolve": ApprovalResolveParams => ApprovalResolveResult, v4 APPROVALS;
}

words! {
    /// The first of two answers.
    pub enum RequestStatus: any_of {
        /// The request waits; a second answer brings the decision.
        Accepted = "accepted",
    }
}

results! {
    /// What became of a request. With `twoPhase` it is answered twice: `accepted` first, without a decision.
    pub struct ApprovalRequestResult {
        /// `accepted` in the first of two answers.
        status?: RequestStatus,
        /// The request.
        id: String,
        /// How approvers were reached (protocol 4, first of two answers).
        delivery_route?: String,
        /// What was decided; null when nobody did.
        decision?: Clearable<ApprovalDecision>,
        /// When it was made, in milliseconds since 1970.
        created_at_ms: u64,
        /// Until when it waits.
        expires_at_ms: u64,
    }

    /// What was decided.
    pub struct ApprovalDecisionResult {
        /// The request.
        id: String,
        /// What was decided; null when nobody did.
        decision: Option<ApprovalDecision>,
        /// When it was made, in milliseconds since 1970.
        created_at_ms: u64,
        /// Until when it waited.
        expires_at_ms: u64,
        /// Why it ended (protocol 4).
        terminal_reason?: TerminalReason,
    }

    /// It is done.
    #[derive(Default, Eq)]
    pub struct ApprovalDoneResult {
        /// Always true.
        ok: bool,
    }
}

lenient! {
    /// Waits for the decision about a command; finds it also when it was made before, or before a restart.
    #[derive(Default)]
    pub struct ExecApprovalWaitDecisionParams {
        /// The request.
        id?: String,
    }

    /// Lists the commands that wait for a decision (protocol 4).
    #[derive(Default)]
    pub struct ExecApprovalListParams {
    }

    /// Waits for the decision about a plugin's request; finds it also when it was made before, or before a restart.
    #[derive(Default)]
    pub struct PluginApprovalWaitDecisionParams {
        /// The request.
        id?: String,
    }

    /// Lists the plugins' requests that wait for a decision (protocol 4).
    #[derive(Default)]
    pub struct PluginApprovalListParams {
    }
}

/// The commands that wait, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ExecApprovalListResult(pub Vec<ExecApprovalRequestedEvent>);

/// The plugins' requests that wait, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PluginApprovalListResult(pub Vec<PluginApprovalRequestedEvent>);

params! {
    /// Decides about a command: `allow-once`, `allow-always` or `deny`.
    pub struct ExecApprovalResolveParams {
        /// The request; the first characters do when no other begins so.
        id: NonEmpty,
        /// `allow-once`, `allow-always` or `deny`.
        decision: NonEmpty,
        /// A person on a chat channel who decided (protocol 4).
        reviewer?: ApprovalReviewer,
        /// How long a lasting permission of an automation holds (protocol 4).
        grant_expires_in_days?: Int<1, 3650>,
    }

    /// Decides about a plugin's request: `allow-once`, `allow-always` or `deny`.
    pub struct PluginApprovalResolveParams {
        /// The request.
        id: NonEmpty,
        /// `allow-once`, `allow-always` or `deny`.
        decision: NonEmpty,
        /// A person on a chat channel who decided (protocol 4).
        reviewer?: ApprovalReviewer,
    }

    /// Returns one request, waiting or decided (protocol 4).
    pub struct ApprovalGetParams {
        /// The request.
        id: NonEmpty,
    }

    /// Lists requests that are decided or over, latest first (protocol 4).
    #[derive(Default)]
    pub struct ApprovalHistoryParams {
        /// Where the page before ended.
        cursor?: Text<1, 512>,
        /// How many; 50 when absent.
        limit?: Int<1, 100>,
        /// Only those of one kind.
        kind?: ApprovalKind,
    }

    /// Decides about a request of any kind (protocol 4).
    pub struct ApprovalResolveParams {
        /// The request.
        id: NonEmpty,
        /// Its kind.
        kind: ApprovalKind,
        /// What is decided.
        decision: ApprovalDecision,
        /// A person on a chat channel who decided.
        reviewer?: ApprovalReviewer,
        /// How long a lasting permission of an automation holds.
        grant_expires_in_days?: Int<1, 3650>,
    }
}

results! {
    /// The request.
    pub struct ApprovalGetResult {
        /// What it asks, and what became of it.
        approval: ApprovalSnapshot,
    }

    /// A page of requests.
    #[derive(Default)]
    pub struct ApprovalHistoryResult {
        /// The requests, latest first.
        items: Vec<ApprovalSnapshot>,
        /// Where the next page begins, when there is one.
        next_cursor?: String,
    }

    /// What the request is now.
    pub struct ApprovalResolveResult {
        /// Whether this call decided it.
        applied: bool,
        /// The request.
        approval: ApprovalSnapshot,
    }
}
