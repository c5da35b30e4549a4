//! What happens to a request, with the store in memory and a clock that stands still.

use openclaw_protocol::methods::approvals::{ApprovalStatus, ExecApprovalRequestParams};
use serde_json::{Value, json};

use super::*;
use crate::clock::ManualClock;

/// What was told, in order.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl ApprovalObserver for Told {
    fn asked(&self, approval: &Approval) {
        self.0.lock().push(format!("asked {}", approval.id));
    }

    fn ended(&self, approval: &Approval) {
        self.0.lock().push(format!("ended {} {}", approval.id, approval.status().name()));
    }
}

struct Rig {
    store: MemoryApprovalStore,
    clock: ManualClock,
    told: Arc<Told>,
    approvals: Approvals,
}

impl Rig {
    async fn new() -> Self {
        Self::on(MemoryApprovalStore::default(), ManualClock::at(1_000_000)).await
    }

    async fn on(store: MemoryApprovalStore, clock: ManualClock) -> Self {
        let told = Arc::new(Told::default());
        let approvals = Approvals::open(
            Arc::new(store.clone()),
            Arc::clone(&told) as _,
            Arc::new(clock.clone()),
        );
        Self { approvals: approvals.await.unwrap(), store, clock, told }
    }

    /// The process ends without a word and another one begins.
    async fn restart(self) -> Self {
        Self::on(self.store, self.clock).await
    }

    async fn ask(&self, params: Value) -> Result<Arc<Approval>, ApprovalError> {
        self.approvals.ask(new(params)).await
    }
}

fn params(params: Value) -> ExecApprovalRequestParams {
    serde_json::from_value(params).unwrap()
}

fn new(mut fields: Value) -> NewApproval {
    let id = fields.as_object_mut().unwrap().remove("id");
    let asked = ask::exec::read(params(fields)).unwrap();
    NewApproval {
        id: id.map(|id| id.as_str().unwrap().to_owned()),
        request: asked.request,
        binding: asked.binding,
        requester: Requester {
            principal: "device:asker".to_owned(),
            connection: Some("asking".to_owned()),
        },
        timeout: Duration::from_mins(1),
        quiet: false,
    }
}

fn binding(fields: Value) -> Binding {
    ask::exec::read(params(fields)).unwrap().binding.unwrap()
}

fn someone() -> Decider {
    let resolver = Resolver::Device { id: "decider".to_owned() };
    Decider { resolver, connection: Some("deciding".to_owned()) }
}

fn yes() -> Verdict {
    Verdict::Decision(ApprovalDecision::AllowOnce)
}

fn no() -> Verdict {
    Verdict::Decision(ApprovalDecision::Deny)
}

fn command() -> Value {
    json!({"commandArgv": ["ls", "-l"], "cwd": "/tmp", "host": "gateway", "env": {"LANG": "C"}})
}

#[tokio::test]
async fn a_waiter_gets_the_first_verdict_and_later_ones_are_told_it() {
    let rig = Rig::new().await;
    let asked = rig.ask(command()).await.unwrap();
    let (waited, resolved) = tokio::join!(
        rig.approvals.wait(&asked.id),
        rig.approvals.resolve(&asked.id, yes(), someone()),
    );
    assert!(resolved.unwrap().applied);
    let waited = waited.unwrap().unwrap();
    assert_eq!(waited.decision(), Some(ApprovalDecision::AllowOnce));
    assert_eq!(waited.ended.as_ref().unwrap().by, someone().resolver);
    let late = rig.approvals.resolve(&asked.id, no(), someone()).await.unwrap();
    assert!(!late.applied);
    assert_eq!(late.approval.decision(), Some(ApprovalDecision::AllowOnce));
    let found = rig.approvals.wait(&asked.id).await.unwrap().unwrap();
    assert_eq!(found.decision(), Some(ApprovalDecision::AllowOnce));
    let told = rig.told.0.lock().clone();
    assert_eq!(told, [format!("asked {}", asked.id), format!("ended {} allowed", asked.id)]);
}

