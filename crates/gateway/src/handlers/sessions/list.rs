//! `sessions.list`.

use openclaw_agent::{
    session::{SessionRow, key},
    store::{HistoryQuery, SessionOrder, SessionQuery},
};
use openclaw_protocol::{
    RpcError,
    field::Int,
    handled::Handled as _,
    methods::{
        common::BoardFace,
        sessions::{
            ArchivedFilter, SessionRow as WireRow, SessionSort, SessionsListParams,
            SessionsListResult,
        },
    },
};
use serde_json::Value;

use super::{defaults, keys, row, store_path};
use crate::{context::Cx, error::OrRefuse as _, handlers::chat::messages};

/// Sessions when the client does not say how many.
const DEFAULT_LIMIT: usize = 100;
/// Sessions in one answer at most.
const MAX_LIMIT: usize = 1000;
/// Characters of a title made from the first message.
const TITLE_CHARS: usize = 55;
/// Characters of the last message in a list.
const PREVIEW_CHARS: usize = 140;

pub(super) async fn list(
    cx: Cx,
    params: SessionsListParams,
) -> Result<SessionsListResult, RpcError> {
    params.supported()?;
    let app = cx.app();
    let limit = params.limit.map_or(DEFAULT_LIMIT, Int::to_usize).min(MAX_LIMIT);
    let offset = params.offset.map_or(0, Int::to_usize);
    let plan = Plan::new(&params);
    let mut query = query(&cx, &params)?;
    if !plan.filters() {
        (query.limit, query.offset) = (Some(limit), offset);
    }
    let page = app.store.sessions(query).await.or_refuse()?;
    let (rows, total) = if plan.filters() {
        let kept: Vec<SessionRow> =
            page.rows.into_iter().filter(|row| plan.keeps(&cx, row)).collect();
        let total = kept.len() as u64;
        (kept.into_iter().skip(offset).take(limit).collect(), total)
    } else {
        (page.rows, page.total)
    };
    let mut sessions = Vec::with_capacity(rows.len());
    for found in &rows {
        let mut wire = row::describe(&cx, &found.key, Some(found));
        add_texts(&cx, &params, found, &mut wire).await?;
        sessions.push(wire);
    }
    let (shown, next) = (sessions.len() as u64, (offset + sessions.len()) as u64);
    let agent = params.agent_id.as_deref().map(openclaw_agent::session::normalize_agent_id);
    let agent = agent.unwrap_or_else(|| app.agents.default_id().clone());
    Ok(SessionsListResult {
        ts: row::millis(app.clock.now_ms()),
        path: store_path(&cx, &agent),
        count: shown,
        total_count: Some(total),
        limit_applied: Some(limit as u64),
        next_offset: (next < total).then_some(next),
        has_more: Some(next < total),
        owners: Some(Vec::new()),
        defaults: defaults(&cx, &agent),
        sessions,
    })
}

fn query(cx: &Cx, params: &SessionsListParams) -> Result<SessionQuery, RpcError> {
    let agent_id = params.agent_id.as_deref().map(|id| keys::known_agent(cx, id)).transpose()?;
    let minutes =
        params.active_minutes.map(|m| i64::try_from(m.get()).unwrap_or(i64::MAX / 60_000));
    let now = cx.app().clock.now_ms();
    Ok(SessionQuery {
        agent_id,
        search: params.search.clone().filter(|text| !text.trim().is_empty()),
        label: params.label.as_ref().map(ToString::to_string),
        spawned_by: params.spawned_by.as_ref().map(ToString::to_string),
        active_since: minutes.map(|minutes| now.saturating_sub(minutes.saturating_mul(60_000))),
        without_global: params.include_global != Some(true),
        without_unknown: params.include_unknown != Some(true),
        order: match params.sort_by {
            None | Some(SessionSort::UpdatedAt) => SessionOrder::Changed,
            // Every turn begins with a message of a client, so both are the same time.
            Some(SessionSort::LastInteractionAt | SessionSort::Activity) => {
                SessionOrder::Interaction
            }
        },
        limit: None,
        offset: 0,
    })
}

/// Conditions that the index does not know; they are looked at row by row.
struct Plan {
    archived: Option<bool>,
    pinned: Option<bool>,
    active_only: bool,
    no_subagents: bool,
    no_cron: bool,
    configured_only: bool,
    group: Option<String>,
    talked_to: bool,
    workspace: Option<String>,
    /// Nothing can match: what is asked for is something that no session has.
    nothing: bool,
}

