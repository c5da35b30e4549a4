//! The service that the gateway asks: who is this, which devices are known, approve, reject, rotate, revoke.
//!
//! It holds no connection. A gateway listens to [`AuthEvent`]s to close what has lost its ground, and
//! asks [`Authority::still_holds`] once after it has registered a connection, so that a revocation
//! between the decision and the registration is not missed.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use openclaw_protocol::{Role, ScopeSet, ids::DeviceId};
use parking_lot::RwLock;
use tokio::sync::{Mutex, broadcast};

use crate::{
    attempt::Attempt,
    audit::Refusals,
    config::{Credentials, Mode, Rules},
    pairing::{Device, PendingRequest},
    policy::{
        self, Admitted, AuthMethod, Decision, Grant, GrantedToken, Proof, Records, Screened,
        Verdict,
    },
    rate_limit::{Admission, Bucket, Limits, RateLimiter, SecretKind},
    refusal::{AuthReason, Refusal},
    setup::Setup,
    store::{AuthStore, Change, StoreError},
    token::DeviceToken,
};

mod bearer;
mod door;
mod manage;
mod record;
mod roles;
mod settle;
mod setup;
mod upgrade;

pub use bearer::SecretCheck;
pub use manage::{Approver, TokenKey};
pub use setup::{Issued, SetupStatus};
pub use upgrade::Upgrade;

use upgrade::Decided;

/// Events that wait for a slow listener. One that is overtaken gets a lag error and must ask
/// [`Authority::still_holds`] for every connection.
pub const EVENT_CAPACITY: usize = 1024;
/// How exactly `lastSeenAtMs` is kept, in milliseconds: not every connect is worth a write.
const SEEN_RESOLUTION_MS: u64 = 60_000;

/// Something that listeners act on.
#[derive(Debug, Clone)]
pub enum AuthEvent {
    /// A device asks to be approved: `device.pair.requested`.
    Requested(PendingRequest),
    /// A request was decided: `device.pair.resolved`.
    Resolved {
        /// The request's id.
        request_id: String,
        /// The device.
        device: DeviceId,
        /// Approved or rejected.
        approved: bool,
        /// When, in milliseconds since 1970.
        at_ms: u64,
    },
    /// Connections of this device (of this role, or of any) have lost their ground: close them.
    Revoked {
        /// The device.
        device: DeviceId,
        /// The role whose token was replaced or revoked; absent when the device is gone.
        role: Option<Role>,
        /// What it has lost.
        lost: Lost,
        /// Who has taken it.
        by: Approver,
    },
    /// A device came in by a setup code and has its tokens, or may not have got them.
    SetUp {
        /// The code's id.
        setup: String,
        /// Who used it.
        status: SetupStatus,
    },
    /// A device is shown in another way: `device.pair.changed`.
    Changed,
    /// The shared secret or the mode changed: close every connection that [`Authority::still_holds`] denies.
    SecretChanged,
}

/// What a device has lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Everything: nobody knows it any more.
    Removed,
    /// A token, and with it a role until it proves the shared secret again.
    TokenRevoked,
    /// A token, which another one stands in for.
    TokenReplaced,
}

impl Lost {
    /// Whether it is trusted no longer, so that what it has started ends too.
    pub const fn trust(self) -> bool {
        !matches!(self, Self::TokenReplaced)
    }
}

/// Decides who comes in. Cheap to share; one for each gateway.
pub struct Authority {
    store: Arc<dyn AuthStore>,
    limiter: RateLimiter,
    settings: RwLock<Arc<Settings>>,
    /// Counts revocations, so that a grant knows whether one came after its records were read.
    revision: AtomicU64,
    /// Held while records are read, changed and written back.
    writes: Mutex<()>,
    /// What was decided lately, the latest last.
    decided: parking_lot::Mutex<VecDeque<Decided>>,
    /// Who was refused since the last [`Authority::record_refusals`].
    refusals: parking_lot::Mutex<Refusals>,
    events: broadcast::Sender<AuthEvent>,
}

struct Settings {
    credentials: Credentials,
    rules: Rules,
    /// Counts changes of the shared secret.
    generation: u64,
}

/// What one attempt is judged by, read once.
struct Judged<'a> {
    attempt: &'a Attempt,
    screened: Screened,
    settings: Arc<Settings>,
    revision: u64,
    now_ms: u64,
}

