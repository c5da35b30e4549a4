//! Runs, steps and idempotency in memory.

use std::collections::BTreeMap;

use openclaw_protocol::ids::{RunId, SessionKey};

use super::State;
use crate::{
    store::{
        Accepted, Begin, Begun, Finish, IdempotencyKey, NewRun, NewStep, Remembered, RunRecord,
        RunState, StepRecord, StoreError, StoredEntry, run::IDEMPOTENCY_WINDOW_MS,
    },
    transcript::NewEntry,
};

/// Principal, scope and key of an idempotency key.
type Name = (String, String, String);

#[derive(Clone, Default)]
pub(super) struct Runs {
    /// In order of acceptance, with the transcript each writes to.
    list: Vec<(RunRecord, Option<u64>)>,
    steps: BTreeMap<(RunId, u32), StepRecord>,
    keys: BTreeMap<Name, Known>,
}

#[derive(Clone)]
struct Known {
    digest: [u8; 32],
    at: i64,
    what: What,
}

#[derive(Clone)]
enum What {
    Run(RunId),
    Result(String),
}

fn name(key: &IdempotencyKey) -> Name {
    (key.principal.clone(), key.scope.clone(), key.key.clone())
}

impl Runs {
    pub(super) fn get(&self, id: &RunId) -> Option<&RunRecord> {
        self.list.iter().map(|(run, _)| run).find(|run| run.run_id == *id)
    }

    fn get_mut(&mut self, id: &RunId) -> Result<&mut (RunRecord, Option<u64>), StoreError> {
        let found = self.list.iter_mut().find(|(run, _)| run.run_id == *id);
        found.ok_or_else(|| StoreError::not_found("run", id.as_str()))
    }

    pub(super) fn unfinished(&self) -> Vec<RunRecord> {
        self.list.iter().map(|(run, _)| run).filter(|run| !run.state.is_final()).cloned().collect()
    }

    /// A run of the session, or another one that writes to its transcript, has not ended.
    pub(super) fn is_busy(&self, key: &SessionKey, transcript: u64) -> bool {
        let concerned = |(run, to): &&(RunRecord, Option<u64>)| {
            run.session_key == *key || *to == Some(transcript)
        };
        self.list.iter().filter(concerned).any(|(run, _)| !run.state.is_final())
    }

    pub(super) fn in_state(&self, state: RunState) -> u64 {
        self.list.iter().filter(|(run, _)| run.state == state).count() as u64
    }

    pub(super) fn steps(&self, id: &RunId) -> Vec<StepRecord> {
        self.steps.iter().filter(|((run, _), _)| run == id).map(|(_, step)| step.clone()).collect()
    }

    pub(super) fn recall(
        &self,
        key: &IdempotencyKey,
        now: i64,
    ) -> Result<Option<Remembered>, StoreError> {
        let Some(known) = self.keys.get(&name(key)) else { return Ok(None) };
        let run = match &known.what {
            What::Run(id) => self.get(id),
            What::Result(_) => None,
        };
        if known.at + IDEMPOTENCY_WINDOW_MS < now && run.is_none_or(|r| r.state.is_final()) {
            return Ok(None);
        }
        if known.digest != key.digest {
            return Err(StoreError::KeyReused);
        }
        Ok(match (&known.what, run) {
            (What::Result(result), _) => Some(Remembered::Result(result.clone())),
            (What::Run(_), run) => run.map(|run| Remembered::Run(Box::new(run.clone()))),
        })
    }

    pub(super) fn remember(
        &mut self,
        key: &IdempotencyKey,
        result: String,
        now: i64,
    ) -> Result<Remembered, StoreError> {
        if let Some(known) = self.recall(key, now)? {
            return Ok(known);
        }
        self.forget(key);
        let known = Known { digest: key.digest, at: now, what: What::Result(result) };
        self.keys.insert(name(key), known);
        Ok(Remembered::New)
    }

    /// Forgets a key whose window is over, and the run it stood for.
    fn forget(&mut self, key: &IdempotencyKey) {
        if let Some(Known { what: What::Run(id), .. }) = self.keys.remove(&name(key)) {
            self.list.retain(|(run, _)| run.run_id != id);
            self.steps.retain(|(run, _), _| *run != id);
        }
    }

    /// Takes a run into the list; `Some` when the same request came before.
    fn insert(&mut self, run: NewRun) -> Result<Option<RunRecord>, StoreError> {
        if let Some(key) = &run.idempotency {
            match self.recall(key, run.accepted_at)? {
                Some(Remembered::Run(known)) => return Ok(Some(*known)),
                Some(_) => return Err(StoreError::KeyReused),
                None => self.forget(key),
            }
        }
        if self.get(&run.run_id).is_some() {
            return Err(StoreError::KeyReused);
        }
        if let Some(key) = run.idempotency {
            let known = Known {
                digest: key.digest,
                at: run.accepted_at,
                what: What::Run(run.run_id.clone()),
            };
            self.keys.insert(name(&key), known);
        }
        let record = RunRecord {
            run_id: run.run_id,
            session_key: run.session_key,
            agent_id: run.agent_id,
            session_id: None,
            kind: run.kind,
            principal: run.principal,
            request: run.request,
            state: RunState::Queued,
            accepted_at: run.accepted_at,
            started_at: None,
            ended_at: None,
            text_sent: false,
            outcome: None,
        };
        self.list.push((record, None));
        Ok(None)
    }
}

