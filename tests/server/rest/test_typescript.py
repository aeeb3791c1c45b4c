"""A client in TypeScript: its types are made from the OpenAPI document, and it makes a job on a running server."""

from __future__ import annotations

import json
import subprocess

from tests.material.npm_packages import REST_CLIENT, ROOT, modules_folder
from tests.patience import PATIENCE_SECONDS

CLIENT = """
import createClient from "openapi-fetch";
import type { paths, components } from "./bandmate";

declare const process: { env: Record<string, string>; exit(code: number): never };
const client = createClient<paths>({
  baseUrl: process.env.ADDRESS,
  headers: { Authorization: `Bearer ${process.env.TOKEN}` },
});
const timeline: components["schemas"]["Timeline"] = {
  sample_rate: 48_000,
  start_frame: 0,
  end_frame: 96_000,
  tempo: [{ position: 0, bpm: 120 }],
};

const refused = await client.POST("/api/v1/jobs", { body: { task: "sing", timeline } });
const code: string | undefined = refused.error?.code;
const accepted = await client.POST("/api/v1/jobs", {
  body: { task: "noise", params: { stems: 2 }, timeline },
});
if (!accepted.data) throw new Error(accepted.error.detail);
const path = { job: accepted.data.job };
for (;;) {
  const { data, error } = await client.GET("/api/v1/jobs/{job}", { params: { path } });
  if (!data) throw new Error(error.detail);
  if (data.end) {
    const names: string[] = (data.stems ?? []).map((stem) => stem.name);
    console.log(JSON.stringify({ code, state: data.state, names, end: data.end.type }));
    break;
  }
}
"""

WRONG = """
import type { paths } from "./bandmate";
type Job = paths["/api/v1/jobs/{job}"]["get"]["responses"][200]["content"]["application/json"];
export const state = (job: Job): "made up" => job.state;
"""


def run(folder, *command, **more):
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS, **more
    )


def test_a_client_is_generated_compiled_and_makes_a_job(rest, tmp_path):
    modules = modules_folder(REST_CLIENT)
    (tmp_path / "node_modules").symlink_to(modules, target_is_directory=True)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "client.ts").write_text(CLIENT)
    document = ROOT / "protocol" / "openapi.json"
    generator = str(modules / ".bin" / "openapi-typescript")
    # Fields at their default are left out of answers.
    made = run(tmp_path, generator, str(document), "-o", "bandmate.d.ts", "--default-non-nullable=false")
    assert made.returncode == 0, made.stderr
    modes = ("--module", "esnext", "--moduleResolution", "bundler")
    options = ("--strict", "--target", "es2022", "--lib", "es2022,dom", *modes)
    compiled = run(tmp_path, str(modules / ".bin" / "tsc"), "client.ts", *options)
    assert compiled.returncode == 0, compiled.stdout
    environ = {"ADDRESS": f"http://{rest.server.address}", "TOKEN": rest.server.token}
    ran = run(tmp_path, "node", "client.js", env=environ | {"PATH": "/usr/bin:/bin:/usr/local/bin"})
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "code": "no_such_task",
        "state": "done",
        "names": ["Noise 0", "Noise 1"],
        "end": "done",
    }
    (tmp_path / "wrong.ts").write_text(WRONG)
    assert run(tmp_path, str(modules / ".bin" / "tsc"), "wrong.ts", "--noEmit", *options).returncode != 0
