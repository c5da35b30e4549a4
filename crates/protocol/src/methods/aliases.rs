//! Names by which older descriptions of the gateway call its methods.
//!
//! An alias is a name and a target and has nothing of its own: scope, lane, parameters and result are
//! the target's. No feature list of protocols 3 and 4 shows it. A name whose target is not built is
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
}

/// What an alias means.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// One method.
    Method(&'static str),
    /// The methods that begin so, with the rest of the name.
    Family(&'static str),
    /// The methods that begin so, where the parameter `action` says which; what it is without one.
    Action(&'static str, fn(&Params) -> &'static str),
}

/// Every alias, in the order of the reference.
pub const ALIASES: &[Alias] = &[
    Alias { name: "sessions", target: Target::Action("sessions.", |_| "list"), turn: by_key },
    Alias { name: "chat", target: Target::Action("chat.", talk), turn: by_session },
    Alias { name: "config", target: Target::Action("config.", |_| "get"), turn: as_it_is },
    Alias { name: "nodes", target: Target::Action("node.", |_| "list"), turn: as_it_is },
    Alias { name: "nodes.*", target: Target::Family("node."), turn: as_it_is },
    Alias { name: "sessions.clear", target: Target::Method("sessions.reset"), turn: by_key },
];

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

fn as_it_is(_: &mut Params) {}

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
        ];
        for (name, params, target, turned) in cases {
            assert_eq!(resolved(name, params), Some((target.to_owned(), turned)), "{name}");
        }
        assert_eq!(resolved("sessions.list", json!({})), None);
    }
}
