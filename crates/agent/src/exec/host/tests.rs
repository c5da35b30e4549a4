//! What runs, what does not, and what is said of it.

use std::{fs, future::pending, os::unix::fs::PermissionsExt as _};

use super::*;
use crate::clock::ManualClock;

struct Machine {
    dir: tempfile::TempDir,
    host: Arc<ExecHost>,
}

impl Machine {
    /// With these rules, or without the file.
    fn new(rules: Option<Value>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let variables = |name: &str| match name {
            "PATH" => Some(env::USUAL_PATH.to_owned()),
            "OPENCLAW_GATEWAY_TOKEN" => Some("secret".to_owned()),
            _ => None,
        };
        let host = Arc::new(ExecHost::new(dir.path(), dir.path(), None, variables));
        let machine = Self { dir, host };
        if let Some(rules) = rules {
            fs::write(machine.file(), rules.to_string()).unwrap();
        }
        machine
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join(FILE_NAME)
    }

    async fn ask(&self, command: &str, params: Value) -> Answer {
        let usual = Some(Duration::from_secs(20));
        let clock = ManualClock::at(7);
        Arc::clone(&self.host).answer((command, params), (usual, &clock), pending()).await
    }

    async fn run(&self, params: Value) -> Result<Value, String> {
        self.ask("system.run", params).await.result.map_err(|refusal| refusal.message)
    }

    /// What the gateway asks for once a person has decided about what would run.
    async fn decided(&self, mut params: Value, decision: &str) -> Value {
        let plan = self.ask("system.run.prepare", params.clone()).await.result.unwrap();
        let plan = plan["plan"].clone();
        for (name, value) in [("command", &plan["argv"]), ("cwd", &plan["cwd"])] {
            params[name] = value.clone();
        }
        params["systemRunPlan"] = plan;
        params["approved"] = json!(true);
        params["approvalDecision"] = json!(decision);
        params
    }
}

fn rules(security: &str, ask: &str, patterns: &[&str]) -> Value {
    let listed: Vec<_> = patterns.iter().map(|pattern| json!({ "pattern": pattern })).collect();
    json!({
        "version": 1,
        "defaults": { "security": security, "ask": ask },
        "agents": { "main": { "allowlist": listed } },
    })
}

