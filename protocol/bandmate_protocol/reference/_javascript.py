"""The small client of PROTOCOL.md, in JavaScript. A test runs it against a server."""

SMALL_CLIENT = """\
## A small client

All of the above that a program needs to make one file, for Node 20 or newer. It has
`npm install ws@8.23.0 @msgpack/msgpack@3.1.3`; run it as
`BANDMATE_TOKEN=... node client.mjs 127.0.0.1:7893 "dusty lo-fi drums" drums.wav`.

```javascript
// client.mjs
import { createHash, createHmac, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { decode, encode } from "@msgpack/msgpack";
import WebSocket from "ws";

const [host, prompt, file] = process.argv.slice(2);
const token = process.env.BANDMATE_TOKEN;
const RATE = 48000;

// The server proves that it knows the token before it gets it.
const nonce = randomBytes(16).toString("hex");
const health = await (await fetch(`http://${host}/health?nonce=${nonce}`)).json();
const proof = createHmac("sha256", token).update(`bandmate.v1 health\\n${host.toLowerCase()}\\n${nonce}`);
if (health.proof !== proof.digest("hex")) throw new Error("This server does not know the token.");

const socket = new WebSocket(`ws://${host}/ws`, "bandmate.v1", {
  headers: { Authorization: `Bearer ${token}` },
  perMessageDeflate: false,
});
const send = (message) => socket.send(encode(message));
const stems = new Map(); // by number: what was announced, its bytes, and how many of its frames came
let attempt = 0;
let done = null;

socket.on("open", () =>
  send({
    type: "hello", protocol_min: 1, protocol_max: 1, role: "cli",
    client_name: "small client", client_version: "1", credit_bytes: 1 << 20,
  }),
);
socket.on("error", (error) => fail(error.message));
socket.on("close", () => fail("The connection ended."));
socket.on("message", (frame) => {
  const message = decode(frame);
  if (message.attempt > attempt) {
    // Everything that came of an earlier attempt is void.
    attempt = message.attempt;
    stems.clear();
    done = null;
  }
  const late = message.attempt < attempt || message.revision < stems.get(message.stem)?.revision;
  if (message.type === "audio") {
    // What was stored, or dropped, is granted again.
    if (!late) store(stems.get(message.stem), message);
    send({ type: "credit", bytes: message.data.length });
  } else if (!late) {
    handlers[message.type]?.(message);
  }
  if (done && [...stems.values()].every(isFinished)) finish();
});

const handlers = {
  welcome: () => send({ type: "submit", request: "1", task: "generate", params: { prompt, mix: true }, timeline }),
  accepted: ({ job, engine, seed }) => console.log(`Job ${job} on ${engine}, seed ${seed}.`),
  progress: ({ stage, step, steps }) => console.log(`${stage}: ${step} of ${steps}`),
  stem: (stem) => {
    const before = stems.get(stem.stem);
    if (before?.revision === (stem.revision ?? 0)) return;
    const bytes = Buffer.alloc(stem.frames * stem.channels * 4);
    stems.set(stem.stem, { ...stem, revision: stem.revision ?? 0, bytes, came: 0, end: null });
  },
  stem_end: (end) => (stems.get(end.stem).end = end),
  done: (message) => (done = message),
  failed: ({ sentence, remedy }) => fail(`${sentence} ${remedy ?? ""}`),
  cancelled: () => fail("The job was cancelled."),
  error: ({ sentence, remedy }) => fail(`${sentence} ${remedy ?? ""}`),
};

// Eight bars of 4/4 at 84 quarter notes a minute.
const timeline = {
  sample_rate: RATE, start_frame: 0, end_frame: Math.round((8 * 4 * 60 * RATE) / 84),
  tempo: [{ position: 0, bpm: 84 }],
};

function store(stem, { offset, data }) {
  // In order on a new connection, so counting frames is enough here.
  stem.bytes.set(data, offset * stem.channels * 4);
  stem.came = Math.max(stem.came, offset + data.length / (stem.channels * 4));
}

function isFinished(stem) {
  return stem.end !== null && stem.came === stem.frames;
}

function finish() {
  const [mix] = stems.values();
  const sha256 = createHash("sha256").update(mix.bytes).digest("hex");
  if (sha256 !== mix.end.sha256) return fail("The audio arrived damaged.");
  writeFileSync(file, Buffer.concat([wavHeader(mix), mix.bytes]));
  socket.removeAllListeners("close");
  socket.close();
}

function wavHeader({ channels, sample_rate, bytes }) {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + bytes.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(3, 20); // 32-bit floats
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sample_rate, 24);
  header.writeUInt32LE(sample_rate * channels * 4, 28);
  header.writeUInt16LE(channels * 4, 32);
  header.writeUInt16LE(32, 34);
  header.write("data", 36);
  header.writeUInt32LE(bytes.length, 40);
  return header;
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
```

What a bigger client adds: it connects again after a cut, and attaches to its jobs ([Cuts](#cuts)); it takes pieces in
any order; it writes audio to disk as it arrives.
"""
