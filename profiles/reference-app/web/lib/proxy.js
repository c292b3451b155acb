// Hands requests under /api/ on to the backend, without that prefix.
import http from 'node:http';
import https from 'node:https';
import { sendError } from './answer.js';

// A model may think for long before the first byte of its answer; nothing else may.
const ANSWER_TIMEOUT_MS = { '/ask': 125_000 };
const TIMEOUT_MS = 10_000;

// Those that concern one connection alone (RFC 9110, 7.6.1).
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

function endToEnd(headers) {
  const kept = { ...headers };
  for (const name of HOP_BY_HOP) delete kept[name];
  return kept;
}

export function createProxy(backend) {
  const client = backend.protocol === 'https:' ? https : http;
  // No kept connections: one that a restarted backend closed would fail the first request after it.
  const agent = new client.Agent({ keepAlive: false });
  const base = backend.pathname.replace(/\/$/, '');

  return function proxy(request, response, path) {
    const timeout = ANSWER_TIMEOUT_MS[path.split('?', 1)[0]] ?? TIMEOUT_MS;
    const headers = { ...endToEnd(request.headers), host: backend.host };
    const onward = client.request(
      { agent, host: backend.hostname.replace(/^\[|\]$/g, ''), port: backend.port, method: request.method, path: base + path, headers },
      (answer) => {
        response.writeHead(answer.statusCode, endToEnd(answer.headers));
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    onward.setTimeout(timeout, () => onward.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    onward.on('error', (error) => {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      sendError(response, 502, 'backend_away', `The backend at ${backend.origin} is away: ${error.message}.`);
    });
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  };
}
