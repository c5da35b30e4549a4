//! What a machine that runs programs answers: `system.run.prepare`, `system.run`, `system.which` and
//! `system.execApprovals.*`, as a node host of OpenClaw gives them.
//!
//! The machine's own `exec-approvals.json` decides, read anew for every command. What its gateway says
//! of a person's decision counts only where that file lets a person decide.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    env,
    policy::{
        Ask, Command, Judgement, Limits, Policy, SearchPath, Security, Snapshot,
        file::{self, Base, FILE_NAME, UpdateError},
    },
    run::{self, Program, Ran},
};
use crate::clock::Clock;

mod asked;
mod plan;

pub use asked::Refusal;
use asked::{ApprovalsSet, Prepare, Run, Which};

/// The commands that are answered.
pub const COMMANDS: [&str; 5] = [
    "system.run.prepare",
    "system.run",
    "system.which",
    "system.execApprovals.get",
    "system.execApprovals.set",
];
/// Where the file says nothing: what is listed runs, and a person is asked about the rest. As a node
/// host of OpenClaw 2026.3.28 has it.
pub const BASE: Limits =
    Limits { security: Security::Allowlist, ask: Ask::OnMiss, fallback: Security::Deny };

/// Bytes at the end of the output that are told of a program beside its answer.
const TOLD_BYTES: usize = 20_000;
/// What stands behind output that was cut.
const CUT: &str = "... (truncated)";
/// The agent whose rules apply when nobody is named.
const MAIN: &str = "main";

/// A machine that runs programs for a gateway.
#[derive(Debug, Clone)]
pub struct ExecHost {
    state_dir: PathBuf,
    cwd: PathBuf,
    home: Option<PathBuf>,
    inherited: BTreeMap<String, String>,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What is answered.
    pub result: Result<Value, Refusal>,
    /// What is told beside it, for those who follow the session: the event's name and its payload.
    pub told: Option<(&'static str, Value)>,
}

impl From<Result<Value, Refusal>> for Answer {
    fn from(result: Result<Value, Refusal>) -> Self {
        Self { result, told: None }
    }
}

impl ExecHost {
    /// A machine with its rules in `state_dir`; programs run in `cwd` when nobody says where, and
    /// inherit of `variables` what is harmless.
    pub fn new(
        state_dir: &Path,
        cwd: &Path,
        home: Option<&Path>,
        variables: impl Fn(&str) -> Option<String>,
    ) -> Self {
        Self {
            state_dir: state_dir.to_owned(),
            cwd: cwd.to_owned(),
            home: home.map(Path::to_owned),
            inherited: env::inherited(variables),
        }
    }

    /// The folders in which programs are looked for, as one text.
    pub fn search_path(&self) -> &str {
        self.inherited.get("PATH").map_or(env::USUAL_PATH, String::as_str)
    }

    /// Answers one command. A program is ended when `stop` says that nobody wants it any longer.
    pub async fn answer(
        self: Arc<Self>,
        (command, params): (&str, Value),
        (usual, clock): (Option<Duration>, &dyn Clock),
        stop: impl Future<Output = ()>,
    ) -> Answer {
        let now_ms = clock.now_ms();
        if command == "system.run" {
            return match asked::read::<Run>(params) {
                Ok(asked) => self.run(asked, (usual, now_ms), stop).await,
                Err(refusal) => Err(refusal).into(),
            };
        }
        let command = command.to_owned();
        blocking(move || self.look(&command, params)).await.and_then(|answer| answer).into()
    }

    /// What needs no program.
    fn look(&self, command: &str, params: Value) -> Result<Value, Refusal> {
        match command {
            "system.which" => asked::read::<Which>(params).map(|asked| self.which(&asked)),
            "system.run.prepare" => {
                asked::read::<Prepare>(params).and_then(|asked| self.prepare(&asked))
            }
            "system.execApprovals.get" => self.rules().map(|rules| shown(&rules)),
            "system.execApprovals.set" => {
                asked::read::<ApprovalsSet>(params).and_then(|asked| self.set_rules(asked))
            }
            _ => Err(Refusal::unavailable("command not supported")),
        }
    }

    fn which(&self, asked: &Which) -> Value {
        let found = asked.bins.iter().filter_map(|name| {
            let path = run::which(name.trim(), self.search_path())?;
            Some((name.trim().to_owned(), json!(path.to_str()?)))
        });
        json!({ "bins": Value::Object(found.collect()) })
    }

    fn prepare(&self, asked: &Prepare) -> Result<Value, Refusal> {
        let command = self.resolve(&asked.command, asked.cwd.as_deref(), BTreeMap::new())?;
        Ok(json!({ "plan": plan::of(&command, asked, self.search_path())? }))
    }

    async fn run(
        self: Arc<Self>,
        asked: Run,
        (usual, now_ms): (Option<Duration>, i64),
        stop: impl Future<Output = ()>,
    ) -> Answer {
        let about = asked.about();
        let longest = asked.timeout_ms.map(Duration::from_millis).or(usual);
        let host = Arc::clone(&self);
        let judged = blocking(move || host.judge(&asked, now_ms)).await.and_then(|judged| judged);
        let command = match judged {
            Ok(command) => command,
            Err(refusal) => {
                let told = about.denied(&refusal);
                return Answer { result: Err(refusal), told };
            }
        };
        match run::run(&self.program(&command), longest, stop).await {
            Ok(ran) => {
                let told = about.finished(&ran, &tail(&ran));
                Answer { result: Ok(finished(ran)), told }
            }
            Err(error) => {
                Err(Refusal::unavailable(format!("the program cannot run: {error}"))).into()
            }
        }
    }

