"""What PROTOCOL.md says beside its tables. Names in double braces are filled in from the code."""

INTRODUCTION = """\
# The protocol of Bandmate

<!-- Written by `python -m bandmate_protocol.reference`; change the Structs or texts there, not this file. -->

A client (a DAW's bridge, the command line, a plug-in, the console) and a server exchange messages over one
WebSocket. This page is all that is needed to write either side. It describes version {{protocol}}.

The same in other forms: `schema.json` beside this page (JSON Schema), `vectors/` (frames to test a reader
and a writer against), `bandmate_protocol` (the Python package, with both sides as state machines without
any I/O).
"""

CONNECTION = """\
## Connection

- URL: `ws://HOST:PORT/ws`, subprotocol `{{subprotocol}}`.
- Programs send `Authorization: Bearer TOKEN` with the handshake. The token is in a file that only its
  user can read; a missing or wrong one is answered with HTTP 401.
  An `Origin` or `Host` that is not on the server's list is answered with 403.
- Before it sends the token, a client has the server [prove that it knows it](#the-proof).
- The headers of a request have to be there within 10 seconds, or the connection is closed.
- No compression: do not offer `permessage-deflate`. Audio does not shrink and the time is lost.
- Both sides may send at any time. Read while you write.
- Either side may close at any time. Jobs continue without a connection; see [Cuts](#cuts).
"""

PROOF = """\
### The proof

The port may belong to a program other than the expected server, such as one of another user of the machine,
once the server has died. So a client first asks, without the token:

    GET /health?nonce=NONCE HTTP/1.1
    Host: HOST:PORT

with 32 to 128 lower-case hexadecimal digits chosen at random each time, and gets a JSON object with
`proof`, 64 lower-case hexadecimal digits:

    proof = HMAC-SHA-256(key: TOKEN, message: "bandmate.v1 health\\n" HOST:PORT "\\n" NONCE)

`HOST:PORT` is the `Host` header of that request in lower case, the key is the token's characters. For the
token `{{proof_token}}`, the host
`{{proof_host}}` and the nonce `{{proof_nonce}}`, the proof is
`{{proof}}`.

A client that computes the same proof continues, best on the same connection. Otherwise it must not send the token
or anything else: it is not this user's server, or the client has another token.
"""

FRAMES = """\
## Frames

One binary WebSocket message is one frame; one frame is one [msgpack](https://msgpack.org) map. Its key
`type` names the message, its other keys are the message's fields. Text frames are refused.

```
84                                     a map of four
   a4 type        a6 credit            keys may be in any order
   a5 bytes       ce 00 04 00 00       262144
   ...
```

- Keys are text. The extension types of msgpack are not used, timestamps included.
- A field marked *required* must be present. Any other may be omitted and then has its default.
- Unknown fields are skipped, at every level: a newer peer may send them.
- An unknown type is answered with `error`, code `unknown_type`; the connection stays open.
- *integer* is any msgpack integer, in whatever width, never a float. No integer leaves -2^53 to 2^53, so
  that a double holds it.
- *number* is a msgpack float, 32 or 64 bits wide, or an integer. NaN and the infinities are refused.
- *text* is msgpack `str`, valid UTF-8; lengths count Unicode code points. *bytes* is msgpack `bin`; text is
  never taken for bytes (no base64), nor bytes for text.
- *array* and *map* are msgpack's. *any value* is what JSON can say: text, numbers, booleans, nil, arrays
  and maps with text keys. *null* is msgpack `nil`.
- If a key comes twice in a map, the last one counts.

What goes beyond these limits is refused as `bad_message`:

| limit | most |
|---|---|
{{limits}}

A server may take smaller frames than that: `limits.frame_bytes` in `welcome` says.
"""

