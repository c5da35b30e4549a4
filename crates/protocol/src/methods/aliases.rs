//! Names by which older descriptions of the gateway call its methods.
//!
//! An alias is a name and a target and has nothing of its own: scope, lane, parameters and result are
//! the target's, but for the shape of a result at the bare door. No feature list of protocols 3 and 4 shows it. A name whose target is not built is
//! not here.

use serde_json::{Map, Value};

/// What a call is given.
pub type Params = Map<String, Value>;

/// One name.
#[derive(Debug, Clone, Copy)]
pub struct Alias {
    /// The older name; `x.*` stands for every name that begins with `x.`.
    pub name: &'static str,
    /// What it means.
    pub target: Target,
    /// Turns the parameters into the target's.
    turn: fn(&mut Params),
    /// Turns the target's result into what the bare door's callers expect.
    pub answer: Option<Answer>,
}

/// A change of a result in place.
pub type Answer = fn(&mut Value);

/// What an alias means.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// One method.
    Method(&'static str),
    /// The methods that begin so, with the rest of the name.
    Family(&'static str),
    /// The methods that begin so, where the parameter `action` says which; what it is without one.
    Action(&'static str, fn(&Params) -> &'static str),
    /// One method, which the parameters say.
    Chosen(fn(&mut Params) -> String),
}

/// Every alias, in the order of the reference.
pub const ALIASES: &[Alias] = &[
    Alias::new("sessions", Target::Action("sessions.", |_| "list"), by_key),
    Alias::new("chat", Target::Action("chat.", talk), by_session),
    Alias::new("config", Target::Action("config.", |_| "get"), as_it_is),
    Alias::new("nodes", Target::Action("node.", |_| "list"), as_it_is),
    Alias::new("nodes.list", Target::Method("node.list"), as_it_is).answered(listed),
    Alias::new("nodes.register", Target::Method("node.register"), of_node).answered(named),
    Alias::new("nodes.heartbeat", Target::Method("node.heartbeat"), of_node).answered(beaten),
    Alias::new("nodes.*", Target::Family("node."), as_it_is),
    Alias::new("sessions.clear", Target::Method("sessions.reset"), by_key),
    Alias::new("approvals", Target::Chosen(approvals), by_word).answered(approved),
    Alias::new("approvals.pending", Target::Method("exec.approval.list"), as_it_is),
    Alias::new("approvals.respond", Target::Method("exec.approval.resolve"), by_word),
];

impl Alias {
    const fn new(name: &'static str, target: Target, turn: fn(&mut Params)) -> Self {
        Self { name, target, turn, answer: None }
    }

    const fn answered(self, answer: Answer) -> Self {
        Self { answer: Some(answer), ..self }
    }
}

/// The method that an older name means, with the parameters turned; `None` for every other name.
pub fn resolve(name: &str, params: &mut Params) -> Option<String> {
    let alias = find(name)?;
    let target = match alias.target {
        Target::Method(target) => target.to_owned(),
        Target::Family(prefix) => format!("{prefix}{}", name.split_once('.')?.1),
        Target::Action(prefix, otherwise) => match params.remove("action") {
            None => format!("{prefix}{}", otherwise(params)),
            // What is no text names no method.
            Some(action) => format!("{prefix}{}", action.as_str().unwrap_or_default()),
        },
        Target::Chosen(choose) => choose(params),
    };
    (alias.turn)(params);
    Some(target)
}

/// Whether a name is an older one.
pub fn find(name: &str) -> Option<&'static Alias> {
    ALIASES.iter().find(|alias| match alias.name.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => alias.name == name,
    })
}

fn talk(params: &Params) -> &'static str {
    if params.contains_key("message") { "send" } else { "history" }
}

/// Requests of commands; `pending` and `respond` are what those descriptions call two of the methods.
fn approvals(params: &mut Params) -> String {
    let action = params.remove("action");
    let action = action.as_ref().map_or("pending", |action| action.as_str().unwrap_or_default());
    let name = match action {
        "pending" => "list",
        "respond" => "resolve",
        other => other,
    };
    format!("exec.approval.{name}")
}

fn as_it_is(_: &mut Params) {}

/// `approved` for what these methods call `decision`: a yes is for once. Anything but a yes is a no.
fn by_word(params: &mut Params) {
    for older in ["approvalId", "requestId"] {
        if !params.contains_key("id")
            && let Some(value) = params.remove(older)
        {
            params.insert("id".to_owned(), value);
        }
    }
    if let Some(approved) = params.remove("approved")
        && !params.contains_key("decision")
    {
        let word = if approved == Value::Bool(true) { "allow-once" } else { "deny" };
        params.insert("decision".to_owned(), word.into());
    }
}

/// `approved` for a decision; nobody's decision is a no that came too late.
fn approved(result: &mut Value) {
    let Some(result) = result.as_object_mut() else { return };
    let Some(decision) = result.remove("decision") else { return };
    let yes = decision.as_str().is_some_and(|word| word.starts_with("allow-"));
    result.insert("approved".to_owned(), yes.into());
    if decision.is_null() {
        result.insert("timedOut".to_owned(), true.into());
    }
}

