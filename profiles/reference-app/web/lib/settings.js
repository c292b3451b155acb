// What the web server is told when it is started: flags first, then the environment, then the runtime profile.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const MODES = ['desktop_local_fullstack', 'desktop_remote_slim'];

export class SettingsError extends Error {}

function readProfile(path) {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError(`${path}: cannot read the runtime profile: ${error.code}`);
  }
  let profile;
  try {
    profile = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new SettingsError(`${path}: the runtime profile is not JSON: ${error.message}`);
  }
  if (profile === null || typeof profile !== 'object' || Array.isArray(profile)) {
    throw new SettingsError(`${path}: the runtime profile is not a JSON object`);
  }
  return profile;
}

function parsePort(text) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new SettingsError(`PORT: expected a port from 1 to 65535, got '${text}'`);
  }
  return port;
}

function parseBackend(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new SettingsError(`BACKEND_BASE_URL: expected an http or https URL, got '${text}'`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new SettingsError(`BACKEND_BASE_URL: expected an http or https URL, got '${text}'`);
  }
  return url;
}

function parseMode(text) {
  const mode = text.startsWith('desktop_') ? text : `desktop_${text}`;
  if (!MODES.includes(mode)) {
    throw new SettingsError(`APP_RUNTIME_MODE: unknown mode '${text}', expected local_fullstack or remote_slim`);
  }
  return mode;
}

export function loadSettings(argv = process.argv.slice(2), env = process.env) {
  let flags;
  try {
    flags = parseArgs({ args: argv, options: { 'runtime-profile': { type: 'string' } } }).values;
  } catch (error) {
    throw new SettingsError(error.message);
  }
  const path = flags['runtime-profile'] || env.RUNTIME_PROFILE_PATH;
  const profile = path ? readProfile(path) : {};
  const ports = profile.local_ports ?? {};
  return {
    host: env.HOST || '127.0.0.1',
    port: parsePort(env.PORT || ports.web || 3000),
    backend: parseBackend(env.BACKEND_BASE_URL || profile.backend_url || `http://127.0.0.1:${ports.backend || 8080}`),
    mode: parseMode(env.APP_RUNTIME_MODE || profile.mode || 'local_fullstack'),
    sessionId: env.DESKTOP_SESSION_ID || null,
    featureFlags: profile.feature_flags ?? {},
  };
}
