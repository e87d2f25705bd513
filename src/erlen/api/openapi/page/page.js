"use strict";

// Shows an OpenAPI document, and sends requests as it says. All text goes in as text.

const main = document.getElementById("api");
let api = {};

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false && value !== null) element.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

function resolve(schema) {
  let found = schema || {};
  for (let steps = 0; found.$ref && steps < 20; steps += 1) {
    const name = decodeURIComponent(found.$ref.split("/").pop());
    found = ((api.components || {}).schemas || {})[name] || {};
  }
  return found;
}

function example(schema, depth) {
  const found = resolve(schema);
  if (depth > 6) return null;
  if (found.examples && found.examples.length) return found.examples[0];
  if ("default" in found) return found.default;
  if ("const" in found) return found.const;
  if (found.enum) return found.enum[0];
  const either = found.anyOf || found.oneOf;
  if (either) {
    const value = either.find((one) => resolve(one).type !== "null") || either[0];
    return example(value, depth + 1);
  }
  const type = Array.isArray(found.type) ? found.type.find((one) => one !== "null") : found.type;
  if (type === "object" || found.properties) {
    const made = {};
    for (const [name, inner] of Object.entries(found.properties || {})) {
      if ((found.required || []).includes(name)) made[name] = example(inner, depth + 1);
    }
    return made;
  }
  if (type === "array") {
    if (found.prefixItems) return found.prefixItems.map((one) => example(one, depth + 1));
    return found.items && found.minItems ? [example(found.items, depth + 1)] : [];
  }
  if (type === "integer" || type === "number") return found.minimum || 0;
  if (type === "boolean") return false;
  const formats = { date: "2026-01-31", "date-time": "2026-01-31T12:00:00Z", decimal: "1.00" };
  if (found.format === "uuid") return "00000000-0000-0000-0000-000000000000";
  return formats[found.format] || (type === "string" ? "text" : null);
}

function typeOf(schema) {
  const found = resolve(schema);
  const either = found.anyOf || found.oneOf;
  if (either) return either.map(typeOf).join(" | ");
  if (found.enum) return found.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (found.type === "array") return `list of ${typeOf(found.items || {})}`;
  return found.format || found.title || String(found.type || "any");
}

function isList(schema) {
  const found = resolve(schema);
  return found.type === "array" || (found.anyOf || []).some(isList);
}

function field(parameter) {
  const { name, schema } = parameter;
  const initial = "default" in resolve(schema) ? resolve(schema).default : null;
  const shown = Array.isArray(initial) ? initial.join(",") : initial;
  const input = make("input", {
    name, required: parameter.required, value: parameter.required ? shown : null,
    placeholder: `${typeOf(schema)}${isList(schema) ? ", with commas" : ""}`,
  });
  const where = make("span", { class: "muted" }, ` ${parameter.in}`);
  const label = make("span", {}, make("code", {}, name), parameter.required ? "*" : "", where);
  return { parameter, input, row: make("label", {}, label, input) };
}

function formFields(schema) {
  const found = resolve(schema);
  return Object.entries(found.properties || {}).map(([name, inner]) => {
    const item = resolve(inner);
    const parts = [item, resolve(item.items), ...(item.anyOf || []).map(resolve)];
    const isFile = parts.some((one) => one.contentMediaType || resolve(one.items).contentMediaType);
    const input = make("input", {
      name, type: isFile ? "file" : "text", multiple: isFile && isList(inner),
      required: (found.required || []).includes(name), placeholder: isFile ? null : typeOf(inner),
    });
    return { name, input, isList: isList(inner), row: make("label", {}, make("code", {}, name), input) };
  });
}

