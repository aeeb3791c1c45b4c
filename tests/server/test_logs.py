"""What a line of the log holds."""

import contextlib
import http.client
import json
import logging
import subprocess
import sys

import psutil

from bandmate_server.log_limits import RepeatLimit
from bandmate_server.logs import job_log_context, start_logs, stop_logs
from tests.running import server_environ


def test_lines_are_json_with_the_job_that_they_are_about(tmp_path, capsys):
    handlers = start_logs("info", tmp_path / "log" / "server.log")
    log = logging.getLogger("bandmate_server.test")
    try:
        log.info("before %s", "all")
        with job_log_context("abcd1234"):
            log.warning("inside")
            try:
                raise ValueError("no")
            except ValueError:
                log.exception("failed")
        log.debug("too quiet")
    finally:
        stop_logs(handlers)
        logging.getLogger().setLevel("WARNING")
    lines = [json.loads(line) for line in (tmp_path / "log" / "server.log").read_text().splitlines()]
    assert [(line["level"], line["event"], line.get("job")) for line in lines] == [
        ("info", "before all", None),
        ("warning", "inside", "abcd1234"),
        ("error", "failed", "abcd1234"),
    ]
    assert "ValueError: no" in lines[2]["exception"]
    assert all(line["time"].endswith("+00:00") for line in lines)
    assert "[job abcd1234]" in capsys.readouterr().err


def test_a_line_stays_one_line_on_a_terminal(tmp_path, capsys):
    handlers = start_logs("info", tmp_path / "server.log")
    try:
        text = "a\x1b[31mred\nforged\u202eline \udcff end"
        record = logging.LogRecord("bandmate_server.test", logging.INFO, __file__, 1, text, None, None)
        # Not by a logger: pytest would keep the line, and cannot pass on what is no UTF-8.
        for handler in handlers:
            handler.handle(record)
    finally:
        stop_logs(handlers)
        logging.getLogger().setLevel("WARNING")
    assert r"a\x1b[31mred\nforged\u202eline" in capsys.readouterr().err
    (line,) = (tmp_path / "server.log").read_text().splitlines()
    assert json.loads(line)["event"].startswith("a\x1b[31mred\nforged")


def test_a_line_that_anybody_can_cause_is_counted_and_others_are_not(caplog):
    limit, log = RepeatLimit(), logging.getLogger("uvicorn.error")
    try:
        for _ in range(5):
            log.warning("Invalid HTTP request received.")
            logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: 7")
        limit.report_repeats()
        log.warning("Invalid HTTP request received.")
    finally:
        limit.close()
    said = [record.getMessage().partition("\n")[0] for record in caplog.records]
    assert said.count("Invalid HTTP request received.") == 2
    assert said.count("Task exception was never retrieved") == 5
    assert [line for line in said if "4 more" in line]


def test_the_log_of_a_server_that_a_command_started_stays_small(tmp_path):
    """Its console is a file that nobody rotates: lines go to the log that is, and the file has an end."""
    home, script = tmp_path / "home", tmp_path / "started.py"
    script.write_text(
        "from bandmate_bridge.client import launch\n"
        "address, child = launch.start(idle_exit=600)\n"
        "print(address.port, child.pid)\n"
    )
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=server_environ(home), capture_output=True, text=True, check=True)
    port, pid = map(int, done.stdout.split())
    try:
        launched = home / "state" / "log" / "launch.log"
        before = launched.stat().st_size
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        for _ in range(50):
            connection.request("GET", "/" + 5_000 * "x")
            connection.getresponse().read()
        connection.close()
        assert launched.stat().st_size == before
    finally:
        psutil.Process(pid).terminate()
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(30)


def test_a_console_that_is_a_file_is_emptied_once_it_is_large(tmp_path):
    script = (
        "import os\n"
        "from bandmate_server.logs import keep_console_small\n"
        "os.write(2, b'x' * 999_999)\n"
        "keep_console_small()\n"
        "print(os.fstat(2).st_size)\n"
        "os.write(2, b'yy')\n"
        "keep_console_small()\n"
        "os.write(2, b'last words')\n"
    )
    with (tmp_path / "console").open("ab") as console:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=console, check=True
        )
    assert done.stdout.strip() == b"999999"
    assert (tmp_path / "console").read_bytes() == b"last words"


def test_a_jobs_lines_carry_its_id(server, wire):
    done = wire.run("noise")
    text = (server.home / "state" / "log" / "server.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["job"] for line in lines if "noise starts" in line["event"]][-1] == done.job
