//! From facts to a decision: what a connection is, what it may do, and what happens to its device.
//!
//! Pure. The order is the one that 2026.3.28 was seen to follow: role, origin, device identity,
//! credential, pairing. Authority comes from the server's records; what a client asks only narrows it.

use openclaw_protocol::{Role, Scope, ScopeSet, Version, ids::DeviceId};

use crate::{
    attempt::{Attempt, PeerFacts, provided},
    config::{Credentials, Mode, Rules},
    credential::{Digest, Secret},
    device::{self, ProvenDevice},
    origin::OriginVerdict,
    pairing::{self, Device, PairingAsk, PairingReason},
    rate_limit::Counts,
    refusal::{AuthReason, Refusal},
    setup::{Setup, SetupAccess},
    token::DeviceToken,
};

/// How a connection proved its right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    /// `gateway.auth.mode` is `none`.
    None,
    /// The shared token.
    Token,
    /// The shared password.
    Password,
    /// A device's own token.
    DeviceToken,
    /// A setup code.
    Bootstrap,
    /// A listed proxy named the user.
    TrustedProxy,
    /// Tailscale named the user.
    Tailscale,
    /// The system says that the peer is the gateway's own user; see [`crate::Authority::authenticate_or_permit`].
    LocalPermit,
}

impl AuthMethod {
    /// The name on the wire, as `hello-ok.auth.method` of protocol 4 carries it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Token => "token",
            Self::Password => "password",
            Self::DeviceToken => "device-token",
            Self::Bootstrap => "bootstrap-token",
            Self::TrustedProxy => "trusted-proxy",
            Self::Tailscale => "tailscale",
            Self::LocalPermit => "local-permit",
        }
    }

    /// Whether it is the shared secret, or a person whom something in front of the gateway vouches for.
    pub const fn proves_secret(self) -> bool {
        matches!(self, Self::Token | Self::Password | Self::TrustedProxy | Self::Tailscale)
    }
}

/// What [`crate::Authority::authenticate`] answers.
#[derive(Debug)]
pub enum Decision {
    /// Let it in.
    Granted(Box<Grant>),
    /// Answer with the error, then close.
    Refused(Box<Refusal>),
    /// Nothing was compared: too many failures from programs on this machine. Sleep, then ask again
    /// with the same attempt and a new time; the handshake's deadline bounds how often.
    Wait {
        /// How long, in milliseconds; at most [`crate::rate_limit::MAX_DELAY_MS`].
        ms: u64,
    },
}

/// What a connection was granted.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Operator or node.
    pub role: Role,
    /// What this connection may do; for `hello-ok.auth.scopes` of protocol 4.
    pub scopes: ScopeSet,
    /// How it proved its right.
    pub method: AuthMethod,
    /// Whether it is on this machine.
    pub local: bool,
    /// The device that it proved to be.
    pub device: Option<DeviceId>,
    /// The person whom a listed proxy or Tailscale vouched for.
    pub user: Option<String>,
    /// The device's token, returned on every successful connect of a paired device.
    pub device_token: Option<GrantedToken>,
    /// Those of its other roles, when a setup code has given it several at once.
    pub more_tokens: Vec<GrantedToken>,
    /// The setup code that let it in, when one did.
    pub setup: Option<String>,
    /// Counts the changes of the shared secret; see [`crate::Authority::still_holds`].
    pub(crate) generation: u64,
    /// Counts the revocations that had happened when the records were read.
    pub(crate) revision: u64,
    /// The digest of the device token that let it in, when one did.
    pub(crate) proven_token: Option<Digest>,
}

/// A device token for `hello-ok.auth`.
#[derive(Debug, Clone)]
pub struct GrantedToken {
    /// 43 characters of base64url.
    pub token: Secret,
    /// The role that it is for.
    pub role: Role,
    /// What the device is approved for; `hello-ok.auth.scopes` of protocol 3, sorted by name.
    pub scopes: ScopeSet,
    /// When it was made, in milliseconds since 1970.
    pub issued_at_ms: u64,
}

