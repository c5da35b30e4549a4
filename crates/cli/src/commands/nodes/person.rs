//! Asking a person whether a program may run on a node that does not list it.

use std::time::Duration;

use openclaw_protocol::methods::approvals::ExecApprovalRequestParams;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Asked;
use crate::{failure::Failure, output};

/// How long a decision is waited for.
pub(super) const WAIT: Duration = Duration::from_mins(2);
/// How a node says that a person has to decide.
const WANTED: &str = "SYSTEM_RUN_DENIED: approval required";

/// Whether a node ran nothing because a person has to decide.
pub(super) fn is_wanted(failure: &Failure) -> bool {
    failure.message.contains(WANTED)
}

/// Asks, waits, and makes of what was to run what a person has allowed.
pub(super) async fn ask(
    asked: &Asked,
    node_id: &str,
    (plan, run): (&Value, &mut Map<String, Value>),
) -> Result<(), Failure> {
    let id = Uuid::new_v4().to_string();
    output::note(format!(
        "waits {} s for a decision: openclaw approvals resolve {id} allow-once",
        WAIT.as_secs()
    ));
    let mut request = json!({
        "id": id,
        "host": "node",
        "nodeId": node_id,
        "systemRunPlan": plan,
        "cwd": plan["cwd"],
        "agentId": plan["agentId"],
        "sessionKey": plan["sessionKey"],
        "timeoutMs": u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX),
    });
    if let Some(env) = run.get("env") {
        request["env"] = env.clone();
    }
    if asked.0.client.hello().protocol >= 4 {
        // Whoever decides on another terminal comes when the request is there.
        request["requireDeliveryRoute"] = json!(false);
    }
    let answer = asked.ask::<ExecApprovalRequestParams>(request).await?;
    let decision = &answer["decision"];
    match decision.as_str() {
        Some("allow-once" | "allow-always") => {}
        Some(_) => return Err(Failure::new("DENIED", "a person did not allow the program")),
        None => {
            let why = "nobody decided in time; the node's rules change with `openclaw approvals \
                       allowlist add PATTERN --node NODE`";
            return Err(Failure::new("NOT_DECIDED", why));
        }
    }
    // What is run is what was shown, word for word.
    let words = ["command", "cwd", "agentId", "sessionKey"];
    for (name, value) in words.into_iter().zip(["argv", "cwd", "agentId", "sessionKey"]) {
        run.remove(name);
        let value = Some(&plan[value]).filter(|value| !value.is_null());
        run.extend(value.map(|value| (name.to_owned(), value.clone())));
    }
    run.remove("rawCommand");
    run.insert("runId".to_owned(), json!(id));
    run.insert("approved".to_owned(), json!(true));
    run.insert("approvalDecision".to_owned(), decision.clone());
    Ok(())
}
