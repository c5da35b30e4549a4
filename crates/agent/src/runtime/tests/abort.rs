//! Aborts of what runs and of what waits.

use std::time::Duration;

use openclaw_protocol::ids::{RunId, SessionKey};
use serde_json::json;

use super::rig::{KEY, Rig};
use crate::{
    message::StopReason,
    outcome::RunStatus,
    runtime::{AbortReach, Aborted},
};

fn ids(runs: &[&str]) -> Aborted {
    Aborted { run_ids: runs.iter().map(|run| RunId::new(*run)).collect() }
}

#[tokio::test(start_paused = true)]
async fn an_abort_keeps_the_text_and_lets_the_next_one_run() {
    let mut rig = Rig::new();
    let key = SessionKey::new(KEY);
    assert_eq!(rig.runtime.abort(&key, None, AbortReach::default(), "rpc").await, ids(&[]));
    rig.send("r1", "slow please").await;
    let call = rig.calls.next().await;
    call.text("slow-0 slow-1");
    tokio::time::sleep(Duration::from_millis(1)).await;
    rig.send("r2", "next").await;
    assert_eq!(rig.runtime.abort(&key, None, AbortReach::Running, "rpc").await, ids(&["r1"]));
    let outcome = rig.outcome("r1").await;
    assert_eq!((outcome.status, outcome.stop_reason.as_str()), (RunStatus::Aborted, "rpc"));
    assert_eq!(outcome.text, "slow-0 slow-1");
    // OpenClaw's marks: the text is a note that ended well, and says beside it how it came about.
    assert_eq!(rig.transcript().await[3], "assistant: slow-0 slow-1 [stop]");
    let said = rig.message(3).await;
    assert_eq!(said["model"], "gateway-injected");
    assert_eq!(said["idempotencyKey"], "r1:assistant");
    assert_eq!(said["openclawAbort"], json!({"aborted": true, "origin": "rpc", "runId": "r1"}));
    assert_eq!(rig.message(2).await["idempotencyKey"], "r1:user");
    call.cancelled().await;
    assert_eq!(
        rig.runtime.abort(&key, Some(&"r1".into()), AbortReach::default(), "rpc").await,
        ids(&[])
    );
    let call = rig.calls.next().await;
    call.text("ok");
    call.done();
    assert_eq!(rig.status("r2").await, RunStatus::Ok);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_waits_can_be_aborted_alone_or_with_all() {
    let mut rig = Rig::new();
    let key = SessionKey::new(KEY);
    rig.send("r1", "slow").await;
    let _call = rig.calls.next().await;
    for run in ["r2", "r3", "r4"] {
        rig.send(run, "x").await;
    }
    let one = rig.runtime.abort(&key, Some(&"r3".into()), AbortReach::Running, "rpc").await;
    assert_eq!(one, ids(&["r3"]));
    assert_eq!(rig.outcome("r3").await.started_at, 0);
    let all = rig.runtime.abort(&key, None, AbortReach::RunningAndQueued, "stop").await;
    assert_eq!(all, ids(&["r1", "r2", "r4"]));
    for run in ["r1", "r2", "r4"] {
        assert_eq!(rig.status(run).await, RunStatus::Aborted);
    }
    assert!(rig.runtime.active_all().is_empty());
    assert_eq!(rig.log.count("ended"), 4);
    assert_eq!(rig.transcript().await.len(), 4, "what never began left nothing");
}

#[tokio::test(start_paused = true)]
async fn an_abort_during_a_tool_answers_its_call() {
    let mut rig = Rig::new();
    rig.send("r1", "hang").await;
    let call = rig.calls.next().await;
    call.text("Working.");
    call.tool("c1", "hang", json!({}));
    call.stop(StopReason::ToolUse);
    while rig.log.count("tool") == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    rig.runtime.abort(&SessionKey::new(KEY), None, AbortReach::Running, "rpc").await;
    let transcript = rig.transcript().await;
    assert_eq!(transcript[3], "assistant: Working. | hang({}) [toolUse]");
    assert!(transcript[4].starts_with("toolResult: The run was stopped"), "{transcript:?}");
    assert_eq!(transcript[5], "assistant:  [aborted]");
    assert_eq!(rig.outcome("r1").await.text, "Working.");
}
