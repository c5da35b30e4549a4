//! `nodes run`: a program on a node. The node's own `exec-approvals.json` decides, and a person where it says so.

use std::time::Duration;

use openclaw_protocol::methods::nodes::NodeSummary;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Asked, person};
use crate::{
    args::{AskPerson, NodeExecArgs},
    commands::Context,
    failure::Failure,
    output,
};

/// How a program ended on a node.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Ended {
    exit_code: Option<i64>,
    timed_out: bool,
    success: bool,
    stdout: String,
    stderr: String,
    error: Option<String>,
}

pub(super) async fn run(cx: &Context, args: &NodeExecArgs) -> Result<(), Failure> {
    let asks = args.person != AskPerson::Off;
    let longest = if asks { person::WAIT.max(args.invoke_timeout) } else { args.invoke_timeout };
    let asked = Asked::for_node(cx, &args.ask, longest).await?;
    let node = asked.find(&args.node).await?;
    let wait = (args.invoke_timeout, None);
    let mut params = wanted(args, &node);
    let mut plan = None;
    if knows(&node, "system.run.prepare") {
        // The node says what it would run, with every link followed; that is what it is asked for.
        let target = (node.node_id.as_str(), "system.run.prepare");
        let mut prepared = asked.invoke(target, params.clone().into(), wait).await?;
        let shown = prepared["payload"]["plan"].take();
        for (name, value) in [("command", &shown["argv"]), ("cwd", &shown["cwd"])] {
            if !value.is_null() {
                params.insert(name.to_owned(), value.clone());
            }
        }
        params.insert("systemRunPlan".to_owned(), shown.clone());
        plan = Some(shown);
    }
    params.insert("runId".to_owned(), Uuid::new_v4().to_string().into());
    let answer = match (&plan, args.person) {
        (Some(plan), AskPerson::Always) => {
            approved((&asked, &node.node_id, wait), plan, params).await?
        }
        (None, AskPerson::Always) => {
            let why = "the node cannot say what it would run, so that nobody can decide about it";
            return Err(Failure::new("NO_PLAN", why));
        }
        (plan, _) => {
            let first = asked.invoke((&node.node_id, "system.run"), params.clone().into(), wait);
            match (first.await, plan) {
                (Err(failure), Some(plan)) if asks && person::is_wanted(&failure) => {
                    approved((&asked, &node.node_id, wait), plan, params).await?
                }
                (answer, _) => answer?,
            }
        }
    };
    if args.ask.json {
        return output::json(&answer);
    }
    let ended = Ended::deserialize(&answer["payload"]).map_err(|error| {
        Failure::new("DECODE", format!("the node's answer is not understood: {error}"))
    })?;
    show(&ended)
}

/// Runs what a person has allowed.
async fn approved(
    (asked, node_id, wait): (&Asked, &str, (Duration, Option<&str>)),
    plan: &Value,
    mut params: Map<String, Value>,
) -> Result<Value, Failure> {
    person::ask(asked, node_id, (plan, &mut params)).await?;
    asked.invoke((node_id, "system.run"), params.into(), wait).await
}

fn knows(node: &NodeSummary, command: &str) -> bool {
    node.commands.iter().any(|known| known == command)
}

/// What the node is asked to run.
fn wanted(args: &NodeExecArgs, node: &NodeSummary) -> Map<String, Value> {
    let windows = node.platform.as_deref().is_some_and(|platform| platform.starts_with("win"));
    let argv = match &args.raw {
        Some(line) if windows => ["cmd.exe", "/d", "/s", "/c", line].map(str::to_owned).to_vec(),
        Some(line) => ["/bin/sh", "-lc", line].map(str::to_owned).to_vec(),
        None => args.command.clone(),
    };
    let mut params = Map::new();
    params.insert("command".into(), json!(argv));
    let timeout = args.command_timeout.and_then(|time| u64::try_from(time.as_millis()).ok());
    let texts = [("rawCommand", &args.raw), ("cwd", &args.cwd), ("agentId", &args.agent)];
    for (name, value) in texts {
        params.extend(value.iter().map(|value| (name.to_owned(), json!(value))));
    }
    params.extend(timeout.map(|timeout| ("timeoutMs".to_owned(), json!(timeout))));
    if !args.env.is_empty() {
        let env = args.env.iter().map(|(name, value)| (name.clone(), json!(value)));
        params.insert("env".into(), Value::Object(env.collect()));
    }
    if args.needs_screen_recording {
        params.insert("needsScreenRecording".into(), json!(true));
    }
    params
}

/// What the program printed, as it would have been printed here.
fn show(ended: &Ended) -> Result<(), Failure> {
    output::text(&ended.stdout)?;
    if !ended.stderr.is_empty() {
        output::note(ended.stderr.trim_end_matches('\n'));
    }
    if ended.success {
        return Ok(());
    }
    Err(Failure::new(
        "PROGRAM_FAILED",
        match (ended.timed_out, ended.exit_code, &ended.error) {
            (true, ..) => {
                "the program's time was over; give it more with --command-timeout".to_owned()
            }
            (false, _, Some(error)) => error.clone(),
            (false, Some(code), None) => format!("the program ended with code {code}"),
            (false, None, None) => "the program was ended by a signal".to_owned(),
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{AskArgs, RemoteArgs};

    fn args(raw: Option<&str>, command: &[&str]) -> NodeExecArgs {
        NodeExecArgs {
            node: "n".into(),
            cwd: Some("/w".into()),
            env: vec![("A".into(), "b".into())],
            raw: raw.map(str::to_owned),
            agent: None,
            command_timeout: Some(Duration::from_secs(2)),
            invoke_timeout: Duration::from_secs(30),
            needs_screen_recording: false,
            person: AskPerson::OnMiss,
            ask: AskArgs {
                remote: RemoteArgs::default(),
                timeout: Duration::from_secs(10),
                json: false,
            },
            command: command.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    #[test]
    fn words_stay_words_and_a_line_goes_to_the_nodes_shell() {
        let linux = NodeSummary { platform: Some("linux".into()), ..NodeSummary::default() };
        let params = Value::Object(wanted(&args(None, &["echo", "a b"]), &linux));
        assert_eq!(
            params,
            json!({ "command": ["echo", "a b"], "cwd": "/w", "env": { "A": "b" }, "timeoutMs": 2000 })
        );
        let params = wanted(&args(Some("echo $A"), &[]), &linux);
        assert_eq!(params["command"], json!(["/bin/sh", "-lc", "echo $A"]));
        let windows = NodeSummary { platform: Some("windows".into()), ..NodeSummary::default() };
        let params = wanted(&args(Some("dir"), &[]), &windows);
        assert_eq!(params["command"], json!(["cmd.exe", "/d", "/s", "/c", "dir"]));
    }

    #[test]
    fn a_failed_program_fails_the_command() {
        let failed = |ended: Value| {
            show(&Ended::deserialize(ended).unwrap()).map_err(|failure| failure.message)
        };
        assert_eq!(failed(json!({ "success": true, "exitCode": 0 })), Ok(()));
        assert_eq!(
            failed(json!({ "success": false, "exitCode": 3 })),
            Err("the program ended with code 3".into())
        );
        assert!(failed(json!({ "timedOut": true })).unwrap_err().contains("--command-timeout"));
        assert!(failed(json!({})).unwrap_err().contains("signal"));
    }
}