#[tokio::test]
async fn a_restart_loses_no_request_and_moves_no_deadline() {
    let rig = Rig::new().await;
    let first = rig.ask(command()).await.unwrap();
    let second = rig.ask(command()).await.unwrap();
    let decided = rig.ask(command()).await.unwrap();
    rig.approvals.resolve(&decided.id, no(), someone()).await.unwrap();
    let rig = rig.restart().await;
    let waiting = rig.approvals.pending(Kind::Exec);
    assert_eq!(waiting.len(), 2);
    assert_eq!(waiting.iter().find(|one| one.id == first.id).unwrap().expires_at, first.expires_at);
    let found = rig.approvals.wait(&decided.id).await.unwrap().unwrap();
    assert_eq!(found.decision(), Some(ApprovalDecision::Deny));
    let (waited, _) = tokio::join!(
        rig.approvals.wait(&first.id),
        rig.approvals.resolve(&first.id, yes(), someone()),
    );
    assert_eq!(waited.unwrap().unwrap().decision(), Some(ApprovalDecision::AllowOnce));
    rig.clock.set(second.expires_at);
    let rig = rig.restart().await;
    assert!(rig.approvals.pending(Kind::Exec).is_empty());
    let keeping = rig.approvals.clone().keep_deadlines();
    let waiting = rig.approvals.wait(&second.id);
    tokio::select! {
        () = keeping => panic!("it goes on until the gateway stops"),
        ended = waiting => {
            let ended = ended.unwrap().unwrap();
            assert_eq!((ended.status(), ended.decision()), (ApprovalStatus::Expired, None));
        }
    }
}

#[tokio::test]
async fn a_verdict_on_a_row_that_was_not_told_yet_is_heard() {
    let rig = Rig::new().await;
    let mut fields = command();
    fields["id"] = json!("guessed");
    let (asked, resolved) =
        tokio::join!(rig.ask(fields), rig.approvals.resolve("guessed", no(), someone()));
    assert!(resolved.unwrap().applied);
    assert_eq!(asked.unwrap().decision(), Some(ApprovalDecision::Deny));
    assert!(rig.approvals.pending(Kind::Exec).is_empty());
    let waited = rig.approvals.wait("guessed").await.unwrap().unwrap();
    assert_eq!(waited.decision(), Some(ApprovalDecision::Deny));
    assert_eq!(*rig.told.0.lock(), ["ended guessed denied"]);
}

#[tokio::test]
async fn a_verdict_after_the_deadline_is_none() {
    let rig = Rig::new().await;
    let asked = rig.ask(command()).await.unwrap();
    rig.clock.set(asked.expires_at);
    let late = rig.approvals.resolve(&asked.id, yes(), someone()).await.unwrap();
    assert!(!late.applied);
    assert_eq!(late.approval.status(), ApprovalStatus::Expired);
    let refused = rig.approvals.redeem(&asked.id, &binding(command())).await.unwrap_err();
    assert!(matches!(refused, RedeemError::NotApproved));
}

#[tokio::test]
async fn who_asks_may_say_no_but_not_yes() {
    let rig = Rig::new().await;
    let asked = rig.ask(command()).await.unwrap();
    let own = || Decider { connection: Some("asking".to_owned()), ..someone() };
    let refused = rig.approvals.resolve(&asked.id, yes(), own()).await.unwrap_err();
    assert!(matches!(refused, ApprovalError::OwnRequest));
    assert!(rig.approvals.resolve(&asked.id, no(), own()).await.unwrap().applied);
}

#[tokio::test]
async fn a_yes_is_used_once_in_time_and_for_what_was_shown() {
    let rig = Rig::new().await;
    let redeem = async |id: &str, fields: Value| rig.approvals.redeem(id, &binding(fields)).await;
    let asked = rig.ask(command()).await.unwrap();
    assert!(matches!(redeem(&asked.id, command()).await, Err(RedeemError::NotApproved)));
    rig.approvals.resolve(&asked.id, yes(), someone()).await.unwrap();
    let with = |name: &str, value: Value| {
        let mut fields = command();
        fields[name] = value;
        fields
    };
    for other in [
        with("commandArgv", json!(["ls", "-la"])),
        with("commandArgv", json!(["ls -l"])),
        with("cwd", json!("/")),
        with("env", json!({"LANG": "C", "LD_PRELOAD": "/tmp/x.so"})),
        with("env", json!({})),
        with("resolvedPath", json!("/tmp/ls")),
        with("sessionKey", json!("agent:main:other")),
        with("agentId", json!("other")),
        with("host", json!("sandbox")),
    ] {
        let refused = redeem(&asked.id, other.clone()).await;
        assert!(matches!(refused, Err(RedeemError::Mismatch)), "{other}");
    }
    assert_eq!(redeem(&asked.id, command()).await.unwrap(), Redeemed { always: false });
    assert!(matches!(redeem(&asked.id, command()).await, Err(RedeemError::Used)));
    assert!(matches!(redeem("none", command()).await, Err(RedeemError::NotFound)));

    let old = rig.ask(command()).await.unwrap();
    let always = Verdict::Decision(ApprovalDecision::AllowAlways);
    rig.approvals.resolve(&old.id, always.clone(), someone()).await.unwrap();
    rig.clock.advance(REDEEM_WINDOW_MS + 1);
    assert!(matches!(redeem(&old.id, command()).await, Err(RedeemError::Late)));

    let lasting = rig.ask(command()).await.unwrap();
    rig.approvals.resolve(&lasting.id, always, someone()).await.unwrap();
    let rig = rig.restart().await;
    let used = rig.approvals.redeem(&lasting.id, &binding(command())).await.unwrap();
    assert_eq!(used, Redeemed { always: true });
    let rig = rig.restart().await;
    let again = rig.approvals.redeem(&lasting.id, &binding(command())).await;
    assert!(matches!(again, Err(RedeemError::Used)), "a restart gives nothing back");
}

