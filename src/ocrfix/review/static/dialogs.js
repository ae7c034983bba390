// The three dialogs: the change of a text, the conflicts, the keys.
import {button, called, key, make, percent, say, seen} from './base.js';

for (const dialog of document.querySelectorAll('dialog'))
  for (const node of dialog.querySelectorAll('.close')) node.addEventListener('click', () => dialog.close());

/** Whether a dialog is open: then no letter is a shortcut. */
export const isOpen = () => document.querySelector('dialog[open]') !== null;

/**
 * Ask what shall stand somewhere.  `what` has raw, text, call (null: none is asked for), choices, reason, several.
 * The promise gives {new, call, scope, word}, or null if nothing is to be changed.
 */
export function edit(what) {
  const dialog = $('editor'), text = $('editor-text');
  $('editor-raw').textContent = seen(what.raw);
  $('editor-why').textContent = what.reason ?? '';
  $('editor-why').hidden = !what.reason;
  text.value = what.text;
  $('editor-call').value = what.call ?? '';
  $('editor-call').parentNode.hidden = what.call === null;
  $('editor-word').checked = false;
  $('editor').querySelector('[value=place]').checked = true;
  $('editor').querySelector('[value=place] + span').textContent = word(what.several ? 'scope_places' : 'scope_place');
  const fill = value => { text.value = value; text.focus(); };
  $('editor-choices').replaceChildren(...[[what.raw, null], ...what.choices].map(([reading, probability]) =>
    button('', () => fill(reading), probability === null ? make('span', 'verb', word('as_input')) : '',
      make('b', '', seen(reading)), make('small', '', probability === null ? '' : percent(probability)))));
  dialog.returnValue = '';
  dialog.showModal();
  text.focus();
  text.select();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue !== 'save' ? null : {
    new: text.value, call: what.call === null ? null : $('editor-call').value.trim(),
    scope: dialog.querySelector('[name=scope]:checked').value, word: $('editor-word').checked}), {once: true}));
}
$('editor-save').value = 'save';
$('editor-cancel').addEventListener('click', () => $('editor').close(''));

/** Show the conflicts; `decide` is called with the id of the decision that shall hold. */
export function conflicts(list, decide) {
  $('conflict-items').replaceChildren(...list.map(conflict => {
    const context = make('p', 'context', conflict.before, make('mark', '', seen(conflict.raw)), conflict.after);
    context.lang = 'tr';
    const where = conflict.document + (conflict.scope === 'place' ? '' : ' · ' + word('scope_' + conflict.scope));
    return make('li', '', make('p', 'dim', where), context, make('ul', '', ...conflict.decisions.map((decision, k) => {
      const reading = make('b', '', called(decision.new, decision.call));
      reading.lang = 'tr';
      const holds = k === conflict.decisions.length - 1;
      const time = new Date(decision.time).toLocaleString(document.documentElement.lang);
      const choice = button('', () => decide(decision.id), word('so_it_is'));
      choice.setAttribute('aria-label', word('so_it_is') + ': ' + called(decision.new, decision.call));
      return make('li', '', reading, make('small', '', `${decision.reviewer}, ${time}`),
        make('small', 'holds', holds ? word('holds_now') : ''), choice);
    })));
  }));
  if (!list.length) $('conflict-items').append(make('p', '', word('no_conflicts')));
  if (!$('conflict-list').open) $('conflict-list').showModal();
}

const KEYS = [['A', 'accept'], ['R', 'reject'], ['1–9', 'key_digits'], ['E', 'edit'], ['D', 'always_document'],
  ['C', 'always_corpus'], ['W', 'right_word'], ['S', 'skip'], ['U', 'undo'], ['J K', 'key_move'], ['X', 'key_tick'],
  ['O', 'key_alone'], ['P', 'key_page'], ['Esc', 'key_escape'], ['V', 'key_conflicts'], ['H ?', 'key_help']];
const ON_NO_BUTTON = new Set(['key_digits', 'key_move', 'key_tick', 'key_alone', 'key_page', 'key_escape', 'key_help']);

/** The keys: all of them in the dialog, those that no button shows below the page. */
export function legend() {
  $('keys').replaceChildren(...KEYS.map(([name, what]) => make('div', '', make('dt', '', make('kbd', '', name)),
    make('dd', '', word(what)))));
  $('legend').replaceChildren(...KEYS.filter(([, what]) => ON_NO_BUTTON.has(what)).map(([name, what]) =>
    make('span', '', key(name), word(what))));
}

export const help = () => $('manual').showModal();
