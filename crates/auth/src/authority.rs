//! The service that the gateway asks: who is this, which devices are known, approve, reject, rotate, revoke.
//!
//! It holds no connection. A gateway listens to [`AuthEvent`]s to close what has lost its ground, and
//! asks [`Authority::still_holds`] once after it has registered a connection, so that a revocation
//! between the decision and the registration is not missed.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use openclaw_protocol::{Role, ScopeSet, ids::DeviceId};
use parking_lot::RwLock;
use tokio::sync::{Mutex, broadcast};

use crate::{
    attempt::{Attempt, PeerFacts, provided},
    config::{Credentials, Mode, Rules},
    credential::{Digest, Secret},
    pairing::{Device, MAX_PENDING, PairingAsk, PairingReason, PendingRequest},
    policy::{self, Admitted, AuthMethod, Decision, Grant, GrantedToken, Proof, Screened, Verdict},
    rate_limit::{Admission, Bucket, Counts, Limits, RateLimiter},
    refusal::{AuthReason, Refusal},
    store::{AuthStore, StoreError},
    token::DeviceToken,
};

mod door;
mod manage;
mod roles;

pub use manage::{Approver, TokenKey};

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

/// Whether a secret that came with an HTTP request lets it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretCheck {
    /// It does.
    Granted(AuthMethod),
    /// None came.
    Missing,
    /// It is wrong, or the gateway has none to compare with.
    Wrong,
    /// The page that asks may not; nothing was compared.
    Origin,
    /// Too many failures; nothing was compared.
    Locked {
        /// Until the lockout ends, for `Retry-After`.
        retry_after_ms: u64,
    },
    /// Nothing was compared: sleep, then ask again.
    Wait {
        /// How long.
        ms: u64,
    },
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
            events: broadcast::channel(EVENT_CAPACITY).0,
        }
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<AuthEvent> {
        self.events.subscribe()
    }

    /// Takes over a changed configuration. What was let in by the former secret holds no longer.
    pub fn configure(&self, credentials: Credentials, rules: Rules, limits: Limits) {
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
        self.store.put_lockouts(self.limiter.lockouts(now_ms)).await
    }

    /// Decides about one `connect`. Records what follows: a device that is approved by its proof, a
    /// request that waits, a token. When the records fail nothing is granted.
    pub async fn authenticate(&self, attempt: &Attempt, now_ms: u64) -> Decision {
        let settings = Arc::clone(&self.settings.read());
        let screened = match policy::screen(attempt, settings.rules, now_ms) {
            Ok(screened) => screened,
            Err(refusal) => return refused(*refusal),
        };
        let revision = self.revision.load(Ordering::Acquire);
        let judged = Judged { attempt, screened, settings, revision, now_ms };
        match self.judge(&judged).await {
            Ok(decision) => decision,
            Err(_) => refused(Refusal::unavailable()),
        }
    }

    /// Whether the secret of an HTTP request (its Bearer, or the query of an upgrade at `/ws`) is the
    /// shared one. The same limiter counts.
    pub fn check_secret(
        &self,
        peer: &PeerFacts,
        secret: Option<&Secret>,
        now_ms: u64,
    ) -> SecretCheck {
        self.compare_secret(peer, secret, &[], now_ms)
    }

    /// The same for what a page shows of its gateway before it connects, the agents' names and pictures:
    /// there the token of an operator's device that may read is enough by itself. Pages of 2026.9.6 offer it
    /// before the secret, so it must not count as a wrong one either.
    pub async fn check_reader(
        &self,
        peer: &PeerFacts,
        secret: Option<&Secret>,
        now_ms: u64,
    ) -> SecretCheck {
        // Records are not read on behalf of someone who may not even be compared.
        let readers = match self.limiter.check(Bucket::of(peer), now_ms) {
            Admission::Compared(()) if provided(secret).is_some() && peer.origin.passes() => {
                let devices = self.store.devices().await.unwrap_or_default();
                devices.iter().filter_map(Device::reader).collect()
            }
            _ => Vec::new(),
        };
        self.compare_secret(peer, secret, &readers, now_ms)
    }

    fn compare_secret(
        &self,
        peer: &PeerFacts,
        secret: Option<&Secret>,
        readers: &[Digest],
        now_ms: u64,
    ) -> SecretCheck {
        if !peer.origin.passes() {
            return SecretCheck::Origin;
        }
        let settings = Arc::clone(&self.settings.read());
        let credentials = &settings.credentials;
        match (credentials.mode, &peer.verified) {
            (Mode::None, _) => return SecretCheck::Granted(AuthMethod::None),
            (Mode::TrustedProxy, Some(user)) => return SecretCheck::Granted(user.method),
            _ => {}
        }
        let Some(secret) = provided(secret) else {
            return SecretCheck::Missing;
        };
        let method = match credentials.mode {
            Mode::Password => AuthMethod::Password,
            _ => AuthMethod::Token,
        };
        let compare = || {
            let here = !credentials.local_only || peer.local();
            let right = credentials.shared().is_some_and(|shared| shared.matches(secret)) && here;
            if right {
                (Counts::Nothing, SecretCheck::Granted(method))
            } else if readers.iter().any(|reader| reader.matches(secret)) {
                (Counts::Nothing, SecretCheck::Granted(AuthMethod::DeviceToken))
            } else {
                (Counts::Failure, SecretCheck::Wrong)
            }
        };
        match self.limiter.attempt(Bucket::of(peer), now_ms, compare) {
            Admission::Compared(check) => check,
            Admission::Locked { retry_after_ms } => SecretCheck::Locked { retry_after_ms },
            Admission::Wait { ms } => SecretCheck::Wait { ms },
        }
    }

    /// Whether a connection's ground is still there: the secret that let it in, its device, its token,
    /// its role and scopes. When the records cannot be read the answer is no.
    pub async fn still_holds(&self, grant: &Grant) -> bool {
        let settings = Arc::clone(&self.settings.read());
        if grant.method == AuthMethod::LocalPermit && !settings.rules.local_permit {
            return false;
        }
        let generation = settings.generation;
        let by_token = grant.method == AuthMethod::DeviceToken;
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
            let bucket = Bucket::of(&judged.attempt.peer);
            if let Err(decision) = judged.let_through(self.limiter.check(bucket, judged.now_ms)) {
                return Ok(decision);
            }
        }
        let record = match judged.screened.device() {
            Some(device) => self.store.device(&device.id).await?,
            None => None,
        };
        let proof = match self.prove(judged, record.as_ref()) {
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
    fn prove(&self, judged: &Judged<'_>, record: Option<&Device>) -> Result<Proof, Decision> {
        if !judged.compares() {
            return Ok(judged.prove(record));
        }
        let bucket = Bucket::of(&judged.attempt.peer);
        judged.let_through(self.limiter.attempt(bucket, judged.now_ms, || {
            let proof = judged.prove(record);
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
            self.store.seen(&device.id, judged.now_ms).await.ok();
        }
        Some(judged.grant(admitted, token))
    }

    /// Decides again with the records held, and writes what follows.
    async fn settle(&self, judged: &Judged<'_>, proof: Proof) -> Result<Decision, StoreError> {
        let Some(id) = judged.screened.device().map(|device| device.id.clone()) else {
            return Ok(refused(Refusal::device_required()));
        };
        let _writing = self.writes.lock().await;
        let record = self.store.device(&id).await?;
        let proof = match proof {
            // The token may have been revoked since.
            Proof::DeviceToken { .. } => judged.prove(record.as_ref()),
            other => other,
        };
        match judged.decide(proof, record.as_ref()) {
            Verdict::Device(admitted) => self.admit(judged, &admitted, record).await,
            Verdict::Ask { ask, reason } => self.ask(judged, &ask, reason, record.as_ref()).await,
            Verdict::Refused(refusal) => Ok(refused(*refusal)),
            Verdict::Plain { .. } => Ok(refused(Refusal::device_required())),
        }
    }

    async fn admit(
        &self,
        judged: &Judged<'_>,
        admitted: &Admitted,
        record: Option<Device>,
    ) -> Result<Decision, StoreError> {
        let role = admitted.ask.role;
        let mut device = match (admitted.approve, record) {
            (false, Some(device)) => device,
            (_, record) => admitted.ask.approved(record, judged.now_ms),
        };
        device.ensure_token(role, judged.now_ms).map_err(|error| StoreError(error.to_string()))?;
        device.last_seen_at_ms = Some(judged.now_ms);
        let Some(token) = device.token(role).cloned() else {
            return Ok(refused(Refusal::unavailable()));
        };
        if admitted.approve {
            let id = device.id.clone();
            let waited = self.store.pending().await?.into_iter().find(|r| r.device == id);
            self.store.approve(device).await?;
            let request_id = waited.map_or_else(new_id, |request| request.id);
            let at_ms = judged.now_ms;
            self.tell(AuthEvent::Resolved { request_id, device: id, approved: true, at_ms });
        } else {
            self.store.put_device(device).await?;
        }
        Ok(Decision::Granted(Box::new(judged.grant(admitted, &token))))
    }

    async fn ask(
        &self,
        judged: &Judged<'_>,
        ask: &PairingAsk,
        reason: PairingReason,
        record: Option<&Device>,
    ) -> Result<Decision, StoreError> {
        let waiting = self.waiting(judged.now_ms).await?;
        let others = waiting.iter().filter(|request| request.device != ask.device.id).count();
        let mut request_id = None;
        if others < MAX_PENDING {
            let own = waiting.into_iter().find(|request| request.device == ask.device.id);
            let former = own.as_ref().map(|request| request.id.clone());
            let requested = PendingRequest::ask(own, ask, record.is_some(), new_id, judged.now_ms);
            let request = requested.request().clone();
            request_id = Some(request.id.clone());
            self.store.put_pending(request.clone()).await?;
            if former.as_ref() != request_id.as_ref() {
                self.tell(AuthEvent::Requested(request));
            }
        }
        let version = judged.attempt.version;
        Ok(refused(Refusal::pairing(version, reason, request_id.as_deref(), ask, record)))
    }

    /// What waits today; what ran out is removed.
    async fn waiting(&self, now_ms: u64) -> Result<Vec<PendingRequest>, StoreError> {
        let (expired, waiting): (Vec<_>, Vec<_>) =
            self.store.pending().await?.into_iter().partition(|request| request.expired(now_ms));
        if !expired.is_empty() {
            let devices: Vec<_> = expired.into_iter().map(|request| request.device).collect();
            self.store.remove_pending(&devices).await?;
        }
        Ok(waiting)
    }

    fn tell(&self, event: AuthEvent) {
        // Nobody listens while a gateway starts or stops; there is no connection to close then.
        self.events.send(event).ok();
    }
}

impl Judged<'_> {
    /// Whether a secret was offered that will be looked at.
    fn compares(&self) -> bool {
        self.attempt.auth.any_provided() && self.settings.credentials.mode != Mode::None
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

    fn prove(&self, record: Option<&Device>) -> Proof {
        policy::prove(self.attempt, &self.screened, &self.settings.credentials, record)
    }

    fn decide(&self, proof: Proof, record: Option<&Device>) -> Verdict {
        policy::decide(self.attempt, &self.screened, proof, record, self.settings.rules)
    }

    fn plain(&self, scopes: ScopeSet, method: AuthMethod) -> Decision {
        Decision::Granted(Box::new(Grant {
            role: self.screened.role(),
            scopes,
            method,
            local: self.attempt.peer.direct_loopback(),
            device: None,
            device_token: None,
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
            device_token: Some(GrantedToken {
                token: token.token.clone(),
                role: token.role,
                scopes: token.scopes,
                issued_at_ms: token.issued_at_ms(),
            }),
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
