//! What must hold after the last life: the ledger, the history, the files and the rows agree.

use std::{fmt::Write as _, path::Path};

use openclaw_tests::{
    Peer,
    crash::model::{mark_of, pieces},
};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    ledger::{Message, SESSIONS, run_of},
    life::{Moment, Plan, Run, Runs, Story, runs},
};

/// What the transcript says where an answer was cut off and not repeated.
const INTERRUPTED: &str = "The gateway stopped while this answer was under way";

impl Story {
    /// The last life: every message comes to its outcome, and everything is looked at. Gives the
    /// table of where the kills fell.
    pub(super) async fn finish(mut self) -> String {
        let plan = Plan::until(Moment::Quiet);
        let (gateway, mut peer) = self.begin(&plan).await;
        self.talk(&mut peer, &plan).await;
        self.listen(&mut peer, &plan).await;
        let marks: Vec<u64> = self.ledger.messages.keys().copied().collect();
        let mut histories = Vec::new();
        for (key, _) in SESSIONS {
            histories.push(history(&mut peer, key, &self.starter.state).await);
        }
        self.ask_again(&mut peer, &marks).await;
        // The farewell is part of a clean stop: a client that does not listen delays it.
        let ((), ended) = tokio::join!(gateway.stop(), peer.ended());
        assert_eq!(ended.code, 1012, "the client is told");
        let database = Connection::open(self.starter.state.join("gateway.sqlite")).unwrap();
        let rows = runs(&database);
        assert_eq!(rows.len(), marks.len(), "a row for each message and none besides");
        for (mark, message) in &self.ledger.messages {
            self.check_message(*mark, message, &rows[&run_of(*mark)]);
        }
        for (session, history) in histories.iter().enumerate() {
            self.check_session(session, history, &rows);
        }
        check_files(&self.starter.state, &histories);
        let mut letters = database
            .prepare("SELECT subject FROM dead_letters WHERE kind = 'interrupted' ORDER BY subject")
            .unwrap();
        let letters = letters.query_map([], |row| row.get(0)).unwrap();
        let letters: Vec<String> = letters.collect::<Result<_, _>>().unwrap();
        let cut_off: Vec<_> =
            rows.iter().filter(|(_, row)| row.state == "interrupted").map(|(id, _)| id).collect();
        assert!(letters.iter().eq(cut_off), "each that was cut off has its dead letter");
        let left = "SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM stale_indexes)";
        let left: i64 = database.query_row(left, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "a clean stop leaves nothing that is not in the files");
        self.table(&rows)
    }

    /// An outcome stays what it was.
    async fn ask_again(&mut self, peer: &mut Peer, marks: &[u64]) {
        for mark in marks {
            let params = json!({"runId": run_of(*mark), "timeoutMs": 20_000});
            let again = peer.call("agent.wait", params).await.unwrap();
            let status = again["status"].as_str().unwrap();
            let outcomes = &self.ledger.messages[mark].outcomes;
            assert_eq!(outcomes.len(), 1, "<<{mark}>> has one outcome: {outcomes:?}");
            let first: Value = serde_json::from_str(outcomes.first().unwrap()).unwrap();
            assert_eq!(
                (&first[0], &first[2]),
                (&json!(status), &again["endedAt"]),
                "<<{mark}>> keeps its outcome"
            );
        }
    }

    fn check_message(&self, mark: u64, message: &Message, row: &Run) {
        assert!(message.accepted, "<<{mark}>> was accepted at last");
        assert!(message.ends <= 1, "<<{mark}>> was told {} times that it ended", message.ends);
        let outcome: Value = serde_json::from_str(message.outcomes.first().unwrap()).unwrap();
        let wanted = if row.state == "ok" { "ok" } else { "error" };
        assert_eq!(outcome[0], wanted, "<<{mark}>> is {} in its row: {outcome}", row.state);
        let (turns, given) = self.model.lives(|lives| {
            let turns = lives.iter().filter_map(|(n, life)| Some((*n, *life.turns.get(&mark)?)));
            let given = lives.values().filter_map(|life| life.pieces.get(&mark)).sum::<usize>();
            (turns.filter(|(_, count)| *count > 0).collect::<Vec<_>>(), given)
        });
        for (at, (life, count)) in turns.iter().enumerate() {
            assert_eq!(*count, 1, "<<{mark}>> was asked {count} times in life {life}");
            let seen = message.deltas.iter().any(|delta| delta < life);
            assert!(at == 0 || !seen, "<<{mark}>> was run again after its text was seen");
        }
        match row.state.as_str() {
            "ok" => assert!(row.text_sent && !turns.is_empty(), "<<{mark}>> was answered"),
            "interrupted" => {
                assert!(row.text_sent && given > 0, "<<{mark}>> could have been run again");
            }
            other => panic!("<<{mark}>> ended as {other}: {outcome}"),
        }
    }

