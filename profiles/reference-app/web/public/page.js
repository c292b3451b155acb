// The page: asks again and again what the parts say, stores and lists notes, and asks the model.

const REFRESH_MS = 2000;
const find = (id) => document.getElementById(id);

async function call(path, body) {
  let answer;
  try {
    answer = await fetch(path, body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  } catch {
    throw new Error('The web server of this application is away.');
  }
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error?.message ?? `The backend answered ${answer.status}.`);
  return value;
}

function show(id, state, text) {
  const part = find(id);
  const value = part.querySelector('dd');
  part.dataset.state = state;
  // Written only where it changed, so that a screen reader is not told the same thing every two seconds.
  if (value.textContent !== text) value.textContent = text;
}

function showAway(message) {
  const banner = find('away');
  banner.hidden = !message;
  if (message && banner.textContent !== message) banner.textContent = message;
}

function showNotes(notes) {
  const list = find('notes');
  const shown = [...list.children].map((item) => item.dataset.id).join();
  find('no-notes').hidden = notes.length > 0;
  if (shown === notes.map((note) => note.id).join()) return;
  list.replaceChildren(...notes.map((note) => {
    const item = document.createElement('li');
    const text = document.createElement('span');
    const time = document.createElement('time');
    item.dataset.id = note.id;
    text.textContent = note.text;
    time.dateTime = note.created_at;
    time.textContent = new Date(note.created_at).toLocaleString();
    item.append(text, time);
    return item;
  }));
}

async function refreshOnce() {
  let info;
  try {
    info = await call('/api/runtime/info');
  } catch (error) {
    showAway(`${error.message} This page goes on trying.`);
    show('backend', 'away', 'away');
    for (const id of ['database', 'model']) show(id, 'unknown', 'not known while the backend is away');
    return;
  }
  showAway('');
  show('backend', 'ok', `build ${info.build}, ${info.mode}, ${info.backend_origin}, session ${info.session_id ?? 'none'}`);
  const { database, model } = await call('/api/status');
  if (database.ok) show('database', 'ok', `${database.server}, ${database.notes} ${database.notes === 1 ? 'note' : 'notes'}`);
  else show('database', 'away', database.reason);
  if (!model.ok) show('model', 'away', model.reason);
  else if (!model.available) show('model', 'away', `${model.server} has no model ${model.model ?? '(none is configured)'}`);
  else show('model', 'ok', `${model.model} on ${model.server}`);
  if (database.ok) showNotes((await call('/api/notes')).notes);
}

// One after the other, so that an older answer never replaces a newer one.
let refreshing = Promise.resolve();
function refresh() {
  refreshing = refreshing.catch(() => {}).then(refreshOnce);
  return refreshing;
}

async function refreshForEver() {
  try {
    await refresh();
  } catch (error) {
    showAway(`${error.message} This page goes on trying.`);
  }
  setTimeout(refreshForEver, REFRESH_MS);
}

// A form that sends its one field and says what went wrong under it.
function onSubmit(name, send) {
  const form = find(`${name}-form`);
  const button = form.querySelector('button');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    find(`${name}-error`).textContent = '';
    button.disabled = true;
    try {
      await send(find(`${name}-text`));
    } catch (error) {
      find(`${name}-error`).textContent = error.message;
    } finally {
      button.disabled = false;
    }
  });
}

onSubmit('note', async (input) => {
  await call('/api/notes', { text: input.value });
  input.value = '';
  await refresh();
});

onSubmit('ask', async (input) => {
  find('answer').textContent = '';
  const { answer } = await call('/api/ask', { question: input.value });
  find('answer').textContent = answer || 'The model said nothing.';
});

call('/runtime').then((runtime) => {
  find('runtime').textContent = `${runtime.mode}, backend at ${runtime.backend_url}`;
  find('ask').hidden = runtime.feature_flags.ask_model === false;
}).catch(() => {});
refreshForEver();
