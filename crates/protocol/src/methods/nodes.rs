//! `node.*`: devices that run commands for the gateway. What they are, what they may, what they are asked.

use crate::{methods, scope::Scope};

mod event;
mod invoke;
mod list;
mod pairing;
mod pending;
mod register;

pub use event::{HostStats, NodeEventParams, NodeEventResult};
pub use invoke::{
    NodeInvokeParams, NodeInvokeProgressParams, NodeInvokeReceipt, NodeInvokeResult,
    NodeInvokeResultParams, NodeProblem,
};
pub use list::{
    NodeDescribeParams, NodeDescribeResult, NodeHostStats, NodeListParams, NodeListResult,
    NodeRenameParams, NodeRenameResult, NodeSummary,
};
pub use pairing::{
    NodePairApproveParams, NodePairApproveResult, NodePairListParams, NodePairListResult,
    NodePairRejectParams, NodePairRejectResult, NodePairRemoveParams, NodePairRemoveResult,
    NodePairRequestParams, NodePairRequestResult, NodePairVerifyParams, NodePairVerifyResult,
    PairedNode, PendingNode,
};
pub use pending::{
    NodePendingAckParams, NodePendingAckResult, NodePendingAction, NodePendingDrainParams,
    NodePendingDrainResult, NodePendingEnqueueParams, NodePendingEnqueueResult, NodePendingItem,
    NodePendingPullParams, NodePendingPullResult, WorkPriority, WorkType, WorkUrgency,
};
pub use register::{
    NodeHeartbeatParams, NodeHeartbeatResult, NodeRegisterParams, NodeRegisterResult,
};

methods! {
    "node.list": NodeListParams => NodeListResult, v3 READ, v4 READ;
    "node.describe": NodeDescribeParams => NodeDescribeResult, v3 READ, v4 READ;
    "node.rename": NodeRenameParams => NodeRenameResult, v3 PAIRING, v4 PAIRING;
    "node.pair.request": NodePairRequestParams => NodePairRequestResult, v3 PAIRING;
    "node.pair.list": NodePairListParams => NodePairListResult, v3 PAIRING, v4 PAIRING;
    "node.pair.approve": NodePairApproveParams => NodePairApproveResult, v3 WRITE, v4 PAIRING;
    "node.pair.reject": NodePairRejectParams => NodePairRejectResult, v3 PAIRING, v4 PAIRING;
    "node.pair.verify": NodePairVerifyParams => NodePairVerifyResult, v3 PAIRING;
    "node.pair.remove": NodePairRemoveParams => NodePairRemoveResult, v4 PAIRING;
    "node.invoke": NodeInvokeParams => NodeInvokeResult, v3 WRITE, v4 dynamic(invoke_scope);
    "node.invoke.result": NodeInvokeResultParams => NodeInvokeReceipt, v3 NODE, v4 NODE;
    "node.invoke.progress": NodeInvokeProgressParams => NodeInvokeReceipt, v4 NODE;
    "node.event": NodeEventParams => NodeEventResult, v3 NODE, v4 NODE;
    "node.pending.enqueue": NodePendingEnqueueParams => NodePendingEnqueueResult, v3 WRITE, v4 WRITE;
    "node.pending.drain": NodePendingDrainParams => NodePendingDrainResult, v3 NODE, v4 NODE;
    "node.pending.pull": NodePendingPullParams => NodePendingPullResult, v3 NODE, v4 NODE;
    "node.pending.ack": NodePendingAckParams => NodePendingAckResult, v3 NODE, v4 NODE;
    "node.register": NodeRegisterParams => NodeRegisterResult, v4 WRITE, is hidden;
    "node.heartbeat": NodeHeartbeatParams => NodeHeartbeatResult, v4 WRITE, is hidden;
}

/// Commands that cross into the machine behind a node further than running what its own policy lets run.
pub const ADMIN_COMMANDS: [&str; 4] =
    ["browser.proxy", "browser.proxy.upload.v1", "fs.listDir", "terminal.upload"];

/// Whether asking a node for this command needs `operator.admin`, whatever the protocol says of the method.
pub fn is_admin_command(command: &str) -> bool {
    ADMIN_COMMANDS.contains(&command.trim())
}

fn invoke_scope(params: &NodeInvokeParams) -> Scope {
    if is_admin_command(&params.command) { Scope::Admin } else { Scope::Write }
}

#[cfg(test)]
mod tests;
