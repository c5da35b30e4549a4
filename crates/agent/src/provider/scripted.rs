//! A provider for tests: every call is handed to the test, which answers it piece by piece.
//!
//! ```
//! # use openclaw_agent::provider::{scripted::Scripted, Provider as _, ModelRequest, Delta};
//! # use futures_util::StreamExt as _;
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let (provider, mut calls) = Scripted::new();
//! let request = ModelRequest::new(std::sync::Arc::new(openclaw_agent::provider::scripted::model()), vec![]);
//! let mut stream = provider.stream(request).await.unwrap();
//! let call = calls.next().await;
//! call.text("hello");
//! assert_eq!(stream.next().await, Some(Ok(Delta::Text("hello".into()))));
//! call.done();
//! # });
//! ```

use std::{collections::VecDeque, sync::Arc};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    Api, Compat, Delta, DeltaStream, ModelInfo, ModelRequest, Price, Provider, ProviderError,
    ToolCall,
};
use crate::message::{StopReason, Usage};

/// The provider's id.
pub const PROVIDER: &str = "scripted";

/// A model to call it with: `scripted/test`.
pub fn model() -> ModelInfo {
    ModelInfo {
        provider: PROVIDER.to_owned(),
        id: "test".to_owned(),
        name: "Scripted".to_owned(),
        api: Api::Demo,
        reasoning: false,
        images: false,
        context_window: 128_000,
        max_tokens: None,
        price: Price::default(),
        compat: Compat::default(),
    }
}

/// One answer: what a call gives, in order. With an error in the first place the call never
/// begins; without a [`Delta::Done`] it hangs once the rest is given.
pub type Answer = Vec<Result<Delta, ProviderError>>;

/// An answer of one text.
pub fn text(text: &str) -> Answer {
    vec![Ok(Delta::Text(text.to_owned())), Ok(end(StopReason::Stop))]
}

/// An answer that calls tools: id, name and arguments each.
pub fn tools<'a>(calls: impl IntoIterator<Item = (&'a str, &'a str, Value)>) -> Answer {
    let call = |(id, name, arguments)| Ok(tool_call(id, name, arguments));
    calls.into_iter().map(call).chain([Ok(end(StopReason::ToolUse))]).collect()
}

fn tool_call(id: &str, name: &str, arguments: Value) -> Delta {
    Delta::ToolCall(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: Ok(arguments) })
}

fn end(stop: StopReason) -> Delta {
    Delta::Done { stop, response_id: None }
}

/// The provider's side of the script.
#[derive(Debug)]
pub struct Scripted {
    calls: mpsc::UnboundedSender<Call>,
    answers: Mutex<VecDeque<Answer>>,
}

/// The test's side: the calls in the order they were made.
#[derive(Debug)]
pub struct Calls(mpsc::UnboundedReceiver<Call>);

/// One call, to be answered by the test. Holding it lets the call hang; dropping it before its end
/// breaks the answer off.
#[derive(Debug)]
pub struct Call {
    /// What was asked.
    pub request: ModelRequest,
    deltas: mpsc::UnboundedSender<Result<Delta, ProviderError>>,
}

impl Scripted {
    /// A provider whose calls the test answers by hand. Its queues are unbounded: the test alone
    /// decides how much goes in.
    pub fn new() -> (Arc<Self>, Calls) {
        Self::answers([])
    }

    /// A provider that gives one of these answers a call, in order; later calls are answered by
    /// hand. Every call is seen by the test, which may also drop [`Calls`] at once.
    pub fn answers(answers: impl IntoIterator<Item = Answer>) -> (Arc<Self>, Calls) {
        let (calls, receiver) = mpsc::unbounded_channel();
        let answers = Mutex::new(answers.into_iter().collect());
        (Arc::new(Self { calls, answers }), Calls(receiver))
    }
}

