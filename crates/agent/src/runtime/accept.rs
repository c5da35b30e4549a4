//! A message on its way in: a place in its session's queue, one commit, and only then an answer.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;

use super::{Shared, Submission, Submitted, submission::QueueMode};
use crate::{
    crash,
    error::AgentError,
    lane::{Claim, Lanes},
    live::RunInfo,
    observer::SessionChange,
    outcome::Outcome,
    outcome::RunStatus,
    run::{
        begin,
        cancel::Cancel,
        command,
        ending::{self, Ending},
        job::{Begun, Job, Start},
    },
    store::{Accepted, Begin, IdempotencyKey, NewRun, RunRecord, StoreError},
};

/// How long a caller waits for the commit. The commit itself goes on.
const ACCEPT_DEADLINE: Duration = Duration::from_secs(30);
/// The longest text of a message, in bytes; the frame it came in is bounded by the gateway.
const MAX_TEXT: usize = 4 * 1024 * 1024;
/// The longest run id, in bytes: it is a key of the store and is repeated in every event.
const MAX_RUN_ID: usize = 512;
/// Requests up to this size are kept in memory while they wait; larger ones are read from their row.
const MAX_KEPT: usize = 32 * 1024;

/// Accepts a message. The work is a task of its own: a caller that goes away in between must not leave a
/// committed run that nobody carries out.
pub(super) async fn submit(
    shared: &Arc<Shared>,
    submission: Submission,
) -> Result<Submitted, AgentError> {
    check(&submission)?;
    if shared.stop.is_draining() {
        return Err(AgentError::ShuttingDown);
    }
    // Before the place is taken: what the last start left comes first in every queue.
    shared.recovered().await?;
    let claim = Lanes::claim(shared, &submission.session_key)?;
    let (tx, rx) = oneshot::channel();
    let own = Arc::clone(shared);
    shared.spawner.spawn("agent-accept", async move {
        let answer = own.stop.unless_halted(accept(&own, claim, submission)).await;
        // A caller that has gone needs no answer.
        drop(tx.send(answer.unwrap_or(Err(AgentError::ShuttingDown))));
    });
    match tokio::time::timeout(ACCEPT_DEADLINE, rx).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(AgentError::ShuttingDown),
        Err(_) => Err(AgentError::TimedOut),
    }
}

fn check(submission: &Submission) -> Result<(), AgentError> {
    let run_id = submission.run_id.as_str();
    if run_id.is_empty() || run_id.len() > MAX_RUN_ID {
        return Err(AgentError::Invalid(format!("the run id must have 1 to {MAX_RUN_ID} bytes")));
    }
    if submission.text.len() > MAX_TEXT {
        return Err(AgentError::Invalid(format!("the message is longer than {MAX_TEXT} bytes")));
    }
    let answers = submission.supplied.as_ref().is_some_and(|supplied| supplied.speaks());
    if submission.is_silent() && !answers {
        return Err(AgentError::Invalid("the message is empty".to_owned()));
    }
    Ok(())
}

async fn accept(
    shared: &Arc<Shared>,
    claim: Claim,
    submission: Submission,
) -> Result<Submitted, AgentError> {
    let request = serde_json::to_string(&submission).map_err(|error| {
        AgentError::Invalid(format!("the message cannot be written down: {error}"))
    })?;
    let kept = request.len() <= MAX_KEPT;
    let at = shared.clock.now_ms();
    let run = new_run(&submission, request, at);
    let head_start = HeadStart::take(shared, &claim, &submission).await?;
    let begin = head_start.as_ref().map(|start| start.begin(&submission, at));
    let (record, entries, session) = match shared.store.accept(run, begin).await? {
        Accepted::New { run, entries, session } => (*run, entries, session),
        Accepted::Known(run) => return known(&run),
    };
    crash::point("accepted");
    let interrupted = match submission.mode {
        QueueMode::Interrupt => interrupt(shared, &claim),
        QueueMode::Queue => Vec::new(),
    };
    let info = info(&submission, at);
    let change = if submission.mode == QueueMode::Interrupt {
        SessionChange::Steer
    } else {
        SessionChange::Send
    };
    let (start, permit) = match head_start {
        Some(HeadStart { permit, prepared }) if record.state == crate::store::RunState::Running => {
            let begun = Begun { record, entries, prepared, session: session.map(|row| *row) };
            (Start::Begun(Box::new(begun)), Some(permit))
        }
        _ => (Start::Fresh, None),
    };
    let submission = (kept || permit.is_some()).then(|| Arc::new(submission));
    shared.observer.session_changed(&info.session_key, change);
    claim.push(Job { info, cancel: Arc::new(Cancel::default()), start, submission, permit });
    Ok(Submitted::Started { accepted_at: at, interrupted })
}

