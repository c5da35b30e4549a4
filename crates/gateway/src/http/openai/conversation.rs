//! From the messages of a request to what is asked now, what was said before, and what the system says.

use std::collections::BTreeMap;

use openclaw_agent::{
    message::{
        AssistantMessage, Content as Kept, Message, Part, StopReason, ToolCallPart,
        ToolResultMessage, UserMessage,
    },
    provider::ToolCall,
};

use super::{
    super::problem::Problem,
    content::{Room, Words},
    request::{Called, Said},
};

/// The provider and model of answers that the client tells of; those of what this gateway did not ask a model for.
const TOLD: (&str, &str) = ("openclaw", "gateway-injected");

/// A conversation, taken apart.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    /// What system and developer say, for this run only.
    pub(super) system: Option<String>,
    /// What was said before, oldest first; all of it when it ends with results of tools.
    pub(super) earlier: Vec<Message>,
    /// What is asked now; nothing when results of tools came.
    pub(super) now: Words,
}

/// Takes the messages of a request apart. The last message of a user or a tool is the one that is
/// answered; what comes after it is passed over.
pub(super) fn read(messages: &[Said], room: &mut Room, at: i64) -> Result<Conversation, Problem> {
    let missing = || Problem::invalid("Missing user message in `messages`.");
    let asks = |said: &Said| matches!(said.role.as_str(), "user" | "tool" | "function");
    let active = messages.iter().rposition(asks).ok_or_else(missing)?;
    let mut conversation = Conversation::default();
    let mut system = Vec::new();
    let mut names = BTreeMap::new();
    if messages[active].role == "user" {
        conversation.now = room.read(messages[active].content.as_ref())?;
        if conversation.now.text.trim().is_empty() && conversation.now.pictures.is_empty() {
            return Err(missing());
        }
    }
    for (n, said) in messages.iter().enumerate() {
        match said.role.as_str() {
            "system" | "developer" => system.push(room.read(said.content.as_ref())?.text),
            "user" if n < active => {
                let words = room.read(said.content.as_ref())?;
                conversation.earlier.extend(user(words, at));
            }
            "assistant" if n < active => {
                let words = room.read(said.content.as_ref())?;
                let calls = said.tool_calls.as_deref().unwrap_or_default();
                conversation.earlier.extend(answer(&words.text, calls, &mut names, at));
            }
            "tool" if n <= active => {
                let words = room.read(said.content.as_ref())?;
                conversation.earlier.push(result(said, words, &names, at)?);
            }
            // Roles that are not known here say nothing.
            _ => {}
        }
    }
    let spoken = |message: &Message| matches!(message, Message::User(_));
    if messages[active].role != "user" && !conversation.earlier.iter().any(spoken) {
        return Err(missing());
    }
    let system = system.join("\n\n");
    conversation.system = (!system.trim().is_empty()).then_some(system);
    Ok(conversation)
}

fn user(words: Words, at: i64) -> Option<Message> {
    let parts = parts(words);
    let content = Kept::Parts(parts);
    let message = UserMessage { content, timestamp: at, ..UserMessage::default() };
    (!message.content.is_empty()).then_some(Message::User(message))
}

fn parts(words: Words) -> Vec<Part> {
    let text = (!words.text.is_empty()).then(|| Part::text(words.text));
    let pictures = words.pictures.into_iter().map(|p| Part::image(p.data, p.mime_type));
    text.into_iter().chain(pictures).collect()
}

fn answer(
    text: &str,
    calls: &[Called],
    names: &mut BTreeMap<String, String>,
    at: i64,
) -> Option<Message> {
    let mut content = Vec::new();
    if !text.is_empty() {
        content.push(Part::text(text));
    }
    for call in calls {
        let Some(function) = &call.function else { continue };
        names.insert(call.id.clone(), function.name.clone());
        let parsed =
            ToolCall::parse(call.id.clone(), function.name.clone(), function.arguments.clone());
        content.push(Part::ToolCall(ToolCallPart {
            id: parsed.id,
            name: parsed.name,
            arguments: parsed.arguments.unwrap_or_else(|_| serde_json::json!({})),
            ..ToolCallPart::default()
        }));
    }
    let calls = content.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let message = AssistantMessage {
        stop_reason: Some(if calls { StopReason::ToolUse } else { StopReason::Stop }),
        content,
        provider: TOLD.0.to_owned(),
        model: TOLD.1.to_owned(),
        timestamp: at,
        ..AssistantMessage::default()
    };
    (!message.content.is_empty()).then_some(Message::Assistant(message))
}

fn result(
    said: &Said,
    words: Words,
    names: &BTreeMap<String, String>,
    at: i64,
) -> Result<Message, Problem> {
    let id = said.tool_call_id.as_deref().filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Problem::invalid("Missing `tool_call_id` in a tool message."))?;
    Ok(Message::ToolResult(ToolResultMessage {
        tool_call_id: id.to_owned(),
        tool_name: names.get(id).cloned().unwrap_or_default(),
        content: parts(words),
        timestamp: at,
        ..ToolResultMessage::default()
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::gateway::Endpoint;

    fn read_of(messages: Value) -> Result<Conversation, Problem> {
        let messages: Vec<Said> = serde_json::from_value(messages).unwrap();
        read(&messages, &mut Room::of(&Endpoint::default()), 7)
    }

    fn roles(conversation: &Conversation) -> Vec<&str> {
        conversation.earlier.iter().map(Message::role).collect()
    }

    #[test]
    fn the_last_user_is_answered_and_the_rest_was_before() {
        let conversation = read_of(json!([
            {"role": "system", "content": "be brief"}, {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"}, {"role": "developer", "content": "in verse"},
            {"role": "user", "content": "c"}, {"role": "assistant", "content": "prefill"},
        ]))
        .unwrap();
        assert_eq!(conversation.system.as_deref(), Some("be brief\n\nin verse"));
        assert_eq!(
            (roles(&conversation), conversation.now.text.as_str()),
            (vec!["user", "assistant"], "c")
        );
    }

    #[test]
    fn results_of_tools_are_answered_without_words() {
        let call = json!({"id": "1", "type": "function", "function": {"name": "t", "arguments": "{\"a\":1}"}});
        let conversation = read_of(json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "x"},
        ]))
        .unwrap();
        assert_eq!(roles(&conversation), ["user", "assistant", "toolResult"]);
        assert!(conversation.now.text.is_empty());
        let Some(Message::ToolResult(result)) = conversation.earlier.last() else { panic!() };
        assert_eq!((result.tool_name.as_str(), result.timestamp), ("t", 7));
        let Message::Assistant(answer) = &conversation.earlier[1] else { panic!() };
        assert_eq!(answer.tool_calls().next().unwrap().arguments, json!({"a": 1}));
    }

    #[test]
    fn without_a_user_there_is_nothing_to_answer() {
        for messages in [
            json!([]),
            json!([{"role": "system", "content": "x"}]),
            json!([{"role": "user", "content": "  "}]),
            json!([{"role": "user"}]),
            json!([{"role": "tool", "tool_call_id": "1", "content": "x"}]),
            json!([{"role": "user", "content": "x"}, {"role": "tool", "content": "x"}]),
        ] {
            assert!(read_of(messages.clone()).is_err(), "{messages}");
        }
    }
}
