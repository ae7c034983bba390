// The review page.  Start reading at `start`.  The server's queue is the truth: after each answer it is read again, and
// what stands first in it is asked.  A question that must stay in front is asked for by one of its places.
import {announce, called, key, button, make, percent, say, seen} from './base.js';
import {draw, keyOf, nameDocuments, placeOf, questionOf, whereOf} from './card.js';
import * as dialogs from './dialogs.js';
import {Lost, Refused, get, newMark, post} from './server.js';
import * as sheet from './sheet.js';

const POLL = 4000;                                 // milliseconds between looks at what others decided
const PATIENCE = 3000;                             // milliseconds until an answer is sent again
const SURPRISE = 700;                              // milliseconds in which a question that changed by itself takes no answer

let chosen = '';                                   // the document, or all
let queue = [];
let status = null;
let alone = null;                                  // the place that was opened alone
let question = null;
let deafUntil = 0;
let readings = 0;                                  // how often the queue was asked for
let off = new Set();                               // places that are not answered with the others
let pending = null;                                // the answer that is being sent
let stale = false;                                 // it was recorded, and the next question is not there yet
let skipped = null;                                // what U brings back, if the last thing done was to skip
const sent = new Map();                            // the first place of an answer by its mark, to return there on undo

// What is shown ------------------------------------------------------------------------------------------------------

/**
 * Read the queue, and ask what stands first; `want` is a place whose question shall be first.
 * False if it was overtaken: by a later reading, or by an answer, after which it is read again.
 */
async function refresh(want = null) {
  const mine = ++readings;
  const query = {document: chosen};
  if (want) [query.want, query.start, query.end] = want;
  const found = await get('/api/queue', query);
  if (mine !== readings || pending) return false;
  queue = found.series;
  stale = false;
  document.body.classList.remove('busy');
  alone = (alone && queue[0]?.items.find(item => keyOf(item) === keyOf(alone))) || null;
  setStatus(found.status);
  ask();
  return true;
}

const holds = (series, [document, start, end]) =>
  Boolean(series?.items.some(item => keyOf(item) === keyOf({document, start, end})));

function ask() {
  const [series] = queue;
  $('card').hidden = !series;
  $('done').hidden = Boolean(series);
  question = series ? questionOf(series, alone) : null;
  list();
  if (!question) return;
  const keys = new Set(series.items.map(keyOf));
  off = new Set([...off].filter(name => keys.has(name)));
  const inside = $('places').contains(document.activeElement) || $('choices').contains(document.activeElement);
  draw(question, off, {tick, alone: open, page: showPage, choose});
  if (inside) $('title').focus();
}

function list() {
  $('queue').replaceChildren(...queue.slice(1).map(series => {
    const one = questionOf(series, null);
    const node = button('', () => bring(placeOf(series.items[0])), make('span', 'pair',
      make('del', '', seen(one.raw)), ' → ', make('ins', '', called(one.clean, one.call))),
      make('small', '', one.several ? say('n_places', {n: one.all}) : whereOf(series.items[0])),
      make('small', 'gain', one.gain.toFixed(2)));
    return make('li', series.skipped ? 'skipped' : '', node);
  }));
}

function setStatus(now) {
  status = now;
  const {progress, pace, last, conflicts, failed} = status;
  $('bar').max = Math.max(progress.allPlaces, 1);
  $('bar').value = progress.allPlaces - progress.openPlaces;
  const count = n => n.toLocaleString(document.documentElement.lang);
  const parts = [say('figures', {open: count(progress.openPlaces), all: count(progress.allPlaces),
    words: count(Math.round(pace.wordsPerMinute))})];
  if (progress.now !== null)
    parts.push(say('figures_rate', {before: percent(progress.before), now: percent(progress.now)}));
  $('figures').textContent = parts.join(' · ');
  $('figures').title = word('pace_explained');
  $('undo').disabled = !last && !skipped;
  $('undo').title = last ? say('undo_what', {what: summary(last)}) : '';
  $('conflicts').hidden = !conflicts;
  $('conflict-count').textContent = say('n_conflicts', {n: conflicts});
  if (failed.length && !pending) alert(say('error_failed', {what: failed.map(said => said[language]).join('; ')}));
}

/** An answer in few words. */
function summary({raw, new: text, call, verdict, scope}) {
  const what = verdict === 'rejected' ? say('what_kept', {raw: seen(raw)}) : say('what', {raw: seen(raw), new: called(text, call)});
  return scope === 'place' ? what : say('what_always', {what});
}

/** Say what was done; the screen reader hears it with the next question. */
function confirm(text) {
  $('saved').textContent = text;
}

function alert(text, retry = false) {
  $('alert').hidden = !text;
  $('alert-text').textContent = text;
  $('retry').hidden = !retry;
}

/** Read the question to a screen reader. */
function tell(prefix = '') {
  if (!question) return announce([prefix, word('all_done')].join(' '));
  const [first] = question.items;
  announce([prefix, say(question.several ? 'read_series' : 'read_item', {
    n: question.all, where: whereOf(first), raw: seen(question.raw), clean: called(question.clean, question.call),
    before: first.before.slice(-80), shown: first.shown, after: first.after.slice(0, 80)})].join(' '));
}

