//! Any order of connecting, deciding, replacing, revoking and changing the config, against a model that
//! is short enough to be seen to be right.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use openclaw_protocol::Scope;
use proptest::prelude::*;

use super::*;
use crate::setup::SetupAccess;

mod model;

use model::{Brings, By, Call, Ground, Held, Model, Seed};

const SECRETS: [&str; 3] = ["secret-zero", "secret-one", "secret-two"];

/// What happens next. Numbers choose among what there is then.
#[derive(Debug, Clone)]
enum Step {
    Connect { device: Option<Seed>, local: bool, role: Role, scopes: ScopeSet, key: Key },
    Permit { local: bool },
    Approve(Seed, Who),
    Reject(Seed, Who),
    Rotate(Seed, Role, Option<ScopeSet>, Who),
    Revoke(Seed, Role, Who),
    Remove(Seed, Who),
    RemoveRole(Seed, Role, Who),
    Issue(SetupAccess, Who),
    Configure { secret: u8, permit: bool },
    Wait(u64),
}

/// What a client brings.
#[derive(Debug, Clone, Copy)]
enum Key {
    Nothing,
    Secret(u8),
    /// The token that the device has.
    Own,
    /// Any token that there ever was.
    Some(usize),
    Code(usize),
}

/// Who decides.
#[derive(Debug, Clone, Copy)]
enum Who {
    Owner,
    /// Somebody with these scopes and no device.
    With(ScopeSet),
    /// One who was let in and still is.
    Client(usize),
}

/// The real one beside its model, and what both have seen.
struct Machine {
    authority: Authority,
    model: Model,
    inside: Vec<(Grant, Held)>,
    codes: Vec<Secret>,
    tokens: BTreeSet<String>,
    /// What somebody who holds it has given to each device, said without the model.
    given: BTreeMap<Seed, ScopeSet>,
    /// The ids of requests, by device and the model's count.
    ids: BTreeMap<(Seed, u64), String>,
}

/// How many devices there are.
const DEVICES: Seed = 3;

fn id(seed: Seed) -> DeviceId {
    static IDS: LazyLock<Vec<DeviceId>> = LazyLock::new(|| {
        let of = |seed| paired(Version::V4, seed, &[]).device.unwrap().id.into();
        (0..DEVICES).map(of).collect()
    });
    IDS[usize::from(seed)].clone()
}

