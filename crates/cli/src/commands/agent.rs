//! `agent`: one turn, and its reply.

use std::time::Duration;

use openclaw_protocol::methods::agent::{AgentParams, AgentRunResult, AgentRunStatus};
use openclaw_sdk::CallOptions;
use serde_json::{Map, Value, json};

use crate::{
    args::{AgentArgs, RemoteArgs},
    commands::Context,
    connect::{self, Gateway, Manner, WRITE},
    failure::Failure,
    output, patience,
};

/// How long to connect.
const CONNECT: Duration = Duration::from_secs(10);
/// What the gateway may take beyond the turn itself.
const GRACE: Duration = Duration::from_secs(30);

pub(crate) async fn run(cx: &Context, args: &AgentArgs) -> Result<(), Failure> {
    let params: AgentParams = connect::typed("agent", params(args))?;
    let here = RemoteArgs::default();
    let gateway = Gateway::connect(&cx.settings()?, &here, Manner::visit(WRITE, CONNECT)).await?;
    let options = CallOptions { timeout: args.timeout + GRACE, expect_final: true };
    let call = gateway.client.call_with::<_, Value>("agent", Some(&params), options);
    let answer = patience::wait("the agent is at work", call)
        .await
        .map_err(|error| gateway.target.explain(error))?;
    let result = connect::read::<AgentParams>(answer.clone())?;
    if result.status != AgentRunStatus::Ok {
        let summary = result.summary.as_deref().unwrap_or("the turn did not end well");
        return Err(Failure::new("AGENT_FAILED", summary).with_details(Some(answer)));
    }
    if args.json {
        return output::json(&answer);
    }
    output::lines(&render(&result))
}

fn params(args: &AgentArgs) -> Value {
    let mut params = Map::new();
    let mut set = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            params.insert(name.to_owned(), value.as_str().into());
        }
    };
    set("message", &Some(args.message.clone()));
    set("agentId", &args.agent.as_ref().map(|id| id.trim().to_lowercase()));
    set("sessionId", &args.session_id);
    set("to", &args.to);
    set("thinking", &args.thinking);
    set("idempotencyKey", &Some(uuid::Uuid::new_v4().to_string()));
    set("channel", &args.channel);
    set("replyTo", &args.reply_to);
    set("replyChannel", &args.reply_channel);
    set("replyAccountId", &args.reply_account);
    params.insert("deliver".into(), json!(args.deliver));
    params.insert("timeout".into(), json!(args.timeout.as_secs()));
    params.into()
}

fn render(result: &AgentRunResult) -> Vec<String> {
    let payloads = result.result.iter().flat_map(|output| &output.payloads);
    let lines: Vec<String> = payloads
        .flat_map(|payload| {
            let media = payload.media_url.as_ref().map(|url| format!("MEDIA:{url}"));
            payload.text.clone().filter(|text| !text.is_empty()).into_iter().chain(media)
        })
        .collect();
    if lines.is_empty() { vec!["No reply from the agent.".into()] } else { lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_is_the_text_of_every_payload() {
        let result = |payloads: Value| {
            let answer = json!({ "runId": "r", "status": "ok", "summary": "completed", "result": { "payloads": payloads, "meta": {} } });
            render(&connect::read::<AgentParams>(answer).unwrap())
        };
        let two = json!([{ "text": "Echo: hi", "mediaUrl": null }, { "text": "", "mediaUrl": "https://m" }]);
        assert_eq!(result(two), ["Echo: hi", "MEDIA:https://m"]);
        assert_eq!(result(json!([])), ["No reply from the agent."]);
    }

    #[test]
    fn the_parameters_are_the_recorded_ones() {
        let args = AgentArgs {
            message: "hi".into(),
            agent: Some(" Main ".into()),
            session_id: None,
            to: None,
            thinking: None,
            timeout: Duration::from_mins(10),
            json: false,
            deliver: false,
            channel: None,
            reply_to: None,
            reply_channel: None,
            reply_account: None,
        };
        let mut given = params(&args);
        assert!(connect::typed::<AgentParams>("agent", given.clone()).is_ok());
        given.as_object_mut().unwrap().remove("idempotencyKey").unwrap();
        let expected =
            json!({ "message": "hi", "agentId": "main", "deliver": false, "timeout": 600 });
        assert_eq!(given, expected);
    }
}
