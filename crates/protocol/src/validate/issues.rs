//! From the errors of a schema to the issues that clients know.

use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

use crate::version::Version;

/// Everything that is wrong with a value, in the order that OpenClaw says it: at each object the
/// missing properties, the unexpected ones, then what is inside.
pub(super) fn list(validator: &Validator, value: &Value, version: Version) -> Vec<String> {
    let mut issues = Issues { version, said: Vec::new() };
    let mut errors: Vec<_> = validator.iter_errors(value).collect();
    errors.sort_by_cached_key(place);
    issues.add_all(&errors);
    issues.said
}

/// Sorts by place, and at one place by kind.
fn place(error: &ValidationError<'_>) -> Vec<(u8, String)> {
    let rank = match error.kind() {
        ValidationErrorKind::AdditionalProperties { .. } => 1,
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => 3,
        _ => 0,
    };
    let path = error.instance_path().as_str();
    let steps = path.split('/').skip(1).map(|step| (2, step.to_owned()));
    steps.chain([(rank, String::new())]).collect()
}

struct Issues {
    version: Version,
    said: Vec<String>,
}

impl Issues {
    fn add_all(&mut self, errors: &[ValidationError<'_>]) {
        let mut missing_at: Vec<&str> = Vec::new();
        for error in errors {
            let path = error.instance_path().as_str();
            if matches!(error.kind(), ValidationErrorKind::Required { .. }) {
                if self.version == Version::V4 && missing_at.contains(&path) {
                    continue;
                }
                missing_at.push(path);
            }
            self.add(error);
        }
    }

    fn add(&mut self, error: &ValidationError<'_>) {
        let path = error.instance_path().as_str();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let at = if path.is_empty() { "root" } else { path };
                // Protocol 4 names the first one alone.
                let told = if self.version == Version::V4 { 1 } else { unexpected.len() };
                for name in unexpected.iter().take(told) {
                    self.say(format!("at {at}: unexpected property '{name}'"));
                }
                return;
            }
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context } => {
                for alternative in context {
                    self.add_all(alternative);
                }
            }
            _ => {}
        }
        for text in self.texts(error) {
            self.say(if path.is_empty() { text } else { format!("at {path}: {text}") });
        }
    }

    fn say(&mut self, issue: String) {
        if !self.said.contains(&issue) {
            self.said.push(issue);
        }
    }

    fn texts(&self, error: &ValidationError<'_>) -> Vec<String> {
        let not = if self.version == Version::V3 { "NOT" } else { "not" };
        vec![match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                format!("must have required property '{name}'")
            }
            ValidationErrorKind::Type { kind } => format!("must be {}", type_names(kind)),
            ValidationErrorKind::Minimum { limit } => format!("must be >= {limit}"),
            ValidationErrorKind::Maximum { limit } => format!("must be <= {limit}"),
            ValidationErrorKind::MinLength { limit } => {
                format!("must {not} have fewer than {limit} characters")
            }
            ValidationErrorKind::MaxLength { limit } => {
                format!("must {not} have more than {limit} characters")
            }
            ValidationErrorKind::MinItems { limit } => {
                format!("must {not} have fewer than {limit} items")
            }
            ValidationErrorKind::MaxItems { limit } => {
                format!("must {not} have more than {limit} items")
            }
            ValidationErrorKind::MaxProperties { limit } => {
                format!("must {not} have more than {limit} properties")
            }
            ValidationErrorKind::UniqueItems => format!("must {not} have duplicate items"),
            ValidationErrorKind::Pattern { pattern } => format!("must match pattern \"{pattern}\""),
            ValidationErrorKind::Constant { .. } => "must be equal to constant".to_owned(),
            ValidationErrorKind::Enum { .. } => return self.enumeration(error),
            ValidationErrorKind::AnyOf { .. } => "must match a schema in anyOf".to_owned(),
            ValidationErrorKind::OneOfNotValid { .. } => {
                "must match exactly one schema in oneOf".to_owned()
            }
            _ => error.masked().to_string(),
        }]
    }

    /// Protocol 3 lists the clients and their modes as alternatives, not as an enumeration.
    fn enumeration(&self, error: &ValidationError<'_>) -> Vec<String> {
        let path = error.instance_path().as_str();
        if self.version == Version::V3 && matches!(path, "/client/id" | "/client/mode") {
            return vec![
                "must be equal to constant".to_owned(),
                "must match a schema in anyOf".to_owned(),
            ];
        }
        vec!["must be equal to one of the allowed values".to_owned()]
    }
}

fn type_names(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(name) => name.to_string(),
        TypeKind::Multiple(names) => {
            names.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(",")
        }
    }
}
