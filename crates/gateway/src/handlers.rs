//! One file a domain; each says what to translate, which service to ask, and what to answer.

use openclaw_protocol::{method::Domain, methods::DOMAINS};

use crate::{
    error::GatewayError,
    router::{Router, RouterBuilder},
};

mod agent;
mod agents;
mod approvals;
mod audit;
mod channels;
mod chat;
mod commands;
mod config;
mod dead_letters;
mod devices;
mod exec_approvals;
mod health;
mod keys;
mod logs;
mod models;
mod nodes;
mod questions;
mod secrets;
pub(crate) mod sessions;
mod skills;
mod system;
mod tools;
mod usage;

pub(crate) use audit::{page as audit_page, query as audit_query};
pub(crate) use chat::messages::message_of as chat_message;
pub(crate) use devices::setup_completion;
pub(crate) use sessions::row::{build as session_row, millis};

/// Every method of this gateway, and those of a host: its handlers are in `builder` already.
pub(crate) fn router(builder: RouterBuilder, host: &[Domain]) -> Result<Router, GatewayError> {
    let builder = system::routes(health::routes(builder));
    let builder = models::routes(agents::routes(builder));
    let builder = tools::routes(commands::routes(chat::routes(sessions::routes(builder))));
    let builder = secrets::routes(config::routes(usage::routes(agent::routes(builder))));
    let builder = logs::routes(channels::routes(builder));
    let builder = dead_letters::routes(builder);
    let builder = skills::routes(audit::routes(nodes::routes(devices::routes(builder))));
    let builder = questions::routes(exec_approvals::routes(approvals::routes(builder)));
    // `connect` is answered by the handshake, before there is a router to ask.
    let own = DOMAINS.iter().filter(|domain| domain.name != "connect");
    let domains: Vec<_> = own.chain(host).copied().collect();
    builder.build(&domains)
}

#[cfg(test)]
mod tests;