    /// Looks a command up, and whether it may run now.
    fn judge(&self, asked: &Run, now_ms: i64) -> Result<Command, Refusal> {
        if asked.needs_screen_recording {
            return Err(Refusal::unavailable("PERMISSION_MISSING: screenRecording"));
        }
        let added = env::added(&asked.env).map_err(|rejected| Refusal::environment(&rejected))?;
        let command = self.resolve(&asked.command, asked.cwd.as_deref(), added)?;
        plan::still_holds(&command, asked.plan.as_ref())?;
        let agent = asked.agent_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let agent = agent.unwrap_or(MAIN);
        let policy = Policy::of(&self.rules()?.file, agent, BASE, self.home.as_deref());
        match policy.judge(&command) {
            Judgement::Ask(why) if !asked.is_approved() => {
                return Err(Refusal::denied(&format!("approval required ({why})")));
            }
            Judgement::Ask(_) if !asked.plan.as_ref().is_some_and(plan::Asked::is_bound) => {
                let why = "approval names no file that was shown; prepare the command again";
                return Err(Refusal::denied(why));
            }
            Judgement::Ask(_) if asked.is_lasting() => self.remember(agent, &command, now_ms)?,
            Judgement::Run(_) | Judgement::Ask(_) => {}
            Judgement::Refuse(_) if policy.limits.security == Security::Deny => {
                return Err(Refusal::unavailable("SYSTEM_RUN_DISABLED: security=deny"));
            }
            Judgement::Refuse(why) => {
                return Err(Refusal::denied(&format!("allowlist miss ({why})")));
            }
        }
        command.unchanged().map_err(|changed| Refusal::denied(&changed.to_string()))?;
        Ok(command)
    }

    fn resolve(
        &self,
        argv: &[String],
        cwd: Option<&str>,
        env: BTreeMap<String, String>,
    ) -> Result<Command, Refusal> {
        if argv.first().is_none_or(|word| word.trim().is_empty()) {
            return Err(Refusal::invalid("command required"));
        }
        let cwd = cwd.map(str::trim).filter(|cwd| !cwd.is_empty());
        let cwd = cwd.map_or_else(|| self.cwd.clone(), |cwd| self.cwd.join(cwd));
        let search = SearchPath::parse(self.search_path());
        Command::resolve(argv.to_vec(), &cwd, env, &search)
            .map_err(|error| Refusal::denied(&error.to_string()))
    }

    fn rules(&self) -> Result<Snapshot, Refusal> {
        Snapshot::of_state(&self.state_dir)
            .map_err(|error| Refusal::unavailable(format!("{FILE_NAME} cannot be read: {error}")))
    }

    /// Lists a command that a person allows for good.
    fn remember(&self, agent: &str, command: &Command, now_ms: i64) -> Result<(), Refusal> {
        let allow = |mut file: file::ApprovalsFile| {
            // A program that runs what its arguments say is asked about each time: nothing to list.
            file.allow(agent, command, now_ms);
            Ok(file)
        };
        file::update(&self.state_dir.join(FILE_NAME), Base::Present, allow)
            .map(drop)
            .map_err(|error| Refusal::unavailable(error.to_string()))
    }

    fn set_rules(&self, asked: ApprovalsSet) -> Result<Value, Refusal> {
        let base = Base::Hash(asked.base_hash.as_deref());
        let set = file::update(&self.state_dir.join(FILE_NAME), base, |_| Ok(asked.file));
        set.map(|rules| shown(&rules)).map_err(|error| match error {
            UpdateError::Io { .. } => Refusal::unavailable(error.to_string()),
            error => Refusal::invalid(error.to_string()),
        })
    }

    fn program(&self, command: &Command) -> Program {
        let mut env = self.inherited.clone();
        env.extend(command.env().clone());
        Program {
            file: command.program().to_owned(),
            argv: command.argv().to_vec(),
            cwd: command.cwd().to_owned(),
            env,
        }
    }
}

/// The rules as they are shown: the secret of the socket is nobody else's.
fn shown(rules: &Snapshot) -> Value {
    let mut file = rules.file.clone();
    file.socket = file.socket.take().map(|socket| file::Socket { token: None, ..socket });
    json!({ "path": rules.path, "exists": rules.exists, "hash": rules.hash, "file": file })
}

/// How a program ended, in OpenClaw's form.
fn finished(ran: Ran) -> Value {
    let success = ran.success();
    let Ran { exit_code, timed_out, mut stdout, mut stderr, cut, .. } = ran;
    if cut {
        let end = if stderr.trim().is_empty() { &mut stdout } else { &mut stderr };
        end.push('\n');
        end.push_str(CUT);
    }
    json!({
        "exitCode": exit_code,
        "timedOut": timed_out,
        "success": success,
        "stdout": stdout,
        "stderr": stderr,
        "error": null,
    })
}

/// The end of what a program printed.
fn tail(ran: &Ran) -> String {
    let parts = [ran.stdout.as_str(), ran.stderr.as_str()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let all = parts.join("\n");
    match all.len().checked_sub(TOLD_BYTES) {
        None | Some(0) => all,
        Some(cut) => format!("... {}", &all[all.ceil_char_boundary(cut)..]),
    }
}

/// Work on the file system, off the threads that serve connections.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Refusal::unavailable(format!("the node is stopping: {error}")))
}

#[cfg(test)]
mod tests;
