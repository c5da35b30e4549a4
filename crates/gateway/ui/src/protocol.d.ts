// Written by `npm run types` from the schema documents. Do not edit.

/**
 * What a request asks.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalPresentation".
 */
export type ApprovalPresentation = ExecPresentation | PluginPresentation;
/**
 * What the consequence would be, in the words of whoever asks (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalScope".
 */
export type ApprovalScope = MessageSendScope | PaymentScope | ExternalPostScope | StandingGrantScope;
/**
 * Whether the fast variant of a model is used.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "FastMode".
 */
export type FastMode = boolean | 'auto';
/**
 * What was said.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "MessageContent".
 */
export type MessageContent = string | ContentPart[];
/**
 * Returns everything that a chat needs to be shown: messages, row, agents, models and commands.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatStartupParams".
 */
export type ChatStartupParams = ChatHistoryParams | ChatStartupByShortId;
/**
 * The last health summary; `{}` on the wire before the first.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HelloHealth".
 */
export type HelloHealth = HealthResult | {};
/**
 * A thread of a chat channel: some channels count, others name.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ThreadId".
 */
export type ThreadId = string | number;
/**
 * The commands that wait, oldest first.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalListResult".
 */
export type ExecApprovalListResult = ExecApprovalRequestedEvent[];
/**
 * The latest heartbeat, or null when there was none.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "LastHeartbeatResult".
 */
export type LastHeartbeatResult = Heartbeat | null;
/**
 * The plugins' requests that wait, oldest first.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginApprovalListResult".
 */
export type PluginApprovalListResult = PluginApprovalRequestedEvent[];
/**
 * Answers a question, or cancels it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionResolveParams".
 */
export type QuestionResolveParams = QuestionAnswerParams | QuestionCancelParams;
/**
 * Why a request was refused. Clients match on these names.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ErrorCode".
 */
export type ErrorCode =
  | 'NOT_LINKED'
  | 'NOT_PAIRED'
  | 'AGENT_TIMEOUT'
  | 'INVALID_REQUEST'
  | 'APPROVAL_NOT_FOUND'
  | 'UNAVAILABLE'
  | 'FORBIDDEN';
/**
 * Whether archived sessions are listed (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ArchivedFilter".
 */
export type ArchivedFilter = boolean | 'all';
/**
 * The presence list.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SystemPresenceResult".
 */
export type SystemPresenceResult = PresenceEntry[];
/**
 * A step of a run.
 *
 * Those of stream `tool` go only to connections with the cap `tool-events` that started or joined
 * the run. A step that carries its session's row says the fields of the row twice on the wire,
 * under `session` and at the top, as OpenClaw does; here they are once.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentEvent".
 */
export type AgentEvent = {
  /**
   * The agent (protocol 4).
   */
  agentId?: string | null;
  /**
   * Whether the run is a heartbeat (protocol 4).
   */
  isHeartbeat?: boolean | null;
  /**
   * The lane that it runs in (protocol 4).
   */
  lane?: string | null;
  /**
   * The run.
   */
  runId: string;
  /**
   * The place among the events of the run, counted from 1.
   */
  seq: number;
  /**
   * The session's row, with stream `tool`.
   */
  session?: SessionRow | null;
  /**
   * The session's transcript (protocol 4).
   */
  sessionId?: string | null;
  /**
   * The session's canonical key.
   */
  sessionKey?: string | null;
  /**
   * The session that started it (protocol 4).
   */
  spawnedBy?: string | null;
  /**
   * When, in milliseconds since 1970.
   */
  ts: number;
} & AgentEvent1;
export type AgentEvent1 =
  | {
      data: LifecycleData;
      stream: 'lifecycle';
    }
  | {
      data: AssistantData;
      stream: 'assistant';
    }
  | {
      data: ToolData;
      stream: 'tool';
    }
  | {
      data: ThinkingData;
      stream: 'thinking';
    }
  | {
      data: CompactionData;
      stream: 'compaction';
    }
  | {
      data: ItemData;
      stream: 'item';
    }
  | {
      data: CommandOutputData;
      stream: 'command_output';
    }
  | {
      data: RunStatusData;
      stream: 'run_status';
    }
  | {
      data: UsageData;
      stream: 'usage';
    }
  | {
      data: AgentErrorData;
      stream: 'error';
    };
/**
 * A device asks to be paired, or for more than it has.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairRequestedEvent".
 */
export type DevicePairRequestedEvent = PendingDevice;
/**
 * A device has come in by a setup code.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairSetupCompletedEvent".
 */
export type DevicePairSetupCompletedEvent = SetupCompletion;
/**
 * A device has used a setup code and may not have got its tokens.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairSetupDeliveryUncertainEvent".
 */
export type DevicePairSetupDeliveryUncertainEvent = SetupCompletion;
/**
 * A fresh health summary, the same as the result of `health`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HealthEvent".
 */
export type HealthEvent = HealthResult;
/**
 * A heartbeat ended; the same as the result of `last-heartbeat`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HeartbeatEvent".
 */
export type HeartbeatEvent = Heartbeat;
/**
 * A node asks to be approved, or for more than was approved.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairRequestedEvent".
 */
export type NodePairRequestedEvent = PendingNode;
/**
 * An agent asks a person.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionRequestedEvent".
 */
export type QuestionRequestedEvent = QuestionRecord;
/**
 * A tool call in any session, for those who subscribed to all sessions.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionToolEvent".
 */
export type SessionToolEvent = AgentEvent;

export interface Protocol {
  methods: Methods;
  events: Events;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Methods".
 */
export interface Methods {
  agent: {
    params: AgentParams;
    result: AgentRunResult;
  };
  'agent.identity.get': {
    params: AgentIdentityParams;
    result: AgentIdentityResult;
  };
  'agent.wait': {
    params: AgentWaitParams;
    result: AgentWaitResult;
  };
  'agents.files.get': {
    params: AgentsFilesGetParams;
    result: AgentsFilesGetResult;
  };
  'agents.files.list': {
    params: AgentsFilesListParams;
    result: AgentsFilesListResult;
  };
  'agents.list': {
    params: AgentsListParams;
    result: AgentsListResult;
  };
  'approval.get': {
    params: ApprovalGetParams;
    result: ApprovalGetResult;
  };
  'approval.history': {
    params: ApprovalHistoryParams;
    result: ApprovalHistoryResult;
  };
  'approval.resolve': {
    params: ApprovalResolveParams;
    result: ApprovalResolveResult;
  };
  'audit.list': {
    params: AuditListParams;
    result: AuditListResult;
  };
  'channels.status': {
    params: ChannelsStatusParams;
    result: ChannelsStatusResult;
  };
  'chat.abort': {
    params: ChatAbortParams;
    result: ChatAbortResult;
  };
  'chat.history': {
    params: ChatHistoryParams;
    result: ChatHistoryResult;
  };
  'chat.inject': {
    params: ChatInjectParams;
    result: ChatInjectResult;
  };
  'chat.message.get': {
    params: ChatMessageGetParams;
    result: ChatMessageGetResult;
  };
  'chat.metadata': {
    params: ChatMetadataParams;
    result: ChatMetadataResult;
  };
  'chat.send': {
    params: ChatSendParams;
    result: ChatSendResult;
  };
  'chat.startup': {
    params: ChatStartupParams;
    result: ChatStartupResult;
  };
  'commands.list': {
    params: CommandsListParams;
    result: CommandsListResult;
  };
  'config.get': {
    params: ConfigGetParams;
    result: ConfigGetResult;
  };
  'config.schema': {
    params: ConfigSchemaParams;
    result: ConfigSchemaResult;
  };
  'config.schema.lookup': {
    params: ConfigSchemaLookupParams;
    result: ConfigSchemaLookupResult;
  };
  connect: {
    params: ConnectParams;
    result: HelloOk;
  };
  'deadLetters.discard': {
    params: DeadLettersDiscardParams;
    result: DeadLettersDiscardResult;
  };
  'deadLetters.list': {
    params: DeadLettersListParams;
    result: DeadLettersListResult;
  };
  'device.pair.approve': {
    params: DevicePairApproveParams;
    result: DevicePairApproveResult;
  };
  'device.pair.list': {
    params: DevicePairListParams;
    result: DevicePairListResult;
  };
  'device.pair.reject': {
    params: DevicePairRejectParams;
    result: DevicePairRejectResult;
  };
  'device.pair.remove': {
    params: DevicePairRemoveParams;
    result: DevicePairRemoveResult;
  };
  'device.pair.rename': {
    params: DevicePairRenameParams;
    result: DevicePairRenameResult;
  };
  'device.pair.setupCode': {
    params: DevicePairSetupCodeParams;
    result: DevicePairSetupCodeResult;
  };
  'device.pair.setupStatus': {
    params: DevicePairSetupStatusParams;
    result: DevicePairSetupStatusResult;
  };
  'device.scopes.requestUpgrade': {
    params: ScopeUpgradeRequestParams;
    result: ScopeUpgradeRequestResult;
  };
  'device.scopes.waitUpgrade': {
    params: ScopeUpgradeWaitParams;
    result: ScopeUpgradeWaitResult;
  };
  'device.token.revoke': {
    params: DeviceTokenRevokeParams;
    result: DeviceTokenRevokeResult;
  };
  'device.token.rotate': {
    params: DeviceTokenRotateParams;
    result: DeviceTokenRotateResult;
  };
  'exec.approval.get': {
    params: ExecApprovalGetParams;
    result: ExecApprovalGetResult;
  };
  'exec.approval.list': {
    params: ExecApprovalListParams;
    result: ExecApprovalListResult;
  };
  'exec.approval.request': {
    params: ExecApprovalRequestParams;
    result: ApprovalRequestResult;
  };
  'exec.approval.resolve': {
    params: ExecApprovalResolveParams;
    result: ApprovalDoneResult;
  };
  'exec.approval.waitDecision': {
    params: ExecApprovalWaitDecisionParams;
    result: ApprovalDecisionResult;
  };
  'exec.approvals.get': {
    params: ExecApprovalsGetParams;
    result: ExecApprovalsSnapshot;
  };
  'exec.approvals.node.get': {
    params: ExecApprovalsNodeGetParams;
    result: ExecApprovalsSnapshot;
  };
  'exec.approvals.node.set': {
    params: ExecApprovalsNodeSetParams;
    result: ExecApprovalsSnapshot;
  };
  'exec.approvals.set': {
    params: ExecApprovalsSetParams;
    result: ExecApprovalsSnapshot;
  };
  'gateway.identity.get': {
    params: GatewayIdentityGetParams;
    result: GatewayIdentityGetResult;
  };
  health: {
    params: HealthParams;
    result: HealthResult;
  };
  'last-heartbeat': {
    params: LastHeartbeatParams;
    result: LastHeartbeatResult;
  };
  'logs.tail': {
    params: LogsTailParams;
    result: LogsTailResult;
  };
  'models.authStatus': {
    params: ModelsAuthStatusParams;
    result: ModelsAuthStatusResult;
  };
  'models.list': {
    params: ModelsListParams;
    result: ModelsListResult;
  };
  'node.describe': {
    params: NodeDescribeParams;
    result: NodeDescribeResult;
  };
  'node.event': {
    params: NodeEventParams;
    result: NodeEventResult;
  };
  'node.heartbeat': {
    params: NodeHeartbeatParams;
    result: NodeHeartbeatResult;
  };
  'node.invoke': {
    params: NodeInvokeParams;
    result: NodeInvokeResult;
  };
  'node.invoke.progress': {
    params: NodeInvokeProgressParams;
    result: NodeInvokeReceipt;
  };
  'node.invoke.result': {
    params: NodeInvokeResultParams;
    result: NodeInvokeReceipt;
  };
  'node.list': {
    params: NodeListParams;
    result: NodeListResult;
  };
  'node.pair.approve': {
    params: NodePairApproveParams;
    result: NodePairApproveResult;
  };
  'node.pair.list': {
    params: NodePairListParams;
    result: NodePairListResult;
  };
  'node.pair.reject': {
    params: NodePairRejectParams;
    result: NodePairRejectResult;
  };
  'node.pair.remove': {
    params: NodePairRemoveParams;
    result: NodePairRemoveResult;
  };
  'node.pair.request': {
    params: NodePairRequestParams;
    result: NodePairRequestResult;
  };
  'node.pair.verify': {
    params: NodePairVerifyParams;
    result: NodePairVerifyResult;
  };
  'node.pending.ack': {
    params: NodePendingAckParams;
    result: NodePendingAckResult;
  };
  'node.pending.drain': {
    params: NodePendingDrainParams;
    result: NodePendingDrainResult;
  };
  'node.pending.enqueue': {
    params: NodePendingEnqueueParams;
    result: NodePendingEnqueueResult;
  };
  'node.pending.pull': {
    params: NodePendingPullParams;
    result: NodePendingPullResult;
  };
  'node.register': {
    params: NodeRegisterParams;
    result: NodeRegisterResult;
  };
  'node.rename': {
    params: NodeRenameParams;
    result: NodeRenameResult;
  };
  'plugin.approval.list': {
    params: PluginApprovalListParams;
    result: PluginApprovalListResult;
  };
  'plugin.approval.request': {
    params: PluginApprovalRequestParams;
    result: ApprovalRequestResult;
  };
  'plugin.approval.resolve': {
    params: PluginApprovalResolveParams;
    result: ApprovalDoneResult;
  };
  'plugin.approval.waitDecision': {
    params: PluginApprovalWaitDecisionParams;
    result: ApprovalDecisionResult;
  };
  'question.get': {
    params: QuestionGetParams;
    result: QuestionGetResult;
  };
  'question.list': {
    params: QuestionListParams;
    result: QuestionListResult;
  };
  'question.request': {
    params: QuestionRequestParams;
    result: QuestionRequestResult;
  };
  'question.resolve': {
    params: QuestionResolveParams;
    result: QuestionResolveResult;
  };
  'question.waitAnswer': {
    params: QuestionWaitAnswerParams;
    result: QuestionWaitAnswerResult;
  };
  'secrets.reload': {
    params: SecretsReloadParams;
    result: SecretsReloadResult;
  };
  'sessions.abort': {
    params: SessionsAbortParams;
    result: SessionsAbortResult;
  };
  'sessions.branches.list': {
    params: SessionsBranchesListParams;
    result: SessionsBranchesListResult;
  };
  'sessions.branches.switch': {
    params: SessionsBranchesSwitchParams;
    result: SessionsBranchesSwitchResult;
  };
  'sessions.create': {
    params: SessionsCreateParams;
    result: SessionsCreateResult;
  };
  'sessions.delete': {
    params: SessionsDeleteParams;
    result: SessionsDeleteResult;
  };
  'sessions.describe': {
    params: SessionsDescribeParams;
    result: SessionsDescribeResult;
  };
  'sessions.get': {
    params: SessionsGetParams;
    result: SessionsGetResult;
  };
  'sessions.groups.defaults': {
    params: SessionsGroupsDefaultsParams;
    result: SessionsGroupsDefaultsResult;
  };
  'sessions.groups.list': {
    params: SessionsGroupsListParams;
    result: SessionsGroupsListResult;
  };
  'sessions.list': {
    params: SessionsListParams;
    result: SessionsListResult;
  };
  'sessions.messages.subscribe': {
    params: SessionsMessagesSubscribeParams;
    result: SessionsMessagesResult;
  };
  'sessions.messages.unsubscribe': {
    params: SessionsMessagesUnsubscribeParams;
    result: SessionsMessagesResult;
  };
  'sessions.patch': {
    params: SessionsPatchParams;
    result: SessionsPatchResult;
  };
  'sessions.preview': {
    params: SessionsPreviewParams;
    result: SessionsPreviewResult;
  };
  'sessions.reset': {
    params: SessionsResetParams;
    result: SessionsResetResult;
  };
  'sessions.resolve': {
    params: SessionsResolveParams;
    result: SessionsResolveResult;
  };
  'sessions.rewind': {
    params: SessionsRewindParams;
    result: SessionsRewindResult;
  };
  'sessions.send': {
    params: SessionsSendParams;
    result: ChatSendResult;
  };
  'sessions.steer': {
    params: SessionsSteerParams;
    result: ChatSendResult;
  };
  'sessions.subscribe': {
    params: SessionsSubscribeParams;
    result: SessionsSubscribeResult;
  };
  'sessions.unsubscribe': {
    params: SessionsUnsubscribeParams;
    result: SessionsSubscribeResult;
  };
  'sessions.usage': {
    params: SessionsUsageParams;
    result: SessionsUsageResult;
  };
  'sessions.usage.logs': {
    params: SessionsUsageLogsParams;
    result: SessionsUsageLogsResult;
  };
  'sessions.usage.timeseries': {
    params: SessionsUsageTimeseriesParams;
    result: SessionsUsageTimeseriesResult;
  };
  'skills.bins': {
    params: SkillsBinsParams;
    result: SkillsBinsResult;
  };
  status: {
    params: StatusParams;
    result: StatusResult;
  };
  'system-event': {
    params: SystemEventParams;
    result: SystemEventResult;
  };
  'system-presence': {
    params: SystemPresenceParams;
    result: SystemPresenceResult;
  };
  'system.info': {
    params: SystemInfoParams;
    result: SystemInfoResult;
  };
  'tools.catalog': {
    params: ToolsCatalogParams;
    result: ToolsCatalogResult;
  };
  'tools.effective': {
    params: ToolsEffectiveParams;
    result: ToolsEffectiveResult;
  };
  'usage.cost': {
    params: UsageCostParams;
    result: UsageCostResult;
  };
  'usage.status': {
    params: UsageStatusParams;
    result: UsageStatusResult;
  };
}
/**
 * Starts one turn of an agent; answers twice with the same id, first `accepted`, then the end.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentParams".
 */
export interface AgentParams {
  /**
   * The channel's account.
   */
  accountId?: string;
  /**
   * Where a turn of another program's agent came from (protocol 4).
   */
  acpTurnSource?: 'manual_spawn';
  /**
   * The agent; the session's or the default when absent.
   */
  agentId?: string;
  /**
   * Files.
   */
  attachments?: Attachment[];
  /**
   * Whether a failed delivery is forgiven.
   */
  bestEffortDeliver?: boolean;
  /**
   * How much of the workspace's files is given (protocol 4).
   */
  bootstrapContextMode?: 'full' | 'lightweight';
  /**
   * For what kind of run (protocol 4).
   */
  bootstrapContextRunKind?: 'default' | 'heartbeat' | 'cron';
  /**
   * The channel.
   */
  channel?: string;
  /**
   * Whether to stop the run's own MCP servers at its end (protocol 4).
   */
  cleanupBundleMcpOnRunEnd?: boolean;
  /**
   * The folder; needs admin (protocol 4).
   */
  cwd?: string;
  /**
   * Whether the answer is delivered to the channel.
   */
  deliver?: boolean;
  /**
   * Whether the agent may not send messages itself (protocol 4).
   */
  disableMessageTool?: boolean;
  /**
   * The transcript that an approved command belongs to (protocol 4).
   */
  execApprovalFollowupExpectedSessionId?: string;
  /**
   * Refuses the turn unless the session has this transcript (protocol 4).
   */
  expectedExistingSessionId?: string;
  /**
   * A text that is added to the system prompt; needs admin in protocol 4.
   */
  extraSystemPrompt?: string;
  /**
   * Whether tools are called by code (protocol 4).
   */
  forceCodeModeTools?: boolean;
  /**
   * Whether only tools that can be run again are offered (protocol 4).
   */
  forceRestartSafeTools?: boolean;
  /**
   * The channel inside the group.
   */
  groupChannel?: string;
  /**
   * The group.
   */
  groupId?: string;
  /**
   * The space of the group.
   */
  groupSpace?: string;
  /**
   * Becomes the run's id; a repetition returns the first run.
   */
  idempotencyKey: string;
  inputProvenance?: InputProvenance;
  /**
   * What ended elsewhere and is told to this session.
   */
  internalEvents?: InternalEvent[];
  /**
   * The number of that retry (protocol 4).
   */
  internalExecutionIdentityRecoveryAttempt?: number;
  /**
   * A retry by the gateway's components (protocol 4).
   */
  internalExecutionIdentityRetry?: boolean;
  /**
   * A handoff between the gateway's components (protocol 4).
   */
  internalRuntimeHandoffId?: string;
  /**
   * A label for the session.
   */
  label?: string;
  /**
   * The lane that it waits in.
   */
  lane?: string;
  /**
   * What the agent is told.
   */
  message: string;
  /**
   * Another model for this turn; needs admin in protocol 4.
   */
  model?: string;
  /**
   * Whether only the model is asked, without tools (protocol 4).
   */
  modelRun?: boolean;
  /**
   * How much of the system prompt is used (protocol 4).
   */
  promptMode?: 'full' | 'minimal' | 'none';
  /**
   * Another provider for this turn; needs admin in protocol 4.
   */
  provider?: string;
  /**
   * Another account for the answer.
   */
  replyAccountId?: string;
  /**
   * Another channel for the answer.
   */
  replyChannel?: string;
  /**
   * Another recipient for the answer.
   */
  replyTo?: string;
  /**
   * Whether the turn can be seen (protocol 4).
   */
  sessionEffects?: 'visible' | 'internal';
  /**
   * A transcript, from which the session is found.
   */
  sessionId?: string;
  /**
   * The session.
   */
  sessionKey?: string;
  /**
   * How the answer reaches its source (protocol 4).
   */
  sourceReplyDeliveryMode?: 'automatic' | 'message_tool_only';
  /**
   * Whether the input stays out of the transcript (protocol 4).
   */
  suppressPromptPersistence?: boolean;
  /**
   * Whether it collects a swarm's answers (protocol 4).
   */
  swarmCollector?: boolean;
  /**
   * The JSON Schema of such an answer (protocol 4).
   */
  swarmOutputSchema?: {
    [k: string]: unknown;
  };
  /**
   * How much to think.
   */
  thinking?: string;
  /**
   * The thread in the channel.
   */
  threadId?: string;
  /**
   * The longest time of the turn, in seconds; 0 for none.
   */
  timeout?: number;
  /**
   * A recipient, from which a session is derived.
   */
  to?: string;
  /**
   * The word that woke the device (protocol 4).
   */
  voiceWakeTrigger?: string;
}
/**
 * A file that comes with a message. Unknown names are ignored, as OpenClaw does.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Attachment".
 */
export interface Attachment {
  /**
   * Its bytes as Base64, or a reference that the gateway understands.
   */
  content?: {
    [k: string]: unknown;
  };
  /**
   * How long it plays.
   */
  durationMs?: number;
  /**
   * Its name.
   */
  fileName?: string;
  /**
   * Its height in pixels.
   */
  height?: number;
  /**
   * Its MIME type.
   */
  mimeType?: string;
  /**
   * Where it came from.
   */
  origin?: 'paste' | 'file';
  /**
   * Its size.
   */
  sizeBytes?: number;
  /**
   * `image`, `audio`, `video` or `file`.
   */
  type?: string;
  /**
   * Its width in pixels.
   */
  width?: number;
}
/**
 * Where an input really came from. Only the gateway's own components may claim one.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "InputProvenance".
 */
export interface InputProvenance {
  /**
   * The schedule that made it (protocol 4).
   */
  jobId?: string;
  /**
   * Who is behind it.
   */
  kind: 'external_user' | 'inter_session' | 'internal_system';
  /**
   * The session that it began in.
   */
  originSessionId?: string;
  /**
   * The run that made it (protocol 4).
   */
  runId?: string;
  /**
   * The channel that it came through.
   */
  sourceChannel?: string;
  /**
   * A text that the sender put before it (protocol 4).
   */
  sourcePromptPrefix?: string;
  /**
   * The role of the sender (protocol 4).
   */
  sourceRole?: 'subagent';
  /**
   * The session that passed it on.
   */
  sourceSessionKey?: string;
  /**
   * The tool that made it.
   */
  sourceTool?: string;
}
/**
 * The end of a task.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "InternalEvent".
 */
export interface InternalEvent {
  /**
   * How it is announced.
   */
  announceType: string;
  /**
   * Files (protocol 4).
   */
  attachments?: InternalEventAttachment[];
  /**
   * Its transcript.
   */
  childSessionId?: string;
  /**
   * The session of the task.
   */
  childSessionKey: string;
  /**
   * Files by URL (protocol 4).
   */
  mediaUrls?: string[];
  /**
   * Another model that answered (protocol 4).
   */
  modelRouteChange?: string;
  /**
   * Whether there is nothing to show (protocol 4).
   */
  noVisibleResult?: boolean;
  /**
   * What the agent should do with it.
   */
  replyInstruction: string;
  /**
   * Its result.
   */
  result: string;
  /**
   * What ran.
   */
  source: 'subagent' | 'cron' | 'image_generation' | 'video_generation' | 'music_generation';
  /**
   * Numbers about it.
   */
  statsLine?: string;
  /**
   * How it ended.
   */
  status: 'ok' | 'timeout' | 'error' | 'unknown';
  /**
   * The same in words.
   */
  statusLabel: string;
  /**
   * What the task was called.
   */
  taskLabel: string;
  /**
   * Always `task_completion`.
   */
  type: 'task_completion';
}
/**
 * A file that a task made (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "InternalEventAttachment".
 */
export interface InternalEventAttachment {
  /**
   * How long it plays.
   */
  durationMs?: number;
  /**
   * Where it is, by another name.
   */
  filePath?: string;
  /**
   * Its height in pixels.
   */
  height?: number;
  /**
   * Its URL, by another name.
   */
  mediaUrl?: string;
  /**
   * Its MIME type.
   */
  mimeType?: string;
  /**
   * Its name.
   */
  name?: string;
  /**
   * Where it is.
   */
  path?: string;
  /**
   * Its size.
   */
  sizeBytes?: number;
  /**
   * What it is.
   */
  type?: 'image' | 'audio' | 'video' | 'file';
  /**
   * Its URL.
   */
  url?: string;
  /**
   * Its width in pixels.
   */
  width?: number;
}
/**
 * First that a turn was accepted, then how it ended.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentRunResult".
 */
export interface AgentRunResult {
  /**
   * When it was accepted, in milliseconds since 1970.
   */
  acceptedAt?: number;
  /**
   * The agent (protocol 4).
   */
  agentId?: string;
  result?: AgentRunOutput;
  /**
   * The run; the caller's idempotency key.
   */
  runId: string;
  /**
   * The session (protocol 4).
   */
  sessionKey?: string;
  /**
   * How far it is.
   */
  status: 'accepted' | 'ok' | 'error' | 'timeout' | 'in_flight';
  /**
   * Why it stopped (protocol 4).
   */
  stopReason?: string;
  /**
   * The end in a word or a sentence, for example `completed`.
   */
  summary?: string;
}
/**
 * What the agent said.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentRunOutput".
 */
export interface AgentRunOutput {
  /**
   * Facts about the run: `durationMs`, `agentMeta`, `aborted`, `stopReason` and more.
   */
  meta: {
    [k: string]: unknown;
  };
  /**
   * The messages.
   */
  payloads: AgentPayload[];
  /**
   * Whether the answer reached its source (protocol 4).
   */
  sourceReplyDeliveryState?: string;
}
/**
 * One message.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentPayload".
 */
export interface AgentPayload {
  /**
   * A file, or null.
   */
  mediaUrl: string | null;
  /**
   * The text.
   */
  text?: string;
}
/**
 * Returns name and picture of the assistant behind an agent or a session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentIdentityParams".
 */
export interface AgentIdentityParams {
  /**
   * The agent; the default when neither is given.
   */
  agentId?: string;
  /**
   * A session of the agent.
   */
  sessionKey?: string;
}
/**
 * Name and picture of an assistant.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentIdentityResult".
 */
export interface AgentIdentityResult {
  /**
   * The agent.
   */
  agentId: string;
  /**
   * A letter, an emoji, a path under the gateway or a URL.
   */
  avatar?: string;
  /**
   * Why there is no picture (protocol 4).
   */
  avatarReason?: string;
  /**
   * Where the picture is set (protocol 4).
   */
  avatarSource?: string;
  /**
   * `none`, `local`, `remote` or `data` (protocol 4).
   */
  avatarStatus?: string;
  /**
   * Its emoji.
   */
  emoji?: string;
  /**
   * Its name.
   */
  name?: string;
  /**
   * Where the name is set: `config`, `agent`, `workspace` or `default` (protocol 4).
   */
  nameSource?: string;
}
/**
 * Waits until a run ends or the time is over.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentWaitParams".
 */
export interface AgentWaitParams {
  /**
   * The run.
   */
  runId: string;
  /**
   * How long to wait, in milliseconds; 30 000 when absent.
   */
  timeoutMs?: number;
}
/**
 * How a run ended, if it did.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentWaitResult".
 */
export interface AgentWaitResult {
  /**
   * When it ended.
   */
  endedAt?: number;
  /**
   * Why it failed.
   */
  error?: string;
  /**
   * `working`, `blocked` or `paused` (protocol 4).
   */
  livenessState?: string;
  /**
   * The run.
   */
  runId: string;
  /**
   * When it began, in milliseconds since 1970.
   */
  startedAt?: number;
  /**
   * How far it is.
   */
  status: 'ok' | 'error' | 'timeout';
  /**
   * Why it stopped, for example `stop` or `rpc` (protocol 4).
   */
  stopReason?: string;
  terminalReceipt?: TerminalReceipt;
  terminalReply?: TerminalReply;
}
/**
 * Which model was asked and which one answered (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "TerminalReceipt".
 */
export interface TerminalReceipt {
  effective?: ModelRef;
  requested?: ModelRef;
  /**
   * Whether another model than the requested one answered.
   */
  rerouted: boolean;
  /**
   * The run.
   */
  runId: string;
  /**
   * The session's transcript.
   */
  sessionId?: string;
  /**
   * Tools that were called with success.
   */
  successfulToolNames: string[];
  /**
   * `visible` or `silent`.
   */
  terminalDisposition?: string;
  /**
   * The turn.
   */
  turnId?: string;
}
/**
 * A model.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelRef".
 */
export interface ModelRef {
  /**
   * Its id.
   */
  model: string;
  /**
   * Its provider.
   */
  provider: string;
  /**
   * The id that the provider named in its answer.
   */
  responseModel?: string;
}
/**
 * What the person saw (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "TerminalReply".
 */
export interface TerminalReply {
  /**
   * `visible` or `silent`.
   */
  disposition: string;
  /**
   * The text.
   */
  text?: string;
}
/**
 * Returns one of these files.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentsFilesGetParams".
 */
export interface AgentsFilesGetParams {
  /**
   * The agent.
   */
  agentId: string;
  /**
   * The file's name.
   */
  name: string;
}
/**
 * One file of an agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentsFilesGetResult".
 */
export interface AgentsFilesGetResult {
  /**
   * The agent.
   */
  agentId: string;
  file: AgentFile;
  /**
   * Its folder.
   */
  workspace: string;
}
/**
 * A file of an agent's workspace.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentFile".
 */
export interface AgentFile {
  /**
   * Its text, where that was asked for.
   */
  content?: string;
  /**
   * Whether nothing is wrong when it is not there (protocol 4).
   */
  expectedAbsent?: boolean;
  /**
   * Whether it is not there, or is no plain file.
   */
  missing: boolean;
  /**
   * Its name.
   */
  name: string;
  /**
   * Where it is, or would be.
   */
  path: string;
  /**
   * Its size in bytes.
   */
  size?: number;
  /**
   * The last change, in milliseconds since 1970.
   */
  updatedAtMs?: number;
}
/**
 * Lists the files of an agent's workspace that belong to its system prompt.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentsFilesListParams".
 */
export interface AgentsFilesListParams {
  /**
   * The agent.
   */
  agentId: string;
}
/**
 * The files of an agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentsFilesListResult".
 */
export interface AgentsFilesListResult {
  /**
   * The agent.
   */
  agentId: string;
  /**
   * The files, in the order of the prompt.
   */
  files: AgentFile[];
  /**
   * Its folder.
   */
  workspace: string;
}
/**
 * Lists the configured agents and names the default.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentsListParams".
 */
export interface AgentsListParams {}
/**
 * The agents.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentsListResult".
 */
export interface AgentsListResult {
  /**
   * The agents, in the order of the config.
   */
  agents: AgentSummary[];
  /**
   * The default agent.
   */
  defaultId: string;
  /**
   * The key of a main session without its agent, always `main`.
   */
  mainKey: string;
  /**
   * Who owns the list: `sole`, `legacy` or `explicit` (protocol 4).
   */
  ownership?: string;
  /**
   * `per-sender` or `global`.
   */
  scope: string;
  /**
   * Whether a person has to choose an agent first (protocol 4).
   */
  selectionRequired?: boolean;
}
/**
 * An agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentSummary".
 */
export interface AgentSummary {
  agentRuntime?: AgentRuntime;
  /**
   * When it was made, in milliseconds since 1970 (protocol 4).
   */
  createdAt?: number;
  /**
   * `operator`, `agent` or `claw` (protocol 4).
   */
  createdVia?: string;
  /**
   * The agent that made it (protocol 4).
   */
  creatorAgentId?: {
    [k: string]: unknown;
  };
  /**
   * What its tools may do in a new session (protocol 4).
   */
  defaultPermissionMode?: string;
  /**
   * The agent's id.
   */
  id: string;
  identity?: AgentSummaryIdentity;
  /**
   * `agent` or `system` (protocol 4).
   */
  kind?: string;
  model?: AgentModel;
  /**
   * Its name.
   */
  name?: string;
  /**
   * The level of a new session (protocol 4).
   */
  thinkingDefault?: string;
  /**
   * The thinking levels of its model (protocol 4).
   */
  thinkingLevels?: ThinkingLevel[];
  /**
   * Their labels (protocol 4).
   */
  thinkingOptions?: string[];
  /**
   * The model for small tasks (protocol 4).
   */
  utilityModel?: string;
  /**
   * Its folder (protocol 4).
   */
  workspace?: string;
  /**
   * Whether the folder is a git repository (protocol 4).
   */
  workspaceGit?: boolean;
}
/**
 * What runs an agent's turns (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentRuntime".
 */
export interface AgentRuntime {
  /**
   * How a cloud worker would run a turn.
   */
  cloudPlacementExecutionMode?: string;
  /**
   * Whether sessions may move to a cloud worker.
   */
  cloudPlacementSupported?: boolean;
  devicePlacement?: DevicePlacement;
  /**
   * Whether sessions may move to a device.
   */
  devicePlacementSupported?: boolean;
  /**
   * The runtime that is used when this one is missing.
   */
  fallback?: string;
  /**
   * The runtime, for example `openclaw` or `auto`.
   */
  id: string;
  /**
   * Which setting chose it, for example `implicit`.
   */
  source: string;
}
/**
 * What a device must offer to run turns (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePlacement".
 */
export interface DevicePlacement {
  /**
   * Whether a turn takes one of the worker's slots.
   */
  consumesWorkerSlot: boolean;
  /**
   * Commands that the node must declare.
   */
  requiredNodeCommands: string[];
}
/**
 * Who an agent says that it is.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentSummaryIdentity".
 */
export interface AgentSummaryIdentity {
  /**
   * Its picture as configured.
   */
  avatar?: string;
  /**
   * Where the picture can be fetched.
   */
  avatarUrl?: string;
  /**
   * Its emoji.
   */
  emoji?: string;
  /**
   * Its name.
   */
  name?: string;
  /**
   * Its character.
   */
  theme?: string;
}
/**
 * The models of an agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentModel".
 */
export interface AgentModel {
  /**
   * What follows when it fails.
   */
  fallbacks?: string[];
  /**
   * The first choice, `provider/model`.
   */
  primary?: string;
}
/**
 * A thinking level that a model offers.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ThinkingLevel".
 */
export interface ThinkingLevel {
  /**
   * The level's word, for example `low`.
   */
  id: string;
  /**
   * How it is shown.
   */
  label: string;
}
/**
 * Returns one request, waiting or decided (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalGetParams".
 */
export interface ApprovalGetParams {
  /**
   * The request.
   */
  id: string;
}
/**
 * The request.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalGetResult".
 */
export interface ApprovalGetResult {
  approval: ApprovalSnapshot;
}
/**
 * A request and what became of it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalSnapshot".
 */
export interface ApprovalSnapshot {
  /**
   * When it was made, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * What was decided.
   */
  decision?: 'allow-once' | 'allow-always' | 'deny';
  /**
   * Until when it waits.
   */
  expiresAtMs: number;
  /**
   * The request.
   */
  id: string;
  presentation: ApprovalPresentation;
  /**
   * Why it ended.
   */
  reason?:
    'user' | 'timeout' | 'malformed-verdict' | 'no-route' | 'run-aborted' | 'gateway-restart' | 'storage-corrupt';
  /**
   * When it ended.
   */
  resolvedAtMs?: number;
  resolver?: ApprovalResolver;
  source?: ApprovalSource;
  /**
   * What has become of it.
   */
  status: 'pending' | 'allowed' | 'denied' | 'expired' | 'cancelled';
  /**
   * Where the page shows it.
   */
  urlPath: string;
}
/**
 * A command.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecPresentation".
 */
export interface ExecPresentation {
  /**
   * The agent that asks.
   */
  agentId: string | null;
  /**
   * What may be decided.
   */
  allowedDecisions: ('allow-once' | 'allow-always' | 'deny')[];
  /**
   * A shorter form; always null, since nothing shorter would be the command.
   */
  commandPreview: string | null;
  /**
   * The command in full.
   */
  commandText: string;
  /**
   * `gateway`, `node` or `sandbox`.
   */
  host: string | null;
  /**
   * `exec`.
   */
  kind: 'exec' | 'plugin' | 'system-agent';
  /**
   * The node.
   */
  nodeId: string | null;
  scope?: ApprovalScope;
  /**
   * Words of warning.
   */
  warningText: string | null;
}
/**
 * Messages would be sent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "MessageSendScope".
 */
export interface MessageSendScope {
  /**
   * Whether they are people of the house.
   */
  audience?: 'internal' | 'external';
  /**
   * `message-send`.
   */
  kind: 'message-send';
  /**
   * To how many.
   */
  recipientCount: number;
  /**
   * To whom, the first of them.
   *
   * @maxItems 5
   */
  recipients?:
    | []
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string];
  /**
   * Where to.
   */
  target: string;
}
/**
 * Money would be spent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PaymentScope".
 */
