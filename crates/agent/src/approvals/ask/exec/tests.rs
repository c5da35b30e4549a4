use serde_json::{Value, json};

use super::*;

fn read(params: Value) -> Result<ExecApprovalRequest, ApprovalError> {
    let params = serde_json::from_value(params).unwrap();
    match super::read(params)?.request {
        Request::Exec(request) => Ok(*request),
        other => panic!("{other:?}"),
    }
}

fn plan() -> Value {
    json!({
        "argv": ["/bin/cat", "a b"], "cwd": "/srv", "commandText": "/bin/true", "agentId": "main",
        "sessionKey": null, "mutableFileOperand": {"argvIndex": 1, "path": "/srv/a b", "sha256": "00"},
    })
}

#[test]
fn what_is_shown_is_what_would_run() {
    let shown =
        read(json!({"command": "echo harmless", "commandArgv": ["rm", "-rf", "a b"]})).unwrap();
    assert_eq!(shown.command, "rm -rf 'a b'");
    assert_eq!(shown.command_argv.unwrap(), ["rm", "-rf", "a b"]);
    let shown =
        read(json!({"host": "node", "nodeId": "n", "command": "ls", "systemRunPlan": plan()}))
            .unwrap();
    assert_eq!(shown.command, "/bin/cat 'a b'");
    assert_eq!(shown.command_argv, None);
    let told = shown.system_run_plan.unwrap();
    assert_eq!(told.command_text, "/bin/cat 'a b'");
    let binding = shown.system_run_binding.unwrap();
    assert_eq!((binding.argv.len(), binding.cwd.as_deref()), (2, Some("/srv")));
    assert_eq!((binding.env_hash, binding.session_key), (None, None));
}

#[test]
fn controls_directions_and_lookalikes_are_seen() {
    let shown = read(json!({
        "command": "ls \u{202e}gnp.exe\u{1b}[2K\r", "cwd": "/tm\u{200b}p", "agentId": "ma\u{0}in",
    }))
    .unwrap();
    assert_eq!(shown.command, "ls \\u{202E}gnp.exe\\u{1B}[2K\\u{D}");
    assert_eq!(shown.cwd.as_deref(), Some("/tm\\u{200B}p"));
    assert_eq!(shown.agent_id.as_deref(), Some("ma\\u{0}in"));
    let shown =
        read(json!({"command": "/usr/bin/раsswd", "warningText": "first\r\nsecond\u{7}"})).unwrap();
    let warning = shown.warning_text.unwrap();
    assert!(
        warning.starts_with("Contains characters that look like others: р (U+0440)"),
        "{warning}"
    );
    assert!(warning.ends_with("\nfirst\nsecond\\u{7}"), "{warning}");
}

#[test]
fn what_cannot_be_shown_in_full_is_refused() {
    let long = |length: usize| read(json!({"command": "x".repeat(length)}));
    assert_eq!(long(MAX_SHOWN).unwrap().command.len(), MAX_SHOWN);
    assert!(matches!(long(MAX_SHOWN + 1), Err(ApprovalError::TooLong)));
    // Written out it is six times as long.
    let hidden = "\u{200b}".repeat(MAX_SHOWN / 4);
    assert!(matches!(read(json!({"command": hidden})), Err(ApprovalError::TooLong)));
    let cwd = read(json!({"command": "ls", "cwd": "/".repeat(5_000)})).unwrap_err();
    assert_eq!(cwd.to_string(), "cwd is too long to be shown in full");
}

#[test]
fn what_is_missing_is_said_as_recorded() {
    for (params, why) in [
        (json!({}), "command is required"),
        (json!({"command": "  "}), "command is required"),
        (json!({"commandArgv": [""]}), "command is required"),
        (json!({"command": "x", "host": "node"}), "nodeId is required for host=node"),
        (
            json!({"command": "x", "host": "node", "nodeId": "n"}),
            "systemRunPlan is required for host=node",
        ),
    ] {
        assert_eq!(read(params).unwrap_err().to_string(), why);
    }
    let mut empty = plan();
    empty["argv"] = json!([]);
    let params = json!({"host": "node", "nodeId": "n", "systemRunPlan": empty});
    assert_eq!(read(params).unwrap_err().to_string(), "commandArgv is required for host=node");
    for env in [json!({"": "x"}), json!({"A=B": "x"}), json!({"A": "x\u{0}y"})] {
        assert!(read(json!({"command": "ls", "env": env})).is_err());
    }
}

#[test]
fn a_lasting_yes_is_not_for_everything() {
    let decisions = |params: Value| read(params).unwrap().allowed_decisions;
    let all = ApprovalDecision::ALL.to_vec();
    let once = vec![ApprovalDecision::AllowOnce, ApprovalDecision::Deny];
    assert_eq!(decisions(json!({"commandArgv": ["ls"]})), all);
    assert_eq!(decisions(json!({"commandArgv": ["/bin/bash", "x.sh"]})), once);
    assert_eq!(decisions(json!({"commandArgv": ["ls"], "ask": " ALWAYS"}))[1], all[1]);
    assert_eq!(decisions(json!({"commandArgv": ["ls"], "ask": "always"})), once);
}
