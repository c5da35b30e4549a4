//! One model call: its stream becomes the run's live text and, at its end, one message.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::turn::{Trouble, Turn};
use crate::{
    crash,
    message::{AssistantMessage, Part, StopReason, TextPart, ThinkingPart, ToolCallPart, Usage},
    provider::{Delta, DeltaStream, ModelInfo, ProviderError, ToolCall},
};

/// Watchers hear of new text at most once in this time, for each run.
pub(crate) const PACE: Duration = Duration::from_millis(125);

/// What a model call gave.
pub(crate) struct Answer {
    /// The message, ready for the transcript.
    pub(crate) message: AssistantMessage,
    /// The tool calls in it.
    pub(crate) calls: Vec<ToolCall>,
}

/// Reads a stream to its end.
pub(crate) async fn read(
    turn: &Turn<'_>,
    model: &ModelInfo,
    mut stream: DeltaStream,
) -> Result<Answer, Trouble> {
    let mut draft = Draft::default();
    let mut text = Pace::default();
    let mut thinking = Pace::default();
    loop {
        let due = text.due().into_iter().chain(thinking.due()).min();
        let next = match due {
            Some(due) => timeout_at(due, stream.next()).await,
            None => Ok(stream.next().await),
        };
        match next {
            Ok(None) => return Err(cut_off(&model.provider).into()),
            Ok(Some(Err(error))) => return Err(error.into()),
            Ok(Some(Ok(Delta::Text(piece)))) if !piece.is_empty() => {
                turn.mark_text_sent().await?;
                turn.live.push(&piece);
                text.waits = true;
                draft.text(piece);
            }
            Ok(Some(Ok(Delta::Thinking { text, signature, redacted }))) => {
                turn.live.push_thinking(&text);
                thinking.waits |= !text.is_empty();
                draft.thinking(&text, signature, redacted);
            }
            Ok(Some(Ok(Delta::ToolCall(call)))) => draft.call(call),
            Ok(Some(Ok(Delta::Usage(usage)))) => draft.usage = Some(usage),
            // Nothing new, or only a pause in the stream: what waits is shown below.
            Ok(Some(Ok(Delta::Text(_)))) | Err(_) => {}
            Ok(Some(Ok(Delta::Done { stop, response_id }))) => {
                return Ok(draft.done(turn, model, stop, response_id));
            }
        }
        if text.is_due() {
            turn.shared.observer.run_text(turn.live);
        }
        if thinking.is_due() {
            turn.shared.observer.run_thinking(turn.live);
        }
    }
}

fn cut_off(provider: &str) -> ProviderError {
    ProviderError::Malformed {
        provider: provider.to_owned(),
        reason: "its answer has no end".to_owned(),
    }
}

/// Lets the first piece through at once and later ones in bundles.
#[derive(Default)]
struct Pace {
    last: Option<Instant>,
    waits: bool,
}

impl Pace {
    /// When what waits may be shown.
    fn due(&self) -> Option<Instant> {
        self.last.filter(|_| self.waits).map(|last| last + PACE)
    }

    /// Whether something waits and may be shown now; then it counts as shown.
    fn is_due(&mut self) -> bool {
        let due = self.waits && self.last.is_none_or(|last| last.elapsed() >= PACE);
        if due {
            self.last = Some(Instant::now());
            self.waits = false;
        }
        due
    }
}

/// The message as it grows.
#[derive(Default)]
struct Draft {
    content: Vec<Part>,
    calls: Vec<ToolCall>,
    usage: Option<Usage>,
    /// The last thinking part is complete: more thinking begins another one.
    sealed: bool,
}

impl Draft {
    fn text(&mut self, piece: String) {
        match self.content.last_mut() {
            Some(Part::Text(part)) => part.text.push_str(&piece),
            _ => self.content.push(Part::Text(TextPart { text: piece, ..TextPart::default() })),
        }
    }

    fn thinking(&mut self, piece: &str, signature: Option<String>, redacted: bool) {
        let open =
            matches!(self.content.last(), Some(Part::Thinking(part)) if part.redacted == redacted);
        if !open || self.sealed {
            self.content.push(Part::Thinking(ThinkingPart { redacted, ..ThinkingPart::default() }));
        }
        self.sealed = signature.is_some();
        if let Some(Part::Thinking(part)) = self.content.last_mut() {
            part.thinking.push_str(piece);
            part.thinking_signature = signature.or(part.thinking_signature.take());
        }
    }

    fn call(&mut self, call: ToolCall) {
        let arguments = match &call.arguments {
            Ok(arguments) => arguments.clone(),
            // A transcript holds objects only; the model sees in the result what it sent.
            Err(_) => serde_json::json!({}),
        };
        self.content.push(Part::ToolCall(ToolCallPart {
            id: call.id.clone(),
            name: call.name.clone(),
            arguments,
            ..ToolCallPart::default()
        }));
        self.calls.push(call);
    }

    fn done(
        self,
        turn: &Turn<'_>,
        model: &ModelInfo,
        stop: StopReason,
        response_id: Option<String>,
    ) -> Answer {
        let usage = model.priced(self.usage.unwrap_or_default());
        turn.count(&usage);
        let stop = if self.calls.is_empty() { stop } else { StopReason::ToolUse };
        let message = AssistantMessage {
            content: self.content,
            api: model.api.as_str().to_owned(),
            provider: model.provider.clone(),
            model: model.id.clone(),
            usage: Some(usage),
            stop_reason: Some(stop),
            timestamp: turn.shared.clock.now_ms(),
            response_id,
            ..AssistantMessage::default()
        };
        Answer { message, calls: self.calls }
    }
}

impl Turn<'_> {
    /// Before the first text of the run is shown to anybody, the store knows.
    async fn mark_text_sent(&self) -> Result<(), Trouble> {
        if !self.progress.lock().text_sent {
            crash::point("first-delta");
            let mark = || self.shared.store.mark_text_sent(&self.info().run_id);
            let then = |(): &()| self.progress.lock().text_sent = true;
            self.commit("mark text sent", mark, then).await?;
            crash::point("text-marked");
        }
        Ok(())
    }
}
