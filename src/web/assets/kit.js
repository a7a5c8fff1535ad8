// What the pages share: elements, REST, a log. Spoken to by: every script of a page.

const LOG_LINES_MAX = 500;

/** An element by its id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element: `make("a", { href: "/" }, "text", child)`; `class` and `data-*` work, too. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** One REST request to this server -> `{ status, body }`, the body parsed. */
export async function rest(method, path, { token, body } = {}) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    read = text;
  }
  return { status: answer.status, body: read };
}

/** A list that lines are added to: it keeps the newest, and follows them while its end is seen. */
export class Log {
  constructor(list) {
    this.list = list;
  }

  /** Adds an item at the end, or with `older` in front of all. */
  add(item, { older = false } = {}) {
    const { list } = this;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    if (older) list.prepend(item);
    else list.append(item);
    if (list.children.length > LOG_LINES_MAX) list.firstElementChild.remove();
    if (isAtEnd) list.scrollTop = list.scrollHeight;
    return item;
  }

  /** What somebody said. */
  line({ who, text, when, mine = false, older = false }) {
    const head = make("b", {}, who);
    if (when) head.append(make("time", {}, when));
    return this.add(make("li", { class: mine ? "mine" : undefined }, head, text), { older });
  }

  /** A remark between the lines. */
  note(text, { bad = false, older = false } = {}) {
    return this.add(make("li", { class: bad ? "note bad" : "note" }, text), { older });
  }

  clear() {
    this.list.replaceChildren();
  }
}

/** A moment as a clock shows it; what is none, as it is. */
export function clock(moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return moment ?? "";
  return date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** Shows whether something is connected. */
export function showState(element, isOn, words = isOn ? "connected" : "not connected") {
  element.textContent = words;
  element.classList.toggle("on", isOn);
}

/** Calls `tell(true)` when an input is typed into, and `tell(false)` once that has ended. */
export function onTyping(input, tell, quietMs = 1_500) {
  let quiet;
  const end = () => {
    if (quiet === undefined) return;
    clearTimeout(quiet);
    quiet = undefined;
    tell(false);
  };
  input.addEventListener("input", () => {
    if (quiet === undefined) tell(true);
    clearTimeout(quiet);
    quiet = setTimeout(end, quietMs);
  });
  input.addEventListener("blur", end);
  return end;
}

/** Keeps a form on the page and hands its submission on. */
export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}
