//! A person's yes on a real machine: what was shown is what runs, or nothing is.

use std::{fs, future::pending, path::Path, sync::Arc};

use openclaw_agent::{clock::SystemClock, exec::host::ExecHost};
use openclaw_tests::Peer;
use serde_json::{Value, json};

use super::{Machine, approved, asked};

const COMMANDS: &[&str] = &["system.run", "system.run.prepare"];

/// A machine that asks a person about everything, and a program of its own.
struct Real {
    dir: tempfile::TempDir,
    host: Arc<ExecHost>,
}

impl Real {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let rules =
            json!({ "version": 1, "defaults": { "security": "allowlist", "ask": "always" } });
        fs::write(dir.path().join("exec-approvals.json"), rules.to_string()).unwrap();
        let host = Arc::new(ExecHost::new(dir.path(), dir.path(), None, |_| None));
        let real = Self { dir, host };
        fs::create_dir(real.at("work")).unwrap();
        real.install("one");
        real
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    /// Puts a program in place of the one that is there, as an installer does.
    fn install(&self, word: &str) {
        // By another process: one of these tests that still held it for writing would keep it from running.
        let script = "printf '#!/bin/sh\\necho %s; cat note 2>/dev/null\\n' \"$1\" > new && chmod 700 new && mv new say";
        let mut install = std::process::Command::new("sh");
        let install = install.args(["-c", script, "sh", word]).current_dir(self.dir.path());
        assert!(install.status().unwrap().success());
    }

    /// Answers what the node is asked next.
    async fn answer(&self, node: &mut Peer) {
        let request = asked(node).await;
        let command = request["command"].as_str().unwrap().to_owned();
        let params = serde_json::from_str(request["paramsJSON"].as_str().unwrap()).unwrap();
        let host = Arc::clone(&self.host);
        let answer = host.answer((&command, params), (None, &SystemClock), pending()).await;
        let mut told = json!({ "id": request["id"], "nodeId": request["nodeId"] });
        match answer.result {
            Ok(payload) => {
                told["ok"] = json!(true);
                told["payloadJSON"] = json!(payload.to_string());
            }
            Err(refusal) => {
                told["ok"] = json!(false);
                told["error"] = json!({ "code": refusal.code, "message": refusal.message });
            }
        }
        node.call("node.invoke.result", told).await.unwrap();
    }
}

/// A person allows the program in the folder; then `swap` happens, and it is to run. What it printed, or why
/// it did not run.
async fn allowed_then(
    (operator, decider, node): (&mut Peer, &mut Peer, &mut Peer),
    (machine, real): (&Machine, &Real),
    swap: impl FnOnce(&Path),
) -> Result<Value, String> {
    let id = uuid::Uuid::new_v4().to_string();
    let wanted = json!({ "command": [real.at("say")], "cwd": real.at("work") });
    let prepare = machine.invoke("system.run.prepare", &wanted, &format!("prepare {id}"));
    let call = operator.send("node.invoke", prepare).await;
    real.answer(node).await;
    let plan = operator.answer(&call).await.unwrap()["payload"]["plan"].clone();
    let ask = json!({ "id": id, "host": "node", "nodeId": machine.id(), "systemRunPlan": plan,
        "cwd": plan["cwd"], "requireDeliveryRoute": false, "twoPhase": true });
    operator.call("exec.approval.request", ask).await.unwrap();
    let verdict = json!({ "id": id, "decision": "allow-once" });
    decider.call("exec.approval.resolve", verdict).await.unwrap();
    swap(real.dir.path());
    let run = json!({ "command": plan["argv"], "cwd": plan["cwd"], "runId": id, "approved": true,
        "approvalDecision": "allow-once" });
    let call = operator.send("node.invoke", machine.invoke("system.run", &run, &id)).await;
    real.answer(node).await;
    let answer = operator.answer(&call).await;
    answer
        .map(|told| told["payload"]["stdout"].clone())
        .map_err(|error| error["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_program_or_folder_that_changed_after_the_yes_does_not_run() {
    let (gateway, mut operator, machine, mut node) = approved(COMMANDS).await;
    let mut decider = gateway.operator().await;
    let real = Real::new();
    let peers = (&mut operator, &mut decider, &mut node);
    let ran = allowed_then(peers, (&machine, &real), |_| {}).await;
    assert_eq!(ran.unwrap(), "one\n");

    let peers = (&mut operator, &mut decider, &mut node);
    let ran = allowed_then(peers, (&machine, &real), |_| real.install("two")).await;
    let said = ran.expect_err("the program was replaced");
    assert!(said.contains("approval program or folder changed before execution"), "{said}");

    let swaps: [fn(&Path); 2] = [
        |dir| {
            fs::rename(dir.join("work"), dir.join("moved")).unwrap();
            fs::create_dir(dir.join("work")).unwrap();
            fs::write(dir.join("work/note"), "swapped").unwrap();
        },
        |dir| {
            fs::rename(dir.join("work"), dir.join("again")).unwrap();
            std::os::unix::fs::symlink(dir.join("moved"), dir.join("work")).unwrap();
        },
    ];
    for swap in swaps {
        let peers = (&mut operator, &mut decider, &mut node);
        let ran = allowed_then(peers, (&machine, &real), swap).await;
        let said = ran.expect_err("the folder was swapped");
        assert!(said.contains("folder changed before execution"), "{said}");
    }
}