#[tokio::test]
async fn who_has_lost_the_right_to_ask_asks_nothing_any_more() {
    let rig = Rig::new().await;
    rig.ask(json!({"id": "gone", "commandArgv": ["a"]})).await.unwrap();
    let mut other = new(json!({"id": "stays", "commandArgv": ["a"]}));
    other.requester.principal = "device:other".to_owned();
    rig.approvals.ask(other).await.unwrap();
    let unused = rig.ask(command()).await.unwrap();
    rig.approvals.resolve(&unused.id, yes(), someone()).await.unwrap();
    rig.approvals.withdraw("device:asker").await.unwrap();
    let used = rig.approvals.redeem(&unused.id, &binding(command())).await;
    assert!(matches!(used, Err(RedeemError::Used)), "a yes goes with the right of who asked");
    let gone = rig.approvals.wait("gone").await.unwrap().unwrap();
    assert_eq!((gone.outcome(), gone.decision()), (Some(&Outcome::Aborted), None));
    let late = rig.approvals.resolve("gone", yes(), someone()).await.unwrap();
    assert!(!late.applied);
    let waits: Vec<_> = rig.approvals.pending(Kind::Exec).iter().map(|a| a.id.clone()).collect();
    assert_eq!(waits, ["stays"]);
    assert_eq!(rig.told.0.lock().last().unwrap(), "ended gone cancelled");
}

#[tokio::test]
async fn what_may_not_be_decided_is_refused() {
    let rig = Rig::new().await;
    let always = || Verdict::Decision(ApprovalDecision::AllowAlways);
    for fields in [
        json!({"commandArgv": ["/bin/sh", "-c", "ls"]}),
        json!({"commandArgv": ["env", "ls"]}),
        json!({"commandArgv": ["ls"], "ask": "always"}),
        json!({"commandArgv": ["ls"], "unavailableDecisions": ["allow-always"]}),
    ] {
        let asked = rig.ask(fields).await.unwrap();
        let refused = rig.approvals.resolve(&asked.id, always(), someone()).await.unwrap_err();
        assert!(matches!(refused, ApprovalError::NotAllowed(_)));
        assert!(rig.approvals.resolve(&asked.id, no(), someone()).await.unwrap().applied);
    }
    let asked = rig.ask(command()).await.unwrap();
    let cancelled = rig.approvals.resolve(&asked.id, Verdict::Cancel, someone()).await;
    assert!(matches!(cancelled, Err(ApprovalError::NotFound)));
    let malformed = rig.approvals.resolve(&asked.id, Verdict::Malformed, someone()).await.unwrap();
    assert_eq!(malformed.approval.status(), ApprovalStatus::Denied);
    assert_eq!(malformed.approval.decision(), None);
}

