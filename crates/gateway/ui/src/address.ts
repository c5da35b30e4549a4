// What the address says: a token handed over in the fragment, the chosen session, and where the gateway is.
// A query (`?token=`, `?gatewayUrl=`) is never read: a link must not choose where a secret goes.

/** What was found in the fragment. */
export interface Fragment {
  token?: string;
  session?: string;
}

/** Reads `#token=..&session=..`. Unlike a query, `+` stays a plus sign. */
export function parseFragment(hash: string): Fragment {
  const found: Fragment = {};
  for (const pair of hash.replace(/^#/, '').split('&')) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const value = decode(pair.slice(at + 1)).trim();
    const name = pair.slice(0, at);
    if (value && name === 'token') found.token = value;
    if (value && name === 'session') found.session = value;
  }
  return found;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The fragment that names a session; the only thing that this page ever writes into the address. */
export function sessionFragment(key: string): string {
  // Colons are legal in a fragment and far easier to read.
  return `#session=${encodeURIComponent(key).replaceAll('%3A', ':')}`;
}

/** Reads the fragment and replaces the history entry at once, so that no token stays in the address. */
export function takeFragment(location: Location, history: History): Fragment {
  const found = parseFragment(location.hash);
  const query = /[?&](token|password|gatewayUrl)=/i.test(location.search) ? '' : location.search;
  if (found.token || query !== location.search) {
    const hash = found.session ? sessionFragment(found.session) : '';
    history.replaceState(null, '', location.pathname + query + hash);
  }
  return found;
}

/** The gateway's WebSocket address: the same host and folder that this script came from. */
export function gatewayUrl(scriptUrl: string): string {
  const url = new URL('./', scriptUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return url.href;
}

/** Takes a token from what was pasted: the token itself, or the whole address that has it in its fragment. */
export function tokenFromPaste(text: string): string {
  const trimmed = text.trim();
  const hash = trimmed.indexOf('#');
  if (hash >= 0 && /^https?:/i.test(trimmed)) return parseFragment(trimmed.slice(hash)).token ?? '';
  return trimmed;
}
