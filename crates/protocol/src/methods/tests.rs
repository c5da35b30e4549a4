//! The method tables: names, descriptions, access, lanes.

use serde_json::json;

use super::{
    DOMAINS,
    agent::AgentParams,
    all, find,
    sessions::{SessionsCreateParams, SessionsDeleteParams, SessionsPatchParams},
};
use crate::{
    method::{Access, Lane, Method},
    schema,
    scope::Scope,
    version::Version::{V3, V4},
};

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = all().map(|spec| spec.name).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
    let mut domains: Vec<_> = DOMAINS.iter().map(|domain| domain.name).collect();
    domains.sort_unstable();
    domains.dedup();
    assert_eq!(domains.len(), DOMAINS.len());
}

#[test]
fn every_method_is_described_in_a_sentence() {
    for spec in all() {
        let params = schema::params(spec);
        let path = params["$ref"].as_str().expect("params are a named type");
        let text = params.pointer(&path[1..]).unwrap()["description"].as_str().unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        assert!(first.len() > 10 && first.ends_with('.'), "{}: {first:?}", spec.name);
    }
}

#[test]
fn reserved_names_need_admin() {
    // These only show; what they show has no secrets.
    let shown = ["config.get", "config.schema", "config.schema.lookup"];
    for spec in all().filter(|spec| !shown.contains(&spec.name)) {
        let reserved = ["config.", "exec.approvals.", "wizard.", "update."];
        if reserved.iter().any(|prefix| spec.name.starts_with(prefix)) {
            for access in [spec.v3, spec.v4].into_iter().flatten() {
                assert_eq!(access, Access::Scope(Scope::Admin), "{}", spec.name);
            }
        }
    }
    assert_eq!(find("config.get").unwrap().v4, Some(Access::Scope(Scope::Read)));
    assert_eq!(find("config.schema").unwrap().v3, Some(Access::Scope(Scope::Admin)));
}

#[test]
fn every_method_is_in_a_version_and_dynamic_ones_name_a_scope() {
    for spec in all() {
        assert!(spec.v3.is_some() || spec.v4.is_some(), "{}", spec.name);
        assert_ne!(spec.v3, Some(Access::Dynamic), "{}", spec.name);
    }
    let dynamic: Vec<_> = all().filter(|s| s.v4 == Some(Access::Dynamic)).map(|s| s.name).collect();
    assert_eq!(
        dynamic,
        ["agent", "sessions.patch", "sessions.delete", "sessions.create", "node.invoke"]
    );
}

#[test]
fn ordered_methods_are_those_that_change_a_session() {
    let ordered: Vec<_> =
        all().filter(|spec| spec.lane == Lane::Session).map(|spec| spec.name).collect();
    assert_eq!(
        ordered,
        [
            "agent",
            "sessions.patch",
            "sessions.reset",
            "sessions.delete",
            "sessions.rewind",
            "sessions.branches.switch",
            "sessions.send",
            "sessions.steer",
            "chat.send",
            "chat.inject"
        ]
    );
    let patch: SessionsPatchParams = serde_json::from_value(json!({"key": "k"})).unwrap();
    assert_eq!(patch.lane_key(), Some("k"));
}

#[track_caller]
fn scope<M: Method>(params: serde_json::Value, expected: Scope) {
    let params: M = serde_json::from_value(params).unwrap();
    assert_eq!(params.dynamic_scope(V4), Some(expected));
    assert_eq!(params.dynamic_scope(V3), None);
}

#[test]
fn rights_need_admin_and_the_rest_needs_write() {
    for plain in [
        json!({"key": "k"}),
        json!({"key": "k", "label": null, "pinned": true, "archived": false, "unread": true}),
        json!({"key": "k", "model": "a/b", "thinkingLevel": "low", "verboseLevel": "full"}),
    ] {
        scope::<SessionsPatchParams>(plain, Scope::Write);
    }
    for name in [
        "execHost",
        "execSecurity",
        "execAsk",
        "execNode",
        "elevatedLevel",
        "permissionMode",
        "sandboxMode",
        "toolOverrides",
        "inheritedToolAllow",
        "inheritedToolDeny",
        "sendPolicy",
        "spawnedBy",
        "agentRuntime",
        "nativeRuntimeConsent",
        "spawnedWorkspaceDir",
        "spawnDepth",
        "subagentRole",
        "subagentControlScope",
        "completionOwnerSessionKey",
        "inheritedToolPolicyVersion",
        "groupActivation",
    ] {
        scope::<SessionsPatchParams>(json!({"key": "k", name: null}), Scope::Admin);
    }
    scope::<SessionsDeleteParams>(json!({"key": "k"}), Scope::Admin);
    scope::<SessionsDeleteParams>(json!({"key": "k", "archivedOnly": false}), Scope::Admin);
    scope::<SessionsDeleteParams>(json!({"key": "k", "archivedOnly": true}), Scope::Write);
    scope::<SessionsCreateParams>(json!({"label": "x", "model": "a/b"}), Scope::Write);
    for right in [
        json!({"cwd": "/"}),
        json!({"execNode": "n"}),
        json!({"permissionMode": "full"}),
        json!({"toolOverrides": {}}),
        json!({"agentRuntime": "auto"}),
        json!({"spawnDepth": 1}),
    ] {
        scope::<SessionsCreateParams>(right, Scope::Admin);
    }
    scope::<AgentParams>(json!({"message": "m", "idempotencyKey": "i"}), Scope::Write);
    for (name, value) in [
        ("provider", json!("p")),
        ("model", json!("x")),
        ("cwd", json!("/")),
        ("promptMode", json!("none")),
        ("extraSystemPrompt", json!("")),
        ("bootstrapContextMode", json!("full")),
        ("bootstrapContextRunKind", json!("cron")),
        ("acpTurnSource", json!("manual_spawn")),
        ("internalRuntimeHandoffId", json!("h")),
        ("internalExecutionIdentityRetry", json!(false)),
        ("internalExecutionIdentityRecoveryAttempt", json!(1)),
        ("execApprovalFollowupExpectedSessionId", json!("s")),
        ("internalEvents", json!([])),
        ("inputProvenance", json!({"kind": "external_user"})),
        ("suppressPromptPersistence", json!(false)),
        ("sessionEffects", json!("internal")),
        ("sourceReplyDeliveryMode", json!("automatic")),
        ("swarmCollector", json!(false)),
        ("swarmOutputSchema", json!({})),
        ("forceCodeModeTools", json!(false)),
    ] {
        let claim = json!({"message": "m", "idempotencyKey": "i", name: value});
        scope::<AgentParams>(claim, Scope::Admin);
    }
}