impl Authority {
    /// A service over these records and settings.
    pub fn new(
        store: Arc<dyn AuthStore>,
        credentials: Credentials,
        rules: Rules,
        limits: Limits,
    ) -> Self {
        Self {
            store,
            limiter: RateLimiter::new(limits),
            settings: RwLock::new(Arc::new(Settings { credentials, rules, generation: 0 })),
            revision: AtomicU64::new(0),
            writes: Mutex::new(()),
            decided: parking_lot::Mutex::default(),
            refusals: parking_lot::Mutex::default(),
            events: broadcast::channel(EVENT_CAPACITY).0,
        }
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<AuthEvent> {
        self.events.subscribe()
    }

    /// Takes over a changed configuration; whether the secret or the mode is another one. What was let
    /// in by the former secret holds no longer.
    pub fn configure(&self, credentials: Credentials, rules: Rules, limits: Limits) -> bool {
        self.limiter.set_limits(limits);
        let mut settings = self.settings.write();
        let changed = !settings.credentials.same(&credentials);
        let permit_ends = settings.rules.local_permit && !rules.local_permit;
        let generation = settings.generation + u64::from(changed);
        *settings = Arc::new(Settings { credentials, rules, generation });
        drop(settings);
        if changed || permit_ends {
            self.tell(AuthEvent::SecretChanged);
        }
        changed
    }

    /// Counts changes of the shared secret: what was let in under another number holds no longer.
    pub fn generation(&self) -> u64 {
        self.settings.read().generation
    }

    /// Takes over the lockouts that an earlier process kept.
    pub async fn restore_lockouts(&self, now_ms: u64) -> Result<(), StoreError> {
        self.limiter.restore(&self.store.lockouts().await?, now_ms);
        Ok(())
    }

    /// Waits until a lockout has begun since the last call; [`Authority::keep_lockouts`] is due then.
    pub async fn lockout_began(&self) {
        self.limiter.lockout_began().await;
    }

    /// Keeps the lockouts of today for the next process. One write, however many guesses there were.
    pub async fn keep_lockouts(&self, now_ms: u64) -> Result<(), StoreError> {
        self.store.write(vec![Change::Lockouts(self.limiter.lockouts(now_ms))]).await
    }

    /// Decides about one `connect`. Records what follows: a device that is approved by its proof, a
    /// request that waits, a token. When the records fail nothing is granted.
    pub async fn authenticate(&self, attempt: &Attempt, now_ms: u64) -> Decision {
        let settings = Arc::clone(&self.settings.read());
        let screened = match policy::screen(attempt, settings.rules, now_ms) {
            Ok(screened) => screened,
            Err(refusal) => {
                self.note_refusal(&attempt.peer, refusal.reason, now_ms);
                return refused(*refusal);
            }
        };
        let revision = self.revision.load(Ordering::Acquire);
        let judged = Judged { attempt, screened, settings, revision, now_ms };
        let decision = self.judge(&judged).await;
        let decision = decision.unwrap_or_else(|_| refused(Refusal::unavailable()));
        if let Decision::Refused(refusal) = &decision {
            self.note_refusal(&attempt.peer, refusal.reason, now_ms);
        }
        decision
    }

    /// Whether a connection's ground is still there: the secret that let it in, its device, its token,
    /// its role and scopes. When the records cannot be read the answer is no.
    pub async fn still_holds(&self, grant: &Grant) -> bool {
        let settings = Arc::clone(&self.settings.read());
        if grant.method == AuthMethod::LocalPermit && !settings.rules.local_permit {
            return false;
        }
        let generation = settings.generation;
        let by_token = matches!(grant.method, AuthMethod::DeviceToken | AuthMethod::Bootstrap);
        if !by_token && grant.generation != generation {
            return false;
        }
        if grant.revision == self.revision.load(Ordering::Acquire) {
            return true;
        }
        let Some(id) = &grant.device else {
            return true;
        };
        let Ok(Some(device)) = self.store.device(id).await else {
            return false;
        };
        let live = device.token(grant.role);
        let token_holds = match (&grant.proven_token, live) {
            (Some(proven), Some(live)) => live.token.digest().same(proven),
            (Some(_), None) => false,
            // Let in by the secret; its token was revoked all the same, and with it the connection.
            (None, live) => live.is_some(),
        };
        token_holds
            && device.roles.contains(&grant.role)
            && device.ceiling(grant.role).covers(grant.scopes)
    }

    async fn judge(&self, judged: &Judged<'_>) -> Result<Decision, StoreError> {
        if judged.compares() {
            // Before the records are read on behalf of someone who may not even be compared.
            let bucket = judged.bucket();
            if let Err(decision) = judged.let_through(self.limiter.check(bucket, judged.now_ms)) {
                return Ok(decision);
            }
        }
        let record = match judged.screened.device() {
            Some(device) => self.store.device(&device.id).await?,
            None => None,
        };
        let setup = self.setup_of(judged).await?;
        let records = judged.records(record.as_ref(), setup.as_ref());
        let proof = match self.prove(judged, records) {
            Ok(proof) => proof,
            Err(decision) => return Ok(decision),
        };
        match judged.decide(proof, record.as_ref()) {
            Verdict::Plain { scopes, method } => Ok(judged.plain(scopes, method)),
            Verdict::Refused(refusal) => Ok(refused(*refusal)),
            Verdict::Device(admitted) if !admitted.approve => {
                match self.ready(judged, &admitted, record.as_ref()).await {
                    Some(grant) => Ok(Decision::Granted(Box::new(grant))),
                    None => self.settle(judged, proof).await,
                }
            }
            Verdict::Device(_) | Verdict::Ask { .. } => self.settle(judged, proof).await,
        }
    }

    /// Compares under the limiter, when there is anything to compare.
    fn prove(&self, judged: &Judged<'_>, records: Records<'_>) -> Result<Proof, Decision> {
        if !judged.compares() {
            return Ok(judged.prove(records));
        }
        let bucket = judged.bucket();
        judged.let_through(self.limiter.attempt(bucket, judged.now_ms, || {
            let proof = judged.prove(records);
            (proof.counts(), proof)
        }))
    }

    /// The grant of a device whose record needs no change.
    async fn ready(
        &self,
        judged: &Judged<'_>,
        admitted: &Admitted,
        record: Option<&Device>,
    ) -> Option<Grant> {
        let device = record?;
        let token = device
            .token(admitted.ask.role)
            .filter(|token| device.ceiling(token.role).covers(token.scopes))?;
        let last = device.last_seen_at_ms.unwrap_or_default();
        if judged.now_ms.saturating_sub(last) >= SEEN_RESOLUTION_MS {
            // Only shown to people; a failure here is no reason to refuse.
            let seen = Change::Seen(device.id.clone(), judged.now_ms);
            self.store.write(vec![seen]).await.ok();
        }
        Some(judged.grant(admitted, token))
    }
}

impl Judged<'_> {
    /// Whether a secret was offered that will be looked at.
    fn compares(&self) -> bool {
        self.attempt.auth.any_provided() && self.settings.credentials.mode != Mode::None
    }