#[tokio::test]
async fn ids_are_taken_once_and_shortened_only_where_that_is_plain() {
    let rig = Rig::new().await;
    let named = |id: &str| {
        let mut fields = command();
        fields["id"] = json!(id);
        fields
    };
    rig.ask(named("abcdefgh-1")).await.unwrap();
    for taken in ["abcdefgh-1", "abcdefgh", "a"] {
        let refused = rig.ask(named(taken)).await.unwrap_err();
        assert!(matches!(refused, ApprovalError::IdTaken), "{taken}");
    }
    for bad in ["..", "a b", "a/b", "ü", &"x".repeat(129)] {
        assert!(matches!(rig.ask(named(bad)).await.unwrap_err(), ApprovalError::BadId), "{bad}");
    }
    let reserved = rig.ask(named("Plugin:x")).await.unwrap_err();
    assert!(matches!(reserved, ApprovalError::ReservedId));
    let lookup =
        async |id: &str| rig.approvals.lookup(Kind::Exec, id).await.map(|one| one.id.clone());
    assert_eq!(lookup(" abcdefgh-1 ").await.unwrap(), "abcdefgh-1");
    assert_eq!(lookup("ABCDEFGH").await.unwrap(), "abcdefgh-1");
    assert!(matches!(lookup("abcdefg").await, Err(ApprovalError::NotFound)), "too short");
    rig.approvals.resolve("abcdefgh-1", no(), someone()).await.unwrap();
    rig.ask(named("abcdefgh-2")).await.unwrap();
    // A person who means the first must not decide about the second.
    assert!(matches!(lookup("abcdefgh").await, Err(ApprovalError::Ambiguous)));
    let other_kind = rig.approvals.lookup(Kind::Plugin, "abcdefgh-2").await;
    assert!(matches!(other_kind, Err(ApprovalError::NotFound)));
    assert!(matches!(rig.ask(named("abcdefgh-1")).await, Err(ApprovalError::IdTaken)), "used up");
}

#[tokio::test]
async fn waiting_requests_are_bounded_and_a_stop_lets_waiters_go() {
    let rig = Rig::new().await;
    for _ in 0..MAX_PENDING {
        rig.ask(command()).await.unwrap();
    }
    assert!(matches!(rig.ask(command()).await, Err(ApprovalError::Full)));
    let some = rig.approvals.pending(Kind::Exec)[0].id.clone();
    rig.approvals.resolve(&some, no(), someone()).await.unwrap();
    let last = rig.ask(command()).await.unwrap();
    let (waited, ()) = tokio::join!(rig.approvals.wait(&last.id), async { rig.approvals.close() });
    assert!(matches!(waited, Err(ApprovalError::ShuttingDown)));
    assert!(matches!(rig.ask(command()).await, Err(ApprovalError::ShuttingDown)));
    let rig = rig.restart().await;
    assert_eq!(rig.approvals.pending(Kind::Exec).len(), MAX_PENDING);
}

#[tokio::test]
async fn a_question_is_answered_in_its_own_words() {
    let rig = Rig::new().await;
    let asked = ask::question::read(
        serde_json::from_value(json!({
            "questions": [{"questionId": "go", "header": "Go", "question": "Go?",
                "options": [{"label": "Yes"}, {"label": "No"}]}],
        }))
        .unwrap(),
    );
    let request = asked.unwrap().request;
    let question = NewApproval { request, binding: None, ..new(command()) };
    let asked = rig.approvals.ask(question).await.unwrap();
    let answer = |value: &str| Verdict::Answer {
        answers: serde_json::from_value(json!({"answers": {"go": [value]}})).unwrap(),
        resolution_id: Some("r1".to_owned()),
    };
    let refused = rig.approvals.resolve(&asked.id, answer("Maybe"), someone()).await.unwrap_err();
    assert_eq!(refused.to_string(), "question 'go' contains an unknown option");
    assert!(matches!(
        rig.approvals.resolve(&asked.id, yes(), someone()).await,
        Err(ApprovalError::NotFound)
    ));
    let answered = rig.approvals.resolve(&asked.id, answer(" Yes "), someone()).await.unwrap();
    assert!(answered.applied);
    let rig = rig.restart().await;
    let found = rig.approvals.wait(&asked.id).await.unwrap().unwrap();
    let Some(Outcome::Answered { answers, resolution_id }) = found.outcome() else { panic!() };
    assert_eq!(json!(answers), json!({"answers": {"go": ["Yes"]}}));
    assert_eq!(resolution_id.as_deref(), Some("r1"));
}

