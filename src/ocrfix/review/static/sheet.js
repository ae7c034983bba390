// The page beside the question: its paragraphs, word by word, and its scan.
import {announce, make, say, seen} from './base.js';
import {get} from './server.js';

const SIGNS = {review: '?', accepted: '✓', rejected: '✗', edited: '✎'};
const arrows = {ArrowLeft: -1, ArrowRight: 1};

let documents = [];
let at = {document: '', page: 0};
let words = [];                                    // [element, token] in the order of the page
let drawn = '';
let version = '';
let down = 0;                                      // how far down the page the place is, 0 to 1
let choose = () => {};

/** Tell the sheet what documents there are, and what a chosen word does: choose(document, version, token). */
export function setUp(found, onChoice) {
  documents = found;
  choose = onChoice;
}

const known = name => documents.find(one => one.name === name);

/** Show the page of a place, with the place marked; `fresh` reads it again although it is shown. */
export async function show(document, page, place = null, fresh = false) {
  at = {document, page};
  list();
  const wanted = document + ' ' + page;
  const turned = drawn !== wanted;
  if (fresh || turned) {
    const found = await get('/api/page', {document, page});
    if (at.document !== document || at.page !== page) return;
    version = found.version;
    draw(found.paragraphs);
    if (turned) scan();
    if (turned) $('text').scrollTop = 0;
    drawn = wanted;
  }
  mark(place);
}

/** Read the page again: an answer may have changed it. */
export const again = place => at.page ? show(at.document, at.page, place, true) : Promise.resolve();

function list() {
  $('sheet-document').textContent = documents.length > 1 ? at.document : '';
  const pages = known(at.document)?.pages ?? [];
  $('pages').replaceChildren(...pages.map((label, k) =>
    new Option(label === String(k + 1) ? label : `${k + 1} [${label}]`, k + 1)));
  $('pages').value = at.page;
  $('page-back').disabled = at.page <= 1;
  $('page-on').disabled = at.page >= pages.length;
}

function draw(paragraphs) {
  words = [];
  $('text').replaceChildren(...paragraphs.map(paragraph => {
    const node = make(paragraph.kind === 'heading' ? 'h3' : 'p', paragraph.kind);
    if (paragraph.label) node.append(make('span', 'label', paragraph.label + '. '));
    node.append(...paragraph.tokens.map(token => token.start === undefined ? token.text : wordOf(token)));
    return node;
  }));
  if (words.length) words[0][0].tabIndex = 0;
}

function wordOf(token) {
  const {edit} = token;
  const node = make('span', 'w', edit ? seen(token.text) : token.text);
  if (edit) {
    node.classList.add('changed', edit.status, edit.applied ? 'made' : 'open');
    if (edit.call && edit.applied) node.append(make('sup', '', edit.call));
    if (SIGNS[edit.status]) node.append(make('sup', 'sign', SIGNS[edit.status]));
    node.setAttribute('role', 'button');           // a word that was left alone stays plain text to a screen reader
    node.title = seen(edit.raw) + ' · ' + word('status_' + edit.status);
  }
  node.tabIndex = -1;
  words.push([node, token]);
  return node;
}

function mark(place) {
  for (const node of $('text').querySelectorAll('.here')) node.classList.remove('here');
  const found = place && words.find(([, token]) => token.start === place[1] && token.end === place[2]);
  if (!found) return;
  found[0].classList.add('here');
  rove(found[0]);
  const box = $('text');
  if (box.scrollHeight > box.clientHeight)
    box.scrollTop += found[0].getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
  down = words.indexOf(found) / words.length;
  scrollScan();
}

/** Bring the part of the scan into sight where the place must be: as far down as the text. */
function scrollScan() {
  $('scan').scrollTop = down * $('scan').scrollHeight - $('scan').clientHeight / 2;
}
$('scan-image').addEventListener('load', scrollScan);

function scan() {
  const has = known(at.document)?.scans.includes(at.page) ?? false;
  $('scan').hidden = !has;
  if (!has) return $('scan-image').removeAttribute('src');
  const address = '/api/scan?' + new URLSearchParams(at);
  $('scan-note').textContent = '';
  $('scan-image').alt = say('scan', {page: at.page});
  $('scan-image').src = $('scan-link').href = address;
}
$('scan-image').addEventListener('error', () => {
  $('scan-note').textContent = say('no_image', {name: say('scan', {page: at.page})});
});

// One word of the page is a stop of the Tab key; arrow keys go from it to the others.
function rove(node) {
  for (const other of $('text').querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
  node.tabIndex = 0;
}

/** Go into the text, to the marked place or the first word. */
export function enter() {
  const node = $('text').querySelector('[tabindex="0"]');
  node?.focus();
  node?.scrollIntoView({block: 'center'});
}

const chosen = node => {
  const found = words.find(([element]) => element === node.closest('.w'));
  if (found) choose(at.document, version, found[1]);
};
$('text').addEventListener('click', event => {
  if (event.target.closest('.w')) { rove(event.target.closest('.w')); chosen(event.target); }
});
$('text').addEventListener('keydown', event => {
  const now = words.findIndex(([element]) => element === event.target);
  if (now < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  let next = now;
  if (event.key === 'Enter' || event.key === ' ') chosen(event.target);
  else if (event.key in arrows) next = now + arrows[event.key];
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') next = paragraph(now, event.key === 'ArrowDown' ? 1 : -1);
  else if (event.key === 'Home') next = 0;
  else if (event.key === 'End') next = words.length - 1;
  else return;
  event.preventDefault();
  if (next === now || !words[next]) return;
  rove(words[next][0]);
  words[next][0].focus();
  tell(words[next][1]);
});

/** The first word of the next paragraph, or of the one before. */
function paragraph(now, by) {
  const own = words[now][0].parentNode;
  for (let k = now; words[k]; k += by) {
    const other = words[k][0].parentNode;
    if (other !== own) return words.findIndex(([element]) => element.parentNode === other);
  }
  return now;
}

function tell({text, edit}) {
  if (edit) announce(say('read_edit', {text: seen(text), raw: seen(edit.raw), status: word('status_' + edit.status)}));
}

$('pages').addEventListener('change', () => show(at.document, +$('pages').value));
$('page-back').addEventListener('click', () => show(at.document, at.page - 1));
$('page-on').addEventListener('click', () => show(at.document, at.page + 1));
$('to-sheet').addEventListener('click', enter);