export interface PaymentScope {
  /**
   * How much.
   */
  amount: string;
  /**
   * In which currency.
   */
  currency: string;
  /**
   * `payment`.
   */
  kind: 'payment';
  /**
   * To whom.
   */
  target: string;
}
/**
 * Something would be published.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExternalPostScope".
 */
export interface ExternalPostScope {
  /**
   * `external-post`.
   */
  kind: 'external-post';
  /**
   * Where.
   */
  target: string;
  /**
   * For whom.
   */
  visibility: 'public' | 'restricted';
}
/**
 * An automation would get a lasting permission.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "StandingGrantScope".
 */
export interface StandingGrantScope {
  /**
   * Which one.
   */
  automation: string;
  /**
   * To run what.
   */
  command: string;
  /**
   * For how long.
   */
  expiresInDays?: number;
  /**
   * `standing-grant`.
   */
  kind: 'standing-grant';
}
/**
 * Something that a plugin wants to do.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginPresentation".
 */
export interface PluginPresentation {
  /**
   * The agent that asks.
   */
  agentId: string | null;
  /**
   * What may be decided.
   */
  allowedDecisions: ('allow-once' | 'allow-always' | 'deny')[];
  /**
   * What it wants.
   */
  description: string;
  /**
   * More.
   */
  detail?: string;
  /**
   * `plugin`.
   */
  kind: 'exec' | 'plugin' | 'system-agent';
  /**
   * The plugin.
   */
  pluginId: string | null;
  scope?: ApprovalScope;
  /**
   * How much is at stake.
   */
  severity: 'info' | 'warning' | 'critical';
  /**
   * What it wants, in few words.
   */
  title: string;
  /**
   * The tool.
   */
  toolName: string | null;
}
/**
 * Who decided, by the gateway's records.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalResolver".
 */
export interface ApprovalResolver {
  /**
   * Which one.
   */
  id?: string;
  /**
   * What sort of thing.
   */
  kind: 'device' | 'channel' | 'runtime' | 'system';
}
/**
 * Who asked.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalSource".
 */
export interface ApprovalSource {
  /**
   * The agent.
   */
  agentId?: string;
  /**
   * The session.
   */
  sessionKey?: string;
}
/**
 * Lists requests that are decided or over, latest first (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalHistoryParams".
 */
export interface ApprovalHistoryParams {
  /**
   * Where the page before ended.
   */
  cursor?: string;
  /**
   * Only those of one kind.
   */
  kind?: 'exec' | 'plugin' | 'system-agent';
  /**
   * How many; 50 when absent.
   */
  limit?: number;
}
/**
 * A page of requests.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalHistoryResult".
 */
export interface ApprovalHistoryResult {
  /**
   * The requests, latest first.
   */
  items: ApprovalSnapshot[];
  /**
   * Where the next page begins, when there is one.
   */
  nextCursor?: string;
}
/**
 * Decides about a request of any kind (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalResolveParams".
 */
export interface ApprovalResolveParams {
  /**
   * What is decided.
   */
  decision: 'allow-once' | 'allow-always' | 'deny';
  /**
   * How long a lasting permission of an automation holds.
   */
  grantExpiresInDays?: number;
  /**
   * The request.
   */
  id: string;
  /**
   * Its kind.
   */
  kind: 'exec' | 'plugin' | 'system-agent';
  reviewer?: ApprovalReviewer;
}
/**
 * A person on a chat channel.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalReviewer".
 */
export interface ApprovalReviewer {
  /**
   * The account that the person wrote to.
   */
  accountId: string;
  /**
   * The channel.
   */
  channel: string;
  /**
   * The person.
   */
  senderId: string;
}
/**
 * What the request is now.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalResolveResult".
 */
export interface ApprovalResolveResult {
  /**
   * Whether this call decided it.
   */
  applied: boolean;
  approval: ApprovalSnapshot;
}
/**
 * Lists what was decided about devices, nodes and programs, and who was refused, the latest first. Who may not administrate sees what is about its own device.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AuditListParams".
 */
export interface AuditListParams {
  /**
   * Only what happened then or later, in milliseconds since 1970.
   */
  after?: number;
  /**
   * Only what an agent did; refused, such entries are not kept.
   */
  agentId?: string;
  /**
   * Only what happened before, in milliseconds since 1970.
   */
  before?: number;
  /**
   * Where to go on: `nextCursor` of the answer before.
   */
  cursor?: string;
  /**
   * Only what is about this device.
   */
  deviceId?: string;
  /**
   * Only entries of this kind.
   */
  kind?: 'agent_run' | 'tool_action' | 'device';
  /**
   * How many at most; 100 when absent.
   */
  limit?: number;
  /**
   * Only what happened in a run; refused, such entries are not kept.
   */
  runId?: string;
  /**
   * Only what happened in a session; refused, such entries are not kept.
   */
  sessionKey?: string;
  /**
   * Only entries with this outcome.
   */
  status?: 'started' | 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'blocked' | 'unknown';
}
/**
 * A part of the record.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AuditListResult".
 */
export interface AuditListResult {
  /**
   * The latest first.
   */
  events: AuditRow[];
  /**
   * Where to go on with `cursor`; absent at the end.
   */
  nextCursor?: string;
}
/**
 * One thing that happened.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AuditRow".
 */
export interface AuditRow {
  /**
   * What, for example `device.approved` or `connect.refused`.
   */
  action: string;
  actor: AuditActor;
  /**
   * How often.
   */
  count: number;
  /**
   * More of it, for example `scopes` or `reason`.
   */
  detail: {
    [k: string]: string;
  };
  /**
   * About which device or node.
   */
  deviceId?: string;
  /**
   * Its id.
   */
  eventId: string;
  /**
   * What it is about.
   */
  kind: 'agent_run' | 'tool_action' | 'device';
  /**
   * When, in milliseconds since 1970; the last time when it happened several times.
   */
  occurredAt: number;
  /**
   * That no secret and no text of a person is in it: `metadata_only`.
   */
  redaction: string;
  /**
   * Its place; gaps are what was too old to be kept.
   */
  sequence: number;
  /**
   * The same.
   */
  sourceSequence: number;
  /**
   * What became of it.
   */
  status: 'started' | 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'blocked' | 'unknown';
}
/**
 * Who did something.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AuditActor".
 */
export interface AuditActor {
  /**
   * Which; of a proof `owner` (of the state directory), `shared-secret` and others.
   */
  id: string;
  /**
   * `device`, `setup` (a setup code), `address`, or `proof` for who came without a device.
   */
  type: string;
}
/**
 * Returns what every channel and account is doing, and on request asks the platforms.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChannelsStatusParams".
 */
export interface ChannelsStatusParams {
  /**
   * Only this channel (protocol 4).
   */
  channel?: string;
  /**
   * Whether to ask the platforms.
   */
  probe?: boolean;
  /**
   * How long to wait for them.
   */
  timeoutMs?: number;
}
/**
 * The channels.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChannelsStatusResult".
 */
export interface ChannelsStatusResult {
  /**
   * The accounts of each.
   */
  channelAccounts: {
    [k: string]: ChannelAccount[];
  };
  /**
   * The default account of each.
   */
  channelDefaultAccountId: {
    [k: string]: string;
  };
  /**
   * How each is called in full.
   */
  channelDetailLabels?: {
    [k: string]: string;
  };
  /**
   * How each is called.
   */
  channelLabels: {
    [k: string]: string;
  };
  /**
   * The same as a list.
   */
  channelMeta?: ChannelMeta[];
  /**
   * The channels in the order of display.
   */
  channelOrder: string[];
  /**
   * The symbol of each on macOS.
   */
  channelSystemImages?: {
    [k: string]: string;
  };
  /**
   * Each channel's own summary.
   */
  channels: {
    [k: string]: unknown;
  };
  eventLoop?: EventLoop;
  /**
   * Whether a platform did not answer in time (protocol 4).
   */
  partial?: boolean;
  /**
   * What a person has to mend, at most 50 (protocol 4).
   */
  statusIssues?: ChannelIssue[];
  /**
   * When the look was taken, in milliseconds since 1970.
   */
  ts: number;
  /**
   * What could not be read (protocol 4).
   */
  warnings?: string[];
}
/**
 * An account of a channel.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChannelAccount".
 */
export interface ChannelAccount {
  /**
   * The account.
   */
  accountId: string;
  /**
   * When the running turn began (protocol 4).
   */
  activeRunStartedAt?: number;
  /**
   * How many turns.
   */
  activeRuns?: number;
  /**
   * Who is allowed.
   */
  allowFrom?: string[];
  /**
   * Whether groups may talk without a mention.
   */
  allowUnmentionedGroups?: boolean;
  /**
   * Where its app token comes from.
   */
  appTokenSource?: string;
  /**
   * The platform's application.
   */
  application?: {
    [k: string]: unknown;
  };
  /**
   * What a check of its rights found.
   */
  audit?: {
    [k: string]: unknown;
  };
  /**
   * The platform's address.
   */
  baseUrl?: string;
  /**
   * Where its bot token comes from.
   */
  botTokenSource?: string;
  /**
   * Whether a turn runs for it.
   */
  busy?: boolean;
  /**
   * Whether all that it needs is configured.
   */
  configured?: boolean;
  /**
   * Whether it is connected.
   */
  connected?: boolean;
  /**
   * Where its credential comes from (protocol 4).
   */
  credentialSource?: string;
  /**
   * Who may write to it.
   */
  dmPolicy?: string;
  /**
   * Whether the config switches it on.
   */
  enabled?: boolean;
  /**
   * Its health in a word.
   */
  healthState?: string;
  /**
   * The last connection, in milliseconds since 1970.
   */
  lastConnectedAt?: number;
  /**
   * The last error.
   */
  lastError?: string;
  /**
   * The last message in.
   */
  lastInboundAt?: number;
  /**
   * The last message out.
   */
  lastOutboundAt?: number;
  /**
   * When the platform was last asked.
   */
  lastProbeAt?: number;
  /**
   * The last sign of life of a turn.
   */
  lastRunActivityAt?: number;
  /**
   * The last start.
   */
  lastStartAt?: number;
  /**
   * The last stop.
   */
  lastStopAt?: number;
  /**
   * The last sign of life of its transport (protocol 4).
   */
  lastTransportActivityAt?: number;
  /**
   * Whether it is signed in.
   */
  linked?: boolean;
  /**
   * How messages come in, for example `polling`.
   */
  mode?: string;
  /**
   * Its name.
   */
  name?: string;
  /**
   * What the platform answered.
   */
  probe?: {
    [k: string]: unknown;
  };
  /**
   * How often it tried to connect again.
   */
  reconnectAttempts?: number;
  /**
   * Whether its adapter runs.
   */
  running?: boolean;
  /**
   * Where its token comes from.
   */
  tokenSource?: string;
  /**
   * Where messages are delivered to (protocol 4).
   */
  webhookPath?: string;
  /**
   * The same as a URL (protocol 4).
   */
  webhookUrl?: string;
}
/**
 * How a channel is shown.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChannelMeta".
 */
export interface ChannelMeta {
  /**
   * How it is called in full.
   */
  detailLabel: string;
  /**
   * The channel.
   */
  id: string;
  /**
   * How it is called.
   */
  label: string;
  /**
   * Its symbol on macOS.
   */
  systemImage?: string;
}
/**
 * How busy the gateway is (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "EventLoop".
 */
export interface EventLoop {
  cpuBreakdown?: CpuBreakdown;
  /**
   * Cores used by the process.
   */
  cpuCoreRatio: number;
  /**
   * Whether it is too busy.
   */
  degraded: boolean;
  /**
   * Since how many milliseconds, or null.
   */
  degradedSinceMs: number | null;
  /**
   * The longest delay, in milliseconds.
   */
  delayMaxMs: number;
  /**
   * The delay that 99 of 100 tasks stayed under, in milliseconds.
   */
  delayP99Ms: number;
  /**
   * The span that was measured, in milliseconds.
   */
  intervalMs: number;
  /**
   * Why: `event_loop_delay`, `event_loop_utilization`, `cpu`.
   */
  reasons: string[];
  /**
   * The share of time that was not idle.
   */
  utilization: number;
}
/**
 * Where the processor time went (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CpuBreakdown".
 */
export interface CpuBreakdown {
  /**
   * Cores of the machine.
   */
  hostCpuCount?: number;
  /**
   * Share of all cores in use on the machine, 0 to 1.
   */
  hostUtilization?: number;
  /**
   * Cores used by the main thread.
   */
  mainThreadCoreRatio?: number;
  /**
   * Cores used by other threads.
   */
  otherThreadsCoreRatio?: number;
  /**
   * Cores used by workers.
   */
  workerCoreRatio?: number;
}
/**
 * What a person has to mend (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChannelIssue".
 */
export interface ChannelIssue {
  /**
   * The account.
   */
  accountId: string;
  /**
   * The channel.
   */
  channel: string;
  /**
   * What to do.
   */
  fix?: string;
  /**
   * `intent`, `permissions`, `config`, `auth` or `runtime`.
   */
  kind: string;
  /**
   * What is wrong.
   */
  message: string;
}
/**
 * Aborts one run, or all runs of a session that the caller may abort.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatAbortParams".
 */
export interface ChatAbortParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * Whether side questions go on (protocol 4).
   */
  preserveSideRuns?: boolean;
  /**
   * Only this run.
   */
  runId?: string;
  /**
   * The session.
   */
  sessionKey: string;
}
/**
 * What was aborted.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatAbortResult".
 */
export interface ChatAbortResult {
  /**
   * Whether a run was.
   */
  aborted: boolean;
  /**
   * Always true.
   */
  ok: boolean;
  /**
   * The runs.
   */
  runIds: string[];
}
/**
 * Returns the last messages of a session, ready to be shown.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatHistoryParams".
 */
export interface ChatHistoryParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * The `deltaCursor` of the last answer: returns only what is new (protocol 4).
   */
  cursor?: string;
  /**
   * Runs whose inputs are asked about (protocol 4).
   *
   * @minItems 1
   * @maxItems 50
   */
  inputRunIds?: [string, ...string[]];
  /**
   * The most messages; 200 when absent.
   */
  limit?: number;
  /**
   * The most bytes (protocol 4).
   */
  maxBytes?: number;
  /**
   * The most characters of a message (protocol 4).
   */
  maxChars?: number;
  /**
   * The page around this message (protocol 4).
   */
  messageId?: string;
  /**
   * How many of the newest messages are skipped (protocol 4).
   */
  offset?: number;
  /**
   * Only inputs that wait before this one (protocol 4).
   */
  pendingBefore?: number;
  /**
   * An older transcript of the session (protocol 4).
   */
  sessionId?: string;
  /**
   * The session; answered as it was sent.
   */
  sessionKey: string;
}
/**
 * The messages of a session. With a `cursor` that still holds, `kind` is `delta` and the messages are only the new ones; with one that does not, `kind` is `reset` and nothing else.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatHistoryResult".
 */
export interface ChatHistoryResult {
  /**
   * What tools did, by message (protocol 4).
   */
  activity?: unknown[];
  defaults?: SessionsListDefaults;
  /**
   * To ask for what is new (protocol 4).
   */
  deltaCursor?: string;
  fastMode?: FastMode;
  /**
   * Whether there are older messages (protocol 4).
   */
  hasMore?: boolean;
  inFlightRun?: InFlightRun;
  /**
   * What an answer to a cursor is (protocol 4).
   */
  kind?: 'delta' | 'reset';
  /**
   * The messages, the oldest first.
   */
  messages?: ChatMessage[];
  /**
   * Where the next page begins (protocol 4).
   */
  nextOffset?: number;
  pendingInputs?: PendingInputs;
  /**
   * Its transcript.
   */
  sessionId?: string;
  sessionInfo?: SessionRow;
  /**
   * The session's key as it was sent.
   */
  sessionKey?: string;
  /**
   * How much it thinks.
   */
  thinkingLevel?: string;
  /**
   * How many messages there are (protocol 4).
   */
  totalMessages?: number;
  /**
   * How much it tells about tools.
   */
  verboseLevel?: string;
}
/**
 * What a new session uses.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsListDefaults".
 */
export interface SessionsListDefaults {
  agentRuntime?: AgentRuntime;
  /**
   * The size of its context window, or null.
   */
  contextTokens: number | null;
  /**
   * The model, or null.
   */
  model: string | null;
  /**
   * The provider, or null when no model is configured.
   */
  modelProvider: string | null;
  /**
   * What choosing a model changes, for example `session` (protocol 4).
   */
  modelSelectionTarget?: string;
  /**
   * The level of a new session (protocol 4).
   */
  thinkingDefault?: string;
  /**
   * Its thinking levels (protocol 4).
   */
  thinkingLevels?: ThinkingLevel[];
  /**
   * Their labels (protocol 4).
   */
  thinkingOptions?: string[];
}
/**
 * The run that goes on (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "InFlightRun".
 */
export interface InFlightRun {
  /**
   * The run.
   */
  runId: string;
  /**
   * What it said so far.
   */
  text?: string;
}
/**
 * A message.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatMessage".
 */
export interface ChatMessage {
  /**
   * Its place in the transcript.
   */
  __openclaw?: MessageMeta | null;
  /**
   * The kind of the provider's interface.
   */
  api?: string | null;
  /**
   * What was said.
   */
  content?: MessageContent | null;
  /**
   * Why it failed.
   */
  errorMessage?: string | null;
  /**
   * The request that it belongs to.
   */
  idempotencyKey?: string | null;
  /**
   * Whether the call failed.
   */
  isError?: boolean | null;
  /**
   * The model; `gateway-injected` for notes of the gateway.
   */
  model?: string | null;
  /**
   * How it was aborted.
   */
  openclawAbort?: AbortMark | null;
  /**
   * The provider; `openclaw` for notes of the gateway.
   */
  provider?: string | null;
  /**
   * The provider's id of the answer.
   */
  responseId?: string | null;
  /**
   * `user`, `assistant`, `toolResult`, `custom` and others.
   */
  role: string;
  /**
   * The client that sent it (protocol 3).
   */
  senderLabel?: string | null;
  /**
   * `stop`, `toolUse`, `length`, `error` or `aborted`.
   */
  stopReason?: string | null;
  /**
   * When, in milliseconds since 1970.
   */
  timestamp?: number | null;
  /**
   * The call that this is the result of.
   */
  toolCallId?: string | null;
  /**
   * The tool.
   */
  toolName?: string | null;
  /**
   * Tokens and their price.
   */
  usage?: Usage | null;
  [k: string]: unknown;
}
/**
 * The place of a message in its transcript.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "MessageMeta".
 */
export interface MessageMeta {
  /**
   * The transcript entry.
   */
  id?: string | null;
  /**
   * The request that it belongs to (protocol 4).
   */
  idempotencyKey?: string | null;
  /**
   * When the entry was written, in milliseconds since 1970 (protocol 4).
   */
  recordTimestampMs?: number | null;
  /**
   * The run that it belongs to (protocol 4).
   */
  runId?: string | null;
  /**
   * Its place, counted from 1.
   */
  seq?: number | null;
  [k: string]: unknown;
}
/**
 * A part of a message.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ContentPart".
 */
export interface ContentPart {
  /**
   * The arguments of a `toolCall`.
   */
  arguments?: {
    [k: string]: unknown;
  };
  /**
   * The bytes of an `image` as Base64.
   */
  data?: string | null;
  /**
   * The id of a `toolCall`.
   */
  id?: string | null;
  /**
   * The MIME type of an `image`.
   */
  mimeType?: string | null;
  /**
   * The tool of a `toolCall`.
   */
  name?: string | null;
  /**
   * The text of a `text`.
   */
  text?: string | null;
  /**
   * The text of a `thinking`.
   */
  thinking?: string | null;
  /**
   * `text`, `thinking`, `toolCall`, `image` and others.
   */
  type: string;
  [k: string]: unknown;
}
/**
 * How a message was aborted.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AbortMark".
 */
export interface AbortMark {
  /**
   * Always true.
   */
  aborted: boolean;
  /**
   * `rpc`, `stop-command` and others.
   */
  origin: string;
  /**
   * The run.
   */
  runId: string;
}
/**
 * Tokens and their price.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Usage".
 */
export interface Usage {
  /**
   * Tokens read from the provider's cache.
   */
  cacheRead?: number;
  /**
   * Tokens written to the provider's cache.
   */
  cacheWrite?: number;
  cost?: UsageCost;
  /**
   * Tokens read by the model.
   */
  input?: number;
  /**
   * Tokens written by the model.
   */
  output?: number;
  /**
   * All of them.
   */
  totalTokens?: number;
}
/**
 * A price in US dollars.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UsageCost".
 */
export interface UsageCost {
  /**
   * For tokens read from the cache.
   */
  cacheRead?: number;
  /**
   * For tokens written to the cache.
   */
  cacheWrite?: number;
  /**
   * For tokens read.
   */
  input?: number;
  /**
   * For tokens written.
   */
  output?: number;
  /**
   * The sum.
   */
  total?: number;
}
/**
 * Inputs that wait (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PendingInputs".
 */
export interface PendingInputs {
  /**
   * The inputs, at most 20.
   */
  items: PendingInput[];
  /**
   * Where the next page begins.
   */
  nextBefore?: number;
  /**
   * How many there are.
   */
  total: number;
}
/**
 * An input that waits (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PendingInput".
 */
export interface PendingInput {
  /**
   * When it was accepted, in milliseconds since 1970.
   */
  acceptedAt: number;
  /**
   * Its id.
   */
  id: string;
  message: ChatMessage;
  /**
   * Its run.
   */
  runId?: string;
  /**
   * How it stands.
   */
  state: 'queued' | 'cancelled' | 'interrupted';
}
/**
 * A session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionRow".
 */
