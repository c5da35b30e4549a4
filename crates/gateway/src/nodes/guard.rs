//! What an operator may send a node to run, and what not: positive lists, at every level.
//!
//! Whether a program was approved is in the gateway's records. Fields that say so are not taken from the wire.

use openclaw_protocol::RpcError;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What `system.run` takes from an operator.
const RUN: &[&str] = &[
    "command",
    "rawCommand",
    "systemRunPlan",
    "cwd",
    "env",
    "timeoutMs",
    "needsScreenRecording",
    "agentId",
    "sessionKey",
    "runId",
    "suppressNotifyOnExit",
];
/// What a plan of `system.run.prepare` has.
const PLAN: &[&str] = &[
    "argv",
    "cwd",
    "commandText",
    "commandPreview",
    "agentId",
    "sessionKey",
    "mutableFileOperand",
    "policySnapshot",
];
/// What a plan says of the one file that it runs.
const OPERAND: &[&str] = &["argvIndex", "path", "sha256"];
/// What speaks of an approval: a record of the gateway, never the caller's word.
const APPROVAL: &[&str] = &["approved", "approvalDecision", "approvalSource"];

/// Commands that have methods of their own.
const OWN_METHODS: &[&str] = &["system.execApprovals.get", "system.execApprovals.set"];

/// Refuses what only another method may ask for.
pub(crate) fn command(command: &str) -> Result<(), RpcError> {
    if !OWN_METHODS.contains(&command) {
        return Ok(());
    }
    let message = "node.invoke does not allow system.execApprovals.*; use exec.approvals.node.*";
    Err(RpcError::invalid(message).with_details(json!({ "command": command })))
}

/// The parameters as they are sent on; a program gets a run id, by which what the node tells of it is known.
pub(crate) fn params(command: &str, params: Option<Value>) -> Result<Option<Value>, RpcError> {
    if command != "system.run" {
        return Ok(params);
    }
    let Some(Value::Object(mut run)) = params else {
        return Err(RpcError::invalid("system.run needs an object with the command as a list"));
    };
    if let Some(field) = APPROVAL.iter().find(|field| run.contains_key(**field)) {
        return Err(RpcError::invalid(format!(
            "{field} is not taken from a caller: an approval is a record of the gateway"
        ))
        .with_details(json!({ "code": "APPROVALS_UNAVAILABLE", "field": field })));
    }
    only(&run, RUN, "system.run")?;
    if let Some(plan) = object(&run, "systemRunPlan")? {
        only(plan, PLAN, "systemRunPlan")?;
        if let Some(operand) = object(plan, "mutableFileOperand")? {
            only(operand, OPERAND, "mutableFileOperand")?;
        }
    }
    if let Some(env) = object(&run, "env")?
        && !env.values().all(Value::is_string)
    {
        return Err(RpcError::invalid("env maps names to texts"));
    }
    let given = run.get("runId").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if given.is_empty() {
        run.insert("runId".to_owned(), Uuid::new_v4().to_string().into());
    }
    Ok(Some(Value::Object(run)))
}

fn object<'a>(
    fields: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, RpcError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(RpcError::invalid(format!("{name} must be an object"))),
    }
}

fn only(fields: &Map<String, Value>, known: &[&str], what: &str) -> Result<(), RpcError> {
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(RpcError::invalid(format!("{what} does not take '{name}'"))
            .with_details(json!({ "field": name }))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(params: Value) -> Result<Value, RpcError> {
        super::params("system.run", Some(params)).map(Option::unwrap)
    }

    #[test]
    fn nobody_says_of_himself_that_he_was_approved() {
        for field in ["approved", "approvalDecision", "approvalSource"] {
            for value in [json!(true), json!(false), json!(null), json!("allow-once")] {
                let error = run(json!({"command": ["id"], field: value})).unwrap_err();
                assert!(error.message.starts_with(field), "{error}");
            }
        }
        for hidden in [
            json!({"command": ["id"], "Approved": true}),
            json!({"command": ["id"], "systemRunPlan": {"argv": ["id"], "approved": true}}),
            json!({"command": ["id"], "systemRunPlan": {"mutableFileOperand": {"approved": true}}}),
            json!({"command": ["id"], "env": {"A": {"approved": true}}}),
            json!({"command": ["id"], "systemRunPlan": [{"approved": true}]}),
            json!(["id"]),
        ] {
            run(hidden.clone()).expect_err(&hidden.to_string());
        }
        params("system.run", None).unwrap_err();
    }

    #[test]
    fn a_program_has_a_run_id_and_other_commands_are_their_nodes_own() {
        let named = json!({"command": ["id"], "runId": "r", "cwd": null, "env": {"LANG": "C"}});
        assert_eq!(run(named.clone()).unwrap(), named);
        for unnamed in [json!({"command": ["id"]}), json!({"command": ["id"], "runId": " "})] {
            assert!(Uuid::parse_str(run(unnamed).unwrap()["runId"].as_str().unwrap()).is_ok());
        }
        let other = Some(json!({"approved": true}));
        assert_eq!(params("canvas.present", other.clone()).unwrap(), other);
    }

    #[test]
    fn what_has_a_method_of_its_own_is_not_invoked() {
        assert!(command("system.execApprovals.set").is_err() && command("system.which").is_ok());
    }
}
