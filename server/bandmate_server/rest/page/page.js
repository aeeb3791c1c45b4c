// Shows every operation of the OpenAPI document as a form, and sends what is filled in.

const MOST_SHOWN = 200_000; // characters of an answer

const token = document.getElementById("token");
const documentLoaded = fetch("/api/v1/openapi.json").then((answer) => answer.json());

token.value = stored(sessionStorage, "bandmate.token");
token.addEventListener("input", () => {
  sessionStorage.setItem("bandmate.token", token.value);
  showAccess();
});
showAccess();
documentLoaded.then(showOperations, (error) => {
  document.getElementById("operations").textContent = `The document cannot be read: ${error.message}`;
});

function stored(storage, name) {
  try {
    return storage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function consoleKey() {
  return stored(localStorage, "bandmate.key");
}

function showAccess() {
  const text = token.value
    ? "Requests show this token."
    : consoleKey()
      ? "This browser is signed in to the console."
      : "Paste the token, or sign in with `bandmate console`.";
  document.getElementById("access").textContent = text;
}

function accessHeaders() {
  if (token.value) return { Authorization: `Bearer ${token.value.trim()}` };
  return consoleKey() ? { "X-Bandmate-Key": consoleKey() } : {};
}

function make(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function showOperations(description) {
  const sections = description.tags.map(({ name, description: about }) => {
    const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation.tags.includes(name))
        .map(([method, operation]) => operationForm(description, method.toUpperCase(), path, operation)),
    );
    return make(
      "section",
      {},
      make("h2", { textContent: name }),
      make("p", { className: "about", textContent: about }),
      ...operations,
    );
  });
  document.getElementById("operations").replaceChildren(...sections);
}

function operationForm(description, method, path, operation) {
  const fields = (operation.parameters ?? []).map(parameterField);
  const content = operation.requestBody?.content ?? {};
  const body = bodyField(description, content);
  const output = make("pre", { hidden: true, tabIndex: 0 });
  const player = make("audio", { controls: true, hidden: true });
  const stop = make("button", { type: "button", textContent: "Stop", hidden: true });
  const form = make(
    "form",
    {},
    make("p", { textContent: operation.description }),
    ...(fields.length ? [make("div", { className: "fields" }, ...fields.map((field) => field.label))] : []),
    ...(body ? [body.label] : []),
    make("p", { className: "buttons" }, make("button", { textContent: "Send" }), stop),
    output,
    player,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    stop.hidden = false;
    output.hidden = false;
    player.hidden = true;
    try {
      await send(requestOf(method, path, fields, body), abort.signal, output, player);
    } catch (error) {
      if (!abort.signal.aborted) output.textContent += `\n${error.message}`;
    }
    stop.hidden = true;
  });
  return make(
    "details",
    { id: operation.operationId },
    make(
      "summary",
      {},
      make("b", { textContent: method }),
      make("code", { textContent: path }),
      make("span", { textContent: operation.summary }),
    ),
    form,
  );
}

function parameterField({ name, in: place, required, schema, description: about }) {
  const input = schema.enum
    ? make("select", {}, ...["", ...schema.enum].map((value) => make("option", { textContent: value })))
    : make("input", { placeholder: schema.default ?? "", required, spellcheck: false });
  input.name = name;
  const label = make("label", {}, `${name}${required ? "" : " (optional)"}`, input);
  if (about) label.append(make("small", { textContent: about }));
  return { name, place, input, label };
}

function bodyField(description, content) {
  if ("application/octet-stream" in content) {
    const input = make("input", { type: "file", name: "body", required: true });
    return { label: make("label", {}, "file", input), value: () => input.files[0] };
  }
  const schema = content["application/json"]?.schema;
  if (!schema) return null;
  const example = JSON.stringify(exampleOf(description, schema), null, 2);
  const input = make("textarea", { name: "body", value: example, spellcheck: false });
  return { json: true, label: make("label", {}, "body", input), value: () => input.value };
}

/** What a body needs at least. */
function exampleOf(description, schema) {
  if (schema.$ref) return exampleOf(description, description.components.schemas[schema.$ref.split("/").at(-1)]);
  if ("default" in schema) return schema.default;
  if (schema.anyOf) return exampleOf(description, schema.anyOf[0]);
  if (schema.enum) return schema.enum[0];
  if (schema.type === "object") {
    const names = schema.required ?? [];
    return Object.fromEntries(names.map((name) => [name, exampleOf(description, schema.properties[name])]));
  }
  if (schema.type === "array") {
    return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(description, schema.items));
  }
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 0;
  return schema.type === "boolean" ? false : "";
}

function requestOf(method, path, fields, body) {
  const headers = accessHeaders();
  const query = new URLSearchParams();
  let address = path;
  for (const { name, place, input } of fields) {
    if (!input.value) continue;
    if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (place === "query") query.set(name, input.value);
    else headers[name] = input.value;
  }
  if (body?.json) headers["Content-Type"] = "application/json";
  const search = String(query) ? `?${query}` : "";
  return { address: address + search, options: { method, headers, body: body?.value() } };
}

async function send({ address, options }, signal, output, player) {
  output.textContent = `${options.method} ${address}\n`;
  const answer = await fetch(address, { ...options, signal });
  output.textContent += `${answer.status} ${answer.statusText}\n\n`;
  const type = answer.headers.get("content-type") ?? "";
  if (/^(audio\/(?!midi)|application\/zip|audio\/midi)/.test(type)) {
    await showFile(answer, type, output, player);
  } else if (type.includes("json")) {
    output.textContent += JSON.stringify(await answer.json(), null, 2).slice(0, MOST_SHOWN);
  } else if (answer.body) {
    await showText(answer, output);
  }
}

async function showFile(answer, type, output, player) {
  const file = await answer.blob();
  const address = URL.createObjectURL(file);
  output.append(`${type}, ${file.size} bytes `);
  output.append(make("a", { href: address, download: "", textContent: "Save" }));
  if (type.startsWith("audio/") && !type.includes("midi")) {
    player.src = address;
    player.hidden = false;
  }
}

async function showText(answer, output) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    output.textContent = (output.textContent + value).slice(-MOST_SHOWN);
  }
}