/// `id`, `name` and `capabilities` for what these methods call `nodeId`, `displayName` and `caps`.
fn of_node(params: &mut Params) {
    for (older, name) in [("id", "nodeId"), ("name", "displayName"), ("capabilities", "caps")] {
        if !params.contains_key(name)
            && let Some(value) = params.remove(older)
        {
            params.insert(name.to_owned(), value);
        }
    }
}

/// `id` beside `nodeId`.
fn named(result: &mut Value) {
    if let Some(id) = result.get("nodeId").cloned() {
        result["id"] = id;
    }
}

/// The same with `lastHeartbeat`, in milliseconds since 1970.
fn beaten(node: &mut Value) {
    named(node);
    if let Some(at) = node.get("lastSeenAtMs").cloned() {
        node["lastHeartbeat"] = at;
    }
}

fn listed(result: &mut Value) {
    result["nodes"].as_array_mut().into_iter().flatten().for_each(beaten);
}

/// `sessionKey` and `sessionId` for what these methods call `key`.
fn by_key(params: &mut Params) {
    rename(params, "key");
}

/// The main session where none is named.
fn by_session(params: &mut Params) {
    rename(params, "sessionKey");
    params.entry("sessionKey").or_insert_with(|| "main".into());
}

fn rename(params: &mut Params, name: &str) {
    for older in ["sessionKey", "key", "sessionId"] {
        if !params.contains_key(name)
            && let Some(value) = params.remove(older)
        {
            params.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::methods;

    fn resolved(name: &str, params: Value) -> Option<(String, Value)> {
        let Value::Object(mut params) = params else { panic!("parameters are an object") };
        let target = resolve(name, &mut params)?;
        Some((target, Value::Object(params)))
    }

    #[test]
    fn no_alias_hides_a_method_and_each_has_a_target() {
        for alias in ALIASES {
            assert!(methods::find(alias.name).is_none(), "{} is a method", alias.name);
            let target = match alias.target {
                Target::Method(target) => target.to_owned(),
                Target::Family(prefix) => format!("{prefix}list"),
                Target::Action(prefix, otherwise) => format!("{prefix}{}", otherwise(&Map::new())),
                Target::Chosen(choose) => choose(&mut Map::new()),
            };
            assert!(methods::find(&target).is_some(), "{} has no target {target}", alias.name);
        }
        for spec in methods::all() {
            assert!(find(spec.name).is_none(), "{} is hidden by an alias", spec.name);
        }
    }

    #[test]
    fn names_and_parameters_are_turned() {
        let cases = [
            ("sessions", json!({"limit": 5}), "sessions.list", json!({"limit": 5})),
            (
                "sessions",
                json!({"action": "reset", "sessionId": "a"}),
                "sessions.reset",
                json!({"key": "a"}),
            ),
            ("sessions.clear", json!({"sessionKey": "a"}), "sessions.reset", json!({"key": "a"})),
            (
                "chat",
                json!({"message": "hi"}),
                "chat.send",
                json!({"message": "hi", "sessionKey": "main"}),
            ),
            ("chat", json!({"key": "a"}), "chat.history", json!({"sessionKey": "a"})),
            ("nodes.list", json!({}), "node.list", json!({})),
            ("config", json!({"action": 7}), "config.", json!({})),
            ("approvals", json!({}), "exec.approval.list", json!({})),
            ("approvals", json!({"action": 7}), "exec.approval.", json!({})),
            ("approvals.pending", json!({}), "exec.approval.list", json!({})),
            (
                "approvals.respond",
                json!({"approvalId": "a", "approved": true}),
                "exec.approval.resolve",
                json!({"id": "a", "decision": "allow-once"}),
            ),
            (
                "approvals",
                json!({"action": "respond", "id": "a", "approved": "true"}),
                "exec.approval.resolve",
                json!({"id": "a", "decision": "deny"}),
            ),
            (
                "approvals.respond",
                json!({"id": "a", "approved": true, "decision": "deny"}),
                "exec.approval.resolve",
                json!({"id": "a", "decision": "deny"}),
            ),
        ];
        for (name, params, target, turned) in cases {
            assert_eq!(resolved(name, params), Some((target.to_owned(), turned)), "{name}");
        }
        assert_eq!(resolved("sessions.list", json!({})), None);
    }

    #[test]
    fn a_decision_is_told_as_yes_or_no() {
        let answer = find("approvals").unwrap().answer.unwrap();
        for (decision, told) in [
            (json!("allow-once"), json!({"id": "a", "approved": true})),
            (json!("deny"), json!({"id": "a", "approved": false})),
            (json!(null), json!({"id": "a", "approved": false, "timedOut": true})),
        ] {
            let mut result = json!({"id": "a", "decision": decision});
            answer(&mut result);
            assert_eq!(result, told);
        }
        let mut list = json!([]);
        answer(&mut list);
        assert_eq!(list, json!([]));
    }
}
