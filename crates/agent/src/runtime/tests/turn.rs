//! One turn: text, tools, limits, panics.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use expect_test::expect;
use openclaw_protocol::ids::SessionKey;
use serde_json::json;

use super::rig::{KEY, Rig, settings, submission};
use crate::{
    message::{Message, StopReason},
    outcome::RunStatus,
    provider::{
        Delta, DeltaStream, Limit, ModelRequest, Provider, ProviderError, ToolCall,
        scripted::{self, Scripted},
    },
    runtime::AgentSettings,
    store::{MemoryStore, TurnStore as _},
};

#[tokio::test(start_paused = true)]
async fn a_message_becomes_an_answer() {
    let mut rig = Rig::new();
    rig.send("r1", "hello").await;
    let call = rig.calls.next().await;
    assert_eq!(call.request.messages.len(), 1);
    assert!(call.request.system.contains("OpenClaw"));
    call.text("Hel");
    call.text("lo");
    call.usage(100, 10);
    call.text("!");
    call.done();
    let outcome = rig.outcome("r1").await;
    assert_eq!((outcome.status, outcome.stop_reason.as_str()), (RunStatus::Ok, "stop"));
    assert_eq!((outcome.usage.input, outcome.usage.output, outcome.usage.context), (100, 10, 100));
    assert_eq!(outcome.text, "Hello!");
    expect![[r#"
        [
            "started r1",
            "text r1 \"Hel\"",
            "ended r1 Ok stop \"Hello!\"",
        ]
    "#]]
    .assert_debug_eq(&rig.log.runs());
    expect![[r#"
        [
            "model scripted/test",
            "thinking off",
            "user: hello",
            "assistant: Hello! [stop]",
        ]
    "#]]
    .assert_debug_eq(&rig.transcript().await);
    assert_eq!(rig.log.count("entry"), 4);
    let entry = rig.store.session(&SessionKey::new(KEY)).await.unwrap().unwrap().entry;
    assert_eq!(entry.status.as_deref(), Some("done"));
    assert_eq!((entry.total_tokens, entry.total_tokens_fresh), (Some(100), Some(true)));
    assert_eq!(entry.model_provider.as_deref(), Some("scripted"));
    assert_eq!(entry.last_channel.as_deref(), Some("webchat"));
    assert!(rig.runtime.active_all().is_empty());
}

#[tokio::test(start_paused = true)]
async fn text_is_paced_and_a_pause_shows_what_waits() {
    let mut rig = Rig::new();
    rig.send("r1", "hello").await;
    let call = rig.calls.next().await;
    for piece in ["a", "b", "c"] {
        call.text(piece);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    for piece in ["d", "e"] {
        call.text(piece);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        rig.log.runs(),
        ["started r1", r#"text r1 "a""#, r#"text r1 "abc""#, r#"text r1 "abcde""#]
    );
    call.done();
    assert_eq!(rig.outcome("r1").await.text, "abcde");
}

#[tokio::test(start_paused = true)]
async fn a_second_turn_sees_the_first_and_says_no_model_again() {
    let mut rig = Rig::new();
    for run in ["r1", "r2"] {
        rig.send(run, run).await;
        let call = rig.calls.next().await;
        if run == "r2" {
            let roles: Vec<_> = call.request.messages.iter().map(Message::role).collect();
            assert_eq!(roles, ["user", "assistant", "user"]);
        }
        call.usage(1, 1);
        call.text("ok");
        call.done();
        rig.outcome(run).await;
    }
    assert_eq!(
        rig.transcript().await,
        [
            "model scripted/test",
            "thinking off",
            "user: r1",
            "assistant: ok [stop]",
            "user: r2",
            "assistant: ok [stop]"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn tools_run_and_their_faults_are_told_to_the_model() {
    let mut rig = Rig::new();
    std::fs::write(rig.dir.path().join("a.txt"), "content").unwrap();
    rig.send("r1", "use tools").await;
    let call = rig.calls.next().await;
    assert!(call.request.tools.contains("read"));
    call.text("Let me check.");
    call.tool("c1", "session_status", json!({}));
    call.tool("c2", "nonesuch", json!({}));
    call.push(Ok(Delta::ToolCall(ToolCall::parse("c3".into(), "read".into(), "{oops".into()))));
    call.stop(StopReason::ToolUse);
    let call = rig.calls.next().await;
    let results: Vec<_> = call.request.messages[2..].iter().map(Message::text).collect();
    assert!(results[0].contains("Model: scripted/test"), "{results:?}");
    assert!(results[1].contains("no such tool"), "{results:?}");
    assert!(results[2].contains("not a JSON object"), "{results:?}");
    call.text("Done.");
    call.done();
    let outcome = rig.outcome("r1").await;
    assert_eq!((outcome.status, outcome.text.as_str()), (RunStatus::Ok, "Let me check.\n\nDone."));
    expect![[r#"
        [
            "started r1",
            "text r1 \"Let me check.\"",
            "tool r1 session_status start {}",
            "tool r1 session_status result error=false",
            "tool r1 nonesuch start {}",
            "tool r1 nonesuch result error=true",
            "tool r1 read start \"{oops\"",
            "tool r1 read result error=true",
            "text r1 \"Let me check.\\n\\nDone.\"",
            "ended r1 Ok stop \"Let me check.\\n\\nDone.\"",
        ]
    "#]]
    .assert_debug_eq(&rig.log.runs());
    let transcript = rig.transcript().await;
    assert_eq!(
        transcript[3],
        "assistant: Let me check. | session_status({}) | nonesuch({}) | read({}) [toolUse]"
    );
    assert!(transcript[4].starts_with("toolResult: Time:"));
    assert_eq!(transcript[7], "assistant: Done. [stop]");
    let steps = rig.store.steps(&"r1".into()).await.unwrap();
    assert_eq!(steps.len(), 3);
    assert!(steps.iter().all(|step| step.result.is_some()));
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_hangs_and_a_model_that_loops_are_stopped() {
    let mut rig = Rig::new();
    rig.send("r1", "loop").await;
    for n in 0..=crate::run::MAX_STEPS {
        let call = rig.calls.next().await;
        if n == 1 {
            assert!(call.request.messages[2].text().contains("took too long"));
        }
        let tool = if n == 0 { "hang" } else { "session_status" };
        call.tool(&format!("c{n}"), tool, json!({}));
        call.stop(StopReason::ToolUse);
    }
    let outcome = rig.outcome("r1").await;
    assert_eq!(outcome.status, RunStatus::Error);
    assert!(outcome.error.unwrap().contains("after 100 tool calls"));
}

#[tokio::test(start_paused = true)]
async fn each_limit_of_a_provider_is_named() {
    let limits = [
        (Limit::Connect, "connect limit"),
        (Limit::FirstByte, "first byte limit"),
        (Limit::Idle, "idle limit"),
        (Limit::Total, "total limit"),
    ];
    for (limit, name) in limits {
        let error = || Err(ProviderError::timeout("p", limit, Duration::from_secs(7)));
        let rig = Rig::answering([vec![error()], vec![error()], vec![error()]]);
        rig.send("r1", "hello").await;
        let outcome = rig.outcome("r1").await;
        assert_eq!(outcome.status, RunStatus::Error);
        assert!(outcome.error.as_ref().unwrap().contains(name), "{outcome:?}");
        assert_eq!(rig.transcript().await.last().unwrap(), "assistant:  [error]");
        assert_eq!(rig.log.count("ended"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_passing_fault_is_retried_unless_text_was_shown() {
    let busy = || Err(ProviderError::refused("p", 529, "busy", None));
    let rig = Rig::answering([vec![busy()], scripted::text("fine")]);
    rig.send("r1", "hello").await;
    assert_eq!(rig.outcome("r1").await.text, "fine");

    let rig =
        Rig::answering([vec![Ok(Delta::Text("half".into())), busy()], scripted::text("never")]);
    rig.send("r1", "hello").await;
    let outcome = rig.outcome("r1").await;
    assert_eq!((outcome.status, outcome.text.as_str()), (RunStatus::Error, "half"));
    assert_eq!(rig.transcript().await.last().unwrap(), "assistant: half [error]");
}

#[tokio::test(start_paused = true)]
async fn a_run_out_of_time_keeps_what_it_said() {
    let mut rig = Rig::new();
    rig.submit(crate::runtime::Submission {
        timeout: Some(Duration::from_secs(3)),
        ..submission("r1", "slow")
    })
    .await;
    let call = rig.calls.next().await;
    call.text("slow-0");
    let outcome = rig.outcome("r1").await;
    assert_eq!((outcome.status, outcome.stop_reason.as_str()), (RunStatus::Timeout, "timeout"));
    assert_eq!(rig.transcript().await.last().unwrap(), "assistant: slow-0 [aborted]");
    call.cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn a_model_call_may_take_as_long_as_its_run() {
    let mut rig = Rig::new();
    let settings = settings(rig.dir.path(), 4);
    let settings = AgentSettings { timeout: Duration::from_mins(30), ..settings };
    rig.settings.send_replace(Arc::new(settings));
    rig.send("r1", "a long story").await;
    let call = rig.calls.next().await;
    let whole = call.request.limits.total;
    assert!(whole >= Duration::from_mins(30), "{whole:?}");
    tokio::time::sleep(Duration::from_mins(25)).await;
    call.tool("c1", "session_status", json!({}));
    call.stop(StopReason::ToolUse);
    let call = rig.calls.next().await;
    let rest = call.request.limits.total;
    assert!(rest < Duration::from_secs(305) && rest > Duration::from_secs(290), "{rest:?}");
    call.text("the end");
    call.done();
    assert_eq!(rig.outcome("r1").await.status, RunStatus::Ok);
}

struct Panics;

#[async_trait]
impl Provider for Panics {
    fn id(&self) -> &'static str {
        "panics"
    }

    async fn stream(&self, _: ModelRequest) -> Result<DeltaStream, ProviderError> {
        panic!("on purpose")
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_provider_ends_its_run_only() {
    let (_, calls) = Scripted::new();
    let rig = Rig::with(MemoryStore::new(), Arc::new(Panics), calls);
    rig.send("r1", "a").await;
    rig.send("r2", "b").await;
    for run in ["r1", "r2"] {
        let outcome = rig.outcome(run).await;
        assert_eq!(outcome.status, RunStatus::Error);
        assert!(outcome.error.unwrap().contains("crashed"));
    }
    assert_eq!(rig.log.count("ended"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_actor_that_panics_starts_again_from_its_rows() {
    let rig = Rig::answering([scripted::text("a"), scripted::text("b")]);
    *rig.log.panic_at_start.lock() = 1;
    rig.send("r1", "a").await;
    rig.send("r2", "b").await;
    assert_eq!(rig.outcome("r1").await.text, "a");
    assert_eq!(rig.outcome("r2").await.text, "b");
    assert_eq!(rig.log.count("ended"), 2);

    let rig = Rig::answering([scripted::text("b")]);
    *rig.log.panic_at_start.lock() = 3;
    rig.send("r1", "a").await;
    rig.send("r2", "b").await;
    assert_eq!(rig.status("r1").await, RunStatus::Interrupted);
    assert_eq!(rig.outcome("r2").await.text, "b");
}

#[tokio::test(start_paused = true)]
async fn notes_are_written_and_a_session_is_begun_anew() {
    let rig = Rig::answering([scripted::text("hi")]);
    let key = SessionKey::new(KEY);
    assert!(rig.runtime.inject(&key, "x", None).await.is_err(), "no session yet");
    rig.send("r1", "hello").await;
    rig.outcome("r1").await;
    let note = rig.runtime.inject(&key, "injected note", Some("Note")).await.unwrap();
    assert_eq!(note.message["content"][0]["text"], "[Note]\n\ninjected note");
    assert_eq!(note.message["model"], "gateway-injected");
    assert_eq!(note.entry_id.len(), 8);
    assert_eq!(rig.transcript().await.last().unwrap(), "assistant: [Note]\n\ninjected note [stop]");

    rig.submit(crate::runtime::Submission { may_reset: true, ..submission("r2", "/new ") }).await;
    assert!(rig.outcome("r2").await.text.contains("New session"));
    assert_eq!(rig.transcript().await, ["assistant: ✅ New session started. [stop]"]);
    assert!(rig.runtime.live(&key).is_none());
}

#[tokio::test(start_paused = true)]
async fn commands_are_answered_without_a_model_and_the_status_is_shown_to_none() {
    let mut rig = Rig::new();
    let ask = |run: &str, text: &str, may_reset: bool| crate::runtime::Submission {
        may_ask: true,
        may_reset,
        ..submission(run, text)
    };
    rig.submit(ask("r1", "/status", false)).await;
    let outcome = rig.outcome("r1").await;
    assert_eq!((outcome.status, outcome.provider.as_str()), (RunStatus::Ok, ""));
    assert!(outcome.text.contains("Session: agent:main:main"), "{}", outcome.text);
    assert_eq!(rig.message(0).await["excludeFromContext"], true);
    rig.submit(ask("r2", "/model else", false)).await;
    assert!(rig.outcome("r2").await.text.contains("operator.admin"));
    let key = SessionKey::new(KEY);
    let chosen =
        async |rig: &Rig| rig.store.session(&key).await.unwrap().unwrap().entry.model_override;
    assert_eq!(chosen(&rig).await, None);
    rig.submit(ask("r3", "/model else", true)).await;
    let text = rig.outcome("r3").await.text;
    let model = chosen(&rig).await.unwrap();
    assert!(text.starts_with("Model set to") && text.contains(&model), "{text}");
    rig.submit(ask("r4", "/model default", true)).await;
    rig.outcome("r4").await;
    assert_eq!(chosen(&rig).await, None);
    rig.submit(ask("r5", "/unknowncmd", true)).await;
    let call = rig.calls.next().await;
    let said: Vec<String> = call.request.messages.iter().map(Message::text).collect();
    assert!(said.last().unwrap().contains("/unknowncmd"), "{said:?}");
    assert!(!said.iter().any(|text| text.contains("Session: agent:main:main")), "{said:?}");
    call.text("ok");
    call.done();
    assert_eq!(rig.status("r5").await, RunStatus::Ok);
}
