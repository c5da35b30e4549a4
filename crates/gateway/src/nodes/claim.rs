//! A person's yes to a program that a node's own rules do not list: looked up in the gateway's records and used
//! up in the moment in which the program is sent.
//!
//! Whoever asks for the program names the request. Who made that, what was shown and what was decided is in the
//! record; of the caller's words none counts.

use std::collections::BTreeMap;

use openclaw_agent::approvals::{
    Approval, Approvals, Binding, Outcome, RedeemError, Request, Requester,
};
use openclaw_protocol::{RpcError, methods::approvals::ExecApprovalRequest};
use serde_json::{Map, Value, json};
use tracing::{error, info};

/// That a program was approved, as its caller says.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    /// The request.
    pub(crate) id: String,
    /// Who says so.
    pub(crate) by: Requester,
    /// Whether that is a device; whoever holds the shared secret is known by the connection alone.
    pub(crate) paired: bool,
}

/// Why a claim does not hold; the program is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    code: &'static str,
    message: String,
    id: String,
}

impl Refused {
    /// As it is answered.
    pub(crate) fn rpc(&self) -> RpcError {
        RpcError::invalid(self.message.clone())
            .with_details(json!({ "code": self.code, "runId": self.id }))
    }
}

/// What is known of a claim's request.
struct Found<'a> {
    approval: &'a Approval,
    request: &'a ExecApprovalRequest,
}

impl Claim {
    /// Uses the yes for this program on this node; what the node is told.
    pub(super) async fn redeem(
        &self,
        approvals: &Approvals,
        node_id: &str,
        run: &Value,
    ) -> Result<Value, Refused> {
        let approval = approvals.find(&self.id).await.map_err(|error| {
            error!(%error, "an approval cannot be looked up");
            self.refuse("APPROVALS_UNAVAILABLE", "the gateway's store failed; see its log")
        })?;
        let unknown =
            || self.refuse("UNKNOWN_APPROVAL_ID", "unknown or expired approval id; ask again");
        let approval = approval.ok_or_else(unknown)?;
        let Request::Exec(request) = &approval.request else { return Err(unknown()) };
        let found = Found { approval: &approval, request };
        self.check_place(&found, node_id)?;
        let mut run = run.as_object().cloned().unwrap_or_default();
        let mismatch =
            || self.refuse("APPROVAL_REQUEST_MISMATCH", "approval id does not match request");
        let binding = binding(request, node_id, &run).ok_or_else(mismatch)?;
        let used = approvals.redeem(&self.id, &binding).await;
        let used = used.map_err(|error| self.unusable(found.approval, &error))?;
        info!(node = node_id, approval = self.id, "a program is sent as a person has allowed");
        let decision = if used.always { "allow-always" } else { "allow-once" };
        run.insert("systemRunPlan".to_owned(), plan(request, &binding));
        // The words are what was decided about; another text for them has no place beside them.
        run.remove("rawCommand");
        run.insert("approved".to_owned(), true.into());
        run.insert("approvalDecision".to_owned(), decision.into());
        Ok(Value::Object(run))
    }

    /// Whether the request was made by the same caller and for this node.
    fn check_place(&self, found: &Found<'_>, node_id: &str) -> Result<(), Refused> {
        let asked = &found.approval.requester;
        if asked.principal != self.by.principal {
            let why = "approval id not valid for this device";
            return Err(self.refuse("APPROVAL_DEVICE_MISMATCH", why));
        }
        if !self.paired && asked.connection != self.by.connection {
            let why = "approval id not valid for this client";
            return Err(self.refuse("APPROVAL_CLIENT_MISMATCH", why));
        }
        match found.request.node_id.as_deref() {
            Some(node) if node == node_id => Ok(()),
            Some(_) => {
                let why = "approval id not valid for this node";
                Err(self.refuse("APPROVAL_NODE_MISMATCH", why))
            }
            None => {
                let why = "approval id missing node binding";
                Err(self.refuse("APPROVAL_NODE_BINDING_MISSING", why))
            }
        }
    }

    fn unusable(&self, approval: &Approval, error: &RedeemError) -> Refused {
        let expired = matches!(approval.outcome(), Some(Outcome::Expired));
        let code = match error {
            RedeemError::NotApproved if expired => "APPROVAL_EXPIRED",
            RedeemError::Late => "APPROVAL_EXPIRED",
            RedeemError::NotFound => "UNKNOWN_APPROVAL_ID",
            RedeemError::NotApproved | RedeemError::Used => "APPROVAL_REQUIRED",
            RedeemError::Mismatch => "APPROVAL_REQUEST_MISMATCH",
            RedeemError::Store(cause) => {
                error!(error = %cause, "the use of an approval cannot be noted");
                "APPROVALS_UNAVAILABLE"
            }
        };
        let message = match code {
            "APPROVAL_REQUIRED" => format!("approval required: {error}"),
            "APPROVAL_EXPIRED" => format!("approval expired: {error}"),
            _ => error.to_string(),
        };
        self.refuse(code, &message)
    }

    fn refuse(&self, code: &'static str, message: &str) -> Refused {
        Refused { code, message: message.to_owned(), id: self.id.clone() }
    }
}

/// What would be sent, in the words of an approval; `None` when that is no program, or not the one that was
/// shown.
fn binding(
    request: &ExecApprovalRequest,
    node_id: &str,
    run: &Map<String, Value>,
) -> Option<Binding> {
    let argv: Vec<String> = serde_json::from_value(run.get("command")?.clone()).ok()?;
    let env: Option<BTreeMap<String, String>> = match run.get("env") {
        None => None,
        Some(env) => serde_json::from_value(env.clone()).ok()?,
    };
    // A node looks a program up by the first word; the path that was shown beside it must be that one.
    let shown = request.resolved_path.as_ref();
    if shown.is_some_and(|shown| argv.first() != Some(shown)) {
        return None;
    }
    let binding = Binding {
        argv,
        text: None,
        cwd: text(run, "cwd").ok()?,
        executable: shown.cloned(),
        env: env.unwrap_or_default(),
        script: None,
        host: Some("node".to_owned()),
        node: Some(node_id.to_owned()),
        agent: text(run, "agentId").ok()?,
        session: text(run, "sessionKey").ok()?,
    };
    let plan = request.system_run_plan.as_ref();
    Some(binding.with_script(plan.and_then(|plan| plan.mutable_file_operand.as_ref())))
}

/// A text that may be absent or null.
fn text(run: &Map<String, Value>, name: &str) -> serde_json::Result<Option<String>> {
    serde_json::from_value(run.get(name).cloned().unwrap_or_default())
}

/// What the node compares its files with.
fn plan(request: &ExecApprovalRequest, binding: &Binding) -> Value {
    let mut plan = json!({
        "argv": binding.argv,
        "cwd": binding.cwd,
        "commandText": request.command,
        "agentId": binding.agent,
        "sessionKey": binding.session,
    });
    let shown = request.system_run_plan.as_ref();
    if let Some(operand) = shown.and_then(|plan| plan.mutable_file_operand.as_ref()) {
        plan["mutableFileOperand"] = json!(operand);
    }
    plan
}
