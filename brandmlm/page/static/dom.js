// Elements and requests. Text from elsewhere becomes text nodes only, never markup.

export const $ = (id) => document.getElementById(id);

/** An element: `el("button", {class: "chip", type: "button", onclick: f}, "text", child)`. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "share") made.style.setProperty("--share", String(value));
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** Show a sentence in a place for messages; an empty one clears it. */
export function tell(place, text, kind = "") {
  place.replaceChildren(...(text ? [el("p", { class: `message ${kind}` }, text)] : []));
}

export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Ask the server. Throws Refused with its sentence, or a DOMException where the request was aborted. */
export async function ask(path, body, signal) {
  const options = body === undefined ? { signal } : {
    method: "POST", signal, headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(`/api/${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("The page's server does not answer: start `make try` again.", 0);
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(content.error || "The server could not answer.", answer.status);
  return content;
}

/** Run what the user asked for, and show its error in a place for messages. */
export async function attempt(place, work) {
  try {
    await work();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Refused)) throw error;
    tell(place, error.message, "is-error");
  }
}

/** About two digits: 34 %, 3.4 %, 0.34 %. */
export function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.01) return "<0.01 %";
  return `${value >= 9.95 || value === 0 ? value.toFixed(0) : value >= 0.995 ? value.toFixed(1) : value.toFixed(2)} %`;
}

export const count = (number) => number.toLocaleString("en");

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** A text with the words of a pattern in <mark>. */
export function marked(text, words) {
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const found = new RegExp(`(?<![\\p{L}\\p{N}_])(${escaped})(?![\\p{L}\\p{N}_])`, "giu");
  return text.split(found).map((part, index) => (index % 2 ? el("mark", {}, part) : part));
}

/** A verdict as a mark that a screen reader reads as a word. */
export function verdictMark(verdict) {
  const judged = verdict === "wanted" || verdict === "unwanted";
  return [
    el("span", { class: `mark is-${verdict}`, "aria-hidden": "true" }),
    judged ? el("span", { class: "unseen" }, `${verdict}: `) : null,
  ];
}
