//! `sessions`: the session index, newest first.

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use openclaw_protocol::methods::sessions::{SessionRow, SessionsListParams, SessionsListResult};
use serde_json::{Map, Value, json};

use crate::{
    args::{Limit, RemoteArgs, SessionsArgs, SessionsCommand},
    commands::Context,
    connect::{self, Gateway, Manner, READ},
    failure::Failure,
    format, output,
};

mod get;

/// Longest wait.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Sessions that are asked for at a time.
const PAGE: u64 = 1000;
/// Widest key in the table; longer ones are cut in the middle.
const KEY_WIDTH: usize = 26;

pub(crate) async fn run(cx: &Context, args: &SessionsArgs) -> Result<(), Failure> {
    if let Some(SessionsCommand::Get(args)) = &args.command {
        return get::run(cx, args).await;
    }
    if let Some(path) = &args.store {
        return stored(path, args);
    }
    let here = RemoteArgs::default();
    let gateway = Gateway::connect(&cx.settings()?, &here, Manner::visit(READ, TIMEOUT)).await?;
    let mut params = Map::new();
    if let Some(minutes) = args.active {
        params.insert("activeMinutes".into(), minutes.into());
    }
    if !args.all_agents {
        let hello = gateway.client.hello();
        let default = hello.snapshot["sessionDefaults"]["defaultAgentId"].as_str();
        if let Some(agent) = args.agent.as_deref().or(default) {
            params.insert("agentId".into(), agent.into());
        }
    }
    let answer = match args.limit {
        None => gateway.ask::<SessionsListParams>(params.into()).await?,
        Some(Limit::Count(count)) => pages(&gateway, params, count).await?,
        Some(Limit::All) => pages(&gateway, params, u64::MAX).await?,
    };
    show(answer, args)
}

/// So many rows, from as many answers as that takes: a gateway gives a bounded number at a time.
async fn pages(
    gateway: &Gateway,
    mut params: Map<String, Value>,
    wanted: u64,
) -> Result<Value, Failure> {
    let mut whole = Value::Null;
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let left = wanted.saturating_sub(rows.len() as u64);
        params.insert("limit".into(), left.min(PAGE).into());
        let mut answer = gateway.ask::<SessionsListParams>(params.clone().into()).await?;
        let next = answer["nextOffset"].as_u64();
        let before = rows.len();
        rows.extend(answer["sessions"].as_array_mut().map(std::mem::take).unwrap_or_default());
        whole = if whole.is_null() { answer } else { whole };
        match next.filter(|_| rows.len() > before && (rows.len() as u64) < wanted) {
            Some(next) => params.insert("offset".into(), next.into()),
            None => break,
        };
    }
    whole["count"] = rows.len().into();
    whole["sessions"] = rows.into();
    Ok(whole)
}

/// The sessions of a file, without a gateway.
fn stored(path: &Path, args: &SessionsArgs) -> Result<(), Failure> {
    let rows = openclaw_gateway::session_file::rows(path)
        .map_err(|problem| Failure::new("STORE", format!("{}: {problem}", path.display())))?;
    let now = Timestamp::now().as_millisecond();
    show(chosen(path, rows, args, u64::try_from(now).unwrap_or_default()), args)
}

/// A list as a gateway would answer it.
fn chosen(path: &Path, mut rows: Vec<SessionRow>, args: &SessionsArgs, now: u64) -> Value {
    if let Some(minutes) = args.active {
        let since = now.saturating_sub(minutes.saturating_mul(60_000));
        rows.retain(|row| row.updated_at.is_some_and(|at| at >= since));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.updated_at));
    if let Some(Limit::Count(count)) = args.limit {
        rows.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    }
    json!({
        "ts": now, "path": path, "count": rows.len(), "nextOffset": null, "sessions": rows,
        "defaults": { "modelProvider": null, "model": null, "contextTokens": null },
    })
}

fn show(answer: Value, args: &SessionsArgs) -> Result<(), Failure> {
    if args.json {
        return output::json(&document(answer, args));
    }
    let list = connect::read::<SessionsListParams>(answer)?;
    output::lines(&render(&list))
}

/// The gateway's list with what OpenClaw's command adds: the ages and the question.
fn document(mut answer: Value, args: &SessionsArgs) -> Value {
    let now = answer["ts"].as_u64();
    for row in answer["sessions"].as_array_mut().into_iter().flatten() {
        let age = now.zip(row["updatedAt"].as_u64()).map(|(now, then)| now.saturating_sub(then));
        row["ageMs"] = json!(age);
    }
    answer["activeMinutes"] = json!(args.active);
    answer["allAgents"] = json!(args.all_agents);
    answer
}

