//! The tool calls of an answer: each is recorded before it runs, and its result after.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt as _;
use serde_json::{Value, json};

use super::{
    entries,
    stream::Answer,
    turn::{Trouble, Turn},
};
use crate::{
    crash,
    message::{AssistantMessage, Message, Part, ToolCallPart, ToolResultMessage},
    observer::{ToolEvent, ToolPhase},
    outcome::ClientCall,
    provider::ToolCall,
    store::{NewStep, StepClass, StoredEntry},
    tool::{Tool, ToolContext, ToolOutput},
};

/// At most so many tool calls in one run; one more ends it with an error.
pub(crate) const MAX_STEPS: u32 = 100;

/// Takes the calls out that the client carries out.
pub(crate) fn take_clients(turn: &Turn<'_>, calls: &mut Vec<ToolCall>) -> Vec<ClientCall> {
    let of_client = |call: &mut ToolCall| turn.is_clients(&call.name);
    calls.extract_if(.., of_client).map(handed_over).collect()
}

fn handed_over(call: ToolCall) -> ClientCall {
    let arguments = match call.arguments {
        Ok(arguments) => arguments.to_string(),
        Err(invalid) => invalid.raw,
    };
    ClientCall { id: call.id, name: call.name, arguments }
}

/// Carries out the calls of an answer, one after the other. Gives the answer and the results, for the next model call.
pub(crate) async fn carry_out(turn: &Turn<'_>, answer: Answer) -> Result<Vec<Message>, Trouble> {
    let Answer { message, calls } = answer;
    {
        let mut progress = turn.progress.lock();
        progress.recorded_calls = false;
        progress.open_calls =
            message.tool_calls().map(|call| (call.id.clone(), call.name.clone())).collect();
    }
    let mut announced = Some(&message);
    let mut results = Vec::with_capacity(calls.len() + 1);
    for call in &calls {
        let result = step(turn, call, announced.take()).await?;
        results.push(Message::ToolResult(result));
    }
    results.insert(0, Message::Assistant(message));
    Ok(results)
}

/// One call: recorded, carried out, recorded. `announced` is the answer that made it, for its first step.
async fn step(
    turn: &Turn<'_>,
    call: &ToolCall,
    announced: Option<&AssistantMessage>,
) -> Result<ToolResultMessage, Trouble> {
    let n = turn.next_step()?;
    let tool = turn.own.get(&call.name);
    let args = call.arguments.clone().unwrap_or_else(|invalid| Value::String(invalid.raw));
    let begin = || {
        let step = NewStep {
            run_id: turn.info().run_id.clone(),
            n,
            tool: call.name.clone(),
            class: tool.map_or(StepClass::Pure, |tool| tool.class()),
            args: step_args(&call.id, &args),
            at: turn.shared.clock.now_ms(),
        };
        let entries = announced.map(entries::assistant).into_iter().collect();
        turn.shared.store.begin_step(step, entries)
    };
    let then = |stored: &Vec<StoredEntry>| {
        if announced.is_some() {
            // What the answer said so far is in the transcript now; the next text is another message.
            turn.live.begin_block();
            turn.progress.lock().recorded_calls = true;
        }
        turn.show(stored);
    };
    turn.commit("begin step", begin, then).await?;
    crash::point("step-begun");
    run_and_record(turn, n, call, tool, args).await
}

/// Runs a call whose step is recorded, and records its result.
async fn run_and_record(
    turn: &Turn<'_>,
    n: u32,
    call: &ToolCall,
    tool: Option<&Arc<dyn Tool>>,
    args: Value,
) -> Result<ToolResultMessage, Trouble> {
    turn.tool_event(call, ToolPhase::Start { args: args.clone() });
    let output = run(turn, call, tool, args).await.bounded();
    let result = ToolResultMessage {
        tool_call_id: call.id.clone(),
        tool_name: call.name.clone(),
        content: vec![Part::text(output.text.clone())],
        details: output.details.clone(),
        is_error: output.is_error,
        timestamp: turn.shared.clock.now_ms(),
        ..ToolResultMessage::default()
    };
    let text = json!({"isError": output.is_error, "result": output.to_value()}).to_string();
    let end = || {
        let entries = vec![entries::tool_result(&result)];
        turn.shared.store.end_step(&turn.info().run_id, n, text.clone(), entries)
    };
    let then = |stored: &Vec<StoredEntry>| {
        turn.progress.lock().open_calls.retain(|(id, _)| *id != call.id);
        turn.show(stored);
    };
    turn.commit("end step", end, then).await?;
    let phase = ToolPhase::Result {
        result: output.to_value(),
        is_error: output.is_error,
        meta: output.meta,
    };
    turn.tool_event(call, phase);
    crash::point("step-done");
    Ok(result)
}

