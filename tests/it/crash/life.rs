//! One life of the gateway after the other: a client talks, a supervisor kills.

use std::collections::BTreeMap;

use openclaw_tests::{
    Peer,
    crash::{AnsweringModel, CrashGateway, Cut, Hold, Power, Starter, copy_of_database},
};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use super::ledger::{Ledger, SESSIONS, run_of};

/// When a life ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// After so many frames.
    Frames(usize),
    /// After so many sends, before anything is read.
    Sends(usize),
    /// When the model has come to its hold; if `seen`, when the client has also seen text of that answer.
    Held { seen: bool },
    /// When every message has its outcome.
    Quiet,
    /// It ends by itself.
    Never,
}

/// What happens in a life.
#[derive(Debug)]
pub(super) struct Plan {
    /// New messages: which session, and whether by way of a tool.
    pub(super) messages: Vec<(usize, bool)>,
    pub(super) until: Moment,
    pub(super) hold: Option<Hold>,
    /// After so many sends everything is to be brought into the files, which else takes its time.
    pub(super) flush: Option<usize>,
    pub(super) crash_at: Option<String>,
}

impl Plan {
    pub(super) fn until(until: Moment) -> Self {
        Self { messages: Vec::new(), until, hold: None, flush: None, crash_at: None }
    }
}

/// All lives on one state directory.
pub(super) struct Story {
    pub(super) starter: Starter,
    pub(super) model: AnsweringModel,
    pub(super) ledger: Ledger,
    /// How many messages were hit where.
    pub(super) hits: BTreeMap<&'static str, usize>,
    life: usize,
    random: u64,
    cut: Option<Cut>,
    _dir: TempDir,
}

