// Every way a value can be wrong, as JSON text (some of it no client library can write), made from
// a good payload by changing one thing in it. Spoken to by: the tables beside it.

const DEEP = "[".repeat(10_000) + "]".repeat(10_000);
const DIGITS = "9".repeat(400);
/** Not UTF-8, wherever it stands. Everything else here is ASCII. */
export const NO_UTF8 = Buffer.from([0xff, 0xfe, 0xc0, 0xaf]);
const NO_UTF8_MARK = "<no UTF-8>";

/** What is wrong for a value of a type, besides what is wrong for all. */
const OF_TYPE = {
  id: {
    "wrong type": ["true", '"abc"', "1.5", "-1", '""'],
    "too long": [`"${DIGITS}"`],
    "huge number": ["1e400", DIGITS, "9007199254740992"],
  },
  uuid: {
    "wrong type": ["true", "7", '"abc"', '""'],
    "too long": [`"${"a".repeat(5_000)}"`],
    "huge number": ["1e400", DIGITS],
  },
  text: {
    "wrong type": ["true", "7"],
    "too long": [`"${"x".repeat(70_000)}"`],
    "huge number": ["1e400", DIGITS],
  },
  // An idempotency key is a string or a number.
  key: {
    "wrong type": ["true", '""', "-1"],
    "too long": [`"${"x".repeat(256)}"`],
    "huge number": ["1e400", DIGITS],
  },
  switch: { "wrong type": ['"true"', "7"], "huge number": ["1e400", DIGITS] },
  list: { "wrong type": ["true", "7", '"abc"', "{}"], "huge number": ["1e400", `[${DIGITS}]`] },
};

/** The kinds of wrong that a table may speak of. */
export const KINDS = [
  "missing",
  "null",
  "wrong type",
  "too long",
  "array",
  "object",
  "huge number",
  "deep nesting",
  "invalid UTF-8",
  "unknown",
  "another's",
];

/**
 * All wrong spellings of an object's fields -> `[{ what, field, kind, text }]`. A field is
 * `{ good, type, unknown, another }`, its literals as JSON text.
 */
export function wrongFields(fields) {
  const spell = (changed) => {
    const all = Object.entries({ ...goods(fields), ...changed });
    return `{${all.filter(([, text]) => text !== undefined).map(pair).join(",")}}`;
  };
  const found = [];
  for (const [field, about] of Object.entries(fields)) {
    for (const [kind, text] of wrongValues(about)) {
      found.push({ what: `${field} ${kind}`, field, kind, text: spell({ [field]: text }) });
    }
  }
  return found;
}

/** All wrong spellings of one value; `undefined` stands for none at all. */
export function wrongValues({ good, type, unknown = [], another = [] }) {
  const many = Object.entries(OF_TYPE[type]).flatMap(([kind, texts]) =>
    texts.map((text) => [kind, text]),
  );
  return [
    ["missing", undefined],
    ["null", "null"],
    ...many,
    ...(type === "list" ? [] : [["array", `[${good}]`]]),
    ["object", `{"a":${good}}`],
    ["deep nesting", DEEP],
    ["invalid UTF-8", `"${NO_UTF8_MARK}"`],
    ...[unknown].flat().map((text) => ["unknown", text]),
    ...[another].flat().map((text) => ["another's", text]),
  ];
}

/** The payload as a whole: not the object that is asked for. */
export function wrongWholes(fields) {
  const values = Object.values(goods(fields));
  return [
    ["null", "null"],
    ["wrong type", "7"],
    ["wrong type", "true"],
    ["array", `[${values.join(",")}]`],
    ["array", `[{${Object.entries(goods(fields)).map(pair).join(",")}}]`],
    ["huge number", "1e400"],
    ["deep nesting", DEEP],
  ].map(([kind, text]) => ({ what: `all ${kind}`, field: "all", kind, text }));
}

/** The good payload. */
export const good = (fields) => `{${Object.entries(goods(fields)).map(pair).join(",")}}`;

/** The bytes of a text of which a part may be no UTF-8. */
export function bytes(text) {
  const [first, ...rest] = text.split(NO_UTF8_MARK).map((part) => Buffer.from(part));
  return Buffer.concat([first, ...rest.flatMap((part) => [NO_UTF8, part])]);
}

const pair = ([name, text]) => `"${name}":${text}`;
const goods = (fields) =>
  Object.fromEntries(Object.entries(fields).map(([name, { good: text }]) => [name, text]));
