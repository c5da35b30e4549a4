//! Every parameter of a method that changes something is used, refused, or a hint with a reason.

use std::{collections::BTreeSet, fs, path::Path};

use openclaw_protocol::{
    Method,
    handled::{Handled, Treatment},
    method::{Access, MethodSpec},
    methods::{DOMAINS, agent, approvals, chat, models, nodes, questions, sessions},
    object::camel,
    schema,
    scope::Scope,
};

/// The methods whose treatment is settled beside their definition. That none of their parameters is
/// missing there is the compiler's work.
fn settled() -> Vec<(&'static str, Treatment)> {
    fn of<M: Method + Handled>() -> (&'static str, Treatment) {
        (M::SPEC.name, M::TREATMENT)
    }
    vec![
        of::<chat::ChatSendParams>(),
        of::<chat::ChatAbortParams>(),
        of::<agent::AgentParams>(),
        of::<models::ModelsListParams>(),
        of::<sessions::SessionsListParams>(),
        of::<sessions::SessionsCreateParams>(),
        of::<sessions::SessionsPatchParams>(),
        of::<sessions::SessionsResetParams>(),
        of::<sessions::SessionsDeleteParams>(),
        of::<sessions::SessionsSendParams>(),
        of::<sessions::SessionsSteerParams>(),
        of::<nodes::NodeInvokeParams>(),
        of::<approvals::ExecApprovalRequestParams>(),
        of::<approvals::PluginApprovalRequestParams>(),
        of::<questions::QuestionRequestParams>(),
        of::<nodes::NodeInvokeProgressParams>(),
    ]
}

fn changes_something(spec: &MethodSpec) -> bool {
    let reads = [Some(Access::Open), Some(Access::Scope(Scope::Read)), None];
    !(reads.contains(&spec.v3) && reads.contains(&spec.v4))
}

fn parameters(spec: &MethodSpec) -> BTreeSet<String> {
    let document = schema::params(spec);
    let path = document["$ref"].as_str().unwrap_or("#");
    let own = document.pointer(path.trim_start_matches('#')).unwrap();
    own["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// The words of the sources in which a domain is handled.
fn words(domain: &str) -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let agent = source.join("../../agent/src");
    let mut words = BTreeSet::new();
    if domain == "system" {
        read(&source.join("presence.rs"), &mut words);
    }
    for place in [source.join("handlers"), source, agent] {
        read(&place.join(format!("{domain}.rs")), &mut words);
        read(&place.join(domain), &mut words);
    }
    words
}

fn read(path: &Path, words: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            read(&entry.unwrap().path(), words);
        }
    } else if path.is_file() {
        let text = fs::read_to_string(path).unwrap();
        // A comment uses nothing.
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let split = |line: &str| -> Vec<String> {
            line.split(|c: char| c != '_' && !c.is_alphanumeric()).map(camel).collect()
        };
        words.extend(code.flat_map(split));
    }
}

#[test]
fn every_parameter_of_what_changes_something_is_used_refused_or_a_hint() {
    let (settled, mut open) = (settled(), Vec::new());
    for domain in DOMAINS.iter().filter(|domain| domain.name != "connect") {
        let words = words(domain.name);
        for spec in domain.methods {
            let treatment = settled.iter().find(|(name, _)| *name == spec.name).map(|(_, t)| t);
            if treatment.is_none() && !changes_something(spec) {
                continue;
            }
            let elsewhere: Vec<&str> = treatment.map_or_else(Vec::new, |t| {
                t.refused.iter().chain(t.hints).map(|(name, _)| *name).collect()
            });
            for name in parameters(spec) {
                let settled = elsewhere.iter().any(|other| camel(other) == name);
                if !settled && !words.contains(&name) {
                    open.push(format!("{}: {name}", spec.name));
                }
            }
        }
    }
    assert!(
        open.is_empty(),
        "neither used nor refused nor hints (protocol::handled): {}",
        open.join(", ")
    );
}

#[test]
fn every_refusal_and_every_hint_has_a_reason() {
    for (method, treatment) in settled() {
        for (name, why) in treatment.refused.iter().chain(treatment.hints) {
            assert!(why.len() > 6 && !why.ends_with('.'), "{method} {name}: {why:?}");
        }
    }
}