    /// Where a failure would be counted.
    fn bucket(&self) -> Bucket {
        Bucket::of(&self.attempt.peer, SecretKind::of(&self.attempt.auth))
    }

    fn let_through<T>(&self, admission: Admission<T>) -> Result<T, Decision> {
        match admission {
            Admission::Compared(answer) => Ok(answer),
            Admission::Wait { ms } => Err(Decision::Wait { ms }),
            Admission::Locked { retry_after_ms } => {
                let (reason, retry) = (AuthReason::RateLimited, Some(retry_after_ms));
                Err(refused(Refusal::unauthorized(self.attempt, reason, retry)))
            }
        }
    }

    fn records<'b>(&self, device: Option<&'b Device>, setup: Option<&'b Setup>) -> Records<'b> {
        Records { device, setup, now_ms: self.now_ms }
    }

    fn prove(&self, records: Records<'_>) -> Proof {
        policy::prove(self.attempt, &self.screened, &self.settings.credentials, records)
    }

    fn decide(&self, proof: Proof, record: Option<&Device>) -> Verdict {
        policy::decide(self.attempt, &self.screened, proof, record, self.settings.rules)
    }

    /// Who it is, where that is what lets it in.
    fn user(&self, method: AuthMethod) -> Option<String> {
        let vouched = self.attempt.peer.vouched().filter(|user| user.method == method);
        vouched.map(|user| user.user.clone())
    }

    fn plain(&self, scopes: ScopeSet, method: AuthMethod) -> Decision {
        Decision::Granted(Box::new(Grant {
            role: self.screened.role(),
            scopes,
            method,
            local: self.attempt.peer.direct_loopback(),
            device: None,
            user: self.user(method),
            device_token: None,
            more_tokens: Vec::new(),
            setup: None,
            generation: self.settings.generation,
            revision: self.revision,
            proven_token: None,
        }))
    }

    fn grant(&self, admitted: &Admitted, token: &DeviceToken) -> Grant {
        Grant {
            role: admitted.ask.role,
            scopes: admitted.ask.scopes,
            method: admitted.method,
            local: self.attempt.peer.direct_loopback(),
            device: Some(admitted.ask.device.id.clone()),
            user: self.user(admitted.method),
            device_token: Some(GrantedToken::from(token)),
            more_tokens: Vec::new(),
            setup: None,
            generation: self.settings.generation,
            revision: self.revision,
            proven_token: admitted.proven_token,
        }
    }
}

fn refused(refusal: Refusal) -> Decision {
    Decision::Refused(Box::new(refusal))
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests;
