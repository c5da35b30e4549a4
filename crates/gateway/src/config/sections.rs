//! The root of the config: one field a section, each owned by the crate that uses it.

use std::{collections::BTreeMap, fmt};

use openclaw_agent::config as agent;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{gateway::GatewayConfig, logging::LoggingConfig};

/// A channel's settings by the channel's id; each adapter reads its own.
pub type Channels = BTreeMap<String, Value>;

/// Why a section cannot be read.
#[derive(Debug)]
pub(super) struct Refused {
    /// The section's key.
    pub(super) section: &'static str,
    /// What serde says.
    pub(super) reason: serde_json::Error,
    /// The section's schema, to find out more.
    pub(super) schema: fn() -> Value,
}

/// Makes [`Config`] of lines `name: type`, where the name is the key at the root of the file.
macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// The settings in force. Sections that nothing here uses stay in [`Config::others`].
        #[derive(Clone, Default)]
        pub struct Config {
            $($(#[$doc])* pub $name: $type,)*
            /// Everything else in the file, as it stands there.
            pub others: Map<String, Value>,
        }

        impl Config {
            /// Reads the root object. A section that cannot be read is told, and stands at its defaults.
            pub(super) fn read(mut root: Map<String, Value>) -> (Self, Vec<Refused>) {
                let mut refused = Vec::new();
                $(let $name = section::<$type>(&mut root, stringify!($name), &mut refused);)*
                (Self { $($name,)* others: root }, refused)
            }

            /// The JSON Schema of a section that has a struct; made when asked for, since a start
            /// needs only those of the sections in the file.
            pub(super) fn schema_of(section: &str) -> Option<Value> {
                match section {
                    $(stringify!($name) => Some(schema::<$type>()),)*
                    _ => None,
                }
            }

            /// The JSON Schema (draft 7) of the whole config. It has no definitions: forms that are
            /// made from it follow no references.
            pub fn json_schema() -> Value {
                let mut settings = SchemaSettings::draft07();
                settings.inline_subschemas = true;
                let mut generator = settings.into_generator();
                let mut properties = Map::new();
                $(properties.insert(
                    stringify!($name).to_owned(),
                    subschema::<$type>(&mut generator),
                );)*
                serde_json::json!({
                    "$schema": "http://json-schema.org/draft-07/schema#",
                    "title": "OpenClawConfig",
                    "type": "object",
                    "properties": properties,
                })
            }
        }
    };
}

sections! {
    /// How the gateway listens, whom it lets in and what it serves.
    gateway: GatewayConfig,
    /// Where the log goes.
    logging: LoggingConfig,
    /// Model providers and their models.
    models: agent::Models,
    /// Agents and what they have in common.
    agents: agent::Agents,
    /// An older spelling of what all agents have in common.
    agent: Option<agent::LegacyAgent>,
    /// An older spelling: a folder that holds `agents/<name>/` for each agent.
    workspace: Option<String>,
    /// How messages are grouped into sessions.
    session: agent::Session,
    /// How messages are taken in.
    messages: agent::Messages,
    /// Which tools the agents may use.
    tools: agent::Tools,
    /// The chat channels.
    channels: Channels,
}

impl fmt::Debug for Config {
    /// Names only: the values hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels: Vec<_> = self.channels.keys().collect();
        let others: Vec<_> = self.others.keys().collect();
        write!(f, "Config(channels {channels:?}, others {others:?})")
    }
}

impl Config {
    /// The sections of the agents, as that crate takes them.
    pub fn agent(&self) -> agent::Config {
        agent::Config {
            models: self.models.clone(),
            agents: self.agents.clone(),
            agent: self.agent.clone(),
            workspace: self.workspace.clone(),
            session: self.session.clone(),
            messages: self.messages.clone(),
            tools: self.tools.clone(),
        }
    }
}

fn section<T: DeserializeOwned + Default + JsonSchema>(
    root: &mut Map<String, Value>,
    name: &'static str,
    refused: &mut Vec<Refused>,
) -> T {
    let Some(value) = root.remove(name) else { return T::default() };
    serde_json::from_value(value).unwrap_or_else(|reason| {
        refused.push(Refused { section: name, reason, schema: schema::<T> });
        T::default()
    })
}

fn schema<T: JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

fn subschema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}
