//! Compares what we say with what was recorded: the shape of it, and the words that carry meaning.

use std::collections::BTreeSet;

use serde_json::Value;

/// Fields whose value is compared, not only its type: states, switches, limits and names.
const LITERAL: [&str; 22] = [
    "aborted",
    "agentId",
    "deleted",
    "exists",
    "isError",
    "maxBufferedBytes",
    "maxPayload",
    "method",
    "ok",
    "phase",
    "protocol",
    "reset",
    "role",
    "sessionKey",
    "state",
    "status",
    "stopReason",
    "stream",
    "subscribed",
    "tickIntervalMs",
    "truncated",
    "valid",
];

/// One difference: where, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The method or event and the path below it, as in `hello-ok.server.version`.
    pub(crate) path: String,
    /// What is there and what was recorded.
    pub(crate) what: String,
}

/// Compares a result or a payload. Every recorded field must be there with the recorded type; what
/// we have beside that is ours to add.
pub(crate) fn shape(path: &str, recorded: &Value, ours: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(path, "", recorded, ours, &mut found);
    found
}

/// Compares an error: code, message and `details.code` to the letter, other details by their shape.
pub(crate) fn error(path: &str, recorded: &Value, ours: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    for name in ["code", "message", "retryable"] {
        literal(&format!("{path}.{name}"), &recorded[name], &ours[name], &mut found);
    }
    let (recorded, ours) = (&recorded["details"], &ours["details"]);
    if recorded.is_object() {
        compare(&format!("{path}.details"), "", recorded, ours, &mut found);
    }
    if recorded["code"].is_string() && ours["code"].is_string() {
        literal(&format!("{path}.details.code"), &recorded["code"], &ours["code"], &mut found);
    }
    found
}

fn compare(path: &str, name: &str, recorded: &Value, ours: &Value, found: &mut Vec<Difference>) {
    match (recorded, ours) {
        (Value::Object(recorded), Value::Object(ours)) => {
            for (name, recorded) in recorded {
                let path = format!("{path}.{name}");
                match ours.get(name) {
                    Some(ours) => compare(&path, name, recorded, ours, found),
                    None => found.push(Difference { path, what: "missing".to_owned() }),
                }
            }
        }
        (Value::Array(recorded), Value::Array(ours)) if path.ends_with(".auth.scopes") => {
            let set = |list: &[Value]| list.iter().map(Value::to_string).collect::<BTreeSet<_>>();
            let (recorded, ours) = (set(recorded), set(ours));
            if recorded != ours {
                found.push(Difference {
                    path: path.to_owned(),
                    what: format!("{ours:?}, recorded {recorded:?}"),
                });
            }
        }
        (Value::Array(recorded), Value::Array(ours)) => list(path, recorded, ours, found),
        _ if kind(recorded) != kind(ours) => {
            let what = format!("{}, recorded {}", kind(ours), kind(recorded));
            found.push(Difference { path: path.to_owned(), what });
        }
        _ if LITERAL.contains(&name) => literal(path, recorded, ours, found),
        _ => {}
    }
}

/// By the first element, or by the first of each role or type.
fn list(path: &str, recorded: &[Value], ours: &[Value], found: &mut Vec<Difference>) {
    for element in recorded {
        // Messages are told apart by their role, and parts of a message by their type.
        let label = if [".messages", ".items", ".content"].iter().any(|name| path.ends_with(name)) {
            label
        } else {
            |_: &_| None
        };
        let same = match label(element) {
            Some(wanted) => ours.iter().find(|ours| label(ours) == Some(wanted)),
            None => ours.first(),
        };
        let path = format!("{path}[{}]", label(element).unwrap_or_default());
        match same {
            Some(ours) => compare(&path, "", element, ours, found),
            None => found.push(Difference { path, what: "missing".to_owned() }),
        }
    }
}

/// The word that tells elements of a list apart.
fn label(element: &Value) -> Option<&str> {
    element["role"].as_str().or_else(|| element["type"].as_str())
}

fn literal(path: &str, recorded: &Value, ours: &Value, found: &mut Vec<Difference>) {
    if recorded != ours {
        let what = format!("{ours}, recorded {recorded}");
        found.push(Difference { path: path.to_owned(), what });
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(recorded: &Value, ours: &Value) -> Vec<String> {
        shape("m", recorded, ours).into_iter().map(|difference| difference.path).collect()
    }

    #[test]
    fn what_is_missing_or_of_another_type_is_found_and_what_is_more_is_not() {
        let recorded = json!({"a": 1, "b": {"c": "x"}, "messages": [{"role": "user", "n": 1}], "status": "ok"});
        assert_eq!(paths(&recorded, &recorded), [""; 0]);
        let more = json!({"a": 2.5, "b": {"c": "y", "d": 0}, "messages": [{"role": "user", "n": 3}], "status": "ok", "e": 1});
        assert_eq!(paths(&recorded, &more), [""; 0]);
        let other =
            json!({"a": "1", "b": {}, "messages": [{"role": "assistant"}], "status": "error"});
        assert_eq!(paths(&recorded, &other), ["m.a", "m.b.c", "m.messages[user]", "m.status"]);
        assert_eq!(paths(&json!({"x": [1]}), &json!({"x": []})), ["m.x[]"]);
        assert_eq!(paths(&json!({"x": null}), &json!({"x": {}})), ["m.x"]);
    }

    #[test]
    fn errors_are_compared_to_the_letter() {
        let recorded =
            json!({"code": "A", "message": "no", "details": {"code": "B", "requestId": "r"}});
        assert_eq!(error("m", &recorded, &recorded), []);
        let ours = json!({"code": "A", "message": "No", "details": {"code": "C"}});
        let paths: Vec<_> = error("m", &recorded, &ours).into_iter().map(|d| d.path).collect();
        assert_eq!(paths, ["m.message", "m.details.requestId", "m.details.code"]);
    }

    #[test]
    fn scopes_are_a_set() {
        let auth = |scopes: &[&str]| json!({"auth": {"scopes": scopes}});
        assert_eq!(paths(&auth(&["a", "b"]), &auth(&["b", "a"])), [""; 0]);
        assert_eq!(paths(&auth(&["a"]), &auth(&["a", "b"])), ["m.auth.scopes"]);
    }
}