impl From<&DeviceToken> for GrantedToken {
    fn from(token: &DeviceToken) -> Self {
        Self {
            token: token.token.clone(),
            role: token.role,
            scopes: token.scopes,
            issued_at_ms: token.issued_at_ms(),
        }
    }
}

/// What a proof of the shared secret is worth without a device from another machine, from a page, or
/// through a proxy, and what a person is worth whom a proxy or Tailscale vouches for: the server's own
/// record for it. Administration needs a device, or the config's word.
pub fn remote_record() -> ScopeSet {
    [Scope::Read, Scope::Write, Scope::Approvals, Scope::Pairing].into_iter().collect()
}

/// What a person who is vouched for may do, before anything narrows it.
pub(crate) fn vouched_record(rules: Rules) -> ScopeSet {
    if rules.allow_remote_admin { ScopeSet::all() } else { remote_record() }
}

/// What the local permit is worth: talking and reading. That user could read the token file anyway;
/// administration, approvals and pairing still ask for the secret itself.
pub fn permit_record() -> ScopeSet {
    [Scope::Read, Scope::Write].into_iter().collect()
}

/// An attempt whose role, origin and device have been checked; no secret has been looked at yet.
#[derive(Debug, Clone)]
pub(crate) struct Screened {
    role: Role,
    device: Option<ProvenDevice>,
}

impl Screened {
    /// The device that signed the challenge.
    pub(crate) const fn device(&self) -> Option<&ProvenDevice> {
        self.device.as_ref()
    }

    /// The role that is asked for.
    pub(crate) const fn role(&self) -> Role {
        self.role
    }
}

/// Checks what needs no secret. A page that may not speak to us is refused here, before anything is compared.
pub(crate) fn screen(
    attempt: &Attempt,
    rules: Rules,
    now_ms: u64,
) -> Result<Screened, Box<Refusal>> {
    let role = match attempt.role.as_deref() {
        None => Role::Operator,
        Some(name) => Role::parse(name).ok_or_else(|| Box::new(Refusal::role()))?,
    };
    let verdict = attempt.peer.origin;
    let needs_origin = attempt.client.is_control_ui() || attempt.client.is_webchat();
    if !verdict.passes() || (needs_origin && verdict == OriginVerdict::Absent) {
        return Err(Box::new(Refusal::origin(verdict)));
    }
    let device = match &attempt.device {
        Some(claim) => Some(
            device::verify(attempt, claim, now_ms)
                .map_err(|failure| Box::new(Refusal::device(failure)))?,
        ),
        None if attempt.client.is_operator_ui() && !ui_without_device(attempt, rules) => {
            return Err(Box::new(Refusal::control_ui_device()));
        }
        None => None,
    };
    Ok(Screened { role, device })
}

/// Whether the configuration lets the Control UI or terminal UI in without a device.
fn ui_without_device(attempt: &Attempt, rules: Rules) -> bool {
    rules.disable_device_auth
        || (rules.allow_insecure_auth && attempt.peer.local())
        || attempt.peer.vouched().is_some_and(|user| user.method == AuthMethod::TrustedProxy)
}

/// What the offered credentials prove.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Proof {
    /// The shared secret.
    Shared(AuthMethod),
    /// The user, by a listed proxy or Tailscale.
    Verified(AuthMethod),
    /// Nothing is asked: mode `none`.
    Open,
    /// A setup code that has not been used.
    Setup(SetupAccess),
    /// The device's own token: it may do what the token allows, and never widens anything.
    DeviceToken { digest: Digest, scopes: ScopeSet },
    /// Nothing.
    Failed(AuthReason),
}

