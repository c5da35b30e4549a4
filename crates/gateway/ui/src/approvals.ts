// Requests that wait for a person's decision: what the gateway told of them, and what the person decides. The gateway's
// word is the last: a card goes when the gateway says that the request has ended, not when a button was pressed.
import { LostError, RequestError, type ConnectionState, type Request, type Surroundings } from './gateway.ts';
import { detailsOf, type Decision, type ExecRequested, type HelloOk, type PluginRequested } from './wire.ts';

/** What is needed from the page. */
export interface ApprovalsHost {
  request: Request;
  surroundings: Surroundings;
  changed(): void;
  say(text: string, bad?: boolean): void;
}

/** A fact about a request: a short name, and what is to be read exactly. */
export interface Fact {
  name: string;
  value: string;
}

/** A request that waits. */
export interface Waiting {
  id: string;
  kind: 'exec' | 'plugin';
  /** What is asked, in few words. */
  title: string;
  /** The command, or what a plugin says; always in full. */
  text: string;
  /** Words of warning, a line each. */
  warnings: string[];
  facts: Fact[];
  /** What may be decided. */
  allowed: readonly Decision[];
  expiresAt: number;
  /** What was decided here and not confirmed yet. */
  deciding: Decision | undefined;
}

/** Every decision, when the gateway does not say which are possible. */
const DECISIONS: readonly Decision[] = ['allow-once', 'allow-always', 'deny'];
/** A request whose time is up stays so long at most, in case the gateway's clock is another one. */
const GRACE_MS = 2_000;
/** Characters of a command that surely fit on a card. */
const LONG = 300;
/** Requests that are shown at most; the gateway has the others. */
const MAX_SHOWN = 50;

/** The requests that wait. */
export class Approvals {
  #waiting = new Map<string, Waiting>();
  /** Ended while the list was being read, so that the list does not bring them back. */
  #ended = new Set<string>();
  /** Told while it was being read, so that the list does not take them away. */
  #told = new Set<string>();
  #reading = false;
  #timer: unknown;
  #connected = false;

  constructor(private readonly host: ApprovalsHost) {}

