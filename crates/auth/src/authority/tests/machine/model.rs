//! What the authority must do, kept as plain facts: who was given what, and by which token or secret
//! somebody came in.

use std::collections::{BTreeMap, BTreeSet};

use openclaw_protocol::{Role, Scope, ScopeSet};

use crate::{
    pairing::PENDING_TTL_MS,
    policy::{permit_record, remote_record},
    setup::{SETUP_TTL_MS, SetupAccess},
};

/// A device, by the seed of its key.
pub(super) type Seed = u8;

/// A device that is known.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) roles: BTreeSet<Role>,
    pub(super) scopes: ScopeSet,
    pub(super) tokens: BTreeMap<Role, Token>,
}

/// A token; one that was just made has no text until the real one is looked at.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) text: Option<String>,
    pub(super) scopes: ScopeSet,
    pub(super) live: bool,
}

/// A request that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) roles: BTreeSet<Role>,
    pub(super) scopes: ScopeSet,
    remote: bool,
    at: u64,
    /// How often it got a new id.
    pub(super) version: u64,
}

/// A setup code.
#[derive(Debug)]
struct Code {
    access: SetupAccess,
    at: u64,
    maker: Option<Seed>,
    over: bool,
}

/// What stands behind a connection.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ground {
    /// The shared secret, after this many changes of it.
    Secret(u64),
    /// A device's token.
    Token(String),
    /// A setup code, which was good once.
    Code,
    /// The local permit.
    Permit(u64),
}

/// A connection that was let in.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) ground: Ground,
    pub(super) device: Option<Seed>,
    pub(super) role: Role,
    pub(super) scopes: ScopeSet,
}

/// What a client brings.
#[derive(Debug, Clone)]
pub(super) enum Brings {
    Nothing,
    /// One of the secrets that there may be.
    Secret(u8),
    Token(String),
    Code(usize),
}

/// One attempt to come in.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) device: Option<Seed>,
    pub(super) local: bool,
    pub(super) role: Role,
    pub(super) scopes: ScopeSet,
    pub(super) brings: Brings,
}

/// Who decides about devices: what it holds, and the one device that it speaks for.
#[derive(Debug, Clone)]
pub(super) struct By {
    pub(super) scopes: ScopeSet,
    pub(super) own: Option<Seed>,
}

impl By {
    fn admin(&self) -> bool {
        self.scopes.contains(Scope::Admin)
    }

    fn sees(&self, device: Seed) -> bool {
        self.admin() || self.own.is_none_or(|own| own == device)
    }

    fn decides<'a>(&self, mut roles: impl Iterator<Item = &'a Role>) -> bool {
        self.admin() || roles.all(|role| *role == Role::Operator)
    }
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) now: u64,
    secret: u8,
    changes: u64,
    permit: bool,
    pub(super) devices: BTreeMap<Seed, Known>,
    waiting: BTreeMap<Seed, Waiting>,
    codes: Vec<Code>,
    asked: u64,
}

impl Known {
    pub(super) fn live(&self, role: Role) -> Option<&Token> {
        self.tokens.get(&role).filter(|token| token.live)
    }

    fn ceiling(&self, role: Role) -> ScopeSet {
        let operator = role == Role::Operator && self.roles.contains(&role);
        if operator { self.scopes } else { ScopeSet::EMPTY }
    }

    fn fresh(&mut self, role: Role, scopes: ScopeSet) {
        self.tokens.insert(role, Token { text: None, scopes, live: true });
    }

    fn ensure(&mut self, role: Role) {
        if self.live(role).is_none() {
            self.fresh(role, self.ceiling(role));
        }
    }
}

impl Model {
    pub(super) fn new(now: u64) -> Self {
        Self { now, ..Self::default() }
    }

    /// What waits today.
    pub(super) fn pending(&self) -> impl Iterator<Item = (&Seed, &Waiting)> {
        self.waiting.iter().filter(|(_, request)| self.now < request.at + PENDING_TTL_MS)
    }

    fn request(&self, device: Seed) -> Option<&Waiting> {
        self.pending().find(|(seed, _)| **seed == device).map(|(_, request)| request)
    }

