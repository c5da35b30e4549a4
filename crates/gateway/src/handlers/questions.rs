//! `question.*`: what an agent asks a person.

use std::time::Duration;

use openclaw_agent::approvals::{
    Approval, ApprovalError, Kind, NewApproval, Outcome, Verdict, ask,
};
use openclaw_protocol::{
    RpcError,
    methods::questions::{
        QuestionGetParams, QuestionGetResult, QuestionListParams, QuestionListResult,
        QuestionRequestParams, QuestionRequestResult, QuestionResolveParams, QuestionResolveResult,
        QuestionStatus, QuestionWaitAnswerParams, QuestionWaitAnswerResult,
    },
};
use serde_json::json;

use super::{
    approvals::{decider, requester},
    millis,
};
use crate::{
    approvals::{answers, question},
    context::Cx,
    error::OrRefuse as _,
    router::RouterBuilder,
};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(request).handle(wait).handle(resolve).handle(get).handle(list)
}

async fn request(cx: Cx, params: QuestionRequestParams) -> Result<QuestionRequestResult, RpcError> {
    let id = params.id.as_ref().map(ToString::to_string);
    let usual = ask::question::DEFAULT_WAIT;
    let timeout = params.timeout_ms.map_or(usual, |ms| Duration::from_millis(ms.get()));
    let asked = ask::question::read(params).or_refuse()?;
    let new = NewApproval {
        id: id.clone(),
        request: asked.request,
        binding: asked.binding,
        requester: requester(&cx),
        timeout,
        quiet: false,
    };
    let approval = match cx.app().approvals.ask(new).await {
        Err(ApprovalError::IdTaken) => {
            let message = format!("question '{}' already exists", id.unwrap_or_default());
            return Err(refused(message, "QUESTION_ID_IN_USE"));
        }
        asked => asked.or_refuse()?,
    };
    let expires_at_ms = millis(approval.expires_at);
    Ok(QuestionRequestResult { id: approval.id.clone(), expires_at_ms })
}

async fn wait(
    cx: Cx,
    params: QuestionWaitAnswerParams,
) -> Result<QuestionWaitAnswerResult, RpcError> {
    let asked = find(&cx, &params.id).await?;
    let waiting = cx.app().approvals.wait(&asked.id);
    let ended = match params.timeout_ms {
        None => waiting.await.or_refuse()?,
        Some(ms) => match tokio::time::timeout(Duration::from_millis(ms.get()), waiting).await {
            Ok(ended) => ended.or_refuse()?,
            Err(_) => None,
        },
    };
    let Some(ended) = ended else {
        let status = QuestionStatus::Pending;
        return Ok(QuestionWaitAnswerResult { status, answers: None, resolution_id: None });
    };
    let named = match ended.outcome() {
        Some(Outcome::Answered { resolution_id, .. }) => resolution_id.clone(),
        _ => None,
    };
    Ok(QuestionWaitAnswerResult {
        status: ended.question_status(),
        answers: answers(&ended),
        resolution_id: named.filter(|_| params.include_resolution_id == Some(true)),
    })
}

async fn resolve(cx: Cx, params: QuestionResolveParams) -> Result<QuestionResolveResult, RpcError> {
    let (id, verdict) = match params {
        QuestionResolveParams::Cancel(params) => (params.id, Verdict::Cancel),
        QuestionResolveParams::Answer(params) => {
            if params.secret_store_allowed_hosts.is_some() {
                return Err(RpcError::invalid(
                    "Secret store allowed hosts require a store-bound question.",
                ));
            }
            let resolution_id = params.resolution_id.map(|id| id.to_string());
            (params.id, Verdict::Answer { answers: params.answers, resolution_id })
        }
    };
    let asked = find(&cx, &id).await?;
    let resolved =
        cx.app().approvals.resolve(&asked.id, verdict, decider(&cx)).await.or_refuse()?;
    let status = resolved.approval.question_status();
    if !resolved.applied {
        let message = format!("question '{id}' is already {}", status.name());
        return Err(refused(message, "QUESTION_ALREADY_TERMINAL"));
    }
    Ok(QuestionResolveResult { status, answers: answers(&resolved.approval) })
}

async fn get(cx: Cx, params: QuestionGetParams) -> Result<QuestionGetResult, RpcError> {
    let asked = find(&cx, &params.id).await?;
    match question(&asked) {
        Some(question) => Ok(QuestionGetResult { question }),
        None => Err(not_found(&params.id)),
    }
}

async fn list(cx: Cx, _: QuestionListParams) -> Result<QuestionListResult, RpcError> {
    let waiting = cx.app().approvals.pending(Kind::Question);
    let questions = waiting.iter().filter_map(|approval| question(approval)).collect();
    Ok(QuestionListResult { questions })
}

async fn find(cx: &Cx, id: &str) -> Result<std::sync::Arc<Approval>, RpcError> {
    let found = cx.app().approvals.find(id).await.or_refuse()?;
    found.filter(|approval| approval.kind() == Kind::Question).ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> RpcError {
    refused(format!("question '{id}' was not found"), "QUESTION_NOT_FOUND")
}

fn refused(message: String, reason: &str) -> RpcError {
    RpcError::invalid(message).with_details(json!({ "reason": reason }))
}