/// The real path of a program of this system.
fn real(name: &str) -> String {
    let path = run::which(name, env::USUAL_PATH).unwrap();
    fs::canonicalize(path).unwrap().to_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_rules_nothing_runs_unasked() {
    let machine = Machine::new(None);
    let asked = json!({ "command": ["echo", "hi there"], "runId": "r", "sessionKey": "s" });
    let Answer { result, told } = machine.ask("system.run", asked).await;
    let refusal = result.unwrap_err();
    assert_eq!(refusal.code, "UNAVAILABLE");
    assert!(refusal.message.starts_with("SYSTEM_RUN_DENIED: approval required"), "{refusal:?}");
    let expected = json!({ "sessionKey": "s", "runId": "r", "host": "node", "command": "echo \"hi there\"", "reason": "approval-required" });
    assert_eq!(told, Some(("exec.denied", expected)));
}

#[tokio::test]
async fn what_is_listed_runs_and_tells_how_it_ended() {
    let echo = real("echo");
    let machine = Machine::new(Some(rules("allowlist", "on-miss", &[&echo])));
    let asked = json!({ "command": ["echo", "hi"], "runId": "r", "cwd": "/", "env": null });
    let Answer { result, told } = machine.ask("system.run", asked).await;
    let expected = json!({ "exitCode": 0, "timedOut": false, "success": true, "stdout": "hi\n", "stderr": "", "error": null });
    assert_eq!(result.unwrap(), expected);
    let (name, told) = told.unwrap();
    assert_eq!(
        (name, &told["output"], &told["exitCode"]),
        ("exec.finished", &json!("hi\n"), &json!(0))
    );
    // Nobody can follow a program that has no name.
    assert_eq!(machine.ask("system.run", json!({ "command": ["echo"] })).await.told, None);
}

#[tokio::test]
async fn a_decision_counts_where_the_file_lets_a_person_decide() {
    let echo = || json!({ "command": ["echo", "x"] });
    let decide = async |machine: &Machine, decision: &str| {
        machine.run(machine.decided(echo(), decision).await).await
    };
    let denied = Machine::new(Some(rules("deny", "on-miss", &[])));
    let said = decide(&denied, "allow-once").await.unwrap_err();
    assert_eq!(said, "SYSTEM_RUN_DISABLED: security=deny");
    let silent = Machine::new(Some(rules("allowlist", "off", &[])));
    let said = decide(&silent, "allow-once").await.unwrap_err();
    assert!(said.starts_with("SYSTEM_RUN_DENIED: allowlist miss"), "{said}");
    let machine = Machine::new(Some(rules("allowlist", "on-miss", &[])));
    assert_eq!(decide(&machine, "allow-once").await.unwrap()["stdout"], "x\n");
    let said = machine.run(echo()).await.unwrap_err();
    assert!(said.starts_with("SYSTEM_RUN_DENIED: approval required"), "{said}");
    // A lasting one is written down: for these words, not for others.
    assert_eq!(decide(&machine, "allow-always").await.unwrap()["stdout"], "x\n");
    assert_eq!(machine.run(echo()).await.unwrap()["success"], true);
    assert!(machine.run(json!({ "command": ["echo", "y"] })).await.is_err());
}

/// A program of the machine's own that says one word, in a folder of its own.
fn program(machine: &Machine, word: &str) -> PathBuf {
    let path = machine.dir.path().join("say");
    // Written by another process, and moved there as an installer does: a program that some process of
    // these tests still holds for writing could not be run.
    let script = "printf '#!/bin/sh\\necho %s\\n' \"$1\" > \"$2.new\" && chmod 700 \"$2.new\" && mv \"$2.new\" \"$2\"";
    let mut install = std::process::Command::new("sh");
    let install = install.args(["-c", script, "sh", word]).arg(&path);
    assert!(install.status().unwrap().success());
    path
}

#[tokio::test]
async fn a_program_that_was_replaced_after_the_yes_does_not_run() {
    let machine = Machine::new(Some(rules("allowlist", "on-miss", &[])));
    let path = program(&machine, "one");
    let approved = machine.decided(json!({ "command": [path] }), "allow-once").await;
    let operand = &approved["systemRunPlan"]["mutableFileOperand"];
    assert_eq!(operand["argvIndex"], 0);
    assert_eq!(operand["path"], json!(fs::canonicalize(&path).unwrap()));
    assert_eq!(machine.run(approved.clone()).await.unwrap()["stdout"], "one\n");
    program(&machine, "two");
    let changed = "SYSTEM_RUN_DENIED: approval program or folder changed before execution";
    assert_eq!(machine.run(approved.clone()).await.unwrap_err(), changed);
    // The same content again is what was shown.
    program(&machine, "one");
    assert_eq!(machine.run(approved.clone()).await.unwrap()["stdout"], "one\n");
    // Whoever leaves out which file was shown has no yes for any.
    for left_out in ["systemRunPlan", "mutableFileOperand"] {
        let mut unbound = approved.clone();
        match left_out {
            "systemRunPlan" => unbound[left_out] = Value::Null,
            operand => unbound["systemRunPlan"][operand] = Value::Null,
        }
        let said = machine.run(unbound).await.unwrap_err();
        assert!(said.contains("prepare the command again"), "{left_out}: {said}");
    }
}

#[tokio::test]
async fn a_folder_that_was_swapped_after_the_yes_runs_nothing() {
    let machine = Machine::new(Some(rules("allowlist", "on-miss", &[])));
    let [work, other, moved] = ["work", "other", "moved"].map(|name| machine.dir.path().join(name));
    fs::create_dir(&work).unwrap();
    fs::create_dir(&other).unwrap();
    let asked = json!({ "command": ["pwd"], "cwd": work });
    let approved = machine.decided(asked, "allow-once").await;
    assert_eq!(machine.run(approved.clone()).await.unwrap()["success"], true);
    fs::rename(&work, &moved).unwrap();
    // Another folder of the same name, and a link to one.
    fs::create_dir(&work).unwrap();
    let said = machine.run(approved.clone()).await.unwrap_err();
    assert!(said.contains("folder changed before execution"), "{said}");
    fs::remove_dir(&work).unwrap();
    for target in [&other, &moved] {
        std::os::unix::fs::symlink(target, &work).unwrap();
        let said = machine.run(approved.clone()).await.unwrap_err();
        assert_eq!(said, "SYSTEM_RUN_DENIED: approval folder changed before execution");
        fs::remove_file(&work).unwrap();
    }
    fs::rename(&moved, &work).unwrap();
    assert_eq!(machine.run(approved).await.unwrap()["success"], true);
}

#[tokio::test]
async fn a_broken_file_lets_nothing_run() {
    let machine = Machine::new(Some(rules("full", "off", &[])));
    assert_eq!(machine.run(json!({ "command": ["true"] })).await.unwrap()["success"], true);
    fs::write(machine.file(), "{").unwrap();
    let said = machine.run(json!({ "command": ["true"], "approved": true })).await.unwrap_err();
    assert_eq!(said, "SYSTEM_RUN_DISABLED: security=deny");
}

#[tokio::test]
async fn variables_that_choose_programs_are_refused_and_secrets_stay_here() {
    let machine = Machine::new(Some(rules("full", "off", &[])));
    let ran = machine.run(json!({ "command": ["env"], "env": { "COLOR": "blue" } })).await.unwrap();
    let printed = ran["stdout"].as_str().unwrap();
    assert!(printed.lines().any(|line| line == "COLOR=blue"), "{printed}");
    assert!(!printed.contains("secret"), "{printed}");
    let asked =
        json!({ "command": ["env"], "env": { "PATH": "/x", "LD_PRELOAD": "y", "A B": "z" } });
    assert_eq!(
        machine.run(asked).await.unwrap_err(),
        "SYSTEM_RUN_DENIED: environment override rejected (blocked override keys: LD_PRELOAD, PATH; invalid non-portable override keys: A B)"
    );
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let machine = Machine::new(Some(rules("full", "off", &[])));
    for asked in [json!({}), json!({ "command": [] }), json!({ "command": [" "] })] {
        assert_eq!(machine.run(asked).await.unwrap_err(), "command required");
    }
    assert!(machine.run(json!({ "command": "echo" })).await.is_err());
    assert!(machine.run(json!({ "command": ["no-such-program-here"] })).await.is_err());
    let said = machine.run(json!({ "command": ["true"], "cwd": "/no/such" })).await.unwrap_err();
    assert!(said.contains("/no/such"), "{said}");
    let screen = json!({ "command": ["true"], "needsScreenRecording": true });
    assert_eq!(machine.run(screen).await.unwrap_err(), "PERMISSION_MISSING: screenRecording");
    let refusal = machine.ask("camera.snap", json!({})).await.result.unwrap_err();
    assert_eq!((refusal.code, refusal.message.as_str()), ("UNAVAILABLE", "command not supported"));
}

#[tokio::test]
async fn a_program_ends_when_its_time_is_over_or_nobody_waits() {
    let machine = Machine::new(Some(rules("full", "off", &[])));
    let asked = json!({ "command": ["sleep", "30"], "timeoutMs": 50, "runId": "r" });
    let Answer { result, told } = machine.ask("system.run", asked).await;
    let ran = result.unwrap();
    assert_eq!((&ran["timedOut"], &ran["success"]), (&json!(true), &json!(false)));
    assert_eq!(told.unwrap().1["timedOut"], true);
    let (clock, host) = (ManualClock::at(0), Arc::clone(&machine.host));
    let asked = ("system.run", json!({ "command": ["sleep", "30"] }));
    let answer = host.answer(asked, (None, &clock), async {}).await;
    assert_eq!(answer.result.unwrap()["success"], false);
}

#[tokio::test]
async fn programs_are_found_by_their_names() {
    let machine = Machine::new(None);
    let asked = json!({ "bins": ["sh", " env ", "no-such-program-here", "../sh", "/bin/sh"] });
    let found = machine.ask("system.which", asked).await.result.unwrap();
    let found = found["bins"].as_object().unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), ["env", "sh"]);
    assert!(found["sh"].as_str().unwrap().ends_with("/sh"));
    let refusal = machine.ask("system.which", json!({})).await.result.unwrap_err();
    assert_eq!(refusal.code, "INVALID_REQUEST");
}