/** Show the question's page. */
const turn = (fresh = false) => question
  ? sheet.show(question.items[0].document, question.items[0].page, placeOf(question.items[0]), fresh) : sheet.again(null);

/** Read everything again and tell what is asked now. */
async function next(want = null, prefix = '') {
  await guarded(async () => {
    if (!await refresh(want)) return;
    await turn(true);
    tell(prefix);
  });
}

const bring = async place => { alone = null; await next(place); $('title').focus(); };

/** Do something that reads from the server; without it, say so. */
async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof Lost) alert(word('lost_reading'));
    else if (error instanceof Refused) alert(error.message);
    else throw error;
  }
}

// Answers ------------------------------------------------------------------------------------------------------------

/** Send something that changes the state, again and again until the server has it; then do the rest. */
async function send(path, body, done) {
  if (pending) return;
  pending = {path, body, done};
  document.body.classList.add('busy');
  await attempt();
}

async function attempt() {
  if (!pending) return;
  const mine = pending, {path, body, done} = mine;
  let now;
  try {
    now = await post(path, body);
    if (pending !== mine) return;                  // another attempt was faster
  } catch (error) {
    if (pending !== mine) return;
    if (!(error instanceof Lost) && !(error instanceof Refused)) throw error;
    if (error instanceof Lost) {
      confirm('');
      alert(word('lost'), true);
      setTimeout(attempt, PATIENCE);
      return;
    }
    pending = null;
    document.body.classList.remove('busy');
    await next(question && placeOf(question.items[0]));
    alert(say('refused', {why: error.message}));
    return;
  }
  pending = null;
  stale = true;
  alert('');
  const contradicted = now.conflicts > (status?.conflicts ?? 0);
  setStatus(now);
  await done(contradicted ? word('contradicted') : '');
}

/** Whether a question is shown that has no answer yet. */
const unanswered = () => Boolean(question) && !pending && !stale;

/** Record an answer on places, say that it is saved, and go on. */
function record(places, answer, want = null) {
  const mark = newMark();
  const body = {new: '', call: null, scope: 'place', word: false, part: false, ...answer, places, mark};
  return send('/api/answer', body, async warning => {
    skipped = null;
    sent.set(mark, places[0]);
    const {last} = status;
    const text = say(last.places > 1 ? 'saved_places' : 'saved', {what: summary(last), n: last.places}) + (warning && ' ' + warning);
    confirm(text);
    await next(want, text);
  });
}

/** Answer the question: its ticked places; what was not ticked is asked next. */
function answer(what) {
  if (!unanswered() || performance.now() < deafUntil) return;
  const ticked = question.items.filter(item => !question.several || !off.has(keyOf(item)));
  if (!ticked.length) return alert(word('tick_one'));
  const rest = question.items.find(item => question.several && off.has(keyOf(item)));
  const back = alone && queue[0].items.find(item => keyOf(item) !== keyOf(alone));
  const want = rest ?? back;
  off.clear();
  alone = null;
  return record(ticked.map(placeOf), {part: question.part, ...what}, want && placeOf(want));
}

function choose(n) {
  if (!question?.choices[n - 1]) return alert(word('no_alternative'));
  return answer({verdict: 'edited', new: question.choices[n - 1][0]});
}

/** The verdict of a text that was typed: the proposal, the reading without it, or something else. */
function verdict(given, proposal, raw) {
  if (given.new === proposal.text && (given.call === null || given.call === proposal.call)) return 'accepted';
  return given.new === raw && !given.call ? 'rejected' : 'edited';
}

async function edit() {
  if (!unanswered()) return;
  const {raw, clean, call, choices, several, items} = question;
  const given = await dialogs.edit({raw, text: clean, call: several ? null : call, choices, several,
    reason: items[0].reason[language]});
  if (given) await answer({...given, verdict: verdict(given, {text: clean, call}, raw)});
}

/** Change a word of the page; `token` is as the server told it of a version of the document. */
async function change(name, version, token) {
  if (pending) return;
  const {text, start, end, edit: made} = token;
  const given = await dialogs.edit({raw: made ? made.raw : text, text, call: made?.call ?? '', several: false,
    choices: made?.choices ?? [], reason: made?.reason[language]});
  if (!given) return;
  const kind = made ? verdict(given, {text: made.clean, call: made.call}, made.raw) : 'edited';
  await record([[name, start, end, version]], {...given, verdict: kind}, question && placeOf(question.items[0]));
}

function skip() {
  if (!unanswered()) return;
  const places = question.items.map(placeOf);
  alone = null;
  return send('/api/skip', {places, undo: false}, async () => {
    skipped = places;
    confirm(word('skipped_now'));
    await next(null, word('skipped_now'));
  });
}