fn render(list: &SessionsListResult) -> Vec<String> {
    let mut lines = vec![
        format!("Session store: {}", list.path),
        format!("Sessions listed: {}", list.sessions.len()),
    ];
    if list.sessions.is_empty() {
        return lines;
    }
    let heads = ["Kind", "Key", "Age", "Model", "Tokens (ctx %)", "Flags"].map(str::to_owned);
    let mut rows = vec![heads.to_vec()];
    rows.extend(list.sessions.iter().map(|row| cells(row, list)));
    lines.extend(format::table(&rows));
    lines
}

fn cells(row: &SessionRow, list: &SessionsListResult) -> Vec<String> {
    let kind = serde_json::to_value(row.kind).unwrap_or_default();
    let model = row.model.clone().or_else(|| list.defaults.model.clone());
    let window = row.context_tokens.or(list.defaults.context_tokens);
    vec![
        kind.as_str().unwrap_or("unknown").to_owned(),
        format::shorten(&row.key, KEY_WIDTH),
        format::age(row.updated_at.map(|then| list.ts.saturating_sub(then))),
        model.unwrap_or_else(|| "-".into()),
        format::context(row.total_tokens, window),
        flags(row).join(" "),
    ]
}

fn flags(row: &SessionRow) -> Vec<String> {
    let named = [
        ("think", &row.thinking_level),
        ("verbose", &row.verbose_level),
        ("reasoning", &row.reasoning_level),
        ("elevated", &row.elevated_level),
    ];
    let mut flags: Vec<String> = named
        .into_iter()
        .filter_map(|(name, level)| level.as_ref().map(|level| format!("{name}:{level}")))
        .collect();
    let plain = [("system", row.system_sent), ("aborted", row.aborted_last_run)];
    flags.extend(plain.iter().filter(|(_, on)| *on == Some(true)).map(|(name, _)| (*name).into()));
    flags.extend(row.session_id.iter().map(|id| format!("id:{id}")));
    flags
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn answer() -> Value {
        json!({
            "ts": 1_000_000, "path": "/s/sessions.json", "count": 2, "nextOffset": null,
            "defaults": { "modelProvider": "mock", "model": "echo", "contextTokens": 128_000 },
            "sessions": [
                { "key": "agent:main:main", "kind": "direct", "updatedAt": 990_000, "sessionId": "acd8", "systemSent": true, "totalTokens": 100, "totalTokensFresh": true, "thinkingLevel": "low" },
                { "key": "agent:main:hook:2cc3d10a-7feb-4447-88bf-f052bd9b0df9", "kind": "direct", "updatedAt": 100_000, "abortedLastRun": true },
            ],
        })
    }

    #[test]
    fn it_reads_as_the_recorded_one() {
        let list = connect::read::<SessionsListParams>(answer()).unwrap();
        expect![[r"
            Session store: /s/sessions.json
            Sessions listed: 2
            Kind    Key                         Age       Model  Tokens (ctx %)     Flags
            direct  agent:main:main             just now  echo   100/128k (0%)      think:low system id:acd8
            direct  agent:main:hook:2...9b0df9  15m ago   echo   unknown/128k (?%)  aborted"]]
        .assert_eq(&render(&list).join("\n"));
    }

    #[test]
    fn the_document_has_ages() {
        let args = SessionsArgs {
            command: None,
            active: Some(5),
            agent: None,
            all_agents: true,
            limit: None,
            store: None,
            verbose: false,
            json: true,
        };
        let document = document(answer(), &args);
        assert_eq!(document["sessions"][0]["ageMs"], 10_000);
        assert_eq!((&document["activeMinutes"], &document["allAgents"]), (&json!(5), &json!(true)));
    }

    #[test]
    fn a_file_is_listed_as_a_gateway_would() {
        let row = |key: &str, at| {
            let row = json!({ "key": key, "kind": "direct", "updatedAt": at });
            serde_json::from_value::<SessionRow>(row).unwrap()
        };
        let rows = || vec![row("old", 1), row("new", 590_000), row("newer", 600_000)];
        let keys = |args: &SessionsArgs| -> Vec<String> {
            let list = chosen(Path::new("/s.json"), rows(), args, 600_000);
            let list = connect::read::<SessionsListParams>(list).unwrap();
            list.sessions.into_iter().map(|row| row.key).collect()
        };
        let args = |active, limit| SessionsArgs {
            command: None,
            active,
            agent: None,
            all_agents: false,
            limit,
            store: Some("/s.json".into()),
            verbose: false,
            json: false,
        };
        assert_eq!(keys(&args(None, Some(Limit::All))), ["newer", "new", "old"]);
        assert_eq!(keys(&args(Some(1), None)), ["newer", "new"]);
        assert_eq!(keys(&args(None, Some(Limit::Count(1)))), ["newer"]);
    }
}
