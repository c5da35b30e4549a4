//! The file as clients read and write it.

use openclaw_protocol::methods::{
    approvals::exec::{PolicyAsk, PolicySecurity},
    exec_approvals::{
        ExecApprovalsFile, ExecApprovalsSnapshot, McpToolGrant, ResolvedExecDefaults,
    },
};
use serde::Deserialize as _;
use serde_json::Value;

use super::{ApprovalsFile, MCP_TOOLS, Snapshot};
use crate::exec::policy::{Ask, Limits, Security};

/// The file as a client wants it. Both have the same shape; the text between them is the same.
pub fn stored(file: &ExecApprovalsFile) -> Result<ApprovalsFile, String> {
    let text = serde_json::to_value(file).and_then(serde_json::from_value);
    text.map_err(|problem| problem.to_string())
}

/// The file as a client sees it: what it says, but no secret, and what holds where it says nothing.
pub fn shown(snapshot: &Snapshot) -> Result<ExecApprovalsSnapshot, String> {
    // The name of no agent: what is left are the defaults.
    let (limits, _) =
        ApprovalsFile { agents: std::collections::BTreeMap::new(), ..snapshot.file.clone() }
            .rules("", Limits::BASE);
    Ok(ExecApprovalsSnapshot {
        path: snapshot.path.display().to_string(),
        exists: snapshot.exists,
        hash: snapshot.hash.clone(),
        file: known(&snapshot.file)?,
        resolved_defaults: Some(ResolvedExecDefaults {
            security: security(limits.security),
            ask: match limits.ask {
                Ask::Off => PolicyAsk::Off,
                Ask::OnMiss => PolicyAsk::OnMiss,
                Ask::Always => PolicyAsk::Always,
            },
            ask_fallback: security(limits.fallback),
            auto_allow_skills: snapshot.file.defaults.auto_allow_skills.unwrap_or(false),
        }),
        invalid: snapshot.problem.clone(),
    })
}

/// The file of a node as it tells it, with what we know of it and no secret.
pub fn told(payload: Value) -> Result<ExecApprovalsSnapshot, String> {
    #[derive(serde::Deserialize)]
    struct Told {
        path: String,
        exists: bool,
        hash: String,
        file: ApprovalsFile,
    }
    let told = Told::deserialize(payload).map_err(|problem| problem.to_string())?;
    Ok(ExecApprovalsSnapshot {
        path: told.path,
        exists: told.exists,
        hash: told.hash,
        file: known(&told.file)?,
        resolved_defaults: None,
        invalid: None,
    })
}

fn security(security: Security) -> PolicySecurity {
    match security {
        Security::Deny => PolicySecurity::Deny,
        Security::Allowlist => PolicySecurity::Allowlist,
        Security::Full => PolicySecurity::Full,
    }
}

/// What the protocol knows of the file; what it does not know stays in the file alone.
fn known(file: &ApprovalsFile) -> Result<ExecApprovalsFile, String> {
    let mut known = file.clone();
    known.rest.clear();
    if let Some(socket) = &mut known.socket {
        socket.token = None;
    }
    for agent in known.agents.values_mut() {
        agent.rest.retain(|name, value| name == MCP_TOOLS && is_grants(value));
        agent.allowlist.iter_mut().for_each(|entry| entry.rest.clear());
    }
    let text = serde_json::to_value(&known).and_then(serde_json::from_value);
    text.map_err(|problem| problem.to_string())
}

fn is_grants(value: &Value) -> bool {
    Vec::<McpToolGrant>::deserialize(value).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_secret_and_nothing_unknown_is_shown() {
        let text = json!({
            "version": 1, "socket": {"path": "/s", "token": "secret"}, "future": 1,
            "defaults": {"security": "full"},
            "agents": {"main": {"security": "deny", "odd": 1, "mcpTools": [1],
                "allowlist": [{"pattern": "/bin/x", "odd": 1}]}},
        });
        let file = ApprovalsFile::parse(text.to_string().as_bytes()).unwrap();
        let snapshot =
            Snapshot { path: "/p".into(), exists: true, hash: "h".to_owned(), file, problem: None };
        let shown = shown(&snapshot).unwrap();
        let told = serde_json::to_string(&shown).unwrap();
        assert!(!told.contains("secret") && !told.contains("odd") && !told.contains("future"));
        let limits = shown.resolved_defaults.unwrap();
        assert_eq!((limits.security, limits.ask), (PolicySecurity::Full, PolicyAsk::OnMiss));
        let again = stored(&shown.file).unwrap();
        assert_eq!(again.agents["main"].allowlist[0].pattern, "/bin/x");
    }
}
