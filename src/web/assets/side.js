// One of the two people of the demonstration: a socket, and what is seen of it.
// Spoken to by: demo.js. Speaks to: a dialect's half of the demonstration.
import { Log, byId, make, onSubmit, onTyping, showState } from "./kit.js";
import { showPackets } from "./packets.js";

/** A person's pane. It is the `view` that a dialect writes to. */
export class Side {
  #log;
  #present = new Map();
  #typing = new Set();
  #isCut = false;
  #keys = new Set();

  /** Enters as `me`: what the dialect's `enter` answered. */
  constructor(dialect, me) {
    this.dialect = dialect;
    this.me = me;
    const pane = byId("side").content.firstElementChild.cloneNode(true);
    const find = (selector) => pane.querySelector(selector);
    this.pane = pane;
    this.state = find(".state");
    this.who = find(".who");
    this.typing = find(".typing");
    this.cut = find(".cut");
    this.input = find("input");
    this.#log = new Log(find(".log"));
    find("h2").textContent = me.name;
    pane.setAttribute("aria-label", me.name);
    find(".log").setAttribute("aria-label", `What ${me.name} reads`);
    find(".packets").setAttribute("aria-label", `Packets of ${me.name}`);
    this.socket = io(me.namespace ?? "/", { ...me.options, forceNew: true });
    showPackets(this.socket, find(".packets"));
    this.#listen();
    this.#act(find(".say"));
  }

  // What a dialect says to a view.

  /** What somebody said: `{ who, text, key?, when?, mine?, older? }`; no `key` is shown twice. */
  line(line) {
    if (line.key !== undefined && this.#keys.has(line.key)) return;
    this.#keys.add(line.key);
    this.#typing.delete(line.who);
    this.#showTyping();
    this.#log.line(line);
  }

  /** A remark of the server's; with `older` one from before all that is shown. */
  note(text, where) {
    this.#log.note(text, where);
  }

  /** A complaint of the server's. */
  bad(text) {
    this.#log.note(text, { bad: true });
  }

  /** Nothing that was said is shown any more: the history follows. */
  clear() {
    this.#keys.clear();
    this.#log.clear();
  }

  /** Somebody is here, or is not any more. */
  present(name, isHere) {
    if (isHere) this.#present.set(name, true);
    else this.#present.delete(name);
    this.#showPresent();
  }

  /** Just these are here. */
  allPresent(names) {
    this.#present = new Map(names.map((name) => [name, true]));
    this.#showPresent();
  }

  /** Somebody types, or has stopped. */
  isTyping(name, isOn) {
    if (isOn) this.#typing.add(name);
    else this.#typing.delete(name);
    this.#showTyping();
  }

  /** Leaves for good. */
  leave() {
    this.socket.disconnect();
    this.pane.remove();
  }

  #listen() {
    const { socket, dialect, me } = this;
    dialect.attach(socket, me, this);
    socket.on("connect", () => {
      this.#shows(true);
      if (socket.recovered) {
        // Its seats are there as before, and all that was missed has just been told.
        this.note("You are back, and have missed nothing");
        return;
      }
      this.allPresent([]);
      dialect.join(socket, me, this);
    });
    socket.on("disconnect", () => this.#shows(false));
    socket.on("connect_error", (error) => {
      this.#shows(false);
      if (socket.active) return;
      this.bad(`Refused: ${error.message} ${error.data ? JSON.stringify(error.data) : ""}`);
    });
  }

  #act(form) {
    const { socket, dialect, me, input, cut } = this;
    const stop = dialect.typing
      ? onTyping(input, (isOn) => dialect.typing(socket, me, isOn))
      : () => {};
    onSubmit(form, () => {
      const text = input.value.trim();
      if (text === "") return;
      stop();
      input.value = "";
      dialect.send(socket, me, text, this);
    });
    cut.addEventListener("click", () => (this.#isCut ? this.#plugIn() : this.#pullOut()));
  }

  /** The connection is lost without a goodbye, and not looked for. */
  #pullOut() {
    this.#isCut = true;
    this.socket.io.reconnection(false);
    this.socket.io.engine.close();
    this.#shows(false);
  }

  #plugIn() {
    this.#isCut = false;
    this.socket.io.reconnection(true);
    this.#shows(false);
    this.socket.connect();
  }

  #shows(isOn) {
    const words = isOn ? "connected" : this.#isCut ? "network cut" : "connecting";
    showState(this.state, isOn, words);
    this.cut.textContent = this.#isCut ? "Plug it in again" : "Cut the network";
    this.cut.setAttribute("aria-pressed", String(this.#isCut));
    this.#showPresent();
  }

  #showPresent() {
    const names = this.socket.connected ? [...this.#present.keys()] : [];
    this.who.replaceChildren(names.length ? make("span", {}, `Here: ${names.join(", ")}`) : "");
  }

  #showTyping() {
    const names = [...this.#typing];
    this.typing.textContent = names.length ? `${names.join(", ")} is typing …` : "";
  }
}
