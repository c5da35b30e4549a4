//! Slash commands that the gateway answers itself: no model is asked, and the transcript gets the
//! answer alone, as OpenClaw writes it. Every other word after a slash is text like any other.

use serde_json::{Value, json};

use super::{
    begin::{self, CannotBegin, Prepared},
    ending::{self, Ending, SessionFigures},
    entries,
    persist::persist,
    reset,
};
use crate::{
    commands,
    live::RunInfo,
    message::{AssistantMessage, Message, Part},
    outcome::RunStatus,
    runtime::{Shared, Submission},
    session::SessionEntry,
    store::{Begin, RunRecord, session_edit},
};

/// A command, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// `/new`, `/reset`: a new, empty transcript.
    Reset,
    /// `/help`: the commands that there are.
    Help,
    /// `/status`: the model, the session and its tokens.
    Status,
    /// `/model`: the session's model; with a name, another one from now on.
    Model(Option<String>),
}

/// The word after `/model` that takes a choice back.
const DEFAULT: &str = "default";

/// The command that a message is, when its sender may give it.
pub(crate) fn of(submission: &Submission) -> Option<Command> {
    let mut words = submission.text.split_whitespace();
    let name = words.next().filter(|name| name.starts_with('/'))?.to_ascii_lowercase();
    let argument = words.next().map(str::to_owned);
    if words.next().is_some() || !submission.attachments.is_empty() {
        return None;
    }
    match (name.as_str(), argument) {
        ("/new" | "/reset", None) => submission.may_reset.then_some(Command::Reset),
        ("/help", None) => submission.may_ask.then_some(Command::Help),
        ("/status", None) => submission.may_ask.then_some(Command::Status),
        ("/model", argument) => submission.may_ask.then_some(Command::Model(argument)),
        _ => None,
    }
}

/// Carries a command out. `begun` is the run's row when a stop of the program cut it off after its
/// begin: what it changes was changed in that commit or before it.
pub(super) async fn carry_out(
    shared: &Shared,
    info: RunInfo,
    submission: &Submission,
    (command, begun): (Command, Option<RunRecord>),
) {
    let answered = match (&command, begun) {
        (Command::Reset, None) => reset::reset(shared, &info, submission).await,
        (Command::Reset, Some(record)) => Ok((record, reset::NOTICE.to_owned())),
        (_, begun) => answer(shared, &info, submission, (&command, begun)).await,
    };
    let (record, text) = match answered {
        Ok(answered) => answered,
        Err(error) => return super::fail(shared, &info, error).await,
    };
    let info = RunInfo {
        session_id: record.session_id.as_deref().unwrap_or_default().into(),
        started_at: record.started_at.unwrap_or(info.started_at),
        ..info
    };
    let message = marked(&command, &info, &text, shared.clock.now_ms());
    let ending = Ending {
        status: RunStatus::Ok,
        stop_reason: "stop".to_owned(),
        error: None,
        client_calls: Vec::new(),
        entries: vec![entries::assistant(&message)],
        text: Some(text),
        message: serde_json::to_value(Message::Assistant(message)).ok(),
        session: Some(SessionFigures::default()),
        given_up: None,
    };
    ending::finish(shared, &info, None, ending).await;
}

/// The answer with OpenClaw's marks: the status is never shown to a model.
fn marked(command: &Command, info: &RunInfo, text: &str, at: i64) -> AssistantMessage {
    let mut message = entries::injected(text, at);
    message.extra.insert("idempotencyKey".to_owned(), json!(info.run_id));
    match command {
        Command::Status => {
            message.extra.insert("excludeFromContext".to_owned(), Value::Bool(true));
            message.extra.insert("__openclaw".to_owned(), json!({"contextFreeCommand": true}));
        }
        Command::Reset => {
            if let Some(Part::Text(part)) = message.content.first_mut() {
                part.extra.insert("openclawStatusNotice".to_owned(), Value::Bool(true));
            }
        }
        Command::Help | Command::Model(_) => {}
    }
    message
}

async fn answer(
    shared: &Shared,
    info: &RunInfo,
    submission: &Submission,
    (command, begun): (&Command, Option<RunRecord>),
) -> Result<(RunRecord, String), CannotBegin> {
    let prepared =
        persist(&shared.stop, "read session", || begin::prepare(shared, submission)).await?;
    let (text, choice) = match command {
        Command::Status => (status(&prepared, submission), None),
        Command::Model(None) => (current(&prepared, submission), None),
        Command::Model(Some(name)) => choose(shared, submission, name),
        Command::Help | Command::Reset => (commands::help(submission.may_reset), None),
    };
    if let Some(record) = begun {
        return Ok((record, text));
    }
    let write = || {
        let begin = prepared.begin_with(submission, Vec::new(), shared.clock.now_ms());
        shared.store.begin(&info.run_id, with_model(begin, choice.clone()))
    };
    let begun = persist(&shared.stop, "begin", write).await?;
    Ok((begun.run, text))
}