export interface SessionRow {
  /**
   * Whether the last run was aborted.
   */
  abortedLastRun?: boolean;
  /**
   * The last entry of the transcript's active branch, or null (protocol 4).
   */
  activeLeafEntryId?: {
    [k: string]: unknown;
  };
  /**
   * The model of the running turn (protocol 4).
   */
  activeModel?: string;
  /**
   * The provider of the running turn (protocol 4).
   */
  activeModelProvider?: string;
  /**
   * The active runs (protocol 4).
   */
  activeRunIds?: string[];
  activitySummary?: ActivitySummary;
  /**
   * Its agent (protocol 4).
   */
  agentId?: string;
  agentRuntime?: AgentRuntime;
  /**
   * Why (protocol 4).
   */
  archiveReason?: string;
  /**
   * Whether it is archived (protocol 4).
   */
  archived?: boolean;
  /**
   * Since when (protocol 4).
   */
  archivedAt?: number;
  /**
   * Its name, given by the gateway (protocol 4).
   */
  autoLabel?: string;
  /**
   * `chat` or `dashboard` (protocol 4).
   */
  boardFace?: string;
  /**
   * `split` or `expanded` (protocol 4).
   */
  boardPresentation?: string;
  /**
   * Its group in the list (protocol 4).
   */
  category?: string;
  /**
   * Its channel.
   */
  channel?: string;
  /**
   * `direct`, `group` or `channel`.
   */
  chatType?: string;
  /**
   * Sessions that it started.
   */
  childSessions?: string[];
  /**
   * `main`, `direct`, `custom`, `cron` and others (protocol 4).
   */
  classification?: string;
  /**
   * Its colour (protocol 4).
   */
  color?: string;
  /**
   * How full the context was before the last turn (protocol 4).
   */
  contextBudgetStatus?: {
    [k: string]: unknown;
  };
  /**
   * The size of the context window.
   */
  contextTokens?: number;
  /**
   * When it was made (protocol 4).
   */
  createdAt?: number;
  /**
   * `operator`, `run`, `channel`, `cron`, `spawn` and others (protocol 4).
   */
  createdVia?: string;
  deliveryContext?: DeliveryContext;
  /**
   * A title from its first message.
   */
  derivedTitle?: string;
  /**
   * How it is shown.
   */
  displayName?: string;
  effectiveFastMode?: FastMode;
  /**
   * Which setting says so (protocol 4).
   */
  effectiveFastModeSource?: string;
  /**
   * What happens with a message during a run (protocol 4).
   */
  effectiveQueueMode?: string;
  /**
   * The same in the end (protocol 4).
   */
  effectiveResponseUsage?: string;
  /**
   * Whether it runs commands with more rights.
   */
  elevatedLevel?: string;
  /**
   * When it ended.
   */
  endedAt?: number;
  /**
   * What it cost, in US dollars.
   */
  estimatedCostUsd?: number;
  /**
   * The folder of its commands (protocol 4).
   */
  execCwd?: string;
  /**
   * The node that runs its commands (protocol 4).
   */
  execNode?: string;
  /**
   * Who took part, at most 32 (protocol 4).
   */
  expandedParticipants?: unknown[];
  /**
   * After how many seconds `auto` becomes fast (protocol 4).
   */
  fastAutoOnSeconds?: number;
  fastMode?: FastMode;
  /**
   * Whether it began as a copy (protocol 4).
   */
  forkedFromParent?: boolean;
  /**
   * The group in the channel (protocol 3).
   */
  groupChannel?: string;
  /**
   * Whether a run is active (protocol 4).
   */
  hasActiveRun?: boolean;
  /**
   * Whether schedules write to it (protocol 4).
   */
  hasAutomation?: boolean;
  /**
   * Whether the caller hid it (protocol 4).
   */
  hiddenFromInvolvingMe?: boolean;
  /**
   * Its symbol (protocol 4).
   */
  icon?: string;
  /**
   * Tokens read.
   */
  inputTokens?: number;
  /**
   * Whether it belongs to the gateway's own work (protocol 4).
   */
  isBackground?: boolean;
  /**
   * Whether it is the agent's main session (protocol 4).
   */
  isMain?: boolean;
  /**
   * Its key.
   */
  key: string;
  /**
   * What it is.
   */
  kind: 'direct' | 'group' | 'global' | 'unknown';
  /**
   * Its name, given by a person.
   */
  label?: string;
  /**
   * The last account (protocol 3).
   */
  lastAccountId?: string;
  /**
   * When something last happened in it (protocol 4).
   */
  lastActivityAt?: number;
  /**
   * The last channel (protocol 3).
   */
  lastChannel?: string;
  /**
   * When a person last wrote to it (protocol 4).
   */
  lastInteractionAt?: number;
  /**
   * The beginning of its last message.
   */
  lastMessagePreview?: string;
  /**
   * When it was last read (protocol 4).
   */
  lastReadAt?: number;
  /**
   * Why it failed (protocol 4).
   */
  lastRunError?: string;
  /**
   * The run (protocol 4).
   */
  lastRunId?: string;
  /**
   * The last recipient (protocol 3).
   */
  lastTo?: string;
  /**
   * When a person marked it as not read (protocol 4).
   */
  markedUnreadAt?: number;
  /**
   * The model.
   */
  model?: string;
  /**
   * Who chose the model: `user`, `auto`, `inherited` (protocol 4).
   */
  modelOverrideSource?: string;
  /**
   * The provider.
   */
  modelProvider?: string;
  origin?: SessionOrigin;
  /**
   * Tokens written.
   */
  outputTokens?: number;
  /**
   * The session that it branched off.
   */
  parentSessionKey?: string;
  /**
   * How many took part (protocol 4).
   */
  participantCount?: number;
  /**
   * Who took part, at most four (protocol 4).
   */
  participants?: unknown[];
  /**
   * `read-only`, `guarded`, `workspace` or `full` (protocol 4).
   */
  permissionMode?: string;
  /**
   * Whether a change of it waits (protocol 4).
   */
  permissionModePending?: boolean;
  /**
   * Whether it is pinned (protocol 4).
   */
  pinned?: boolean;
  /**
   * Since when (protocol 4).
   */
  pinnedAt?: number;
  placement?: SessionPlacement;
  /**
   * Whether it tells its reasoning.
   */
  reasoningLevel?: string;
  /**
   * Whether it tells what an answer cost.
   */
  responseUsage?: string;
  /**
   * How long it took.
   */
  runtimeMs?: number;
  /**
   * Whether its runtime is fixed (protocol 4).
   */
  runtimeSelectionLocked?: boolean;
  /**
   * `allow` or `deny`.
   */
  sendPolicy?: string;
  /**
   * Its transcript.
   */
  sessionId?: string;
  /**
   * What the caller is to it (protocol 4).
   */
  sharingRole?: string;
  /**
   * When the row was made (protocol 4).
   */
  snapshotAt?: number;
  /**
   * The space in the channel (protocol 3).
   */
  space?: string;
  /**
   * Through how many sessions it was started.
   */
  spawnDepth?: number;
  /**
   * The session that started it.
   */
  spawnedBy?: string;
  /**
   * The folder that it was given.
   */
  spawnedWorkspaceDir?: string;
  /**
   * When the run began.
   */
  startedAt?: number;
  /**
   * How its last run stands.
   */
  status?: 'queued' | 'running' | 'done' | 'failed' | 'killed' | 'timeout';
  /**
   * `children` or `none`.
   */
  subagentControlScope?: string;
  /**
   * `orchestrator` or `leaf`.
   */
  subagentRole?: string;
  /**
   * The subject of the group (protocol 3).
   */
  subject?: string;
  /**
   * Whether the system prompt was sent.
   */
  systemSent?: boolean;
  /**
   * The level when none is set (protocol 4).
   */
  thinkingDefault?: string;
  /**
   * How much it thinks.
   */
  thinkingLevel?: string;
  /**
   * The levels of its model (protocol 4).
   */
  thinkingLevels?: ThinkingLevel[];
  /**
   * Their labels (protocol 4).
   */
  thinkingOptions?: string[];
  toolOverrides?: ToolOverrides;
  /**
   * Tokens in the context.
   */
  totalTokens?: number;
  /**
   * Whether that number is of the last turn.
   */
  totalTokensFresh?: boolean;
  /**
   * How much it tells about itself (protocol 4).
   */
  traceLevel?: string;
  /**
   * Whether something in it was not read (protocol 4).
   */
  unread?: boolean;
  /**
   * The last change, in milliseconds since 1970, or null.
   */
  updatedAt: number | null;
  /**
   * How much it tells about tools.
   */
  verboseLevel?: string;
  /**
   * Who may see it (protocol 4).
   */
  visibility?: string;
}
/**
 * What happened in a session (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ActivitySummary".
 */
export interface ActivitySummary {
  /**
   * Whether a summary can be made.
   */
  canEnsure?: boolean;
  /**
   * `current`, `stale`, `updating` or `unavailable`.
   */
  state: string;
  /**
   * The summary.
   */
  text?: string;
  /**
   * When it was made, in milliseconds since 1970.
   */
  updatedAt?: number;
}
/**
 * Where answers go.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeliveryContext".
 */
export interface DeliveryContext {
  /**
   * The account.
   */
  accountId?: string;
  /**
   * The channel.
   */
  channel?: string;
  /**
   * The thread.
   */
  threadId?: {
    [k: string]: unknown;
  };
  /**
   * The recipient.
   */
  to?: string;
}
/**
 * Where a session came from.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionOrigin".
 */
export interface SessionOrigin {
  /**
   * The account.
   */
  accountId?: string;
  /**
   * `direct`, `group` or `channel`.
   */
  chatType?: string;
  /**
   * The sender.
   */
  from?: string;
  /**
   * How the sender is called.
   */
  label?: string;
  /**
   * The channel or the kind of event.
   */
  provider?: string;
  /**
   * The client.
   */
  surface?: string;
  /**
   * The thread.
   */
  threadId?: {
    [k: string]: unknown;
  };
  /**
   * The recipient.
   */
  to?: string;
}
/**
 * Where a session runs (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionPlacement".
 */
export interface SessionPlacement {
  /**
   * When it was placed, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * Counts its moves.
   */
  generation: number;
  /**
   * `local` and others.
   */
  state: string;
  /**
   * The last change of the state.
   */
  stateChangedAtMs: number;
  /**
   * The last change.
   */
  updatedAtMs: number;
}
/**
 * What a session changes about the agent's tools (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolOverrides".
 */
export interface ToolOverrides {
  /**
   * MCP servers that are switched on or off.
   */
  mcpServers?: {
    [k: string]: boolean;
  };
  /**
   * Tools that are denied, by MCP server.
   */
  mcpToolsDeny?: {
    [k: string]: string[];
  };
  /**
   * Skills that are switched on or off.
   */
  skills?: {
    [k: string]: boolean;
  };
  /**
   * Whether the web may be searched.
   */
  webSearch?: boolean;
}
/**
 * Adds a note of the assistant to a transcript, without asking a model.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatInjectParams".
 */
export interface ChatInjectParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * A title for it.
   */
  label?: string;
  /**
   * The note.
   */
  message: string;
  /**
   * The session.
   */
  sessionKey: string;
}
/**
 * The note.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatInjectResult".
 */
export interface ChatInjectResult {
  /**
   * The entry in the transcript.
   */
  messageId: string;
  /**
   * Always true.
   */
  ok: boolean;
}
/**
 * Returns one message in full.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatMessageGetParams".
 */
export interface ChatMessageGetParams {
  /**
   * The agent, for a key without one.
   */
  agentId?: string;
  /**
   * The most characters.
   */
  maxChars?: number;
  /**
   * The message.
   */
  messageId: string;
  /**
   * The session.
   */
  sessionKey: string;
}
/**
 * One message.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatMessageGetResult".
 */
export interface ChatMessageGetResult {
  message?: ChatMessage;
  /**
   * Whether it is there.
   */
  ok: boolean;
  /**
   * Why it is not: `not_found`, `oversized` or `not_visible`.
   */
  unavailableReason?: string;
}
/**
 * Returns the models and commands that a chat offers.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatMetadataParams".
 */
export interface ChatMetadataParams {
  /**
   * The agent.
   */
  agentId?: string;
  /**
   * A saved account; not together with `sessionKey`.
   */
  authProfileId?: string;
  /**
   * The session.
   */
  sessionKey?: string;
}
/**
 * Models and commands.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatMetadataResult".
 */
export interface ChatMetadataResult {
  accountSelection?: AccountSelection;
  /**
   * The commands.
   */
  commands: CommandEntry[];
  /**
   * The models.
   */
  models: ModelChoice[];
  /**
   * Whether several agents may work together.
   */
  swarmEnabled?: boolean;
}
/**
 * Which account is used.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AccountSelection".
 */
export interface AccountSelection {
  /**
   * How it was chosen.
   */
  kind: string;
  /**
   * How it is shown.
   */
  label?: string;
}
/**
 * A command.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CommandEntry".
 */
export interface CommandEntry {
  /**
   * Whether it takes arguments.
   */
  acceptsArgs: boolean;
  /**
   * The arguments.
   */
  args?: CommandArg[];
  /**
   * `session`, `options`, `status`, `management`, `media` or `tools`.
   */
  category?: string;
  /**
   * What it does.
   */
  description: string;
  /**
   * Its name, without the stroke.
   */
  name: string;
  /**
   * Its name in a platform's own list.
   */
  nativeName?: string;
  /**
   * `text`, `native` or `both`.
   */
  scope: string;
  /**
   * The skill.
   */
  skillDisplayName?: string;
  /**
   * Whether the model sees the skill.
   */
  skillModelVisible?: boolean;
  /**
   * `native`, `skill` or `plugin`.
   */
  source: string;
  /**
   * What is typed, with the stroke.
   */
  textAliases?: string[];
}
/**
 * An argument of a command.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CommandArg".
 */
export interface CommandArg {
  /**
   * The values that it may have.
   */
  choices?: CommandChoice[];
  /**
   * What it means.
   */
  description: string;
  /**
   * Whether the values depend on the session.
   */
  dynamic?: boolean;
  /**
   * Its name.
   */
  name: string;
  /**
   * Whether it must be there.
   */
  required?: boolean;
  /**
   * `string`, `number` or `boolean`.
   */
  type: string;
}
/**
 * A value of an argument.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CommandChoice".
 */
export interface CommandChoice {
  /**
   * How it is shown.
   */
  label: string;
  /**
   * The value.
   */
  value: string;
}
/**
 * A model.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelChoice".
 */
export interface ModelChoice {
  agentRuntime?: AgentRuntime;
  /**
   * A short name from the config (protocol 4).
   */
  alias?: string;
  /**
   * Whether a key can be entered for it (protocol 4).
   */
  apiKeySupported?: boolean;
  /**
   * Whether it can be used now (protocol 4).
   */
  available?: boolean;
  /**
   * The size of its context window in tokens.
   */
  contextWindow?: number;
  /**
   * Whether it is fast: true, false or `auto` (protocol 4).
   */
  effectiveFastMode?: {
    [k: string]: unknown;
  };
  /**
   * Its id at the provider.
   */
  id: string;
  /**
   * What it reads: `text`, `image`, `audio`, `video`, `document`.
   */
  input?: string[];
  /**
   * Whether it runs on this machine (protocol 4).
   */
  local?: boolean;
  /**
   * How it is shown.
   */
  name: string;
  /**
   * The provider.
   */
  provider: string;
  /**
   * Whether it reasons.
   */
  reasoning?: boolean;
  /**
   * Whether it calls tools (protocol 4).
   */
  supportsTools?: boolean;
  /**
   * Words about it, for example `default` (protocol 4).
   */
  tags?: string[];
  /**
   * The level of a new session (protocol 4).
   */
  thinkingDefault?: string;
  /**
   * Its thinking levels (protocol 4).
   */
  thinkingLevels?: ThinkingLevel[];
  /**
   * Why not: `missing-auth`, `auth-failed` or `cooldown` (protocol 4).
   */
  unavailableReason?: string;
  /**
   * Until when, in milliseconds since 1970 (protocol 4).
   */
  unavailableUntil?: number;
}
/**
 * Sends a message or a command to a session; the answer comes as events.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatSendParams".
 */
export interface ChatSendParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * Files.
   */
  attachments?: Attachment[];
  /**
   * Whether the answer is delivered to the session's channel.
   */
  deliver?: boolean;
  /**
   * Refuses the message when the transcript went on from before this entry, so that it is shown no more; null refuses it unless the transcript is empty (protocol 4).
   */
  expectedLeafEntryId?: string | null;
  /**
   * Refuses the message unless this mode is set (protocol 4).
   */
  expectedPermissionMode?: ('read-only' | 'guarded' | 'workspace' | 'full') | null;
  /**
   * Refuses the message unless it is routed this way (protocol 4).
   */
  expectedSessionRoutingContract?: string;
  /**
   * Refuses the message unless these overrides are set (protocol 4).
   */
  expectedToolOverrides?: ToolOverrides | null;
  /**
   * After how many seconds `auto` becomes fast (protocol 4).
   */
  fastAutoOnSeconds?: number;
  fastMode?: FastMode;
  /**
   * Becomes the run's id; a repetition returns the first run.
   */
  idempotencyKey: string;
  intent?: ChatIntent;
  /**
   * People who are named in it (protocol 4).
   *
   * @maxItems 10
   */
  mentions?:
    | []
    | [Mention]
    | [Mention, Mention]
    | [Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention];
  /**
   * The message.
   */
  message: string;
  /**
   * The account there.
   */
  originatingAccountId?: string;
  /**
   * The channel that it came from.
   */
  originatingChannel?: string;
  /**
   * The thread there.
   */
  originatingThreadId?: string;
  /**
   * The recipient there.
   */
  originatingTo?: string;
  /**
   * What happens if something runs (protocol 4).
   */
  queueMode?: 'steer' | 'followup' | 'collect' | 'interrupt';
  /**
   * The message that it answers (protocol 4).
   */
  replyToId?: string;
  /**
   * Refuses the message unless the session has this transcript (protocol 4).
   */
  sessionId?: string;
  /**
   * The session.
   */
  sessionKey: string;
  /**
   * Whether a message that looks like a command is none (protocol 4).
   */
  suppressCommandInterpretation?: boolean;
  systemInputProvenance?: InputProvenance;
  /**
   * A proof of it; needs admin.
   */
  systemProvenanceReceipt?: string;
  /**
   * How much to think.
   */
  thinking?: string;
  /**
   * The longest time of the turn, in milliseconds.
   */
  timeoutMs?: number;
  /**
   * Values for tools (protocol 4).
   */
  toolBindings?: {
    [k: string]: unknown;
  };
  workContext?: WorkContext;
}
/**
 * What a message begins (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatIntent".
 */
export interface ChatIntent {
  /**
   * When, in milliseconds since 1970.
   */
  issuedAtMs: number;
  /**
   * What.
   */
  kind: 'session-goal-start';
  /**
   * Always 1.
   */
  version: number;
}
/**
 * A person who is named in a message (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Mention".
 */
export interface Mention {
  /**
   * Where it ends.
   */
  end: number;
  /**
   * The person's profile.
   */
  profileId: string;
  /**
   * Where the name begins in the message, in UTF-16 units.
   */
  start: number;
}
/**
 * What the person was looking at (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "WorkContext".
 */
export interface WorkContext {
  /**
   * The agent on it.
   */
  agentId?: string;
  /**
   * The file on it.
   */
  file?: string;
  /**
   * The page.
   */
  page: string;
  /**
   * The selected text.
   */
  selection?: string;
  /**
   * Its transcript.
   */
  sessionId?: string;
  /**
   * The session on it.
   */
  sessionKey?: string;
  /**
   * Its title.
   */
  title?: string;
  /**
   * The folder on it.
   */
  workspace?: string;
}
/**
 * What became of a message. A stop word aborts, and answers with `ok`, `aborted` and `runIds` alone.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatSendResult".
 */
export interface ChatSendResult {
  /**
   * Whether the stop word aborted a run.
   */
  aborted?: boolean;
  /**
   * Whether a run was aborted for it (`sessions.steer`).
   */
  interruptedActiveRun?: boolean;
  /**
   * Its place in the transcript (`sessions.send`).
   */
  messageSeq?: number;
  /**
   * True for a stop word.
   */
  ok?: boolean;
  /**
   * The run; the caller's idempotency key.
   */
  runId?: string;
  /**
   * The runs that it aborted.
   */
  runIds?: string[];
  serverTiming?: ServerTiming;
  /**
   * What became of it.
   */
  status?: 'started' | 'in_flight' | 'ok' | 'error' | 'timeout' | 'queued';
}
/**
 * How long accepting a message took, in milliseconds (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ServerTiming".
 */
export interface ServerTiming {
  /**
   * Of it, loading the session.
   */
  loadSessionMs?: number;
  /**
   * From the frame's arrival to the answer.
   */
  receivedToAckMs: number;
}
/**
 * A session by its short id from an address.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatStartupByShortId".
 */
export interface ChatStartupByShortId {
  /**
   * The agent.
   */
  agentId: string;
  /**
   * The most messages; 200 when absent.
   */
  limit?: number;
  /**
   * The most bytes.
   */
  maxBytes?: number;
  /**
   * The short id.
   */
  shortId: string;
  /**
   * The name from the address.
   */
  slugHint?: string;
}
/**
 * All of `chat.history`, with the agents and the metadata.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatStartupResult".
 */
export interface ChatStartupResult {
  /**
   * What tools did, by message (protocol 4).
   */
  activity?: unknown[];
  /**
   * The agents.
   */
  agentsList?: AgentsListResult | null;
  defaults?: SessionsListDefaults;
  /**
   * To ask for what is new (protocol 4).
   */
  deltaCursor?: string;
  fastMode?: FastMode;
  /**
   * Whether there are older messages (protocol 4).
   */
  hasMore?: boolean;
  inFlightRun?: InFlightRun;
  /**
   * What an answer to a cursor is (protocol 4).
   */
  kind?: 'delta' | 'reset';
  /**
   * The messages, the oldest first.
   */
  messages?: ChatMessage[];
  /**
   * Models and commands.
   */
  metadata?: ChatMetadataResult | null;
  /**
   * Where the next page begins (protocol 4).
   */
  nextOffset?: number;
  pendingInputs?: PendingInputs;
  /**
   * Its transcript.
   */
  sessionId?: string;
  sessionInfo?: SessionRow;
  /**
   * The session's key as it was sent.
   */
  sessionKey?: string;
  /**
   * How much it thinks.
   */
  thinkingLevel?: string;
  /**
   * How many messages there are (protocol 4).
   */
  totalMessages?: number;
  /**
   * How much it tells about tools.
   */
  verboseLevel?: string;
}
/**
 * Lists the commands that the caller may give in a chat.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CommandsListParams".
 */
export interface CommandsListParams {
  /**
   * The agent.
   */
  agentId?: string;
  /**
   * Whether to add the arguments; true when absent.
   */
  includeArgs?: boolean;
  /**
   * The channel whose own names are wanted.
   */
  provider?: string;
  /**
   * Only those that may be given this way; `both` when absent, which is all.
   */
  scope?: 'text' | 'native' | 'both';
  /**
   * The session.
   */
  sessionKey?: string;
}
/**
 * The commands.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CommandsListResult".
 */
export interface CommandsListResult {
  /**
   * The commands, in the order of the help.
   */
  commands: CommandEntry[];
}
/**
 * Returns the config file with its secrets replaced by `__OPENCLAW_REDACTED__`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigGetParams".
 */
export interface ConfigGetParams {}
/**
 * The config file and what became of it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigGetResult".
 */
export interface ConfigGetResult {
  /**
   * Whether the list of agents is in an included file (protocol 4).
   */
  agentRosterIncludeOwned?: boolean;
  /**
   * Identifies what the gateway uses now (protocol 4).
   */
  appliedConfigHash?: string;
  /**
   * Whether the bindings are in an included file (protocol 4).
   */
  bindingsIncludeOwned?: boolean;
  /**
   * What the file says, with defaults.
   */
  config: {
    [k: string]: unknown;
  };
  /**
   * Identifies the text and all that it includes (protocol 4).
   */
  configRevisionHash?: string;
  /**
   * Whether the file exists.
   */
  exists: boolean;
  /**
   * Identifies the text; a change must name it as its base.
   */
  hash?: string;
  /**
   * Which part came from which file (protocol 4).
   */
  includeProvenance?: unknown[];
  /**
   * Files that it includes (protocol 4).
   */
  includedPaths?: string[];
  /**
   * What is wrong.
   */
  issues: ConfigIssue[];
  /**
   * What is old.
   */
  legacyIssues: ConfigIssue[];
  /**
   * The text as JSON.
   */
  parsed: {
    [k: string]: unknown;
  };
  /**
   * Where it is.
   */
  path: string;
  /**
   * The text, or null when it does not exist.
   */
  raw: string | null;
  /**
   * The same after includes and variables.
   */
  resolved: {
    [k: string]: unknown;
  };
  /**
   * What the gateway uses now (protocol 4).
   */
  runtimeConfig?: {
    [k: string]: unknown;
  };
  /**
   * The same after includes (protocol 4).
   */
  sourceConfig?: {
    [k: string]: unknown;
  };
  /**
   * Whether it can be used.
   */
  valid: boolean;
  /**
   * What is doubtful.
   */
  warnings: ConfigIssue[];
}
/**
 * A remark about one place of the config.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigIssue".
 */
export interface ConfigIssue {
  /**
   * The remark.
   */
  message: string;
  /**
   * The place, for example `gateway.port`; empty for the whole.
   */
  path: string;
}
/**
 * Returns the JSON Schema of the config, with hints for forms.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigSchemaParams".
 */
export interface ConfigSchemaParams {}
/**
 * What may be in the config.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigSchemaResult".
 */
export interface ConfigSchemaResult {
  /**
   * When this was made, ISO 8601.
   */
  generatedAt: string;
  /**
   * The JSON Schema (draft 7), without references.
   */
  schema: {
    [k: string]: unknown;
  };
  /**
   * Hints for forms, by place.
   */
  uiHints: {
    [k: string]: ConfigHint;
  };
  /**
   * The version that knows this config.
   */
  version: string;
}
/**
 * A hint for a form.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigHint".
 */
export interface ConfigHint {
  /**
   * What the field is for.
   */
  help?: string;
  /**
   * How the field is called.
   */
  label?: string;
  /**
   * Whether it holds a secret.
   */
  sensitive?: boolean;
}
/**
 * Returns what may be at one place of the config.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigSchemaLookupParams".
 */
export interface ConfigSchemaLookupParams {
  /**
   * The place, for example `gateway.auth` or `agents.list[].id`.
   */
  path: string;
}
/**
 * What may be at one place of the config.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigSchemaLookupResult".
 */
export interface ConfigSchemaLookupResult {
  /**
   * What may be inside.
   */
  children: ConfigSchemaChild[];
  hint?: ConfigHint;
  /**
   * The place that the hint is of.
   */
  hintPath?: string;
  /**
   * The place.
   */
  path: string;
  /**
   * What a change of it needs: here always `restart` (protocol 4).
   */
  reloadKind?: string;
  /**
   * Its own schema, without what is inside.
   */
  schema: {
    [k: string]: unknown;
  };
}
/**
 * What may be inside a place of the config.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigSchemaChild".
 */
export interface ConfigSchemaChild {
  /**
   * Whether something may be inside.
   */
  hasChildren: boolean;
  hint?: ConfigHint;
  /**
   * The place that the hint is of.
   */
  hintPath?: string;
  /**
   * Its name; `*` for any name or number.
   */
  key: string;
  /**
   * Its place.
   */
  path: string;
  /**
   * What a change of it needs: here always `restart` (protocol 4).
   */
  reloadKind?: string;
  /**
   * Whether it must be there.
   */
  required: boolean;
  /**
   * Its type, or its types.
   */
  type?: {
    [k: string]: unknown;
  };
}
/**
 * Opens a session on a fresh socket: versions, who the client is, and how it proves it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConnectParams".
 */
export interface ConnectParams {
  auth?: ConnectAuth;
  /**
   * What the client understands, for example `tool-events`.
   */
  caps?: string[];
  client: ClientInfo;
  /**
   * The commands that a node can run.
   */
  commands?: string[];
  /**
   * What a node offers for using its screen (protocol 4).
   */
  computerUse?: {
    [k: string]: unknown;
  };
  device?: ConnectDevice;
  /**
   * The language.
   */
  locale?: string;
  /**
   * The highest.
   */
  maxProtocol: number;
  /**
   * The lowest protocol that the client speaks.
   */
  minProtocol: number;
  modelCatalog?: ModelCatalogTarget;
  /**
   * Where a node looks for programs.
   */
  pathEnv?: string;
  /**
   * What the node's operating system lets it do.
   */
  permissions?: {
    [k: string]: boolean;
  };
  /**
   * The role that is asked for; `operator` when absent.
   */
  role?: string;
  /**
   * The scopes that are asked for; they can only narrow what the server grants.
   */
  scopes?: string[];
  /**
   * The browser.
   */
  userAgent?: string;
  workerRuns?: WorkerRuns;
}
/**
 * Secrets. What is sent is never logged.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConnectAuth".
 */
export interface ConnectAuth {
  /**
   * The token of an agent runtime (protocol 4).
   */
  agentRuntimeIdentityToken?: string;
  /**
   * The token of an approval runtime (protocol 4).
   */
  approvalRuntimeToken?: string;
  /**
   * The one-time token of a pairing code.
   */
  bootstrapToken?: string;
  /**
   * The device's own token.
   */
  deviceToken?: string;
  /**
   * The gateway's password.
   */
  password?: string;
  /**
   * The gateway's token.
   */
  token?: string;
}
/**
 * The client.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ClientInfo".
 */
export interface ClientInfo {
  /**
   * Its build (protocol 4).
   */
  buildId?: string;
  /**
   * Its kind of device.
   */
  deviceFamily?: string;
  /**
   * How it is shown.
   */
  displayName?: string;
  /**
   * Which client.
   */
  id:
    | 'webchat-ui'
    | 'openclaw-control-ui'
    | 'openclaw-browser-copilot'
    | 'openclaw-tui'
    | 'webchat'
    | 'cli'
    | 'gateway-client'
    | 'openclaw-macos'
    | 'openclaw-linux'
    | 'openclaw-ios'
    | 'openclaw-watchos'
    | 'openclaw-android'
    | 'node-host'
    | 'openclaw-worker'
    | 'test'
    | 'fingerprint'
    | 'openclaw-probe';
  /**
   * This installation.
   */
  instanceId?: string;
  /**
   * How it is used.
   */
  mode: 'webchat' | 'cli' | 'ui' | 'backend' | 'node' | 'worker' | 'probe' | 'test';
  /**
   * Its model.
   */
  modelIdentifier?: string;
  /**
   * Its operating system.
   */
  platform: string;
  /**
   * Its time zone (protocol 4).
   */
  timeZone?: string;
  /**
   * Its version.
   */
  version: string;
}
/**
 * A device's key, and its signature over the challenge.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConnectDevice".
 */
export interface ConnectDevice {
  /**
   * Lower-case hex SHA-256 of the raw public key.
   */
  id: string;
  /**
   * The challenge.
   */
  nonce: string;
  /**
   * The raw Ed25519 key in base64url, or PEM.
   */
  publicKey: string;
  /**
   * The signature in base64url.
   */
  signature: string;
  /**
   * When it was made, in milliseconds since 1970.
   */
  signedAt: number;
}
/**
 * For which session the first list of models is wanted (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelCatalogTarget".
 */
export interface ModelCatalogTarget {
  /**
   * The agent.
   */
  agentId?: string;
  /**
   * The session.
   */
  sessionKey?: string;
  /**
   * The session, by its short id.
   */
  shortId?: string;
  /**
   * Its name in the address.
   */
  slugHint?: string;
}
/**
 * What a worker can run (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "WorkerRuns".
 */
export interface WorkerRuns {
  /**
   * The SHA-256 of its bundle.
   */
  bundleHash: string;
  /**
   * The version of its prewarming.
   */
  bundlePrewarm?: number;
  /**
   * The OpenClaw version of its bundle.
   */
  openclawVersion: string;
  /**
   * What it understands.
   *
   * @maxItems 64
   */
  protocolFeatures: string[];
}
/**
 * What the gateway is, what it offers, what it grants and how it stands.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HelloOk".
 */
export interface HelloOk {
  auth?: HelloAuth;
  /**
   * Where the canvas is (protocol 3).
   */
  canvasHostUrl?: string;
  /**
   * Links that plugins can read (protocol 4).
   */
  controlUiLinkReaders?: unknown[];
  /**
   * Tabs that plugins add to the pages (protocol 4).
   */
  controlUiTabs?: unknown[];
  /**
   * Where the pages are (protocol 4).
   */
  controlUiUrl?: string;
  /**
   * Widgets that plugins add to the pages (protocol 4).
   */
  controlUiWidgetKinds?: unknown[];
  features: HelloFeatures;
  /**
   * Where the surfaces of plugins are (protocol 4).
   */
  pluginSurfaceUrls?: {
    [k: string]: string;
  };
  policy: HelloPolicy;
  /**
   * The protocol that was chosen.
   */
  protocol: number;
  server: HelloServer;
  snapshot: HelloSnapshot;
  /**
   * Always `hello-ok`.
   */
  type: string;
}
/**
 * What is granted.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HelloAuth".
 */