    /// Each message once, in the order in which they were sent, each followed by what became of it.
    fn check_session(&self, session: usize, history: &[Value], rows: &Runs) {
        let sent = self.ledger.messages.iter().filter(|(_, m)| m.session == session);
        let sent: Vec<u64> = sent.map(|(mark, _)| *mark).collect();
        let mut turns: Vec<(u64, Vec<&Value>)> = Vec::new();
        for message in history {
            match (message["role"].as_str().unwrap(), turns.last_mut()) {
                ("user", _) => turns.push((mark_of(&words(message)).unwrap(), Vec::new())),
                (_, Some((_, rest))) => rest.push(message),
                (role, None) => panic!("{role} comes before the first message"),
            }
        }
        let said: Vec<u64> = turns.iter().map(|(mark, _)| *mark).collect();
        assert_eq!(said, sent, "session {session} has each message once and in order");
        for (mark, rest) in turns {
            let row = &rows[&run_of(mark)];
            check_turn(mark, self.ledger.messages[&mark].tool, row.state == "ok", &rest);
        }
    }

    fn table(&self, rows: &Runs) -> String {
        let mut table = String::from("where the kills hit messages:\n");
        for (place, count) in &self.hits {
            writeln!(table, "{count:>6}  {place}").unwrap();
        }
        let interrupted = rows.values().filter(|row| row.state == "interrupted").count();
        let again = self.model.lives(|lives| {
            lives.values().map(|life| life.turns.values().sum::<usize>()).sum::<usize>()
        });
        let total = rows.len();
        writeln!(
            table,
            "{total} messages: {} answered, {interrupted} interrupted, {again} turns asked of the model",
            total - interrupted
        )
        .unwrap();
        table
    }
}

/// What follows a message: its one answer or the one notice, and a tool's call and result at most once.
fn check_turn(mark: u64, tool: bool, answered: bool, rest: &[&Value]) {
    let texts: Vec<String> = rest
        .iter()
        .filter(|message| message["role"] == "assistant")
        .map(|message| words(message))
        .filter(|text| !text.is_empty())
        .collect();
    let [text] = texts.as_slice() else { panic!("<<{mark}>> is answered by {texts:?}") };
    if answered {
        assert_eq!(*text, pieces(mark).concat(), "<<{mark}>>");
    } else {
        assert!(text.starts_with(INTERRUPTED), "<<{mark}>> says that it was cut off: {text}");
    }
    let calls = rest.iter().filter(|message| calls_a_tool(message)).count();
    let results = rest.iter().filter(|message| message["role"] == "toolResult").count();
    assert_eq!((calls, results), (usize::from(tool), usize::from(tool)), "<<{mark}>>: {rest:?}");
    assert_eq!(rest.len(), 1 + calls + results, "<<{mark}>>: {rest:?}");
}

fn calls_a_tool(message: &Value) -> bool {
    message["content"].as_array().into_iter().flatten().any(|part| part["type"] == "toolCall")
}

/// The text of a message.
pub(super) fn words(message: &Value) -> String {
    let parts = message["content"].as_array().into_iter().flatten();
    let texts: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
    message["content"].as_str().map_or_else(|| texts.concat(), str::to_owned)
}

async fn history(peer: &mut Peer, key: &str, state: &Path) -> Vec<Value> {
    let params = json!({"sessionKey": key, "limit": 1000});
    let mut history = peer.call("chat.history", params).await.unwrap_or_else(|error| {
        let log = std::fs::read_to_string(state.join("test.log")).unwrap_or_default();
        panic!("{key}: {error}\n{log}")
    });
    assert_eq!(history["hasMore"], false, "a story fits one page");
    serde_json::from_value(history["messages"].take()).unwrap()
}

/// The files say what the gateway said, in whole lines.
fn check_files(state: &Path, histories: &[Vec<Value>]) {
    let dir = state.join("agents/main/sessions");
    let index = std::fs::read(dir.join("sessions.json")).ok();
    let index: Value = index.map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap());
    for ((_, key), history) in SESSIONS.iter().zip(histories) {
        let Some(id) = index[key]["sessionId"].as_str() else {
            assert!(history.is_empty(), "{key} is missing in sessions.json");
            continue;
        };
        let text = std::fs::read_to_string(dir.join(format!("{id}.jsonl"))).unwrap();
        assert!(text.ends_with('\n'), "{key} ends in a whole line");
        let entries: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(entries[0]["type"], "session");
        let messages = entries.iter().filter(|entry| entry["type"] == "message");
        let in_file: Vec<_> = messages
            .map(|entry| (&entry["id"], &entry["message"]["role"], words(&entry["message"])))
            .collect();
        let told: Vec<_> = history
            .iter()
            .map(|message| (&message["__openclaw"]["id"], &message["role"], words(message)))
            .collect();
        assert_eq!(in_file, told, "{key}");
    }
}
