// Talks to the server.

/** The server did not answer: whether it heard is not known. */
export class Lost extends Error {}
/** The server said no, and why. */
export class Refused extends Error {}

async function ask(path, options = {}) {
  let response, body;
  try {
    response = await fetch(path, {credentials: 'same-origin', cache: 'no-store', ...options});
    body = await response.json();
  } catch (error) {
    throw new Lost(String(error));
  }
  if (!response.ok) throw new Refused(body.said[language]);
  return body;
}

export const get = (path, query = {}) => ask(path + '?' + new URLSearchParams(query));

export const post = (path, body) =>
  ask(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});

/** A name for an answer.  Sent twice, it is recorded once. */
export function newMark() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}
