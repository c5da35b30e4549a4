//! `sessions.groups.*`: the groups that sessions are in.

use std::collections::BTreeSet;

use openclaw_agent::store::SessionQuery;
use openclaw_protocol::{
    RpcError,
    methods::sessions::{
        SessionGroup, SessionsGroupsDefaultsParams, SessionsGroupsDefaultsResult,
        SessionsGroupsListParams, SessionsGroupsListResult,
    },
};
use serde_json::Value;

use crate::{context::Cx, error::OrRefuse as _};

/// A group is there as long as a session is in it, so the sessions are asked.
pub(super) async fn list(
    cx: Cx,
    _: SessionsGroupsListParams,
) -> Result<SessionsGroupsListResult, RpcError> {
    let page = cx.app().store.sessions(SessionQuery::default()).await.or_refuse()?;
    let group = |value: &Value| value.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    let names: BTreeSet<String> = page
        .rows
        .iter()
        .filter_map(|row| row.entry.extra.get("category").and_then(group))
        .collect();
    let groups = names.into_iter().zip(0..).map(|(name, position)| SessionGroup { name, position });
    Ok(SessionsGroupsListResult { groups: groups.collect(), section_order: Vec::new() })
}

/// A session works in its agent's workspace whatever its group is, so no group has defaults.
pub(super) async fn defaults(
    _: Cx,
    _: SessionsGroupsDefaultsParams,
) -> Result<SessionsGroupsDefaultsResult, RpcError> {
    Ok(SessionsGroupsDefaultsResult::default())
}
