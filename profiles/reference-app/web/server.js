// The web sidecar: serves the page, whether or not the backend is there, and hands /api/ on to the backend.
import http from 'node:http';
import { sendError, sendJson } from './lib/answer.js';
import { createPages } from './lib/pages.js';
import { createProxy } from './lib/proxy.js';
import { loadSettings, SettingsError } from './lib/settings.js';

// What is still being answered at SIGTERM gets this long; a supervisor's grace is longer.
const SHUTDOWN_MS = 3000;

function start(settings) {
  const page = createPages();
  const proxy = createProxy(settings.backend);
  const origin = `http://${settings.host}:${settings.port}`;
  const info = {
    mode: settings.mode,
    session_id: settings.sessionId,
    backend_url: settings.backend.origin,
    feature_flags: settings.featureFlags,
  };

  // Any page in the user's browser can send requests to a local port, also by a name of its own that leads here; only
  // our own page may have them answered.
  const ours = new Set(['127.0.0.1', 'localhost', '[::1]', settings.host].map((host) => `${host}:${settings.port}`));
  const foreign = ({ headers }) => !ours.has(headers.host) || (headers.origin !== undefined && headers.origin !== `http://${headers.host}`);

  const server = http.createServer((request, response) => {
    const path = request.url.split('?', 1)[0];
    if (foreign(request)) {
      sendError(response, 403, 'foreign_origin', 'Only the page of this server is answered here.');
    } else if (path.startsWith('/api/')) {
      proxy(request, response, request.url.slice('/api'.length));
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendError(response, 405, 'method_not_allowed', `${request.method} is not possible here.`);
    } else if (path === '/health/live') {
      sendJson(response, 200, { status: 'live' });
    } else if (path === '/runtime') {
      sendJson(response, 200, info);
    } else if (!page(response, path)) {
      sendError(response, 404, 'not_found', `There is nothing at ${path}.`);
    }
  });

  server.on('error', (error) => fail(error.code === 'EADDRINUSE' ? `port ${settings.port} on ${settings.host} is taken by another program` : error.message));
  server.listen(settings.port, settings.host, () => {
    console.log(`web listens on ${origin}, backend at ${settings.backend.origin}, mode ${settings.mode}`);
  });

  const stop = () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function fail(message) {
  console.error(`web: ${message}`);
  process.exit(1);
}

try {
  start(loadSettings());
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  fail(error.message);
}
