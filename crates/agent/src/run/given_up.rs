//! Dead letters of runs: what people see of a run that was accepted and not carried out to its end.

use super::persist::persist;
use crate::{
    live::RunInfo,
    runtime::{Shared, Submission},
    store::{DeadLetterKind, NewDeadLetter, StoreError, dead::beginning},
};

/// The letter of a run. What was asked is read from its row, where that can be read.
pub(crate) async fn letter(
    shared: &Shared,
    info: &RunInfo,
    kind: DeadLetterKind,
    reason: &str,
) -> NewDeadLetter {
    let row = shared.store.run(&info.run_id).await.ok().flatten();
    let asked = row.and_then(|row| serde_json::from_str::<Submission>(&row.request).ok());
    NewDeadLetter {
        at: shared.clock.now_ms(),
        kind,
        subject: info.run_id.to_string(),
        reason: reason.to_owned(),
        session_key: Some(info.session_key.to_string()),
        node: None,
        text: asked.and_then(|asked| beginning(&asked.text)),
    }
}

/// Writes down, on its own, that a run was given up whose row cannot be ended.
pub(crate) async fn bury(shared: &Shared, info: &RunInfo, kind: DeadLetterKind, why: &StoreError) {
    if matches!(why, StoreError::Closed) {
        return;
    }
    tracing::error!(run = %info.run_id, error = %why, "a run was given up");
    let letter = letter(shared, info, kind, &why.to_string()).await;
    let write = || shared.store.bury(letter.clone());
    if let Err(error) = persist(&shared.stop, "add a dead letter", write).await {
        tracing::error!(run = %info.run_id, %error, "a dead letter could not be written");
    }
}
