// The page and what belongs to it, read once at the start: a handful of small files.
import { readFileSync } from 'node:fs';
import { send } from './answer.js';

const FOLDER = new URL('../public/', import.meta.url);
const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
};

export function createPages() {
  const pages = new Map(Object.entries(FILES).map(([path, [file, type]]) => [path, { type, body: readFileSync(new URL(file, FOLDER)) }]));
  return function page(response, path) {
    const found = pages.get(path);
    if (found) send(response, 200, found.type, found.body);
    return Boolean(found);
  };
}
