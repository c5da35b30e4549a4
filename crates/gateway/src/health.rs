//! The health summary: looked at again when something has changed, never older than a minute.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use openclaw_agent::store::{SessionQuery, StoreError, TurnStore};
use openclaw_protocol::methods::health::{
    HealthAgent, HealthHeartbeat, HealthResult, HealthSessions, ModelRuntime, RecentSession,
};
use parking_lot::RwLock;
use tokio::sync::{Mutex, Notify};

use crate::{agents::Agents, clock::Clock, handlers::millis};

/// A summary is not shown again when it is older than this, in milliseconds.
pub(crate) const MAX_AGE_MS: i64 = 60_000;
/// Sessions of an agent that a summary names.
const RECENT: usize = 5;

/// The summary and what it is made from.
pub(crate) struct Health {
    agents: Agents,
    store: Arc<dyn TurnStore>,
    clock: Arc<dyn Clock>,
    last: RwLock<Option<Arc<HealthResult>>>,
    version: AtomicU64,
    stale: AtomicBool,
    /// Woken when something has changed.
    changed: Notify,
    looking: Mutex<()>,
}

impl Health {
    pub(crate) fn new(agents: Agents, store: Arc<dyn TurnStore>, clock: Arc<dyn Clock>) -> Self {
        Self {
            agents,
            store,
            clock,
            last: RwLock::default(),
            version: AtomicU64::new(0),
            stale: AtomicBool::new(true),
            changed: Notify::new(),
            looking: Mutex::default(),
        }
    }

    /// Something that the summary tells has changed.
    pub(crate) fn stale(&self) {
        self.stale.store(true, Ordering::Release);
        self.changed.notify_one();
    }

    /// Resolves when something has changed since the last call.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The last summary.
    pub(crate) fn last(&self) -> Option<Arc<HealthResult>> {
        self.last.read().clone()
    }

    /// Counts the looks; the first is 1.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The summary as things are now.
    pub(crate) async fn now(&self) -> Result<Arc<HealthResult>, StoreError> {
        match self.fresh() {
            Some(last) => Ok(last),
            None => self.look(false).await,
        }
    }

    /// The last summary, when nothing has changed since and it is not too old.
    fn fresh(&self) -> Option<Arc<HealthResult>> {
        let last = self.last()?;
        let age = self.clock.now_ms().saturating_sub(i64::try_from(last.ts).unwrap_or(i64::MAX));
        let fresh = !self.stale.load(Ordering::Acquire) && (0..MAX_AGE_MS).contains(&age);
        fresh.then_some(last)
    }

    /// Looks again; callers that come while somebody looks share what he sees.
    pub(crate) async fn look(&self, forced: bool) -> Result<Arc<HealthResult>, StoreError> {
        let _one = self.looking.lock().await;
        if !forced && let Some(last) = self.fresh() {
            return Ok(last);
        }
        self.stale.store(false, Ordering::Release);
        let summary = match self.summarise().await {
            Ok(summary) => Arc::new(summary),
            Err(error) => {
                self.stale.store(true, Ordering::Release);
                return Err(error);
            }
        };
        *self.last.write() = Some(Arc::clone(&summary));
        self.version.fetch_add(1, Ordering::AcqRel);
        Ok(summary)
    }

    async fn summarise(&self) -> Result<HealthResult, StoreError> {
        let begin = self.clock.now_ms();
        let default = self.agents.default_id();
        let mut agents = Vec::new();
        for agent in self.agents.iter() {
            agents.push(HealthAgent {
                agent_id: agent.id.to_string(),
                name: agent.name.clone(),
                is_default: agent.id == *default,
                heartbeat: HealthHeartbeat {
                    every: "0m".to_owned(),
                    target: "none".to_owned(),
                    ..HealthHeartbeat::default()
                },
                sessions: self.sessions(&agent.id, begin).await?,
            });
        }
        let own = agents.iter().find(|agent| agent.is_default);
        let sessions = own.map(|agent| agent.sessions.clone()).unwrap_or_default();
        Ok(HealthResult {
            ok: true,
            ts: millis(begin),
            duration_ms: millis(self.clock.now_ms() - begin),
            default_agent_id: default.to_string(),
            sessions,
            agents,
            model_runtime: Some(ModelRuntime::default()),
            ..HealthResult::default()
        })
    }

    async fn sessions(
        &self,
        agent: &openclaw_protocol::ids::AgentId,
        now: i64,
    ) -> Result<HealthSessions, StoreError> {
        let query = SessionQuery {
            agent_id: Some(agent.clone()),
            limit: Some(RECENT),
            ..SessionQuery::default()
        };
        let page = self.store.sessions(query).await?;
        let recent = page.rows.iter().map(|row| RecentSession {
            key: row.key.to_string(),
            updated_at: Some(millis(row.entry.updated_at)),
            age: Some(millis(now - row.entry.updated_at)),
        });
        Ok(HealthSessions {
            path: self.agents.sessions_file(agent).display().to_string(),
            count: page.total,
            recent: recent.collect(),
        })
    }
}