/// A run that may begin in the commit that accepts it: its session is idle and a permit is free. It
/// saves one commit before the first token.
struct HeadStart {
    permit: tokio::sync::OwnedSemaphorePermit,
    prepared: begin::Prepared,
}

impl HeadStart {
    async fn take(
        shared: &Arc<Shared>,
        claim: &Claim,
        submission: &Submission,
    ) -> Result<Option<Self>, StoreError> {
        if !claim.alone || command::of(submission).is_some() || shared.stop.is_draining() {
            return Ok(None);
        }
        let Ok(permit) = Arc::clone(&shared.permits).try_acquire_owned() else { return Ok(None) };
        let prepared = begin::prepare(shared, submission).await?;
        Ok(Some(Self { permit, prepared }))
    }

    fn begin(&self, submission: &Submission, at: i64) -> Begin {
        self.prepared.begin(submission, at)
    }
}

fn new_run(submission: &Submission, request: String, accepted_at: i64) -> NewRun {
    let idempotency = IdempotencyKey {
        principal: submission.principal.clone(),
        scope: submission.scope.clone(),
        key: submission.run_id.as_str().to_owned(),
        digest: submission.digest(),
    };
    NewRun {
        run_id: submission.run_id.clone(),
        session_key: submission.session_key.clone(),
        agent_id: submission.agent_id.clone(),
        kind: submission.scope.clone(),
        principal: submission.principal.clone(),
        request,
        accepted_at,
        idempotency: Some(idempotency),
    }
}

fn known(run: &RunRecord) -> Result<Submitted, AgentError> {
    if !run.state.is_final() {
        return Ok(Submitted::InFlight(run.state));
    }
    outcome_of(run).map(Box::new).map(Submitted::Finished).ok_or(AgentError::KeyReused)
}

/// The outcome of a run that has ended, from its row.
pub(super) fn outcome_of(run: &RunRecord) -> Option<Outcome> {
    serde_json::from_str(run.outcome.as_deref()?)
        .inspect_err(
            |error| tracing::error!(run = %run.run_id, %error, "an outcome cannot be read"),
        )
        .ok()
}

fn info(submission: &Submission, at: i64) -> RunInfo {
    RunInfo {
        run_id: submission.run_id.clone(),
        session_key: submission.session_key.clone(),
        session_id: "".into(),
        agent_id: submission.agent_id.clone(),
        principal: submission.principal.as_str().into(),
        origin: submission.origin.channel.as_str().into(),
        provider: "".into(),
        model: "".into(),
        started_at: at,
    }
}

/// Stops all that runs and waits in front of a message.
fn interrupt(shared: &Arc<Shared>, claim: &Claim) -> Vec<openclaw_protocol::ids::RunId> {
    let found = claim.lane().cancel(shared, None, true, "steer");
    let mut ids = found.told;
    ids.extend(found.taken.iter().map(|job| job.info.run_id.clone()));
    end_taken(shared, found.taken, "steer");
    ids
}

/// Ends runs that were taken off their queue.
pub(super) fn end_taken(shared: &Arc<Shared>, taken: Vec<Job>, reason: &str) {
    for job in taken {
        let (shared, reason) = (Arc::clone(shared), reason.to_owned());
        shared.spawner.clone().spawn("agent-abort", async move {
            let ending = Ending::never_began(RunStatus::Aborted, &reason, None);
            ending::finish(&shared, &job.info, None, ending).await;
        });
    }
}
