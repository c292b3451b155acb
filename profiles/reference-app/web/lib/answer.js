// How every answer of this server leaves it.

// The page loads nothing from anywhere else, and nothing may frame it.
const HEADERS = {
  'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export function send(response, status, type, body) {
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function sendJson(response, status, value) {
  send(response, status, 'application/json', JSON.stringify(value));
}

export function sendError(response, status, code, message) {
  sendJson(response, status, { error: { code, message } });
}
