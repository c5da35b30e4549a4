//! Order, repetition, bounds, and the number of runs at a time.

use std::{sync::Arc, time::Duration};

use openclaw_protocol::ids::{RunId, SessionKey};

use super::rig::{KEY, Rig, settings, submission};
use crate::{
    error::AgentError,
    lane::MAX_QUEUED,
    outcome::RunStatus,
    provider::scripted,
    runtime::{QueueMode, Submission, Submitted},
    store::{RunState, TurnStore as _},
};

#[tokio::test(start_paused = true)]
async fn messages_of_a_session_run_one_after_the_other() {
    let mut rig = Rig::new();
    for run in ["r1", "r2", "r3"] {
        rig.send(run, run).await;
    }
    for (n, run) in ["r1", "r2", "r3"].into_iter().enumerate() {
        let call = rig.calls.next().await;
        let active = rig.runtime.active(&SessionKey::new(KEY));
        assert_eq!(active.len(), 3 - n);
        assert_eq!(active[0].info.run_id.as_str(), run);
        assert_eq!(active[0].state, RunState::Running);
        assert!(active[1..].iter().all(|run| run.state == RunState::Queued));
        assert!(rig.calls.try_next().is_none(), "only one at a time");
        call.text(run);
        call.done();
        assert_eq!(rig.outcome(run).await.text, run);
    }
    assert_eq!(rig.log.runs().len(), 9);
    assert!(rig.runtime.active_all().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_repetition_is_answered_and_another_body_is_refused() {
    let mut rig = Rig::new();
    rig.send("r1", "hello").await;
    let call = rig.calls.next().await;
    rig.send("r2", "next").await;
    let again = |run: &str, text: &str| rig.runtime.submit(submission(run, text));
    assert_eq!(again("r1", "hello").await.unwrap(), Submitted::InFlight(RunState::Running));
    assert_eq!(again("r2", "next").await.unwrap(), Submitted::InFlight(RunState::Queued));
    assert!(matches!(again("r1", "other").await, Err(AgentError::KeyReused)));
    call.text("x");
    call.done();
    let outcome = rig.outcome("r1").await;
    assert_eq!(again("r1", "hello").await.unwrap(), Submitted::Finished(Box::new(outcome)));
    assert!(matches!(again("", "x").await, Err(AgentError::Invalid(_))));
    assert!(matches!(again("r9", " ").await, Err(AgentError::Invalid(_))));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_before_it_accepts() {
    let mut rig = Rig::new();
    rig.send("r", "first").await;
    let call = rig.calls.next().await;
    for n in 0..MAX_QUEUED {
        rig.send(&format!("q{n}"), "x").await;
    }
    let refused = rig.runtime.submit(submission("one-more", "x")).await;
    assert!(matches!(&refused, Err(error @ AgentError::Busy { .. }) if error.is_retryable()));
    assert!(rig.store.run(&RunId::new("one-more")).await.unwrap().is_none());
    drop(call);
    rig.outcome("r").await;
    drop(rig.calls.next().await);
    rig.send("one-more", "x").await;
}

#[tokio::test(start_paused = true)]
async fn an_interrupting_message_stops_what_is_before_it() {
    let mut rig = Rig::new();
    rig.send("r1", "slow").await;
    let call = rig.calls.next().await;
    call.text("so far");
    rig.send("r2", "waits").await;
    let steer = Submission { mode: QueueMode::Interrupt, ..submission("r3", "this instead") };
    let submitted = rig.runtime.submit(steer).await.unwrap();
    let Submitted::Started { interrupted, .. } = submitted else { panic!("{submitted:?}") };
    assert_eq!(interrupted, [RunId::new("r1"), RunId::new("r2")]);
    call.cancelled().await;
    let call = rig.calls.next().await;
    assert_eq!(call.request.messages.last().unwrap().text(), "this instead");
    call.text("yes");
    call.done();
    assert_eq!(rig.outcome("r3").await.text, "yes");
    for run in ["r1", "r2"] {
        let outcome = rig.outcome(run).await;
        assert_eq!((outcome.status, outcome.stop_reason.as_str()), (RunStatus::Aborted, "steer"));
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_run_at_a_time_than_allowed() {
    let mut rig = Rig::new();
    let of = |n: usize| Submission {
        session_key: SessionKey::from(format!("agent:main:s{n}")),
        ..submission(&format!("r{n}"), "x")
    };
    for n in 0..6 {
        rig.submit(of(n)).await;
    }
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(rig.calls.next().await);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(rig.calls.try_next().is_none());
    assert_eq!(rig.runtime.active_all().len(), 6, "those that wait are seen");
    rig.settings.send_replace(Arc::new(settings(rig.dir.path(), 5)));
    held.push(rig.calls.next().await);
    assert!(rig.calls.try_next().is_none());
    for call in held.drain(..) {
        call.text("ok");
        call.done();
    }
    let call = rig.calls.next().await;
    call.text("ok");
    call.done();
    for n in 0..6 {
        assert_eq!(rig.status(&format!("r{n}")).await, RunStatus::Ok);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_runs_end_and_leaves_the_rest_for_the_next_start() {
    let mut rig = Rig::new();
    rig.send("r1", "ends in time").await;
    let call = rig.calls.next().await;
    rig.send("r2", "waits").await;
    let runtime = rig.runtime.clone();
    let stop = async { runtime.shutdown(Duration::from_secs(5)).await };
    let end = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let refused = rig.runtime.submit(submission("r3", "late")).await;
        assert!(matches!(refused, Err(AgentError::ShuttingDown)));
        call.text("in time");
        call.done();
    };
    let (late, ()) = tokio::join!(stop, end);
    assert_eq!(late, [""; 0]);
    assert_eq!(rig.outcome("r1").await.text, "in time");
    assert_eq!(rig.store.run(&RunId::new("r2")).await.unwrap().unwrap().state, RunState::Queued);

    let next = Rig::over(rig.store.clone(), [scripted::text("after")]);
    assert_eq!(next.outcome("r2").await.text, "after");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_in_the_budget_is_taken_up_by_the_next_start() {
    let mut rig = Rig::new();
    rig.send("r1", "slow").await;
    let call = rig.calls.next().await;
    rig.runtime.shutdown(Duration::from_secs(5)).await;
    call.cancelled().await;
    assert_eq!(rig.log.count("ended"), 0);
    let next = Rig::over(rig.store.clone(), [scripted::text("again")]);
    assert_eq!(next.outcome("r1").await.text, "again");
}
