const byName = new Intl.Collator('tr', {numeric: true});
/** Sort the documents by a column, numbers from the highest, names from A; again turns it round.  The failed stay on top. */
function sortBy(head) {
  const column = head.cellIndex, named = column === 0, body = document.querySelector('tbody');
  const up = head.ariaSort ? head.ariaSort === 'descending' : named;
  const value = row => named ? row.cells[0].textContent : parseFloat(row.cells[column].textContent.replace(/[^\d.]/g, ''));
  const keyed = [...body.querySelectorAll('tr:not(.lost)')].map(row => [value(row), row]);
  keyed.sort(named ? ([a], [b]) => byName.compare(a, b) : ([a], [b]) => (isNaN(a) ? -1 : a) - (isNaN(b) ? -1 : b));
  if (!up) keyed.reverse();
  for (const other of head.parentNode.cells) other.ariaSort = other === head ? (up ? 'ascending' : 'descending') : null;
  body.append(...keyed.map(([, row]) => row));
}
document.querySelector('thead').addEventListener('click', event => {
  const head = event.target.closest('button')?.parentNode;
  if (head) sortBy(head);
});
onLanguage.push(() => {
  for (const node of document.querySelectorAll('[data-k]')) node.dataset.h = word(node.dataset.k);
});
if (chosen() !== 'en') speak(chosen());