#[tokio::test]
async fn a_plan_names_the_program_and_holds_the_script() {
    let machine = Machine::new(Some(rules("allowlist", "on-miss", &[])));
    let script = machine.dir.path().join("a script.sh");
    fs::write(&script, "echo first").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o600)).unwrap();
    let asked = json!({ "command": ["sh", "a script.sh"], "cwd": ".", "agentId": "ops" });
    let prepared = machine.ask("system.run.prepare", asked).await.result.unwrap();
    let plan = &prepared["plan"];
    let folder = fs::canonicalize(machine.dir.path()).unwrap();
    let program = plan["argv"][0].as_str().unwrap();
    assert!(program.starts_with('/'), "{plan}");
    assert_eq!(plan["cwd"], json!(folder));
    assert_eq!(plan["commandText"], format!("{program} \"a script.sh\""));
    assert_eq!(plan["commandPreview"], "sh \"a script.sh\"");
    assert_eq!(plan["agentId"], "ops");
    assert_eq!(plan["mutableFileOperand"]["argvIndex"], 1);
    let plain = json!({ "command": ["env"] });
    let plain = machine.ask("system.run.prepare", plain).await.result.unwrap();
    let operand = &plain["plan"]["mutableFileOperand"];
    assert_eq!((&operand["argvIndex"], &operand["path"]), (&json!(0), &json!(real("env"))));
    let approved = json!({
        "command": plan["argv"], "cwd": plan["cwd"], "approved": true,
        "approvalDecision": "allow-once", "systemRunPlan": plan,
    });
    assert_eq!(machine.run(approved.clone()).await.unwrap()["stdout"], "first\n");
    fs::write(&script, "echo second").unwrap();
    assert_eq!(
        machine.run(approved).await.unwrap_err(),
        "SYSTEM_RUN_DENIED: approval script operand changed before execution"
    );
}

