//! `config get|file|schema|validate`: works without a gateway.

use openclaw_gateway::config::{Config, ConfigSnapshot, Problem, offline};
use serde_json::{Value, json};

use crate::{
    args::ConfigCommand,
    commands::Context,
    failure::{Exit, Failure},
    output::{self, Style},
    settings,
};

pub(crate) fn run(cx: &Context, command: &ConfigCommand) -> Result<(), Failure> {
    let paths = settings::paths(&cx.root, &cx.env)?;
    match command {
        ConfigCommand::Schema { .. } => output::json(&Config::json_schema()),
        ConfigCommand::File => output::line(paths.config_file.display().to_string()),
        ConfigCommand::Get { path, json } => {
            let snapshot = ConfigSnapshot::take(&paths, &cx.env);
            let value = get(&snapshot.resolved, path)?;
            match value {
                _ if *json => output::json(&value),
                Value::String(text) => output::line(text),
                value => output::json(&value),
            }
        }
        ConfigCommand::Validate { json } => {
            let report = offline::validate(&paths, &cx.env);
            let valid = report.is_valid();
            if *json {
                output::json(&document(&report))?;
            } else {
                let file = report.path.display();
                let missing = if report.exists { "" } else { " (no file; the defaults apply)" };
                for problem in report.problems.iter().chain(&report.warnings).chain(&report.notes) {
                    output::note(problem.to_string());
                }
                match report.problems.len() {
                    0 => output::line(format!("Config valid: {file}{missing}"))?,
                    count => {
                        let head = cx.out.style(Style::Red, "Config invalid:");
                        output::line(format!("{head} {file} ({count} problems)"))?;
                    }
                }
            }
            if valid { Ok(()) } else { Err(Failure::shown(Exit::Failed)) }
        }
    }
}

fn get(resolved: &Value, path: &str) -> Result<Value, Failure> {
    if offline::parse_path(path).is_none() {
        return Err(Failure::usage(format!(
            "{path:?} is no config path; an example is agents.list[0].id"
        )));
    }
    offline::get(resolved, path)
        .ok_or_else(|| Failure::new("NOT_FOUND", format!("Config path not found: {path}")))
}

fn document(report: &offline::Report) -> Value {
    let list = |problems: &[Problem]| problems.iter().map(entry).collect::<Value>();
    json!({
        "valid": report.is_valid(),
        "path": report.path,
        "exists": report.exists,
        "issues": list(&report.problems),
        "warnings": list(&report.warnings),
        "notes": list(&report.notes),
    })
}

fn entry(problem: &Problem) -> Value {
    let mut entry =
        json!({ "path": problem.path, "message": problem.message, "file": problem.file });
    if let Some(position) = problem.position {
        entry["line"] = position.line.into();
        entry["column"] = position.column.into();
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_their_absence() {
        let config = json!({ "gateway": { "port": 1, "auth": { "token": "secret" } }, "agents": { "list": [{ "id": "a" }] } });
        assert_eq!(get(&config, "gateway.port").unwrap(), 1);
        assert_eq!(get(&config, "agents.list[0].id").unwrap(), "a");
        assert_ne!(get(&config, "gateway.auth.token").unwrap(), "secret");
        assert_eq!(
            get(&config, "gateway.nope").unwrap_err().message,
            "Config path not found: gateway.nope"
        );
        assert_eq!(get(&config, "a..b").unwrap_err().exit, Exit::Usage);
    }
}
