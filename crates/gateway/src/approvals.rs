//! From what happens to requests that a person decides to what connections are told of it.

use std::sync::Arc;

use openclaw_agent::approvals::{Approval, ApprovalObserver, Outcome, Request, Resolver};
use openclaw_protocol::{
    events::{
        approvals::{
            ExecApprovalRequestedEvent, ExecApprovalResolvedEvent, PluginApprovalRequestedEvent,
            PluginApprovalResolvedEvent,
        },
        questions::{QuestionRecord, QuestionRequestedEvent, QuestionResolvedEvent},
    },
    methods::{
        approvals::{
            ApprovalKind, ApprovalPresentation, ApprovalResolver, ApprovalSeverity,
            ApprovalSnapshot, ApprovalSource, ExecApprovalRequest, ExecPresentation,
            PluginApprovalRequest, PluginPresentation, snapshot::ResolverKind,
        },
        questions::QuestionAnswers,
    },
};

use crate::{
    bus::{Bus, Deciders, To},
    handlers::millis,
};

/// Tells requests and their ends to those who may decide.
pub(crate) struct Teller {
    bus: Arc<Bus>,
}

impl Teller {
    pub(crate) const fn new(bus: Arc<Bus>) -> Self {
        Self { bus }
    }
}

impl ApprovalObserver for Teller {
    fn asked(&self, approval: &Approval) {
        let except = approval.requester.connection.as_deref();
        let to = To::Deciders(Deciders { kind: approval.kind(), except, decided: true });
        match &approval.request {
            Request::Exec(request) => self.bus.emit(&exec_requested(approval, request), to),
            Request::Plugin(request) => self.bus.emit(&plugin_requested(approval, request), to),
            Request::Question(_) => {
                if let Some(record) = question(approval) {
                    self.bus.emit(&QuestionRequestedEvent(record), to);
                }
            }
        }
    }

    fn ended(&self, approval: &Approval) {
        let (id, decision) = (approval.id.clone(), approval.decision());
        let (kind, decided) = (approval.kind(), decision.is_some());
        let to = To::Deciders(Deciders { kind, except: None, decided });
        let by = approval.ended.as_ref().and_then(|ended| ended.by.id());
        let resolved_by = by.map(str::to_owned);
        let ts = millis(approval.ended.as_ref().map_or(0, |ended| ended.at));
        match &approval.request {
            Request::Exec(request) => {
                let request = ExecApprovalRequest::clone(request);
                let event = ExecApprovalResolvedEvent { id, decision, resolved_by, ts, request };
                self.bus.emit(&event, to);
            }
            Request::Plugin(request) => {
                let request = PluginApprovalRequest::clone(request);
                let event = PluginApprovalResolvedEvent { id, decision, resolved_by, ts, request };
                self.bus.emit(&event, to);
            }
            Request::Question(_) => {
                let (status, answers) = (approval.question_status(), answers(approval));
                self.bus.emit(&QuestionResolvedEvent { id, status, answers }, to);
            }
        }
    }
}

/// A command that waits, as events and lists tell it.
pub(crate) fn exec_requested(
    approval: &Approval,
    request: &ExecApprovalRequest,
) -> ExecApprovalRequestedEvent {
    ExecApprovalRequestedEvent {
        id: approval.id.clone(),
        request: request.clone(),
        created_at_ms: millis(approval.created_at),
        expires_at_ms: millis(approval.expires_at),
        approval_kind: None,
    }
}

/// A plugin's request that waits, as events and lists tell it.
pub(crate) fn plugin_requested(
    approval: &Approval,
    request: &PluginApprovalRequest,
) -> PluginApprovalRequestedEvent {
    PluginApprovalRequestedEvent {
        id: approval.id.clone(),
        request: request.clone(),
        created_at_ms: millis(approval.created_at),
        expires_at_ms: millis(approval.expires_at),
        approval_kind: None,
    }
}