export interface HelloAuth {
  /**
   * A token for the device, to be kept.
   */
  deviceToken?: string;
  /**
   * Tokens for other roles (protocol 4).
   */
  deviceTokens?: ExtraDeviceToken[];
  /**
   * When the token was issued, in milliseconds since 1970.
   */
  issuedAtMs?: number;
  /**
   * What proved it: `token`, `password`, `device-token`, `none` and others (protocol 4).
   */
  method?: string;
  /**
   * Whether tokens may be recovered (protocol 4).
   */
  recoveryMigrationAllowed?: boolean;
  /**
   * For which gateway (protocol 4).
   */
  recoveryScope?: string;
  /**
   * The role.
   */
  role: string;
  /**
   * The scopes, sorted.
   */
  scopes: string[];
}
/**
 * A token for another role (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExtraDeviceToken".
 */
export interface ExtraDeviceToken {
  /**
   * The token.
   */
  deviceToken: string;
  /**
   * When it was issued, in milliseconds since 1970.
   */
  issuedAtMs: number;
  /**
   * Its role.
   */
  role: string;
  /**
   * Its scopes.
   */
  scopes: string[];
}
/**
 * What the gateway offers.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HelloFeatures".
 */
export interface HelloFeatures {
  /**
   * What else it understands (protocol 4).
   */
  capabilities?: string[];
  /**
   * Events that it sends.
   */
  events: string[];
  /**
   * Methods that it answers.
   */
  methods: string[];
}
/**
 * Limits.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HelloPolicy".
 */
export interface HelloPolicy {
  /**
   * Who may see a session: some of `shared`, `read-only`, `suggest`, `draft` (protocol 4).
   */
  allowedSessionVisibilities?: string[];
  attachments?: AttachmentPolicy;
  /**
   * Whether sessions can be shared with others at all (protocol 4).
   */
  hasMultipleSessionSharingIdentities?: boolean;
  /**
   * The bytes that may wait for a slow reader.
   */
  maxBufferedBytes: number;
  /**
   * The largest frame, in bytes.
   */
  maxPayload: number;
  /**
   * The time between two ticks.
   */
  tickIntervalMs: number;
}
/**
 * The largest attachments, in bytes (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AttachmentPolicy".
 */
export interface AttachmentPolicy {
  /**
   * Of any kind.
   */
  maxBytes: number;
  /**
   * Of a picture.
   */
  maxImageBytes: number;
}
/**
 * The gateway.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HelloServer".
 */
export interface HelloServer {
  /**
   * This start of it (protocol 4).
   */
  bootId?: string;
  /**
   * Its build (protocol 4).
   */
  buildId?: string;
  /**
   * This connection.
   */
  connId: string;
  /**
   * Where its pages come from: `bundled` or `configured` (protocol 4).
   */
  controlUiBuildSource?: string;
  /**
   * Its version.
   */
  version: string;
}
/**
 * How the gateway stands.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HelloSnapshot".
 */
export interface HelloSnapshot {
  /**
   * Identifies the config in use (protocol 4).
   */
  appliedConfigHash?: string;
  /**
   * `none`, `token`, `password` or `trusted-proxy`.
   */
  authMode?: string;
  /**
   * The config file.
   */
  configPath?: string;
  /**
   * Where people manage their identity (protocol 4).
   */
  controlUiIdentityUrl?: string;
  health: HelloHealth;
  /**
   * Who is connected.
   */
  presence: PresenceEntry[];
  sessionDefaults?: SessionDefaults;
  /**
   * The state directory.
   */
  stateDir?: string;
  stateVersion: StateVersion;
  suspension?: Suspension;
  updateAvailable?: UpdateAvailable;
  /**
   * When updates are installed (protocol 4).
   */
  updateSchedule?: {
    [k: string]: unknown;
  };
  /**
   * How long it runs.
   */
  uptimeMs: number;
}
/**
 * The state of the gateway; also the payload of the `health` event.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HealthResult".
 */
