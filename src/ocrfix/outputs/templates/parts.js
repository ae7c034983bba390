{
  let saved = 'en';
  try { saved = localStorage.getItem('ocrfix-language') ?? 'en'; } catch { /* none */ }
  if (saved !== 'en') speak(saved);
}
