//! Something that a plugin wants to do.

use std::time::Duration;

use openclaw_protocol::{
    field::{Clearable, List},
    methods::approvals::{
        PluginApprovalRequest, PluginApprovalRequestParams,
        plugin::{MAX_DESCRIPTION, MAX_DETAIL, MAX_TITLE},
    },
};

use super::{Asked, consequence, named, shown_maybe};
use crate::approvals::{error::ApprovalError, record::Request, visible};

/// How long it waits when it does not say.
pub const DEFAULT_WAIT: Duration = Duration::from_mins(2);

/// What a plugin asks.
pub fn read(params: PluginApprovalRequestParams) -> Result<Asked, ApprovalError> {
    let fits = |text: &str, most: usize| text.chars().count() <= most;
    let (title, description) = (visible::line(&params.title), visible::prose(&params.description));
    if !fits(&title, MAX_TITLE) || !fits(&description, MAX_DESCRIPTION) {
        return Err(ApprovalError::Invalid(
            "approval title or description exceeds the display limit after sanitization".to_owned(),
        ));
    }
    let detail = params.detail.as_ref().and_then(Clearable::as_option);
    let detail = detail.map(|detail| visible::prose(detail));
    if detail.as_deref().is_some_and(|detail| !fits(detail, MAX_DETAIL)) {
        return Err(ApprovalError::Invalid(
            "approval detail exceeds the display limit after sanitization".to_owned(),
        ));
    }
    let plugin_id = params.plugin_id.and_then(Clearable::into_option).map(|id| id.to_string());
    let part =
        |name: &str, text: Option<&Clearable<String>>| shown_maybe(name, named(text).as_ref());
    let request = PluginApprovalRequest {
        plugin_id: shown_maybe("pluginId", plugin_id.as_ref())?,
        title,
        description,
        detail,
        severity: params.severity.and_then(Clearable::into_option),
        scope: params.scope.and_then(Clearable::into_option).map(consequence).transpose()?,
        tool_name: part("toolName", params.tool_name.as_ref())?,
        tool_call_id: part("toolCallId", params.tool_call_id.as_ref())?,
        allowed_decisions: params
            .allowed_decisions
            .and_then(Clearable::into_option)
            .map(List::into_vec),
        agent_id: part("agentId", params.agent_id.as_ref())?,
        session_key: part("sessionKey", params.session_key.as_ref())?,
        turn_source_channel: part("turnSourceChannel", params.turn_source_channel.as_ref())?,
        turn_source_to: part("turnSourceTo", params.turn_source_to.as_ref())?,
        turn_source_account_id: part(
            "turnSourceAccountId",
            params.turn_source_account_id.as_ref(),
        )?,
        turn_source_thread_id: params.turn_source_thread_id.and_then(Clearable::into_option),
    };
    Ok(Asked { request: Request::Plugin(Box::new(request)), binding: None })
}
