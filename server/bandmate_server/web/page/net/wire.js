// The connection: Bandmate's protocol, msgpack over a WebSocket, which is opened again whenever it ends.
import { KEY_SUBPROTOCOL, Refusal, currentKey, isSignedIn } from "./access.js";

const SUBPROTOCOL = "bandmate.v1";
const CREDIT_BYTES = 8 << 20;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const MAX_BUFFERED_BYTES = 4 << 20;
const DRAIN_MS = 10;
const RESUME = "bandmate.resume";

export const LOST = "connection_lost"; // the code of refusals that a new connection mends

const { encode, decode } = globalThis.MessagePack;

/**
 * States: "connecting", "open", "lost" (the server went and will be tried again), "signed-out".
 * `onState` is called with each new one; `onMessage` gets every message that answers no request.
 */
export class Wire {
  #socket = null;
  #state = "connecting";
  #wait = FIRST_WAIT_MS;
  #number = 0;
  #pending = new Map();
  #subscriptions = new Map();
  #laterAnswers = new Map(); // by request: who wants to hear of a second answer
  #waits = new Set();
  #muted = 0;
  #timer = 0;
  #ended = false;

  constructor() {
    this.onState = () => {};
    this.onMessage = () => {};
    this.limits = null;
    this.serverVersion = "";
  }

  get state() {
    return this.#state;
  }

  open() {
    this.#ended = false;
    clearTimeout(this.#timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`, [SUBPROTOCOL, KEY_SUBPROTOCOL + currentKey()]);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#greet();
    socket.onmessage = (event) => this.#receive(decode(new Uint8Array(event.data)));
    socket.onclose = () => this.#handleClose(socket);
    this.#socket = socket;
  }

  close() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** Sends a message; nothing happens without a connection. */
  post(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encode(message, { ignoreUndefined: true }));
  }

  /** Sends a request and returns its answer; `onLater` gets a second one, if it comes on this connection. Throws Refusal. */
  ask(message, onLater = null) {
    if (this.#state !== "open") return Promise.reject(new Refusal({ sentence: "The server is not connected.", code: LOST }));
    const request = `c${++this.#number}`;
    return new Promise((resolve, reject) => {
      this.#pending.set(request, { resolve, reject });
      if (onLater) this.#laterAnswers.set(request, onLater);
      this.post({ ...message, request });
    });
  }

  /** The next message that fits. Throws Refusal when the connection ends first, or an error comes. */
  waitFor(fits) {
    return new Promise((resolve, reject) => {
      this.#waits.add({ fits, resolve, reject });
    });
  }

  /** From now on, errors that answer no request and that nobody waits for are dropped; returns how to end that. */
  muteErrors() {
    this.#muted += 1;
    return () => (this.#muted -= 1);
  }

  /** Waits until what was posted has left the page, nearly. */
  async drained() {
    while ((this.#socket?.bufferedAmount ?? 0) > MAX_BUFFERED_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    }
    if (this.#state !== "open") throw lostConnection();
  }

  /** Sends a request that is answered again and again, on each connection anew. */
  subscribe(message, onAnswer) {
    const request = `s${++this.#number}`;
    this.#subscriptions.set(request, { message, onAnswer });
    if (this.#state === "open") this.post({ ...message, request });
  }

  #greet() {
    let resume;
    try {
      resume = sessionStorage.getItem(RESUME) ?? undefined;
    } catch {
      resume = undefined;
    }
    this.post({
      type: "hello",
      protocol_min: 1,
      protocol_max: 1,
      role: "console",
      client_name: "console",
      client_version: "1",
      resume_key: resume,
      credit_bytes: CREDIT_BYTES,
    });
  }

  #receive(message) {
    if (message.type === "welcome") return this.#welcome(message);
    if (message.type === "ping") return this.post({ type: "pong", request: message.request });
    const subscription = this.#subscriptions.get(message.request);
    if (subscription) return subscription.onAnswer(message);
    const pending = this.#pending.get(message.request);
    if (!pending) {
      const onLater = this.#laterAnswers.get(message.request);
      this.#laterAnswers.delete(message.request);
      return onLater ? onLater(message) : this.#pass(message);
    }
    this.#pending.delete(message.request);
    if (message.type === "error") return pending.reject(new Refusal(message));
    pending.resolve(message);
  }

  /** To who waits for it, else to the page. An error that answers no request ends all waits: one of them caused it. */
  #pass(message) {
    for (const wait of this.#waits) {
      const isError = message.type === "error";
      if (!isError && !wait.fits(message)) continue;
      this.#waits.delete(wait);
      if (isError) wait.reject(new Refusal(message));
      else wait.resolve(message);
      return;
    }
    if (message.type !== "error" || this.#muted === 0) this.onMessage(message);
  }

  #welcome(message) {
    try {
      sessionStorage.setItem(RESUME, message.resume_key);
    } catch {
      // Then each connection is another client, which may attach to its jobs all the same.
    }
    this.#wait = FIRST_WAIT_MS;
    this.limits = message.limits;
    this.serverVersion = message.server_version;
    for (const [request, { message: asked }] of this.#subscriptions) this.post({ ...asked, request });
    this.#change("open");
  }

  async #handleClose(socket) {
    if (socket !== this.#socket) return;
    for (const { reject } of [...this.#pending.values(), ...this.#waits]) reject(lostConnection());
    this.#pending.clear();
    this.#laterAnswers.clear();
    this.#waits.clear();
    if (this.#ended) return;
    this.#change("lost");
    try {
      // A browser does not say why a socket was refused.
      if (!(await isSignedIn())) return this.#change("signed-out");
    } catch {
      // No server answers yet.
    }
    this.#timer = setTimeout(() => this.open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }

  #change(state) {
    this.#state = state;
    this.onState(state);
  }
}

function lostConnection() {
  return new Refusal({ code: LOST, sentence: "The connection to the server was lost.", remedy: "It is being restored; try again then." });
}