impl Proof {
    /// Whether it counts as a failed attempt: something was offered and was wrong.
    pub(crate) const fn counts(self) -> Counts {
        match self {
            Self::Failed(
                AuthReason::TokenMismatch
                | AuthReason::PasswordMismatch
                | AuthReason::DeviceTokenMismatch
                | AuthReason::BootstrapTokenInvalid,
            ) => Counts::Failure,
            _ => Counts::Nothing,
        }
    }

    const fn method(self) -> AuthMethod {
        match self {
            Self::Shared(method) | Self::Verified(method) => method,
            Self::DeviceToken { .. } => AuthMethod::DeviceToken,
            Self::Setup(_) => AuthMethod::Bootstrap,
            Self::Open | Self::Failed(_) => AuthMethod::None,
        }
    }
}

/// What the server has about what an attempt brings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Records<'a> {
    /// The device.
    pub(crate) device: Option<&'a Device>,
    /// The setup code.
    pub(crate) setup: Option<&'a Setup>,
    /// The time, in milliseconds since 1970.
    pub(crate) now_ms: u64,
}

/// Compares what is offered. Runs under the limiter; one call is one guess at the shared secret,
/// whatever is offered beside it.
pub(crate) fn prove(
    attempt: &Attempt,
    screened: &Screened,
    credentials: &Credentials,
    records: Records<'_>,
) -> Proof {
    let shared = match credentials.mode {
        Mode::None => return Proof::Open,
        Mode::TrustedProxy => match &attempt.peer.verified {
            Some(Ok(user)) if user.method == AuthMethod::TrustedProxy => {
                return Proof::Verified(user.method);
            }
            Some(Err(reason)) => *reason,
            _ => AuthReason::TrustedProxyUserMissing,
        },
        Mode::Token | Mode::Password | Mode::Tailscale | Mode::Device => {
            let tailnet = tailscale(attempt);
            if tailnet == Some(Ok(())) {
                return Proof::Verified(AuthMethod::Tailscale);
            }
            match prove_shared(attempt, credentials) {
                Ok(method) => return Proof::Shared(method),
                // Who sent no secret relied on Tailscale, and is told why that did not do.
                Err(AuthReason::TokenMissing | AuthReason::PasswordMissing)
                    if let Some(Err(reason)) = tailnet =>
                {
                    reason
                }
                Err(reason) => reason,
            }
        }
    };
    match &screened.device {
        Some(_) => match prove_setup(attempt, screened, records) {
            Some(access) => Proof::Setup(access),
            None => prove_device_token(attempt, screened, records.device, shared),
        },
        None => Proof::Failed(shared),
    }
}

/// Whether Tailscale vouches for a person at the Control UI, the one client it may let in, or why not.
fn tailscale(attempt: &Attempt) -> Option<Result<(), AuthReason>> {
    if !attempt.client.is_control_ui() || attempt.role.as_deref().is_some_and(|r| r != "operator") {
        return None;
    }
    match attempt.peer.verified.as_ref()? {
        Ok(user) => (user.method == AuthMethod::Tailscale).then_some(Ok(())),
        Err(reason) => Some(Err(*reason)),
    }
}

/// Compares the shared secret. Protocol 4 takes it in either field; only one of them is looked at.
fn prove_shared(attempt: &Attempt, credentials: &Credentials) -> Result<AuthMethod, AuthReason> {
    let (token, password) =
        (provided(attempt.auth.token.as_ref()), provided(attempt.auth.password.as_ref()));
    let (own, other, method) = match credentials.mode {
        Mode::Password => (password, token, AuthMethod::Password),
        _ => (token, password, AuthMethod::Token),
    };
    let by_password = method == AuthMethod::Password;
    let offered = match attempt.version {
        Version::V3 => own,
        Version::V4 => own.or(other),
    };
    let pick = |token, password| if by_password { password } else { token };
    let Some(configured) = credentials.shared() else {
        return Err(pick(AuthReason::TokenNotConfigured, AuthReason::PasswordNotConfigured));
    };
    let Some(offered) = offered else {
        return Err(pick(AuthReason::TokenMissing, AuthReason::PasswordMissing));
    };
    let counts_here = !credentials.local_only || attempt.peer.local();
    if configured.matches(offered) && counts_here {
        Ok(method)
    } else {
        Err(pick(AuthReason::TokenMismatch, AuthReason::PasswordMismatch))
    }
}

