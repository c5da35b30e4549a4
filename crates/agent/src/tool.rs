//! Tools: what a model may call. A tool says what it does to the world ([`StepClass`]), so that a
//! restart knows what may run again.

mod beneath;
pub mod policy;
pub mod read;
pub mod session_status;

use std::{
    collections::BTreeMap,
    fmt,
    marker::PhantomData,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use openclaw_protocol::ids::{AgentId, RunId, SessionKey};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub use self::{
    beneath::{OpenError, open_beneath},
    policy::ToolPolicy,
};
use crate::{clock::Clock, outcome::RunUsage, provider::ToolSpecs};
pub use crate::{provider::ToolSpec, store::StepClass};

/// The longest text a tool gives to the model, in bytes; what is longer is cut, and the model is told.
pub const MAX_OUTPUT_BYTES: usize = 64 * 1024;

/// How long a call may take unless the tool says otherwise.
pub const DEFAULT_DEADLINE: Duration = Duration::from_mins(2);

/// Where and for whom a tool runs. Authority comes from here, never from the arguments.
#[derive(Clone)]
pub struct ToolContext {
    /// The run.
    pub run_id: RunId,
    /// The call's id as the model gave it. With the run's id it is the key of a keyed step.
    pub tool_call_id: Arc<str>,
    /// The session.
    pub session_key: SessionKey,
    /// The agent.
    pub agent_id: AgentId,
    /// Who asked for the run.
    pub principal: Arc<str>,
    /// The agent's workspace.
    pub workspace: Arc<Path>,
    /// The provider that runs the turn.
    pub provider: Arc<str>,
    /// The model that runs the turn.
    pub model: Arc<str>,
    /// The size of its context window in tokens.
    pub context_window: u64,
    /// Tokens of this run so far.
    pub usage: RunUsage,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// What a tool gives back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolOutput {
    /// The text for the model.
    pub text: String,
    /// More for programs; the model does not see it.
    pub details: Option<Value>,
    /// It failed; the text says why.
    pub is_error: bool,
    /// One line about the call for people, for example `from AGENTS.md`.
    pub meta: Option<String>,
}

impl ToolOutput {
    /// A good result.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A failure that the model is told about, so that it can try something else.
    pub fn error(tool: &str, message: &str) -> Self {
        let details = json!({"status": "error", "tool": tool, "error": message});
        let text = format!("{details:#}");
        Self { text, details: Some(details), is_error: true, meta: None }
    }

    /// Adds the line for people.
    #[must_use]
    pub fn with_meta(self, meta: impl Into<String>) -> Self {
        Self { meta: Some(meta.into()), ..self }
    }

    /// Cuts the text at [`MAX_OUTPUT_BYTES`] and says so in it; details that are longer are left out.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        if self.text.len() > MAX_OUTPUT_BYTES {
            let end = self.text.floor_char_boundary(MAX_OUTPUT_BYTES);
            let cut = self.text.len() - end;
            self.text.truncate(end);
            let note = format!("\n[{cut} more bytes were left out]");
            self.text.push_str(&note);
        }
        self.details = self.details.filter(|value| value.to_string().len() <= MAX_OUTPUT_BYTES);
        self
    }

    /// `{content:[{type:text,text}], details?}`, as tool events and transcripts carry it.
    pub fn to_value(&self) -> Value {
        let mut value = json!({"content": [{"type": "text", "text": self.text}]});
        if let Some(details) = &self.details {
            value["details"] = details.clone();
        }
        value
    }
}

/// A tool.
#[async_trait]
pub trait Tool: Send + Sync {
    /// What models call it by.
    fn name(&self) -> &str;

    /// What the model is told; its name is [`name`](Self::name).
    fn spec(&self) -> &ToolSpec;

    /// What a call does to the world.
    fn class(&self) -> StepClass;

    /// A short name for people.
    fn label(&self) -> &str {
        self.name()
    }

    /// How long a call may take; after that the model is told that it took too long.
    fn deadline(&self) -> Duration {
        DEFAULT_DEADLINE
    }

    /// Carries out a call. It is dropped when the run is stopped or its time is up.
    async fn call(&self, cx: &ToolContext, args: Value) -> ToolOutput;
}

/// A tool from a function over typed arguments. Arguments that do not fit are told to the model.
///
/// The schema of the arguments is made when the tool is first offered, not before: a gateway at rest
/// has none. The function gets its own context, so that what it awaits borrows nothing.
pub fn typed<P, F, Fut>(
    name: &'static str,
    description: &'static str,
    class: StepClass,
    run: F,
) -> Arc<dyn Tool>
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    F: Fn(ToolContext, P) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ToolOutput> + Send + 'static,
{
    Arc::new(Typed { name, description, class, run, spec: OnceLock::new(), params: PhantomData })
}

