//! The end of a run that a stop of the program cut off and that must not run again: text of it was
//! shown, or a step of it may have taken effect.

use super::{
    call_id,
    ending::{self, Ending, SessionFigures, stopped_call},
    entries,
};
use crate::{
    live::RunInfo,
    message::StopReason,
    outcome::RunStatus,
    runtime::Shared,
    store::{DeadLetterKind, RunRecord, StepClass, StepRecord},
    transcript::NewEntry,
};

/// Whether a run that was running may run again: nothing of it was shown, and nothing it began can
/// have changed anything.
pub(crate) fn may_run_again(record: &RunRecord, steps: &[StepRecord]) -> bool {
    !record.text_sent && steps.iter().all(|step| step.step.class == StepClass::Pure)
}

/// Ends the run. The transcript says so to the user, and to the model for each call without a result.
pub(crate) async fn end(shared: &Shared, info: RunInfo, record: &RunRecord, steps: &[StepRecord]) {
    let at = shared.clock.now_ms();
    let open: Vec<&StepRecord> = steps.iter().filter(|step| step.result.is_none()).collect();
    let mut last = Vec::new();
    for step in &open {
        if let Some(id) = call_id(&step.step.args) {
            last.push(entries::tool_result(&stopped_call(&id, &step.step.tool, at)));
        }
    }
    say(shared, info, record, (&notice(&open), last, DeadLetterKind::Interrupted)).await;
}

/// Ends a run whose steps cannot be read, so that nobody knows what it had begun.
pub(crate) async fn end_unreadable(shared: &Shared, info: RunInfo, record: &RunRecord, why: &str) {
    let notice = format!(
        "The gateway stopped while this answer was under way, and its record of what it had begun cannot be \
         read ({why}). What it had begun may have taken effect. Send the message again to try once more."
    );
    say(shared, info, record, (&notice, Vec::new(), DeadLetterKind::Unreadable)).await;
}

/// Ends the run with a notice behind the last entries.
async fn say(
    shared: &Shared,
    info: RunInfo,
    record: &RunRecord,
    (notice, mut last, kind): (&str, Vec<NewEntry>, DeadLetterKind),
) {
    let info = RunInfo {
        session_id: record.session_id.as_deref().unwrap_or_default().into(),
        started_at: record.started_at.unwrap_or(info.started_at),
        ..info
    };
    let at = shared.clock.now_ms();
    let mut message = entries::injected(notice, at);
    message.stop_reason = Some(StopReason::Aborted);
    message.error_message = Some("interrupted by a restart of the gateway".to_owned());
    last.push(entries::assistant(&message));
    if record.session_id.is_none() {
        // It never began, so there is no transcript to write to.
        last.clear();
    }
    let session = SessionFigures::default();
    let ending = Ending {
        status: RunStatus::Interrupted,
        stop_reason: "interrupted".to_owned(),
        error: Some(notice.to_owned()),
        client_calls: Vec::new(),
        text: Some(notice.to_owned()),
        message: None,
        entries: last,
        session: Some(session),
        given_up: Some(kind),
    };
    ending::finish(shared, &info, None, ending).await;
}

fn notice(open: &[&StepRecord]) -> String {
    let mut text = "The gateway stopped while this answer was under way, so the answer is incomplete and was not repeated.".to_owned();
    let unknown: Vec<&str> = open
        .iter()
        .filter(|step| step.step.class != StepClass::Pure)
        .map(|step| step.step.tool.as_str())
        .collect();
    if !unknown.is_empty() {
        text.push_str(" It is unknown whether this took effect: ");
        text.push_str(&unknown.join(", "));
        text.push('.');
    }
    text.push_str(" Send the message again to try once more.");
    text
}