/// Tries the setup code: it must be unused, and what is asked for must lie within it.
fn prove_setup(
    attempt: &Attempt,
    screened: &Screened,
    records: Records<'_>,
) -> Option<SetupAccess> {
    let offered = provided(attempt.auth.bootstrap_token.as_ref())?;
    let setup = records.setup.filter(|setup| setup.digest.matches(offered))?;
    let asked = match screened.role {
        Role::Operator => ScopeSet::parse(&attempt.scopes),
        Role::Node => ScopeSet::EMPTY,
    };
    let fits = setup.is_live(records.now_ms) && setup.access.allows(screened.role, asked);
    fits.then_some(setup.access)
}

/// Tries the device's own token: the explicit field, else whatever came as the shared token.
fn prove_device_token(
    attempt: &Attempt,
    screened: &Screened,
    record: Option<&Device>,
    shared: AuthReason,
) -> Proof {
    let auth = &attempt.auth;
    let explicit = provided(auth.device_token.as_ref());
    let offered = explicit.or_else(|| provided(auth.token.as_ref()));
    let live = record.and_then(|device| device.token(screened.role));
    if let (Some(offered), Some(live)) = (offered, live) {
        let digest = live.token.digest();
        if digest.matches(offered) {
            return Proof::DeviceToken { digest, scopes: live.scopes };
        }
    }
    Proof::Failed(if explicit.is_some() {
        AuthReason::DeviceTokenMismatch
    } else if provided(auth.bootstrap_token.as_ref()).is_some() {
        AuthReason::BootstrapTokenInvalid
    } else {
        shared
    })
}

/// What the policy says once everything is known.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Let in without a device.
    Plain { scopes: ScopeSet, method: AuthMethod },
    /// Let in with a device.
    Device(Admitted),
    /// The device must be approved by an operator.
    Ask { ask: PairingAsk, reason: PairingReason },
    /// Refused.
    Refused(Box<Refusal>),
}

/// A device that comes in, perhaps once its record is written.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) ask: PairingAsk,
    pub(crate) method: AuthMethod,
    /// Whether its record must be widened first, by the proof it gave.
    pub(crate) approve: bool,
    /// The device token that let it in, when one did.
    pub(crate) proven_token: Option<Digest>,
    /// What the setup code that let it in gives, when one did.
    pub(crate) setup: Option<SetupAccess>,
}

/// The policy: from what is known of an attempt, the proof and the server's record to a verdict.
pub(crate) fn decide(
    attempt: &Attempt,
    screened: &Screened,
    proof: Proof,
    record: Option<&Device>,
    rules: Rules,
) -> Verdict {
    match &screened.device {
        None => without_device(attempt, screened.role, proof, rules),
        Some(device) => {
            let mut ask = PairingAsk::new(attempt, device.clone(), screened.role);
            ask.scopes = limited(attempt, proof, ask.scopes);
            match (proof, screened.role) {
                (Proof::Verified(method), Role::Operator) => vouched(ask, method, record, rules),
                _ => with_device(attempt, ask, proof, record, rules),
            }
        }
    }
}

/// What the request's own limit leaves of what is asked. The shared secret is whole.
fn limited(attempt: &Attempt, proof: Proof, asked: ScopeSet) -> ScopeSet {
    match proof {
        Proof::Shared(_) => asked,
        _ => attempt.peer.limited(asked),
    }
}

