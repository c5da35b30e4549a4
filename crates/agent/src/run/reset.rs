//! `/new` and `/reset` alone: a new, empty transcript for the session, and one line that says so.

use super::{
    begin::{self, CannotBegin},
    persist::persist,
};
use crate::{
    live::RunInfo,
    observer::SessionChange,
    runtime::{Shared, Submission},
    session::SessionEntry,
    store::{Reset, RunRecord, StoreError, session_edit},
};

/// What the session is told.
pub(super) const NOTICE: &str = "✅ New session started.";

/// Resets the session and begins the run. After a crash in between it is reset once more, which
/// changes nothing.
pub(super) async fn reset(
    shared: &Shared,
    info: &RunInfo,
    submission: &Submission,
) -> Result<(RunRecord, String), CannotBegin> {
    let write = || {
        let at = shared.clock.now_ms();
        let new_session_id = uuid::Uuid::new_v4().to_string();
        let edit = session_edit(move |entry| Ok(emptied(entry.unwrap_or_default(), at)));
        shared.store.reset_session(&info.session_key, Reset { new_session_id, edit, at })
    };
    match persist(&shared.stop, "reset session", write).await {
        Ok(_) => shared.observer.session_changed(&info.session_key, SessionChange::Reset),
        // There was no session: the run makes a new one.
        Err(StoreError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let prepared =
        persist(&shared.stop, "read session", || begin::prepare(shared, submission)).await?;
    let write = || {
        let begin = prepared.begin_with(submission, Vec::new(), shared.clock.now_ms());
        shared.store.begin(&info.run_id, begin)
    };
    let record = persist(&shared.stop, "begin", write).await?.run;
    Ok((record, NOTICE.to_owned()))
}

/// What stays of a session's row: its settings, and where it lives.
fn emptied(entry: SessionEntry, at: i64) -> SessionEntry {
    SessionEntry {
        updated_at: at,
        system_sent: Some(false),
        aborted_last_run: Some(false),
        input_tokens: Some(0),
        output_tokens: Some(0),
        total_tokens: Some(0),
        total_tokens_fresh: Some(true),
        cache_read: None,
        cache_write: None,
        estimated_cost_usd: None,
        compaction_count: None,
        status: None,
        started_at: None,
        ended_at: None,
        runtime_ms: None,
        ..entry
    }
}
