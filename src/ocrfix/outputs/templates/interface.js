'use strict';
const $ = id => document.getElementById(id);
const WORDS = JSON.parse($('words').textContent);
let language = 'en';

/** A word of the interface; what is not known (a stage that a user added) is its own name. */
const word = (key, fallback) => WORDS[language][key] ?? fallback ?? key;

const onLanguage = [];
function speak(name) {
  language = WORDS[name] ? name : 'en';
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = word(node.dataset.t, node.textContent);
  for (const node of document.querySelectorAll('[data-l]')) {
    node.title = word(node.dataset.l);
    node.setAttribute('aria-label', node.title);
    if (node.placeholder) node.placeholder = node.title;
  }
  for (const node of document.querySelectorAll('[data-language]'))
    node.setAttribute('aria-pressed', node.dataset.language === language);
  onLanguage.forEach(run => run());
  try { localStorage.setItem('ocrfix-language', language); } catch { /* no storage for files in some browsers */ }
}
/** The language that was chosen before, or else that of the browser. */
function chosen() {
  const own = navigator.language.startsWith('tr') ? 'tr' : 'en';
  try { return localStorage.getItem('ocrfix-language') ?? own; } catch { return own; }
}
document.addEventListener('click', event => {
  const button = event.target.closest('[data-language]');
  if (button) speak(button.dataset.language);
});