/// A person who is vouched for, at a device. The word is good for this connection: it pairs nothing
/// and makes no token, which would outlive it. A device that an operator has approved may do that as well.
fn vouched(
    mut ask: PairingAsk,
    method: AuthMethod,
    record: Option<&Device>,
    rules: Rules,
) -> Verdict {
    let (asked, own) = (ask.scopes, vouched_record(rules));
    let approved = record.map_or(ScopeSet::EMPTY, |device| device.ceiling(ask.role));
    ask.scopes = narrow(asked, own.union(approved));
    if ask.need(record, None).is_some() {
        return Verdict::Plain { scopes: narrow(asked, own), method };
    }
    Verdict::Device(Admitted { ask, method, approve: false, proven_token: None, setup: None })
}

fn without_device(attempt: &Attempt, role: Role, proof: Proof, rules: Rules) -> Verdict {
    let peer = &attempt.peer;
    let record = match proof {
        Proof::Failed(reason) if attempt.auth.shared_provided() || reason.is_of_a_voucher() => {
            return Verdict::Refused(Box::new(Refusal::unauthorized(attempt, reason, None)));
        }
        Proof::Failed(_) | Proof::DeviceToken { .. } | Proof::Setup(_) => None,
        _ if role == Role::Node => None,
        Proof::Open => peer.local_program().then(ScopeSet::all),
        Proof::Verified(_) => Some(vouched_record(rules)),
        Proof::Shared(_) => Some(record_without_device(attempt, peer, rules)),
    };
    let asked = limited(attempt, proof, ScopeSet::parse(&attempt.scopes));
    match record {
        Some(record) => Verdict::Plain { scopes: narrow(asked, record), method: proof.method() },
        None => Verdict::Refused(Box::new(Refusal::device_required())),
    }
}

/// What the server's record of the shared secret is worth where it came from.
fn record_without_device(attempt: &Attempt, peer: &PeerFacts, rules: Rules) -> ScopeSet {
    let ui_allowed = attempt.client.is_operator_ui()
        && (rules.disable_device_auth || (rules.allow_insecure_auth && peer.local()));
    if peer.local_program() || rules.allow_remote_admin || ui_allowed {
        ScopeSet::all()
    } else {
        remote_record()
    }
}

/// What is asked and recorded. Asking for `operator.admin` where it is not to be had still asks for
/// the reading and writing that it implies.
fn narrow(asked: ScopeSet, record: ScopeSet) -> ScopeSet {
    let mut asked_for = asked;
    if asked.contains(Scope::Admin) && !record.contains(Scope::Admin) {
        asked_for.insert(Scope::Read);
        asked_for.insert(Scope::Write);
    }
    asked_for.intersection(record)
}

fn with_device(
    attempt: &Attempt,
    ask: PairingAsk,
    proof: Proof,
    record: Option<&Device>,
    rules: Rules,
) -> Verdict {
    let (secret_proven, limit, proven_token) = match proof {
        Proof::Failed(reason) => {
            return Verdict::Refused(Box::new(Refusal::unauthorized(attempt, reason, None)));
        }
        Proof::Setup(access) => {
            let (method, setup) = (proof.method(), Some(access));
            let admitted = Admitted { ask, method, approve: true, proven_token: None, setup };
            return Verdict::Device(admitted);
        }
        Proof::DeviceToken { digest, scopes } => (None, Some(scopes), Some(digest)),
        Proof::Shared(_) => (Some(true), None, None),
        Proof::Verified(_) | Proof::Open => (Some(false), None, None),
    };
    let need = ask.need(record, limit);
    if let Some(reason) = need {
        let by_config = rules.disable_device_auth && attempt.client.is_operator_ui();
        let silently = secret_proven.is_some_and(|proven| {
            pairing::silent(reason, &attempt.peer, proven) || (by_config && proven)
        });
        if !silently {
            return Verdict::Ask { ask, reason };
        }
    }
    let (method, approve) = (proof.method(), need.is_some());
    Verdict::Device(Admitted { ask, method, approve, proven_token, setup: None })
}

#[cfg(test)]
mod tests;
