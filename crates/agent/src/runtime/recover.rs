//! What a start finds in the rows. A clean start and a start after a crash are this one path.

use std::sync::Arc;

use openclaw_protocol::ids::RunId;

use super::Shared;
use crate::{
    lane::Lanes,
    live::RunInfo,
    run::{
        cancel::Cancel,
        given_up,
        interrupted::may_run_again,
        job::{Job, Start},
        persist::persist,
    },
    store::{DeadLetterKind, RunRecord, RunState, StepRecord, StoreError},
};

/// A run that makes its session's actor panic is started again this often, then it is given up.
const MAX_RESTARTS: u32 = 2;

/// Puts every run that has not ended into its lane: what ran first, then what waited, in order. Then
/// the gate opens and new messages are accepted.
pub(crate) async fn recover(shared: &Arc<Shared>) {
    let rows =
        match persist(&shared.stop, "read unfinished runs", || shared.store.unfinished()).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "the runs of the last start could not be read");
                return;
            }
        };
    let (running, queued): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.state == RunState::Running);
    if !running.is_empty() || !queued.is_empty() {
        tracing::info!(
            running = running.len(),
            queued = queued.len(),
            "runs of the last start are taken up"
        );
    }
    for row in running {
        let info = info(&row);
        match start(shared, row).await {
            Ok(start) => place(shared, info, start),
            Err(error) => given_up::bury(shared, &info, DeadLetterKind::Unreadable, &error).await,
        }
    }
    for row in queued {
        place(shared, info(&row), Start::Fresh);
    }
    shared.recovered.send_replace(true);
}

/// Where a run starts whose row says that it runs.
async fn start(shared: &Shared, row: RunRecord) -> Result<Start, StoreError> {
    with_steps(shared, row, |row, steps| {
        if may_run_again(&row, &steps) {
            Start::Resume(row, steps)
        } else {
            Start::Interrupted(row, steps)
        }
    })
    .await
}

/// What `decide` makes of a run and its steps; one whose steps cannot be read is ended.
async fn with_steps(
    shared: &Shared,
    row: RunRecord,
    decide: impl FnOnce(Box<RunRecord>, Vec<StepRecord>) -> Start,
) -> Result<Start, StoreError> {
    let row = Box::new(row);
    match persist(&shared.stop, "read steps", || shared.store.steps(&row.run_id)).await {
        Ok(steps) => Ok(decide(row, steps)),
        Err(StoreError::Unreadable(why)) => Ok(Start::Unreadable(row, why)),
        Err(error) => Err(error),
    }
}

/// Where a run starts again whose actor panicked; `None` when it has ended.
pub(crate) async fn after_panic(shared: &Shared, run_id: &RunId, restarts: u32) -> Option<Start> {
    let row = persist(&shared.stop, "read run", || shared.store.run(run_id)).await;
    let row = row
        .inspect_err(|error| tracing::error!(%run_id, %error, "a run could not be read"))
        .ok()??;
    let start = match row.state {
        RunState::Queued if restarts <= MAX_RESTARTS => Ok(Start::Fresh),
        RunState::Queued => Ok(Start::Interrupted(Box::new(row), Vec::new())),
        RunState::Running if restarts <= MAX_RESTARTS => start(shared, row).await,
        RunState::Running => with_steps(shared, row, Start::Interrupted).await,
        _ => return None,
    };
    start
        .inspect_err(|error| tracing::error!(%run_id, %error, "a run could not be taken up again"))
        .ok()
}

fn place(shared: &Arc<Shared>, info: RunInfo, start: Start) {
    // What was accepted once is never refused now, however much there is.
    let claim = Lanes::claim_for_recovery(shared, &info.session_key);
    let cancel = Arc::new(Cancel::default());
    claim.push(Job { info, cancel, start, submission: None, permit: None });
}

/// What is known of a run from its row.
fn info(row: &RunRecord) -> RunInfo {
    let channel = serde_json::from_str::<super::Submission>(&row.request)
        .map(|submission| submission.origin.channel)
        .unwrap_or_default();
    RunInfo {
        run_id: row.run_id.clone(),
        session_key: row.session_key.clone(),
        session_id: row.session_id.as_deref().unwrap_or_default().into(),
        agent_id: row.agent_id.clone(),
        principal: row.principal.as_str().into(),
        origin: channel.into(),
        provider: "".into(),
        model: "".into(),
        started_at: row.started_at.unwrap_or(row.accepted_at),
    }
}