struct Typed<P, F> {
    name: &'static str,
    description: &'static str,
    class: StepClass,
    run: F,
    spec: OnceLock<ToolSpec>,
    params: PhantomData<fn() -> P>,
}

#[async_trait]
impl<P, F, Fut> Tool for Typed<P, F>
where
    P: DeserializeOwned + JsonSchema + Send + 'static,
    F: Fn(ToolContext, P) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ToolOutput> + Send + 'static,
{
    fn name(&self) -> &str {
        self.name
    }

    fn spec(&self) -> &ToolSpec {
        self.spec.get_or_init(|| ToolSpec {
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            parameters: parameters_of::<P>(),
        })
    }

    fn class(&self) -> StepClass {
        self.class
    }

    async fn call(&self, cx: &ToolContext, args: Value) -> ToolOutput {
        match serde_json::from_value::<P>(args) {
            Ok(params) => (self.run)(cx.clone(), params).await,
            Err(error) => {
                ToolOutput::error(self.name, &format!("the arguments do not fit: {error}"))
            }
        }
    }
}

/// The JSON Schema of a parameter type, without what providers do not understand.
fn parameters_of<P: JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(P).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
    }
    schema
}

/// The tools of a runtime, by name. What models are told is rendered once.
#[derive(Clone, Default)]
pub struct ToolSet {
    tools: Arc<BTreeMap<String, Arc<dyn Tool>>>,
    specs: Arc<OnceLock<Arc<ToolSpecs>>>,
}

impl ToolSet {
    /// No tools.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A set of tools; of two with one name the last stays.
    pub fn new(tools: impl IntoIterator<Item = Arc<dyn Tool>>) -> Self {
        let tools: BTreeMap<_, _> =
            tools.into_iter().map(|tool| (tool.name().to_owned(), tool)).collect();
        Self { tools: Arc::new(tools), specs: Arc::default() }
    }

    /// The tools that cannot do harm: `read` and `session_status`.
    pub fn harmless() -> Self {
        Self::new([read::tool(), session_status::tool()])
    }

    /// Those that an agent's model may call.
    #[must_use]
    pub fn permitted(&self, policy: &ToolPolicy) -> Self {
        if self.tools.keys().all(|name| policy.permits(name)) {
            return self.clone();
        }
        let permitted = self.tools.values().filter(|tool| policy.permits(tool.name()));
        Self::new(permitted.cloned())
    }

    /// A tool by its name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.tools.get(name)
    }

    /// All tools, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Tool>> {
        self.tools.values()
    }

    /// What models are told, shared by all calls.
    pub fn specs(&self) -> &Arc<ToolSpecs> {
        let all = || self.tools.values().map(|tool| tool.spec().clone()).collect();
        self.specs.get_or_init(|| Arc::new(ToolSpecs::new(all())))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }
}

impl fmt::Debug for ToolSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.tools.keys()).finish()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::clock::ManualClock;

    /// A context in a folder.
    pub(crate) fn context(workspace: &Path) -> ToolContext {
        ToolContext {
            run_id: RunId::new("r"),
            tool_call_id: "call_1".into(),
            session_key: SessionKey::new("agent:main:main"),
            agent_id: AgentId::new("main"),
            principal: "p".into(),
            workspace: workspace.into(),
            provider: "mock".into(),
            model: "echo".into(),
            context_window: 128_000,
            usage: RunUsage { input: 100, output: 10, context: 100, ..RunUsage::default() },
            clock: Arc::new(ManualClock::at(1_795_217_494_948)),
        }
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Add {
        a: i64,
        b: i64,
    }

    #[tokio::test]
    async fn a_typed_tool_tells_the_model_what_does_not_fit() {
        let set = ToolSet::new([typed("add", "Adds.", StepClass::Pure, |_, p: Add| async move {
            ToolOutput::text((p.a + p.b).to_string())
        })]);
        let specs = set.specs().specs();
        assert_eq!(specs[0].name, "add");
        assert_eq!(specs[0].parameters["required"], json!(["a", "b"]));
        let cx = context(Path::new("/"));
        let add = set.get("add").unwrap();
        assert_eq!(add.call(&cx, json!({"a": 1, "b": 2})).await.text, "3");
        let bad = add.call(&cx, json!({"a": 1, "c": 2})).await;
        assert!(bad.is_error && bad.text.contains("unknown field `c`"), "{}", bad.text);
    }

    #[test]
    fn output_is_bounded_at_a_character() {
        let output = ToolOutput::text("ü".repeat(MAX_OUTPUT_BYTES)).bounded();
        assert!(output.text.len() < MAX_OUTPUT_BYTES + 64);
        assert!(output.text.ends_with("[65536 more bytes were left out]"));
        let details = |length: usize| {
            let details = Some(json!("x".repeat(length)));
            ToolOutput { details, ..ToolOutput::default() }.bounded().details
        };
        assert!(details(9).is_some() && details(MAX_OUTPUT_BYTES).is_none());
    }
}
