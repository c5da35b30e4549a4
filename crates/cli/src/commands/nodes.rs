//! `nodes`: the machines that run commands for a gateway, and asking one of them.

use std::time::Duration;

use openclaw_protocol::{
    Method,
    methods::nodes::{NodeListParams, NodeSummary},
};
use serde_json::{Value, json};

use crate::{
    args::{AskArgs, NodesCommand},
    commands::Context,
    connect::{ALL, Gateway, Manner},
    failure::Failure,
};

mod describe;
pub(super) mod find;
mod invoke;
mod list;
mod pairing;
mod person;
mod run;

/// Reading, and what waits to be approved.
const LOOK: &[&str] = &["operator.read", "operator.pairing"];
/// How much longer an answer may take than the node.
const MARGIN: Duration = Duration::from_secs(5);

pub(crate) async fn run(cx: &Context, command: &NodesCommand) -> Result<(), Failure> {
    match command {
        NodesCommand::List(args) => list::list(cx, args).await,
        NodesCommand::Status(args) => list::status(cx, args).await,
        NodesCommand::Describe(args) => describe::run(cx, args).await,
        NodesCommand::Pending(args) => pairing::pending(cx, args).await,
        NodesCommand::Approve(args) => pairing::approve(cx, args).await,
        NodesCommand::Reject(args) => pairing::reject(cx, args).await,
        NodesCommand::Remove(args) => pairing::remove(cx, args).await,
        NodesCommand::Rename(args) => pairing::rename(cx, args).await,
        NodesCommand::Invoke(args) => invoke::run(cx, args).await,
        NodesCommand::Run(args) => Box::pin(run::run(cx, args)).await,
    }
}

/// A gateway that is asked about nodes.
struct Asked(Gateway);

impl Asked {
    async fn connect(
        cx: &Context,
        args: &AskArgs,
        scopes: &'static [&'static str],
    ) -> Result<Self, Failure> {
        Self::with_patience(cx, args, scopes, args.timeout).await
    }

    /// For asking a node: the gateway answers when the node has.
    async fn for_node(cx: &Context, args: &AskArgs, wait: Duration) -> Result<Self, Failure> {
        Self::with_patience(cx, args, ALL, args.timeout.max(wait + MARGIN)).await
    }

    async fn with_patience(
        cx: &Context,
        args: &AskArgs,
        scopes: &'static [&'static str],
        patience: Duration,
    ) -> Result<Self, Failure> {
        let manner = Manner::visit(scopes, patience);
        Gateway::connect(&cx.settings()?, &args.remote, manner).await.map(Self)
    }

    async fn ask<M: Method + Sync>(&self, params: Value) -> Result<Value, Failure> {
        self.0.ask::<M>(params).await
    }

    async fn read<M: Method + Sync>(&self, params: Value) -> Result<M::Result, Failure> {
        self.0.read::<M>(params).await
    }

    /// The node that a person means.
    async fn find(&self, named: &str) -> Result<NodeSummary, Failure> {
        let nodes = self.read::<NodeListParams>(json!({})).await?.nodes;
        find::node(&nodes, named).cloned()
    }
}

/// What a person calls a node.
fn name_of<'a>(name: Option<&'a String>, id: &'a str) -> &'a str {
    name.map(|name| name.trim()).filter(|name| !name.is_empty()).unwrap_or(id)
}

/// A list in a cell.
fn joined(words: &[String]) -> String {
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}