#[tokio::test]
async fn the_rules_are_shown_and_set() {
    let machine = Machine::new(None);
    let get = || machine.ask("system.execApprovals.get", json!({}));
    let before = get().await.result.unwrap();
    assert_eq!((&before["exists"], &before["file"]["version"]), (&json!(false), &json!(1)));
    let file = json!({ "version": 1, "socket": { "path": "/s", "token": "secret" }, "agents": {} });
    let set = json!({ "file": file });
    let shown = machine.ask("system.execApprovals.set", set.clone()).await.result.unwrap();
    assert_eq!(shown["exists"], true);
    assert!(!shown.to_string().contains("secret"), "{shown}");
    assert!(fs::read_to_string(machine.file()).unwrap().contains("secret"));
    // Over a file only by who has looked at it.
    let refusal = machine.ask("system.execApprovals.set", set).await.result.unwrap_err();
    assert_eq!(refusal.code, "INVALID_REQUEST");
    let file = json!({ "version": 1, "defaults": { "security": "full", "ask": "off" } });
    let set = json!({ "file": file, "baseHash": shown["hash"] });
    machine.ask("system.execApprovals.set", set).await.result.unwrap();
    assert_eq!(machine.run(json!({ "command": ["true"] })).await.unwrap()["success"], true);
    assert_eq!(get().await.result.unwrap()["file"]["defaults"]["security"], "full");
}

#[tokio::test]
async fn a_no_is_no_yes_and_only_what_is_harmless_is_inherited() {
    let machine = Machine::new(Some(rules("allowlist", "on-miss", &[])));
    let mut asked = machine.decided(json!({"command": ["true"]}), "deny").await;
    asked["approved"] = Value::Null;
    let refused = machine.run(asked).await.unwrap_err();
    assert!(refused.contains("approval required"), "{refused}");
    assert_eq!(machine.host.inherited.keys().collect::<Vec<_>>(), ["PATH"]);
}
