// The part of JSON Schema that the API documents use, and which of a schema's fields were seen.
// Spoken to by: fields.test.mjs.

/** A document whose references can be followed. */
export class Schemas {
  /** The names of the fields that values have shown, by the `properties` that list them. */
  seen = new Map();

  constructor(document) {
    this.document = document;
  }

  /** What a reference leads to, by however many steps. */
  at(value) {
    if (!value?.$ref) return value;
    const steps = value.$ref.slice(2).split("/").map((step) => step.replaceAll("~1", "/"));
    return this.at(steps.reduce((from, step) => from[step], this.document));
  }

  /** What is wrong with a value -> sentences; what it shows is noted where it suits. */
  check(schema, value, where = "it") {
    const found = this.at(schema);
    if (found === true || found === undefined) return [];
    if (found.oneOf) return this.#checkChoices(found.oneOf, value, where);
    const types = [found.type ?? []].flat();
    if (types.length > 0 && !types.some((type) => isOf(type, value))) {
      return [`${where} is ${JSON.stringify(value)?.slice(0, 60)}, no ${types.join(" or ")}`];
    }
    if (found.enum && !found.enum.includes(value)) return [`${where} is none of ${found.enum}`];
    if ("const" in found && found.const !== value) return [`${where} is not ${found.const}`];
    if (Array.isArray(value)) {
      return value.flatMap((one, at) => this.check(found.items ?? true, one, `${where}[${at}]`));
    }
    if (value === null || typeof value !== "object") return [];
    return this.#checkObject(found, value, where);
  }

  #checkChoices(choices, value, where) {
    const tried = choices.map((choice) => new Schemas(this.document).check(choice, value, where));
    const fits = tried.findIndex((wrong) => wrong.length === 0);
    return fits < 0 ? tried.flat() : this.check(choices[fits], value, where);
  }

  #checkObject(found, value, where) {
    const { properties = {}, required = [], additionalProperties } = found;
    const wrong = required
      .filter((name) => !(name in value))
      .map((name) => `${where} has no ${name}`);
    for (const [name, one] of Object.entries(value)) {
      if (properties[name] !== undefined) {
        this.#note(properties, name);
        wrong.push(...this.check(properties[name], one, `${where}.${name}`));
      } else if (additionalProperties) {
        wrong.push(...this.check(additionalProperties, one, `${where}.${name}`));
      } else {
        wrong.push(`${where} has ${name}, which is not documented`);
      }
    }
    return wrong;
  }

  #note(properties, name) {
    if (!this.seen.has(properties)) this.seen.set(properties, new Set());
    this.seen.get(properties).add(name);
  }

  /** The fields below a schema that no value has shown yet. */
  unseen(schema, where, passed = new Set()) {
    const found = this.at(schema);
    if (!found || found === true || passed.has(found)) return [];
    passed.add(found);
    const deeper = [found.oneOf, found.items].flat().filter(Boolean);
    const missing = deeper.flatMap((one) => this.unseen(one, where, passed));
    for (const [name, one] of Object.entries(found.properties ?? {})) {
      const seen = this.seen.get(found.properties)?.has(name);
      if (!seen) missing.push(`${where}: ${name}`);
      missing.push(...this.unseen(one, `${where}.${name}`, passed));
    }
    return missing;
  }
}

function isOf(type, value) {
  switch (type) {
    case "null": return value === null;
    case "array": return Array.isArray(value);
    case "object": return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer": return Number.isInteger(value);
    default: return typeof value === type;
  }
}