REQUESTS = """\
## Requests and answers

A message with a `request` field that is not itself an answer is a request: its sender chooses an id that it
does not use again, and the answer carries the same id. Requests may overlap; answers may come in another
order. Every request may be answered with `error` instead, with the id.

| request | sent by | answer |
|---|---|---|
| `hello` (has no id) | client | `welcome` |
| `ping` | both | `pong`, at once |
| `describe` | client | `catalogue` |
| `have` | client | `missing` |
| `upload`, the last piece (has no id) | client | `uploaded` |
| `submit`, `redo` | client | `accepted`, then the job's messages |
| `attach` | client | `attached`, then the job's messages |
| `cancel` (has no id) | client | the job's `cancelled`, or `done` if that came first |
| `list_jobs`, `annotate`, `restore_jobs` | client | `job_list` |
| `drop_jobs` | client | `jobs_dropped` |
| `watch_jobs` | client | `jobs_changed`, again and again |
| `list_slots`, `store_slot`, `clear_slot` | client | `slots` |
| `suggest` | client | `suggested` |
| `pin` | client | `pinned` |
| `invoke` | both | `invoked` |

`context` and `credit` are not answered.

An `error` with a request id answers that request. Without one it is about the connection or about a frame
whose id could not be read. An `error` is never answered with an `error`.
"""

GREETING = """\
## Greeting

```
client                                   server
  hello  {protocol_min, protocol_max}  ->
       <-  welcome  {protocol, limits, resume_key}
  describe, submit, attach, ...        ->
```

- `hello` comes first, within 5 seconds; anything else before it closes the connection, and so does silence
  (code 1008). Until `welcome` came a client sends nothing more.
- The server chooses the highest version that both ranges hold. If there is none it answers `error`, code
  `unsupported_protocol`, with a sentence that names both ranges, and closes.
- `resume_key` names the client beyond this connection: sent with the next `hello`, it makes the server take
  the newcomer for the same client (`resumed` says so). Treat it as a secret.
- A second `hello` or `welcome` is a mistake, but does not close.

### Mistakes

A frame that cannot be read, is out of bounds or out of place is answered with `error` and otherwise
ignored. After {{max_faults}} of them without a good message in between, the connection is closed.
"""

UPLOADS = """\
## Audio to the server

Files are named by the SHA-256 of their bytes. The server never sees a path.

1. `have` with the hashes. `missing` says which the server lacks, and for each how many of its bytes are
   there from an upload that was cut off.
2. `upload` in order from that offset, each piece at most {{upload_bytes}} bytes. A file that was sent once
   need never be sent again, whatever it is called and whoever asks.
3. After the last piece the server checks the hash and answers `uploaded`, which takes seconds for a long
   file. Only then may a job name the file.

Two clients may send the same file at once: pieces that the server has already change nothing. If `missing`
says that all bytes are there, send a piece without data at the end of the file; the server then checks it.
If the server answers `input_unusable`, send `have` again, and continue if its offset has changed.

A file is sent as it is (WAV, FLAC, whatever the DAW has); the server decodes. A job's `inputs` say which
part of it plays where. `pin` keeps files and stems from being dropped while a saved project names them.
"""

JOBS = """\
## Jobs

```
client                                            server
  submit {request, task, timeline, params}    ->
       <-  accepted {request, job, engine, reason, seed}
       <-  progress {stage, step, steps}                      any number
       <-  stem {stem, name, frames, start_frame, ...}        as soon as it is known
       <-  audio {stem, offset, data}                         as soon as it is decoded
       <-  notes {stem, notes}                                where the engine knows them
       <-  stem_end {stem, frames, sha256}                    for each stem
       <-  done | failed | cancelled                          once, the last
```

Stems interleave. What belongs to a job goes to the connections that submitted it or attached to it.

### Order

**Control frames pass audio.** `audio` waits for credit and for everything else, so `stem_end` and `done` may
come before a stem's last pieces. Control messages keep their order among themselves, and `stem` always comes
before the stem's audio. Therefore:

- A stem is finished when `stem_end` came *and* every frame from 0 to `frames` came.
- `done` takes effect once every stem that was announced is finished; `failed` once every stem that had its
  `stem_end` is (the others are lost); `cancelled` at once.
- Pieces may come in any order, overlap, or come twice. The same frame of one revision is always the same.
- Check `sha256` once a stem is finished. It is over the bytes of the stem's samples, as they are sent.
- Notes add up; equal ones are one.

A piece outside its stem, one that is not of whole frames, one of a stem that was not announced, or a
`stem_end` with another length is a mistake of the server: drop it, answer `error`.

### Attempts and revisions

Every message of a job has its `attempt`.

- A **higher attempt**, in whatever message, voids everything received of the job before: stems, finished
  ones too, notes, and an end that was held back. It comes after a crash, a retry with less memory, a restart.
- A message of a **lower attempt** is late: drop it.
- A `stem` with a **higher revision** voids that stem's pieces and notes, also when it was finished, and may
  have another length. It comes when a result is fitted to the grid after it was streamed. Keep playing the
  old revision until the new one is finished.
- A message of a **lower revision** is late: drop it, but grant its bytes again.
- After a job's end has taken effect, drop any further messages of it, until you attach again.
"""