fn credentials(secret: u8) -> Credentials {
    let json = format!(r#"{{"token":"{}"}}"#, SECRETS[usize::from(secret)]);
    Credentials::new(&serde_json::from_str(&json).unwrap())
}

/// The limiter has a machine of its own and never steps in here.
fn limits() -> Limits {
    let max_attempts = Limits::MOST_ATTEMPTS;
    Limits { max_attempts, window_ms: 1, lockout_ms: 0, exempt_loopback: false }
}

impl Machine {
    fn new() -> Self {
        let store = Arc::new(MemoryAuthStore::default());
        Self {
            authority: Authority::new(store, credentials(0), Rules::default(), limits()),
            model: Model::new(NOW),
            inside: Vec::new(),
            codes: Vec::new(),
            tokens: BTreeSet::new(),
            given: BTreeMap::new(),
            ids: BTreeMap::new(),
        }
    }

    async fn step(&mut self, step: Step) {
        let now = self.model.now;
        match step {
            Step::Connect { device, local, role, scopes, key } => {
                let brings = self.brings(device, role, key);
                self.connect(&Call { device, local, role, scopes, brings }).await;
            }
            Step::Permit { local } => self.permit(local).await,
            Step::Approve(seed, who) => self.approve(seed, who).await,
            Step::Reject(seed, who) => {
                let (by, real) = self.by(who);
                let done = self.authority.reject(&self.request(seed), &real, now).await;
                assert_eq!(done.is_ok(), self.model.reject(seed, &by), "{done:?}");
            }
            Step::Rotate(seed, role, scopes, who) => {
                let (by, real) = self.by(who);
                let names = scopes.map(ScopeSet::names);
                let key = TokenKey { device: &id(seed), role };
                let done = self.authority.rotate(key, names.as_deref(), &real, now).await;
                let due = self.model.rotate(seed, role, scopes, &by);
                assert_eq!(done.is_ok(), due, "{:?}", done.err());
            }
            Step::Revoke(seed, role, who) => {
                let (by, real) = self.by(who);
                let key = TokenKey { device: &id(seed), role };
                let done = self.authority.revoke(key, &real, now).await;
                assert_eq!(done.is_ok(), self.model.revoke(seed, role, &by), "{done:?}");
            }
            Step::Remove(seed, who) => {
                let (by, real) = self.by(who);
                let done = self.authority.remove(&id(seed), &real, now).await;
                assert_eq!(done.is_ok(), self.model.remove(seed, &by), "{done:?}");
            }
            Step::RemoveRole(seed, role, who) => {
                let (by, real) = self.by(who);
                let done = self.authority.remove_role(&id(seed), role, &real, now).await;
                assert_eq!(done.is_ok(), self.model.remove_role(seed, role, &by), "{done:?}");
                if done.is_ok() && role == Role::Operator {
                    self.given.remove(&seed);
                }
            }
            Step::Issue(access, who) => {
                let (by, real) = self.by(who);
                let done = self.authority.issue_setup(access, &real, now).await;
                assert_eq!(done.is_ok(), self.model.issue(access, &by));
                self.codes.extend(done.ok().map(|issued| issued.secret));
            }
            Step::Configure { secret, permit } => {
                let rules = Rules { local_permit: permit, ..Rules::default() };
                self.authority.configure(credentials(secret), rules, limits());
                self.model.configure(secret, permit);
            }
            Step::Wait(ms) => self.model.now += ms,
        }
        self.compare().await;
    }

    fn brings(&self, device: Option<Seed>, role: Role, key: Key) -> Brings {
        let own =
            || device.and_then(|seed| self.model.devices.get(&seed)?.live(role)?.text.clone());
        match key {
            Key::Nothing => Brings::Nothing,
            Key::Secret(secret) => Brings::Secret(secret),
            Key::Own => own().map_or(Brings::Nothing, Brings::Token),
            Key::Some(_) if self.tokens.is_empty() => Brings::Nothing,
            Key::Some(n) => {
                Brings::Token(self.tokens.iter().nth(n % self.tokens.len()).unwrap().clone())
            }
            Key::Code(_) if self.codes.is_empty() => Brings::Nothing,
            Key::Code(n) => Brings::Code(n % self.codes.len()),
        }
    }

    fn attempt(&self, call: &Call) -> Attempt {
        let mut attempt = if call.local { attempt(Version::V4) } else { remote(Version::V4) };
        attempt.role = Some(call.role.name().to_owned());
        attempt.scopes = call.scopes.names();
        attempt.auth = crate::AuthFields::default();
        match &call.brings {
            Brings::Nothing => {}
            Brings::Secret(n) => attempt.auth.token = Some(SECRETS[usize::from(*n)].into()),
            Brings::Token(text) => attempt.auth.device_token = Some(Secret::new(text.as_str())),
            Brings::Code(n) => attempt.auth.bootstrap_token = Some(self.codes[*n].clone()),
        }
        if let Some(seed) = call.device {
            sign(&mut attempt, seed, self.model.now);
        }
        attempt
    }

    async fn connect(&mut self, call: &Call) {
        let attempt = self.attempt(call);
        let decision = self.authority.authenticate(&attempt, self.model.now).await;
        let due = self.model.connect(call);
        if let (Some(seed), Some(held)) = (call.device, &due) {
            let by_owner = match held.ground {
                // Its maker holds everything.
                Ground::Code if call.role == Role::Node => SetupAccess::Full.scopes(),
                Ground::Secret(_) | Ground::Code => held.scopes,
                Ground::Token(_) | Ground::Permit(_) => ScopeSet::EMPTY,
            };
            self.give(seed, by_owner);
        }
        self.came_in(decision, due);
    }

    async fn permit(&mut self, local: bool) {
        let nothing = Call {
            device: None,
            local,
            role: Role::Operator,
            scopes: ScopeSet::all(),
            brings: Brings::Nothing,
        };
        let attempt = self.attempt(&nothing);
        let decision = self.authority.authenticate_or_permit(&attempt, true, self.model.now).await;
        let due = self.model.permit(local);
        self.came_in(decision, due);
    }

    fn came_in(&mut self, decision: Decision, due: Option<Held>) {
        match (decision, due) {
            (Decision::Granted(grant), Some(held)) => {
                assert_eq!((grant.role, grant.scopes), (held.role, held.scopes));
                assert_eq!(grant.device, held.device.map(id));
                self.inside.push((*grant, held));
            }
            (Decision::Refused(_), None) => {}
            (decision, due) => panic!("{decision:?} where {due:?} was due"),
        }
    }

    async fn approve(&mut self, seed: Seed, who: Who) {
        let (by, real) = self.by(who);
        let done = self.authority.approve(&self.request(seed), &real, self.model.now).await;
        let asked = self.model.pending().find(|(s, _)| **s == seed).map(|(_, r)| r.scopes);
        assert_eq!(done.is_ok(), self.model.approve(seed, &by), "{done:?}");
        if done.is_ok() {
            let held = asked.unwrap_or_default().iter().filter(|scope| by.scopes.allows(*scope));
            self.give(seed, held.collect());
        }
    }

    fn give(&mut self, seed: Seed, scopes: ScopeSet) {
        let given = self.given.entry(seed).or_default();
        *given = given.union(scopes);
    }

    /// The id of what a device has waiting; of one that has nothing it is nobody's.
    fn request(&self, seed: Seed) -> String {
        let request = self.model.pending().find(|(s, _)| **s == seed);
        let id = request.and_then(|(_, request)| self.ids.get(&(seed, request.version)));
        id.cloned().unwrap_or_else(|| "none".to_owned())
    }

    fn by(&self, who: Who) -> (By, Approver) {
        let holds: Vec<_> = self.inside.iter().filter(|(_, held)| self.model.holds(held)).collect();
        match who {
            Who::Client(n) if !holds.is_empty() => {
                let (grant, held) = holds[n % holds.len()];
                let own = held.device.filter(|_| !matches!(held.ground, Ground::Secret(_)));
                (By { scopes: held.scopes, own }, Approver::of(grant))
            }
            Who::Owner | Who::Client(_) => {
                (By { scopes: ScopeSet::all(), own: None }, Approver::owner())
            }
            Who::With(scopes) => {
                (By { scopes, own: None }, Approver { scopes, ..Approver::owner() })
            }
        }
    }

    /// The records are those of the model, and who is inside is who may be.
    async fn compare(&mut self) {
        let store = Arc::clone(&self.authority.store);
        let mut records: BTreeMap<_, _> =
            store.devices().await.unwrap().into_iter().map(|d| (d.id.clone(), d)).collect();
        let mut live = BTreeSet::new();
        for (seed, known) in &mut self.model.devices {
            let record = records.remove(&id(*seed)).expect("a device is lost");
            assert_eq!(record.roles.iter().copied().collect::<BTreeSet<_>>(), known.roles);
            assert_eq!(record.scopes, known.scopes);
            let given = self.given.get(seed).copied().unwrap_or_default();
            assert!(given.covers(record.scopes), "nobody gave {:?}", record.scopes);
            assert_eq!(record.tokens.len(), known.tokens.len());
            for token in record.tokens {
                let due = known.tokens.get_mut(&token.role).expect("there is no such token");
                assert_eq!((token.scopes, token.is_live()), (due.scopes, due.live));
                assert!(!token.is_live() || given.covers(token.scopes), "nobody gave this");
                let text = token.token.expose().to_owned();
                match &due.text {
                    Some(due) => assert_eq!(&text, due, "a token changed by itself"),
                    None => assert!(self.tokens.insert(text.clone()), "a token came back"),
                }
                due.text = Some(text.clone());
                assert!(live.insert(text), "two have one token");
            }
        }
        assert!(records.is_empty(), "a device is left over");
        self.given.retain(|seed, _| self.model.devices.contains_key(seed));
        self.compare_pending().await;
        for (grant, held) in &self.inside {
            let holds = self.authority.still_holds(grant).await;
            assert_eq!(holds, self.model.holds(held), "{held:?}");
        }
    }

    async fn compare_pending(&mut self) {
        let list = self.authority.list(&Approver::owner(), self.model.now).await.unwrap();
        let mut waiting = list.pending;
        for (seed, request) in self.model.pending() {
            let at = waiting.iter().position(|real| real.device_id == id(*seed).as_str());
            let real = waiting.remove(at.expect("a request is lost"));
            let known = self.ids.insert((*seed, request.version), real.request_id.clone());
            assert!(known.is_none_or(|known| known == real.request_id), "the same asks anew");
            let others = self.ids.iter().filter(|(_, id)| **id == real.request_id);
            assert_eq!(others.count(), 1, "what is wider must not keep the id");
            let record = self.authority.store.pending().await.unwrap();
            let record = record.into_iter().find(|r| r.id == real.request_id).unwrap();
            assert_eq!(record.roles.iter().copied().collect::<BTreeSet<_>>(), request.roles);
            assert_eq!(record.scopes, request.scopes);
        }
        assert!(waiting.is_empty(), "a request is left over");
    }
}

fn scopes() -> impl Strategy<Value = ScopeSet> {
    let some = [Scope::Read, Scope::Write, Scope::Approvals, Scope::Pairing, Scope::Admin];
    prop::sample::subsequence(some.to_vec(), 0..3).prop_map(|some| some.into_iter().collect())
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![3 => Just(Role::Operator), 1 => Just(Role::Node)]
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        2 => Just(Who::Owner),
        2 => scopes().prop_map(Who::With),
        3 => any::<usize>().prop_map(Who::Client),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let seed = 0..DEVICES;
    let key = prop_oneof![
        1 => Just(Key::Nothing),
        4 => (0_u8..3).prop_map(|n| Key::Secret(n.saturating_sub(1))),
        4 => Just(Key::Own),
        2 => any::<usize>().prop_map(Key::Some),
        2 => any::<usize>().prop_map(Key::Code),
    ];
    let device = prop::option::weighted(0.9, seed.clone());
    let access =
        prop::sample::select(vec![SetupAccess::Full, SetupAccess::Limited, SetupAccess::Node]);
    let connect = (device, any::<bool>(), role(), scopes(), key).prop_map(
        |(device, local, role, scopes, key)| Step::Connect { device, local, role, scopes, key },
    );
    let rotate = (seed.clone(), role(), prop::option::of(scopes()), who());
    let configure = (0_u8..3, any::<bool>());
    prop_oneof![
        12 => connect,
        1 => any::<bool>().prop_map(|local| Step::Permit { local }),
        5 => (seed.clone(), who()).prop_map(|(seed, who)| Step::Approve(seed, who)),
        1 => (seed.clone(), who()).prop_map(|(seed, who)| Step::Reject(seed, who)),
        3 => rotate.prop_map(|(seed, role, scopes, who)| Step::Rotate(seed, role, scopes, who)),
        2 => (seed.clone(), role(), who()).prop_map(|(s, role, who)| Step::Revoke(s, role, who)),
        1 => (seed.clone(), who()).prop_map(|(seed, who)| Step::Remove(seed, who)),
        1 => (seed, role(), who()).prop_map(|(s, role, who)| Step::RemoveRole(s, role, who)),
        2 => (access, who()).prop_map(|(access, who)| Step::Issue(access, who)),
        1 => configure.prop_map(|(secret, permit)| Step::Configure { secret, permit }),
        1 => (0_u64..400_000).prop_map(Step::Wait),
    ]
}

proptest! {
    // A case is forty steps with signatures: fewer of them than usual, and more where more are asked for.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn authority_does_what_the_model_does(steps in prop::collection::vec(steps(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut machine = Machine::new();
            for step in steps {
                machine.step(step).await;
            }
        });
    }
}