function undo() {
  if (pending) return;
  alone = null;
  if (skipped) {
    const places = skipped;
    return send('/api/skip', {places, undo: true}, async () => {
      skipped = null;
      confirm(word('unskipped'));
      await next(places[0], word('unskipped'));
    });
  }
  if (!status.last) return alert(word('nothing_to_undo'));
  const {last} = status, text = say('undone', {what: summary(last)});
  return send('/api/undo', {mark: last.mark}, async () => {
    confirm(text);
    await next(sent.get(last.mark) ?? null, text);
  });
}

async function conflicts() {
  await guarded(async () => dialogs.conflicts(await get('/api/conflicts'), id =>
    send('/api/agree', {decision: id, mark: newMark()}, async () => {
      const text = say('saved', {what: summary(status.last)});
      confirm(text);
      await next(question && placeOf(question.items[0]), text);
      await conflicts();
    })));
}

// Places of a series -------------------------------------------------------------------------------------------------

function tick(item, is) {
  if (is) off.delete(keyOf(item)); else off.add(keyOf(item));
}

function open(item) {
  alone = item;
  ask();
  guarded(turn).then(() => tell());
  $('title').focus();
}

function together() {
  if (!alone) return;
  alone = null;
  ask();
  tell();
  $('title').focus();
}

function showPage(item) {
  guarded(() => sheet.show(item.document, item.page, placeOf(item)));
  if (matchMedia('(max-width: 60rem)').matches) $('sheet').scrollIntoView();
}

const boxes = () => [...$('places').querySelectorAll('input')];
const focused = () => boxes().findIndex(box => box.closest('li').contains(document.activeElement));

function move(by) {
  const all = boxes(), now = focused();
  const box = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, now + by))];
  box?.focus();
  box?.closest('li').scrollIntoView({block: 'nearest'});
}

// Keys ---------------------------------------------------------------------------------------------------------------

const ACTIONS = {
  a: () => answer({verdict: 'accepted'}),
  r: () => answer({verdict: 'rejected'}),
  e: edit,
  d: () => answer({verdict: 'accepted', scope: 'document'}),
  c: () => answer({verdict: 'accepted', scope: 'corpus'}),
  w: () => answer({verdict: 'rejected', word: true}),
  s: skip,
  u: undo,
  j: () => move(1),
  k: () => move(-1),
  x: () => boxes()[focused()]?.click(),
  o: () => question?.several && open(question.items[Math.max(0, focused())]),
  p: sheet.enter,
  v: conflicts,
  h: dialogs.help,
  '?': dialogs.help,
};
const BUTTONS = {accept: 'a', reject: 'r', edit: 'e', 'always-document': 'd', 'always-corpus': 'c', 'right-word': 'w',
  skip: 's', undo: 'u', conflicts: 'v', help: 'h'};

/** Whether a key is typed into something; a dialog that was just closed may hold the focus for a moment more. */
const types = node => node.matches?.('select, textarea, input:not([type=checkbox]):not([type=radio])')
  && !node.closest('dialog:not([open])');

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
  if (dialogs.isOpen() || types(event.target)) return;
  if (event.key === 'Escape') return alone ? together() : $('title').focus();
  if (!$('letters').checked) return;
  const action = /^[1-9]$/.test(event.key) ? () => choose(+event.key) : ACTIONS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  alert('');
  action();
});
for (const [id, letter] of Object.entries(BUTTONS)) $(id).addEventListener('click', () => ACTIONS[letter]());
$('together').addEventListener('click', together);
$('retry').addEventListener('click', attempt);
$('letters').addEventListener('change', () => localStorage.setItem('ocrfix-letters', $('letters').checked));
$('letters').checked = localStorage.getItem('ocrfix-letters') !== 'false';

// Start --------------------------------------------------------------------------------------------------------------

/** Look whether another reviewer decided something, or the documents were cleaned again. */
async function poll() {
  if (pending || dialogs.isOpen()) return;
  try {
    const before = readings;
    const now = await get('/api/status');
    if ($('alert-text').textContent === word('lost_reading')) alert('');
    if ((now.revision === status.revision && !stale) || pending || readings !== before || dialogs.isOpen()) return;
    const place = unanswered() && placeOf(question.items[0]);
    if (!await refresh(place)) return;
    await turn(true);
    if (place && !holds(queue[0], place)) {
      deafUntil = performance.now() + SURPRISE;
      confirm(word('gone'));
      tell(word('gone'));
    }
  } catch (error) {
    if (error instanceof Lost) alert(word('lost_reading')); else throw error;
  }
}

async function start() {
  const found = await get('/api/documents');
  sheet.setUp(found, change);
  nameDocuments(found.length > 1);
  $('documents').replaceChildren(new Option(word('all_documents'), ''), ...found.map(one => new Option(one.name, one.name)));
  $('documents').addEventListener('change', () => {
    chosen = $('documents').value;
    alone = null;
    next();
  });
  onLanguage.push(() => {
    $('documents').options[0].text = word('all_documents');
    dialogs.legend();
    if (status) setStatus(status);
    ask();
  });
  const saved = localStorage.getItem('ocrfix-language');
  speak(saved ?? (navigator.language.startsWith('tr') ? 'tr' : 'en'));
  await next();
  setInterval(poll, POLL);
}
guarded(start);
