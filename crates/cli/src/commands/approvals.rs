//! `approvals`: which commands may run, and requests that wait for a decision.
//!
//! The file is that of this machine unless `--gateway`, `--node` or `--url` is given, and then no
//! gateway is needed.

use std::io::Read as _;

use openclaw_agent::exec::policy::{
    Snapshot,
    file::{self, Base, UpdateError},
};
use openclaw_gateway::config::json5;
use openclaw_protocol::methods::{
    exec_approvals::{
        AllowlistEntry, ExecApprovalsAgent, ExecApprovalsFile, ExecApprovalsGetParams,
        ExecApprovalsNodeGetParams, ExecApprovalsNodeSetParams, ExecApprovalsSetParams,
        ExecApprovalsSnapshot,
    },
    nodes::NodeListParams,
};
use serde_json::json;

use crate::{
    args::{
        AllowlistChange, AllowlistCommand, ApprovalsCommand, ApprovalsFileArgs, ApprovalsSetArgs,
    },
    commands::{Context, nodes::find},
    connect::{ALL, Gateway, Manner},
    failure::Failure,
    output, settings,
};

mod pending;
mod render;

/// The longest text that `set` reads.
const MAX_TEXT: u64 = file::MAX_BYTES;

pub(crate) async fn run(cx: &Context, command: &ApprovalsCommand) -> Result<(), Failure> {
    match command {
        ApprovalsCommand::Get(of) => {
            let place = Place::find(cx, of).await?;
            if !of.json && matches!(place, Place::Here(_)) {
                output::line("Showing local approvals.\n")?;
            }
            show(&place, of, &place.read().await?)
        }
        ApprovalsCommand::Set(args) => set(cx, args).await,
        ApprovalsCommand::Allowlist(args) => match &args.command {
            AllowlistCommand::Add(change) => add(cx, change).await,
            AllowlistCommand::Remove(change) => remove(cx, change).await,
        },
        ApprovalsCommand::Pending(args) => pending::list(cx, args).await,
        ApprovalsCommand::Resolve(args) => pending::resolve(cx, args).await,
    }
}

/// Whose file it is.
enum Place {
    Here(std::path::PathBuf),
    Gateway(Box<Gateway>),
    /// A node of a gateway, by its id.
    Node(Box<Gateway>, String),
}

impl Place {
    async fn find(cx: &Context, of: &ApprovalsFileArgs) -> Result<Self, Failure> {
        if !of.gateway && of.node.is_none() && of.remote.url.is_none() {
            let paths = settings::paths(&cx.root, &cx.env)?;
            return Ok(Self::Here(paths.state_dir.join(file::FILE_NAME)));
        }
        let manner = Manner::visit(ALL, of.timeout);
        let gateway = Gateway::connect(&cx.settings()?, &of.remote, manner).await?;
        let Some(named) = &of.node else { return Ok(Self::Gateway(Box::new(gateway))) };
        let nodes = gateway.read::<NodeListParams>(json!({})).await?.nodes;
        let id = find::node(&nodes, named)?.node_id.clone();
        Ok(Self::Node(Box::new(gateway), id))
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Here(_) => "local",
            Self::Gateway(_) => "gateway",
            Self::Node(..) => "node",
        }
    }

    async fn read(&self) -> Result<ExecApprovalsSnapshot, Failure> {
        match self {
            Self::Here(path) => {
                let read = Snapshot::read(path);
                let failed = |error| Failure::new("FILE", format!("{}: {error}", path.display()));
                shown(&read.map_err(failed)?)
            }
            Self::Gateway(gateway) => gateway.read::<ExecApprovalsGetParams>(json!({})).await,
            Self::Node(gateway, id) => {
                gateway.read::<ExecApprovalsNodeGetParams>(json!({ "nodeId": id })).await
            }
        }
    }

    /// Replaces the file that was looked at.
    async fn write(
        &self,
        file: &ExecApprovalsFile,
        seen: &ExecApprovalsSnapshot,
    ) -> Result<ExecApprovalsSnapshot, Failure> {
        match self {
            Self::Here(path) => {
                let wanted = file::stored(file).map_err(|why| Failure::new("INVALID", why))?;
                let base = Base::Hash(Some(&seen.hash));
                shown(&file::update(path, base, |_| Ok(wanted)).map_err(refused)?)
            }
            Self::Gateway(gateway) => {
                let params = json!({ "file": file, "baseHash": seen.hash });
                gateway.read::<ExecApprovalsSetParams>(params).await
            }
            Self::Node(gateway, id) => {
                let params = json!({ "nodeId": id, "file": file, "baseHash": seen.hash });
                gateway.read::<ExecApprovalsNodeSetParams>(params).await
            }
        }
    }
}

fn shown(snapshot: &Snapshot) -> Result<ExecApprovalsSnapshot, Failure> {
    file::shown(snapshot).map_err(|why| Failure::new("INVALID", why))
}

fn refused(error: UpdateError) -> Failure {
    match error {
        UpdateError::Changed => Failure::new(
            "CHANGED",
            "the exec approvals changed in the meantime; look at them again and repeat",
        ),
        error => Failure::new("NOT_WRITTEN", error.to_string()),
    }
}

