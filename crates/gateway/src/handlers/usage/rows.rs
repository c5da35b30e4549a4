//! Which transcripts make a row, and whose they are.

use std::collections::BTreeMap;

use openclaw_agent::{
    session::SessionRow,
    usage::{Tally, Used},
};
use openclaw_protocol::methods::{sessions::SessionOrigin, usage::SessionUsageRow};
use serde_json::Value;

use super::shape;
use crate::handlers::millis;

/// How rows are made.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// A session with the transcripts that it left behind is one row.
    pub(super) families: bool,
    /// Rows say what the system prompt weighs.
    pub(super) weight: bool,
}

/// The rows, the latest first, each with what it counts.
pub(super) fn rows(
    sessions: &[SessionRow],
    used: Vec<Used>,
    plan: Plan,
) -> Vec<(SessionUsageRow, Tally)> {
    let mut owners: BTreeMap<(&str, String), &SessionRow> = BTreeMap::new();
    for row in sessions {
        let family = if plan.families { row.entry.family() } else { Vec::new() };
        for id in family {
            owners.entry((row.agent_id.as_str(), id)).or_insert(row);
        }
    }
    // The session that has a transcript now goes before one that had it.
    for row in sessions {
        owners.insert((row.agent_id.as_str(), row.entry.session_id.clone()), row);
    }
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    for used in used {
        let owner = owners.get(&(used.agent_id.as_str(), used.session_id.clone())).copied();
        let current = owner.is_some_and(|row| row.entry.session_id == used.session_id);
        // An archive of the same id, which a copy back left behind, is a transcript of its own.
        let owner = owner.filter(|_| plan.families || (current && !used.archived));
        let name = owner.map_or_else(|| used.path.clone(), |row| row.key.to_string());
        let group = groups.entry(name).or_insert_with(|| Group { owner, members: Vec::new() });
        group.members.push(used);
    }
    let mut rows: Vec<_> = groups.into_values().map(|group| group.row(plan)).collect();
    rows.sort_by_key(|(row, _)| std::cmp::Reverse(row.updated_at));
    rows
}

/// Transcripts that make one row.
struct Group<'a> {
    owner: Option<&'a SessionRow>,
    members: Vec<Used>,
}

impl Group<'_> {
    fn row(self, plan: Plan) -> (SessionUsageRow, Tally) {
        let mut tally = Tally::default();
        self.members.iter().for_each(|member| tally.add(&member.tally));
        let mut row = self.owner.map(|owner| of_session(owner, plan)).unwrap_or_default();
        let present = self.members.iter().find(|m| Some(&m.session_id) == row.session_id.as_ref());
        if let Some(member) = present.or(self.members.last()) {
            row.usage = Some(shape::session(&tally, &member.session_id, &member.path));
            if self.owner.is_none() {
                row.key = format!("agent:{}:{}", member.agent_id, member.session_id);
                row.session_id = Some(member.session_id.clone());
                row.agent_id = Some(member.agent_id.to_string());
                row.updated_at = Some(millis(member.changed_at));
            }
        }
        row.scope = Some("instance".to_owned());
        if let Some(owner) = self.owner.filter(|_| plan.families) {
            row.scope = Some("family".to_owned());
            row.session_family_key = Some(owner.key.to_string());
            row.current_session_id = Some(owner.entry.session_id.clone());
            row.historical_instance_count = Some(self.members.len() as u64);
            let ids = self.members.into_iter().map(|member| member.session_id);
            row.included_session_ids = Some(ids.collect());
        }
        (row, tally)
    }
}

/// What is known of the session itself.
fn of_session(row: &SessionRow, plan: Plan) -> SessionUsageRow {
    let entry = &row.entry;
    let origin = entry.origin.as_ref().and_then(|origin| SessionOrigin::deserialize(origin).ok());
    let weight = entry.extra.get("systemPromptReport");
    SessionUsageRow {
        key: row.key.to_string(),
        label: entry.label.clone().or_else(|| entry.display_name.clone()),
        session_id: Some(entry.session_id.clone()),
        updated_at: Some(millis(entry.updated_at)),
        agent_id: Some(row.agent_id.to_string()),
        channel: entry.channel.clone().or_else(|| origin.as_ref()?.provider.clone()),
        chat_type: entry.chat_type.clone().or_else(|| origin.as_ref()?.chat_type.clone()),
        origin,
        model_override: entry.model_override.clone(),
        provider_override: entry.provider_override.clone(),
        model_provider: entry.model_provider.clone(),
        model: entry.model.clone(),
        context_weight: plan.weight.then(|| weight.cloned().unwrap_or(Value::Null)),
        has_context_weight: Some(weight.is_some()),
        ..SessionUsageRow::default()
    }
}
