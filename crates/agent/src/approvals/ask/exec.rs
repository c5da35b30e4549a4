//! A command.

use std::{collections::BTreeMap, time::Duration};

use openclaw_protocol::{
    field::Clearable,
    methods::approvals::{
        ApprovalDecision, ExecApprovalRequest, ExecApprovalRequestParams, MutableFileOperand,
        PlanParams, SystemRunBinding, SystemRunPlan, exec::OptionalDecision,
    },
};

use super::{Asked, consequence, named, shown, shown_maybe, warnings, whole};
use crate::{
    approvals::{
        binding::Binding,
        error::ApprovalError,
        record::Request,
        visible::{self, MAX_SHOWN},
    },
    exec::policy::carriers,
};

/// How long a command of protocol 3 waits when it does not say.
pub const DEFAULT_WAIT_V3: Duration = Duration::from_mins(2);
/// How long a command of protocol 4 waits when it does not say.
pub const DEFAULT_WAIT_V4: Duration = Duration::from_mins(30);
/// Variables that may be set for one command.
const MAX_VARIABLES: usize = 256;

/// The command that is asked about: what is shown is made from what would run, never from a
/// second description of it.
pub fn read(params: ExecApprovalRequestParams) -> Result<Asked, ApprovalError> {
    let host = named(params.host.as_ref());
    let node = named(params.node_id.as_ref().map(as_text).as_ref());
    let on_node = host.as_deref() == Some("node");
    let plan = params.system_run_plan.as_ref();
    if on_node {
        check_node(node.as_deref(), plan)?;
    }
    let subject = Subject::of(&params, on_node)?;
    let command = whole(&subject.text())?;
    let node = node.filter(|_| on_node);
    let binding = subject.binding(&params, host.as_deref(), node.as_deref());
    let env_keys = variables(&params)?;
    let system_run_plan = if on_node { plan.map(shown_plan).transpose()? } else { None };
    let resolved_path = named(params.resolved_path.as_ref());
    let looks: Vec<&str> = std::iter::once(command.as_str())
        .chain(subject.cwd.as_deref())
        .chain(resolved_path.as_deref())
        .collect();
    let asker = named(params.warning_text.as_ref());
    let request = ExecApprovalRequest {
        warning_text: warnings(asker.as_deref(), &looks)?,
        allowed_decisions: allowed(&params, &subject),
        command_argv: if on_node || subject.argv.is_empty() {
            None
        } else {
            Some(subject.shown()?)
        },
        command,
        env_keys,
        system_run_binding: if on_node { Some(shown_binding(&binding)?) } else { None },
        system_run_plan,
        cwd: shown_maybe("cwd", subject.cwd.as_ref())?,
        node_id: shown_maybe("nodeId", node.as_ref())?,
        host: shown_maybe("host", host.as_ref())?,
        security: word(named(params.security.as_ref()), &["deny", "allowlist", "full"]),
        ask: word(named(params.ask.as_ref()), &["off", "on-miss", "always"]),
        scope: params.scope.map(consequence).transpose()?,
        agent_id: shown_maybe("agentId", subject.agent.as_ref())?,
        resolved_path: shown_maybe("resolvedPath", resolved_path.as_ref())?,
        session_key: shown_maybe("sessionKey", subject.session.as_ref())?,
        session_id: shown_maybe("sessionId", named(params.session_id.as_ref()).as_ref())?,
        run_id: shown_maybe("runId", named(params.run_id.as_ref()).as_ref())?,
        tool_call_id: shown_maybe("toolCallId", named(params.tool_call_id.as_ref()).as_ref())?,
        turn_source_channel: shown_maybe(
            "turnSourceChannel",
            named(params.turn_source_channel.as_ref()).as_ref(),
        )?,
        turn_source_to: shown_maybe(
            "turnSourceTo",
            named(params.turn_source_to.as_ref()).as_ref(),
        )?,
        turn_source_account_id: shown_maybe(
            "turnSourceAccountId",
            named(params.turn_source_account_id.as_ref()).as_ref(),
        )?,
        turn_source_thread_id: params.turn_source_thread_id.and_then(Clearable::into_option),
    };
    Ok(Asked { request: Request::Exec(Box::new(request)), binding: Some(binding) })
}

fn as_text<T: AsRef<str>>(text: &Clearable<T>) -> Clearable<String> {
    match text {
        Clearable::Clear => Clearable::Clear,
        Clearable::Set(text) => Clearable::Set(text.as_ref().to_owned()),
    }
}

fn check_node(node: Option<&str>, plan: Option<&PlanParams>) -> Result<(), ApprovalError> {
    let refuse =
        |why: &str| Err(ApprovalError::Invalid(format!("{why} is required for host=node")));
    match (node, plan) {
        (None, _) => refuse("nodeId"),
        (_, None) => refuse("systemRunPlan"),
        (_, Some(plan)) if plan.argv.is_empty() => refuse("commandArgv"),
        _ => Ok(()),
    }
}

/// What would run.
struct Subject {
    argv: Vec<String>,
    /// Only where there are no parts.
    text: Option<String>,
    cwd: Option<String>,
    agent: Option<String>,
    session: Option<String>,
    script: Option<MutableFileOperand>,
}