fn conflict<T>(id: &RunId, why: &str) -> Result<T, StoreError> {
    Err(StoreError::Conflict(format!("run {id} {why}")))
}

impl State {
    pub(super) fn accept(
        &mut self,
        run: NewRun,
        begin: Option<Begin>,
    ) -> Result<Accepted, StoreError> {
        let id = run.run_id.clone();
        let idle = self.runs.unfinished().iter().all(|r| r.session_key != run.session_key);
        if let Some(known) = self.runs.insert(run)? {
            return Ok(Accepted::Known(Box::new(known)));
        }
        let (mut entries, mut session) = (Vec::new(), None);
        if let Some(begin) = begin.filter(|_| idle) {
            let begun = self.begin(&id, begin)?;
            (entries, session) = (begun.entries, Some(Box::new(begun.session)));
        }
        let run = Box::new(self.runs.get_mut(&id)?.0.clone());
        Ok(Accepted::New { run, entries, session })
    }

    pub(super) fn begin(&mut self, id: &RunId, begin: Begin) -> Result<Begun, StoreError> {
        let run = self.runs.get_mut(id)?.0.clone();
        if run.state != RunState::Queued {
            return conflict(id, "is not queued");
        }
        let busy = |(r, _): &(RunRecord, _)| {
            r.session_key == run.session_key && r.state == RunState::Running
        };
        if self.runs.list.iter().any(busy) {
            return conflict(id, "must wait: another run of its session is running");
        }
        let row =
            self.edit_session(&run.session_key, Some(&run.agent_id), begin.at, begin.session)?;
        let transcript = self.ensure_transcript(&row, &begin.cwd, begin.at);
        let entries = self.push(transcript, &begin.entries)?;
        let slot = self.runs.get_mut(id)?;
        slot.1 = Some(transcript);
        slot.0.state = RunState::Running;
        slot.0.session_id = Some(row.entry.session_id.clone());
        slot.0.started_at = Some(begin.at);
        Ok(Begun { run: slot.0.clone(), entries, session: row })
    }

    pub(super) fn mark_text_sent(&mut self, id: &RunId) -> Result<(), StoreError> {
        self.runs.get_mut(id)?.0.text_sent = true;
        Ok(())
    }

    /// The transcript of a running run.
    fn running(&mut self, id: &RunId) -> Result<u64, StoreError> {
        match self.runs.get_mut(id)? {
            (RunRecord { state: RunState::Running, .. }, Some(transcript)) => Ok(*transcript),
            _ => conflict(id, "is not running"),
        }
    }

    pub(super) fn begin_step(
        &mut self,
        step: NewStep,
        entries: &[NewEntry],
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let transcript = self.running(&step.run_id)?;
        let name = (step.run_id.clone(), step.n);
        if self.runs.steps.contains_key(&name) {
            return conflict(&step.run_id, &format!("has a step {} already", step.n));
        }
        self.runs.steps.insert(name, StepRecord { step, result: None });
        self.push(transcript, entries)
    }

    pub(super) fn end_step(
        &mut self,
        id: &RunId,
        n: u32,
        result: String,
        entries: &[NewEntry],
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let transcript = self.running(id)?;
        match self.runs.steps.get_mut(&(id.clone(), n)) {
            None => return Err(StoreError::not_found("step", format!("{id}/{n}"))),
            Some(step) if step.result.is_some() => {
                return conflict(id, &format!("has ended step {n} already"));
            }
            Some(step) => step.result = Some(result),
        }
        self.push(transcript, entries)
    }

    pub(super) fn finish(
        &mut self,
        id: &RunId,
        finish: Finish,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let (run, transcript) = self.runs.get_mut(id)?;
        if run.state.is_final() {
            return conflict(id, "has ended already");
        }
        if !finish.outcome.state.is_final() {
            return conflict(id, "cannot end in a state that is not final");
        }
        run.state = finish.outcome.state;
        run.outcome = Some(finish.outcome.detail);
        run.ended_at = Some(finish.at);
        let (run, transcript) = (run.clone(), *transcript);
        let entries = match transcript {
            Some(transcript) => self.push(transcript, &finish.entries)?,
            None if finish.entries.is_empty() => Vec::new(),
            None => return conflict(id, "never began, so it has no transcript to write to"),
        };
        let present = self.sessions.get(&run.session_key).map(|row| row.entry.session_id.clone());
        if let Some(edit) = finish.session
            && present.is_some()
            && present == run.session_id
        {
            self.edit_session(&run.session_key, Some(&run.agent_id), finish.at, edit)?;
        }
        if let Some(letter) = finish.dead_letter {
            self.bury(letter);
        }
        Ok(entries)
    }
}
