//! What a start does with the rows that it finds.

use openclaw_protocol::ids::{RunId, SessionKey};
use serde_json::json;

use super::rig::{KEY, Rig, submission};
use crate::{
    outcome::RunStatus,
    provider::scripted,
    run::entries,
    store::{Begin, MemoryStore, NewRun, NewStep, StepClass, TurnStore as _},
    transcript::{EntryBody, NewEntry},
};

/// Accepts a run as a runtime did that then died.
async fn accepted(store: &MemoryStore, run: &str) {
    let submission = submission(run, run);
    let new = NewRun {
        run_id: submission.run_id.clone(),
        session_key: submission.session_key.clone(),
        agent_id: submission.agent_id.clone(),
        kind: "chat".into(),
        principal: "local".into(),
        request: serde_json::to_string(&submission).unwrap(),
        accepted_at: 1,
        idempotency: None,
    };
    store.accept(new, None).await.unwrap();
}

async fn begun(store: &MemoryStore, run: &str) {
    accepted(store, run).await;
    let user = entries::user(&submission(run, run), 1);
    store.begin(&RunId::new(run), Begin::touching(1, "/w", vec![user])).await.unwrap();
}

/// Begins a step as a runtime did: with the answer that calls the tool.
async fn step(store: &MemoryStore, run: &str, tool: &str, class: StepClass) {
    let message = json!({
        "role": "assistant", "stopReason": "toolUse", "timestamp": 1,
        "content": [{"type": "toolCall", "id": "c1", "name": tool, "arguments": {}}],
    });
    let args = json!({"toolCallId": "c1", "arguments": {}}).to_string();
    let step = NewStep { run_id: RunId::new(run), n: 1, tool: tool.into(), class, args, at: 1 };
    let entry = NewEntry::new(1, EntryBody::message(&message).unwrap());
    store.begin_step(step, vec![entry]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_waited_runs_in_order() {
    let store = MemoryStore::new();
    for run in ["r1", "r2", "r3"] {
        accepted(&store, run).await;
    }
    let rig = Rig::over(store, ["1", "2", "3", "4"].map(scripted::text));
    rig.send("r4", "comes after them").await;
    for (run, text) in [("r1", "1"), ("r2", "2"), ("r3", "3"), ("r4", "4")] {
        assert_eq!(rig.outcome(run).await.text, text);
    }
}

/// State x text sent x class of a step that had begun x whether that step had ended.
#[tokio::test(start_paused = true)]
async fn what_ran_runs_again_only_where_nothing_can_have_happened() {
    let classes = [None, Some(StepClass::Pure), Some(StepClass::Keyed), Some(StepClass::Unsafe)];
    for text_sent in [false, true] {
        for class in classes {
            for ended in [false, true] {
                let store = MemoryStore::new();
                begun(&store, "r1").await;
                accepted(&store, "r2").await;
                if let Some(class) = class {
                    let tool = if class == StepClass::Pure { "session_status" } else { "fire" };
                    step(&store, "r1", tool, class).await;
                    if ended {
                        let result =
                            serde_json::from_value(json!({"toolCallId": "c1", "content": "r"}));
                        let entry = entries::tool_result(&result.unwrap());
                        store.end_step(&"r1".into(), 1, "{}".into(), vec![entry]).await.unwrap();
                    }
                }
                if text_sent {
                    store.mark_text_sent(&"r1".into()).await.unwrap();
                }
                let again = !text_sent && matches!(class, None | Some(StepClass::Pure));
                check(store, again, class, ended).await;
            }
        }
    }
}

async fn check(store: MemoryStore, again: bool, class: Option<StepClass>, ended: bool) {
    let case = format!("again={again} {class:?} ended={ended}");
    let answers: &[&str] = if again { &["again", "next"] } else { &["next"] };
    let mut rig = Rig::over(store, answers.iter().map(|text| scripted::text(text)));
    let outcome = rig.outcome("r1").await;
    assert_eq!(rig.outcome("r2").await.text, "next", "{case}");
    assert_eq!(rig.log.count("ended r1"), 1, "{case}");
    let transcript = rig.transcript().await;
    if again {
        assert_eq!((outcome.status, outcome.text.as_str()), (RunStatus::Ok, "again"), "{case}");
        let request = rig.calls.next().await.request;
        let expected = if class.is_some() { 3 } else { 1 };
        assert_eq!(
            request.messages.len(),
            expected,
            "{case}: the model sees its call with a result"
        );
        if class.is_some() {
            let result = request.messages[2].text();
            assert!(
                if ended { result == "r" } else { result.contains("Model: ") },
                "{case}: {result}"
            );
        }
    } else {
        assert_eq!(outcome.status, RunStatus::Interrupted, "{case}");
        assert!(outcome.text.contains("incomplete"), "{case}");
        let open = class.is_some() && !ended;
        let unknown = open && class != Some(StepClass::Pure);
        assert_eq!(
            outcome.text.contains("unknown whether this took effect: fire"),
            unknown,
            "{case}"
        );
        assert!(transcript.iter().any(|line| line.starts_with("assistant: The gateway stopped")));
        let told =
            transcript.iter().any(|line| line.starts_with("toolResult: The run was stopped"));
        assert_eq!(told, open, "{case}");
    }
    let steps = rig.store.steps(&"r1".into()).await.unwrap();
    assert_eq!(steps.len(), usize::from(class.is_some()), "{case}: no step is recorded twice");
    assert!(!again || steps.iter().all(|step| step.result.is_some()), "{case}");
    let row = rig.store.session(&SessionKey::new(KEY)).await.unwrap().unwrap();
    assert_eq!(row.entry.status.as_deref(), Some("done"), "{case}");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_read_ends_with_an_error() {
    let store = MemoryStore::new();
    let new = NewRun {
        run_id: "r1".into(),
        session_key: KEY.into(),
        agent_id: "main".into(),
        kind: "chat".into(),
        principal: "local".into(),
        request: "{}".into(),
        accepted_at: 1,
        idempotency: None,
    };
    store.accept(new, None).await.unwrap();
    let rig = Rig::over(store, [scripted::text("fine")]);
    let outcome = rig.outcome("r1").await;
    assert_eq!(outcome.status, RunStatus::Error);
    assert!(outcome.error.unwrap().contains("cannot be read"));
    rig.send("r2", "x").await;
    assert_eq!(rig.outcome("r2").await.text, "fine");
}
