//! Many messages: none is lost as actors come and go, and each ends exactly once.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use openclaw_protocol::ids::{RunId, SessionKey};
use proptest::prelude::*;

use super::{
    rig::{LONG, Rig, submission},
    slow::Slow,
};
use crate::{
    message::StopReason,
    outcome::RunStatus,
    provider::{
        Delta, DeltaStream, ModelRequest, Provider, ProviderError, ToolCall, scripted::Scripted,
    },
    runtime::{AbortReach, QueueMode, Submission, Submitted},
    store::{MemoryStore, TurnStore as _},
};

/// Answers at once, or as the message says: `slow`, `fail`, `panic`, `late`, `tool`.
struct Script;

#[async_trait]
impl Provider for Script {
    fn id(&self) -> &'static str {
        "script"
    }

    async fn stream(&self, request: ModelRequest) -> Result<DeltaStream, ProviderError> {
        let text = request.messages.last().map(crate::message::Message::text).unwrap_or_default();
        let fail = || ProviderError::refused("script", 400, "on purpose", None);
        let done = Ok(Delta::Done { stop: StopReason::Stop, response_id: None });
        match text.as_str() {
            "slow" => {
                let wait = || tokio::time::sleep(Duration::from_millis(300));
                let slow = stream::once(async move {
                    wait().await;
                    Ok(Delta::Text("s".into()))
                });
                Ok(slow.chain(stream::iter([done])).boxed())
            }
            "fail" => Err(fail()),
            "panic" => panic!("on purpose"),
            "tool" => {
                let arguments = Ok(serde_json::json!({}));
                let call = ToolCall { id: "c".into(), name: "session_status".into(), arguments };
                Ok(stream::iter([Ok(Delta::ToolCall(call)), done]).boxed())
            }
            "late" => Ok(stream::iter([Ok(Delta::Text("half".into())), Err(fail())]).boxed()),
            _ => Ok(stream::iter([Ok(Delta::Text("ok".into())), done]).boxed()),
        }
    }
}

fn rig() -> Rig {
    let (_, calls) = Scripted::new();
    Rig::with(MemoryStore::new(), Arc::new(Script), calls)
}

/// A runtime whose writes take time and are refused now and then.
fn slow_rig(store: MemoryStore, seed: u64) -> Rig {
    let (_, calls) = Scripted::new();
    Rig::behind(Arc::new(Slow::new(store.clone(), seed)), store, Arc::new(Script), calls)
}

fn of(session: usize, run: &str, text: &str) -> Submission {
    Submission {
        session_key: SessionKey::from(format!("agent:main:s{session}")),
        ..submission(run, text)
    }
}

/// Rounds of a few messages each, so that actors retire and come back all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_message_is_lost_while_actors_retire() {
    const SESSIONS: usize = 5;
    const EACH: usize = 20;
    for round in 0..100 {
        let rig = rig();
        let tasks = (0..SESSIONS).map(|session| {
            let runtime = rig.runtime.clone();
            async move {
                for n in 0..EACH {
                    let run = format!("r{round}-{session}-{n}");
                    let submitted = runtime.submit(of(session, &run, "x")).await.unwrap();
                    assert!(matches!(submitted, Submitted::Started { .. }));
                    // Waiting now and then lets the actor retire just as the next message comes.
                    if n % 3 == 0 || n + 1 == EACH {
                        let outcome = runtime.wait(&RunId::from(run), LONG).await.unwrap();
                        assert_eq!(outcome.unwrap().status, RunStatus::Ok);
                    }
                }
            }
        });
        futures_util::future::join_all(tasks).await;
        for session in 0..SESSIONS {
            let last = rig.outcome(&format!("r{round}-{session}-{}", EACH - 1)).await;
            assert_eq!(last.status, RunStatus::Ok);
        }
        assert_eq!(rig.store.counts().await.unwrap().queued, 0);
        // An outcome can be read as soon as it is committed, which is before it is told.
        assert!(rig.runtime.shutdown(LONG).await.is_empty());
        assert_eq!(rig.log.count("ended"), SESSIONS * EACH);
        assert_eq!(rig.runtime.shared.lanes.len(), 0, "every actor has retired");
    }
}

#[derive(Debug, Clone)]
enum Act {
    Send { session: usize, text: &'static str, interrupt: bool },
    Abort { session: usize, all: bool },
    AbortOne { session: usize, nth: usize },
    Pause { ms: u64 },
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let text = prop::sample::select(vec!["ok", "tool", "slow", "fail", "panic", "late"]);
    prop_oneof![
        6 => (0..3_usize, text, prop::bool::weighted(0.2))
            .prop_map(|(session, text, interrupt)| Act::Send { session, text, interrupt }),
        1 => (0..3_usize, any::<bool>()).prop_map(|(session, all)| Act::Abort { session, all }),
        1 => (0..3_usize, 0..20_usize).prop_map(|(session, nth)| Act::AbortOne { session, nth }),
        2 => (0..400_u64).prop_map(|ms| Act::Pause { ms }),
        1 => Just(Act::Restart),
    ]
}

/// Plays a schedule; gives how often each accepted run was told to have ended.
async fn play(acts: Vec<Act>, seed: u64) -> BTreeMap<String, usize> {
    let mut rig = slow_rig(MemoryStore::new(), seed);
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    let count = |rig: &Rig, ends: &mut BTreeMap<String, usize>| {
        for (run, told) in ends.iter_mut() {
            *told += rig.log.count(&format!("ended {run} "));
        }
    };
    for (n, act) in acts.into_iter().enumerate() {
        match act {
            Act::Send { session, text, interrupt } => {
                let run = format!("r{n}");
                let mode = if interrupt { QueueMode::Interrupt } else { QueueMode::Queue };
                let submission = Submission { mode, ..of(session, &run, text) };
                // A busy store refuses before it accepts; the same key asks again.
                while let Err(error) = rig.runtime.submit(submission.clone()).await {
                    assert!(error.is_retryable(), "{error}");
                }
                ends.insert(run, 0);
            }
            Act::Abort { session, all } => {
                let reach = if all { AbortReach::RunningAndQueued } else { AbortReach::Running };
                let key = SessionKey::from(format!("agent:main:s{session}"));
                rig.runtime.abort(&key, None, reach, "rpc").await;
            }
            Act::AbortOne { session, nth } => {
                let key = SessionKey::from(format!("agent:main:s{session}"));
                let run = RunId::from(format!("r{nth}"));
                rig.runtime.abort(&key, Some(&run), AbortReach::Running, "rpc").await;
            }
            Act::Pause { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            Act::Restart => {
                rig.runtime.shutdown(Duration::from_millis(1)).await;
                count(&rig, &mut ends);
                rig = slow_rig(rig.store.clone(), seed.wrapping_add(n as u64));
            }
        }
    }
    for run in ends.keys() {
        rig.outcome(run).await;
    }
    // An outcome is in the store a moment before it is told.
    assert!(rig.runtime.shutdown(LONG).await.is_empty());
    count(&rig, &mut ends);
    assert_eq!(rig.store.counts().await.unwrap().running, 0);
    ends
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_accepted_run_ends_exactly_once(acts in prop::collection::vec(act(), 1..25), seed: u64) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let ends = runtime.block_on(play(acts, seed));
        for (run, told) in ends {
            prop_assert_eq!(told, 1, "{}", run);
        }
    }
}
