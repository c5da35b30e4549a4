//! For every method: what serde accepts and refuses is what the schema accepts and refuses.

use super::*;

/// A value that fits a schema.
fn sample(schema: &Value, root: &Value) -> Value {
    let schema = resolve(schema, root);
    if let Some(word) = schema.get("const") {
        return word.clone();
    }
    if let Some(words) = schema.get("enum") {
        return words[0].clone();
    }
    if let Some(parts) = schema.get("anyOf") {
        return sample(&parts[0], root);
    }
    match schema["type"].as_str() {
        Some("string") if schema.get("pattern").is_some() => json!("a".repeat(64)),
        Some("string") => {
            json!("x".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap()))
        }
        Some("integer") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => {
            let count = schema["minItems"].as_u64().unwrap_or(1).max(1);
            (0..count).map(|_| sample(&schema["items"], root)).collect()
        }
        Some("object") => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let names = required.iter().map(|name| name.as_str().unwrap().to_owned());
            names.map(|n| (n.clone(), sample(&schema["properties"][&n], root))).collect()
        }
        _ => json!({"any": [1]}),
    }
}

fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    schema["$ref"].as_str().map_or(schema, |path| root.pointer(&path[1..]).unwrap())
}

/// Values around a schema: some fit, some do not.
fn variants(schema: &Value, root: &Value) -> Vec<Value> {
    let schema = resolve(schema, root);
    let mut values = vec![
        sample(schema, root),
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(2.0),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("auto"),
        json!("bogus"),
        json!([]),
        json!([null]),
        json!(["x", "x"]),
        json!({}),
        json!({"bogus": 1}),
    ];
    for bound in ["minLength", "maxLength"] {
        if let Some(length) = schema[bound].as_u64() {
            let length = usize::try_from(length).unwrap();
            values.extend(
                [length.saturating_sub(1), length, length + 1].map(|n| json!("ü".repeat(n))),
            );
        }
    }
    for bound in ["minimum", "maximum"] {
        if let Some(limit) = schema[bound].as_u64() {
            values.extend([limit.saturating_sub(1), limit, limit + 1].map(|n| json!(n)));
        }
    }
    for word in schema["enum"].as_array().into_iter().flatten() {
        values.push(word.clone());
        values.push(json!({ word.as_str().unwrap(): null }));
    }
    for part in schema["anyOf"].as_array().into_iter().flatten() {
        values.extend(variants(part, root));
    }
    if schema["type"] == "array" {
        let items = variants(&schema["items"], root);
        values.extend(items.into_iter().map(|item| json!([item])));
        if let Some(limit) = schema["maxItems"].as_u64() {
            values.push((0..=limit).map(|_| sample(&schema["items"], root)).collect());
        }
    }
    if schema["type"] == "object" {
        values.extend(objects(schema, root));
    }
    values
}

/// The sample object with each field in turn left out or replaced.
fn objects(schema: &Value, root: &Value) -> Vec<Value> {
    let base = sample(schema, root);
    let mut values = vec![base.as_object().unwrap().values().cloned().collect()];
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let mut without = base.clone();
        without.as_object_mut().unwrap().remove(name);
        values.push(without);
        for variant in variants(field, root) {
            let mut with = base.clone();
            with[name] = variant;
            values.push(with);
        }
    }
    let mut more = base;
    more["bogus"] = json!(1);
    values.push(more);
    values
}

/// How many values were accepted and refused.
fn compare<M: Method>() -> (usize, usize) {
    let root = schema::params(&M::SPEC);
    let validator = super::super::compile(&root);
    let mut counts = (0, 0);
    let mut parts = vec![resolve(&root, &root)];
    parts.extend(parts[0]["anyOf"].as_array().into_iter().flatten().map(|p| resolve(p, &root)));
    for value in parts.iter().flat_map(|part| objects_or_samples(part, &root)) {
        let by_serde = parse::<M>(Some(&raw(&value)), V4);
        let by_schema = M::SPEC.lenient && !value.is_object() || validator.is_valid(&value);
        assert_eq!(
            by_serde.is_ok(),
            by_schema,
            "{} {value}: {:?}",
            M::SPEC.name,
            by_serde.as_ref().err()
        );
        if let Err(error) = by_serde {
            counts.1 += 1;
            let issues = error.message.split_once(" params: ").unwrap().1;
            assert!(!issues.contains(" at line "), "not explained: {value}: {issues}");
        } else {
            counts.0 += 1;
        }
    }
    counts
}

