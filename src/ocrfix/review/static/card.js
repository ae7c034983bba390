// The question: what was read, what is proposed, and all its places.  It shows; what a button does is told to it.
import {button, called, key, make, percent, say, seen} from './base.js';

const SIDE = 70;                                   // characters of context of a place among others

export const placeOf = item => [item.document, item.start, item.end, item.version];
export const keyOf = item => [item.document, item.start, item.end].join(' ');

/** One question of a series, or of one of its places that was opened alone. */
export function questionOf(series, alone) {
  const items = alone ? [alone] : series.items;
  const [first] = items, several = items.length > 1;
  return {
    items, several, alone: Boolean(alone), part: series.items.length > 1 && !alone,
    raw: several ? series.raw : first.base, clean: several ? series.clean : first.proposal, call: several ? '' : first.call,
    choices: alone ? first.choices : series.choices, all: alone ? 1 : series.places,
    confidence: items.reduce((sum, item) => sum + item.confidence, 0) / items.length,
    kept: items.every(item => item.kept !== null) ? items.reduce((sum, item) => sum + item.kept, 0) / items.length : null,
    gain: alone ? alone.doubt : series.gain, skipped: series.skipped,
  };
}

let named = false;
/** Whether there are several documents, so that each place says in which of them it is. */
export function nameDocuments(several) { named = several; }

/** Where an item stands, in words. */
export const whereOf = item => (named ? item.document + ', ' : '') + say(item.note ? 'where_note' : 'where', item);

/** Draw a question.  `on` has tick(item, is), alone(item), page(item) and choose(n). */
export function draw(question, off, on) {
  const [first] = question.items;
  $('where').replaceChildren(...facts(question, first));
  $('title').replaceChildren(make('del', '', seen(question.raw)), make('span', 'arrow', ' → '),
    make('ins', '', called(question.clean, question.call)));
  label('accept', called(question.clean, question.call), percent(question.confidence));
  label('reject', seen(question.raw), question.kept === null ? '' : percent(question.kept));
  $('choices').replaceChildren(...question.choices.map(([text, probability], k) => choice(k + 1, text, probability, on)));
  $('choices').hidden = !question.choices.length;
  $('together').hidden = !question.alone;
  $('places').replaceChildren(...question.items.map(item => place(item, question, off, on)));
  $('places').classList.toggle('several', question.several);
  $('why').replaceChildren(...why(question, first));
}

function facts(question, first) {
  const parts = [question.several ? say('n_places', {n: question.all}) : whereOf(first)];
  if (!question.several && first.noteNumber) parts.push(word('note_number'));
  parts.push(say('expects', {n: question.gain.toFixed(2)}));
  if (question.skipped) parts.push(word('skipped'));
  return parts.flatMap((part, k) => k ? [' · ', part] : [part]);
}

function why(question, first) {
  const out = [word('stage_' + first.stage, first.stage) + ': ' + first.reason[language]];
  if (question.all > question.items.length)
    out.push(make('br'), say('only_first', {n: question.items.length, all: question.all}));
  return out;
}

function label(id, text, share) {
  $(id).querySelector('b').textContent = text;
  $(id).querySelector('small').textContent = share;
}

function choice(n, text, probability, on) {
  const reading = make('b', '', seen(text));
  reading.lang = 'tr';
  const node = button('', () => on.choose(n), key(n), reading, make('small', '', percent(probability)));
  node.setAttribute('aria-keyshortcuts', n);
  return node;
}

function place(item, question, off, on) {
  const head = make('div', 'head ui');
  if (question.several) {
    const box = make('input');
    box.type = 'checkbox';
    box.checked = !off.has(keyOf(item));
    box.setAttribute('aria-label', say('tick', item));
    box.addEventListener('change', () => on.tick(item, box.checked));
    head.append(make('label', '', box, make('span', '', whereOf(item))));
  }
  const page = button('quiet', () => on.page(item), word('show_page'));
  page.setAttribute('aria-label', word('page_label'));
  if (question.several) {
    const alone = button('quiet', () => on.alone(item), word('alone'));
    alone.setAttribute('aria-label', word('alone_label'));
    head.append(make('span', 'dim', say('doubt', {n: percent(item.doubt)})), alone);
  }
  head.append(page);
  const size = question.several ? SIDE : Infinity;
  const line = make('p', 'context', left(item.before, size), ...change(item), right(item.after, size));
  return make('li', '', ...(question.several ? [head, line] : [line, head]));
}

/** The raw reading, struck out, and what is proposed. */
function change(item) {
  const clean = make(item.applied ? 'ins' : 'mark', '', seen(item.proposal));
  if (item.call) clean.append(make('sup', '', item.call));
  const parts = [make('del', '', seen(item.raw)), ' ', clean];
  if (!item.applied) {
    clean.append(make('sup', 'q', '?'));
    clean.title = word('not_made');
  }
  return parts;
}

// A context that was cut begins and ends with a whole word.
const left = (text, size) => text.length <= Math.min(size, 159) ? text
  : '… ' + text.slice(-Math.min(size, text.length)).replace(/^\S*\s/, '');
const right = (text, size) => text.length <= Math.min(size, 159) ? text
  : text.slice(0, Math.min(size, text.length)).replace(/\s\S*$/, '') + ' …';