impl Story {
    pub(super) async fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        std::fs::create_dir(&state).unwrap();
        let program = env!("CARGO_BIN_EXE_crash_gateway");
        Self {
            starter: Starter { program, state, power: None },
            model: AnsweringModel::start().await,
            ledger: Ledger::default(),
            hits: BTreeMap::new(),
            life: 0,
            random: seed,
            cut: None,
            _dir: dir,
        }
    }

    /// From now on a kill is a power cut, of this kind or of any.
    pub(super) fn cut_power(&mut self, power: Power, cut: Option<Cut>) {
        self.starter.power = Some(power);
        self.cut = cut;
    }

    /// The next number below a bound (splitmix64).
    fn below(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    /// A plan by chance.
    pub(super) fn chance(&mut self) -> Plan {
        let count = 1 + self.below(5);
        let one = |story: &mut Self| (story.below(SESSIONS.len()), story.below(4) == 0);
        let messages = (0..count).map(|_| one(self)).collect();
        let mut plan = match self.below(10) {
            0 | 1 => Plan::until(Moment::Sends(1 + self.below(count))),
            2..=5 => Plan::until(Moment::Frames(self.below(60))),
            6 | 7 => Plan::until(Moment::Held { seen: false }),
            8 => Plan::until(Moment::Held { seen: true }),
            _ => Plan::until(Moment::Quiet),
        };
        if let Moment::Held { seen } = plan.until {
            // A seen text needs a piece before the hold.
            let pieces = usize::from(seen) + self.below(4);
            plan.hold = Some(Hold { request: self.below(count), of_text: seen, pieces });
        }
        let flush = (self.below(3) > 0).then(|| self.below(count));
        Plan { messages, flush, ..plan }
    }

    /// A life with a client, and its end.
    pub(super) async fn live(&mut self, plan: Plan) {
        let (gateway, mut peer) = self.begin(&plan).await;
        if self.talk(&mut peer, &plan).await {
            self.listen(&mut peer, &plan).await;
        }
        if plan.crash_at.is_some() {
            gateway.died().await;
        } else {
            gateway.kill().await;
        }
        // What had left the gateway still arrives.
        while let Ok(frame) = peer.next().await {
            self.ledger.hear(self.life, &frame);
        }
        self.cut();
        self.look();
        self.life += 1;
    }

    /// A life without a client, which ends at a crash point.
    pub(super) async fn die_again(&mut self, crash_at: &str) {
        let config = self.model.life(self.life, None);
        self.starter.start(config, Some(crash_at)).await.died().await;
        self.cut();
        self.look();
        self.life += 1;
    }

    /// Starts a gateway and lets a client in.
    pub(super) async fn begin(&mut self, plan: &Plan) -> (CrashGateway, Peer) {
        let config = self.model.life(self.life, plan.hold);
        let gateway = self.starter.start(config, plan.crash_at.as_deref()).await;
        let peer = Peer::connect(gateway.address(), 4).await;
        self.ledger.connected();
        (gateway, peer)
    }

    /// Sends again what no reply was seen to, then what is new. False: this was the moment.
    pub(super) async fn talk(&mut self, peer: &mut Peer, plan: &Plan) -> bool {
        for (session, tool) in &plan.messages {
            self.ledger.add(*session, *tool);
        }
        for mark in self.ledger.running() {
            self.ledger.wait(peer, mark).await;
        }
        for (count, mark) in self.ledger.unknown().into_iter().enumerate() {
            if plan.until == Moment::Sends(count) {
                return false;
            }
            self.ledger.send(peer, mark).await;
            if plan.flush == Some(count) {
                // To reset a session is one of the things that wait for the files.
                peer.send("sessions.reset", json!({"key": "agent:main:scrap"})).await;
            }
        }
        !matches!(plan.until, Moment::Sends(_))
    }

    /// Reads until the moment has come, the socket ends or nothing more can come.
    pub(super) async fn listen(&mut self, peer: &mut Peer, plan: &Plan) {
        let (mut frames, mut held) = (0, None);
        loop {
            let due = match plan.until {
                Moment::Frames(count) => frames >= count,
                Moment::Held { seen: false } => held.is_some(),
                Moment::Held { seen: true } => {
                    held.is_some_and(|mark| self.ledger.messages[&mark].deltas.contains(&self.life))
                }
                Moment::Sends(_) | Moment::Quiet | Moment::Never => false,
            };
            if due || (plan.until != Moment::Never && self.ledger.all_ended()) {
                return;
            }
            tokio::select! {
                Some((life, mark)) = self.model.held.recv() => {
                    held = held.or((life == self.life).then_some(mark));
                }
                frame = peer.next() => {
                    let Ok(frame) = frame else { return };
                    frames += 1;
                    if let Some(mark) = self.ledger.hear(self.life, &frame) {
                        self.ledger.wait(peer, mark).await;
                    }
                }
            }
        }
    }

    /// What was not on the disk is lost, where the power is cut.
    fn cut(&mut self) {
        let cut = match self.below(4) {
            0 => Cut::SyncedOnly,
            1 => Cut::AllNames,
            _ => Cut::Some(self.below(1 << 30) as u64),
        };
        if let Some(power) = &self.starter.power {
            power.cut(&self.starter.state, self.cut.unwrap_or(cut));
        }
    }

    /// Where the messages are that a kill has hit.
    fn look(&mut self) {
        let copy = copy_of_database(&self.starter.state);
        let rows = runs(&Connection::open(copy.path().join("gateway.sqlite")).unwrap());
        let mut idle = true;
        for (mark, message) in &self.ledger.messages {
            if message.has_ended() {
                continue;
            }
            idle = false;
            let row = rows.get(&run_of(*mark));
            assert!(row.is_some() || !message.accepted, "<<{mark}>> was accepted and has no row");
            let asked = self.model.lives(|lives| lives[&self.life].turns.contains_key(mark));
            let place = match row.map(|row| (row.state.as_str(), row.text_sent)) {
                None => "sent, not committed",
                Some(("queued", _)) => "queued",
                Some(("running", false)) if !asked => "begun, before the model",
                Some(("running", false)) => "the model asked, no text",
                Some(("running", true)) => "streaming",
                Some(_) => "ended, the client not told",
            };
            *self.hits.entry(place).or_default() += 1;
        }
        *self.hits.entry("(no message under way)").or_default() += usize::from(idle);
    }
}

/// A run's row.
pub(super) struct Run {
    pub(super) state: String,
    pub(super) text_sent: bool,
}

/// Rows by run id.
pub(super) type Runs = BTreeMap<String, Run>;

/// All runs of a database.
pub(super) fn runs(database: &Connection) -> Runs {
    let known = database.prepare("SELECT run_id, state, text_sent FROM runs");
    // A gateway that was killed before it made its tables has none.
    let Ok(mut known) = known else { return Runs::new() };
    let row = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, Run { state: row.get(1)?, text_sent: row.get(2)? }))
    };
    known.query_map([], row).unwrap().map(Result::unwrap).collect()
}
