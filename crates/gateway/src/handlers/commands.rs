//! `commands.list`: the commands that the caller may give.

use openclaw_agent::commands::{self, Argument, CommandInfo};
use openclaw_protocol::{
    RpcError, Scope,
    methods::{
        chat::{CommandArg, CommandEntry},
        commands::{CommandScope, CommandsListParams, CommandsListResult},
    },
};

use super::keys;
use crate::{context::Cx, router::RouterBuilder};

/// The methods of this file.
pub(crate) fn routes(builder: RouterBuilder) -> RouterBuilder {
    builder.handle(list)
}

async fn list(cx: Cx, params: CommandsListParams) -> Result<CommandsListResult, RpcError> {
    if let Some(agent) = &params.agent_id {
        keys::known_agent(&cx, agent)?;
    }
    // Commands are messages here; no platform has a list of its own.
    if params.scope == Some(CommandScope::Native) {
        return Ok(CommandsListResult::default());
    }
    Ok(CommandsListResult { commands: entries(&cx, params.include_args != Some(false)) })
}

/// The commands of the caller.
pub(super) fn entries(cx: &Cx, with_args: bool) -> Vec<CommandEntry> {
    commands::of(cx.require(Scope::Admin).is_ok())
        .map(|command| entry(command, with_args))
        .collect()
}

fn entry(command: CommandInfo, with_args: bool) -> CommandEntry {
    CommandEntry {
        name: command.name.to_owned(),
        text_aliases: Some(vec![format!("/{}", command.name)]),
        description: command.description.to_owned(),
        category: Some(command.group.name().to_owned()),
        source: "native".to_owned(),
        scope: CommandScope::Text.name().to_owned(),
        accepts_args: command.argument.is_some(),
        args: command.argument.filter(|_| with_args).map(|argument| vec![arg(argument)]),
        ..CommandEntry::default()
    }
}

fn arg(argument: Argument) -> CommandArg {
    CommandArg {
        name: argument.name.to_owned(),
        description: argument.description.to_owned(),
        r#type: "string".to_owned(),
        dynamic: Some(true),
        ..CommandArg::default()
    }
}
