// Runs a dialect's table: each event and each route with every wrong spelling of every field. A
// cell must be refused in the dialect's own words, unless the table says that it is taken; then it
// must be. What the API documents list and the table lacks fails. Spoken to by: the tables.
import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "../kit/until.mjs";
import { KINDS, bytes, good, wrongFields, wrongValues, wrongWholes } from "./literals.mjs";

const CUT = 90;
/** What `#` stands for in a good payload: never the same number twice. */
let sent = 0;

/** Whether a table takes a cell: by `"field kind"`, or by a test of `{ field, kind, text }`. */
function isTaken(takes = [], cell) {
  return takes.some((one) => (typeof one === "function" ? one(cell) : one === cell.what));
}

function checkTakes(takes = [], cells) {
  for (const one of takes.filter((it) => typeof it === "string")) {
    assert.ok(cells.some(({ what }) => what === one), `no cell is called ${one}`);
  }
}

/** The names that an API document lists. */
async function listed(at, dialect, kind) {
  return (await fetch(`${at.url}/docs/${dialect}/${kind}.json`)).json();
}

/** The cells of an event: by the `fields` of an object, or by one `value`. */
function cellsOf({ fields, value }) {
  const one = value ? wrongValues(value) : [];
  const cells = one.map(([kind, text]) => ({ what: `it ${kind}`, field: "it", kind, text }));
  if (!fields) return cells;
  const whole = { what: "all missing", field: "all", kind: "missing", text: undefined };
  return [...cells, whole, ...wrongWholes(fields), ...wrongFields(fields)];
}

/**
 * Every event of a dialect. `events`: `{ name: { fields | value, takes, first } }`, `first` being
 * an event that goes before each cell. `stage.wire` is a session of somebody who is in; `refusal(ack)` says what an ack's refusal reads, undefined where
 * it is none; `error(event, payload)` what an event brings the same words with.
 */
export function tableOfEvents(dialect, stage, { events, refusal, error }) {
  test(`${dialect}: every event of its API document is in the table`, async () => {
    const document = await listed(stage.at, dialect, "asyncapi");
    const heard = Object.values(document.operations).filter(({ action }) => action === "receive");
    const references = heard.flatMap(({ messages }) => messages.map(({ $ref }) => $ref));
    const names = references.map((reference) => nameOf(document, reference));
    assert.deepEqual(Object.keys(events).sort(), names.sort());
  });

  for (const [name, about] of Object.entries(events)) {
    test(`${dialect}: ${name}, wrong in every way`, async () => {
      const event = typeof about === "function" ? about(stage) : about;
      const cells = cellsOf(event);
      checkTakes(event.takes, cells);
      const { wire } = stage;
      const acks = [];
      wire.events.length = 0;
      // One by one, where something must be done before each.
      const steps = event.first ? cells.map((cell) => [cell]) : [cells];
      for (const step of steps) {
        if (event.first) await wire.emit([event.first]);
        acks.push(...(await wire.emit(step.map(({ text }) => [name, text]))));
      }
      const refused = [];
      for (const [at, cell] of cells.entries()) {
        assert.ok(KINDS.includes(cell.kind), cell.kind);
        const shown = `${cell.what}: ${cell.text?.slice(0, CUT)} -> ${JSON.stringify(acks[at])}`;
        const words = refusal(acks[at]);
        if (isTaken(event.takes, cell)) {
          assert.equal(words, undefined, `taken: ${shown}`);
        } else {
          assert.equal(typeof words, "string", `refused: ${shown}`);
          refused.push(words);
        }
      }
      const errors = wire.events.map((told) => error(...told)).filter((it) => it !== undefined);
      // An ack that has no words of its own leaves them to the event.
      if (refused.includes("")) assert.equal(errors.length, refused.length);
      else assert.deepEqual(errors.filter((it) => refused.includes(it)).sort(), refused.sort());
    });
  }
}

/** The name of the message that a reference leads to, by however many steps. */
function nameOf(document, ref) {
  const steps = ref.slice(2).split("/").map((step) => step.replaceAll("~1", "/"));
  const { $ref, name } = steps.reduce((value, step) => value[step], document);
  return $ref ? nameOf(document, $ref) : name;
}

/**
 * Every route of a dialect. `routes`: by `GET /path/{id}`, `{ params, query, fields, takes, token }`;
 * `params` are values by name, with `good` as text of the path. `isFailure(status, body)` says
 * whether an answer is the dialect's own envelope.
 */