FLOW = """\
## Flow

The server sends audio only as fast as the client takes it in. Jobs do not wait for that: they are rendered
to the server's disk at full speed.

- `hello.credit_bytes` is the window: how many bytes of audio the server may send at first. It should hold
  {{min_credit}} or more. Each `audio` takes the length of its `data` off; where too little is left for one
  frame of audio, the server waits.
- `credit {bytes}` grants that much more. Grant what was *stored*, and at once what was dropped (late,
  double, unknown): every byte that came is granted back once. Grant in batches: a quarter of the window at a
  time is well.
- More audio than was granted is a mistake that closes the connection.
- One `audio` has at most {{audio_bytes}} bytes of data, and less where the credit is less.
- Each connection starts with new credit.
"""

CUTS = """\
## Cuts

A connection may end at any time, with frames lost in both directions.

1. Connect again and send `hello` with the `resume_key`.
2. For each job without an end: `attach`, with what is `held`: for each stem the attempt, the revision and the
   frames that are there *from the start without a gap*. Pieces after a gap may be kept; they may come again.
3. `attached` says the job's state and attempt. Then come the job's control messages again from the first,
   `stem` for every stem, `notes`, `stem_end`, the end, and the audio that was not held. What a client knows
   already changes nothing: an equal `stem` or `stem_end` is dropped.
4. A job that was `interrupted` (the server ended) starts again by `attach`, as a higher attempt.

`attach` also takes up an ended job of an earlier day, with nothing held, as long as its audio is kept.

If the cut came between `submit` and `accepted`, the job may exist or not. `list_jobs` tells: put a mark of
your own in `origin`, which the server keeps.
"""

SAMPLE_FORMAT = """\
## Samples

Audio is 32-bit IEEE 754 floats, little-endian, at the stem's `sample_rate`. Channels are interleaved, and a piece
of n frames has 4 * channels * n bytes. Full scale is 1.0; samples may exceed it.
"""

TIME = """\
## Time

Lengths and positions of audio are whole frames at the project's sample rate. Seconds and beats are for
display. A boundary at a fractional position `p` is the frame `floor(p + 0.501)`: halves go up, those too that
lost their last digits on the way. A length is the difference of two boundaries, never a rounded length, so
that neighbours always meet.

A stem has exactly the frames that were asked for, at the project's rate, whatever the engine works in.

Between two tempo points at frames `p0` and `p1`, with `T = (p1 - p0) / sample_rate` seconds between them, the
quarter notes at `t` seconds after the first are

- `square`: `bpm0 * t / 60`
- `linear`: `(bpm0 + (bpm1 - bpm0) * t / (2 * T)) * t / 60`, the tempo runs evenly in time

`bpm` counts quarter notes whatever the metre. After the last point its tempo holds, also when it is linear.
A bar has `numerator * 4 / denominator` quarter notes. A new metre begins a new bar at its point, as does
`starts_bar`; the bar before is cut short if it is not full. A range begins `beat` beats (of the denominator)
into bar number `bar`. Barlines lie between frames and ranges on them, so where the line is up to half a frame
after the start, `beat` is a little below zero: the exact phase, from which every later barline follows.
"""

VERSIONS = """\
## Versions

- A field or a message may be added within a version: old peers skip the field and answer the message with
  `unknown_type`. Added fields have a default that means what was meant without them.
- A value may be added to a list of names (an engine's status, a client's role) only with a new version.
- Anything else (a field that goes, another meaning, a narrower bound) is a new version. A server speaks at
  least the version before its own.
- Codes of errors may be added at any time; treat an unknown one like `internal`.
"""

VECTORS = """\
## Vectors

`vectors/vectors.json` lists frames that lie beside it as `.msgpack` files.

- `valid`: decode the file and compare with `fields` (bytes are written as hexadecimal). Where `canonical` is
  true, encoding those fields in that order, each in its shortest form, floats with 64 bits, must give the
  file byte for byte. The others are frames that a reader must take although no Bandmate peer writes them.
- `invalid`: a reader for that `direction` must refuse the file with `code`, and answer it under `request`
  where there is one.
"""
