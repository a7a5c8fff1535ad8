// Handshake requests over plain HTTP: queries, methods, origins, paths, headers. One request each.
import { ask } from "./observe.mjs";

const OPEN = "EIO=4&transport=polling";

const QUERIES = {
  "as it should be": OPEN,
  "with a cache buster": `${OPEN}&t=P8x1`,
  "with b64": `${OPEN}&b64=1`,
  "in another order": "transport=polling&EIO=4",
  "with empty pairs": `&&EIO=4&&transport=polling&`,
  "with unknown parameters": `${OPEN}&x=1&y[]=2&z`,
  "with semicolons": "EIO=4;transport=polling",
  "with an encoded transport": "EIO=4&transport=poll%69ng",
  "with encoded names": "%45IO=4&%74ransport=polling",
  "with a plus in the transport": "EIO=4&transport=polling+",
  "with nothing": "",
  "without EIO": "transport=polling",
  "of revision 3": "EIO=3&transport=polling",
  "of revision 5": "EIO=5&transport=polling",
  "of revision 04": "EIO=04&transport=polling",
  "of revision 4.0": "EIO=4.0&transport=polling",
  "of an empty revision": "EIO=&transport=polling",
  "of a revision in words": "EIO=abc&transport=polling",
  "of two revisions, the last right": "EIO=3&EIO=4&transport=polling",
  "of two revisions, the last wrong": "EIO=4&EIO=3&transport=polling",
  "without a transport": "EIO=4",
  "with an empty transport": "EIO=4&transport=",
  "with an unknown transport": "EIO=4&transport=carrier-pigeon",
  "with a transport in capitals": "EIO=4&transport=POLLING",
  "with WebTransport": "EIO=4&transport=webtransport",
  "with a transport named constructor": "EIO=4&transport=constructor",
  "with a transport named __proto__": "EIO=4&transport=__proto__",
  "with two transports, the last polling": "EIO=4&transport=abc&transport=polling",
  "with two transports, the last unknown": "EIO=4&transport=polling&transport=abc",
  "with WebSocket, but no upgrade": "EIO=4&transport=websocket",
  "with an unknown transport and no EIO": "transport=abc",
  "with a fragment": `${OPEN}#x`,
  "with a plus in the revision": "EIO=+4&transport=polling",
  "with the revision encoded": "EIO=%34&transport=polling",
  "with a transport and a NUL": "EIO=4&transport=polling%00",
  "with a second question mark": `?${OPEN}`,
  "with a transport as a list": "EIO=4&transport[]=polling",
  "with an empty sid": `${OPEN}&sid=`,
  "with a bare sid": `${OPEN}&sid`,
  "with an unknown sid": `${OPEN}&sid=AAAAAAAAAAAAAAAAAAAA`,
  "with a short sid": `${OPEN}&sid=x`,
  "with a long sid": `${OPEN}&sid=${"x".repeat(4_000)}`,
  "with a sid named __proto__": `${OPEN}&sid=__proto__`,
  "with a sid named toString": `${OPEN}&sid=toString`,
  "with a NUL in the sid": `${OPEN}&sid=%00`,
  "with a broken escape in the sid": `${OPEN}&sid=%zz`,
  "with bytes that are no UTF-8 in the sid": `${OPEN}&sid=%ff%fe`,
  "with an unknown sid and an unknown transport": "EIO=4&transport=abc&sid=x",
  "with an unknown sid and no EIO": "transport=polling&sid=x",
  "with an empty sid after an unknown one": `${OPEN}&sid=x&sid=`,
  "with a long query": `${OPEN}&x=${"y".repeat(6_000)}`,
};

const METHODS = ["POST", "PUT", "DELETE", "PATCH", "HEAD", "PROPFIND"];

const HEADERS = {
  "an Origin": { origin: "http://app.example" },
  "the Origin null": { origin: "null" },
  "an Origin that is no URL": { origin: "*" },
  "a cookie": { cookie: "io=AAAAAAAAAAAAAAAAAAAA; a=b" },
  "an old browser, MSIE": { "user-agent": "Mozilla/4.0 (compatible;MSIE 8.0)" },
  "an old browser, Trident": { "user-agent": "Mozilla/5.0 (Trident/7.0; rv:11.0)" },
  "a wish for gzip": { "accept-encoding": "gzip, deflate, br" },
  "a wish for another type": { accept: "application/json" },
  "a length and no body": { "content-length": "0" },
  "an Authorization": { authorization: "Basic eDp5" },
  "an empty Origin": { origin: "" },
};

const PATHS = {
  "at /engine.io/": "/engine.io/",
  "at /socket.io/": "/socket.io/",
  "below the path": "/engine.io/more",
  "deep below the path": "/engine.io/a/b/../c",
  "at the path with two slashes": "/engine.io//",
};

/** Paths at which there is nothing; what a 404 says is each server's own. */
const NOWHERE = {
  "beside the path": "/engine.iox/",
  "in capitals": "/ENGINE.IO/",
  "at an encoded path": "/engine%2Eio/",
};

const PREFLIGHT = { origin: "http://app.example", "access-control-request-method": "POST" };

const single = [
  {
    name: "handshake refused for its transport, with an Origin",
    path: "/engine.io/?EIO=4",
    headers: { origin: "http://app.example" },
  },
  {
    name: "preflight",
    path: `/engine.io/?${OPEN}`,
    method: "OPTIONS",
    headers: PREFLIGHT,
  },
  {
    name: "preflight that asks for headers",
    path: `/socket.io/?${OPEN}`,
    method: "OPTIONS",
    headers: { ...PREFLIGHT, "access-control-request-headers": "content-type,token" },
  },
  {
    name: "OPTIONS that is no preflight",
    path: `/engine.io/?${OPEN}`,
    method: "OPTIONS",
  },
  {
    name: "handshake by GET with a body",
    path: `/engine.io/?${OPEN}`,
    headers: { "content-length": "6" },
    body: "4hello",
  },
  {
    name: "handshake by POST with a body",
    path: `/engine.io/?${OPEN}`,
    method: "POST",
    body: "4hello",
  },
  {
    name: "handshake by POST of WebSocket",
    path: "/engine.io/?EIO=4&transport=websocket",
    method: "POST",
  },
  {
    name: "handshake by POST with an unknown transport",
    path: "/engine.io/?EIO=4&transport=abc",
    method: "POST",
  },
  {
    name: "handshake by POST without EIO",
    path: "/engine.io/?transport=polling",
    method: "POST",
  },
];

export const cases = [
  ...Object.entries(QUERIES).map(([name, query]) => ({
    name: `handshake query ${name}`,
    run: (server) => ask(server, `/engine.io/?${query}`),
  })),
  ...METHODS.map((method) => ({
    name: `handshake by ${method}`,
    run: (server) => ask(server, `/engine.io/?${OPEN}`, { method }),
  })),
  ...Object.entries(HEADERS).map(([name, headers]) => ({
    name: `handshake with ${name}`,
    run: (server) => ask(server, `/engine.io/?${OPEN}`, { headers }),
  })),
  ...Object.entries(PATHS).map(([name, path]) => ({
    name: `handshake ${name}`,
    run: (server) => ask(server, `${path}?${OPEN}`),
  })),
  ...Object.entries(NOWHERE).map(([name, path]) => ({
    name: `handshake ${name}`,
    run: async (server) => (await ask(server, `${path}?${OPEN}`)).status,
  })),
  ...single.map(({ name, path, ...options }) => ({
    name,
    run: (server) => ask(server, path, options),
  })),
];