fn objects_or_samples(schema: &Value, root: &Value) -> Vec<Value> {
    if schema["type"] == "object" { objects(schema, root) } else { vec![sample(schema, root)] }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line a method")]
fn serde_and_schema_agree_for_every_method() {
    let mut names = Vec::new();
    let mut counts = (0, 0);
    macro_rules! compare {
        ($($params:ty),* $(,)?) => {$({
            names.push(<$params as Method>::SPEC.name);
            let (accepted, refused) = compare::<$params>();
            counts = (counts.0 + accepted, counts.1 + refused);
        })*};
    }
    compare!(
        connect::ConnectParams,
        health::HealthParams,
        health::StatusParams,
        health::LastHeartbeatParams,
        system::SystemPresenceParams,
        system::SystemEventParams,
        system::GatewayIdentityGetParams,
        system::SystemInfoParams,
        agents::AgentsListParams,
        agents::AgentIdentityParams,
        agents::AgentsFilesListParams,
        agents::AgentsFilesGetParams,
        agent::AgentParams,
        agent::AgentWaitParams,
        models::ModelsListParams,
        models::ModelsAuthStatusParams,
        sessions::SessionsListParams,
        sessions::SessionsPreviewParams,
        sessions::SessionsResolveParams,
        sessions::SessionsGetParams,
        sessions::SessionsDescribeParams,
        sessions::SessionsPatchParams,
        sessions::SessionsResetParams,
        sessions::SessionsDeleteParams,
        sessions::SessionsCreateParams,
        sessions::SessionsSendParams,
        sessions::SessionsSteerParams,
        sessions::SessionsAbortParams,
        sessions::SessionsSubscribeParams,
        sessions::SessionsUnsubscribeParams,
        sessions::SessionsMessagesSubscribeParams,
        sessions::SessionsMessagesUnsubscribeParams,
        sessions::SessionsGroupsListParams,
        sessions::SessionsGroupsDefaultsParams,
        chat::ChatSendParams,
        chat::ChatHistoryParams,
        chat::ChatStartupParams,
        chat::ChatMetadataParams,
        chat::ChatMessageGetParams,
        chat::ChatAbortParams,
        chat::ChatInjectParams,
        commands::CommandsListParams,
        tools::ToolsCatalogParams,
        tools::ToolsEffectiveParams,
        usage::SessionsUsageParams,
        usage::SessionsUsageTimeseriesParams,
        usage::SessionsUsageLogsParams,
        usage::UsageCostParams,
        usage::UsageStatusParams,
        config::ConfigGetParams,
        config::ConfigSchemaParams,
        config::ConfigSchemaLookupParams,
        channels::ChannelsStatusParams,
        logs::LogsTailParams,
        devices::DevicePairListParams,
        devices::DevicePairApproveParams,
        devices::DevicePairRejectParams,
        devices::DevicePairRemoveParams,
        devices::DevicePairRenameParams,
        devices::DeviceTokenRotateParams,
        devices::DeviceTokenRevokeParams,
        devices::DevicePairSetupCodeParams,
        devices::DevicePairSetupStatusParams,
        devices::ScopeUpgradeRequestParams,
        devices::ScopeUpgradeWaitParams,
        nodes::NodeListParams,
        nodes::NodeDescribeParams,
        nodes::NodeRenameParams,
        nodes::NodePairRequestParams,
        nodes::NodePairListParams,
        nodes::NodePairApproveParams,
        nodes::NodePairRejectParams,
        nodes::NodePairVerifyParams,
        nodes::NodePairRemoveParams,
        nodes::NodeInvokeParams,
        nodes::NodeInvokeResultParams,
        nodes::NodeInvokeProgressParams,
        nodes::NodeEventParams,
        nodes::NodePendingEnqueueParams,
        nodes::NodePendingDrainParams,
        nodes::NodePendingPullParams,
        nodes::NodePendingAckParams,
        nodes::NodeRegisterParams,
        nodes::NodeHeartbeatParams,
        skills::SkillsBinsParams,
        approvals::ExecApprovalRequestParams,
        approvals::ExecApprovalWaitDecisionParams,
        approvals::ExecApprovalResolveParams,
        approvals::ExecApprovalGetParams,
        approvals::ExecApprovalListParams,
        approvals::PluginApprovalRequestParams,
        approvals::PluginApprovalWaitDecisionParams,
        approvals::PluginApprovalResolveParams,
        approvals::PluginApprovalListParams,
        approvals::ApprovalGetParams,
        approvals::ApprovalHistoryParams,
        approvals::ApprovalResolveParams,
        exec_approvals::ExecApprovalsGetParams,
        exec_approvals::ExecApprovalsSetParams,
        exec_approvals::ExecApprovalsNodeGetParams,
        exec_approvals::ExecApprovalsNodeSetParams,
        questions::QuestionRequestParams,
        questions::QuestionWaitAnswerParams,
        questions::QuestionResolveParams,
        questions::QuestionGetParams,
        questions::QuestionListParams,
        audit::AuditListParams,
    );
    names.sort_unstable();
    let mut all: Vec<_> = methods::all().map(|spec| spec.name).collect();
    all.sort_unstable();
    assert_eq!(names, all);
    assert!(counts.0 > 500 && counts.1 > 3000, "{counts:?}");
}