/// The call itself. Whatever goes wrong is told to the model; it never fails the run.
async fn run(
    turn: &Turn<'_>,
    call: &ToolCall,
    tool: Option<&Arc<dyn Tool>>,
    args: Value,
) -> ToolOutput {
    if let Err(invalid) = &call.arguments {
        return ToolOutput::error(&call.name, &invalid.to_string());
    }
    let Some(tool) = tool else {
        return ToolOutput::error(&call.name, "there is no such tool; use one of those on offer");
    };
    let cx = turn.tool_context(&call.id);
    let work = AssertUnwindSafe(tool.call(&cx, args)).catch_unwind();
    match tokio::time::timeout(tool.deadline(), work).await {
        Ok(Ok(output)) => output,
        Ok(Err(panic)) => {
            let panic = crate::runtime::tasks::panic_text(panic.as_ref());
            tracing::error!(tool = call.name, panic, "a tool panicked");
            ToolOutput::error(&call.name, "the tool crashed; whether it took effect is unknown")
        }
        Err(_) => ToolOutput::error(&call.name, "the tool took too long and was stopped"),
    }
}

/// After a restart: the calls of the last answer that have no result yet. Steps that had begun were
/// pure, so they run again under their number; the others are begun now. Gives those of the client.
pub(crate) async fn resume(
    turn: &Turn<'_>,
    messages: &mut Vec<Message>,
) -> Result<Vec<ClientCall>, Trouble> {
    if turn.resumed.is_empty() {
        return Ok(Vec::new());
    }
    let open = crate::prompt::history::open_calls(messages);
    let (clients, open): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|call| turn.is_clients(&call.name));
    turn.progress.lock().open_calls =
        open.iter().map(|call| (call.id.clone(), call.name.clone())).collect();
    turn.progress.lock().recorded_calls = !open.is_empty();
    for part in open {
        let begun = turn.resumed.iter().find(|step| {
            step.result.is_none() && call_id(&step.step.args).as_deref() == Some(&part.id)
        });
        let raw = part.arguments.to_string();
        let call = ToolCall::parse(part.id, part.name, raw);
        let result = match begun {
            Some(step) => {
                let tool = turn.own.get(&call.name);
                let args = call.arguments.clone().unwrap_or_default();
                run_and_record(turn, step.step.n, &call, tool, args).await?
            }
            None => step(turn, &call, None).await?,
        };
        messages.push(Message::ToolResult(result));
    }
    let parse =
        |part: ToolCallPart| ToolCall::parse(part.id, part.name, part.arguments.to_string());
    Ok(clients.into_iter().map(parse).map(handed_over).collect())
}

/// A step's row holds the call's id beside its arguments.
fn step_args(call_id: &str, args: &Value) -> String {
    json!({"toolCallId": call_id, "arguments": args}).to_string()
}

/// The call's id in a step's row.
pub(crate) fn call_id(args: &str) -> Option<String> {
    let value: Value = serde_json::from_str(args).ok()?;
    Some(value.get("toolCallId")?.as_str()?.to_owned())
}

impl Turn<'_> {
    fn tool_event(&self, call: &ToolCall, phase: ToolPhase) {
        let event = ToolEvent {
            tool_call_id: call.id.as_str().into(),
            name: call.name.as_str().into(),
            phase,
        };
        self.shared.observer.run_tool(self.live, &event);
    }

    fn tool_context(&self, call_id: &str) -> ToolContext {
        let info = self.info();
        let model = self.model();
        ToolContext {
            run_id: info.run_id.clone(),
            tool_call_id: call_id.into(),
            session_key: info.session_key.clone(),
            agent_id: info.agent_id.clone(),
            principal: Arc::clone(&info.principal),
            workspace: Arc::clone(&self.workspace),
            provider: model.provider.as_str().into(),
            model: model.id.as_str().into(),
            context_window: model.context_window,
            usage: self.progress.lock().usage(),
            clock: Arc::clone(&self.shared.clock),
        }
    }
}
