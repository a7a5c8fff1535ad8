// Long-polling by script tags (`j` in the query): the answer is a call, what is posted is a form.
import { ENGINE_IO, request } from "../kit/wire.mjs";
import { answer, brief, fatal } from "./observe.mjs";

const OPEN = "EIO=4&transport=polling";
const FORM = { "content-type": "application/x-www-form-urlencoded" };

const HANDSHAKES = {
  "a number": "j=0",
  "a long number": "j=1234567890",
  "a number and more": "j=1x2);alert(",
  "nothing behind it": "j=",
  "no value": "j",
  "a word": "j=abc",
};

/** Form bodies: what the echo then answers, and whether the session lives. */
const FORMS = {
  "a message": `d=${encodeURIComponent("4hello")}`,
  "text beyond ASCII": `d=${encodeURIComponent("4é€😀\u2028\u2029")}`,
  "quotes and slashes": `d=${encodeURIComponent('4"\\</script>')}`,
  "an escaped line break": `d=${encodeURIComponent("4a\\nb")}`,
  "a doubly escaped line break": `d=${encodeURIComponent("4a\\\\nb")}`,
  "two packets": `d=${encodeURIComponent("4a\x1e4b")}`,
  "a binary packet": `d=${encodeURIComponent("b+/+/")}`,
  "a plus for a space": "d=4a+b",
  "a bad packet": "d=x",
  "an empty field": "d=",
  "no field": "",
  "another field": "x=4a",
  "the field twice": "d=4a&d=4b",
  "a body that is no form": "4hello",
  "a broken escape": "d=4%zz",
  "a close packet": "d=1",
};

export const cases = [
  ...Object.entries(HANDSHAKES).map(([name, j]) => ({
    name: `JSONP handshake with ${name}`,
    run: handshake(j),
  })),
  ...Object.entries(FORMS).map(([name, form]) => ({
    name: `JSONP form of ${name}`,
    run: (server) => posted(server, form),
  })),
  { name: "JSONP poll with another number", run: otherNumber },
  { name: "JSONP poll without a number", run: withoutNumber },
  { name: "a poll by script tag of a plain session", run: scriptOfPlain },
];

/** The first call carries a session id within a string within a call. */
function handshake(j) {
  return async (server) => {
    const { body, ...seen } = answer(await request(`${server}${ENGINE_IO}?${OPEN}&${j}`));
    return { ...seen, body: body.replace(/sid\\":\\"[\w-]{20}/, "sid") };
  };
}

async function session(server, j = "&j=3") {
  const { body } = await request(`${server}${ENGINE_IO}?${OPEN}${j}`);
  const [, sid] = /sid\\?":\\?"([\w-]{20})/.exec(body) ?? [];
  if (sid === undefined) throw new Error(`no handshake: ${body}`);
  const url = `${server}${ENGINE_IO}?${OPEN}&sid=${sid}`;
  const post = (form) => request(`${url}${j}`, { method: "POST", body: form, headers: FORM });
  return { url, post };
}

async function posted(server, form) {
  const { url, post } = await session(server);
  const first = await post(form);
  const second = await post("d=4fence");
  if (second.status !== 200) return { posted: fatal(first), refused: brief(second) };
  return { posted: brief(first), polled: answer(await request(`${url}&j=3`)) };
}

async function otherNumber(server) {
  const { url, post } = await session(server);
  await post("d=4a");
  return answer(await request(`${url}&j=4`));
}

async function withoutNumber(server) {
  const { url, post } = await session(server);
  await post("d=4a");
  return answer(await request(url));
}

async function scriptOfPlain(server) {
  const { url } = await session(server, "");
  await request(url, { method: "POST", body: "4a" });
  return answer(await request(`${url}&j=1`));
}