/// A question with what became of it; `None` for what is none.
pub(crate) fn question(approval: &Approval) -> Option<QuestionRecord> {
    let Request::Question(request) = &approval.request else { return None };
    let by = approval.ended.as_ref().and_then(|ended| ended.by.id());
    Some(QuestionRecord {
        id: approval.id.clone(),
        questions: request.questions.clone(),
        agent_id: request.agent_id.clone(),
        session_key: request.session_key.clone(),
        run_id: request.run_id.clone(),
        created_at_ms: millis(approval.created_at),
        expires_at_ms: millis(approval.expires_at),
        status: approval.question_status(),
        answers: answers(approval),
        resolved_by: by.map(str::to_owned),
    })
}

/// The answers to a question.
pub(crate) fn answers(approval: &Approval) -> Option<QuestionAnswers> {
    match approval.outcome()? {
        Outcome::Answered { answers, .. } => Some(answers.clone()),
        _ => None,
    }
}

/// A request with what became of it; `None` for a question, which has a form of its own.
pub(crate) fn snapshot(approval: &Approval, page: &str) -> Option<ApprovalSnapshot> {
    let ended = approval.ended.as_ref();
    Some(ApprovalSnapshot {
        id: approval.id.clone(),
        status: approval.status(),
        presentation: presentation(approval)?,
        url_path: address(page, &approval.id),
        created_at_ms: millis(approval.created_at),
        expires_at_ms: millis(approval.expires_at),
        resolved_at_ms: ended.map(|ended| millis(ended.at)),
        reason: approval.reason(),
        decision: approval.decision(),
        resolver: ended.map(|ended| resolver(&ended.by)),
        source: ended.map(|_| ApprovalSource {
            agent_id: approval.request.agent().map(str::to_owned),
            session_key: approval.request.session().map(str::to_owned),
        }),
    })
}

fn presentation(approval: &Approval) -> Option<ApprovalPresentation> {
    let allowed_decisions = approval.request.allowed();
    match &approval.request {
        Request::Exec(request) => Some(ApprovalPresentation::Exec(ExecPresentation {
            kind: ApprovalKind::Exec,
            command_text: request.command.clone(),
            command_preview: None,
            warning_text: request.warning_text.clone(),
            host: request.host.clone(),
            node_id: request.node_id.clone(),
            agent_id: request.agent_id.clone(),
            scope: request.scope.clone(),
            allowed_decisions,
        })),
        Request::Plugin(request) => Some(ApprovalPresentation::Plugin(PluginPresentation {
            kind: ApprovalKind::Plugin,
            title: request.title.clone(),
            description: request.description.clone(),
            detail: request.detail.clone(),
            severity: request.severity.unwrap_or(ApprovalSeverity::Warning),
            plugin_id: request.plugin_id.clone(),
            tool_name: request.tool_name.clone(),
            agent_id: request.agent_id.clone(),
            scope: request.scope.clone(),
            allowed_decisions,
        })),
        Request::Question(_) => None,
    }
}

fn resolver(by: &Resolver) -> ApprovalResolver {
    let kind = match by {
        Resolver::Device { .. } => ResolverKind::Device,
        Resolver::Runtime { .. } => ResolverKind::Runtime,
        Resolver::System => ResolverKind::System,
    };
    ApprovalResolver { kind, id: by.id().map(str::to_owned) }
}

/// Where the page shows a request. A name with a dot would be taken for a file, so its address is
/// that of the page, which shows all that wait.
fn address(page: &str, id: &str) -> String {
    if id.contains('.') {
        return format!("{page}/");
    }
    format!("{page}/approve/{}", id.replace(':', "%3A"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_one_request() {
        assert_eq!(address("", "a-b_c"), "/approve/a-b_c");
        assert_eq!(address("/base", "plugin:1"), "/base/approve/plugin%3A1");
        assert_eq!(address("/base", "a.b"), "/base/");
    }
}
