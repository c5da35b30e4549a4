//! What is asked of the gateway, each as a future that ends in a reply.

use std::{pin::Pin, time::Duration};

use openclaw_protocol::{
    Method,
    methods::{
        chat::{ChatAbortParams, ChatHistoryParams, ChatSendParams},
        models::{ModelChoice, ModelsListParams},
        sessions::{SessionRow, SessionsListParams, SessionsPatchParams, SessionsResetParams},
    },
};
use openclaw_sdk::{CallOptions, Client};
use serde_json::{Value, json};

use super::{
    app::{Effect, Reply, short_key},
    picker::Item,
};
use crate::{
    args::TuiArgs,
    connect::{Target, typed},
    failure::Failure,
    format,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same for a message: it outlives a lost connection.
const SEND_PATIENCE: Duration = Duration::from_mins(10);
/// Sessions in the list.
const SESSIONS: u64 = 200;

/// A call on its way.
type Call = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// Who calls, and with what.
#[derive(Clone)]
pub(super) struct Caller {
    client: Client,
    pub(super) target: Target,
    history_limit: u64,
    thinking: Option<String>,
    deliver: bool,
    timeout_ms: Option<u64>,
}

impl Caller {
    pub(super) fn new(client: Client, target: Target, args: &TuiArgs) -> Self {
        let timeout_ms = args.timeout_ms.and_then(|time| u64::try_from(time.as_millis()).ok());
        Self {
            client,
            target,
            history_limit: args.history_limit,
            thinking: args.thinking.clone(),
            deliver: args.deliver,
            timeout_ms,
        }
    }

    /// The call that an effect stands for; leaving needs none.
    pub(super) fn call(&self, effect: Effect) -> Option<Call> {
        let this = self.clone();
        Some(match effect {
            Effect::Quit => return None,
            Effect::History(key) => Box::pin(async move {
                let params = json!({ "sessionKey": key, "limit": this.history_limit });
                let answer = this.ask::<ChatHistoryParams>(params).await;
                Reply::History(key, answer.map(Box::new))
            }),
            Effect::Sessions => {
                Box::pin(async move {
                    let params = json!({ "limit": SESSIONS, "includeDerivedTitles": true });
                    let list = this.ask::<SessionsListParams>(params).await;
                    Reply::Sessions(list.map(|list| {
                        list.sessions.iter().map(|row| session(row, list.ts)).collect()
                    }))
                })
            }
            Effect::Models => Box::pin(async move {
                let list = this.ask::<ModelsListParams>(json!({})).await;
                Reply::Models(list.map(|list| list.models.iter().map(model).collect()))
            }),
            Effect::Send { key, id, text } => Box::pin(async move {
                let params = this.message(&key, &id, &text);
                let sent = this.ask_within::<ChatSendParams>(params, SEND_PATIENCE).await;
                Reply::Sent(id, sent.map(drop))
            }),
            Effect::Abort { key, run } => Box::pin(async move {
                let mut params = json!({ "sessionKey": key });
                if let Some(run) = run {
                    params["runId"] = run.into();
                }
                let answer = this.ask::<ChatAbortParams>(params).await;
                Reply::Aborted(answer.map(|answer| answer.aborted))
            }),
            Effect::Patch { key, name, value } => Box::pin(async move {
                let params = json!({ "key": key, name: value });
                let answer = this.ask::<SessionsPatchParams>(params).await;
                Reply::Patched(key, answer.map(|answer| Box::new(answer.resolved)))
            }),
            Effect::Reset(key) => Box::pin(async move {
                let answer = this.ask::<SessionsResetParams>(json!({ "key": key })).await;
                Reply::Reset(key, answer.map(drop))
            }),
        })
    }

    fn message(&self, key: &str, id: &str, text: &str) -> Value {
        let mut params = json!({ "sessionKey": key, "message": text, "idempotencyKey": id });
        if let Some(level) = &self.thinking {
            params["thinking"] = level.as_str().into();
        }
        if self.deliver {
            params["deliver"] = true.into();
        }
        if let Some(ms) = self.timeout_ms {
            params["timeoutMs"] = ms.into();
        }
        params
    }

    async fn ask<M: Method + Sync>(&self, params: Value) -> Result<M::Result, String> {
        self.ask_within::<M>(params, PATIENCE).await
    }

    async fn ask_within<M: Method + Sync>(
        &self,
        params: Value,
        timeout: Duration,
    ) -> Result<M::Result, String> {
        let line = |failure: Failure| failure.message;
        let params = typed::<M>(M::SPEC.name, params).map_err(line)?;
        let options = CallOptions { timeout, expect_final: false };
        let answer = self.client.call_with(M::SPEC.name, Some(&params), options).await;
        answer.map_err(|error| line(self.target.explain(error)))
    }
}

fn session(row: &SessionRow, now: u64) -> Item {
    let title = row.label.clone().or_else(|| row.derived_title.clone());
    let agent = row.key.strip_prefix("agent:").and_then(|rest| rest.split(':').next());
    let key = match agent {
        Some("main") | None => short_key(&row.key).to_owned(),
        Some(agent) => format!("{agent}: {}", short_key(&row.key)),
    };
    let age = format::age(row.updated_at.map(|then| now.saturating_sub(then)));
    Item {
        key: row.key.clone(),
        detail: if title.is_some() { format!("{age} · {key}") } else { age },
        title: title.unwrap_or(key),
    }
}

fn model(model: &ModelChoice) -> Item {
    let key = format!("{}/{}", model.provider, model.id);
    let detail = match (model.available, model.context_window) {
        (Some(false), _) => {
            model.unavailable_reason.clone().unwrap_or_else(|| "not available".to_owned())
        }
        (_, Some(window)) => format::tokens(window),
        _ => String::new(),
    };
    Item { title: format!("{key}  {}", model.name), key, detail }
}
