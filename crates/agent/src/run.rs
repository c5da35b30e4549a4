//! One run, from its place in the queue to its one outcome. Reading order: [`carry_out`], then
//! `begin`, `turn`, `stream`, `steps`, `ending`.

pub(crate) mod begin;
pub(crate) mod cancel;
pub(crate) mod command;
pub(crate) mod ending;
pub(crate) mod entries;
pub(crate) mod given_up;
pub(crate) mod interrupted;
pub(crate) mod job;
pub(crate) mod persist;
mod reset;
mod steps;
mod stream;
mod turn;

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;

use self::{
    cancel::Cancel,
    ending::Ending,
    job::{Begun, Job, Start},
    turn::Turn,
};
use crate::{
    lane::Lane,
    live::{LiveRun, RunInfo},
    observer::SessionChange,
    outcome::RunStatus,
    runtime::{Shared, tasks::panic_text},
    store::DeadLetterKind,
};

#[cfg(test)]
pub(crate) use self::steps::MAX_STEPS;
pub(crate) use self::steps::call_id;

/// Carries a run out: begins it where it has not begun, runs its turn, ends it.
pub(crate) async fn carry_out(shared: &Arc<Shared>, lane: &Arc<Lane>, job: Job) {
    let Job { info, cancel, start, submission, permit: _ } = job;
    let start = match start {
        Start::Interrupted(record, steps) => {
            return interrupted::end(shared, info, &record, &steps).await;
        }
        Start::Unreadable(record, why) => {
            return interrupted::end_unreadable(shared, info, &record, &why).await;
        }
        start => start,
    };
    let submission = match submission {
        Some(submission) => submission,
        None => match begin::load(shared, &info).await {
            Ok(submission) => submission,
            Err(error) => return fail(shared, &info, error).await,
        },
    };
    let (begun, resumed) = match start {
        Start::Begun(begun) => (*begun, Vec::new()),
        Start::Resume(record, steps) => {
            if let Some(command) = command::of(&submission) {
                let begun = (command, Some(*record));
                return command::carry_out(shared, info, &submission, begun).await;
            }
            (begin::resume(shared, *record, &submission).await, steps)
        }
        Start::Fresh | Start::Interrupted(..) | Start::Unreadable(..) => {
            if let Some(reason) = cancel.reason() {
                let ending = Ending::never_began(RunStatus::Aborted, &reason, None);
                return ending::finish(shared, &info, None, ending).await;
            }
            if let Some(command) = command::of(&submission) {
                return command::carry_out(shared, info, &submission, (command, None)).await;
            }
            match begin::begin(shared, &info, &submission).await {
                Ok(begun) => (begun, Vec::new()),
                Err(error) => return fail(shared, &info, error).await,
            }
        }
    };
    let live = Arc::new(LiveRun::new(begun.info(info)));
    if let Some(row) = begun.session.clone() {
        live.set_session(row);
    }
    lane.set_live(&live);
    announce(shared, &live, &begun);
    let turn = Turn::new(shared, &submission, &live, &begun.prepared, &resumed);
    // When the runtime lets go of a turn its row stays for the next start. An end is not let go of: what is
    // committed is also told.
    if let Some(ending) = shared.stop.unless_halted(turn_of(&turn, &cancel)).await {
        ending::finish(shared, live.info(), Some(&live), ending).await;
    }
}

/// The turn, with a panic of a provider or tool turned into a failure of this run alone.
async fn turn_of(turn: &Turn<'_>, cancel: &Cancel) -> Ending {
    match AssertUnwindSafe(turn::run(turn, cancel)).catch_unwind().await {
        Ok(ending) => ending,
        Err(panic) => {
            let panic = panic_text(panic.as_ref());
            tracing::error!(run = %turn.info().run_id, panic, "a run panicked");
            Ending::failed(turn, "the run crashed; the log says where")
        }
    }
}

fn announce(shared: &Shared, live: &Arc<LiveRun>, begun: &Begun) {
    shared.show(live.info(), Some(live), &begun.entries);
    shared.observer.run_started(live);
    shared.observer.session_changed(&live.info().session_key, SessionChange::Start);
}

/// Ends a run that cannot begin.
async fn fail(shared: &Shared, info: &RunInfo, error: begin::CannotBegin) {
    match error {
        begin::CannotBegin::Stopping => {} // its row stays for the next start
        begin::CannotBegin::Failed(error) => {
            let ending = Ending::never_began(RunStatus::Error, "error", Some(error));
            ending::finish(shared, info, None, ending).await;
        }
        begin::CannotBegin::Unreadable(error) => {
            let mut ending = Ending::never_began(RunStatus::Error, "error", Some(error));
            ending.given_up = Some(DeadLetterKind::Unreadable);
            ending::finish(shared, info, None, ending).await;
        }
    }
}