impl Subject {
    fn of(params: &ExecApprovalRequestParams, on_node: bool) -> Result<Self, ApprovalError> {
        if let Some(plan) = params.system_run_plan.as_ref().filter(|_| on_node) {
            let script = plan.mutable_file_operand.as_ref();
            return Ok(Self {
                argv: plan.argv.clone(),
                text: None,
                cwd: plan.cwd.as_option().cloned(),
                agent: plan.agent_id.as_option().cloned(),
                session: plan.session_key.as_option().cloned(),
                script: script.and_then(|script| script.as_option()).cloned(),
            });
        }
        let argv = params.command_argv.clone().unwrap_or_default();
        let text = params.command.as_deref().filter(|text| !text.trim().is_empty());
        if argv.iter().all(|word| word.trim().is_empty()) && text.is_none() {
            return Err(ApprovalError::Invalid("command is required".to_owned()));
        }
        let text = if argv.is_empty() { text.map(str::to_owned) } else { None };
        Ok(Self {
            argv,
            text,
            cwd: named(params.cwd.as_ref()),
            agent: named(params.agent_id.as_ref()),
            session: named(params.session_key.as_ref()),
            script: None,
        })
    }

    fn text(&self) -> String {
        self.text.clone().unwrap_or_else(|| visible::command(&self.argv))
    }

    fn shown(&self) -> Result<Vec<String>, ApprovalError> {
        let shown: Vec<String> = self.argv.iter().map(|word| visible::line(word)).collect();
        let length: usize = shown.iter().map(|word| word.chars().count() + 1).sum();
        // Each word is shown without its quotes here, so it is no longer than the whole.
        if length > 2 * MAX_SHOWN { Err(ApprovalError::TooLong) } else { Ok(shown) }
    }

    fn binding(
        &self,
        params: &ExecApprovalRequestParams,
        host: Option<&str>,
        node: Option<&str>,
    ) -> Binding {
        let binding = Binding {
            argv: self.argv.clone(),
            text: self.text.clone(),
            cwd: self.cwd.clone(),
            executable: named(params.resolved_path.as_ref()),
            env: params.env.clone().unwrap_or_default(),
            script: None,
            host: host.map(str::to_owned),
            node: node.map(str::to_owned),
            agent: self.agent.clone(),
            session: self.session.clone(),
        };
        binding.with_script(self.script.as_ref())
    }
}

/// A lasting yes is not for what runs other programs, nor where the asker wants to be asked again.
fn allowed(params: &ExecApprovalRequestParams, subject: &Subject) -> Vec<ApprovalDecision> {
    let unavailable = params.unavailable_decisions.as_deref().unwrap_or_default();
    let lasting = named(params.ask.as_ref()).as_deref() != Some("always")
        && !unavailable.contains(&OptionalDecision::AllowAlways)
        && !subject.argv.first().is_some_and(|program| carriers::is_carrier(program));
    let fits = |decision: &ApprovalDecision| lasting || *decision != ApprovalDecision::AllowAlways;
    ApprovalDecision::ALL.iter().copied().filter(fits).collect()
}

/// The names of variables. Two that a system reads as one, or that hide in another, are refused.
fn variables(params: &ExecApprovalRequestParams) -> Result<Option<Vec<String>>, ApprovalError> {
    let empty = BTreeMap::new();
    let env = params.env.as_ref().unwrap_or(&empty);
    if env.len() > MAX_VARIABLES {
        return Err(ApprovalError::Invalid("too many environment variables".to_owned()));
    }
    let names = env.iter().map(|(name, value)| {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(ApprovalError::Invalid("an environment variable has no name".to_owned()));
        }
        shown("an environment variable", name)
    });
    let names = names.collect::<Result<Vec<_>, _>>()?;
    Ok((!names.is_empty()).then_some(names))
}

fn word(word: Option<String>, known: &[&str]) -> Option<String> {
    word.map(|word| word.to_ascii_lowercase()).filter(|word| known.contains(&word.as_str()))
}

fn shown_binding(binding: &Binding) -> Result<SystemRunBinding, ApprovalError> {
    Ok(SystemRunBinding {
        argv: binding.argv.iter().map(|word| visible::line(word)).collect(),
        cwd: shown_maybe("cwd", binding.cwd.as_ref())?,
        agent_id: shown_maybe("agentId", binding.agent.as_ref())?,
        session_key: shown_maybe("sessionKey", binding.session.as_ref())?,
        env_hash: binding.env_hash(),
    })
}

fn shown_operand(operand: &MutableFileOperand) -> Result<MutableFileOperand, ApprovalError> {
    Ok(MutableFileOperand {
        path: shown("a script", &operand.path)?,
        sha256: shown("a digest", &operand.sha256)?,
        ..operand.clone()
    })
}

fn shown_plan(plan: &PlanParams) -> Result<SystemRunPlan, ApprovalError> {
    let operand = plan.mutable_file_operand.as_ref().and_then(|operand| operand.as_option());
    let operand = operand.map(shown_operand).transpose()?;
    Ok(SystemRunPlan {
        argv: plan.argv.iter().map(|word| visible::line(word)).collect(),
        cwd: shown_maybe("cwd", plan.cwd.as_option())?,
        command_text: whole(&visible::command(&plan.argv))?,
        agent_id: shown_maybe("agentId", plan.agent_id.as_option())?,
        session_key: shown_maybe("sessionKey", plan.session_key.as_option())?,
        mutable_file_operand: operand,
    })
}

#[cfg(test)]
mod tests;