  /** What waits, oldest first. */
  get waiting(): Waiting[] {
    return [...this.#waiting.values()];
  }

  /** A connection begins or ends. What waits is read again each time: an event may have been missed. */
  onState(state: ConnectionState): void {
    this.#connected = state.kind === 'connected';
    if (state.kind === 'connected') void this.#read(state.hello);
    else for (const one of this.#waiting.values()) one.deciding = undefined;
  }

  /** Takes an event; false when it is about something else. */
  onEvent(event: string, payload: unknown): boolean {
    switch (event) {
      case 'exec.approval.requested': this.#add(fromExec(payload as ExecRequested)); return true;
      case 'plugin.approval.requested': this.#add(fromPlugin(payload as PluginRequested)); return true;
      case 'exec.approval.resolved':
      case 'plugin.approval.resolved': this.#end((payload as { id?: string }).id ?? ''); return true;
      default: return false;
    }
  }

  /** Decides. The card stays until the gateway has confirmed it. */
  async decide(id: string, decision: Decision): Promise<void> {
    const one = this.#waiting.get(id);
    if (!one || one.deciding || !this.#connected || !one.allowed.includes(decision)) return;
    one.deciding = decision;
    this.host.changed();
    try {
      const { applied, approval } = await this.host.request('approval.resolve', { id, kind: one.kind, decision });
      if (!applied && approval.decision !== decision) this.host.say(late(approval.decision), true);
      this.#end(id);
    } catch (error) {
      one.deciding = undefined;
      // Without an answer it is not known what holds; the list is read again with the next connection.
      if (error instanceof RequestError) {
        this.host.say(`It could not be decided: ${error.message}`, true);
        if (detailsOf(error.error)['reason'] === 'APPROVAL_NOT_FOUND') this.#end(id);
      } else if (!(error instanceof LostError)) this.host.say('The gateway took too long to confirm the decision.', true);
      this.host.changed();
    }
  }

  async #read(hello: HelloOk): Promise<void> {
    const methods = hello.features?.methods ?? [];
    if (!methods.includes('exec.approval.list')) return;
    this.#reading = true;
    const none = () => undefined;
    const [commands, plugins] = await Promise.all([
      this.host.request('exec.approval.list', {}).catch(none),
      methods.includes('plugin.approval.list') ? this.host.request('plugin.approval.list', {}).catch(none) : [],
    ]);
    this.#reading = false;
    const [told, ended] = [this.#told, this.#ended];
    [this.#told, this.#ended] = [new Set(), new Set()];
    // Without an answer what is shown stays: it is as true as it was.
    if (!commands || !plugins) return;
    const before = this.#waiting;
    const listed = [...commands.map(fromExec), ...plugins.map(fromPlugin)].sort((a, b) => a.expiresAt - b.expiresAt);
    this.#waiting = new Map();
    for (const one of listed) if (!ended.has(one.id)) this.#waiting.set(one.id, { ...one, deciding: before.get(one.id)?.deciding });
    for (const [id, one] of before) if (told.has(id) && !this.#waiting.has(id)) this.#waiting.set(id, one);
    this.#changed();
  }

  #add(one: Waiting): void {
    if (!one.id) return;
    if (this.#reading) this.#told.add(one.id);
    if (this.#waiting.has(one.id) || this.#waiting.size >= MAX_SHOWN) return;
    this.#waiting.set(one.id, one);
    this.#changed();
  }

  #end(id: string): void {
    if (this.#reading) this.#ended.add(id);
    if (this.#waiting.delete(id)) this.#changed();
  }

  #changed(): void {
    const { surroundings } = this.host;
    surroundings.clearTimer(this.#timer);
    const ends = this.waiting.map((one) => one.expiresAt + GRACE_MS);
    if (ends.length > 0) this.#timer = surroundings.setTimer(() => this.#drop(), Math.max(0, Math.min(...ends) - surroundings.now()));
    this.host.changed();
  }

  /** What the gateway has surely ended is not shown any more. */
  #drop(): void {
    const now = this.host.surroundings.now();
    for (const one of this.waiting) if (one.expiresAt + GRACE_MS <= now) this.#waiting.delete(one.id);
    this.#changed();
  }
}

function fromExec({ id, request, expiresAtMs }: ExecRequested): Waiting {
  return {
    id, kind: 'exec', expiresAt: expiresAtMs, deciding: undefined,
    title: request.host === 'node' ? 'A command wants to run on a node' : 'A command wants to run',
    text: request.command,
    warnings: [...lines(request.warningText), ...long(request.command)],
    allowed: request.allowedDecisions ?? DECISIONS,
    facts: facts([
      ['Folder', request.cwd], ['Program', request.resolvedPath], ['Variables', request.envKeys?.join(', ')], ['Node', request.nodeId],
      ['Runs on', request.host === 'node' ? undefined : request.host], ['Agent', request.agentId], ['Chat', request.sessionKey],
      ['Asked from', request.turnSourceChannel], ['Script', script(request.systemRunPlan?.mutableFileOperand)],
    ]),
  };
}

function fromPlugin({ id, request, expiresAtMs }: PluginRequested): Waiting {
  return {
    id, kind: 'plugin', expiresAt: expiresAtMs, deciding: undefined,
    title: request.title,
    text: [request.description, request.detail].filter(Boolean).join('\n\n'),
    warnings: request.severity === 'critical' ? ['The plugin calls this critical.'] : [],
    allowed: withDeny(request.allowedDecisions),
    facts: facts([['Plugin', request.pluginId], ['Tool', request.toolName], ['Agent', request.agentId], ['Chat', request.sessionKey], ['Asked from', request.turnSourceChannel]]),
  };
}

/** What does not fit its place has to be scrolled; whoever did not see that would decide about a part. */
function long(text: string): string[] {
  return text.length > LONG ? [`The command is ${text.length} characters long; read it to its end.`] : [];
}

/** Saying no is always possible. */
function withDeny(allowed: readonly Decision[] | null | undefined): readonly Decision[] {
  if (!allowed) return DECISIONS;
  return allowed.includes('deny') ? allowed : [...allowed, 'deny'];
}

/** Word 0 is the program, which the command shows. */
function script(operand: { argvIndex: number; path: string; sha256: string } | null | undefined): string | undefined {
  return operand && operand.argvIndex > 0 ? `${operand.path} (SHA-256 ${operand.sha256})` : undefined;
}

function facts(all: [string, string | null | undefined][]): Fact[] {
  return all.flatMap(([name, value]) => (value ? [{ name, value }] : []));
}

function lines(text: string | null | undefined): string[] {
  return (text ?? '').split('\n').filter((line) => line.trim() !== '');
}

function late(decision: Decision | null | undefined): string {
  if (decision === 'deny') return 'It was denied elsewhere before.';
  return decision ? 'It was allowed elsewhere before.' : 'Its time was up; it has to be asked again.';
}
