// The frames, and the generated types under the names that this page uses. The types say what this gateway sends; an
// older one leaves things out, so the code asks before it relies on a field.
import type {
  AgentEvent as AgentStep, AgentSummary, ChatEvent as ChatStep, ChatHistoryResult, ChatMessage, ChatSendParams, ChatSendResult,
  ContentPart, DeadLetter, ExecApprovalRequestedEvent as ExecRequested, HelloOk, Methods, ModelChoice as Listed, PendingInput, PluginApprovalRequestedEvent as PluginRequested, SessionMessageEvent, SessionRow as Row, SessionsChangedEvent, SessionsUsageResult, ShutdownEvent,
} from './protocol.d.ts';

export type { AgentSummary, ChatHistoryResult, ChatMessage, ChatSendParams, ChatSendResult, ContentPart, DeadLetter, ExecRequested, HelloOk, Methods, PendingInput, PluginRequested, SessionsUsageResult };
/** What a person may decide about a request. */
export type Decision = Methods['approval.resolve']['params']['decision'];
/** A model of `models.list`; older gateways say less of it. */
export type ListedModel = Pick<Listed, 'id' | 'name' | 'provider'> & Partial<Listed>;
export type SessionMessage = Partial<SessionMessageEvent>;
export type SessionRow = Pick<Row, 'key'> & Partial<Row>;
export type ChatEvent = Omit<ChatStep, 'seq'> & Partial<Pick<ChatStep, 'seq'>>;
export type SessionsChanged = Partial<SessionsChangedEvent> & Partial<SessionRow>;
export type Shutdown = Partial<ShutdownEvent>;

/** An `agent` event; its session is known to all but the oldest gateways. */
export type AgentEvent = Pick<AgentStep, 'runId' | 'sessionKey'> & { stream: string; data?: AgentData };

/** The fields of an `agent` event that are shown, whatever its stream. */
export interface AgentData {
  phase?: string | null;
  name?: string | null;
  toolCallId?: string | null;
  args?: unknown;
  meta?: string | null;
  isError?: boolean | null;
  result?: unknown;
  partialResult?: unknown;
  /** The thoughts of the current message so far, with stream `thinking`. */
  text?: string | null;
  provider?: string | null;
  model?: string | null;
}

/** Which model answers. */
export interface ModelChoice {
  modelProvider?: string | null;
  model?: string | null;
}

/** The error of a response frame. */
export interface WireError {
  code: string;
  message: string;
  details?: unknown;
  retryable?: boolean | null;
  retryAfterMs?: number | null;
}

/** A frame from the gateway. */
export type ServerFrame =
  | { type: 'res'; id: string; ok: boolean; payload?: unknown; error?: WireError }
  | { type: 'event'; event: string; payload?: unknown; seq?: number };

/** Reads one frame; anything that is not one gives nothing. */
export function parseFrame(text: string): ServerFrame | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!frame || typeof frame !== 'object') return undefined;
  const { type, id, ok, event } = frame as Record<string, unknown>;
  if (type === 'res' && typeof id === 'string' && typeof ok === 'boolean') return frame as ServerFrame;
  if (type === 'event' && typeof event === 'string') return frame as ServerFrame;
  return undefined;
}

/** The `code` inside an error's details, which says more than the error's own code. */
export function detailCode(error: WireError | undefined): string | undefined {
  const code = detailsOf(error)['code'];
  return typeof code === 'string' ? code : undefined;
}

/** An error's details as a record. */
export function detailsOf(error: WireError | undefined): Record<string, unknown> {
  const details = error?.details;
  return details && typeof details === 'object' ? (details as Record<string, unknown>) : {};
}
