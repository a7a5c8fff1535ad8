// The API documents, made readable: OpenAPI for routes, AsyncAPI for events, as they are served.
import { byId, make } from "./kit.js";

const tabs = [...document.querySelectorAll("[data-dialect]")];
const SAMPLES = { integer: 1, number: 1, boolean: true, string: "…" };
const METHODS = ["get", "post", "put", "patch", "delete"];

async function show() {
  const named = tabs.find((tab) => tab.hash === location.hash) ?? tabs[0];
  if (!named) return;
  const { dialect } = named.dataset;
  for (const tab of tabs) {
    if (tab === named) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const read = async (file) => (await fetch(`/docs/${dialect}/${file}.json`)).json();
  const [routes, events] = await Promise.all([read("openapi"), read("asyncapi")]);
  byId("document").replaceChildren(
    ...head(dialect, events),
    make("h2", {}, "Routes"),
    ...routesOf(routes),
    make("h2", {}, "Events that clients emit"),
    ...eventsOf(events, "receive"),
    make("h2", {}, "Events that the server emits"),
    ...eventsOf(events, "send"),
  );
}

function head(dialect, events) {
  const link = (file, words) => make("a", { href: `/docs/${dialect}/${file}.json` }, words);
  return [
    ...paragraphs(events.info.description),
    make("p", { class: "links" }, link("openapi", "OpenAPI"), link("asyncapi", "AsyncAPI")),
  ];
}

function routesOf(document) {
  const entries = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      if (item[method]) entries.push(route(document, method, path, item));
    }
  }
  return entries;
}

function route(document, method, path, item) {
  const operation = item[method];
  const verb = make("span", { class: "verb" }, method.toUpperCase());
  const title = make("summary", {}, verb, make("code", {}, path), ` ${operation.summary}`);
  const entry = make("details", { class: "entry" }, title, ...paragraphs(operation.description));
  if (operation.security?.length) {
    entry.append(make("p", { class: "dim" }, "Needs a Bearer token."));
  }
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
  if (parameters.length) {
    entry.append(make("ul", {}, ...parameters.map((one) => parameter(resolve(document, one)))));
  }
  if (operation.requestBody) entry.append("Body:", ...bodies(document, operation.requestBody));
  for (const [status, response] of Object.entries(operation.responses)) {
    const found = resolve(document, response);
    const answer = make("p", {}, make("b", {}, status), ` ${found.description}`);
    entry.append(answer, ...bodies(document, found));
  }
  return entry;
}

function parameter({ name, in: place, description = "" }) {
  return make("li", {}, make("code", {}, name), ` (${place}) ${description}`);
}

/** The JSON body of a request or a response: its examples, else its shape. */
function bodies(document, holder) {
  const media = resolve(document, holder).content?.["application/json"];
  if (!media) return [];
  const examples = Object.values(media.examples ?? {}).map((one) => one.value);
  if (media.example !== undefined) examples.unshift(media.example);
  if (examples.length) return examples.map(code);
  return [code(sample(document, media.schema))];
}

function eventsOf(document, action) {
  const operations = Object.values(document.operations).filter((one) => one.action === action);
  return operations.flatMap((operation) =>
    operation.messages.map((message) => event(document, operation, resolve(document, message))),
  );
}

function event(document, operation, message) {
  const channel = resolve(document, operation.channel);
  const name = make("span", { class: "verb" }, message.name);
  const where = make("span", { class: "dim" }, ` in ${channel.address}`);
  const title = make("summary", {}, name, message.summary ?? "", where);
  const entry = make("details", { class: "entry" }, title, ...paragraphs(message.description));
  entry.append(...examplesOf(document, message));
  for (const reply of operation.reply?.messages ?? []) {
    const ack = resolve(document, reply);
    entry.append(make("p", {}, make("b", {}, "Ack"), ` ${ack.summary ?? ""}`));
    entry.append(...examplesOf(document, ack));
  }
  return entry;
}

function examplesOf(document, message) {
  const examples = (message.examples ?? []).map((one) => code(one.payload));
  return examples.length ? examples : [code(sample(document, message.payload))];
}

/** Follows a `$ref` within the document, and those it leads to. */
function resolve(document, found) {
  let at = found;
  for (let hops = 0; at?.$ref && hops < 8; hops += 1) {
    const keys = at.$ref.slice(2).split("/");
    const plain = (key) => key.replaceAll("~1", "/").replaceAll("~0", "~");
    at = keys.reduce((part, key) => part[plain(key)], document);
  }
  return at;
}

/** What a value of a schema looks like. */
function sample(document, schema) {
  const shape = resolve(document, schema) ?? {};
  if (shape.examples?.length) return shape.examples[0];
  if (shape.const !== undefined) return shape.const;
  if (shape.type === "array") return [sample(document, shape.items)];
  if (shape.type !== "object") return SAMPLES[shape.type] ?? null;
  const entries = Object.entries(shape.properties ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, sample(document, value)]));
}

function code(value) {
  return make("pre", { tabindex: "0" }, make("code", {}, JSON.stringify(value, null, 2)));
}

const paragraphs = (text) => (text ? text.split("\n\n").map((one) => make("p", {}, one)) : []);

addEventListener("hashchange", show);
show();