export function tableOfRoutes(dialect, stage, { routes, isFailure }) {
  test(`${dialect}: every route of its API document is in the table`, async () => {
    const { paths } = await listed(stage.at, dialect, "openapi");
    const names = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/(.)\/$/, "$1")}`),
    );
    assert.deepEqual(Object.keys(routes).sort(), names.sort());
  });

  for (const [name, route] of Object.entries(routes)) {
    test(`${dialect}: ${name}, wrong in every way`, async () => {
      const [method, path] = name.split(" ");
      const about = { path, ...(typeof route === "function" ? await route(stage) : route) };
      const cells = [...inBody(about), ...inPath(about), ...inQuery(about)];
      if (about.token !== undefined) cells.push(...inToken(about));
      checkTakes(about.takes, cells);
      for (const cell of cells) {
        const { status, body } = await ask(stage.at, method, about, cell);
        const words = `${cell.what}: ${status} ${body?.slice(0, CUT)}`;
        if (isTaken(about.takes, cell)) assert.ok(status < 300, `taken: ${words}`);
        else assert.ok(status >= 400 && isFailure(status, parsed(body)), `refused: ${words}`);
      }
    });
  }
}

function inBody({ fields, params = {} }) {
  if (!fields) return [];
  const noJson = [
    ["missing", ""],
    ["wrong type", "{"],
    ["wrong type", '"x"'],
    ["invalid UTF-8", "<no UTF-8>"],
  ].map(([kind, text]) => ({ what: `all ${kind}`, field: "all", kind, text }));
  const cells = [...noJson, ...wrongWholes(fields), ...wrongFields(fields)];
  return cells.map((cell) => ({ ...cell, params: goodParams(params) }));
}

/** Wrong values in the path: text that is no id, ids of nothing, and of others. */
function inPath({ params = {}, fields }) {
  const found = [];
  for (const [name, { unknown = [], another = [] }] of Object.entries(params)) {
    const wrong = [
      ["wrong type", "abc"], ["wrong type", "true"], ["wrong type", "1.5"], ["null", "null"],
      ["huge number", "9".repeat(400)], ["huge number", "1e400"], ["too long", "x".repeat(4_000)],
      ["array", "%5B1%5D"], ["object", "%7B%7D"], ["invalid UTF-8", "%ff%fe"],
      ["deep nesting", "%5B".repeat(1_000)],
      ...[unknown].flat().map((text) => ["unknown", text]),
      ...[another].flat().map((text) => ["another's", text]),
    ];
    for (const [kind, text] of wrong) {
      const changed = { ...goodParams(params), [name]: text };
      const body = fields ? good(fields) : undefined;
      found.push({ what: `{${name}} ${kind}`, field: name, kind, text: body, params: changed });
    }
  }
  return found;
}

function inQuery({ query = {}, params = {}, fields }) {
  const found = [];
  for (const [name, wrongs] of Object.entries(query)) {
    for (const text of wrongs) {
      const body = fields ? good(fields) : undefined;
      const about = { field: name, kind: "wrong type", text: body, params: goodParams(params) };
      found.push({ ...about, what: `?${name}=${text.slice(0, 20)}`, query: `${name}=${text}` });
    }
  }
  return found;
}

function inToken({ params = {}, fields }) {
  const body = fields ? good(fields) : undefined;
  return ["abc", "a.b.c", `${"x".repeat(9_000)}`, ""].map((token) => {
    const about = { field: "token", kind: "wrong type", text: body, params: goodParams(params) };
    return { ...about, what: `token ${token.slice(0, 9)}`, token };
  });
}

const goodParams = (params) =>
  Object.fromEntries(Object.entries(params).map(([name, { good: text }]) => [name, text]));

async function ask(at, method, { path, token, queryGood = "" }, cell) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => cell.params[name]);
  const headers = { "content-type": "application/json" };
  const bearer = cell.token ?? token;
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  const isSent = cell.text !== undefined && method !== "GET";
  const body = isSent ? bytes(cell.text.replaceAll("#", () => `${(sent += 1)}`)) : undefined;
  const search = [queryGood, cell.query].filter(Boolean).join("&");
  const url = `${at.url}${filled}${search ? `?${search}` : ""}`;
  const answer = await within(fetch(url, { method, headers, body }), `${method} ${filled}`);
  return { status: answer.status, body: await answer.text() };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
