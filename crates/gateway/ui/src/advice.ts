// Why there is no connection, in words that say what to do, and how the client goes on.
import { detailCode, detailsOf, type WireError } from './wire.ts';

/** What the client does next: ask for a secret, try again by itself, or wait for the person. */
export type NextStep = 'credential' | 'retry' | 'stop';

/** A reason for not being connected. */
export interface Problem {
  code: string;
  title: string;
  text: string;
  /** A command to run on the gateway's machine. */
  command?: string;
  /** The id of this browser's device key, when the gateway asks about it. */
  device?: string;
  next: NextStep;
  /** When to try again, in milliseconds; absent: the usual growing delay. */
  retryAfterMs?: number;
  /** The secret that the gateway wants, when it said so. */
  wants?: 'token' | 'password';
}

/** How often a page that waits for approval asks again, in milliseconds. */
const APPROVAL_RETRY_MS = 8_000;
/** How long to wait after too many failed attempts when the gateway gives no time, in milliseconds. */
const RATE_LIMIT_RETRY_MS = 60_000;

/** No secret was given yet. */
export const NO_TOKEN: Problem = {
  code: 'NO_TOKEN',
  title: 'Connect to your gateway',
  text: 'Run the command below on the gateway’s machine and open the address that it prints, or paste the token here.',
  command: 'openclaw dashboard',
  next: 'credential',
  wants: 'token',
};

/** The gateway does not answer, or the connection broke. */
export const UNREACHABLE: Problem = {
  code: 'UNREACHABLE',
  title: 'The gateway does not answer',
  text: 'Check that it runs on its machine. This page connects by itself as soon as it is back.',
  command: 'openclaw gateway run',
  next: 'retry',
};

/** The gateway said that it restarts. */
export const RESTARTING: Problem = {
  code: 'RESTARTING',
  title: 'The gateway is restarting',
  text: 'This page connects by itself as soon as it is back.',
  next: 'retry',
};

/** Why `connect` was refused. */
export function connectProblem(error: WireError, origin: string): Problem {
  const code = detailCode(error) ?? error.code;
  const known = FIXED[code];
  if (known) return { code, ...known };
  switch (code) {
    case 'AUTH_RATE_LIMITED':
      return {
        code, next: 'retry', retryAfterMs: error.retryAfterMs ?? RATE_LIMIT_RETRY_MS,
        title: 'Too many failed attempts',
        text: 'The gateway refuses new attempts for a while. This page tries again by itself.',
      };
    case 'PAIRING_REQUIRED':
      return pairing(code, error);
    case 'CONTROL_UI_ORIGIN_NOT_ALLOWED':
      return {
        code, next: 'stop', title: 'This address is not allowed',
        text: `The gateway does not accept pages from ${origin}. Add it to gateway.controlUi.allowedOrigins, or open the page on the gateway’s own address.`,
      };
    case 'UNAVAILABLE':
      return {
        code, next: 'retry', title: 'The gateway is not ready yet', text: sentence(error.message),
        retryAfterMs: error.retryAfterMs ?? undefined,
      };
    default:
      if (code.startsWith('AUTH_')) {
        return { code, next: 'credential', title: 'The gateway refused the token', text: sentence(error.message), command: 'openclaw dashboard' };
      }
      if (code.startsWith('DEVICE_AUTH_') || code.endsWith('DEVICE_IDENTITY_REQUIRED')) {
        return { code, next: 'stop', title: 'This browser could not prove its identity', text: sentence(error.message) };
      }
      return { code, next: 'stop', title: 'The gateway refused the connection', text: sentence(error.message) };
  }
}

type Fixed = Omit<Problem, 'code'>;

const WRONG_TOKEN: Fixed = {
  next: 'credential', wants: 'token', title: 'The token is not the right one',
  text: 'It may have been changed since. Run the command below on the gateway’s machine for a fresh address, or paste the token here.',
  command: 'openclaw dashboard',
};
const PASSWORD: Fixed = {
  next: 'credential', wants: 'password', title: 'The gateway wants its password',
  text: 'It is the one in gateway.auth.password of its configuration.',
};
const UNCONFIGURED: Fixed = {
  next: 'stop', title: 'The gateway has no secret set',
  text: 'It cannot check who connects. Set gateway.auth.token in its configuration, then try again.',
};
const OTHER_VERSION: Fixed = {
  next: 'stop', title: 'This page is of another version than the gateway',
  text: 'Reload the page. If that does not help, update the gateway.',
};

const FIXED: Record<string, Fixed | undefined> = {
  AUTH_TOKEN_MISSING: { ...NO_TOKEN, title: 'The gateway wants a token' },
  AUTH_TOKEN_MISMATCH: WRONG_TOKEN,
  AUTH_DEVICE_TOKEN_MISMATCH: WRONG_TOKEN,
  AUTH_BOOTSTRAP_TOKEN_INVALID: WRONG_TOKEN,
  AUTH_PASSWORD_MISSING: PASSWORD,
  AUTH_PASSWORD_MISMATCH: { ...PASSWORD, title: 'The password is not the right one' },
  AUTH_TOKEN_NOT_CONFIGURED: UNCONFIGURED,
  AUTH_PASSWORD_NOT_CONFIGURED: UNCONFIGURED,
  PROTOCOL_MISMATCH: OTHER_VERSION,
  CONTROL_UI_BUILD_MISMATCH: OTHER_VERSION,
  CLIENT_VERSION_MISMATCH: OTHER_VERSION,
};

function pairing(code: string, error: WireError): Problem {
  const id = detailsOf(error)['requestId'];
  const known = typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) ? id : undefined;
  const device = detailsOf(error)['deviceId'];
  return {
    code, next: 'retry', retryAfterMs: APPROVAL_RETRY_MS, title: 'Waiting for approval',
    ...(typeof device === 'string' && /^[0-9a-f]{64}$/.test(device) ? { device } : {}),
    text: known
      ? `This browser is new to the gateway. Approve request ${known} there; this page then connects by itself.`
      : 'This browser is new to the gateway. Approve it there; this page then connects by itself.',
    command: known ? `openclaw devices approve ${known}` : 'openclaw devices list',
  };
}

/** What to do about a run that failed, from what the provider said; nothing when that is not known. */
export function failureAdvice(error: string): string | undefined {
  return FAILURES.find(([pattern]) => pattern.test(error))?.[1];
}

const FAILURES: [RegExp, string][] = [
  [/\b401\b|\b403\b|api.?key|unauthori[sz]ed|authentication|permission denied/i, 'Check the provider’s key in the gateway’s configuration, or choose another model below.'],
  [/\b402\b|billing|quota|credit|payment/i, 'Look at the account’s balance at the provider, or choose another model below.'],
  [/\b429\b|rate.?limit|too many requests|overloaded|\b529\b/i, 'The provider is busy. Try again in a minute, or choose another model below.'],
  [/context|too long|maximum.*tokens|\b413\b/i, 'This chat is too long for the model. Start a new chat, or choose a model with a larger window.'],
  [/\b404\b|not found|unknown model|no such model|no model/i, 'The provider does not know this model. Choose another one below.'],
  [/timed? ?out|connect|refused|unreachable|dns|network|socket|reset by peer|\b50[0-4]\b/i, 'The model’s server did not answer well. Check that it runs and can be reached from the gateway, then try again.'],
];

/** A message from the gateway as a sentence. */
function sentence(message: string): string {
  const text = message.trim();
  if (!text) return 'It gave no reason.';
  const start = text[0]!.toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
