//! `agent`: one turn, and its reply.

use std::{fs::File, io::Read as _, path::Path, time::Duration};

use openclaw_protocol::{
    Method as _,
    methods::{
        agent::{AgentParams, AgentRunResult, AgentRunStatus},
        sessions::{SessionsPatchParams, SessionsResolveParams},
    },
};
use openclaw_sdk::CallOptions;
use serde_json::{Map, Value, json};

use crate::{
    args::{AgentArgs, RemoteArgs},
    commands::Context,
    connect::{self, ALL, Gateway, Manner, WRITE},
    failure::Failure,
    output, patience,
};

pub(super) mod local;

/// How long to connect.
const CONNECT: Duration = Duration::from_secs(10);
/// What the gateway may take beyond the turn itself.
const GRACE: Duration = Duration::from_secs(30);
/// The largest file with what to say.
const MAX_MESSAGE: u64 = 4 * 1024 * 1024;

pub(crate) async fn run(cx: &Context, args: &AgentArgs) -> Result<(), Failure> {
    let params = params(args)?;
    let here = RemoteArgs::default();
    // A model and a session's settings are for those who may change them.
    let scopes = if args.model.is_some() || args.verbose.is_some() { ALL } else { WRITE };
    let manner = Manner::visit(scopes, CONNECT);
    let gateway = Gateway::connect(&cx.settings()?, &here, manner).await.map_err(|failure| {
        let alone = failure.code == "GATEWAY_UNREACHABLE";
        let more = if alone { ", or run the turn in this process with --local" } else { "" };
        Failure { message: format!("{}{more}", failure.message), ..failure }
    })?;
    show(turn(&Place::There(&gateway), args, params).await?, args)
}

/// Who runs the turn.
enum Place<'a> {
    /// A gateway that runs.
    There(&'a Gateway),
    /// One in this process, for this turn.
    Here(&'a openclaw_gateway::Gateway),
}

impl Place<'_> {
    /// Calls a method; one that answers twice is waited for to its end.
    async fn call(
        &self,
        method: &str,
        params: &Value,
        timeout: Duration,
    ) -> Result<Value, Failure> {
        match self {
            Self::There(gateway) => {
                let options = CallOptions { timeout, expect_final: true };
                let call = gateway.client.call_with(method, Some(params), options);
                call.await.map_err(|error| gateway.target.explain(error))
            }
            // Its own limits end what takes too long.
            Self::Here(gateway) => gateway.call(method, params).await.map_err(|error| {
                let code = serde_json::to_value(error.code).unwrap_or_default();
                let code = code.as_str().unwrap_or("REFUSED").to_owned();
                Failure::new(code, error.message).with_details(error.details)
            }),
        }
    }
}

/// Runs the turn.
async fn turn(place: &Place<'_>, args: &AgentArgs, params: Value) -> Result<Value, Failure> {
    if let Some(verbose) = args.verbose {
        let key = session_key(place, args).await?;
        let patch = json!({ "key": key, "verboseLevel": verbose.word() });
        place.call(SessionsPatchParams::SPEC.name, &patch, CONNECT).await?;
    }
    let call = place.call(AgentParams::SPEC.name, &params, args.timeout + GRACE);
    patience::wait("the agent is at work", call).await
}

/// The session that the turn belongs to, chosen as the gateway chooses it.
async fn session_key(place: &Place<'_>, args: &AgentArgs) -> Result<String, Failure> {
    if let Some(key) = &args.session_key {
        return Ok(key.clone());
    }
    if let Some(id) = &args.session_id {
        let asked = json!({ "sessionId": id });
        let answer = place.call(SessionsResolveParams::SPEC.name, &asked, CONNECT).await?;
        return Ok(answer["key"].as_str().unwrap_or_default().to_owned());
    }
    Ok(match &args.agent {
        Some(agent) => format!("agent:{}:main", agent.trim().to_lowercase()),
        None => "main".to_owned(),
    })
}

fn show(answer: Value, args: &AgentArgs) -> Result<(), Failure> {
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

/// The parameters, checked against the method's definition before anything is asked.
fn params(args: &AgentArgs) -> Result<Value, Failure> {
    let message = match (&args.message, &args.message_file) {
        (None, Some(path)) => Some(message_of(path)?),
        (message, _) => message.clone(),
    };
    let mut params = Map::new();
    let mut set = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            params.insert(name.to_owned(), value.as_str().into());
        }
    };
    set("message", &message);
    set("agentId", &args.agent.as_ref().map(|id| id.trim().to_lowercase()));
    set("sessionId", &args.session_id);
    set("sessionKey", &args.session_key);
    set("to", &args.to);
    set("thinking", &args.thinking);
    set("model", &args.model);
    set("idempotencyKey", &Some(uuid::Uuid::new_v4().to_string()));
    set("channel", &args.channel);
    set("replyTo", &args.reply_to);
    set("replyChannel", &args.reply_channel);
    set("replyAccountId", &args.reply_account);
    params.insert("deliver".into(), json!(args.deliver));
    params.insert("timeout".into(), json!(args.timeout.as_secs()));
    connect::typed::<AgentParams>(AgentParams::SPEC.name, params.clone().into())?;
    Ok(params.into())
}

/// What a file says.
fn message_of(path: &Path) -> Result<String, Failure> {
    let bad =
        |problem: String| Failure::usage(format!("--message-file {}: {problem}", path.display()));
    let mut text = String::new();
    // One byte more than is allowed tells that there are too many.
    let read =
        File::open(path).and_then(|file| file.take(MAX_MESSAGE + 1).read_to_string(&mut text));
    read.map_err(|error| bad(error.to_string()))?;
    if text.len() as u64 > MAX_MESSAGE {
        return Err(bad("it is larger than 4 MiB".to_owned()));
    }
    Ok(text)
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
    use crate::args::{Command, Parsed};

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

    fn given(line: &str) -> AgentArgs {
        let words = ["openclaw", "agent"].into_iter().chain(line.split_whitespace());
        match crate::args::parse(words.map(Into::into)) {
            Ok(Parsed::Run(cli)) => match cli.command {
                Command::Agent(args) => args,
                other => panic!("{other:?}"),
            },
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn what_to_say_may_be_in_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("words");
        let line = format!("--message-file {}", file.display());
        let refused = |line: &str| params(&given(line)).unwrap_err().message;
        assert!(refused(&line).contains("No such file"));
        std::fs::write(&file, "über\nzwei Zeilen").unwrap();
        let asked = params(&given(&line)).unwrap();
        assert_eq!(asked["message"], "über\nzwei Zeilen");
        std::fs::write(&file, [0xff]).unwrap();
        assert!(refused(&line).contains("UTF-8"));
        std::fs::write(&file, vec![b'x'; 4 * 1024 * 1024 + 1]).unwrap();
        assert!(refused(&line).ends_with("larger than 4 MiB"));
        std::fs::write(&file, "").unwrap();
        assert!(refused(&line).starts_with("agent does not take that"), "nothing is said");
    }

    #[test]
    fn the_parameters_are_the_recorded_ones() {
        let mut given = params(&given("-m hi --agent Main")).unwrap();
        given.as_object_mut().unwrap().remove("idempotencyKey").unwrap();
        let expected =
            json!({ "message": "hi", "agentId": "main", "deliver": false, "timeout": 600 });
        assert_eq!(given, expected);
    }
}
