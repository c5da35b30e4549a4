//! What a client that keeps the conversation itself sends along with a message: what was said before,
//! and tools that it carries out. OpenAI-style clients do.

use serde::{Deserialize, Serialize};

use super::{Shared, Submission};
use crate::{
    message::{AssistantMessage, Message},
    prompt,
    provider::{ToolChoice, ToolSpec},
    session::SessionEntry,
    store::{HistoryQuery, StoreError},
};

/// How far back in a transcript the last answer is looked for.
const LOOK_BACK: usize = 50;

/// What a client supplies besides its message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Supplied {
    /// The conversation before the message as the client has it, oldest first, or all of it when it ends
    /// with results of the client's tools. The part that the transcript does not have is written to it.
    pub earlier: Vec<Message>,
    /// Tools that the client carries out: a call of one ends the run, and
    /// [`crate::outcome::Outcome::client_calls`] hands it over. One with the name of a tool of ours takes its place.
    pub tools: Vec<ToolSpec>,
    /// Whether the first model call must call a tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// The most tokens that a model call of this run may answer; the model's own limit stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
}

impl Supplied {
    /// Whether a run can answer it without a message of its own: results of tools came.
    pub(crate) fn speaks(&self) -> bool {
        matches!(self.earlier.last(), Some(Message::ToolResult(_)))
    }
}

impl Submission {
    /// The tools that the client carries out.
    pub(crate) fn client_tools(&self) -> &[ToolSpec] {
        self.supplied.as_ref().map_or(&[], |supplied| &supplied.tools)
    }
}

/// What the session's transcript does not have of the conversation that came with a message.
pub(crate) async fn unseen(
    shared: &Shared,
    submission: &Submission,
    session: Option<&SessionEntry>,
) -> Result<Vec<Message>, StoreError> {
    let earlier = submission.supplied.as_ref().map_or(&[][..], |supplied| &supplied.earlier);
    let Some(session) = session.filter(|entry| !earlier.is_empty() && !entry.session_id.is_empty())
    else {
        return Ok(earlier.to_vec());
    };
    let query = HistoryQuery::last_messages(&*session.session_id, LOOK_BACK);
    let known = prompt::history::messages(&shared.store.history(query).await?);
    let last = known.iter().rev().find_map(|message| match message {
        Message::Assistant(answer) => Some(answer),
        _ => None,
    });
    Ok(after(earlier, last).to_vec())
}

/// What follows in `earlier` on the last answer of the transcript; all of it when that is another one.
fn after<'a>(earlier: &'a [Message], known: Option<&AssistantMessage>) -> &'a [Message] {
    let is_answer = |message: &Message| matches!(message, Message::Assistant(_));
    match (earlier.iter().rposition(is_answer), known) {
        (Some(at), Some(known)) if same(&earlier[at], known) => &earlier[at + 1..],
        _ => earlier,
    }
}

/// Whether a client's copy is of this answer. A client was shown the text of the whole run, so its copy
/// may begin with what was said before a tool of ours ran.
fn same(copy: &Message, known: &AssistantMessage) -> bool {
    let Message::Assistant(answer) = copy else { return false };
    let mut ids = answer.tool_calls().map(|call| &call.id).peekable();
    if ids.peek().is_some() {
        return ids.all(|id| known.tool_calls().any(|call| call.id == *id));
    }
    let said = Message::Assistant(known.clone()).text();
    let said = said.trim();
    !said.is_empty() && copy.text().trim().ends_with(said)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(value: serde_json::Value) -> Vec<Message> {
        serde_json::from_value(value).unwrap()
    }

    fn answer(value: serde_json::Value) -> AssistantMessage {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_the_transcript_has_is_left_out() {
        let earlier = messages(json!([
            {"role": "user", "content": "a"}, {"role": "assistant", "content": "Let me see. It is b"},
            {"role": "user", "content": "c"},
        ]));
        let known = answer(json!({"content": [{"type": "text", "text": "It is b"}]}));
        assert_eq!(after(&earlier, Some(&known)), &earlier[2..]);
        let other = answer(json!({"content": [{"type": "text", "text": "Another"}]}));
        assert_eq!(after(&earlier, Some(&other)), &earlier);
        assert_eq!(after(&earlier, None), &earlier);
        assert_eq!(after(&earlier[..1], Some(&known)), &earlier[..1]);
    }

    #[test]
    fn calls_are_known_by_their_ids() {
        let earlier = messages(json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [{"type": "toolCall", "id": "1", "name": "t", "arguments": {}}]},
            {"role": "toolResult", "toolCallId": "1", "toolName": "t", "content": "x"},
        ]));
        let call = |id| answer(json!({"content": [{"type": "toolCall", "id": id, "name": "t"}]}));
        assert_eq!(after(&earlier, Some(&call("1"))), &earlier[2..]);
        assert_eq!(after(&earlier, Some(&call("2"))), &earlier);
    }
}