#[tokio::test]
async fn the_history_goes_back_page_by_page_and_is_forgotten_in_time() {
    let rig = Rig::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let asked = rig.ask(command()).await.unwrap();
        rig.clock.advance(10);
        rig.approvals.resolve(&asked.id, no(), someone()).await.unwrap();
        ids.insert(0, asked.id.clone());
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page =
            rig.approvals.history(HistoryQuery { kind: None, before, limit: 2 }).await.unwrap();
        let Some((place, _)) = page.last() else { break };
        before = Some(*place);
        seen.extend(page.iter().map(|(_, one)| one.id.clone()));
    }
    assert_eq!(seen, ids);
    assert_eq!(rig.store.forget(0, 3).await.unwrap(), 2);
    assert_eq!(rig.store.forget(i64::MAX, 3).await.unwrap(), 3);
}

#[tokio::test]
async fn a_request_waits_a_day_at_most_and_a_quiet_one_is_not_told() {
    let rig = Rig::new().await;
    let long = NewApproval { timeout: MAX_WAIT * 2, quiet: true, ..new(command()) };
    let asked = rig.approvals.ask(long).await.unwrap();
    let wait = u128::try_from(asked.expires_at - asked.created_at).unwrap();
    assert_eq!(wait, MAX_WAIT.as_millis());
    assert!(rig.told.0.lock().is_empty());
}

#[tokio::test]
async fn those_who_wait_are_bounded() {
    let rig = Rig::new().await;
    let asked = rig.ask(command()).await.unwrap();
    let mut waiting: Vec<_> =
        (0..MAX_WAITERS).map(|_| Box::pin(rig.approvals.wait(&asked.id))).collect();
    for one in &mut waiting {
        assert!(futures_util::FutureExt::now_or_never(one.as_mut()).is_none());
    }
    let more = Box::pin(rig.approvals.wait(&asked.id));
    let more = futures_util::FutureExt::now_or_never(more);
    assert!(matches!(more, Some(Err(ApprovalError::Full))));
}

#[test]
fn every_part_of_a_binding_makes_it_another_one() {
    let text = |text: &str| Some(text.to_owned());
    let whole = || Binding {
        argv: vec!["ls".to_owned()],
        text: text("ls"),
        cwd: text("/"),
        executable: text("/bin/ls"),
        env: BTreeMap::from([("LANG".to_owned(), "C".to_owned())]),
        script: Some((1, "/s".to_owned(), "d".to_owned())),
        host: text("node"),
        node: text("n"),
        agent: text("a"),
        session: text("s"),
    };
    let changes: [fn(&mut Binding); 12] = [
        |other| other.argv.push("-l".to_owned()),
        |other| other.text = None,
        |other| other.cwd = None,
        |other| other.executable = None,
        |other| other.env.clear(),
        |other| other.script = None,
        |other| other.script = Some((1, "/s".to_owned(), "e".to_owned())),
        |other| other.script = Some((2, "/s".to_owned(), "d".to_owned())),
        |other| other.host = None,
        |other| other.node = None,
        |other| other.agent = None,
        |other| other.session = None,
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let mut other = whole();
        change(&mut other);
        assert_ne!(other.digest(), whole().digest(), "{n}");
    }
}

#[test]
fn what_grows_too_long_when_it_is_made_visible_is_refused() {
    let plugin = |title: &str, description: &str, detail: &str| {
        let asked = json!({"title": title, "description": description, "detail": detail,
            "allowedDecisions": ["allow-once"]});
        ask::plugin::read(serde_json::from_value(asked).unwrap())
    };
    let hidden = |count: usize| "\u{200b}".repeat(count);
    let asked = plugin("a\u{200b}", "b", "c").unwrap();
    let Request::Plugin(request) = &asked.request else { panic!("{asked:?}") };
    assert_eq!(request.title, "a\\u{200B}");
    assert!(asked.request.allowed().contains(&ApprovalDecision::Deny), "a no is always allowed");
    assert!(plugin(&hidden(80), "b", "c").is_err());
    assert!(plugin("a", &hidden(512), "c").is_err());
    assert!(plugin("a", "b", &hidden(16_000)).is_err());
    let exec = |more: (&str, Value)| {
        let mut asked = command();
        asked[more.0] = more.1;
        ask::exec::read(params(asked))
    };
    assert!(exec(("warningText", json!(hidden(10_000)))).is_err());
    let variables: BTreeMap<_, _> = (0..257).map(|n| (format!("V{n}"), "")).collect();
    assert!(exec(("env", json!(variables))).is_err());
    let scope = json!({"kind": "message-send", "target": "a\u{202e}b", "recipientCount": 1});
    let asked = exec(("scope", scope)).unwrap();
    assert!(format!("{asked:?}").contains("u{202E}b"), "{asked:?}");
}