export interface HealthResult {
  /**
   * Every agent.
   */
  agents: HealthAgent[];
  /**
   * How each channel is called.
   */
  channelLabels: {
    [k: string]: string;
  };
  /**
   * The channels in the order of display.
   */
  channelOrder: string[];
  /**
   * Each channel's own summary, by channel.
   */
  channels: {
    [k: string]: unknown;
  };
  configReload?: ConfigReload;
  /**
   * The default agent.
   */
  defaultAgentId: string;
  /**
   * How long it took.
   */
  durationMs: number;
  eventLoop?: EventLoop;
  /**
   * Seconds between two heartbeats of the default agent; 0 when off.
   */
  heartbeatSeconds: number;
  modelRuntime?: ModelRuntime;
  /**
   * Always true when the gateway answers.
   */
  ok: boolean;
  plugins?: HealthPlugins;
  sessions: HealthSessions;
  /**
   * When the look was taken, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * An agent in the health summary.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HealthAgent".
 */
export interface HealthAgent {
  /**
   * The agent.
   */
  agentId: string;
  heartbeat: HealthHeartbeat;
  /**
   * Whether it is the default.
   */
  isDefault: boolean;
  /**
   * Its name.
   */
  name?: string;
  sessions: HealthSessions;
}
/**
 * The heartbeat settings of an agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HealthHeartbeat".
 */
export interface HealthHeartbeat {
  /**
   * The longest remainder beside the quiet token that is still not delivered.
   */
  ackMaxChars: number;
  /**
   * Whether it is on.
   */
  enabled: boolean;
  /**
   * The interval as configured, for example `30m`.
   */
  every: string;
  /**
   * The interval in milliseconds, or null when it is off.
   */
  everyMs: number | null;
  /**
   * The model, when it differs.
   */
  model?: string;
  /**
   * What the agent is asked.
   */
  prompt: string;
  /**
   * The session, when it differs.
   */
  session?: string;
  /**
   * Where an answer goes.
   */
  target: string;
}
/**
 * The sessions of an agent in the health summary.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HealthSessions".
 */
export interface HealthSessions {
  /**
   * How many there are.
   */
  count: number;
  /**
   * Where they are stored.
   */
  path: string;
  /**
   * The latest five.
   */
  recent: RecentSession[];
}
/**
 * A session that was changed lately.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "RecentSession".
 */
export interface RecentSession {
  /**
   * Milliseconds since then, or null.
   */
  age: number | null;
  /**
   * Its key.
   */
  key: string;
  /**
   * The last change, in milliseconds since 1970, or null.
   */
  updatedAt: number | null;
}
/**
 * Whether the config is reloaded while running (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigReload".
 */
export interface ConfigReload {
  /**
   * `active` or `disabled`.
   */
  hotReloadStatus: string;
}
/**
 * Whether model runtimes are ready (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelRuntime".
 */
export interface ModelRuntime {
  /**
   * Whether one is not.
   */
  degraded: boolean;
  /**
   * Agents that still wait for theirs.
   */
  pendingAgents: string[];
}
/**
 * Loaded plugins (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HealthPlugins".
 */
export interface HealthPlugins {
  /**
   * Plugins that failed.
   */
  errors: unknown[];
  /**
   * Plugins that work.
   */
  loaded: string[];
  /**
   * Plugins that are configured and missing.
   */
  unavailable?: unknown[];
}
/**
 * The gateway itself, or a client.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PresenceEntry".
 */
export interface PresenceEntry {
  /**
   * The client's `client.id` (protocol 4).
   */
  clientId?: string;
  /**
   * Its kind of device.
   */
  deviceFamily?: string;
  /**
   * Its device.
   */
  deviceId?: string;
  /**
   * The machine or the client's name.
   */
  host?: string;
  /**
   * Its `client.instanceId`, or the device.
   */
  instanceId?: string;
  /**
   * Its address.
   */
  ip?: string;
  /**
   * Its last request (protocol 4).
   */
  lastActivityAt?: number;
  /**
   * Seconds since a person touched it.
   */
  lastInputSeconds?: number;
  /**
   * Its `client.mode`; `gateway` for the gateway.
   */
  mode?: string;
  /**
   * Its model.
   */
  modelIdentifier?: string;
  /**
   * Since when it is connected (protocol 4).
   */
  onlineSince?: number;
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * Why the entry changed: `self`, `connect`, `disconnect`.
   */
  reason?: string;
  /**
   * Its roles.
   */
  roles?: string[];
  /**
   * Its scopes.
   */
  scopes?: string[];
  /**
   * Free words.
   */
  tags?: string[];
  /**
   * One line for people.
   */
  text?: string;
  /**
   * Its time zone (protocol 4).
   */
  timeZone?: string;
  /**
   * When the entry changed, in milliseconds since 1970.
   */
  ts: number;
  user?: PresenceUser;
  /**
   * Its version.
   */
  version?: string;
  /**
   * Sessions that it shows now (protocol 4).
   */
  watchedSessions?: string[];
}
/**
 * The person behind a client (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PresenceUser".
 */
export interface PresenceUser {
  /**
   * Where the picture is.
   */
  avatarUrl?: string;
  /**
   * The address.
   */
  email?: string;
  /**
   * The person's id.
   */
  id: string;
  identity?: PresenceIdentity;
  /**
   * The name.
   */
  name?: string;
}
/**
 * The profile of a person (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PresenceIdentity".
 */
export interface PresenceIdentity {
  /**
   * The profile's id.
   */
  id: string;
  /**
   * Always `profile`.
   */
  type: string;
}
/**
 * What a session begins with.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionDefaults".
 */
export interface SessionDefaults {
  /**
   * The default agent.
   */
  defaultAgentId: string;
  /**
   * Always `main`.
   */
  mainKey: string;
  /**
   * The default agent's main session.
   */
  mainSessionKey: string;
  /**
   * Whether a model is configured (protocol 4).
   */
  modelConfigured?: boolean;
  /**
   * Who owns the agents: `sole`, `legacy` or `explicit` (protocol 4).
   */
  ownership?: string;
  /**
   * `per-sender` or `global`.
   */
  scope?: string;
  /**
   * Whether a person has to choose an agent first (protocol 4).
   */
  selectionRequired?: boolean;
}
/**
 * The counters that accompany `presence` and `health`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "StateVersion".
 */
export interface StateVersion {
  /**
   * Grows with each health refresh; starts at 1.
   */
  health: number;
  /**
   * Grows with each change of the presence list; starts at 1.
   */
  presence: number;
}
/**
 * Whether the gateway takes new work (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Suspension".
 */
export interface Suspension {
  /**
   * `accepting`, `preparing`, `draining` or `prepared`.
   */
  phase: string;
}
/**
 * A newer version.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UpdateAvailable".
 */
export interface UpdateAvailable {
  /**
   * Where it comes from.
   */
  channel: string;
  /**
   * The version that runs.
   */
  currentVersion: string;
  /**
   * The newer one.
   */
  latestVersion: string;
}
/**
 * Takes entries off the list: those named by `ids`, or `all` of them.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeadLettersDiscardParams".
 */
export interface DeadLettersDiscardParams {
  /**
   * Every one.
   */
  all?: boolean;
  /**
   * Which ones.
   *
   * @minItems 1
   * @maxItems 500
   */
  ids?: [string, ...string[]];
}
/**
 * What was taken off.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeadLettersDiscardResult".
 */
export interface DeadLettersDiscardResult {
  /**
   * How many entries.
   */
  discarded: number;
  /**
   * How many are left.
   */
  total: number;
}
/**
 * Lists what was dropped or given up, the latest first.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeadLettersListParams".
 */
export interface DeadLettersListParams {
  /**
   * Where to go on: `nextCursor` of the answer before.
   */
  cursor?: string;
  /**
   * How many at most; 100 when absent.
   */
  limit?: number;
}
/**
 * A part of the list.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeadLettersListResult".
 */
export interface DeadLettersListResult {
  /**
   * The latest first.
   */
  letters: DeadLetter[];
  /**
   * Where to go on with `cursor`; absent at the end.
   */
  nextCursor?: string;
  /**
   * How many there are in all.
   */
  total: number;
}
/**
 * One thing that was dropped or given up.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeadLetter".
 */
export interface DeadLetter {
  /**
   * When, in milliseconds since 1970.
   */
  at: number;
  /**
   * Its id in the list.
   */
  id: string;
  /**
   * How it ended.
   */
  kind: 'interrupted' | 'never-began' | 'unreadable' | 'not-ended' | 'expired' | 'displaced';
  /**
   * The node that it was for.
   */
  nodeId?: string;
  /**
   * Why, for people.
   */
  reason: string;
  /**
   * The session that it belonged to.
   */
  sessionKey?: string;
  /**
   * What it was: the id of a run, or of work for a node.
   */
  subject: string;
  /**
   * What was asked: the beginning of the message, or the node's command.
   */
  text?: string;
}
/**
 * Approves a request: the device gets the roles and scopes that the request shows. The caller must hold each of those scopes.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairApproveParams".
 */
export interface DevicePairApproveParams {
  /**
   * The request. One that was replaced by a newer one of the same device approves nothing.
   */
  requestId: string;
}
/**
 * What was approved.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairApproveResult".
 */
export interface DevicePairApproveResult {
  device: PairedDevice;
  /**
   * The request.
   */
  requestId: string;
}
/**
 * A paired device.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PairedDevice".
 */
export interface PairedDevice {
  /**
   * When it was last approved.
   */
  approvedAtMs: number;
  /**
   * How it was approved, for example `silent` (protocol 4).
   */
  approvedVia?: string;
  /**
   * Its `client.id`.
   */
  clientId?: string;
  /**
   * Its `client.mode`.
   */
  clientMode?: string;
  /**
   * Whether it is connected (protocol 4).
   */
  connected?: boolean;
  /**
   * When it was paired, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * Its kind.
   */
  deviceFamily?: string;
  /**
   * The device.
   */
  deviceId: string;
  /**
   * The name that it tells.
   */
  displayName?: string;
  /**
   * When it was last heard of (protocol 4).
   */
  lastSeenAtMs?: number;
  /**
   * By what (protocol 4).
   */
  lastSeenReason?: string;
  nodeSurface?: NodeSurface;
  /**
   * The name that an operator gave it (protocol 4).
   */
  operatorLabel?: string;
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * Its key, base64url.
   */
  publicKey: string;
  /**
   * Its address.
   */
  remoteIp?: string;
  /**
   * Its last role.
   */
  role?: string;
  /**
   * Its roles.
   */
  roles?: string[];
  /**
   * Its scopes.
   */
  scopes?: string[];
  /**
   * Its tokens, without the secret.
   */
  tokens?: DeviceTokenSummary[];
}
/**
 * What a device offers as a node (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeSurface".
 */
export interface NodeSurface {
  /**
   * When it was approved.
   */
  approvedAtMs?: number;
  /**
   * What it can do.
   */
  caps?: string[];
  /**
   * The commands that were approved.
   */
  commands?: string[];
  /**
   * When it was first seen, in milliseconds since 1970.
   */
  createdAtMs?: number;
  /**
   * Its name.
   */
  displayName?: string;
  /**
   * When it was last connected.
   */
  lastConnectedAtMs?: number;
  /**
   * When it was last disconnected.
   */
  lastDisconnectedAtMs?: number;
  /**
   * Its version.
   */
  version?: string;
}
/**
 * A device's token, without the secret.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeviceTokenSummary".
 */
export interface DeviceTokenSummary {
  /**
   * When it was made, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * When it was last used.
   */
  lastUsedAtMs?: number;
  /**
   * When it was withdrawn.
   */
  revokedAtMs?: number;
  /**
   * Its role.
   */
  role: string;
  /**
   * When it was last replaced.
   */
  rotatedAtMs?: number;
  /**
   * Its scopes, sorted.
   */
  scopes: string[];
}
/**
 * Lists pending pairing requests and paired devices; of tokens only their dates.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairListParams".
 */
export interface DevicePairListParams {}
/**
 * The devices.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairListResult".
 */
export interface DevicePairListResult {
  /**
   * Devices that are paired.
   */
  paired: PairedDevice[];
  /**
   * Requests that wait for a decision.
   */
  pending: PendingDevice[];
}
/**
 * A device that asks to be paired, or for more than it has; also the payload of `device.pair.requested`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PendingDevice".
 */
export interface PendingDevice {
  /**
   * The origin of the page (protocol 4).
   */
  browserOrigin?: string;
  /**
   * Its `client.id`.
   */
  clientId?: string;
  /**
   * Its `client.mode`.
   */
  clientMode?: string;
  /**
   * Its kind.
   */
  deviceFamily?: string;
  /**
   * The device.
   */
  deviceId: string;
  /**
   * Its name.
   */
  displayName?: string;
  /**
   * Whether the device was paired before.
   */
  isRepair?: boolean;
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * Its key, base64url.
   */
  publicKey: string;
  /**
   * Its address.
   */
  remoteIp?: string;
  /**
   * The request, to be approved or rejected.
   */
  requestId: string;
  /**
   * The role that it asks for.
   */
  role?: string;
  /**
   * All roles that it would have.
   */
  roles?: string[];
  /**
   * The scopes that it would have.
   */
  scopes?: string[];
  /**
   * Whether no person has to be asked.
   */
  silent?: boolean;
  /**
   * When it asked, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Rejects a request; the device may ask again.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairRejectParams".
 */
export interface DevicePairRejectParams {
  /**
   * The request.
   */
  requestId: string;
}
/**
 * What was rejected.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairRejectResult".
 */
export interface DevicePairRejectResult {
  /**
   * The device that had asked.
   */
  deviceId: string;
  /**
   * The request.
   */
  requestId: string;
}
/**
 * Forgets a device with its tokens and closes its connections.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairRemoveParams".
 */
export interface DevicePairRemoveParams {
  /**
   * The device.
   */
  deviceId: string;
}
/**
 * What was forgotten.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairRemoveResult".
 */
export interface DevicePairRemoveResult {
  /**
   * The device.
   */
  deviceId: string;
}
/**
 * Gives a device a name that people see instead of the one it tells (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairRenameParams".
 */
export interface DevicePairRenameParams {
  /**
   * The device.
   */
  deviceId: string;
  /**
   * The name, 1 to 64 characters.
   */
  label: string;
}
/**
 * What was named.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairRenameResult".
 */
export interface DevicePairRenameResult {
  /**
   * The device.
   */
  deviceId: string;
  /**
   * Its name.
   */
  label: string;
}
/**
 * Makes a setup code of one use: base64url of JSON with the gateway's address and a secret that lets one new device in. It ends after ten minutes.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairSetupCodeParams".
 */
export interface DevicePairSetupCodeParams {
  /**
   * What the device shall be; a node and an operator with every right when absent.
   */
  bootstrapProfile?: 'limited' | 'node';
  /**
   * Whether a picture of the code comes along; it does unless this is false.
   */
  includeQr?: boolean;
  /**
   * Whether an address to join by is wanted; refused, there is none in this build.
   */
  joinUrl?: boolean;
  /**
   * Whether `gateway.remote.url` goes before an address of this machine.
   */
  preferRemoteUrl?: boolean;
  /**
   * The address that the device shall use, for example `wss://claw.example.org`.
   */
  publicUrl?: string;
}
/**
 * A setup code.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairSetupCodeResult".
 */
export interface DevicePairSetupCodeResult {
  /**
   * What the code gives.
   */
  access?: 'full' | 'limited' | 'node';
  /**
   * Whether it gives less than was asked for, since the address is not encrypted.
   */
  accessDowngraded?: boolean;
  /**
   * How the gateway asks for its shared secret.
   */
  auth: 'token' | 'password' | 'trusted-proxy';
  /**
   * When it ends, in milliseconds since 1970.
   */
  expiresAtMs?: number;
  /**
   * The address in it.
   */
  gatewayUrl: string;
  /**
   * The same as a picture: a `data:` address of a PNG.
   */
  qrDataUrl?: string;
  /**
   * The code.
   */
  setupCode: string;
  /**
   * Its id, for `device.pair.setupStatus`.
   */
  setupId?: string;
  /**
   * Where the address comes from.
   */
  urlSource: string;
}
/**
 * Asks what became of a setup code.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairSetupStatusParams".
 */
export interface DevicePairSetupStatusParams {
  /**
   * The code's id.
   */
  setupId: string;
}
/**
 * What became of a setup code; nothing while nobody has used it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairSetupStatusResult".
 */
export interface DevicePairSetupStatusResult {
  completion?: SetupCompletion;
  deliveryUncertain?: SetupCompletion;
}
/**
 * Who used a setup code; also the payload of `device.pair.setup.completed`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SetupCompletion".
 */
export interface SetupCompletion {
  /**
   * What it got.
   */
  access: 'full' | 'limited' | 'node';
  /**
   * The device.
   */
  deviceId: string;
  /**
   * Its name.
   */
  deviceName?: string;
  /**
   * The code's id.
   */
  setupId: string;
  /**
   * When, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Asks for more scopes for the device of this connection; an operator who holds them decides.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ScopeUpgradeRequestParams".
 */
export interface ScopeUpgradeRequestParams {
  /**
   * The scopes that the connection has and those that it wants beside them.
   *
   * @minItems 1
   * @maxItems 8
   */
  scopes:
    | [string]
    | [string, string]
    | [string, string, string]
    | [string, string, string, string]
    | [string, string, string, string, string]
    | [string, string, string, string, string, string]
    | [string, string, string, string, string, string, string]
    | [string, string, string, string, string, string, string, string];
}
/**
 * The request, to be waited for and to be approved like any other.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ScopeUpgradeRequestResult".
 */
export interface ScopeUpgradeRequestResult {
  /**
   * The request.
   */
  requestId: string;
}
/**
 * Waits for what becomes of a request of this connection's device.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ScopeUpgradeWaitParams".
 */
export interface ScopeUpgradeWaitParams {
  /**
   * The request.
   */
  requestId: string;
}
/**
 * What became of the request. The device connects again with the token to have its scopes.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ScopeUpgradeWaitResult".
 */
export interface ScopeUpgradeWaitResult {
  /**
   * The device's token, once it was approved.
   */
  deviceToken?: string;
  /**
   * The request.
   */
  requestId: string;
  /**
   * What the token allows.
   */
  scopes?: string[];
  /**
   * Whether it was approved.
   */
  status: 'approved' | 'rejected' | 'expired';
}
/**
 * Revokes a device's token and closes its connections of that role.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeviceTokenRevokeParams".
 */
export interface DeviceTokenRevokeParams {
  /**
   * The device.
   */
  deviceId: string;
  /**
   * The role whose token is revoked.
   */
  role: string;
}
/**
 * What was revoked.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeviceTokenRevokeResult".
 */
export interface DeviceTokenRevokeResult {
  /**
   * The device.
   */
  deviceId: string;
  /**
   * When it was first revoked, in milliseconds since 1970.
   */
  revokedAtMs: number;
  /**
   * The role.
   */
  role: string;
}
/**
 * Replaces a device's token and closes the connections that stand on the old one.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeviceTokenRotateParams".
 */
export interface DeviceTokenRotateParams {
  /**
   * The device.
   */
  deviceId: string;
  /**
   * The role whose token is replaced.
   */
  role: string;
  /**
   * Exactly what the new token allows; as the old one when absent. Never more than the device is approved for, nor more than the caller holds.
   */
  scopes?: string[];
}
/**
 * The new token.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DeviceTokenRotateResult".
 */
export interface DeviceTokenRotateResult {
  /**
   * The device.
   */
  deviceId: string;
  /**
   * The role.
   */
  role: string;
  /**
   * When it was made, in milliseconds since 1970.
   */
  rotatedAtMs: number;
  /**
   * What it allows, sorted.
   */
  scopes: string[];
  /**
   * The token's text. In protocol 4 only the device itself gets it.
   */
  token?: string;
  /**
   * Whether the text is in this answer (protocol 4).
   */
  tokenDelivery?: 'in-band' | 'withheld-cross-device';
}
/**
 * Returns a command that waits for a decision (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalGetParams".
 */
export interface ExecApprovalGetParams {
  /**
   * The request; the first characters do when no other begins so.
   */
  id: string;
}
/**
 * A command that waits for a decision (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalGetResult".
 */
export interface ExecApprovalGetResult {
  /**
   * The agent that asks.
   */
  agentId: string | null;
  /**
   * What may be decided.
   */
  allowedDecisions: ('allow-once' | 'allow-always' | 'deny')[];
  /**
   * A shorter form; always null, since nothing shorter would be the command.
   */
  commandPreview: string | null;
  /**
   * The command.
   */
  commandText: string;
  /**
   * Until when it waits, in milliseconds since 1970.
   */
  expiresAtMs: number;
  /**
   * `gateway`, `node` or `sandbox`.
   */
  host: string | null;
  /**
   * The request.
   */
  id: string;
  /**
   * The node.
   */
  nodeId: string | null;
}
/**
 * Lists the commands that wait for a decision (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalListParams".
 */
export interface ExecApprovalListParams {}
/**
 * A command wants to run.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalRequestedEvent".
 */
export interface ExecApprovalRequestedEvent {
  /**
   * `exec` (protocol 4, in lists).
   */
  approvalKind?: 'exec' | 'plugin' | 'system-agent';
  /**
   * When it was made, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * Until when it waits.
   */
  expiresAtMs: number;
  /**
   * The request.
   */
  id: string;
  request: ExecApprovalRequest;
}
/**
 * A command that wants to run, as approvers see it: in full, with what is invisible made visible.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalRequest".
 */
export interface ExecApprovalRequest {
  /**
   * The agent that asks.
   */
  agentId: string | null;
  /**
   * What may be decided (protocol 4).
   */
  allowedDecisions: ('allow-once' | 'allow-always' | 'deny')[];
  /**
   * When the asker wants a person asked.
   */
  ask: string | null;
  /**
   * The command.
   */
  command: string;
  /**
   * Its parts, unless a node runs it.
   */
  commandArgv?: string[];
  /**
   * The folder.
   */
  cwd: string | null;
  /**
   * Names of variables that are set for it.
   */
  envKeys?: string[];
  /**
   * `gateway`, `node` or `sandbox`.
   */
  host: string | null;
  /**
   * The node.
   */
  nodeId: string | null;
  /**
   * The program's path as the asker resolved it.
   */
  resolvedPath: string | null;
  /**
   * The run that asks (protocol 4).
   */
  runId?: string;
  scope?: ApprovalScope;
  /**
   * The asker's limit.
   */
  security: string | null;
  /**
   * Its transcript (protocol 4).
   */
  sessionId?: string;
  /**
   * The session that asks.
   */
  sessionKey: string | null;
  /**
   * What a node may run with it.
   */
  systemRunBinding: SystemRunBinding | null;
  /**
   * What a node would run.
   */
  systemRunPlan: SystemRunPlan | null;
  /**
   * The tool call that asks (protocol 4).
   */
  toolCallId?: string;
  /**
   * The account that it came to.
   */
  turnSourceAccountId: string | null;
  /**
   * The channel that the turn came from.
   */
  turnSourceChannel: string | null;
  /**
   * The thread that it belongs to.
   */
  turnSourceThreadId: ThreadId | null;
  /**
   * The recipient of its answers.
   */
  turnSourceTo: string | null;
  /**
   * Words of warning, the gateway's own among them (protocol 4).
   */
  warningText?: string;
}
/**
 * What a node may run with an approval.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SystemRunBinding".
 */
export interface SystemRunBinding {
  /**
   * The agent.
   */
  agentId: string | null;
  /**
   * The command and its arguments.
   */
  argv: string[];
  /**
   * The folder.
   */
  cwd: string | null;
  /**
   * Digest of the variables; null when none is set.
   */
  envHash: string | null;
  /**
   * The session.
   */
  sessionKey: string | null;
}
/**
 * What a node would run, as approvers see it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SystemRunPlan".
 */
export interface SystemRunPlan {
  /**
   * The agent.
   */
  agentId: string | null;
  /**
   * The command and its arguments.
   */
  argv: string[];
  /**
   * The command as text.
   */
  commandText: string;
  /**
   * The folder.
   */
  cwd: string | null;
  mutableFileOperand?: MutableFileOperand;
  /**
   * The session.
   */
  sessionKey: string | null;
}
/**
 * A file that a command runs, with its digest.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "MutableFileOperand".
 */
export interface MutableFileOperand {
  /**
   * Which argument names it.
   */
  argvIndex: number;
  /**
   * Its path.
   */
  path: string;
  /**
   * SHA-256 of its content, hex.
   */
  sha256: string;
}
/**
 * Asks operators whether a command may run. What is decided holds for exactly this command, folder, environment and session, once.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalRequestParams".
 */
export interface ExecApprovalRequestParams {
  /**
   * The agent that asks.
   */
  agentId?: string | null;
  /**
   * Devices that may decide; heard from the gateway's own parts alone (protocol 4).
   */
  approvalReviewerDeviceIds?: string[];
  /**
   * When the asker wants a person asked: `off`, `on-miss` or `always`.
   */
  ask?: string | null;
  /**
   * The command as text; only shown when there is no list of its parts.
   */
  command?: string;
  /**
   * The command and its arguments.
   */
  commandArgv?: string[];
  /**
   * Parts of the command to stress (protocol 4); what is shown here is our own rendering.
   */
  commandSpans?: CommandSpan[];
  /**
   * The folder that it runs in.
   */
  cwd?: string | null;
  /**
   * Whether only connected approvers are told (protocol 4).
   */
  deliverToApprovalClientsOnly?: boolean;
  /**
   * Variables that are set for it.
   */
  env?: {
    [k: string]: string;
  };
  /**
   * `gateway`, `node` or `sandbox`.
   */
  host?: string | null;
  /**
   * A name of the asker's own, so that it finds the decision again; letters, digits, `.`, `_`, `:` and `-`.
   */
  id?: string;
  /**
   * The node that it runs on.
   */
  nodeId?: string | null;
  /**
   * Whether the request ends at once when nobody is there to decide; true when absent (protocol 4).
   */
  requireDeliveryRoute?: boolean;
  /**
   * The program's path as the asker resolved it.
   */
  resolvedPath?: string | null;
  /**
   * The run that asks (protocol 4).
   */
  runId?: string | null;
  scope?: ApprovalScope;
  /**
   * The asker's limit: `deny`, `allowlist` or `full`.
   */
  security?: string | null;
  /**
   * Its transcript (protocol 4).
   */
  sessionId?: string | null;
  /**
   * The session that asks.
   */
  sessionKey?: string | null;
  /**
   * Whether nobody is told (protocol 4).
   */
  suppressDelivery?: boolean;
  systemRunPlan?: PlanParams;
  /**
   * How long it waits, in milliseconds; at most a day.
   */
  timeoutMs?: number;
  /**
   * The tool call that asks (protocol 4).
   */
  toolCallId?: string | null;
  /**
   * The account that it came to.
   */
  turnSourceAccountId?: string | null;
  /**
   * The channel that the turn came from.
   */
  turnSourceChannel?: string | null;
  /**
   * The thread that it belongs to.
   */
  turnSourceThreadId?: ThreadId | null;
  /**
   * The recipient of its answers.
   */
  turnSourceTo?: string | null;
  /**
   * Whether to answer twice: at once, and when it is decided.
   */
  twoPhase?: boolean;
  /**
   * Decisions that the asker cannot carry out (protocol 4).
   *
   * @minItems 1
   * @maxItems 1
   */
  unavailableDecisions?: ['allow-always'];
  /**
   * Words of warning to show (protocol 4).
   */
  warningText?: string | null;
}
/**
 * A part of a command, in UTF-16 units (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CommandSpan".
 */
export interface CommandSpan {
  /**
   * Where it ends.
   */
  endIndex: number;
  /**
   * Where it begins.
   */
  startIndex: number;
}
/**
 * What a node would run.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PlanParams".
 */
export interface PlanParams {
  /**
   * The agent.
   */
  agentId: string | null;
  /**
   * The command and its arguments.
   */
  argv: string[];
  /**
   * A shorter form of it.
   */
  commandPreview?: string | null;
  /**
   * The command as text.
   */
  commandText: string;
  /**
   * The folder.
   */
  cwd: string | null;
  /**
   * A script that the command names, with its digest.
   */
  mutableFileOperand?: MutableFileOperand | null;
  policySnapshot?: PolicySnapshot;
  /**
   * The session.
   */
  sessionKey: string | null;
}
/**
 * A node's policy at some time (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PolicySnapshot".
 */
export interface PolicySnapshot {
  /**
   * What is listed.
   */
  allowlistRules: PolicyRule[];
  /**
   * When a person is asked.
   */
  ask: 'off' | 'on-miss' | 'always';
  /**
   * What holds when nobody answers.
   */
  askFallback: 'deny' | 'allowlist' | 'full';
  /**
   * Whether programs of skills may run.
   */
  autoAllowSkills: boolean;
  /**
   * What may run at all.
   */
  security: 'deny' | 'allowlist' | 'full';
}
/**
 * A listed program (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PolicyRule".
 */
export interface PolicyRule {
  /**
   * Its arguments.
   */
  argPattern?: string;
  /**
   * Its path, with wildcards.
   */
  pattern: string;
  /**
   * Where the rule comes from.
   */
  source?: 'allow-always';
}
/**
 * What became of a request. With `twoPhase` it is answered twice: `accepted` first, without a decision.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalRequestResult".
 */
export interface ApprovalRequestResult {
  /**
   * When it was made, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * What was decided; null when nobody did.
   */
  decision?: ('allow-once' | 'allow-always' | 'deny') | null;
  /**
   * How approvers were reached (protocol 4, first of two answers).
   */
  deliveryRoute?: string;
  /**
   * Until when it waits.
   */
  expiresAtMs: number;
  /**
   * The request.
   */
  id: string;
  /**
   * `accepted` in the first of two answers.
   */
  status?: 'accepted';
}
/**
 * Decides about a command: `allow-once`, `allow-always` or `deny`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalResolveParams".
 */
export interface ExecApprovalResolveParams {
  /**
   * `allow-once`, `allow-always` or `deny`.
   */
  decision: string;
  /**
   * How long a lasting permission of an automation holds (protocol 4).
   */
  grantExpiresInDays?: number;
  /**
   * The request; the first characters do when no other begins so.
   */
  id: string;
  reviewer?: ApprovalReviewer;
}
/**
 * It is done.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalDoneResult".
 */
export interface ApprovalDoneResult {
  /**
   * Always true.
   */
  ok: boolean;
}
/**
 * Waits for the decision about a command; finds it also when it was made before, or before a restart.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalWaitDecisionParams".
 */
export interface ExecApprovalWaitDecisionParams {
  /**
   * The request.
   */
  id?: {
    [k: string]: unknown;
  };
}
/**
 * What was decided.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApprovalDecisionResult".
 */
export interface ApprovalDecisionResult {
  /**
   * When it was made, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * What was decided; null when nobody did.
   */
  decision: ('allow-once' | 'allow-always' | 'deny') | null;
  /**
   * Until when it waited.
   */
  expiresAtMs: number;
  /**
   * The request.
   */
  id: string;
  /**
   * Why it ended (protocol 4).
   */
  terminalReason?:
    'user' | 'timeout' | 'malformed-verdict' | 'no-route' | 'run-aborted' | 'gateway-restart' | 'storage-corrupt';
}
/**
 * Returns `exec-approvals.json`, without the secret of its socket.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsGetParams".
 */
export interface ExecApprovalsGetParams {}
/**
 * The file as it is.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsSnapshot".
 */
export interface ExecApprovalsSnapshot {
  /**
   * Whether it exists.
   */
  exists: boolean;
  file: ExecApprovalsFile;
  /**
   * Identifies its text; a change must name it as its base.
   */
  hash: string;
  /**
   * Why the text cannot be used; then nothing may run, and `file` says so.
   */
  invalid?: string;
  /**
   * Where it is.
   */
  path: string;
  resolvedDefaults?: ResolvedExecDefaults;
}
/**
 * `exec-approvals.json`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsFile".
 */
export interface ExecApprovalsFile {
  /**
   * What holds for one; `*` is every one.
   */
  agents?: {
    [k: string]: ExecApprovalsAgent;
  };
  defaults?: ExecApprovalsDefaults;
  socket?: ExecApprovalsSocket;
  /**
   * 1.
   */
  version: number;
}
/**
 * What holds for one agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsAgent".
 */
export interface ExecApprovalsAgent {
  /**
   * Programs that may run without asking.
   */
  allowlist?: AllowlistEntry[];
  /**
   * When a person is asked: `off`, `on-miss` or `always`.
   */
  ask?: string;
  /**
   * What holds when nobody answers.
   */
  askFallback?: string;
  /**
   * Whether programs of skills may run; kept, without effect here.
   */
  autoAllowSkills?: boolean;
  /**
   * Tools of MCP servers that may be used without asking (protocol 4); kept, without effect here.
   */
  mcpTools?: McpToolGrant[];
  /**
   * What may run at all: `deny`, `allowlist` or `full`.
   */
  security?: string;
}
/**
 * A program that may run without asking.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AllowlistEntry".
 */
export interface AllowlistEntry {
  /**
   * Its arguments (protocol 4).
   */
  argPattern?: string;
  /**
   * The command that was decided about (protocol 4).
   */
  commandText?: string;
  /**
   * A name of the entry.
   */
  id?: string;
  /**
   * For which program.
   */
  lastResolvedPath?: string;
  /**
   * When it was last used, in milliseconds since 1970.
   */
  lastUsedAt?: number;
  /**
   * By which command.
   */
  lastUsedCommand?: string;
  /**
   * The path of the program, with `*`, `**` and `?`.
   */
  pattern: string;
  /**
   * `allow-always` when a decision wrote it (protocol 4).
   */
  source?: 'allow-always';
}
/**
 * A tool of an MCP server that may be used without asking (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "McpToolGrant".
 */
export interface McpToolGrant {
  /**
   * Since when, in milliseconds since 1970.
   */
  addedAt: number;
  /**
   * When it was last used.
   */
  lastUsedAt?: number;
  /**
   * The server.
   */
  server: string;
  /**
   * `allow-always`.
   */
  source: 'allow-always';
  /**
   * The tool.
   */
  tool: string;
}
/**
 * What holds for every agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsDefaults".
 */
export interface ExecApprovalsDefaults {
  /**
   * When a person is asked: `off`, `on-miss` or `always`.
   */
  ask?: string;
  /**
   * What holds when nobody answers.
   */
  askFallback?: string;
  /**
   * Whether programs of skills may run; kept, without effect here.
   */
  autoAllowSkills?: boolean;
  /**
   * What may run at all: `deny`, `allowlist` or `full`.
   */
  security?: string;
}
/**
 * A socket of OpenClaw's own.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsSocket".
 */
export interface ExecApprovalsSocket {
  /**
   * Its path.
   */
  path?: string;
  /**
   * Its secret; never returned.
   */
  token?: string;
}
/**
 * What holds where the file says nothing.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ResolvedExecDefaults".
 */
export interface ResolvedExecDefaults {
  /**
   * When a person is asked.
   */
  ask: 'off' | 'on-miss' | 'always';
  /**
   * What holds when nobody answers.
   */
  askFallback: 'deny' | 'allowlist' | 'full';
  /**
   * Whether programs of skills may run.
   */
  autoAllowSkills: boolean;
  /**
   * What may run at all.
   */
  security: 'deny' | 'allowlist' | 'full';
}
/**
 * Returns the `exec-approvals.json` of a connected node, without the secret of its socket.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsNodeGetParams".
 */
export interface ExecApprovalsNodeGetParams {
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * Replaces the `exec-approvals.json` of a connected node, which compares the hash with that of its file.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsNodeSetParams".
 */
export interface ExecApprovalsNodeSetParams {
  /**
   * The hash of the file that was looked at.
   */
  baseHash?: string;
  file: ExecApprovalsFile;
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * Replaces `exec-approvals.json`. The hash that `exec.approvals.get` returned must still be that of the file.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalsSetParams".
 */
export interface ExecApprovalsSetParams {
  /**
   * The hash of the file that was looked at.
   */
  baseHash?: string;
  file: ExecApprovalsFile;
}
/**
 * Returns the gateway's own device id and public key.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GatewayIdentityGetParams".
 */
export interface GatewayIdentityGetParams {}
/**
 * The gateway's own identity.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "GatewayIdentityGetResult".
 */
export interface GatewayIdentityGetResult {
  /**
   * Lower-case hex SHA-256 of the raw public key.
   */
  deviceId: string;
  /**
   * The raw Ed25519 public key in base64url without padding.
   */
  publicKey: string;
}
/**
 * Tells whether the gateway works, and what its channels, agents and sessions are doing.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HealthParams".
 */
export interface HealthParams {
  /**
   * Asks for a fresh look instead of the last one, which is at most a minute old.
   */
  probe?: {
    [k: string]: unknown;
  };
}
/**
 * Returns the latest heartbeat event, or null.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "LastHeartbeatParams".
 */
export interface LastHeartbeatParams {}
/**
 * One heartbeat.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Heartbeat".
 */
export interface Heartbeat {
  /**
   * The channel's account.
   */
  accountId?: string;
  /**
   * The channel.
   */
  channel?: string;
  /**
   * How long it took.
   */
  durationMs?: number;
  /**
   * Whether the answer had media.
   */
  hasMedia?: boolean;
  /**
   * How it is shown: `ok`, `alert` or `error`.
   */
  indicatorType?: string;
  /**
   * What a person can do about it (protocol 4).
   */
  message?: string;
  /**
   * The beginning of the answer.
   */
  preview?: string;
  /**
   * Why it was skipped or failed, for example `target-none`.
   */
  reason?: string;
  /**
   * Whether it was delivered without a notification.
   */
  silent?: boolean;
  /**
   * How it ended.
   */
  status: 'sent' | 'ok-empty' | 'ok-token' | 'skipped' | 'failed';
  /**
   * The recipient.
   */
  to?: string;
  /**
   * When it ended, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Returns the lines of the log file after a cursor, or its last lines.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "LogsTailParams".
 */
export interface LogsTailParams {
  /**
   * The byte to begin at; the `cursor` of the last answer.
   */
  cursor?: number;
  /**
   * The most lines; 500 when absent.
   */
  limit?: number;
  /**
   * The most bytes; 250 000 when absent.
   */
  maxBytes?: number;
}
/**
 * A part of the log file.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "LogsTailResult".
 */
export interface LogsTailResult {
  /**
   * Where the next part begins.
   */
  cursor: number;
  /**
   * The file.
   */
  file: string;
  /**
   * The lines.
   */
  lines: string[];
  /**
   * Whether the cursor was of another file and the part begins anew.
   */
  reset?: boolean;
  /**
   * The size of the file in bytes.
   */
  size: number;
  /**
   * Bytes that were left out (protocol 4).
   */
  skippedBytes?: number;
  /**
   * Whether lines before these were left out.
   */
  truncated?: boolean;
}
/**
 * Tells for each provider whether the gateway has what lets it in. Keys themselves are never told.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelsAuthStatusParams".
 */
export interface ModelsAuthStatusParams {
  /**
   * For which agent.
   */
  agentId?: string;
  /**
   * Whether to look again.
   */
  refresh?: boolean;
}
/**
 * What lets the gateway in at its providers.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelsAuthStatusResult".
 */
export interface ModelsAuthStatusResult {
  /**
   * What can be entered for each.
   */
  providerCapabilities: ProviderAuthCapability[];
  /**
   * The providers that are asked with a key, or want one.
   */
  providers: ProviderAuth[];
  /**
   * When this was so, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * What can be entered for a provider.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ProviderAuthCapability".
 */
export interface ProviderAuthCapability {
  /**
   * Whether a key can be entered over the protocol.
   */
  apiKeySupported: boolean;
  /**
   * The provider.
   */
  provider: string;
  /**
   * Whether one is all that it needs.
   */
  quickApiKeySetup: boolean;
}
/**
 * One provider.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ProviderAuth".
 */
export interface ProviderAuth {
  apiKey?: ApiKeySource;
  /**
   * Whose credentials it is asked with.
   */
  authProvider: string;
  /**
   * How it is shown.
   */
  displayName: string;
  /**
   * Saved accounts; there are none, keys come from the config and the environment.
   */
  profiles: unknown[];
  /**
   * The provider.
   */
  provider: string;
  /**
   * `static`: a key that does not run out; `missing`: there is none.
   */
  status: string;
}
/**
 * Where a key comes from.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ApiKeySource".
 */
export interface ApiKeySource {
  /**
   * The variable.
   */
  envVar?: string;
  /**
   * `config` or `env`.
   */
  source: string;
}
/**
 * Lists the models; only the allowed ones when the config has an allow list.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelsListParams".
 */
export interface ModelsListParams {
  /**
   * For which agent (protocol 4).
   */
  agentId?: string;
  /**
   * For which saved account (protocol 4).
   */
  authProfileId?: string;
  /**
   * Whether to add the default models (protocol 4).
   */
  includeDefaultModels?: boolean;
  /**
   * Whether to add what a model can do (protocol 4).
   */
  includeDetails?: boolean;
  /**
   * Whether to add what a provider can do (protocol 4).
   */
  includeProviderCapabilities?: boolean;
  /**
   * Whether to answer from memory alone; not together with `refresh` (protocol 4).
   */
  preparedOnly?: boolean;
  /**
   * Only of this provider (protocol 4).
   */
  provider?: string;
  /**
   * Whether to ask the providers again (protocol 4).
   */
  refresh?: boolean;
  /**
   * For which session; not together with `authProfileId` (protocol 4).
   */
  sessionKey?: string;
  /**
   * Which models (protocol 4).
   */
  view?: 'default' | 'configured' | 'provider-config' | 'all';
}
/**
 * The models.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelsListResult".
 */
export interface ModelsListResult {
  /**
   * The models, the default first.
   */
  models: ModelChoice[];
  /**
   * How asking the providers ended (protocol 4).
   */
  providerOutcomes?: ProviderOutcome[];
}
/**
 * How asking one provider ended (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ProviderOutcome".
 */
export interface ProviderOutcome {
  /**
   * The account.
   */
  profileId?: string;
  /**
   * The provider.
   */
  provider: string;
  /**
   * `ready`, `auth-rejected` or `unavailable`.
   */
  status: string;
}
/**
 * Tells everything about one node.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeDescribeParams".
 */
export interface NodeDescribeParams {
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * A node, and when it was looked at.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeDescribeResult".
 */
export interface NodeDescribeResult {
  /**
   * `approved`, `pending-approval`, `pending-reapproval` or `unapproved` (protocol 4).
   */
  approvalState?: string;
  /**
   * When it was approved (protocol 4).
   */
  approvedAtMs?: number;
  /**
   * What it can do, as far as that was approved.
   */
  caps: string[];
  /**
   * Its `client.id` (protocol 4).
   */
  clientId?: string;
  /**
   * Its `client.mode` (protocol 4).
   */
  clientMode?: string;
  /**
   * The commands that it may be asked for: those that it knows and that were approved.
   */
  commands: string[];
  /**
   * Whether it is connected.
   */
  connected: boolean;
  /**
   * Since when it is connected, in milliseconds since 1970.
   */
  connectedAtMs?: number;
  /**
   * The version of its core.
   */
  coreVersion?: string;
  /**
   * Its kind of device.
   */
  deviceFamily?: string;
  /**
   * Its name.
   */
  displayName?: string;
  hostStats?: NodeHostStats;
  /**
   * When a person was last at its machine, while it is connected and tells (protocol 4).
   */
  lastActiveAtMs?: number;
  /**
   * When it was last connected (protocol 4).
   */
  lastConnectedAtMs?: number;
  /**
   * When it was last disconnected (protocol 4).
   */
  lastDisconnectedAtMs?: number;
  /**
   * When it was last heard of (protocol 4).
   */
  lastSeenAtMs?: number;
  /**
   * By what (protocol 4).
   */
  lastSeenReason?: string;
  /**
   * Its model.
   */
  modelIdentifier?: string;
  /**
   * Its device.
   */
  nodeId: string;
  /**
   * Whether it is paired.
   */
  paired: boolean;
  /**
   * Where programs are looked for.
   */
  pathEnv?: string;
  /**
   * What it would be able to do.
   */
  pendingDeclaredCaps?: string[];
  /**
   * The commands that it could be asked for.
   */
  pendingDeclaredCommands?: string[];
  /**
   * What its operating system would let it do.
   */
  pendingDeclaredPermissions?: {
    [k: string]: boolean;
  };
  /**
   * The request that waits; for those who may decide it (protocol 4).
   */
  pendingRequestId?: string;
  /**
   * What its operating system lets it do.
   */
  permissions?: {
    [k: string]: boolean;
  };
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * When it told so (protocol 4).
   */
  presenceUpdatedAtMs?: number;
  /**
   * Its address.
   */
  remoteIp?: string;
  /**
   * Whether it can host sessions (protocol 4).
   */
  sessionHost?: boolean;
  /**
   * When the node was looked at, in milliseconds since 1970.
   */
  ts: number;
  /**
   * The version of its surface.
   */
  uiVersion?: string;
  /**
   * Its version.
   */
  version?: string;
}
/**
 * What a node told of its machine, and when.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeHostStats".
 */
export interface NodeHostStats {
  /**
   * Processors.
   */
  cpuCount: number;
  /**
   * Bytes of it that were free.
   */
  diskAvailableBytes?: number;
  /**
   * Bytes of the disk that the home folder is on.
   */
  diskTotalBytes?: number;
  /**
   * How many processes waited on average for one, five and fifteen minutes.
   *
   * @minItems 3
   * @maxItems 3
   */
  loadAverage?: [number, number, number];
  /**
   * Bytes of it that were free.
   */
  memoryFreeBytes: number;
  /**
   * Bytes of memory.
   */
  memoryTotalBytes: number;
  /**
   * When it told, in milliseconds since 1970.
   */
  updatedAtMs: number;
}
/**
 * Tells what happened on the node. What a node may tell of a command counts only while that command runs on this very connection.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeEventParams".
 */
export interface NodeEventParams {
  /**
   * What, for example `exec.finished` or `node.presence.alive`.
   */
  event: string;
  /**
   * More.
   */
  payload?: {
    [k: string]: unknown;
  };
  /**
   * The same as text.
   */
  payloadJSON?: string | null;
}
/**
 * What became of it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeEventResult".
 */
export interface NodeEventResult {
  /**
   * What was told.
   */
  event: string;
  /**
   * Whether it changed or started anything.
   */
  handled: boolean;
  /**
   * Always true: it has arrived.
   */
  ok: boolean;
  /**
   * Why not, or what.
   */
  reason?: string;
}
/**
 * Tells that a registered node lives.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeHeartbeatParams".
 */
export interface NodeHeartbeatParams {
  /**
   * The node; the one that this connection has registered when absent.
   */
  nodeId?: string;
}
/**
 * The node lives.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeHeartbeatResult".
 */
export interface NodeHeartbeatResult {
  /**
   * When it was last heard of, in milliseconds since 1970.
   */
  lastSeenAtMs: number;
  /**
   * The node.
   */
  nodeId: string;
  /**
   * Always true.
   */
  ok: boolean;
}
/**
 * Asks a connected node for a command and waits for what it answers. A repetition with the same key is not sent to the node again.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeInvokeParams".
 */
export interface NodeInvokeParams {
  /**
   * The command, for example `system.which`.
   */
  command: string;
  /**
   * Makes a repetition harmless.
   */
  idempotencyKey: string;
  /**
   * The node.
   */
  nodeId: string;
  /**
   * What the command needs.
   */
  params?: {
    [k: string]: unknown;
  };
  /**
   * The session on whose behalf it is asked (protocol 4).
   */
  sessionKey?: string;
  /**
   * Longest wait, in milliseconds; 30 seconds when absent.
   */
  timeoutMs?: number;
  /**
   * Over which account (protocol 4).
   */
  turnSourceAccountId?: string;
  /**
   * Where the turn came from that asks (protocol 4).
   */
  turnSourceChannel?: string;
  turnSourceThreadId?: ThreadId;
  /**
   * To whom its answer goes (protocol 4).
   */
  turnSourceTo?: string;
}
/**
 * What a node answered.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeInvokeResult".
 */
export interface NodeInvokeResult {
  /**
   * The command.
   */
  command: string;
  /**
   * The node.
   */
  nodeId: string;
  /**
   * Always true; a refusal is an error.
   */
  ok: boolean;
  /**
   * What it gave.
   */
  payload?: {
    [k: string]: unknown;
  };
  /**
   * The same as the text that the node sent, if it sent one.
   */
  payloadJSON: string | null;
}
/**
 * A piece of what a running command prints (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeInvokeProgressParams".
 */
export interface NodeInvokeProgressParams {
  /**
   * The piece.
   */
  chunk: string;
  /**
   * The id of `node.invoke.request`.
   */
  invokeId: string;
  /**
   * The node itself.
   */
  nodeId: string;
  /**
   * The number of the piece, from 0.
   */
  seq: number;
}
/**
 * That a node's message has arrived.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeInvokeReceipt".
 */
export interface NodeInvokeReceipt {
  /**
   * Whether nobody waits for it.
   */
  ignored?: boolean;
  /**
   * Always true.
   */
  ok: boolean;
}
/**
 * A node's answer to a command that this very connection was asked for. What comes too late, or was asked of another connection, is not taken and `ignored` says so.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeInvokeResultParams".
 */
export interface NodeInvokeResultParams {
  /**
   * Why it was not.
   */
  error?: NodeProblem | null;
  /**
   * The id of `node.invoke.request`.
   */
  id: string;
  /**
   * The node itself.
   */
  nodeId: string;
  /**
   * Whether the command was carried out.
   */
  ok: boolean;
  /**
   * What it gave.
   */
  payload?: {
    [k: string]: unknown;
  };
  /**
   * The same as text.
   */
  payloadJSON?: {
    [k: string]: unknown;
  };
}
/**
 * Why a node did not carry out a command.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeProblem".
 */
export interface NodeProblem {
  /**
   * A name for programs.
   */
  code?: string;
  /**
   * One line.
   */
  message?: string;
}
/**
 * Lists the paired and the connected nodes.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeListParams".
 */
export interface NodeListParams {}
/**
 * The nodes.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeListResult".
 */
export interface NodeListResult {
  /**
   * The nodes, connected ones first.
   */
  nodes: NodeSummary[];
  /**
   * When the list was made, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * A node.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeSummary".
 */
export interface NodeSummary {
  /**
   * `approved`, `pending-approval`, `pending-reapproval` or `unapproved` (protocol 4).
   */
  approvalState?: string;
  /**
   * When it was approved (protocol 4).
   */
  approvedAtMs?: number;
  /**
   * What it can do, as far as that was approved.
   */
  caps: string[];
  /**
   * Its `client.id` (protocol 4).
   */
  clientId?: string;
  /**
   * Its `client.mode` (protocol 4).
   */
  clientMode?: string;
  /**
   * The commands that it may be asked for: those that it knows and that were approved.
   */
  commands: string[];
  /**
   * Whether it is connected.
   */
  connected: boolean;
  /**
   * Since when it is connected, in milliseconds since 1970.
   */
  connectedAtMs?: number;
  /**
   * The version of its core.
   */
  coreVersion?: string;
  /**
   * Its kind of device.
   */
  deviceFamily?: string;
  /**
   * Its name.
   */
  displayName?: string;
  hostStats?: NodeHostStats;
  /**
   * When a person was last at its machine, while it is connected and tells (protocol 4).
   */
  lastActiveAtMs?: number;
  /**
   * When it was last connected (protocol 4).
   */
  lastConnectedAtMs?: number;
  /**
   * When it was last disconnected (protocol 4).
   */
  lastDisconnectedAtMs?: number;
  /**
   * When it was last heard of (protocol 4).
   */
  lastSeenAtMs?: number;
  /**
   * By what (protocol 4).
   */
  lastSeenReason?: string;
  /**
   * Its model.
   */
  modelIdentifier?: string;
  /**
   * Its device.
   */
  nodeId: string;
  /**
   * Whether it is paired.
   */
  paired: boolean;
  /**
   * Where programs are looked for.
   */
  pathEnv?: string;
  /**
   * What it would be able to do.
   */
  pendingDeclaredCaps?: string[];
  /**
   * The commands that it could be asked for.
   */
  pendingDeclaredCommands?: string[];
  /**
   * What its operating system would let it do.
   */
  pendingDeclaredPermissions?: {
    [k: string]: boolean;
  };
  /**
   * The request that waits; for those who may decide it (protocol 4).
   */
  pendingRequestId?: string;
  /**
   * What its operating system lets it do.
   */
  permissions?: {
    [k: string]: boolean;
  };
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * When it told so (protocol 4).
   */
  presenceUpdatedAtMs?: number;
  /**
   * Its address.
   */
  remoteIp?: string;
  /**
   * Whether it can host sessions (protocol 4).
   */
  sessionHost?: boolean;
  /**
   * The version of its surface.
   */
  uiVersion?: string;
  /**
   * Its version.
   */
  version?: string;
}
/**
 * Approves a request: the node may be asked for the commands that the request shows. Commands need `operator.write` of the caller, those that run programs `operator.admin`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairApproveParams".
 */
export interface NodePairApproveParams {
  /**
   * The request. One that was replaced by a newer one of the same node approves nothing.
   */
  requestId: string;
}
/**
 * What was approved.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairApproveResult".
 */
export interface NodePairApproveResult {
  node: PairedNode;
  /**
   * The request.
   */
  requestId: string;
}
/**
 * A node that was approved.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PairedNode".
 */
export interface PairedNode {
  /**
   * When it was last approved.
   */
  approvedAtMs: number;
  /**
   * What it may do.
   */
  caps: string[];
  /**
   * Its `client.id` (protocol 4).
   */
  clientId?: string;
  /**
   * Its `client.mode` (protocol 4).
   */
  clientMode?: string;
  /**
   * The commands that were approved.
   */
  commands: string[];
  /**
   * The version of its core.
   */
  coreVersion?: string;
  /**
   * When it was first approved, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * Its kind of device.
   */
  deviceFamily?: string;
  /**
   * Its name.
   */
  displayName?: string;
  /**
   * When it was last connected.
   */
  lastConnectedAtMs?: number;
  /**
   * When it was last disconnected (protocol 4).
   */
  lastDisconnectedAtMs?: number;
  /**
   * When it was last heard of (protocol 4).
   */
  lastSeenAtMs?: number;
  /**
   * By what (protocol 4).
   */
  lastSeenReason?: string;
  /**
   * Its model.
   */
  modelIdentifier?: string;
  /**
   * The node.
   */
  nodeId: string;
  /**
   * What its operating system let it do.
   */
  permissions?: {
    [k: string]: boolean;
  };
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * Its address.
   */
  remoteIp?: string;
  /**
   * The token of an approval on request, told once (protocol 3).
   */
  token?: string;
  /**
   * The version of its surface.
   */
  uiVersion?: string;
  /**
   * Its version.
   */
  version?: string;
}
/**
 * Lists the requests that wait, and the nodes that were approved.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairListParams".
 */
export interface NodePairListParams {}
/**
 * Requests and nodes.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairListResult".
 */
export interface NodePairListResult {
  /**
   * Nodes that were approved, the last approved first.
   */
  paired: PairedNode[];
  /**
   * Requests that wait for a decision, the latest first.
   */
  pending: PendingNode[];
}
/**
 * A node that asks to be approved, or for more than was approved; also the payload of `node.pair.requested`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PendingNode".
 */
export interface PendingNode {
  /**
   * What it would be able to do.
   */
  caps: string[];
  /**
   * Its `client.id` (protocol 4).
   */
  clientId?: string;
  /**
   * Its `client.mode` (protocol 4).
   */
  clientMode?: string;
  /**
   * The commands that it could be asked for.
   */
  commands: string[];
  /**
   * The version of its core.
   */
  coreVersion?: string;
  /**
   * Its kind of device.
   */
  deviceFamily?: string;
  /**
   * Its name.
   */
  displayName?: string;
  /**
   * Whether something was approved for it before.
   */
  isRepair?: boolean;
  /**
   * Its model.
   */
  modelIdentifier?: string;
  /**
   * The node.
   */
  nodeId: string;
  /**
   * What its operating system lets it do.
   */
  permissions?: {
    [k: string]: boolean;
  };
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * Its address.
   */
  remoteIp?: string;
  /**
   * The request, to be approved or rejected.
   */
  requestId: string;
  /**
   * The scopes that approving it needs (protocol 4).
   */
  requiredApproveScopes?: string[];
  /**
   * Whether no person had to be asked for its device.
   */
  silent?: boolean;
  /**
   * When it asked, in milliseconds since 1970.
   */
  ts: number;
  /**
   * The version of its surface.
   */
  uiVersion?: string;
  /**
   * Its version.
   */
  version?: string;
}
/**
 * Rejects a request; what was approved before stays approved.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairRejectParams".
 */
export interface NodePairRejectParams {
  /**
   * The request.
   */
  requestId: string;
}
/**
 * What was rejected.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairRejectResult".
 */
export interface NodePairRejectResult {
  /**
   * The node that had asked.
   */
  nodeId: string;
  /**
   * The request.
   */
  requestId: string;
}
/**
 * Takes a device's role as a node, what was approved for it and what waits for it, and closes its connections of that role (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairRemoveParams".
 */
export interface NodePairRemoveParams {
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * What was removed.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairRemoveResult".
 */
export interface NodePairRemoveResult {
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * Asks for a node's approval on its behalf (protocol 3). A node that connects asks by itself.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairRequestParams".
 */
export interface NodePairRequestParams {
  /**
   * What it can do.
   */
  caps?: string[];
  /**
   * The commands that it knows.
   */
  commands?: string[];
  /**
   * The version of its core.
   */
  coreVersion?: string;
  /**
   * Its kind of device.
   */
  deviceFamily?: string;
  /**
   * Its name.
   */
  displayName?: string;
  /**
   * Its model.
   */
  modelIdentifier?: string;
  /**
   * The node.
   */
  nodeId: string;
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * Its address.
   */
  remoteIp?: string;
  /**
   * Whether no person has to be asked; kept for the list, and grants nothing.
   */
  silent?: boolean;
  /**
   * The version of its surface.
   */
  uiVersion?: string;
  /**
   * Its version.
   */
  version?: string;
}
/**
 * The request that waits now.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairRequestResult".
 */
export interface NodePairRequestResult {
  /**
   * Whether it is a new one.
   */
  created: boolean;
  request: PendingNode;
  /**
   * Always `pending`.
   */
  status: string;
}
/**
 * Compares the token that an approval on request has made (protocol 3).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairVerifyParams".
 */
export interface NodePairVerifyParams {
  /**
   * The node.
   */
  nodeId: string;
  /**
   * The token.
   */
  token: string;
}
/**
 * Whether the token is the node's.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairVerifyResult".
 */
export interface NodePairVerifyResult {
  node?: PairedNode;
  /**
   * It is.
   */
  ok: boolean;
}
/**
 * Takes out what the node has done, whether work or commands.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingAckParams".
 */
export interface NodePendingAckParams {
  /**
   * The ids.
   *
   * @minItems 1
   */
  ids: [string, ...string[]];
}
/**
 * What is left.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingAckResult".
 */
export interface NodePendingAckResult {
  /**
   * The ids that were given.
   */
  ackedIds: string[];
  /**
   * The node.
   */
  nodeId: string;
  /**
   * Commands that still wait.
   */
  remainingCount: number;
}
/**
 * Gives the node what waits for it. Items stay until they are acknowledged or run out.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingDrainParams".
 */
export interface NodePendingDrainParams {
  /**
   * At most so many; 4 when absent.
   */
  maxItems?: number;
}
/**
 * What waits.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingDrainResult".
 */
export interface NodePendingDrainResult {
  /**
   * Whether there are more.
   */
  hasMore: boolean;
  /**
   * The items, the most urgent first.
   */
  items: NodePendingItem[];
  /**
   * The node.
   */
  nodeId: string;
  /**
   * Counts the changes of what waits for it.
   */
  revision: number;
}
/**
 * One piece of work.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingItem".
 */
export interface NodePendingItem {
  /**
   * When it was left, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * When it runs out; null when never.
   */
  expiresAtMs: number | null;
  /**
   * Its id.
   */
  id: string;
  /**
   * More about it.
   */
  payload?: {
    [k: string]: unknown;
  };
  /**
   * How urgent it is.
   */
  priority: 'default' | 'normal' | 'high';
  /**
   * What is to be done.
   */
  type: 'status.request' | 'location.request';
}
/**
 * Leaves work for a node, which it finds when it comes back. Work of a kind that waits already is not left twice.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingEnqueueParams".
 */
export interface NodePendingEnqueueParams {
  /**
   * How long it is worth doing, in milliseconds; a day when absent.
   */
  expiresInMs?: number;
  /**
   * The node.
   */
  nodeId: string;
  /**
   * How urgent it is; `normal` when absent.
   */
  priority?: 'normal' | 'high';
  /**
   * What it is to do.
   */
  type: 'status.request' | 'location.request';
  /**
   * Whether the node may be woken; kept for clients, since this gateway cannot push to phones.
   */
  wake?: boolean;
}
/**
 * What was left.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingEnqueueResult".
 */
export interface NodePendingEnqueueResult {
  /**
   * The node.
   */
  nodeId: string;
  queued: NodePendingItem;
  /**
   * Counts the changes of what waits for it.
   */
  revision: number;
  /**
   * Whether the node was told: it is connected, and `wake` was not false.
   */
  wakeTriggered: boolean;
}
/**
 * Gives the node the commands that waited until its screen is on. They stay until they are acknowledged or run out.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingPullParams".
 */
export interface NodePendingPullParams {}
/**
 * The commands that wait.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingPullResult".
 */
export interface NodePendingPullResult {
  /**
   * The commands, the oldest first.
   */
  actions: NodePendingAction[];
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * A command that waits.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingAction".
 */
export interface NodePendingAction {
  /**
   * The command.
   */
  command: string;
  /**
   * When it was left, in milliseconds since 1970.
   */
  enqueuedAtMs: number;
  /**
   * Its id.
   */
  id: string;
  /**
   * What it needs, as JSON text.
   */
  paramsJSON: string | null;
}
/**
 * Makes a node that waits for an operator, and gives it an id at once. Until it is approved, and has connected as a node, it may be asked for nothing.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeRegisterParams".
 */
export interface NodeRegisterParams {
  /**
   * What it can do.
   */
  caps?: string[];
  /**
   * The commands that it knows.
   */
  commands?: string[];
  /**
   * Its name.
   */
  displayName?: string;
  /**
   * Its id; one is made when absent. No device's.
   */
  nodeId?: string;
  /**
   * Its operating system.
   */
  platform?: string;
  /**
   * Its version.
   */
  version?: string;
}
/**
 * The node.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeRegisterResult".
 */
export interface NodeRegisterResult {
  /**
   * Its id.
   */
  nodeId: string;
  /**
   * `pending`, or `approved` when an operator has approved this id before.
   */
  status: string;
}
/**
 * Gives a node the name that people see instead of the one it tells.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeRenameParams".
 */
export interface NodeRenameParams {
  /**
   * The name.
   */
  displayName: string;
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * What was named.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeRenameResult".
 */
export interface NodeRenameResult {
  /**
   * Its name.
   */
  displayName: string;
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * Lists the plugins' requests that wait for a decision (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginApprovalListParams".
 */
export interface PluginApprovalListParams {}
/**
 * A plugin wants to do something.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginApprovalRequestedEvent".
 */
export interface PluginApprovalRequestedEvent {
  /**
   * `plugin` (protocol 4, in lists).
   */
  approvalKind?: 'exec' | 'plugin' | 'system-agent';
  /**
   * When it was made, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * Until when it waits.
   */
  expiresAtMs: number;
  /**
   * The request.
   */
  id: string;
  request: PluginApprovalRequest;
}
/**
 * Something that a plugin wants to do, as approvers see it: in full, with what is invisible made visible.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginApprovalRequest".
 */
export interface PluginApprovalRequest {
  /**
   * The agent that asks.
   */
  agentId: string | null;
  /**
   * What may be decided (protocol 4).
   */
  allowedDecisions?: ('allow-once' | 'allow-always' | 'deny')[];
  /**
   * What it wants.
   */
  description: string;
  /**
   * More (protocol 4).
   */
  detail?: string;
  /**
   * The plugin.
   */
  pluginId: string | null;
  scope?: ApprovalScope;
  /**
   * The session that asks.
   */
  sessionKey: string | null;
  /**
   * How much is at stake.
   */
  severity: 'info' | 'warning' | 'critical' | null;
  /**
   * What it wants, in few words.
   */
  title: string;
  /**
   * The tool call.
   */
  toolCallId: string | null;
  /**
   * The tool.
   */
  toolName: string | null;
  /**
   * The account that it came to.
   */
  turnSourceAccountId: string | null;
  /**
   * The channel that the turn came from.
   */
  turnSourceChannel: string | null;
  /**
   * The thread that it belongs to.
   */
  turnSourceThreadId: ThreadId | null;
  /**
   * The recipient of its answers.
   */
  turnSourceTo: string | null;
}
/**
 * Asks operators about something that a plugin wants to do. The id begins with `plugin:`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginApprovalRequestParams".
 */
export interface PluginApprovalRequestParams {
  /**
   * The agent that asks.
   */
  agentId?: string | null;
  /**
   * What may be decided (protocol 4).
   */
  allowedDecisions?:
    | ['allow-once' | 'allow-always' | 'deny']
    | ['allow-once' | 'allow-always' | 'deny', 'allow-once' | 'allow-always' | 'deny']
    | [
        'allow-once' | 'allow-always' | 'deny',
        'allow-once' | 'allow-always' | 'deny',
        'allow-once' | 'allow-always' | 'deny'
      ]
    | null;
  /**
   * Devices that may decide; heard from the gateway's own parts alone (protocol 4).
   */
  approvalReviewerDeviceIds?: string[] | null;
  /**
   * What it wants.
   */
  description: string;
  /**
   * More, for those who want to see it (protocol 4).
   */
  detail?: string | null;
  mcpTool?: McpTool;
  /**
   * The plugin.
   */
  pluginId?: string | null;
  /**
   * What the consequence would be (protocol 4).
   */
  scope?: ApprovalScope | null;
  /**
   * The session that asks.
   */
  sessionKey?: string | null;
  /**
   * How much is at stake.
   */
  severity?: ('info' | 'warning' | 'critical') | null;
  /**
   * How long it waits, in milliseconds.
   */
  timeoutMs?: number;
  /**
   * What it wants, in few words.
   */
  title: string;
  /**
   * The tool call.
   */
  toolCallId?: string | null;
  /**
   * The tool.
   */
  toolName?: string | null;
  /**
   * The account that it came to.
   */
  turnSourceAccountId?: string | null;
  /**
   * The channel that the turn came from.
   */
  turnSourceChannel?: string | null;
  /**
   * The thread that it belongs to.
   */
  turnSourceThreadId?: ThreadId | null;
  /**
   * The recipient of its answers.
   */
  turnSourceTo?: string | null;
  /**
   * Whether to answer twice: at once, and when it is decided.
   */
  twoPhase?: boolean;
}
/**
 * A tool of an MCP server (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "McpTool".
 */
export interface McpTool {
  /**
   * The server.
   */
  server: string;
  /**
   * The tool.
   */
  tool: string;
}
/**
 * Decides about a plugin's request: `allow-once`, `allow-always` or `deny`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginApprovalResolveParams".
 */
export interface PluginApprovalResolveParams {
  /**
   * `allow-once`, `allow-always` or `deny`.
   */
  decision: string;
  /**
   * The request.
   */
  id: string;
  reviewer?: ApprovalReviewer;
}
/**
 * Waits for the decision about a plugin's request; finds it also when it was made before, or before a restart.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginApprovalWaitDecisionParams".
 */
export interface PluginApprovalWaitDecisionParams {
  /**
   * The request.
   */
  id?: {
    [k: string]: unknown;
  };
}
/**
 * Returns one question.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionGetParams".
 */
export interface QuestionGetParams {
  /**
   * The question.
   */
  id: string;
}
/**
 * The question.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionGetResult".
 */
export interface QuestionGetResult {
  question: QuestionRecord;
}
/**
 * What an agent asks, and what became of it.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionRecord".
 */
export interface QuestionRecord {
  /**
   * The agent that asks.
   */
  agentId?: string;
  answers?: QuestionAnswers;
  /**
   * When it was made, in milliseconds since 1970.
   */
  createdAtMs: number;
  /**
   * Until when it waits.
   */
  expiresAtMs: number;
  /**
   * The question.
   */
  id: string;
  /**
   * What is asked.
   */
  questions: Question[];
  /**
   * Who answered, by the gateway's records.
   */
  resolvedBy?: string;
  /**
   * The run that asks.
   */
  runId?: string;
  /**
   * The session that asks.
   */
  sessionKey?: string;
  /**
   * What has become of it.
   */
  status: 'pending' | 'answered' | 'cancelled' | 'expired';
}
/**
 * Answers, by the name of the question.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionAnswers".
 */
export interface QuestionAnswers {
  /**
   * One text for each choice.
   */
  answers: {
    [k: string]: string[];
  };
}
/**
 * One question.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Question".
 */
export interface Question {
  /**
   * A heading.
   */
  header: string;
  /**
   * Whether another answer may be given.
   */
  isOther?: boolean;
  /**
   * Whether the answer is a secret; not in this build.
   */
  isSecret?: boolean;
  /**
   * Whether more than one may be chosen.
   */
  multiSelect?: boolean;
  /**
   * Answers to choose from: none, or two to four.
   *
   * @maxItems 4
   */
  options:
    | []
    | [QuestionOption]
    | [QuestionOption, QuestionOption]
    | [QuestionOption, QuestionOption, QuestionOption]
    | [QuestionOption, QuestionOption, QuestionOption, QuestionOption];
  /**
   * The question.
   */
  question: string;
  /**
   * Its name among the others: small letters, digits and `_`.
   */
  questionId: string;
  secretStore?: SecretStore;
  /**
   * A page to look at.
   */
  url?: string;
}
/**
 * An answer to choose.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionOption".
 */
export interface QuestionOption {
  /**
   * What it means.
   */
  description?: string;
  /**
   * The answer.
   */
  label: string;
}
/**
 * Where a secret answer would be kept.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SecretStore".
 */
export interface SecretStore {
  /**
   * Hosts that may be sent it.
   *
   * @maxItems 128
   */
  allowedHosts?: string[];
  /**
   * What it is.
   */
  kind: 'secret' | 'env';
  /**
   * Its name.
   */
  name: string;
  /**
   * What for.
   */
  reason?: string;
}
/**
 * Lists the questions that wait, oldest first.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionListParams".
 */
export interface QuestionListParams {}
/**
 * The questions that wait.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionListResult".
 */
export interface QuestionListResult {
  /**
   * Oldest first.
   */
  questions: QuestionRecord[];
}
/**
 * Asks a person up to three questions. An id that exists already is refused, also after a restart.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionRequestParams".
 */
export interface QuestionRequestParams {
  /**
   * The agent that asks.
   */
  agentId?: string;
  /**
   * A name of the asker's own, so that it finds the answer again.
   */
  id?: string;
  /**
   * The questions.
   *
   * @minItems 1
   * @maxItems 3
   */
  questions: [Question] | [Question, Question] | [Question, Question, Question];
  /**
   * The run that asks.
   */
  runId?: string;
  /**
   * The session that asks.
   */
  sessionKey?: string;
  /**
   * How long it waits, in milliseconds; 15 minutes when absent, at most a day.
   */
  timeoutMs?: number;
}
/**
 * The question waits.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionRequestResult".
 */
export interface QuestionRequestResult {
  /**
   * Until when, in milliseconds since 1970.
   */
  expiresAtMs: number;
  /**
   * The question.
   */
  id: string;
}
/**
 * An answer.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionAnswerParams".
 */
export interface QuestionAnswerParams {
  answers: QuestionAnswers;
  /**
   * The question.
   */
  id: string;
  /**
   * A name for this answer.
   */
  resolutionId?: string;
  /**
   * Who the caller says it is; the gateway's records decide.
   */
  resolvedBy?: string;
  /**
   * Hosts for a secret; not in this build.
   *
   * @maxItems 128
   */
  secretStoreAllowedHosts?: string[];
}
/**
 * The end of a question without an answer.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionCancelParams".
 */
export interface QuestionCancelParams {
  /**
   * Always true.
   */
  cancel: true;
  /**
   * The question.
   */
  id: string;
  /**
   * Who the caller says it is; the gateway's records decide.
   */
  resolvedBy?: string;
}
/**
 * What has become of the question.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionResolveResult".
 */
export interface QuestionResolveResult {
  answers?: QuestionAnswers;
  /**
   * What has become of it.
   */
  status: 'pending' | 'answered' | 'cancelled' | 'expired';
}
/**
 * Waits for an answer; finds it also when it was given before, or before a restart.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionWaitAnswerParams".
 */
export interface QuestionWaitAnswerParams {
  /**
   * The question.
   */
  id: string;
  /**
   * Whether to return the name that the answer was given.
   */
  includeResolutionId?: boolean;
  /**
   * How long, in milliseconds; until it is over when absent.
   */
  timeoutMs?: number;
}
/**
 * What has become of the question.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionWaitAnswerResult".
 */
export interface QuestionWaitAnswerResult {
  answers?: QuestionAnswers;
  /**
   * The name that the answer was given.
   */
  resolutionId?: string;
  /**
   * What has become of it.
   */
  status: 'pending' | 'answered' | 'cancelled' | 'expired';
}
/**
 * Reads the config file again and takes over its secrets: the gateway's own, and the providers of models with their keys. What the former secret let in is closed; any other change waits for a restart. A file that cannot be used changes nothing.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SecretsReloadParams".
 */
export interface SecretsReloadParams {}
/**
 * What was taken over.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SecretsReloadResult".
 */
export interface SecretsReloadResult {
  /**
   * The places of the config whose secrets are other ones now, for example `gateway.auth.token`.
   */
  changed?: string[];
  /**
   * That it was.
   */
  ok: boolean;
  /**
   * How many remarks there are.
   */
  warningCount: number;
  /**
   * The remarks, one line each; never a secret.
   */
  warnings?: string[];
}
/**
 * Aborts what runs in a session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsAbortParams".
 */
export interface SessionsAbortParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * Whether what waits is dropped too (protocol 4).
   */
  clearQueued?: boolean;
  /**
   * The session; protocol 3 requires it, protocol 4 takes a run instead.
   */
  key?: string;
  /**
   * Only this run.
   */
  runId?: string;
}
/**
 * What an abort did.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsAbortResult".
 */
export interface SessionsAbortResult {
  /**
   * The run that was aborted, or null.
   */
  abortedRunId: string | null;
  /**
   * Always true.
   */
  ok: boolean;
  /**
   * What it did.
   */
  status: 'aborted' | 'no-active-run';
}
/**
 * Lists the branches of a session's transcript, the newest first; at most 100.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsBranchesListParams".
 */
export interface SessionsBranchesListParams {
  /**
   * The agent, for a key without one.
   */
  agentId?: string;
  /**
   * The session.
   */
  sessionKey: string;
}
/**
 * The branches.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsBranchesListResult".
 */
export interface SessionsBranchesListResult {
  /**
   * The newest first.
   */
  branches: SessionBranch[];
}
/**
 * A branch of a transcript.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionBranch".
 */
export interface SessionBranch {
  /**
   * Whether the session goes on here.
   */
  active: boolean;
  /**
   * The beginning of its last message.
   */
  headline: string;
  /**
   * The id of its last message, by which it is called.
   */
  leafEntryId: string;
  /**
   * How many messages lie on it.
   */
  messageCount: number;
  /**
   * The time of its last message, in ISO 8601.
   */
  updatedAt?: string;
}
/**
 * Lets a session go on at the end of another branch.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsBranchesSwitchParams".
 */
export interface SessionsBranchesSwitchParams {
  /**
   * The agent, for a key without one.
   */
  agentId?: string;
  /**
   * The branch.
   */
  leafEntryId: string;
  /**
   * The session.
   */
  sessionKey: string;
}
/**
 * The session goes on there.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsBranchesSwitchResult".
 */
export interface SessionsBranchesSwitchResult {}
/**
 * Makes a session, and with a message starts its first turn.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsCreateParams".
 */
export interface SessionsCreateParams {
  /**
   * Its agent.
   */
  agentId?: string;
  /**
   * What runs its turns (protocol 4).
   */
  agentRuntime?: string;
  /**
   * Files (protocol 4).
   */
  attachments?: Attachment[];
  /**
   * The catalogue that it belongs to (protocol 4).
   */
  catalogId?: string;
  /**
   * Its group in the list (protocol 4).
   */
  category?: string;
  /**
   * The context window to use (protocol 4).
   */
  contextWindow?: string;
  /**
   * The folder of its commands; needs admin (protocol 4).
   */
  cwd?: string;
  /**
   * How it is shown; need not be unique (protocol 4).
   */
  displayName?: string;
  /**
   * Whether hooks run (protocol 4).
   */
  emitCommandHooks?: boolean;
  /**
   * The node that runs its commands; needs admin (protocol 4).
   */
  execNode?: string;
  fastMode?: FastMode;
  /**
   * Whether it begins as a copy of its parent (protocol 4).
   */
  fork?: boolean;
  /**
   * Up to where (protocol 4).
   */
  forkFrom?: 'last-completed';
  /**
   * A repetition with the same key returns the first session (protocol 4).
   */
  idempotencyKey?: string;
  /**
   * Whether it leaves no trace (protocol 4).
   */
  incognito?: boolean;
  /**
   * Its key; `agent:<id>:dashboard:<uuid>` when absent.
   */
  key?: string;
  /**
   * Its name.
   */
  label?: string;
  /**
   * People who are named in it (protocol 4).
   *
   * @maxItems 10
   */
  mentions?:
    | []
    | [Mention]
    | [Mention, Mention]
    | [Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention];
  /**
   * The first message.
   */
  message?: string;
  /**
   * Its model.
   */
  model?: string;
  /**
   * The session that it branches off.
   */
  parentSessionKey?: string;
  /**
   * What its tools may do; needs admin (protocol 4).
   */
  permissionMode?: 'read-only' | 'guarded' | 'workspace' | 'full';
  /**
   * A remote project that is fetched before (protocol 4).
   */
  projectGitUrl?: string;
  /**
   * Its project (protocol 4).
   */
  projectId?: string;
  repository?: Repository;
  /**
   * Through how many sessions it is started; needs a parent (protocol 4).
   */
  spawnDepth?: number;
  /**
   * Whether it takes its parent's place (protocol 4).
   */
  succeedsParent?: boolean;
  /**
   * The first message, by its old name.
   */
  task?: string;
  /**
   * How much it thinks (protocol 4).
   */
  thinkingLevel?: string;
  /**
   * The longest time of the first turn, in milliseconds (protocol 4).
   */
  timeoutMs?: number;
  /**
   * A text from which a title is made (protocol 4).
   */
  titleSource?: string;
  toolOverrides?: ToolOverrides;
  /**
   * Who may see it (protocol 4).
   */
  visibility?: 'shared' | 'read-only' | 'suggest' | 'draft';
  /**
   * Whether it gets a worktree of its own (protocol 4).
   */
  worktree?: boolean;
  /**
   * The commit that its branch begins at (protocol 4).
   */
  worktreeBaseRef?: string;
  /**
   * Its name (protocol 4).
   */
  worktreeName?: string;
  /**
   * What the worktree begins with (protocol 4).
   */
  worktreeSource?: 'empty';
}
/**
 * A repository (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Repository".
 */
export interface Repository {
  /**
   * The commit.
   */
  ref?: string;
  /**
   * Where it is.
   */
  url: string;
}
/**
 * The new session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsCreateResult".
 */
export interface SessionsCreateResult {
  /**
   * Its entry in the index, as `sessions.json` has it.
   */
  entry?: {
    [k: string]: unknown;
  };
  /**
   * Its key.
   */
  key: string;
  /**
   * The place of the first message in the transcript.
   */
  messageSeq?: number;
  /**
   * Always true.
   */
  ok: boolean;
  runError?: RpcError;
  /**
   * The turn.
   */
  runId?: string;
  /**
   * Whether a first turn was started.
   */
  runStarted?: boolean;
  /**
   * Its transcript.
   */
  sessionId?: string;
  /**
   * How far the turn is, for example `started`.
   */
  status?: string;
}
/**
 * The error of a response frame.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "RpcError".
 */
export interface RpcError {
  /**
   * The kind of refusal.
   */
  code: ErrorCode;
  /**
   * What a program needs to react, when there is more than the code.
   */
  details?: {
    [k: string]: unknown;
  };
  /**
   * One line for the person in front of the client.
   */
  message: string;
  /**
   * When to try again, in milliseconds from now.
   */
  retryAfterMs?: number | null;
  /**
   * Whether the same request may succeed later.
   */
  retryable?: boolean | null;
}
/**
 * Deletes a session, but never an agent's main session; its transcript is archived.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsDeleteParams".
 */
export interface SessionsDeleteParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * Deletes nothing unless the session is archived (protocol 4).
   */
  archivedOnly?: boolean;
  /**
   * Whether the transcript is archived too; true when absent.
   */
  deleteTranscript?: boolean;
  /**
   * Whether hooks run.
   */
  emitLifecycleHooks?: boolean;
  /**
   * Deletes nothing unless the session is in this revision (protocol 4).
   */
  expectedLifecycleRevision?: string;
  /**
   * Deletes nothing unless the session has this transcript (protocol 4).
   */
  expectedSessionId?: string;
  /**
   * Deletes nothing unless the last change was then (protocol 4).
   */
  expectedSessionUpdatedAt?: number;
  /**
   * The session.
   */
  key: string;
}
/**
 * What was deleted.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsDeleteResult".
 */
export interface SessionsDeleteResult {
  /**
   * Files that were archived.
   */
  archived: string[];
  /**
   * Whether there was such a session.
   */
  deleted: boolean;
  /**
   * The key.
   */
  key: string;
  /**
   * Always true.
   */
  ok: boolean;
}
/**
 * Returns the row of one session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsDescribeParams".
 */
export interface SessionsDescribeParams {
  /**
   * The agent, for a key without one.
   */
  agentId?: string;
  /**
   * Whether to make a title from the first message.
   */
  includeDerivedTitles?: boolean;
  /**
   * Whether to add the beginning of the last message.
   */
  includeLastMessage?: boolean;
  /**
   * The session.
   */
  key: string;
}
/**
 * A session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsDescribeResult".
 */
export interface SessionsDescribeResult {
  /**
   * Why there is none.
   */
  reason?: {
    [k: string]: unknown;
  };
  /**
   * Its row, or null when there is no such session.
   */
  session: SessionRow | null;
}
/**
 * Returns the messages of a transcript as they are stored.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsGetParams".
 */
export interface SessionsGetParams {
  /**
   * The session; required, under this name or the next.
   */
  key?: {
    [k: string]: unknown;
  };
  /**
   * The most messages; 200 when absent.
   */
  limit?: {
    [k: string]: unknown;
  };
  /**
   * The session.
   */
  sessionKey?: {
    [k: string]: unknown;
  };
}
/**
 * The messages of a transcript.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsGetResult".
 */
export interface SessionsGetResult {
  /**
   * The messages, the oldest first.
   */
  messages: ChatMessage[];
}
/**
 * Lists what a new session of a group begins with.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsGroupsDefaultsParams".
 */
export interface SessionsGroupsDefaultsParams {}
/**
 * What new sessions of groups begin with.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsGroupsDefaultsResult".
 */
export interface SessionsGroupsDefaultsResult {
  /**
   * Of the groups that have such; here none has, since a session works in its agent's workspace.
   */
  defaults: SessionGroupDefaults[];
}
/**
 * What a new session of a group begins with.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionGroupDefaults".
 */
export interface SessionGroupDefaults {
  /**
   * The folder of its commands.
   */
  cwd?: string;
  /**
   * The group.
   */
  name: string;
  /**
   * Whether it gets a worktree of its own.
   */
  worktree?: boolean;
}
/**
 * Lists the groups: what `category` of `sessions.patch` has put sessions into.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsGroupsListParams".
 */
export interface SessionsGroupsListParams {}
/**
 * The groups.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsGroupsListResult".
 */
export interface SessionsGroupsListResult {
  /**
   * The groups, by name.
   */
  groups: SessionGroup[];
  /**
   * The order of the sections of a list that a person has chosen; none has been.
   */
  sectionOrder: string[];
}
/**
 * A group.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionGroup".
 */
export interface SessionGroup {
  /**
   * Its name.
   */
  name: string;
  /**
   * Its place, from 0.
   */
  position: number;
}
/**
 * Lists sessions, the latest first.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsListParams".
 */
export interface SessionsListParams {
  /**
   * Only sessions that changed in the last minutes.
   */
  activeMinutes?: number;
  /**
   * Only sessions with a running turn (protocol 4).
   */
  activeOnly?: boolean;
  /**
   * Only of this agent.
   */
  agentId?: string;
  archived?: ArchivedFilter;
  /**
   * Only those that are shown this way (protocol 4).
   */
  boardFace?: 'chat' | 'dashboard';
  /**
   * Only sessions of agents that are configured (protocol 4).
   */
  configuredAgentsOnly?: boolean;
  /**
   * Only those that this person made (protocol 4).
   */
  creatorId?: string;
  /**
   * Whether sessions of schedules are left out (protocol 4).
   */
  excludeCron?: boolean;
  /**
   * Whether sessions of subagents are left out (protocol 4).
   */
  excludeSubagents?: boolean;
  /**
   * Whether sessions of the gateway itself are left out (protocol 4).
   */
  excludeSystem?: boolean;
  /**
   * Only of this group (protocol 4).
   */
  group?: string;
  /**
   * Only those with a dashboard, or only others (protocol 4).
   */
  hasBoard?: boolean;
  /**
   * Whether to add a summary of what happened (protocol 4).
   */
  includeActivitySummary?: boolean;
  /**
   * Whether to make titles from the first message.
   */
  includeDerivedTitles?: boolean;
  /**
   * Whether the global session is listed.
   */
  includeGlobal?: boolean;
  /**
   * Whether to add the beginning of the last message.
   */
  includeLastMessage?: boolean;
  /**
   * Whether to add the people (protocol 4).
   */
  includePeople?: boolean;
  /**
   * Whether sessions of unknown kind are listed.
   */
  includeUnknown?: boolean;
  /**
   * Only those that the caller took part in (protocol 4).
   */
  involvingMe?: boolean;
  /**
   * Only those that this person took part in (protocol 4).
   */
  involvingProfileId?: string;
  /**
   * Only the session with this label.
   */
  label?: string;
  /**
   * The most rows.
   */
  limit?: number;
  /**
   * How many rows are skipped (protocol 4).
   */
  offset?: number;
  /**
   * Whether the caller's own come first (protocol 4).
   */
  ownerFirst?: boolean;
  /**
   * Only those of this owner (protocol 4).
   */
  ownerId?: string;
  /**
   * Only pinned ones, or only others (protocol 4).
   */
  pinned?: boolean;
  profileRelation?: ProfileRelation;
  /**
   * Only of this project (protocol 4).
   */
  projectId?: string;
  /**
   * Only sessions that a person wrote to (protocol 4).
   */
  requireLastInteraction?: boolean;
  /**
   * Only those whose names contain this.
   */
  search?: string;
  /**
   * The order (protocol 4).
   */
  sortBy?: 'updatedAt' | 'lastInteractionAt' | 'activity';
  /**
   * Only those that this session started.
   */
  spawnedBy?: string;
  /**
   * Only of this folder (protocol 4).
   */
  workspaceDir?: string;
}
/**
 * What a person has to do with a session (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ProfileRelation".
 */
export interface ProfileRelation {
  /**
   * The person.
   */
  profileId: string;
  /**
   * What they have to do with it.
   */
  relationship: 'owned' | 'created' | 'involving';
}
/**
 * The sessions.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsListResult".
 */
export interface SessionsListResult {
  /**
   * How many rows follow.
   */
  count: number;
  defaults: SessionsListDefaults;
  /**
   * Whether there are more (protocol 4).
   */
  hasMore?: boolean;
  /**
   * The limit that was used (protocol 4).
   */
  limitApplied?: number;
  /**
   * Where the next page begins, or null at the end.
   */
  nextOffset: number | null;
  /**
   * The people who own some (protocol 4).
   */
  owners?: unknown[];
  /**
   * Where they are stored; `(multiple)` for several places.
   */
  path: string;
  /**
   * The rows.
   */
  sessions: SessionRow[];
  /**
   * How many sessions there are (protocol 4).
   */
  totalCount?: number;
  /**
   * When the list was made, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Subscribes to the messages of one session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsMessagesSubscribeParams".
 */
export interface SessionsMessagesSubscribeParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * Whether approvals of the session are sent too (protocol 4).
   */
  includeApprovals?: boolean;
  /**
   * The session.
   */
  key: string;
}
/**
 * Whether the caller is subscribed to one session now.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsMessagesResult".
 */
export interface SessionsMessagesResult {
  /**
   * The session's canonical key.
   */
  key: string;
  /**
   * Whether it is.
   */
  subscribed: boolean;
}
/**
 * Ends the subscription to the messages of one session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsMessagesUnsubscribeParams".
 */
export interface SessionsMessagesUnsubscribeParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * The session.
   */
  key: string;
}
/**
 * Changes settings of a session; `null` sets one back to its default.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsPatchParams".
 */
export interface SessionsPatchParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * What runs its turns (protocol 4).
   */
  agentRuntime?: string | null;
  /**
   * Whether it is archived (protocol 4).
   */
  archived?: boolean;
  /**
   * What it wants from a person (protocol 4).
   */
  attention?: ('hand' | 'key' | 'alert' | 'flag' | 'lock' | 'hourglass') | null;
  /**
   * Its name, given by the gateway (protocol 4).
   */
  autoLabel?: string | null;
  /**
   * How it is shown (protocol 4).
   */
  boardFace?: 'chat' | 'dashboard';
  /**
   * How its dashboard is shown (protocol 4).
   */
  boardPresentation?: ('split' | 'expanded') | null;
  /**
   * Its group in the list (protocol 4).
   */
  category?: string | null;
  /**
   * Its colour (protocol 4).
   */
  color?: string | null;
  /**
   * The session that is told of its end (protocol 4).
   */
  completionOwnerSessionKey?: string | null;
  /**
   * The context window to use (protocol 4).
   */
  contextWindow?: string | null;
  /**
   * Whether it runs commands with more rights.
   */
  elevatedLevel?: string | null;
  /**
   * When it asks before.
   */
  execAsk?: string | null;
  /**
   * Where it runs commands.
   */
  execHost?: string | null;
  /**
   * The node that runs them.
   */
  execNode?: string | null;
  /**
   * Which commands it may run.
   */
  execSecurity?: string | null;
  /**
   * Changes nothing unless the session is in this revision (protocol 4).
   */
  expectedLifecycleRevision?: string;
  /**
   * Marks as read only if it was marked as not read then (protocol 4).
   */
  expectedMarkedUnreadAt?: number | null;
  /**
   * Changes nothing unless this consent is set (protocol 4).
   */
  expectedNativeRuntimeConsent?: string | null;
  /**
   * Changes nothing unless this mode is set (protocol 4).
   */
  expectedPermissionMode?: ('read-only' | 'guarded' | 'workspace' | 'full') | null;
  /**
   * Changes nothing unless this sandbox is set (protocol 4).
   */
  expectedSandboxMode?: 'off' | null;
  /**
   * Changes nothing unless the session has this transcript (protocol 4).
   */
  expectedSessionId?: string;
  /**
   * Changes nothing unless these overrides are set (protocol 4).
   */
  expectedToolOverrides?: ToolOverrides | null;
  /**
   * Whether it is fast.
   */
  fastMode?: FastMode | null;
  /**
   * When the agent answers in a group.
   */
  groupActivation?: ('mention' | 'always') | null;
  /**
   * Its symbol (protocol 4).
   */
  icon?: string | null;
  /**
   * Tools that it inherits (protocol 4).
   */
  inheritedToolAllow?: string[] | null;
  /**
   * Tools that it must not inherit (protocol 4).
   */
  inheritedToolDeny?: string[] | null;
  /**
   * The version of the two fields below (protocol 4).
   */
  inheritedToolPolicyVersion?: number | null;
  /**
   * The session.
   */
  key: string;
  /**
   * Its name.
   */
  label?: string | null;
  /**
   * The model, `provider/model`.
   */
  model?: string | null;
  /**
   * Whether a person agreed to a native runtime (protocol 4).
   */
  nativeRuntimeConsent?: string | null;
  /**
   * What its tools may do (protocol 4).
   */
  permissionMode?: ('read-only' | 'guarded' | 'workspace' | 'full') | null;
  /**
   * Whether it is pinned (protocol 4).
   */
  pinned?: boolean;
  /**
   * Whether it tells its reasoning.
   */
  reasoningLevel?: string | null;
  /**
   * Whether it tells what an answer cost.
   */
  responseUsage?: ('off' | 'tokens' | 'full' | 'on') | null;
  /**
   * Whether it is sandboxed (protocol 4).
   */
  sandboxMode?: 'off' | null;
  /**
   * Whether it may send.
   */
  sendPolicy?: ('allow' | 'deny') | null;
  /**
   * Through how many sessions it was started (protocol 3).
   */
  spawnDepth?: number | null;
  /**
   * The session that started it (protocol 3).
   */
  spawnedBy?: string | null;
  /**
   * The folder that it was given (protocol 3).
   */
  spawnedWorkspaceDir?: string | null;
  /**
   * A short note that passes (protocol 4).
   */
  statusNote?: string | null;
  /**
   * What it may stop as a subagent (protocol 3).
   */
  subagentControlScope?: ('children' | 'none') | null;
  /**
   * What it is as a subagent (protocol 3).
   */
  subagentRole?: ('orchestrator' | 'leaf') | null;
  /**
   * How much it thinks.
   */
  thinkingLevel?: string | null;
  /**
   * What it changes about tools (protocol 4).
   */
  toolOverrides?: ToolOverrides | null;
  /**
   * How much it tells about itself (protocol 4).
   */
  traceLevel?: string | null;
  /**
   * After how many minutes the note passes (protocol 4).
   */
  ttlMinutes?: number;
  /**
   * Whether it is marked as not read (protocol 4).
   */
  unread?: boolean;
  /**
   * How much it tells about tools.
   */
  verboseLevel?: string | null;
}
/**
 * The session after the change.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsPatchResult".
 */
export interface SessionsPatchResult {
  /**
   * Its entry in the index, as `sessions.json` has it.
   */
  entry: {
    [k: string]: unknown;
  };
  /**
   * Its canonical key.
   */
  key: string;
  /**
   * Always true.
   */
  ok: boolean;
  /**
   * Where it is stored.
   */
  path: string;
  resolved: SessionsPatchResolved;
}
/**
 * What a session uses in the end.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsPatchResolved".
 */
export interface SessionsPatchResolved {
  agentRuntime?: AgentRuntime;
  /**
   * The model.
   */
  model?: string;
  /**
   * The provider.
   */
  modelProvider?: string;
  /**
   * Whether its runtime is fixed (protocol 4).
   */
  runtimeSelectionLocked?: boolean;
  /**
   * How much it thinks (protocol 4).
   */
  thinkingLevel?: string;
  /**
   * The levels of its model (protocol 4).
   */
  thinkingLevels?: ThinkingLevel[];
}
/**
 * Returns short previews of up to 64 transcripts.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsPreviewParams".
 */
export interface SessionsPreviewParams {
  /**
   * The sessions.
   *
   * @minItems 1
   */
  keys: [string, ...string[]];
  /**
   * The most messages of each; 12 when absent.
   */
  limit?: number;
  /**
   * The most characters of each message; 240 when absent.
   */
  maxChars?: number;
}
/**
 * The previews.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsPreviewResult".
 */
export interface SessionsPreviewResult {
  /**
   * One for each key, in the same order.
   */
  previews: SessionPreview[];
  /**
   * When they were made, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * The last messages of a transcript.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionPreview".
 */
export interface SessionPreview {
  /**
   * The messages, the oldest first.
   */
  items: PreviewItem[];
  /**
   * The key as it was asked for.
   */
  key: string;
  /**
   * What became of it.
   */
  status: 'ok' | 'empty' | 'missing' | 'error';
}
/**
 * A message in short.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PreviewItem".
 */
export interface PreviewItem {
  /**
   * `user`, `assistant`, `tool`, `system` or `other`.
   */
  role: string;
  /**
   * Its text.
   */
  text: string;
}
/**
 * Gives a session a new, empty transcript; the old one is archived.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsResetParams".
 */
export interface SessionsResetParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * Changes nothing unless the session has this transcript (protocol 4).
   */
  expectedSessionId?: string;
  /**
   * The session.
   */
  key: string;
  /**
   * Why.
   */
  reason?: 'new' | 'reset';
}
/**
 * The session after the reset.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsResetResult".
 */
export interface SessionsResetResult {
  /**
   * Its entry in the index, as `sessions.json` has it.
   */
  entry: {
    [k: string]: unknown;
  };
  /**
   * Its key.
   */
  key: string;
  /**
   * Always true.
   */
  ok: boolean;
  resolved?: SessionsPatchResolved;
}
/**
 * Finds the key of a session by key, transcript, label, short id or reference.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsResolveParams".
 */
export interface SessionsResolveParams {
  /**
   * Only of this agent.
   */
  agentId?: string;
  /**
   * Whether finding none is an answer and not an error (protocol 4).
   */
  allowMissing?: boolean;
  /**
   * Whether the global session may be found.
   */
  includeGlobal?: boolean;
  /**
   * Whether sessions of unknown kind may be found.
   */
  includeUnknown?: boolean;
  /**
   * A key, perhaps not canonical.
   */
  key?: string;
  /**
   * A label.
   */
  label?: string;
  reference?: SessionReference;
  /**
   * A transcript.
   */
  sessionId?: string;
  /**
   * The short id from an address (protocol 4).
   */
  shortId?: string;
  /**
   * The name from an address (protocol 4).
   */
  slugHint?: string;
  /**
   * Only of those that this session started.
   */
  spawnedBy?: string;
}
/**
 * A reference to a session in a text (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionReference".
 */
export interface SessionReference {
  /**
   * The key.
   */
  key: string;
  /**
   * The name in the address.
   */
  slug?: string;
}
/**
 * The session that was found.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsResolveResult".
 */
export interface SessionsResolveResult {
  /**
   * Its agent (protocol 4).
   */
  agentId?: string;
  /**
   * `chat` or `dashboard` (protocol 4).
   */
  boardFace?: string;
  /**
   * `split` or `expanded` (protocol 4).
   */
  boardPresentation?: string;
  /**
   * What else it may have been, at most ten (protocol 4).
   */
  candidates?: ResolveCandidate[];
  /**
   * How it is shown (protocol 4).
   */
  displayName?: string;
  /**
   * Its key.
   */
  key?: string;
  /**
   * Whether one was found.
   */
  ok: boolean;
}
/**
 * A session that may have been meant (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ResolveCandidate".
 */
export interface ResolveCandidate {
  /**
   * Its agent.
   */
  agentId: string;
  /**
   * `chat` or `dashboard`.
   */
  boardFace?: string;
  /**
   * `split` or `expanded`.
   */
  boardPresentation?: string;
  /**
   * How it is shown.
   */
  displayName?: string;
  /**
   * Its key.
   */
  key: string;
}
/**
 * Takes a session back to the state before a message of its user, and gives the message back. What was said since stays as a branch.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsRewindParams".
 */
export interface SessionsRewindParams {
  /**
   * The agent, for a key without one.
   */
  agentId?: string;
  /**
   * The message: its `__openclaw.id`.
   */
  entryId: string;
  /**
   * The session.
   */
  sessionKey: string;
}
/**
 * The message that the session was taken back to, to be changed and sent again.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsRewindResult".
 */
export interface SessionsRewindResult {
  /**
   * Its pictures.
   */
  editorAttachments?: EditorAttachment[];
  /**
   * Its text.
   */
  editorText?: string;
}
/**
 * A picture of a message.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "EditorAttachment".
 */
export interface EditorAttachment {
  /**
   * The picture in Base64.
   */
  data: string;
  /**
   * Its media type.
   */
  mimeType: string;
}
/**
 * Sends a message to a session, as `chat.send` does.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsSendParams".
 */
export interface SessionsSendParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * Files.
   */
  attachments?: Attachment[];
  /**
   * Becomes the run's id; one is made when absent.
   */
  idempotencyKey?: string;
  /**
   * The session.
   */
  key: string;
  /**
   * People who are named in it (protocol 4).
   *
   * @maxItems 10
   */
  mentions?:
    | []
    | [Mention]
    | [Mention, Mention]
    | [Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention];
  /**
   * The message.
   */
  message: string;
  /**
   * How much to think.
   */
  thinking?: string;
  /**
   * The longest time of the turn, in milliseconds.
   */
  timeoutMs?: number;
}
/**
 * Sends a message to a session after aborting what runs there.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsSteerParams".
 */
export interface SessionsSteerParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: string;
  /**
   * Files.
   */
  attachments?: Attachment[];
  /**
   * Becomes the run's id; one is made when absent.
   */
  idempotencyKey?: string;
  /**
   * The session.
   */
  key: string;
  /**
   * People who are named in it (protocol 4).
   *
   * @maxItems 10
   */
  mentions?:
    | []
    | [Mention]
    | [Mention, Mention]
    | [Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention]
    | [Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention, Mention];
  /**
   * The message.
   */
  message: string;
  /**
   * How much to think.
   */
  thinking?: string;
  /**
   * The longest time of the turn, in milliseconds.
   */
  timeoutMs?: number;
}
/**
 * Subscribes to changes, messages and tool calls of all sessions.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsSubscribeParams".
 */
export interface SessionsSubscribeParams {}
/**
 * Whether the caller is subscribed now.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsSubscribeResult".
 */
export interface SessionsSubscribeResult {
  /**
   * Whether it is.
   */
  subscribed: boolean;
}
/**
 * Ends the subscription to all sessions.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUnsubscribeParams".
 */
export interface SessionsUnsubscribeParams {}
/**
 * Tells what sessions used in a span of days: tokens, prices, messages, tools.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUsageParams".
 */
export interface SessionsUsageParams {
  /**
   * Only sessions of this agent (protocol 4).
   */
  agentId?: string;
  /**
   * Sessions of every agent; not together with `key` or `agentId` (protocol 4).
   */
  agentScope?: 'all';
  /**
   * Only sessions that this person made (protocol 4).
   */
  creatorKey?: string;
  /**
   * The last day.
   */
  endDate?: string;
  /**
   * What one row stands for; `instance` when absent (protocol 4).
   */
  groupBy?: 'instance' | 'family';
  /**
   * Whether to add what the system prompt weighs, where that is known.
   */
  includeContextWeight?: boolean;
  /**
   * An older word for `groupBy: family` (protocol 4).
   */
  includeHistorical?: boolean;
  /**
   * Only this session.
   */
  key?: string;
  /**
   * The most rows; 50 when absent. Sums count all sessions, shown or not.
   */
  limit?: number;
  /**
   * Where days begin; `utc` when absent.
   */
  mode?: 'utc' | 'gateway' | 'specific';
  /**
   * A span that ends today, instead of two days (protocol 4).
   */
  range?: '7d' | '30d' | '90d' | '1y' | 'all';
  /**
   * The first day.
   */
  startDate?: string;
  /**
   * The time zone, for example `Europe/Berlin` (protocol 4).
   */
  timeZone?: string;
  /**
   * The distance from UTC, for clients that know no names of time zones.
   */
  utcOffset?: string;
}
/**
 * What was used in a span of days.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUsageResult".
 */
export interface SessionsUsageResult {
  aggregates: UsageAggregates;
  /**
   * The last day.
   */
  endDate: string;
  /**
   * The sessions, the latest first, as many as were asked for.
   */
  sessions: SessionUsageRow[];
  /**
   * The first day.
   */
  startDate: string;
  totals: UsageTotals;
  /**
   * When this was counted, in milliseconds since 1970.
   */
  updatedAt: number;
}
/**
 * Sums over several sessions.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UsageAggregates".
 */
export interface UsageAggregates {
  /**
   * By agent, the dearest first.
   */
  byAgent: AgentUse[];
  /**
   * By channel, the dearest first.
   */
  byChannel: ChannelUse[];
  /**
   * By model, the dearest first.
   */
  byModel: ModelUse[];
  /**
   * By provider, the dearest first.
   */
  byProvider: ModelUse[];
  /**
   * By day, in full (protocol 4).
   */
  costDaily: DailyTotals[];
  /**
   * By day.
   */
  daily: DayUse[];
  /**
   * The same by day.
   */
  dailyLatency: DayLatency[];
  latency?: Latency;
  /**
   * The longest time between the first and the last message of one (protocol 4).
   */
  longestSessionDurationMs?: number;
  messages: MessageCounts;
  /**
   * By model and day.
   */
  modelDaily: ModelDay[];
  /**
   * In how many of them something happened (protocol 4).
   */
  sessionCount: number;
  tools: ToolUse;
}
/**
 * What an agent used.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentUse".
 */
export interface AgentUse {
  /**
   * The agent.
   */
  agentId: string;
  totals: UsageTotals;
}
/**
 * Tokens and prices in US dollars.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UsageTotals".
 */
export interface UsageTotals {
  /**
   * Tokens read from the provider's cache.
   */
  cacheRead: number;
  /**
   * What the tokens from the cache cost.
   */
  cacheReadCost: number;
  /**
   * Tokens written to the provider's cache.
   */
  cacheWrite: number;
  /**
   * What the tokens to the cache cost.
   */
  cacheWriteCost: number;
  /**
   * Tokens read by the model.
   */
  input: number;
  /**
   * What the tokens read cost.
   */
  inputCost: number;
  /**
   * Answers of which no price is known.
   */
  missingCostEntries: number;
  /**
   * Tokens written by the model.
   */
  output: number;
  /**
   * What the tokens written cost.
   */
  outputCost: number;
  /**
   * What they cost.
   */
  totalCost: number;
  /**
   * All of them.
   */
  totalTokens: number;
}
/**
 * What came through a channel.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChannelUse".
 */
export interface ChannelUse {
  /**
   * The channel.
   */
  channel: string;
  totals: UsageTotals;
}
/**
 * What a model, or all models of a provider, used.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelUse".
 */
export interface ModelUse {
  /**
   * How many answers.
   */
  count: number;
  /**
   * The model.
   */
  model?: string;
  /**
   * The provider.
   */
  provider?: string;
  totals: UsageTotals;
}
/**
 * The sums of one day.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DailyTotals".
 */
export interface DailyTotals {
  /**
   * Tokens read from the provider's cache.
   */
  cacheRead: number;
  /**
   * What the tokens from the cache cost.
   */
  cacheReadCost: number;
  /**
   * Tokens written to the provider's cache.
   */
  cacheWrite: number;
  /**
   * What the tokens to the cache cost.
   */
  cacheWriteCost: number;
  /**
   * The day.
   */
  date: string;
  /**
   * Tokens read by the model.
   */
  input: number;
  /**
   * What the tokens read cost.
   */
  inputCost: number;
  /**
   * Answers of which no price is known.
   */
  missingCostEntries: number;
  /**
   * Tokens written by the model.
   */
  output: number;
  /**
   * What the tokens written cost.
   */
  outputCost: number;
  /**
   * What they cost.
   */
  totalCost: number;
  /**
   * All of them.
   */
  totalTokens: number;
}
/**
 * A day.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DayUse".
 */
export interface DayUse {
  /**
   * What they cost.
   */
  cost: number;
  /**
   * The day.
   */
  date: string;
  /**
   * Answers that failed or were stopped, and tools that failed.
   */
  errors: number;
  /**
   * Messages of people and of models.
   */
  messages: number;
  /**
   * Tokens.
   */
  tokens: number;
  /**
   * Calls of tools.
   */
  toolCalls: number;
}
/**
 * How long answers took on a day, in milliseconds.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DayLatency".
 */
export interface DayLatency {
  /**
   * On average.
   */
  avgMs: number;
  /**
   * How many answers.
   */
  count: number;
  /**
   * The day.
   */
  date: string;
  /**
   * The longest.
   */
  maxMs: number;
  /**
   * The shortest.
   */
  minMs: number;
  /**
   * What 95 of 100 answers stayed under.
   */
  p95Ms: number;
}
/**
 * How long answers took, in milliseconds.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Latency".
 */
export interface Latency {
  /**
   * On average.
   */
  avgMs: number;
  /**
   * How many answers.
   */
  count: number;
  /**
   * The longest.
   */
  maxMs: number;
  /**
   * The shortest.
   */
  minMs: number;
  /**
   * What 95 of 100 answers stayed under.
   */
  p95Ms: number;
}
/**
 * How often who spoke.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "MessageCounts".
 */
export interface MessageCounts {
  /**
   * Answers of models.
   */
  assistant: number;
  /**
   * Answers that failed or were stopped, and tools that failed.
   */
  errors: number;
  /**
   * Calls of tools.
   */
  toolCalls: number;
  /**
   * Results of tools.
   */
  toolResults: number;
  /**
   * Messages of people and of models.
   */
  total: number;
  /**
   * Messages of people.
   */
  user: number;
}
/**
 * What a model used on a day.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ModelDay".
 */
export interface ModelDay {
  /**
   * What they cost.
   */
  cost: number;
  /**
   * How many answers.
   */
  count: number;
  /**
   * The day.
   */
  date: string;
  /**
   * The model.
   */
  model?: string;
  /**
   * The provider.
   */
  provider?: string;
  /**
   * Tokens.
   */
  tokens: number;
}
/**
 * Which tools were called.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolUse".
 */
export interface ToolUse {
  /**
   * Each tool, the busiest first.
   */
  tools: ToolCount[];
  /**
   * How many calls.
   */
  totalCalls: number;
  /**
   * How many tools.
   */
  uniqueTools: number;
}
/**
 * How often a tool was called.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolCount".
 */
export interface ToolCount {
  /**
   * How many calls.
   */
  count: number;
  /**
   * The tool.
   */
  name: string;
}
/**
 * A session and what it used.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionUsageRow".
 */
export interface SessionUsageRow {
  /**
   * Its agent.
   */
  agentId?: string;
  /**
   * Its channel.
   */
  channel?: string;
  /**
   * `direct`, `group` or `channel`.
   */
  chatType?: string;
  /**
   * What its system prompt weighs, where that was asked for; null when it is not known.
   */
  contextWeight?: {
    [k: string]: unknown;
  };
  /**
   * Its present transcript (protocol 4).
   */
  currentSessionId?: string;
  /**
   * Whether that is known (protocol 4).
   */
  hasContextWeight?: boolean;
  /**
   * How many that are (protocol 4).
   */
  historicalInstanceCount?: number;
  /**
   * All that are counted (protocol 4).
   */
  includedSessionIds?: string[];
  /**
   * Its key.
   */
  key: string;
  /**
   * How it is called.
   */
  label?: string;
  /**
   * The model of the last run.
   */
  model?: string;
  /**
   * The model that a person chose.
   */
  modelOverride?: string;
  /**
   * The provider of the last run.
   */
  modelProvider?: string;
  origin?: SessionOrigin;
  /**
   * Its provider.
   */
  providerOverride?: string;
  /**
   * `instance` or `family`: whether transcripts that it left behind are counted too (protocol 4).
   */
  scope?: string;
  /**
   * The session that these transcripts belong to (protocol 4).
   */
  sessionFamilyKey?: string;
  /**
   * Its transcript.
   */
  sessionId?: string;
  /**
   * The last change, in milliseconds since 1970.
   */
  updatedAt?: number;
  /**
   * What it used in the span; null when there is no transcript.
   */
  usage: SessionUsage | null;
}
/**
 * What a session used.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionUsage".
 */
export interface SessionUsage {
  /**
   * The days on which something was said.
   */
  activityDates: string[];
  /**
   * Tokens read from the provider's cache.
   */
  cacheRead: number;
  /**
   * What the tokens from the cache cost.
   */
  cacheReadCost: number;
  /**
   * Tokens written to the provider's cache.
   */
  cacheWrite: number;
  /**
   * What the tokens to the cache cost.
   */
  cacheWriteCost: number;
  /**
   * Tokens by day.
   */
  dailyBreakdown: DayTokens[];
  /**
   * How long answers took, by day.
   */
  dailyLatency?: DayLatency[];
  /**
   * Messages by day.
   */
  dailyMessageCounts: DayMessages[];
  /**
   * Tokens by day and model.
   */
  dailyModelUsage?: ModelDay[];
  /**
   * The time between them.
   */
  durationMs?: number;
  /**
   * The first message of the span, in milliseconds since 1970.
   */
  firstActivity?: number;
  /**
   * Tokens read by the model.
   */
  input: number;
  /**
   * What the tokens read cost.
   */
  inputCost: number;
  /**
   * The last one.
   */
  lastActivity?: number;
  latency?: Latency;
  messageCounts: MessageCounts;
  /**
   * Answers of which no price is known.
   */
  missingCostEntries: number;
  /**
   * By model, the dearest first.
   */
  modelUsage?: ModelUse[];
  /**
   * Tokens written by the model.
   */
  output: number;
  /**
   * What the tokens written cost.
   */
  outputCost: number;
  /**
   * Its file.
   */
  sessionFile?: string;
  /**
   * The transcript.
   */
  sessionId?: string;
  toolUsage?: ToolUse;
  /**
   * What they cost.
   */
  totalCost: number;
  /**
   * All of them.
   */
  totalTokens: number;
}
/**
 * Tokens of a day.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DayTokens".
 */
export interface DayTokens {
  /**
   * What they cost.
   */
  cost: number;
  /**
   * The day.
   */
  date: string;
  /**
   * Tokens.
   */
  tokens: number;
}
/**
 * Messages of a day.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DayMessages".
 */
export interface DayMessages {
  /**
   * Answers of models.
   */
  assistant: number;
  /**
   * The day.
   */
  date: string;
  /**
   * Answers that failed or were stopped, and tools that failed.
   */
  errors: number;
  /**
   * Calls of tools.
   */
  toolCalls: number;
  /**
   * Results of tools.
   */
  toolResults: number;
  /**
   * Messages of people and of models.
   */
  total: number;
  /**
   * Messages of people.
   */
  user: number;
}
/**
 * Tells what was said in a session, with the use of each answer.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUsageLogsParams".
 */
export interface SessionsUsageLogsParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: {
    [k: string]: unknown;
  };
  /**
   * The session.
   */
  key?: {
    [k: string]: unknown;
  };
  /**
   * The most messages, the latest; 200 when absent, 1000 at most.
   */
  limit?: {
    [k: string]: unknown;
  };
}
/**
 * What was said.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUsageLogsResult".
 */
export interface SessionsUsageLogsResult {
  /**
   * The messages, the earliest first.
   */
  logs: SessionsUsageLog[];
}
/**
 * A message.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUsageLog".
 */
export interface SessionsUsageLog {
  /**
   * Its text, cut where it is long.
   */
  content: string;
  /**
   * What the answer cost.
   */
  cost?: number;
  /**
   * `user`, `assistant` or `toolResult`.
   */
  role: string;
  /**
   * When it was said, in milliseconds since 1970.
   */
  timestamp: number;
  /**
   * Tokens of the answer.
   */
  tokens?: number;
}
/**
 * Tells how the use of a session grew from answer to answer.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUsageTimeseriesParams".
 */
export interface SessionsUsageTimeseriesParams {
  /**
   * The agent, for a key without one (protocol 4).
   */
  agentId?: {
    [k: string]: unknown;
  };
  /**
   * The session.
   */
  key?: {
    [k: string]: unknown;
  };
}
/**
 * How the use of a session grew.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUsageTimeseriesResult".
 */
export interface SessionsUsageTimeseriesResult {
  /**
   * One point an answer, or an equal number of answers where there are many.
   */
  points: SessionsUsagePoint[];
  /**
   * The transcript.
   */
  sessionId: string;
}
/**
 * An answer, or several in a row.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsUsagePoint".
 */
export interface SessionsUsagePoint {
  /**
   * Tokens read from the provider's cache.
   */
  cacheRead: number;
  /**
   * Tokens written to the provider's cache.
   */
  cacheWrite: number;
  /**
   * What they cost.
   */
  cost: number;
  /**
   * What the session cost up to here.
   */
  cumulativeCost: number;
  /**
   * Tokens of the session up to here.
   */
  cumulativeTokens: number;
  /**
   * Tokens read by the model.
   */
  input: number;
  /**
   * Tokens written by the model.
   */
  output: number;
  /**
   * When the last of them came, in milliseconds since 1970.
   */
  timestamp: number;
  /**
   * All of them.
   */
  totalTokens: number;
}
/**
 * Lists the programs that the skills in the agents' workspaces need, for a node's own policy.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SkillsBinsParams".
 */
export interface SkillsBinsParams {}
/**
 * The programs.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SkillsBinsResult".
 */
export interface SkillsBinsResult {
  /**
   * Their names, sorted.
   */
  bins: string[];
}
/**
 * Summarises the gateway: sessions, heartbeats, channels. Paths are hidden without admin.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "StatusParams".
 */
export interface StatusParams {
  /**
   * Whether to look at the channels; true when absent (protocol 4).
   */
  includeChannelSummary?: {
    [k: string]: unknown;
  };
  /**
   * Whether to add what only the command line shows (protocol 4).
   */
  includeCliProjection?: {
    [k: string]: unknown;
  };
}
/**
 * The summary of the gateway.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "StatusResult".
 */
export interface StatusResult {
  /**
   * One line for each channel.
   */
  channelSummary: string[];
  /**
   * Plugins that do not work (protocol 4).
   */
  degradedPlugins?: unknown[];
  /**
   * Owners of secrets that cannot be read (protocol 4).
   */
  degradedSecretOwners?: unknown[];
  eventLoop?: EventLoop;
  heartbeat: HeartbeatSummary;
  /**
   * The desktop that agents may use (protocol 4).
   */
  hostDesktop?: {
    [k: string]: unknown;
  };
  modelRuntime?: ModelRuntime;
  /**
   * The process (protocol 4).
   */
  pid?: number;
  processMemory?: ProcessMemory;
  /**
   * Events that wait for the next turn of the main session.
   */
  queuedSystemEvents: string[];
  /**
   * The gateway's version.
   */
  runtimeVersion: string;
  sessions: StatusSessions;
  /**
   * What a stop would wait for (protocol 4).
   */
  shutdownBudget?: {
    [k: string]: unknown;
  };
  /**
   * What an audit of the tasks found (protocol 4).
   */
  taskAudit?: {
    [k: string]: unknown;
  };
  /**
   * Background tasks (protocol 4).
   */
  tasks?: {
    [k: string]: unknown;
  };
  /**
   * Pools of workers (protocol 4).
   */
  workerPools?: {
    [k: string]: unknown;
  };
}
/**
 * Heartbeats of all agents.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HeartbeatSummary".
 */
export interface HeartbeatSummary {
  /**
   * Every agent.
   */
  agents: HeartbeatAgentStatus[];
  /**
   * The default agent.
   */
  defaultAgentId: string;
}
/**
 * The heartbeat of one agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "HeartbeatAgentStatus".
 */
export interface HeartbeatAgentStatus {
  /**
   * The agent.
   */
  agentId: string;
  /**
   * Whether it is on.
   */
  enabled: boolean;
  /**
   * The interval as configured.
   */
  every: string;
  /**
   * The interval in milliseconds, or null when it is off.
   */
  everyMs: number | null;
  /**
   * Whether its answers have no route yet (protocol 4).
   */
  waitingForRoute?: boolean;
}
/**
 * The memory of the process in bytes (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ProcessMemory".
 */
export interface ProcessMemory {
  /**
   * Of it, buffers.
   */
  arrayBuffersBytes: number;
  /**
   * Outside the heap.
   */
  externalBytes: number;
  /**
   * Heap reserved.
   */
  heapTotalBytes: number;
  /**
   * Heap in use.
   */
  heapUsedBytes: number;
  /**
   * Resident.
   */
  rssBytes: number;
}
/**
 * The sessions of all agents.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "StatusSessions".
 */
export interface StatusSessions {
  /**
   * The same, by agent.
   */
  byAgent: AgentStatus[];
  /**
   * How many there are.
   */
  count: number;
  defaults: StatusDefaults;
  /**
   * Where they are stored.
   */
  paths: string[];
  /**
   * The latest ten.
   */
  recent: StatusSession[];
}
/**
 * The sessions of one agent.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentStatus".
 */
export interface AgentStatus {
  /**
   * The agent.
   */
  agentId: string;
  /**
   * How many there are.
   */
  count: number;
  /**
   * Where they are stored; `[redacted]` without admin.
   */
  path: string;
  /**
   * The latest ten.
   */
  recent: StatusSession[];
}
/**
 * A session in the summary.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "StatusSession".
 */
export interface StatusSession {
  /**
   * Whether the last run was aborted.
   */
  abortedLastRun?: boolean;
  /**
   * Milliseconds since then, or null.
   */
  age: number | null;
  /**
   * The agent.
   */
  agentId?: string;
  /**
   * Tokens read from the cache.
   */
  cacheRead?: number;
  /**
   * Tokens written to the cache.
   */
  cacheWrite?: number;
  /**
   * The size of its context window, or null.
   */
  contextTokens: number | null;
  /**
   * Whether it runs commands with more rights.
   */
  elevatedLevel?: string;
  /**
   * Whether it is fast.
   */
  fastMode?: {
    [k: string]: unknown;
  };
  /**
   * Short remarks, for example `id:...`.
   */
  flags: string[];
  /**
   * Tokens read.
   */
  inputTokens?: number;
  /**
   * Its key.
   */
  key: string;
  /**
   * `direct`, `group`, `global` or `unknown`.
   */
  kind: string;
  /**
   * The model, or null.
   */
  model: string | null;
  /**
   * Tokens written.
   */
  outputTokens?: number;
  /**
   * Share of the context window in percent, or null.
   */
  percentUsed: number | null;
  /**
   * Whether it tells its reasoning.
   */
  reasoningLevel?: string;
  /**
   * Tokens left in the context window, or null.
   */
  remainingTokens: number | null;
  /**
   * Its transcript.
   */
  sessionId?: string;
  /**
   * Whether the system prompt was sent.
   */
  systemSent?: boolean;
  /**
   * How much it thinks.
   */
  thinkingLevel?: string;
  /**
   * Tokens in the context, or null when unknown.
   */
  totalTokens: number | null;
  /**
   * Whether that number is of the last turn.
   */
  totalTokensFresh: boolean;
  /**
   * The last change, in milliseconds since 1970, or null.
   */
  updatedAt: number | null;
  /**
   * How much it tells about tools.
   */
  verboseLevel?: string;
}
/**
 * What a new session uses.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "StatusDefaults".
 */
export interface StatusDefaults {
  /**
   * The size of its context window, or null.
   */
  contextTokens: number | null;
  /**
   * The model, or null when none is configured.
   */
  model: string | null;
}
/**
 * The caller says something of itself; everyone who may see the list is told. What it would say of its name, address, device, roles or scopes is passed over: the gateway knows that itself.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SystemEventParams".
 */
export interface SystemEventParams {
  /**
   * Seconds since a person touched it.
   */
  lastInputSeconds?: {
    [k: string]: unknown;
  };
  /**
   * Why it says so; `update` when absent.
   */
  reason?: {
    [k: string]: unknown;
  };
  /**
   * Free words.
   */
  tags?: {
    [k: string]: unknown;
  };
  /**
   * One line for people.
   */
  text?: {
    [k: string]: unknown;
  };
}
/**
 * It is in the list.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SystemEventResult".
 */
export interface SystemEventResult {
  /**
   * Always true.
   */
  ok: boolean;
}
/**
 * Lists the gateway and the clients that are or were lately connected. With a field, the caller first says that of itself, which needs `operator.write`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SystemPresenceParams".
 */
export interface SystemPresenceParams {
  /**
   * Seconds since a person touched it.
   */
  lastInputSeconds?: {
    [k: string]: unknown;
  };
  /**
   * Why it says so; `update` when absent.
   */
  reason?: {
    [k: string]: unknown;
  };
  /**
   * Free words.
   */
  tags?: {
    [k: string]: unknown;
  };
  /**
   * One line for people.
   */
  text?: {
    [k: string]: unknown;
  };
}
/**
 * Tells about the machine and the process of the gateway.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SystemInfoParams".
 */
export interface SystemInfoParams {}
/**
 * The machine and the process of the gateway.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SystemInfoResult".
 */
export interface SystemInfoResult {
  /**
   * Its processor, for example `x64` or `arm64`.
   */
  arch: string;
  /**
   * Processors that it may use.
   */
  cpuCount: number;
  /**
   * Their model.
   */
  cpuModel?: string;
  /**
   * How much of it is free for the gateway.
   */
  diskAvailableBytes?: number;
  /**
   * The state directory, whose disk the next two speak of.
   */
  diskPath?: string;
  /**
   * How much that disk holds.
   */
  diskTotalBytes?: number;
  /**
   * Its name in the network.
   */
  hostname: string;
  /**
   * How many tasks wanted a processor in the last one, five and fifteen minutes.
   *
   * @minItems 3
   * @maxItems 3
   */
  loadAverage?: [number, number, number];
  /**
   * What the machine is called.
   */
  machineName: string;
  /**
   * What can be had of it.
   */
  memoryFreeBytes: number;
  /**
   * The machine's memory.
   */
  memoryTotalBytes: number;
  /**
   * Empty: no Node runs this gateway.
   */
  nodeVersion: string;
  /**
   * Its operating system in words.
   */
  osLabel: string;
  /**
   * The process.
   */
  pid: number;
  /**
   * Its kind of operating system, for example `linux` or `darwin`.
   */
  platform: string;
  /**
   * This start of the gateway.
   */
  processInstanceId?: string;
  /**
   * The version of the kernel.
   */
  release: string;
  /**
   * How long it runs, in milliseconds.
   */
  uptimeMs: number;
}
/**
 * Lists the tools that there are.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolsCatalogParams".
 */
export interface ToolsCatalogParams {
  /**
   * For which agent.
   */
  agentId?: string;
  /**
   * Whether to add those of plugins; true when absent.
   */
  includePlugins?: boolean;
}
/**
 * The tools that there are.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolsCatalogResult".
 */
export interface ToolsCatalogResult {
  /**
   * For which agent.
   */
  agentId: string;
  /**
   * The tools, group by group.
   */
  groups: ToolCatalogGroup[];
  /**
   * Sets of tools that an agent may be given in the config.
   */
  profiles: ToolProfile[];
}
/**
 * A group of tools.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolCatalogGroup".
 */
export interface ToolCatalogGroup {
  /**
   * Its word.
   */
  id: string;
  /**
   * How it is shown.
   */
  label: string;
  /**
   * The plugin.
   */
  pluginId?: string;
  /**
   * `core` or `plugin`.
   */
  source: string;
  /**
   * The tools, by name.
   */
  tools: ToolCatalogEntry[];
}
/**
 * A tool.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolCatalogEntry".
 */
export interface ToolCatalogEntry {
  /**
   * The profiles that have it.
   */
  defaultProfiles: string[];
  /**
   * What it does.
   */
  description: string;
  /**
   * Its name.
   */
  id: string;
  /**
   * How it is shown.
   */
  label: string;
  /**
   * Whether it is left out unless it is asked for.
   */
  optional?: boolean;
  /**
   * The plugin.
   */
  pluginId?: string;
  /**
   * `core` or `plugin`.
   */
  source: string;
}
/**
 * A set of tools that an agent may be given.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolProfile".
 */
export interface ToolProfile {
  /**
   * `minimal`, `coding`, `messaging` or `full`.
   */
  id: string;
  /**
   * How it is shown.
   */
  label: string;
}
/**
 * Lists the tools that the model of a session may call.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolsEffectiveParams".
 */
export interface ToolsEffectiveParams {
  /**
   * The agent, for a key without one.
   */
  agentId?: string;
  /**
   * The session.
   */
  sessionKey: string;
}
/**
 * The tools of a session.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolsEffectiveResult".
 */
export interface ToolsEffectiveResult {
  /**
   * The session's agent.
   */
  agentId: string;
  /**
   * The tools, group by group.
   */
  groups: ToolEffectiveGroup[];
  /**
   * The profile in force, which lists of the config may narrow.
   */
  profile: string;
}
/**
 * A group of tools.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolEffectiveGroup".
 */
export interface ToolEffectiveGroup {
  /**
   * `core`, `plugin` or `channel`.
   */
  id: string;
  /**
   * How it is shown.
   */
  label: string;
  /**
   * The same word as `id`.
   */
  source: string;
  /**
   * The tools, by name.
   */
  tools: ToolEffectiveEntry[];
}
/**
 * A tool.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolEffectiveEntry".
 */
export interface ToolEffectiveEntry {
  /**
   * The channel.
   */
  channelId?: string;
  /**
   * What it does, its first sentence.
   */
  description: string;
  /**
   * Its name.
   */
  id: string;
  /**
   * How it is shown.
   */
  label: string;
  /**
   * The plugin.
   */
  pluginId?: string;
  /**
   * What the model is told of it.
   */
  rawDescription: string;
  /**
   * `core`, `plugin` or `channel`.
   */
  source: string;
}
/**
 * Tells what agents used on each day: tokens and prices.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UsageCostParams".
 */
export interface UsageCostParams {
  /**
   * The agent; the default agent when absent (protocol 4).
   */
  agentId?: {
    [k: string]: unknown;
  };
  /**
   * Every agent; not together with `agentId` (protocol 4).
   */
  agentScope?: {
    [k: string]: unknown;
  };
  /**
   * How many days, today included, instead of two days; 30 when absent.
   */
  days?: {
    [k: string]: unknown;
  };
  /**
   * The last day.
   */
  endDate?: {
    [k: string]: unknown;
  };
  /**
   * Where days begin; `utc` when absent.
   */
  mode?: {
    [k: string]: unknown;
  };
  /**
   * A span that ends today, instead of two days (protocol 4).
   */
  range?: {
    [k: string]: unknown;
  };
  /**
   * The first day.
   */
  startDate?: {
    [k: string]: unknown;
  };
  /**
   * The time zone, for example `Europe/Berlin` (protocol 4).
   */
  timeZone?: {
    [k: string]: unknown;
  };
  /**
   * The distance from UTC, for clients that know no names of time zones.
   */
  utcOffset?: {
    [k: string]: unknown;
  };
}
/**
 * What was used on each day.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UsageCostResult".
 */
export interface UsageCostResult {
  /**
   * The days on which something was used.
   */
  daily: DailyTotals[];
  /**
   * How many days were asked for.
   */
  days: number;
  totals: UsageTotals;
  /**
   * When this was counted, in milliseconds since 1970.
   */
  updatedAt: number;
}
/**
 * Tells how much of a provider's quota is left, where an account has one that the gateway knows of.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UsageStatusParams".
 */
export interface UsageStatusParams {}
/**
 * The quotas of accounts.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UsageStatusResult".
 */
export interface UsageStatusResult {
  /**
   * The accounts whose quota is known. Quotas belong to subscriptions, and the gateway asks with keys alone, so there are none.
   */
  providers: unknown[];
  /**
   * When this was so, in milliseconds since 1970.
   */
  updatedAt: number;
}
/**
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "Events".
 */
export interface Events {
  agent: AgentEvent;
  chat: ChatEvent;
  'chat.metadata.changed': ChatMetadataChangedEvent;
  'config.changed': ConfigChangedEvent;
  'connect.challenge': ConnectChallenge;
  'device.pair.changed': DevicePairChangedEvent;
  'device.pair.requested': DevicePairRequestedEvent;
  'device.pair.resolved': DevicePairResolvedEvent;
  'device.pair.setup.completed': DevicePairSetupCompletedEvent;
  'device.pair.setup.deliveryUncertain': DevicePairSetupDeliveryUncertainEvent;
  'exec.approval.requested': ExecApprovalRequestedEvent;
  'exec.approval.resolved': ExecApprovalResolvedEvent;
  health: HealthEvent;
  heartbeat: HeartbeatEvent;
  'node.hostStats': NodeHostStatsEvent;
  'node.invoke.cancel': NodeInvokeCancelEvent;
  'node.invoke.request': NodeInvokeRequestEvent;
  'node.pair.requested': NodePairRequestedEvent;
  'node.pair.resolved': NodePairResolvedEvent;
  'node.pending.changed': NodePendingChangedEvent;
  'node.presence': NodePresenceEvent;
  'plugin.approval.requested': PluginApprovalRequestedEvent;
  'plugin.approval.resolved': PluginApprovalResolvedEvent;
  presence: PresenceEvent;
  'question.requested': QuestionRequestedEvent;
  'question.resolved': QuestionResolvedEvent;
  'session.message': SessionMessageEvent;
  'session.tool': SessionToolEvent;
  'sessions.changed': SessionsChangedEvent;
  shutdown: ShutdownEvent;
  tick: TickEvent;
}
/**
 * The run began or ended.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "LifecycleData".
 */
export interface LifecycleData {
  /**
   * Whether it was aborted.
   */
  aborted?: boolean;
  /**
   * When it ended.
   */
  endedAt?: number;
  /**
   * Why it failed.
   */
  error?: string;
  /**
   * More about a failure (protocol 4).
   */
  errorObservation?: {
    [k: string]: unknown;
  };
  /**
   * Whether nothing of it goes on (protocol 4).
   */
  executionSettled?: boolean;
  /**
   * The place in the list of models (protocol 4).
   */
  fallbackStepChainPosition?: number;
  /**
   * How the list ended, for example `chain_exhausted` (protocol 4).
   */
  fallbackStepFinalOutcome?: string;
  /**
   * The same in words (protocol 4).
   */
  fallbackStepFromFailureDetail?: string;
  /**
   * Why it failed (protocol 4).
   */
  fallbackStepFromFailureReason?: string;
  /**
   * The model that failed (protocol 4).
   */
  fallbackStepFromModel?: string;
  /**
   * The model that is tried (protocol 4).
   */
  fallbackStepToModel?: string;
  /**
   * Always `fallback_step`, with that phase (protocol 4).
   */
  fallbackStepType?: string;
  /**
   * `working`, `blocked` or `paused` (protocol 4).
   */
  livenessState?: string;
  /**
   * The model, with `model` (protocol 4).
   */
  model?: string;
  /**
   * Which step.
   */
  phase: 'start' | 'model' | 'fallback_step' | 'finishing' | 'end' | 'error';
  /**
   * The provider, with `model` (protocol 4).
   */
  provider?: string;
  /**
   * Whether the provider had answered (protocol 4).
   */
  providerStarted?: boolean;
  /**
   * Whether it cannot be run again (protocol 4).
   */
  replayInvalid?: boolean;
  /**
   * When the run began, in milliseconds since 1970.
   */
  startedAt?: number;
  /**
   * `cancelled` (protocol 4).
   */
  status?: string;
  /**
   * Why it stopped.
   */
  stopReason?: string;
  terminalReceipt?: TerminalReceipt;
  terminalReply?: TerminalReply;
  /**
   * Where the time went, for example `provider` (protocol 4).
   */
  timeoutPhase?: string;
}
/**
 * The assistant said more.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AssistantData".
 */
export interface AssistantData {
  /**
   * What is new in it.
   */
  delta: string;
  /**
   * The piece of work (protocol 4).
   */
  itemId?: string;
  /**
   * Files.
   */
  mediaUrls?: string[];
  /**
   * Whether the text replaces the one before (protocol 4).
   */
  replace?: boolean;
  /**
   * The whole text so far.
   */
  text: string;
}
/**
 * A tool was called.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ToolData".
 */
export interface ToolData {
  /**
   * Its arguments, with `start`.
   */
  args?: {
    [k: string]: unknown;
  };
  /**
   * Whether it runs a command (protocol 4).
   */
  commandBearing?: boolean;
  /**
   * Whether it failed.
   */
  isError?: boolean;
  /**
   * What it works on, in words.
   */
  meta?: string;
  /**
   * The tool.
   */
  name: string;
  /**
   * Its result so far, with `update`, when the session tells all.
   */
  partialResult?: {
    [k: string]: unknown;
  };
  /**
   * Which step.
   */
  phase: 'start' | 'update' | 'result';
  /**
   * Its result, with `result`, when the session tells all.
   */
  result?: {
    [k: string]: unknown;
  };
  /**
   * The call.
   */
  toolCallId: string;
  /**
   * Why, in a line (protocol 4).
   */
  toolErrorSummary?: string;
}
/**
 * The model thought more.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ThinkingData".
 */
export interface ThinkingData {
  /**
   * What is new in it.
   */
  delta: string;
  /**
   * The whole text so far.
   */
  text: string;
}
/**
 * The transcript was made shorter.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CompactionData".
 */
export interface CompactionData {
  /**
   * Whether it was done.
   */
  completed?: boolean;
  /**
   * `start` or `end`.
   */
  phase: string;
  /**
   * Whether the turn is tried again after it.
   */
  willRetry?: boolean;
}
/**
 * A piece of work, in words for people (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ItemData".
 */
export interface ItemData {
  /**
   * Whether it runs a command.
   */
  commandBearing?: boolean;
  /**
   * When it ended.
   */
  endedAt?: number;
  /**
   * Why it failed.
   */
  error?: string;
  /**
   * The piece of work.
   */
  itemId: string;
  /**
   * `preamble`, `tool` or `command`.
   */
  kind: string;
  /**
   * What it works on.
   */
  meta?: string;
  /**
   * The tool.
   */
  name?: string;
  /**
   * `start`, `update` or `end`.
   */
  phase: string;
  /**
   * What it says.
   */
  progressText?: string;
  /**
   * When it began, in milliseconds since 1970.
   */
  startedAt?: number;
  /**
   * How it stands.
   */
  status?: 'running' | 'completed' | 'failed' | 'blocked';
  /**
   * What it is.
   */
  title: string;
  /**
   * The call.
   */
  toolCallId?: string;
}
/**
 * What a command printed (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "CommandOutputData".
 */
export interface CommandOutputData {
  /**
   * The folder.
   */
  cwd?: string;
  /**
   * How long it took.
   */
  durationMs?: number;
  /**
   * The exit code.
   */
  exitCode?: number;
  /**
   * The piece of work.
   */
  itemId: string;
  /**
   * The tool.
   */
  name?: string;
  /**
   * All that was printed so far.
   */
  output?: string;
  /**
   * `delta` or `end`.
   */
  phase: string;
  /**
   * How it stands.
   */
  status?: string;
  /**
   * What it is.
   */
  title: string;
  /**
   * The call.
   */
  toolCallId?: string;
}
/**
 * What is prepared (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "RunStatusData".
 */
export interface RunStatusData {
  /**
   * What.
   */
  phase:
    | 'preparing_workspace'
    | 'naming_worktree'
    | 'creating_worktree'
    | 'running_setup'
    | 'provisioning_environment'
    | 'preparing_context'
    | 'memory_flushing'
    | 'starting_model';
}
/**
 * Tokens so far (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "UsageData".
 */
export interface UsageData {
  /**
   * Tokens read.
   */
  inputTokens?: number;
  /**
   * Tokens written.
   */
  outputTokens?: number;
}
/**
 * Something is missing.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "AgentErrorData".
 */
export interface AgentErrorData {
  /**
   * The place that was expected.
   */
  expected?: number;
  /**
   * What, for example `seq gap`.
   */
  reason: string;
  /**
   * The place that came.
   */
  received?: number;
}
/**
 * A step of an answer. `message` of a `delta` holds the whole text so far, so that a missed one does no harm.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatEvent".
 */
export interface ChatEvent {
  /**
   * The agent (protocol 4).
   */
  agentId?: string;
  /**
   * The text since the last `delta`, with `delta` (protocol 4).
   */
  deltaText?: string;
  errorDetail?: ChatErrorDetail;
  /**
   * The kind of it (protocol 4).
   */
  errorKind?: 'refusal' | 'timeout' | 'rate_limit' | 'context_length' | 'unknown';
  /**
   * What went wrong.
   */
  errorMessage?: string;
  message?: ChatMessage;
  /**
   * What is prepared, with `status`.
   */
  phase?:
    | 'preparing_workspace'
    | 'naming_worktree'
    | 'creating_worktree'
    | 'running_setup'
    | 'provisioning_environment'
    | 'preparing_context'
    | 'memory_flushing'
    | 'starting_model';
  /**
   * Whether that text replaces all before it (protocol 4).
   */
  replace?: boolean;
  /**
   * What is tried again, with `status`.
   */
  retry?: {
    [k: string]: unknown;
  };
  /**
   * The run.
   */
  runId: string;
  /**
   * The place among the events of the run; the same as that of its `agent` event.
   */
  seq: number;
  /**
   * The session's canonical key.
   */
  sessionKey: string;
  /**
   * The session that started it (protocol 4).
   */
  spawnedBy?: string;
  /**
   * How far the answer is.
   */
  state: 'status' | 'delta' | 'final' | 'aborted' | 'error';
  /**
   * Why it stopped.
   */
  stopReason?: string;
  usage?: Usage;
  /**
   * Whether the turn ended to be continued (protocol 4).
   */
  yielded?: boolean;
}
/**
 * More about a failed answer (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatErrorDetail".
 */
export interface ChatErrorDetail {
  /**
   * Why another model was tried.
   */
  failoverReason?: string;
  /**
   * The HTTP status.
   */
  httpStatus?: number;
  /**
   * The model.
   */
  model?: string;
  /**
   * The provider.
   */
  provider?: string;
  /**
   * The beginning of the provider's message.
   */
  providerErrorMessagePreview?: string;
  /**
   * The provider's own name for it.
   */
  providerErrorType?: string;
  /**
   * The kind of failure.
   */
  providerRuntimeFailureKind?: string;
}
/**
 * Models or commands of chats changed; ask again.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ChatMetadataChangedEvent".
 */
export interface ChatMetadataChangedEvent {}
/**
 * The config file was written.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConfigChangedEvent".
 */
export interface ConfigChangedEvent {
  /**
   * Identifies its text.
   */
  hash: string;
  /**
   * The file.
   */
  path: string;
  /**
   * When, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Sent as soon as a socket is open; a device signs the nonce.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ConnectChallenge".
 */
export interface ConnectChallenge {
  /**
   * What `connect` may ask for, for example `model-catalog-snapshot` (protocol 4).
   */
  capabilities?: string[];
  /**
   * A UUID, valid for this socket alone.
   */
  nonce: string;
  /**
   * The gateway's clock, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Something about the paired devices changed; `device.pair.list` tells what.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairChangedEvent".
 */
export interface DevicePairChangedEvent {}
/**
 * A pairing request was decided.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "DevicePairResolvedEvent".
 */
export interface DevicePairResolvedEvent {
  /**
   * What became of it.
   */
  decision: 'approved' | 'rejected';
  /**
   * The device.
   */
  deviceId: string;
  /**
   * The request.
   */
  requestId: string;
  /**
   * When, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * A command was decided about, or nobody decided in time.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ExecApprovalResolvedEvent".
 */
export interface ExecApprovalResolvedEvent {
  /**
   * What was decided; null when nobody did.
   */
  decision: ('allow-once' | 'allow-always' | 'deny') | null;
  /**
   * The request.
   */
  id: string;
  request: ExecApprovalRequest;
  /**
   * Who decided, by the gateway's records.
   */
  resolvedBy: string | null;
  /**
   * When, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * A node told how its machine does (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeHostStatsEvent".
 */
export interface NodeHostStatsEvent {
  hostStats: NodeHostStats;
  /**
   * The node.
   */
  nodeId: string;
}
/**
 * Nobody waits for a command any longer: the node may stop it (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeInvokeCancelEvent".
 */
export interface NodeInvokeCancelEvent {
  /**
   * The id of the request.
   */
  invokeId: string;
  /**
   * The node itself.
   */
  nodeId: string;
}
/**
 * A node is asked for a command; it answers with `node.invoke.result`.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodeInvokeRequestEvent".
 */
export interface NodeInvokeRequestEvent {
  /**
   * The command.
   */
  command: string;
  /**
   * The id for the answer.
   */
  id: string;
  /**
   * The key of who asks.
   */
  idempotencyKey?: string;
  /**
   * The node itself.
   */
  nodeId: string;
  /**
   * What it needs, as JSON text.
   */
  paramsJSON: string | null;
  /**
   * The session on whose behalf it is asked (protocol 4).
   */
  sessionKey?: string;
  /**
   * How long the answer is waited for, in milliseconds.
   */
  timeoutMs?: number;
}
/**
 * A request was decided, or a node removed.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePairResolvedEvent".
 */
export interface NodePairResolvedEvent {
  /**
   * What became of it.
   */
  decision: 'approved' | 'rejected' | 'removed';
  /**
   * The node.
   */
  nodeId: string;
  /**
   * The request; empty when a node was removed.
   */
  requestId: string;
  /**
   * When, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Work was left for a node that is here: it finds it with `node.pending.drain`. Of this gateway alone; a node that does not know it finds the work when it next looks.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePendingChangedEvent".
 */
export interface NodePendingChangedEvent {
  /**
   * The node itself.
   */
  nodeId: string;
  /**
   * Counts the changes of what waits for it.
   */
  revision: number;
}
/**
 * A node told whether a person is at its machine (protocol 4).
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "NodePresenceEvent".
 */
export interface NodePresenceEvent {
  /**
   * When a person last was, in milliseconds since 1970; nothing when it does not tell any longer.
   */
  lastActiveAtMs: number | null;
  /**
   * The node.
   */
  nodeId: string;
  /**
   * When it told so.
   */
  presenceUpdatedAtMs: number | null;
}
/**
 * A plugin's request was decided, or nobody decided in time.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PluginApprovalResolvedEvent".
 */
export interface PluginApprovalResolvedEvent {
  /**
   * What was decided; null when nobody did.
   */
  decision: ('allow-once' | 'allow-always' | 'deny') | null;
  /**
   * The request.
   */
  id: string;
  request: PluginApprovalRequest;
  /**
   * Who decided, by the gateway's records.
   */
  resolvedBy: string | null;
  /**
   * When, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Somebody came or left. At most one a second.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "PresenceEvent".
 */
export interface PresenceEvent {
  /**
   * The whole list.
   */
  presence: PresenceEntry[];
}
/**
 * A question was answered, cancelled, or nobody answered in time.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "QuestionResolvedEvent".
 */
export interface QuestionResolvedEvent {
  answers?: QuestionAnswers;
  /**
   * The question.
   */
  id: string;
  /**
   * What has become of it.
   */
  status: 'pending' | 'answered' | 'cancelled' | 'expired';
}
/**
 * A message was added to a transcript.
 *
 * The fields of the row are twice on the wire, under `session` and at the top; here they are once.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionMessageEvent".
 */
export interface SessionMessageEvent {
  /**
   * The agent (protocol 4).
   */
  agentId?: string | null;
  /**
   * The message.
   */
  message: ChatMessage;
  /**
   * The transcript entry.
   */
  messageId?: string | null;
  /**
   * Its place in the transcript.
   */
  messageSeq?: number | null;
  /**
   * The run that it belongs to (protocol 4).
   */
  runId?: string | null;
  /**
   * Whether a person who owns the gateway sent it (protocol 4).
   */
  senderIsOwner?: boolean | null;
  /**
   * The session's row.
   */
  session?: SessionRow | null;
  /**
   * The session's canonical key.
   */
  sessionKey: string;
}
/**
 * A session was made, changed or deleted.
 *
 * A step of a run has a `phase`, everything else a `reason`. Protocol 3 says the row at the top
 * alone when there is a `reason`; the gateway's edge leaves `session` out there.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "SessionsChangedEvent".
 */
export interface SessionsChangedEvent {
  /**
   * The agent (protocol 4).
   */
  agentId?: string | null;
  /**
   * Whether the transcript was made shorter.
   */
  compacted?: boolean | null;
  /**
   * The transcript entry, with `message`.
   */
  messageId?: string | null;
  /**
   * Its place in the transcript, with `message`.
   */
  messageSeq?: number | null;
  /**
   * `start`, `model`, `message`, `end` or `error`.
   */
  phase?: string | null;
  /**
   * `create`, `send`, `patch`, `reset`, `new`, `delete`, `abort`, `steer` and others.
   */
  reason?: string | null;
  /**
   * The run.
   */
  runId?: string | null;
  /**
   * The session's row.
   */
  session?: SessionRow | null;
  /**
   * The transcript, when there is no row.
   */
  sessionId?: string | null;
  /**
   * The session's canonical key; absent when many changed.
   */
  sessionKey?: string | null;
  /**
   * When, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * Sent before the gateway closes every socket with 1012.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ShutdownEvent".
 */
export interface ShutdownEvent {
  /**
   * Why.
   */
  reason: string;
  /**
   * When the gateway expects to be back, in milliseconds; null when it does not know.
   */
  restartExpectedMs: number | null;
}
/**
 * Sent every 30 seconds, so that a client notices a dead socket.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "TickEvent".
 */
export interface TickEvent {
  /**
   * The gateway's clock, in milliseconds since 1970.
   */
  ts: number;
}
/**
 * An event frame.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "EventFrame".
 */
export interface EventFrame {
  /**
   * The event's name.
   */
  event: string;
  /**
   * What happened.
   */
  payload?: {
    [k: string]: unknown;
  };
  /**
   * Counts the events of this connection, without gaps.
   */
  seq?: number | null;
  /**
   * Present on `presence` and `health`.
   */
  stateVersion?: StateVersion | null;
  /**
   * Always `event`.
   */
  type: 'event';
}
/**
 * A request frame, as it is described to clients.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "RequestFrame".
 */
export interface RequestFrame {
  /**
   * The profile that the client believes it acts as (protocol 4).
   */
  expectedProfileId?: string | null;
  /**
   * Chosen by the client; answered with the same id.
   */
  id: string;
  /**
   * The method's name.
   */
  method: string;
  /**
   * The method's parameters.
   */
  params?: {
    [k: string]: unknown;
  };
  /**
   * W3C trace context (protocol 4).
   */
  traceparent?: string | null;
  /**
   * Always `req`.
   */
  type: 'req';
}
/**
 * A response frame. One request may get two: an interim `accepted`, then the final one.
 *
 * This interface was referenced by `Protocol`'s JSON-Schema
 * via the `definition` "ResponseFrame".
 */
export interface ResponseFrame {
  /**
   * Why it was refused.
   */
  error?: RpcError | null;
  /**
   * The request's id.
   */
  id: string;
  /**
   * Whether the request succeeded.
   */
  ok: boolean;
  /**
   * The method's result.
   */
  payload?: {
    [k: string]: unknown;
  };
  /**
   * Always `res`.
   */
  type: 'res';
}