fn show(
    place: &Place,
    of: &ApprovalsFileArgs,
    snapshot: &ExecApprovalsSnapshot,
) -> Result<(), Failure> {
    if of.json {
        return output::json(snapshot);
    }
    output::lines(&render::snapshot(place.name(), snapshot))
}

async fn set(cx: &Context, args: &ApprovalsSetArgs) -> Result<(), Failure> {
    let text = match &args.file {
        Some(path) => {
            let failed = |error| Failure::new("FILE", format!("{}: {error}", path.display()));
            let file = std::fs::File::open(path).map_err(failed)?;
            bounded(file).map_err(failed)?
        }
        None => bounded(std::io::stdin().lock())
            .map_err(|error| Failure::new("STDIN", format!("standard input: {error}")))?,
    };
    let file = parsed(&text)?;
    let place = Place::find(cx, &args.of).await?;
    let seen = place.read().await?;
    show(&place, &args.of, &place.write(&file, &seen).await?)
}

fn bounded(from: impl std::io::Read) -> std::io::Result<String> {
    let mut text = String::new();
    from.take(MAX_TEXT + 1).read_to_string(&mut text)?;
    if u64::try_from(text.len()).is_ok_and(|length| length > MAX_TEXT) {
        let why = format!("more than {MAX_TEXT} bytes");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, why));
    }
    Ok(text)
}

fn parsed(text: &str) -> Result<ExecApprovalsFile, Failure> {
    let unusable = |why: String| Failure::new("INVALID", format!("the exec approvals: {why}"));
    let node = json5::parse(text, 0).map_err(|faults| {
        unusable(faults.first().map_or_else(String::new, |fault| fault.message.clone()))
    })?;
    let mut value = node.to_value();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("version".to_owned(), json!(1));
    }
    serde_json::from_value(value).map_err(|error| unusable(error.to_string()))
}

async fn add(cx: &Context, change: &AllowlistChange) -> Result<(), Failure> {
    let pattern = pattern(change)?;
    let place = Place::find(cx, &change.of).await?;
    let seen = place.read().await?;
    let mut file = usable(&seen)?;
    let agents = file.agents.get_or_insert_default();
    let listed = agents.entry(change.agent.clone()).or_default().allowlist.get_or_insert_default();
    if listed.iter().any(|entry| covers(entry, pattern)) {
        output::note("Already allowlisted.");
        return show(&place, &change.of, &seen);
    }
    listed.push(AllowlistEntry {
        id: None,
        pattern: pattern.to_owned(),
        source: None,
        command_text: None,
        arg_pattern: None,
        last_used_at: None,
        last_used_command: None,
        last_resolved_path: None,
    });
    if let Some(hint) = render::hint(pattern) {
        output::note(hint);
    }
    show(&place, &change.of, &place.write(&file, &seen).await?)
}

async fn remove(cx: &Context, change: &AllowlistChange) -> Result<(), Failure> {
    let pattern = pattern(change)?;
    let place = Place::find(cx, &change.of).await?;
    let seen = place.read().await?;
    let mut file = usable(&seen)?;
    let agents = file.agents.get_or_insert_default();
    let listed = agents.get_mut(&change.agent).and_then(|agent| agent.allowlist.as_mut());
    let before = listed.as_ref().map_or(0, |listed| listed.len());
    if let Some(listed) = listed {
        listed.retain(|entry| entry.pattern.trim() != pattern);
        if listed.len() < before {
            agents.retain(|_, agent| !says_nothing(agent));
            return show(&place, &change.of, &place.write(&file, &seen).await?);
        }
    }
    output::note("Pattern not found.");
    show(&place, &change.of, &seen)
}

fn pattern(change: &AllowlistChange) -> Result<&str, Failure> {
    let pattern = change.pattern.trim();
    if pattern.is_empty() || change.agent.trim().is_empty() {
        return Err(Failure::usage("a pattern and an agent must not be blank"));
    }
    Ok(pattern)
}

/// A file that cannot be understood is replaced as a whole, not edited.
fn usable(seen: &ExecApprovalsSnapshot) -> Result<ExecApprovalsFile, Failure> {
    match &seen.invalid {
        None => Ok(seen.file.clone()),
        Some(why) => Err(Failure::new(
            "INVALID",
            format!(
                "{} cannot be understood ({why}); replace it with `openclaw approvals set`",
                seen.path
            ),
        )),
    }
}

/// Whether an entry lets a program run with any arguments.
fn covers(entry: &AllowlistEntry, pattern: &str) -> bool {
    entry.pattern.trim() == pattern && entry.arg_pattern.is_none() && entry.source.is_none()
}

fn says_nothing(agent: &ExecApprovalsAgent) -> bool {
    let listed = agent.allowlist.as_ref().is_some_and(|listed| !listed.is_empty());
    let rest = ExecApprovalsAgent { allowlist: None, ..agent.clone() };
    !listed && rest == ExecApprovalsAgent::default()
}