/// What the session chooses from now on: provider and model, or neither.
type Choice = Option<(String, String)>;

/// A begin that also writes down which model was chosen.
fn with_model(begin: Begin, choice: Option<Choice>) -> Begin {
    let Some(choice) = choice else { return begin };
    let Begin { session, cwd, entries, at } = begin;
    let session = session_edit(move |entry| {
        let (provider_override, model_override) = choice.unzip();
        Ok(SessionEntry { model_override, provider_override, ..session(entry)? })
    });
    Begin { session, cwd, entries, at }
}

fn choose(shared: &Shared, submission: &Submission, name: &str) -> (String, Option<Choice>) {
    if !submission.may_reset {
        let text = "The model was not changed: that needs the scope operator.admin.";
        return (text.to_owned(), None);
    }
    let default = name.eq_ignore_ascii_case(DEFAULT);
    match shared.models.resolve(&submission.agent_id, (!default).then_some(name)) {
        Ok(model) if default => {
            (format!("Model reset to default ({}).", model.info.reference()), Some(None))
        }
        Ok(model) => {
            let chosen = (model.info.provider.clone(), model.info.id.clone());
            (format!("Model set to {}.", model.info.reference()), Some(Some(chosen)))
        }
        Err(error) => (format!("The model was not changed: {error}"), None),
    }
}

fn current(prepared: &Prepared, submission: &Submission) -> String {
    let current = format!("Current: {}", model(prepared));
    if !submission.may_reset {
        return current;
    }
    format!("{current}\nSwitch: /model <provider/model>\nBack: /model {DEFAULT}")
}

fn model(prepared: &Prepared) -> String {
    match (prepared.first_model(), &prepared.model) {
        (Some(model), _) => model.reference(),
        (None, Err(error)) => format!("none ({error})"),
        (None, Ok(_)) => "none".to_owned(),
    }
}

fn status(prepared: &Prepared, submission: &Submission) -> String {
    let before = prepared.before.as_ref();
    let used = before.and_then(|entry| entry.total_tokens).unwrap_or(0);
    let window = prepared.first_model().map_or(0, |model| model.context_window);
    let share = used.saturating_mul(100).checked_div(window).unwrap_or(0);
    let thinking = prepared.thinking.map_or(DEFAULT, |level| level.as_str());
    format!(
        "🦞 OpenClaw in Rust {}\n🧠 Model: {}\n📚 Context: {used}/{window} ({share}%)\n🧵 Session: {}\n⚙️ Think: {thinking}",
        env!("CARGO_PKG_VERSION"),
        model(prepared),
        submission.session_key,
    )
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::ids::{RunId, SessionKey};

    use super::*;
    use crate::runtime::is_stop_phrase;

    fn command(text: &str, may_ask: bool, may_reset: bool) -> Option<Command> {
        let plain = Submission::new(RunId::new("r"), SessionKey::new("agent:main:main"), text);
        of(&Submission { may_reset, may_ask, ..plain })
    }

    #[test]
    fn every_listed_command_is_carried_out() {
        for admin in [true, false] {
            for listed in commands::of(admin) {
                let text = format!("/{}", listed.name);
                let done = command(&text, true, admin).is_some() || is_stop_phrase(&text);
                assert!(done, "{text}");
                let argument = command(&format!("{text} word"), true, admin).is_some();
                assert!(argument || listed.argument.is_none(), "{text}");
            }
        }
    }

    #[test]
    fn a_command_is_a_whole_message_of_one_who_may_give_it() {
        assert_eq!(command(" /Status ", true, false), Some(Command::Status));
        assert_eq!(command("/help", true, false), Some(Command::Help));
        assert_eq!(command("/model", true, false), Some(Command::Model(None)));
        assert_eq!(command("/model a/b", true, true), Some(Command::Model(Some("a/b".into()))));
        assert_eq!(command("/new", false, true), Some(Command::Reset));
        for text in
            ["/status please", "status", "/unknowncmd", "/model a b", "/new x", "hi /help", ""]
        {
            assert_eq!(command(text, true, true), None, "{text}");
        }
        assert_eq!(command("/new", true, false), None);
        assert_eq!(command("/status", false, true), None);
    }
}