function bodyOf(operation) {
  const content = (operation.requestBody || {}).content;
  if (!content) return null;
  const kind = Object.keys(content)[0];
  const schema = content[kind].schema;
  if (kind === "application/json") {
    const text = JSON.stringify(example(schema, 0), null, 2);
    const area = make("textarea", { "aria-label": "Body", spellcheck: "false" });
    area.value = text;
    return { rows: [area], read: () => ({ body: area.value, kind }) };
  }
  const fields = formFields(schema);
  const read = () => {
    const data = kind === "multipart/form-data" ? new FormData() : new URLSearchParams();
    for (const { name, input, isList: many } of fields) {
      if (input.type === "file") for (const file of input.files) data.append(name, file);
      else if (input.value !== "") {
        for (const part of many ? input.value.split(",") : [input.value]) data.append(name, part);
      }
    }
    return { body: data, kind: null };
  };
  return { rows: fields.map((one) => one.row), read };
}

async function send(path, method, fields, body, output) {
  const query = new URLSearchParams();
  const headers = {};
  let url = path;
  for (const { parameter, input } of fields) {
    const value = input.value;
    if (value === "" && parameter.in !== "path") continue;
    if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === "header") headers[parameter.name] = value;
    else if (parameter.in === "query") {
      for (const part of isList(parameter.schema) ? value.split(",") : [value]) {
        query.append(parameter.name, part.trim());
      }
    }
  }
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) headers["X-CSRF-Token"] = token.content;
  const options = { method: method.toUpperCase(), headers, credentials: "same-origin" };
  if (body) {
    const said = body.read();
    options.body = said.body;
    if (said.kind) headers["Content-Type"] = said.kind;
  }
  const base = ((api.servers || [])[0] || {}).url || "";
  const target = `${base.replace(/\/$/, "")}${url}${query.size ? `?${query}` : ""}`;
  output.textContent = "…";
  try {
    const answer = await fetch(target, options);
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* Other text stays. */ }
    const names = ["content-type", "location", "link", "etag"];
    const told = names.filter((name) => answer.headers.has(name));
    const lines = told.map((name) => `${name}: ${answer.headers.get(name)}`);
    output.textContent = [`${answer.status} ${answer.statusText}`, ...lines, "", shown].join("\n");
  } catch (error) {
    output.textContent = String(error);
  }
}

function responses(operation) {
  const list = make("ul", {});
  for (const [status, answer] of Object.entries(operation.responses || {})) {
    const item = make("li", {}, make("code", {}, status), ` ${answer.description || ""}`);
    for (const [kind, content] of Object.entries(answer.content || {})) {
      item.append(make("span", { class: "muted" }, ` ${kind}: ${typeOf(content.schema || {})}`));
    }
    list.append(item);
  }
  return list;
}

function show(path, method, operation) {
  // Browsers send cookies by themselves, and let no script set them.
  const told = (operation.parameters || []).filter((one) => one.in !== "cookie");
  const fields = told.map(field);
  const body = bodyOf(operation);
  const output = make("pre", { "aria-live": "polite", hidden: true });
  const form = make("form", {}, ...fields.map((one) => one.row), ...(body ? body.rows : []),
    make("button", { type: "submit" }, "Send"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    output.hidden = false;
    send(path, method, fields, body, output);
  });
  const inner = make("div", {},
    operation.description ? make("p", {}, operation.description) : null,
    form, output, make("h3", {}, "Answers"), responses(operation));
  return make("details", {
    class: operation.deprecated ? "operation deprecated" : "operation", id: operation.operationId,
  }, make("summary", {}, make("span", { class: "method" }, method.toUpperCase()),
    make("code", {}, path), operation.summary ? ` ${operation.summary}` : ""), inner);
}

async function start() {
  try {
    const answer = await fetch(document.body.dataset.document, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    api = await answer.json();
  } catch (error) {
    main.append(make("p", {}, `The document could not be loaded: ${error}`));
    return;
  }
  main.append(make("p", { class: "muted" }, `Version ${api.info.version} · OpenAPI ${api.openapi}`));
  if (api.info.description) main.append(make("p", {}, api.info.description));
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = (operation.tags || [""])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(show(path, method, operation));
    }
  }
  for (const tag of [...groups.keys()].sort()) {
    if (tag) main.append(make("h2", {}, tag));
    main.append(...groups.get(tag));
  }
  const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (wanted) { wanted.open = true; wanted.scrollIntoView(); }
}

start();