    /// What a call gets; `None` when it stays outside, with a request waiting or without.
    pub(super) fn connect(&mut self, call: &Call) -> Option<Held> {
        let Call { device, role, scopes, .. } = call.clone();
        let scopes = if role == Role::Node { ScopeSet::EMPTY } else { scopes };
        let (ground, limit) = self.ground(call)?;
        let Some(seed) = device else {
            return Self::without_device(call, ground);
        };
        let by_secret = matches!(ground, Ground::Secret(_));
        let known = self.devices.get(&seed);
        let has_role = known.is_some_and(|known| known.roles.contains(&role));
        let ceiling = known.map(|known| known.ceiling(role)).unwrap_or_default();
        let enough = has_role && ceiling.covers(scopes) && limit.is_none_or(|l| l.covers(scopes));
        if let (Ground::Code, Brings::Code(at)) = (&ground, &call.brings) {
            self.use_code(*at, seed, role, scopes);
        } else if enough {
            self.devices.entry(seed).or_default().ensure(role);
        } else if by_secret && call.local && (known.is_none() || has_role) {
            self.give(seed, &[role], scopes);
        } else {
            self.ask(seed, role, scopes, !call.local);
            return None;
        }
        Some(Held { ground, device, role, scopes })
    }

    /// What a call proves, and what a token that proves it allows.
    fn ground(&self, call: &Call) -> Option<(Ground, Option<ScopeSet>)> {
        match &call.brings {
            Brings::Secret(secret) => {
                (*secret == self.secret).then_some((Ground::Secret(self.changes), None))
            }
            Brings::Token(text) => {
                let live = self.devices.get(&call.device?)?.live(call.role)?;
                let same = live.text.as_ref() == Some(text);
                same.then(|| (Ground::Token(text.clone()), Some(live.scopes)))
            }
            Brings::Code(at) => {
                let code = self.codes.get(*at)?;
                let asked = if call.role == Role::Node { ScopeSet::EMPTY } else { call.scopes };
                let role = call.role == Role::Node || code.access != SetupAccess::Node;
                let live = !code.over && self.now < code.at + SETUP_TTL_MS;
                let fits = live && role && code.access.scopes().covers(asked);
                (fits && call.device.is_some()).then_some((Ground::Code, None))
            }
            Brings::Nothing => None,
        }
    }

    fn without_device(call: &Call, ground: Ground) -> Option<Held> {
        if call.role == Role::Node {
            return None;
        }
        let mut asked = call.scopes;
        let record = if call.local { ScopeSet::all() } else { remote_record() };
        if asked.contains(Scope::Admin) && !call.local {
            asked = asked.union([Scope::Read, Scope::Write].into_iter().collect());
        }
        let scopes = asked.intersection(record);
        Some(Held { ground, device: None, role: call.role, scopes })
    }

    /// Who sends nothing is let in by the local permit, if that is on.
    pub(super) fn permit(&self, local: bool) -> Option<Held> {
        let ground = Ground::Permit(self.changes);
        let held = Held { ground, device: None, role: Role::Operator, scopes: permit_record() };
        (self.permit && local).then_some(held)
    }

    fn give(&mut self, seed: Seed, roles: &[Role], scopes: ScopeSet) {
        self.widen(seed, roles, scopes);
        let known = self.devices.entry(seed).or_default();
        for role in roles {
            known.ensure(*role);
        }
    }

    /// A device has more; so has its operator's token, which gets what was given and nothing beside.
    fn widen(&mut self, seed: Seed, roles: &[Role], scopes: ScopeSet) {
        self.waiting.remove(&seed);
        let known = self.devices.entry(seed).or_default();
        known.roles.extend(roles);
        known.scopes = known.scopes.union(scopes);
        if let Some(token) = known.tokens.get_mut(&Role::Operator).filter(|token| token.live) {
            token.scopes = token.scopes.union(scopes);
        }
    }

    fn use_code(&mut self, at: usize, seed: Seed, role: Role, asked: ScopeSet) {
        self.codes[at].over = true;
        let access = self.codes[at].access;
        let (mut roles, mut scopes) = (vec![role], asked);
        if role == Role::Node {
            scopes = access.scopes();
            if access != SetupAccess::Node {
                roles.push(Role::Operator);
            }
        }
        let before = self.devices.get(&seed).map(|known| known.roles.clone()).unwrap_or_default();
        self.widen(seed, &roles, scopes);
        let known = self.devices.entry(seed).or_default();
        for gained in roles.into_iter().filter(|r| *r == role || !before.contains(r)) {
            known.ensure(gained);
        }
    }

