onLanguage.push(() => {
  for (const node of document.querySelectorAll('[data-k]')) node.dataset.h = word(node.dataset.k);
});
{
  let saved = 'en';
  try { saved = localStorage.getItem('ocrfix-language') ?? 'en'; } catch { /* none */ }
  if (saved !== 'en') speak(saved);
}
