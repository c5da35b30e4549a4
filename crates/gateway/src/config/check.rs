//! Every type error of a config at once, in the wording that OpenClaw's clients know.
//!
//! Runs only after serde has refused: compiling a schema costs more than loading a good config.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

/// What is wrong, and at which path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Issue {
    /// Keys and list indices.
    pub(super) path: Vec<String>,
    /// The message.
    pub(super) message: String,
}

/// Everything in `value` that `schema` does not allow. Paths begin with `section`.
pub(super) fn issues(section: &str, schema: &Value, value: &Value) -> Vec<Issue> {
    let Ok(validator) = jsonschema::validator_for(schema) else { return Vec::new() };
    let mut issues: Vec<Issue> = validator
        .iter_errors(value)
        .flat_map(|error| leaves(&error))
        .map(|mut issue| {
            issue.path.insert(0, section.to_owned());
            issue
        })
        .collect();
    issues.sort();
    issues.dedup();
    issues
}

/// Takes the values that issues are about out, so that the rest can be looked at.
pub(super) fn take_out(root: &mut Value, issues: &[Issue]) {
    // The last of a list goes first, so that the indices of the others stay true.
    let place = |issue: &&Issue| -> Vec<(Option<usize>, String)> {
        issue.path.iter().map(|step| (step.parse().ok(), step.clone())).collect()
    };
    let mut issues: Vec<&Issue> = issues.iter().collect();
    issues.sort_by_key(place);
    for issue in issues.into_iter().rev() {
        remove(root, &issue.path);
    }
}

fn remove(root: &mut Value, path: &[String]) {
    let Some((last, holders)) = path.split_last() else { return };
    let mut holder = Some(root);
    for step in holders {
        holder = holder.and_then(|value| match value {
            Value::Object(members) => members.get_mut(step),
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
            _ => None,
        });
    }
    match holder {
        Some(Value::Object(members)) => {
            members.remove(last);
        }
        Some(Value::Array(items)) => {
            let index = last.parse().ok().filter(|index: &usize| *index < items.len());
            index.map(|index| items.remove(index));
        }
        _ => {}
    }
}

/// The errors that a person can act on: of alternatives, those of the branch that came furthest.
fn leaves(error: &ValidationError<'_>) -> Vec<Issue> {
    let path = steps(error);
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            alternatives(path, error, context)
        }
        kind => vec![Issue { message: message(kind, error.instance()), path }],
    }
}

fn alternatives(
    path: Vec<String>,
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
) -> Vec<Issue> {
    let options: Vec<String> =
        context.iter().flatten().flat_map(|error| options(error.kind())).collect();
    if !options.is_empty() && error.instance().is_string() {
        let message = format!("Invalid option: expected one of {}", options.join("|"));
        return vec![Issue { path, message }];
    }
    let deepest = context
        .iter()
        .map(|branch| branch.iter().flat_map(leaves).collect::<Vec<_>>())
        .filter(|branch| branch.iter().any(|issue| issue.path.len() > path.len()))
        .max_by_key(|branch| branch.iter().map(|issue| issue.path.len()).max());
    if let Some(branch) = deepest {
        return branch;
    }
    let mut expected: Vec<&str> =
        context.iter().flatten().flat_map(|error| expected(error.kind())).collect();
    expected.sort_unstable();
    expected.dedup();
    expected.retain(|kind| *kind != "null");
    let expected =
        if expected.is_empty() && !options.is_empty() { vec!["string"] } else { expected };
    let message = if expected.is_empty() {
        "Invalid input".to_owned()
    } else {
        wrong_type(&expected, error.instance())
    };
    vec![Issue { path, message }]
}

fn steps(error: &ValidationError<'_>) -> Vec<String> {
    let pointer = error.instance_path().as_str();
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

fn message(kind: &ValidationErrorKind, instance: &Value) -> String {
    match kind {
        ValidationErrorKind::Type { .. } => wrong_type(&expected(kind), instance),
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
            format!("Invalid option: expected one of {}", options(kind).join("|"))
        }
        ValidationErrorKind::Minimum { limit } => {
            format!("Too small: expected number to be >={limit}")
        }
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            format!("Too small: expected number to be >{limit}")
        }
        ValidationErrorKind::Maximum { limit } => {
            format!("Too big: expected number to be <={limit}")
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            format!("Too big: expected number to be <{limit}")
        }
        ValidationErrorKind::Pattern { pattern } => {
            format!("Invalid string: must match pattern /{pattern}/")
        }
        ValidationErrorKind::Required { property } => {
            format!("Invalid input: {} is required", property.as_str().unwrap_or_default())
        }
        _ => "Invalid input".to_owned(),
    }
}

/// The names of the types that a type error would accept.
fn expected(kind: &ValidationErrorKind) -> Vec<&'static str> {
    let name = |name: &str| match name {
        "integer" | "number" => "number",
        "string" => "string",
        "boolean" => "boolean",
        "array" => "array",
        "object" => "object",
        _ => "null",
    };
    match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(single) } => vec![name(single.as_str())],
        ValidationErrorKind::Type { kind: TypeKind::Multiple(many) } => {
            many.iter().map(|single| name(single.as_str())).filter(|name| *name != "null").collect()
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().flat_map(|error| expected(error.kind())).collect()
        }
        _ => Vec::new(),
    }
}

/// The values that an enumeration would accept, quoted.
fn options(kind: &ValidationErrorKind) -> Vec<String> {
    match kind {
        ValidationErrorKind::Enum { options } => options
            .as_array()
            .map(|options| {
                options.iter().filter(|option| !option.is_null()).map(Value::to_string).collect()
            })
            .unwrap_or_default(),
        ValidationErrorKind::Constant { expected_value } => vec![expected_value.to_string()],
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().flat_map(|error| options(error.kind())).collect()
        }
        _ => Vec::new(),
    }
}

fn wrong_type(expected: &[&str], instance: &Value) -> String {
    let received = match instance {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if expected.contains(&"number") => {
            return format!("Invalid input: expected integer, received {number}");
        }
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("Invalid input: expected {}, received {received}", expected.join("|"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_goes_and_nothing_else() {
        let mut root = json!({ "a": { "l": (0..12).collect::<Vec<_>>(), "x": 1, "y": 2 } });
        let issue = |path: &[&str]| Issue {
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            message: String::new(),
        };
        let issues = [
            issue(&["a", "l", "10"]),
            issue(&["a", "l", "2"]),
            issue(&["a", "x"]),
            issue(&["a", "l", "99"]),
            issue(&["b", "c"]),
        ];
        take_out(&mut root, &issues);
        assert_eq!(root, json!({ "a": { "l": [0, 1, 3, 4, 5, 6, 7, 8, 9, 11], "y": 2 } }));
    }
}
