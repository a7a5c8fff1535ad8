// The API documents beside what a running server says: every answer and every event is as they say,
// has no field that they lack, and shows every field that they list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Polylogue } from "../kit/polylogue.mjs";
import { recorded } from "../kit/record.mjs";
import { Schemas } from "./schema.mjs";
import { TOURS } from "./tours.mjs";

for (const [dialect, tour] of Object.entries(TOURS)) {
  test(`${dialect}: what is said is what its API documents say`, async () => {
    // With a bridge some acks say more.
    const at = await Polylogue.mounting([dialect], "--bridge");
    try {
      await at.stop();
      await at.demo();
      await at.again();
      const read = async (kind) =>
        new Schemas(await (await fetch(`${at.url}/docs/${dialect}/${kind}.json`)).json());
      const [openapi, asyncapi] = [await read("openapi"), await read("asyncapi")];
      const heard = await recorded(() => tour(at));
      const wrong = new Set(heard.flatMap((entry) => compare(openapi, asyncapi, entry)));
      assert.deepEqual([...wrong], []);
      const unseen = [...unseenEvents(asyncapi), ...unseenAnswers(openapi)];
      assert.deepEqual(unseen, [], "documented, and not seen");
    } finally {
      await at.remove();
    }
  });
}

/** What is wrong with something heard -> sentences. */
function compare(openapi, asyncapi, { event, ack, route, status, payload }) {
  if (route) {
    const schema = answer(openapi, route, status);
    if (schema === undefined) return [`${route} answers ${status}, which is not documented`];
    if (schema === null) return payload === undefined ? [] : [`${route} ${status} has a body`];
    return openapi.check(schema, payload, `${plain(route)} ${status}`);
  }
  const name = ack ? `${ack} (ack)` : event;
  const found = messages(asyncapi).filter((one) => one.name === name && isTold(asyncapi, one));
  if (found.length === 0) return [`${name} is not documented`];
  return asyncapi.check(found[0].payload ?? true, payload, name);
}

const plain = (route) => route.replace(/\d+|[0-9a-f-]{36}/g, "N");

const messages = ({ document }) =>
  Object.values(document.channels).flatMap(({ messages: all }) => Object.values(all));

/** Whether the server says it: as an event, or in reply to one. */
function isTold(asyncapi, message) {
  const operations = Object.values(asyncapi.document.operations);
  const told = operations.flatMap(({ action, messages: all, reply }) =>
    action === "send" ? all : (reply?.messages ?? []),
  );
  return told.some((reference) => asyncapi.at(reference) === message);
}

/** The schema of an answer; `null` where it has no body, `undefined` where there is none such. */
function answer({ document, at }, route, status) {
  const [method, path] = route.split(/[ ?]/);
  const trimmed = path.replace(/(.)\/$/, "$1");
  const suits = (template) =>
    new RegExp(`^${template.replace(/(.)\/$/, "$1").replace(/\{\w+\}/g, "[^/]+")}$`).test(trimmed);
  const templates = Object.keys(document.paths).filter(suits);
  // One without a parameter in that place goes before one with it.
  const [best] = templates.sort((one, two) => one.split("{").length - two.split("{").length);
  const found = document.paths[best]?.[method.toLowerCase()]?.responses[status];
  const response = found && at.call({ document, at }, found);
  if (!response) return undefined;
  return response.content?.["application/json"]?.schema ?? null;
}

function unseenEvents(asyncapi) {
  const told = messages(asyncapi).filter((message) => isTold(asyncapi, message));
  return told.flatMap(({ name, payload }) => asyncapi.unseen(payload, name));
}

/** The fields of good answers: each of them was asked for. */
function unseenAnswers(openapi) {
  const unseen = [];
  for (const [path, item] of Object.entries(openapi.document.paths)) {
    for (const [method, { responses }] of Object.entries(item)) {
      for (const [status, response] of Object.entries(responses)) {
        const schema = openapi.at(response).content?.["application/json"]?.schema;
        const where = `${method.toUpperCase()} ${path} ${status}`;
        if (status < 300) unseen.push(...openapi.unseen(schema, where));
      }
    }
  }
  return unseen;
}