    fn ask(&mut self, seed: Seed, role: Role, scopes: ScopeSet, remote: bool) {
        self.asked += 1;
        let (mut roles, mut all) = (BTreeSet::from([role]), scopes);
        let mut version = self.asked;
        if let Some(former) = self.request(seed) {
            let union = former.scopes.union(scopes);
            if former.remote == remote && former.roles.contains(&role) && union == former.scopes {
                version = former.version;
            }
            roles.extend(&former.roles);
            all = union;
        }
        let request = Waiting { roles, scopes: all, remote, at: self.now, version };
        self.waiting.insert(seed, request);
    }

    pub(super) fn approve(&mut self, seed: Seed, by: &By) -> bool {
        let Some(request) = self.request(seed) else { return false };
        let may = by.sees(seed) && by.decides(request.roles.iter());
        if !(may && by.scopes.covers(request.scopes)) {
            return false;
        }
        let roles: Vec<Role> = request.roles.iter().copied().collect();
        self.give(seed, &roles, request.scopes);
        true
    }

    pub(super) fn reject(&mut self, seed: Seed, by: &By) -> bool {
        let may = self.request(seed).is_some() && by.sees(seed);
        may && self.waiting.remove(&seed).is_some()
    }

    pub(super) fn rotate(
        &mut self,
        seed: Seed,
        role: Role,
        scopes: Option<ScopeSet>,
        by: &By,
    ) -> bool {
        let Some(known) = self.devices.get_mut(&seed) else { return false };
        let Some(old) = known.live(role) else { return false };
        let scopes = scopes.unwrap_or(old.scopes);
        let may = by.sees(seed) && by.decides([role].iter()) && by.scopes.covers(scopes);
        let fits = known.roles.contains(&role) && known.ceiling(role).covers(scopes);
        if may && fits {
            known.fresh(role, scopes);
        }
        may && fits
    }

    pub(super) fn revoke(&mut self, seed: Seed, role: Role, by: &By) -> bool {
        let may = by.sees(seed) && by.decides([role].iter());
        let token = self.devices.get_mut(&seed).and_then(|known| known.tokens.get_mut(&role));
        let Some(token) = token.filter(|t| may && (!t.live || by.scopes.covers(t.scopes))) else {
            return false;
        };
        token.live = false;
        self.end_codes(seed);
        true
    }

    pub(super) fn remove(&mut self, seed: Seed, by: &By) -> bool {
        let Some(known) = self.devices.get(&seed) else { return false };
        let may = by.sees(seed) && (by.own.is_none() || by.decides(known.roles.iter()));
        if may {
            self.devices.remove(&seed);
            self.waiting.remove(&seed);
            self.end_codes(seed);
        }
        may
    }

    pub(super) fn remove_role(&mut self, seed: Seed, role: Role, by: &By) -> bool {
        let Some(known) = self.devices.get_mut(&seed) else { return false };
        let may = by.sees(seed) && (by.own.is_none() || by.decides(known.roles.iter()));
        if !may || !known.roles.contains(&role) {
            return false;
        }
        if known.roles.len() == 1 {
            return self.remove(seed, by);
        }
        known.roles.remove(&role);
        known.tokens.remove(&role);
        if role == Role::Operator {
            known.scopes = ScopeSet::EMPTY;
            self.end_codes(seed);
        }
        true
    }

    fn end_codes(&mut self, seed: Seed) {
        self.codes.iter_mut().filter(|code| code.maker == Some(seed)).for_each(|c| c.over = true);
    }

    pub(super) fn issue(&mut self, access: SetupAccess, by: &By) -> bool {
        if by.admin() {
            let (at, maker) = (self.now, by.own);
            self.codes.push(Code { access, at, maker, over: false });
        }
        by.admin()
    }

    pub(super) fn configure(&mut self, secret: u8, permit: bool) {
        self.changes += u64::from(secret != self.secret);
        (self.secret, self.permit) = (secret, permit);
    }

    /// Whether the reason for which somebody was let in is still there.
    pub(super) fn holds(&self, held: &Held) -> bool {
        let ground = match held.ground {
            Ground::Secret(changes) => changes == self.changes,
            Ground::Permit(changes) => changes == self.changes && self.permit,
            Ground::Token(_) | Ground::Code => true,
        };
        let Some(seed) = held.device else { return ground };
        let Some(known) = self.devices.get(&seed) else { return false };
        let Some(token) = known.live(held.role) else { return false };
        let same = match &held.ground {
            Ground::Token(text) => token.text.as_ref() == Some(text),
            _ => ground,
        };
        same && known.roles.contains(&held.role) && known.ceiling(held.role).covers(held.scopes)
    }
}
