//! What an operator may send a node to run, and what not: positive lists, at every level.
//!
//! Whether a program was approved is in the gateway's records. Fields that say so are not taken from the wire;
//! they only ask to look there.

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
/// What speaks of an approval and is nobody's to say.
const SOURCE: &str = "approvalSource";

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

/// What may be sent on.
#[derive(Debug, PartialEq)]
pub(crate) struct Passed {
    /// The parameters; a program has a run id, by which what the node tells of it is known.
    pub(crate) params: Option<Value>,
    /// The request that a person allowed, as the caller says: the run id is its name.
    pub(crate) claimed: Option<String>,
}

/// What of the parameters may be sent on.
pub(crate) fn params(command: &str, params: Option<Value>) -> Result<Passed, RpcError> {
    if command != "system.run" {
        return Ok(Passed { params, claimed: None });
    }
    let Some(Value::Object(mut run)) = params else {
        return Err(RpcError::invalid("system.run needs an object with the command as a list"));
    };
    let claims = claims(&mut run)?;
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
    let claimed = claims.then(|| given.to_owned());
    if claims && given.is_empty() {
        return Err(RpcError::invalid("approval override requires params.runId")
            .with_details(json!({ "code": "MISSING_RUN_ID" })));
    }
    if given.is_empty() {
        run.insert("runId".to_owned(), Uuid::new_v4().to_string().into());
    }
    Ok(Passed { params: Some(Value::Object(run)), claimed })
}

/// Takes out what the caller says of an approval, and whether it says that there is one.
fn claims(run: &mut Map<String, Value>) -> Result<bool, RpcError> {
    let refuse = |field: &str| {
        Err(RpcError::invalid(format!(
            "{field} is not taken from a caller: an approval is a record of the gateway"
        ))
        .with_details(json!({ "field": field })))
    };
    if run.contains_key(SOURCE) {
        return refuse(SOURCE);
    }
    let approved = match run.remove("approved") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return refuse("approved"),
    };
    let decided = match run.remove("approvalDecision") {
        None | Some(Value::Null) => false,
        Some(Value::String(word)) if matches!(word.as_str(), "allow-once" | "allow-always") => true,
        Some(_) => return refuse("approvalDecision"),
    };
    Ok(approved || decided)
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
        super::params("system.run", Some(params)).map(|passed| passed.params.unwrap())
    }

    #[test]
    fn nobody_says_of_himself_that_he_was_approved() {
        for hidden in [
            json!({"command": ["id"], "approvalSource": "user"}),
            json!({"command": ["id"], "approved": "true"}),
            json!({"command": ["id"], "approved": 1}),
            json!({"command": ["id"], "approvalDecision": "deny"}),
            json!({"command": ["id"], "approvalDecision": {"allow-once": true}}),
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
    fn who_says_that_a_person_allowed_it_names_the_request() {
        for said in [
            json!({"approved": true}),
            json!({"approvalDecision": "allow-once"}),
            json!({"approved": false, "approvalDecision": "allow-always"}),
        ] {
            let mut fields = json!({"command": ["id"], "runId": " asked "});
            fields.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
            let passed = params("system.run", Some(fields.clone())).unwrap();
            assert_eq!(passed.claimed.as_deref(), Some("asked"));
            assert_eq!(passed.params.unwrap(), json!({"command": ["id"], "runId": " asked "}));
            fields["runId"] = json!(" ");
            let error = params("system.run", Some(fields)).unwrap_err();
            assert_eq!(error.details.unwrap()["code"], "MISSING_RUN_ID");
        }
        // As OpenClaw's own command line says that nobody was asked.
        let plain = json!({"command": ["id"], "runId": "r", "approved": false});
        let passed = params("system.run", Some(plain)).unwrap();
        assert_eq!(passed.claimed, None);
        assert_eq!(passed.params.unwrap(), json!({"command": ["id"], "runId": "r"}));
    }

    #[test]
    fn a_program_has_a_run_id_and_other_commands_are_their_nodes_own() {
        let named = json!({"command": ["id"], "runId": "r", "cwd": null, "env": {"LANG": "C"}});
        assert_eq!(run(named.clone()).unwrap(), named);
        for unnamed in [json!({"command": ["id"]}), json!({"command": ["id"], "runId": " "})] {
            assert!(Uuid::parse_str(run(unnamed).unwrap()["runId"].as_str().unwrap()).is_ok());
        }
        let other = Some(json!({"approved": true}));
        let passed = params("canvas.present", other.clone()).unwrap();
        assert_eq!(passed, Passed { params: other, claimed: None });
    }

    #[test]
    fn what_has_a_method_of_its_own_is_not_invoked() {
        assert!(command("system.execApprovals.set").is_err() && command("system.which").is_ok());
    }
}
