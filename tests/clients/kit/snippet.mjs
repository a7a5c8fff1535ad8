// What a document's JavaScript finds around it: an `io` that knows the server's address, a console
// that is listened to, and a page of named elements. Spoken to by: the snippets.test.mjs files.
import { io } from "socket.io-client";
import { until } from "./until.mjs";

/** The surroundings of a document's snippets. */
export class Surroundings {
  #sockets = [];

  /** `server` may change before a snippet runs. */
  constructor(server) {
    this.server = server;
    this.lines = [];
    this.elements = new Map();
    const note = (level) => (...said) => this.lines.push([level, ...said]);
    this.console = { log: note("log"), error: note("error") };
    this.document = {
      getElementById: (id) => this.element(id),
      createElement: () => new Element(),
    };
    this.alert = (...said) => this.lines.push(["alert", ...said]);
  }

  /** `io(options)` or `io(url, options)`; of the url the path, a namespace, is kept alone. */
  io = (...args) => {
    const options = typeof args.at(-1) === "object" ? args.pop() : {};
    const { pathname } = new URL(args[0] ?? "/", this.server.url);
    const namespace = pathname === "/" ? "" : pathname;
    const socket = io(`${this.server.url}${namespace}`, { forceNew: true, ...options });
    this.#sockets.push(socket);
    return socket;
  };

  /** `fetch` with the server's address in place of the document's. */
  fetch = (url, options) => {
    const { pathname, search } = new URL(url, this.server.url);
    return fetch(`${this.server.url}${pathname}${search}`, options);
  };

  /** An element of the page, made when first asked for. */
  element(id) {
    if (!this.elements.has(id)) this.elements.set(id, new Element());
    return this.elements.get(id);
  }

  /** Waits until a line of the console fulfils `condition(level, ...said)`. */
  async prints(condition, what) {
    await until(() => this.lines.some((line) => condition(...line)), `${what} on the console`);
    return this.lines.find((line) => condition(...line));
  }

  /** Waits until a line is just this. */
  printed(...line) {
    const wanted = JSON.stringify(line);
    return this.prints((...said) => JSON.stringify(said) === wanted, wanted);
  }

  /** Disconnects all that was connected, and forgets what was printed. */
  close() {
    for (const socket of this.#sockets.splice(0)) socket.disconnect();
    this.lines.length = 0;
    this.elements.clear();
  }
}

/** As much of an element as the documents' pages touch. */
class Element {
  children = [];
  textContent = "";
  innerHTML = "";
  value = "";

  appendChild(child) {
    this.children.push(child);
  }
}