#[async_trait]
impl Provider for Scripted {
    fn id(&self) -> &'static str {
        PROVIDER
    }

    async fn stream(&self, request: ModelRequest) -> Result<DeltaStream, ProviderError> {
        let (deltas, receiver) = mpsc::unbounded_channel();
        let call = Call { request, deltas };
        let answer = self.answers.lock().pop_front();
        let refusal = answer.as_ref().and_then(|answer| answer.first()?.as_ref().err().cloned());
        if refusal.is_none() {
            answer.into_iter().flatten().for_each(|delta| call.push(delta));
        }
        // A test that does not look at its calls has dropped the receiver.
        drop(self.calls.send(call));
        refusal.map_or_else(|| Ok(deltas_of(receiver)), Err)
    }
}

/// The pieces up to the end or the first error; a script that breaks off is an error too.
fn deltas_of(receiver: mpsc::UnboundedReceiver<Result<Delta, ProviderError>>) -> DeltaStream {
    stream::unfold(Some(receiver), |receiver| async move {
        let mut receiver = receiver?;
        let broken = || Err(ProviderError::malformed(PROVIDER, "the script broke off"));
        let delta = receiver.recv().await.unwrap_or_else(broken);
        let over = matches!(delta, Ok(Delta::Done { .. }) | Err(_));
        Some((delta, (!over).then_some(receiver)))
    })
    .boxed()
}

impl Calls {
    /// The next call.
    ///
    /// # Panics
    /// When the provider is gone: no further call can come.
    #[expect(clippy::expect_used, reason = "a test double: a test must fail here")]
    pub async fn next(&mut self) -> Call {
        self.0.recv().await.expect("the provider is gone")
    }

    /// A call that was made already, if there is one.
    pub fn try_next(&mut self) -> Option<Call> {
        self.0.try_recv().ok()
    }
}

impl Call {
    /// Gives a piece; one that comes after the call was cancelled is lost.
    pub fn push(&self, delta: Result<Delta, ProviderError>) {
        drop(self.deltas.send(delta));
    }

    /// Gives text.
    pub fn text(&self, text: &str) {
        self.push(Ok(Delta::Text(text.to_owned())));
    }

    /// Gives a tool call.
    pub fn tool(&self, id: &str, name: &str, arguments: Value) {
        self.push(Ok(tool_call(id, name, arguments)));
    }

    /// Gives the tokens so far.
    pub fn usage(&self, input: u64, output: u64) {
        self.push(Ok(Delta::Usage(Usage::tokens(input, output, 0, 0))));
    }

    /// Ends the call well.
    pub fn done(self) {
        self.stop(StopReason::Stop);
    }

    /// Ends the call with a reason.
    pub fn stop(self, stop: StopReason) {
        self.push(Ok(end(stop)));
    }

    /// Ends the call with an error.
    pub fn fail(self, error: ProviderError) {
        self.push(Err(error));
    }

    /// Resolves once the caller has dropped the stream, which cancels the call.
    pub async fn cancelled(&self) {
        self.deltas.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::{StreamExt as _, TryStreamExt as _};

    use super::{Scripted, end, model, text};
    use crate::{
        message::StopReason,
        provider::{Delta, ModelRequest, Provider as _, ProviderError},
    };

    fn request() -> ModelRequest {
        ModelRequest::new(Arc::new(model()), Vec::new())
    }

    #[tokio::test]
    async fn answers_come_in_order_and_a_first_error_refuses_the_call() {
        let (provider, _) = Scripted::answers([vec![Err(ProviderError::Cancelled)], text("a")]);
        assert_eq!(provider.stream(request()).await.err(), Some(ProviderError::Cancelled));
        let stream = provider.stream(request()).await.unwrap();
        let deltas: Vec<Delta> = stream.try_collect().await.unwrap();
        assert_eq!(deltas, [Delta::Text("a".into()), end(StopReason::Stop)]);
    }

    #[tokio::test]
    async fn the_test_sees_a_cancelled_call_and_can_break_one_off() {
        let (provider, mut calls) = Scripted::new();
        let stream = provider.stream(request()).await.unwrap();
        let call = calls.next().await;
        drop(stream);
        call.cancelled().await;

        let mut stream = provider.stream(request()).await.unwrap();
        drop(calls.next().await);
        assert!(stream.next().await.unwrap().is_err());
        assert!(stream.next().await.is_none());
    }
}
