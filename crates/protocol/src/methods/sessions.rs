//! `sessions.*`: list, read, make and change sessions, and talk to one by its key.

use crate::methods;

mod branches;
mod change;
mod groups;
mod list;
mod patch;
mod read;
mod row;
mod talk;

pub use branches::{
    EditorAttachment, SessionBranch, SessionsBranchesListParams, SessionsBranchesListResult,
    SessionsBranchesSwitchParams, SessionsBranchesSwitchResult, SessionsRewindParams,
    SessionsRewindResult,
};
pub use change::{
    CreateVisibility, ForkFrom, Repository, ResetReason, SessionsCreateParams,
    SessionsCreateResult, SessionsDeleteParams, SessionsDeleteResult, SessionsResetParams,
    SessionsResetResult, WorktreeSource,
};
pub use groups::{
    SessionGroup, SessionGroupDefaults, SessionsGroupsDefaultsParams, SessionsGroupsDefaultsResult,
    SessionsGroupsListParams, SessionsGroupsListResult,
};
pub use list::{
    ArchivedFilter, ProfileRelation, ProfileRelationship, SessionSort, SessionsListDefaults,
    SessionsListParams, SessionsListResult,
};
pub use patch::{
    Attention, GroupActivation, ResponseUsage, SandboxMode, SendPolicy, SessionsPatchParams,
    SessionsPatchResolved, SessionsPatchResult, SubagentControlScope, SubagentRole,
};
pub use read::{
    PreviewItem, PreviewStatus, ResolveCandidate, SessionPreview, SessionReference,
    SessionsDescribeParams, SessionsDescribeResult, SessionsGetParams, SessionsGetResult,
    SessionsPreviewParams, SessionsPreviewResult, SessionsResolveParams, SessionsResolveResult,
    SessionsSubscribeParams, SessionsSubscribeResult, SessionsUnsubscribeParams,
};
pub use row::{
    ActivitySummary, DeliveryContext, SessionKind, SessionOrigin, SessionPlacement, SessionRow,
    SessionStatus,
};
pub use talk::{
    AbortStatus, SessionsAbortParams, SessionsAbortResult, SessionsMessagesResult,
    SessionsMessagesSubscribeParams, SessionsMessagesUnsubscribeParams, SessionsSendParams,
    SessionsSteerParams,
};

use super::chat::ChatSendResult;

methods! {
    "sessions.list": SessionsListParams => SessionsListResult, v3 READ, v4 READ;
    "sessions.preview": SessionsPreviewParams => SessionsPreviewResult, v3 READ, v4 READ;
    "sessions.resolve": SessionsResolveParams => SessionsResolveResult, v3 READ, v4 READ, is hidden;
    "sessions.get": SessionsGetParams => SessionsGetResult, v3 READ, v4 READ, is hidden, is lenient;
    "sessions.describe": SessionsDescribeParams => SessionsDescribeResult, v4 READ;
    "sessions.patch": SessionsPatchParams => SessionsPatchResult, v3 ADMIN, v4 dynamic(SessionsPatchParams::scope), lane session(key);
    "sessions.reset": SessionsResetParams => SessionsResetResult, v3 ADMIN, v4 ADMIN, lane session(key);
    "sessions.delete": SessionsDeleteParams => SessionsDeleteResult, v3 ADMIN, v4 dynamic(SessionsDeleteParams::scope), lane session(key);
    "sessions.rewind": SessionsRewindParams => SessionsRewindResult, v4 ADMIN, lane session(session_key);
    "sessions.branches.list": SessionsBranchesListParams => SessionsBranchesListResult, v4 READ;
    "sessions.branches.switch": SessionsBranchesSwitchParams => SessionsBranchesSwitchResult, v4 ADMIN, lane session(session_key);
    "sessions.create": SessionsCreateParams => SessionsCreateResult, v3 WRITE, v4 dynamic(SessionsCreateParams::scope);
    "sessions.send": SessionsSendParams => ChatSendResult, v3 WRITE, v4 WRITE, lane session(key);
    "sessions.steer": SessionsSteerParams => ChatSendResult, v3 WRITE, v4 WRITE, lane session(key), is hidden;
    "sessions.abort": SessionsAbortParams => SessionsAbortResult, v3 WRITE, v4 WRITE;
    "sessions.subscribe": SessionsSubscribeParams => SessionsSubscribeResult, v3 READ, v4 READ, is lenient;
    "sessions.unsubscribe": SessionsUnsubscribeParams => SessionsSubscribeResult, v3 READ, is lenient;
    "sessions.messages.subscribe": SessionsMessagesSubscribeParams => SessionsMessagesResult, v3 READ, v4 READ;
    "sessions.messages.unsubscribe": SessionsMessagesUnsubscribeParams => SessionsMessagesResult, v3 READ, v4 READ;
    "sessions.groups.list": SessionsGroupsListParams => SessionsGroupsListResult, v4 READ;
    "sessions.groups.defaults": SessionsGroupsDefaultsParams => SessionsGroupsDefaultsResult, v4 WRITE;
}
