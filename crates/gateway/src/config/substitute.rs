//! `${VAR}` in string values.
//!
//! Names are upper case (`[A-Z_][A-Z0-9_]*`); anything else between braces is plain text. `$${VAR}` is the text `${VAR}`.

use super::{
    environment::Environment,
    error::Problem,
    json5::{Kind, Node},
    source::Sources,
};

/// Replaces the references in every string under `root`, which stands at `path`. A variable that is missing or empty is a problem.
pub(super) fn apply(
    root: &mut Node,
    path: &[&str],
    (env, sources): (&Environment, &Sources),
    problems: &mut Vec<Problem>,
) {
    let mut path = path.iter().map(|step| (*step).to_owned()).collect();
    root.for_each_string(&mut path, &mut |node, path| {
        let Some(text) = node.as_str().filter(|text| text.contains("${")) else { return };
        let mut missing = Vec::new();
        let replaced = expand(text, |name| env.get(name), &mut missing);
        for name in missing {
            let message = format!("environment variable {name} is not set or empty");
            problems.push(sources.problem((node.file, node.span.start), path, message));
        }
        node.kind = Kind::String(replaced);
    });
}

/// Whether `text` holds a reference that [`apply`] would replace.
pub(super) fn has_reference(text: &str) -> bool {
    let mut names = Vec::new();
    expand(text, |_| None, &mut names);
    !names.is_empty()
}

fn expand<'e>(
    text: &str,
    lookup: impl Fn(&str) -> Option<&'e str>,
    missing: &mut Vec<String>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        if let Some((name, after)) = reference(rest.strip_prefix('$').unwrap_or_default(), "${") {
            out.push_str("${");
            out.push_str(name);
            out.push('}');
            rest = after;
        } else if let Some((name, after)) = reference(rest, "${") {
            match lookup(name) {
                Some(value) => out.push_str(value),
                None => missing.push(name.to_owned()),
            }
            rest = after;
        } else {
            out.push('$');
            rest = rest.strip_prefix('$').unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// The name and what follows, when `text` begins with a reference.
fn reference<'t>(text: &'t str, open: &str) -> Option<(&'t str, &'t str)> {
    let (name, after) = text.strip_prefix(open)?.split_once('}')?;
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_uppercase() || c == '_');
    let rest = chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    (first && rest).then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, missing: &[&str]) {
        let mut absent = Vec::new();
        let out = expand(text, |name| (name == "A" || name == "_B2").then_some("v"), &mut absent);
        assert_eq!(
            (out.as_str(), absent),
            (expected, missing.iter().map(ToString::to_string).collect())
        );
    }

    #[test]
    fn rules() {
        check("${A}", "v", &[]);
        check("x-${A}-${_B2}!", "x-v-v!", &[]);
        check("$${A}", "${A}", &[]);
        check("$$${A}", "$${A}", &[]);
        check("${lower} ${A b} ${} ${1A} $A ${A", "${lower} ${A b} ${} ${1A} $A ${A", &[]);
        check("${NO} and ${ALSO_NO}", " and ", &["NO", "ALSO_NO"]);
        check("$", "$", &[]);
        check("ä${A}ö", "ävö", &[]);
        assert!(has_reference("a ${X}") && !has_reference("$${X} ${x}"));
    }
}