impl Plan {
    fn new(params: &SessionsListParams) -> Self {
        Self {
            archived: match params.archived {
                Some(ArchivedFilter::Only(only)) => Some(only),
                _ => None,
            },
            pinned: params.pinned,
            active_only: params.active_only == Some(true),
            no_subagents: params.exclude_subagents == Some(true),
            no_cron: params.exclude_cron == Some(true),
            configured_only: params.configured_agents_only == Some(true),
            group: params.group.clone(),
            talked_to: params.require_last_interaction == Some(true),
            workspace: params.workspace_dir.as_ref().map(ToString::to_string),
            nothing: asks_for_what_none_has(params),
        }
    }

    fn filters(&self) -> bool {
        self.archived.is_some()
            || self.pinned.is_some()
            || self.active_only
            || self.no_subagents
            || self.no_cron
            || self.configured_only
            || self.group.is_some()
            || self.talked_to
            || self.workspace.is_some()
            || self.nothing
    }

    fn keeps(&self, cx: &Cx, row: &SessionRow) -> bool {
        let flag = |name| row.entry.extra.get(name).and_then(Value::as_bool).unwrap_or(false);
        let text = |name| row.entry.extra.get(name).and_then(Value::as_str);
        !self.nothing
            && self.archived.is_none_or(|wanted| wanted == flag("archived"))
            && self.pinned.is_none_or(|wanted| wanted == flag("pinned"))
            && self.group.as_deref().is_none_or(|group| text("category") == Some(group))
            && !(self.no_subagents && key::is_subagent(&row.key))
            && !(self.no_cron && key::is_cron(&row.key))
            && !(self.configured_only && cx.app().agents.get(&row.agent_id).is_none())
            && !(self.talked_to && row.entry.last_interaction().is_none())
            && self.workspace.as_deref().is_none_or(|folder| works_in(cx, row, folder))
            && !(self.active_only && cx.app().runtime.active(&row.key).is_empty())
    }
}

/// Sessions have no project, no dashboard and no people, so no filter by one of them lets any pass.
fn asks_for_what_none_has(params: &SessionsListParams) -> bool {
    params.project_id.is_some()
        || params.creator_id.is_some()
        || params.owner_id.is_some()
        || params.profile_relation.is_some()
        || params.involving_profile_id.is_some()
        || params.has_board == Some(true)
        || params.board_face == Some(BoardFace::Dashboard)
}

/// A session works in its agent's workspace.
fn works_in(cx: &Cx, row: &SessionRow, folder: &str) -> bool {
    let agent = cx.app().agents.get(&row.agent_id);
    agent.is_some_and(|agent| agent.workspace == std::path::Path::new(folder))
}

/// Titles and previews cost a look into the transcript, so only who asks gets them.
async fn add_texts(
    cx: &Cx,
    params: &SessionsListParams,
    found: &SessionRow,
    wire: &mut WireRow,
) -> Result<(), RpcError> {
    let id = found.entry.session_id.as_str();
    if params.include_derived_titles == Some(true) {
        wire.derived_title = title(cx, id).await?;
        wire.display_name = wire.display_name.take().or_else(|| wire.derived_title.clone());
    }
    if params.include_last_message == Some(true) {
        wire.last_message_preview = last_message(cx, id).await?;
    }
    Ok(())
}

/// The first words that a person said.
pub(super) async fn title(cx: &Cx, session_id: &str) -> Result<Option<String>, RpcError> {
    let first =
        HistoryQuery { before_seq: Some(16), ..HistoryQuery::last_messages(session_id, 16) };
    let entries = cx.app().store.history(first).await.or_refuse()?;
    let users = entries.iter().filter_map(|entry| messages::shown(entry, None));
    let text =
        users.filter(|m| m.role == "user").map(|m| messages::words(&m)).find(|t| !t.is_empty());
    Ok(text.map(|text| messages::excerpt(&text, TITLE_CHARS)))
}

/// The beginning of the last thing that was said.
pub(super) async fn last_message(cx: &Cx, session_id: &str) -> Result<Option<String>, RpcError> {
    let entries =
        cx.app().store.history(HistoryQuery::last_messages(session_id, 4)).await.or_refuse()?;
    let shown = entries.iter().rev().filter_map(|entry| messages::shown(entry, None));
    let text = shown.map(|message| messages::words(&message)).find(|text| !text.is_empty());
    Ok(text.map(|text| messages::excerpt(&text, PREVIEW_CHARS)))
}
