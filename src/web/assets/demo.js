// The demonstration: two people of one API, side by side. What an API does by itself is in a module
// of its own, /demo/NAME.js, whose default export has
//   about       what to know beforehand, a sentence
//   login(at)   where it has a login, for the person at 0 or 1: -> { token, ... } or { error }
//   enter({ at, login })   -> me: { name, namespace?, options, ... }; `login` finds any token
//   attach(socket, me, view)     listens; `view` is a Side
//   join(socket, me, view)       after a CONNECT that brought no session back: takes a seat, asks
//                                for the history
//   send(socket, me, text, view), and typing(socket, me, isOn) where it has that
import { byId, onSubmit } from "./kit.js";
import { Side } from "./side.js";

const choice = byId("dialect");
const notice = byId("notice");
const tokens = byId("tokens");
const names = [...choice.options].map((option) => option.value);
let sides = [];
let turn = 0;

/** What keeps a person from entering, in words for the page. */
class Obstacle extends Error {}

async function start() {
  const mine = ++turn;
  sides.forEach((side) => side.leave());
  sides = [];
  show("");
  try {
    const dialect = (await import(`/demo/${choice.value}.js`)).default;
    byId("about").textContent = dialect.about;
    for (const at of [0, 1]) {
      const me = await dialect.enter({ at, login: () => login(dialect, at) });
      if (mine !== turn) return;
      const side = new Side(dialect, me);
      sides.push(side);
      byId("sides").append(side.pane);
    }
  } catch (error) {
    if (mine === turn) show(error.message);
    if (!(error instanceof Obstacle)) throw error;
  }
}

/** A token for a person: from the API's own login, else from another's that is mounted here. */
async function login(dialect, at) {
  const pasted = byId(`token-${at}`).value.trim();
  if (!tokens.hidden && pasted) return { token: pasted };
  const modules = names.map(async (name) => (await import(`/demo/${name}.js`)).default);
  const able = [dialect, ...(await Promise.all(modules))].find((one) => one.login);
  if (able) {
    const found = await able.login(at);
    if (found.token) return found;
    throw new Obstacle(
      `Nobody could log in: the server says "${found.error}". The people of this page are made ` +
        "by `polylogue demo`, with the same --data as the server; start again after that.",
    );
  }
  tokens.hidden = false;
  throw new Obstacle(
    "This server has no login. Paste a token for each, " +
      "as `polylogue token --id 1 --name user_1 --nickname One` prints them.",
  );
}

function show(words) {
  notice.textContent = words;
  notice.hidden = words === "";
}

/** The API that the address names behind its #; other fragments, as the skip link's, name none. */
function named() {
  return names.find((name) => name === location.hash.slice(1));
}

function choose() {
  choice.value = named() ?? choice.value;
  start();
}

onSubmit(byId("choice"), start);
onSubmit(tokens, start);
choice.addEventListener("change", () => {
  tokens.hidden = true;
  history.replaceState(null, "", `#${choice.value}`);
  start();
});
addEventListener("hashchange", () => named() && choose());
if (typeof io === "function") choose();
